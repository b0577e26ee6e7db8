"""Pareto smoothed importance sampling leave-one-out, for all rows at once.

Vehtari, Gelman & Gabry (2017) and Vehtari, Simpson, Gelman, Yao & Gabry (2024). The
generalised Pareto fit is that of Zhang & Stephens (2009) with the weak prior on k of the
latter paper: the same numbers as ``arviz_stats.loo``, but with rows as an array axis
instead of a loop.

Draws may come from another distribution than the posterior, each with a weight: the ratio
that leaves a row out is then the weight over the row's likelihood.
"""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import log10, sqrt

import numpy as np
from numpy.typing import NDArray

from core.fit.effective import effective_size

__all__ = ["Loo", "k_limit", "merged", "pareto_smooth", "psis_loo", "total_error"]

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

    ``mcse_i`` is the Monte Carlo standard error of ``elpd_i``. All rows are scored by the
    same draws, so the errors of a sum do not add up by their squares; ``influence``, shape
    (S,), is how much each draw moves the sum (:func:`total_error`).
    """

    elpd_i: FloatArray
    lppd_i: FloatArray
    pareto_k: FloatArray
    mcse_i: FloatArray
    influence: FloatArray = field(default_factory=lambda: np.empty(0))


def k_limit(draws: int) -> float:
    """Return the Pareto k above which ``draws`` draws are too few: min(1 - 1/log10 S, 0.7)."""
    return min(1.0 - 1.0 / log10(draws), 0.7)


def merged(parts: Sequence[Loo], draws: int) -> Loo:
    """Return the scores of several sets of rows, under the same ``draws`` draws, as one."""

    def joined(arrays: Iterable[FloatArray]) -> FloatArray:
        return np.concatenate([np.empty(0), *arrays])

    return Loo(
        joined(part.elpd_i for part in parts),
        joined(part.lppd_i for part in parts),
        joined(part.pareto_k for part in parts),
        joined(part.mcse_i for part in parts),
        sum((part.influence for part in parts), np.zeros(draws)),
    )


def total_error(influence: FloatArray, chains: int = 0) -> float:
    """Return the Monte Carlo standard error of the sum of scores that has this influence, shape (S,).

    ``chains`` is how many chains the draws came in, one after another; 0 if they are independent.
    """
    square = float(influence @ influence)
    if chains and square > 0:
        square *= len(influence) / effective_size(influence.reshape(chains, -1))
    return sqrt(square)


def psis_loo(
    log_likelihood: FloatArray,
    r_eff: FloatArray | float = 1.0,
    log_weights: FloatArray | None = None,
    counts: FloatArray | None = None,
) -> Loo:
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
    counts : array, shape (N,), optional
        How often each row occurs in the sum whose ``influence`` is wanted; once unless given.

    Notes
    -----
    The Monte Carlo variance is that of a self-normalised importance estimate by the delta
    method, divided by ``r_eff`` (Vehtari et al. 2024, section 4): draw s moves the logarithm
    of sum(w p) / sum(w) by w_s p_s / sum(w p) - w_s / sum(w), its influence. Memory beyond the input
    is bounded: rows are worked in chunks, several at once where there are cores for it.
    """
    s, n = log_likelihood.shape
    possible = None
    if log_weights is not None and not np.isfinite(log_weights).all():
        possible = log_weights > -np.inf
        log_likelihood, log_weights = log_likelihood[possible], log_weights[possible]
    spread = np.broadcast_to(np.asarray(r_eff, dtype=np.float64), (n,))
    times = np.ones(n) if counts is None else counts
    tails = _tail_lengths(s, spread, len(log_likelihood))
    found = np.empty((4, n))

    def work(rows: slice) -> FloatArray:
        values = np.ascontiguousarray(log_likelihood[:, rows].T)
        part, moved = found[:, rows], np.zeros(len(log_likelihood))
        for length in np.unique(tails[rows]):
            chosen = tails[rows] == length
            some = values if chosen.all() else values[chosen]
            part[:, chosen], more = _same_tail(some, int(length), log_weights, times[rows][chosen])
            moved += more
        return moved

    step = max(1, _CELLS // s)
    chunks = [slice(start, min(n, start + step)) for start in range(0, n, step)]
    if s * n < _MANY_CELLS:  # callers with many rows have threads already
        moved = [work(rows) for rows in chunks]
    else:
        with ThreadPoolExecutor(min(len(chunks), os.cpu_count() or 1)) as pool:
            moved = list(pool.map(work, chunks))
    found[3] /= np.sqrt(spread)
    influence = np.zeros(s)
    influence[slice(None) if possible is None else possible] = sum(moved, np.zeros(len(log_likelihood)))
    return Loo(found[0], found[1], found[2], found[3], influence)


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
    with np.errstate(divide="ignore"):  # weights beside the largest of which there is nothing left
        smooth[tail] = np.log(fitted[0])
    return smooth - np.log(np.exp(smooth).sum()), float(k[0])


def _tail_lengths(s: int, r_eff: FloatArray, most: int) -> NDArray[np.int64]:
    long = np.floor(3.0 * np.sqrt(s / r_eff))
    lengths = np.where(s * r_eff > 225, long, np.floor(s / 5.0))
    return np.clip(lengths, 5, most - 1).astype(np.int64)


def _same_tail(
    log_lik: FloatArray, length: int, log_weights: FloatArray | None, counts: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return elpd, lppd, k and mcse (for independent draws) of rows (n, S), shape (4, n), and the draws' influence.

    The importance ratio w of a draw is its weight v over its likelihood p, so w p is v for
    every draw outside the smoothed tail: only the tail's products need computing, and
    nothing under- or overflows however wide the likelihoods spread.
    """
    s = log_lik.shape[1]
    with np.errstate(all="ignore"):  # a row without density comes back as NaN
        high = log_lik.max(axis=1, keepdims=True)
        work = np.exp(log_lik - high)
        if log_weights is None:
            key, top, weight = log_lik, 0.0, np.ones(s)
            lppd = work.sum(axis=1)
        else:
            key, top = log_lik - log_weights, float(log_weights.max())
            weight = np.exp(log_weights - top)
            lppd = work @ weight
        lppd = high[:, 0] + np.log(lppd / weight.sum())

        least, place = _least(key, length + 1)
        place = place[:, length - 1 :: -1]  # smallest ratio first
        tail, cutoff = least[:, :1] - least[:, length - 1 :: -1], np.exp(least[:, :1] - least[:, length:])
        ratio, inside = np.exp(tail), weight[place]  # ratios are in units of the largest
        smooth, k = _smooth(ratio, cutoff)
        gain = np.where(smooth == ratio, inside, inside * np.exp(np.log(smooth) - tail))  # w p of the tail

        # Outside the tail no ratio is above the cutoff: tail draws are cut down to it, and taken off again.
        np.subtract(least[:, length:], key, out=work)
        np.exp(np.minimum(work, 0.0, out=work), out=work)
        step = cutoff[:, 0]
        rest = step * (work.sum(axis=1) - length)  # sum of w outside the tail, then of w^2 and of w^2 p
        rest_square = step**2 * (np.einsum("ij,ij->i", work, work) - length)
        rest_product = rest if log_weights is None else step * (work @ weight - inside.sum(axis=1))

        total = rest + smooth.sum(axis=1)
        mean = (weight.sum() - inside.sum(axis=1) + gain.sum(axis=1)) / total
        # The sum of w^2 (p - mean)^2, multiplied out outside the tail.
        variance = weight @ weight - (inside**2).sum(axis=1) - 2 * mean * rest_product + mean**2 * rest_square
        variance += ((gain - mean[:, None] * smooth) ** 2).sum(axis=1)
        mcse = np.sqrt(np.maximum(variance, 0.0)) / (total * mean)

        by_gain, by_ratio = counts / (total * mean), counts / total
        influence = by_gain.sum() * weight - (by_ratio * step) @ work
        moved = by_gain[:, None] * (gain - inside) - by_ratio[:, None] * (smooth - cutoff)
        influence += np.bincount(place.ravel(), moved.ravel(), minlength=s)
        return np.stack([least[:, 0] + top + np.log(mean), lppd, k, mcse]), influence


def _least(values: FloatArray, count: int) -> tuple[FloatArray, NDArray[np.intp]]:
    """Return the ``count`` least of each row (n, S) in order, shape (n, count), and where they stood.

    Every sixteenth value guesses a bound that a few more than ``count`` keep, so that only
    these are sorted; rows in which the guess was too low are sorted whole.
    """
    n, s = values.shape
    guessers = -(-s // _STRIDE)
    expected = count / s * guessers
    rank = int(expected + 3.5 * sqrt(expected) + 2.0)
    if s < 1024 or 4 * rank > guessers:
        return _sorted(values, count)
    bound = np.partition(values[:, ::_STRIDE], rank, axis=1)[:, rank, None]
    chosen = np.flatnonzero(values <= bound)
    ends = np.searchsorted(chosen, np.arange(n + 1) * s)
    sizes = np.diff(ends)
    width = int(max(sizes.max(), count))
    filled = np.arange(width) < sizes[:, None]
    some, column = np.full((n, width), np.inf), np.zeros((n, width), dtype=np.intp)
    some[filled], column[filled] = values.ravel()[chosen], chosen % s
    least, place = _sorted(some, count)
    place = np.take_along_axis(column, place, axis=1)
    short = np.flatnonzero(sizes < count)
    if len(short):
        least[short], place[short] = _sorted(values[short], count)
    return least, place


def _sorted(values: FloatArray, count: int) -> tuple[FloatArray, NDArray[np.intp]]:
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
    with np.errstate(over="ignore"):  # beyond the largest ratio they are cut off
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
