"""Regressions for the tests of independence, many data sets at a time, in numpy.

Observed data and their replicates go through the same code: every array has a leading
batch dimension B, then N rows. A :class:`Residual` is what a generalised linear model
leaves of a response, in the form that a score test needs: Pearson residuals
``(y - mu) / sqrt(V)`` and working weights ``(d mu / d eta)^2 / V`` (McCullagh & Nelder
1989, ch. 4 and 12).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Multinomial", "Residual", "fit_multinomial", "fit_scalar", "project_out", "scale_columns"]

FloatArray = NDArray[np.float64]

_STEPS = 30
_RIDGE = 1e-4  # on columns of unit size: finite estimates where levels separate, else no visible effect
_FAR = 30.0
_NO_INFORMATION = 1e-6
_RANK = 1e-10


@dataclass(frozen=True, eq=False)
class Residual:
    """What a scalar response leaves: Pearson residuals and root working weights, (B, N) each.

    Rows that carry no information (a level that is certain) have both zero.
    """

    pearson: FloatArray
    root_weight: FloatArray


@dataclass(frozen=True, eq=False)
class Multinomial:
    """What a category leaves: 0/1 minus probability of every level but the first, and the probabilities."""

    residual: FloatArray  # (B, N, K-1)
    probability: FloatArray  # (B, N, K-1)


def scale_columns(z: FloatArray) -> FloatArray:
    """Return the columns divided by their root mean square, for the numerics alone."""
    size = np.sqrt(np.mean(z**2, axis=-2, keepdims=True))
    return z / np.where(size > 0, size, 1.0)


def project_out(
    z: FloatArray, targets: FloatArray, root_weight: FloatArray | None = None
) -> tuple[FloatArray, NDArray[np.intp]]:
    """Return the targets less their weighted least squares fit on ``z``, and the rank of ``z``.

    Parameters
    ----------
    z : array, shape (B, N, k)
    targets : array, shape (B, N, m)
        Already multiplied by the root weight where there is one.
    root_weight : array, shape (B, N), optional

    Returns
    -------
    residuals : array, shape (B, N, m)
    rank : array, shape (B,)

    Notes
    -----
    Repeated or constant columns of ``z`` are taken once: the inverse is the Moore-Penrose one.
    """
    design = z if root_weight is None else z * root_weight[..., None]
    design = scale_columns(design)
    rows = max(design.shape[-2], 1)
    inverse, rank = _inverse(np.swapaxes(design, -1, -2) @ design / rows)
    residuals = targets
    for _ in range(2):  # the second pass takes away what rounding left of the first
        residuals = residuals - design @ (inverse @ (np.swapaxes(design, -1, -2) @ residuals / rows))
    return residuals, rank


def _inverse(gram: FloatArray) -> tuple[FloatArray, NDArray[np.intp]]:
    values, vectors = np.linalg.eigh(gram)
    top = np.maximum(values[..., -1:], 0.0)
    kept = values > np.maximum(_RANK * top, 1e-14)
    inverse = np.where(kept, 1.0 / np.where(kept, values, 1.0), 0.0)
    return (vectors * inverse[..., None, :]) @ np.swapaxes(vectors, -1, -2), kept.sum(axis=-1)


def fit_scalar(response: str, y: FloatArray, z: FloatArray) -> Residual:
    """Fit a ``"gaussian"``, ``"binary"`` or ``"count"`` response on ``z`` (intercept included).

    Parameters
    ----------
    response : str
    y : array, shape (B, N)
    z : array, shape (B, N, k)

    Notes
    -----
    Binary: logistic regression. Count: Poisson regression, with the negative binomial
    variance ``mu + alpha mu^2`` where the rows vary more than Poisson (alpha by moments).
    """
    if response == "gaussian":
        pearson, _ = project_out(z, y[..., None])
        return Residual(pearson[..., 0], np.ones_like(pearson[..., 0]))
    mu = _newton(response, y, scale_columns(z))
    if response == "binary":
        weight = mu * (1.0 - mu)
        variance = weight
    else:
        excess = np.sum((y - mu) ** 2 - mu, axis=-1, keepdims=True) / np.sum(mu**2, axis=-1, keepdims=True)
        variance = mu * (1.0 + np.maximum(excess, 0.0) * mu)
        weight = mu**2 / variance
    alive = variance > _NO_INFORMATION
    safe = np.where(alive, variance, 1.0)
    return Residual(np.where(alive, (y - mu) / np.sqrt(safe), 0.0), np.where(alive, np.sqrt(weight), 0.0))


def _newton(response: str, y: FloatArray, z: FloatArray) -> FloatArray:
    """Return the fitted means of a logistic or Poisson regression, shape (B, N)."""
    if response == "binary":
        start = np.zeros_like(y)
        curve = lambda eta: 0.5 * (1.0 + np.tanh(0.5 * eta))  # noqa: E731
    else:
        start = np.log(y + 0.5)
        curve = np.exp
    zt = np.swapaxes(z, -1, -2)
    inverse, _ = _inverse(zt @ z)
    beta = inverse @ (zt @ start[..., None])
    ridge = _RIDGE * np.eye(z.shape[-1])
    for _ in range(_STEPS):
        mu = curve(np.clip((z @ beta)[..., 0], -_FAR, _FAR))
        weight = mu * (1.0 - mu) if response == "binary" else mu
        gradient = zt @ (y - mu)[..., None] - _RIDGE * beta
        step = np.linalg.solve((zt * weight[..., None, :]) @ z + ridge, gradient)
        # A bound on the step keeps a first overshoot from running off; near the optimum it never acts.
        step *= np.minimum(1.0, 5.0 / np.maximum(np.abs(step).max(axis=(-2, -1), keepdims=True), 1e-300))
        beta = beta + step
        if np.abs(step).max(initial=0.0) < 1e-9:
            break
    return curve(np.clip((z @ beta)[..., 0], -_FAR, _FAR))


def fit_multinomial(codes: FloatArray, levels: int, z: FloatArray) -> Multinomial:
    """Fit a softmax regression of a category on ``z`` (intercept included), first level as reference.

    Parameters
    ----------
    codes : array, shape (B, N)
    levels : int
    z : array, shape (B, N, k)
    """
    z = scale_columns(z)
    batch, _, k = z.shape
    b = levels - 1
    seen = (codes[..., None] == np.arange(1, levels)).astype(np.float64)
    beta = np.zeros((batch, k, b))
    ridge = _RIDGE * np.eye(k * b)
    for _ in range(_STEPS):
        probability = _softmax(z @ beta)
        gradient = np.swapaxes(z, -1, -2) @ (seen - probability) - _RIDGE * beta
        hessian = information(z, z, probability) + ridge
        step = np.linalg.solve(hessian, gradient.reshape(batch, k * b, 1)).reshape(batch, k, b)
        step *= np.minimum(1.0, 5.0 / np.maximum(np.abs(step).max(axis=(-2, -1), keepdims=True), 1e-300))
        beta = beta + step
        if np.abs(step).max(initial=0.0) < 1e-9:
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
