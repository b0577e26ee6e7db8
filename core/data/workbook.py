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
from core.data.layout import is_number
from core.data.limits import Limits
from core.data.places import counted, first_of, listed, row_words, shown
from core.data.sheet import Merged, Sheet, cell_text, merged_cells, table_of
from core.data.sizes import too_long, too_much
from core.data.telling import tell
from core.data.text import parse_columns
from core.data.totals import may_be_total, number_of, total_of
from core.data.zipped import check_sheet, check_workbook
from core.errors import DataError, WhyboardError

__all__ = ["read_workbook"]

_ERRORS = ("#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!")
_TELL_ROWS = 500


def read_workbook(raw: bytes, source: str, *, kinds: dict[str, str], limits: Limits) -> Dataset:
    """Read the first sheet of a workbook that has cells.

    Raises
    ------
    DataError
        For a file that is no workbook, is too large once unpacked, has no sheet with
        values, or no row that names all its columns.
    """
    check_workbook(raw, source, limits)
    try:
        with python_warnings.catch_warnings():
            python_warnings.simplefilter("ignore")
            rows, merged, notes = _rows(raw, source, limits)
    except (WhyboardError, MemoryError):
        raise
    except Exception as error:
        # openpyxl raises whatever its XML and zip readers do; all of it means the same here.
        raise DataError(
            f"the workbook cannot be read ({type(error).__name__})",
            place=source,
            hint="Open it in a spreadsheet program and save it anew as .xlsx, or as CSV.",
        ) from None
    return _dataset(table_of(rows, merged, source, limits), source, notes, kinds, limits)


def _rows(raw: bytes, source: str, limits: Limits) -> tuple[list[list[Any]], list[Merged], list[str]]:
    """Return the cells of the first sheet that can be seen and is not empty, and what to say about it."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
    try:
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if not sheets:
            raise DataError("the workbook has no sheet with cells", place=source, hint="Put the table on a sheet.")
        for sheet in sheets:
            rows = _sheet_rows(raw, sheet, source, limits)
            if rows:
                break
        notes = []
        if len(sheets) > 1:
            others = listed([other.title for other in sheets if other is not sheet], 4)
            which = "first sheet" if sheet is sheets[0] else "first sheet with cells"
            notes.append(f"only the {which}, {sheet.title!r}, is read; not read: {others}")
        return rows, merged_cells(raw, sheet._worksheet_path, source), notes
    finally:
        book.close()


def _sheet_rows(raw: bytes, sheet: Any, source: str, limits: Limits) -> list[list[Any]]:
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
    return rows


def _letters(values: list[Any], index: int, source: str, limits: Limits) -> int:
    """Return how many letters a row holds; DataError for a cell of too many. Cells share a text, columns do not."""
    found = 0
    for column, value in enumerate(values):
        if type(value) is str:
            found += len(value)
            if len(value) > limits.cell:
                raise too_long(len(value), source, str(column + 1), max(index - 1, 0), 1, limits)
    return found


def _dataset(sheet: Sheet, source: str, notes: list[str], kinds: dict[str, str], limits: Limits) -> Dataset:
    names, renamed = check_names(sheet.names, source, limits)
    rows, total = _without_total(names, sheet)
    columns, column_notes, units = _columns(names, rows, sheet.offset)
    old = dict(zip(names, sheet.names, strict=True))
    return make_dataset(
        pd.DataFrame(columns),
        kinds=kinds,
        source=source,
        warnings=(*notes, *sheet.notes, *renamed, *total),
        column_warnings=column_notes,
        labels={name: sheet.labels.get(before, "") for name, before in old.items()},
        units={name: units.get(name, "") or sheet.units.get(before, "") for name, before in old.items()},
        line_offset=sheet.offset,
        limits=limits,
    )


def _columns(
    names: Sequence[str], rows: list[list[Any]], offset: int | None
) -> tuple[dict[str, pd.Series], dict[str, tuple[str, ...]], dict[str, str]]:
    """Return the columns, what to say of each, and the units that their cells have."""
    columns: dict[str, pd.Series] = {name: pd.Series(dtype=object) for name in names}  # keeps their order
    notes: dict[str, tuple[str, ...]] = {}
    texts: dict[str, pa.ChunkedArray] = {}
    typed: dict[str, int] = {}
    for name, cells in zip(names, zip(*rows, strict=True), strict=True):
        found, notes[name] = _series(list(cells), offset)
        if isinstance(found, pd.Series):
            columns[name] = found
        else:
            texts[name] = found
            typed[name] = sum(isinstance(cell, str) and is_number(cell) for cell in cells)
    parsed = parse_columns(texts, offset=offset)
    for name, column in parsed.items():
        columns[name] = column.series
        stored = pd.api.types.is_numeric_dtype(column.series) and typed[name]
        said = (f"{counted(typed[name], 'number')} stored as text: read as numbers",) if stored else ()
        notes[name] += (*said, *column.notes)
    return columns, notes, {name: column.unit for name, column in parsed.items()}


def _without_total(names: Sequence[str], sheet: Sheet) -> tuple[list[list[Any]], tuple[str, ...]]:
    """Return the rows without a last one that adds up those above."""
    rows = sheet.rows
    first = next((cell for cell in rows[-1] if cell is not None and cell != ""), None) if len(rows) > 2 else None
    if not may_be_total(first):
        return rows, ()
    above = _columns(names, rows[:-1], sheet.offset)[0]
    cells = {name: number_of(cell) for name, cell in zip(names, rows[-1], strict=True)}
    does = total_of(above, {name: number for name, number in cells.items() if number is not None})
    where = f"{row_words(len(rows) - 1, sheet.offset)}, {shown(first)},"
    if does:
        return rows[:-1], (f"the last row is left out: {where} {does} the rows above",)
    return rows, (f"the last row is kept: {where} does not add up the rows above; is it a case like them?",)


def _series(cells: list[Any], offset: int | None) -> tuple[pd.Series | pa.ChunkedArray, tuple[str, ...]]:
    """Return one column: numbers, dates or booleans where all cells are, else its cells as text."""
    broken = [row for row, cell in enumerate(cells) if isinstance(cell, str) and cell in _ERRORS]
    notes: tuple[str, ...] = ()
    if broken:
        marks = list(dict.fromkeys(cells[row] for row in broken))
        verb = "counts" if len(marks) == 1 else "count"
        where = f"{counted(len(broken))}, {first_of(broken, offset)}"
        notes = (f"{' and '.join(marks)} {verb} as missing ({where})",)
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
    days = [row for row, cell in enumerate(cells) if isinstance(cell, datetime.date)]
    if days:
        words = "a date among other entries" if len(days) == 1 else "dates among other entries"
        where = f"{counted(len(days))}, {first_of(days, offset)}: {cells[days[0]]:%Y-%m-%d}"
        notes = (*notes, f"{words} ({where}); spreadsheets make dates of entries like 3-4")
    texts = [None if cell is None else cell_text(cell) for cell in cells]
    return pa.chunked_array([pa.array(texts, type=pa.string())]), notes
