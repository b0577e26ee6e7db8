"""Normal and LogNormal: a linear predictor with Normal noise, on standardised y or log y."""

import numpy as np

from core.families.base import Draws, FloatArray
from core.families.distributions import LOG_2PI
from core.families.linear import Auxiliary, LinearFamily
from core.families.meaning import ADDED, FACTOR_OF_MEDIAN

__all__ = ["LogNormal", "Normal"]


class Normal(LinearFamily):
    """``y ~ Normal(eta, sigma)`` on the family's scale; the prior is on ``variance = sigma^2``."""

    name = "Normal"
    links = ("identity",)
    meanings = (ADDED,)
    kinds = ("real", "positive", "proportion", "count")
    auxiliaries = (Auxiliary("sigma", "variance", np.sqrt, np.square),)
    relative = True

    def log_density(self, y: FloatArray, eta: FloatArray, draws: Draws, link: str) -> FloatArray:
        """See :meth:`LinearFamily.log_density`."""
        sigma = draws["sigma"][:, None]
        return -0.5 * ((y - eta) / sigma) ** 2 - np.log(sigma) - 0.5 * LOG_2PI

    def score(
        self, y: FloatArray, eta: FloatArray, draws: Draws, link: str
    ) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """See :meth:`LinearFamily.score`."""
        sigma = draws["sigma"][:, None]
        residual = (y - eta) / sigma
        return residual / sigma, (0.5 * (residual**2 - 1.0),)

    def expectation(self, eta: FloatArray, draws: Draws, link: str) -> FloatArray:
        """See :meth:`LinearFamily.expectation`."""
        return eta

    def draw(self, eta: FloatArray, draws: Draws, link: str, rng: np.random.Generator) -> FloatArray:
        """See :meth:`LinearFamily.draw`."""
        return eta + draws["sigma"][:, None] * rng.standard_normal(eta.shape)


class LogNormal(Normal):
    """The same on standardised log y: the response's transform takes the logarithm, not the family."""

    name = "LogNormal"
    meanings = (FACTOR_OF_MEDIAN,)
    kinds = ("positive", "real", "count", "proportion")
