"""The sentences on prediction: who is better, by how much, and by which sign."""

import pytest

from core.check.rows import Dependence
from core.comparison.result import ClassFacts, Difference
from core.comparison.verdict import verdict


def group(*members: str, evidence: float) -> ClassFacts:
    return ClassFacts(members, evidence, None, None)


def gap(a: str, b: str, elpd: float, se: float, *, same: bool = False) -> Difference:
    return Difference(a, b, elpd, se, {}, 0.0, None, same, "")


def said(classes: list[ClassFacts], *differences: Difference) -> str:
    return " ".join(verdict((), (), classes, differences, Dependence()))


@pytest.mark.parametrize("elpd", [12.0, -12.0])
def test_the_better_one_is_named_with_a_positive_difference_whichever_stands_first(elpd: float) -> None:
    better, worse = ("A", "B") if elpd > 0 else ("B", "A")
    classes = [group(better, evidence=-10.0), group(worse, evidence=-30.0)]
    for order in (classes, classes[::-1]):
        assert said(order, gap("A", "B", elpd, 2.0)) == f"{better} predicts better than {worse} (elpd +12.0 ± 2.0)."


@pytest.mark.parametrize("elpd", [12.0, -12.0])
def test_where_evidence_and_prediction_disagree_both_are_said(elpd: float) -> None:
    better, worse = ("A", "B") if elpd > 0 else ("B", "A")
    assert said([group(better, evidence=-30.0), group(worse, evidence=-10.0)], gap("A", "B", elpd, 2.0)) == (
        f"{better} predicts better than {worse} (elpd +12.0 ± 2.0), while {worse} has the higher evidence: read both."
    )


def test_a_small_difference_keeps_the_sign_of_the_one_that_is_named_first() -> None:
    classes = [group("A", evidence=-30.0), group("B", evidence=-10.0)]
    assert said(classes, gap("A", "B", 3.0, 1.0)) == (
        "Between B and A there is no difference in prediction that this data can show (elpd -3.0 ± 1.0)."
    )


def test_a_class_is_better_only_where_each_member_is_and_by_the_least_of_them() -> None:
    classes = [group("A", "C", evidence=-10.0), group("B", evidence=-30.0)]
    tied = gap("A", "C", 0.0, 0.0, same=True)
    text = said(classes, tied, gap("A", "B", 12.0, 2.0), gap("B", "C", -9.0, 2.0))
    assert "The class A = C predicts better than B (elpd +9.0 ± 2.0)." in text
    text = said(classes, tied, gap("A", "B", 12.0, 2.0), gap("B", "C", -3.0, 2.0))
    assert "Between the class A = C and B there is no difference" in text
    assert "(elpd +3.0 ± 2.0)" in text
