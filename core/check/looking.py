"""Small tests that looks at a family's shape are made of: columns that bend, and how much they explain.

One look is many single columns, each tested with one degree of freedom, and their p-values combined
by the Cauchy distribution (Liu & Xie 2020), which holds under any dependence for small p. So a
step at an unknown place is found about as well as a square, and no column costs another its power.
"""

from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from core.families.base import FloatArray

__all__ = [
    "FEWEST",
    "Columns",
    "Room",
    "bends",
    "combined",
    "enough",
    "known_p",
    "kurtosis_p",
    "ranks",
    "skewness_p",
    "upper",
]

FEWEST = 6.0
"""Rows' worth of information that either side of a step must have: fewer give tails that no t knows."""
_FREQUENT = 0.05
_MOST_VALUES = 4
_FEW_VALUES = 10  # so many have a step each
_FEWEST_OF_A_MOMENT = 8
_TINY = 1e-300
_COLLINEAR = 1e-9
_ROUNDS, _SETTLED = 25, 0.01


@dataclass(frozen=True, eq=False)
class Columns:
    """What a look tests.

    Parameters
    ----------
    values : array, shape (n, k)
    single : tuple of int
        The columns tested one by one.
    joint : tuple of int
        Those that say together how much there is.
    """

    values: FloatArray
    single: tuple[int, ...]
    joint: tuple[int, ...]

    @classmethod
    def alike(cls, values: FloatArray) -> "Columns":
        """Return columns of which each is tested and all say how much there is."""
        return cls(values, tuple(range(values.shape[1])), tuple(range(values.shape[1])))

    @property
    def together(self) -> FloatArray:
        """The columns of ``joint``, shape (n, k')."""
        return self.values[:, list(self.joint)]


def ranks(values: FloatArray) -> FloatArray:
    """Return middle ranks between -1 and 1, same shape: no value is far from the others."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return _middle(counts)[inverse]


def _middle(counts: NDArray[np.intp]) -> FloatArray:
    return (2.0 * np.cumsum(counts) - counts) / counts.sum() - 1.0


def bends(values: FloatArray, weight: FloatArray) -> Columns:
    """Return what a function of a number can be beyond a line: square, cube, steps, frequent values of their own.

    Square and cube are Legendre polynomials of the ranks, so that no few rows carry them; those of the values
    themselves only say how much there is.

    Parameters
    ----------
    values : array, shape (n,)
    weight : array, shape (n,)
        Working weights; a step with too little of them on one side is left out.
    """
    distinct, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    if len(distinct) < 3:
        return Columns(np.empty((len(values), 0)), (), ())
    few = len(distinct) <= _FEW_VALUES
    u = _middle(counts)[inverse]
    below = np.cumsum(counts)
    tenths = np.searchsorted(below, np.arange(1, 10) / 10.0 * len(values))
    edges = np.arange(len(distinct) - 1) if few else _places(tenths, len(distinct)).nonzero()[0]
    at_fifths = _places(tenths[1::2], len(distinct))[edges]
    often = np.flatnonzero(counts >= max(_FREQUENT * len(values), FEWEST))[: 0 if few else _MOST_VALUES]
    stepped = (inverse[:, None] > edges).astype(np.float64)
    atoms = (inverse[:, None] == often).astype(np.float64)
    steps_in, atoms_in = enough(stepped, weight), enough(atoms, weight)
    unit = (values - values.mean()) / values.std()
    curves = np.stack([1.5 * u**2 - 0.5, 2.5 * u**3 - 1.5 * u, unit**2, unit**3], axis=1)
    first, last = 4, 4 + int(steps_in.sum())
    total = last + int(atoms_in.sum())
    joint = [0, 1, 2, 3, *(first + np.flatnonzero(at_fifths[steps_in])), *range(last, total)]
    columns = np.concatenate([curves, stepped[:, steps_in], atoms[:, atoms_in]], axis=1)
    return Columns(columns, (0, 1, *range(first, total)), tuple(int(place) for place in joint))


def _places(chosen: NDArray[np.intp], many: int) -> NDArray[np.bool_]:
    """Return which of so many places are chosen, shape (many,)."""
    found = np.zeros(many, dtype=bool)
    found[chosen] = True
    return found


def enough(columns: FloatArray, weight: FloatArray) -> NDArray[np.bool_]:
    """Return which indicators have enough weight on either side, shape (k,)."""
    inside = weight @ columns
    return np.asarray((inside >= FEWEST) & (weight.sum() - inside >= FEWEST))


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
        return self.evened(self._left)

    def evened(self, left: FloatArray) -> FloatArray:
        """Return residuals after what was taken out as if each row had kept its whole spread, same shape."""
        leverage = np.minimum((self._basis**2).sum(axis=1), 0.9)
        return left / np.sqrt(1.0 - leverage)

    @property
    def taken(self) -> FloatArray:
        """What was taken out of the residual, shape (n,)."""
        return self._residual - self._left

    def without(self, columns: FloatArray) -> "Room":
        """Return the same with more columns taken out."""
        found = object.__new__(Room)
        found._residual, found._root = self._residual, self._root
        apart, known = self._apart(columns)
        more = _orthonormal(apart[:, known])
        found._basis = np.column_stack([self._basis, more])
        found._left = self._left - more @ (more.T @ self._left)
        found._free = self._free - more.shape[1]
        return found

    def settled(self, whole: FloatArray, clip: float) -> "Room":
        """Return the same with the rows clipped around what was taken out, not around what was there before.

        Where a curve is strong its own ends were clipped. Pseudo-values, fit plus clipped rest, are fitted again
        until they stay (Huber's winsorised regression); the scale is the median absolute deviation.

        Parameters
        ----------
        whole : array, shape (n,)
            The residual before it was clipped.
        clip : float
            In standard deviations.
        """
        found = object.__new__(Room)
        found._basis, found._free, found._root = self._basis, self._free, self._root
        fit = self.taken
        found._residual = self._residual
        for _ in range(_ROUNDS):
            rest = whole - fit
            scale = 1.4826 * float(np.median(np.abs(rest)))
            if not scale > 0:
                return self
            found._residual = fit + np.clip(rest, -clip * scale, clip * scale)
            before, fit = fit, self._basis @ (self._basis.T @ found._residual)
            if np.max(np.abs(fit - before)) < _SETTLED * scale:
                break
        found._left = found._residual - fit
        return found

    @property
    def scale(self) -> float:
        """The robust standard deviation of what is left."""
        return 1.4826 * float(np.median(np.abs(self._left)))

    def _apart(self, columns: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
        """Return weighted columns without their part in the basis, and which of them have another."""
        weighted = columns * self._root[:, None]
        apart = weighted - self._basis @ (self._basis.T @ weighted)
        before, after = np.einsum("ij,ij->j", weighted, weighted), np.einsum("ij,ij->j", apart, apart)
        return apart, np.asarray(after > 1e-12 * np.maximum(before, 1e-300))

    def look(self, columns: Columns) -> tuple[FloatArray, float]:
        """Test columns.

        Returns
        -------
        p_values : array, shape (k,)
            Of each single column that can be told apart from what was estimated, one degree of freedom each.
        share : float
            Of what is left that the joint columns explain, less what chance would (adjusted R^2).
        """
        from scipy.special import stdtr

        total = float(self._left @ self._left)
        if not columns.values.shape[1] or total <= 0 or self._free < 3:
            return np.empty(0), 0.0
        apart, known = self._apart(columns.values)
        gram, along = apart.T @ apart, apart.T @ self._left
        size = np.sqrt(np.where(known, gram.diagonal(), 1.0))
        gram, along = gram / (size[:, None] * size), along / size
        r = np.clip(along[[place for place in columns.single if known[place]]] / np.sqrt(total), -1 + 1e-12, 1 - 1e-12)
        t = r * np.sqrt((self._free - 1) / (1.0 - r**2))
        p = np.maximum(2.0 * stdtr(self._free - 1, -np.abs(t)), _TINY)
        joint = [place for place in columns.joint if known[place]]
        return p, self._explained(gram[joint][:, joint], along[joint], total)

    def _explained(self, gram: FloatArray, along: FloatArray, total: float) -> float:
        if not len(gram):
            return 0.0
        values, vectors = np.linalg.eigh(gram)
        kept = values > _COLLINEAR * values[-1]
        explained = float((((along @ vectors)[kept]) ** 2 / values[kept]).sum()) / total
        free = self._free - int(kept.sum())
        return 0.0 if free < 2 else max(0.0, 1.0 - (1.0 - min(explained, 1.0)) * self._free / free)


def _orthonormal(columns: FloatArray) -> FloatArray:
    if not columns.shape[1]:
        return columns
    size = np.linalg.norm(columns, axis=0)
    scaled = columns / np.where(size > 0, size, 1.0)
    values, vectors = np.linalg.eigh(scaled.T @ scaled)
    kept = values > _COLLINEAR * max(float(values[-1]), 1e-300)
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


def known_p(p: float) -> float:
    """Return a p-value, or 2 where there is none: no column of the look could be told apart."""
    return p if isfinite(p) else 2.0


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

    ``free`` is the number of values that the moment rests on, all unless given. Under eight of them say nothing (where
    most rows are one value, few lie on one side of it): p is 1 then.
    """
    n = float(len(values) if free is None else free)
    if n < _FEWEST_OF_A_MOMENT:
        return 0.0, 1.0
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
