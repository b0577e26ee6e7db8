"""The search finds optima that are known in closed form, and does not believe its own luck."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

from core.decide.choosing import Aims, choose, halves
from core.decide.deciding import decide
from core.decide.levers import Lever, Levers, parse_limits
from core.decide.utility import utility_of
from core.errors import ModelError
from tests.decide.decide_cases import ONE, best_of, certain, found

FloatArray = NDArray[np.float64]


def test_a_quadratic_with_a_budget() -> None:
    """-(x - 3)^2 - 2 (y - 4)^2, x + y <= 5: 2 (3 - x) = 4 (4 - y) on the line, so x = 5/3."""
    outcomes = certain(lambda a: -((a[:, 0] - 3) ** 2) - 2 * (a[:, 1] - 4) ** 2)
    free = found(outcomes, Levers((Lever("x", 0, 9), Lever("y", 0, 9))))
    assert best_of(free) == pytest.approx([3, 4], rel=0.002)
    bound = found(outcomes, Levers((Lever("x", 0, 9), Lever("y", 0, 9)), budget=5))
    assert best_of(bound) == pytest.approx([5 / 3, 10 / 3], rel=0.005)


def test_the_newsvendor_orders_a_quantile_of_demand() -> None:
    """Sold at 10, bought at 6: the order is the quantile of demand at (10 - 6) / 10."""
    rng = np.random.default_rng(0)
    demand = rng.normal(100, 20, size=(1, 1, 1000, 100))

    def sold(actions: FloatArray, /) -> FloatArray:
        return np.asarray(np.minimum(actions[:, 0][None, :, None, None], demand))

    levers = Levers((Lever("order", 0, 200, cost=6),))
    chosen = found(sold, levers, formula="10 * sales - cost")
    assert best_of(chosen)[0] == pytest.approx(100 + 20 * norm.ppf(0.4), rel=0.01)


def test_two_saturating_channels_share_a_budget() -> None:
    """Of 10 (1 - exp(-x / 2)) + 6 (1 - exp(-y)), x + y = 5, both slopes are the same at the best."""
    outcomes = certain(lambda a: 10 * (1 - np.exp(-a[:, 0] / 2)) + 6 * (1 - np.exp(-a[:, 1])))
    chosen = found(outcomes, Levers((Lever("tv", 0, 9), Lever("radio", 0, 9)), budget=5))
    tv = (np.log((10 / 2) / 6) + 5) / (1 / 2 + 1)
    assert best_of(chosen) == pytest.approx([tv, 5 - tv], rel=0.005)


def test_five_channels_share_a_budget() -> None:
    """Of sum w sqrt(x), sum x = 10, the best is in proportion to w^2."""
    weights = np.arange(1.0, 6.0)
    levers = Levers(tuple(Lever(f"x{i}", 0, 10) for i in range(5)), budget=10)
    chosen = found(certain(lambda a: np.sqrt(np.maximum(a, 0)) @ weights), levers)
    assert best_of(chosen) == pytest.approx(10 * weights**2 / (weights**2).sum(), rel=0.02, abs=0.01)
    assert chosen.expected[chosen.best["expected"]] == pytest.approx(np.sqrt(10 * (weights**2).sum()), rel=1e-5)


def test_switches_whole_numbers_and_an_equality() -> None:
    """Against every switch and whole number, the number between given by the equality."""
    levers = Levers(
        (Lever("on", 0, 1, values=(0, 1)), Lever("x", 0, 9), Lever("k", 0, 20, values=tuple(range(21)))),
        limits=parse_limits("3 * on + x + k / 2 <= 8 and 3 * on + x + k / 2 >= 8", ["on", "x", "k"]),
    )

    def surface(a: FloatArray) -> FloatArray:
        return np.asarray((1 + 4 * a[:, 0]) * np.sqrt(a[:, 1]) + 3 * np.sqrt(a[:, 2]))

    every = np.array([(on, 8 - 3 * on - k / 2, k) for on in (0, 1) for k in range(21)], dtype=np.float64)
    every = every[(every[:, 1] >= 0) & (every[:, 1] <= 9)]
    chosen = found(certain(surface), levers)
    assert best_of(chosen) == pytest.approx(every[surface(every).argmax()], abs=1e-6)


def test_the_safest_lies_on_an_edge_of_the_surface() -> None:
    """Of two bowls with their tops at (2, 2) and (6, 3), against a grid of a twentieth."""
    bowls = certain(
        lambda a: -((a[:, 0] - 2) ** 2) - (a[:, 1] - 2) ** 2, lambda a: -((a[:, 0] - 6) ** 2) - 3 * (a[:, 1] - 3) ** 2
    )
    chosen = found(bowls, Levers((Lever("x", 0, 9), Lever("y", 0, 9))), Aims(np.array([0.9, 0.1])))
    assert chosen.actions[list(chosen.own)] == pytest.approx(np.array([[2, 2], [6, 3]]), rel=0.005)
    x, y = np.meshgrid(np.linspace(0, 9, 181), np.linspace(0, 9, 181))
    worst = np.maximum((x - 2) ** 2 + (y - 2) ** 2, (x - 6) ** 2 + 3 * (y - 3) ** 2).min()
    assert -chosen.means[chosen.best["regret"]].min() == pytest.approx(worst, rel=0.01)


@pytest.mark.parametrize(("by", "taken_off"), [("cvar", norm.pdf(norm.ppf(0.1)) / 0.1), ("spread", 1.5)])
def test_risk_moves_spend_to_the_channel_that_is_known(by: str, taken_off: float) -> None:
    """5 sqrt(x) + b sqrt(y), b ~ N(5, 1): by expectation half each; by risk y counts with 5 - k only."""
    slopes = 5 + np.random.default_rng(4).normal(size=(1, 1, 20_000, 1))

    def sales(a: FloatArray, /) -> FloatArray:
        known, unsure = np.sqrt(np.maximum(a.T, 0))[:, None, :, None, None]
        return np.asarray(5 * known + slopes * unsure)

    levers = Levers((Lever("known", 0, 10), Lever("unsure", 0, 10)), budget=10)
    chosen = found(sales, levers, Aims(ONE, risk=0.1, spread=1.5))
    assert best_of(chosen) == pytest.approx([5, 5], rel=0.02)
    share = 1 / (1 + ((5 - taken_off) / 5) ** 2)
    assert best_of(chosen, by)[0] == pytest.approx(10 * share, rel=0.02)
    assert best_of(chosen, by)[0] > 6


def test_halves_are_halves() -> None:
    choosing, scoring = halves(101, 5)
    assert sorted([*choosing, *scoring]) == list(range(101))
    assert abs(len(choosing) - len(scoring)) == 1
    assert halves(101, 5)[0].tolist() == choosing.tolist()
    assert choosing.tolist() != sorted(range(101))[:50], "at random, not in order"


def test_what_is_reported_is_unbiased_and_what_was_chosen_by_is_not() -> None:
    """50 actions worth nothing, known from 40 draws each: the best of them looks worth half a standard deviation.

    The expected maximum of 50 standard Normals is 2.25; the mean of 20 draws has a standard error of 0.224.
    """
    levers = Levers((Lever("x", 0, 49, values=tuple(range(50))),))
    honest, hopeful = [], []
    for trial in range(300):
        noise = np.random.default_rng(trial).normal(size=(1, 50, 40, 1))

        def outcomes(actions: FloatArray, /, noise: FloatArray = noise) -> FloatArray:
            return np.asarray(noise[:, actions[:, 0].astype(int)])

        chosen = found(outcomes, levers, seed=trial)
        hopeful.append(chosen.expected[chosen.best["expected"]])
        decision = decide(outcomes, levers, utility_of(None, "sales", levers), [1], ["A"], seed=trial)
        honest.append(decision.best["expected"].mean)
    assert np.mean(hopeful) == pytest.approx(2.25 * np.sqrt(1 / 20), abs=0.03)
    assert abs(np.mean(honest)) < 3 * np.std(honest) / np.sqrt(300)


def test_actions_without_a_utility_are_left_out() -> None:
    levers = Levers((Lever("x", -1, 1),))
    chosen = found(certain(lambda a: a[:, 0]), levers, formula="log(sales) - sales")
    assert chosen.lost > 30
    assert best_of(chosen)[0] == pytest.approx(1.0, abs=0.001)
    with pytest.raises(ModelError, match="no value for any action"):
        found(certain(lambda a: a[:, 0] - 2), levers, formula="log(sales)")


def test_refusals() -> None:
    levers = Levers((Lever("x", 0, 1),))
    with pytest.raises(ModelError, match="too few"):
        found(certain(lambda a: a[:, 0], draws=19), levers)
    with pytest.raises(ModelError, match="2 weights and outcomes of 1"):
        found(certain(lambda a: a[:, 0]), levers, Aims(np.array([0.5, 0.5])))
    with pytest.raises(ModelError, match="shape"):
        found(lambda a, /: a, levers)


def test_it_tells_how_far_it_is_and_gives_the_same_again() -> None:
    levers = Levers(tuple(Lever(name, 0, 1) for name in "abc"), budget=2)
    outcomes = certain(lambda a: -((a - 0.6) ** 2).sum(axis=1))
    told: list[float] = []
    one = choose(outcomes, utility_of(None, "y", levers), levers, Aims(ONE), 3, lambda _, share: told.append(share))
    two = choose(outcomes, utility_of(None, "y", levers), levers, Aims(ONE), 3)
    np.testing.assert_array_equal(one.actions, two.actions)
    assert told[0] == 0
    assert told == sorted(told)
    assert 0.5 < told[-1] <= 1
