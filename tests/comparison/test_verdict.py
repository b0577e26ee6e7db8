"""The sentences of the verdict, on facts made by hand."""

from collections.abc import Sequence

import pytest

from core.check.dependence import Dependence
from core.check.predictive import Check
from core.check.tested import IndependenceTest
from core.comparison.differences import all_differences
from core.comparison.facts import Clause
from core.comparison.result import ClassFacts, Comparison, DataFacts, Difference, Elpd, Evidence, HypothesisFacts
from core.comparison.verdict import verdict
from core.fit.gates import GateReport
from core.graph.causal_graph import CausalGraph
from tests.comparison.comparison_cases import block, edge, rival

APART = CausalGraph(("a", "b"))
HOLDS = IndependenceTest("a", "b", (), 0.02, -0.1, 0.1, 0.7, 0.7, 0.7, False)
BROKEN = IndependenceTest("a", "b", ("c",), -0.41, -0.5, -0.3, 1e-6, 1e-6, 0.0, True)
UNTESTED = IndependenceTest("a", "b", ())


def facts(name: str, *tests: IndependenceTest, checks: tuple[Check, ...] = ()) -> HypothesisFacts:
    passed = GateReport(True, None, None, None, None)
    return HypothesisFacts(
        name, (), (), (), Elpd(-1.0, 1.0, 1.0, None), Evidence(-1.0, 0.0), 0, passed, tests, checks, ()
    )


def difference(a: str, b: str, elpd: float, words: str = "") -> Difference:
    return Difference(a, b, elpd, 1.0, {}, 0.0, None, False, (Clause("better", words),))


def said(
    hypotheses: Sequence[HypothesisFacts],
    evidence: Sequence[float | None],
    differences: Sequence[Difference],
    dependence: Dependence | None = None,
) -> str:
    known = all(value is not None for value in evidence)
    rivals = [rival(h.name, APART, {"a": block("s", -1, -1), "b": block("t", -1, -1)}) for h in hypotheses]
    classes = [
        ClassFacts((h.name,), value, 0.9 - 0.4 * number if known else None, None)
        for number, (h, value) in enumerate(zip(hypotheses, evidence, strict=True))
    ]
    return " ".join(verdict(hypotheses, rivals, classes, differences, None, dependence or Dependence(), {}))


def test_a_claim_that_was_not_tested_is_not_called_uncontradicted() -> None:
    words = said([facts("A", UNTESTED)], [-1.0], [])
    assert words == "The claims of A cannot be tested: too few rows are left, or columns that determine one another."


def test_what_is_not_contradicted_beside_what_is_is_not_called_supported() -> None:
    three = [facts("A", BROKEN), facts("B", HOLDS), facts("C")]
    words = said(three, [-1.0, -2.0, -3.0], [difference("A", "B", 1.0), difference("A", "C", 1.0)])
    assert "A is contradicted: it denies a link between a and b, once c is known, that is there" in words
    assert "-0.41 [-0.50, -0.30] on a scale from -1 to 1 is left over." in words
    assert (
        "B is not contradicted (associations over 0.1 are ruled out), which is not the same as supported; C claims"
        in words
    )
    assert "A has probability 0.90, although the data contradict it." in words


def test_where_all_are_contradicted_the_probability_says_so() -> None:
    words = said([facts("A", BROKEN), facts("B", BROKEN)], [-1.0, -2.0], [difference("A", "B", 1.0)])
    assert "If one of these 2 hypotheses is right" in words
    assert "A has probability 0.90; but the data contradict every one of them" in words


def test_a_third_that_predicts_best_is_not_passed_over() -> None:
    """Evidence puts it last, and the next in evidence shows no difference: the best predictor must still be named."""
    three = [facts("A", HOLDS), facts("B", HOLDS), facts("C", HOLDS)]
    pairs = [difference("A", "B", 1.0), difference("A", "C", -20.0), difference("B", "C", -21.0)]
    words = said(three, [-1.0, -2.0, -3.0], pairs)
    assert "C predicts better than A (+20.0 ± 1.0), while A has the higher evidence: read both." in words


def test_missing_evidence_is_no_high_evidence() -> None:
    words = said([facts("A", HOLDS), facts("B", HOLDS)], [None, -500.0], [difference("A", "B", -20.0)])
    assert "B predicts better than A (+20.0 ± 1.0)." in words
    words = said([facts("A", HOLDS), facts("B", HOLDS)], [None, -500.0], [difference("A", "B", 20.0)])
    assert "A predicts better than B (+20.0 ± 1.0)." in words


def test_rows_in_a_sorted_file_get_advice() -> None:
    advice = "If the order of the rows means nothing, shuffle them."
    words = said([facts("A", HOLDS)], [-1.0], [], Dependence(("rows resemble the row before",), (), (advice,)))
    assert words.startswith("No verdict: rows resemble the row before")
    assert words.endswith(advice)


def test_a_semicolon_in_a_name_does_not_cut_a_sentence() -> None:
    found = difference("A; one", "B", 9.0, "A; one predicts better")
    words = said([facts("A; one", HOLDS), facts("B", HOLDS)], [-1.0, -2.0], [found])
    assert "A; one predicts better than B (+9.0 ± 1.0)." in words


@pytest.mark.parametrize(("evidence", "judged"), [(0.2, "next to nothing about it"), (2.0, "is for this arrow")])
def test_a_bayes_factor_not_worth_a_mention_is_none(evidence: float, judged: str) -> None:
    joined = CausalGraph(("a", "b"), (("a", "b"),))
    shared = block("s", -100.0, -100.0)
    sweep = (evidence - 100.1, evidence - 100.0, evidence - 99.9)
    small = rival("A", APART, {"a": shared, "b": block("b0", -100, -100.0, sweep=(-100.0, -100.0, -100.0))})
    blocks = {"a": shared, "b": block("b1", -100, evidence - 100.0, sweep=sweep)}
    large = rival("B", joined, blocks, group=1, edges=(edge("a", "b", 1, 0, 2),))
    assert judged in all_differences([small, large])[0].verdict


def test_a_predictive_p_is_no_finer_than_its_replicates() -> None:
    import numpy as np

    check = Check("a", "skew", 0.9, 0.0, 0.0, True, np.zeros(200))
    one = Comparison(
        DataFacts(50, (), "f", 50),
        (facts("A", HOLDS, checks=(check,)),),
        (ClassFacts(("A",), -1.0, 1.0, 1.0),),
        (),
        ("Words.",),
        (),
        {},
    )
    assert "<0.01" in repr(one)
    assert "<0.001" not in repr(one)
