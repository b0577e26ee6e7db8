"""A unit's own noise where it is a place in a distribution: the logit of its quantile.

A quantile near 1 has lost its digits, and a unit far out in either tail would not be found again. Its logit keeps
both tails: the logarithm of what lies below less that of what lies above. Of a count the noise is known to lie
between what the smaller counts reach and what this one reaches, and no more (the quantile, or comonotone, coupling of
two worlds: the same rank in both).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from core.families.base import FloatArray
from core.families.linear import Aux, LinearFamily
from core.families.special import expit

__all__ = ["Counted", "place_of"]

BoolArray = NDArray[np.bool_]

FARTHEST = 700.0  # of logits: exp of more is past what the machine knows
LARGEST_COUNT = 2.0**53
SMALL_MEAN, MOST_TRIED = 50.0, 120  # up to which counts are gone through one by one, and how many of them at most
UNSURE = 1e-8  # as a share: a tail that a mass was added to and that is nearer to a quantile is computed anew
INSIDE = 1e-9  # how far from the ends of its interval a count's quantile is drawn, as a share: rounding lies within


def place_of(below: FloatArray, above: FloatArray) -> FloatArray:
    """Return the logit of a quantile from what lies below and above it, same shape."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.clip(np.log(below) - np.log(above), -FARTHEST, FARTHEST)


class Counted(LinearFamily):
    """A count, by its distribution function; the mean of all of them is what :meth:`expectation` gives."""

    @abstractmethod
    def below(self, y: FloatArray, mean: FloatArray, aux: Aux) -> FloatArray:
        """Return P(Y <= y) of whole numbers y from 0 on, same shape."""

    @abstractmethod
    def above(self, y: FloatArray, mean: FloatArray, aux: Aux) -> FloatArray:
        """Return P(Y > y), not as 1 less the other, same shape."""

    def up_to(self, y: FloatArray, mean: FloatArray, aux: Aux) -> tuple[FloatArray, FloatArray]:
        """Return P(Y <= y) and P(Y > y)."""
        return self.below(y, mean, aux), self.above(y, mean, aux)

    def mass(self, y: FloatArray, mean: FloatArray, aux: Aux) -> FloatArray | None:
        """Return P(Y = y), same shape, to ten digits or as NaN; None where it is as dear as what lies below."""
        return None

    @abstractmethod
    def over(self, y: FloatArray, mean: FloatArray, aux: Aux) -> FloatArray:
        """Return E[Y; Y > y], the part of the mean that counts over y (from 0 on) make, same shape."""

    def guess(self, mean: FloatArray, noise: FloatArray, aux: Aux) -> FloatArray:
        """Return about where the quantile lies: a Normal's, bent by skewness and tails (Cornish & Fisher 1938).

        Both are those of a negative binomial of this mean and variance, or of a Poisson. That is near enough that one
        look at the distribution function and the mass beside it find nearly every count.
        """
        from scipy.special import ndtri

        z = -np.sign(noise) * ndtri(expit(-np.minimum(np.abs(noise), FARTHEST)))
        some = np.maximum(mean, 1e-9)
        variance = np.maximum(self.variance(mean, aux), 1e-9)
        spread = np.sqrt(variance)
        skew = (2.0 * variance / some - 1.0) / spread
        tails = 6.0 * (variance - some) / some**2 + 1.0 / variance
        square = z * z
        bent = (square - 1.0) * skew / 6 + z * ((square - 3.0) * tails / 24 - (2.0 * square - 5.0) * skew**2 / 36)
        return np.asarray(np.ceil(mean + spread * (z + bent) - 0.5))

    @abstractmethod
    def variance(self, mean: FloatArray, aux: Aux) -> FloatArray:
        """Return the variance at a mean, same shape."""

    def noise(self, aux: Aux, shape: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
        """See :meth:`Family.noise`: the logit of a quantile."""
        return rng.logistic(size=shape)

    def respond(self, mean: FloatArray, noise: FloatArray, aux: Aux) -> FloatArray:
        """See :meth:`Family.respond`."""
        return self.quantile(mean, noise, aux)

    @abstractmethod
    def chances(self, mean: FloatArray, aux: Aux) -> Iterator[FloatArray]:
        """See :meth:`Family.chances`: each from the one before it."""

    def drawn(self, mean: FloatArray, noise: FloatArray, aux: Aux) -> FloatArray:
        """See :meth:`Family.drawn`: where counts are small, by going through them."""
        if not mean.size or not float(np.max(mean)) < SMALL_MEAN:
            return self.respond(mean, noise, aux)
        place = expit(noise)
        reached, found = np.zeros(place.shape), np.zeros(place.shape)
        for count, chance in enumerate(self.chances(mean, aux)):
            reached += chance
            more = reached < place
            found += more
            if count % 4 == 3 and not more.any():
                return found
            if count == MOST_TRIED:
                left = np.nonzero(more)
                some = {name: np.broadcast_to(values, place.shape)[left] for name, values in aux.items()}
                found[left] = self.quantile(np.broadcast_to(mean, place.shape)[left], noise[left], some)
                return found
        raise AssertionError

    def quantile(self, mean: FloatArray, place: FloatArray, aux: Aux) -> FloatArray:
        """Return the smallest count that reaches a quantile, given by its logit, by halving."""
        mean, place = np.broadcast_arrays(mean, place)
        known = np.isfinite(mean) & np.isfinite(place) & (mean < LARGEST_COUNT)
        mean, place = np.where(known, mean, 0.0), np.where(known, place, 0.0)
        share, lower = expit(-np.abs(place)), place < 0

        flat_mean, flat_share, flat_lower = mean.ravel(), share.ravel(), lower.ravel()
        beside = {name: np.broadcast_to(values, mean.shape).ravel() for name, values in aux.items()}

        def tails(y: FloatArray, at: NDArray[np.intp]) -> FloatArray:
            """Return what lies up to y, or above it: the tail in which it has its digits, and no other is computed."""
            found = np.empty(len(at))
            for tail in (True, False):
                own = flat_lower[at] == tail
                which = at[own]
                beside_own = {name: values[which] for name, values in beside.items()}
                found[own] = (self.below if tail else self.above)(y[own], flat_mean[which], beside_own)
            return found

        def reached(y: FloatArray, at: NDArray[np.intp], tail: FloatArray | None = None) -> BoolArray:
            tail = tails(y, at) if tail is None else tail
            return np.where(flat_lower[at], tail >= flat_share[at], tail <= flat_share[at])

        # From a guess outwards, and only for those that are not found yet: a distribution function is dear.
        found = np.clip(self.guess(mean, place, aux).ravel(), 0.0, LARGEST_COUNT)
        at, width = np.arange(found.size), 1.0
        first = tails(found, at)
        enough = reached(found, at, first)
        low, high = np.where(enough, -1.0, found), np.where(enough, found, LARGEST_COUNT)
        # One count down or up by what lies on it alone, where that leaves no doubt.
        mass = self.mass(np.where(enough, found, found + 1.0), flat_mean, beside)
        if mass is not None:
            beyond = first + np.where(enough == flat_lower, -mass, mass)
            sure = np.abs(beyond - flat_share) > UNSURE * np.maximum(first, mass)
            yes = reached(found, at, beyond)
            low = np.where(sure & ~yes, np.where(enough, found - 1.0, found + 1.0), low)
            high = np.where(sure & yes, np.where(enough, found - 1.0, found + 1.0), high)
        down, up = at[enough & (high > 0) & (high - low > 1)], at[~enough & (high - low > 1)]
        while down.size or up.size:
            tried = np.maximum(high[down] - width, 0.0)
            yes = reached(tried, down)
            high[down], low[down] = np.where(yes, tried, high[down]), np.where(yes, low[down], tried)
            down = down[yes & (tried > 0)]
            tried = np.minimum(low[up] + width, LARGEST_COUNT)
            yes = reached(tried, up)
            high[up], low[up] = np.where(yes, tried, high[up]), np.where(yes, low[up], tried)
            up = up[~yes & (tried < LARGEST_COUNT)]
            width *= 2.0
        apart = at[high - low > 1]
        while apart.size:
            middle = np.floor(0.5 * (low[apart] + high[apart]))
            yes = reached(middle, apart)
            high[apart], low[apart] = np.where(yes, middle, high[apart]), np.where(yes, low[apart], middle)
            apart = apart[high[apart] - low[apart] > 1]
        high = high.reshape(mean.shape)
        return np.where(known, high, np.nan)

    def noise_of(self, y: FloatArray, mean: FloatArray, aux: Aux, rng: np.random.Generator) -> FloatArray:
        """See :meth:`Family.noise_of`: a quantile between those of this count and of one less."""
        y, mean = np.broadcast_arrays(np.asarray(y, dtype=np.float64), mean)
        upto, above = self.up_to(y, mean, aux)
        below, from_here = self.up_to(np.maximum(y - 1.0, 0.0), mean, aux)
        below, from_here = np.where(y > 0, below, 0.0), np.where(y > 0, from_here, 1.0)
        share = INSIDE + (1.0 - 2.0 * INSIDE) * rng.random(y.shape)
        return place_of(below + share * (upto - below), above + (1.0 - share) * (from_here - above))
