"""Zero-inflated counts: with probability ``zero_share`` nothing can happen, else a count is drawn.

``eta`` is the linear predictor of the count that is drawn where something can happen: its
mean is ``exp(eta)``, and the mean of all rows is ``(1 - zero_share) * exp(eta)``. A slope is
the change of the logarithm of either.
"""

import math
from collections.abc import Iterator
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from core.families.base import FloatArray
from core.families.counted import Counted
from core.families.linear import Aux
from core.families.meaning import FACTOR_OF_MEAN
from core.families.namespace import NUMPY, Array, Namespace
from core.families.negative_binomial import OVERDISPERSION, NegativeBinomial
from core.families.parameter import Parameter, prior_of
from core.families.poisson import Poisson, pair_of_counts

__all__ = ["ZeroInflatedNegativeBinomial", "ZeroInflatedPoisson"]

ZERO_SHARE = Parameter("zero_share", prior_of("Beta", alpha=1.0, beta=1.0), support="unit", most=1.0)


class _ZeroInflated(Counted):
    """What both share; ``counts`` is the family of a count where something can happen."""

    links = ("log",)
    meanings = (FACTOR_OF_MEAN,)
    kinds = ("count",)
    discrete = True
    is_count = True
    column = "count"
    assumed_kind = "count"
    working = "log1p"
    settable = (-1e-9, math.inf)  # a mean between two counts may be set
    role = "count"
    residual = "count"
    several_modes = True
    counts: ClassVar[Counted]

    def log_density(self, xp: Namespace, y: Array, eta: Array, aux: Aux, link: str) -> Array:
        """See :meth:`LinearFamily.log_density`; the count's constant is 0 where y is 0."""
        share = aux["zero_share"]
        found = xp.log1p(-share) + self.counts.log_density(xp, y, eta, aux, link)
        return xp.changed(found, xp.eq(y, 0), lambda count: xp.logaddexp(count, xp.log(share)))

    def count_constant(self, xp: Namespace, y: Array, aux: Aux) -> Array:
        """See :meth:`Family.count_constant`."""
        return self.counts.count_constant(xp, y, aux)

    def score(self, y: FloatArray, eta: FloatArray, aux: Aux, link: str) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """See :meth:`LinearFamily.score`.

        By the derivative of a mixture: the count's own score times the probability that the
        row is a count, and, for the logit of ``zero_share``, the probability that it is not
        less ``zero_share``.
        """
        share = aux["zero_share"]
        by_eta, others = self.counts.score(y, eta, aux, link)
        odds = np.log1p(-share) - np.log(share) + self.counts.log_density(NUMPY, np.zeros(1), eta, aux, link)
        is_count = np.where(y == 0, 0.5 * (1.0 + np.tanh(0.5 * odds)), 1.0)
        # Where the row cannot be a count, the count's score may have overflowed.
        counted = [np.where(is_count > 0, is_count * slope, 0.0) for slope in (by_eta, *others)]
        return counted[0], (*counted[1:], 1.0 - is_count - share)

    def expectation(self, eta: FloatArray, aux: Aux, link: str) -> FloatArray:
        """See :meth:`LinearFamily.expectation`."""
        return (1.0 - aux["zero_share"]) * np.exp(eta)

    def draw(self, eta: FloatArray, aux: Aux, link: str, rng: np.random.Generator) -> FloatArray:
        """See :meth:`LinearFamily.draw`."""
        nothing = rng.random(eta.shape) < aux["zero_share"]
        return np.where(nothing & ~np.isnan(eta), 0.0, self.counts.draw(eta, aux, link, rng))

    def noise(self, aux: Aux, shape: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
        """See :meth:`Family.noise`: minus infinity where nothing can happen, in any world; else the count's."""
        nothing = rng.random(shape) < aux["zero_share"]
        return np.where(nothing, -np.inf, self.counts.noise(aux, shape, rng))

    def respond(self, mean: FloatArray, noise: FloatArray, aux: Aux) -> FloatArray:
        """See :meth:`Family.respond`."""
        nothing = np.isneginf(noise)
        counted = self.counts.respond(mean / _something(aux), np.where(nothing, 0.0, noise), aux)
        return np.where(nothing & ~np.isnan(counted), 0.0, counted)

    def drawn(self, mean: FloatArray, noise: FloatArray, aux: Aux) -> FloatArray:
        """See :meth:`Family.drawn`."""
        nothing = np.isneginf(noise)
        counted = self.counts.drawn(mean / _something(aux), np.where(nothing, 0.0, noise), aux)
        return np.where(nothing & ~np.isnan(counted), 0.0, counted)

    def chances(self, mean: FloatArray, aux: Aux) -> Iterator[FloatArray]:
        """See :meth:`Counted.chances`."""
        some = _something(aux)
        for count, chance in enumerate(self.counts.chances(mean / some, aux)):
            yield some * chance + (1.0 - some if count == 0 else 0.0)

    def noise_of(self, y: FloatArray, mean: FloatArray, aux: Aux, rng: np.random.Generator) -> FloatArray:
        """See :meth:`Family.noise_of`: a zero is one of either sort, as likely as each is."""
        found = self.counts.noise_of(y, mean / _something(aux), aux, rng)
        share, count = aux["zero_share"], self.counts.below(np.zeros(1), mean / _something(aux), aux)
        by_itself = share / np.maximum(share + (1.0 - share) * count, np.finfo(np.float64).tiny)
        return np.where((y == 0) & (rng.random(found.shape) < by_itself), -np.inf, found)

    def variance(self, mean: FloatArray, aux: Aux) -> FloatArray:
        """See :meth:`Counted.variance`."""
        some = _something(aux)
        return np.asarray(some * self.counts.variance(mean / some, aux) + (1.0 - some) * mean**2 / some)

    def below(self, y: FloatArray, mean: FloatArray, aux: Aux) -> FloatArray:
        """See :meth:`Counted.below`."""
        share, some = aux["zero_share"], _something(aux)
        return np.asarray(share + (1.0 - share) * self.counts.below(y, mean / some, aux))

    def above(self, y: FloatArray, mean: FloatArray, aux: Aux) -> FloatArray:
        """See :meth:`Counted.above`."""
        share, some = aux["zero_share"], _something(aux)
        return np.asarray((1.0 - share) * self.counts.above(y, mean / some, aux))

    def over(self, y: FloatArray, mean: FloatArray, aux: Aux) -> FloatArray:
        """See :meth:`Counted.over`."""
        some = _something(aux)
        return np.asarray(some * self.counts.over(y, mean / some, aux))

    def pair(
        self, one: FloatArray, other: FloatArray, aux: Aux, rng: np.random.Generator
    ) -> tuple[FloatArray, FloatArray]:
        """See :meth:`Family.pair`."""
        return pair_of_counts(one, other, aux, rng)

    def pymc(self, xp: Namespace, eta: Array, aux: Aux, link: str) -> tuple[str, dict[str, Array]]:
        """See :meth:`Family.pymc`."""
        name, numbers = self.counts.pymc(xp, eta, aux, link)
        return f"ZeroInflated{name}", {"psi": 1.0 - aux["zero_share"], **numbers}


def _something(aux: Aux) -> FloatArray:
    """Return how often something can happen, never 0."""
    return np.maximum(1.0 - aux["zero_share"], np.finfo(np.float64).eps)


class ZeroInflatedPoisson(_ZeroInflated):
    """``P(y = 0) = zero_share + (1 - zero_share) exp(-m)``, ``m = exp(eta)``; else a Poisson."""

    name = "ZeroInflatedPoisson"
    says = (
        "zero by itself with probability zero_share, else Poisson of mean exp(eta); "
        "mean of all (1 - zero_share) exp(eta)"
    )
    words = "a count with more zeros than events alone explain: some cases could never have any"
    offered = MappingProxyType({"count": 3})
    looks = ("dispersion beside zeros",)
    remedies = MappingProxyType(
        {
            ("dispersion", "over"): ("ZeroInflatedNegativeBinomial",),
            ("dispersion", "under"): ("Normal",),
            ("tails", "heavy"): ("ZeroInflatedNegativeBinomial",),
        }
    )
    heavier = "ZeroInflatedNegativeBinomial"
    counts = Poisson()
    auxiliaries = (ZERO_SHARE,)


class ZeroInflatedNegativeBinomial(_ZeroInflated):
    """The same with a NegativeBinomial of mean ``exp(eta)`` and its ``overdispersion``."""

    name = "ZeroInflatedNegativeBinomial"
    says = "the same with a NegativeBinomial of mean exp(eta)"
    words = "a count in clusters, and with more zeros than these explain"
    offered = MappingProxyType({"count": 4})
    remedies = MappingProxyType({("dispersion", "under"): ("Normal",)})
    counts = NegativeBinomial()
    auxiliaries = (
        OVERDISPERSION,
        ZERO_SHARE,
    )
