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

__all__ = ["LAGS", "LEAST_ROWS", "Worst", "around_means", "copies", "group_factors", "order_factors"]
__all__ += ["CHANCE", "Spread", "group_inflation", "group_spread", "labels_of", "order_gone", "order_inflation"]
__all__ += ["order_shared", "size_of_repeats", "stacked"]
__all__ += ["typical_size", "worst_of"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

LEAST_ROWS = 30
"""Fewer do not show whether they resemble each other."""

CHANCE = 0.02
"""That any intraclass correlation of independent rows is taken for one."""

LAGS = 10
_OUTSIDE = 2.5  # standard errors beyond which an autocorrelation is none of chance
_CONTINUOUS = 0.05  # share of pairs of different rows that agree in a column that still counts as continuous
_BY_CHANCE = 0.1  # share of equal rows that may be equal by chance
_FEW_COPIES = 1.02
_LIMIT = 0.02  # share of the rows, and number of them, over which a number's value is a limit
_LIMIT_ROWS = 20
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


def order_factors(residuals: FloatArray, rank: IntArray | None = None, lags: int = LAGS) -> tuple[FloatArray, int]:
    """Return the factors of all pairs of residuals, shape (p, p), and over how many lags the longest memory lasts.

    Parameters
    ----------
    residuals : array, shape (p, N)
    rank : array of int, shape (N,), optional
        Order in time; row order unless given.
    lags : int
        The longest that is looked at.
    """
    order = slice(None) if rank is None else np.argsort(rank, kind="stable")
    memory = np.array([_memory(values[order], lags) for values in residuals]).reshape(len(residuals), -1)
    found = np.ones((len(memory), len(memory)))
    for lag in range(memory.shape[1]):
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


def order_shared(values: FloatArray, rank: IntArray | None = None) -> FloatArray:
    """Return what rows next to each other have in common, shape (p,): the covariance at the first lag."""
    order = slice(None) if rank is None else np.argsort(rank, kind="stable")
    centred = values[:, order] - values.mean(axis=1, keepdims=True)
    return np.asarray(np.einsum("pi,pi->p", centred[:, 1:], centred[:, :-1]) / centred.shape[1])


def order_gone(values: FloatArray, rank: IntArray | None, shared: float) -> FloatArray:
    """Return how much likelier an order is if neighbours share nothing than if they share a covariance ``shared``.

    As logarithms, shape (p,), of values (p, N): an autocorrelation is about Normal with variance 1 / N.
    """
    variance = values.var(axis=1)
    root = np.sqrt(values.shape[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        seen, due = root * order_shared(values, rank) / variance, root * np.minimum(shared / variance, 1.0)
    return np.asarray(np.nan_to_num(due * (0.5 * due - seen), nan=-np.inf))


# -- in groups -----------------------------------------------------------------------


def size_of_repeats(values: NDArray[np.generic]) -> float:
    """Return in how many rows the value of the typical row stands; a missing one stands once."""
    if not len(values):
        return 1.0
    ordered = np.sort(values)
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    size = np.diff(np.append(starts, len(ordered))).astype(np.float64)
    return float(size @ size) / len(values)


def typical_size(labels: IntArray) -> float:
    """Return the size of the group of the typical row: sum m^2 / N."""
    size = np.bincount(labels).astype(np.float64)
    return float(size @ size) / max(len(labels), 1)


def group_factors(
    residuals: FloatArray, labels: IntArray, level: float | None = None, number: bool = False
) -> FloatArray:
    """Return the factors of all pairs of residuals, shape (p, p).

    Parameters
    ----------
    residuals : array, shape (p, N)
    labels : array of int, shape (N,)
        The group of each row, 0 … k-1.
    level : float, optional
        An intraclass correlation that chance gives more often than this counts as 0. Without it none does.
    number : bool
        Groups are the values of a number, in its order: only what has no order in it counts.
    """
    found = group_spread(residuals, labels, number)
    if found is None:
        return np.ones((len(residuals), len(residuals)))
    alike = found.alike if level is None else np.where(found.chance <= level, found.alike, 0.0)
    return np.asarray(1.0 + (typical_size(labels) - 1.0) * np.outer(alike, alike))


@dataclass(frozen=True, eq=False)
class Spread:
    """How groups of rows vary, in each of p columns; all arrays have shape (p,).

    ``between`` and ``within`` are the variances of what groups have in common and of single rows. ``ratio`` is 1 on
    average if rows do not resemble each other, and ``1 + between / unit`` if they do; ``chance`` is how often
    independent rows reach it; ``free`` are its degrees of freedom, 0 where it is a median. ``root`` is then one over
    the standard error of its cube root, 0 where it is none.
    """

    ratio: FloatArray
    between: FloatArray
    within: FloatArray
    unit: FloatArray
    chance: FloatArray
    free: float
    root: float

    @property
    def alike(self) -> FloatArray:
        """Intraclass correlations; 1 where the group says it all."""
        total = self.between + self.within
        return np.divide(self.between, total, out=np.zeros_like(total), where=total > 0)

    def gone(self, shared: float) -> FloatArray:
        """Return how much likelier the ratios are if groups share nothing than if they share a variance ``shared``.

        As logarithms. A mean square is a chi-squared over its degrees of freedom, the cube root of a median about
        Normal.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            times = 1.0 + shared / self.unit
            if self.free:
                found = 0.5 * self.free * (np.log(times) - self.ratio * (1.0 - 1.0 / times))
            else:
                seen, due = ((np.cbrt(value) - 1.0) * self.root for value in (self.ratio, times))
                found = due * (0.5 * due - seen)
        return np.asarray(np.nan_to_num(found, nan=-np.inf, posinf=-np.inf))


def group_spread(values: FloatArray, labels: IntArray, number: bool = False) -> Spread | None:
    """Return how groups vary in each of some columns, shape (p, N); None of groups that are too few to see it.

    Other parameters as :func:`group_factors`.
    """
    size = np.bincount(labels)
    several = size > 1  # single rows have no part in it
    m = size[several].astype(np.float64)
    if len(m) < (_FEWEST_VALUES if number else 2) or not len(values):
        return None
    means = _sums(values, labels, len(size))[:, several] / m
    squares = _sums(values**2, labels, len(size))[:, several]
    look = _unlike_neighbours if number else _analysis
    with np.errstate(divide="ignore", invalid="ignore"):
        return look(m, means, squares)


def _sums(values: FloatArray, labels: IntArray, many: int) -> FloatArray:
    """Return the sums of values (p, N) by group, shape (p, k): in one pass, since columns may be hundreds."""
    place = labels + many * np.arange(len(values))[:, None]
    found = np.bincount(place.ravel(), weights=values.ravel(), minlength=many * len(values))
    return np.asarray(found.reshape(len(values), many))


def around_means(values: FloatArray, labels: IntArray) -> FloatArray:
    """Return values (p, N) less the means of their groups; a group of one row leaves nothing."""
    size = np.bincount(labels)
    return np.asarray(values - (_sums(values, labels, len(size)) / np.maximum(size, 1))[:, labels])


def _analysis(m: FloatArray, means: FloatArray, squares: FloatArray) -> Spread:
    """Return how groups vary, by analysis of variance.

    Parameters
    ----------
    m : array, shape (k,)
        Sizes.
    means, squares : array, shape (p, k)
        Mean and sum of squares of each group.
    """
    rows, free = float(m.sum()), len(m) - 1.0
    left = rows - len(m)
    within = squares.sum(axis=1) - means**2 @ m
    between = (means - (means @ m / rows)[:, None]) ** 2 @ m
    same = within <= 1e-12 * squares.sum(axis=1)  # the group says it all, or there is nothing to say
    within = np.where(same, 0.0, within / left)
    typical = (rows - float(m @ m) / rows) / free
    ratio = np.where(same, np.where(between > 0, np.inf, 1.0), between / free / within)
    shared = np.where(same, between / free / typical, np.maximum(ratio - 1.0, 0.0) * within / typical)
    chance = np.where(same, between <= 0, special.fdtrc(free, left, np.maximum(ratio, 0.0)))
    return Spread(ratio, shared, within, within / typical, chance, free, 0.0)


def _unlike_neighbours(m: FloatArray, means: FloatArray, squares: FloatArray) -> Spread:
    """Return how a number's values vary beyond what a curve or a threshold does.

    A number that acts in a curve, drawn or left out, makes rows that share a value alike: that is what a cause
    does, and no matter of groups. A code (a school's number) has values that differ from their neighbours. So a
    cubic is taken out of the groups' means, and each is held against its two neighbours: with D the squared
    second difference over its variance if rows did not resemble each other (from the spread within nearby
    groups), the median of D is that of chi-squared, 0.455, but for a factor 1 + 6 tau^2 / var; a median is not
    moved by a threshold, nor by a few odd rows. Its cube root is taken as Normal (checked by simulation).
    Parameters as :func:`_analysis`.
    """
    many, near = len(m), np.ones(_NEAR)
    inside = squares - m * means**2
    nearby = np.array([np.convolve(one, near, "same") for one in inside]) / np.convolve(m - 1.0, near, "same")
    root = np.sqrt(m)
    curve = np.vander(np.linspace(-1.0, 1.0, many), 4)
    fitted = np.linalg.lstsq(curve * root[:, None], (means * root).T, rcond=None)[0]
    left = means - (curve @ fitted).T
    error = nearby / m
    chance = error[:, :-2] + 4.0 * error[:, 1:-1] + error[:, 2:]
    second = (left[:, :-2] - 2.0 * left[:, 1:-1] + left[:, 2:]) ** 2
    ratio = np.nan_to_num(np.median(second / chance, axis=1) / _MEDIAN, nan=0.0, posinf=np.inf)
    within = inside.sum(axis=1) / (m.sum() - many)
    # What is the same in all rows of a group, and jumps from one to the next, belongs to the group alone.
    same = inside.sum(axis=1) <= 1e-12 * squares.sum(axis=1)
    jumps = np.median(second, axis=1) > 1e-9 * means.var(axis=1)
    ratio = np.where(same, np.where(jumps, np.inf, 0.0), np.minimum(ratio, 1e9))
    unit, root = np.median(chance, axis=1) / 6.0, np.sqrt(many - 2) / _SPREAD
    between = np.where(same, np.where(jumps, means.var(axis=1), 0.0), np.maximum(ratio - 1.0, 0.0) * unit)
    within = np.where(same, 0.0, within)
    return Spread(ratio, between, within, unit, special.ndtr(-(np.cbrt(ratio) - 1.0) * root), 0.0, float(root))


# -- as copies -----------------------------------------------------------------------


def copies(raw: Mapping[str, FloatArray], numbers: tuple[str, ...]) -> IntArray | None:
    """Return for each row which distinct row it is a copy of, shape (N,), where equal rows cannot be chance.

    Two rows may agree by chance where columns are coarse. Of a column with a share p of agreeing pairs among
    different rows, p / (1 - p) times as many pairs would agree in it too as agree in all the others but not
    in it. Where some continuous column lets that explain less than a tenth of the equal pairs, they are copies.

    Parameters
    ----------
    raw : mapping of str to array, shape (N,)
        All columns that a copy repeats.
    numbers : tuple of str
        Those of them that are not discrete.
    """
    hashes = {name: _hashed(values, place) for place, (name, values) in enumerate(raw.items())}
    whole = np.zeros(len(next(iter(raw.values()))) if raw else 0, dtype=np.uint64)
    for part in hashes.values():
        whole += part
    if numbers and len(whole):
        # Rows whose every number is a limit that many have (zeros, a ceiling) may well be equal.
        limits = np.all([_is_limit(raw[name]) for name in numbers], axis=0)
        whole[limits] = np.arange(len(whole), dtype=np.uint64)[limits]
    rows, equal = len(whole), _equal(whole)
    if rows < 2 or 1.0 + 2.0 * equal / rows < _FEW_COPIES:
        return None
    _, first, place = np.unique(whole, return_index=True, return_inverse=True)
    if len(first) < 2:
        return None
    for name in numbers:
        agreeing = _equal(raw[name][first]) / (0.5 * len(first) * (len(first) - 1))
        if agreeing > _CONTINUOUS:
            continue
        near = _equal(np.where(limits, whole, whole - hashes[name])) - equal
        if near * agreeing / (1.0 - agreeing) <= _BY_CHANCE * equal:
            return np.asarray(place, dtype=np.intp)
    return None


def _is_limit(values: FloatArray) -> NDArray[np.bool_]:
    """Return which values many rows have, shape (N,)."""
    _, place, many = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray(many[place] > max(_LIMIT_ROWS, _LIMIT * len(values)))


def _equal(values: NDArray[np.generic]) -> float:
    """Return how many pairs of values are equal; a missing one equals none."""
    return 0.5 * len(values) * (size_of_repeats(values) - 1.0)


def _hashed(values: FloatArray, place: int) -> NDArray[np.uint64]:
    """Return a number of 64 bits for each value (splitmix64, Steele, Lea & Flood 2014); a row's is the sum of its."""
    bits = (values + 0.0).view(np.uint64) + np.uint64(0x9E3779B97F4A7C15 * (place + 1) & 0xFFFFFFFFFFFFFFFF)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def labels_of(values: FloatArray) -> IntArray:
    """Return the place of each value among the distinct ones; each missing one is one of its own."""
    return np.asarray(np.unique(values, return_inverse=True, equal_nan=False)[1], dtype=np.intp)


def group_inflation(residuals: Mapping[str, FloatArray], group: IntArray) -> tuple[tuple[str, str], float]:
    """Return the pair of residuals most alike within groups, and the factor on their correlation's variance."""
    found = worst_of(tuple(residuals), group_factors(stacked(residuals), labels_of(group.astype(np.float64)), CHANCE))
    return found.pair, found.factor


def order_inflation(residuals: Mapping[str, FloatArray], rank: IntArray | None = None) -> tuple[tuple[str, str], float]:
    """Return the pair of residuals most like their neighbours, and the factor on their correlation's variance."""
    found = worst_of(tuple(residuals), order_factors(stacked(residuals), rank)[0])
    return found.pair, found.factor


def stacked(residuals: Mapping[str, FloatArray]) -> FloatArray:
    """Return residuals as one array, shape (columns, N)."""
    return np.array(list(residuals.values())) if residuals else np.empty((0, 0))
