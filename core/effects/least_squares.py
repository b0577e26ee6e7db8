"""Least squares with errors that do not take every row to be equally uncertain.

A coefficient is found on what the adjustment set leaves of treatment and outcome (Frisch & Waugh 1933; Lovell
1963): with x~ and y~ the leftovers, b = (x~' x~)^-1 x~' y~. Its covariance is the sandwich

    (x~' x~)^-1 [sum_i x~_i x~_i' e_i^2 / (1 - h_i)^p] (x~' x~)^-1,

in which e are the residuals and h the leverages of the whole regression: HC2 with p = 1 and HC3 with p = 2
(MacKinnon & White 1985). HC2 of two groups is the variance of a difference of means, s1^2 / n1 + s0^2 / n0. The
block of the treatment in the sandwich of the whole regression is the same number.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

__all__ = ["HC2", "HC3", "Fitted", "basis_of", "fitted", "left_by", "sandwich", "spread_90"]

FloatArray = NDArray[np.float64]

HC2 = 1
HC3 = 2
"""The power of 1 - h that residuals are divided by."""

_TIED = 1e-8  # of a column's length: what the others leave of it is rounding
_RANK = 1e-10
_LEAST_DF = 3


@dataclass(frozen=True, eq=False)
class Fitted:
    """Coefficients, shape (k,), their robust covariance, shape (k, k), and the degrees of freedom."""

    coefficients: FloatArray
    covariance: FloatArray
    df: int

    def along(self, direction: FloatArray) -> tuple[float, float]:
        """Return a sum of coefficients with weights, shape (k,), and its standard error."""
        variance = float(direction @ self.covariance @ direction)
        return float(direction @ self.coefficients), sqrt(max(variance, 0.0))


def basis_of(columns: FloatArray) -> FloatArray:
    """Return an orthonormal basis of a constant and columns, shape (N, r).

    Parameters
    ----------
    columns : array, shape (N, k)
        Without an intercept; what the others determine adds nothing to the basis.
    """
    rows = len(columns)
    one = np.full((rows, 1), 1.0 / sqrt(rows))
    middle = columns - columns.mean(axis=0)
    lengths = np.sqrt(np.sum(middle**2, axis=0))
    varies = lengths > _TIED * np.maximum(np.sqrt(np.sum(columns**2, axis=0)), 1e-300)
    if not varies.any():
        return one
    directions, sizes, _ = np.linalg.svd(middle[:, varies] / lengths[varies], full_matrices=False)
    return np.column_stack([one, directions[:, sizes > _RANK * sizes[0]]])


def left_by(basis: FloatArray, values: FloatArray) -> FloatArray:
    """Return what a basis, shape (N, r), leaves of values, shape (N,) or (N, k)."""
    return np.asarray(values - basis @ (basis.T @ values))


def fitted(y: FloatArray, x: FloatArray, basis: FloatArray, power: int = HC3) -> Fitted | None:
    """Regress an outcome on columns and an adjustment set.

    Parameters
    ----------
    y : array, shape (N,)
    x : array, shape (N, k)
        The columns whose coefficients are wanted.
    basis : array, shape (N, r)
        Of the adjustment set (:func:`basis_of`), the constant in it.
    power : int
        :data:`HC2` or :data:`HC3`.

    Returns
    -------
    Fitted or None
        None where the adjustment set determines a column, or fewer than 3 degrees of freedom are left.
    """
    df = len(y) - basis.shape[1] - x.shape[1]
    if df < _LEAST_DF:
        return None
    left_x, left_y = left_by(basis, x), left_by(basis, y)
    if _determined(x, left_x):
        return None
    inverse = np.linalg.inv(left_x.T @ left_x)
    coefficients = inverse @ (left_x.T @ left_y)
    rest = left_y - left_x @ coefficients
    return Fitted(coefficients, sandwich(left_x, inverse, rest[:, None], basis, power)[..., 0, 0], df)


def sandwich(left_x: FloatArray, inverse: FloatArray, rest: FloatArray, basis: FloatArray, power: int) -> FloatArray:
    """Return the covariances of the coefficients of several outcomes, shape (k, k, m, m).

    Parameters
    ----------
    left_x : array, shape (N, k)
        What the adjustment set leaves of the columns; ``inverse`` is that of its cross product.
    rest : array, shape (N, m)
        Residuals of each outcome.
    basis : array, shape (N, r)
    power : int

    Notes
    -----
    A row that the fit goes through (h = 1) has no residual and adds nothing.
    """
    leverage = np.sum(basis**2, axis=1) + np.sum((left_x @ inverse) * left_x, axis=1)
    free = np.maximum(1.0 - leverage, 0.0)
    weight = np.where(free > 1e-9, 1.0 / np.maximum(free, 1e-9) ** power, 0.0)
    scores = left_x @ inverse
    return np.einsum("i,ia,ib,im,in->abmn", weight, scores, scores, rest, rest, optimize=True)


def spread_90(se: float, df: int) -> float:
    """Return half the width of a 90 % interval, by the t distribution."""
    from scipy.special import stdtrit

    return float(stdtrit(df, 0.95)) * se


def _determined(x: FloatArray, left: FloatArray) -> bool:
    """Return whether what is left of the columns is rounding, or ties them to each other."""
    whole = np.sqrt(np.sum((x - x.mean(axis=0)) ** 2, axis=0))
    lengths = np.sqrt(np.sum(left**2, axis=0))
    if np.any(lengths <= _TIED * np.maximum(whole, 1e-300)) or np.any(whole <= 0):
        return True
    sizes = np.linalg.svd(left / lengths, compute_uv=False)
    return bool(sizes[-1] <= _TIED * sizes[0])
