"""A script is the joint model once more: the same density at any point, and the same numbers of its arrows."""

import csv
import importlib.util
import io
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.hypothesis import Edge, Hypothesis, Node
from core.model.earlier import timed_as
from core.model.resolve import complete_rows, resolve
from core.report.model_graph import dot_of, model_graph
from core.report.rows import plain_rows, readings_of
from core.report.script import script_of

pytestmark = pytest.mark.pymc

_found = importlib.util.spec_from_file_location("mixed", Path(__file__).parents[1] / "model" / "mixed.py")
mixed = importlib.util.module_from_spec(_found)
_found.loader.exec_module(mixed)


def rich_frame(rows=60, seed=2):
    rng = np.random.default_rng(seed)
    ads, size = rng.normal(5, 2, rows), rng.lognormal(1, 0.6, rows)
    shop = rng.choice(["a", "b", "c", "d"], rows)
    visits = rng.poisson(4, rows)
    sales = 2 + 0.5 * ads + np.sin(ads) + 0.3 * np.log(size) * (visits - 4) + (shop == "b") + rng.normal(0, 1, rows)
    bought = np.where(rng.random(rows) < 1 / (1 + np.exp(-0.3 * (sales - 4))), "yes", "no")
    colour = rng.choice(["red", "green", "blue"], rows)
    return pd.DataFrame(
        {"ads": ads, "size": size, "shop": shop, "visits": visits, "sales": sales, "bought": bought, "colour": colour}
    )


def curves(form):
    names = {"ads": "Normal", "size": "LogNormal", "visits": "Poisson", "sales": "Normal", "bought": "Bernoulli"}
    nodes = (*(Node(name, family=family) for name, family in names.items()), Node("shop"), Node("colour"))
    edges = (
        Edge("ads", "sales", form=form),
        Edge("size", "sales", by="visits"),
        Edge("visits", "sales"),
        Edge("shop", "sales"),
        Edge("sales", "bought", form=form, by="shop"),
        Edge("shop", "bought"),
        Edge("size", "colour", form=form),
        Edge("shop", "colour"),
    )
    return Hypothesis(f"a {form} one", nodes, edges)


def shaped():
    frame = rich_frame().assign(step=lambda t: t["visits"].clip(2, 5) - 1, dose=lambda t: t["size"] - t["size"].min())
    names = {"ads": "Normal", "size": "LogNormal", "sales": "Normal", "bought": "Bernoulli", "visits": "Poisson"}
    nodes = (
        *(Node(name, family=family) for name, family in names.items()),
        Node("step", kind="ordered", family="OrderedLogit"),
        Node("dose"),
    )
    edges = (
        Edge("ads", "sales", form="monotone", sign="+"),
        Edge("size", "sales", form="smooth", sign="-"),
        Edge("step", "sales", form="monotone"),
        Edge("dose", "bought", form="saturating", sign="+"),
        Edge("sales", "bought", form="monotone"),
        Edge("ads", "visits", sign="-"),
        Edge("ads", "step", form="monotone", sign="+"),
    )
    return frame, {"step": "ordered"}, Hypothesis("shaped", nodes, edges)


def grouped():
    nodes = (Node("ads", family="Normal"), Node("sales", family="StudentT", group="shop"), Node("shop"))
    return Hypothesis("grouped", nodes, (Edge("ads", "sales", by="shop"),))


def everything_data():
    return mixed.mixed_frame(50), mixed.KINDS, mixed.everything()


def odd_names():
    rng = np.random.default_rng(4)
    x = rng.normal(size=40)
    names = ['a "quoted" \\ name', "class", "1 größe/m²:", "data"]
    frame = pd.DataFrame({name: x + rng.normal(size=40) for name in names})
    frame["lambda 🦊 x"] = rng.choice(["it's", 'so "so"', "\\"], 40)
    nodes = tuple(Node(name) for name in frame)
    edges = (*(Edge(names[0], name) for name in [*names[1:], "lambda 🦊 x"]), Edge("lambda 🦊 x", "data"))
    return frame, {}, Hypothesis('odd """ \\', nodes, edges)


def backed():
    frame = rich_frame()
    nodes = (Node("ads"), Node("sales"), Node("shop"))
    edges = (Edge("ads", "sales"), Edge("shop", "sales"))
    return frame, {}, Hypothesis("backed", nodes, edges, background=("shop",))


def intervened():
    frame = rich_frame()
    frame["_set"] = np.where(np.arange(len(frame)) % 3 == 0, "sales", "")
    frame.loc[4, "ads"] = np.nan
    nodes = (Node("ads"), Node("sales"), Node("bought"))
    return frame, {}, Hypothesis("intervened", nodes, (Edge("ads", "sales"), Edge("sales", "bought")))


def carrying():
    """Weeks newest first, one without ads, one kept out, some set from outside; what carries over is given, and not."""
    rng, rows = np.random.default_rng(5), 40
    ads, mail, price = rng.gamma(2.0, 20.0, rows), rng.gamma(1.0, 5.0, rows), rng.normal(size=rows)
    sales = 3 * ads / (ads + 30) + 0.3 * price + rng.normal(size=rows)
    week = pd.date_range("2024-01-01", periods=rows, freq="7D").strftime("%Y-%m-%d")
    frame = pd.DataFrame({"week": week, "ads": ads, "mail": mail, "price": price, "sales": sales})
    frame.loc[20, "ads"] = np.nan
    frame["_set"] = np.where(np.arange(rows) % 17 == 3, "sales", "")
    edges = (
        Edge("ads", "sales", form="saturating", carry=6, sign="+"),
        Edge("mail", "sales", form="saturating", carry=2),
        Edge("price", "sales", carry=1),
        Edge("mail", "ads"),
    )
    nodes = (Node("mail"), Node("price"), Node("ads"), Node("sales"))
    return frame[::-1], {}, Hypothesis("carrying", nodes, edges, background=("mail",))


CASES = {
    "carrying": carrying,
    "every family": everything_data,
    "smooth": lambda: (rich_frame(), {}, curves("smooth")),
    "auto": lambda: (rich_frame(), {}, curves("auto")),
    "quadratic": lambda: (rich_frame(), {}, curves("quadratic")),
    "signs and shapes": shaped,
    "groups": lambda: (rich_frame(), {}, grouped()),
    "groups around 0": lambda: (rich_frame().assign(ads=lambda t: t["ads"] - t["ads"].quantile(0.2)), {}, grouped()),
    "odd names": odd_names,
    "background": backed,
    "interventions": intervened,
}


def imported(text, path):
    path.write_text(text, encoding="utf-8")
    found = importlib.util.spec_from_file_location("exported", path)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def exported(case, tmp_path, draws=100):
    frame, kinds, hypothesis = CASES[case]()
    data = tmp_path / "rows.csv"
    frame.to_csv(data, index=False)
    dataset = Dataset.read(data, kinds=kinds)
    if case == "carrying":
        dataset = dataset.keeping(np.arange(dataset.rows) != 11)
    spec = resolve(hypothesis, dataset)
    rows, odd = readings_of(spec, str(data), dataset)
    assert odd == ()
    return hypothesis, dataset, spec, imported(script_of(spec, rows, draws), tmp_path / "script.py")


@pytest.mark.parametrize("case", CASES)
def test_the_model_of_a_script_has_the_density_of_the_joint_model(case, tmp_path):
    from core.model.pymc_model import build_from_spec

    _, dataset, spec, script = exported(case, tmp_path)
    names = [model.node for model in spec.columns]
    complete = complete_rows(timed_as(spec, dataset), names)
    raw = {name: complete.values(name) for name in names} | complete.before(names)
    ours = build_from_spec(spec, raw, {name: ~complete.was_set(name) for name in names})
    read = script.read()
    theirs = script.build(*read) if isinstance(read, tuple) else script.build(read)
    assert set(theirs.named_vars) == set(ours.named_vars)
    _holds_the_picture(spec, dataset, ours)
    start = ours.initial_point()
    rng = np.random.default_rng(1)
    points = [{name: np.asarray(v) + 0.3 * rng.normal(size=np.shape(v)) for name, v in start.items()} for _ in range(3)]
    densities = [model.compile_logp(sum=False, mode="FAST_COMPILE") for model in (ours, theirs)]
    for point in points:
        found = [[np.sum(part) for part in density(point)] for density in densities]
        assert np.isfinite(found).all()
        # PyMC's tail of a Normal has the root of 2 in single precision: a sign costs the ninth digit.
        np.testing.assert_allclose(
            found[1], found[0], rtol=1e-9, atol=1e-9 if case not in ("signs and shapes", "carrying") else 5e-9
        )


def _holds_the_picture(spec, dataset, model):
    """The graph that is drawn without PyMC has the variables and arrows of PyMC's own."""
    from pymc.model_graph import ModelGraph

    drawn = model_graph(spec, plain_rows(spec, "rows.csv", dataset))
    known = ModelGraph(model).make_compute_graph()
    assert {one.name for one in drawn.variables} == set(known)
    assert drawn.arrows == {(parent, name) for name, parents in known.items() for parent in parents}
    kinds = {"free": model.free_RVs, "observed": model.observed_RVs, "deterministic": model.deterministics}
    for kind, variables in kinds.items():
        assert {one.name for one in drawn.variables if one.kind == kind} == {one.name for one in variables}
    shapes = {one.name: one.type.shape for one in model.free_RVs + model.deterministics}
    for one in drawn.variables:
        if None not in shapes.get(one.name, (None,)):
            assert one.shape == shapes[one.name], one.name
    text = dot_of(drawn, 60)
    assert text.count(" -> ") >= len(drawn.arrows)


class _Trace:
    """Draws as PyMC hands them on."""

    def __init__(self, values):
        self.posterior = {name: _Values(one) for name, one in values.items()}


class _Values:
    def __init__(self, values):
        self.values = values

    def to_numpy(self):
        return self.values[None]


@pytest.mark.parametrize("case", CASES)
def test_the_arrows_of_a_script_carry_what_those_of_the_app_carry(case, tmp_path):
    """The same draws, handed to both."""
    from core.fit.arrows import edges_into
    from core.model.coordinates import prior_draws
    from core.model.names import variable_names

    _, dataset, spec, script = exported(case, tmp_path)
    names = [model.node for model in spec.columns]
    complete = complete_rows(timed_as(spec, dataset), names)
    raw = {name: complete.values(name) for name in names} | complete.before(names)
    rng = np.random.default_rng(3)
    called, drawn, known = variable_names(names), {}, []
    for model in spec.nodes:
        found = dict(prior_draws(model, 40, rng))
        found["tau"] = np.abs(rng.normal(size=(40, model.taus)))
        drawn |= {f"{called[model.node]}.{name}": values for name, values in found.items()}
        for edge in edges_into(spec, model, found, raw):
            if edge.contrasts is None:
                known.append((edge.source, edge.target, edge.mean, edge.sd, ""))
            known += [(edge.source, edge.target, c.mean, c.sd, c.name) for c in edge.contrasts or ()]
    read = script.read()
    data = read[0] if isinstance(read, tuple) else read
    said = [(a, b, d.mean(), d.std(), what) for a, b, d, what in script.edges(data, _Trace(drawn))]
    said = [one for one in said if not np.isnan(one[2])]
    assert [one[:2] + one[4:] for one in said] == [one[:2] + one[4:] for one in known]
    np.testing.assert_allclose([one[2:4] for one in said], [one[2:4] for one in known], rtol=1e-6, atol=1e-9)


def test_what_carries_over_is_read_from_the_whole_file(tmp_path):
    """In the order of time, before rows are left out; the columns are adstock and saturation, written out."""
    _, dataset, spec, script = exported("carrying", tmp_path)
    data, _ = script.read()
    table = pd.read_csv(tmp_path / "rows.csv").sort_values("week")
    first = table["ads"].iloc[0]
    back = np.column_stack([[*[first] * lag, *table["ads"].iloc[:-lag]] for lag in range(1, 7)])
    known = dict(zip(table["sales"], back, strict=True))
    assert 0 < len(data["sales"]) < dataset.entering - 6  # without ads a row says nothing, nor do the six after it
    for sales, row in zip(data["sales"], data["earlier", "ads"], strict=True):
        np.testing.assert_allclose(row, known[sales])
    assert len(spec.earlier) == 9


def test_what_it_prints_are_the_app_s_numbers(tmp_path, monkeypatch):
    from core.study import compare

    hypothesis, dataset, _, script = exported("background", tmp_path, draws=400)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    script.main()
    lines = list(csv.reader(io.StringIO(sys.stdout.getvalue())))
    monkeypatch.undo()
    facts = compare(dataset, [hypothesis], cache=None).hypotheses[0]
    known = [(e.source, e.target, c.mean, c.sd) for e in facts.edges for c in (e.contrasts or (e,))]
    assert [tuple(line[:2]) for line in lines] == [one[:2] for one in known]
    for line, (_, _, mean, sd) in zip(lines, known, strict=True):
        assert abs(float(line[2]) - mean) < 0.15 * sd
        assert abs(float(line[3]) / sd - 1.0) < 0.15
