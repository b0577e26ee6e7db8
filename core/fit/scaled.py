"""Families without a closed form some of whose columns are scaled by taus, by importance sampling given the taus.

Given the taus the family is an ordinary one: the slopes of scaled columns have a prior of their own scale. So
the points that carry the taus' posterior are found by Laplace's approximation to the evidence at each
(:mod:`core.fit.taus`), and each of them is then sampled by itself, as often as it weighs. Weighted together the
draws are those of the whole: how good the approximation was only decides how many of them are of use.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.fit.laplace import Mode, NoModeError, climb, find_again, find_modes
from core.fit.proposal import Weighted, weighted, weighted_posterior
from core.fit.target import Target
from core.fit.taus import Points, explore, thinned
from core.hypothesis import Prior
from core.model.spec import NodeModel

__all__ = ["Strata", "conditional", "strata", "without_taus"]

FloatArray = NDArray[np.float64]

_TINY = 1e-4  # what stands for a tau of 0: slopes that nothing can see
_FEWEST = 250  # draws of a point
_WISHED = 0.3  # of them effective
_MOST = 40  # points that are sampled
_NOWHERE = -1e12


@dataclass(frozen=True, eq=False)
class Strata:
    """Weighted draws of the whole posterior, point by point.

    Parameters
    ----------
    found : Weighted
        Of the family's unconstrained parameters, all points together.
    points : Points
        Those that were sampled.
    point : array of int, shape (M,)
        Which of them each draw belongs to.
    modes : tuple of list of Mode
        At each point.
    """

    found: Weighted
    points: Points
    point: NDArray[np.intp]
    modes: tuple[list[Mode], ...]

    @property
    def taus(self) -> FloatArray:
        """The taus of each draw, shape (M, T)."""
        return self.points.taus[self.point]

    def again(self, target: Target, rng: np.random.Generator, most: int | None = None) -> Weighted:
        """Return the posterior of a target near the one that this is of, at the same points, of ``most`` draws.

        Raises
        ------
        NoModeError
        """
        modes = tuple(
            find_again(conditional(target, taus), near) for taus, near in zip(self.points.taus, self.modes, strict=True)
        )
        return _sampled(target, self.points, modes, min(len(self.point), most or len(self.point)), rng).found

    def under_scale(self, target: Target, factor: float) -> Weighted:
        """Return the same draws weighed under ``factor`` times the prior scale, of slopes and taus alike."""
        log_weights = self.found.log_weights.copy()
        for place, taus in enumerate(self.points.taus):
            own = self.point == place
            given, theta = conditional(target, taus), self.found.theta[own]
            log_weights[own] += given.with_prior_scale(factor).log_prior(theta) - given.log_prior(theta)
        return weighted(self.found.theta, log_weights)


def without_taus(target: Target) -> Target:
    """Return the target of the family alone, in whose densities of rows the taus have no part."""
    return conditional(target, np.ones(target.model.taus))


def conditional(target: Target, taus: FloatArray) -> Target:
    """Return the target given the taus, shape (T,): a family whose scaled slopes have a prior of that scale."""
    return replace(target, model=_given(target.model, taus))


def _given(model: NodeModel, taus: FloatArray) -> NodeModel:
    by = dict(zip(model.column_coefficients, model.scaled_by, strict=True))
    priors = []
    for name, prior in model.priors:
        if name.startswith("tau["):
            continue
        if name.startswith("slopes["):
            which = by[int(name[7:-1])]
            if which >= 0:
                priors.append((name, _times(prior, max(float(taus[which]), _TINY))))
                continue
        priors.append((name, prior))
    return replace(model, priors=tuple(priors))


def _times(prior: Prior, factor: float) -> Prior:
    return replace(
        prior, parameters=tuple((n, value * factor if n == "sigma" else value) for n, value in prior.parameters)
    )


def strata(target: Target, count: int, rng: np.random.Generator) -> Strata:
    """Sample the posterior of a target whose columns are scaled, about ``count`` draws.

    Raises
    ------
    NoModeError
        If no point has a mode to begin at.
    """
    model = target.model
    known: dict[tuple[float, ...], list[Mode]] = {}

    def evidence(taus: FloatArray) -> FloatArray:
        return np.array([_laplace(target, tuple(map(float, one)), known) for one in taus])

    priors = [model.prior[f"tau[{i}]"] for i in range(model.taus)]
    points = _heaviest(thinned(explore(evidence, priors, rough=True)))
    modes = tuple(known[tuple(map(float, taus))] for taus in points.taus)
    return _sampled(target, points, modes, count, rng)


def _laplace(target: Target, taus: tuple[float, ...], known: dict[tuple[float, ...], list[Mode]]) -> float:
    """Return Laplace's log evidence given taus, and keep the modes that it is made from."""
    if taus not in known:
        given = conditional(target, np.array(taus))
        try:
            near = _nearest(taus, known)
            # Points lie so near to one another that no mode comes or goes between them.
            known[taus] = find_modes(given) if near is None else [climb(given, mode.theta) for mode in near]
        except NoModeError:
            return _NOWHERE
    return float(np.logaddexp.reduce([mode.log_mass for mode in known[taus]]))


def _nearest(taus: tuple[float, ...], known: dict[tuple[float, ...], list[Mode]]) -> list[Mode] | None:
    if not known:
        return None
    logs = np.log(np.maximum(np.array(list(known)), _TINY))
    distance = ((logs - np.log(np.maximum(taus, _TINY))) ** 2).sum(axis=1)
    return list(known.values())[int(np.argmin(distance))]


def _heaviest(points: Points) -> Points:
    if len(points.taus) <= _MOST:
        return points
    kept = np.sort(np.argsort(-points.log_joint, kind="stable")[:_MOST])
    share = np.log(points.weights[kept].sum())  # what is left out is shared out among those that stay
    return replace(
        points,
        taus=points.taus[kept],
        log_prior=points.log_prior[kept] - share,
        log_evidence=points.log_evidence[kept],
    )


def _sampled(
    target: Target, points: Points, modes: Sequence[list[Mode]], count: int, rng: np.random.Generator
) -> Strata:
    counts = np.maximum(np.round(points.weights * count).astype(int), min(_FEWEST, count))
    each = [
        weighted_posterior(conditional(target, taus), near, int(many), rng, _WISHED * int(many))
        for taus, near, many in zip(points.taus, modes, counts, strict=True)
    ]
    sizes = [len(one.theta) for one in each]
    total = sum(sizes)
    log_weights = [
        one.log_weights + log_prior + np.log(total / size)
        for one, log_prior, size in zip(each, points.log_prior, sizes, strict=True)
    ]
    found = weighted(np.concatenate([one.theta for one in each]), np.concatenate(log_weights))
    joint = points.log_prior + np.array([one.log_evidence for one in each])
    shares = np.exp(joint - np.logaddexp.reduce(joint))
    errors = np.array([one.log_evidence_se for one in each])
    se = float(np.hypot(np.sqrt(((shares * errors) ** 2).sum()), points.se))
    return Strata(replace(found, log_evidence_se=se), points, np.repeat(np.arange(len(sizes)), sizes), tuple(modes))
