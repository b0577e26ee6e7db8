"""Text to numbers, with nothing guessed silently.

A column of text becomes numbers only if every value that is not missing is a number;
otherwise it stays text and a warning says which rows stood in the way. The work is done
by Arrow on whole columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.data.numbers_in_text import (
    Reading,
    as_numbers,
    decimals_shown,
    is_dressed,
    looks_numeric,
    readings_of,
    told_apart,
)
from core.data.places import counted, first_of, row_words, shown
from core.data.telling import tell

__all__ = ["MISSING", "UNUSUAL_MISSING", "Parsed", "parse_columns", "text_to_floats"]

MISSING = (
    "", "NA", "N/A", "n/a", "#N/A", "#NA", "<NA>", "NaN", "nan", "NAN", "-nan", "-NaN",
    "null", "NULL", "Null", "None",
)  # fmt: skip
"""Cells that count as missing in every column."""

UNUSUAL_MISSING = (".", "..", "-", "--", "?", "*", "none", "na", "missing", "#DIV/0!", "#VALUE!", "#REF!", "#NUM!",
                   "#NAME?", "#NULL!", "#N/V", "#NV", "#N/D", "#WERT!", "#BEZUG!", "#ZAHL!", "#VALEUR!", "#NOMBRE!",
                   "N.A.", "n.a.", "k.A.", "k. A.", "n/d", "N/D", "Missing", "MISSING")  # fmt: skip
"""Cells that count as missing, with a warning, where all else in the column is a number."""

_SILENT = ("", "NaN", "nan", "NAN", "-nan", "-NaN", "<NA>")

_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
# Numbers that are written as codes: 007, 0x1F. As numbers they would lose what they say.
_CODE = r"^[+-]?0[0-9xX]"
_WHOLE_CODE = r"^[+-]?0[0-9xX][0-9a-fA-F]*([.,]\d+)?$"
# A point before three digits, and no more than three before it: 1.234 may be 1234 where commas are decimal.
_MAYBE_THOUSANDS = r"^[+-]?[1-9]\d{0,2}\.\d{3}$"


@dataclass(frozen=True)
class Parsed:
    """A column as it was read: int64, float64 (NaN where missing) or text (missing as NaN)."""

    series: pd.Series
    notes: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True)
class _Draft:
    """A column half read: ``plain`` where it is a literal number, else the ways to read it, or why it is text."""

    values: pa.ChunkedArray
    clean: pa.ChunkedArray
    plain: pa.ChunkedArray | None = None
    readings: tuple[Reading, ...] = ()
    marks: tuple[str, ...] = ()
    why: str = ""


def parse_columns(
    columns: Mapping[str, pa.ChunkedArray], *, commas: bool = False, offset: int | None = None
) -> dict[str, Parsed]:
    """Turn columns of text into numbers where all of a column is numbers.

    Parameters
    ----------
    columns : mapping of str to ChunkedArray of string
        The cells as they stand in the file.
    commas : bool
        Whether commas part the cells, so that "1.234" is meant as it stands.
    offset : int, optional
        See :func:`core.data.places.row_words`.

    Returns
    -------
    parsed : dict of str to Parsed
        Each with what a user should know about how it was read.
    """
    drafts: dict[str, _Draft] = {}
    for name, values in columns.items():
        tell("reading the cells", len(drafts) / len(columns))
        drafts[name] = _draft(values, offset)
    open_ = [name for name, draft in drafts.items() if len(draft.readings) > 1]
    shown_by = {draft.readings[0].mark for draft in drafts.values() if len(draft.readings) == 1}
    if "," in shown_by or not commas:
        for name, draft in drafts.items():
            if draft.plain is not None and _maybe_thousands(draft):
                drafts[name] = replace(draft, plain=None, readings=tuple(readings_of(draft.clean, offset)[0]))
                open_.append(name)
    if open_:
        plain = (
            draft for draft in drafts.values() if draft.plain is not None and pa.types.is_floating(draft.plain.type)
        )
        shown_by |= {decimals_shown(draft.clean) for draft in plain}
    marks = shown_by - {""}
    for name in open_:
        drafts[name] = _resolved(drafts[name], marks.copy().pop() if len(marks) == 1 else "", offset)
    return {name: _parsed(draft, offset) for name, draft in drafts.items()}


def text_to_floats(series: pd.Series) -> tuple[NDArray[np.float64], int | None]:
    """Return a text column as floats, and the first row (from 0) that is no number.

    Missing values, and whatever stands for them, are NaN. If there is a bad row the array is not
    to be used. Where there are two readings the first counts: as it stands, or commas between thousands.
    """
    values = pa.chunked_array([pa.array(series.astype(object).where(series.notna(), None), type=pa.string())])
    trimmed = pc.utf8_trim_whitespace(values)
    clean = _without(trimmed, MISSING + UNUSUAL_MISSING)
    bad = _rows(pc.invert(pc.fill_null(pc.match_substring_regex(clean, _NUMBER), True)))
    if len(bad):
        readings = () if pc.any(pc.match_substring_regex(clean, _CODE)).as_py() else readings_of(clean, None)[0]
        if not readings:
            return np.full(len(series), np.nan), int(bad[0])
        clean = readings[0].plain
    plain = pc.replace_substring_regex(clean, r"^\+", "")
    return np.asarray(_to_pandas(pc.cast(plain, pa.float64())), dtype=np.float64), None


def _draft(values: pa.ChunkedArray, offset: int | None) -> _Draft:
    trimmed = pc.utf8_trim_whitespace(values)
    clean = _without(trimmed, MISSING)
    draft = _Draft(values, clean)
    if clean.null_count == len(clean):
        return replace(draft, plain=pc.cast(clean, pa.float64()))
    if pc.any(pc.match_substring_regex(clean, _CODE)).as_py():
        codes = pc.any(pc.match_substring_regex(clean, _WHOLE_CODE)).as_py()
        return replace(draft, why="kept as text because some values begin with a zero, as codes do" if codes else "")
    for kind in (pa.int64(), pa.float64()):
        if (cast := _cast(clean, kind)) is not None:
            return replace(draft, plain=cast)
    unusual = pc.is_in(clean, value_set=pa.array(UNUSUAL_MISSING))
    numbers = pc.if_else(unusual, pa.scalar(None, pa.string()), clean)
    if numbers.null_count == len(numbers) or not looks_numeric(numbers):
        return draft
    said = _marks(clean, unusual, offset)
    if (cast := _cast(numbers, pa.float64())) is not None:
        return replace(draft, clean=numbers, plain=cast, marks=said)
    readings, why = readings_of(numbers, offset)
    if not readings:
        return replace(draft, why=why or _nearly_numbers(clean, offset))
    if any(reading.plain.null_count != numbers.null_count for reading in readings):
        raise AssertionError("a value was lost on the way to numbers")
    return replace(draft, clean=numbers, readings=tuple(readings), marks=said)


def _maybe_thousands(draft: _Draft) -> bool:
    if draft.plain is None or not pa.types.is_floating(draft.plain.type) or draft.clean.null_count == len(draft.clean):
        return False
    return bool(pc.all(pc.match_substring_regex(draft.clean, _MAYBE_THOUSANDS)).as_py())


def _resolved(draft: _Draft, mark: str, offset: int | None) -> _Draft:
    """Return the draft with the one reading that agrees with the decimal mark of the file; as text without one."""
    meant = [reading for reading in draft.readings if mark and reading.mark == mark]
    if len(meant) == 1:
        return replace(draft, readings=(meant[0],))
    why = told_apart(draft.readings, draft.clean, offset)
    return replace(draft, readings=(), why=why)


def _parsed(draft: _Draft, offset: int | None) -> Parsed:
    if draft.plain is not None:
        return Parsed(_to_pandas(draft.plain), draft.marks)
    if len(draft.readings) == 1:
        reading = draft.readings[0]
        notes = (*draft.marks, reading.note) if reading.note else draft.marks
        return Parsed(_to_pandas(as_numbers(reading.plain)), notes, reading.unit)
    return Parsed(_to_pandas(draft.clean), _about_text(draft, offset))


def _without(clean: pa.ChunkedArray, marks: tuple[str, ...]) -> pa.ChunkedArray:
    return pc.if_else(pc.is_in(clean, value_set=pa.array(marks)), pa.scalar(None, pa.string()), clean)


def _marks(clean: pa.ChunkedArray, unusual: pa.ChunkedArray, offset: int | None) -> tuple[str, ...]:
    rows = _rows(unusual)
    if not len(rows):
        return ()
    marks = [shown(token) for token in pc.unique(clean.filter(unusual)).to_pylist()]
    verb = "counts" if len(marks) == 1 else "count"
    return (f"{' and '.join(marks)} {verb} as missing ({counted(len(rows))}, {first_of(rows, offset)})",)


def _cast(clean: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray | None:
    try:
        return pc.cast(clean, kind)
    except pa.ArrowInvalid:
        return None


def _about_text(draft: _Draft, offset: int | None) -> tuple[str, ...]:
    """Return what to say of a column that stays text."""
    found = []
    trimmed = _rows(pc.not_equal(draft.values, pc.utf8_trim_whitespace(draft.values)))
    if len(trimmed):
        found.append(f"spaces around values were removed ({counted(len(trimmed))}, {first_of(trimmed, offset)})")
    if draft.why:
        found.append(draft.why)
    gone = _rows(pc.and_(pc.is_null(draft.clean), pc.invert(pc.is_in(draft.values, value_set=pa.array(_SILENT)))))
    if len(gone):
        words = list(dict.fromkeys(str(draft.values[int(row)]).strip() for row in gone[:1000]))
        verb = "counts" if len(words) == 1 else "count"
        where = f"{counted(len(gone))}, {first_of(gone, offset)}"
        found.append(f"{' and '.join(shown(word) for word in words)} {verb} as missing ({where})")
    return tuple(found)


def _nearly_numbers(clean: pa.ChunkedArray, offset: int | None) -> str:
    """Return which cell stands in the way of a column that is nearly all numbers."""
    filled = len(clean) - clean.null_count
    others = _rows(pc.invert(pc.fill_null(is_dressed(clean), True)))
    if not len(others) or len(others) > filled / 2:
        return ""
    row = int(others[0])
    return (
        f"text, because {counted(len(others))} of {filled} is no number: {row_words(row, offset)} "
        f"is {shown(clean[row])}. Correct the file, or leave those cells empty"
    )


def _rows(mask: pa.ChunkedArray) -> NDArray[np.intp]:
    return np.flatnonzero(np.asarray(pc.fill_null(mask, False)))


def _to_pandas(values: pa.ChunkedArray) -> pd.Series:
    return values.to_pandas()
