"""The front door for numbers: what a treatment does to what lies on the way, times what that does to the outcome.

Where nothing unmeasured acts on treatment and mediators, and treatment holds off what acts on mediators and outcome
(Pearl 1995), the effect in a linear model is the mediators' slopes on the treatment times the outcome's slopes on the
mediators with the treatment held fixed. The two are regressions of their own, least squares with HC3 errors; their
draws are Normal and independent, and so is the interval of the product (the Monte Carlo interval of MacKinnon,
Lockwood & Williams 2004).
"""

import numpy as np
from numpy.typing import NDArray

from core.effects.least_squares import HC3, basis_of, fitted, left_by, sandwich

__all__ = ["through"]

FloatArray = NDArray[np.float64]

_LEAST_DF = 3


def through(
    y: FloatArray, x: FloatArray, between: FloatArray, change: FloatArray, *, draws: int = 4000, seed: int = 0
) -> FloatArray | None:
    """Return draws of the effect of a change of the treatment's columns, shape (S,).

    Parameters
    ----------
    y : array, shape (N,)
    x : array, shape (N, k)
        The treatment's columns.
    between : array, shape (N, m)
        The mediators' columns.
    change : array, shape (k,)
    draws, seed : int

    Returns
    -------
    array or None
        None where the treatment determines a mediator, or too few rows are left.
    """
    outcome = fitted(y, between, basis_of(x))
    first = _first(x, between, change)
    if outcome is None or first is None:
        return None
    rng = np.random.default_rng([seed, len(y), 61])
    moved = rng.multivariate_normal(*first, size=draws, method="eigh")
    slopes = rng.multivariate_normal(outcome.coefficients, outcome.covariance, size=draws, method="eigh")
    return np.asarray(np.sum(moved * slopes, axis=1))


def _first(x: FloatArray, between: FloatArray, change: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Return by how much the change moves each mediator's column, (m,), and the covariance of that, (m, m)."""
    one = basis_of(np.empty((len(x), 0)))
    if len(x) - 1 - x.shape[1] < _LEAST_DF or fitted(between[:, 0], x, one) is None:
        return None
    left_x, left_m = left_by(one, x), left_by(one, between)
    inverse = np.linalg.inv(left_x.T @ left_x)
    slopes = inverse @ (left_x.T @ left_m)  # (k, m)
    spread = sandwich(left_x, inverse, left_m - left_x @ slopes, one, HC3)  # (k, k, m, m)
    return change @ slopes, np.einsum("a,abmn,b->mn", change, spread, change)
