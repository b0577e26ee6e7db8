"""StudentT: a linear predictor with heavy-tailed noise, on standardised y."""

import numpy as np

from core.families.base import Draws, FloatArray
from core.families.linear import Auxiliary, LinearFamily
from core.families.meaning import ADDED
from core.families.special import digamma, gammaln

__all__ = ["StudentT"]


def _add_two(value: FloatArray) -> FloatArray:
    return value + 2.0


def _take_two(value: FloatArray) -> FloatArray:
    return value - 2.0


class StudentT(LinearFamily):
    """``y ~ StudentT(nu, eta, sigma)``; over 2 degrees of freedom, so that its variance exists."""

    name = "StudentT"
    links = ("identity",)
    meanings = (ADDED,)
    kinds = ("real", "positive", "proportion", "count")
    auxiliaries = (Auxiliary("sigma", "sigma"), Auxiliary("nu", "nu_minus_2", _add_two, _take_two))

    def log_density(self, y: FloatArray, eta: FloatArray, draws: Draws, link: str) -> FloatArray:
        """See :meth:`LinearFamily.log_density`."""
        sigma, nu = draws["sigma"], draws["nu"]
        constant = gammaln((nu + 1) / 2) - gammaln(nu / 2) - 0.5 * np.log(np.pi * nu) - np.log(sigma)
        squares = ((y - eta) / sigma[:, None]) ** 2 / nu[:, None]
        return constant[:, None] - 0.5 * (nu[:, None] + 1) * np.log1p(squares)

    def score(
        self, y: FloatArray, eta: FloatArray, draws: Draws, link: str
    ) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """See :meth:`LinearFamily.score`."""
        sigma, nu = draws["sigma"][:, None], draws["nu"][:, None]
        residual = (y - eta) / sigma
        squares = residual**2 / nu
        pull = (nu + 1.0) / nu / (1.0 + squares)
        constant = digamma((nu + 1) / 2) - digamma(nu / 2) - 1.0 / nu
        by_nu = 0.5 * (constant - np.log1p(squares) + pull * squares)
        return pull * residual / sigma, (pull * residual**2 - 1.0, by_nu * (nu - 2.0))

    def expectation(self, eta: FloatArray, draws: Draws, link: str) -> FloatArray:
        """See :meth:`LinearFamily.expectation`."""
        return eta

    def draw(self, eta: FloatArray, draws: Draws, link: str, rng: np.random.Generator) -> FloatArray:
        """See :meth:`LinearFamily.draw`."""
        noise = rng.standard_t(np.broadcast_to(draws["nu"][:, None], eta.shape))
        return eta + draws["sigma"][:, None] * noise
