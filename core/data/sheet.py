"""The table on a sheet: its names and rows, without what stands around them; merged cells filled."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.data.frame import check_names, check_shape
from core.data.layout import find_top, notes_below
from core.data.limits import Limits
from core.data.places import counted, place, shown
from core.data.zipped import pieces_of
from core.errors import DataError

__all__ = ["Merged", "Sheet", "cell_text", "merged_cells", "table_of"]

_HEAD_ROWS = 100
_TAIL_ROWS = 40
_MOST_MERGED = 20_000
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_HINT = (
    "Name every column in one row, with nothing but a title above it; cells that are merged across columns leave "
    "all but the first empty."
)


@dataclass(frozen=True)
class Merged:
    """Cells that were made one, from 0, both ends in."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True)
class Sheet:
    """A table as it stands on a sheet.

    ``offset`` is the line of the sheet minus the 1-based row; None where that is not one number.
    """

    names: list[str]
    rows: list[list[Any]]
    offset: int | None
    notes: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)


def merged_cells(raw: bytes, part: str, source: str) -> list[Merged]:
    """Return the merged cells of a sheet, which stand behind its rows; at most 20,000 of them."""
    found: list[Merged] = []
    end = b""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for piece in pieces_of(archive, archive.getinfo(part.lstrip("/")), source):
            if b"mergeCell" not in (whole := end + piece):
                end = piece[-64:]
                continue
            last = 0
            for match in _MERGED.finditer(whole):
                left, top, right, bottom = (group.decode() for group in match.groups())
                found.append(Merged(int(top) - 1, int(bottom) - 1, _column(left), _column(right)))
                last = match.end()
                if len(found) > _MOST_MERGED:
                    return found[:_MOST_MERGED]
            end = whole[max(last, len(whole) - 64) :]
    return found


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


def table_of(rows: list[list[Any]], merged: Sequence[Merged], source: str, limits: Limits) -> Sheet:
    """Return the table in the rows of a sheet.

    Raises
    ------
    DataError
        If it is not plain which row names the columns, or rows reach beyond the names.
    """
    if not any(rows):
        raise DataError("the first sheet is empty", place=source, hint="Put the table on the first sheet.")
    head = [[cell_text(cell) for cell in row] for row in rows[:_HEAD_ROWS]]
    across = [(one.top, one.left, one.right) for one in merged if one.top == one.bottom]
    top = find_top(head, range(1, len(head) + 1), across)
    header = [name.strip() for name in top.names or head[top.start]]
    first = top.start + top.rows
    filled, joined = _filled_down(rows, merged, first)
    body = filled[first:]
    notes = [*top.notes, *joined]
    below = notes_below([[cell_text(cell) for cell in row] for row in body[-_TAIL_ROWS:]], len(header))
    if 0 < below < len(body):
        gone = [index for index in range(len(body) - below, len(body)) if any(map(cell_text, body[index]))]
        if gone:
            words = " ".join(cell_text(cell) for cell in body[gone[0]] if cell is not None)
            verb = "is" if len(gone) == 1 else "are"
            line = first + gone[0] + 1
            notes.append(
                f"{counted(len(gone), 'line')} below the table {verb} left out: line {line} is {shown(words, 60)}"
            )
        body = body[: len(body) - below]
    check_shape(len(body), max([len(header), *map(len, body)]), source, limits)
    _check_width(header, body, first, source)
    names, body, dropped = _without_nameless(header, body, first, source)
    check_names(names, source, limits)
    body, offset, empty = _without_empty(body, first, len(names))
    said = dict(
        zip(names, zip(top.labels or [""] * len(header), top.units or [""] * len(header), strict=False), strict=False)
    )
    return Sheet(
        names, body, offset, (*notes, *dropped, *empty),
        {name: label for name, (label, _) in said.items()}, {name: unit for name, (_, unit) in said.items()},
    )  # fmt: skip


def _filled_down(rows: list[list[Any]], merged: Sequence[Merged], first: int) -> tuple[list[list[Any]], list[str]]:
    """Give each row that a merged cell reaches over its value, and say so."""
    down = [one for one in merged if one.left == one.right and one.bottom > one.top >= first]
    wide = [
        one for one in merged if one.right > one.left and one.top >= first and _at(rows, one.top, one.left) is not None
    ]
    count = 0
    for one in down:
        value = _at(rows, one.top, one.left)
        if value is None:
            continue
        for index in range(one.top + 1, min(one.bottom, len(rows) - 1) + 1):
            row = rows[index]
            row.extend([None] * (one.left + 1 - len(row)))
            if row[one.left] is None:
                row[one.left] = value
                count += 1
    notes = []
    if count:
        at = min(down, key=lambda one: one.top)
        notes.append(
            f"merged cells count for every row that they reach over ({counted(count, 'cell')} filled, "
            f"first from line {at.top + 1}: {shown(cell_text(_at(rows, at.top, at.left)))})"
        )
    if wide:
        at = min(wide, key=lambda one: one.top)
        notes.append(
            f"{counted(len(wide), 'cell')} merged across columns counts for the first of them only "
            f"(first in line {at.top + 1}: {shown(cell_text(_at(rows, at.top, at.left)))})"
        )
    return rows, notes


def _at(rows: list[list[Any]], row: int, column: int) -> Any:
    return rows[row][column] if row < len(rows) and column < len(rows[row]) else None


def _check_width(header: list[str], body: list[list[Any]], first: int, source: str) -> None:
    for index, row in enumerate(body):
        if len(row) > len(header):
            raise DataError(
                f"there are {len(row)} cells under {len(header)} names",
                place=place(source, row=index, offset=first),
                hint=_HINT,
            )


def _without_nameless(
    header: list[str], body: list[list[Any]], first: int, source: str
) -> tuple[list[str], list[list[Any]], list[str]]:
    """Drop nameless columns without values; name a nameless first column of row names."""
    width = len(header)
    for row in body:
        row.extend([None] * (width - len(row)))
    keep, notes, names = [], [], list(header)
    for index, name in enumerate(header):
        if name:
            keep.append(index)
            continue
        values = [cell_text(row[index]) for row in body]
        if not any(values):
            notes.append(f"column {index + 1} has neither name nor values and is left out")
            continue
        if index == 0 and "row" not in header and len(set(values)) == len(values):
            names[0] = "row"
            notes.append("the first column has no name; it numbers the rows and is called 'row'")
            keep.append(index)
            continue
        raise DataError(
            f"column {index + 1} has no name in the first row", place=place(source, column=str(index + 1)), hint=_HINT
        )
    if len(keep) == width:
        return names, body, notes
    return [names[index] for index in keep], [[row[index] for index in keep] for row in body], notes


def _without_empty(body: list[list[Any]], first: int, width: int) -> tuple[list[list[Any]], int | None, list[str]]:
    """Leave out rows without a value. Behind them row and line no longer go together."""
    empty = [index for index, row in enumerate(body) if not any(cell is not None and cell != "" for cell in row)]
    if not empty or len(empty) == len(body) or width < 2:
        return body, first, []
    verb = "is" if len(empty) == 1 else "are"
    note = f"{counted(len(empty), 'empty row')} {verb} left out (first in line {first + empty[0] + 1})"
    gone = set(empty)
    kept = [row for index, row in enumerate(body) if index not in gone]
    return kept, first if empty[0] >= len(kept) else None, [note]


def cell_text(cell: Any) -> str:
    """Return a cell as text, whole numbers without a point; nothing for an empty one."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, datetime.datetime | datetime.date) else str(cell)
