"""An effect with an unmeasured cause of both ends: what the prior says, and what the rows leave of it.

Treatment x and outcome y are linear in the columns z that would do if no such cause were there, and what is left of
them is correlated (an arc x <-> y):

    x = a0 + a'z + e_x,   y = c + B x + g'z + e_y,   sd(e_x) = sx,  sd(e_y) = sy,  corr(e_x, e_y) = r.

What is observed depends on x given z, and on y given x and z alone, whose regression has other parameters:

    b = B + k,   gamma = g - k a,   c' = c - k a0,   s = sy sqrt(1 - r^2),   k = r sy / sx = (s / sx) r / sqrt(1 - r^2).

So the rows determine b and s, and say nothing of r by themselves: B = b - (s / sx) r / sqrt(1 - r^2) is known as far
as r is. With t = (c', b, gamma), v = (-a0, 1, -a), the structural coefficients are t - k v. The family's conjugate
prior, sy^2 ~ InverseGamma(A, D), coefficients | sy ~ Normal(0, sy^2 T^-1), and r ~ Uniform(-1, 1) stand on the
structural parameters. From (sy^2, coefficients, r) to (s^2, t, r) the Jacobian is 1 / (1 - r^2): s^2 is scaled by
that, and t is moved by what does not depend on it. Draws of t, s and of (a, sx) from the two closed posteriors with no
arc are thus drawn with the density that they have, but for the weight

    log w(r) = (A + q/2) log(1 - r^2) + r^2 (2 D + t'T t) / (2 s^2)
               + r sqrt(1 - r^2) t'T v / (s sx) - r^2 v'T v / (2 sx^2)

with q coefficients. For every draw w is summed over a grid of r = sin(angle), which is its weight among the draws, and
r is drawn from that grid: nothing is approximated but by the number of points. The rows speak of r only through the
prior: a strong unmeasured cause needs a large sy, and slopes go with sy.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.fit.gaussian import GaussianPrior, draw, posterior, reduce_rows

__all__ = ["Bow", "bow"]

FloatArray = NDArray[np.float64]

_POINTS = 201


@dataclass(frozen=True, eq=False)
class Bow:
    """Draws of a slope, on standardised columns.

    Parameters
    ----------
    prior, posterior : array, shape (S,)
        Of the effect B, before and with the rows.
    without : array, shape (S,)
        Of b: what the effect would be with no unmeasured cause.
    correlation : array, shape (S,)
        Of r, with the rows.
    effective : float
        By how many equal draws the weighted ones are worth.
    """

    prior: FloatArray
    posterior: FloatArray
    without: FloatArray
    correlation: FloatArray
    effective: float


def bow(
    y: FloatArray,
    x: FloatArray,
    z: FloatArray,
    of_y: GaussianPrior,
    of_x: GaussianPrior,
    *,
    draws: int = 4000,
    seed: int = 0,
) -> Bow:
    """Return prior and posterior of the slope of an outcome on a treatment that share an unmeasured cause.

    Parameters
    ----------
    y, x : array, shape (N,)
        As the families take them: standardised.
    z : array, shape (N, k)
        Design columns of what is adjusted for.
    of_y : GaussianPrior
        Of the outcome's family with the columns x, z, in this order.
    of_x : GaussianPrior
        Of the treatment's, with the columns z.
    draws, seed : int
    """
    rows = len(y)
    rng = np.random.default_rng([seed, rows, 67])
    columns = np.column_stack([x, z])
    outcome = draw(posterior(reduce_rows(y, columns), rows, of_y), draws, rng)
    treatment = draw(posterior(reduce_rows(x, z), rows, of_x), draws, rng)
    t = np.column_stack([outcome["intercept"], outcome["slopes"]])
    v = np.column_stack([-treatment["intercept"], np.ones(draws), -treatment["slopes"]])
    angle, log_w = _weights(t, v, outcome["sigma"], treatment["sigma"], of_y)
    top = log_w.max(axis=1, keepdims=True)
    inside = np.exp(log_w - top)
    total = inside.sum(axis=1)
    log_draw = np.log(total) + top[:, 0]
    weight = np.exp(log_draw - log_draw.max())
    weight /= weight.sum()
    # A point of the grid for every draw, by its share; then as many draws, by their weights.
    cumulated = np.cumsum(inside, axis=1) / total[:, None]
    place = (cumulated < rng.random((draws, 1))).sum(axis=1)
    at = angle[np.minimum(place, _POINTS - 1)] + (rng.random(draws) - 0.5) * (np.pi / _POINTS)
    slope = outcome["slopes"][:, 0] - outcome["sigma"] / treatment["sigma"] * np.tan(at)
    chosen = np.searchsorted(np.cumsum(weight), (np.arange(draws) + rng.random()) / draws)
    chosen = np.minimum(chosen, draws - 1)
    before = np.sqrt(of_y.beta / rng.standard_gamma(of_y.alpha, draws)) * rng.standard_normal(draws)
    return Bow(
        before / np.sqrt(of_y.t[0]),
        slope[chosen],
        outcome["slopes"][:, 0],
        np.sin(at)[chosen],
        float(1.0 / np.sum(weight**2)),
    )


def _weights(
    t: FloatArray, v: FloatArray, s: FloatArray, sx: FloatArray, prior: GaussianPrior
) -> tuple[FloatArray, FloatArray]:
    """Return the grid of angles, (G,), and the log weight of each draw at each of them, (S, G), dr included."""
    precision = np.concatenate([[prior.a], prior.t])
    own, both, other = ((a * b) @ precision for a, b in ((t, t), (t, v), (v, v)))
    angle = np.pi * ((np.arange(_POINTS) + 0.5) / _POINTS - 0.5)
    r, root = np.sin(angle), np.cos(angle)
    power = 2.0 * (prior.alpha + len(precision) / 2.0) + 1.0  # of cos: (1 - r^2) twice, and dr = cos(angle) d angle
    log_w = power * np.log(root) + np.outer((2.0 * prior.beta + own) / (2.0 * s**2) - other / (2.0 * sx**2), r**2)
    return angle, log_w + np.outer(both / (s * sx), r * root)
