"""Poisson: a count whose mean, and variance, is exp(eta)."""

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
from core.families.namespace import Array, Namespace

if TYPE_CHECKING:
    from core.data.constants import ColumnConstants

__all__ = ["Poisson", "draw_counts", "overdispersed", "pair_of_counts"]

OVERDISPERSED = 1.5
"""A count whose variance is over this many times its mean is by default no Poisson."""

LARGEST_MEAN = 1e15  # counts above 2**53 are not whole numbers any more as floats


def draw_counts(mean: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Draw Poisson counts; NaN where the mean is over 1e15 or not a number (an overflow)."""
    known = mean <= LARGEST_MEAN
    return np.where(known, rng.poisson(np.where(known, mean, 0.0)), np.nan)


def overdispersed(constants: ColumnConstants) -> bool:
    """Return whether a count varies more than a Poisson of its mean."""
    return constants.mean > 0 and constants.variance > OVERDISPERSED * constants.mean


def pair_of_counts(
    one: FloatArray, other: FloatArray, aux: Aux, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Draw counts of these means, with what the family has of overdispersion and zeros of their own.

    A count of the larger mean is one of the smaller mean plus an independent count of the
    difference, which is exactly Poisson again; a row is zero by itself in both worlds or neither.
    """
    if "overdispersion" in aux:
        size = np.minimum(aux["overdispersion"] ** -2.0, LARGEST_MEAN)
        unit = rng.standard_gamma(np.broadcast_to(size, one.shape)) / size
        one, other = one * unit, other * unit
    if "zero_share" in aux:
        something = rng.random(one.shape) >= aux["zero_share"]
        share = np.maximum(1.0 - aux["zero_share"], np.finfo(np.float64).eps)
        one, other = (np.where(something | np.isnan(mean), mean / share, 0.0) for mean in (one, other))
    known = np.isfinite(one) & np.isfinite(other)  # what overflowed above stays unknown
    one, other = (np.where(known, np.minimum(mean, LARGEST_MEAN), 0.0) for mean in (one, other))
    shared = np.where(known, rng.poisson(np.minimum(one, other)), np.nan)
    more = rng.poisson(np.abs(other - one))
    return shared + np.where(one > other, more, 0), shared + np.where(other > one, more, 0)


class Poisson(Counted):
    """``y ~ Poisson(exp(eta))``."""

    name = "Poisson"
    links = ("log",)
    meanings = (FACTOR_OF_MEAN,)
    kinds = ("count",)
    discrete = True
    is_count = True
    column = "count"
    says = "mean and variance exp(eta)"
    words = "a count of rare, separate events; it varies about as much as its average"
    offered = MappingProxyType({"count": 1})
    assumed_kind = "count"
    working = "log1p"
    settable = (-1e-9, math.inf)  # a mean between two counts may be set
    role = "count"
    residual = "count"
    looks = ("dispersion", "zeros")
    remedies = MappingProxyType(
        {
            ("dispersion", "over"): ("NegativeBinomial",),
            ("dispersion", "under"): ("Normal",),
            ("zeros", "many"): ("ZeroInflatedPoisson",),
            ("tails", "heavy"): ("NegativeBinomial",),
        }
    )
    heavier = "NegativeBinomial"
    warmed = True

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

    def variance(self, mean: FloatArray, aux: Aux) -> FloatArray:
        """See :meth:`Counted.variance`."""
        return mean

    def chances(self, mean: FloatArray, aux: Aux) -> Iterator[FloatArray]:
        """See :meth:`Counted.chances`."""
        chance = np.exp(-mean)
        for count in itertools.count(1):
            yield chance
            chance = chance * mean / count

    def below(self, y: FloatArray, mean: FloatArray, aux: Aux) -> FloatArray:
        """See :meth:`Counted.below`."""
        from scipy.special import gammaincc

        return np.asarray(gammaincc(y + 1.0, mean))

    def above(self, y: FloatArray, mean: FloatArray, aux: Aux) -> FloatArray:
        """See :meth:`Counted.above`."""
        from scipy.special import gammainc

        return np.asarray(gammainc(y + 1.0, mean))

    def over(self, y: FloatArray, mean: FloatArray, aux: Aux) -> FloatArray:
        """See :meth:`Counted.over`: k P(Y = k) is the mean times P(Y = k - 1)."""
        return mean * np.where(y > 0, self.above(np.maximum(y - 1.0, 0.0), mean, aux), 1.0)

    def pair(
        self, one: FloatArray, other: FloatArray, aux: Aux, rng: np.random.Generator
    ) -> tuple[FloatArray, FloatArray]:
        """See :meth:`Family.pair`."""
        return pair_of_counts(one, other, aux, rng)

    def chosen(self, constants: ColumnConstants, all_discrete: bool) -> str:
        """See :meth:`Family.chosen`."""
        plain = constants.kind == "count" and not overdispersed(constants)
        return "a count that varies no more than about its mean" if plain else ""

    def pymc(self, xp: Namespace, eta: Array, aux: Aux, link: str) -> tuple[str, dict[str, Array]]:
        """See :meth:`Family.pymc`."""
        return "Poisson", {"mu": xp.exp(eta)}
