"""Categorical: one of K levels by softmax, with effects that add up to zero over the levels.

Zero-sum effects favour no level: there is no reference level to choose. Their prior,
Normal(0, s) restricted to zero sums, is Normal(0, s) on the coordinates in any
orthonormal zero-sum basis (``core.contrasts``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from core.contrasts import zero_sum_basis
from core.families.base import Draws, Family, FloatArray, Priors
from core.families.distributions import LOG_2PI
from core.families.meaning import ODDS_AGAINST
from core.families.namespace import Array, Namespace
from core.families.parameter import Parameter, prior_of

if TYPE_CHECKING:
    from core.data.constants import ColumnConstants
    from core.families.sampled import Free, Numbers

__all__ = ["Categorical"]


class Categorical(Family):
    """``P(y = k) = softmax(eta)_k``; ``intercept`` (K,) and ``slopes`` (p, K) sum to zero over k."""

    name = "Categorical"
    links = ("softmax",)
    meanings = (ODDS_AGAINST,)
    kinds = ("category", "ordered", "binary")
    discrete = True
    column = "category"
    says = "P(y = k) in proportion to exp(eta_k), effects zero-sum over levels"
    words = "one of several kinds without an order; causes shift the odds of each"
    offered = MappingProxyType({"category": 1, "ordered": 2})
    assumed_kind = "category"
    residual = "levels"
    form = "lines"

    declared = (
        Parameter("intercept", prior_of("ZeroSumNormal", sigma=1.5), shape=("levels",), least=-math.inf),
        Parameter("slopes", prior_of("ZeroSumNormal", sigma=1.0), shape=("columns", "levels"), least=-math.inf),
    )

    def predictor(self, draws: Draws, x: FloatArray, level: int) -> FloatArray:
        """Return the linear predictor of one level, shape (S, N)."""
        intercept, slopes = draws["intercept"][:, level], draws["slopes"][:, :, level]
        if x.ndim == 2:
            return intercept[:, None] + slopes @ x.T
        return intercept[:, None] + np.einsum("snp,sp->sn", x, slopes)

    def log_likelihood(self, draws: Draws, y: FloatArray, x: FloatArray, link: str) -> FloatArray:
        """See :meth:`Family.log_likelihood`; level by level, so that (S, N, K) is never in memory."""
        top = chosen = self.predictor(draws, x, 0)
        total = np.ones_like(top)  # of exp(eta - top); a third of the time of logaddexp
        for level in range(1, draws["intercept"].shape[1]):
            eta = self.predictor(draws, x, level)
            higher = np.maximum(top, eta)
            total = total * np.exp(top - higher) + np.exp(eta - higher)
            top = higher
            chosen = np.where(y == level, eta, chosen)
        return chosen - top - np.log(total)

    def log_likelihood_gradient(
        self, theta: FloatArray, y: FloatArray, x: FloatArray, weights: FloatArray, link: str, k: int
    ) -> tuple[FloatArray, FloatArray]:
        """See :meth:`Family.log_likelihood_gradient`; level by level, as the log likelihood."""
        p = x.shape[1]
        draws = self.constrain(theta, p, k)
        etas = [self.predictor(draws, x, level) for level in range(k)]
        total = etas[0]
        for eta in etas[1:]:
            total = np.logaddexp(total, eta)
        value = np.zeros(len(theta))
        effects = np.empty((len(theta), 1 + p, k))
        for level, eta in enumerate(etas):
            chosen = weights * (y == level)
            value += (eta - total) @ chosen
            by_eta = chosen - weights * np.exp(eta - total)
            effects[:, 0, level] = by_eta.sum(axis=1)
            effects[:, 1:, level] = by_eta @ x
        return value, (effects @ zero_sum_basis(k)).reshape(len(theta), -1)

    def mean(self, draws: Draws, x: FloatArray, link: str) -> FloatArray:
        """See :meth:`Family.mean`: the probabilities, shape (S, N, K)."""
        eta = np.stack([self.predictor(draws, x, level) for level in range(draws["intercept"].shape[1])], axis=-1)
        share = np.exp(eta - eta.max(axis=-1, keepdims=True))
        return share / share.sum(axis=-1, keepdims=True)

    def sample(self, draws: Draws, x: FloatArray, link: str, rng: np.random.Generator) -> FloatArray:
        """See :meth:`Family.sample`."""
        return draw_levels(self.mean(draws, x, link), rng)

    def chosen(self, constants: ColumnConstants, all_discrete: bool) -> str:
        """See :meth:`Family.chosen`."""
        beside = constants.kind == "category" and not all_discrete
        return "a category, beside columns that are numbers" if beside else ""

    # -- priors ---------------------------------------------------------------------

    def dimension(self, p: int, k: int) -> int:
        """See :meth:`Family.dimension`."""
        return (1 + p) * (k - 1)

    def constrain(self, theta: FloatArray, p: int, k: int) -> Draws:
        """See :meth:`Family.constrain`."""
        effects = theta.reshape(len(theta), 1 + p, k - 1) @ zero_sum_basis(k).T
        return {"intercept": effects[:, 0], "slopes": effects[:, 1:]}

    def unconstrain(self, draws: Draws) -> FloatArray:
        """See :meth:`Family.unconstrain`."""
        effects = np.concatenate([draws["intercept"][:, None], draws["slopes"]], axis=1)
        return (effects @ zero_sum_basis(effects.shape[-1])).reshape(len(effects), -1)

    def log_prior(self, theta: FloatArray, priors: Priors, p: int, k: int) -> FloatArray:
        """See :meth:`Family.log_prior`."""
        sd = np.repeat(_sds(priors, p), k - 1)
        return np.sum(-0.5 * (theta / sd) ** 2 - np.log(sd) - 0.5 * LOG_2PI, axis=1)

    def log_prior_gradient(self, theta: FloatArray, priors: Priors, p: int, k: int) -> FloatArray:
        """See :meth:`Family.log_prior_gradient`."""
        return -theta / np.repeat(_sds(priors, p), k - 1) ** 2

    def sample_prior(self, priors: Priors, p: int, k: int, draws: int, rng: np.random.Generator) -> Draws:
        """See :meth:`Family.sample_prior`."""
        sd = np.repeat(_sds(priors, p), k - 1)
        return self.constrain(sd * rng.standard_normal((draws, len(sd))), p, k)

    # -- for PyMC ---------------------------------------------------------------------

    def sampled(self, xp: Namespace, free: Free, numbers: Numbers, p: int, k: int) -> Mapping[str, Array]:
        """See :meth:`Family.sampled`: coordinates in the zero-sum basis, of unit spread."""
        z = free.variable("z", "Normal", (1 + p, k - 1), mu=0.0, sigma=1.0)
        effects = (numbers.sigma[:, None] * z) @ zero_sum_basis(k).T
        return {"intercept": effects[..., 0, :], "slopes": effects[..., 1:, :]}

    def free_values(self, draws: Draws, numbers: Numbers) -> Draws:
        """See :meth:`Family.free_values`."""
        effects = np.concatenate([draws["intercept"][:, None], draws["slopes"]], axis=1)
        return {"z": effects @ zero_sum_basis(effects.shape[-1]) / numbers.sigma[:, None]}

    def row_density(
        self, xp: Namespace, y: Array, x: Array | None, at: Mapping[str, Array], link: str, k: int
    ) -> Array:
        """See :meth:`Family.row_density`."""
        eta = at["intercept"] if x is None else at["intercept"] + x @ at["slopes"]
        return xp.pick(xp.log_softmax(eta), y)

    def pymc(self, xp: Namespace, eta: Array, aux: Mapping[str, Array], link: str) -> tuple[str, dict[str, Array]]:
        """See :meth:`Family.pymc`; ``eta`` has shape (N, K)."""
        return "Categorical", {"logit_p": eta}


def _sds(priors: Priors, p: int) -> FloatArray:
    return np.array([priors["intercept"]["sigma"], *(priors[f"slopes[{j}]"]["sigma"] for j in range(p))])


def draw_levels(probabilities: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Draw codes 0 … K-1 from probabilities (…, K); NaN where these are not numbers."""
    reached = np.cumsum(probabilities, axis=-1)
    # The last sum can round below 1; a uniform draw above it still belongs to the last level.
    codes = (rng.random(reached.shape[:-1])[..., None] >= reached[..., :-1]).sum(axis=-1)
    return np.where(np.isnan(reached[..., -1]), np.nan, codes.astype(np.float64))
