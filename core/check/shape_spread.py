"""Whether what a family leaves over spreads alike in all rows: its size along the fit and along each parent."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.check.leftover import CLIP, Leftover
from core.check.looking import Columns, Room, combined, enough, known_p, ranks
from core.check.shape import LEVEL, SIZES, Shape
from core.families.base import FloatArray
from core.model.spec import Term

__all__ = ["spread_shapes"]

_WIDEST = 2.0
_MOST_PRODUCTS = 60  # of one category with all else; more say more about chance than about spread


def spread_shapes(left: Leftover, flexible: Sequence[FloatArray]) -> tuple[list[Shape], FloatArray]:
    """Look at the size of what is left, and return its smooth course along whatever it changes with most.

    Parameters
    ----------
    left : Leftover
        Of a family with ``normal``.
    flexible : sequence of array, shape (n, k)
        What a curve in each parent, and products with it, can be: a curve is no spread.

    Returns
    -------
    list of Shape
    array, shape (n,)
        The course, of mean square 1; 1 everywhere unless the spread changes for sure.
    """
    model, n = left.model, left.rows
    even = np.ones(n)
    if not model.terms or left.normal is None:
        return [], even
    room = left.room
    flexible = [columns for columns in flexible if columns.shape[1] <= _MOST_PRODUCTS]
    width = sum(columns.shape[1] for columns in flexible)
    if width and 5 * (width + left.nuisance.shape[1]) < n:
        room = room.without(np.concatenate(flexible, axis=1)).settled(left.normal, CLIP)
    size = np.abs(room.evened(left.normal - room.taken))
    ways = _ways(left)
    found, courses = zip(*_along(model.node, ways, size), strict=True)
    best = min(range(len(found)), key=lambda place: known_p(found[place].p_value))
    if not (found[best].p_value < LEVEL / len(found) and found[best].size >= SIZES["spread"]):
        return list(found), even
    # Others are judged given the strongest.
    scale = courses[best] / np.sqrt(np.mean(courses[best] ** 2))
    again = [shape for shape, _ in _along(model.node, ways, size / scale)]
    given = [replace(two, p_value=max(one.p_value, two.p_value)) for one, two in zip(found, again, strict=True)]
    given[best] = found[best]
    return given, scale


def _ways(left: Leftover) -> list["_Number | _Category"]:
    """Return what a spread may change with: the fit, and each parent; once where the two are the same."""
    terms = left.model.terms
    ways: list[_Number | _Category] = []
    if len(terms) > 1 or not terms[0].levels:
        ways.append(_Number(None, left.fit))
    if len(terms) > 1 or not ways:
        ways += [_parent(term, left) for term in terms]
    return ways


def _parent(term: Term, left: Leftover) -> "_Number | _Category":
    if term.levels:
        return _Category(term.parent, left.raw[term.parent])
    return _Number(term.parent, left.x[:, left.model.columns_of(term.parent).start])


def _along(node: str, ways: Sequence["_Number | _Category"], size: FloatArray) -> list[tuple[Shape, FloatArray]]:
    """Test sizes, clipped so that a few odd rows do not make a spread, and return their course, by logarithms."""
    median, one = float(np.median(size)), np.ones(len(size))
    logs = np.log(np.maximum(size, 0.1 * median))
    sizes = Room(np.minimum(size, _WIDEST * 1.4826 * median), one[:, None], one)
    found = []
    for way in ways:
        course = way.course(logs)
        largest, word = way.widest(course)
        p = combined(sizes.look(way.columns)[0])
        found.append((Shape(node, "spread", way.about, largest, p, way=word), course))
    return found


class _Category:
    """A spread that differs by level."""

    def __init__(self, about: str | None, codes: FloatArray) -> None:
        levels = np.unique(codes)
        self.about, self._inside = about, (codes[:, None] == levels).astype(np.float64)
        kept = enough(self._inside, np.ones(len(codes)))
        kept[0] &= len(levels) > 2
        self.columns = Columns.alike(self._inside[:, kept])

    def course(self, logs: FloatArray) -> FloatArray:
        """Return the typical size of each row's level."""
        return np.asarray(self._inside @ np.exp(logs @ self._inside / self._inside.sum(axis=0)))

    def widest(self, course: FloatArray) -> tuple[float, str]:
        """Return the widest over the narrowest level, and how the spread goes."""
        return float(course.max() / course.min()), "changes"


class _Number:
    """A spread that bends with a number, or with the fit."""

    def __init__(self, about: str | None, values: FloatArray) -> None:
        u = ranks(values)
        columns = np.stack([u, 1.5 * u**2 - 0.5], axis=1)
        # The logarithm of the size bends with the values themselves, so that the far ends are reached.
        spread = float(values.std())
        unit = np.clip((values - values.mean()) / (spread if spread > 0 else 1.0), -4.0, 4.0)
        self.about, self.columns = about, Columns.alike(columns)
        self._design = np.concatenate([np.ones((len(u), 1)), unit[:, None], columns], axis=1)
        self._thirds: list[NDArray[np.bool_]] = [part for part in _thirds(u) if part.any()]

    def course(self, logs: FloatArray) -> FloatArray:
        """Return the size that goes with each row's value."""
        return np.asarray(np.exp(self._design @ np.linalg.lstsq(self._design, logs, rcond=None)[0]))

    def widest(self, course: FloatArray) -> tuple[float, str]:
        """Return the widest over the narrowest third, and whether the spread grows, shrinks or changes."""
        means = [float(course[part].mean()) for part in self._thirds]
        low, high = min(means), max(means)
        if {low, high} != {means[0], means[-1]}:
            return high / low, "changes"
        return high / low, "grows" if means[-1] > means[0] else "shrinks"


def _thirds(u: FloatArray) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    low, high = u < -1.0 / 3.0, u >= 1.0 / 3.0
    return low, ~(low | high), high
