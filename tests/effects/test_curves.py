"""Effects and arrows through curves, products and groups: against what the columns themselves say."""

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.effects.total import total_effect
from core.fit.arrows import edges_into
from core.fit.exact import fit_exact
from core.hypothesis import Edge, Hypothesis, Node
from core.study.planning import plan


def table(n: int = 150) -> Dataset:
    rng = np.random.default_rng(6)
    x, m, g = rng.normal(size=n), rng.integers(0, 2, n), rng.integers(0, 5, n)
    y = x**2 + (1 + m) * x + rng.normal(size=5)[g] + 0.5 * rng.normal(size=n)
    return Dataset.from_frame(
        pd.DataFrame({"x": x, "m": np.where(m == 1, "yes", "no"), "g": [f"g{i}" for i in g], "y": y})
    )


def fitted(edge: Edge, group: str | None = None):  # type: ignore[no-untyped-def]
    nodes = (Node("x"), Node("m"), Node("y", group=group))
    work = plan(table(), [Hypothesis("h", nodes, (edge, Edge("m", "y")))])
    spec, raw = work.specs[0], {name: work.complete.values(name) for name in ("x", "m", "y", "g")}
    draws = {}
    for node, key in work.keys["h"].items():
        block, rows = work.blocks[key]
        draws[node] = fit_exact(block, rows).draws if block.model.conjugate else {}
    return work.graphs[0], spec, draws, raw


CASES = [
    (Edge("x", "y", form="quadratic"), None), (Edge("x", "y", form="smooth"), None), (Edge("x", "y", by="m"), None),
    (Edge("x", "y", form="auto", by="m"), "g"), (Edge("x", "y", by="g"), "g"),
]  # fmt: skip


@pytest.mark.parametrize(("edge", "group"), CASES)
def test_the_effect_is_what_the_columns_change_by(edge: Edge, group: str | None) -> None:
    graph, spec, draws, raw = fitted(edge, group)
    model = spec.node("y")
    term = model.term("x")
    moved = term.matrix(np, {**raw, "x": raw["x"] + 1.0}) - term.matrix(np, raw)
    expected = model.response.scale * (draws["y"]["slopes"][:, model.columns_of("x")] @ moved.mean(axis=0))
    found = total_effect(graph, spec, draws, raw, "x", "y")
    assert found.mean == pytest.approx(expected.mean(), abs=0.05 * expected.std())
    assert found.sd == pytest.approx(expected.std(), rel=0.1)


def test_an_effect_past_a_curve_of_another_cause_is_exact() -> None:
    graph, spec, draws, raw = fitted(Edge("x", "y", form="smooth"), "g")
    found = total_effect(graph, spec, draws, raw, "m", "y")
    model = spec.node("y")
    own = model.response.scale * draws["y"]["slopes"][:, model.columns_of("m")][:, 0]
    assert found.mean == pytest.approx(own.mean(), rel=1e-9)


@pytest.mark.parametrize(("edge", "group"), CASES)
def test_an_arrow_is_its_slope_averaged_over_rows(edge: Edge, group: str | None) -> None:
    _, spec, draws, raw = fitted(edge, group)
    model = spec.node("y")
    (arrow,) = [one for one in edges_into(spec, model, draws["y"], raw) if one.source == "x"]
    term, step = model.term("x"), 1e-5
    up, down = (term.matrix(np, {**raw, "x": raw["x"] + sign * step}) for sign in (1, -1))
    slope = (up - down).mean(axis=0) / (2 * step)
    own = model.response.scale * (draws["y"]["slopes"][:, model.columns_of("x")] @ slope)
    assert arrow.mean == pytest.approx(own.mean(), rel=1e-4, abs=1e-6)
    assert (arrow.form, arrow.by) == (edge.form, edge.by)
    added = model.response.scale * (draws["y"]["slopes"][:, model.columns_of("x")] @ term.matrix(np, raw).T)
    assert arrow.strength == pytest.approx(added.std(axis=1, ddof=1).mean() / model.response.scale, rel=1e-3)
    assert (arrow.curve is not None) == (edge.form in ("quadratic", "smooth", "auto"))
    assert (arrow.bends is not None) == (edge.form == "auto")


def test_a_parabola_is_drawn_as_one() -> None:
    _, spec, draws, raw = fitted(Edge("x", "y", form="quadratic", by="m"), "g")
    (arrow,) = [one for one in edges_into(spec, spec.node("y"), draws["y"], raw) if one.source == "x"]
    curve = arrow.curve
    assert curve is not None
    # x^2 + (1 + mean of m) x, less its average over rows.
    truth = curve.at**2 + 1.5 * curve.at - (raw["x"] ** 2 + 1.5 * raw["x"]).mean()
    assert np.abs(curve.mean - truth).max() < 0.6
    assert ((curve.q05 <= curve.mean) & (curve.mean <= curve.q95)).all()


def test_a_group_is_an_arrow_without_numbers() -> None:
    _, spec, draws, raw = fitted(Edge("x", "y"), "g")
    (arrow,) = [one for one in edges_into(spec, spec.node("y"), draws["y"], raw) if one.source == "g"]
    assert (arrow.mean, arrow.contrasts, arrow.form) == (None, (), "group")
    assert arrow.strength is not None
    assert arrow.strength > 0
