"""An effect in two steps: what a treatment does to what lies on the way, times what that does to the outcome.

At the front door nothing unmeasured acts on treatment and mediators, and treatment holds off what acts on mediators and
outcome (Pearl 1995). In a linear model the effect is then the mediators' slopes on the treatment times the outcome's
slopes on the mediators with the treatment held fixed. The same product holds where all ways lead through one mediator,
with whatever must be adjusted for in either step (Wright 1934). The two steps are regressions of their own, least
squares with HC3 errors; draws of each are Normal and independent of the other's, and their product's quantiles are the
interval (MacKinnon, Lockwood & Williams 2004).
"""

import numpy as np
from numpy.typing import NDArray

from core.effects.least_squares import HC3, basis_of, fitted, left_by, sandwich

__all__ = ["through"]

FloatArray = NDArray[np.float64]


def through(
    y: FloatArray,
    x: FloatArray,
    between: FloatArray,
    change: FloatArray,
    held: tuple[FloatArray, FloatArray],
    *,
    draws: int = 4000,
    seed: int = 0,
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
    held : (array, array), shape (N, p) and (N, q)
        What is held fixed in either step; at the front door nothing, and the treatment's columns.
    draws, seed : int

    Returns
    -------
    array or None
        None where the treatment determines a mediator, or too few rows are left.
    """
    outcome = fitted(y, between, basis_of(held[1]))
    first = _first(x, between, change, basis_of(held[0]))
    if outcome is None or first is None:
        return None
    rng = np.random.default_rng([seed, len(y), 61])
    moved = rng.multivariate_normal(*first, size=draws, method="eigh")
    slopes = rng.multivariate_normal(outcome.coefficients, outcome.covariance, size=draws, method="eigh")
    return np.asarray(np.sum(moved * slopes, axis=1))


def _first(
    x: FloatArray, between: FloatArray, change: FloatArray, basis: FloatArray
) -> tuple[FloatArray, FloatArray] | None:
    """Return by how much the change moves each mediator's column, (m,), and the covariance of that, (m, m)."""
    if fitted(between[:, 0], x, basis) is None:
        return None
    left_x, left_m = left_by(basis, x), left_by(basis, between)
    inverse = np.linalg.inv(left_x.T @ left_x)
    slopes = inverse @ (left_x.T @ left_m)  # (k, m)
    spread = sandwich(left_x, inverse, left_m - left_x @ slopes, basis, HC3)  # (k, k, m, m)
    return change @ slopes, np.einsum("a,abmn,b->mn", change, spread, change)
