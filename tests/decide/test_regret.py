"""Regret and the value of knowing, by hand and for any table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from core.decide.deciding import decide
from core.decide.levers import Lever, Levers
from core.decide.regret import information, regrets
from core.decide.utility import utility_of
from tests.decide.decide_cases import certain

FloatArray = NDArray[np.float64]
tables = st.tuples(st.integers(1, 6), st.integers(1, 4)).flatmap(
    lambda shape: st.tuples(
        arrays.arrays(np.float64, shape, elements=st.floats(-1e3, 1e3)),
        arrays.arrays(np.float64, shape[1], elements=st.floats(0.01, 1)).map(lambda w: w / w.sum()),
    )
)


@given(tables)
def test_nothing_is_gained_by_not_knowing(table: tuple[FloatArray, FloatArray]) -> None:
    """With the true best of the table no difference is under 0, so nothing is cut off: both are their definitions."""
    means, weights = table
    own = means.argmax(axis=0).tolist()
    chosen = int((means @ weights).argmax())
    lost = regrets(means, own)
    assert (lost >= 0).all()
    np.testing.assert_array_equal(lost, means.max(axis=0) - means)
    worth = information(means, weights, own, chosen)
    assert worth >= 0
    assert worth == pytest.approx(weights @ means.max(axis=0) - (means @ weights).max(), abs=1e-9)
    assert worth == pytest.approx(float(weights @ lost[chosen]), abs=1e-9), "what one expects to lose"


@pytest.mark.parametrize(("weight", "best", "worth"), [(0.5, 5.0, 9.0), (0.75, 3.5, 6.75), (1.0, 2.0, 0.0)])
def test_two_hypotheses_by_hand(weight: float, best: float, worth: float) -> None:
    """-(x - 2)^2 if A is right and -(x - 8)^2 if B is: the best is their mean by weight, the safest half way."""
    outcomes = certain(lambda a: -((a[:, 0] - 2) ** 2), lambda a: -((a[:, 0] - 8) ** 2))
    levers = Levers((Lever("x", 0, 10),))
    found = decide(outcomes, levers, utility_of(None, "y", levers), [weight, 1 - weight], ["A", "B"])
    assert found.best["expected"].action["x"] == pytest.approx(best, abs=0.01)
    assert found.best["regret"].action["x"] == pytest.approx(5, abs=0.01)
    assert found.information == pytest.approx(worth, abs=0.01)
    matrix = {row.name: row for row in found.regret_matrix}
    assert matrix["best if A is right"].regrets == pytest.approx([0, 36], abs=0.1)
    assert matrix["best if B is right"].regrets == pytest.approx([36, 0], abs=0.1)
    assert matrix["safest"].regrets == pytest.approx([9, 9], abs=0.1)
    assert matrix["best by expectation"].regrets == pytest.approx([(best - 2) ** 2, (best - 8) ** 2], abs=0.1)
    assert [own.regret for own in found.hypotheses] == list(matrix["best by expectation"].regrets)
