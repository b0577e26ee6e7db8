"""A split t around the mode, and a posterior as weighted draws of it.

A multivariate t whose scale differs to the two sides of the mode along each axis (the split
t of Geweke 1989): a posterior of a shape, a precision or degrees of freedom leans to one
side even with thousands of rows, and the split halves the Pareto k there. Seven degrees of
freedom: heavy enough that a posterior with normal or exponential tails cannot outgrow the
proposal, and nine tenths of the draws stay effective where the posterior is normal. Draws
are independent, so that the errors computed from them hold.

A posterior that is bent, or of few rows, is none of these. It gets many small ones around
draws of it that were weighed before, and the prior among them, which no posterior can outgrow
by more than its likelihood (:func:`around`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import lgamma, log, pi

import numpy as np
from numpy.typing import NDArray

from core.families.base import FloatArray
from core.fit.gates import EFFECTIVE_MIN, PROPOSAL_K_MAX
from core.fit.laplace import Mode
from core.fit.psis import pareto_smooth
from core.fit.target import Target
from core.model.coordinates import prior_draws

__all__ = [
    "DEGREES",
    "FromPrior",
    "Mixture",
    "Proposal",
    "Weighted",
    "around",
    "moved",
    "propose",
    "resample",
    "split_at",
    "weigh",
    "weighted",
    "weighted_posterior",
]

DEGREES = 7.0
_KEPT_CELLS = 16_000_000  # draws x rows whose log density is kept between two passes: 128 MB
_STEPS = np.array([1.0, 2.0, 3.0, 4.0, 5.0])  # standard deviations at which a side's scale is read
_NARROWEST, _WIDEST = 0.4, 5.0
_LEAST_SHARE = 0.25  # of a mode's proposal, in units of the heaviest's
_CENTRES = 100  # of small proposals around draws of the posterior
_OVERLAP = 1.25  # times the scale at which these together have the posterior's own spread
_PRIOR_SHARE = 0.2
_MOST_AROUND = 20  # parameters: with more, small proposals are as wide as the posterior
_LEAST_KNOWN = 50.0  # effective draws below which nothing is known to put proposals around
_AROUND_ROUNDS = 2
_WISHED_K = 0.4  # a k just under the limit can hide a quarter of a standard deviation: worth another proposal
_LONGER = 4  # times as many proposals where they are good but too few of them effective


@dataclass(frozen=True, eq=False)
class Proposal:
    """A split t with :data:`DEGREES` degrees of freedom.

    Parameters
    ----------
    centre : array, shape (D,)
    root : array, shape (D, D)
        Lower triangular; its columns are the axes.
    sides : array, shape (D, 2)
        What multiplies the scale above and below the centre along each axis.
    """

    centre: FloatArray
    root: FloatArray
    sides: FloatArray

    def draw(self, count: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """Return independent draws, shape (count, D), and the log density of each, (count,).

        A draw falls to each side with a probability in proportion to that side's scale, which
        makes the density continuous: that of the t with the coordinates divided by their
        side's scale, times the product of 2 / (one side + the other).
        """
        d = len(self.centre)
        size = np.abs(rng.standard_normal((count, d)))
        size /= np.sqrt(rng.chisquare(DEGREES, count) / DEGREES)[:, None]
        above, below = self.sides.T
        at = size * np.where(rng.random((count, d)) < above / (above + below), above, -below)
        return self.centre + at @ self.root.T, self._log_density(size)

    def log_density(self, theta: FloatArray) -> FloatArray:
        """Return the log density at some points, shape (S, D)."""
        at = np.linalg.solve(self.root, (theta - self.centre).T).T
        return self._log_density(at / np.where(at > 0, self.sides[:, 0], self.sides[:, 1]))

    def _log_density(self, size: FloatArray) -> FloatArray:
        d = len(self.centre)
        constant = lgamma(0.5 * (DEGREES + d)) - lgamma(0.5 * DEGREES) - 0.5 * d * log(DEGREES * pi)
        constant += float(np.log(2.0 / self.sides.sum(axis=1)).sum() - np.log(np.diag(self.root)).sum())
        return constant - 0.5 * (DEGREES + d) * np.log1p((size**2).sum(axis=1) / DEGREES)


@dataclass(frozen=True, eq=False)
class FromPrior:
    """The prior of a target as a proposal: weights against it are bounded wherever the likelihood is."""

    target: Target

    def draw(self, count: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """Return independent draws, shape (count, D), and the log density of each, (count,)."""
        with np.errstate(over="ignore", under="ignore", divide="ignore"):
            theta = self.target.unconstrain(prior_draws(self.target.model, count, rng))
        return theta, self.log_density(theta)

    def log_density(self, theta: FloatArray) -> FloatArray:
        """Return the log density at some points, shape (S, D)."""
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            return self.target.log_prior(theta)


@dataclass(frozen=True, eq=False)
class Mixture:
    """Several proposals, each drawn from as often as its share says."""

    parts: tuple[Proposal | FromPrior, ...]
    shares: FloatArray

    def draw(self, count: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """Return draws, shape (count, D), in random order, and the log density of the mixture at each, (count,).

        How many come from each part is fixed beforehand; weighed by the density of the
        whole that is unbiased, and no less exact than independent draws.
        """
        ends = np.round(np.cumsum(self.shares) * count).astype(int)
        counts = np.diff(ends, prepend=0)
        theta = np.concatenate([part.draw(n, rng)[0] for part, n in zip(self.parts, counts, strict=True)])
        theta = theta[rng.permutation(count)]
        logs = np.stack([part.log_density(theta) for part in self.parts])
        top = logs.max(axis=0)
        return theta, top + np.log((counts / count) @ np.exp(logs - top))


def propose(target: Target, modes: Sequence[Mode]) -> Proposal | Mixture:
    """Return the proposal at one mode, or a mixture over several: by their mass, and none seldom."""
    parts = tuple(split_at(target, mode) for mode in modes)
    if len(parts) == 1:
        return parts[0]
    mass = np.array([mode.log_mass for mode in modes])
    shares = np.maximum(np.exp(mass - mass.max()), _LEAST_SHARE)
    return Mixture(parts, shares / shares.sum())


def split_at(target: Target, mode: Mode) -> Proposal:
    """Return the proposal at a mode.

    Along each axis and to each side the log posterior is read at one to five standard
    deviations; the side's scale is the largest that a normal would need to be as high there.
    """
    d = len(mode.theta)
    shifts = np.array([1.0, -1.0])[:, None] * _STEPS
    points = mode.theta + (shifts.ravel()[None, :, None] * mode.root.T[:, None, :]).reshape(-1, d)
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        drop = (mode.value - target(points)).reshape(d, 2, len(_STEPS))
        drop = np.where(np.isfinite(drop), np.maximum(drop, 1e-3), np.inf)
        sides = (_STEPS / np.sqrt(2.0 * drop)).max(axis=2)
    return Proposal(mode.theta, mode.root, np.clip(sides, _NARROWEST, _WIDEST))


@dataclass(frozen=True, eq=False)
class Weighted:
    """A posterior as weighted draws.

    Parameters
    ----------
    theta : array, shape (M, D)
    log_weights : array, shape (M,)
        Unnormalised log posterior minus log proposal density; -inf where the posterior is 0.
    smooth : array, shape (M,)
        Normalised weights, the largest smoothed (Vehtari et al. 2024).
    k : float
        Pareto k of the weights.
    effective : float
        1 over the sum of the squares of ``smooth`` (Kong 1992): how many independent draws
        of the posterior say as much about a mean.
    log_evidence, log_evidence_se : float
        Log of the mean unsmoothed weight, unbiased on the natural scale, and its standard
        error by the delta method.
    chunks : tuple of array of shape (M, rows), or None
        The rows' log densities under each draw, chunk by chunk (:meth:`Target.chunks`), if
        they were few enough to keep.
    """

    theta: FloatArray
    log_weights: FloatArray
    smooth: FloatArray
    k: float
    effective: float
    log_evidence: float
    log_evidence_se: float
    chunks: tuple[FloatArray, ...] | None = None

    def mean(self) -> FloatArray:
        """Return the posterior mean, shape (D,)."""
        return self.smooth @ self.theta

    def covariance(self) -> FloatArray:
        """Return the posterior covariance, shape (D, D)."""
        centred = self.theta - self.mean()
        return (self.smooth[:, None] * centred).T @ centred


def weigh(
    target: Target, proposal: Proposal | Mixture, count: int, rng: np.random.Generator, *, keep: bool = False
) -> Weighted:
    """Draw from a proposal and weigh the draws by the posterior.

    ``keep``: the rows' log densities are wanted afterwards, and kept if they fit in memory.
    """
    theta, log_proposal = proposal.draw(count, rng)
    draws = target.constrain(theta)
    chunks: tuple[FloatArray, ...] | None = None
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        if keep and count * len(target.y) <= _KEPT_CELLS:
            chunks = tuple(target.over_rows(count, lambda rows: target.log_likelihood(draws, rows)))
            pieces = zip(chunks, target.chunks(count), strict=True)
            total = target.log_prior(theta) + sum((logs @ target.weights[rows] for logs, rows in pieces), 0.0)
        else:
            total = target(theta)
    return weighted(theta, total - log_proposal, chunks)


def weighted(theta: FloatArray, log_weights: FloatArray, chunks: tuple[FloatArray, ...] | None = None) -> Weighted:
    """Judge draws by their log weights, shape (M,)."""
    log_weights = np.where(np.isfinite(log_weights), log_weights, -np.inf)
    top = float(log_weights.max())
    if top == -np.inf:
        nothing = np.full(len(theta), 1.0 / len(theta))
        return Weighted(theta, log_weights, nothing, np.inf, 0.0, -np.inf, np.inf, chunks)
    logs, k = pareto_smooth(log_weights)
    smooth = np.exp(logs)
    raw = np.exp(log_weights - top)
    mean = float(raw.mean())
    se = float(raw.std()) / mean / np.sqrt(len(raw))
    return Weighted(theta, log_weights, smooth, k, 1.0 / float(smooth @ smooth), top + log(mean), se, chunks)


def moved(found: Weighted, centre: FloatArray) -> Proposal | None:
    """Return the proposal with the moments of weighted draws around a centre; None if they lie in a plane.

    Moment matching as in Paananen, Piironen, Buerkner & Vehtari (2021), by a new draw
    instead of a transformed one, so that the new weights are those of independent draws;
    each side's scale is the root mean square of the draws on that side.
    """
    try:
        root = np.linalg.cholesky(found.covariance())
        at = np.linalg.solve(root, (found.theta - centre).T).T
    except np.linalg.LinAlgError:
        return None
    squares = found.smooth[:, None] * at**2
    sides = []
    for side in (at > 0, at < 0):
        share = (found.smooth[:, None] * side).sum(axis=0)
        sides.append(np.sqrt((squares * side).sum(axis=0) / np.maximum(share, 1e-12)))
    return Proposal(centre, root, np.clip(np.stack(sides, axis=1), _NARROWEST, _WIDEST))


def around(target: Target, found: Weighted, rng: np.random.Generator) -> Mixture | None:
    """Return small proposals around draws of the posterior, and the prior among them; None if it cannot be.

    A kernel estimate of the posterior: centres are draws by their weights, pulled in so that
    all together have its mean and, but for a margin, its covariance (West 1993), with the scale
    of Scott's rule. It bends where the posterior does and has as many tops. The prior's share
    makes it defensive (Hesterberg 1995): small data leave the prior's tails, heavier than any
    that weighted draws can show.
    """
    mean, d = found.mean(), target.dimension
    if d > _MOST_AROUND or found.effective < _LEAST_KNOWN:
        return None
    try:
        root = np.linalg.cholesky(found.covariance())
    except np.linalg.LinAlgError:
        return None
    scale = _CENTRES ** (-1.0 / (d + 4))
    centres = mean + np.sqrt(1.0 - scale**2) * (found.theta[resample(found.smooth, _CENTRES, rng)] - mean)
    sides = np.full((d, 2), _OVERLAP * scale)
    shares = np.append(np.full(_CENTRES, (1.0 - _PRIOR_SHARE) / _CENTRES), _PRIOR_SHARE)
    return Mixture((*(Proposal(centre, root, sides) for centre in centres), FromPrior(target)), shares)


def _good(found: Weighted, enough: float) -> bool:
    return found.k < _WISHED_K and found.effective >= enough


def _better(one: Weighted, other: Weighted, enough: float) -> bool:
    """Say whether one set of draws is to be kept rather than the other: what passes the gates never gives way."""
    passes, passed = (each.k < PROPOSAL_K_MAX and each.effective >= enough for each in (one, other))
    closer = (one.k, -one.effective) < (other.k, -other.effective)
    return _good(one, enough) or passes > passed or (passes == passed and closer)


def weighted_posterior(
    target: Target, modes: Sequence[Mode], count: int, rng: np.random.Generator, enough: float = EFFECTIVE_MIN
) -> Weighted:
    """Return weighted draws: from proposals at the modes and, if they miss, from ever better fitting ones.

    First the proposal is moved once (a single mode's: the moments of several together are
    nobody's), then it is made of many around the best draws so far. Where weights are good
    but too few draws effective (``enough``), more are drawn. Every set of draws is weighed anew by the
    proposal that it came from.
    """
    proposal = propose(target, modes)
    found = weigh(target, proposal, count, rng, keep=True)
    for step in range(1 + _AROUND_ROUNDS):
        if _good(found, enough):
            break
        if step == 0:
            other: Proposal | Mixture | None = moved(found, modes[0].theta) if len(modes) == 1 else None
        else:
            other = around(target, found, rng)
        if other is not None:
            again = weigh(target, other, count, rng, keep=True)
            if _better(again, found, enough):
                proposal, found = other, again
        if found.k < PROPOSAL_K_MAX and enough / _LONGER < found.effective < enough:
            again = weigh(target, proposal, _LONGER * count, rng, keep=True)
            found = again if _better(again, found, enough) else found
    return found


def resample(weights: FloatArray, count: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return which draws stand for ``count`` of equal weight: systematic resampling (Kitagawa 1996).

    Draw s occurs ``count * weights[s]`` times, rounded down or up; so a draw can occur more
    than once, next to itself.
    """
    points = (rng.random() + np.arange(count)) / count
    places = np.searchsorted(np.cumsum(weights), points, side="right")
    return np.minimum(places, len(weights) - 1)
