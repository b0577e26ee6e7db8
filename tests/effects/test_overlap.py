"""Who can be compared with whom: against chances and densities that are known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from core.effects.opinions import Estimated, Overlap
from core.effects.overlap import bounds, comparable_levels, comparable_numbers
from core.fit.flexible import Design, column_basis
from core.fit.unseen import Turned, chance_unseen, smooth_design, turned

FloatArray = NDArray[np.float64]


def basis(*columns: FloatArray, rows: int = 0) -> Turned:
    rows = rows or len(columns[0])
    return turned(smooth_design([column_basis(str(i), c) for i, c in enumerate(columns)], rows))


def test_two_levels_are_compared_between_002_and_098() -> None:
    chance = np.array([0.01, 0.02, 0.5, 0.98, 0.99])
    near = comparable_levels(1 - chance, chance, (0.5, 0.5))
    assert near.tolist() == [False, True, True, True, False]


def test_a_rare_level_is_not_everybodys_lack() -> None:
    """A lottery that one in a hundred wins leaves nobody without others."""
    hundredth = np.full(100, 0.01)
    assert comparable_levels(1 - hundredth, hundredth, (0.99, 0.01)).all()
    assert bounds(0.5) == (0.02, 0.98)
    assert not comparable_levels(1 - hundredth / 11, hundredth / 11, (0.99, 0.01)).any()


def test_a_row_that_has_neither_of_two_levels_has_nobody() -> None:
    low, high = np.array([0.3, 0.001]), np.array([0.3, 0.001])
    assert comparable_levels(low, high, (0.3, 0.3)).tolist() == [True, False]


def test_the_share_is_that_of_the_true_chances() -> None:
    rng = np.random.default_rng(2)
    z, w = rng.normal(size=(2, 1500))
    true = 1 / (1 + np.exp(-(3 * z + w)))
    hit = rng.random(1500) < true
    found = chance_unseen(basis(z, w), hit)
    outside = np.mean((true < 0.02) | (true > 0.98))
    near = comparable_levels(1 - found, found, (1 - hit.mean(), hit.mean()))
    assert outside > 0.1
    assert np.mean(~near) == pytest.approx(outside, abs=0.05)


@pytest.mark.parametrize(("step", "least", "most"), [(0.5, 0.0, 0.01), (1.0, 0.0, 0.02), (2.0, 0.1, 0.25)])
def test_a_step_that_is_long_for_what_the_causes_leave_has_few(step: float, least: float, most: float) -> None:
    """Residual sd 1: nobody where (2 r + s) s / 2 is over log 49, Normal r: 0, 0, and 17 %, half of which is Normal."""
    rng = np.random.default_rng(3)
    z = rng.normal(size=1000)
    x = 2 * z + rng.normal(size=1000)
    share = np.mean(~comparable_numbers(basis(z), x, x, x + step))
    assert least <= share <= most


def test_a_step_between_two_values_needs_both() -> None:
    """Nobody where the middle of a row is so far from one end that the other is 49 times as likely."""
    rng = np.random.default_rng(4)
    z = rng.normal(size=1500)
    x = z + 0.5 * rng.normal(size=1500)
    low, high = np.quantile(x, (0.25, 0.75))
    far = np.abs((high - low) * (2 * z - low - high) / (2 * 0.25)) > np.log(49)
    found = ~comparable_numbers(basis(z), x, np.full(1500, low), np.full(1500, high))
    assert np.mean(found) == pytest.approx(np.mean(far), abs=0.06)
    assert np.mean(found == far) > 0.9


def test_what_its_causes_determine_cannot_be_compared() -> None:
    rng = np.random.default_rng(5)
    z = rng.normal(size=400)
    x = z + 0.01 * rng.normal(size=400)
    assert not comparable_numbers(basis(z), x, x, x + 0.001).any()
    assert not comparable_numbers(basis(z), np.ones(400), np.ones(400), np.ones(400) + 1).any()


def test_spread_that_varies_is_seen_where_it_is_small() -> None:
    rng = np.random.default_rng(6)
    z = rng.uniform(-1, 1, 3000)
    spread = np.where(z > 0, 2.0, 0.3)
    x = spread * rng.normal(size=3000)
    near = comparable_numbers(basis(z), x, x, x + 1.0)
    assert np.mean(near[z > 0.1]) > 0.9
    assert np.mean(near[z < -0.1]) < 0.4


def test_without_causes_and_with_half_zeros_a_unit_can_be_compared() -> None:
    rng = np.random.default_rng(7)
    x = np.where(rng.random(800) < 0.5, 0.0, rng.gamma(4.0, 1.0, 800))
    nothing = turned(Design(np.empty((800, 0))))
    assert np.mean(~comparable_numbers(nothing, x, x, x + 1.0)) < 0.05


def test_over_a_twentieth_is_said() -> None:
    assert not Overlap(0.05, 100, "own").lacks
    record = Overlap(0.34, 100, "own", "ratio", Estimated(np.log(2.0), 0.1)).to_dict()
    assert record["lacks"]
    assert record["comparable"]["mean"] == pytest.approx(2.0)  # type: ignore[index]
