"""Many statements on many data sets, each regression fitted once.

Statements that regress the same node on the same set share the fit. Where all columns of
a statement are discrete, equal rows are counted first: five thousand rows of three binary
columns are eight.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.check.association import Association, Conditional, design
from core.check.roles import Role

__all__ = ["Question", "associations", "estimates"]

FloatArray = NDArray[np.float64]

_MOST_CELLS = 512
_HELD = 1_000_000  # numbers of one column and batch held at a time
_HUGE = 1e100


@dataclass(frozen=True)
class Question:
    """Whether ``x`` says anything about ``y`` beyond ``given``."""

    y: str
    x: str
    given: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All columns that it takes."""
        return (self.y, self.x, *self.given)


def associations(
    questions: Sequence[Question], roles: Mapping[str, Role], raw: Mapping[str, FloatArray]
) -> list[Association]:
    """Answer every question on every data set.

    Parameters
    ----------
    questions : sequence of Question
    roles : mapping of str to Role
    raw : mapping of str to array, shape (B, N)
    """
    fitted: dict[tuple[str, tuple[str, ...]], Conditional] = {}
    found = []
    for question in questions:
        counted = _counted(question, roles, raw)
        if counted is not None:
            values, count, rows = counted
            conditional = _conditional(question, roles, values, rows, count)
            found.append(conditional.associate(roles[question.x], values[question.x]))
            continue
        key = (question.y, question.given)
        if key not in fitted:
            fitted[key] = _conditional(question, roles, raw, raw[question.y].shape[1])
        found.append(fitted[key].associate(roles[question.x], raw[question.x]))
    return found


def estimates(
    questions: Sequence[Question], roles: Mapping[str, Role], raw: Mapping[str, FloatArray]
) -> list[FloatArray]:
    """Return the associations alone, shape (B,) a question, a bounded number of data sets at a time.

    Where a column of a data set overflowed its associations are NaN.
    """
    if not questions:
        return []
    batch, rows = raw[questions[0].y].shape
    step = max(1, _HELD // max(rows, 1))
    parts: list[list[FloatArray]] = [[] for _ in questions]
    for start in range(0, batch, step):
        held = {name: values[start : start + step] for name, values in raw.items()}
        whole = np.all([(np.abs(values) < _HUGE).all(axis=1) for values in held.values()], axis=0)
        if not whole.any():
            answers = [np.empty(0)] * len(questions)
        else:
            sound = held if whole.all() else {name: values[whole] for name, values in held.items()}
            answers = [answer.estimate for answer in associations(questions, roles, sound)]
        for part, answer in zip(parts, answers, strict=True):
            full = np.full(len(whole), np.nan)
            full[whole] = answer
            part.append(full)
    return [np.concatenate(part) for part in parts]


def _conditional(
    question: Question,
    roles: Mapping[str, Role],
    raw: Mapping[str, FloatArray],
    rows: int,
    count: FloatArray | None = None,
) -> Conditional:
    given = question.given
    values = raw[question.y]
    z = design(tuple(roles[name] for name in given), tuple(raw[name] for name in given), values.shape, rows)
    return Conditional(roles[question.y], values, z, count)


def _counted(
    question: Question, roles: Mapping[str, Role], raw: Mapping[str, FloatArray]
) -> tuple[dict[str, FloatArray], FloatArray, int] | None:
    """Return one row a combination of levels, how often each occurs, (B, cells), and the number of rows."""
    names = question.names
    batch, rows = raw[question.y].shape
    levels = [roles[name].levels for name in names]
    if not all(levels) or np.prod(levels) > min(_MOST_CELLS, rows):
        return None
    cells = int(np.prod(levels))
    code = np.zeros((batch, rows), dtype=np.int64)
    for name, many in zip(names, levels, strict=True):
        code = code * many + raw[name].astype(np.int64)
    code += np.arange(batch)[:, None] * cells
    count = np.bincount(code.ravel(), minlength=batch * cells).reshape(batch, cells).astype(np.float64)
    places = np.unravel_index(np.arange(cells), levels)
    values = {
        name: np.broadcast_to(place.astype(np.float64), (batch, cells))
        for name, place in zip(names, places, strict=True)
    }
    return values, count, rows
