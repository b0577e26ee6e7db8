"""Where the table is in a sheet: titles above it, a second row of names, notes and totals below it.

Rows are lists of cells as text, empty ones ``""``. What is left out is said, with its line;
where it is not plain which row holds the names, nothing is left out and the reader refuses.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.data.places import shown
from core.data.text import MISSING, UNUSUAL_MISSING
from core.data.units import is_unit

__all__ = ["Top", "find_top", "is_number", "notes_below"]

Row = Sequence[str]

_MOST_ABOVE = 30
_LOOK = 60
_NUMBER = re.compile(
    r"[-+(]?\s*\D{0,4}\s*[-+]?(\d[\d.,'\u2019\u00a0\u202f ]*|[.,]\d+)([eE][-+]?\d+)?\s*(%|\S{0,4})?\)?"
)
_NOTE = re.compile(
    r"(?i)\s*(sources?|notes?|quellen?|anmerkung(en)?|hinweis|fu(ß|ss)note|remarks?|comments?|legend|copyright|\(c\)|©"
    r"|exported|generated|downloaded|created|last updated?|updated|stand|\*|†|‡|#|\[\d\]|\d\)|-{3,}|={3,})(\W|$)"
)
_UNIT = re.compile(r"[\[(]\s*(.{1,20}?)\s*[\])]")


@dataclass(frozen=True)
class Top:
    """How a table begins.

    Parameters
    ----------
    start : int
        Index of the row of names (of its first row, where there are two).
    names : tuple of str, optional
        The names, where they are not simply that row's cells; the table then goes on after ``rows`` rows.
    rows : int
        How many rows hold names, labels or units.
    labels, units : tuple of str
        One a column, where a row below the names says them.
    notes : tuple of str
        What was left out or joined.
    """

    start: int = 0
    names: tuple[str, ...] | None = None
    rows: int = 1
    labels: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def is_number(cell: str) -> bool:
    """Return whether a cell is a number of some dress; missing ones are not."""
    return _NUMBER.fullmatch(cell.strip()) is not None


def find_top(rows: Sequence[Row], lines: Sequence[int], merged: Sequence[tuple[int, int, int]] | None = None) -> Top:
    """Return where the names stand in the first rows of a sheet.

    Parameters
    ----------
    rows : sequence of rows
        The first rows of the sheet, or all of them.
    lines : sequence of int
        The line of each, for messages.
    merged : sequence of (row, first column, last column), optional
        Cells that are merged across columns. Without it (text files) a name over several columns
        is taken to reach as far as the cells right of it are empty.
    """
    start, above = _first_row(rows)
    if start is None:
        return Top()
    notes = [f"line {lines[i]} above the names is left out: {shown(_joined(rows[i]), 60)}" for i in above]
    grouped = _two_rows_of_names(rows, start, merged)
    if grouped is not None:
        notes.append(f"the names stand in two rows (lines {lines[start]} and {lines[start + 1]}) and are joined")
        return Top(start, grouped, 2, notes=tuple(notes))
    labels, units, said = _row_below(rows, start, lines)
    if labels or units:
        return Top(start, None, 2, labels, units, (*notes, said))
    return Top(start, notes=tuple(notes))


# -- above -----------------------------------------------------------------------------


def _first_row(rows: Sequence[Row]) -> tuple[int | None, list[int]]:
    """Return the row of names and the filled rows above it; None where nothing stands above, or it is not plain."""
    filled = [_filled(row) for row in rows[: _MOST_ABOVE + _LOOK]]
    widths = Counter(_extent(row) for row in rows[:_LOOK] if _extent(row) > 1)
    if not widths:
        return _first_filled(filled), []
    width = max(widths, key=lambda key: (widths[key], key))
    above: list[int] = []
    for index, count in enumerate(filled[:_MOST_ABOVE]):
        if count == 0:
            continue
        if not _may_be_title(rows[index], count, width):
            return (index, above) if not above or _are_names(rows, index) else (_first_filled(filled), [])
        if _are_names(rows, index) and not _names_follow(rows, index):
            return index, above
        above.append(index)
    return _first_filled(filled), []


def _first_filled(filled: Sequence[int]) -> int | None:
    return next((index for index, count in enumerate(filled) if count), None)


def _may_be_title(row: Row, count: int, width: int) -> bool:
    """Return whether a row may stand above a table ``width`` cells wide: a line of words, "Date: 5 May", a remark."""
    if _first(row).startswith("#") and _extent(row) != width:
        return True
    if any(is_number(cell) for cell in row if cell.strip()) and count > 2:
        return False
    return count == 1 or (count == 2 and width > 2)


def _are_names(rows: Sequence[Row], index: int) -> bool:
    """Return whether a row names the columns below it: words, all different, and numbers under some of them."""
    names = [cell.strip() for cell in rows[index]]
    cells = [name for name in names if name]
    if len(cells) < 2 or any(is_number(name) for name in cells) or len(set(cells)) < len(cells):
        return False
    below = [row for row in rows[index + 1 : index + _LOOK] if _filled(row)]
    return any(name and _is_numeric(below, column) for column, name in enumerate(names))


def _names_follow(rows: Sequence[Row], index: int) -> bool:
    """Return whether the next row is a better row of names: words, all different, in more cells."""
    below = next((row for row in rows[index + 1 : index + _LOOK] if _filled(row)), ())
    cells = [cell.strip() for cell in below if cell.strip()]
    more = len(cells) > _filled(rows[index]) and len(set(cells)) == len(cells)
    return more and not any(is_number(cell) or is_unit(cell.strip("()[]")) for cell in cells)


def _is_numeric(rows: Sequence[Row], column: int, least: int = 1) -> bool:
    cells = [cell for row in rows if len(row) > column and (cell := row[column].strip()) and not _is_missing(cell)]
    return len(cells) >= least and sum(map(is_number, cells)) >= 0.8 * len(cells)


# -- two rows of names, and a row of units or labels -----------------------------------


def _two_rows_of_names(
    rows: Sequence[Row], start: int, merged: Sequence[tuple[int, int, int]] | None
) -> tuple[str, ...] | None:
    """Return names joined from a row of groups and the row below it; None where there are no groups."""
    if start + 2 >= len(rows):
        return None
    first, second = ([cell.strip() for cell in row] for row in (rows[start], rows[start + 1]))
    width = max(len(first), len(second))
    first, second = ([*row, *[""] * (width - len(row))] for row in (first, second))
    gaps = [column for column in range(width) if not first[column] and second[column]]
    if not gaps or not any(first) or any(is_number(cell) for cell in first if cell):
        return None
    if any(is_number(cell) and not re.fullmatch(r"(1[5-9]|20|21)\d\d", cell) for cell in second if cell):
        return None
    body = [row for row in rows[start + 2 : start + _LOOK] if _filled(row)]
    if not any(_is_numeric(body, column) for column in range(width)) or any(
        not (a or b) for a, b in zip(first, second, strict=True)
    ):
        return None
    over = _spread(first, second, start, merged)
    names = tuple(" ".join(part for part in pair if part) for pair in zip(over, second, strict=True))
    return names if len(set(names)) == len(names) else None


def _spread(
    first: list[str], second: list[str], start: int, merged: Sequence[tuple[int, int, int]] | None
) -> list[str]:
    """Return the upper names, each over all the columns that it stands over."""
    over = list(first)
    if merged is not None:
        for row, left, right in merged:
            if row == start:
                over[left : right + 1] = [first[left]] * (min(right, len(first) - 1) - left + 1)
        return over
    for column in range(1, len(over)):
        if not over[column] and second[column] and second[column - 1]:
            over[column] = over[column - 1]
    return over


def _row_below(rows: Sequence[Row], start: int, lines: Sequence[int]) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Return labels or units that stand in the row below the names, and what to say; empty if it holds values."""
    if start + 4 >= len(rows):
        return (), (), ""
    names, row = rows[start], [cell.strip() for cell in rows[start + 1]]
    body = [cells for cells in rows[start + 2 : start + _LOOK] if _filled(cells)]
    numeric = [column for column in range(len(names)) if _is_numeric(body, column, 3)]
    words = [column for column in numeric if column < len(row) and row[column]]
    said = [row[column] for column in words]
    if not said or any(is_number(cell) or _is_missing(cell) for cell in said):
        return (), (), ""
    line = f"line {lines[start + 1]} below the names holds"
    units = [match[1] if (match := _UNIT.fullmatch(cell)) else cell for cell in row]
    if all(is_unit(units[column]) for column in words):
        kept = tuple(unit if column in words else "" for column, unit in enumerate(units))
        return (), kept, f"{line} units, not values, and is taken as such: {shown(_joined(row), 60)}"
    if len(words) >= 2 and len(words) == len(numeric):
        return (
            tuple(row),
            (),
            f"{line} words where all below are numbers, and is taken for labels: {shown(_joined(row), 60)}",
        )
    return (), (), ""


# -- below -----------------------------------------------------------------------------


def notes_below(rows: Sequence[Row], width: int) -> int:
    """Return how many of the last rows are no rows of the table: empty ones, sources, remarks.

    A lone word in the last row may be a row that was cut off; it counts as a remark only if an
    empty row stands before it, or it says so itself.
    """
    if width < 2:
        return 0
    end = len(rows)
    while end > 0 and _filled(rows[end - 1]) == 0:
        end -= 1
    kept = end
    for index in range(end - 1, max(end - _MOST_ABOVE, 0) - 1, -1):
        if _filled(rows[index]) == 0:
            kept = index  # all that stands below an empty row
        elif not _may_be_note(rows[index], width):
            break
        elif _NOTE.match(_first(rows[index])):
            kept = index
    return len(rows) - kept


def _may_be_note(row: Row, width: int) -> bool:
    first = row[0].strip() if row else ""
    if not first or is_number(first):
        return False
    return _filled(row) == 1 or (_extent(row) < width and _NOTE.match(first) is not None)


# -- cells -----------------------------------------------------------------------------


def _filled(row: Row) -> int:
    return sum(1 for cell in row if cell.strip())


def _extent(row: Row) -> int:
    """Return how many cells a row has up to its last filled one."""
    return next((len(row) - back for back, cell in enumerate(reversed(row)) if cell.strip()), 0)


def _first(row: Row) -> str:
    return next((cell.strip() for cell in row if cell.strip()), "")


def _joined(row: Row) -> str:
    return " | ".join(cell.strip() for cell in row if cell.strip())


def _is_missing(cell: str) -> bool:
    return cell in MISSING or cell in UNUSUAL_MISSING
