"""Weibull: a positive number, such as a lifetime, whose mean is exp(eta), in its own units."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from core.families.base import FloatArray
from core.families.linear import Aux, LinearFamily
from core.families.meaning import FACTOR_OF_MEAN
from core.families.namespace import NUMPY, Array, Namespace
from core.families.parameter import Parameter, prior_of
from core.families.refusals import not_above_zero
from core.families.special import digamma

if TYPE_CHECKING:
    from core.data.constants import ColumnConstants

__all__ = ["Weibull"]

SMALLEST, LARGEST = 1e-300, 1e300


class Weibull(LinearFamily):
    """``y ~ Weibull(shape, scale)`` with ``scale = exp(eta) / Gamma(1 + 1 / shape)``.

    The log link is on the mean, so a slope is the change of the mean's logarithm, and of
    the scale's. Shape 1 is the exponential distribution; over 1 the hazard rises with y.
    """

    name = "Weibull"
    links = ("log",)
    meanings = (FACTOR_OF_MEAN,)
    kinds = ("positive", "real", "proportion", "count")
    column = "positive"
    says = "mean exp(eta), scale exp(eta) / Gamma(1 + 1/shape)"
    words = "positive: times until something happens, lifetimes, strengths"
    offered = MappingProxyType({"positive": 4})
    assumed_kind = "positive"
    working = "log"
    settable = (0.0, math.inf)
    role_scale = "log"
    remedies = MappingProxyType({("skew", "right"): ("Gamma",)})
    auxiliaries = (Parameter("shape", prior_of("LogNormal", mu=0.0, sigma=1.0)),)

    def log_density(self, xp: Namespace, y: Array, eta: Array, aux: Aux, link: str) -> Array:
        """See :meth:`LinearFamily.log_density`; with h = (y / scale)^shape: log(shape) + log h - log y - h."""
        shape, to_scale = _shape(xp, aux)
        logs = xp.log(y)
        log_hazard = shape * (logs - eta + to_scale)
        return xp.log(shape) + log_hazard - logs - xp.exp(log_hazard)

    def score(self, y: FloatArray, eta: FloatArray, aux: Aux, link: str) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """See :meth:`LinearFamily.score`."""
        shape, to_scale = _shape(NUMPY, aux)
        log_hazard = shape * (np.log(y) - eta + to_scale)
        excess = np.expm1(log_hazard)
        return shape * excess, (1.0 - (log_hazard - digamma(1.0 + 1.0 / shape)) * excess,)

    def expectation(self, eta: FloatArray, aux: Aux, link: str) -> FloatArray:
        """See :meth:`LinearFamily.expectation`."""
        return np.exp(eta)

    def draw(self, eta: FloatArray, aux: Aux, link: str, rng: np.random.Generator) -> FloatArray:
        """See :meth:`LinearFamily.draw`."""
        shape, to_scale = _shape(NUMPY, aux)
        logs = eta - to_scale + np.log(rng.standard_exponential(eta.shape)) / shape
        # A small shape can give a number below the smallest that the machine knows.
        return np.maximum(np.exp(logs), np.finfo(np.float64).tiny)

    def noise(self, aux: Aux, shape: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
        """See :meth:`Family.noise`: of mean 1."""
        return self.draw(np.zeros(shape), aux, self.links[0], rng)

    def respond(self, mean: FloatArray, noise: FloatArray, aux: Aux) -> FloatArray:
        """See :meth:`Family.respond`."""
        return mean * noise

    def noise_of(self, y: FloatArray, mean: FloatArray, aux: Aux, rng: np.random.Generator) -> FloatArray:
        """See :meth:`Family.noise_of`."""
        return np.asarray(y / mean)

    def tails(self, y: FloatArray, eta: FloatArray, aux: Aux) -> tuple[FloatArray, FloatArray]:
        """See :meth:`LinearFamily.tails`."""
        shape, to_scale = _shape(NUMPY, aux)
        hazard = np.exp(shape * (np.log(y) - eta + to_scale))
        return -np.expm1(-hazard), np.exp(-hazard)

    def refusal(self, constants: ColumnConstants) -> tuple[str, str] | None:
        """See :meth:`Family.refusal`."""
        return not_above_zero(self.name, constants)

    def pymc(self, xp: Namespace, eta: Array, aux: Aux, link: str) -> tuple[str, dict[str, Array]]:
        """See :meth:`Family.pymc`."""
        shape, to_scale = _shape(xp, aux)
        return "Weibull", {"alpha": shape, "beta": xp.exp(eta - to_scale)}


def _shape(xp: Namespace, aux: Aux) -> tuple[Array, Array]:
    """Return the shape, inside what the machine can invert, and log Gamma(1 + 1 / shape)."""
    shape = xp.minimum(xp.maximum(aux["shape"], SMALLEST), LARGEST)
    return shape, xp.gammaln(1.0 + 1.0 / shape)
