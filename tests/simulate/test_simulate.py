"""Simulation: ancestral draws, do, prior and posterior predictive, synthetic data, overflows."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.data.constants import assumed_constants
from core.data.dataset import Dataset
from core.errors import ModelError
from core.families import get_family
from core.fit.result import BlockFit, Fit
from core.hypothesis import Edge, Hypothesis, Node
from core.model.design import block_data
from core.model.resolve import resolve
from core.simulate.ancestral import ancestral, do_values
from core.simulate.parameters import from_named, named_parameters
from core.simulate.prior import draw_parameters, prior_predictive, thin
from core.simulate.synthetic import frame_of, kinds_of, synthetic


def graph(*arrows, **families):
    names = dict.fromkeys([*(name for arrow in arrows for name in arrow), *families])
    return Hypothesis("h", tuple(Node(n, family=families.get(n)) for n in names), tuple(Edge(a, b) for a, b in arrows))


EVERY = graph(
    ("x", "size"), ("size", "visits"), ("visits", "bought"), ("region", "share"), ("x", "colour"), ("bought", "colour"),
    ("region", "colour"), ("bought", "grade"), ("region", "grade"), ("size", "heavy"), ("heavy", "events"),
    ("x", "amount"), ("x", "lopsided"), ("x", "lifetime"), ("region", "claims"), ("x", "losses"), ("x", "mood"),
    ("region", "mood"), ("mood", "lopsided"),
    x="Normal", size="LogNormal", visits="Poisson", bought="Bernoulli", region="Categorical", share="Beta",
    colour="Categorical", grade="Table", heavy="StudentT", events="NegativeBinomial", amount="Gamma",
    lopsided="SkewNormal", lifetime="Weibull", claims="ZeroInflatedPoisson", losses="ZeroInflatedNegativeBinomial",
    mood="OrderedLogit",
)  # fmt: skip


def chain_parameters(draws, slope_xy=0.5, slope_yz=-0.4):
    sigma = np.full(draws, 0.5)
    one = lambda slope: {"intercept": np.zeros(draws), "slopes": np.full((draws, 1), slope), "sigma": sigma}  # noqa: E731
    root = {"intercept": np.zeros(draws), "slopes": np.zeros((draws, 0)), "sigma": np.ones(draws)}
    return {"x": root, "y": one(slope_xy), "z": one(slope_yz)}


CHAIN = graph(("x", "y"), ("y", "z"), x="Normal", y="Normal", z="Normal")


def test_a_chain_has_the_covariance_that_its_slopes_imply():
    spec = resolve(CHAIN)
    values = ancestral(spec, chain_parameters(1), 200_000, np.random.default_rng(0))
    cov = np.cov([values[name][0] for name in "xyz"])
    expected = np.array([[1, 0.5, -0.2], [0.5, 0.5, -0.2], [-0.2, -0.2, 0.33]])
    np.testing.assert_allclose(cov, expected, atol=0.012)


def test_do_cuts_the_arrows_into_a_node_and_keeps_those_out_of_it():
    spec = resolve(CHAIN)
    rng = np.random.default_rng(1)
    low, high = (ancestral(spec, chain_parameters(4), 50_000, rng, do={"y": value}) for value in (0.0, 1.0))
    assert (high["y"] == 1.0).all()
    assert high["z"].mean() - low["z"].mean() == pytest.approx(-0.4, abs=0.01)
    assert high["x"].mean() == pytest.approx(low["x"].mean(), abs=0.02)
    some = ancestral(spec, chain_parameters(2), 3, rng, do={"y": np.array([np.nan, 7.0, np.nan])})
    assert (some["y"][:, 1] == 7).all()
    assert (some["y"][:, [0, 2]] != 7).all()


def test_given_rows_are_taken_as_they_are():
    spec = resolve(CHAIN)
    rows = np.array([-50.0, 0.0, 50.0])
    values = ancestral(spec, chain_parameters(500), 3, np.random.default_rng(2), given_raw={"x": rows})
    np.testing.assert_array_equal(values["x"], np.broadcast_to(rows, (500, 3)))
    np.testing.assert_allclose(values["y"].mean(axis=0), 0.5 * rows, atol=0.15)


def test_every_family_simulates_in_its_own_range_and_seeds_repeat():
    spec = resolve(EVERY)
    first, again = (prior_predictive(spec, 20, 50, seed=4) for _ in range(2))
    other = prior_predictive(spec, 20, 50, seed=5)
    for model in spec.nodes:
        values = first.values[model.node]
        assert values.shape == (50, 20)
        np.testing.assert_array_equal(values, again.values[model.node])
        assert not np.array_equal(values, other.values[model.node])
        known = values[np.isfinite(values)]
        assert known.size == values.size - first.overflows_by_node[model.node]
        match model.family:
            case "LogNormal" | "Gamma" | "Weibull":
                assert (known > 0).all()
            case "Beta":
                assert ((known > 0) & (known < 1)).all()
            case "Poisson" | "NegativeBinomial" | "ZeroInflatedPoisson" | "ZeroInflatedNegativeBinomial":
                assert (known >= 0).all()
                assert (known == np.round(known)).all()
            case "Categorical" | "Table" | "Bernoulli" | "OrderedLogit":
                assert set(known) <= set(range(model.levels))


def test_overflows_are_counted_and_run_down_the_graph():
    """Counts that drive counts that drive counts: log links in a chain."""
    spec = resolve(graph(("a", "b"), ("b", "c"), a="LogNormal", b="LogNormal", c="Poisson"))
    huge = {
        "a": {"intercept": np.array([2000.0]), "slopes": np.zeros((1, 0)), "sigma": np.ones(1)},
        "b": {"intercept": np.zeros(1), "slopes": np.ones((1, 1)), "sigma": np.ones(1)},
        "c": {"intercept": np.zeros(1), "slopes": np.ones((1, 1))},
    }
    with np.errstate(all="raise", under="ignore"):
        values = ancestral(spec, huge, 10, np.random.default_rng(0))
    assert all(np.isnan(values[name]).all() for name in "abc")
    simulated = prior_predictive(resolve(EVERY), 50, 400, seed=1)
    assert simulated.overflows == sum(simulated.overflows_by_node.values())


def test_the_prior_predictive_of_a_root_is_on_the_columns_own_scale():
    """Marginally Student t: variance ~ InverseGamma(3/2, 1/4), intercept | sigma ~ N(0, sigma)."""
    spec = resolve(graph(x="Normal"), assumed={"x": assumed_constants("x", "real", 80, 120)})
    draws = prior_predictive(spec, 1, 20_000, seed=3).values["x"][:, 0]
    scale = np.sqrt(0.25 / 1.5 * 2)
    assert stats.kstest((draws - 100) / 10, stats.t(3, scale=scale).cdf).pvalue > 1e-3


def test_a_graph_of_normal_and_lognormal_nodes_is_jointly_gaussian_on_the_working_scale():
    """The log density of the rows is that of one multivariate Normal, plus the Jacobians."""
    rng = np.random.default_rng(6)
    x = rng.normal(3, 2, 40)
    size = np.exp(0.3 * x + rng.normal(0, 0.4, 40))
    y = 5 + 2 * np.log(size) + rng.normal(0, 1, 40)
    data = Dataset.from_frame(pd.DataFrame({"x": x, "size": size, "y": y}), kinds={"size": "positive"})
    hypothesis = graph(("x", "size"), ("size", "y"), ("x", "y"), x="Normal", size="LogNormal", y="Normal")
    spec = resolve(hypothesis, data)
    parameters = draw_parameters(spec, 1, rng)
    total, named = 0.0, {}
    for model in spec.nodes:
        rows = block_data(model, data)
        density = get_family(model.family).log_likelihood(parameters[model.node], rows.y, rows.x, model.link)
        total += float((density + rows.log_jacobian).sum())
        named[model.node] = {key: value[0] for key, value in named_parameters(model, parameters[model.node]).items()}

    # By hand, with the parameters on their own scale: z = (x, log size, y) = m + B (z - z_bar) + e.
    working = np.column_stack([x, np.log(size), y])
    b = np.zeros((3, 3))
    b[1, 0], b[2, 0], b[2, 1] = named["size"]["slope[x]"], named["y"]["slope[x]"], named["y"]["slope[size]"]
    inverse = np.linalg.inv(np.eye(3) - b)
    mean = inverse @ (np.array([named[n]["intercept"] for n in ("x", "size", "y")]) - b @ working.mean(axis=0))
    cov = inverse @ np.diag([named[n]["sigma"] ** 2 for n in ("x", "size", "y")]) @ inverse.T
    expected = stats.multivariate_normal(mean, cov).logpdf(working).sum() - np.log(size).sum()
    assert total == pytest.approx(expected, rel=1e-9)


def fit_of(spec, parameters):
    empty = np.zeros(1)
    blocks = {node: BlockFit("k", "exact", draws, empty, empty, 0.0) for node, draws in parameters.items()}
    return Fit.of(spec, blocks)


def test_thinning_spreads_over_all_draws():
    draws = {"a": np.arange(100.0)}
    assert thin(draws, 4)["a"].tolist() == [12.0, 37.0, 62.0, 87.0]
    assert len(thin(draws, 250)["a"]) == 250


# -- parameters by name, and synthetic data -----------------------------------------------


def test_names_round_trip_for_every_family():
    spec = resolve(EVERY)
    parameters = draw_parameters(spec, 1, np.random.default_rng(7))
    for model in spec.nodes:
        named = {key: float(value[0]) for key, value in named_parameters(model, parameters[model.node]).items()}
        back = from_named(model, named)
        for name, value in parameters[model.node].items():
            np.testing.assert_allclose(back[name], value, atol=1e-9)
    names = set(named_parameters(spec.node("grade"), parameters["grade"]))
    assert "probability[1 | bought=1, region=3]" in names
    assert "cutpoint[2 | 3]" in named_parameters(spec.node("mood"), parameters["mood"])
    assert "slope[region=2][3]" in named_parameters(spec.node("colour"), parameters["colour"])


def test_a_slope_in_own_units_is_recovered_by_least_squares():
    spec = resolve(
        CHAIN, assumed={"x": assumed_constants("x", "real", 0, 100), "y": assumed_constants("y", "real", 0, 8)}
    )
    mine = {"y": {"slope[x]": 0.07, "intercept": 4.0, "sigma": 0.5}, "x": {"intercept": 50.0, "sigma": 25.0}}
    frame, parameters = synthetic(spec, mine, 4000, seed=2)
    assert parameters["y"] == pytest.approx(mine["y"])
    slope, intercept = np.polyfit(frame["x"] - 50, frame["y"], 1)
    assert slope == pytest.approx(0.07, abs=0.002)
    assert intercept == pytest.approx(4.0, abs=0.04)


def test_synthetic_data_hold_the_names_of_levels_and_can_be_read_again():
    frame = pd.DataFrame(
        {
            "region": np.random.default_rng(0).choice(["north", "south", "west"], 40),
            "bought": np.random.default_rng(1).choice([0, 1], 40),
            "visits": np.random.default_rng(2).poisson(3, 40),
        }
    )
    data = Dataset.from_frame(frame, kinds={"visits": "count", "bought": "binary", "region": "category"})
    spec = resolve(graph(("region", "bought"), ("bought", "visits")), data)
    made, _ = synthetic(spec, None, 200, seed=3)
    assert set(made["region"]) <= {"north", "south", "west"}
    assert set(made["bought"]) <= {0, 1}
    assert made["visits"].dtype == np.int64
    again = Dataset.from_frame(made, kinds=kinds_of(spec))
    assert again.rows == 200
    same, _ = synthetic(spec, None, 200, seed=3)
    pd.testing.assert_frame_equal(made, same)
    pd.testing.assert_frame_equal(
        frame_of(spec, prior_predictive(spec, 5, 2, 0)), frame_of(spec, prior_predictive(spec, 5, 2, 0))
    )


@pytest.mark.parametrize(
    ("named", "says"),
    [({"slope": 1.0}, "'slope' is unknown"), ({"sigma": -1.0}, "sigma cannot be -1"), ({"intercept": np.inf}, "inf")],
)
def test_parameters_that_cannot_be_are_refused(named, says):
    with pytest.raises(ModelError, match=says):
        synthetic(resolve(CHAIN), {"y": named}, 10, seed=0)


def test_parameters_of_their_own_range_are_refused_outside_it():
    spec = resolve(EVERY)
    cuts = {"cutpoint[1 | 2]": 1.0, "cutpoint[2 | 3]": 0.5}
    for node, named, says in (
        ("claims", {"zero_share": 1.5}, "zero_share cannot be 1.5"),
        ("losses", {"zero_share": -0.1}, "zero_share cannot be -0.1"),
        ("lopsided", {"alpha": np.nan}, "alpha cannot be nan"),
        ("mood", cuts, "do not increase"),
        ("mood", {"intercept": 0.0}, "'intercept' is unknown"),
    ):
        with pytest.raises(ModelError, match=says):
            synthetic(spec, {node: named}, 10, seed=0)
    mine = {"lopsided": {"alpha": -3.0}, "claims": {"zero_share": 0.9}}
    frame, used = synthetic(spec, mine, 2000, seed=0)
    assert used["lopsided"]["alpha"] == -3.0
    assert (frame["claims"] == 0).mean() > 0.85
    assert set(frame["mood"]) <= {1, 2, 3}


def test_what_is_set_is_checked():
    spec = resolve(EVERY)
    assert do_values(spec, {"region": "2", "x": "1.5", "bought": 1.0}) == {"region": 1.0, "x": 1.5, "bought": 1.0}
    for name, setting, says in (
        ("region", "north", "cannot be set to 'north'"),
        ("x", "lots", "no number"),
        ("size", "-1", "-1"),
        ("nobody", "1", "no node 'nobody'"),
        ("x", "inf", "inf"),
        ("x", "nan", "no number"),
        ("share", "2", "2"),
    ):
        with pytest.raises(ModelError, match=says):
            do_values(spec, {name: setting})


def test_a_binary_node_is_set_by_code_only_where_that_is_not_a_name():
    base = resolve(EVERY)
    (old,) = [model for model in base.nodes if model.node == "bought"]

    def named(*levels):
        model = replace(old, response=replace(old.response, levels=levels))
        return replace(base, nodes=tuple(model if m.node == "bought" else m for m in base.nodes))

    assert do_values(named("no", "yes"), {"bought": "1"}) == {"bought": 1.0}
    assert do_values(named("1", "2"), {"bought": "1"}) == {"bought": 0.0}
    with pytest.raises(ModelError, match="cannot be set to '0'"):
        do_values(named("1", "2"), {"bought": "0"})


def test_simulating_imports_no_pymc():
    code = "import sys, core.simulate.synthetic; print('pymc' in sys.modules, 'pytensor' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False False"
