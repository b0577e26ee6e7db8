"""A unit's own noise where it is a place in a distribution: the logit of its quantile.

A quantile near 1 has lost its digits, and a unit far out in either tail would not be found again. Its logit keeps
both tails: the logarithm of what lies below less that of what lies above. Of a count the noise is known to lie
between what the smaller counts reach and what this one reaches, and no more (the quantile, or comonotone, coupling of
two worlds: the same rank in both).
"""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from core.families.base import FloatArray
from core.families.linear import Aux, LinearFamily
from core.families.special import expit

__all__ = ["Counted", "place_of"]

FARTHEST = 700.0  # of logits: exp of more is past what the machine knows
LARGEST_COUNT = 2.0**53
INSIDE = 1e-9  # how far from the ends of its interval a count's quantile is drawn, as a share: rounding lies within


def place_of(below: FloatArray, above: FloatArray) -> FloatArray:
    """Return the logit of a quantile from what lies below and above it, same shape."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.clip(np.log(below) - np.log(above), -FARTHEST, FARTHEST)


class Counted(LinearFamily):
    """A count, by its distribution function; the mean of all of them is what :meth:`expectation` gives."""

    @abstractmethod
    def up_to(self, y: FloatArray, mean: FloatArray, aux: Aux) -> tuple[FloatArray, FloatArray]:
        """Return P(Y <= y) and P(Y > y) of whole numbers y from 0 on, neither as 1 less the other."""

    @abstractmethod
    def over(self, y: FloatArray, mean: FloatArray, aux: Aux) -> FloatArray:
        """Return E[Y; Y > y], the part of the mean that counts over y (from 0 on) make, same shape."""

    def noise(self, aux: Aux, shape: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
        """See :meth:`Family.noise`: the logit of a quantile."""
        return rng.logistic(size=shape)

    def respond(self, mean: FloatArray, noise: FloatArray, aux: Aux) -> FloatArray:
        """See :meth:`Family.respond`."""
        return self.quantile(mean, noise, aux)

    def quantile(self, mean: FloatArray, place: FloatArray, aux: Aux) -> FloatArray:
        """Return the smallest count that reaches a quantile, given by its logit, by halving."""
        mean, place = np.broadcast_arrays(mean, place)
        known = np.isfinite(mean) & np.isfinite(place) & (mean < LARGEST_COUNT)
        mean, place = np.where(known, mean, 0.0), np.where(known, place, 0.0)
        share, lower = expit(-np.abs(place)), place < 0

        def reached(y: FloatArray) -> np.ndarray:
            below, above = self.up_to(y, mean, aux)
            return np.asarray(np.where(lower, below >= share, above <= share))

        high = np.ceil(mean) + 8.0
        while not (done := reached(high) | (high >= LARGEST_COUNT)).all():
            high = np.where(done, high, 2.0 * high)
        low = np.full_like(high, -1.0)
        while (apart := high - low > 1).any():
            middle = np.where(apart, np.floor(0.5 * (low + high)), high)
            enough = reached(middle)
            low, high = np.where(apart & ~enough, middle, low), np.where(enough, middle, high)
        return np.where(known, high, np.nan)

    def noise_of(self, y: FloatArray, mean: FloatArray, aux: Aux, rng: np.random.Generator) -> FloatArray:
        """See :meth:`Family.noise_of`: a quantile between those of this count and of one less."""
        y, mean = np.broadcast_arrays(np.asarray(y, dtype=np.float64), mean)
        upto, above = self.up_to(y, mean, aux)
        below, from_here = self.up_to(np.maximum(y - 1.0, 0.0), mean, aux)
        below, from_here = np.where(y > 0, below, 0.0), np.where(y > 0, from_here, 1.0)
        share = INSIDE + (1.0 - 2.0 * INSIDE) * rng.random(y.shape)
        return place_of(below + share * (upto - below), above + (1.0 - share) * (from_here - above))
