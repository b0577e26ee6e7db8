"""What a column is: its kind, with a reason in plain words, and its values as numbers.

Kinds are guessed in :mod:`core.data.guess`. A user can change them; a change that the values
do not allow is refused, with the row that stands against it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.data.dataset import Column, Dataset
from core.data.dates import first_no_date, to_days
from core.data.guess import infer_kind
from core.data.levels import factorize, levels_of, natural_order, text_of
from core.data.limits import LIMITS
from core.data.places import column_place, listed, place, shown
from core.data.questions import CHOSEN
from core.data.text import text_to_floats
from core.errors import DataError

__all__ = ["change_kind", "dataset_from_frame", "describe", "infer_kind", "levels_of", "to_numbers", "with_levels"]

FloatArray = NDArray[np.float64]

DISCRETE = ("binary", "category", "ordered")
NUMERIC = ("real", "positive", "proportion", "count")
KINDS = (*NUMERIC, *DISCRETE, "identifier", "date")

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
        codes, uniques = factorize(series, column_place(source, column.name))
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
    codes, texts = factorize(series, column_place(source, column.name))
    index = {text: float(code) for code, text in enumerate(column.levels)}
    found = np.array([index.get(text, np.nan) for text in texts], dtype=np.float64)
    strange = np.flatnonzero(np.isnan(found))
    if len(strange):
        row = int(np.flatnonzero(np.isin(codes, strange))[0])
        what = f"one of {listed(column.levels)}"
        raise _not(column, source, what, "Correct that cell, or choose the kind anew.", series, row, offset)
    return np.where(codes < 0, np.nan, found[codes] if len(found) else np.nan)


def _texts(series: pd.Series) -> pd.Series:
    return series.astype(object).map(text_of, na_action="ignore")


def _not(
    column: Column, source: str, what: str, hint: str, series: pd.Series, row: int, offset: int | None = None
) -> DataError:
    where = place(source, row=row, column=column.name, offset=offset)
    return DataError(f"{shown(series.iloc[row])} is not {what}", place=where, hint=hint)


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
        levels = natural_order(levels) or levels
    column = replace(old or Column(name, kind), kind=kind, levels=levels, reason=CHOSEN)
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
