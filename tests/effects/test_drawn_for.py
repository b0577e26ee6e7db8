"""What a search over actions asks of worlds: means without medians, and which noise they take."""

import numpy as np

from core.effects.settings import Setting
from core.effects.worlds import drawn_for, play, staged
from tests.effects.effect_cases import prepared, small_parameters


def test_without_medians_the_mean_of_a_lognormal_outcome_is_the_same_and_takes_one_draw_of_noise() -> None:
    for text, near in (("dag { x -> income }", 1e-12), ("dag { x -> clicks clicks -> income }", 0.03)):
        hypothesis, spec, raw = prepared(text)
        stage = staged(hypothesis.graph, spec, small_parameters(spec, 40, 3), raw, draws=40, rows=400)
        worlds = [[Setting("x", value)] for value in (-0.5, 0.8)]
        full, quick = (play(stage, worlds, "income", medians=medians) for medians in (True, False))
        assert full.on_mean is not None
        assert quick.on_mean is not None
        np.testing.assert_allclose(quick.on_mean.mean(axis=1), full.on_mean.mean(axis=1), rtol=near)


def test_which_noise_is_drawn() -> None:
    hypothesis, spec, raw = prepared("dag { x -> clicks clicks -> y z -> y x -> bought y -> bought z -> income }")
    stage = staged(hypothesis.graph, spec, small_parameters(spec, 2, 3), raw, draws=2, rows=2)

    def names(*nodes: str, outcome: str, single: bool = False) -> list[str]:
        return [model.node for model in drawn_for(stage, nodes, outcome, single=single)]

    assert names("x", outcome="y") == ["clicks"]
    assert names("clicks", outcome="y") == []
    assert names("clicks", "z", outcome="y", single=True) == ["y"]
    assert names("y", outcome="bought") == []
    assert names("x", outcome="bought") == ["clicks", "y"]
    assert names("z", outcome="income") == []
