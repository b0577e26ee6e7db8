"""NegativeBinomial: a count that varies more than a Poisson of the same mean."""

import numpy as np

from core.families.base import Draws, FloatArray
from core.families.linear import Auxiliary, LinearFamily
from core.families.meaning import FACTOR_OF_MEAN
from core.families.poisson import draw_counts
from core.families.special import betaln, digamma, expit, log_expit

__all__ = ["NegativeBinomial"]


class NegativeBinomial(LinearFamily):
    """Mean ``m = exp(eta)`` and variance ``m + (overdispersion * m)^2``.

    ``overdispersion`` is 1 / sqrt(dispersion), with the dispersion ``alpha`` of PyMC and Stan
    (``phi``): 0 is the Poisson.
    """

    name = "NegativeBinomial"
    links = ("log",)
    meanings = (FACTOR_OF_MEAN,)
    kinds = ("count",)
    auxiliaries = (Auxiliary("overdispersion", "overdispersion"),)
    discrete = True

    def log_density(self, y: FloatArray, eta: FloatArray, draws: Draws, link: str) -> FloatArray:
        """See :meth:`LinearFamily.log_density`.

        With a = dispersion: log C(y + a - 1, y) - y log(1 + a / m) - a log(1 + m / a). The
        binomial coefficient is needed once a distinct count, not once a row.
        """
        log_a = _log_dispersion(draws)
        a = np.exp(log_a)
        counts, place = np.unique(y, return_inverse=True)
        some = np.maximum(counts, 1.0)
        coefficient = np.where(counts > 0, -betaln(a, some) - np.log(some), 0.0)
        excess = eta - log_a  # log(m / a)
        against = -log_expit(-excess)  # log(1 + m / a); log(1 + a / m) is that less the excess
        return coefficient[:, place] - y * (against - excess) - a * against

    def score(
        self, y: FloatArray, eta: FloatArray, draws: Draws, link: str
    ) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """See :meth:`LinearFamily.score`."""
        log_a = _log_dispersion(draws)
        a = np.exp(log_a)
        counts, place = np.unique(y, return_inverse=True)
        share = expit(eta - log_a)  # m / (m + a)
        by_eta = y - (y + a) * share
        # a times the derivative with respect to a; log_expit(log_a - eta) is -log(1 + m / a).
        by_log_a = a * (_digamma_step(a, counts)[:, place] + log_expit(log_a - eta)) + a * share - y * (1.0 - share)
        return by_eta, (-2.0 * by_log_a,)

    def expectation(self, eta: FloatArray, draws: Draws, link: str) -> FloatArray:
        """See :meth:`LinearFamily.expectation`."""
        return np.exp(eta)

    def draw(self, eta: FloatArray, draws: Draws, link: str, rng: np.random.Generator) -> FloatArray:
        """See :meth:`LinearFamily.draw`: a Poisson whose mean is a Gamma."""
        a = np.broadcast_to(draws["overdispersion"][:, None] ** -2.0, eta.shape)
        known = np.isfinite(a)
        unit = np.where(known, rng.standard_gamma(np.where(known, a, 1.0)) / np.where(known, a, 1.0), 1.0)
        return draw_counts(unit * np.exp(eta), rng)


def _log_dispersion(draws: Draws) -> FloatArray:
    """Return log a, ready to broadcast, inside the range in which a and 1 / a are numbers."""
    return np.clip(-2.0 * np.log(draws["overdispersion"]), -690.0, 690.0)[:, None]


def _digamma_step(a: FloatArray, y: FloatArray) -> FloatArray:
    """Return digamma(a + y) - digamma(a), by the asymptotic series where the plain difference loses its digits."""
    series = np.log1p(y / a) - 0.5 * (1 / (a + y) - 1 / a) - (1 / (a + y) ** 2 - 1 / a**2) / 12
    return np.where(a > 1e4, series, digamma(a + y) - digamma(a))
