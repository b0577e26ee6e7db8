"""Steps that stay in what can be, the step between the quartiles, and the mean beside the median."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.effects.contrasted import held_sigma
from core.effects.steps import Step, own_step, quartile_step
from core.effects.total import total_effect
from tests.effects.effect_cases import brute_force, mixed_frame, prepared, small_parameters

SHARES = st.lists(st.floats(1e-6, 1 - 1e-6), min_size=1, max_size=20).map(np.array)


@given(SHARES)
def test_no_step_of_a_proportion_leaves_the_support(shares: np.ndarray) -> None:
    low, high = Step(by=0.1, ceiling=1.0).ends(shares)
    assert (low > 0).all()
    assert (high < 1).all()
    assert high - low == pytest.approx(0.1)
    assert np.minimum(np.abs(low - shares), np.abs(high - shares)) == pytest.approx(0.0)  # one end is the row's own


def share_frame(rows: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    frame = mixed_frame().head(rows)
    return frame.assign(share=rng.beta(2, 2, len(frame)))


def test_a_proportion_moves_by_a_tenth() -> None:
    hypothesis, spec, raw = prepared("dag { share -> bought }", share_frame())
    assert spec.node("share").kind == "proportion"
    assert own_step(spec.node("share")) == Step(by=0.1, ceiling=1.0)
    parameters = small_parameters(spec, 40, 2)
    low, high = Step(by=0.1, ceiling=1.0).ends(raw["share"])
    expected = brute_force(spec, parameters, raw, set(), "share", high, "bought") - brute_force(
        spec, parameters, raw, set(), "share", low, "bought"
    )
    found = total_effect(hypothesis.graph, spec, parameters, raw, "share", "bought")
    assert found.draws == pytest.approx(expected, abs=0.02)
    line, own, rows = prepared("dag { share -> y }", share_frame())
    slopes = small_parameters(own, 40, 2)
    model = own.node("y")
    slope = slopes["y"]["slopes"][:, 0] * model.response.scale / model.terms[0].scale
    assert total_effect(line.graph, own, slopes, rows, "share", "y").draws == pytest.approx(0.1 * slope)


@pytest.mark.parametrize(
    ("text", "y"), [("dag { x -> z z -> y x -> y }", "y"), ("dag { x -> clicks clicks -> y }", "y")]
)
def test_the_step_between_quartiles(text: str, y: str) -> None:
    hypothesis, spec, raw = prepared(text)
    parameters = small_parameters(spec, 60, 5)
    found = total_effect(hypothesis.graph, spec, parameters, raw, "x", y)
    low, high = np.quantile(raw["x"], (0.25, 0.75))
    assert found.quartiles is not None
    assert (found.quartiles.low, found.quartiles.high) == (low, high)
    between = set(hypothesis.graph.descendants("x"))
    keep = set(hypothesis.graph.nodes) - between - {"x"}
    ends = [brute_force(spec, parameters, raw, keep, "x", np.full_like(raw["x"], end), y) for end in (low, high)]
    change = ends[1] - ends[0]
    assert found.quartiles.mean == pytest.approx(np.mean(change), abs=0.05 * np.std(change) + 0.02)
    record = found.to_dict()["quartiles"]
    assert isinstance(record, dict)
    assert set(record) == {"from", "to", "mean", "sd", "q05", "q95"}


def test_on_a_line_the_step_between_quartiles_is_so_many_units() -> None:
    hypothesis, spec, raw = prepared("dag { x -> y z -> y }")
    found = total_effect(hypothesis.graph, spec, small_parameters(spec, 80, 6), raw, "x", "y")
    assert found.quartiles is not None
    assert found.mean is not None
    units = found.quartiles.high - found.quartiles.low
    assert found.quartiles.mean == pytest.approx(units * found.mean)
    assert found.quartiles.q95 - found.quartiles.q05 == pytest.approx(units * (found.q95 - found.q05))  # type: ignore[operator]


def test_levels_and_a_column_that_hardly_varies_have_no_such_step() -> None:
    _, spec, raw = prepared("dag { bought -> y region -> y }")
    assert quartile_step(spec.node("bought"), raw["bought"]) is None
    assert quartile_step(spec.node("region"), raw["region"]) is None
    assert quartile_step(spec.node("y"), np.r_[np.zeros(90), np.ones(10)]) is None


def test_the_mean_beside_the_median_of_a_child() -> None:
    hypothesis, spec, raw = prepared("dag { x -> income z -> income }")
    assert spec.node("income").family == "LogNormal"
    parameters = small_parameters(spec, 200, 4)
    found = total_effect(hypothesis.graph, spec, parameters, raw, "x", "income")
    sigma = spec.node("income").response.scale * held_sigma(parameters["income"]["sigma"])
    assert found.draws is not None
    assert found.on_mean is not None
    assert found.on_mean["mean"] == pytest.approx(np.mean(found.draws * np.exp(sigma**2 / 2)))
    assert found.on_mean["mean"] > found.mean  # type: ignore[operator]
    assert found.to_dict()["on_mean"] == found.on_mean


@pytest.mark.parametrize(
    "text",
    ["dag { x -> z z -> income x -> income }", "dag { x -> clicks clicks -> income }"],
    ids=["linear", "through a count"],
)
def test_the_mean_through_what_lies_between_has_its_noise_too(text: str) -> None:
    """Against drawing every node and averaging the outcome itself, noise and all."""
    hypothesis, spec, raw = prepared(text)
    parameters = small_parameters(spec, 12, 7)
    found = total_effect(hypothesis.graph, spec, parameters, raw, "x", "income")
    assert found.on_mean is not None
    rng = np.random.default_rng(1)
    totals = np.zeros((2, 12))
    repeats = 400
    for end, values in enumerate((raw["x"], raw["x"] + 1)):
        for _ in range(repeats):
            totals[end] += sampled_mean(spec, parameters, {**raw, "x": values}, "income", rng) / repeats
    change = totals[1] - totals[0]
    assert found.on_mean["mean"] == pytest.approx(np.mean(change), rel=0.06, abs=0.02 * np.std(change))


def sampled_mean(spec, parameters, raw, outcome: str, rng: np.random.Generator) -> np.ndarray:
    from core.simulate.ancestral import ancestral

    held = {**parameters, outcome: {**parameters[outcome], "sigma": held_sigma(parameters[outcome]["sigma"])}}
    fixed = {name: raw[name] for name in raw if name == "x"}
    drawn = ancestral(spec, held, len(raw["x"]), rng, given_raw=fixed)
    return np.asarray(drawn[outcome].mean(axis=1))


def test_a_mean_that_a_heavy_tail_takes_away_is_not_given() -> None:
    hypothesis, spec, raw = prepared("dag { x -> z z -> income }", z="StudentT")
    found = total_effect(hypothesis.graph, spec, small_parameters(spec, 50, 4), raw, "x", "income")
    assert found.mean is not None
    assert found.on_mean is None
