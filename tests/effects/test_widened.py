"""Arrows and effects of rows that belong together: what fewer rows would say, and cluster-robust errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.dataset import Dataset
from core.effects.opinions import Estimated, Overlap, SecondOpinion
from core.effects.robustness import Robustness, robustness_value
from core.effects.total import Effect, Quartiles
from core.effects.widened import wider_edge, wider_effect
from core.fit.arrows import EdgeSummary
from core.fit.posterior import Contrast
from core.study import compare
from tests.study.study_cases import named

DRAWS = np.linspace(-1.0, 3.0, 101)
EDGE = EdgeSummary("x", "y", 1.0, 0.5, 0.2, 1.9, 0.7, 0.97, 0.7)
EFFECT = Effect(
    "x", "y", True, "median", 1.0, 0.5, 0.2, 1.9,
    ratio={"mean": 2.0, "sd": 0.3, "q05": 1.5, "q95": 2.6},
    contrasts=(Contrast("a", "b", 0.5, 0.1, 0.3, 0.6),),
    draws=DRAWS,
    on_mean={"mean": 3.0, "sd": 1.0, "q05": 1.5, "q95": 5.0},
    quartiles=Quartiles(0.0, 2.0, 2.0, 1.0, 0.4, 3.8, {"mean": 4.0, "sd": 0.6, "q05": 2.0, "q95": 8.0}),
    robustness=Robustness(1.0, 0.1, 400, robustness_value(10.0, 400), 0.3, 0.2),
    overlap=Overlap(0.1, 400, "own", "mean", Estimated(1.0, 0.2)),
    second=SecondOpinion("aipw", "own", "mean", Estimated(1.4, 0.1), 1.0, 0.1),
)  # fmt: skip


def test_as_they_are_where_rows_are_independent() -> None:
    assert wider_edge(EDGE, 1.0) is EDGE
    assert wider_effect(EFFECT, 1.0) is EFFECT


def test_four_times_the_variance_is_twice_the_interval() -> None:
    edge = wider_edge(EDGE, 4.0)
    assert (edge.mean, edge.sd, edge.q05, edge.q95) == pytest.approx((1.0, 1.0, -0.6, 2.8))
    assert edge.probability_positive == pytest.approx(0.8413, abs=1e-4)
    found = wider_effect(EFFECT, 4.0)
    assert (found.mean, found.sd, found.q05, found.q95) == pytest.approx((1.0, 1.0, -0.6, 2.8))
    assert found.draws is not None
    assert (found.draws.mean(), found.draws.std()) == pytest.approx((DRAWS.mean(), 2 * DRAWS.std()))
    assert found.ratio is not None
    assert found.ratio["q05"] == pytest.approx(2.0 * (1.5 / 2.0) ** 2)  # in logarithms: never under zero
    assert found.quartiles is not None
    assert (found.quartiles.q05, found.quartiles.q95) == pytest.approx((-1.2, 5.6))
    assert found.quartiles.ratio is not None
    assert found.quartiles.ratio["q95"] == pytest.approx(16.0)
    assert found.contrasts is not None
    assert (found.contrasts[0].q05, found.contrasts[0].sd) == pytest.approx((0.1, 0.2))
    assert found.on_mean == pytest.approx({"mean": 3.0, "sd": 2.0, "q05": 0.0, "q95": 7.0})
    assert found.second is not None
    assert EFFECT.second is not None
    assert (EFFECT.second.gap, found.second.gap) == pytest.approx((4.0, 2.0))
    assert found.overlap is not None
    assert found.overlap.comparable is not None
    assert found.overlap.comparable.se == pytest.approx(0.4)


@given(st.floats(1.0, 30.0))
def test_what_would_overturn_the_estimate_stays_and_its_level_falls(factor: float) -> None:
    before = EFFECT.robustness
    assert before is not None
    found = wider_effect(EFFECT, factor).robustness
    assert found is not None
    assert found.value == before.value
    assert 0 <= found.value_at_level <= before.value_at_level
    towards, was = found.towards(0.5), before.towards(0.5)
    assert towards is not None
    assert towards == pytest.approx(was, rel=0.05)  # degrees of freedom are whole


def test_what_is_held_back_stays_so() -> None:
    empty = Effect("x", "y", True, "mean", None, None, None, None)
    assert wider_effect(empty, 3.0).to_dict() == empty.to_dict()
    assert wider_edge(EDGE.held_back(), 3.0).mean is None


def test_the_interval_is_that_of_a_cluster_robust_regression() -> None:
    """A second method: the sandwich of sums over groups (Liang & Zeger 1986), for the arrow and the effect."""
    rng = np.random.default_rng(12)
    group = rng.permutation(np.repeat(np.arange(100), 8))

    def noise() -> np.ndarray:
        return np.sqrt(0.4) * rng.normal(size=100)[group] + np.sqrt(0.6) * rng.normal(size=800)

    x = noise()
    frame = pd.DataFrame({"x": x, "y": 0.5 * x + noise(), "school": [f"s{one}" for one in group]})
    found = compare(Dataset.from_frame(frame), named(A="x -> y"), effects=[("x", "y")])
    assert found.rows.grade == "computed"
    centred, y = x - x.mean(), frame["y"].to_numpy() - frame["y"].mean()
    slope = centred @ y / (centred @ centred)
    sums = np.bincount(group, weights=centred * (y - slope * centred))
    robust = np.sqrt(sums @ sums) / (centred @ centred)
    (edge,), (effect,) = found.hypothesis("A").edges, found.hypothesis("A").effects
    assert edge.sd == pytest.approx(robust, rel=0.15)
    assert effect.sd == pytest.approx(edge.sd, rel=1e-9)
    plain = compare(Dataset.from_frame(frame), named(A="x -> y"), effects=[("x", "y")], rows="none").hypothesis("A")
    assert edge.sd is not None
    assert plain.edges[0].sd is not None
    assert edge.sd > 1.3 * plain.edges[0].sd
