"""CSV and its relatives: every row must have as many cells as the first."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from core.data.dataset import SET_COLUMN, Dataset
from core.data.encoding import to_utf8
from core.data.frame import check_names, check_shape, make_dataset
from core.data.limits import Limits
from core.data.places import listed, place, shown
from core.data.sizes import check_text
from core.data.telling import tell
from core.data.text import parse_columns
from core.errors import DataError

__all__ = ["read_delimited"]

_SEPARATORS = (",", ";", "\t", "|")
_SEPARATOR_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SAMPLE_ROWS = 50
# Put behind the last row: if it does not come back as a row, a quote was never closed.
_END = "\x02end\x02"


def read_delimited(
    raw: bytes, source: str, *, kinds: dict[str, str], limits: Limits, separator: str | None = None
) -> Dataset:
    """Read the bytes of a CSV or TSV file.

    Parameters
    ----------
    raw : bytes
        The whole file, unpacked.
    separator : str, optional
        What parts the cells; found out from the first rows unless given.

    Raises
    ------
    DataError
        For a file that is empty, no text, ragged, too large, or without proper names.
    """
    raw, warnings = to_utf8(raw, source)
    if not raw.strip():
        raise DataError("the file is empty", place=source, hint="Give a table with names in its first row.")
    above = len(raw) - len(raw.lstrip(b"\r\n"))
    skipped = raw[:above].count(b"\n")
    raw = raw[above:]
    separator = separator or _find_separator(raw)
    header = _header(raw, separator, source)
    check_shape(1, len(header), source, limits)
    quoted = b'"' in raw
    if not quoted and (lines := raw.count(b"\n")) > min(limits.rows, limits.cells // len(header)) + 1000:
        check_shape(lines, len(header), source, limits)
    offset = _line_offset(raw, quoted)
    offset = None if offset is None else offset + skipped
    tell("finding the rows")
    cells = _cells(raw, separator, header, source, quoted, offset)
    check_shape(cells.num_rows, len(header), source, limits)
    header, cells, dropped = _without_nameless(header, cells)
    names, renamed = check_names(header, source, limits)
    cells_by_name = dict(zip(names, cells.columns, strict=True))
    check_text(cells_by_name, source, offset, limits)
    sets = cells_by_name.pop(SET_COLUMN, None)
    parsed = parse_columns(cells_by_name, commas=separator == ",", offset=offset)
    columns = {name: column.series for name, column in parsed.items()}
    if sets is not None:
        columns[SET_COLUMN] = sets.to_pandas()
    return make_dataset(
        pd.DataFrame(columns),
        kinds=kinds,
        source=source,
        warnings=(*warnings, *renamed, *dropped, *_about(names, raw, separator)),
        column_warnings={name: column.notes for name, column in parsed.items()},
        units={name: column.unit for name, column in parsed.items()},
        line_offset=offset,
        limits=limits,
    )


def _find_separator(raw: bytes) -> str:
    """Return the separator under which the first rows have most evenly as many cells as the header."""
    sample = raw[: 1 << 18].decode("utf-8", errors="replace")
    scores = []
    for separator in _SEPARATORS:
        try:
            lines = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
            widths = [len(row) for row, _ in zip(lines, range(_SAMPLE_ROWS), strict=False) if row]
        except csv.Error:
            continue
        # A bar in a lone name parts nothing if no row below has one.
        parts = any(width > 1 for width in widths[1:]) or separator == ","
        if widths and widths[0] > 1 and parts:
            even = sum(width == widths[0] for width in widths) / len(widths)
            scores.append((even, widths[0], separator))
    # max keeps the first of equals, so the comma comes before the others.
    return max(scores, key=lambda score: score[:2])[2] if scores else ","


def _header(raw: bytes, separator: str, source: str) -> list[str]:
    """Return the first row's cells."""
    text = io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8", newline="")
    try:
        return next(csv.reader(text, delimiter=separator))
    except (csv.Error, StopIteration):
        raise DataError(
            "the first row cannot be read as names",
            place=f"{source}, line 1",
            hint="Write one name for each column into the first row; close every quote.",
        ) from None


def _line_offset(raw: bytes, quoted: bool) -> int | None:
    """Return line minus row where that is one number: no blank lines, no cell over several lines."""
    if quoted and _breaks_inside_quotes(raw):
        return None
    blank = re.search(rb"\n\r?\n[\r\n]*[^\r\n]", raw)
    return None if blank or (b"\r" in raw and b"\n" not in raw) else 1


def _breaks_inside_quotes(raw: bytes) -> bool:
    inside = False
    for line in io.BytesIO(raw):
        inside ^= line.count(b'"') % 2 == 1
        if inside:
            return True
    return False


def _cells(raw: bytes, separator: str, header: list[str], source: str, quoted: bool, offset: int | None) -> pa.Table:
    """Return all rows below the header as text, one column of the table each."""
    width = len(header)
    ragged: list[arrow_csv.InvalidRow] = []

    def keep(row: arrow_csv.InvalidRow) -> str:
        ragged.append(row)
        return "error"

    end = separator.join([_END] * width)
    body = raw if raw.endswith((b"\n", b"\r")) else raw + b"\n"
    longest = max(1 << 20, min(len(raw) + 1024, 1 << 30) if quoted or _longest_line(raw) > 1 << 19 else 1 << 20)
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(body + end.encode() + b"\n"),
            read_options=arrow_csv.ReadOptions(use_threads=False, autogenerate_column_names=True, block_size=longest),
            parse_options=arrow_csv.ParseOptions(
                delimiter=separator, newlines_in_values=quoted, invalid_row_handler=keep, ignore_empty_lines=True
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types={f"f{index}": pa.string() for index in range(width)}, strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise _cannot(error, ragged, width, separator, source, offset) from None
    last = table.num_rows - 1
    if table.num_columns != width:
        raise DataError(
            "the first row's quotes are not closed where a cell ends",
            place=f"{source}, line 1",
            hint="Write the names plainly, or each wholly in double quotes.",
        )
    if table.column(0)[last].as_py() != _END:
        raise _open_quote(source, max(last - 1, 0), offset)
    return table.slice(1, last - 1)


def _longest_line(raw: bytes) -> int:
    ends = np.flatnonzero(np.frombuffer(raw, dtype=np.uint8) == ord("\n"))
    return int(np.diff(ends, prepend=-1, append=len(raw)).max())


def _cannot(
    error: pa.ArrowInvalid,
    ragged: list[arrow_csv.InvalidRow],
    width: int,
    separator: str,
    source: str,
    offset: int | None,
) -> DataError:
    if not ragged:
        detail = str(error).splitlines()[0].removeprefix("CSV parse error: ")
        return DataError(
            f"the rows cannot be told apart: {detail}", place=source, hint="Save the table anew as CSV in UTF-8."
        )
    row = ragged[0]
    index = (row.number or 2) - 2
    if _END in row.text and row.text.strip() != separator.join([_END] * width):
        return _open_quote(source, index, offset)
    return DataError(
        f"expected {width} {'field' if width == 1 else 'fields'}, saw {row.actual_columns}: {shown(row.text)}",
        place=place(source, row=index, offset=offset),
        hint=(
            f"Cells are parted by {_SEPARATOR_NAMES[separator]}; a cell that holds one itself must stand in "
            'double quotes ("like, this").'
        ),
    )


def _open_quote(source: str, index: int, offset: int | None) -> DataError:
    return DataError(
        "a double quote is opened and never closed",
        place=place(source, row=index, offset=offset),
        hint="Close the quote, or write a quote inside a cell twice.",
    )


def _without_nameless(header: list[str], cells: pa.Table) -> tuple[list[str], pa.Table, tuple[str, ...]]:
    """Drop nameless columns without values; name a nameless first column of row names."""
    notes = []
    keep = []
    names = list(header)
    for index, name in enumerate(header):
        if name.strip():
            keep.append(index)
            continue
        values = cells.column(index)
        if all(not str(value).strip() for value in values.unique().to_pylist()):
            notes.append(f"column {index + 1} has neither name nor values and is left out")
            continue
        if index == 0 and "row" not in header and len(values.unique()) == len(values):
            names[0] = "row"
            notes.append("the first column has no name; it numbers the rows and is called 'row'")
        keep.append(index)
    return [names[index] for index in keep], cells.select(keep), tuple(notes)


def _about(names: list[str], raw: bytes, separator: str) -> list[str]:
    found = []
    if all(re.fullmatch(r"[+-]?\d*[.,]?\d+", name) for name in names):
        found.append(f"the first row looks like values, not names: {listed(names, 4)}")
    if len(names) == 1 and re.search(r"\S\s+\S", names[0]):
        found.append(f"there is only one column, {shown(names[0])}; are cells parted by spaces? Commas are read")
    return found
