"""Poisson: a count whose mean, and variance, is exp(eta)."""

import numpy as np

from core.families.base import FloatArray
from core.families.linear import Aux, LinearFamily
from core.families.meaning import FACTOR_OF_MEAN
from core.families.namespace import Array, Namespace

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
    is_count = True

    def log_density(self, xp: Namespace, y: Array, eta: Array, aux: Aux, link: str) -> Array:
        """See :meth:`LinearFamily.log_density`."""
        return y * eta - xp.exp(eta)

    def count_constant(self, xp: Namespace, y: Array, aux: Aux) -> Array:
        """See :meth:`Family.count_constant`."""
        return -xp.gammaln(y + 1.0)

    def score(self, y: FloatArray, eta: FloatArray, aux: Aux, link: str) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """See :meth:`LinearFamily.score`."""
        return y - np.exp(eta), ()

    def expectation(self, eta: FloatArray, aux: Aux, link: str) -> FloatArray:
        """See :meth:`LinearFamily.expectation`."""
        return np.exp(eta)

    def draw(self, eta: FloatArray, aux: Aux, link: str, rng: np.random.Generator) -> FloatArray:
        """See :meth:`LinearFamily.draw`."""
        return draw_counts(np.exp(eta), rng)

    def pymc(self, xp: Namespace, eta: Array, aux: Aux, link: str) -> tuple[str, dict[str, Array]]:
        """See :meth:`Family.pymc`."""
        return "Poisson", {"mu": xp.exp(eta)}
