"""NegativeBinomial: a count that varies more than a Poisson of the same mean."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from core.families.base import FloatArray
from core.families.counted import Counted
from core.families.linear import Aux
from core.families.meaning import FACTOR_OF_MEAN
from core.families.namespace import NUMPY, Array, Namespace
from core.families.parameter import Parameter, prior_of
from core.families.poisson import draw_counts, overdispersed, pair_of_counts
from core.families.special import digamma, expit, gammaln, log_expit

if TYPE_CHECKING:
    from core.data.constants import ColumnConstants

__all__ = ["OVERDISPERSION", "NegativeBinomial"]

MANY = 1e4  # up to which differences of log gamma keep eleven digits
LARGEST_DISPERSION = 1e8  # over it the distribution function is the Poisson's, whose digits stay

OVERDISPERSION = Parameter("overdispersion", prior_of("HalfNormal", sigma=1.0))


class NegativeBinomial(Counted):
    """Mean ``m = exp(eta)`` and variance ``m + (overdispersion * m)^2``.

    ``overdispersion`` is 1 / sqrt(dispersion), with the dispersion ``alpha`` of PyMC and Stan
    (``phi``): 0 is the Poisson.
    """

    name = "NegativeBinomial"
    links = ("log",)
    meanings = (FACTOR_OF_MEAN,)
    kinds = ("count",)
    auxiliaries = (OVERDISPERSION,)
    discrete = True
    is_count = True
    column = "count"
    says = "mean m = exp(eta), variance m + (overdispersion * m)^2"
    words = "a count that varies more than its average, in bursts or clusters"
    offered = MappingProxyType({"count": 2})
    assumed_kind = "count"
    working = "log1p"
    settable = (-1e-9, math.inf)  # a mean between two counts may be set
    role = "count"
    residual = "count"
    several_modes = True
    looks = ("under", "zeros")
    remedies = MappingProxyType(
        {("dispersion", "under"): ("Normal",), ("zeros", "many"): ("ZeroInflatedNegativeBinomial",)}
    )
    warmed = True

    def log_density(self, xp: Namespace, y: Array, eta: Array, aux: Aux, link: str) -> Array:
        """See :meth:`LinearFamily.log_density`.

        With a = dispersion: log C(y + a - 1, y) - y log(1 + a / m) - a log(1 + m / a), of which
        the binomial coefficient is the constant.
        """
        log_a = _log_dispersion(xp, aux)
        excess = eta - log_a  # log(m / a)
        against = -xp.log_expit(-excess)  # log(1 + m / a); log(1 + a / m) is that less the excess
        return -y * (against - excess) - xp.exp(log_a) * against

    def count_constant(self, xp: Namespace, y: Array, aux: Aux) -> Array:
        """See :meth:`Family.count_constant`: the logarithm of C(y + a - 1, y)."""
        some = xp.maximum(y, 1.0)
        return xp.where(y > 0, -xp.betaln(xp.exp(_log_dispersion(xp, aux)), some) - xp.log(some), 0.0)

    def score(self, y: FloatArray, eta: FloatArray, aux: Aux, link: str) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """See :meth:`LinearFamily.score`."""
        log_a = _log_dispersion(NUMPY, aux)
        a = np.exp(log_a)
        counts, place = np.unique(y, return_inverse=True)
        share = expit(eta - log_a)  # m / (m + a)
        by_eta = y - (y + a) * share
        # a times the derivative with respect to a; log_expit(log_a - eta) is -log(1 + m / a).
        by_log_a = a * (_digamma_step(a, counts)[:, place] + log_expit(log_a - eta)) + a * share - y * (1.0 - share)
        return by_eta, (-2.0 * by_log_a,)

    def expectation(self, eta: FloatArray, aux: Aux, link: str) -> FloatArray:
        """See :meth:`LinearFamily.expectation`."""
        return np.exp(eta)

    def draw(self, eta: FloatArray, aux: Aux, link: str, rng: np.random.Generator) -> FloatArray:
        """See :meth:`LinearFamily.draw`: a Poisson whose mean is a Gamma."""
        a = np.broadcast_to(aux["overdispersion"] ** -2.0, eta.shape)
        known = np.isfinite(a)
        unit = np.where(known, rng.standard_gamma(np.where(known, a, 1.0)) / np.where(known, a, 1.0), 1.0)
        return draw_counts(unit * np.exp(eta), rng)

    def variance(self, mean: FloatArray, aux: Aux) -> FloatArray:
        """See :meth:`Counted.variance`."""
        return np.asarray(mean + (aux["overdispersion"] * mean) ** 2)

    def chances(self, mean: FloatArray, aux: Aux) -> Iterator[FloatArray]:
        """See :meth:`Counted.chances`."""
        a = aux["overdispersion"] ** -2.0
        chance, share = np.exp(-a * np.log1p(mean / a)), mean / (mean + a)
        for count in itertools.count(1):
            yield chance
            chance = chance * share * ((count - 1.0 + a) / count)

    def below(self, y: FloatArray, mean: FloatArray, aux: Aux) -> FloatArray:
        """See :meth:`Counted.below`."""
        a = aux["overdispersion"] ** -2.0
        return _tail(y, mean / a, a, low=True)

    def above(self, y: FloatArray, mean: FloatArray, aux: Aux) -> FloatArray:
        """See :meth:`Counted.above`."""
        a = aux["overdispersion"] ** -2.0
        return _tail(y, mean / a, a, low=False)

    def mass(self, y: FloatArray, mean: FloatArray, aux: Aux) -> FloatArray:
        """See :meth:`Counted.mass`: NaN where log gamma is so large that its differences have lost their digits."""
        a = aux["overdispersion"] ** -2.0
        plain = (a < MANY) & (y < MANY)
        some, few = np.where(plain, a, 1.0), np.where(plain, y, 0.0)
        log = gammaln(few + some) - gammaln(some) - gammaln(few + 1.0) - some * np.log1p(mean / some)
        return np.where(plain, np.exp(log + few * np.log(np.maximum(mean / (mean + some), 1e-300))), np.nan)

    def over(self, y: FloatArray, mean: FloatArray, aux: Aux) -> FloatArray:
        """See :meth:`Counted.over`: k P(Y = k) is the mean times P(Z = k - 1), Z of a dispersion that is 1 larger."""
        a = aux["overdispersion"] ** -2.0
        return mean * np.where(y > 0, _tail(np.maximum(y - 1.0, 0.0), mean / a, a + 1.0, low=False), 1.0)

    def pair(
        self, one: FloatArray, other: FloatArray, aux: Aux, rng: np.random.Generator
    ) -> tuple[FloatArray, FloatArray]:
        """See :meth:`Family.pair`."""
        return pair_of_counts(one, other, aux, rng)

    def chosen(self, constants: ColumnConstants, all_discrete: bool) -> str:
        """See :meth:`Family.chosen`."""
        if constants.kind != "count" or not overdispersed(constants):
            return ""
        return f"a count whose variance is {constants.variance / constants.mean:.1f} times its mean"

    def pymc(self, xp: Namespace, eta: Array, aux: Aux, link: str) -> tuple[str, dict[str, Array]]:
        """See :meth:`Family.pymc`."""
        return "NegativeBinomial", {"mu": xp.exp(eta), "alpha": aux["overdispersion"] ** -2.0}


def _tail(y: FloatArray, odds: FloatArray, a: FloatArray, low: bool) -> FloatArray:
    """Return P(Y <= y), or P(Y > y), of dispersion ``a`` and mean ``a`` times ``odds``; of a huge a, the Poisson's."""
    from scipy.special import betainc, gammainc, gammaincc

    y, odds, a = np.broadcast_arrays(y, odds, a)
    huge = a > LARGEST_DISPERSION
    some = np.where(huge, 1.0, a)
    found = betainc(some, y + 1.0, 1.0 / (1.0 + odds)) if low else betainc(y + 1.0, some, odds / (1.0 + odds))
    if not huge.any():
        return np.asarray(found)
    return np.where(huge, (gammaincc if low else gammainc)(y + 1.0, np.where(huge, odds * a, 1.0)), found)


def _log_dispersion(xp: Namespace, aux: Aux) -> Array:
    """Return log a, inside the range in which a and 1 / a are numbers."""
    return xp.minimum(xp.maximum(-2.0 * xp.log(aux["overdispersion"]), -690.0), 690.0)


def _digamma_step(a: FloatArray, y: FloatArray) -> FloatArray:
    """Return digamma(a + y) - digamma(a), by the asymptotic series where the plain difference loses its digits."""
    series = np.log1p(y / a) - 0.5 * (1 / (a + y) - 1 / a) - (1 / (a + y) ** 2 - 1 / a**2) / 12
    return np.where(a > 1e4, series, digamma(a + y) - digamma(a))
