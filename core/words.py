"""How sentences and tables write words and numbers: for the verdict, the terminal and the pages alike."""

import unicodedata
from collections.abc import Iterable, Sequence
from math import ceil, floor, isfinite, log10

__all__ = ["chance", "either", "interval", "joined", "number", "sentence", "spanned", "table", "width"]

_LARGE = 1e9  # from which on a number is written with a power of ten
_PLACES = 3.5  # of an interval's width, at least


def joined(words: Iterable[str]) -> str:
    """Join words as in a sentence: ``"a"``, ``"a and b"``, ``"a, b and c"``."""
    *most, last = list(words) or [""]
    return f"{', '.join(most)} and {last}" if most else last


def either(words: Iterable[str]) -> str:
    """Join what is open: ``"a"``, ``"a or b"``, ``"a, b or c"``."""
    *most, last = list(words) or [""]
    return f"{', '.join(most)} or {last}" if most else last


def sentence(words: str) -> str:
    """Return words as a sentence: a capital at its beginning, a full stop at its end."""
    words = words[:1].upper() + words[1:]
    return words if words.endswith(".") else f"{words}."


def width(text: str) -> int:
    """Return how many columns a text takes in a terminal."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], numbers: str = "", indent: str = "  ") -> list[str]:
    """Return aligned lines, a head and a line a row.

    Parameters
    ----------
    headers : sequence of str
    rows : sequence of sequences of str
    numbers : str
        One letter a column: ``"r"`` aligns to the right, all else to the left.
    """
    cells = [[_one_line(cell) for cell in row] for row in (headers, *rows)]
    widths = [max(width(row[column]) for row in cells) for column in range(len(headers))]
    lines = []
    for row in cells:
        parts = []
        for column, cell in enumerate(row):
            space = " " * (widths[column] - width(cell))
            parts.append(space + cell if numbers[column : column + 1] == "r" else cell + space)
        lines.append((indent + "  ".join(parts)).rstrip())
    return lines


def _one_line(text: str) -> str:
    """Names come from users: nothing in one may break a line or steer a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def number(value: float | None, digits: int = 3) -> str:
    """Return a number short enough to read: three significant digits, ``-`` for none."""
    if value is None or value != value:
        return "-"
    if abs(value) < 1e-9:
        return "0"
    if 1e5 <= abs(value) < _LARGE:
        return f"{round(value, digits - 1 - _magnitude(value)):,.0f}"
    if 1e-3 <= abs(value) < 1e5:
        whole = f"{value:,.{max(0, digits - 1 - _magnitude(value))}f}"
        return whole
    return f"{value:.{digits - 1}e}"


def _magnitude(value: float) -> int:
    return floor(log10(abs(value)))


def chance(value: float | None) -> str:
    """Return a p-value: ``<0.001`` under that."""
    return "<0.001" if value is not None and value < 1e-3 else number(value)


def interval(low: float | None, high: float | None) -> str:
    """Return ``[low, high]``, or ``-`` where there is none."""
    return "-" if low is None or high is None else f"[{number(low)}, {number(high)}]"


def spanned(mean: float, low: float, high: float) -> tuple[str, str, str]:
    """Return a mean and the ends of its interval in words, rounded to one place, which the interval's width gives.

    The last place is a part of the width that is seen in it (1.5 [1.3, 1.7]; 14 [10, 18]), and finer where an end that
    is not zero would else read as zero.
    """
    parts = (mean, low, high)
    width_ = high - low
    if not all(map(isfinite, parts)) or not width_ > 1e-9 * max(map(abs, parts), default=0.0):
        first, second, third = map(number, parts)
        return first, second, third
    places = ceil(-log10(width_ / _PLACES) - 1e-9)
    for end in (low, high):
        if abs(end) > 1e-3 * width_:
            places = max(places, ceil(-log10(2 * abs(end))))
    if places > 6 or places < -9:
        first, second, third = map(number, parts)
        return first, second, third
    first, second, third = (f"{round(value, places) + 0.0:,.{max(0, places)}f}" if value else "0" for value in parts)
    return first, second, third
