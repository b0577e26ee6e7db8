"""Beta: a share strictly between 0 and 1 whose mean is expit(eta)."""

import numpy as np

from core.families.base import Draws, FloatArray
from core.families.linear import Auxiliary, LinearFamily
from core.families.meaning import ODDS_OF_SHARE
from core.families.special import digamma, expit, gammaln

__all__ = ["Beta"]

SMALLEST = np.finfo(np.float64).tiny
LARGEST = 1.0 - np.finfo(np.float64).epsneg


class Beta(LinearFamily):
    """``y ~ Beta(m * precision, (1 - m) * precision)`` with ``m = expit(eta)``."""

    name = "Beta"
    links = ("logit",)
    meanings = (ODDS_OF_SHARE,)
    kinds = ("proportion", "real", "positive")
    auxiliaries = (Auxiliary("precision", "precision"),)

    def log_density(self, y: FloatArray, eta: FloatArray, draws: Draws, link: str) -> FloatArray:
        """See :meth:`LinearFamily.log_density`."""
        precision = draws["precision"][:, None]
        a, b = _shapes(eta, precision)
        return gammaln(precision) - gammaln(a) - gammaln(b) + (a - 1) * np.log(y) + (b - 1) * np.log1p(-y)

    def score(
        self, y: FloatArray, eta: FloatArray, draws: Draws, link: str
    ) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """See :meth:`LinearFamily.score`."""
        precision = draws["precision"][:, None]
        a, b = _shapes(eta, precision)
        by_a, by_b = np.log(y) - digamma(a), np.log1p(-y) - digamma(b)
        by_eta = a * expit(-eta) * (by_a - by_b)
        return by_eta, (precision * digamma(precision) + a * by_a + b * by_b,)

    def expectation(self, eta: FloatArray, draws: Draws, link: str) -> FloatArray:
        """See :meth:`LinearFamily.expectation`."""
        return expit(eta)

    def draw(self, eta: FloatArray, draws: Draws, link: str, rng: np.random.Generator) -> FloatArray:
        """See :meth:`LinearFamily.draw`."""
        a, b = _shapes(eta, draws["precision"][:, None])
        known = np.isfinite(a) & np.isfinite(b)
        # Draws that round to 0 or 1 are put on the nearest number inside.
        drawn = np.clip(rng.beta(np.where(known, a, 1.0), np.where(known, b, 1.0)), SMALLEST, LARGEST)
        return np.where(known, drawn, np.nan)


def _shapes(eta: FloatArray, precision: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return both shapes, neither rounded to 0: expit(-eta) keeps what 1 - expit(eta) loses."""
    return np.maximum(expit(eta) * precision, SMALLEST), np.maximum(expit(-eta) * precision, SMALLEST)
