"""Beta: a share strictly between 0 and 1 whose mean is expit(eta)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from core.families.base import FloatArray
from core.families.counted import place_of
from core.families.linear import Aux, LinearFamily
from core.families.meaning import ODDS_OF_SHARE
from core.families.namespace import NUMPY, Array, Namespace
from core.families.parameter import Parameter, prior_of
from core.families.special import digamma, expit

if TYPE_CHECKING:
    from core.data.constants import ColumnConstants

__all__ = ["Beta"]

SMALLEST = np.finfo(np.float64).tiny
LARGEST = 1.0 - np.finfo(np.float64).epsneg


class Beta(LinearFamily):
    """``y ~ Beta(m * precision, (1 - m) * precision)`` with ``m = expit(eta)``."""

    name = "Beta"
    links = ("logit",)
    meanings = (ODDS_OF_SHARE,)
    kinds = ("proportion", "real", "positive")
    column = "between 0 and 1"
    says = "mean expit(eta), shapes mean * precision and (1 - mean) * precision"
    words = "a share strictly between 0 and 1"
    offered = MappingProxyType({"proportion": 1})
    assumed_kind = "proportion"
    settable = (-1e-9, 1.0 + 1e-9)  # none or all of something may be set, though none was seen
    role_scale = "logit"
    residual = "share"
    slow_noise = True
    auxiliaries = (Parameter("precision", prior_of("LogNormal", mu=2.0, sigma=1.0)),)

    def log_density(self, xp: Namespace, y: Array, eta: Array, aux: Aux, link: str) -> Array:
        """See :meth:`LinearFamily.log_density`."""
        precision = aux["precision"]
        a, b = _shapes(xp, eta, precision)
        # One expression: numpy then reuses the arrays between.
        return xp.gammaln(precision) - xp.gammaln(a) - xp.gammaln(b) + (a - 1.0) * xp.log(y) + (b - 1.0) * xp.log1p(-y)

    def score(self, y: FloatArray, eta: FloatArray, aux: Aux, link: str) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """See :meth:`LinearFamily.score`."""
        precision = aux["precision"]
        a, b = _shapes(NUMPY, eta, precision)
        by_a, by_b = np.log(y) - digamma(a), np.log1p(-y) - digamma(b)
        by_eta = a * expit(-eta) * (by_a - by_b)
        return by_eta, (precision * digamma(precision) + a * by_a + b * by_b,)

    def expectation(self, eta: FloatArray, aux: Aux, link: str) -> FloatArray:
        """See :meth:`LinearFamily.expectation`."""
        return expit(eta)

    def draw(self, eta: FloatArray, aux: Aux, link: str, rng: np.random.Generator) -> FloatArray:
        """See :meth:`LinearFamily.draw`."""
        a, b = _shapes(NUMPY, eta, aux["precision"])
        known = np.isfinite(a) & np.isfinite(b)
        # Draws that round to 0 or 1 are put on the nearest number inside.
        drawn = np.clip(rng.beta(np.where(known, a, 1.0), np.where(known, b, 1.0)), SMALLEST, LARGEST)
        return np.where(known, drawn, np.nan)

    def noise(self, aux: Aux, shape: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
        """See :meth:`Family.noise`: the logit of a quantile."""
        return rng.logistic(size=shape)

    def respond(self, mean: FloatArray, noise: FloatArray, aux: Aux) -> FloatArray:
        """See :meth:`Family.respond`: by quantiles, from whichever end is the nearer."""
        from scipy.special import betaincinv

        a, b = _shapes_of_mean(mean, aux)
        lower, share = noise < 0, expit(-np.abs(noise))
        part = betaincinv(np.where(lower, a, b), np.where(lower, b, a), share)
        return np.where(np.isnan(part), np.nan, np.clip(np.where(lower, part, 1.0 - part), SMALLEST, LARGEST))

    def noise_of(self, y: FloatArray, mean: FloatArray, aux: Aux, rng: np.random.Generator) -> FloatArray:
        """See :meth:`Family.noise_of`."""
        from scipy.special import betainc

        a, b = _shapes_of_mean(mean, aux)
        return place_of(betainc(a, b, y), betainc(b, a, 1.0 - y))

    def tails(self, y: FloatArray, eta: FloatArray, aux: Aux) -> tuple[FloatArray, FloatArray]:
        """See :meth:`LinearFamily.tails`."""
        from scipy.special import betainc

        mean = expit(eta)
        a, b = np.maximum(mean * aux["precision"], 1e-12), np.maximum((1.0 - mean) * aux["precision"], 1e-12)
        return betainc(a, b, y), betainc(b, a, 1.0 - y)

    def chosen(self, constants: ColumnConstants, all_discrete: bool) -> str:
        """See :meth:`Family.chosen`."""
        return "a share between 0 and 1" if constants.kind == "proportion" else ""

    def refusal(self, constants: ColumnConstants) -> tuple[str, str] | None:
        """See :meth:`Family.refusal`."""
        if not constants.n or not (constants.minimum <= 0 or constants.maximum >= 1):
            return None
        reached = f"from {constants.minimum:g} to {constants.maximum:g}"
        return (
            f"{constants.name!r} has values at or beyond 0 or 1 ({reached}), which {self.name} cannot give",
            "Choose Normal for this node. Counts out of n (Binomial) or zero-one inflation would suit such "
            "values, but this version cannot fit them; it never squeezes values inwards.",
        )

    def pymc(self, xp: Namespace, eta: Array, aux: Aux, link: str) -> tuple[str, dict[str, Array]]:
        """See :meth:`Family.pymc`."""
        a, b = _shapes(xp, eta, aux["precision"])
        return "Beta", {"alpha": a, "beta": b}


def _shapes_of_mean(mean: FloatArray, aux: Aux) -> tuple[FloatArray, FloatArray]:
    precision = aux["precision"]
    return np.maximum(mean * precision, SMALLEST), np.maximum((1.0 - mean) * precision, SMALLEST)


def _shapes(xp: Namespace, eta: Array, precision: Array) -> tuple[Array, Array]:
    """Return both shapes, neither rounded to 0: expit(-eta) keeps what 1 - expit(eta) loses."""
    return xp.maximum(xp.expit(eta) * precision, SMALLEST), xp.maximum(xp.expit(-eta) * precision, SMALLEST)
