"""Log evidence from posterior draws by bridge sampling.

Meng & Wong (1996) with the optimal bridge function; the practice of Gronau et al. (2017):
a normal proposal fitted to the first half of every chain, the second half and as many
draws of the proposal in the bridge, and the relative mean squared error of
Frühwirth-Schnatter (2004) with the autocorrelation of the chains.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.fit.effective import effective_size

__all__ = ["Bridge", "bridge", "log_ratio"]

FloatArray = NDArray[np.float64]

_TOLERANCE = 1e-10
_ROUNDS = 1000


@dataclass(frozen=True)
class Bridge:
    """The log of the normalising constant and its standard error (NaN if it did not converge)."""

    log_evidence: float
    se: float


def bridge(
    theta: FloatArray,
    log_density: FloatArray,
    density: Callable[[FloatArray], FloatArray],
    chains: int,
    rng: np.random.Generator,
) -> Bridge:
    """Estimate the integral of an unnormalised density from draws of it.

    Parameters
    ----------
    theta : array, shape (S, D)
        Draws on an unconstrained space, chain after chain.
    log_density : array, shape (S,)
        The log of the unnormalised density (prior times likelihood times Jacobian) of each.
    density : callable
        The same for new points: (M, D) to (M,).
    chains : int
        How many chains ``theta`` holds.
    rng : Generator
        For the draws of the proposal.
    """
    dimension = theta.shape[1]
    by_chain = theta.reshape(chains, -1, dimension)
    half = by_chain.shape[1] // 2
    fitted = by_chain[:, :half].reshape(-1, dimension)
    kept = by_chain[:, half:]
    mean = fitted.mean(axis=0)
    try:
        root = np.linalg.cholesky(np.atleast_2d(np.cov(fitted.T)))
    except np.linalg.LinAlgError:  # chains that stand still, or lie in a plane
        return Bridge(float("nan"), float("nan"))
    noise = rng.standard_normal((kept.shape[0] * kept.shape[1], dimension))
    constant = -0.5 * dimension * np.log(2 * np.pi) - np.log(np.diag(root)).sum()

    whitened = np.linalg.solve(root, (kept.reshape(-1, dimension) - mean).T)
    posterior = log_density.reshape(chains, -1)[:, half:].ravel() - (constant - 0.5 * (whitened**2).sum(axis=0))
    proposal = density(mean + noise @ root.T) - (constant - 0.5 * (noise**2).sum(axis=1))
    proposal = np.where(np.isnan(proposal), -np.inf, proposal)
    return log_ratio(posterior, proposal, chains)


def log_ratio(posterior: FloatArray, proposal: FloatArray, chains: int, proposal_chains: int = 0) -> Bridge:
    """Estimate the log of a ratio of normalising constants from draws of both distributions.

    Parameters
    ----------
    posterior : array, shape (S,)
        Log target minus log proposal (each unnormalised) at draws of the target, chain
        after chain.
    proposal : array, shape (M,)
        The same at draws of the proposal.
    chains : int
    proposal_chains : int
        How many chains the proposal's draws come in; 0 if they are independent.
    """
    shift = float(np.median(posterior))
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        l1, l2 = np.exp(posterior - shift), np.exp(np.minimum(proposal - shift, 700.0))
        effective = effective_size(posterior.reshape(chains, -1))
        s1 = effective / (effective + len(proposal))
        s2 = 1.0 - s1
        ratio, converged = 1.0, False
        for _ in range(_ROUNDS):
            new = np.mean(l2 / (s1 * l2 + s2 * ratio)) / np.mean(1.0 / (s1 * l1 + s2 * ratio))
            converged = bool(abs(new - ratio) <= _TOLERANCE * abs(new))
            ratio = float(new)
            if converged or not np.isfinite(ratio) or ratio <= 0:
                break
        if not converged or ratio <= 0:
            return Bridge(float("nan"), float("nan"))
        under_proposal = (l2 / ratio) / (s1 * l2 / ratio + s2)
        under_posterior = 1.0 / (s1 * l1 / ratio + s2)
        size = effective_size(under_posterior.reshape(chains, -1))
        other = effective_size(under_proposal.reshape(proposal_chains, -1)) if proposal_chains else len(l2)
        error = _relative_variance(under_proposal) / other + _relative_variance(under_posterior) / size
    return Bridge(float(np.log(ratio) + shift), float(np.sqrt(error)))


def _relative_variance(values: FloatArray) -> float:
    return float(values.var() / values.mean() ** 2)
