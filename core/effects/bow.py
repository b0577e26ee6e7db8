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
that, and t is moved by what does not depend on it. With q coefficients, the prior of (s^2, t, r) given (a, sx) is thus,
but for factors that hold s alone and are in every line below,

    p(t, s, r) = (1 - r^2)^(A + q/2) exp{ - (1 - r^2) (2 D + t'T t) / (2 s^2)
                                          + r sqrt(1 - r^2) t'T v / (s sx) - r^2 v'T v / (2 sx^2) }.

Draws of (a, sx) come from the closed posterior of x given z, which the arc leaves as it is but for the last two terms.
Those of (t, s) come from closed posteriors under that prior with r fixed and v left out, which is conjugate, with
c = 1 - r^2 at several values: p_c = c^(A + q/2) exp{ - c (2 D + t'T t) / (2 s^2) }, of evidence Z_c. Together they are
a mixture, and a draw's weight at r is p(t, s, r) / sum_c [p_c(t, s) / Z_c] (Veach & Guibas 1995; Owen & Zhou 2000). It
is summed over a grid of r = sin(angle), which is the draw's weight, and r is drawn from that grid: nothing is
approximated but by the number of points and draws. The rows speak of r only through the prior: a strong unmeasured
cause needs a large sy, and slopes go with sy.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.fit.gaussian import GaussianPrior, draw, posterior, reduce_rows

__all__ = ["Bow", "bow"]

FloatArray = NDArray[np.float64]

_POINTS = 201
_TEMPERED = (1.0, 0.4, 0.15, 0.05, 0.015, 0.004)  # values of 1 - r^2


@dataclass(frozen=True, eq=False)
class Bow:
    """Draws of a slope, on standardised columns.

    Parameters
    ----------
    prior, posterior : array, shape (S,)
        Of the effect B, before and with the rows.
    without : array, fewer draws
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
    factor = reduce_rows(y, np.column_stack([x, z]))
    posteriors = [posterior(factor, rows, _weaker(of_y, c)) for c in _TEMPERED]
    drawn = [draw(one, -(-draws // len(_TEMPERED)), rng) for one in posteriors]
    s, slopes, starts = (np.concatenate([one[name] for one in drawn]) for name in ("sigma", "slopes", "intercept"))
    many = len(s)
    treatment = draw(posterior(reduce_rows(x, z), rows, of_x), many, rng)
    t = np.column_stack([starts, slopes])
    v = np.column_stack([-treatment["intercept"], np.ones(many), -treatment["slopes"]])
    angle, log_w = _weights(t, v, s, treatment["sigma"], of_y, [one.log_evidence for one in posteriors])
    top = log_w.max(axis=1, keepdims=True)
    inside = np.exp(log_w - top)
    total = inside.sum(axis=1)
    log_draw = np.log(total) + top[:, 0]
    weight = np.exp(log_draw - log_draw.max())
    weight /= weight.sum()
    # As many draws, by their weights; then for each a point of its own grid, by its share.
    chosen = np.minimum(np.searchsorted(np.cumsum(weight), (np.arange(draws) + rng.random()) / draws), many - 1)
    cumulated = np.cumsum(inside[chosen], axis=1) / total[chosen, None]
    place = np.minimum((cumulated < rng.random((draws, 1))).sum(axis=1), _POINTS - 1)
    at = angle[place] + (rng.random(draws) - 0.5) * (np.pi / _POINTS)
    without = slopes[: len(drawn[0]["sigma"]), 0]  # of the posterior with no arc, c = 1
    before = np.sqrt(of_y.beta / rng.standard_gamma(of_y.alpha, draws)) * rng.standard_normal(draws)
    return Bow(
        before / np.sqrt(of_y.t[0]),
        slopes[chosen, 0] - s[chosen] / treatment["sigma"][chosen] * np.tan(at),
        without,
        np.sin(at),
        float(1.0 / np.sum(weight**2)),
    )


def _weaker(prior: GaussianPrior, c: float) -> GaussianPrior:
    """Return the outcome's prior on what is observed, where 1 - r^2 is ``c`` and v is left out."""
    return GaussianPrior(prior.a * c, prior.t * c, prior.alpha, prior.beta * c)


def _weights(
    t: FloatArray, v: FloatArray, s: FloatArray, sx: FloatArray, prior: GaussianPrior, evidence: Sequence[float]
) -> tuple[FloatArray, FloatArray]:
    """Return the grid of angles, (G,), and the log weight of each draw at each of them, (S, G), dr included."""
    precision = np.concatenate([[prior.a], prior.t])
    own, both, other = ((a * b) @ precision for a, b in ((t, t), (t, v), (v, v)))
    angle = np.pi * ((np.arange(_POINTS) + 0.5) / _POINTS - 0.5)
    r, root = np.sin(angle), np.cos(angle)
    power, size = prior.alpha + len(precision) / 2.0, (2.0 * prior.beta + own) / (2.0 * s**2)
    log_p = (2.0 * power + 1.0) * np.log(root) - np.outer(size, root**2)  # dr = cos(angle) d angle
    log_p += np.outer(both / (s * sx), r * root) - np.outer(other / (2.0 * sx**2), r**2)
    mixed = [power * np.log(c) - c * size - found for c, found in zip(_TEMPERED, evidence, strict=True)]
    return angle, log_p - np.logaddexp.reduce(mixed, axis=0)[:, None]
