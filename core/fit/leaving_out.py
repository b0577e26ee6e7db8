"""Leave-one-out scores from weighted draws of the posterior.

Pareto smoothed importance sampling (:mod:`core.fit.psis`) with the weights of the proposal in
the ratios. A row over the k limit is left out in truth: the posterior without it is found in
the same way as the posterior with it, which costs what the fit does.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.errors import FitError
from core.families.base import FloatArray
from core.fit.gates import PROPOSAL_K_MAX
from core.fit.laplace import NoModeError
from core.fit.proposal import Weighted
from core.fit.psis import Loo, k_limit, merged, psis_loo, total_error
from core.fit.result import Block, NeedsSamplerError
from core.fit.subsample import difference_estimate, is_large, sample_rows, scored_words, shared_influence, surrogate
from core.fit.target import Target

__all__ = ["MAX_REFITS", "Scores", "score", "sum_error"]

MAX_REFITS = 50
_FEW_REFITS = 20  # as many as NUTS would do
_TOGETHER = 4  # chunks of rows whose tails are fitted at once
_REFIT_CELLS = 1_000_000_000  # draws x rows x rows to refit: a minute at most


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of the block's rows, shape (N,) each, and the error of the elpd's sum."""

    elpd_i: FloatArray
    lppd_i: FloatArray
    pareto_k: FloatArray
    mcse: float
    rows_scored: int | None = None


def score(
    block: Block,
    target: Target,
    found: Weighted,
    again: Callable[[Target], Weighted],
    progress: Callable[[float], None] | None,
) -> tuple[Scores, tuple[str, ...]]:
    """Return leave-one-out of every row: of all distinct rows, or estimated from a sample of very many.

    ``again`` gives the posterior of the same block without a row, as ``found`` is with it.
    """
    place, sampled, some = target.place, None, target
    distinct = np.arange(len(target.y))
    if is_large(len(found.theta), len(target.y)):
        sampled = sample_rows(len(place), block.seed)
        distinct, place = np.unique(place[sampled], return_inverse=True)
        some = target.thinned(distinct, 1.0)
        found = replace(found, chunks=None)
    often = np.bincount(place, minlength=len(distinct)).astype(np.float64)
    if sampled is not None:
        some = replace(some, weights=often)
    loo = _leave_one_out(some, found, often)
    lost = int((~np.isfinite(loo.elpd_i))[place].sum())
    if lost:
        raise FitError(
            f"the density of {lost} rows under this model is zero or cannot be computed",
            place=f"node {block.model.node}",
            hint="Look for extreme values in this column and its parents, or choose another family for it.",
        )
    if progress is not None:
        progress(0.8)
    loo, warnings = _refit(block, target, found, again, loo, distinct, often)
    if sampled is None:
        return Scores(loo.elpd_i[place], loo.lppd_i[place], loo.pareto_k[place], sum_error(loo, often)), warnings
    n, times = len(target.place), len(target.place) / len(sampled)
    mean, covariance = found.mean(), found.covariance()
    whole = surrogate(target, mean, covariance)
    moved = shared_influence(whole, surrogate(some, mean, covariance), found.theta, found.smooth, loo.influence, times)
    elpd = difference_estimate(whole.left_out[target.place], sampled, loo.elpd_i[place])
    lppd = difference_estimate(whole.left_in[target.place], sampled, loo.lppd_i[place])
    k = np.full(n, np.nan)
    k[sampled] = loo.pareto_k[place]
    error = float(np.hypot(elpd.se, sum_error(replace(loo, influence=moved), times * often)))
    return Scores(elpd.values, lppd.values, k, error, len(sampled)), (*warnings, scored_words(len(sampled), n))


def sum_error(loo: Loo, often: FloatArray, chains: int = 0) -> float:
    """Return the Monte Carlo standard error of the sum of scores, rows counted as ``often`` as they occur.

    Rows that were refitted (k = 0) have an error of their own, beside that of the draws
    which all rows share.
    """
    own = (often * loo.mcse_i)[loo.pareto_k == 0.0]
    return float(np.hypot(total_error(loo.influence, chains), np.sqrt(own @ own)))


def _leave_one_out(target: Target, found: Weighted, often: FloatArray) -> Loo:
    """Return PSIS-LOO of every distinct row from the weighted draws."""
    pieces = list(enumerate(target.chunks(len(found.theta))))
    kept = found.chunks if found.chunks is not None and len(found.chunks) == len(pieces) else None
    draws = target.constrain(found.theta)

    def work(some: list[tuple[int, slice]]) -> Loo:
        logs = [target.log_likelihood(draws, rows) if kept is None else kept[number] for number, rows in some]
        counts = np.concatenate([often[rows] for _, rows in some])
        return psis_loo(np.concatenate(logs, axis=1), 1.0, found.log_weights, counts)

    parts = target.side_by_side(work, [pieces[at : at + _TOGETHER] for at in range(0, len(pieces), _TOGETHER)])
    return merged(parts, len(found.theta))


def _refit(
    block: Block,
    target: Target,
    found: Weighted,
    again: Callable[[Target], Weighted],
    loo: Loo,
    distinct: NDArray[np.intp],
    often: FloatArray,
) -> tuple[Loo, tuple[str, ...]]:
    """Replace the estimate of rows over the k limit by an exact one: the posterior without the row.

    ``distinct`` says which of the target's rows ``loo`` is about, ``often`` how often each counts.

    The density of the row is the ratio of the evidence with it to that without it, and both
    are known, however far from each other the two posteriors lie. The draws behind the first
    are those that score all other rows: they move its logarithm by their share of the weights.
    """
    limit = k_limit(block.draws)
    over = np.flatnonzero(~(loo.pareto_k <= limit))
    most = min(MAX_REFITS, _REFIT_CELLS // max(1, len(found.theta) * len(target.y)))
    worst = over[np.argsort(-loo.pareto_k[over], kind="stable")][:most]
    elpd, k, mcse, influence = loo.elpd_i.copy(), loo.pareto_k.copy(), loo.mcse_i.copy(), loo.influence.copy()
    proposed = target.constrain(found.theta)
    share = np.exp(found.log_weights - found.log_weights.max())
    of_evidence = share / share.sum() - 1.0 / len(share)
    for row in worst:
        here = slice(int(distinct[row]), int(distinct[row]) + 1)
        try:
            without = again(target.without(int(distinct[row])))
        except NoModeError:
            continue
        if not without.k < PROPOSAL_K_MAX:
            continue
        if np.isfinite(without.log_evidence):
            elpd[row], mcse[row], k[row] = found.log_evidence - without.log_evidence, without.log_evidence_se, 0.0
            replaced = psis_loo(target.log_likelihood(proposed, here), 1.0, found.log_weights, often[[row]])
            influence += often[row] * of_evidence - replaced.influence
    left = int((~(k <= limit)).sum())
    if left and block.method == "auto" and len(over) <= _FEW_REFITS:
        raise NeedsSamplerError(
            f"importance sampling does not do here: the posterior without one of {left} rows that sway the fit "
            "could not be found",
            place=f"node {block.model.node}",
            hint="Fit this node with nuts (the method auto does so by itself).",
        )
    warnings: tuple[str, ...] = ()
    if left:
        warnings = (
            f"{len(over)} different rows sway this node's fit too much for the quick leave-one-out estimate; "
            f"{len(over) - left} were refitted exactly, {left} were not",
        )
    return replace(loo, elpd_i=elpd, pareto_k=k, mcse_i=mcse, influence=influence), warnings
