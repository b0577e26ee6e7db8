"""Pareto smoothed importance sampling leave-one-out, for all rows at once.

Vehtari, Gelman & Gabry (2017) and Vehtari, Simpson, Gelman, Yao & Gabry (2024). The
generalised Pareto fit is that of Zhang & Stephens (2009) with the weak prior on k of the
latter paper: the same numbers as ``arviz_stats.loo``, but with rows as an array axis
instead of a loop.

Draws may come from another distribution than the posterior, each with a weight: the ratio
that leaves a row out is then the weight over the row's likelihood.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import log10, sqrt

import numpy as np
from numpy.typing import NDArray

__all__ = ["Loo", "k_limit", "pareto_smooth", "psis_loo"]

FloatArray = NDArray[np.float64]

_CELLS = 500_000  # cells worked on at once: 4 MB an array
_MANY_CELLS = 2_000_000  # worth threads of their own
_PRIOR_B = 3.0
_PRIOR_K = 10.0
_STRIDE = 16  # of the draws that guess where the tail begins
_FACTORS = 16  # multiplied before their logarithm is taken
_FIT_ROWS = 128


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


def psis_loo(log_likelihood: FloatArray, r_eff: FloatArray | float = 1.0, log_weights: FloatArray | None = None) -> Loo:
    """Estimate each row's leave-one-out log predictive density from draws of all parameters.

    Parameters
    ----------
    log_likelihood : array, shape (S, N)
        Log density of row n under draw s.
    r_eff : float or array of shape (N,)
        Effective draws over draws, of the likelihood values; 1 for independent draws. What
        is lost to unequal weights is no part of it.
    log_weights : array, shape (S,), optional
        Log posterior minus log density of the distribution that was drawn from, up to a
        constant; ``-inf`` where the posterior is zero. Absent for posterior draws.

    Notes
    -----
    The Monte Carlo variance is that of a self-normalised importance estimate by the delta
    method, divided by ``r_eff`` (Vehtari et al. 2024, section 4). Memory beyond the input
    is bounded: rows are worked in chunks, several at once where there are cores for it.
    """
    s, n = log_likelihood.shape
    if log_weights is not None and not np.isfinite(log_weights).all():
        possible = log_weights > -np.inf
        log_likelihood, log_weights = log_likelihood[possible], log_weights[possible]
    spread = np.broadcast_to(np.asarray(r_eff, dtype=np.float64), (n,))
    tails = _tail_lengths(s, spread, len(log_likelihood))
    found = np.empty((4, n))

    def work(rows: slice) -> None:
        values = np.ascontiguousarray(log_likelihood[:, rows].T)
        part = found[:, rows]
        for length in np.unique(tails[rows]):
            chosen = tails[rows] == length
            part[:, chosen] = _same_tail(values if chosen.all() else values[chosen], int(length), log_weights)

    step = max(1, _CELLS // s)
    chunks = [slice(start, min(n, start + step)) for start in range(0, n, step)]
    if s * n < _MANY_CELLS:  # callers with many rows have threads already
        for rows in chunks:
            work(rows)
    else:
        with ThreadPoolExecutor(min(len(chunks), os.cpu_count() or 1)) as pool:
            list(pool.map(work, chunks))
    found[3] /= np.sqrt(spread)
    return Loo(found[0], found[1], found[2], found[3])


def pareto_smooth(log_weights: FloatArray, r_eff: float = 1.0) -> tuple[FloatArray, float]:
    """Return importance weights with their tail smoothed, and its Pareto k.

    Parameters
    ----------
    log_weights : array, shape (S,)
        Up to a constant; ``-inf`` for weights of zero.
    r_eff : float
        Effective draws over draws; 1 for independent ones.

    Returns
    -------
    array, shape (S,), and float
        Log weights that add up to one, and k.
    """
    length = int(_tail_lengths(len(log_weights), np.array([r_eff]), len(log_weights))[0])
    order = np.argsort(log_weights, kind="stable")
    tail = order[-length:]
    smooth = log_weights - log_weights[order[-1]]
    ratio, cutoff = np.exp(smooth[tail]), np.exp(smooth[order[-length - 1]])
    fitted, k = _smooth(ratio[None], np.array([[cutoff]]))
    smooth[tail] = np.log(fitted[0])
    return smooth - np.log(np.exp(smooth).sum()), float(k[0])


def _tail_lengths(s: int, r_eff: FloatArray, most: int) -> NDArray[np.int64]:
    long = np.floor(3.0 * np.sqrt(s / r_eff))
    lengths = np.where(s * r_eff > 225, long, np.floor(s / 5.0))
    return np.clip(lengths, 5, most - 1).astype(np.int64)


def _same_tail(log_lik: FloatArray, length: int, log_weights: FloatArray | None) -> FloatArray:
    """Return elpd, lppd, k and mcse (for independent draws) of rows (n, S), shape (4, n).

    The importance ratio w of a draw is its weight v over its likelihood p, so w p is v for
    every draw outside the smoothed tail: only the tail's products need computing, and
    nothing under- or overflows however wide the likelihoods spread.
    """
    s = log_lik.shape[1]
    with np.errstate(all="ignore"):  # a row without density comes back as NaN
        high = log_lik.max(axis=1, keepdims=True)
        work = np.exp(log_lik - high)
        if log_weights is None:
            key, top, tail_weight = log_lik, 0.0, np.ones(1)
            all_weight = all_square = float(s)
            least, _ = _least(key, length + 1, places=False)
            lppd = work.sum(axis=1)
        else:
            top = float(log_weights.max())
            weight = np.exp(log_weights - top)
            all_weight, all_square = float(weight.sum()), float(weight @ weight)
            key = log_lik - log_weights
            least, place = _least(key, length + 1, places=True)
            tail_weight = weight[place[:, :length]][:, ::-1]
            lppd = work @ weight
        lppd = high[:, 0] + np.log(lppd / all_weight)

        low = least[:, :1]
        tail, cutoff = low - least[:, length - 1 :: -1], np.exp(low - least[:, length:])  # smallest ratio first
        ratio = np.exp(tail)  # in units of the largest
        smooth, k = _smooth(ratio, cutoff)
        inside = np.broadcast_to(tail_weight, ratio.shape)
        gain = np.where(smooth == ratio, tail_weight, tail_weight * np.exp(np.log(smooth) - tail))  # w p of the tail

        # Outside the tail no ratio is above the cutoff: tail draws are cut down to it, and taken off again.
        np.subtract(least[:, length:], key, out=work)
        np.exp(np.minimum(work, 0.0, out=work), out=work)
        step = cutoff[:, 0]
        rest = step * (work.sum(axis=1) - length)  # sum of w outside the tail, then of w^2 and of w^2 p
        rest_square = step**2 * (np.einsum("ij,ij->i", work, work) - length)
        rest_product = rest if log_weights is None else step * (work @ weight - inside.sum(axis=1))
        rest_weight, rest_gain_square = all_weight - inside.sum(axis=1), all_square - (inside**2).sum(axis=1)

        total = rest + smooth.sum(axis=1)
        mean = (rest_weight + gain.sum(axis=1)) / total
        # The sum of w^2 (p - mean)^2, multiplied out outside the tail.
        variance = rest_gain_square - 2 * mean * rest_product + mean**2 * rest_square
        variance += ((gain - mean[:, None] * smooth) ** 2).sum(axis=1)
        mcse = np.sqrt(np.maximum(variance, 0.0)) / (total * mean)
        return np.stack([low[:, 0] + top + np.log(mean), lppd, k, mcse])


def _least(values: FloatArray, count: int, *, places: bool) -> tuple[FloatArray, NDArray[np.intp]]:
    """Return the ``count`` least of each row (n, S) in order, shape (n, count), and where they stood.

    Every sixteenth value guesses a bound that a few more than ``count`` keep, so that only
    these are sorted; rows in which the guess was too low are sorted whole.
    """
    n, s = values.shape
    guessers = -(-s // _STRIDE)
    expected = count / s * guessers
    rank = int(expected + 3.5 * sqrt(expected) + 2.0)
    if s < 1024 or 4 * rank > guessers:
        return _sorted(values, count, places=places)
    bound = np.partition(values[:, ::_STRIDE], rank, axis=1)[:, rank, None]
    chosen = np.flatnonzero(values <= bound)
    ends = np.searchsorted(chosen, np.arange(n + 1) * s)
    sizes = np.diff(ends)
    width = int(max(sizes.max(), count))
    filled = np.arange(width) < sizes[:, None]
    some = np.full((n, width), np.inf)
    some[filled] = values.ravel()[chosen]
    least, place = _sorted(some, count, places=places)
    if places:
        column = np.zeros((n, width), dtype=np.intp)
        column[filled] = chosen % s
        place = np.take_along_axis(column, place, axis=1)
    short = np.flatnonzero(sizes < count)
    if len(short):
        again, where = _sorted(values[short], count, places=places)
        least[short] = again
        if places:
            place[short] = where
    return least, place


def _sorted(values: FloatArray, count: int, *, places: bool) -> tuple[FloatArray, NDArray[np.intp]]:
    if not places:
        return np.sort(values, axis=1)[:, :count], np.empty((0, 0), dtype=np.intp)
    place = np.argsort(values, axis=1)[:, :count]
    return np.take_along_axis(values, place, axis=1), place


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
        raw = _mean_log1p(centre[:, None], x)[:, 0]
        sigma[good] = -raw / centre
        shape = (m * raw + _PRIOR_K * 0.5) / (m + _PRIOR_K)
    k[good] = np.where(np.isnan(shape), np.inf, shape)
    return k, sigma


def _mean_log1p(b: FloatArray, x: FloatArray) -> FloatArray:
    """Return mean over j of log(1 - b[i, g] x[i, j]), shape of ``b``.

    The logarithm is taken of products of sixteen factors; rows in which such a product
    under- or overflows (k far beyond any use) are done plainly. Rows lie along the last
    axis, so that all the arithmetic runs over contiguous memory.
    """
    n, m = x.shape
    found = np.empty(b.shape)
    width = -(-m // _FACTORS)
    for start in range(0, n, _FIT_ROWS):
        rows = slice(start, start + _FIT_ROWS)
        points = np.ascontiguousarray(b[rows].T)[:, None, :]
        parts = np.zeros((_FACTORS, width, points.shape[-1]))  # a factor of 1 fills up
        parts.reshape(-1, points.shape[-1])[:m] = x[rows].T
        product, factor = np.empty((2, len(points), *parts.shape[1:]))
        for number, part in enumerate(parts):
            into = factor if number else product
            np.multiply(points, part, out=into)
            np.subtract(1.0, into, out=into)
            if number:
                product *= factor
        found[rows] = np.log(product, out=product).sum(axis=1).T / m
    for row in np.flatnonzero(~np.isfinite(found).all(axis=1)):
        found[row] = np.log1p(-b[row, :, None] * x[row]).mean(axis=-1)
    return found
