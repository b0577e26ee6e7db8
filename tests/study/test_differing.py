"""Where rivals differ in more than their arrows, in one sentence."""

from dataclasses import replace

from core.hypothesis import Hypothesis
from core.study.bending import bending
from core.study.differing import differing

ONE = Hypothesis.from_dagitty("dag { a -> y b -> y c -> y d -> y }", name="one")


def said(*rivals: Hypothesis, levelled: tuple[str, ...] = (), **usual: str) -> str:
    return differing(dict(zip("ABC", rivals, strict=False)), str.upper, usual, levelled)


def test_nothing_is_said_where_rivals_differ_in_arrows_only() -> None:
    assert said(ONE, replace(ONE, edges=ONE.edges[1:])) == ""
    assert said(bending(ONE), bending(ONE)) == ""


def test_who_lets_what_bend() -> None:
    bent = ONE.with_edge("a", "y", form="auto")
    end = "a difference between them is then also one of form."
    assert said(bent, ONE) == f"A lets A -> Y bend, B does not: {end}"
    assert said(bent, bent, ONE) == f"A and B let A -> Y bend, C does not: {end}"
    assert said(bending(ONE), ONE, ONE) == (f"A lets A -> Y, B -> Y and 2 more arrows bend, B and C do not: {end}")
    assert said(bending(ONE, [("a", "y"), ("b", "y"), ("c", "y")]), ONE) == (
        f"A lets A -> Y, B -> Y and C -> Y bend, B does not: {end}"
    )
    assert said(bent, ONE, levelled=("a",)) == ""


def test_other_forms_scales_and_interactions() -> None:
    smooth = ONE.with_edge("a", "y", form="smooth")
    assert said(smooth, ONE).startswith("A -> Y is a smooth curve in A, a straight line in B: ")
    assert said(ONE.with_edge("a", "y", scale="log"), ONE).startswith(
        "A -> Y is taken per doubling in A, on its own scale in B: "
    )
    assert said(ONE.with_edge("a", "y", by="b"), ONE).startswith("A -> Y differs by B in A, is the same for all in B: ")


def test_what_carries_over() -> None:
    one = ONE.with_edge("a", "y", form="saturating")
    words = "A -> Y carries over for 8 rows in A, takes each row by itself in B: "
    assert said(one.with_edge("a", "y", carry=8), one).startswith(words)


def test_families_links_and_groups() -> None:
    heavy = ONE.with_node("y", family="StudentT")
    assert said(heavy, ONE, y="Normal") == (
        "Y is StudentT in A, Normal in B: a difference between them is then also one of family."
    )
    assert said(heavy, ONE, y="StudentT") == ""  # named, and what the data would say
    assert said(ONE.with_node("y", group="b"), ONE).startswith("Y varies by B in A, does not vary by group in B: ")
    assert "the link probit in A, its usual link in B" in said(ONE.with_node("y", link="probit"), ONE)


def test_past_two_it_counts() -> None:
    far = (
        ONE.with_edge("a", "y", form="auto", by="b").with_edge("c", "y", scale="log").with_node("y", family="StudentT")
    )
    assert said(far, ONE).endswith("; and so in 2 more: a difference between them is then also one of form and family.")
