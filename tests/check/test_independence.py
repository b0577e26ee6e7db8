"""Statements tested one by one: rules, adjustment, rows that count, and rows that do not."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.check.independence import adjust, run_tests
from core.check.resemblance import group_inflation
from core.check.roles import role_of
from core.check.rows import find_dependence
from core.check.tested import Observed, Replicates, Rules
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


def test_a_claim_about_a_column_that_the_given_ones_determine_is_not_tested() -> None:
    data = chain(100, 8)
    data["b"] = 2.0 * data["a"] + 1.0
    (test,) = run_tests(CHAIN, implications(CHAIN), REAL, Observed(data))
    assert (test.association, test.q05, test.p_value, test.p_adjusted, test.contradicted) == (None,) * 5
    codes = {"a": np.tile([0.0, 1.0, 0.0, 1.0], 50), "b": np.tile([0.0, 0.0, 1.0, 1.0], 50), "d": np.arange(200) % 3.0}
    codes["c"] = np.maximum(codes["a"], codes["b"])
    roles = {name: role_of(name, "Table", 3 if name == "d" else 2) for name in "abcd"}
    graph = CausalGraph(("a", "b", "c", "d"), (("a", "c"), ("b", "c")))
    found = {(t.x, t.y, t.given): t for t in run_tests(graph, implications(graph), roles, Observed(codes))}
    assert found["c", "d", ("a", "b")].association is None
    assert found["a", "b", ()].p_adjusted is not None


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
    assert np.isfinite(test.replicated).tolist() == [False, False, True]


def test_rows_in_which_the_response_was_set_do_not_count() -> None:
    data = chain(600, 6)
    was_set = np.arange(600) >= 300
    data["c"] = np.where(was_set, 3 * data["a"], data["c"])  # set by someone who looked at a
    (naive,) = run_tests(CHAIN, implications(CHAIN), REAL, Observed(data))
    (right,) = run_tests(CHAIN, implications(CHAIN), REAL, Observed(data, {"c": was_set}))
    assert naive.contradicted is True
    assert right.contradicted is False


def test_given_others_than_the_parents_only_rows_in_which_nothing_was_set_count() -> None:
    """d takes part in no regression of c on its parents, but here it is conditioned on."""
    rng = np.random.default_rng(9)
    data = chain(500, 9)
    was_set = np.arange(500) >= 250
    data["d"] = data["a"] + data["c"] + rng.normal(size=500)
    data["d"][was_set] = 5 * data["a"][was_set]
    graph = CausalGraph(("a", "b", "c", "d"), (("a", "b"), ("b", "c"), ("a", "d"), ("c", "d")))
    statement = (Independence("a", "c", ("b", "d")),)
    (found,) = run_tests(graph, statement, REAL, Observed(data, {"d": was_set}))
    (seen,) = run_tests(graph, statement, REAL, Observed({name: values[~was_set] for name, values in data.items()}))
    assert found.association == pytest.approx(seen.association, abs=1e-12)


def test_a_size_without_direction_is_only_far_out_above() -> None:
    """Its p-value is the share of replicates that show as much, not twice that."""
    rng = np.random.default_rng(10)
    roles = {"x": role_of("x", "Categorical", 3), "y": role_of("y", "Normal", 0)}
    x, even = np.repeat([0.0, 1.0, 2.0], 40), np.tile(rng.normal(size=40), 3)
    drawn = Replicates({"x": np.tile(x, (200, 1)), "y": rng.normal(size=(200, 120))})
    graph, statement = CausalGraph(("x", "y")), (Independence("x", "y"),)
    found = [
        run_tests(graph, statement, roles, Observed({"x": x, "y": even + apart * x}), drawn)[0]
        for apart in (0.0, 0.2, 1.0)
    ]
    assert not any(test.signed for test in found)
    assert found[0].association == 0.0
    shares = [np.mean(test.replicated >= test.association) for test in found]
    assert [test.predictive_p for test in found] == shares
    assert (shares[0], shares[2]) == (1.0, 0.0)
    assert 0.0 < shares[1] < 0.4


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


def series(rng: np.random.Generator, rows: int = 150) -> dict[str, np.ndarray]:
    return {"a": autoregressive(rng, rows), "b": autoregressive(rng, rows)}


def harm(raw: dict[str, np.ndarray], **columns: tuple[str, object]) -> list[str]:
    """Return the reasons found, with more columns given as (kind, values)."""
    frame = pd.DataFrame(raw).assign(**{name: values for name, (_, values) in columns.items()})
    kinds = {name: kind for name, (kind, _) in columns.items() if name != "_set"} | dict.fromkeys(raw, "real")
    return list(find_dependence(Dataset.from_frame(frame, kinds=kinds), REAL, raw).reasons)


def test_independent_autoregressive_series_are_recognised() -> None:
    graph = CausalGraph(("a", "b"))
    found, contradicted = 0, 0
    for seed in range(200):
        raw = series(np.random.default_rng(seed))
        found += bool(harm(raw))
        (test,) = run_tests(graph, (Independence("a", "b"),), REAL, Observed(raw))
        contradicted += bool(test.contradicted)
    assert contradicted > 40  # what would happen without: at 5 % it should be under 20
    assert found > 195


def test_independent_rows_are_not_taken_for_a_series() -> None:
    wrong = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        wrong += bool(harm({name: rng.normal(size=100) for name in "abcd"}))
    assert wrong <= 3


def test_a_table_sorted_by_one_column_is_not_taken_for_a_series() -> None:
    rng = np.random.default_rng(1)
    a = np.sort(rng.normal(size=300))
    b = 0.8 * a + rng.normal(size=300)
    assert not harm({"a": a, "b": b, "c": 0.5 * b + rng.normal(size=300)})


def test_a_date_tells_the_order_of_shuffled_rows() -> None:
    rng = np.random.default_rng(3)
    order = rng.permutation(150)
    days = pd.date_range("2024-01-01", periods=150)[order]
    raw = {name: values[order] for name, values in series(rng).items()}
    assert not harm(raw)
    assert "day is a date" in harm(raw, day=("date", days))[0]


def test_an_identifier_tells_the_groups() -> None:
    rng = np.random.default_rng(4)
    who = rng.integers(0, 40, 240)
    shared = rng.normal(size=(40, 2))[who] + 0.7 * rng.normal(size=(240, 2))
    raw = {"a": shared[:, 0], "b": shared[:, 1]}
    names = [f"person {i}" for i in who]
    assert not harm(raw)
    frame = pd.DataFrame(raw).assign(who=names)
    found = find_dependence(Dataset.from_frame(frame, kinds={"who": "identifier"}), REAL, raw)
    assert not found  # it takes more to withhold a verdict
    assert found.said.startswith("Rows of one who resemble each other: 240 rows say about as much as ")
    assert not harm({"a": rng.normal(size=240), "b": rng.normal(size=240)}, who=("identifier", names))


def test_the_harm_of_groups_is_moultons_factor() -> None:
    """1 + (m - 1) r s, with intraclass correlations (F - 1) / (F - 1 + m) from SciPy's analysis of variance."""
    rng = np.random.default_rng(11)
    group = np.repeat(np.arange(40), 6)
    raw = {name: rng.normal(size=40)[group] + rng.normal(size=240) for name in "ab"}
    f = {name: stats.f_oneway(*values.reshape(40, 6)).statistic for name, values in raw.items()}
    alike = {name: (ratio - 1) / (ratio - 1 + 6) for name, ratio in f.items()}
    assert group_inflation(raw, group) == (("a", "b"), pytest.approx(1 + 5 * alike["a"] * alike["b"]))


def test_a_date_that_does_no_harm_is_noted() -> None:
    rng = np.random.default_rng(2)
    wrong, notes = 0, ()
    for _ in range(100):
        raw = {"a": rng.normal(size=120), "b": rng.normal(size=120)}
        frame = pd.DataFrame(raw).assign(day=pd.date_range("2024-01-01", periods=120))
        found = find_dependence(Dataset.from_frame(frame, kinds={"day": "date"}), REAL, raw)
        wrong += bool(found)
        notes = notes or found.notes
    assert wrong <= 4
    assert "single rows, not blocks" in notes[0]


def test_with_few_rows_a_date_is_reason_enough() -> None:
    rng = np.random.default_rng(5)
    raw = {"a": rng.normal(size=12), "b": rng.normal(size=12)}
    assert "too few rows" in harm(raw, day=("date", pd.date_range("2024-01-01", periods=12)))[0]


def test_an_identifier_that_never_repeats_is_nothing() -> None:
    rng = np.random.default_rng(6)
    raw = {"a": rng.normal(size=60), "b": rng.normal(size=60)}
    assert not harm(raw, who=("identifier", [f"p{i}" for i in range(60)]))


def experiment(seed: int, noise_of_d: np.ndarray | None = None) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """An experiment in blocks: nothing set, then b at random, then c at two doses one after the other, then both."""
    rng = np.random.default_rng(seed)
    was_set = np.repeat(["", "b", "c", "b,c"], (100, 60, 60, 40))
    set_b, set_c = (np.char.find(was_set, name) >= 0 for name in "bc")
    a = rng.normal(3, 2, 260)
    b = np.where(set_b, rng.normal(6, 1, 260), 0.7 * a + rng.normal(size=260))
    c = np.where(set_c, np.repeat([2.0, -3.0, 2.0], (190, 30, 40)), -0.4 * b + rng.normal(size=260))
    d = 0.5 * a + 0.3 * c + (rng.normal(size=260) if noise_of_d is None else noise_of_d)
    return {"a": a, "b": b, "c": c, "d": d}, was_set


def test_an_experiment_in_blocks_is_not_taken_for_a_series() -> None:
    wrong = 0
    for seed in range(100):
        raw, was_set = experiment(seed)
        wrong += bool(harm(raw, _set=("category", was_set)))
    assert wrong <= 2


def test_a_series_within_the_blocks_of_an_experiment_is_recognised() -> None:
    found = 0
    for seed in range(40):
        noise = autoregressive(np.random.default_rng(seed + 1000), 260)
        raw, was_set = experiment(seed, noise)
        raw["a"] = autoregressive(np.random.default_rng(seed + 2000), 260)
        found += bool(harm(raw, _set=("category", was_set)))
    assert found >= 38
