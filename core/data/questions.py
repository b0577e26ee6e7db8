"""What a column could be as well: a question beside the guess, with the other kind as its answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import Column
from core.data.guess import FEW_VALUES, TINY
from core.data.levels import natural_order

__all__ = ["CHOSEN", "Question", "question_of"]

_HIGHEST_GRADE = 20

CHOSEN = "chosen by you"
"""The reason of a kind that a user chose: nothing is asked about it any more."""


@dataclass(frozen=True)
class Question:
    """A question about a column's kind: ``text`` ends in a question mark, ``kind`` is what yes makes of it."""

    text: str
    kind: str


def question_of(column: Column, values: NDArray[np.float64]) -> Question | None:
    """Return what should be asked about a column's kind; None where the guess is plain or was made by the user.

    Parameters
    ----------
    values : array of float, shape (rows,)
        Of the column, as :meth:`core.data.dataset.Dataset.values` gives them.
    """
    if column.reason == CHOSEN:
        return None
    if column.kind == "ordered" and all(level.isdecimal() for level in column.levels):
        return Question("Do they count something?", "count")
    if column.kind == "category" and natural_order(column.levels):
        return Question("Does their order matter?", "ordered")
    found = values[~np.isnan(values)]
    if column.kind not in ("real", "positive", "count") or found.size == 0:
        return None
    low, high = float(found.min()), float(found.max())
    if column.kind == "positive" and high < TINY:
        return Question("Are they shares of a whole?", "proportion")
    if low < 0 or low == high or np.any(found != np.floor(found)):
        return None
    if column.kind == "real":
        return Question("Do they count something?", "count")
    many = len(np.unique(found))
    if column.kind == "count" and 2 < many <= FEW_VALUES and high <= _HIGHEST_GRADE:
        return Question("Are they grades, with nothing counted?", "ordered")
    return None
