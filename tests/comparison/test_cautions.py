"""What must be said of an effect, in words, on facts made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.comparison.cautions import beside_effect, effect_cautions
from core.comparison.facts import ColumnFacts, Elpd, Evidence
from core.comparison.result import HypothesisFacts
from core.effects.opinions import Estimated, Overlap, SecondOpinion
from core.effects.robustness import Benchmark, Robustness
from core.effects.total import Effect
from core.fit.gates import GateReport

COLUMNS = {
    "x": ColumnFacts("x", "real", 0, "Training", ""),
    "y": ColumnFacts("y", "real", 0, "Earnings", "USD"),
    "b": ColumnFacts("b", "binary", 0, "Bought", "", ("no", "yes")),
}
PLAIN = Effect("x", "y", True, "mean", 1.0, 0.1, 0.8, 1.2)
AWAY = SecondOpinion("partialling out", "own", "mean", Estimated(2.1, 0.5), 0.3, 0.6)
NEAR = SecondOpinion("partialling out", "own", "mean", Estimated(1.1, 0.2), 1.0, 0.2)
LACKS = Overlap(0.34, 500, "own", "mean", Estimated(0.5, 0.1))


def facts(name: str, *effects: Effect) -> HypothesisFacts:
    gates = GateReport(True, None, None, None, None)
    return HypothesisFacts(name, (), (), (), Elpd(-1, 1, 1, None), Evidence(-1, 0), 0, gates, (), (), effects)


def said(**effects: Effect) -> list[str]:
    return effect_cautions([facts(name, effect) for name, effect in effects.items()], ("x", "y"), COLUMNS)


def test_nothing_is_said_where_nothing_is_wrong() -> None:
    fine = replace(PLAIN, overlap=Overlap(0.04, 500, "own"), second=NEAR)
    assert said(A=PLAIN, B=fine) == []
    assert effect_cautions([facts("A", replace(PLAIN, second=AWAY))], ("y", "x"), COLUMNS) == []


def test_a_gap_is_said_once_for_those_that_share_it() -> None:
    away = replace(PLAIN, second=AWAY)
    assert said(A=away, B=PLAIN, C=away) == [
        "If A or C is right, the answer depends on the form of the model: a regression that may bend gives +2.10 "
        "[1.28, 2.92], where the model's is +0.300."
    ]


def test_who_has_nobody_to_compare_with_is_said_with_the_effect_among_the_others() -> None:
    (words,) = said(A=replace(PLAIN, overlap=LACKS, second=AWAY))  # no gap: there was nothing to compare
    assert words == (
        "If A is right, for 34 % of rows there is nobody to compare with: rows like them are as good as never seen at "
        "the other value of Training; among the others the effect is +0.500 [0.336, 0.664]."
    )
    (words,) = said(A=replace(PLAIN, overlap=Overlap(0.2, 500, "own", low="red", high="blue")))
    assert words.endswith("never seen at Training = red or blue.")


def test_a_curve_is_said() -> None:
    (words,) = said(B=replace(PLAIN, second=replace(NEAR, p_curve=1e-4)))
    assert words.startswith("Training acts on Earnings in a curve if B is right")


def test_a_chance_is_in_counts_and_a_ratio_a_factor() -> None:
    chance = replace(PLAIN, outcome="b", second=replace(AWAY, estimate=Estimated(0.2, 0.01), reported=0.1, joint=0.01))
    (words,) = effect_cautions([facts("A", chance)], ("x", "b"), COLUMNS)
    assert "gives +20.0 [18.4, 21.6] in 100, where the model's is +10.0 in 100" in words
    log = replace(AWAY, scale="ratio", estimate=Estimated(np.log(2), 0.1), reported=np.log(1.2), joint=0.1)
    (words,) = said(A=replace(PLAIN, scale="median", second=log))
    assert "gives ×2.00 [1.70, 2.36], where the model's is ×1.20" in words


def test_one_opinion_of_several_models_is_one_sentence() -> None:
    other = replace(PLAIN, second=replace(AWAY, reported=0.9))
    (words,) = said(A=replace(PLAIN, second=AWAY), B=other, C=other)
    assert words.startswith("If A, B or C is right, the answer depends on the form of the model")
    assert words.endswith("where the models' are +0.300 and +0.900.")


def test_a_gap_on_the_mean_alone_is_said_of_the_mean() -> None:
    both = replace(NEAR, scale="ratio", estimate=Estimated(0.1, 0.1), reported=0.1, on_mean=AWAY)
    (words,) = said(A=replace(PLAIN, scale="median", second=both))
    assert "gives +2.10 [1.28, 2.92] on the mean, where" in words


@pytest.mark.parametrize(
    ("value", "level", "mean", "spoken"),
    [(0.04, 0.01, 1.0, True), (0.04, 0.0, 1.0, False), (0.2, 0.1, 1.0, False), (0.04, 0.01, -1.0, False)],
)
def test_a_fragile_effect_is_said_where_there_is_one(value: float, level: float, mean: float, spoken: bool) -> None:
    robust = Robustness(1.0, 0.1, 3000, value, level, 0.01)
    effect = replace(PLAIN, mean=mean, q05=mean - 0.2, q95=mean + 0.2, robustness=robust)
    words = said(A=effect)
    assert bool(words) is spoken
    if spoken:
        assert words == [
            "Something unmeasured that explains 4 % of what is left of both Training and Earnings would take the "
            "effect to zero if A is right."
        ]


@pytest.mark.parametrize(
    ("left", "possible", "words"),
    [
        (0.7, False, None),
        (0.3, False, "would take over half of the effect"),
        (0.3, True, "could be all there is to the effect"),
        (-0.4, True, "could be all there is to the effect"),
    ],
)
def test_a_cause_as_strong_as_a_measured_one_is_said_where_it_would_matter(
    left: float, possible: bool, words: str | None
) -> None:
    robust = Robustness(1.0, 0.1, 300, 0.4, 0.3, 0.2, Benchmark("z", 0.1, 0.2, left, possible))
    found = said(A=replace(PLAIN, robustness=robust), B=replace(PLAIN, robustness=robust))
    start = "Something unmeasured that acts on both Training and Earnings as strongly as z does"
    expected = f"{start} {words} if A or B is right."
    assert found == ([] if words is None else [expected])
    assert said(A=replace(PLAIN, mean=0.0, q05=-0.1, q95=0.1, robustness=robust)) == []


@pytest.mark.parametrize(
    ("left", "possible", "words"),
    [(0.7, False, "70 % of it"), (0.3, True, "30 % of it or nothing"), (-0.4, True, "nothing of it")],
)
def test_what_it_would_leave_stands_beside_the_effect(left: float, possible: bool, words: str) -> None:
    robust = Robustness(1.0, 0.1, 300, 0.4, 0.3, 0.2, Benchmark("z", 0.1, 0.2, left, possible))
    (found,) = beside_effect(replace(PLAIN, robustness=robust), COLUMNS)
    assert found.endswith(f"40 % of what is left of both; one as strong as z would leave {words}")


def test_all_of_it_stands_below_the_picture() -> None:
    effect = replace(PLAIN, overlap=LACKS, second=NEAR, robustness=Robustness(1.0, 0.1, 100, 0.4, 0.3, 0.2))
    assert beside_effect(effect, COLUMNS) == [
        "for 34 % of rows there is nobody to compare with at the other value of Training; among the others +0.500 "
        "[0.336, 0.664]",
        "a regression that may bend gives +1.10 [0.771, 1.43], near enough to the model’s +1.00",
        "zero if something unmeasured explains 40 % of what is left of both",
    ]
    away = replace(effect, overlap=Overlap(0.0, 9, "own"), second=replace(AWAY, p_curve=0.0, on_mean=AWAY))
    first, second, _ = beside_effect(away, COLUMNS)
    assert first == "every row has others to compare with"
    assert "depends on the form of the model" in second
    assert second.endswith("the effect is a curve, not a straight line")
    assert beside_effect(replace(PLAIN, second_reason="too few rows"), COLUMNS) == ["no second opinion: too few rows"]
    nothing = Effect("x", "y", True, "mean", 0.0, 0.0, 0.0, 0.0, second_reason="no path leads there")
    assert beside_effect(nothing, COLUMNS) == []  # the picture says so


def test_no_word_is_one_that_must_not_be_said() -> None:
    words = " ".join(said(A=replace(PLAIN, second=replace(AWAY, p_curve=0.0)), B=replace(PLAIN, overlap=LACKS)))
    assert "signific" not in words
    assert "\0" not in words
