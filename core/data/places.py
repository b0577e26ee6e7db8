"""Where something stands in a table, in words that a user can follow to the cell."""

from collections.abc import Iterable

__all__ = ["column_place", "counted", "first_of", "listed", "place", "row_words", "shown"]


def row_words(index: int, offset: int | None = None) -> str:
    """Return "row 3 (line 4)" for the 0-based data row 2.

    Parameters
    ----------
    index : int
        Row, counted from 0.
    offset : int, optional
        What to add to the 1-based row to get the line of the file (or of the sheet);
        None where rows have no lines.
    """
    return f"row {index + 1}" if offset is None else f"row {index + 1} (line {index + 1 + offset})"


def place(source: str, *, row: int | None = None, column: str | None = None, offset: int | None = None) -> str:
    """Return "sales.csv, row 3 (line 4), column ads", leaving out what is not given."""
    parts = [source] if source else []
    if row is not None:
        parts.append(row_words(row, offset))
    if column is not None:
        parts.append(f"column {column}")
    return ", ".join(parts)


def column_place(source: str, column: str) -> str:
    """Return "sales.csv, column ads"."""
    return place(source, column=column)


def shown(value: object, width: int = 40) -> str:
    """Return a value as it may stand in a sentence: in quotes, on one line, not too long."""
    text = " ".join(str(value).split())
    return repr(text if len(text) <= width else text[: width - 1] + "…")


def first_of(rows: Iterable[int], offset: int | None = None) -> str:
    """Return where something first stands: ``"first in row 3 (line 4)"``."""
    return f"first in {row_words(int(next(iter(rows))), offset)}"


def listed(names: Iterable[object], most: int = 8) -> str:
    """Return names in quotes, joined by commas, the rest cut off."""
    found = list(names)
    words = ", ".join(shown(name) for name in found[:most])
    return f"{words} … ({len(found)} in all)" if len(found) > most else words


def counted(count: int, what: str = "row") -> str:
    """Return "1 row" or "3 rows"."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
