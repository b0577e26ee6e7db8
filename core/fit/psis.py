"""Pareto smoothed importance sampling leave-one-out, for all rows at once.

Vehtari, Gelman & Gabry (2017) and Vehtari, Simpson, Gelman, Yao & Gabry (2024). The
generalised Pareto fit is that of Zhang & Stephens (2009) with the weak prior on k of the
latter paper: the same numbers as ``arviz_stats.loo``, but with rows as an array axis
instead of a loop.
"""

from dataclasses import dataclass
from math import log10

import numpy as np
from numpy.typing import NDArray

__all__ = ["Loo", "k_limit", "psis_loo"]

FloatArray = NDArray[np.float64]

_CELLS = 1_000_000  # cells of a working array: stays in cache or close to it
_PRIOR_B = 3.0
_PRIOR_K = 10.0


@dataclass(frozen=True)
class Loo:
    """Leave-one-out by importance sampling; arrays of shape (N,).

    ``mcse_i`` is the Monte Carlo standard error of ``elpd_i``.
    """

    elpd_i: FloatArray
    lppd_i: FloatArray
    pareto_k: FloatArray
    mcse_i: FloatArray


def k_limit(draws: int) -> float:
    """Return the Pareto k above which ``draws`` draws are too few: min(1 - 1/log10 S, 0.7)."""
    return min(1.0 - 1.0 / log10(draws), 0.7)


def psis_loo(log_likelihood: FloatArray, r_eff: FloatArray | float = 1.0) -> Loo:
    """Estimate each row's leave-one-out log predictive density from posterior draws.

    Parameters
    ----------
    log_likelihood : array, shape (S, N)
        Log density of row n under draw s.
    r_eff : float or array of shape (N,)
        Effective draws over draws, of the likelihood values; 1 for independent draws.

    Notes
    -----
    The Monte Carlo variance is that of a self-normalised importance estimate by the delta
    method, divided by ``r_eff`` (Vehtari et al. 2024, section 4). Memory beyond the input
    is bounded: rows are worked in chunks.
    """
    s, n = log_likelihood.shape
    spread = np.broadcast_to(np.asarray(r_eff, dtype=np.float64), (n,))
    elpd, lppd, k, mcse = (np.empty(n) for _ in range(4))
    step = max(1, _CELLS // s)
    for start in range(0, n, step):
        rows = slice(start, min(n, start + step))
        values = np.ascontiguousarray(log_likelihood[:, rows].T)
        elpd[rows], lppd[rows], k[rows], mcse[rows] = _rows(values, spread[rows])
    return Loo(elpd, lppd, k, mcse)


def _rows(log_lik: FloatArray, r_eff: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """PSIS-LOO of some rows; ``log_lik`` is (rows, S) and is reordered in place."""
    n, s = log_lik.shape
    found = np.empty((4, n))
    tails = _tail_lengths(s, r_eff)
    for length in np.unique(tails):
        chosen = np.flatnonzero(tails == length)
        found[:, chosen] = _same_tail(log_lik if len(chosen) == n else log_lik[chosen], int(length))
    found[3] /= np.sqrt(r_eff)
    return found[0], found[1], found[2], found[3]


def _tail_lengths(s: int, r_eff: FloatArray) -> NDArray[np.int64]:
    long = np.floor(3.0 * np.sqrt(s / r_eff))
    lengths = np.where(s * r_eff > 225, long, np.floor(s / 5.0))
    return np.clip(lengths, 5, s - 1).astype(np.int64)


def _same_tail(log_lik: FloatArray, length: int) -> FloatArray:
    """Return elpd, lppd, k and mcse (for independent draws), shape (4, rows).

    The importance ratio w of a draw is one over its likelihood p, so w p is one and the
    same for every draw outside the smoothed tail: only the tail's products need computing,
    and nothing under- or overflows however wide the likelihoods spread.
    """
    log_lik.partition(length, axis=1)
    body, tail = log_lik[:, length:], np.sort(log_lik[:, :length], axis=1)[:, ::-1]
    low, high = tail[:, -1:], body.max(axis=1, keepdims=True)
    lppd = high[:, 0] + np.log((np.exp(body - high).sum(axis=1) + np.exp(tail - high).sum(axis=1)) / log_lik.shape[1])
    body_ratio = np.exp(low - body)  # in units of the largest ratio
    ratio, cutoff = np.exp(low - tail), body_ratio[:, :1]  # partition puts the next draw first
    smooth, k = _smooth(ratio, cutoff)
    gain = np.where(smooth == ratio, 1.0, np.exp(np.log(smooth) + (tail - low)))  # w p of the tail
    total = body_ratio.sum(axis=1) + smooth.sum(axis=1)
    mean = (body.shape[1] + gain.sum(axis=1)) / total
    # sum of w^2 (p - mean)^2, with w p = 1 in the body
    body_part = (
        body.shape[1] - 2 * mean * body_ratio.sum(axis=1) + mean**2 * np.einsum("ij,ij->i", body_ratio, body_ratio)
    )
    tail_part = ((gain - mean[:, None] * smooth) ** 2).sum(axis=1)
    variance = np.maximum(body_part + tail_part, 0.0) / (total * mean) ** 2
    return np.stack([low[:, 0] + np.log(mean), lppd, k, np.sqrt(variance)])


def _smooth(ratio: FloatArray, cutoff: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Replace sorted tails (rows, M) by the quantiles of their Pareto fit; return them and k."""
    k, sigma = _fit_pareto(ratio - cutoff)
    fitted = np.isfinite(k) & np.isfinite(sigma) & (sigma > 0)
    if not fitted.any():
        return ratio, k
    length = ratio.shape[1]
    shape, scale = k[fitted, None], sigma[fitted, None]
    exponent = np.log1p(-(np.arange(length) + 0.5) / length)
    safe = np.where(shape == 0, 1.0, shape)
    quantiles = np.where(shape == 0, -exponent, np.expm1(-safe * exponent) / safe) * scale + cutoff[fitted]
    smooth = ratio.copy()
    smooth[fitted] = np.minimum(quantiles, ratio[fitted, -1:])
    return smooth, k


def _fit_pareto(excess: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Fit a generalised Pareto distribution to each row of sorted excesses (n, M).

    Returns shape k and scale sigma, (n,) each. Where the tail is constant there is nothing
    to smooth: k = 0, sigma NaN. Where a fit fails k is infinite.
    """
    n, m = excess.shape
    points = 30 + int(np.sqrt(m))
    quartile, largest = excess[:, int(m / 4 + 0.5) - 1], excess[:, -1]
    k, sigma = np.where(largest > 0, np.inf, 0.0), np.full(n, np.nan)
    good = np.flatnonzero(quartile > excess[:, 0])
    if not len(good):
        return k, sigma
    x = excess[good]
    grid = (1.0 - np.sqrt(points / (np.arange(1, points + 1) - 0.5))) / _PRIOR_B
    b = grid / quartile[good, None] + 1.0 / largest[good, None]  # (n, points)
    with np.errstate(all="ignore"):
        shapes = _mean_log1p(b, x)
        score = m * (np.log(-b / shapes) - shapes - 1.0)
        score -= score.max(axis=1, keepdims=True)
        weight = np.exp(score)
        weight /= weight.sum(axis=1, keepdims=True)
        weight[weight < 10 * np.finfo(float).eps] = 0.0
        weight /= weight.sum(axis=1, keepdims=True)
        centre = (b * weight).sum(axis=1)
        raw = np.log1p(-centre[:, None] * x).mean(axis=1)
        sigma[good] = -raw / centre
        shape = (m * raw + _PRIOR_K * 0.5) / (m + _PRIOR_K)
    k[good] = np.where(np.isnan(shape), np.inf, shape)
    return k, sigma


def _mean_log1p(b: FloatArray, x: FloatArray) -> FloatArray:
    """Return mean over j of log(1 - b[i, g] x[i, j]), shape of ``b``.

    The logarithm is taken of products of eight factors, an eighth of the cost; rows in
    which such a product under- or overflows (k far beyond any use) are done plainly.
    """
    n, m = x.shape
    found = np.empty_like(b)
    step = max(1, _CELLS // (m * b.shape[1]))
    for start in range(0, n, step):
        rows = slice(start, start + step)
        factors = 1.0 - b[rows, :, None] * x[rows, None, :]
        whole = m - m % 8
        blocks = factors[..., :whole].reshape(*factors.shape[:2], -1, 8).prod(axis=-1)
        found[rows] = (np.log(blocks).sum(axis=-1) + np.log(factors[..., whole:]).sum(axis=-1)) / m
    for row in np.flatnonzero(~np.isfinite(found).all(axis=1)):
        found[row] = np.log1p(-b[row, :, None] * x[row]).mean(axis=-1)
    return found
