"""Pairs: arithmetic by hand, and what may be said."""

import numpy as np
import pytest
from scipy import stats

from core.comparison.differences import all_differences, families_differ, shows_difference
from core.comparison.scores import sampling_variance
from core.graph.causal_graph import CausalGraph
from tests.comparison.comparison_cases import ROWS, block, edge, rival

APART = CausalGraph(("a", "b"))
JOINED = CausalGraph(("a", "b"), (("a", "b"),))
SHARED = block("shared", -100.0, -110.0, seed=1)


def pair(gap: float, noise: float, evidence: float = 0.0, **more):
    small = rival("A", APART, {"a": SHARED, "b": block("b0", -200.0, -210.0, noise=0.0)}, group=0)
    summary = edge("a", "b", 0.3, 0.1, 0.5)
    blocks = {"a": SHARED, "b": block("b1", -200.0 + gap, -210.0 + evidence, noise=noise, seed=2)}
    return all_differences([small, rival("B", JOINED, blocks, group=1, edges=(summary,), **more)])[0]


def test_only_what_differs_counts() -> None:
    found = pair(10.0, 0.2)
    assert found.by_node == {"b": pytest.approx(-10.0)}
    assert found.elpd == pytest.approx(-10.0)
    one, other = block("b0", -200.0, 0, noise=0.0), block("b1", -190.0, 0, noise=0.2, seed=2)
    rows = one.elpd_i - other.elpd_i
    assert found.se == pytest.approx(np.sqrt(ROWS * rows.var(ddof=1)))


def test_monte_carlo_error_is_part_of_the_standard_error() -> None:
    a = rival("A", APART, {"a": SHARED, "b": block("b0", -200.0, -1.0, noise=0.0, elpd_mcse=3.0)}, group=0)
    b = rival("B", JOINED, {"a": SHARED, "b": block("b1", -190.0, -1.0, noise=0.0, elpd_mcse=4.0)}, group=1,
              edges=(edge("a", "b", 1, 0, 2),))  # fmt: skip
    assert all_differences([a, b])[0].se == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("gap", "noise", "says"),
    [(3.9, 0.01, False), (4.1, 0.01, True), (20.0, 1.0, False), (40.0, 1.0, True), (-40.0, 1.0, True)],
)
def test_small_or_uncertain_differences_show_nothing(gap: float, noise: float, says: bool) -> None:
    found = pair(gap, noise)
    assert shows_difference(found.elpd, found.se) is says
    start = found.verdict.split(";")[0]
    if says:
        assert start == ("B predicts better" if gap > 0 else "A predicts better")
    else:
        assert start == "no difference in prediction that this data can show"


def test_nested_hypotheses_get_two_clauses() -> None:
    found = pair(1.0, 0.1, evidence=-2.0)
    assert found.nested == "B"
    first, *second = found.verdict.split("; ")
    assert first == "no difference in prediction that this data can show"
    words = "; ".join(second)
    assert "B adds a -> b (0.300 [0.100, 0.500], 90 % interval excludes 0)" in words
    assert "against needing it" in words
    assert "log Bayes factor -2.0 (-2.0 to -2.0 over the prior sweep)" in words


def test_each_clause_says_what_it_is_about_and_rests_on() -> None:
    first, second = pair(1.0, 0.1, evidence=-2.0).clauses
    assert (first.kind, first.hypotheses, first.nodes, first.arrows) == ("no difference", (), ("b",), ())
    assert (second.kind, second.hypotheses, second.nodes, second.arrows) == ("extra", ("B",), ("b",), (("a", "b"),))
    better, _ = pair(40.0, 1.0).clauses
    assert (better.kind, better.hypotheses, better.text) == ("better", ("B",), "B predicts better")
    (failed,) = pair(50.0, 0.1, sampled_well=False).clauses
    assert (failed.kind, failed.hypotheses) == ("not ranked", ("B",))


def test_the_clauses_make_the_verdict_of_the_contract() -> None:
    found = pair(1.0, 0.1, evidence=-2.0)
    assert found.to_dict()["verdict"] == found.verdict == "; ".join(clause.text for clause in found.clauses)
    assert "clauses" not in found.to_dict()


def test_a_sweep_that_crosses_zero_depends_on_the_prior() -> None:
    a = rival("A", APART, {"a": SHARED, "b": block("b0", -200, -210, sweep=(-210.0, -210.0, -210.0))}, group=0)
    b = rival("B", JOINED, {"a": SHARED, "b": block("b1", -200, -210, sweep=(-211.0, -210.0, -208.0))}, group=1,
              edges=(edge("a", "b", 1, -1, 2),))  # fmt: skip
    found = all_differences([a, b])[0]
    assert found.log_bayes_factor_sweep == (1.0, 0.0, -2.0)
    assert "depends on the prior" in found.verdict
    assert "holds 0" in found.verdict


def test_members_of_one_class_are_never_ranked() -> None:
    a = rival("A", JOINED, {"a": SHARED, "b": block("b0", -200.0, -210.0)}, group=0)
    b = rival("B", CausalGraph(("a", "b"), (("b", "a"),)), {"a": SHARED, "b": block("b1", -100.0, -110.0)}, group=0)
    found = all_differences([a, b])[0]
    assert found.same_class
    assert "predicts better" not in found.verdict
    assert "due to the assumed families and forms" in found.verdict


def test_failed_gates_and_dependent_rows_give_no_rank() -> None:
    found = pair(50.0, 0.1, sampled_well=False)
    assert found.verdict == "not ranked: B failed a gate"
    assert found.log_bayes_factor is None
    found = pair(50.0, 0.1, scored_well=False)
    assert found.elpd is None
    assert found.by_node == {}
    a = rival("A", APART, {"a": SHARED, "b": block("b0", -200.0, -210.0)}, group=0)
    b = rival("B", JOINED, {"a": SHARED, "b": block("b1", -100.0, -110.0)}, group=1, edges=(edge("a", "b", 1, 0, 2),))
    assert all_differences([a, b], dependent=True)[0].verdict == "no verdict: the rows are not exchangeable"


def test_a_missing_sweep_or_evidence_is_null() -> None:
    a = rival("A", APART, {"a": SHARED, "b": block("b0", -200.0, -210.0, sweep=None)}, group=0)
    b = rival("B", JOINED, {"a": SHARED, "b": block("b1", -200.0, np.nan)}, group=1, edges=(edge("a", "b", 1, 0, 2),))
    c = rival("C", JOINED, {"a": SHARED, "b": block("b2", -200.0, -211.0)}, group=1, edges=(edge("a", "b", 1, 0, 2),))
    found = {(d.a, d.b): d for d in all_differences([a, b, c])}
    assert found["A", "B"].log_bayes_factor is None
    assert found["A", "C"].log_bayes_factor == pytest.approx(1.0)
    assert found["A", "C"].log_bayes_factor_sweep is None


def test_different_families_of_one_column_are_seen_and_are_not_nested() -> None:
    a = rival("A", APART, {"a": SHARED, "b": block("b0", -200.0, -210.0)}, group=0)
    b = rival("B", JOINED, {"a": SHARED, "b": block("b1", -100.0, -110.0)}, group=1, families={"b": "StudentT"})
    assert families_differ(a.fit, b.fit) == ("b",)
    assert all_differences([a, b])[0].nested is None


def test_rows_of_one_cluster_count_together() -> None:
    """Copies of rows: the sum is m times as large, and so is its error, not the root of m times."""
    alone = np.random.default_rng(0).normal(size=100)
    clusters = np.tile(np.arange(100), 4)
    copied = np.tile(alone, 4)
    wider = (stats.t.ppf(0.975, 99) / stats.norm.ppf(0.975)) ** 2
    expected = wider * 100 / 99 * 16 * np.sum((alone - alone.mean()) ** 2)
    assert sampling_variance(copied, clusters) == pytest.approx(expected)
    assert sampling_variance(copied) == pytest.approx(400 * copied.var(ddof=1))
    assert sampling_variance(alone, np.arange(100)) >= sampling_variance(alone)
    assert sampling_variance(alone, np.zeros(100, dtype=np.intp)) == np.inf
    assert sampling_variance(alone[:1]) == 0.0


def test_two_forms_of_one_graph_are_rivals_in_form_alone() -> None:
    a = rival("A", JOINED, {"a": SHARED, "b": block("b0", -100.0, -110.0)}, group=0)
    b = rival("B", JOINED, {"a": SHARED, "b": block("b1", -200.0, -210.0)}, group=0)
    found = all_differences([a, b])[0]
    assert found.same_class
    assert found.verdict.startswith("the same arrows: they differ in form or family alone; left-out rows")
    assert "no observational data" not in found.verdict
    assert "predicts better" not in found.verdict
