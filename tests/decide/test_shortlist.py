"""The last choice, among few on better draws; and what is said where even these were not enough."""

import numpy as np
import pytest
from numpy.typing import NDArray

from core.decide.choosing import Aims, choose
from core.decide.deciding import decide
from core.decide.levers import Lever, Levers
from core.decide.sentences import about_risk, about_safest
from core.decide.shortlist import chosen_again
from core.decide.utility import Outcomes, utility_of
from tests.decide.decide_cases import certain

FloatArray = NDArray[np.float64]
LEVERS = Levers((Lever("x", 0, 10, now=5.0),))


def risky(low: float, draws: int = 400, seed: int = 0) -> Outcomes:
    """What each unit brings is 0.1 on average; how well it is known is best at ``low``."""
    slopes = np.random.default_rng(seed).normal(size=(1, 1, draws, 1))

    def outcomes(actions: FloatArray, /) -> FloatArray:
        x = actions[:, 0][None, :, None, None]
        return np.asarray(40 - 0.1 * x + (x - low) * slopes)

    return outcomes


def test_draws_that_choose_once_more_put_right_what_few_said_of_risk() -> None:
    """The search believes that 7 is safe; of the frontier it found, and today, the better draws know that it is 5."""
    utility = utility_of(None, "sales", LEVERS)
    found = choose(risky(7), utility, LEVERS, Aims(np.ones(1)), halved=False)
    assert found.actions[found.best["cvar"], 0] == pytest.approx(7, abs=0.2)
    again = chosen_again(found, risky(5, 2000, 1), utility, LEVERS, Aims(np.ones(1)))
    assert again.actions[again.best["cvar"], 0] == 5.0
    decision = decide(risky(7), LEVERS, utility, [1], ["A"], again=risky(5, 2000, 1), scoring=risky(5, 2000, 2))
    assert decision.now is not None
    assert decision.best["cvar"].action == {"x": 5.0}
    assert decision.best["cvar"].cvar >= decision.now.cvar
    for one in decision.frontier:
        assert not any(other.mean > one.mean and other.cvar > one.cvar for other in (*decision.frontier, decision.now))
    assert not any("draws that score" in said for said in decision.warnings)


def test_where_the_draws_that_score_know_better_it_is_said_and_no_dot_is_beaten() -> None:
    utility = utility_of(None, "sales", LEVERS)
    decision = decide(risky(7), LEVERS, utility, [1], ["A"], scoring=risky(5, 2000, 2))
    assert decision.now is not None
    assert decision.now.cvar > decision.best["cvar"].cvar
    assert any(said.startswith("On the draws that score, x 5.00 is better") for said in decision.warnings)
    assert not any(decision.now.mean > one.mean and decision.now.cvar > one.cvar for one in decision.frontier)


def test_where_nothing_differs_today_stays() -> None:
    utility = utility_of(None, "sales", LEVERS)
    flat, up = certain(lambda a: 0 * a[:, 0], lambda a: a[:, 0]), certain(lambda a: 0 * a[:, 0], lambda a: a[:, 0])
    decision = decide(flat, LEVERS, utility, [1, 1], ["A", "B"], again=up, scoring=flat)
    assert [own.indifferent for own in decision.hypotheses] == [True, False]
    assert decision.hypotheses[0].best.action == {"x": 5.0}


def test_an_action_without_a_value_in_them_gives_way() -> None:
    utility = utility_of("log(sales) + x", "sales", LEVERS)
    found = choose(certain(lambda a: 1 + 0 * a[:, 0]), utility, LEVERS, Aims(np.ones(1)), halved=False)
    again = chosen_again(found, certain(lambda a: 8 - a[:, 0]), utility, LEVERS, Aims(np.ones(1)))
    assert 5 <= again.actions[again.best["expected"], 0] < 8
    assert again.lost > 0
    none = chosen_again(found, certain(lambda a: -1 - a[:, 0]), utility, LEVERS, Aims(np.ones(1)))
    assert none.best == found.best


def test_today_that_is_not_allowed_is_named_with_why() -> None:
    over = Levers((Lever("x", 0, 10, cost=1.0, now=5.0, label="ad spend"),), budget=3)
    decision = decide(certain(lambda a: 2 * a[:, 0]), over, utility_of(None, "sales", over), [1], ["A"])
    assert decision.now is None
    assert "As it is today is not among the choices: it breaks the budget." in decision.warnings
    assert any("no curve in ad spend" in said for said in decision.warnings)
    out = Levers((Lever("x", 6, 10, now=5.0),))
    decision = decide(certain(lambda a: a[:, 0]), out, utility_of(None, "sales", out), [1], ["A"])
    assert "As it is today is not among the choices: it breaks the bounds of x." in decision.warnings


def test_what_the_safest_guards_against_is_named_and_what_is_safest_without_it() -> None:
    utility = utility_of(None, "sales", LEVERS)
    bowls = certain(*(lambda a, top=top: -((a[:, 0] - top) ** 2) for top in (2.0, 10.0, 4.0)))
    decision = decide(bowls, LEVERS, utility, [0.5, 0.001, 0.499], ["A", "B", "C"])
    assert decision.best["regret"].action["x"] == pytest.approx(6, abs=0.02)
    assert decision.best["likely"].action["x"] == pytest.approx(3, abs=0.02)
    (said,) = about_safest(decision, LEVERS, ["B"])
    assert "guards against B, which counts for under 1 % and is contradicted by the data" in said
    assert said.endswith("the safest is x 3.00.")
    assert "contradicted" not in about_safest(decision, LEVERS)[0]
    alike = decide(bowls, LEVERS, utility, [1, 1, 1], ["A", "B", "C"])
    assert "likely" not in alike.best
    assert about_safest(alike, LEVERS) == []


def test_why_risk_moves_the_choice() -> None:
    utility = utility_of(None, "sales", LEVERS)
    known = decide(risky(5), LEVERS, utility, [1], ["A"])
    (said,) = about_risk(known, LEVERS)
    assert said.startswith("By its worst draws x is 5")
    assert "higher than on average: what that brings is better known" in said
    lines = certain(lambda a: a[:, 0], lambda a: -0.8 * a[:, 0])
    (said,) = about_risk(decide(lines, LEVERS, utility, [1, 1], ["A", "B"]), LEVERS)
    assert "lower than on average: the hypotheses differ less about what that brings" in said
    same = decide(certain(lambda a: a[:, 0]), LEVERS, utility, [1], ["A"])
    assert about_risk(same, LEVERS) == []
