"""OrderedLogit: one of K ordered levels, by where a linear predictor falls between cut points.

``P(y <= k) = expit(cutpoints[k] - eta)`` with ``eta = X @ slopes`` (the proportional odds
model, McCullagh 1980). There is no intercept: the cut points take its place. A positive
slope makes higher levels likelier; it is the change of the log-odds of being above any one
cut point.

The cut points' prior is independent Normal(mu, sigma) restricted to increasing order, so
its density is (K - 1)! times the product of theirs, and sorted independent draws follow it.
The unconstrained space holds the cut point in the middle and the logarithms of the gaps, which
go on from it to both sides: of an outermost level that few rows have, the cut point is hardly known, and as
the first one it would drag all others with it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from core.families.base import Draws, Family, FloatArray, Priors
from core.families.distributions import LOG_2PI
from core.families.meaning import ODDS_HIGHER
from core.families.namespace import Array, Namespace
from core.families.parameter import SLOPES, Parameter, prior_of
from core.families.special import expit, log_expit

if TYPE_CHECKING:
    from core.data.constants import ColumnConstants
    from core.families.sampled import Free, Numbers

__all__ = ["OrderedLogit", "middle_of"]

LONGEST = 300.0  # the logarithm of the widest gap: beyond it squares overflow
SMALLEST = np.finfo(np.float64).tiny


def middle_of(cuts: Any) -> Any:
    """Return the place of the cut point, among so many (a number, or one of PyTensor's), from which the gaps go on."""
    return cuts // 2


class OrderedLogit(Family):
    """``cutpoints`` (K - 1,), increasing, and ``slopes`` (p,)."""

    name = "OrderedLogit"
    links = ("cumulative",)
    meanings = (ODDS_HIGHER,)
    kinds = ("ordered",)
    discrete = True
    column = "ordered category"
    says = "P(y <= k) = expit(cutpoints[k] - eta), no intercept; the cut points increase"
    words = "steps in an order, as in a rating; causes push towards the higher or the lower ones"
    offered = MappingProxyType({"ordered": 1})
    assumed_kind = "ordered"
    residual = "order"

    declared = (
        Parameter("cutpoints", prior_of("OrderedNormal", mu=0.0, sigma=2.5), shape=("cuts",), least=-math.inf),
        SLOPES,
    )

    def predictor(self, draws: Draws, x: FloatArray) -> FloatArray:
        """Return the linear predictor, shape (S, N)."""
        return draws["slopes"] @ x.T if x.ndim == 2 else np.einsum("snp,sp->sn", x, draws["slopes"])

    def log_likelihood(self, draws: Draws, y: FloatArray, x: FloatArray, link: str) -> FloatArray:
        """See :meth:`Family.log_likelihood`.

        Between the cut points a < b, expit(b) - expit(a) is expit(b) expit(-a) (1 - exp(a - b)):
        no difference of nearly equal numbers, however far out the row lies.
        """
        cuts, eta = draws["cutpoints"], self.predictor(draws, x)
        last, gaps = cuts.shape[1], _log_gaps(cuts)
        found = np.zeros_like(eta)
        for level in range(last + 1):
            rows = y == level
            if level < last:
                found[:, rows] += log_expit(cuts[:, level, None] - eta[:, rows])
            if level > 0:
                found[:, rows] += log_expit(eta[:, rows] - cuts[:, level - 1, None])
            if 0 < level < last:
                found[:, rows] += gaps[:, level - 1, None]
        return found

    def log_likelihood_gradient(
        self, theta: FloatArray, y: FloatArray, x: FloatArray, weights: FloatArray, link: str, k: int
    ) -> tuple[FloatArray, FloatArray]:
        """See :meth:`Family.log_likelihood_gradient`."""
        draws = self.constrain(theta, x.shape[1], k)
        cuts, eta = draws["cutpoints"], self.predictor(draws, x)
        by_cut, by_eta = np.zeros_like(cuts), np.zeros_like(eta)
        log_gaps = theta[:, 1 : k - 1]
        by_log_gap = np.zeros_like(log_gaps)
        for level in range(k):
            rows = y == level
            times = weights[rows]
            if level < k - 1:
                above = expit(eta[:, rows] - cuts[:, level, None])
                by_eta[:, rows] -= above
                by_cut[:, level] += above @ times
            if level > 0:
                below = expit(cuts[:, level - 1, None] - eta[:, rows])
                by_eta[:, rows] += below
                by_cut[:, level - 1] -= below @ times
            if 0 < level < k - 1:
                by_log_gap[:, level - 1] = _gap_slope(log_gaps[:, level - 1]) * times.sum()
        value = self.log_likelihood(draws, y, x, link) @ weights
        gradient = np.concatenate([_to_coordinates(by_cut, log_gaps), (by_eta * weights) @ x], axis=1)
        gradient[:, 1 : k - 1] += by_log_gap
        return value, gradient

    def mean(self, draws: Draws, x: FloatArray, link: str) -> FloatArray:
        """See :meth:`Family.mean`: the probabilities, shape (S, N, K)."""
        cuts, eta = draws["cutpoints"], self.predictor(draws, x)
        last, gaps = cuts.shape[1], np.exp(_log_gaps(cuts))
        found = np.ones((*eta.shape, last + 1))
        for level in range(last + 1):
            if level < last:
                found[..., level] *= expit(cuts[:, level, None] - eta)
            if level > 0:
                found[..., level] *= expit(eta - cuts[:, level - 1, None])
            if 0 < level < last:
                found[..., level] *= gaps[:, level - 1, None]
        return found

    def sample(self, draws: Draws, x: FloatArray, link: str, rng: np.random.Generator) -> FloatArray:
        """See :meth:`Family.sample`: how many cut points a uniform draw lies above."""
        cuts, eta = draws["cutpoints"], self.predictor(draws, x)
        u, found = rng.random(eta.shape), np.zeros_like(eta)
        for level in range(cuts.shape[1]):
            found += u >= expit(cuts[:, level, None] - eta)
        return np.where(np.isnan(eta), np.nan, found)

    def chosen(self, constants: ColumnConstants, all_discrete: bool) -> str:
        """See :meth:`Family.chosen`."""
        levels = constants.levels
        order = " < ".join(levels if len(levels) <= 5 else (*levels[:2], "…", levels[-1]))
        return f"ordered categories: {order}" if constants.kind == "ordered" else ""

    # -- priors ---------------------------------------------------------------------

    def dimension(self, p: int, k: int) -> int:
        """See :meth:`Family.dimension`."""
        return k - 1 + p

    def first_slope(self, k: int) -> int:
        """See :meth:`Family.first_slope`: after the cut points."""
        return k - 1

    def constrain(self, theta: FloatArray, p: int, k: int) -> Draws:
        """See :meth:`Family.constrain`."""
        gaps, middle = np.exp(np.minimum(theta[:, 1 : k - 1], LONGEST)), middle_of(k - 1)
        anchor = theta[:, :1]
        below = anchor - np.cumsum(gaps[:, :middle][:, ::-1], axis=1)[:, ::-1]
        above = anchor + np.cumsum(gaps[:, middle:], axis=1)
        return {"cutpoints": np.concatenate([below, anchor, above], axis=1), "slopes": theta[:, k - 1 :]}

    def unconstrain(self, draws: Draws) -> FloatArray:
        """See :meth:`Family.unconstrain`."""
        cuts = draws["cutpoints"]
        gaps = np.maximum(np.diff(cuts, axis=1), SMALLEST)
        middle = middle_of(cuts.shape[1])
        return np.concatenate([cuts[:, middle : middle + 1], np.log(gaps), draws["slopes"]], axis=1)

    def log_prior(self, theta: FloatArray, priors: Priors, p: int, k: int) -> FloatArray:
        """See :meth:`Family.log_prior`."""
        centre, sd = _numbers(priors, p, k)
        distance = (_in_order(self.constrain(theta, p, k)) - centre) / sd
        normal = -0.5 * (distance**2 + LOG_2PI) - np.log(sd)
        return math.lgamma(k) + normal.sum(axis=1) + theta[:, 1 : k - 1].sum(axis=1)

    def log_prior_gradient(self, theta: FloatArray, priors: Priors, p: int, k: int) -> FloatArray:
        """See :meth:`Family.log_prior_gradient`."""
        centre, sd = _numbers(priors, p, k)
        slope = (centre - _in_order(self.constrain(theta, p, k))) / sd**2
        by_cut = _to_coordinates(slope[:, : k - 1], theta[:, 1 : k - 1])
        by_cut[:, 1:] += 1.0
        return np.concatenate([by_cut, slope[:, k - 1 :]], axis=1)

    def sample_prior(self, priors: Priors, p: int, k: int, draws: int, rng: np.random.Generator) -> Draws:
        """See :meth:`Family.sample_prior`."""
        centre, sd = _numbers(priors, p, k)
        free = centre + sd * rng.standard_normal((draws, k - 1 + p))
        return {"cutpoints": np.sort(free[:, : k - 1], axis=1), "slopes": free[:, k - 1 :]}

    # -- for PyMC ---------------------------------------------------------------------

    def sampled(self, xp: Namespace, free: Free, numbers: Numbers, p: int, k: int) -> Mapping[str, Array]:
        """See :meth:`Family.sampled`."""
        of_cuts = numbers.others["cutpoints"]
        z = free.variable("z_cutpoints", "Normal", (k - 1,), transform="increasing", mu=0.0, sigma=1.0)
        # Independent priors under an increasing transform have (K - 1)! times too little mass.
        free.term("of_order", math.lgamma(k))
        cuts = of_cuts["mu"] + of_cuts["sigma"] * z
        if not p:
            return {"cutpoints": cuts, "slopes": cuts[..., :0]}
        return {"cutpoints": cuts, "slopes": numbers.coefficients(xp, free, p)}

    def free_values(self, draws: Draws, numbers: Numbers) -> Draws:
        """See :meth:`Family.free_values`."""
        of_cuts = numbers.others["cutpoints"]
        found = {"z_cutpoints": (draws["cutpoints"] - of_cuts["mu"]) / of_cuts["sigma"]}
        p = draws["slopes"].shape[1]
        return found | (numbers.free_coefficients(draws["slopes"]) if p else {})

    def row_density(
        self, xp: Namespace, y: Array, x: Array | None, at: Mapping[str, Array], link: str, k: int
    ) -> Array:
        """See :meth:`Family.row_density`; as :meth:`log_likelihood`, every branch a number where it is not chosen."""
        cuts, eta, last = at["cutpoints"], 0.0 if x is None else x @ at["slopes"], k - 1
        below = xp.log_expit(cuts[xp.minimum(y, last - 1)] - eta)
        above = xp.log_expit(eta - cuts[xp.maximum(y - 1, 0)])
        logs = xp.where(y < last, below, 0.0) + xp.where(y > 0, above, 0.0)
        if last == 1:
            return logs
        gaps = xp.log(-xp.expm1(cuts[:-1] - cuts[1:]))
        between = gaps[xp.minimum(xp.maximum(y - 1, 0), last - 2)]
        return logs + xp.where((y > 0) & (y < last), between, 0.0)

    def pymc(self, xp: Namespace, eta: Array, aux: Mapping[str, Array], link: str) -> tuple[str, dict[str, Array]]:
        """See :meth:`Family.pymc`; the probabilities are products, as in :meth:`log_likelihood`."""
        cuts, edge = aux["cutpoints"], xp.ones_like(eta[:, None])
        below = xp.concatenate([xp.expit(cuts - eta[:, None]), edge])
        above = xp.concatenate([edge, xp.expit(eta[:, None] - cuts)])
        gaps = xp.concatenate([[1.0], -xp.expm1(cuts[:-1] - cuts[1:]), [1.0]])
        return "Categorical", {"p": below * above * gaps}


def _in_order(draws: Draws) -> FloatArray:
    return np.concatenate([draws["cutpoints"], draws["slopes"]], axis=1)


def _numbers(priors: Priors, p: int, k: int) -> tuple[FloatArray, FloatArray]:
    """Return mu and sigma of every cut point and slope, each of shape (K - 1 + p,)."""
    each = [priors["cutpoints"]] * (k - 1) + [priors[f"slopes[{j}]"] for j in range(p)]
    return np.array([prior["mu"] for prior in each]), np.array([prior["sigma"] for prior in each])


def _log_gaps(cuts: FloatArray) -> FloatArray:
    """Return log(1 - exp(-gap)) of neighbouring cut points, shape (S, K - 2)."""
    with np.errstate(divide="ignore"):
        return np.log(-np.expm1(-np.diff(cuts, axis=1)))


def _gap_slope(log_gap: FloatArray) -> FloatArray:
    """Return the derivative of log(1 - exp(-gap)) by the gap's logarithm: gap / (exp(gap) - 1)."""
    gap = np.exp(np.minimum(log_gap, LONGEST))
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        return np.where(gap < 1e-8, 1.0 - 0.5 * gap, gap / np.expm1(gap))


def _to_coordinates(by_cut: FloatArray, log_gaps: FloatArray) -> FloatArray:
    """Turn derivatives by the cut points into those by the middle one and the logarithms of the gaps."""
    middle = middle_of(by_cut.shape[1])
    # A gap moves every cut point that lies beyond it, as seen from the middle one.
    below = -np.cumsum(by_cut[:, :middle], axis=1)
    above = np.cumsum(by_cut[:, :middle:-1], axis=1)[:, ::-1]
    moved = np.concatenate([below, above], axis=1) * np.exp(np.minimum(log_gaps, LONGEST))
    return np.concatenate([by_cut.sum(axis=1, keepdims=True), moved], axis=1)
