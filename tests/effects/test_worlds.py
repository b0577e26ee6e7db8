"""Worlds that differ in what is set: against sums over paths, brute force, and what total effects say."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.effects.settings import Setting
from core.effects.total import total_effect
from core.effects.worlds import play, staged
from core.errors import ModelError, UsageError
from core.graph.paths import directed_paths
from tests.effects.effect_cases import brute_force, prepared, small_parameters

CASES = [
    ("dag { x -> clicks clicks -> y x -> y }", "x", "y", {}),
    ("dag { x -> clicks clicks -> y x -> y }", "x", "y", {"clicks": "Poisson"}),
    ("dag { x -> bought bought -> y z -> y }", "x", "y", {}),
    ("dag { x -> region region -> y }", "x", "y", {}),
    ("dag { x -> income income -> y }", "x", "y", {"income": "Gamma"}),
    ("dag { x -> y y -> bought z -> bought }", "x", "bought", {"y": "StudentT"}),
    ("dag { x -> clicks z -> clicks }", "x", "clicks", {}),
    ("dag { x -> clicks clicks -> y }", "x", "y", {"clicks": "ZeroInflatedNegativeBinomial"}),
    ("dag { x -> y y -> bought }", "x", "bought", {"y": "SkewNormal"}),
    ("dag { x -> income income -> y z -> y }", "x", "y", {"income": "Weibull", "y": "SkewNormal"}),
]


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_linear_gaussian_worlds_differ_by_the_sum_of_path_products_in_every_draw(seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = [f"v{k}" for k in range(rng.integers(2, 7))]
    arrows = [(a, b) for k, a in enumerate(names) for b in names[k + 1 :] if rng.random() < 0.6]
    frame = pd.DataFrame({name: 10.0 ** rng.integers(-1, 2) * rng.normal(size=30) for name in names})
    text = "dag { " + " ".join([*names, *(f"{a} -> {b}" for a, b in arrows)]) + " }"
    hypothesis, spec, raw = prepared(text, frame)
    parameters = small_parameters(spec, 20, 1)
    x, y = names[0], names[-1]

    def slope(parent: str, child: str) -> np.ndarray:
        model = spec.node(child)
        place = model.parents.index(parent)
        return parameters[child]["slopes"][:, place] * model.response.scale / model.terms[place].scale

    paths = directed_paths(hypothesis.graph, x, y)
    expected = sum((np.prod([slope(a, b) for a, b in pairwise(path)], axis=0) for path in paths), np.zeros(20))
    stage = staged(hypothesis.graph, spec, parameters, raw, draws=20, rows=30)
    centre = play(stage, [[Setting(x, 1.0)], [Setting(x, 4.0)]], y).centre
    np.testing.assert_allclose(centre[1] - centre[0], 3.0 * expected, atol=1e-8, rtol=1e-8)


@pytest.mark.parametrize(("text", "x", "y", "families"), CASES)
def test_worlds_agree_with_brute_force(text: str, x: str, y: str, families: dict[str, str]) -> None:
    hypothesis, spec, raw = prepared(text, **families)
    parameters = small_parameters(spec, 30, 3)
    keep = set(hypothesis.graph.nodes) - set(hypothesis.graph.descendants(x)) - {x}
    stage = staged(hypothesis.graph, spec, parameters, raw, draws=30, rows=400)
    worlds = [[Setting(x, -0.5)], [Setting(x, 0.8)]]
    found = play(stage, worlds, y, cells=True)
    truth = [brute_force(spec, parameters, raw, keep, x, np.full(400, value), y) for value in (-0.5, 0.8)]
    spread = np.std(truth[1] - truth[0])
    assert found.centre[1] - found.centre[0] == pytest.approx(truth[1] - truth[0], abs=0.3 * spread + 0.03)
    noise = np.std(raw[y])
    assert np.mean(found.centre, axis=1) == pytest.approx([np.mean(t) for t in truth], abs=0.05 * noise)
    assert found.cells is not None
    assert found.cells.mean(axis=(1, 2)) == pytest.approx([np.mean(t) for t in truth], abs=0.06 * noise)


@pytest.mark.parametrize(
    ("text", "x", "y", "families"), [*CASES, ("dag { z -> bought bought -> income }", "z", "income", {})]
)
def test_a_step_is_the_total_effect(text: str, x: str, y: str, families: dict[str, str]) -> None:
    """One unit more in every row: the same number as a comparison reports."""
    hypothesis, spec, raw = prepared(text, **families)
    parameters = small_parameters(spec, 60, 3)
    effect = total_effect(hypothesis.graph, spec, parameters, raw, x, y)
    stage = staged(hypothesis.graph, spec, parameters, raw, draws=60, rows=400)
    found = play(stage, [[], [Setting(x, 1.0, "shift")]], y)
    moved = found.centre[1] - found.centre[0]
    assert found.scale == effect.scale
    assert effect.draws is not None
    assert np.mean(moved) == pytest.approx(effect.mean, abs=0.1 * float(np.std(effect.draws)) + 0.02)


def test_two_nodes_are_set_at_once() -> None:
    hypothesis, spec, raw = prepared("dag { x -> y z -> y x -> z }")
    parameters = small_parameters(spec, 10, 4)
    stage = staged(hypothesis.graph, spec, parameters, raw, draws=10, rows=50)
    model = spec.node("y")
    per = {
        t.parent: parameters["y"]["slopes"][:, k] * model.response.scale / t.scale for k, t in enumerate(model.terms)
    }
    centre = play(stage, [[Setting("x", 0.0), Setting("z", 0.0)], [Setting("x", 2.0), Setting("z", 3.0)]], "y").centre
    np.testing.assert_allclose(centre[1] - centre[0], 2 * per["x"] + 3 * per["z"], atol=1e-9)


def test_a_policy_for_a_group_leaves_the_others_as_they_are() -> None:
    hypothesis, spec, raw = prepared("dag { x -> y region -> y }")
    parameters = small_parameters(spec, 10, 4)
    stage = staged(hypothesis.graph, spec, parameters, raw, draws=10, rows=400)
    found = play(stage, [[], [Setting("x", 1.0, "shift", where=("region", 1.0))]], "y")
    assert found.by_row is not None
    moved = found.by_row[1] - found.by_row[0]
    inside = stage.raw["region"] == 1.0
    assert np.abs(moved[inside]).min() > 0
    assert np.abs(moved[~inside]).max() == 0


def test_a_range_gives_every_value_of_it_equally_often() -> None:
    given = Setting("x", 2.0, "spread", 4.0).applied({"x": np.zeros(1000)})
    np.testing.assert_allclose(np.sort(given), 2 + 2 * (np.arange(1000) + 0.5) / 1000)


def test_a_median_and_a_mean_of_a_log_normal_outcome() -> None:
    hypothesis, spec, raw = prepared("dag { x -> income }")
    parameters = {
        node: {k: np.repeat(v[:1], 400, axis=0) for k, v in own.items()}
        for node, own in small_parameters(spec, 5, 4).items()
    }
    stage = staged(hypothesis.graph, spec, parameters, raw, draws=400, rows=400)
    found = play(stage, [[Setting("x", 0.5)]], "income", cells=True)
    assert found.scale == "median"
    assert found.cells is not None
    assert found.on_mean is not None
    assert found.centre[0].mean() == pytest.approx(np.median(found.cells), rel=0.02)
    assert found.on_mean[0].mean() == pytest.approx(np.mean(found.cells), rel=0.05)


def test_noise_hangs_on_the_node_alone() -> None:
    """An arrow elsewhere in the graph changes no digit of an answer."""
    worlds = [[Setting("x", 0.0)], [Setting("x", 1.0)]]
    answers = []
    for text in ("dag { x -> bought bought -> y z -> x }", "dag { x -> bought bought -> y z -> x z -> region }"):
        hypothesis, spec, raw = prepared(text)
        drawn = small_parameters(spec, 20, 5)
        parameters = {name: drawn[name] for name in drawn} | {
            name: {k: np.linspace(0.1, 0.5, v.size).reshape(v.shape) for k, v in drawn[name].items()}
            for name in ("bought", "y")
        }
        answers.append(play(staged(hypothesis.graph, spec, parameters, raw, draws=20, rows=100), worlds, "y").centre)
    np.testing.assert_array_equal(*answers)


@pytest.mark.parametrize(
    "setting",
    [
        Setting("income", -1.0),
        Setting("income", -100.0, "shift"),
        Setting("region", 1.0, "shift"),
        Setting("region", 7.0),
        Setting("nobody", 1.0),
    ],
)
def test_what_a_node_cannot_be_is_refused(setting: Setting) -> None:
    hypothesis, spec, raw = prepared("dag { income -> y region -> y }")
    stage = staged(hypothesis.graph, spec, small_parameters(spec, 5, 1), raw)
    with pytest.raises(ModelError):
        play(stage, [[setting]], "y")


def test_the_outcome_is_not_set() -> None:
    hypothesis, spec, raw = prepared("dag { x -> y }")
    stage = staged(hypothesis.graph, spec, small_parameters(spec, 5, 1), raw)
    with pytest.raises(UsageError, match="it is set too"):
        play(stage, [[Setting("y", 1.0)]], "y")


@pytest.mark.parametrize("family", ["Normal", "Gamma", "StudentT"])
def test_noise_that_draws_share_leaves_their_averages_to_the_parameters(family: str) -> None:
    """With the same parameters in every draw, averages over rows are the same in every draw."""
    name = {"Normal": "z", "StudentT": "z", "Gamma": "income"}[family]
    hypothesis, spec, raw = prepared(f"dag {{ x -> {name} {name} -> bought }}", **{name: family})
    one = {node: {k: np.repeat(v[:1], 50, axis=0) for k, v in own.items()}
           for node, own in small_parameters(spec, 5, 4).items()}  # fmt: skip
    worlds = [[Setting("x", 0.0)], [Setting("x", 1.0)]]
    alone = play(staged(hypothesis.graph, spec, one, raw, draws=50, rows=40), worlds, "bought").centre
    shared = play(staged(hypothesis.graph, spec, one, raw, draws=50, rows=40, shared=True), worlds, "bought").centre
    assert alone.std(axis=1).min() > 1e-4
    assert shared.std(axis=1).max() < 1e-12
    assert shared.mean() == pytest.approx(alone.mean(), abs=0.1)
