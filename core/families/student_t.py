"""StudentT: a linear predictor with heavy-tailed noise, on standardised y."""

import numpy as np

from core.families.base import Draws, FloatArray
from core.families.linear import LinearFamily, Positive
from core.families.special import gammaln

__all__ = ["StudentT"]


def _add_two(value: FloatArray) -> FloatArray:
    return value + 2.0


def _take_two(value: FloatArray) -> FloatArray:
    return value - 2.0


class StudentT(LinearFamily):
    """``y ~ StudentT(nu, eta, sigma)``; over 2 degrees of freedom, so that its variance exists."""

    name = "StudentT"
    links = ("identity",)
    kinds = ("real", "positive", "proportion", "count")
    positives = (Positive("sigma", "sigma"), Positive("nu", "nu_minus_2", _add_two, _take_two))

    def log_density(self, y: FloatArray, eta: FloatArray, draws: Draws, link: str) -> FloatArray:
        """See :meth:`LinearFamily.log_density`."""
        sigma, nu = draws["sigma"], draws["nu"]
        constant = gammaln((nu + 1) / 2) - gammaln(nu / 2) - 0.5 * np.log(np.pi * nu) - np.log(sigma)
        squares = ((y - eta) / sigma[:, None]) ** 2 / nu[:, None]
        return constant[:, None] - 0.5 * (nu[:, None] + 1) * np.log1p(squares)

    def expectation(self, eta: FloatArray, draws: Draws, link: str) -> FloatArray:
        """See :meth:`LinearFamily.expectation`."""
        return eta

    def draw(self, eta: FloatArray, draws: Draws, link: str, rng: np.random.Generator) -> FloatArray:
        """See :meth:`LinearFamily.draw`."""
        noise = rng.standard_t(np.broadcast_to(draws["nu"][:, None], eta.shape))
        return eta + draws["sigma"][:, None] * noise
