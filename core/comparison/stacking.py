"""Stacking weights: the mixture of predictive densities that predicts held-out rows best.

Maximise ``sum_i log sum_k w_k p_ik`` over the simplex, ``p_ik`` the leave-one-out density of
row i under candidate k (Yao, Vehtari, Simpson & Gelman 2018). The objective is concave. At
its maximum the gradient ``g_k = mean_i p_ik / sum_j w_j p_ij`` is 1 where ``w_k > 0`` and at
most 1 elsewhere, and ``max_k g_k - 1`` bounds how far any weights are from it, so the result
is certified and not merely "converged" (general-purpose optimisers on a softmax stopped in a
wrong corner here).
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["gap", "stacking_weights"]

FloatArray = NDArray[np.float64]

_GAP = 1e-9
_NEWTON_STEPS = 100
_EM_STEPS = 50
_ZERO = 1e-12
_PART = 20_000


def stacking_weights(elpd: FloatArray) -> FloatArray:
    """Return the weights, shape (K,), non-negative and adding up to one.

    Parameters
    ----------
    elpd : array, shape (N, K)
        Leave-one-out log predictive density of each row under each candidate.

    Notes
    -----
    Steps of expectation maximisation, which never leave the simplex and always go up, with
    Newton steps on the positive weights, which finish fast. Of very many rows a part, evenly
    spread, gives the start; the end is certified on all.
    """
    rows, candidates = elpd.shape
    if candidates == 1 or rows == 0:
        return np.full(candidates, 1.0 / candidates)
    density = np.exp(elpd - elpd.max(axis=1, keepdims=True))
    weights, steps = np.full(candidates, 1.0 / candidates), _EM_STEPS
    if rows > 2 * _PART:
        near = _climb(np.ascontiguousarray(density[:: rows // _PART]), weights, steps)
        weights, steps = 0.999 * near + 0.001 * weights, _EM_STEPS // 10
    weights = _climb(density, weights, steps)
    weights = np.where(weights < 1e-10, 0.0, weights)
    return weights / weights.sum()


def _climb(density: FloatArray, weights: FloatArray, steps: int) -> FloatArray:
    """Return weights within the gap of the best, from some that are positive."""
    for _ in range(_NEWTON_STEPS):
        for _ in range(steps):
            weights = weights * _gradient(density, weights)
        if gap(density, weights) < _GAP:
            break
        weights = _newton(density, weights)
    return weights


def gap(density: FloatArray, weights: FloatArray) -> float:
    """Return a bound on how much the mean log density could still rise."""
    return float(_gradient(density, weights).max() - 1.0)


def _gradient(density: FloatArray, weights: FloatArray) -> FloatArray:
    return np.asarray((1.0 / (density @ weights)) @ density / len(density))


def _objective(density: FloatArray, weights: FloatArray) -> float:
    mixture = density @ weights
    return float(np.mean(np.log(mixture))) if mixture.min() > 0 else -np.inf


def _newton(density: FloatArray, weights: FloatArray) -> FloatArray:
    """Take one guarded Newton step among the weights that are positive, or that want to be."""
    gradient = _gradient(density, weights)
    free = (weights > _ZERO) | (gradient > 1.0)
    start = np.maximum(weights, np.where(free, 1e-9, 0.0))
    start = start / start.sum()
    ratio = density[:, free] / (density @ start)[:, None]
    count = int(free.sum())
    system = np.zeros((count + 1, count + 1))
    system[:count, :count] = ratio.T @ ratio / len(ratio) + 1e-13 * np.eye(count)
    system[:count, count] = system[count, :count] = 1.0
    step = np.zeros_like(start)
    step[free] = np.linalg.lstsq(system, np.append(ratio.mean(axis=0), 0.0), rcond=None)[0][:count]
    shrinking = step < 0
    room = float(np.min(start[shrinking] / -step[shrinking], initial=1.0))
    before, size = _objective(density, weights), min(1.0, room)
    for _ in range(40):
        candidate = np.maximum(start + size * step, 0.0)
        candidate /= candidate.sum()
        if _objective(density, candidate) >= before:
            return candidate
        size /= 2
    return weights
