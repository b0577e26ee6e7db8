"""Numbers as people write them: with signs, units, decimal commas, marks between thousands.

What could be two numbers ("1,234" is 1234 or 1.234) is one only where the same file shows
which mark is the decimal one; else it stays text, and is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.data.places import counted, row_words, shown
from core.data.units import CURRENCIES, PERCENT, is_unit

__all__ = ["Reading", "as_numbers", "decimals_shown", "looks_numeric", "readings_of"]

_MARKS = {",": "commas", ".": "points", " ": "gaps", "'": "apostrophes"}
_SPACES = "[\u00a0\u2009\u202f\u2007]"
_NUMBER = r"\d(?:[\d.,' ]*\d)?\.?|[.,]\d+"
_BEFORE = "|".join(re.escape(sign) for sign in sorted(CURRENCIES, key=len, reverse=True))
_DRESSED = (
    rf"^(?P<open>\()?\s*(?P<minus>[+-])?\s*(?P<before>{_BEFORE})?\s*(?P<inner>[+-])?"
    rf"(?P<number>{_NUMBER})(?P<power>[eE][+-]?\d+)?\s*(?P<after>[^\d\s()+\-.,'][^()+]{{0,15}}?)?(?P<behind>-)?(?P<close>\))?$"
)
# Marks between thousands and before decimals. Who groups by commas or points groups every number from 1,000
# on; with gaps and apostrophes, which mean nothing else, four digits may stand together.
_WAYS = (
    ("", ".", r"^(\d+\.?\d*|\.\d+)$"),
    (",", ".", r"^(0|[1-9]\d{0,2}(,\d{3})*|[1-9]\d?(,\d{2})+,\d{3})(\.\d+)?$"),
    ("", ",", r"^(\d+(,\d+)?|,\d+)$"),
    (".", ",", r"^(0|[1-9]\d{0,2}(\.\d{3})*)(,\d+)?$"),
    (" ", ".", r"^(\d+|[1-9]\d{0,2}( \d{3})+)(\.\d+)?$"),
    (" ", ",", r"^(\d+|[1-9]\d{0,2}( \d{3})+)(,\d+)?$"),
    ("'", ".", r"^(\d+|[1-9]\d{0,2}('\d{3})+)(\.\d+)?$"),
    ("'", ",", r"^(\d+|[1-9]\d{0,2}('\d{3})+)(,\d+)?$"),
)
# Written before the number these go with a decimal point wherever they are used.
_POINT_SIGNS = ("$", "US$", "£", "₹", "HK$", "A$", "NZ$")
_LOOK = 1000


@dataclass(frozen=True)
class Reading:
    """One way to read a column as numbers.

    Parameters
    ----------
    plain : ChunkedArray of string
        The numbers as a computer writes them.
    group, decimal : str
        The marks between thousands and before decimals that occur in it; empty where none does.
    unit, note : str
        The sign or unit that all values have, and what to say of the reading; empty if it is the literal one.
    """

    plain: pa.ChunkedArray
    group: str
    decimal: str
    unit: str = ""
    note: str = ""

    @property
    def mark(self) -> str:
        """The decimal mark that whoever wrote this uses; empty where these cells go with either."""
        return self.decimal or {",": ".", ".": ","}.get(self.group, "")


@dataclass(frozen=True)
class _Undressed:
    number: pa.ChunkedArray
    minus: pa.ChunkedArray
    power: pa.ChunkedArray
    sign: str = ""
    before: bool = False
    said: tuple[str, ...] = ()


def looks_numeric(clean: pa.ChunkedArray) -> bool:
    """Return whether at least half of the first cells that are filled are a number of some dress."""
    first = pc.drop_null(clean.slice(0, _LOOK)) if clean.null_count else clean.slice(0, _LOOK)
    if len(first) == 0:
        first = pc.drop_null(clean).slice(0, _LOOK)
    return 2 * (pc.sum(is_dressed(first)).as_py() or 0) >= len(first) > 0


def is_dressed(clean: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return which cells are a number with at most a sign or unit around it."""
    return pc.match_substring_regex(_plain_marks(clean), _DRESSED)


def _plain_marks(clean: pa.ChunkedArray) -> pa.ChunkedArray:
    for old, new in (("\u2212", "-"), ("’", "'"), (_SPACES, " ")):
        clean = pc.replace_substring_regex(clean, old, new)
    return clean


def readings_of(clean: pa.ChunkedArray, offset: int | None) -> tuple[list[Reading], str]:
    """Return the ways in which a whole column can be read as numbers, and why there are none.

    Parameters
    ----------
    clean : ChunkedArray of string
        Trimmed; null where missing, at least one value.
    offset : int, optional
        See :func:`core.data.places.row_words`.

    Returns
    -------
    readings : list of Reading
        None if the column is no numbers; several if they differ, the one with a decimal point first.
    why : str
        What stands in the way, where all are numbers but not dressed alike; else empty.
    """
    undressed, why = _undress(clean, offset)
    if undressed is None:
        return [], why
    found: list[Reading] = []
    for group, decimal, pattern in _WAYS:
        if pc.all(pc.match_substring_regex(undressed.number, pattern)).as_py():
            reading = _reading(undressed, group, decimal)
            if not any(reading.plain.equals(other.plain) for other in found):
                found.append(reading)
    if len(found) > 1 and undressed.before and undressed.sign in _POINT_SIGNS:
        found = [reading for reading in found if reading.mark == "."]
    if not found:
        return [], _odd_one(clean, offset)
    return [_told(reading, clean, undressed) for reading in found], ""


def _odd_one(clean: pa.ChunkedArray, offset: int | None) -> str:
    """Return what to say of numbers that no one way reads: the first row that does not go with those before it."""
    rows = _rows(pc.is_valid(clean))
    low, high = 2, len(rows)
    while low < high:
        middle = (low + high) // 2
        if readings_of(clean.take(pa.array(rows[:middle])), None)[0]:
            low = middle + 1
        else:
            high = middle
    at = [
        f"{row_words(int(row), offset)} is {shown(clean[int(row)])}" for row in (rows[0], rows[min(low, len(rows)) - 1])
    ]
    where = ", ".join(dict.fromkeys(at))
    return f"text, because its numbers are not all written alike: {where}. Write them alike to use them"


def _undress(clean: pa.ChunkedArray, offset: int | None) -> tuple[_Undressed | None, str]:
    plain = _plain_marks(clean)
    parts = pc.extract_regex(plain, _DRESSED)
    filled = pc.is_valid(clean)
    if pc.sum(pc.is_valid(parts)).as_py() != pc.sum(filled).as_py():
        return None, ""
    part = {
        name: pc.struct_field(parts, name)
        for name in ("open", "minus", "before", "inner", "number", "power", "after", "behind", "close")
    }
    sign, before, why = _one_sign(part, clean, offset)
    if why or sign is None:
        return None, why
    minuses = [pc.equal(part[name], "-") for name in ("minus", "inner", "behind")]
    wrapped = pc.equal(part["open"], "(")
    if not pc.all(pc.equal(wrapped, pc.equal(part["close"], ")"))).as_py():
        return None, ""
    times = pc.cast(wrapped, pa.int8())
    for mask in minuses:
        times = pc.add(times, pc.cast(mask, pa.int8()))
    if (pc.max(times).as_py() or 0) > 1:
        return None, ""
    said = []
    if pc.any(wrapped).as_py():
        said.append("in parentheses where below 0")
    if pc.any(minuses[2]).as_py():
        said.append("with the minus behind the number")
    minus = pc.if_else(pc.greater(times, 0), "-", "")
    return _Undressed(part["number"], minus, part["power"], sign, before, tuple(said)), ""


def _one_sign(
    part: dict[str, pa.ChunkedArray], clean: pa.ChunkedArray, offset: int | None
) -> tuple[str | None, bool, str]:
    """Return the one sign or unit of all values (0 may lack it), whether it stands before, and what is wrong."""
    after = pc.utf8_rtrim_whitespace(part["after"])
    both = pc.binary_join_element_wise(part["before"], after, "\x00")
    zero = pc.match_substring_regex(part["number"], r"^[0.,]+$")
    bare = pc.equal(both, "\x00")
    signs = [text for text in pc.unique(pc.drop_null(both)).to_pylist() if text != "\x00"]
    if not signs:
        return "", False, ""
    known = {text: _known_sign(text) for text in signs}
    if None in known.values():
        word = signs[0].split("\x00")[1]
        if len(signs) == 1 and word and len(clean) - clean.null_count > 2:
            return None, False, f"text, because {shown(word)} behind its numbers is no unit that is known"
        return None, False, ""
    odd = pc.and_(bare, pc.invert(zero))
    first = known[signs[0]] or ""
    if len(set(known.values())) > 1:
        other = next(text for text in signs if known[text] != known[signs[0]])
        rows = _rows(pc.equal(both, other))
        return (
            None,
            False,
            (
                f"text, because not all values have the same unit: {row_words(int(rows[0]), offset)} is "
                f"{shown(clean[int(rows[0])])} where others have {shown(first)}. Bring them to one unit to use them"
            ),
        )
    rows = _rows(odd)
    if len(rows):
        return (
            None,
            False,
            (
                f"text, because {counted(len(rows), 'value')} of {len(clean) - clean.null_count} lack the "
                f"{shown(first)} of the others: {row_words(int(rows[0]), offset)} is {shown(clean[int(rows[0])])}. "
                "Write it everywhere or nowhere to use it as a number"
            ),
        )
    return first, signs[0].index("\x00") > 0, ""


def _known_sign(both: str) -> str | None:
    before, after = both.split("\x00")
    if before and after:
        return None
    if before:
        return before if before in CURRENCIES else None
    return PERCENT.get(after, after) if is_unit(after) else None


def _reading(undressed: _Undressed, group: str, decimal: str) -> Reading:
    text = pc.replace_substring(undressed.number, group, "") if group else undressed.number
    text = pc.replace_substring(text, ",", ".") if decimal == "," else text
    plain = pc.binary_join_element_wise(undressed.minus, text, undressed.power, "")
    grouped = bool(group) and bool(pc.any(pc.match_substring(undressed.number, group)).as_py())
    parted = bool(pc.any(pc.match_substring(undressed.number, decimal)).as_py())
    return Reading(plain, group if grouped else "", decimal if parted else "")


def _told(reading: Reading, clean: pa.ChunkedArray, undressed: _Undressed) -> Reading:
    """Return the reading with what to say about it; nothing where it is the literal one."""
    sign = undressed.sign
    how = []
    if sign:
        how.append("with a % sign, kept in percent" if sign == "%" else f"with {shown(sign)}")
    if reading.group:
        how.append(f"with {_MARKS[reading.group]} between thousands")
    if reading.decimal == ",":
        how.append("with a decimal comma")
    how.extend(undressed.said)
    if not how:
        return reading
    if how == ["with a decimal comma"]:
        return replace(reading, note="read with a decimal comma")
    dressed = _rows(pc.not_equal(clean, reading.plain))
    row = int(dressed[0]) if len(dressed) else 0
    number = reading.plain[row].as_py()
    said = f"{counted(len(dressed), 'value')} {', '.join(how)}"
    note = f"read as numbers: {said}; {shown(clean[row])} is {float(number):.12g}"
    return replace(reading, unit=sign, note=note)


def decimals_shown(clean: pa.ChunkedArray) -> str:
    """Return "." if a column of plain numbers shows that its point is the decimal one, else nothing."""
    sure = pc.match_substring_regex(clean, r"^[+-]?(0?\.\d|\d+\.(\d{0,2}|\d{4,})$|\d{4,}\.\d|\d+\.\d+[eE])")
    return "." if pc.any(sure).as_py() else ""


def as_numbers(plain: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return plain text as int64 where all are whole, else as float64."""
    for kind in (pa.int64(), pa.float64()):
        try:
            return pc.cast(plain, kind)
        except pa.ArrowInvalid:
            continue
    raise AssertionError("what was read as numbers is none")


def told_apart(readings: Sequence[Reading], clean: pa.ChunkedArray, offset: int | None) -> str:
    """Return what to say where a column could be read in two ways and the file does not show which is meant."""
    first, second = readings[0], readings[1]
    rows = _rows(pc.not_equal(first.plain, second.plain))
    row = int(rows[0])
    a, b = (float(reading.plain[row].as_py()) for reading in (first, second))
    return (
        f"text, because it could be two numbers: {row_words(row, offset)} is {shown(clean[row])}, {a:g} or {b:g}, and "
        f"nothing in the file shows which. Choose a kind for numbers to read it as {a:g}"
    )


def _rows(mask: pa.ChunkedArray) -> NDArray[np.intp]:
    return np.flatnonzero(np.asarray(pc.fill_null(mask, False)))
