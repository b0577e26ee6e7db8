"""Quadrature over the numbers that scale columns (``tau``): which points carry the posterior.

Each tau has a lattice, even in its logarithm, and the point 0, which stands for the prior's mass below the
lattice and for the mass that it has at 0. The spacing follows from how sharply the posterior is curved at its
mode, since the trapezoid rule is exact to rounding for a smooth function once the spacing is somewhat under its
width (Trefethen & Weideman 2014). Of the product of up to three lattices only what carries mass is visited: from
the mode to its neighbours, as long as they are within a factor e^-12 of the heaviest. Of more, points are drawn: each
tau by itself, as likely as it is given the others, and weighted by what they carry over how likely they were.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import erf, exp, log, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from core.hypothesis import Prior

__all__ = ["MOST_POINTS", "Points", "explore", "thinned"]

FloatArray = NDArray[np.float64]
Evidence = Callable[[FloatArray], FloatArray]

MOST_POINTS = 3_000
"""So many points are visited at most; what lies beyond them is left out, and said."""

_COARSE = np.exp(np.linspace(log(0.01), log(8.0), 9))
_START = 0.3
_LOWEST, _HIGHEST = log(0.005), log(2_000.0)
_NARROWEST = 0.05
_WIDEST = (0.8, 1.0, 1.0)  # of one tau, of each of two, of each of more
_PER_SD = (1.5, 1.8, 1.9)  # spacing in standard deviations of the posterior's logarithm: 1.5 is an error of e^-8
_NEGLIGIBLE = (12.0, 10.0, 8.5)
_LOST = (1e-5, 1e-4, 1e-3)
_TO_VISIT = 3  # of so many taus all that carries mass is visited
_DRAWN = (400, 800, 3_000)  # points in each round, the last of which counts
_FEWER = (60, 200)
_OF_PRIOR = 0.1  # of the proposal, so that what one round missed another can find


@dataclass(frozen=True, eq=False)
class Points:
    """Points of the quadrature.

    Parameters
    ----------
    taus : array, shape (G, T)
    log_prior : array, shape (G,)
        The logarithm of each point's share of the prior.
    log_evidence : array, shape (G,)
        Of the data given the point.
    complete : bool
        Whether all that carries mass was visited.
    se : float
        The Monte Carlo standard error of the total, 0 where no point was drawn by chance.
    """

    taus: FloatArray
    log_prior: FloatArray
    log_evidence: FloatArray
    complete: bool = True
    se: float = 0.0

    @property
    def log_joint(self) -> FloatArray:
        """Logarithm of prior share times evidence, shape (G,)."""
        return self.log_prior + self.log_evidence

    @property
    def total(self) -> float:
        """The log evidence over all points."""
        return float(np.logaddexp.reduce(self.log_joint))

    @property
    def weights(self) -> FloatArray:
        """The posterior's share of each point, shape (G,)."""
        return np.exp(self.log_joint - self.total)


@dataclass(frozen=True)
class _Lattice:
    """Points of one tau: 0 is tau = 0, i > 0 stands at ``exp(first + (i - 1) step)``."""

    prior: Prior
    first: float
    step: float
    count: int

    def tau(self, place: int) -> float:
        return 0.0 if place == 0 else exp(self.first + (place - 1) * self.step)

    def log_share(self, place: int) -> float:
        """Return the logarithm of the prior's share of a point."""
        sigma, spike = self.prior["sigma"], 0.5 if self.prior.distribution == "RectifiedNormal" else 0.0
        if place == 0:
            below = erf(exp(self.first - self.step / 2) / (sigma * sqrt(2.0)))
            return log(spike + (1.0 - spike) * below)
        tau = self.tau(place)
        density = log(2.0 / (sigma * sqrt(2.0 * pi))) - 0.5 * (tau / sigma) ** 2
        return log(1.0 - spike) + density + log(tau) + log(self.step)


def explore(evidence: Evidence, priors: Sequence[Prior], *, rough: bool = False) -> Points:
    """Return the points that carry the posterior of some taus.

    Parameters
    ----------
    evidence : callable
        Gives the log evidence (G,) of the data given taus (G, T).
    priors : sequence of Prior, T long
        HalfNormal, or RectifiedNormal, which has half its mass at 0.
    rough : bool
        Whether evidence is dear: then of more than one tau fewer points are asked for.
    """
    mode = _coarse_mode(evidence, priors)
    lattices, start = _lattices(evidence, priors, mode)
    if len(priors) <= (1 if rough else _TO_VISIT):
        return _visited(evidence, lattices, start)
    return _drawn(evidence, lattices, start, _FEWER if rough else _DRAWN)


def _taus(lattices: Sequence[_Lattice], places: Sequence[tuple[int, ...]]) -> FloatArray:
    return np.array([[lattice.tau(i) for lattice, i in zip(lattices, one, strict=True)] for one in places])


def _shares(lattices: Sequence[_Lattice], places: Sequence[tuple[int, ...]]) -> FloatArray:
    return np.array([sum(one.log_share(i) for one, i in zip(lattices, place, strict=True)) for place in places])


def _visited(evidence: Evidence, lattices: Sequence[_Lattice], start: tuple[int, ...]) -> Points:
    """Go from the mode to its neighbours."""
    known: dict[tuple[int, ...], float] = {}
    prior_of: dict[tuple[int, ...], float] = {}
    # From the mode and from where some, or all, of the columns are left out: between them may lie a valley.
    frontier = sorted(product(*({i, 0} for i in start)))
    complete, negligible = True, _of_many(_NEGLIGIBLE, len(lattices))
    while frontier:
        known.update(zip(frontier, evidence(_taus(lattices, frontier)).tolist(), strict=True))
        prior_of.update(zip(frontier, _shares(lattices, frontier).tolist(), strict=True))
        if len(known) > MOST_POINTS:
            complete = False
            break
        best = max(known[one] + prior_of[one] for one in known)
        heavy = [one for one in frontier if known[one] + prior_of[one] > best - negligible]
        ahead = {other for one in heavy for other in _neighbours(one, lattices) if other not in known}
        frontier = sorted(ahead)
    order = sorted(known)
    return Points(
        _taus(lattices, order),
        np.array([prior_of[one] for one in order]),
        np.array([known[one] for one in order]),
        complete,
    )


def _drawn(evidence: Evidence, lattices: Sequence[_Lattice], start: tuple[int, ...], rounds: Sequence[int]) -> Points:
    """Draw points, each tau's by itself, and weigh them; the same points for the same numbers."""
    rng = np.random.default_rng([len(lattices), 11])
    prior = [np.array([one.log_share(i) for i in range(one.count + 1)]) for one in lattices]
    known: dict[tuple[int, ...], float] = {}

    def ask(places: Sequence[tuple[int, ...]]) -> FloatArray:
        new = sorted({one for one in places if one not in known})
        if new:
            known.update(zip(new, evidence(_taus(lattices, new)).tolist(), strict=True))
        return np.array([known[one] for one in places])

    chances = []
    for t, shares in enumerate(prior):  # each tau as likely as it is where the others are at the mode
        row = [(*start[:t], i, *start[t + 1 :]) for i in range(len(shares))]
        chances.append(_proposal(shares, shares + ask(row)))
    for count in rounds:
        drawn = np.column_stack([rng.choice(len(chance), count, p=chance) for chance in chances])
        distinct, times = np.unique(drawn, axis=0, return_counts=True)
        places = [tuple(int(i) for i in one) for one in distinct]
        own = np.array([shares[distinct[:, t]] for t, shares in enumerate(prior)]).sum(axis=0)
        proposed = np.array([np.log(chance[distinct[:, t]]) for t, chance in enumerate(chances)]).sum(axis=0)
        found = Points(_taus(lattices, places), own - proposed + np.log(times / count), ask(places))
        weights = found.weights
        error = float(np.sqrt(max(float((weights**2 / times).sum()) - 1.0 / count, 0.0)))
        chances = [
            _proposal(shares, np.log(np.bincount(distinct[:, t], weights, len(shares)) + 1e-12))
            for t, shares in enumerate(prior)
        ]
    return replace(found, se=error)


def _proposal(shares: FloatArray, log_weights: FloatArray) -> FloatArray:
    """Return chances as the weights are, with a part of the prior."""
    found = np.exp(log_weights - log_weights.max())
    mixed = (1.0 - _OF_PRIOR) * found / found.sum() + _OF_PRIOR * np.exp(shares) / np.exp(shares).sum()
    return np.asarray(mixed / mixed.sum())


def _of_many(rules: tuple[float, float, float], taus: int) -> float:
    return rules[min(taus, 3) - 1]


def thinned(points: Points) -> Points:
    """Return the heaviest points, without those that together carry next to nothing of the posterior."""
    order = np.argsort(-points.log_joint, kind="stable")
    reached = np.cumsum(points.weights[order])
    kept = np.sort(order[: int(np.searchsorted(reached, 1.0 - _of_many(_LOST, points.taus.shape[1]))) + 1])
    return replace(
        points, taus=points.taus[kept], log_prior=points.log_prior[kept], log_evidence=points.log_evidence[kept]
    )


def _neighbours(place: tuple[int, ...], lattices: Sequence[_Lattice]) -> list[tuple[int, ...]]:
    found = []
    for t, lattice in enumerate(lattices):
        for other in (place[t] - 1, place[t] + 1):
            if 0 <= other <= lattice.count:
                found.append((*place[:t], other, *place[t + 1 :]))
    return found


def _log_density(prior: Prior, tau: FloatArray) -> FloatArray:
    """Return the log density of log tau, up to a constant."""
    return np.asarray(np.log(tau) - 0.5 * (tau / prior["sigma"]) ** 2)


def _coarse_mode(evidence: Evidence, priors: Sequence[Prior]) -> FloatArray:
    """Return taus near the mode of their logarithms' posterior, one after the other, twice around, shape (T,)."""
    at = np.full(len(priors), _START)
    for _ in range(2 if len(priors) > 1 else 1):
        for t, prior in enumerate(priors):
            tried = np.repeat(at[None], len(_COARSE), axis=0)
            tried[:, t] = _COARSE
            at[t] = _COARSE[int(np.argmax(evidence(tried) + _log_density(prior, _COARSE)))]
    return at


def _lattices(
    evidence: Evidence, priors: Sequence[Prior], mode: FloatArray
) -> tuple[tuple[_Lattice, ...], tuple[int, ...]]:
    """Return each tau's lattice, laid through a refined mode, and the mode's place on it."""
    lattices, places = [], []
    at = mode.copy()
    for t, prior in enumerate(priors):
        centre, sd = _peak(evidence, prior, at, t)
        at[t] = exp(centre)
        step = min(max(_of_many(_PER_SD, len(priors)) * sd, _NARROWEST), _of_many(_WIDEST, len(priors)))
        below = max(0, int((centre - _LOWEST) / step))
        lattices.append(_Lattice(prior, centre - below * step, step, below + 1 + int((_HIGHEST - centre) / step)))
        places.append(below + 1)
    return tuple(lattices), tuple(places)


def _peak(evidence: Evidence, prior: Prior, at: FloatArray, t: int) -> tuple[float, float]:
    """Return where log tau's posterior is highest, the others held, and its standard deviation there."""
    u, width = log(at[t]), 0.85
    for _ in range(4):
        around = u + width * np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
        tried = np.repeat(at[None], len(around), axis=0)
        tried[:, t] = np.exp(around)
        values = evidence(tried) + _log_density(prior, tried[:, t])
        best = int(np.argmax(values))
        u = float(np.clip(around[best], _LOWEST, _HIGHEST - 1.0))
        if best in (0, 4):  # the peak lies further on
            continue
        left, middle, right = values[best - 1 : best + 2]
        curved = (2.0 * middle - left - right) / (0.5 * width) ** 2
        sd = 1.0 / sqrt(curved) if curved > 1e-6 else 1.0
        if sd > 0.7 * width:
            return u, sd
        width = max(1.2 * sd, 0.05)
    return u, width
