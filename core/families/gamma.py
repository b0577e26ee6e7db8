"""Gamma: a positive number whose mean is exp(eta), in its own units."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from core.families.base import FloatArray
from core.families.linear import Aux, LinearFamily
from core.families.meaning import FACTOR_OF_MEAN
from core.families.namespace import Array, Namespace
from core.families.parameter import Parameter, prior_of
from core.families.refusals import not_above_zero
from core.families.special import digamma

if TYPE_CHECKING:
    from core.data.constants import ColumnConstants

__all__ = ["Gamma"]

SMALLEST = np.finfo(np.float64).tiny
LARGE = 1e5


class Gamma(LinearFamily):
    """``y ~ Gamma(shape, rate = shape / exp(eta))``: coefficient of variation ``1 / sqrt(shape)``."""

    name = "Gamma"
    links = ("log",)
    meanings = (FACTOR_OF_MEAN,)
    kinds = ("positive", "real", "proportion", "count")
    column = "positive"
    says = "mean exp(eta), coefficient of variation 1 / sqrt(shape)"
    words = "positive and skewed to the right; its spread grows with its average"
    offered = MappingProxyType({"positive": 3})
    assumed_kind = "positive"
    working = "log"
    settable = (0.0, math.inf)
    role_scale = "log"
    remedies = MappingProxyType({("skew", "right"): ("LogNormal",), ("skew", "left"): ("Weibull",)})
    auxiliaries = (Parameter("shape", prior_of("LogNormal", mu=0.0, sigma=1.0)),)

    def log_density(self, xp: Namespace, y: Array, eta: Array, aux: Aux, link: str) -> Array:
        """See :meth:`LinearFamily.log_density`."""
        shape = aux["shape"]
        logs = xp.log(y)
        ratio = logs - eta  # log(y / mean)
        return _constant(xp, shape) + shape * (ratio - xp.expm1(ratio)) - logs

    def score(self, y: FloatArray, eta: FloatArray, aux: Aux, link: str) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """See :meth:`LinearFamily.score`."""
        shape = aux["shape"]
        ratio = np.log(y) - eta
        excess = np.expm1(ratio)
        by_shape = shape * (_constant_slope(shape) + ratio - excess)
        return shape * excess, (by_shape,)

    def expectation(self, eta: FloatArray, aux: Aux, link: str) -> FloatArray:
        """See :meth:`LinearFamily.expectation`."""
        return np.exp(eta)

    def draw(self, eta: FloatArray, aux: Aux, link: str, rng: np.random.Generator) -> FloatArray:
        """See :meth:`LinearFamily.draw`."""
        shape = aux["shape"]
        unit = rng.standard_gamma(np.broadcast_to(shape, eta.shape)) / shape
        # A small shape can give a number below the smallest that the machine knows.
        return np.maximum(unit * np.exp(eta), SMALLEST)

    def noise(self, aux: Aux, shape: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
        """See :meth:`Family.noise`."""
        return np.asarray(rng.standard_gamma(np.broadcast_to(aux["shape"], shape)) / aux["shape"])

    def respond(self, mean: FloatArray, noise: FloatArray, aux: Aux) -> FloatArray:
        """See :meth:`Family.respond`."""
        return mean * noise

    def noise_of(self, y: FloatArray, mean: FloatArray, aux: Aux, rng: np.random.Generator) -> FloatArray:
        """See :meth:`Family.noise_of`."""
        return np.asarray(y / mean)

    def tails(self, y: FloatArray, eta: FloatArray, aux: Aux) -> tuple[FloatArray, FloatArray]:
        """See :meth:`LinearFamily.tails`."""
        from scipy.special import gammainc, gammaincc

        ratio = aux["shape"] * y / np.exp(eta)
        return gammainc(aux["shape"], ratio), gammaincc(aux["shape"], ratio)

    def refusal(self, constants: ColumnConstants) -> tuple[str, str] | None:
        """See :meth:`Family.refusal`."""
        return not_above_zero(self.name, constants)

    def pymc(self, xp: Namespace, eta: Array, aux: Aux, link: str) -> tuple[str, dict[str, Array]]:
        """See :meth:`Family.pymc`."""
        return "Gamma", {"alpha": aux["shape"], "beta": aux["shape"] / xp.exp(eta)}


def _constant(xp: Namespace, shape: Array) -> Array:
    """Return shape log(shape) - shape - log Gamma(shape), by Stirling's series where digits are lost."""
    series = 0.5 * xp.log(shape / (2.0 * np.pi)) - 1.0 / (12.0 * shape)
    return xp.where(shape > LARGE, series, shape * (xp.log(shape) - 1.0) - xp.gammaln(shape))


def _constant_slope(shape: FloatArray) -> FloatArray:
    """Return the derivative of :func:`_constant`, log(shape) - digamma(shape), likewise."""
    series = 0.5 / shape + 1.0 / (12.0 * shape**2)
    return np.where(shape > LARGE, series, np.log(shape) - digamma(shape))
