"""From a DataFrame to a :class:`Dataset`: names and cells checked, kinds guessed, ``_set`` read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from core.data.dataset import SET_COLUMN, Column, Dataset
from core.data.dates import about_dates
from core.data.kinds import DISCRETE, describe, infer_kind, levels_of
from core.data.limits import LIMITS, Limits
from core.data.places import column_place, counted, first_of, listed, place, shown
from core.data.spellings import one_spelling, says_no
from core.data.telling import tell
from core.data.units import units_in_names
from core.errors import DataError
from core.names import tidy_name

__all__ = ["check_names", "check_shape", "make_dataset"]

_MANY_LEVELS = 50


def make_dataset(
    frame: pd.DataFrame,
    *,
    kinds: Mapping[str, str] | None = None,
    source: str = "table",
    warnings: Sequence[str] = (),
    column_warnings: Mapping[str, Sequence[str]] | None = None,
    labels: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    line_offset: int | None = None,
    limits: Limits = LIMITS,
) -> Dataset:
    """Check a table and make a data set of it.

    Parameters
    ----------
    frame : DataFrame
        Its index is dropped; a column ``_set`` is read as interventions.
    kinds : mapping of str to str, optional
        Kinds that the user demands; all else is guessed.
    source : str
        For messages.
    warnings, column_warnings, labels, units, line_offset
        What the reader already knows. Labels and units are also taken from names like "Income (EUR)".

    Raises
    ------
    DataError
        For names, shapes, cells or kinds that cannot be used.
    """
    kinds = kinds or {}
    check_shape(len(frame), frame.shape[1], source, limits)
    names, renamed = check_names([str(name) for name in frame.columns], source, limits)
    frame = frame.set_axis(names, axis=1).reset_index(drop=True)
    known = [name for name in names if name != SET_COLUMN]
    for name in kinds:
        if name not in known:
            raise DataError(f"there is no column {name!r}", place=source, hint=f"The columns are: {listed(known)}.")
    if not known:
        raise DataError("there is no column beside _set", place=source, hint="Give the columns that were observed.")
    sets = _read_sets(frame[SET_COLUMN], known, source, line_offset) if SET_COLUMN in names else ()
    words = _words(known, labels or {}, units or {})
    table: dict[str, pd.Series] = {}
    columns: list[Column] = []
    for name in known:
        tell("telling what each column is", len(columns) / len(known))
        series, notes = _plain(frame[name], source, line_offset)
        if pd.api.types.is_string_dtype(series.dtype) and not isinstance(series.dtype, pd.CategoricalDtype):
            series, joined = one_spelling(series, line_offset)
            notes = (*notes, *joined)
        table[name] = series
        before = (column_warnings or {}).get(name, ())
        label, unit, odd = words[name]
        column = _column(series, kinds.get(name), (*before, *notes, *odd), source, line_offset, unit)
        columns.append(replace(column, label=label, unit=unit))
    return Dataset(
        table=pd.DataFrame(table),
        columns=tuple(columns),
        source=source,
        set_by_row=sets,
        warnings=(*warnings, *renamed),
        line_offset=line_offset,
    )


def _words(
    names: Sequence[str], labels: Mapping[str, str], units: Mapping[str, str]
) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    """Return label, unit and what is odd about them for each column; cells know their unit better than names."""
    named = units_in_names(names)
    found: dict[str, tuple[str, str, tuple[str, ...]]] = {}
    for name in names:
        label, unit = named.get(name, ("", ""))
        mine = units.get(name, "")
        odd: tuple[str, ...] = ()
        if mine and unit and mine != unit:
            odd = (f"the name says {shown(unit)} and the cells say {shown(mine)}; the cells' unit is kept",)
        found[name] = (labels.get(name, "") or label, mine or unit, odd)
    return found


def _column(
    series: pd.Series, kind: str | None, notes: Sequence[str], source: str, offset: int | None, unit: str
) -> Column:
    name = str(series.name)
    missing = int(series.isna().sum())
    if kind is None:
        guessed, reason = infer_kind(series, unit)
        levels = levels_of(series) if guessed in DISCRETE else ()
        if len(levels) > LIMITS.levels:
            guessed, reason, levels = "identifier", f"text with {len(levels)} different values", ()
        column = Column(name, guessed, levels=levels, missing=missing, reason=reason)
    else:
        column = describe(series, kind, source, offset)
    return replace(column, warnings=(*notes, *_notes(series, column, offset)))


def _notes(series: pd.Series, column: Column, offset: int | None) -> list[str]:
    if column.missing == len(series):
        return ["all values are missing"]
    found = []
    values = series.dropna()
    if len(series) > 1 and (values == values.iloc[0]).all():
        found.append(f"constant: every value is {shown(levels_of(values.head(1))[0])}; it cannot show any effect")
    if pd.api.types.is_string_dtype(series.dtype) and (said := about_dates(series, offset)):
        found.append(said)
    if column.kind == "binary" and (said := says_no(column.levels)):
        found.append(said)
    if column.kind in DISCRETE and len(column.levels) > _MANY_LEVELS:
        found.append(f"{len(column.levels)} different values are many for a category")
    if column.kind == "real" and column.reason.startswith("values from 0 to 1"):
        numbers = values.to_numpy(dtype=np.float64)
        edge = int(np.sum((numbers == 0) | (numbers == 1)))
        found.append(f"lies within 0 to 1 and touches the ends in {counted(edge)}, so it is kept as a real number")
    return found


# -- names and shape -------------------------------------------------------------------


def check_shape(rows: int, columns: int, source: str, limits: Limits = LIMITS) -> None:
    """Refuse a table that is empty or too large."""
    if columns == 0:
        raise DataError("there are no columns", place=source, hint="Give a table with names in its first row.")
    if columns > limits.columns:
        raise DataError(
            f"{columns:,} columns are more than the {limits.columns:,} that are read",
            place=source,
            hint="Keep the columns that the hypotheses speak of.",
        )
    if rows == 0:
        raise DataError("there are column names but no rows", place=source, hint="Give at least one row of values.")
    if rows > limits.rows:
        raise DataError(
            f"{rows:,} rows are more than the {limits.rows:,} that are read",
            place=source,
            hint="Take a random sample of the rows.",
        )
    if rows * columns > limits.cells:
        raise DataError(
            f"{rows:,} rows times {columns:,} columns are more than the {limits.cells:,} cells that are read",
            place=source,
            hint="Keep the columns that the hypotheses speak of, or a random sample of the rows.",
        )


def check_names(names: Sequence[str], source: str, limits: Limits = LIMITS) -> tuple[list[str], tuple[str, ...]]:
    """Return column names without outer spaces and line breaks, and warnings where that changed one.

    Raises
    ------
    DataError
        For a blank, repeated or overlong name.
    """
    clean = [tidy_name(name) for name in names]
    for index, name in enumerate(clean):
        if not name:
            raise DataError(
                f"column {index + 1} has no name",
                place=source,
                hint="Write a name into the first row of every column; merged cells leave the others without one.",
            )
        if len(name) > limits.name:
            raise DataError(
                f"the name of column {index + 1} has {len(name):,} characters: {shown(name)}",
                place=source,
                hint=f"Names have at most {limits.name} characters; is the first row the row of names?",
            )
    twice = list(dict.fromkeys(name for name in clean if clean.count(name) > 1)) if len(set(clean)) < len(clean) else []
    if twice:
        at = [str(index + 1) for index, name in enumerate(clean) if name == twice[0]]
        raise DataError(
            f"several columns have the same name: {listed(twice)} (columns {', '.join(at)})",
            place=source,
            hint="Give each column a name of its own; the first row must be the row of names.",
        )
    changed = [(old, new) for old, new in zip(names, clean, strict=True) if old != new]
    notes = tuple(f"the name of column {shown(new)} was written with extra spaces, now removed" for _, new in changed)
    return clean, notes


# -- cells -----------------------------------------------------------------------------


def _plain(series: pd.Series, source: str, offset: int | None) -> tuple[pd.Series, tuple[str, ...]]:
    """Return a series of one of the types that the rest knows, and what to say about it."""
    name = str(series.name)
    if series.dtype == object:
        series = _from_objects(series)
    if pd.api.types.is_float_dtype(series) and not pd.api.types.is_extension_array_dtype(series):
        infinite = np.flatnonzero(np.isinf(series.to_numpy()))
        if len(infinite):
            clean = series.where(~np.isinf(series))
            return clean, (
                f"infinite values count as missing ({counted(len(infinite))}, {first_of(infinite, offset)})",
            )
        return series, ()
    known = (
        pd.api.types.is_bool_dtype(series)
        or (pd.api.types.is_numeric_dtype(series) and not pd.api.types.is_complex_dtype(series))
        or pd.api.types.is_datetime64_any_dtype(series)
        or pd.api.types.is_string_dtype(series)
        or series.dtype == object
        or isinstance(series.dtype, pd.CategoricalDtype)
    )
    if not known:
        raise DataError(
            f"values of type {series.dtype} cannot be used",
            place=column_place(source, name),
            hint="Give numbers, text or dates.",
        )
    return series, ()


def _from_objects(series: pd.Series) -> pd.Series:
    """Turn a column of Python objects into the plainest type that holds them all."""
    inside = pd.api.types.infer_dtype(series, skipna=True)
    if inside in ("integer", "floating", "mixed-integer-float", "decimal"):
        return series.astype(np.float64) if series.isna().any() or inside != "integer" else series.infer_objects()
    if inside in ("date", "datetime", "datetime64"):
        return pd.to_datetime(series, errors="coerce", utc=False)
    if inside == "empty":
        return series.astype(np.float64)
    return series.infer_objects()


def _read_sets(series: pd.Series, names: Sequence[str], source: str, offset: int | None) -> tuple[frozenset[str], ...]:
    """Read the ``_set`` column: row by row, the columns that were set by intervention."""
    known = frozenset(names)
    seen: dict[str, frozenset[str]] = {}
    found = []
    for row, cell in enumerate(series.astype(object).where(series.notna(), "")):
        text = str(cell)
        if text not in seen:
            words = frozenset(word.strip() for word in text.split(",") if word.strip())
            if words - known:
                strange = sorted(words - known)
                raise DataError(
                    f"{listed(strange)} is not a column",
                    place=place(source, row=row, column=SET_COLUMN, offset=offset),
                    hint=f"_set names columns that were set, joined by commas. There are: {listed(names)}.",
                )
            seen[text] = words
        found.append(seen[text])
    return tuple(found) if any(found) else ()
