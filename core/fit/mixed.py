"""The closed form of a linear-Gaussian family some of whose columns are scaled by taus of their own.

Given the taus the family is the one of :mod:`core.fit.gaussian`: the slope of a scaled column is tau times a
number with a prior of its own, so the column times tau is an ordinary one. Over the taus it is a mixture on the
points of :mod:`core.fit.taus`. Leaving a row out moves the points' weights too: with w the points' shares of the
posterior and p_g(y_i | others) their leave-one-out densities, the row has density

    1 / sum_g (w_g / p_g(y_i | others)).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.fit import gaussian
from core.fit.gaussian import PRIOR_SCALES, GaussianPrior, Posterior
from core.fit.taus import Points, explore, thinned
from core.hypothesis import Prior

__all__ = [
    "TOO_MANY",
    "Mixture",
    "Scaled",
    "column_scales",
    "draw",
    "evidences",
    "explored",
    "leave_one_out",
    "mixture",
    "sweep",
]

FloatArray = NDArray[np.float64]

_WELL_CONDITIONED = 1e4

TOO_MANY = "too many combinations of how strongly its arrows bend carry weight: some were left out"


@dataclass(frozen=True)
class Scaled:
    """Which columns are scaled by which tau, and the taus' priors.

    ``by`` has one entry a design column, -1 for none.
    """

    by: tuple[int, ...]
    priors: tuple[Prior, ...]


@dataclass(frozen=True, eq=False)
class Mixture:
    """The posterior: points, and the posterior of the family given each."""

    points: Points
    parts: tuple[Posterior, ...]
    log_evidence: float


def column_scales(scaled: Scaled, taus: FloatArray) -> FloatArray:
    """Return what multiplies each coefficient's column, the intercept's first, shape (G, p + 1), for taus (G, T)."""
    by = np.array(scaled.by)
    found = np.ones((len(taus), len(by) + 1))
    found[:, 1:][:, by >= 0] = taus[:, by[by >= 0]]
    return found


def evidences(factor: FloatArray, n: int, prior: GaussianPrior, scales: FloatArray) -> FloatArray:
    """Return the log evidence given each row of column scales (G, p + 1), shape (G,)."""
    precisions = np.concatenate([[prior.a], prior.t])
    products = _products(factor)
    size = max(1, 400_000 // (len(precisions) + 1) ** 2)
    found = np.empty(len(scales))
    for start in range(0, len(scales), size):
        some = scales[start : start + size]
        diagonal = _by_cholesky(products, some, precisions) if products is not None else None
        if diagonal is None:
            diagonal = _by_qr(factor, some, precisions)
        found[start : start + size] = _log_evidence(diagonal, n, prior, precisions)
    return found


def _products(factor: FloatArray) -> FloatArray | None:
    """Return the cross-products behind a factor, or None where they would lose too many digits."""
    sizes = np.linalg.norm(factor, axis=0)
    if not len(factor) or np.linalg.cond(factor / np.where(sizes > 0, sizes, 1.0)) > _WELL_CONDITIONED:
        return None
    return np.asarray(factor.T @ factor)


def _by_cholesky(products: FloatArray, scales: FloatArray, precisions: FloatArray) -> FloatArray | None:
    every = np.concatenate([scales, np.ones((len(scales), 1))], axis=1)
    crossed = products * every[:, :, None] * every[:, None, :]
    places = np.arange(len(precisions))
    crossed[:, places, places] += precisions
    try:
        return np.asarray(np.diagonal(np.linalg.cholesky(crossed), axis1=1, axis2=2))
    except np.linalg.LinAlgError:
        return None


def _by_qr(factor: FloatArray, scales: FloatArray, precisions: FloatArray) -> FloatArray:
    rows, width = len(factor), len(precisions)
    stacked = np.zeros((len(scales), rows + width, width + 1))
    stacked[:, :rows] = factor
    stacked[:, :rows, :-1] *= scales[:, None, :]
    stacked[:, rows + np.arange(width), np.arange(width)] = np.sqrt(precisions)
    return np.abs(np.diagonal(np.linalg.qr(stacked, mode="r"), axis1=1, axis2=2))


def _log_evidence(diagonal: FloatArray, n: int, prior: GaussianPrior, precisions: FloatArray) -> FloatArray:
    p = len(prior.t)
    left = diagonal[:, p + 1] if diagonal.shape[1] > p + 1 else np.zeros(len(diagonal))
    beta = prior.beta + left**2 / 2
    log_root = np.log(diagonal[:, : p + 1]).sum(axis=1)
    return gaussian.log_evidence_of(n, prior, 0.5 * float(np.log(precisions).sum()), log_root, beta)


def mixture(factor: FloatArray, n: int, prior: GaussianPrior, scaled: Scaled) -> Mixture:
    """Return the posterior from the rows' factor (:func:`core.fit.gaussian.reduce_rows`)."""
    points = explored(factor, n, prior, scaled)
    kept = thinned(points)
    parts = []
    for scales in column_scales(scaled, kept.taus):
        part = gaussian.posterior(np.concatenate([factor[:, :-1] * scales, factor[:, -1:]], axis=1), n, prior)
        parts.append(replace(part, mean=part.mean * scales, scales=scales))
    return Mixture(kept, tuple(parts), points.total)


def sweep(factor: FloatArray, n: int, prior: GaussianPrior, scaled: Scaled) -> tuple[float, float, float]:
    """Return the log evidence at half, one and two times the prior scale of slopes, scaled ones among them."""
    half, one, two = (explored(factor, n, prior.scaled(scale), scaled).total for scale in PRIOR_SCALES)
    return half, one, two


def explored(factor: FloatArray, n: int, prior: GaussianPrior, scaled: Scaled) -> Points:
    """Return the points of the taus that carry the posterior."""
    return explore(lambda taus: evidences(factor, n, prior, column_scales(scaled, taus)), scaled.priors)


def draw(found: Mixture, draws: int, rng: np.random.Generator) -> dict[str, FloatArray]:
    """Draw independently: as many of each point as its weight says, in random order.

    Returns
    -------
    dict
        ``intercept`` (S,), ``slopes`` (S, p), ``sigma`` (S,) and ``tau`` (S, T).
    """
    weights = found.points.weights
    # Systematic draws: a point's count is its share to within one.
    edges = np.searchsorted(np.cumsum(weights) / weights.sum(), (rng.random() + np.arange(draws)) / draws)
    counts = np.bincount(np.minimum(edges, len(weights) - 1), minlength=len(weights))
    parts = [gaussian.draw(part, int(count), rng) for part, count in zip(found.parts, counts, strict=True)]
    order = rng.permutation(draws)
    drawn = {name: np.concatenate([part[name] for part in parts])[order] for name in parts[0]}
    return drawn | {"tau": np.repeat(found.points.taus, counts, axis=0)[order]}


def leave_one_out(found: Mixture, y: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the leave-one-out and in-sample log predictive densities of each row, shape (N,) each."""
    log_weights = np.log(np.maximum(found.points.weights, 1e-300))
    log_weights -= np.logaddexp.reduce(log_weights)
    inverse, inside = np.full(len(y), -np.inf), np.full(len(y), -np.inf)
    for log_weight, part in zip(log_weights, found.parts, strict=True):
        left_out, here = gaussian.leave_one_out(part, y, x)
        inverse = np.logaddexp(inverse, log_weight - left_out)
        inside = np.logaddexp(inside, log_weight + here)
    return -inverse, inside
