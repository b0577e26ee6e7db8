"""Poisson: a count whose mean, and variance, is exp(eta)."""

import numpy as np

from core.families.base import Draws, FloatArray
from core.families.linear import LinearFamily
from core.families.meaning import FACTOR_OF_MEAN
from core.families.special import gammaln

__all__ = ["Poisson", "draw_counts"]

LARGEST_MEAN = 1e15  # counts above 2**53 are not whole numbers any more as floats


def draw_counts(mean: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Draw Poisson counts; NaN where the mean is over 1e15 or not a number (an overflow)."""
    known = mean <= LARGEST_MEAN
    return np.where(known, rng.poisson(np.where(known, mean, 0.0)), np.nan)


class Poisson(LinearFamily):
    """``y ~ Poisson(exp(eta))``."""

    name = "Poisson"
    links = ("log",)
    meanings = (FACTOR_OF_MEAN,)
    kinds = ("count",)
    discrete = True

    def log_density(self, y: FloatArray, eta: FloatArray, draws: Draws, link: str) -> FloatArray:
        """See :meth:`LinearFamily.log_density`."""
        return y * eta - np.exp(eta) - gammaln(y + 1.0)

    def score(
        self, y: FloatArray, eta: FloatArray, draws: Draws, link: str
    ) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """See :meth:`LinearFamily.score`."""
        return y - np.exp(eta), ()

    def expectation(self, eta: FloatArray, draws: Draws, link: str) -> FloatArray:
        """See :meth:`LinearFamily.expectation`."""
        return np.exp(eta)

    def draw(self, eta: FloatArray, draws: Draws, link: str, rng: np.random.Generator) -> FloatArray:
        """See :meth:`LinearFamily.draw`."""
        return draw_counts(np.exp(eta), rng)
