"""Many worlds for a search: the numbers of ``play``, without what a search does not ask for."""

import numpy as np
import pytest

from core.effects.settings import Setting
from core.effects.worlds import brought, is_dear, play, staged
from tests.effects.effect_cases import prepared, small_parameters
from tests.effects.test_worlds import CASES

WORLDS = [[Setting("x", 0.1), Setting("z", 0.5)], [Setting("x", 0.7), Setting("z", 0.5)], [Setting("x", 0.7)]]


@pytest.mark.parametrize(("text", "x", "y", "families"), CASES)
def test_it_is_what_play_says(text: str, x: str, y: str, families: dict[str, str]) -> None:
    """To the last digit, with what was drawn on the way kept or not."""
    hypothesis, spec, raw = prepared(text, **families)
    stage = staged(hypothesis.graph, spec, small_parameters(spec, 30, 3), raw, draws=30, rows=60)
    worlds = [[Setting(x, value)] for value in (-0.5, 0.8, -0.5)]
    found = play(stage, worlds, y, cells=True)
    np.testing.assert_array_equal(brought(stage, worlds, y, single=True), found.cells)
    means = brought(stage, worlds, y)
    assert any(np.array_equal(means[:, :, 0], said) for said in (found.centre, found.settled))
    kept: dict[tuple[object, ...], np.ndarray] = {}
    for _ in range(2):
        np.testing.assert_array_equal(brought(stage, worlds, y, kept=kept), means)


def test_of_a_lognormal_outcome_it_is_the_mean() -> None:
    """Linear on the way: exactly that of ``play``; else within the noise of its rows."""
    for text, near in (("dag { x -> income }", 1e-12), ("dag { x -> y y -> income z -> income }", 1e-12)):
        hypothesis, spec, raw = prepared(text)
        stage = staged(hypothesis.graph, spec, small_parameters(spec, 40, 3), raw, draws=40, rows=200)
        worlds = [[Setting("x", value)] for value in (-0.5, 0.8)]
        found = play(stage, worlds, "income")
        assert found.on_mean is not None
        np.testing.assert_allclose(brought(stage, worlds, "income")[:, :, 0], found.on_mean, rtol=near)


def test_worlds_that_share_a_mediator_share_its_draws() -> None:
    hypothesis, spec, raw = prepared("dag { x -> clicks clicks -> y z -> y }")
    stage = staged(hypothesis.graph, spec, small_parameters(spec, 20, 3), raw, draws=20, rows=30)
    kept: dict[tuple[object, ...], np.ndarray] = {}
    together = brought(stage, WORLDS, "y", kept=kept)
    assert len(kept) == 2, "clicks hangs on x alone"
    apart = [brought(stage, [world], "y")[0] for world in WORLDS]
    np.testing.assert_array_equal(together, apart)


def test_what_takes_long() -> None:
    hypothesis, spec, raw = prepared("dag { x -> clicks clicks -> y x -> bought y -> bought }")
    stage = staged(hypothesis.graph, spec, small_parameters(spec, 2, 3), raw, draws=2, rows=2)
    assert is_dear(stage, ["x"], "y"), "counts are drawn on the way"
    assert not is_dear(stage, ["clicks"], "y"), "straight, and nothing is drawn"
    assert not is_dear(stage, ["y"], "bought"), "a chance needs no noise of its own"
    assert is_dear(stage, ["y"], "bought", single=True)
