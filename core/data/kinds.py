"""What a column is: its kind, with a reason in plain words, and its values as numbers.

Kinds are guessed from values and, for identifiers and years, from the name; the guess is
shown with its reason and a user can change it. A change that the values do not allow is
refused, with the row that stands against it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.data.dataset import Column, Dataset
from core.data.dates import date_format, first_no_date, to_days
from core.data.limits import LIMITS
from core.data.places import column_place, listed, place, shown
from core.data.text import text_to_floats
from core.errors import DataError

__all__ = ["change_kind", "dataset_from_frame", "describe", "infer_kind", "levels_of", "to_numbers", "with_levels"]

FloatArray = NDArray[np.float64]

DISCRETE = ("binary", "category", "ordered")
NUMERIC = ("real", "positive", "proportion", "count")
KINDS = (*NUMERIC, *DISCRETE, "identifier", "date")

_ID_NAME = re.compile(r"(?i:^(id|uuid|guid|rownames|row_?(id|nr|no|num|number))$|[_ .-](id|uuid|guid)$)|[a-z](Id|ID)$")
_YEAR_NAME = re.compile(r"(?i)^(year|yr|jahr)$|[_ .-](year|yr)$")
_TIME_NAME = re.compile(r"(?i)^(t|time|day|week|month|quarter|period|step|wave|round|trial)$|[_ .-](day|week|month)$")
_ORDER_WORDS = (
    ("strongly disagree", "disagree", "neutral", "agree", "strongly agree"),
    ("never", "rarely", "sometimes", "often", "always"),
    ("very low", "low", "medium", "high", "very high"),
    ("very bad", "bad", "fair", "good", "very good", "excellent"),
    ("poor", "fair", "good", "very good", "excellent"),
    ("none", "mild", "moderate", "severe"),
    ("small", "medium", "large"),
)
_FEWEST_FOR_ID = 10
_FEW_YEARS = 6
# Counts are seldom all multiples of 5; weights, distances and prices that were rounded are.
_COARSE = 5
_FEWEST_FOR_STEP = 20
_MOST_LEVELS = 50


# -- guessing --------------------------------------------------------------------------


def infer_kind(series: pd.Series) -> tuple[str, str]:
    """Guess a column's kind, and say why.

    Parameters
    ----------
    series : Series
        Values as read; its name counts too (``id``, ``year``).

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
    if pd.api.types.is_numeric_dtype(values):
        return _infer_numeric(name, values.to_numpy(dtype=np.float64))
    return _infer_text(name, values)


def _infer_numeric(name: str, values: FloatArray) -> tuple[str, str]:
    values = values[np.isfinite(values)]
    if values.size == 0:
        return "real", "no value is a finite number"
    distinct = np.unique(values)
    low, high, many = distinct[0], distinct[-1], len(distinct)
    whole = bool(np.all(distinct == np.floor(distinct)))
    if many == 2 and (set(distinct) == {0.0, 1.0} or values.size >= 5):
        return "binary", f"two values, {_number_text(low)} and {_number_text(high)}"
    if whole:
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
        step = int(np.gcd.reduce(distinct.astype(np.int64))) if high < 2**53 and low > -(2**53) else 1
        if step >= _COARSE and values.size >= _FEWEST_FOR_STEP:
            kind = "positive" if low > 0 else "real"
            return kind, f"whole numbers that are all multiples of {step:,}, so a rounded amount rather than a count"
        if low >= 0:
            return "count", "whole numbers from 0 up; choose positive or real if they measure an amount"
        return "real", "whole numbers, some below 0"
    if low > 0 and high < 1:
        return "proportion", "all values lie between 0 and 1"
    if low >= 0 and high <= 1:
        return "real", "values from 0 to 1 that touch 0 or 1, which a proportion cannot"
    if low > 0:
        return "positive", "all values are above 0"
    return "real", "numbers, some of them 0" if low == 0 else "numbers, some of them below 0"


def _infer_text(name: str, values: pd.Series) -> tuple[str, str]:
    _, uniques = _factorize(values, "")
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
    if _natural_order(uniques):
        return "category", f"text with {many} different values; choose ordered if their order matters"
    return "category", f"text with {many} different values"


def _infer_categorical(values: pd.Series) -> tuple[str, str]:
    used = values.cat.remove_unused_categories().cat.categories
    if len(used) == 2:
        return "binary", f"two values, {shown(used[0])} and {shown(used[1])}"
    if len(used) > 2 and values.cat.ordered:
        return "ordered", "the file says that these categories have an order"
    return "category", f"a category with {len(used)} different values"


# -- values as numbers -----------------------------------------------------------------


def to_numbers(series: pd.Series, column: Column, source: str = "", offset: int | None = None) -> FloatArray:
    """Return a column as numbers, shape (rows,), NaN where missing.

    Discrete kinds give codes into ``column.levels``, dates days since 1970-01-01 (years
    stay years), identifiers their own number, or the rank of their text.

    Raises
    ------
    DataError
        If a value does not belong to the kind, naming row and value.
    """
    if column.kind in DISCRETE:
        return _codes(series, column, source, offset)
    if column.kind == "date":
        days = to_days(series)
        if days is None:
            row = first_no_date(series)
            hint = "Write all dates as 2024-12-31, or choose the kind category."
            raise _not(column, source, "a date written as the others are", hint, series, row, offset)
        return days
    if column.kind == "identifier" and not pd.api.types.is_numeric_dtype(series):
        codes, uniques = _factorize(series, column_place(source, column.name))
        rank = np.argsort(np.argsort(np.asarray(uniques, dtype=object))).astype(np.float64)
        return np.where(codes < 0, np.nan, rank[codes] if len(rank) else np.nan)
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(object)
        series = pd.to_numeric(series) if pd.api.types.infer_dtype(series) in ("integer", "floating") else series
    if pd.api.types.is_datetime64_any_dtype(series):
        return np.asarray(to_days(series))
    if pd.api.types.is_numeric_dtype(series):
        numbers = series.to_numpy(dtype=np.float64, na_value=np.nan).copy()
        numbers[~np.isfinite(numbers)] = np.nan
        return numbers
    numbers, bad = text_to_floats(_texts(series))
    if bad is not None:
        hint = "Correct that cell, leave it empty, or choose the kind category."
        raise _not(column, source, "a number", hint, series, bad, offset)
    return numbers


def _codes(series: pd.Series, column: Column, source: str, offset: int | None) -> FloatArray:
    codes, texts = _factorize(series, column_place(source, column.name))
    index = {text: float(code) for code, text in enumerate(column.levels)}
    found = np.array([index.get(text, np.nan) for text in texts], dtype=np.float64)
    strange = np.flatnonzero(np.isnan(found))
    if len(strange):
        row = int(np.flatnonzero(np.isin(codes, strange))[0])
        what = f"one of {listed(column.levels)}"
        raise _not(column, source, what, "Correct that cell, or choose the kind anew.", series, row, offset)
    return np.where(codes < 0, np.nan, found[codes] if len(found) else np.nan)


def levels_of(series: pd.Series) -> tuple[str, ...]:
    """Return the different values of a column as text, in code order.

    Text sorts as text, numbers by size, false before true; an ordered categorical keeps
    its order. So of two levels of text the one that sorts last is 1.
    """
    if isinstance(series.dtype, pd.CategoricalDtype) and series.cat.ordered:
        used = series.cat.remove_unused_categories().cat.categories
        return tuple(dict.fromkeys(_text(value) for value in used))
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(series.cat.categories.dtype)
    if pd.api.types.is_numeric_dtype(series) or pd.api.types.is_datetime64_any_dtype(series):
        return tuple(_text(value) for value in sorted(series.dropna().unique()))
    return tuple(sorted(_factorize(series, "")[1]))


def _factorize(series: pd.Series, where: str) -> tuple[NDArray[np.intp], list[str]]:
    """Return codes (-1 where missing) and the text of each code; equal texts share one."""
    try:
        codes, uniques = pd.factorize(series)
    except TypeError:
        raise DataError(
            "a cell holds something that is neither text, number nor date",
            place=where,
            hint="Give each cell one plain value.",
        ) from None
    if isinstance(series.dtype, pd.StringDtype):
        return codes, np.asarray(uniques, dtype=object).tolist()
    index: dict[str, int] = {}
    joined = np.array([index.setdefault(_text(value), len(index)) for value in uniques], dtype=np.intp)
    codes = np.where(codes < 0, -1, joined[codes] if len(joined) else -1)
    return codes, list(index)


def _text(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, float | np.floating | int | np.integer):
        return _number_text(value)
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return str(value)


def _number_text(value: Any) -> str:
    number = float(value)
    if isinstance(value, int | np.integer):
        return str(int(value))
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def _texts(series: pd.Series) -> pd.Series:
    return series.astype(object).map(_text, na_action="ignore")


def _not(
    column: Column, source: str, what: str, hint: str, series: pd.Series, row: int, offset: int | None = None
) -> DataError:
    where = place(source, row=row, column=column.name, offset=offset)
    return DataError(f"{shown(series.iloc[row])} is not {what}", place=where, hint=hint)


def _natural_order(texts: Sequence[str]) -> tuple[str, ...]:
    lowered = {text.lower(): text for text in texts}
    for words in _ORDER_WORDS:
        if len(lowered) > 2 and set(lowered) <= set(words):
            return tuple(lowered[word] for word in words if word in lowered)
    return ()


# -- changing a kind -------------------------------------------------------------------


def change_kind(dataset: Dataset, name: str, kind: str) -> Dataset:
    """Return a copy in which one column has another kind.

    Raises
    ------
    DataError
        If a value does not allow the kind; the error names the row and the value.
    """
    column = describe(
        dataset.table[dataset.column(name).name], kind, dataset.source, dataset.line_offset, old=dataset.column(name)
    )
    return replace(dataset, columns=tuple(column if c.name == name else c for c in dataset.columns))


def describe(
    series: pd.Series, kind: str, source: str = "", offset: int | None = None, *, old: Column | None = None
) -> Column:
    """Return the :class:`Column` of a series under a kind that a user demands.

    Words and warnings of ``old`` are kept. Raises :class:`DataError` as :func:`change_kind`.
    """
    name = str(series.name)
    if kind not in KINDS:
        raise DataError(
            f"{kind!r} is not a kind", place=column_place(source, name), hint=f"Choose one of: {', '.join(KINDS)}."
        )
    levels = levels_of(series) if kind in DISCRETE else ()
    if kind == "ordered":
        levels = _natural_order(levels) or levels
    column = replace(old or Column(name, kind), kind=kind, levels=levels, reason="chosen by you")
    column = replace(column, missing=int(series.isna().sum()))
    _check_levels(column, source)
    numbers = to_numbers(series, column, source, offset)
    _check_range(column, numbers, series, source, offset)
    return column


def _check_levels(column: Column, source: str) -> None:
    where = column_place(source, column.name)
    if column.kind == "binary" and len(column.levels) > 2:
        raise DataError(
            f"a binary column has two values, this one has {len(column.levels)}: {listed(column.levels, 5)}",
            place=where,
            hint="Choose category, or join values in the file.",
        )
    if len(column.levels) > LIMITS.levels:
        raise DataError(
            f"{len(column.levels)} different values are too many for a {column.kind}",
            place=where,
            hint=f"At most {LIMITS.levels} are read; choose identifier, or group the values.",
        )


def _check_range(column: Column, numbers: FloatArray, series: pd.Series, source: str, offset: int | None) -> None:
    with np.errstate(invalid="ignore"):
        wrong, what, hint = {
            "positive": (numbers <= 0, "above 0", "Choose real, or correct that cell."),
            "count": (
                (numbers < 0) | (numbers != np.floor(numbers)),
                "a whole number from 0 up",
                "Choose positive or real, or correct that cell.",
            ),
            "proportion": (
                (numbers <= 0) | (numbers >= 1),
                "strictly between 0 and 1",
                "Values at 0 or 1 are never squeezed: give counts out of n instead (kind count), or choose real.",
            ),
        }.get(column.kind, (np.zeros(numbers.shape, dtype=bool), "", ""))
    rows = np.flatnonzero(wrong & ~np.isnan(numbers))
    if len(rows):
        raise _not(column, source, what, hint, series, int(rows[0]), offset)


def with_levels(dataset: Dataset, name: str, levels: Sequence[str]) -> Dataset:
    """Return a copy in which a discrete column's levels stand in the order given.

    Of a binary column the second level is then 1.

    Raises
    ------
    DataError
        If the column has no levels, or ``levels`` are not exactly its own.
    """
    column = dataset.column(name)
    where = column_place(dataset.source, name)
    if not column.discrete:
        raise DataError(
            f"a {column.kind} column has no levels", place=where, hint="Choose binary, category or ordered first."
        )
    if sorted(levels) != sorted(column.levels):
        raise DataError(
            f"{listed(levels)} are not the levels of this column",
            place=where,
            hint=f"Give each of these once: {listed(column.levels)}.",
        )
    changed = replace(column, levels=tuple(levels))
    return replace(dataset, columns=tuple(changed if c.name == name else c for c in dataset.columns))


def dataset_from_frame(frame: pd.DataFrame, kinds: Mapping[str, str] | None = None, source: str = "table") -> Dataset:
    """Make a data set from a DataFrame; see :func:`core.data.frame.make_dataset`."""
    from core.data.frame import make_dataset

    return make_dataset(frame, kinds=kinds or {}, source=source)
