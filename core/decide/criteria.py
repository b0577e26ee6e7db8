"""By what an action is judged: numbers of its draws, pooled over hypotheses by their weights.

Utility is something to have more of, so risk lies in its lower tail.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["cvar", "expected", "pooled_variance", "quantiles", "widened"]

FloatArray = NDArray[np.float64]


def expected(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the mean utility of each action, shape (A,).

    Parameters
    ----------
    values : array, shape (H, A, S)
    weights : array, shape (H,)
        Of the hypotheses, adding up to 1.
    """
    return np.asarray(np.einsum("h,ha->a", weights, values.mean(axis=2)), dtype=np.float64)


def pooled_variance(values: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the variance of each action's utility in two parts, each of shape (A,), by the law of total variance.

    Returns
    -------
    within : array
        The mean over hypotheses of the variance over draws: what the parameters leave open.
    between : array
        The variance over hypotheses of their means: what the structure leaves open.
    """
    means = values.mean(axis=2)
    within = np.einsum("h,ha->a", weights, values.var(axis=2))
    centre = np.einsum("h,ha->a", weights, means)
    between = np.einsum("h,ha->a", weights, (means - centre) ** 2)
    return np.asarray(within, dtype=np.float64), np.asarray(between, dtype=np.float64)


def widened(values: FloatArray, by: float) -> FloatArray:
    """Return draws, shape (H, A, S), spread about each mean by a factor as much; the means stay as they are."""
    if by == 1.0:
        return values
    means = values.mean(axis=2, keepdims=True)
    return np.asarray(means + by * (values - means), dtype=np.float64)


def _pooled(values: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return all draws of each action in ascending order, and their weights, both of shape (A, K)."""
    kept = weights > 0
    draws = values[kept]
    count = draws.shape[2]
    flat = draws.transpose(1, 0, 2).reshape(draws.shape[1], -1)
    each = np.repeat(weights[kept] / count, count)
    order = np.argsort(flat, axis=1, kind="stable")
    return np.take_along_axis(flat, order, axis=1), each[order]


def cvar(values: FloatArray, weights: FloatArray, risk: float) -> FloatArray:
    """Return the mean of the worst share of draws of each action (conditional value at risk), shape (A,).

    The draw at which the share is reached counts with the part of it that is still needed, as in Rockafellar & Uryasev
    (2000, Optimization of conditional value-at-risk; 2002 for distributions with atoms). At a risk of 1 it is the mean.

    Parameters
    ----------
    values : array, shape (H, A, S)
    weights : array, shape (H,)
        Of the hypotheses, adding up to 1.
    risk : float
        The share, over 0 and at most 1.
    """
    ordered, each = _pooled(values, weights)
    before = np.cumsum(each, axis=1) - each
    taken = np.clip(risk - before, 0.0, each)
    # Divided by what was taken, not by the risk: sums of weights end a rounding away from 1.
    with np.errstate(invalid="ignore"):
        return np.asarray((taken * ordered).sum(axis=1) / taken.sum(axis=1), dtype=np.float64)


def quantiles(values: FloatArray, weights: FloatArray, shares: tuple[float, ...]) -> FloatArray:
    """Return quantiles of each action's pooled draws, shape (A, len(shares)): the least draw that reaches the share."""
    ordered, each = _pooled(values, weights)
    reached = np.cumsum(each, axis=1)
    at = [np.minimum((reached < share - 1e-12).sum(axis=1), ordered.shape[1] - 1) for share in shares]
    return np.take_along_axis(ordered, np.stack(at, axis=1), axis=1)
