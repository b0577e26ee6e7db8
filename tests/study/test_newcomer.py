"""What to expect of somebody new: against what the coefficients say, in words, and what is refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.check.shape import Shape
from core.data.dataset import Dataset
from core.effects.settings import Setting
from core.errors import ModelError, UsageError
from core.hypothesis import Hypothesis
from core.study import compare, reopen
from core.study.acting import Acting, acting_on
from core.study.forecast import Forecast
from core.study.imagined_words import sentences_of
from core.study.newcomer import expected_of_new, typical, wanted_of_new
from core.study.newcomer_words import newcomer_said

ROWS = 400
TEXT = "dag { age -> {x y} x -> m m -> {y sick} x -> y y -> income c -> income y -> c }"


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    age = rng.normal(50, 10, ROWS).round(1)
    x = 0.05 * age + rng.normal(size=ROWS)
    m = 0.8 * x + rng.normal(size=ROWS)
    y = 20 + 1.5 * x + m + 0.2 * age + 0.7 * rng.normal(size=ROWS)
    sick = np.where(rng.random(ROWS) < 1 / (1 + np.exp(2 - m)), "yes", "no")
    c = np.array(["low", "mid", "high"])[np.clip((y - 28 + 3 * rng.normal(size=ROWS)) // 6 + 1, 0, 2).astype(int)]
    income = np.exp(1 + 0.05 * y + 0.3 * rng.normal(size=ROWS))
    return pd.DataFrame({"age": age, "x": x, "m": m, "y": y, "sick": sick, "c": c, "income": income})


@pytest.fixture(scope="module")
def acting() -> Acting:
    dataset = Dataset.from_frame(frame())
    drawn = [Hypothesis.from_dagitty(TEXT, "A"), Hypothesis.from_dagitty(TEXT.replace("x -> m", ""), "B")]
    return acting_on(reopen(compare(dataset, drawn), dataset))


def said(acting: Acting, answer: Forecast, outcome: str) -> str:
    columns = {column.name: column for column in acting.comparison.data.columns}
    facts = next(one for one in acting.comparison.hypotheses if one.name == answer.name)
    return " ".join(newcomer_said(answer, facts, columns, (Setting("x", 1.0), Setting("x", 3.0)), outcome))


def test_it_is_the_regression_at_what_was_typed(acting: Acting) -> None:
    found = expected_of_new(acting, {"age": 60.0, "m": 1.0}, "x", (1.0, 3.0), "y")
    for answer, slope, sd in zip(found.forecasts, (2.3, 1.5), (np.hypot(1.0, 0.7), 0.7), strict=True):
        low, high = answer.predictions
        assert low.average
        assert low.row
        assert high.average
        assert answer.contrast
        at = 20 + slope * 1 + 12 + (0 if answer.name == "A" else 1.0)
        assert low.average["mean"] == pytest.approx(at, abs=0.4)
        assert answer.contrast["mean"] == pytest.approx(2 * slope, abs=0.35)
        assert high.average["mean"] - low.average["mean"] == pytest.approx(answer.contrast["mean"], abs=0.02)
        assert low.row["sd"] == pytest.approx(sd, rel=0.15)
        assert low.average["sd"] < 0.4 * low.row["sd"]
    assert "m follows from x under A: what was typed counts for the others" in found.told


def test_what_is_asked_is_what_an_answer_depends_on(acting: Acting) -> None:
    assert wanted_of_new(acting, "x", "y") == ("age", "m")
    assert wanted_of_new(acting, "age", "x") == ()
    usual = typical(acting)
    assert usual["age"] in acting.raw["age"]
    assert usual["c"] == np.bincount(acting.raw["c"].astype(int)).argmax()


def test_every_kind_of_outcome_is_said(acting: Acting) -> None:
    typed = {"age": 50.0, "m": 1.0}
    a, b = (said(acting, one, "sick") for one in expected_of_new(acting, typed, "x", (1.0, 3.0), "sick").forecasts)
    assert "in 100 like this have sick = yes" in a
    assert "none: no path leads there" in b
    of_levels = said(acting, expected_of_new(acting, typed, "x", (1.0, 3.0), "c").forecasts[0], "c")
    assert "c is to be expected at" in of_levels
    income = said(acting, expected_of_new(acting, typed, "x", (1.0, 3.0), "income").forecasts[0], "income")
    assert "in the middle of all like this" in income
    withheld = Forecast("A", True, "sampling of y did not pass its checks", "mean")
    assert said(acting, withheld, "y") == "Held back: sampling of y did not pass its checks."


def test_a_family_that_does_not_fit_is_said_in_the_same_sentence(acting: Acting) -> None:
    facts = acting.comparison.hypotheses[0]
    flagged = replace(facts, shapes=(Shape("y", "skew", None, 1.0, 0.0, 0.0, True, way="right", given="Normal"),))
    answer = expected_of_new(acting, {"age": 50.0, "m": 1.0}, "x", (1.0, 3.0), "y").forecasts[0]
    columns = {column.name: column for column in acting.comparison.data.columns}
    last = newcomer_said(answer, flagged, columns, (Setting("x", 1.0), Setting("x", 3.0)), "y")[-1]
    assert "; this rests on a model that does not fit there (" in last
    row = acting.reopened.counterfactual("A", {"x": 3.0}, row=1)
    of_row = sentences_of(row, acting.reopened.dataset, flagged)
    resting = [line for line in of_row if "rests on a model that does not fit there" in line]
    assert any(", y would have been" in line for line in resting)
    assert not any(", m would have been" in line for line in resting)
    assert not any(
        "rests on" in line for line in sentences_of(row, acting.reopened.dataset, facts) if ", y would" in line
    )


def test_straight_lines_are_told_from_the_rest(acting: Acting) -> None:
    row = acting.reopened.counterfactual("A", {"x": 3.0}, row=1)
    assert {"m", "y"} <= set(row.straight)
    assert "sick" not in row.straight
    assert row.to_dict()["straight"] == list(row.straight)
    text = " ".join(sentences_of(row, acting.reopened.dataset))
    assert "The intervals are what is unknown about the average strengths (90 %)" in text
    assert "in every such row by the same amount (straight lines)" in text


def test_what_cannot_be_is_refused(acting: Acting) -> None:
    with pytest.raises(UsageError, match="nothing is said of age"):
        expected_of_new(acting, {"m": 1.0}, "x", (1.0, 3.0), "y")
    with pytest.raises(ModelError, match="would be 7"):
        expected_of_new(acting, {"age": 50.0, "m": 1.0, "c": 7.0}, "x", (1.0, 3.0), "y")
