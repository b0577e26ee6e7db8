"""A posterior with experiments, drawn again where the draws without them are too few there.

A result far from what the rows say, or far more precise, leaves weight on a handful of draws. Then the families on the
way are drawn anew: from a multivariate t around the ensemble Kalman update of the draws (Evensen 1994: exact for Normal
posteriors and contrasts that are linear in theta), weighed by the families' own log posteriors and the results' density
over the proposal's, so that the answer is exact but for Monte Carlo error. Where the weights are still uneven the
proposal takes the moments of the draws weighed so far, tempered (adaptive importance sampling; Bugallo et al. 2017).
Where that cannot be done (no normaliser, too many rows, weights that stay uneven) the Kalman update itself stands for
the posterior and it is said that it is approximate.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log, pi

import numpy as np
from numpy.typing import NDArray

from core.effects.experiments import FEWEST, LARGEST_K, log_densities
from core.families.base import Draws
from core.fit.proposal import Proposal, Weighted, resample, weighted
from core.fit.target import Target

__all__ = ["Part", "Redrawn", "redrawn"]

FloatArray = NDArray[np.float64]
Contrasts = Callable[[Mapping[str, Draws]], FloatArray]

_ROUNDS = 6
_CELLS = 1_000_000_000  # draws x rows x families of all rounds: about ten seconds
_LEAST_SHARE = 0.1  # of the draws that are effective, once tempered


@dataclass(frozen=True, eq=False)
class Part:
    """One family on the way.

    Parameters
    ----------
    target : Target
    draws : mapping of str to array
        Its posterior without experiments, S draws.
    log_normaliser : float
        Log evidence of the rows on the target's scale; NaN where it is not known.
    """

    target: Target
    draws: Draws
    log_normaliser: float


@dataclass(frozen=True, eq=False)
class Redrawn:
    """The families on the way, given experiments.

    Parameters
    ----------
    parameters : mapping of str to draws
        S draws each, of equal weight; what stands at one place belongs together.
    log_evidence : float
        What the experiments add.
    effective, pareto_k : float
        Of the weights behind them.
    approximate : bool
    """

    parameters: Mapping[str, Draws]
    log_evidence: float
    effective: float
    pareto_k: float
    approximate: bool


def redrawn(
    parts: Mapping[str, Part],
    contrasts: Contrasts,
    said: FloatArray,
    estimates: FloatArray,
    ses: FloatArray,
    *,
    seed: int = 0,
) -> Redrawn:
    """Return draws of families given the results of J experiments.

    Parameters
    ----------
    parts : mapping of str to Part
        The families on which a contrast hangs, by node.
    contrasts : callable
        Returns what each experiment moves under some draws of these families, (J, S).
    said : array, shape (J, S)
        The same under their own draws.
    estimates, ses : array, shape (J,)
    seed : int
    """
    rng = np.random.default_rng([seed, 43])
    theta = {node: part.target.unconstrain(part.draws) for node, part in parts.items()}
    ends = np.cumsum([one.shape[1] for one in theta.values()])[:-1]
    before = np.hstack(list(theta.values()))
    after = _updated(before, said, estimates, ses, rng)

    def as_draws(at: FloatArray) -> dict[str, Draws]:
        pieces = zip(parts.items(), np.split(at, ends, axis=1), strict=True)
        return {node: part.target.constrain(piece) for (node, part), piece in pieces}

    def log_posterior(at: FloatArray) -> FloatArray:
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            pieces = zip(parts.values(), np.split(at, ends, axis=1), strict=True)
            rows = sum((part.target(piece) - part.log_normaliser for part, piece in pieces), np.zeros(len(at)))
            return np.asarray(rows + log_densities(contrasts(as_draws(at)), estimates, ses))

    many = len(before)
    found = _sampled(log_posterior, after, _affordable(parts, many), rng)
    if found is None or found.k > LARGEST_K or found.effective < FEWEST:
        return Redrawn(as_draws(after), _normal_evidence(said, estimates, ses), np.nan, np.nan, True)
    chosen = resample(found.smooth, many, rng)
    return Redrawn(as_draws(found.theta[chosen]), found.log_evidence, found.effective, found.k, False)


def _affordable(parts: Mapping[str, Part], many: int) -> int:
    """Return how many draws a round may have; 0 where the posterior's density cannot be had."""
    if not all(np.isfinite(part.log_normaliser) for part in parts.values()):
        return 0
    rows = sum(len(part.target.y) for part in parts.values())
    return min(many, _CELLS // (_ROUNDS * max(rows, 1)))


def _updated(
    theta: FloatArray, said: FloatArray, estimates: FloatArray, ses: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Move each draw by its regression on the contrasts towards the results, with an error of its own."""
    many = len(theta)
    centred, off = theta - theta.mean(axis=0), said - said.mean(axis=1, keepdims=True)
    across, own = off @ centred / many, off @ off.T / many + np.diag(ses**2)
    noise = ses[:, None] * rng.standard_normal(said.shape)
    moved: FloatArray = theta + np.linalg.solve(own, estimates[:, None] + noise - said).T @ across
    return moved


def _normal_evidence(said: FloatArray, estimates: FloatArray, ses: FloatArray) -> float:
    """Return the log density of the results if the contrasts were Normal."""
    off = said - said.mean(axis=1, keepdims=True)
    root = np.linalg.cholesky(off @ off.T / said.shape[1] + np.diag(ses**2))
    gap = np.linalg.solve(root, estimates - said.mean(axis=1))
    return float(-0.5 * gap @ gap - np.log(np.diag(root)).sum() - 0.5 * len(gap) * log(2.0 * pi))


def _sampled(
    log_posterior: Callable[[FloatArray], FloatArray], start: FloatArray, count: int, rng: np.random.Generator
) -> Weighted | None:
    """Return weighted draws from ever better proposals, the first good ones or the last; None if there are none."""
    if count < FEWEST:
        return None
    found = None
    proposal = _around(start, np.full(len(start), 1.0 / len(start)))
    for _ in range(_ROUNDS):
        if proposal is None:
            return found
        at, log_proposal = proposal.draw(count, rng)
        found = weighted(at, log_posterior(at) - log_proposal)
        if found.k <= LARGEST_K and found.effective >= FEWEST:
            return found
        proposal = _around(at, _tempered(found.log_weights))
    return found


def _tempered(logs: FloatArray) -> FloatArray:
    """Return weights to the largest power, up to 1, that leaves a share of the draws effective."""
    logs = logs - logs.max()
    if not np.isfinite(logs).any():
        return np.full(len(logs), 1.0 / len(logs))

    def weights(power: float) -> FloatArray:
        raw = np.where(np.isfinite(logs), np.exp(power * logs), 0.0)
        return np.asarray(raw / raw.sum())

    low, high = 0.0, 1.0
    for _ in range(30):
        middle = 0.5 * (low + high)
        tried = weights(middle)
        low, high = (middle, high) if 1.0 / (tried @ tried) >= _LEAST_SHARE * len(logs) else (low, middle)
    return weights(low)


def _around(theta: FloatArray, weights: FloatArray) -> Proposal | None:
    centre = weights @ theta
    off = theta - centre
    spread = (weights[:, None] * off).T @ off
    try:
        root = np.linalg.cholesky(spread + 1e-12 * np.diag(np.diag(spread)))
    except np.linalg.LinAlgError:
        return None
    return Proposal(centre, root, np.ones((len(centre), 2)))
