"""Resolving a hypothesis: constants, working scales, defaults, and every refusal."""

import numpy as np
import pandas as pd
import pytest

from core.data.constants import assumed_constants
from core.data.dataset import Dataset
from core.data.prior_scales import prior_scales as _scales
from core.errors import GraphError, HypothesisError, ModelError, NotYetError
from core.hypothesis import Edge, Hypothesis, Node, Prior
from core.model.design import block_data, design_matrix, log_jacobian, raw_response, response
from core.model.resolve import complete_rows, resolve


def frame(rows=30):
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "x": rng.normal(5, 2, rows),
            "size": rng.lognormal(0, 1, rows),
            "visits": rng.poisson(3, rows),
            "member": rng.choice(["no", "yes"], rows),
            "region": rng.choice(["a", "b", "c"], rows),
            "share": rng.beta(2, 2, rows),
            "y": rng.normal(0, 1, rows),
        }
    )


KINDS = {
    "x": "real",
    "size": "positive",
    "visits": "count",
    "member": "binary",
    "region": "category",
    "share": "proportion",
    "y": "real",
}


def data(table=None, **kinds):
    table = frame() if table is None else table
    return Dataset.from_frame(table, kinds={k: v for k, v in (KINDS | kinds).items() if k in table})


def graph(*parts, **families):
    """Each part is a node, or an arrow as a pair."""
    arrows = [part for part in parts if isinstance(part, tuple)]
    names = [name for part in parts for name in (part if isinstance(part, tuple) else (part,))]
    nodes = tuple(Node(name, family=families.get(name)) for name in dict.fromkeys([*names, *families]))
    return Hypothesis("h", nodes, tuple(Edge(a, b) for a, b in arrows))


def drawn(*edges):
    names = dict.fromkeys(name for edge in edges for name in (edge.source, edge.target))
    return Hypothesis("h", tuple(Node(name) for name in names), edges)


ALL = graph(*((parent, "y") for parent in ("x", "size", "visits", "member", "region", "share")))


# -- the design -------------------------------------------------------------------------


def test_each_parent_enters_on_its_working_scale():
    table = frame()
    hypothesis = ALL.with_node("size", family="LogNormal")
    spec = resolve(hypothesis, data())
    model = spec.node("y")
    assert [term.transform for term in model.terms] == ["identity", "log", "log1p", "levels", "levels", "identity"]
    x = block_data(model, data()).x
    assert x.shape == (30, 7) == (30, model.columns)

    def standard(values):
        return (values - values.mean()) / values.std(ddof=1)

    np.testing.assert_allclose(x[:, 0], standard(table["x"]))
    np.testing.assert_allclose(x[:, 1], standard(np.log(table["size"])))
    np.testing.assert_allclose(x[:, 2], standard(np.log1p(table["visits"])))
    np.testing.assert_allclose(x[:, 3], (table["member"] == "yes") - 0.5)
    codes = table["region"].map({"a": 0, "b": 1, "c": 2})
    np.testing.assert_allclose(x[:, 4:6], np.array(model.terms[4].basis)[codes])
    assert model.columns_of("region") == slice(4, 6)


def test_a_parents_scale_follows_its_own_family_in_this_hypothesis():
    for family, transform in (("Normal", "identity"), ("LogNormal", "log"), ("Gamma", "log"), ("StudentT", "identity")):
        spec = resolve(graph(("size", "y"), size=family), data())
        assert spec.node("y").terms[0].transform == transform
    spec = resolve(graph(("visits", "y"), visits="Normal"), data())
    assert spec.node("y").terms[0].transform == "identity"


def test_draws_of_parents_give_a_design_a_draw():
    model = resolve(ALL, data()).node("y")
    raw = {name: data().values(name) for name in model.parents}
    flat = design_matrix(model, raw)
    wide = design_matrix(model, raw | {"x": np.stack([raw["x"], raw["x"] + 1])})
    assert wide.shape == (2, 30, 7)
    np.testing.assert_allclose(wide[0], flat)
    np.testing.assert_allclose(wide[1, :, 1:], flat[:, 1:])


def test_a_table_numbers_its_parents_configurations():
    table = frame()[["member", "region"]].assign(third=np.where(frame()["x"] > 5, "p", "q"))
    spec = resolve(graph(("member", "third"), ("region", "third")), data(table, third="binary"))
    model = spec.node("third")
    assert model.family == "Table"
    assert model.columns == 6
    assert model.conjugate
    x = block_data(model, data(table, third="binary")).x
    expected = (table["member"] == "yes") * 3 + table["region"].map({"a": 0, "b": 1, "c": 2})
    np.testing.assert_array_equal(x[:, 0], expected)


@pytest.mark.parametrize("family", ["Normal", "LogNormal", "StudentT", "Gamma"])
def test_the_response_and_its_jacobian(family):
    model = resolve(graph(size=family), data()).node("size")
    raw = data().values("size")
    np.testing.assert_allclose(raw_response(model, response(model, raw)), raw)
    step = 1e-6
    slope = (response(model, raw + step) - response(model, raw - step)) / (2 * step)
    np.testing.assert_allclose(log_jacobian(model, raw), np.log(slope), atol=1e-5)


# -- constants --------------------------------------------------------------------------


def test_constants_come_from_the_complete_rows_over_the_union():
    table = frame()
    table.loc[:4, "x"] = np.nan
    spec = resolve(graph("y"), data(table), nodes=("y", "x"))
    assert [model.node for model in spec.nodes] == ["y", "x"]
    assert spec.node("y").response.center == pytest.approx(table["y"][5:].mean())
    assert complete_rows(data(table), ("y", "x")).rows == 25


def test_constants_come_from_the_rows_in_which_the_column_was_not_set():
    table = frame()
    table.loc[:9, "x"] = 100.0
    sets = tuple(frozenset({"x"}) if i < 10 else frozenset() for i in range(30))
    from dataclasses import replace

    dataset = replace(data(table), set_by_row=sets)
    spec = resolve(graph(("x", "y")), dataset)
    assert spec.node("x").response.center == pytest.approx(table["x"][10:].mean())
    assert spec.node("y").terms[0].scale == pytest.approx(table["x"][10:].std(ddof=1))
    rows = block_data(spec.node("x"), dataset)
    assert rows.used.sum() == 20
    assert rows.log_jacobian[:10].tolist() == [0.0] * 10
    assert block_data(spec.node("y"), dataset).used.all()


def test_without_data_constants_are_assumed():
    hypothesis = graph(("ads", "sales"), ("season", "sales"), sales="LogNormal", season="Categorical")
    spec = resolve(hypothesis, assumed={"ads": assumed_constants("ads", "real", 0, 100)})
    assert spec.node("sales").terms[0].center == 50
    assert spec.node("sales").response.transform == "log"
    assert spec.node("season").levels == 3
    assert resolve(graph("a", "b")).node("a").response.scale == 1


# -- families and priors ----------------------------------------------------------------


def test_rivals_share_the_family_of_a_column():
    """The default depends on the data alone: all columns discrete or not is asked of the union."""
    alone = resolve(graph("member"), data())
    assert alone.node("member").family == "Table"
    beside = resolve(graph("member"), data(), nodes=("member", "y"))
    assert beside.node("member").family == "Bernoulli"
    assert beside.node("member").reason


def test_a_link_chooses_the_family_that_has_it():
    hypothesis = Hypothesis("h", (Node("member", link="probit"),))
    model = resolve(hypothesis, data()).node("member")
    assert (model.family, model.link) == ("Bernoulli", "probit")
    with pytest.raises(ModelError, match="no link log"):
        resolve(Hypothesis("h", (Node("member", family="Bernoulli", link="log"),)), data())


def test_a_prior_equal_to_the_default_keeps_the_closed_form_and_another_does_not():
    same = Prior("Normal", (("relative", 1), ("mu", 0), ("sigma", 1.4142136)))
    other = Prior("Normal", (("mu", 0), ("sigma", 1.4142136)))
    for prior, conjugate in ((same, True), (other, False)):
        model = resolve(
            Hypothesis("h", (Node("x", family="Normal"), Node("y", family="Normal")), (Edge("x", "y", prior=prior),)),
            data(),
        ).node("y")
        assert model.conjugate is conjugate
    assert not resolve(graph("y", y="StudentT"), data()).node("y").conjugate


def test_the_variances_prior_counts_the_parents_columns():
    model = resolve(ALL, data()).node("y")
    assert model.prior["variance"] == Prior("InverseGamma", (("alpha", 5.0), ("beta", 0.25)))


def test_an_unknown_prior_lists_the_names():
    hypothesis = graph("y").with_node("y", priors=(("sd", Prior("HalfNormal", (("sigma", 1),))),))
    with pytest.raises(HypothesisError, match="no parameter 'sd'") as refused:
        resolve(hypothesis, data())
    assert "variance: InverseGamma(alpha, beta)" in refused.value.hint
    assert "t: Constant(value)" in refused.value.hint


# -- the prior scale of a column ----------------------------------------------------------

TIGHT = Prior("Constant", (("value", 0.1),))


def related(rows=60, noise=0.05):
    """x and size nearly determine each other on size's logarithm; the rest is as before."""
    table = frame(rows)
    rng = np.random.default_rng(1)
    return table.assign(size=np.exp(table["x"] - 5 + noise * rng.normal(size=rows)))


def test_the_scale_of_a_strong_relation_stands_in_both_places_of_its_columns():
    hypothesis = graph(("x", "size"), ("size", "y"), ("member", "y"), size="LogNormal")
    dataset = data(related())
    spec = resolve(hypothesis, dataset)
    x, size, y = (spec.node(name).prior for name in ("x", "size", "y"))
    strength = np.corrcoef(dataset.values("x"), np.log(dataset.values("size")))[0, 1] ** 2
    assert x["t"]["value"] <= 4 / (strength / (1 - strength)) * (1 + 1e-9)
    assert x["t"]["value"] < 0.02
    assert (x["variance"]["beta"], size["variance"]["beta"]) == (x["t"]["value"] / 2, size["t"]["value"] / 2)
    assert size["slopes[0]"]["sigma"] == pytest.approx(x["t"]["value"] ** -0.5)
    assert y["slopes[0]"]["sigma"] == pytest.approx(size["t"]["value"] ** -0.5)
    assert y["slopes[1]"]["sigma"] == pytest.approx(2**0.5)  # a binary column has 1/2
    assert y["t"]["value"] == 0.5
    assert all(spec.node(name).conjugate for name in ("x", "size", "y"))


def test_it_is_one_for_all_rivals_whatever_is_drawn():
    dataset, nodes = data(related()), ("x", "size", "y", "visits")
    drawn = (graph(("x", "size"), "y"), graph(("size", "x"), ("y", "x")), graph("x", "size"), graph("y", "visits"))
    found = [
        {m.node: m.prior["t"]["value"] for m in resolve(h, dataset, nodes=nodes).nodes if m.family != "Poisson"}
        for h in drawn
    ]
    assert found[0] == found[1] == found[2] == found[3]
    assert found[0]["x"] < 0.1
    background = resolve(drawn[0], dataset, nodes=nodes, given=("x",))
    assert background.node("size").prior["t"]["value"] == found[0]["size"]
    assert background.node("size").prior["slopes[0]"]["sigma"] == pytest.approx(found[0]["x"] ** -0.5)


def test_it_is_computed_once_for_the_rows(monkeypatch):
    import core.data.prior_scales as module

    calls = []
    monkeypatch.setattr(module, "prior_scales", lambda *args: calls.append(1) or _scales(*args))
    dataset = data(related())
    for hypothesis in (graph(("x", "size"), "y"), graph(("size", "x"), ("x", "y")), graph(("y", "x"), "size")):
        resolve(hypothesis, dataset)
    assert len(calls) == 1


def test_another_working_scale_is_another_relation():
    dataset = data(related(noise=0.02))
    log, raw = (
        resolve(graph(("x", "size"), size=f), dataset).node("x").prior["t"]["value"] for f in ("LogNormal", "Normal")
    )
    assert log < 0.01 < raw


def test_a_user_s_scale_stays_in_the_closed_form_and_goes_to_the_children():
    for name, family in (("x", "Normal"), ("visits", "Poisson"), ("x", "StudentT")):
        hypothesis = graph((name, "y"), **{name: family}).with_node(name, priors=(("t", TIGHT),))
        spec = resolve(hypothesis, data())
        y = spec.node("y")
        assert y.prior["slopes[0]"]["sigma"] == pytest.approx(0.1**-0.5)
        assert (y.conjugate, y.prior["variance"]["beta"]) == (True, 0.25)
        own = spec.node(name)
        if family == "Normal":
            assert (own.conjugate, own.prior["variance"]["beta"], own.prior["t"]) == (True, 0.05, TIGHT)
        else:
            assert "t" not in own.prior
    held = graph(("x", "y")).with_node("x", priors=(("t", TIGHT),))
    assert resolve(held, data(), given=("x",)).node("y").prior["slopes[0]"]["sigma"] == pytest.approx(0.1**-0.5)
    assert resolve(held).node("x").prior["t"] == TIGHT  # without data too


@pytest.mark.parametrize(
    ("name", "prior", "says", "hint"),
    [
        ("y", Prior("Normal", (("mu", 0), ("sigma", 1))), "only Constant", "t: Constant(value)"),
        ("y", Prior("Constant", (("value", 0.0),)), "value is 0", "above 0"),
        ("y", Prior("Constant", (("value", float("nan")),)), "value is nan", "above 0"),
        ("y", Prior("Constant", ()), "lacks its value", "t: Constant(value)"),
        ("member", TIGHT, "no parameter 't'", "slopes"),
    ],
)
def test_a_scale_that_cannot_be_is_refused(name, prior, says, hint):
    hypothesis = graph(("x", "member"), "y").with_node(name, priors=(("t", prior),))
    with pytest.raises(HypothesisError, match=says) as refused:
        resolve(hypothesis, data())
    assert hint in refused.value.hint
    assert name in refused.value.place


# -- refusals -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hypothesis", "error", "says", "hint"),
    [
        (Hypothesis("empty"), ModelError, "no nodes", "Draw"),
        (graph(("x", "sizes")), ModelError, "no column 'sizes'", "size"),
        (graph("region", region="Normal"), ModelError, "category.*Normal cannot take", "Categorical or Table"),
        (graph("y", y="Bernoulli"), ModelError, "real number.*Bernoulli", "Normal or StudentT"),
        (graph("y", y="LogNormal"), ModelError, "above 0", "Normal or StudentT"),
        (graph("y", y="Gamma"), ModelError, "above 0", "Normal or StudentT"),
        (graph(("x", "member"), member="Table"), ModelError, "discrete parents, and 'x'", "Bernoulli"),
        (graph("y", y="Weibull"), ModelError, "Weibull takes values above 0", "Normal or StudentT"),
        (graph("visits", visits="Binomial"), NotYetError, "Binomial", "Poisson"),
        (Hypothesis("h", (Node("u", latent=True), Node("y")), (Edge("u", "y"),)), NotYetError, "latent", "remove"),
        (Hypothesis("h", (Node("x"), Node("y")), (), (("x", "y"),)), NotYetError, "bidirected", "arc"),
        (drawn(Edge("y", "x", form="saturating")), ModelError, "below 0", "smooth or a monotone"),
        (drawn(Edge("region", "y", form="monotone")), ModelError, "without an order", "ordered"),
        (drawn(Edge("region", "y", form="saturating")), ModelError, "cannot saturate", "linear"),
        (drawn(Edge("region", "y", sign="+")), ModelError, "no one sign", "sign out"),
        (drawn(Edge("x", "y", form="monotone", by="region"), Edge("region", "y")), ModelError, "differ by", "smooth"),
        (drawn(Edge("x", "region", sign="-")), ModelError, "no single slope", "another family"),
        (drawn(Edge("x", "region", form="monotone")), ModelError, "single height", "quadratic or smooth"),
        (drawn(Edge("x", "y", lag=1)), NotYetError, "delayed", "lag out"),
        (drawn(Edge("size", "y", form="saturating", carry=2)), ModelError, "in which order rows", "--rows time:COL"),
        (
            drawn(Edge("x", "y", form="smooth", carry=2)),
            ModelError,
            "is smooth, and what is left",
            "linear, saturating",
        ),
        (Hypothesis("h", (Node("y", group="g"),)), ModelError, "no column 'g'", "Rename"),
        (Hypothesis("h", (Node("y", kind="category"),)), ModelError, "is category, but the column is real", "kind"),
        (Hypothesis("h", (Node("y", kind="positive"),)), ModelError, "is positive", "kind"),
    ],
)
def test_refusals(hypothesis, error, says, hint):
    with pytest.raises(error, match=says) as refused:
        resolve(hypothesis, data())
    assert hint in refused.value.hint


def test_shares_at_the_edge_are_refused_with_a_choice():
    table = frame()
    table.loc[0, "share"] = 1.0
    with pytest.raises(ModelError, match="at or beyond 0 or 1") as refused:
        resolve(graph("share", share="Beta"), data(table, share="real"))
    assert "Binomial" in refused.value.hint
    assert "never squeezes" in refused.value.hint


def test_dates_and_identifiers_are_refused():
    table = frame().assign(day=pd.date_range("2024-01-01", periods=30), id=[f"customer {i}" for i in range(30)])
    for name, kind in (("day", "date"), ("id", "identifier")):
        with pytest.raises(ModelError, match="cannot be a node"):
            resolve(graph((name, "y")), data(table, **{name: kind}))


def test_a_constant_column_is_a_named_warning():
    spec = resolve(graph(("x", "y")), data(frame().assign(x=3.0)))
    assert any("'x'" in warning for warning in spec.warnings)
    assert spec.node("x").response.scale == 1
    assert resolve(graph(("x", "y")), data()).warnings == ()


@pytest.mark.parametrize("family", ["StudentT", "SkewNormal"])
def test_a_constant_column_is_refused_where_its_likelihood_has_no_bound(family):
    with pytest.raises(ModelError, match="same value in every row") as refused:
        resolve(graph(x=family), data(frame().assign(x=3.0)))
    assert "Normal" in refused.value.hint
    assert resolve(graph(x="Weibull"), data(frame().assign(x=3.0))).node("x").family == "Weibull"


def test_new_families_take_their_own_columns_and_scales():
    levels = pd.Categorical(["low", "mid", "high"] * 10, ["low", "mid", "high"], ordered=True)
    dataset = data(frame().assign(mood=levels), mood="ordered")
    hypothesis = graph(
        ("size", "y"), ("visits", "y"), ("mood", "y"), ("x", "mood"), size="Weibull", visits="ZeroInflatedPoisson",
        y="SkewNormal",
    )  # fmt: skip
    spec = resolve(hypothesis, dataset)
    assert [term.transform for term in spec.node("y").terms] == ["log", "log1p", "levels"]
    assert spec.node("y").response.scale == pytest.approx(frame()["y"].std(ddof=1))
    assert spec.node("size").response.scale == 1
    mood = spec.node("mood")
    assert (mood.family, mood.link, mood.levels) == ("OrderedLogit", "cumulative", 3)
    assert mood.reason == "ordered categories: low < mid < high"
    assert dict(mood.priors)["cutpoints"] == Prior("OrderedNormal", (("mu", 0.0), ("sigma", 2.5)))
    assert "intercept" not in dict(mood.priors)
    changed = hypothesis.with_node("mood", priors=(("cutpoints", Prior("OrderedNormal", (("mu", 1), ("sigma", 1)))),))
    assert resolve(changed, dataset).node("mood").prior["cutpoints"]["mu"] == 1
    with pytest.raises(ModelError, match="ordered category, which Weibull cannot take") as refused:
        resolve(graph(mood="Weibull"), dataset)
    assert "OrderedLogit" in refused.value.hint
    with pytest.raises(ModelError, match="OrderedLogit cannot take"):
        resolve(graph(region="OrderedLogit"), dataset)
    assert resolve(graph("u"), None).node("u").family == "Normal"
    unseen = resolve(Hypothesis("h", (Node("u", family="OrderedLogit"), Node("w", link="cumulative", kind="ordered"))))
    assert [model.levels for model in unseen.nodes] == [3, 3]


def test_a_category_with_one_level_is_refused():
    with pytest.raises(ModelError, match="same value in every row"):
        resolve(graph(("region", "y")), data(frame().assign(region="a")))


def test_too_few_complete_rows_name_the_column_that_costs_most():
    table = frame()
    table.loc[2:, "x"] = np.nan
    with pytest.raises(ModelError, match="only 2 of 30 rows") as refused:
        resolve(graph(("x", "y")), data(table))
    assert "'x'" in refused.value.hint


def test_a_table_that_would_be_huge_is_refused():
    rng = np.random.default_rng(1)
    names = [f"c{i}" for i in range(8)]
    table = pd.DataFrame({name: rng.choice(list("abcdef"), 60) for name in (*names, "z")})
    with pytest.raises(ModelError, match="cells"):
        resolve(
            graph(*((name, "z") for name in names)), Dataset.from_frame(table, kinds=dict.fromkeys(table, "category"))
        )


def test_a_parent_set_to_what_has_no_logarithm_is_refused_by_row():
    from dataclasses import replace

    table = frame()
    table.loc[3, "size"] = 0.0
    sets = tuple(frozenset({"size"}) if i == 3 else frozenset() for i in range(30))
    dataset = replace(data(table, size="real"), set_by_row=sets)
    spec = resolve(graph(("size", "y"), size="LogNormal"), dataset)
    with pytest.raises(ModelError, match="row 4"):
        block_data(spec.node("y"), dataset)


def test_a_cycle_never_gets_this_far():
    with pytest.raises(GraphError):
        graph(("x", "y"), ("y", "x"))
