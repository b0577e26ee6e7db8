"""Risk against return: against every point of a fine grid."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from core.decide.choosing import Aims
from core.decide.criteria import cvar, expected
from core.decide.frontier import MOST_POINTS, efficient, thinned
from core.decide.levers import Lever, Levers
from tests.decide.decide_cases import ONE, found

FloatArray = NDArray[np.float64]


@given(arrays.arrays(np.float64, st.tuples(st.just(2), st.integers(1, 40)), elements=st.integers(-5, 5)))
def test_no_point_of_it_is_beaten_and_every_other_is(table: FloatArray) -> None:
    returns, tails = table
    edge = efficient(returns, tails)
    assert (np.diff(returns[edge]) < 0).all()
    assert (np.diff(tails[edge]) > 0).all()
    for at in range(len(returns)):
        as_good = (returns[edge] >= returns[at]) & (tails[edge] >= tails[at])
        assert as_good.any()


def test_thinning_keeps_both_ends_and_spreads_evenly() -> None:
    angle = np.sort(np.random.default_rng(0).uniform(0, np.pi / 2, 500))
    returns, tails = 100 * np.cos(angle), np.sin(angle)
    some = thinned(returns, tails)
    assert len(some) == MOST_POINTS
    assert some[0] == 0
    assert some[-1] == 499
    assert np.ptp(np.diff(angle[some])) < 0.04
    assert thinned(returns[:9], tails[:9]).tolist() == list(range(9))


def test_it_reaches_what_a_fine_grid_reaches() -> None:
    """Three channels, the more they bring the less they are known: none of a grid's points is 1.5 % better in both."""
    slopes = np.random.default_rng(2).normal([2.0, 3.0, 4.0], [0.1, 1.0, 3.0], size=(2000, 3))

    def sales(a: FloatArray, /) -> FloatArray:
        return np.asarray((np.sqrt(np.maximum(a, 0)) @ slopes.T)[None, :, :, None])

    levers = Levers(tuple(Lever(name, 0, 10) for name in "abc"), budget=10)
    chosen = found(sales, levers, Aims(ONE, risk=0.1))
    edge = efficient(chosen.expected, chosen.cvar)
    ticks = np.linspace(0, 10, 41)
    grid = np.array([(x, y, 10 - x - y) for x in ticks for y in ticks if x + y <= 10])
    half = np.setdiff1d(np.arange(2000), chosen.scoring)
    values = sales(grid)[..., half, 0]
    returns, tails = expected(values, ONE), cvar(values, ONE, 0.1)
    best = efficient(returns, tails)
    short = 0.0
    for at in best:
        by_return = (returns[at] - chosen.expected[edge]) / np.ptp(returns[best])
        by_tail = (tails[at] - chosen.cvar[edge]) / np.ptp(tails[best])
        short = max(short, float(np.maximum(by_return, by_tail).min()))
    assert len(edge) > MOST_POINTS
    assert short < 0.015
