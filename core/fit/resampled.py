"""The log evidence of a block on resampled data sets, with its frozen constants and the same prior.

Closed forms stay closed: what they need of the rows are sums, and a resampled data set is a weighting of the rows
(:class:`core.fit.resamples.Resamples`). Rows where the node was set by intervention do not enter, and the change
of scale is weighted like the rest: it differs between families.
"""

from math import lgamma

import numpy as np
from numpy.typing import NDArray

from core.families import get_family
from core.fit import gaussian, mixed
from core.fit.exact import gaussian_prior, scaled_columns
from core.fit.gaussian import GaussianPrior
from core.fit.resamples import Resamples
from core.fit.result import BlockFit
from core.fit.taus import thinned
from core.model.design import BlockData
from core.model.spec import NodeModel

__all__ = ["gaussian_evidences", "resampled_evidence", "table_evidences"]

FloatArray = NDArray[np.float64]

_LOG_2PI = float(np.log(2.0 * np.pi))
_CELLS = 2_000_000
_MOST_POINTS = 60  # of the taus: of more, those that carry the posterior of the data as they are


def resampled_evidence(model: NodeModel, data: BlockData, fit: BlockFit, resamples: Resamples) -> FloatArray:
    """Return the log evidence of a block on each resampled data set, natural logarithm, on the data's own scale.

    Parameters
    ----------
    model : NodeModel
    data : BlockData
        The rows that the block was fitted to, N.
    fit : BlockFit
        Its posterior; what a block without a closed form is expanded around.
    resamples : Resamples
        Of N rows.

    Returns
    -------
    array, shape (B,)
        NaN where it cannot be computed. With every weight 1 it is ``fit.log_evidence``.
    """
    closed_form = get_family(model.family).closed_form if model.conjugate else ""
    if closed_form == "gaussian":
        return gaussian_evidences(gaussian_prior(model), data, resamples, scaled_columns(model))
    if closed_form == "table":
        return table_evidences(model, data, resamples)
    from core.fit.resampled_modes import sampled_evidences

    return sampled_evidences(model, data, fit, resamples)


def gaussian_evidences(
    prior: GaussianPrior, data: BlockData, resamples: Resamples, scaled: mixed.Scaled | None = None
) -> FloatArray:
    """Return the log evidence of a linear-Gaussian family on each data set, shape (B,).

    With R the factor of all rows ``[1 X y]`` and of the prior (:func:`core.fit.gaussian.posterior`), the rows of
    ``[1 X y] R^-1`` are nearly orthonormal. So the weighted cross-products of these are near the identity, their
    Cholesky factors lose no digits, and ``factor R`` is the factor of a resampled data set. Where columns are
    scaled, the same products serve every point of the taus.
    """
    used = data.used
    rows = np.empty((data.rows, len(prior.t) + 2))
    rows[:, 0], rows[:, 1:-1], rows[:, -1] = 1.0, data.x, data.y
    jacobian = resamples.sums(data.log_jacobian)
    if not used.all():
        rows[~used] = 0.0  # which adds nothing to any sum
    seen = resamples.sums(used.astype(np.float64))
    whole = _factor(rows)
    full = _with_prior(whole, prior)
    products = _products(rows @ np.linalg.inv(full), resamples)
    if scaled is None:
        return _evidences(products, full, full, prior, seen) + jacobian
    points = mixed.explored(whole, int(used.sum()), prior, scaled)
    if len(points.taus) > _MOST_POINTS:
        points = thinned(points)
    total = np.full(resamples.count, -np.inf)
    for log_prior, scales in zip(points.log_prior, mixed.column_scales(scaled, points.taus), strict=True):
        every = np.append(scales, 1.0)
        own = _with_prior(whole * every, prior)
        total = np.logaddexp(total, log_prior + _evidences(products, full * every, own, prior, seen))
    return total + jacobian


def _with_prior(factor: FloatArray, prior: GaussianPrior) -> FloatArray:
    """Return the factor of rows and prior, square."""
    full = np.linalg.qr(np.vstack([factor, _root(prior)]), mode="r")
    if full[-1, -1] == 0.0:  # the response is 0 throughout: any other basis does
        full[-1, -1] = 1.0
    return np.asarray(full)


def _root(prior: GaussianPrior) -> FloatArray:
    p = len(prior.t)
    root = np.zeros((p + 1, p + 2))
    root[:, :-1] = np.diag(np.sqrt(np.concatenate([[prior.a], prior.t])))
    return root


def _evidences(
    products: FloatArray, basis: FloatArray, full: FloatArray, prior: GaussianPrior, seen: FloatArray
) -> FloatArray:
    """Return the log evidence on each data set, shape (B,), on the family's scale.

    Parameters
    ----------
    products : array, shape (B, q, q)
        Weighted cross-products of the rows times the inverse of some basis.
    basis : array, shape (q, q)
        That basis, its columns scaled as those of the family.
    full : array, shape (q, q)
        The family's own factor of rows and prior.
    seen : array, shape (B,)
        How many rows each data set has.
    """
    inverse = np.linalg.inv(full)
    if basis is not full:
        onto = basis @ inverse
        products = onto.T @ products @ onto
    of_prior = _root(prior) @ inverse
    products = products + of_prior.T @ of_prior
    below = np.linalg.cholesky(products[:, :-1, :-1])
    across = np.linalg.solve(below, products[:, :-1, -1:])[..., 0]
    left = np.maximum(products[:, -1, -1] - (across**2).sum(axis=1), 0.0) * full[-1, -1] ** 2
    log_root = np.log(np.diagonal(below, axis1=1, axis2=2)).sum(axis=1) + np.log(np.abs(np.diag(full)[:-1])).sum()
    alpha = prior.alpha + seen / 2
    constant = 0.5 * (np.log(prior.a) + np.log(prior.t).sum()) + prior.alpha * np.log(prior.beta) - lgamma(prior.alpha)
    log_evidence: FloatArray = constant - 0.5 * seen * _LOG_2PI - log_root + _log_gamma(alpha)
    return log_evidence - alpha * np.log(prior.beta + left / 2)


def _factor(rows: FloatArray) -> FloatArray:
    return gaussian.reduce_chunks(lambda: np.array_split(rows, len(rows) // 4_096 + 1), len(rows), rows.shape[1])


def _log_gamma(values: FloatArray) -> FloatArray:
    distinct, place = np.unique(values, return_inverse=True)
    return np.array([lgamma(value) for value in distinct])[place]


def _products(rows: FloatArray, resamples: Resamples) -> FloatArray:
    """Return the weighted cross-products of rows (N, q) in each data set, shape (B, q, q)."""
    q = rows.shape[1]
    above = np.triu_indices(q)
    total = np.zeros((resamples.count, len(above[0])))
    for some, weights in resamples.parts():
        if isinstance(some, slice):
            step = max(1, _CELLS // len(above[0]))
            part = rows[some]
            for start in range(0, len(part), step):
                few = part[start : start + step]
                total += weights[:, start : start + step] @ (few[:, above[0]] * few[:, above[1]])
            continue
        grouped = np.where((some >= 0)[..., None], rows[some], 0.0)
        crossed = np.matmul(grouped.transpose(0, 2, 1), grouped)
        total += weights @ crossed[:, above[0], above[1]]
    found = np.empty((resamples.count, q, q))
    found[:, above[0], above[1]] = total
    found[:, above[1], above[0]] = total
    return found


def table_evidences(model: NodeModel, data: BlockData, resamples: Resamples) -> FloatArray:
    """Return the log evidence of a probability table on each data set, shape (B,).

    Cells and combinations of the parents' levels that no row has add nothing, so those that occur are enough.
    """
    from scipy.special import gammaln

    k = model.levels
    pseudo = model.prior["probabilities"]["equivalent_sample_size"] / (k * model.columns)
    combination = data.x[:, 0].astype(np.intp)
    used = None if data.used.all() else data.used
    _, seen = resamples.tallies(combination, used)
    _, cells = resamples.tallies(combination * k + data.y.astype(np.intp), used)
    rows = gammaln(k * pseudo) - gammaln(k * pseudo + seen)
    found: FloatArray = rows.sum(axis=1) + (gammaln(cells + pseudo) - gammaln(pseudo)).sum(axis=1)
    return found + resamples.sums(data.log_jacobian)
