"""An effect that trusts no single model: flexible regressions of unseen rows, and what makes their errors cancel.

Levels are compared by augmented inverse probability weighting (Robins, Rotnitzky & Zhao 1994): with m_k(z) the
mean outcome at level k and e_k(z) the chance of that level, a row's score is

    psi_k = m_k(z) + 1[x = k] (y - m_k(z)) / e_k(z),

and the effect the mean of psi_high - psi_low: right where either regression is.

A number is partialled out (Robinson 1988; Chernozhukov et al. 2018): with ~ for what unseen-row regressions on
the adjustment set z leave,

    y~ = sum_j b_j g_j(x)~ + sum_l c_l g_1(x)~ h_l(z) + e,

where g_1 is x and the other g_j bend it (a restricted cubic spline: Stone & Koo 1985, knots as Harrell 2015),
and h the adjustment set in a line, centred, so that the effect may differ with it. The slope of y~ on x~ alone
would be a mean weighted by the variance of x~; an effect is the mean over rows of what the step does to each,

    theta = mean_i [sum_j b_j (g_j(high_i) - g_j(low_i)) + sum_l c_l (g_1(high_i) - g_1(low_i)) h_l(z_i)],

which is the reported estimand, also where the curve bends. The coefficients are those of the score that has the
treatment itself, not what is left of it, beside what is left (Chernozhukov et al. 2018, (4.3)): with a first answer,
f(z) is what is predicted of y - sum_j b_j g_j - ..., and g~' (y - f - sum_j b_j g_j - ...) = 0. What the penalties of
two regressions leave of x then need not be the same, which would pull the slope of one on the other in. Its error
is that of its influence function, with the sandwich of the regression. Whether the g_j beyond the line matter is a
Wald test with the same sandwich.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.effects.opinions import Estimated
from core.effects.overlap import bounds
from core.fit.unseen import Turned, predicted_unseen, turned

__all__ = ["FEWEST", "Moved", "bent", "level_scores", "partialled_out", "scored", "shared_part"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

FEWEST = 20
"""Rows at each of two levels; a number needs as many a coefficient."""

_KNOTS = (0.05, 0.35, 0.65, 0.95)
_MODIFIERS = 8
_TIED = 1e-6


@dataclass(frozen=True)
class Moved:
    """A number's effect on one scale, and how often a straight line would look so curved (None: it cannot bend)."""

    estimate: Estimated
    p_curve: float | None


def shared_part(basis: Turned, y: FloatArray, levels: FloatArray, chances: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return what the levels have in common of the outcome, by rows of all of them, and what each adds to it.

    Parameters
    ----------
    basis : Turned
        The adjustment set.
    y : array, shape (N, m)
    levels, chances : array, shape (N, L - 1)
        Which rows have the second, third … level, and the chance of that.

    Returns
    -------
    (array, array), shapes (N, m) and (L - 1, m)
        The common part f(z), of unseen rows, and a shift of each level by partialling out.
    """
    left = levels - chances
    of_y = y - predicted_unseen(basis, y)
    shift = np.linalg.pinv(left.T @ left) @ (left.T @ of_y)
    return predicted_unseen(basis, y - levels @ shift), shift


def level_scores(
    basis: Turned, y: FloatArray, common: FloatArray, at: BoolArray, chance: FloatArray
) -> FloatArray | None:
    """Return psi of one level in each row, shape (N, m).

    Parameters
    ----------
    basis : Turned
        The adjustment set; only its design is used, turned over the rows ``at`` the level.
    y : array, shape (N, m)
        Outcomes, on each scale.
    common : array, shape (N, m)
        A first guess of the mean at the level (:func:`shared_part`); the level's own rows correct it, which
        takes fewer of them than to begin from nothing.
    at : array of bool, shape (N,)
        Which rows have the level.
    chance : array, shape (N,)
        Of the level given the treatment's causes; held to half the bounds of :func:`core.effects.overlap.bounds`
        ([0.01, 0.99] for a common level).

    Returns
    -------
    array or None
        None where fewer than 20 rows have the level.
    """
    if at.sum() < FEWEST:
        return None
    mean = common + predicted_unseen(_over(basis, at), y - common)
    least, most = bounds(float(at.mean()))
    held = np.clip(chance, least / 2, 1.0 - (1.0 - most) / 2)
    return np.asarray(mean + np.where(at[:, None], (y - mean) / held[:, None], 0.0))


def _over(basis: Turned, rows: BoolArray) -> Turned:
    from core.fit.flexible import Design

    return turned(Design(basis.scores), rows)


def scored(scores: FloatArray, rows: BoolArray | None = None) -> Estimated | None:
    """Return the mean of scores, shape (N,), over all rows or some; None where there are too few."""
    part = scores if rows is None else scores[rows]
    if len(part) < 2 * FEWEST or not np.isfinite(part).all():
        return None
    return Estimated(float(part.mean()), float(part.std(ddof=1) / np.sqrt(len(part))))


def bent(x: FloatArray, at: FloatArray) -> FloatArray:
    """Return the restricted cubic spline of a column, evaluated at other values, shape (n, J).

    Parameters
    ----------
    x : array, shape (N,)
        Where the knots come from: the 5, 35, 65 and 95 % quantiles.
    at : array, shape (n,)

    Returns
    -------
    array
        x itself, standardised, then up to two columns that bend; straight beyond the outer knots. A column
        whose knots are fewer than three different values has its square instead, one of two values nothing.
    """
    centre, size = float(x.mean()), float(x.std()) or 1.0
    line = (at - centre) / size
    distinct = len(np.unique(x[:2000])) if len(x) > 2000 else len(np.unique(x))
    knots = np.unique((np.quantile(x, _KNOTS) - centre) / size)
    if distinct < 3:
        return line[:, None]
    if len(knots) < 3:
        return np.column_stack([line, line**2])
    last, before = knots[-1], knots[-2]
    span = last - knots[0]

    def cube(knot: float) -> FloatArray:
        return np.asarray(np.maximum(line - knot, 0.0) ** 3)

    curves = [
        (cube(k) - cube(before) * (last - k) / (last - before) + cube(last) * (before - k) / (last - before)) / span**2
        for k in knots[:-2]
    ]
    return np.column_stack([line, *curves])


def partialled_out(
    basis: Turned,
    modifiers: FloatArray,
    y: FloatArray,
    x: FloatArray,
    ends: tuple[FloatArray, FloatArray],
    some: BoolArray | None = None,
) -> tuple[list[Moved], list[Estimated] | None] | None:
    """Return the effect of a number's step on each outcome, and that among some of the rows.

    Parameters
    ----------
    basis : Turned
        The adjustment set.
    modifiers : array, shape (N, q)
        The adjustment set in a line; the first eight are used, fewer where rows are few.
    y : array, shape (N, m)
    x : array, shape (N,)
        On its working scale.
    ends : (array, array), shape (N,) each
        The step's lower and upper world, on the same scale.
    some : array of bool, shape (N,), optional
        The comparable rows: the last regression is done again on these alone.

    Returns
    -------
    tuple or None
        None where the adjustment set all but determines the treatment, or rows are too few.
    """
    n, m = y.shape
    g = bent(x, x)
    left = np.concatenate([y, g], axis=1) - predicted_unseen(basis, np.concatenate([y, g], axis=1))
    of_y, of_g = left[:, :m], left[:, m:]
    change = bent(x, ends[1]) - bent(x, ends[0])
    q = min(modifiers.shape[1], _MODIFIERS, n // FEWEST - g.shape[1])
    if q < 0 or of_g[:, 0].std() < _TIED:
        return None
    h = modifiers[:, :q] - modifiers[:, :q].mean(axis=0)
    raw = np.concatenate([g, g[:, :1] * h], axis=1)
    parts = np.concatenate([of_g, of_g[:, :1] * h], axis=1), raw - raw.mean(axis=0)
    weights = np.concatenate([change, change[:, :1] * h], axis=1)
    every = np.ones(n, dtype=bool)
    first = np.linalg.lstsq(parts[0], of_y, rcond=None)[0]
    rest = y - predicted_unseen(basis, y - parts[1] @ first)
    found = [_solved(rest[:, place], parts, weights, g.shape[1], every) for place in range(m)]
    among = None
    if some is not None and some.sum() >= FEWEST * raw.shape[1]:
        again = [_solved(rest[:, place], parts, weights, g.shape[1], some) for place in range(m)]
        among = [one.estimate for one in again if one is not None]
    whole = [one for one in found if one is not None]
    return (whole, among if among and len(among) == m else None) if len(whole) == m else None


def _solved(
    y: FloatArray, parts: tuple[FloatArray, FloatArray], weights: FloatArray, bends: int, rows: BoolArray
) -> Moved | None:
    from scipy.special import chdtrc  # scipy.stats has it too, and takes half a second to import

    d, r, c = parts[0][rows], parts[1][rows], weights[rows]
    n = len(d)
    scale = np.sqrt(np.mean(d**2, axis=0))
    if not (scale > _TIED).all() or not np.isfinite(y).all():
        return None
    inverse = np.linalg.pinv((d / scale).T @ (r / scale) / n, rcond=1e-6) / np.outer(scale, scale)
    beta = inverse @ (d.T @ y[rows]) / n
    influence = (d * (y[rows] - r @ beta)[:, None]) @ inverse.T  # (n, k), of the coefficients
    own = c @ beta
    total = influence @ c.mean(axis=0) + own - own.mean()
    free = n / max(n - d.shape[1], 1)
    estimate = Estimated(float(own.mean()), float(np.sqrt(free * np.mean(total**2) / n)))
    if bends < 2:
        return Moved(estimate, None)
    covariance = free * influence[:, 1:bends].T @ influence[:, 1:bends] / n**2
    wald = float(beta[1:bends] @ np.linalg.pinv(covariance) @ beta[1:bends])
    return Moved(estimate, float(chdtrc(bends - 1, wald)))
