"""The verdict's order where a question is asked, and its words, on facts made by hand and on small comparisons."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.check.tested import IndependenceTest
from core.comparison.answers import answer_sentences, answers_of, differing, reads_better_wide
from core.comparison.facts import ClassFacts, ColumnFacts, Difference, Elpd, Evidence
from core.comparison.reach import reach_words
from core.comparison.result import HypothesisFacts
from core.comparison.viewing import for_question
from core.data.dataset import Dataset
from core.effects.total import Effect, Quartiles
from core.fit.gates import GateReport
from core.fit.posterior import Contrast
from core.hypothesis import Edge, Hypothesis, Node
from core.study import compare

X, Y = "ads", "sales"
COLUMNS = {
    X: ColumnFacts(X, "real", 0, "Ad spend", "1,000 EUR"),
    Y: ColumnFacts(Y, "real", 0, "Sales", ""),
    "bought": ColumnFacts("bought", "binary", 0, "Bought", "", ("no", "yes")),
    "share": ColumnFacts("share", "proportion", 0, "Share", ""),
    "kind": ColumnFacts("kind", "category", 0, "Kind", "", ("a", "b", "c")),
}


def with_effect(name: str, effect: Effect, passed: bool = True) -> HypothesisFacts:
    gates = GateReport(passed, None, None, None, None)
    return HypothesisFacts(name, (), (), (), Elpd(-1, 1, 1, None), Evidence(-1, 0), 0, gates, (), (), (effect,))


def effect(mean: float | None, spread: float = 0.1, x: str = X, y: str = Y, **more: object) -> Effect:
    ends = (None, None, None) if mean is None else (spread / 1.6, mean - spread, mean + spread)
    return Effect(x, y, more.pop("identified", True), str(more.pop("scale", "mean")), mean, *ends, **more)  # type: ignore[arg-type]


def said(*facts: HypothesisFacts, pair: tuple[str, str] = (X, Y)) -> list[str]:
    return answer_sentences(facts, pair, COLUMNS)


def test_all_answers_stand_in_the_first_sentence_and_equal_ones_once() -> None:
    found = said(
        with_effect("A", effect(1.5)), with_effect("B", effect(3.3)), with_effect("C", effect(0.0, 0.0)),
        with_effect("D", effect(0.0, 0.0)),
    )  # fmt: skip
    assert found[0] == (
        "One more in Ad spend [1,000 EUR] changes Sales by +1.50 [1.40, 1.60] if A is right, +3.30 [3.20, 3.40] if B "
        "is right, and nothing at all if C or D is right."
    )
    assert found[1] == "The answers differ, so it matters which graph is right."


def test_answers_within_each_others_intervals_are_about_the_same() -> None:
    two = with_effect("A", effect(1.5, 0.3)), with_effect("B", effect(1.6, 0.2))
    assert said(*two)[1] == "The answers are about the same, whichever of these graphs is right."
    assert not differing(answers_of(two, (X, Y), COLUMNS))


def test_one_hypothesis_is_not_held_against_others() -> None:
    assert said(with_effect("A", effect(1.5))) == [
        "One more in Ad spend [1,000 EUR] changes Sales by +1.50 [1.40, 1.60] if A is right."
    ]


def test_a_chance_is_said_in_plain_counts() -> None:
    (words, *_) = said(with_effect("A", effect(0.14, 0.04, x="bought", y="bought")), pair=("bought", "bought"))
    assert words == "Bought going from no to yes changes Bought by +14.0 [10.0, 18.0] in 100 if A is right."


def test_a_share_moves_by_a_tenth_and_a_small_unit_from_quartile_to_quartile() -> None:
    (words, *_) = said(with_effect("A", effect(2.0, x="share")), pair=("share", Y))
    assert words.startswith("0.1 more in Share changes Sales by +2.00")
    income = effect(0.0002, 0.0001, quartiles=Quartiles(20_000, 60_000, 8.0, 1.0, 6.0, 10.0))
    facts = [with_effect("A", income)]
    assert reads_better_wide(facts, (X, Y))
    (words, *_) = said(*facts)
    assert words.startswith(
        "Ad spend [1,000 EUR] going from 20,000 to 60,000 (the middle half of the rows) changes Sales"
    )
    assert "by +8.00 [6.00, 10.0] if A is right" in words
    assert not reads_better_wide([with_effect("A", effect(1.0, quartiles=Quartiles(2, 9, 7, 1, 5, 9)))], (X, Y))


def test_of_several_contrasts_the_same_one_is_told_of_all() -> None:
    def by_level(name: str, small: float, large: float) -> HypothesisFacts:
        pair = (
            Contrast("a", "b", small, 0.1, small - 0.1, small + 0.1),
            Contrast("a", "c", large, 0.1, large - 0.1, large + 0.1),
        )
        return with_effect(name, effect(None, x="kind", contrasts=pair))

    (words, *_) = said(by_level("A", 0.5, 2.0), by_level("B", 1.0, -0.2), pair=("kind", Y))
    assert words.startswith("Kind going from a to c (the step that does most) changes Sales by +2.00 [1.90, 2.10] if A")
    assert "-0.200 [-0.300, -0.100] if B is right" in words


def test_what_has_no_number_says_why() -> None:
    words = said(
        with_effect("A", effect(None, identified=False)),
        with_effect("B", effect(None), passed=False),
        with_effect("C", effect(None)),
        with_effect("D", effect(1.0)),
    )[0]
    assert "what cannot be known from this if A is right" in words
    assert "an amount that is held back (a gate failed) if B is right" in words
    assert "an amount that has no mean if C is right" in words


@pytest.mark.parametrize(
    ("low", "high", "size"),
    [(-0.05, 0.09, 0.1), (-0.1, 0.1, 0.1), (0.0, 0.0, 0.05), (-0.21, 0.02, 0.25), (0.2, 0.3, 0.3), (-0.31, 0.0, None)],
)
def test_what_an_interval_rules_out(low: float, high: float, size: float | None) -> None:
    test = IndependenceTest("a", "b", (), 0.0, low, high, 0.5, 0.5, None, False)
    assert test.rules_out == size
    assert test.to_dict()["rules_out"] == size
    assert IndependenceTest("a", "b", ()).rules_out is None


def test_how_far_not_contradicted_reaches_is_the_weakest_claim() -> None:
    def claim(reach: float, contradicted: bool | None = False) -> IndependenceTest:
        return IndependenceTest("a", "b", (), 0.0, -reach, reach, 0.5, 0.5, None, contradicted)

    assert reach_words([claim(0.06), claim(0.14)]) == "associations over 0.15 are ruled out"
    assert reach_words([claim(0.06), claim(0.5)]) == "1 of 2 claims leave room for an association over 0.3"
    assert reach_words([claim(0.5)]) == "its one claim leaves room for an association over 0.3"
    assert reach_words([claim(0.5, None)]) == ""


# -- whole comparisons ----------------------------------------------------------------------------


def graph(name: str, *arrows: str) -> Hypothesis:
    nodes = tuple(Node(n) for n in ("a", "b", "x", "y"))
    return Hypothesis(name, nodes, tuple(Edge(*arrow) for arrow in arrows), exposure="x", outcome="y")


def table(rows: int = 400) -> Dataset:
    rng = np.random.default_rng(8)
    a = rng.normal(size=rows)
    b = 0.9 * a + rng.normal(size=rows)
    x = 0.8 * a + rng.normal(size=rows)
    return Dataset.from_frame(pd.DataFrame({"a": a, "b": b, "x": x, "y": x + 0.7 * a + rng.normal(size=rows)}))


def test_the_order_is_answers_claims_ties_prediction_and_the_rest() -> None:
    found = compare(table(), [graph("A", "ax", "ay", "xy"), graph("B", "ax", "xy"), graph("C", "ax", "ay", "yx", "ab")])
    firsts = [
        next(i for i, one in enumerate(found.sentences) if words in one)
        for words in (
            "changes y by", "The answers differ", "B is contradicted where it matters", "are tied for good",
            "For the question", "for the question.", "all columns better",
        )
    ]  # fmt: skip
    assert firsts == sorted(firsts)
    (tie,) = [one for one in found.sentences if "tied for good" in one]
    assert tie.startswith("A and C are tied for good: no observation can separate them")
    assert "they say different things about the effect" in tie
    assert "an experiment on x would" in tie
    assert "2 claims" not in found.verdict
    for term in ("elpd", "log Bayes", "stacking", "Pareto", "significant", "proves", "best model"):
        assert term not in found.verdict


def test_claims_among_the_background_are_one_line() -> None:
    found = compare(table(), [graph("A", "ax", "ay", "xy"), graph("B", "ax", "xy")])
    assert found.sentences[-1] == "1 claim among background columns fails in both; it does not bear on the question."
    assert not any("between a and b" in one for one in found.sentences)
    assert [len(h.contradicted_beside) for h in found.hypotheses] == [1, 1]
    assert "among background columns, which do not bear on the question: 1 in A, 1 in B" in repr(found)


def test_a_comparison_in_the_questions_scope_is_the_same_facts_with_its_scores() -> None:
    found = compare(table(), [graph("A", "ax", "ay", "xy"), graph("B", "ax", "xy", "ab")])
    seen = for_question(found)
    assert found.question is not None
    assert seen.classes == found.question.classes
    assert seen.differences == found.question.differences
    for one, whole in zip(seen.hypotheses, found.hypotheses, strict=True):
        assert one.implications == whole.bearing
        assert {block.nodes[0] for block in one.blocks} == {"x", "y"}
        assert one.elpd.estimate == pytest.approx(sum(block.elpd or 0.0 for block in one.blocks))
        assert one.effects == whole.effects


def test_facts_of_the_question_come_back_from_the_store() -> None:
    from core.comparison.storage import comparison_from_bytes, comparison_to_bytes

    found = compare(table(), [graph("A", "ax", "ay", "xy"), graph("B", "ax", "xy", "ab")])
    again = comparison_from_bytes(comparison_to_bytes(found))
    assert again.to_dict() == found.to_dict()
    assert again.question == found.question
    assert isinstance(again.question.classes[0], ClassFacts)  # type: ignore[union-attr]
    assert isinstance(again.question.differences[0], Difference)  # type: ignore[union-attr]


def test_per_cent_of_one_with_per_cent_of_the_other_stand_beside_the_answer() -> None:
    percent = {"mean": -0.8, "sd": 0.2, "q05": -1.1, "q95": -0.5}
    (words, *_) = said(with_effect("A", effect(-1.5, percent=percent)))
    assert words == (
        "One more in Ad spend [1,000 EUR] changes Sales by -1.50 [-1.60, -1.40] (1 % more Ad spend: 0.8 % [0.5, 1.1] "
        "fewer Sales) if A is right."
    )


def test_a_comparison_says_so_where_both_work_on_logarithms() -> None:
    rng = np.random.default_rng(1)
    price = np.exp(3 + 0.3 * rng.normal(size=200))
    sales = np.exp(6 - 0.8 * np.log(price) + 0.1 * rng.normal(size=200))
    data = Dataset.from_frame(pd.DataFrame({"price": price, "sales": sales}))
    found = compare(data, [Hypothesis.from_dagitty("dag { price -> sales }", "A")], effects=[("price", "sales")])
    (one,) = found.hypotheses[0].effects
    assert one.percent is not None
    assert one.percent["mean"] == pytest.approx(100 * (1.01**-0.8 - 1), abs=0.06)
    assert one.to_dict()["percent"] == one.percent
    assert "; 1 % more price: 0.7" in found.sentences[0]
    assert "fewer sales) if A is right" in found.sentences[0]
