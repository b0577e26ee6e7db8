"""What outcomes are worth: before the mean over rows, in batches, less what an action costs."""

import numpy as np
import pytest
from numpy.typing import NDArray

from core.decide import utility as module
from core.decide.levers import Lever, Levers
from core.decide.reading import FormulaError
from core.decide.utility import utility_of, worth

FloatArray = NDArray[np.float64]
LEVERS = Levers((Lever("tv", 0, 10, cost=2), Lever("web spend", 0, 5), Lever("radio", 0, 5, cost=0.5)))
NOISE = np.random.default_rng(0).normal(size=(2, 1, 30, 7))


def sales(actions: FloatArray, /) -> FloatArray:
    """tv, and twice tv, with noise of draw and row."""
    return np.asarray(np.array([1.0, 2.0])[:, None, None, None] * actions[:, 0][None, :, None, None] + NOISE)


def test_unless_said_it_is_the_outcome_less_the_cost() -> None:
    utility = utility_of(None, "sales", LEVERS)
    assert str(utility) == "sales - 2 * tv - 0.5 * radio"
    actions = np.array([[1.0, 2.0, 4.0], [3.0, 0.0, 0.0]])
    made = worth(sales, utility, LEVERS, actions)
    np.testing.assert_allclose(made.values, sales(actions).mean(axis=3) - np.array([4.0, 6.0])[None, :, None])
    np.testing.assert_allclose(made.chance, sales(actions).var(axis=3).mean(axis=2))
    assert str(utility_of("  ", "sales", Levers((Lever("tv", 0, 1),)))) == "sales"
    assert str(utility_of(None, "sales", Levers((Lever("tv", 0, 1, cost=-1),)))) == "sales - -1 * tv"


def test_the_share_of_rows_over_a_threshold() -> None:
    actions = np.array([[1.0, 0.0, 0.0]])
    made = worth(sales, utility_of("sales > 1.5", "sales", LEVERS), LEVERS, actions)
    np.testing.assert_allclose(made.values, (sales(actions) > 1.5).mean(axis=3))
    assert 0 < made.values.mean() < 1


def test_levers_and_their_cost_have_names() -> None:
    actions = np.array([[1.0, 2.0, 4.0]])
    made = worth(sales, utility_of("`web spend` - cost + 0 * sales", "sales", LEVERS), LEVERS, actions)
    np.testing.assert_allclose(made.values, 2 - 4)
    np.testing.assert_allclose(made.chance, 0)
    own = Levers((Lever("cost", 0, 10, cost=7),))
    assert worth(sales, utility_of("cost", "sales", own), own, np.array([[3.0]])).values.mean() == 3


def test_a_utility_that_nothing_changes_is_refused() -> None:
    with pytest.raises(FormulaError, match="the same whatever"):
        utility_of("1 + 1", "sales", LEVERS)
    with pytest.raises(FormulaError, match="no 'visits'"):
        utility_of("visits", "sales", LEVERS)


def test_batches_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    actions = np.random.default_rng(1).uniform(0, 5, size=(50, 3))
    utility = utility_of(None, "sales", LEVERS)
    whole = worth(sales, utility, LEVERS, actions)
    sizes: list[int] = []

    def counted(some: FloatArray, /) -> FloatArray:
        sizes.append(len(some))
        return sales(some)

    monkeypatch.setattr(module, "_MOST", 5 * NOISE.size)
    parts = worth(counted, utility, LEVERS, actions)
    np.testing.assert_array_equal(parts.values, whole.values)
    np.testing.assert_array_equal(parts.chance, whole.chance)
    assert max(sizes) == 5


def test_settled_draws_spread_as_over_endless_rows() -> None:
    """Draws of standard deviation 0.1, each the mean of 50 rows with a noise of 1, which is 0.14 of them."""
    rng = np.random.default_rng(5)
    rows = 2 * rng.normal(size=(1, 1, 1, 50))
    drawn = 0.1 * rng.normal(size=(1, 1, 4000, 1)) + rows + rng.normal(size=(1, 1, 4000, 50))
    levers = Levers((Lever("tv", 0, 1),))
    plain, settled = (
        worth(lambda a, /: drawn, utility_of(None, "sales", levers), levers, np.zeros((1, 1)), settled=one).values
        for one in (False, True)
    )
    assert plain.std() == pytest.approx(np.sqrt(0.1**2 + 1 / 50), rel=0.03)
    assert settled.std() == pytest.approx(0.1, rel=0.1)
    assert settled.mean() == pytest.approx(plain.mean())
    one_row = worth(
        lambda a, /: drawn[..., :1], utility_of(None, "sales", levers), levers, np.zeros((1, 1)), settled=True
    )
    np.testing.assert_array_equal(one_row.values, drawn[..., 0])
