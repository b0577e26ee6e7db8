"""How much rows resemble each other: in groups, in order, as copies; and what that does to an association.

For two columns whose residuals, given all the others, have autocorrelations r(l) and s(l), the
variance of their correlation is ``1 + 2 sum r(l) s(l)`` times what independent rows give (Bartlett
1935); for rows in groups of size m with intraclass correlations r and s it is ``1 + (m - 1) r s``, m
the size of the group of the typical row, sum m^2 / N (Moulton 1990). Whole rows that stand there m times say
exactly what one says: the factor is m. So of two columns one that resembles does no harm and two do.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

__all__ = ["LEAST_ROWS", "Worst", "copies", "group_factors", "order_factors", "typical_size", "worst_of"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

LEAST_ROWS = 30
"""Fewer do not show whether they resemble each other."""

LAGS = 10
_OUTSIDE = 2.5  # standard errors beyond which an autocorrelation is none of chance
_CONTINUOUS = 0.05  # share of pairs of different rows that agree in a column that still counts as continuous
_BY_CHANCE = 0.1  # share of equal rows that may be equal by chance
_FEW_COPIES = 1.02
_FEWEST_VALUES = 12  # a number of fewer values is a scale, and takes any shape as a cause
_NEAR = 7  # values whose spread is taken together
_MEDIAN = 0.4549364231195724  # of chi-squared with one degree of freedom
_SPREAD = 1.1  # of the cube root of a median of such, times the root of how many there are


@dataclass(frozen=True)
class Worst:
    """The pair of columns whose association suffers most, and the factor on its variance."""

    pair: tuple[str, str] = ("", "")
    factor: float = 1.0


def worst_of(names: tuple[str, ...], factors: FloatArray) -> Worst:
    """Return the largest factor above 1 of a matrix, shape (p, p), of which the upper half counts."""
    if len(names) < 2:
        return Worst()
    upper = np.triu(factors, 1)
    a, b = np.unravel_index(int(np.argmax(upper)), upper.shape)
    factor = float(upper[a, b])
    return Worst((names[int(a)], names[int(b)]), factor) if factor > 1.0 else Worst()


# -- in order ------------------------------------------------------------------------


def order_factors(
    residuals: Mapping[str, FloatArray], rank: IntArray | None = None, lags: int = LAGS
) -> tuple[FloatArray, int]:
    """Return the factors of all pairs of residuals, shape (p, p), and over how many lags the longest memory lasts.

    Parameters
    ----------
    residuals : mapping of str to array, shape (N,)
    rank : array of int, shape (N,), optional
        Order in time; row order unless given.
    lags : int
        The longest that is looked at.
    """
    order = slice(None) if rank is None else np.argsort(rank, kind="stable")
    memory = np.array([_memory(values[order], lags) for values in residuals.values()])
    found = np.ones((len(memory), len(memory)))
    for lag in range(memory.shape[1] if memory.size else 0):
        if not memory[:, lag].any():
            break
        found += 2.0 * np.outer(memory[:, lag], memory[:, lag])
    return found, int((memory > 0).sum(axis=1).max(initial=0))


def _memory(residual: FloatArray, lags: int) -> FloatArray:
    """Return autocorrelations at lags 1 and on; from the first that is within chance of zero on, zeros.

    What comes back later is no memory, and what is negative does no harm.
    """
    centred = residual - residual.mean()
    total, rows = float(centred @ centred), len(centred)
    found = np.zeros(min(lags, rows // 4))
    if total <= 0 or rows < LEAST_ROWS:
        return found
    for lag in range(1, len(found) + 1):
        value = float(centred[lag:] @ centred[:-lag]) / total
        if value <= _OUTSIDE / np.sqrt(rows):
            break
        found[lag - 1] = value
    return found


# -- in groups -----------------------------------------------------------------------


def typical_size(labels: IntArray) -> float:
    """Return the size of the group of the typical row: sum m^2 / N."""
    size = np.bincount(labels).astype(np.float64)
    return float(size @ size) / max(len(labels), 1)


def group_factors(
    residuals: Mapping[str, FloatArray], labels: IntArray, level: float | None = None, number: bool = False
) -> FloatArray:
    """Return the factors of all pairs of residuals, shape (p, p).

    Parameters
    ----------
    residuals : mapping of str to array, shape (N,)
    labels : array of int, shape (N,)
        The group of each row, 0 … k-1.
    level : float, optional
        An intraclass correlation that chance gives more often than this counts as 0. Without it none does.
    number : bool
        Groups are the values of a number, in its order: only what has no order in it counts.
    """
    look = _unlike_neighbours if number else _intraclass
    alike = np.array([look(values, labels, level) for values in residuals.values()])
    return np.asarray(1.0 + (typical_size(labels) - 1.0) * np.outer(alike, alike))


def _intraclass(residual: FloatArray, labels: IntArray, level: float | None) -> float:
    """Return the intraclass correlation by analysis of variance, not under 0; single rows have no part in it."""
    m, means, squares = _groups(residual, labels)
    rows, free, left = float(m.sum()), len(m) - 1.0, float(m.sum()) - len(m)
    if free < 1 or left < 1 or squares.sum() <= 0:
        return 0.0
    within = float(squares.sum() - m @ means**2)
    if within <= 1e-12 * squares.sum():
        return 1.0
    ratio = (float(m @ (means - m @ means / rows) ** 2) / free) / (within / left)
    if ratio <= 1.0 or (level is not None and special.fdtrc(free, left, ratio) > level):
        return 0.0
    typical = (rows - float(m @ m) / rows) / free
    return float((ratio - 1.0) / (ratio - 1.0 + typical))


def _groups(residual: FloatArray, labels: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return size, mean and sum of squares of each group of two rows or more."""
    size = np.bincount(labels)
    several = size > 1
    m = size[several].astype(np.float64)
    means = np.bincount(labels, weights=residual)[several] / m
    return m, means, np.bincount(labels, weights=residual**2)[several]


def _unlike_neighbours(residual: FloatArray, labels: IntArray, level: float | None) -> float:
    """Return the intraclass correlation of the values of a number beyond what a curve or a threshold in it does.

    A number that acts in a curve, drawn or left out, makes rows that share a value alike: that is what a cause
    does, and no matter of groups. A code (a school's number) has values that differ from their neighbours. So a
    cubic is taken out of the groups' means, and each is held against its two neighbours: with D the squared
    second difference over its variance if rows did not resemble each other (from the spread within nearby
    groups), the median of D is that of chi-squared, 0.455, but for a factor 1 + 6 tau^2 / var; a median is not
    moved by a threshold, nor by a few odd rows. Its cube root is taken as Normal (checked by simulation).
    """
    m, means, squares = _groups(residual, labels)
    many = len(m)
    if many < _FEWEST_VALUES:
        return 0.0
    spread = np.convolve(squares - m * means**2, np.ones(_NEAR), "same")
    spread /= np.convolve(m - 1.0, np.ones(_NEAR), "same")
    within = float((squares - m * means**2).sum() / (m.sum() - many))
    if within <= 0 or np.any(spread <= 0):
        return 0.0
    root = np.sqrt(m)
    curve = np.vander(np.linspace(-1.0, 1.0, many), 4) * root[:, None]
    means = means - np.linalg.lstsq(curve, root * means, rcond=None)[0] @ (curve / root[:, None]).T
    error = spread / m
    chance = error[:-2] + 4.0 * error[1:-1] + error[2:]
    ratio = float(np.median((means[:-2] - 2.0 * means[1:-1] + means[2:]) ** 2 / chance)) / _MEDIAN
    if ratio <= 1.0:
        return 0.0
    if level is not None and special.ndtr(-(ratio ** (1 / 3) - 1.0) * np.sqrt(many - 2) / _SPREAD) > level:
        return 0.0
    between = (ratio - 1.0) * float(np.median(chance)) / 6.0
    return between / (between + within)


# -- as copies -----------------------------------------------------------------------


def copies(raw: Mapping[str, FloatArray], numbers: tuple[str, ...]) -> IntArray | None:
    """Return for each row which distinct row it is a copy of, shape (N,), where equal rows cannot be chance.

    Two rows may agree by chance where columns are coarse. Of a column with a share p of agreeing pairs among
    different rows, p / (1 - p) times as many pairs would agree in it too as agree in all the others but not
    in it. Where some continuous column lets that explain less than a tenth of the equal pairs, they are copies.

    Parameters
    ----------
    raw : mapping of str to array, shape (N,)
        All modelled columns.
    numbers : tuple of str
        Those of them that are not discrete.
    """
    hashes = {name: _hashed(values, place) for place, (name, values) in enumerate(raw.items())}
    whole = np.zeros(len(next(iter(raw.values()))) if raw else 0, dtype=np.uint64)
    for part in hashes.values():
        whole += part
    _, first, place, size = np.unique(whole, return_index=True, return_inverse=True, return_counts=True)
    rows, equal = len(whole), _pairs(size)
    if rows < 2 or len(first) < 2 or float(size @ size) / rows < _FEW_COPIES:
        return None
    for name in numbers:
        agreeing = _pairs(np.unique(raw[name][first], return_counts=True)[1]) / _pairs(np.array([len(first)]))
        if agreeing > _CONTINUOUS:
            continue
        near = _pairs(np.unique(whole - hashes[name], return_counts=True)[1]) - equal
        if near * agreeing / (1.0 - agreeing) <= _BY_CHANCE * equal:
            return np.asarray(place, dtype=np.intp)
    return None


def _pairs(size: NDArray[np.integer]) -> float:
    many = size.astype(np.float64)
    return float(many @ (many - 1.0)) / 2.0


def _hashed(values: FloatArray, place: int) -> NDArray[np.uint64]:
    """Return a number of 64 bits for each value (splitmix64, Steele, Lea & Flood 2014); a row's is the sum of its."""
    bits = (values + 0.0).view(np.uint64) + np.uint64(0x9E3779B97F4A7C15 * (place + 1) & 0xFFFFFFFFFFFFFFFF)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
