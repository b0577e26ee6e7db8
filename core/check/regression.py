"""Regressions for the tests of independence, many data sets at a time, in numpy.

Observed data and their replicates go through the same code: every array has a leading
batch dimension B, then N rows. A :class:`Residual` is what a generalised linear model
leaves of a response, in the form that a score test needs: Pearson residuals
``(y - mu) / sqrt(V)`` and working weights ``(d mu / d eta)^2 / V`` (McCullagh & Nelder
1989, ch. 4 and 12). Rows may stand for several equal ones (``count``, shape (B, N)).
"""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CLOSE",
    "ROUGH",
    "Multinomial",
    "Projector",
    "Residual",
    "fit_multinomial",
    "fit_scalar",
    "information",
    "inverse",
    "project_out",
]

FloatArray = NDArray[np.float64]

_STEPS = 30
CLOSE = 1e-7
ROUGH = 1e-3  # leaves 1e-6 after its step: enough where only a place among replicates is wanted
_RIDGE = 1e-4  # on columns of unit size: finite estimates where levels separate, else no visible effect
_FAR = 30.0
_NO_INFORMATION = 0.1  # expected events if all rows were such: a level without an event, but for the ridge
_RANK = 1e-10
_SURELY_REGULAR = 1e7  # the smallest eigenvalue is then far above what counts as zero


@dataclass(frozen=True, eq=False)
class Residual:
    """What a scalar response leaves, (B, N) each; ``root_weight`` is ``None`` for all ones.

    Rows that carry no information (a level that is certain) have both zero.
    """

    pearson: FloatArray
    root_weight: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class Multinomial:
    """What a category leaves: 0/1 minus probability of every level but the first, and the probabilities."""

    residual: FloatArray  # (B, N, K-1)
    probability: FloatArray  # (B, N, K-1)


class Projector:
    """Weighted least squares on fixed columns: what they leave of others.

    Parameters
    ----------
    z : array, shape (B, N, k)
    root_weight : array, shape (B, N), optional

    Notes
    -----
    Repeated or constant columns of ``z`` are taken once: the inverse is the Moore-Penrose one.
    ``rank`` has shape (B,).
    """

    def __init__(self, z: FloatArray, root_weight: FloatArray | None = None) -> None:
        self._across = _scaled(z if root_weight is None else z * root_weight[..., None])
        self._design = np.swapaxes(self._across, -1, -2)
        self._rows = max(z.shape[-2], 1)
        self._inverse, self.rank = inverse(self._across @ self._design / self._rows)

    def leave(self, targets: FloatArray) -> FloatArray:
        """Return the targets (B, N, m), weighted already, less their fit."""
        left = targets
        for _ in range(2):  # the second pass takes away what rounding left of the first
            left = left - self._design @ (self._inverse @ (self._across @ left / self._rows))
        return left


def project_out(z: FloatArray, targets: FloatArray) -> tuple[FloatArray, NDArray[np.intp]]:
    """Return the targets (B, N, m) less their least squares fit on ``z`` (B, N, k), and the rank of ``z``."""
    projector = Projector(z)
    return projector.leave(targets), projector.rank


def _scaled(z: FloatArray) -> FloatArray:
    """Return the columns of z (B, N, k) divided by their root mean square, as rows: (B, k, N).

    Each column then lies in one piece of memory, which the machine reads much faster.
    """
    across = np.array(np.swapaxes(z, -1, -2), order="C")
    size = np.sqrt(np.einsum("bkn,bkn->bk", across, across) / max(z.shape[-2], 1))
    across /= np.where(size > 0, size, 1.0)[..., None]
    return across


def inverse(gram: FloatArray) -> tuple[FloatArray, NDArray[np.intp]]:
    """Return the Moore-Penrose inverse of cross-products (B, k, k) of columns of unit size, and their rank."""
    with suppress(np.linalg.LinAlgError):
        plain = np.linalg.inv(gram)
        if np.abs(plain).max(initial=0.0) < _SURELY_REGULAR:
            return plain, np.full(gram.shape[:-2], gram.shape[-1], dtype=np.intp)
    values, vectors = np.linalg.eigh(gram)
    top = np.maximum(values[..., -1:], 0.0)
    kept = values > np.maximum(_RANK * top, 1e-14)
    inverse = np.where(kept, 1.0 / np.where(kept, values, 1.0), 0.0)
    return (vectors * inverse[..., None, :]) @ np.swapaxes(vectors, -1, -2), kept.sum(axis=-1)


def fit_scalar(
    response: str, y: FloatArray, z: FloatArray, count: FloatArray | None = None, close: float = CLOSE
) -> Residual:
    """Fit a ``"gaussian"``, ``"binary"`` or ``"count"`` response on ``z`` (intercept included).

    Parameters
    ----------
    response : str
    y : array, shape (B, N)
        A Gaussian response comes back as it is: the projection is all that its fit needs.
    z : array, shape (B, N, k)
    count : array, shape (B, N), optional
    close : float
        The last step of a coefficient; a step squares the distance that is left.

    Notes
    -----
    Binary: logistic regression. Count: Poisson regression, with the negative binomial
    variance ``mu + alpha mu^2`` where the rows vary more than Poisson (alpha by moments).
    """
    if response == "gaussian":
        return Residual(y)
    mu = _newton(response, y, _scaled(z), count, close)
    if response == "binary":
        weight = mu * (1.0 - mu)
        variance = weight
    else:
        excess = np.sum((y - mu) ** 2 - mu, axis=-1, keepdims=True) / np.sum(mu**2, axis=-1, keepdims=True)
        variance = mu * (1.0 + np.maximum(excess, 0.0) * mu)
        weight = mu**2 / variance
    rows = y.shape[-1] if count is None else np.sum(count, axis=-1, keepdims=True)
    alive = variance * rows > _NO_INFORMATION
    safe = np.where(alive, variance, 1.0)
    pearson, root = (y - mu) / np.sqrt(safe), np.sqrt(weight)
    times = alive.astype(np.float64) if count is None else np.where(alive, np.sqrt(count), 0.0)
    return Residual(pearson * times, root * times)


def _newton(response: str, y: FloatArray, across: FloatArray, count: FloatArray | None, close: float) -> FloatArray:
    """Return the fitted means of a logistic or Poisson regression on ``across`` (B, k, N), shape (B, N)."""
    binary = response == "binary"
    z = np.swapaxes(across, -1, -2)
    # A logistic slope is about four times that of the straight line; counts start on their logarithm.
    first = 4.0 * (y - 0.5) * 0.8 if binary else np.log(y + 0.5)
    ridge = _RIDGE * np.eye(z.shape[-1])
    weighted = across if count is None else across * count[:, None, :]
    beta = np.linalg.solve(weighted @ z + ridge, weighted @ first[..., None])
    for _ in range(_STEPS):
        mu = _mean(binary, across, beta)
        weight = mu * (1.0 - mu) if binary else mu
        gap = y - mu
        if count is not None:
            weight, gap = weight * count, gap * count
        gradient = across @ gap[..., None] - _RIDGE * beta
        step = _bounded(np.linalg.solve((across * weight[:, None, :]) @ z + ridge, gradient))
        beta = beta + step
        if np.abs(step).max(initial=0.0) < close:
            break
    return _mean(binary, across, beta)


def _mean(binary: bool, across: FloatArray, beta: FloatArray) -> FloatArray:
    eta = (np.swapaxes(beta, -1, -2) @ across)[:, 0, :]
    np.clip(eta, -_FAR, _FAR, out=eta)
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * eta)) if binary else np.exp(eta))


def _bounded(step: FloatArray) -> FloatArray:
    """Keep a first overshoot from running off; near the optimum the bound never acts."""
    return step * np.minimum(1.0, 5.0 / np.maximum(np.abs(step).max(axis=(-2, -1), keepdims=True), 1e-300))


def fit_multinomial(
    codes: FloatArray, levels: int, z: FloatArray, count: FloatArray | None = None, close: float = CLOSE
) -> Multinomial:
    """Fit a softmax regression of a category on ``z`` (intercept included), first level as reference.

    Parameters
    ----------
    codes : array, shape (B, N)
    levels : int
    z : array, shape (B, N, k)
    count : array, shape (B, N), optional
    """
    z = np.ascontiguousarray(np.swapaxes(_scaled(z), -1, -2))
    batch, _, k = z.shape
    b = levels - 1
    seen = (codes[..., None] == np.arange(1, levels)).astype(np.float64)
    weighted = z if count is None else z * count[..., None]
    across = np.swapaxes(weighted, -1, -2)
    beta = np.zeros((batch, k, b))
    ridge = _RIDGE * np.eye(k * b)
    for _ in range(_STEPS):
        probability = _softmax(z @ beta)
        gradient = across @ (seen - probability) - _RIDGE * beta
        hessian = information(weighted, z, probability) + ridge
        step = _bounded(np.linalg.solve(hessian, gradient.reshape(batch, k * b, 1)).reshape(batch, k, b))
        beta = beta + step
        if np.abs(step).max(initial=0.0) < close:
            break
    probability = _softmax(z @ beta)
    return Multinomial(seen - probability, probability)


def _softmax(eta: FloatArray) -> FloatArray:
    eta = np.clip(eta, -_FAR, _FAR)
    top = np.maximum(eta.max(axis=-1, keepdims=True), 0.0)
    weights = np.exp(eta - top)
    return weights / (weights.sum(axis=-1, keepdims=True) + np.exp(-top))


def information(left: FloatArray, right: FloatArray, probability: FloatArray) -> FloatArray:
    """Return ``sum over rows of (left right') x V`` with V the multinomial covariance, shape (B, l b, r b)."""
    batch, _, b = probability.shape
    width_left, width_right = left.shape[-1], right.shape[-1]
    found = np.empty((batch, width_left, b, width_right, b))
    across = np.swapaxes(left, -1, -2)
    for i in range(b):
        for j in range(i, b):
            share = probability[..., i] * ((i == j) - probability[..., j])
            block = across @ (right * share[..., None])
            found[:, :, i, :, j] = block
            found[:, :, j, :, i] = block
    return found.reshape(batch, width_left * b, width_right * b)
