"""Statements tested one by one: rules, adjustment, rows that count, and rows that do not."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.check.independence import Observed, Replicates, Rules, adjust, run_tests
from core.check.roles import role_of
from core.check.rows import find_dependence, inflation
from core.data.dataset import Dataset
from core.graph.causal_graph import CausalGraph
from core.graph.implications import Independence, implications

CHAIN = CausalGraph(("a", "b", "c"), (("a", "b"), ("b", "c")))
REAL = {name: role_of(name, "Normal", 0) for name in "abcd"}


def chain(rows: int, seed: int, extra: float = 0.0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    a = rng.normal(size=rows)
    b = 0.7 * a + rng.normal(size=rows)
    return {"a": a, "b": b, "c": 0.6 * b + extra * a + rng.normal(size=rows)}


def test_adjustment_is_that_of_benjamini_and_hochberg() -> None:
    rng = np.random.default_rng(0)
    p = rng.random(40) ** 2
    expected = stats.false_discovery_control(p, method="bh")
    assert adjust(list(p)) == pytest.approx(list(expected))
    assert adjust([]) == []


def test_a_true_chain_is_not_contradicted_and_a_denied_link_is() -> None:
    fine = run_tests(CHAIN, implications(CHAIN), REAL, Observed(chain(400, 1)))
    assert [test.contradicted for test in fine] == [False]
    broken = run_tests(CHAIN, implications(CHAIN), REAL, Observed(chain(400, 1, extra=0.5)))
    (test,) = broken
    assert test.contradicted is True
    assert test.q05 is not None
    assert test.q05 > 0.1
    assert test.predictive_p is None


def test_contradicted_needs_both_size_and_chance() -> None:
    data = Observed(chain(20_000, 2, extra=0.05))
    (test,) = run_tests(CHAIN, implications(CHAIN), REAL, data)
    assert test.p_adjusted is not None
    assert test.p_adjusted < 0.001
    assert test.contradicted is False
    (test,) = run_tests(CHAIN, implications(CHAIN), REAL, data, rules=Rules(association=0.01))
    assert test.contradicted is True


def test_predictive_p_is_low_where_the_hypothesis_cannot_give_what_was_seen() -> None:
    rng = np.random.default_rng(3)
    raw = [chain(300, int(seed)) for seed in rng.integers(10**6, size=200)]
    replicates = Replicates({name: np.stack([one[name] for one in raw]) for name in "abc"})
    (fine,) = run_tests(CHAIN, implications(CHAIN), REAL, Observed(chain(300, 5)), replicates)
    (broken,) = run_tests(CHAIN, implications(CHAIN), REAL, Observed(chain(300, 5, extra=0.6)), replicates)
    assert fine.predictive_p is not None
    assert broken.predictive_p is not None
    assert fine.predictive_p > 0.02
    assert broken.predictive_p == 0.0
    assert len(broken.replicated) == 200


def test_replicates_that_overflowed_are_left_out() -> None:
    raw = {name: np.tile(values, (3, 1)) for name, values in chain(100, 4).items()}
    raw["c"][0, 5] = np.nan
    raw["c"][1, 5] = 1e300
    (test,) = run_tests(CHAIN, implications(CHAIN), REAL, Observed(chain(100, 4)), Replicates(raw))
    assert len(test.replicated) == 1


def test_rows_in_which_the_response_was_set_do_not_count() -> None:
    data = chain(600, 6)
    was_set = np.arange(600) >= 300
    data["c"] = np.where(was_set, 3 * data["a"], data["c"])  # set by someone who looked at a
    (naive,) = run_tests(CHAIN, implications(CHAIN), REAL, Observed(data))
    (right,) = run_tests(CHAIN, implications(CHAIN), REAL, Observed(data, {"c": was_set}))
    assert naive.contradicted is True
    assert right.contradicted is False


def test_too_few_rows_are_said_not_guessed() -> None:
    (test,) = run_tests(CHAIN, implications(CHAIN), REAL, Observed(chain(4, 7)))
    assert test.association is None
    assert test.contradicted is None


def test_suspended_tests_give_an_association_and_no_p_value() -> None:
    (test,) = run_tests(CHAIN, implications(CHAIN), REAL, Observed(chain(200, 8)), suspended=True)
    assert test.association is not None
    assert (test.p_value, test.p_adjusted, test.predictive_p, test.contradicted) == (None, None, None, None)


def autoregressive(rng: np.random.Generator, rows: int, memory: float = 0.8) -> np.ndarray:
    values = np.zeros(rows)
    for i in range(1, rows):
        values[i] = memory * values[i - 1] + rng.normal()
    return values


def test_independent_autoregressive_series_are_recognised() -> None:
    graph = CausalGraph(("a", "b"))
    found, contradicted = 0, 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        raw = {"a": autoregressive(rng, 150), "b": autoregressive(rng, 150)}
        found += inflation(REAL, raw)[1] > 1.3
        (test,) = run_tests(graph, (Independence("a", "b"),), REAL, Observed(raw))
        contradicted += bool(test.contradicted)
    assert contradicted > 40  # what would happen without: at 5 % it should be under 20
    assert found > 195


def test_independent_rows_are_not_taken_for_a_series() -> None:
    wrong = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        wrong += inflation(REAL, {name: rng.normal(size=100) for name in "abcd"})[1] > 1.3
    assert wrong <= 3


def test_a_table_sorted_by_one_column_is_not_taken_for_a_series() -> None:
    rng = np.random.default_rng(1)
    a = np.sort(rng.normal(size=300))
    b = 0.8 * a + rng.normal(size=300)
    assert inflation(REAL, {"a": a, "b": b, "c": 0.5 * b + rng.normal(size=300)})[1] < 1.3


def test_dates_and_repeated_identifiers_are_named() -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"a": rng.normal(size=60), "b": rng.normal(size=60)})
    raw = {"a": frame["a"].to_numpy(), "b": frame["b"].to_numpy()}
    plain = Dataset.from_frame(frame)
    assert not find_dependence(plain, REAL, raw)
    dated = Dataset.from_frame(frame.assign(day=pd.date_range("2024-01-01", periods=60)), kinds={"day": "date"})
    assert "day is a date" in find_dependence(dated, REAL, raw).reasons[0]
    people = [f"person {i // 3}" for i in range(60)]
    repeated = Dataset.from_frame(frame.assign(who=people), kinds={"who": "identifier"})
    assert "who repeats" in find_dependence(repeated, REAL, raw).reasons[0]
    once = Dataset.from_frame(frame.assign(who=[f"p{i}" for i in range(60)]), kinds={"who": "identifier"})
    assert not find_dependence(once, REAL, raw)
