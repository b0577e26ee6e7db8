"""What a column probably is: its kind, with a reason in plain words.

Kinds are guessed from values and, for identifiers, years and counts, from the name; the guess
is shown with its reason and a user can change it.
"""

from __future__ import annotations

import re
from math import lgamma

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.data.dates import date_format
from core.data.levels import factorize, natural_order, number_text
from core.data.places import shown
from core.data.units import COUNTED
from core.words import number

__all__ = ["FEWEST_FOR_COUNT", "FEW_VALUES", "TINY", "UNDERDISPERSED", "infer_kind"]

FloatArray = NDArray[np.float64]

_ID_NAME = re.compile(r"(?i:^(id|uuid|guid|rownames|row_?(id|nr|no|num|number))$|[_ .-](id|uuid|guid)$)|[a-z](Id|ID)$")
_YEAR_NAME = re.compile(r"(?i)^(year|yr|jahr)$|[_ .-](year|yr)$")
_TIME_NAME = re.compile(r"(?i)^(t|time|day|week|month|quarter|period|step|wave|round|trial)$|[_ .-](day|week|month)$")
# "visits", "n_children", "number of calls": what is counted may keep clear of 0.
_MEASURED_NAME = re.compile(
    r"(?i)(^|[_ .-])(age|weight|height|bmi|temperature|pressure|mmhg|kg|cm|mm|mg|bpm)($|[_ .-])"
)
_COUNT_NAME = re.compile(
    r"(?i)(^|[_ .-])(n|no|nr|num|number|count|counts|visits|visitors|clicks|calls|cases|deaths|births|accidents|events"
    r"|children|orders|purchases|sessions|views|downloads|claims|citations|goals|species|trips)($|[_ .-])"
)
_FEWEST_FOR_ID = 10
_FEW_YEARS = 6
# Counts are seldom all multiples of 5; weights, distances and prices that were rounded are.
_COARSE = 5
_FEWEST_FOR_STEP = 20
_MOST_LEVELS = 50
# Whole numbers up to here are exact as floats.
_EXACT = 2**53

FEWEST_FOR_COUNT = 10
"""From so many values on it is asked whether whole numbers vary as counts do."""

UNDERDISPERSED = 0.8
"""Whole numbers whose variance is under this many times their mean are no counts."""

_CHANCE = 2.81  # one-sided, once in 400
_ENOUGH = 100  # values from which on what chance does is allowed for
_OUTSIDE, _OUTSIDE_FEW = 6.5, 5.0  # values expected outside the range that was seen; of few numbers
_CLEAR_OF_ZERO = 3
_VARIES_MORE = 1.5  # times the mean

FEW_VALUES = 7
"""Up to so many whole numbers that are no counts are grades (an ordered category)."""

TINY = 0.05
"""Positive numbers that stay under this are taken for amounts, not for shares."""


def infer_kind(series: pd.Series, unit: str = "") -> tuple[str, str]:
    """Guess a column's kind, and say why.

    Parameters
    ----------
    series : Series
        Values as read; its name counts too (``id``, ``year``).
    unit : str
        What its values are measured in, as the file says; what has a unit is measured, not counted.

    Returns
    -------
    kind : str
        One of :data:`core.hypothesis.KINDS`.
    reason : str
        In plain words.
    """
    name = str(series.name)
    values = series.dropna()
    if values.empty:
        return "real", "all values are missing"
    if isinstance(values.dtype, pd.CategoricalDtype):
        return _infer_categorical(values)
    if pd.api.types.is_datetime64_any_dtype(values):
        return "date", "dates"
    if pd.api.types.is_bool_dtype(values):
        return ("binary", "true or false") if values.nunique() > 1 else ("category", "the same value in every row")
    if pd.api.types.is_integer_dtype(values) and values.nunique() > 2 and values.abs().max() >= _EXACT:
        return "identifier", "whole numbers of more than 15 digits, as codes are"
    if pd.api.types.is_numeric_dtype(values):
        return _infer_numeric(name, values.to_numpy(dtype=np.float64), unit)
    return _infer_text(name, values)


def _infer_numeric(name: str, values: FloatArray, unit: str) -> tuple[str, str]:
    values = values[np.isfinite(values)]
    if values.size == 0:
        return "real", "no value is a finite number"
    distinct = np.unique(values)
    low, high, many = distinct[0], distinct[-1], len(distinct)
    if many == 2 and (set(distinct) == {0.0, 1.0} or values.size >= 5):
        return "binary", f"two values, {number_text(low)} and {number_text(high)}"
    if np.all(distinct == np.floor(distinct)):
        if unit and unit not in COUNTED:
            return "positive" if low > 0 else "real", f"whole numbers with a unit ({unit}), so an amount"
        return _names_rows(name, values, distinct) or _infer_whole(name, values, distinct)
    if low > 0 and high < 1:
        if high < TINY:
            return (
                "positive",
                f"all values are above 0 and under {TINY:g}, so amounts in a large unit rather than shares",
            )
        return "proportion", "all values lie between 0 and 1"
    if low >= 0 and high <= 1:
        return "real", "values from 0 to 1 that touch 0 or 1, which a proportion cannot"
    if low > 0:
        return "positive", "all values are above 0"
    return "real", "numbers, some of them 0" if low == 0 else "numbers, some of them below 0"


def _names_rows(name: str, values: FloatArray, distinct: FloatArray) -> tuple[str, str] | None:
    """Return the kind of whole numbers that name rows, or years; None if they measure or count."""
    low, high, many = distinct[0], distinct[-1], len(distinct)
    if many == values.size and many > 1 and _ID_NAME.search(name):
        return "identifier", "whole numbers that are all different, under a name of an identifier"
    if many > 2 and _ID_NAME.search(name):
        return "identifier", "its name is that of an identifier"
    in_step = many == values.size >= _FEWEST_FOR_ID and bool(np.all(np.diff(values) == 1)) and low in (0, 1)
    if in_step and not _TIME_NAME.search(name):
        return "identifier", f"numbers the rows, {low:.0f} to {high:.0f}"
    if _YEAR_NAME.search(name) and many > 2 and low >= 1500 and high <= 2200:
        if many <= _FEW_YEARS and values.size >= 5 * many:
            return "category", f"a few years, {low:.0f} to {high:.0f}, each of many rows"
        return "date", f"years, {low:.0f} to {high:.0f}"
    return None


def _infer_whole(name: str, values: FloatArray, distinct: FloatArray) -> tuple[str, str]:
    """Tell counts from amounts and grades that are written as whole numbers (docs/statistics.md, Models)."""
    low, high, many = distinct[0], distinct[-1], len(distinct)
    step = int(np.gcd.reduce(distinct.astype(np.int64))) if high < _EXACT and low > -_EXACT else 1
    if step >= _COARSE and values.size >= _FEWEST_FOR_STEP:
        kind = "positive" if low > 0 else "real"
        return kind, f"whole numbers that are all multiples of {step:,}, so a rounded amount rather than a count"
    if low < 0:
        return "real", "whole numbers, some below 0"
    against = _no_count(name, values) if many > 1 and values.size >= FEWEST_FOR_COUNT else ""
    if not against and many > FEW_VALUES and _MEASURED_NAME.search(name):
        return "real", "whole numbers under the name of something measured, so an amount rather than a count"
    if not against:
        return "count", "whole numbers from 0 up; choose positive or real if they measure an amount"
    if many <= FEW_VALUES:
        return "ordered", f"{many} whole numbers, {low:.0f} to {high:.0f}, and {against}: grades rather than a count"
    return "real", f"whole numbers, and {against}: an amount rather than a count"


def _no_count(name: str, values: FloatArray) -> str:
    """Return what speaks against a count, in words; empty if nothing does.

    Three things do, found together in under one percent of true Poisson columns of 100 values or more:

    - a variance under :data:`UNDERDISPERSED` times the mean, by more than chance does it (the index of dispersion is
      chi-squared over its degrees of freedom: Fisher 1925; under 0.66 with 100 values, under 0.8 from 350 on). With
      fewer than 100 values chance is no excuse: a grade taken for a count misleads more than the other way about;
    - a range so tight that a Poisson of this mean would have had :data:`_OUTSIDE` values outside it: even grades from
      1 to 7 vary as much as counts of their mean, but have neither 0 nor 8;
    - no value near 0, in a column that varies more than a Poisson: the lowest is 3 or more, and over two standard
      deviations of a Poisson of this mean. Ages and scores keep clear of 0 like that. A Poisson of mean 60 does too,
      but varies as a Poisson; a column that is called a count may.
    """
    mean, variance, low, high = (float(v) for v in (values.mean(), values.var(ddof=1), values.min(), values.max()))
    if variance < min(UNDERDISPERSED, _least_dispersion(values.size)) * mean:
        return f"they vary less than a count would (variance {number(variance)}, mean {number(mean)})"
    if _COUNT_NAME.search(name):
        return ""
    outside = values.size * _outside(low, high, mean)
    if outside >= (_OUTSIDE_FEW if high - low < FEW_VALUES else _OUTSIDE):
        return f"none is under {low:.0f} or over {high:.0f}, where about {outside:.0f} of a count would be"
    if low >= _CLEAR_OF_ZERO and low > 2 * np.sqrt(mean) and variance > _VARIES_MORE * mean:
        return f"none is near 0 (the lowest is {low:.0f})"
    return ""


def _least_dispersion(many: int) -> float:
    """Return what variance / mean of a Poisson falls under once in 400 columns (Wilson & Hilferty 1931)."""
    if many < _ENOUGH:
        return 1.0
    part = 2.0 / (9.0 * (many - 1))
    return float((1.0 - part - _CHANCE * np.sqrt(part)) ** 3)


def _outside(low: float, high: float, mean: float) -> float:
    """Return the probability that a Poisson lies under ``low`` or over ``high``; 0 where the range is wide."""
    if high - low > 12.0 * np.sqrt(mean) + 12.0:
        return 0.0
    inside = np.arange(low, high + 1.0)
    steps = np.log(mean) - np.log(np.maximum(inside[1:], 1.0))
    first = low * np.log(mean) - mean - lgamma(low + 1.0)
    return max(0.0, 1.0 - float(np.exp(first + np.concatenate([[0.0], np.cumsum(steps)])).sum()))


def _infer_text(name: str, values: pd.Series) -> tuple[str, str]:
    _, uniques = factorize(values, "")
    many = len(uniques)
    if many > 2 and date_format(pd.Series(uniques)) is not None:
        return "date", "dates"
    if many == 2:
        return "binary", f"two values, {shown(sorted(uniques)[0])} and {shown(sorted(uniques)[1])}"
    if many > 1 and _ID_NAME.search(name):
        return "identifier", "its name is that of an identifier"
    if many == values.size >= _FEWEST_FOR_ID:
        return "identifier", "text that differs in every row"
    if many > _MOST_LEVELS and many > values.size / 2:
        return "identifier", f"text with {many} different values in {values.size} rows"
    if many == 1:
        return "category", "the same text in every row"
    if natural_order(uniques):
        return "category", f"text with {many} different values; choose ordered if their order matters"
    return "category", f"text with {many} different values"


def _infer_categorical(values: pd.Series) -> tuple[str, str]:
    used = values.cat.remove_unused_categories().cat.categories
    if len(used) == 2:
        return "binary", f"two values, {shown(used[0])} and {shown(used[1])}"
    if len(used) > 2 and values.cat.ordered:
        return "ordered", "the file says that these categories have an order"
    return "category", f"a category with {len(used)} different values"
