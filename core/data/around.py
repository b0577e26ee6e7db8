"""What stands around the table in a text file: cut off before the rows are read, and said."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

from core.data.layout import find_top, notes_below
from core.data.places import counted, shown

__all__ = ["Cut", "cut_out"]

_HEAD_BYTES = 1 << 18
_HEAD_ROWS = 100
_TAIL_BYTES = 1 << 14
_TAIL_ROWS = 40


@dataclass(frozen=True)
class Cut:
    """The lines of the table alone: names first, then rows.

    Parameters
    ----------
    raw : bytes
    skipped : int
        Line of the file minus line of ``raw``, for the rows below the names.
    labels, units : tuple of str
        One a column, where a row below the names said them; else empty.
    notes : tuple of str
        What was cut off, with its line.
    """

    raw: bytes
    skipped: int = 0
    labels: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def cut_out(raw: bytes, separator: str, before: int = 0) -> Cut:
    """Return the table without titles above it, a second row of names, or remarks below it.

    ``before`` is how many lines of the file stand before ``raw``.
    """
    if b"\n" not in raw:
        return Cut(raw, before)
    rows, starts = _head(raw, separator)
    top = find_top(rows, [line + before for line in starts])
    cut = Cut(raw, before, top.labels, top.units, top.notes)
    if top.start or top.rows > 1:
        names = list(top.names or rows[top.start])
        below = starts[top.start + top.rows] if top.start + top.rows < len(rows) else raw.count(b"\n") + 2
        header = io.StringIO()
        csv.writer(header, delimiter=separator, lineterminator="\n").writerow(names)
        rest = raw[_line_at(raw, below) :]
        cut = Cut(header.getvalue().encode() + rest, below - 2 + before, top.labels, top.units, top.notes)
        rows = [names]
    return _without_notes(cut, separator, max((len(row) for row in rows[:2]), default=0))


def _head(raw: bytes, separator: str) -> tuple[list[list[str]], list[int]]:
    """Return the first rows, and the line on which each starts."""
    piece = raw[:_HEAD_BYTES]
    if len(piece) < len(raw):
        piece = piece[: piece.rfind(b"\n") + 1]
    reader = csv.reader(io.StringIO(piece.decode("utf-8", errors="replace"), newline=""), delimiter=separator)
    rows: list[list[str]] = []
    starts: list[int] = []
    line = 1
    try:
        for row in reader:
            rows.append(row)
            starts.append(line)
            line = reader.line_num + 1
            if len(rows) == _HEAD_ROWS:
                break
    except csv.Error:
        pass  # whoever reads the rows says where
    return rows, starts


def _line_at(raw: bytes, line: int) -> int:
    """Return where a line (from 1) starts."""
    start = 0
    for _ in range(line - 1):
        start = raw.find(b"\n", start) + 1
        if start == 0:
            return len(raw)
    return start


def _without_notes(cut: Cut, separator: str, width: int) -> Cut:
    """Cut off what stands below the last row and is none."""
    raw = cut.raw
    begin = max(len(raw) - _TAIL_BYTES, 0)
    begin = raw.find(b"\n", begin) + 1 if begin else _line_at(raw, 2)
    tail = raw[begin:]
    lines = tail.splitlines(keepends=True)[-_TAIL_ROWS:]
    if begin == 0 or any(line.count(b'"') % 2 for line in lines):
        return cut
    rows = list(
        csv.reader(io.StringIO(b"".join(lines).decode("utf-8", errors="replace"), newline=""), delimiter=separator)
    )
    many = notes_below(rows, width)
    if len(rows) != len(lines) or not many:
        return cut
    gone = [(index, row) for index, row in enumerate(rows) if index >= len(rows) - many and any(c.strip() for c in row)]
    end = len(raw) - sum(map(len, lines[len(lines) - many :]))
    if not gone or not raw[:end].count(b"\n") > 1:
        return cut
    first = raw[: len(raw) - sum(map(len, lines[gone[0][0] :]))].count(b"\n") + 1 + cut.skipped
    words = re.sub(r"\s+", " ", separator.join(gone[0][1]).strip(separator + " "))
    many_words = f"{counted(len(gone), 'line')} below the table {'is' if len(gone) == 1 else 'are'} left out"
    note = f"{many_words}: line {first} is {shown(words, 60)}"
    return Cut(raw[:end], cut.skipped, cut.labels, cut.units, (*cut.notes, note))
