"""What may stand in a name of a column, node, group or hypothesis; one rule for all places.

Names come from spreadsheets, other programs' files, a browser and the keyboard. Blanks at
their ends, tabs and line breaks mean nothing to the one who reads them, and hide that two
names are the same: :func:`tidy_name` takes them away. Control characters, marks that turn the
reading direction and halves of characters are seen by nobody, can be stored or shown by few,
and let one name pass for another: :func:`fault_in` says which one a name holds.
"""

import re

__all__ = ["TIME", "earlier_name", "fault_in", "tidy_name"]

TIME = "\x1ftime"
"""What stands for the order of rows beside raw values; no column's name, as those of :func:`earlier_name`."""

# Zero-width blanks and the byte mark, which copying from a browser or an editor leaves behind.
_EMPTY = "\u200b\u2060\ufeff"
_BREAK = re.compile(r"[\t-\r\x1c-\x1f\x85\u2028\u2029]")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def tidy_name(name: str) -> str:
    """Return a name without blanks at its ends, and on one line.

    Examples
    --------
    >>> tidy_name(" Ad spend ")
    'Ad spend'
    """
    if _BREAK.search(name):
        name = " ".join(name.split())
    before = ""
    while name != before:
        before, name = name, name.strip().strip(_EMPTY)
    return name


def fault_in(name: str) -> str:
    """Return in words what a name holds that no name may; ``""`` if nothing.

    Examples
    --------
    >>> fault_in("sal" + chr(0) + "es")
    'a control character (U+0000)'
    """
    found = _FORBIDDEN.search(name)
    if found is None:
        return ""
    letter = found[0]
    code = f"(U+{ord(letter):04X})"
    if letter in "\n\r\u2028\u2029\x85":
        return "a line break"
    if "\ud800" <= letter <= "\udfff":
        return f"half a character {code}"
    if "\u202a" <= letter <= "\u2069":
        return f"a mark that turns the reading direction {code}"
    return f"a control character {code}"


def earlier_name(name: str, rows: int) -> str:
    """Return what a column's values of some rows earlier are called: its mark stands in no column's name.

    Examples
    --------
    >>> earlier_name("ads", 2) == "ads" + chr(31) + "[t-2]"
    True
    """
    return f"{name}\x1f[t-{rows}]"
