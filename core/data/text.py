"""Text to numbers, with nothing guessed silently.

A column of text becomes numbers only if every value that is not missing is a number;
otherwise it stays text and a warning says which rows stood in the way. The work is done
by Arrow on whole columns.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.data.places import counted, first_of, row_words, shown

__all__ = ["MISSING", "UNUSUAL_MISSING", "parse_text", "text_to_floats"]

MISSING = (
    "", "NA", "N/A", "n/a", "#N/A", "#NA", "<NA>", "NaN", "nan", "NAN", "-nan", "-NaN",
    "null", "NULL", "Null", "None",
)  # fmt: skip
"""Cells that count as missing in every column."""

UNUSUAL_MISSING = (".", "..", "-", "--", "?", "*", "none", "na", "missing", "#DIV/0!", "#VALUE!", "#REF!", "#NUM!",
                   "#NAME?", "#NULL!")  # fmt: skip
"""Cells that count as missing, with a warning, where all else in the column is a number."""

_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_DECIMAL_COMMA = r"^[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?([eE][+-]?\d+)?$"
# Numbers that are written as codes: 007, 0x1F. As numbers they would lose what they say.
_CODE = r"^[+-]?0[0-9xX]"
_DRESSED = (
    (r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$", "have commas between thousands", "Remove the commas between thousands"),
    (r"^[+-]?[\d.,]+\s?[%‰]$", "have a percent sign", "Remove the percent signs"),
    (r"^[+-]?\d+,\d+$", "have a decimal comma", "Write decimals with a point"),
    (r"^([$€£¥]\s?[+-]?[\d.,]+|[+-]?[\d.,]+\s?[$€£¥])$", "have a currency sign", "Remove the currency signs"),
    (r"^[+-]?\d{1,3}([\s'’]\d{3})+([.,]\d+)?$", "have gaps between thousands", "Remove the gaps between thousands"),
)


def parse_text(
    values: pa.ChunkedArray, *, decimal_comma: bool = False, offset: int | None = None
) -> tuple[pd.Series, tuple[str, ...]]:
    """Turn a column of text into numbers where all of it is numbers.

    Parameters
    ----------
    values : ChunkedArray of string
        The cells as they stand in the file.
    decimal_comma : bool
        Whether "1,5" may be read as 1.5 (files whose cells are parted by ``;`` or tabs).
    offset : int, optional
        See :func:`core.data.places.row_words`.

    Returns
    -------
    series : Series
        int64, float64 (NaN where missing) or text (missing as NaN).
    warnings : tuple of str
        What a user should know about how it was read.
    """
    trimmed = pc.utf8_trim_whitespace(values)
    missing = pc.is_in(trimmed, value_set=pa.array(MISSING))
    clean = pc.if_else(missing, pa.scalar(None, pa.string()), trimmed)
    numbers, warnings = _numbers(clean, decimal_comma, offset)
    if numbers is not None:
        return _to_pandas(numbers), warnings
    warnings = _about_text(values, clean, offset)
    return _to_pandas(clean), warnings


def text_to_floats(series: pd.Series) -> tuple[NDArray[np.float64], int | None]:
    """Return a text column as floats, and the first row (from 0) that is no number.

    Missing values, and whatever stands for them, are NaN. If there is a bad row the
    array is not to be used.
    """
    values = pa.chunked_array([pa.array(series.astype(object).where(series.notna(), None), type=pa.string())])
    trimmed = pc.utf8_trim_whitespace(values)
    missing = pc.is_in(trimmed, value_set=pa.array(MISSING + UNUSUAL_MISSING))
    clean = pc.if_else(missing, pa.scalar(None, pa.string()), trimmed)
    bad = _rows(pc.invert(pc.fill_null(pc.match_substring_regex(clean, _NUMBER), True)))
    if len(bad):
        return np.full(len(series), np.nan), int(bad[0])
    plain = pc.replace_substring_regex(clean, r"^\+", "")
    return np.asarray(_to_pandas(pc.cast(plain, pa.float64())), dtype=np.float64), None


def _numbers(
    clean: pa.ChunkedArray, decimal_comma: bool, offset: int | None
) -> tuple[pa.ChunkedArray | None, tuple[str, ...]]:
    """Return the column as numbers, or None if some of it is not."""
    if clean.null_count == len(clean):
        return pc.cast(clean, pa.float64()), ()
    if pc.any(pc.match_substring_regex(clean, _CODE)).as_py():
        return None, ()
    for kind in (pa.int64(), pa.float64()):
        cast = _cast(clean, kind)
        if cast is not None:
            return cast, ()
    warnings: tuple[str, ...] = ()
    unusual = pc.is_in(clean, value_set=pa.array(UNUSUAL_MISSING))
    rows = _rows(unusual)
    if len(rows):
        marks = [shown(token) for token in pc.unique(clean.filter(unusual)).to_pylist()]
        clean = pc.if_else(unusual, pa.scalar(None, pa.string()), clean)
        if clean.null_count == len(clean):
            return None, ()
        verb = "counts" if len(marks) == 1 else "count"
        where = f"{counted(len(rows))}, {first_of(rows, offset)}"
        warnings = (f"{' and '.join(marks)} {verb} as missing ({where})",)
    if decimal_comma and pc.all(pc.match_substring_regex(clean, _DECIMAL_COMMA)).as_py():
        clean = pc.replace_substring(pc.replace_substring(clean, ".", ""), ",", ".")
        warnings = (*warnings, "read with a decimal comma")
    return _cast(clean, pa.float64()), warnings


def _cast(clean: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray | None:
    try:
        return pc.cast(clean, kind)
    except pa.ArrowInvalid:
        return None


def _about_text(values: pa.ChunkedArray, clean: pa.ChunkedArray, offset: int | None) -> tuple[str, ...]:
    """Return what to say of a column that stays text."""
    found = []
    trimmed = _rows(pc.not_equal(values, pc.utf8_trim_whitespace(values)))
    if len(trimmed):
        found.append(f"spaces around values were removed ({counted(len(trimmed))}, {first_of(trimmed, offset)})")
    if pc.any(pc.match_substring_regex(clean, _CODE)).as_py():
        found.append("kept as text because some values begin with a zero, as codes do")
    else:
        found.extend(_nearly_numbers(clean, offset))
    none = _rows(pc.is_in(values, value_set=pa.array(["None", "null", "NULL", "Null"])))
    if len(none):
        found.append(
            f"{shown(values[int(none[0])])} counts as missing ({counted(len(none))}, {first_of(none, offset)})"
        )
    return tuple(found)


def _nearly_numbers(clean: pa.ChunkedArray, offset: int | None) -> list[str]:
    filled = len(clean) - clean.null_count
    plain = pc.fill_null(pc.match_substring_regex(clean, _NUMBER), True)
    others = _rows(pc.invert(plain))
    if len(others) <= filled / 2:
        row = int(others[0])
        return [
            f"text, because {counted(len(others))} of {filled} is no number: {row_words(row, offset)} "
            f"is {shown(clean[row])}. Correct the file, or leave those cells empty"
        ]
    for pattern, what, advice in _DRESSED:
        rows = _rows(pc.match_substring_regex(clean, pattern))
        if len(rows) >= filled / 2:
            row = int(rows[0])
            return [
                f"text, because numbers {what}: {row_words(row, offset)} is {shown(clean[row])}. "
                f"{advice} to use it as a number"
            ]
    return []


def _rows(mask: pa.ChunkedArray) -> NDArray[np.intp]:
    return np.flatnonzero(np.asarray(pc.fill_null(mask, False)))


def _to_pandas(values: pa.ChunkedArray) -> pd.Series:
    return values.to_pandas()
