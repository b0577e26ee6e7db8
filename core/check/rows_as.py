"""What the user says of the rows: nothing, that they are exchangeable, their order, their groups, or which to keep."""

from dataclasses import dataclass

import numpy as np

from core.data.dataset import Dataset
from core.errors import DataError, UsageError

__all__ = ["LOOK", "RowsAs", "in_order", "rows_as"]

_WAYS = (
    "Write none (the rows may be taken in any order), time:COL, group:COL, one:COL (keep one row of each value) or one "
    "(keep one of equal rows)."
)
_FEWEST = 10  # rows
_NAMING = ("time", "group", "one")
_ORDERED = ("date", "real", "positive", "proportion", "count", "ordered", "identifier")


@dataclass(frozen=True)
class RowsAs:
    """How rows are to be taken.

    ``way`` is ``""`` (look, and decide by what is found), ``"none"`` (exchangeable: neither order nor
    groups count), ``"time"`` (in the order of ``column``), ``"group"`` (rows of one ``column``
    belong together) or ``"one"`` (one row of each value of ``column`` is kept, or of equal rows where no
    column is named).
    """

    way: str = ""
    column: str = ""

    def __bool__(self) -> bool:
        return bool(self.way)

    def __str__(self) -> str:
        return f"{self.way}:{self.column}" if self.column else self.way


LOOK = RowsAs()
"""Unless the user says otherwise."""


def rows_as(said: "str | RowsAs | None", dataset: Dataset | None = None, place: str = "rows") -> RowsAs:
    """Read ``none``, ``time:COL``, ``group:COL``, ``one:COL`` or ``one``.

    Parameters
    ----------
    said : str, RowsAs or None
        Empty or None: look.
    dataset : Dataset, optional
        Whose columns are checked; without it only the form is.
    place : str
        Where this was said, for messages.

    Raises
    ------
    UsageError
        For another form, a column that is not there, or one that gives no order or no groups.
    """
    if isinstance(said, RowsAs):
        found = said
    else:
        text = (said or "").strip()
        way, mark, column = text.partition(":")
        found = RowsAs(way.strip().lower(), column.strip())
        needless = found.way == "one" and not mark
        if found.way not in ("", "none", *_NAMING) or bool(mark) != (found.way in _NAMING and not needless):
            raise UsageError(f"{text!r} is not a way to take rows", place=place, hint=_WAYS)
        place = f"{place} {text}"
        if mark and not found.column:
            raise UsageError("no column is named", place=place, hint=_WAYS)
    if dataset is not None and found.column:
        _check(found, dataset, place)
    return found


def in_order(dataset: Dataset, said: RowsAs) -> Dataset:
    """Return the data with the column by which rows are ordered, where the user names one that is there."""
    return dataset.timed(said.column) if said.way == "time" and said.column in dataset.names else dataset


def _check(said: RowsAs, dataset: Dataset, place: str) -> None:
    listed = f"The columns are: {', '.join(dataset.names[:8])}{' …' if len(dataset.names) > 8 else '.'}"
    try:
        column = dataset.column(said.column)
    except DataError:
        raise UsageError(f"there is no column {said.column!r}", place=place, hint=listed) from None
    values = dataset.values(said.column)
    known = values[~np.isnan(values)]
    distinct = len(np.unique(known))
    if said.way == "time" and (column.kind not in _ORDERED or distinct < 2):
        raise UsageError(
            f"{said.column!r} gives no order ({column.kind if distinct > 1 else 'one value in all rows'})",
            place=place,
            hint=f"Name a date or a number. {listed}",
        )
    if said.way == "one" and 1 < distinct < _FEWEST:
        raise UsageError(
            f"{said.column!r} has {distinct} values: with one row of each too few would be left",
            place=place,
            hint=f"Name a column of {_FEWEST} values or more, or take its rows as groups (group:{said.column}).",
        )
    if said.way in ("group", "one") and (distinct == len(known) or distinct < 2):
        what = "no value occurs twice" if distinct > 1 else "there is one value in all rows"
        raise UsageError(
            f"{said.column!r} gives no groups: {what}", place=place, hint=f"Name a column whose values repeat. {listed}"
        )
