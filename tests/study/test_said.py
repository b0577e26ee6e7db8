"""What follows from an action in one sentence: every kind of outcome, every sign, no number that is none."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.comparison.amounts import OPEN, percent_said
from core.comparison.facts import ColumnFacts
from core.effects.settings import Setting
from core.fit.posterior import Summary, summary
from core.study.forecast import Forecast, Prediction
from core.study.said import Beside, amount_said, moved_said
from core.words import spanned

COLUMNS = {
    one.name: one
    for one in (
        ColumnFacts("ads", "positive", 0, unit="1,000 EUR a week"),
        ColumnFacts("sales", "positive", 0, unit="1,000 EUR"),
        ColumnFacts("weight", "real", 0, title="body weight", unit="kg"),
        ColumnFacts("visits", "count", 0),
        ColumnFacts("churn", "proportion", 0),
        ColumnFacts("buys", "binary", 0, levels=("no", "yes")),
        ColumnFacts("pain", "ordered", 0, levels=("none", "some", "much")),
        ColumnFacts("region", "category", 0, levels=("north", "south", "west")),
    )
}
ONE = (Prediction(None, None, None, {}),)


def between(low: float, high: float, mean: float | None = None) -> Summary:
    return Summary(mean=(low + high) / 2 if mean is None else mean, sd=(high - low) / 3.3, q05=low, q95=high)


def answer(found: Summary | None = None, name: str = "A", **more: object) -> Forecast:
    return Forecast(name, True, "", more.pop("scale", "mean"), ONE, found, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "outcome", "said"),
    [
        (between(1.31, 1.70, 1.50), "sales", "1.5 [1.3, 1.7] more sales (1,000 EUR)"),
        (between(-1.70, -1.31, -1.50), "sales", "1.5 [1.3, 1.7] fewer sales (1,000 EUR)"),
        (between(-3.0, -1.0), "weight", "2.0 [1.0, 3.0] less body weight (kg)"),
        (between(-0.2, 0.4), "visits", f"between 0.2 fewer and 0.4 more visits: {OPEN}"),
        (between(0.10, 0.18), "buys", "14 [10, 18] more in 100 whose buys is yes"),
        (between(-0.18, -0.10), "buys", "14 [10, 18] fewer in 100 whose buys is yes"),
        (between(0.02, 0.04), "churn", "3.0 [2.0, 4.0] percentage points more churn"),
        (between(0.0, 0.0), "visits", "no change"),
    ],
)
def test_amounts(found: Summary, outcome: str, said: str) -> None:
    assert amount_said(answer(found), COLUMNS, outcome) == said


def test_of_levels_that_whose_chance_moves_most_is_told() -> None:
    by_level = {"none": between(-0.3, -0.2), "some": between(0.01, 0.05), "much": between(0.19, 0.25)}
    said = amount_said(answer(contrasts=by_level), COLUMNS, "pain")
    assert said == "25 [20, 30] fewer in 100 whose pain is none"


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (between(1.08, 1.15, 1.12), "sales 12 % [8, 15] higher (median)"),
        (between(0.85, 0.92, 0.88), "sales 12 % [8, 15] lower (median)"),
        (between(0.97, 1.05), f"sales between 3 % lower and 5 % higher (median): {OPEN}"),
        (between(3.1, 5.3), "4.2 [3.1, 5.3] times the sales (median)"),
    ],
)
def test_a_median_is_told_as_per_cent_or_as_a_factor(ratio: Summary, said: str) -> None:
    assert amount_said(answer(between(1.0, 2.0), scale="median", ratio=ratio), COLUMNS, "sales") == said


def test_per_cent_of_one_with_per_cent_of_the_other() -> None:
    found = between(-1.1, -0.5)
    assert percent_said(found, COLUMNS["sales"]) == "0.8 % [0.5, 1.1] fewer sales"
    beside = Beside(found, "ads")
    said = amount_said(answer(between(-3, -1)), COLUMNS, "sales", beside)
    assert said == "2.0 [1.0, 3.0] fewer sales (1,000 EUR); 1 % more ads: 0.8 % [0.5, 1.1] fewer sales"
    alone = amount_said(answer(between(-3, -1)), COLUMNS, "sales", Beside(found, "ads", all_of_it=True))
    assert alone == "0.8 % [0.5, 1.1] fewer sales"


@pytest.mark.parametrize(
    ("direct", "said"),
    [
        (between(-1.0, -0.2), "2.0 [1.0, 3.0] less body weight (kg), of which 0.6 [0.2, 1.0] directly"),
        (between(0.2, 1.0), "2.0 [1.0, 3.0] less body weight (kg), of which -0.6 [-1.0, -0.2] directly"),
        (between(0.0, 0.0), "2.0 [1.0, 3.0] less body weight (kg), all of it through others"),
        (between(-3.0, -1.0), "2.0 [1.0, 3.0] less body weight (kg), all of it directly"),
    ],
)
def test_what_comes_directly_stands_beside_the_total(direct: Summary, said: str) -> None:
    assert amount_said(answer(between(-3.0, -1.0)), COLUMNS, "weight", Beside(direct=direct)) == said


def test_where_there_is_no_number_the_reason_is_told() -> None:
    nowhere = Forecast("A", True, "no path leads there", "mean", ONE, between(0, 0))
    open_ = Forecast("A", False, "not identified: x is background", "mean")
    failed = Forecast("A", True, "sampling of x did not pass its checks", "mean")
    assert amount_said(nowhere, COLUMNS, "sales") == "none: no path leads there"
    assert amount_said(open_, COLUMNS, "sales") == "cannot be known from this: x is background"
    assert amount_said(failed, COLUMNS, "sales") == "held back: sampling of x did not pass its checks"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([Setting("ads", 6.0)], [Setting("ads", 7.0)], "if ads were 7 instead of 6 (1,000 EUR a week)"),
        ([Setting("buys", 0.0)], [Setting("buys", 1.0)], "if buys were yes instead of no"),
        ([], [Setting("ads", 1.0, "shift")], "1 more ads (1,000 EUR a week)"),
        ([], [Setting("visits", -2.0, "shift")], "2 fewer visits"),
        ([], [Setting("ads", 1.01, "scale")], "1 % more ads"),
        ([], [Setting("ads", 0.9, "scale", where=("region", 1.0))], "10 % fewer ads where region is south"),
        ([], [Setting("ads", 3.0, "scale")], "3 times the ads"),
        ([], [Setting("ads", 7.0)], "if ads were 7 (1,000 EUR a week)"),
        ([], [Setting("weight", 60.0, "spread", 90.0)], "if body weight were anything from 60 to 90 (kg)"),
        (
            [Setting("ads", 6.0), Setting("region", 2.0)],
            [Setting("ads", 7.0), Setting("region", 2.0)],
            "if ads were 7 instead of 6 (1,000 EUR a week), with region held at west",
        ),
    ],
)
def test_what_is_done(before: list[Setting], after: list[Setting], said: str) -> None:
    assert moved_said([before, after], COLUMNS) == said


NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:e[+-]\d+)?")


def numbers(text: str) -> list[float]:
    return [float(one.replace(",", "")) for one in NUMBER.findall(text)]


@given(
    outcome=st.sampled_from(["sales", "weight", "visits", "churn", "buys", "pain"]),
    median=st.booleans(),
    where=st.floats(-1, 1),
    spread=st.floats(1e-6, 1),
    power=st.integers(-6, 6),
    name=st.sampled_from(["A", "all"]),
)
@settings(max_examples=300, deadline=None)
def test_every_sentence_has_its_ends_and_its_direction(
    outcome: str, median: bool, where: float, spread: float, power: int, name: str
) -> None:
    share = outcome in ("churn", "buys", "pain")
    size = 1.0 if share else 10.0**power
    draws = size * (where + spread * np.linspace(-1, 1, 41))
    found = summary(draws)
    if outcome == "pain":
        said = amount_said(answer(contrasts={"much": found}, name=name), COLUMNS, outcome)
    elif median and outcome == "sales":
        found = summary(np.exp(np.clip(draws, -2, 0.9)))
        said = amount_said(answer(found, name=name, scale="median", ratio=found), COLUMNS, outcome)
        found = Summary(mean=found["mean"] - 1, sd=found["sd"], q05=found["q05"] - 1, q95=found["q95"] - 1)
        share = True
    else:
        said = amount_said(answer(found, name=name), COLUMNS, outcome)
    assert "nan" not in said
    assert "inf" not in said
    low, high = ((100 if share else 1) * found[end] for end in ("q05", "q95"))
    if max(abs(low), abs(high)) < 1e-7:
        return
    first = numbers(said.split(":")[0] if "between" in said else said)
    ends = first[:2] if "between" in said else first[1:3]
    width = high - low
    assert sorted(ends) == pytest.approx(sorted((abs(low), abs(high))), abs=0.15 * width + 1e-2 * abs(high))
    more, less = re.search(r"\b(more|higher)\b", said), re.search(r"\b(less|fewer|lower)\b", said)
    assert bool(more) == (high > 0 and abs(high) > 1e-9)
    assert bool(less) == (low < 0 and abs(low) > 1e-9)


@given(low=st.floats(-1e6, 1e6), width=st.floats(1e-3, 1e6), share=st.floats(0, 1))
@settings(max_examples=300, deadline=None)
def test_numbers_of_one_interval_are_rounded_to_one_place_and_keep_their_order(
    low: float, width: float, share: float
) -> None:
    told = spanned(low + share * width, low, low + width)
    mean, first, last = (float(one.replace(",", "")) for one in told)
    assert first <= mean <= last
    assert first == pytest.approx(low, abs=0.15 * width)
    assert last == pytest.approx(low + width, abs=0.15 * width)
    places = {len(one.partition(".")[2]) for one in told if one != "0"}
    assert len(places) <= 1
