"""XLSX: the first sheet, values only; formulas are never computed and macros never run."""

from __future__ import annotations

import datetime
import io
import warnings as python_warnings
from collections.abc import Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from core.data.dataset import Dataset
from core.data.frame import check_names, check_shape, make_dataset
from core.data.limits import Limits
from core.data.places import counted, first_of, listed, place
from core.data.sizes import too_long, too_much
from core.data.telling import tell
from core.data.text import parse_columns
from core.data.zipped import check_sheet, check_workbook
from core.errors import DataError, WhyboardError

__all__ = ["read_workbook"]

_ERRORS = ("#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!")
_TELL_ROWS = 500


def read_workbook(raw: bytes, source: str, *, kinds: dict[str, str], limits: Limits) -> Dataset:
    """Read the first sheet of a workbook; its first row must be the names.

    Raises
    ------
    DataError
        For a file that is no workbook, is too large once unpacked, has no sheet with
        values, or has names missing from its first row (as merged cells have).
    """
    check_workbook(raw, source, limits)
    try:
        with python_warnings.catch_warnings():
            python_warnings.simplefilter("ignore")
            rows, notes = _rows(raw, source, limits)
    except (WhyboardError, MemoryError):
        raise
    except Exception as error:
        # openpyxl raises whatever its XML and zip readers do; all of it means the same here.
        raise DataError(
            f"the workbook cannot be read ({type(error).__name__})",
            place=source,
            hint="Open it in a spreadsheet program and save it anew as .xlsx, or as CSV.",
        ) from None
    header, body, start = _table(rows, source, limits)
    return _dataset(header, body, start, source, notes, kinds, limits)


def _rows(raw: bytes, source: str, limits: Limits) -> tuple[list[list[Any]], list[str]]:
    """Return the cells of the first sheet that can be seen, and what to say about it."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
    try:
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if not sheets:
            raise DataError("the workbook has no sheet with cells", place=source, hint="Put the table on a sheet.")
        sheet = sheets[0]
        notes = []
        if len(sheets) > 1:
            others = listed([other.title for other in sheets[1:]], 4)
            notes.append(f"only the first sheet, {sheet.title!r}, is read; not read: {others}")
        expected = check_sheet(raw, sheet._worksheet_path, source, limits)
        sheet.reset_dimensions()
        rows: list[list[Any]] = []
        cells = letters = 0
        for row in sheet.iter_rows(values_only=True):
            values = list(row)
            while values and (values[-1] is None or values[-1] == ""):
                values.pop()
            cells += len(values)
            letters += _letters(values, len(rows), source, limits)
            rows.append(values)
            if len(values) > limits.columns or len(rows) - 1 > limits.rows or cells > limits.cells + limits.columns:
                check_shape(len(rows), max(len(values), len(rows[0])), source, limits)
            if letters > limits.decoded:
                raise too_much(source, limits)
            if len(rows) % _TELL_ROWS == 0:
                tell("reading the rows", cells / max(expected, 1))
        while rows and not rows[-1]:
            rows.pop()
        return rows, notes
    finally:
        book.close()


def _letters(values: list[Any], index: int, source: str, limits: Limits) -> int:
    """Return how many letters a row holds; DataError for a cell of too many. Cells share a text, columns do not."""
    found = 0
    for column, value in enumerate(values):
        if type(value) is str:
            found += len(value)
            if len(value) > limits.cell:
                raise too_long(len(value), source, str(column + 1), max(index - 1, 0), 1, limits)
    return found


def _table(rows: list[list[Any]], source: str, limits: Limits) -> tuple[list[str], list[list[Any]], int]:
    """Return names, rows of one width, and the number of empty rows above the names."""
    start = next((index for index, row in enumerate(rows) if row), None)
    if start is None:
        raise DataError("the first sheet is empty", place=source, hint="Put the table on the first sheet.")
    header = [str(cell) if cell is not None else "" for cell in rows[start]]
    body = rows[start + 1 :]
    width = max([len(header), *(len(row) for row in body)])
    check_shape(len(body), width, source, limits)
    for index, row in enumerate(body):
        if len(row) > len(header):
            raise DataError(
                f"there are {len(row)} cells under {len(header)} names",
                place=place(source, row=index, offset=start + 1),
                hint="The first row must name every column: no title above it, no merged cells.",
            )
    if any(not name.strip() for name in header):
        column = next(index for index, name in enumerate(header) if not name.strip())
        raise DataError(
            f"column {column + 1} has no name in the first row",
            place=place(source, column=str(column + 1)),
            hint="The first row must name every column: no title above it, no merged cells.",
        )
    check_names(header, source, limits)
    for row in body:
        row.extend([None] * (width - len(row)))
    return header, body, start


def _dataset(
    header: Sequence[str],
    body: list[list[Any]],
    start: int,
    source: str,
    notes: list[str],
    kinds: dict[str, str],
    limits: Limits,
) -> Dataset:
    offset = start + 1
    names, renamed = check_names(header, source, limits)
    columns: dict[str, pd.Series] = {name: pd.Series(dtype=object) for name in names}  # keeps their order
    column_notes: dict[str, tuple[str, ...]] = {}
    texts: dict[str, pa.ChunkedArray] = {}
    for name, cells in zip(names, zip(*body, strict=True), strict=True):
        found, column_notes[name] = _series(list(cells), offset)
        if isinstance(found, pd.Series):
            columns[name] = found
        else:
            texts[name] = found
    parsed = parse_columns(texts, offset=offset)
    for name, column in parsed.items():
        columns[name] = column.series
        column_notes[name] += column.notes
    return make_dataset(
        pd.DataFrame(columns),
        kinds=kinds,
        source=source,
        warnings=(*notes, *renamed),
        column_warnings=column_notes,
        units={name: column.unit for name, column in parsed.items()},
        line_offset=offset,
        limits=limits,
    )


def _series(cells: list[Any], offset: int) -> tuple[pd.Series | pa.ChunkedArray, tuple[str, ...]]:
    """Return one column: numbers, dates or booleans where all cells are, else its cells as text."""
    broken = [row for row, cell in enumerate(cells) if isinstance(cell, str) and cell in _ERRORS]
    notes: tuple[str, ...] = ()
    if broken:
        notes = (f"{cells[broken[0]]} counts as missing ({counted(len(broken))}, {first_of(broken, offset)})",)
        for row in broken:
            cells[row] = None
    filled = [cell for cell in cells if cell is not None]
    if filled and all(isinstance(cell, datetime.datetime | datetime.date) for cell in filled):
        return pd.to_datetime(pd.Series(cells, dtype=object), errors="coerce"), notes
    if all(isinstance(cell, bool) for cell in filled):
        return pd.Series(cells, dtype=object), notes
    if all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in filled):
        whole = all(isinstance(cell, int) and abs(cell) < 2**53 for cell in cells)
        return pd.Series(cells, dtype="int64" if whole else "float64"), notes
    texts = [None if cell is None else _text(cell) for cell in cells]
    return pa.chunked_array([pa.array(texts, type=pa.string())]), notes


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, datetime.datetime | datetime.date) else str(cell)
