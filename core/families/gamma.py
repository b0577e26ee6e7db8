"""Gamma: a positive number whose mean is exp(eta), in its own units."""

import numpy as np

from core.families.base import Draws, FloatArray
from core.families.linear import Auxiliary, LinearFamily
from core.families.meaning import FACTOR_OF_MEAN
from core.families.special import digamma, gammaln

__all__ = ["Gamma"]

SMALLEST = np.finfo(np.float64).tiny
LARGE = 1e5


class Gamma(LinearFamily):
    """``y ~ Gamma(shape, rate = shape / exp(eta))``: coefficient of variation ``1 / sqrt(shape)``."""

    name = "Gamma"
    links = ("log",)
    meanings = (FACTOR_OF_MEAN,)
    kinds = ("positive", "real", "proportion", "count")
    auxiliaries = (Auxiliary("shape", "shape"),)

    def log_density(self, y: FloatArray, eta: FloatArray, draws: Draws, link: str) -> FloatArray:
        """See :meth:`LinearFamily.log_density`."""
        shape = draws["shape"][:, None]
        logs = np.log(y)
        ratio = logs - eta  # log(y / mean)
        return _constant(shape) + shape * (ratio - np.expm1(ratio)) - logs

    def score(
        self, y: FloatArray, eta: FloatArray, draws: Draws, link: str
    ) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """See :meth:`LinearFamily.score`."""
        shape = draws["shape"][:, None]
        ratio = np.log(y) - eta
        excess = np.expm1(ratio)
        by_shape = shape * (_constant_slope(shape) + ratio - excess)
        return shape * excess, (by_shape,)

    def expectation(self, eta: FloatArray, draws: Draws, link: str) -> FloatArray:
        """See :meth:`LinearFamily.expectation`."""
        return np.exp(eta)

    def draw(self, eta: FloatArray, draws: Draws, link: str, rng: np.random.Generator) -> FloatArray:
        """See :meth:`LinearFamily.draw`."""
        shape = draws["shape"][:, None]
        unit = rng.standard_gamma(np.broadcast_to(shape, eta.shape)) / shape
        # A small shape can give a number below the smallest that the machine knows.
        return np.maximum(unit * np.exp(eta), SMALLEST)


def _constant(shape: FloatArray) -> FloatArray:
    """Return shape log(shape) - shape - log Gamma(shape), by Stirling's series where digits are lost."""
    series = 0.5 * np.log(shape / (2.0 * np.pi)) - 1.0 / (12.0 * shape)
    return np.where(shape > LARGE, series, shape * (np.log(shape) - 1.0) - gammaln(shape))


def _constant_slope(shape: FloatArray) -> FloatArray:
    """Return the derivative of :func:`_constant`, log(shape) - digamma(shape), likewise."""
    series = 0.5 / shape + 1.0 / (12.0 * shape**2)
    return np.where(shape > LARGE, series, np.log(shape) - digamma(shape))
