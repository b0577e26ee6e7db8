"""SkewNormal: a linear predictor with lopsided noise, on standardised y."""

import math

import numpy as np

from core.families.base import Draws, FloatArray
from core.families.distributions import LOG_2PI
from core.families.linear import Auxiliary, LinearFamily
from core.families.special import log_ndtr, normal_hazard

__all__ = ["SkewNormal", "skew_noise"]

SMALLEST = np.finfo(np.float64).tiny
FARTHEST = 1e200  # of residuals: squared it overflows and the density is 0, multiplied by alpha it does not


class SkewNormal(LinearFamily):
    """``y = eta + sigma * z`` with density ``2 phi(z) Phi(alpha z)`` of z (Azzalini 1985).

    ``eta`` is the location (``mu`` of PyMC, ``loc`` of scipy), not the mean: the mean is
    ``eta + sigma * delta * sqrt(2 / pi)`` with ``delta = alpha / sqrt(1 + alpha^2)``. What is
    added is the same in every row, so a slope is the change of either. ``sigma`` is the
    scale, and ``alpha`` bends to the right (positive) or left; 0 is the Normal.
    """

    name = "SkewNormal"
    links = ("identity",)
    kinds = ("real", "positive", "proportion", "count")
    auxiliaries = (Auxiliary("sigma", "sigma"), Auxiliary("alpha", "alpha", support="real"))

    def log_density(self, y: FloatArray, eta: FloatArray, draws: Draws, link: str) -> FloatArray:
        """See :meth:`LinearFamily.log_density`."""
        residual, sigma, alpha = _residual(y, eta, draws)
        return math.log(2.0) - 0.5 * (residual**2 + LOG_2PI) - np.log(sigma) + log_ndtr(alpha * residual)

    def score(
        self, y: FloatArray, eta: FloatArray, draws: Draws, link: str
    ) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """See :meth:`LinearFamily.score`."""
        residual, sigma, alpha = _residual(y, eta, draws)
        hazard = normal_hazard(alpha * residual)
        pull = residual - alpha * hazard  # minus the derivative with respect to the residual
        return pull / sigma, (pull * residual - 1.0, residual * hazard)

    def expectation(self, eta: FloatArray, draws: Draws, link: str) -> FloatArray:
        """See :meth:`LinearFamily.expectation`."""
        alpha = draws["alpha"]
        offset = draws["sigma"] * alpha / np.hypot(1.0, alpha) * math.sqrt(2.0 / math.pi)
        return eta + offset[:, None]

    def draw(self, eta: FloatArray, draws: Draws, link: str, rng: np.random.Generator) -> FloatArray:
        """See :meth:`LinearFamily.draw`."""
        return eta + draws["sigma"][:, None] * skew_noise(draws["alpha"][:, None], eta.shape, rng)


def _residual(y: FloatArray, eta: FloatArray, draws: Draws) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return standardised residuals, sigma and alpha, ready to broadcast."""
    sigma = np.maximum(draws["sigma"], SMALLEST)[:, None]
    return np.clip((y - eta) / sigma, -FARTHEST, FARTHEST), sigma, draws["alpha"][:, None]


def skew_noise(alpha: FloatArray, shape: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
    """Draw z: ``delta |u| + sqrt(1 - delta^2) v`` with independent standard Normal u and v."""
    length = np.hypot(1.0, alpha)
    return (alpha * np.abs(rng.standard_normal(shape)) + rng.standard_normal(shape)) / length
