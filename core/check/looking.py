"""Small tests that looks at a family's shape are made of: columns that bend, and how much they explain.

One look is many single columns, each tested with one degree of freedom, and their p-values combined
by the Cauchy distribution (Liu & Xie 2020), which holds under any dependence for small p. So a
step at an unknown place is found about as well as a square, and no column costs another its power.
"""

from dataclasses import dataclass

import numpy as np

from core.families.base import FloatArray

__all__ = [
    "FEWEST",
    "Columns",
    "Room",
    "bends",
    "combined",
    "kurtosis_p",
    "powers",
    "ranks",
    "skewness_p",
    "steps",
    "upper",
]

FEWEST = 6.0
"""Rows' worth of information that either side of a step must have: fewer give tails that no t knows."""
_FREQUENT = 0.05
_MOST_VALUES = 4
_TINY = 1e-300


@dataclass(frozen=True, eq=False)
class Columns:
    """What a look tests: ``single`` column by column, and ``joint`` for how much all explain, both (n, k)."""

    single: FloatArray
    joint: FloatArray


def ranks(values: FloatArray) -> FloatArray:
    """Return middle ranks between -1 and 1, same shape: no value is far from the others."""
    order = np.sort(values)
    return (np.searchsorted(order, values, "left") + np.searchsorted(order, values, "right")) / len(values) - 1.0


def powers(values: FloatArray) -> FloatArray:
    """Return the second and third Legendre polynomial of the ranks, shape (n, 2)."""
    u = ranks(values)
    return np.column_stack([1.5 * u**2 - 0.5, 2.5 * u**3 - 1.5 * u])


def bends(values: FloatArray, weight: FloatArray) -> Columns:
    """Return what a function of a number can be beyond a line: square, cube, steps, frequent values of their own.

    Parameters
    ----------
    values : array, shape (n,)
    weight : array, shape (n,)
        Working weights; a step with too little of them on one side is left out.
    """
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) < 3:
        empty = np.empty((len(values), 0))
        return Columns(empty, empty)
    places = np.quantile(values, np.arange(1, 10) / 10, method="lower")
    edges = np.unique(places) if len(distinct) > 10 else distinct[:-1]
    stepped = steps(values, edges, weight)
    few = steps(values, np.unique(places[1::2]), weight)
    often = distinct[counts >= max(_FREQUENT * len(values), FEWEST)] if len(distinct) > 10 else distinct[:0]
    often = often[:_MOST_VALUES]
    atoms = _enough((values[:, None] == often).astype(np.float64), weight)
    curved = powers(values)
    unit = (values - values.mean()) / values.std()
    # Squares of the values themselves only say how much: at the ends a few rows would carry a test of them.
    return Columns(np.column_stack([curved, stepped, atoms]), np.column_stack([curved, unit**2, unit**3, few, atoms]))


def steps(values: FloatArray, edges: FloatArray, weight: FloatArray) -> FloatArray:
    """Return an indicator of being above each edge, shape (n, k), where both sides have enough rows."""
    return _enough((values[:, None] > edges).astype(np.float64), weight)


def _enough(columns: FloatArray, weight: FloatArray) -> FloatArray:
    inside = weight @ columns
    kept = (inside >= FEWEST) & (weight.sum() - inside >= FEWEST)
    return columns[:, kept]


class Room:
    """The rows after what was estimated is taken out, in the metric of their weights.

    Parameters
    ----------
    residual : array, shape (n,)
        Of variance 1 in every row, up to one common factor.
    nuisance : array, shape (n, q)
    root_weight : array, shape (n,)
    """

    def __init__(self, residual: FloatArray, nuisance: FloatArray, root_weight: FloatArray) -> None:
        self._residual, self._root = residual, root_weight
        self._basis = _orthonormal(nuisance * root_weight[:, None])
        self._left = residual - self._basis @ (self._basis.T @ residual)
        self._free = len(residual) - self._basis.shape[1]

    @property
    def left(self) -> FloatArray:
        """The residual without what was estimated, each row of one variance, shape (n,)."""
        leverage = np.minimum((self._basis**2).sum(axis=1), 0.99)
        return self._left / np.sqrt(1.0 - leverage)

    @property
    def taken(self) -> FloatArray:
        """What was taken out of the residual, shape (n,)."""
        return self._residual - self._left

    def without(self, columns: FloatArray) -> "Room":
        """Return the same with more columns taken out."""
        found = object.__new__(Room)
        found._residual, found._root = self._residual, self._root
        more = _orthonormal(self._apart(columns))
        found._basis = np.column_stack([self._basis, more])
        found._left = self._left - more @ (more.T @ self._left)
        found._free = self._free - more.shape[1]
        return found

    def _apart(self, columns: FloatArray) -> FloatArray:
        """Return weighted columns without their part in the basis; those that have no other are left out."""
        weighted = columns * self._root[:, None]
        apart = weighted - self._basis @ (self._basis.T @ weighted)
        size = np.linalg.norm(weighted, axis=0)
        kept = np.linalg.norm(apart, axis=0) > 1e-6 * np.where(size > 0, size, 1.0)
        return apart[:, kept & (size > 0)]

    def p_values(self, columns: FloatArray) -> FloatArray:
        """Return the p-value of each column, one degree of freedom each, shape (k,) of those that can be told apart."""
        from scipy.special import stdtr

        apart = self._apart(columns)
        total = float(self._left @ self._left)
        if not apart.shape[1] or total <= 0 or self._free < 3:
            return np.empty(0)
        along = (self._left @ apart) / np.linalg.norm(apart, axis=0) / np.sqrt(total)
        along = np.clip(along, -1 + 1e-12, 1 - 1e-12)
        t = along * np.sqrt((self._free - 1) / (1.0 - along**2))
        return np.maximum(2.0 * stdtr(self._free - 1, -np.abs(t)), _TINY)

    def share(self, columns: FloatArray) -> float:
        """Return the share of what is left that columns explain together, less what chance would (adjusted R^2)."""
        total = float(self._left @ self._left)
        basis = _orthonormal(self._apart(columns))
        free = self._free - basis.shape[1]
        if total <= 0 or free < 2:
            return 0.0
        explained = float(((basis.T @ self._left) ** 2).sum()) / total
        return max(0.0, 1.0 - (1.0 - explained) * self._free / free)


def _orthonormal(columns: FloatArray) -> FloatArray:
    if not columns.shape[1]:
        return columns
    size = np.linalg.norm(columns, axis=0)
    scaled = columns / np.where(size > 0, size, 1.0)
    values, vectors = np.linalg.eigh(scaled.T @ scaled)
    kept = values > 1e-9 * max(float(values[-1]), 1e-300)
    found = scaled @ (vectors[:, kept] / np.sqrt(values[kept]))
    # Once more: what nearly collinear columns lost in the product.
    basis, _ = np.linalg.qr(found)
    return basis


def combined(p_values: FloatArray) -> float:
    """Return the Cauchy combination of p-values (Liu & Xie 2020); nan for none."""
    if not len(p_values):
        return float("nan")
    p = np.clip(p_values, _TINY, 1.0 - 1e-15)
    each = np.where(p < 1e-10, 1.0 / (np.pi * p), np.tan((0.5 - p) * np.pi))
    mean = float(each.mean())
    return float(1.0 / (np.pi * mean)) if mean > 1e9 else float(0.5 - np.arctan(mean) / np.pi)


def skewness_p(values: FloatArray) -> tuple[float, float]:
    """Return skewness and its two-sided p-value for Normal values (D'Agostino 1970)."""
    n = len(values)
    d = values - values.mean()
    g = float(np.mean(d**3) / np.mean(d**2) ** 1.5)
    y = g * np.sqrt((n + 1) * (n + 3) / (6.0 * (n - 2)))
    b = 3.0 * (n * n + 27 * n - 70) * (n + 1) * (n + 3) / ((n - 2.0) * (n + 5) * (n + 7) * (n + 9))
    w2 = -1.0 + np.sqrt(2.0 * (b - 1.0))
    a = np.sqrt(2.0 / (w2 - 1.0))
    return g, 2.0 * upper(abs(float(np.arcsinh(y / a) / np.sqrt(0.5 * np.log(w2)))))


def kurtosis_p(values: FloatArray, free: int | None = None) -> tuple[float, float]:
    """Return excess kurtosis and its upper p-value for Normal values (Anscombe & Glynn 1983).

    ``free`` is the number of values that the moment rests on, all unless given.
    """
    n = float(len(values) if free is None else free)
    d = values - values.mean()
    b = float(np.mean(d**4) / np.mean(d**2) ** 2)
    expected = 3.0 * (n - 1) / (n + 1)
    variance = 24.0 * n * (n - 2) * (n - 3) / ((n + 1) ** 2 * (n + 3) * (n + 5))
    x = (b - expected) / np.sqrt(variance)
    root = 6.0 * (n * n - 5 * n + 2) / ((n + 7) * (n + 9)) * np.sqrt(6.0 * (n + 3) * (n + 5) / (n * (n - 2) * (n - 3)))
    a = 6.0 + 8.0 / root * (2.0 / root + np.sqrt(1.0 + 4.0 / root**2))
    denominator = 1.0 + x * np.sqrt(2.0 / (a - 4.0))
    if denominator <= 0:
        return b - 3.0, 1.0
    z = (1.0 - 2.0 / (9.0 * a) - np.cbrt((1.0 - 2.0 / a) / denominator)) / np.sqrt(2.0 / (9.0 * a))
    return b - 3.0, upper(float(z))


def upper(z: float) -> float:
    """Return the probability that a standard Normal lies above ``z``, never quite 0."""
    from scipy.special import ndtr

    return max(float(ndtr(-z)), _TINY)
