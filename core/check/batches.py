"""Many claims on many data sets, each regression fitted once.

Claims that regress the same node on the same set share the fit, and those about linear
regressions one pass over the rows (:mod:`core.check.linear`). Where all columns of
a claim are discrete, equal rows are counted first: five thousand rows of three binary
columns are eight.
"""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from core.check.association import Association, Conditional, design
from core.check.linear import Kept, Question, is_linear, linear_associations, linear_estimates
from core.check.roles import Role

__all__ = ["Question", "associations", "estimates"]

FloatArray = NDArray[np.float64]

_MOST_CELLS = 512
_HELD = 50_000  # numbers of one column and batch held at a time
_COLUMNS = 1_000_000  # numbers of several columns
_HUGE = 1e100


def associations(
    questions: Sequence[Question],
    roles: Mapping[str, Role],
    raw: Mapping[str, FloatArray],
    interval: bool = True,
    kept: Kept | None = None,
) -> list[Association]:
    """Answer every question on every data set.

    Parameters
    ----------
    questions : sequence of Question
    roles : mapping of str to Role
    raw : mapping of str to array, shape (B, N)
    interval : bool
        Whether p-values and intervals are wanted too; else they are NaN.
    kept : Kept, optional
        For observed rows: what was found of all columns of ``raw`` is kept there.
    """
    if not questions:
        return []
    batch, rows = raw[questions[0].y].shape
    found: dict[int, Association] = {}
    linear: list[int] = []
    groups: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for number, question in enumerate(questions):
        counted = _counted(question, roles, raw)
        if counted is not None:
            values, count, _ = counted
            conditional = _conditional(question, roles, values, rows, count, rough=not interval)
            found[number] = conditional.associate(roles[question.x], values[question.x], interval)
        elif batch == 1 and is_linear(question, roles, rows):
            linear.append(number)
        else:
            groups.setdefault((question.y, question.given), []).append(number)
    answers = linear_associations([questions[number] for number in linear], roles, raw, kept)
    found.update(zip(linear, answers, strict=True))
    for places in groups.values():
        _together(places, questions, roles, raw, interval, found)
    return [found[number] for number in range(len(questions))]


def _together(
    places: Sequence[int],
    questions: Sequence[Question],
    roles: Mapping[str, Role],
    raw: Mapping[str, FloatArray],
    interval: bool,
    found: dict[int, Association],
) -> None:
    """Answer questions about the same response and conditioning set, one regression for all."""
    first = questions[places[0]]
    batch, rows = raw[first.y].shape
    conditional = _conditional(first, roles, raw, rows, rough=not interval)
    single = [n for n in places if roles[questions[n].x].width == 1 and roles[first.y].response != "category"]
    step = max(1, _COLUMNS // (batch * rows))
    for start in range(0, len(single), step):
        part = single[start : start + step]
        columns = np.empty((batch, rows, len(part)))
        for place, number in enumerate(part):
            values = roles[questions[number].x].regressors(raw[questions[number].x])[..., 0]
            columns[..., place] = values - values.mean(axis=-1, keepdims=True)
        found.update(zip(part, conditional.associate_each(columns, interval), strict=True))
    for number in set(places) - set(single):
        name = questions[number].x
        found[number] = conditional.associate(roles[name], raw[name], interval)


def estimates(
    questions: Sequence[Question], roles: Mapping[str, Role], raw: Mapping[str, FloatArray]
) -> list[FloatArray]:
    """Return the associations alone, shape (B,) a question, a bounded number of data sets at a time.

    Where a column of a data set overflowed its associations are NaN.
    """
    if not questions:
        return []
    batch, rows = raw[questions[0].y].shape
    whole = np.all([_finite(values) for values in raw.values()], axis=0)
    if not whole.any():
        return [np.full(batch, np.nan)] * len(questions)
    sound = raw if whole.all() else {name: values[whole] for name, values in raw.items()}
    linear = [n for n, question in enumerate(questions) if is_linear(question, roles, rows)]
    found = dict(zip(linear, linear_estimates([questions[n] for n in linear], roles, sound), strict=True))
    others = [n for n in range(len(questions)) if n not in found]
    found.update(zip(others, _in_parts([questions[n] for n in others], roles, sound), strict=True))
    if whole.all():
        return [found[n] for n in range(len(questions))]
    spread = np.full((len(questions), batch), np.nan)
    spread[:, whole] = [found[n] for n in range(len(questions))]
    return list(spread)


def _finite(values: FloatArray) -> NDArray[np.bool_]:
    """Return which data sets have all their values, none too large to be squared."""
    low, high = values.min(axis=1), values.max(axis=1)  # NaN if there is one
    return np.asarray((high < _HUGE) & (low > -_HUGE))


def _in_parts(
    questions: Sequence[Question], roles: Mapping[str, Role], raw: Mapping[str, FloatArray]
) -> list[FloatArray]:
    if not questions:
        return []
    batch, rows = raw[questions[0].y].shape
    step = max(1, _HELD // max(rows, 1))

    def work(start: int) -> list[FloatArray]:
        held = {name: values[start : start + step] for name, values in raw.items()}
        return [answer.estimate for answer in associations(questions, roles, held, interval=False)]

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:  # numpy leaves the interpreter lock alone
        parts = list(pool.map(work, range(0, batch, step)))
    return [np.concatenate(part) for part in zip(*parts, strict=True)]


def _conditional(
    question: Question,
    roles: Mapping[str, Role],
    raw: Mapping[str, FloatArray],
    rows: int,
    count: FloatArray | None = None,
    rough: bool = False,
) -> Conditional:
    given = question.given
    values = raw[question.y]
    z = design(tuple(roles[name] for name in given), tuple(raw[name] for name in given), values.shape, rows)
    return Conditional(roles[question.y], values, z, count, rough)


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
