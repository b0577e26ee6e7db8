"""The whole decision: what it holds, that it holds together, and what it refuses."""

import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.decide.deciding import Decision, decide
from core.decide.frontier import MOST_POINTS
from core.decide.levers import Lever, Levers
from core.decide.utility import utility_of
from core.errors import UsageError

FloatArray = NDArray[np.float64]
LEVERS = Levers(
    (Lever("tv", 0, 10, cost=0.2, now=3, seen=(0, 3.5)), Lever("radio", 0, 10, cost=0.1, now=2)), budget=1.2
)
WEIGHTS = [5, 3, 2]
_RNG = np.random.default_rng(0)
HEIGHTS = _RNG.normal([3, 2], [0.3, 1], size=(3, 200, 2)) * np.array([[[1, 1]], [[0.5, 1.4]], [[1.6, 0.4]]])
NOISE = _RNG.normal(size=(3, 1, 200, 30))


def sales(actions: FloatArray, /) -> FloatArray:
    """Two channels that saturate, under three hypotheses that differ in how much each brings."""
    return np.asarray(np.einsum("hsl,al->has", HEIGHTS, 1 - np.exp(-actions / 3))[..., None] + NOISE)


def made(seed: int = 0, **settings: Any) -> Decision:
    return decide(sales, LEVERS, utility_of(None, "sales", LEVERS), WEIGHTS, ["A", "B", "C"], seed=seed, **settings)


@pytest.fixture(scope="module")
def decision() -> Decision:
    return made(spread=0.5)


def test_every_best_keeps_to_the_budget(decision: Decision) -> None:
    assert list(decision.best) == ["expected", "cvar", "regret", "spread"]
    assert "spread" not in made().best
    for scored in (*decision.best.values(), *decision.frontier, *(own.best for own in decision.hypotheses)):
        action = np.array([[scored.action["tv"], scored.action["radio"]]])
        assert LEVERS.allows(action).all()
        assert scored.q05 <= scored.mean <= scored.q95
        assert scored.cvar < scored.q95
    for scored in (*decision.best.values(), *(own.best for own in decision.hypotheses)):
        assert sum(scored.uncertainty.values()) == pytest.approx(1)
    assert decision.frontier[3].uncertainty == {}


def test_each_best_is_best_by_its_own_yardstick(decision: Decision) -> None:
    """On draws that did not choose, so within their noise."""
    best = decision.best
    assert best["expected"].mean > best["cvar"].mean + 0.02
    assert best["cvar"].cvar > best["expected"].cvar + 0.02
    worst = {row.name: max(row.regrets) for row in decision.regret_matrix}
    assert worst["safest"] == min(worst.values())
    assert worst["safest"] < 0.8 * worst["best by expectation"]
    for h, own in enumerate(decision.hypotheses):
        column = [row.regrets[h] for row in decision.regret_matrix]
        assert column[h] == 0
        assert min(column) == 0
        assert own.weight == WEIGHTS[h] / 10


def test_uncertainty_splits_into_chance_parameters_and_structure(decision: Decision) -> None:
    """Of one row under the best action: the noise has a variance of 1."""
    best = decision.best["expected"]
    chance = best.uncertainty["chance"]
    assert best.sd**2 / (1 - chance) * chance == pytest.approx(NOISE.var(axis=3).mean(), rel=0.02)
    assert best.uncertainty["structure"] > 0.02
    assert all(own.best.uncertainty["structure"] == 0 for own in decision.hypotheses)


def test_today_stands_beside(decision: Decision) -> None:
    assert decision.now is not None
    assert decision.now.action == {"tv": 3.0, "radio": 2.0}
    assert decision.now.mean < decision.best["expected"].mean
    over = Levers((Lever("tv", 0, 10, now=9), Lever("radio", 0, 10, now=9)), budget=1)
    none = decide(sales, over, utility_of(None, "sales", over), WEIGHTS, ["A", "B", "C"])
    assert none.now is None, "it is over the budget"


def test_the_frontier_goes_from_one_best_to_the_other(decision: Decision) -> None:
    first, last = decision.frontier[0], decision.frontier[-1]
    assert first.action == decision.best["expected"].action
    assert last.action == decision.best["cvar"].action
    assert 5 < len(decision.frontier) <= MOST_POINTS


def test_what_it_is_worth_to_know_is_what_one_expects_to_lose(decision: Decision) -> None:
    lost = [own.regret * own.weight for own in decision.hypotheses]
    assert decision.information == pytest.approx(sum(lost), abs=1e-4), "but for what is noise and cut off at 0"
    assert decision.information > 0.01


def test_warnings_reach_it() -> None:
    wide = Levers((Lever("tv", 0, 4, cost=0.01, seen=(0, 3)), Lever("radio", 0, 10, cost=5)))
    found = decide(sales, wide, utility_of(None, "sales", wide), [1, 1, 1], ["A", "B", "C"])
    assert found.best["expected"].unseen == ("tv",)
    text = " ".join(found.warnings)
    for words in ("the most that is allowed", "hardly anybody was seen there", "the least that is allowed"):
        assert words in text
    assert any("left out" in warning for warning in _with("log(tv - 2) + sales").warnings)
    assert any("no curve in tv" in warning for warning in _with("tv + 0 * sales").warnings)


def _with(formula: str) -> Decision:
    return decide(sales, LEVERS, utility_of(formula, "sales", LEVERS), WEIGHTS, ["A", "B", "C"])


def test_a_hypothesis_of_no_weight_counts_for_regret_alone() -> None:
    names = ["A", "B", "C"]
    utility = utility_of(None, "sales", LEVERS)
    found = decide(sales, LEVERS, utility, [1, 0, 0], names)
    assert found.best["expected"].mean == pytest.approx(found.hypotheses[0].best.mean, abs=1e-3)
    assert found.information == pytest.approx(0, abs=1e-3)
    assert max(found.regret_matrix[-3].regrets) < max(found.regret_matrix[0].regrets)


def test_one_hypothesis_has_nothing_to_regret() -> None:
    utility = utility_of(None, "sales", LEVERS)
    found = decide(lambda actions, /: sales(actions)[:1], LEVERS, utility, [1], ["A"])
    assert found.information == 0
    assert found.best["regret"].action == found.best["expected"].action
    assert found.best["expected"].uncertainty["structure"] == 0


def test_it_is_plain_facts_and_the_same_again(decision: Decision) -> None:
    record = decision.to_dict()
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert made(spread=0.5).to_dict() == record
    assert made(seed=1, spread=0.5).to_dict() != record
    assert set(record["best"]["expected"]) >= {"action", "mean", "sd", "q05", "q95", "cvar"}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"risk": 0}, "no share of draws"),
        ({"risk": 1.5}, "no share of draws"),
        ({"risk": float("nan")}, "no share of draws"),
        ({"spread": -1}, "no number of standard deviations"),
    ],
)
def test_refusals(settings: dict[str, float], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        made(**settings)


@pytest.mark.parametrize("weights", [[1, 1], [0, 0, 0], [1, -1, 1], [1, float("nan"), 1]])
def test_weights_must_be_weights(weights: list[float]) -> None:
    with pytest.raises(UsageError, match="no weights"):
        decide(sales, LEVERS, utility_of(None, "sales", LEVERS), weights, ["A", "B", "C"])


def test_an_outcome_is_no_lever() -> None:
    with pytest.raises(UsageError, match="both lever and outcome"):
        decide(sales, LEVERS, utility_of("tv", "tv", LEVERS), WEIGHTS, ["A", "B", "C"])
