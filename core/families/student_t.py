"""StudentT: a linear predictor with heavy-tailed noise, on standardised y."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from core.families.base import FloatArray
from core.families.linear import Aux, LinearFamily
from core.families.meaning import ADDED
from core.families.namespace import Array, Namespace
from core.families.parameter import Parameter, prior_of
from core.families.refusals import no_spread
from core.families.special import digamma

if TYPE_CHECKING:
    from core.data.constants import ColumnConstants

__all__ = ["StudentT"]


class StudentT(LinearFamily):
    """``y ~ StudentT(nu, eta, sigma)``; over 2 degrees of freedom, so that its variance exists."""

    name = "StudentT"
    links = ("identity",)
    meanings = (ADDED,)
    kinds = ("real", "positive", "proportion", "count")
    column = "a number"
    says = "the same with heavy tails, nu = 2 + nu_minus_2"
    words = "a bell curve with heavier tails: a few far-off values do not sway the rest"
    offered = MappingProxyType({"real": 2, "positive": 5, "proportion": 3})
    response = "identity"
    several_modes = True
    heavy_tailed = True
    remedies = MappingProxyType(
        {
            ("skew", "right"): ("SkewNormal",),
            ("skew", "left"): ("SkewNormal",),
            ("spread", "grows"): ("LogNormal",),
        }
    )
    auxiliaries = (
        Parameter("sigma", prior_of("HalfNormal", sigma=1.0), in_units=True),
        Parameter(
            "nu",
            prior_of("Gamma", alpha=2.0, beta=0.1),
            quantity="nu_minus_2",
            forward=lambda xp, over: over + 2.0,
            backward=lambda xp, nu: nu - 2.0,
            least=2.0,
        ),
    )

    def log_density(self, xp: Namespace, y: Array, eta: Array, aux: Aux, link: str) -> Array:
        """See :meth:`LinearFamily.log_density`."""
        sigma, nu = aux["sigma"], aux["nu"]
        constant = xp.gammaln((nu + 1.0) / 2.0) - xp.gammaln(nu / 2.0) - 0.5 * xp.log(math.pi * nu) - xp.log(sigma)
        squares = ((y - eta) / sigma) ** 2 / nu
        return constant - 0.5 * (nu + 1.0) * xp.log1p(squares)

    def score(self, y: FloatArray, eta: FloatArray, aux: Aux, link: str) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """See :meth:`LinearFamily.score`."""
        sigma, nu = aux["sigma"], aux["nu"]
        residual = (y - eta) / sigma
        squares = residual**2 / nu
        pull = (nu + 1.0) / nu / (1.0 + squares)
        constant = digamma((nu + 1) / 2) - digamma(nu / 2) - 1.0 / nu
        by_nu = 0.5 * (constant - np.log1p(squares) + pull * squares)
        return pull * residual / sigma, (pull * residual**2 - 1.0, by_nu * (nu - 2.0))

    def expectation(self, eta: FloatArray, aux: Aux, link: str) -> FloatArray:
        """See :meth:`LinearFamily.expectation`."""
        return eta

    def draw(self, eta: FloatArray, aux: Aux, link: str, rng: np.random.Generator) -> FloatArray:
        """See :meth:`LinearFamily.draw`."""
        return eta + aux["sigma"] * rng.standard_t(np.broadcast_to(aux["nu"], eta.shape))

    def noise(self, aux: Aux, shape: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
        """See :meth:`Family.noise`."""
        return np.asarray(aux["sigma"] * rng.standard_t(np.broadcast_to(aux["nu"], shape)))

    def respond(self, mean: FloatArray, noise: FloatArray, aux: Aux) -> FloatArray:
        """See :meth:`Family.respond`."""
        return mean + noise

    def noise_of(self, y: FloatArray, mean: FloatArray, aux: Aux, rng: np.random.Generator) -> FloatArray:
        """See :meth:`Family.noise_of`."""
        return np.asarray(y - mean)

    def tails(self, y: FloatArray, eta: FloatArray, aux: Aux) -> tuple[FloatArray, FloatArray]:
        """See :meth:`LinearFamily.tails`."""
        from scipy.special import stdtr

        r = (y - eta) / aux["sigma"]
        return stdtr(aux["nu"], r), stdtr(aux["nu"], -r)

    def refusal(self, constants: ColumnConstants) -> tuple[str, str] | None:
        """See :meth:`Family.refusal`."""
        return no_spread(self.name, constants)

    def pymc(self, xp: Namespace, eta: Array, aux: Aux, link: str) -> tuple[str, dict[str, Array]]:
        """See :meth:`Family.pymc`."""
        return "StudentT", {"nu": aux["nu"], "mu": eta, "sigma": aux["sigma"]}
