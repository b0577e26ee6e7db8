"""What is said of rows that resemble each other: in plain counts, of the columns that suffer most."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.check.resemblance import Worst
from core.data.dataset import Column
from core.words import joined

__all__ = ["FEW_GROUPS", "Tie", "advice_about", "as_good_as", "computed_words", "ignored_words", "reason_about"]
__all__ += ["remark_about"]

FEW_GROUPS = 8
"""With fewer groups, errors that are computed from groups are themselves uncertain."""

_SORTED = (
    "If the order of the rows means nothing (a file that is sorted by group, say), let every hypothesis name the "
    "column that it is sorted by, or say so (rows none)."
)
_MOST_LEVELS = 20
_SAID = 3


@dataclass(frozen=True, eq=False)
class Tie:
    """Something that ties rows together, and what it does.

    ``way`` is ``"group"``, ``"time"`` (the order of ``column``) or ``"order"`` (that of the rows); ``factors``,
    shape (p, p), are those of all pairs of columns, ``worst`` the largest in the user's words; ``lags`` is
    how far a memory lasts; ``asked`` whether the user said it. ``stretches`` are columns whose groups stand together
    in this order and resemble each other so that hardly anything of it is left once they are taken out.
    """

    way: str
    column: Column | None
    worst: Worst
    factors: NDArray[np.float64]
    lags: int = 0
    asked: bool = False
    groups: int = 0
    stretches: tuple[Column, ...] = ()

    @property
    def title(self) -> str:
        """The column, in the user's words."""
        return "" if self.column is None else self.column.title


def as_good_as(rows: int, factor: float) -> str:
    """Return how many independent rows say as much, to two digits."""
    worth = max(rows / factor, 1.0)
    digits = max(0, int(np.floor(np.log10(worth))) - 1)
    return f"{round(worth, -digits):,.0f}"


def _worth(tie: Tie, rows: int) -> str:
    return f"{rows:,} rows say about as much as {as_good_as(rows, tie.worst.factor)}"


def _what(tie: Tie) -> str:
    return f"what {tie.worst.pair[0]} and {tie.worst.pair[1]} leave unexplained"


def reason_about(tie: Tie, rows: int) -> str:
    """Return why the verdict is withheld, as a part of a sentence."""
    if tie.way == "order":
        return f"{_what(tie)} resembles the row before (autocorrelated residuals), so that {_worth(tie, rows)}"
    if tie.way == "time":
        date = f"the column {tie.title} is a date, and " if tie.column and tie.column.kind == "date" else ""
        return (
            f"{date}{_what(tie)} resembles the time before in the order of {tie.title} (autocorrelated residuals), so "
            f"that {_worth(tie, rows)}"
        )
    named = f"the column {tie.title} is an identifier that repeats, and " if _names(tie) else ""
    return (
        f"{named}rows of one {tie.title} resemble each other in {_what(tie)} (design effect "
        f"{tie.worst.factor:.1f}), so that {_worth(tie, rows)}"
    )


def _names(tie: Tie) -> bool:
    return tie.column is not None and tie.column.kind == "identifier"


def advice_about(ties: Sequence[Tie], copied: bool) -> list[str]:
    """Return what to do about what withholds the verdict."""
    found = []
    for tie in ties:
        if tie.asked:
            continue
        for column in tie.stretches:
            found.append(
                f"The rows of one {column.title} stand together: take them as a group (rows group:{column.name})."
            )
        if tie.way == "order":
            found.append(_SORTED)
        elif tie.way == "time":
            found.append(
                f"Take the rows in the order of {tie.title} (rows time:{tie.column.name if tie.column else ''}), or "
                "say that their order means nothing (rows none)."
            )
        else:
            words = f"Take the rows of one {tie.title} as a group (rows group:{tie.column.name if tie.column else ''})"
            if not _names(tie) and tie.groups <= _MOST_LEVELS:
                words += f", or let every hypothesis name {tie.title}"
            a, b = tie.worst.pair
            found.append(f"{words}; to let {a} and {b} vary by {tie.title} would model it, which is yet to come.")
    if copied:
        found.append("Keep one row of each that stands there several times (rows one).")
    return found


def remark_about(tie: Tie, rows: int) -> str:
    """Return a note on what is too weak to matter."""
    who = f"Rows of one {tie.title}" if tie.way == "group" else "Rows near each other"
    if tie.way == "time":
        who = f"Rows near each other in {tie.title}"
    return f"{who} resemble each other a little in {_what(tie)} ({_worth(tie, rows)}): too little to matter."


def ignored_words(tie: Tie, rows: int) -> str:
    """Return a note on what would count, had the user not said that rows are exchangeable."""
    who = f"rows of one {tie.title} resemble each other" if tie.way == "group" else "rows resemble those before them"
    if tie.way == "time":
        who = f"rows resemble those before them in {tie.title}"
    return (
        f"Rows are taken as exchangeable, as you say; yet {who} in {_what(tie)}: if that counts, {_worth(tie, rows)}, "
        "and errors here are too small."
    )


def computed_words(ties: Sequence[Tie], times: float, worst: Worst, rows: int) -> str:
    """Say in one sentence what p-values, intervals and errors are computed with."""
    parts = [f"whole rows stand here {times:.1f} times, on average"] if times > 1.0 else []
    parts += [_tied(tie) for tie in ties[:_SAID]]
    words = "; ".join(parts) if any(", " in part for part in parts) else joined(parts)
    words = words[:1].upper() + words[1:]
    about = f" about {worst.pair[0]} and {worst.pair[1]}" if worst.pair[0] else ""
    if worst.factor > 1.005:
        words += f": {rows:,} rows say about as much as {as_good_as(rows, worst.factor)}{about}"
    words += ", and associations, effects, differences in prediction and probabilities are computed with that."
    few = [tie for tie in ties if tie.way == "group" and tie.groups < FEW_GROUPS]
    return words + "".join(
        f" With only {tie.groups} groups of {tie.title}, their errors are themselves uncertain." for tie in few
    )


def _tied(tie: Tie) -> str:
    if tie.way == "group":
        if tie.asked:
            alike = (
                "" if tie.worst.factor > 1.05 else ", and hardly resemble each other beyond what the columns explain"
            )
            return f"rows of one {tie.title} are taken as a group, as you say{alike}"
        return f"rows of one {tie.title} resemble each other"
    if tie.asked:
        alike = "" if tie.worst.factor > 1.05 else ", and hardly resemble those before them"
        return f"rows are taken in the order of {tie.title}, as you say{alike}"
    return f"rows resemble those before them{f' in {tie.title}' if tie.way == 'time' else ''}"
