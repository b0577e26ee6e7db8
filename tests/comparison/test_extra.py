"""What a larger rival adds, in words: arrows with their sizes, and nodes that vary by a group."""

from __future__ import annotations

from core.comparison.arrow_scale import arrow_scale
from core.comparison.extra import Arrow, Extra, expert_words, extra_clause
from core.fit.arrows import EdgeSummary


def added(source: str, target: str, form: str = "linear", mean: float | None = 0.4) -> Arrow:
    ends = (mean, 0.1, None if mean is None else 0.2, None if mean is None else 0.6)
    return Arrow(
        (source, target), EdgeSummary(source, target, *ends, 0.3, 0.9, 0.3, form=form), arrow_scale(None, None)
    )


def words(*arrows: Arrow, bayes: float | None = None) -> str:
    return expert_words(Extra("A", arrows, bayes, bayes or 0.0, bayes or 0.0), str)


SCHOOL = added("school", "score", "group", None)


def test_a_node_that_varies_by_a_group_is_no_arrow() -> None:
    assert words(SCHOOL) == "A lets score vary by school"
    assert words(SCHOOL, bayes=9.0) == "A lets score vary by school, and the data ask for it"
    assert words(SCHOOL, added("school", "hours", "group", None)) == "A lets score and hours vary by school"


def test_beside_arrows_it_stands_after_them() -> None:
    said = words(added("dose", "score"), SCHOOL, bayes=9.0)
    assert said.startswith("A adds dose -> score (+0.400, between ")
    assert said.endswith(") and lets score vary by school, and the data ask for them")
    three = words(*(added(name, "score") for name in "abc"), SCHOOL)
    assert three == "A adds 3 arrows (a -> score and 2 more) and lets score vary by school"


def test_an_arrow_from_a_category_has_an_effect_for_each_level() -> None:
    assert words(added("kind", "score", mean=None)) == "A adds kind -> score (an effect for each level)"


def test_the_analyst_hears_it_alike() -> None:
    clause = extra_clause(Extra("A", (SCHOOL,), 9.0, 8.0, 10.0, True), str)
    assert clause.text.startswith("A lets score vary by school; the evidence is for it: log Bayes factor 9.0")
    assert clause.arrows == (("school", "score"),)
