"""CSV and its relatives: every row must have as many cells as the first."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from core.data.around import Cut, cut_out
from core.data.dataset import SET_COLUMN, Dataset
from core.data.encoding import to_utf8
from core.data.frame import check_names, check_shape, make_dataset
from core.data.limits import Limits
from core.data.places import counted, first_of, listed, place, row_words, shown
from core.data.sizes import check_text
from core.data.telling import tell
from core.data.text import Parsed, parse_columns
from core.data.totals import may_be_total, number_of, total_of
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
    told = re.match(rb"sep=([,;|\t])\r?\n", raw[above:])  # how Excel is told
    above += told.end() if told else 0
    separator = separator or (told[1].decode() if told else _find_separator(raw[above:]))
    cut = cut_out(raw[above:], separator, raw[:above].count(b"\n"))
    raw = cut.raw
    header = _header(raw, separator, source)
    check_shape(1, len(header), source, limits)
    quoted = b'"' in raw
    if not quoted and (lines := raw.count(b"\n")) > min(limits.rows, limits.cells // len(header)) + 1000:
        check_shape(lines, len(header), source, limits)
    offset = _line_offset(raw, quoted)
    offset = None if offset is None else offset + cut.skipped
    tell("finding the rows")
    cells = _cells(raw, separator, header, source, quoted, offset)
    check_shape(cells.num_rows, len(header), source, limits)
    words = _words_below(header, cut)
    header, cells, dropped = _without_nameless(header, cells)
    cells, offset, empty = _without_empty_rows(cells, offset)
    names, renamed = check_names(header, source, limits)
    columns = dict(zip(names, cells.columns, strict=True))
    check_text(columns, source, offset, limits)
    sets = columns.pop(SET_COLUMN, None)
    parsed, total = _without_total(columns, separator == ",", offset)
    table = {name: column.series for name, column in parsed.items()}
    if sets is not None:
        table[SET_COLUMN] = sets.to_pandas()[: len(next(iter(table.values()), sets))]
    return make_dataset(
        pd.DataFrame(table),
        kinds=kinds,
        source=source,
        warnings=(*warnings, *cut.notes, *renamed, *dropped, *empty, *total, *_about(names, raw, separator)),
        column_warnings={name: column.notes for name, column in parsed.items()},
        labels={name: words[old][0] for name, old in zip(names, header, strict=True) if old in words},
        units={
            name: column.unit or words.get(old, ("", ""))[1]
            for name, old in zip(names, header, strict=True)
            if (column := parsed.get(name))
        },
        line_offset=offset,
        limits=limits,
    )


def _words_below(header: list[str], cut: Cut) -> dict[str, tuple[str, str]]:
    """Return the label and the unit that the row below the names gives each of them."""
    labels = cut.labels or ("",) * len(header)
    units = cut.units or ("",) * len(header)
    return dict(zip(header, zip(labels, units, strict=False), strict=False))


def _without_empty_rows(cells: pa.Table, offset: int | None) -> tuple[pa.Table, int | None, tuple[str, ...]]:
    """Leave out rows of separators alone. Behind them row and line no longer go together."""
    if cells.num_columns < 2:
        return cells, offset, ()
    empty = None
    for values in cells.columns:
        blank = pc.equal(pc.utf8_trim_whitespace(values), "")
        empty = blank if empty is None else pc.and_(empty, blank)
        if not pc.any(empty).as_py():
            return cells, offset, ()
    rows = np.flatnonzero(np.asarray(empty))
    if len(rows) == cells.num_rows:
        return cells, offset, ()
    note = f"{counted(len(rows), 'empty row')} {'is' if len(rows) == 1 else 'are'} left out ({first_of(rows, offset)})"
    last = int(np.flatnonzero(~np.asarray(empty))[-1])
    return cells.filter(pc.invert(empty)), offset if rows[0] > last else None, (note,)


def _without_total(
    columns: dict[str, pa.ChunkedArray], commas: bool, offset: int | None
) -> tuple[dict[str, Parsed], tuple[str, ...]]:
    """Read the columns, without a last row that adds them up."""
    parsed = parse_columns(columns, commas=commas, offset=offset)
    rows = min((len(values) for values in columns.values()), default=0)
    first = next((text for values in columns.values() if rows > 2 and (text := values[rows - 1].as_py().strip())), "")
    if not may_be_total(first):
        return parsed, ()
    above = parse_columns(
        {name: values.slice(0, rows - 1) for name, values in columns.items()}, commas=commas, offset=offset
    )
    cells = {name: number_of(values[rows - 1].as_py()) for name, values in columns.items()}
    last = {name: number for name, number in cells.items() if number is not None}
    does = total_of({name: column.series for name, column in above.items()}, last)
    where = f"{row_words(rows - 1, offset)}, {shown(first)},"
    if does:
        return above, (f"the last row is left out: {where} {does} the rows above",)
    return parsed, (f"the last row is kept: {where} does not add up the rows above; is it a case like them?",)


def _find_separator(raw: bytes) -> str:
    """Return the separator under which the first rows have most evenly as many cells as the header.

    Where a title stands above the header, as the most of them.
    """
    sample = raw[: 1 << 18].decode("utf-8", errors="replace")
    scores, usual = [], []
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
        if wide := [width for width in widths if width > 1]:
            most = max(set(wide), key=lambda width: (wide.count(width), width))
            usual.append((wide.count(most) / len(widths), most, separator))
    # max keeps the first of equals, so the comma comes before the others.
    best = max(scores, key=lambda score: score[:2], default=(0.0, 1, ","))
    other = max(usual, key=lambda score: score[:2], default=best)
    return other[2] if best[0] <= 0.5 < other[0] else best[2]


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
