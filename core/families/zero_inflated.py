"""Zero-inflated counts: with probability ``zero_share`` nothing can happen, else a count is drawn.

``eta`` is the linear predictor of the count that is drawn where something can happen: its
mean is ``exp(eta)``, and the mean of all rows is ``(1 - zero_share) * exp(eta)``. A slope is
the change of the logarithm of either.
"""

from typing import ClassVar

import numpy as np

from core.families.base import Draws, FloatArray
from core.families.linear import Auxiliary, LinearFamily
from core.families.meaning import FACTOR_OF_MEAN
from core.families.negative_binomial import NegativeBinomial
from core.families.poisson import Poisson

__all__ = ["ZeroInflatedNegativeBinomial", "ZeroInflatedPoisson"]


class _ZeroInflated(LinearFamily):
    """What both share; ``counts`` is the family of a count where something can happen."""

    links = ("log",)
    meanings = (FACTOR_OF_MEAN,)
    kinds = ("count",)
    discrete = True
    counts: ClassVar[LinearFamily]

    def log_density(self, y: FloatArray, eta: FloatArray, draws: Draws, link: str) -> FloatArray:
        """See :meth:`LinearFamily.log_density`."""
        share = draws["zero_share"][:, None]
        found = np.log1p(-share) + self.counts.log_density(y, eta, draws, link)
        zero = y == 0
        found[:, zero] = np.logaddexp(found[:, zero], np.log(share))
        return found

    def score(
        self, y: FloatArray, eta: FloatArray, draws: Draws, link: str
    ) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """See :meth:`LinearFamily.score`.

        By the derivative of a mixture: the count's own score times the probability that the
        row is a count, and, for the logit of ``zero_share``, the probability that it is not
        less ``zero_share``.
        """
        share = draws["zero_share"][:, None]
        by_eta, others = self.counts.score(y, eta, draws, link)
        odds = np.log1p(-share) - np.log(share) + self.counts.log_density(np.zeros(1), eta, draws, link)
        is_count = np.where(y == 0, 0.5 * (1.0 + np.tanh(0.5 * odds)), 1.0)
        # Where the row cannot be a count, the count's score may have overflowed.
        counted = [np.where(is_count > 0, is_count * slope, 0.0) for slope in (by_eta, *others)]
        return counted[0], (*counted[1:], 1.0 - is_count - share)

    def expectation(self, eta: FloatArray, draws: Draws, link: str) -> FloatArray:
        """See :meth:`LinearFamily.expectation`."""
        return (1.0 - draws["zero_share"][:, None]) * np.exp(eta)

    def draw(self, eta: FloatArray, draws: Draws, link: str, rng: np.random.Generator) -> FloatArray:
        """See :meth:`LinearFamily.draw`."""
        nothing = rng.random(eta.shape) < draws["zero_share"][:, None]
        return np.where(nothing & ~np.isnan(eta), 0.0, self.counts.draw(eta, draws, link, rng))


class ZeroInflatedPoisson(_ZeroInflated):
    """``P(y = 0) = zero_share + (1 - zero_share) exp(-m)``, ``m = exp(eta)``; else a Poisson."""

    name = "ZeroInflatedPoisson"
    counts = Poisson()
    auxiliaries = (Auxiliary("zero_share", "zero_share", support="unit"),)


class ZeroInflatedNegativeBinomial(_ZeroInflated):
    """The same with a NegativeBinomial of mean ``exp(eta)`` and its ``overdispersion``."""

    name = "ZeroInflatedNegativeBinomial"
    counts = NegativeBinomial()
    auxiliaries = (
        Auxiliary("overdispersion", "overdispersion"),
        Auxiliary("zero_share", "zero_share", support="unit"),
    )
