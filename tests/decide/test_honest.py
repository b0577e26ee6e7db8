"""What a decision says holds on the draws that score: utilities without a value, frontiers, levers that do nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from core.decide.deciding import decide
from core.decide.formula import Name
from core.decide.frontier import between
from core.decide.levers import Lever, Levers
from core.decide.reading import FormulaError, parse_formula
from core.decide.utility import Outcomes, utility_of
from core.errors import ModelError
from tests.decide.decide_cases import certain

FloatArray = NDArray[np.float64]


def noisy(draws: int, seed: int) -> Outcomes:
    slopes = np.random.default_rng(seed).normal(size=(1, 1, draws, 1))
    return lambda actions: np.asarray(1 + actions[:, 0][None, :, None, None] * slopes)


def test_an_action_without_a_value_among_the_draws_that_score_gives_way_to_the_next_best() -> None:
    """log(1 + a b) has none where b < -1 / a: of 40 draws that choose few are so low, of 4,000 that score many are."""
    levers = Levers((Lever("x", 0, 1),))
    utility = utility_of("log(sales)+ 3 * x", "sales", levers)
    decision = decide(noisy(40, 0), levers, utility, [1], ["A"], scoring=noisy(4000, 1))
    lowest = float(noisy(4000, 1)(np.array([[1.0]])).min()) - 1
    assert np.isfinite([decision.best[by].mean for by in decision.best]).all()
    assert decision.best["expected"].action["x"] == pytest.approx(-1 / lowest, abs=0.02)
    assert all(np.isfinite(one.mean) for one in decision.frontier)
    assert any("no value in some of the draws" in warning for warning in decision.warnings)
    with pytest.raises(ModelError, match="whatever is done"):
        decide(certain(lambda a: a[:, 0] + 1), levers, utility, [1], ["A"], scoring=certain(lambda a: a[:, 0] - 3))


@given(arrays.arrays(np.float64, st.tuples(st.just(2), st.integers(1, 30)), elements=st.integers(-6, 6)))
def test_a_frontier_scored_anew_is_one(table: FloatArray) -> None:
    returns, tails = table
    kept = between(returns, tails)
    assert (np.diff(returns[kept]) < 0).all()
    assert (np.diff(tails[kept]) > 0).all()
    assert {0, len(returns) - 1} & set(kept.tolist())


def test_a_lever_that_changes_nothing_stays_as_it_is() -> None:
    levers = Levers((Lever("x", 0, 9, now=2.0), Lever("idle", 0, 9, now=4.25), Lever("k", 0, 3, (0, 1, 2, 3), now=2.0)))
    outcomes = certain(lambda a: -((a[:, 0] - 5) ** 2), lambda a: -((a[:, 0] - 7) ** 2))
    decision = decide(outcomes, levers, utility_of(None, "sales", levers), [1, 1], ["A", "B"])
    for scored in (*decision.best.values(), *(own.best for own in decision.hypotheses)):
        assert (scored.action["idle"], scored.action["k"]) == (4.25, 2)
    assert decision.best["expected"].action["x"] == pytest.approx(6, abs=0.01)
    assert any("idle changes nothing" in warning for warning in decision.warnings)
    assert not any("best idle" in warning for warning in decision.warnings), "no bound keeps it from anything"


def test_a_budget_that_is_spent_is_named_and_one_that_is_not_is_not() -> None:
    levers = Levers((Lever("x", 0, 9), Lever("y", 0, 9)), budget=6)
    more = decide(certain(lambda a: np.sqrt(a.sum(axis=1) + 1)), levers, utility_of(None, "s", levers), [1], ["A"])
    assert any("takes the whole budget" in warning for warning in more.warnings)
    top = certain(lambda a: -((a[:, 0] - 1) ** 2) - (a[:, 1] - 2) ** 2)
    enough = decide(top, levers, utility_of(None, "s", levers), [1], ["A"])
    assert not any("budget" in warning for warning in enough.warnings)


def test_what_hedges_between_straight_lines_is_not_called_all_or_nothing() -> None:
    """Up under one hypothesis, down under the other: the safest lies between, and the sentence allows for it."""
    levers = Levers((Lever("x", 0, 10),))
    lines = certain(lambda a: a[:, 0], lambda a: 4 - a[:, 0])
    decision = decide(lines, levers, utility_of(None, "sales", levers), [3, 1], ["A", "B"])
    assert decision.best["expected"].action["x"] == 10
    assert decision.best["regret"].action["x"] == pytest.approx(5, abs=0.01)
    (said,) = [warning for warning in decision.warnings if "no curve" in warning]
    assert "on average the best is all or nothing" in said
    assert "smaller risk or regret" in said
    assert decision.information == pytest.approx(0.75 * 10 + 0.25 * 4 - (0.75 * 10 + 0.25 * -6))


def test_value_of_knowing_is_never_below_nothing_nor_above_what_is_lost_at_most() -> None:
    for seed in range(6):
        rng = np.random.default_rng(seed)
        tops, weights = rng.uniform(0, 9, 3), rng.dirichlet(np.ones(3))
        levers = Levers((Lever("x", 0, 9),))
        bowls = certain(*(lambda a, top=top: -((a[:, 0] - top) ** 2) for top in tops))
        decision = decide(bowls, levers, utility_of(None, "s", levers), list(weights), ["A", "B", "C"])
        spread = float(weights @ (tops - weights @ tops) ** 2)
        assert decision.information == pytest.approx(spread, rel=1e-3), "the variance of where the tops lie"
        assert 0 <= decision.information <= max(own.regret for own in decision.hypotheses) + 1e-9


def test_names_in_another_case_and_calls_without_arguments_are_told_apart() -> None:
    many = [*(f"column number {i}" for i in range(990)), "sales"]
    with pytest.raises(FormulaError, match="there is no 'SALES'") as caught:
        parse_formula("SALES > 3", many)
    assert caught.value.hint.startswith("Names known here are: sales")
    with pytest.raises(FormulaError, match="max takes 2 or more arguments, not 0"):
        parse_formula("max()", many)
    assert parse_formula("sales", many) == Name("sales")
