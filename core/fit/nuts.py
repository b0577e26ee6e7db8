"""Sampled blocks: draws by NUTS, and everything that is computed from them.

nutpie samples the block's PyMC model; leave-one-out scores, evidence and the prior sweep
follow in numpy from the family's own log likelihood and log prior, which are tested
against that model. This module is imported by workers only: what it needs (PyMC, nutpie,
arviz_stats) takes seconds to load.

Over :data:`MOST_ROWS` distinct rows a simple random sample of that many is fitted, and said
so: the posterior is then wider than with all rows, and the evidence is not known.
"""

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

import numpy as np
from arviz_stats.base import array_stats
from numpy.typing import NDArray

from core.errors import FitError
from core.families.base import Draws
from core.fit.blocks import block_seed
from core.fit.bridge import Bridge, bridge, log_ratio
from core.fit.effective import effective_size
from core.fit.gates import PROPOSAL_K_MAX
from core.fit.leaving_out import Scores, sum_error
from core.fit.nuts_sampling import sample
from core.fit.proposal import weighted
from core.fit.psis import Loo, k_limit, merged, psis_loo
from core.fit.result import Block, BlockFit, Diagnostics
from core.fit.rows import entering, keep_rows, spread
from core.fit.subsample import difference_estimate, is_large, sample_rows, scored_words, shared_influence, surrogate
from core.fit.target import Target, sweep_factors
from core.model.design import BlockData

__all__ = ["CHAINS", "MAX_REFITS", "diagnose", "fit_nuts"]

FloatArray = NDArray[np.float64]

CHAINS = 4
MAX_REFITS = 20
MOST_ROWS = 50_000
"""Distinct rows that NUTS is run on; of more, a simple random sample."""

_SWEEP_SE = 0.03
_BRIDGED_SE = 0.1
_SAMPLING = 0.7  # share of a block's time, for progress


def fit_nuts(
    block: Block,
    data: BlockData,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> BlockFit:
    """Sample a block and score it; see :func:`core.fit.engine.fit_block`.

    Returns
    -------
    BlockFit
        ``seconds["fit"]`` is compiling, sampling and evidence, ``seconds["score"]`` is
        leave-one-out, refits included.
    """
    start = perf_counter()
    rows = entering(data)
    target = Target.of(block.model, rows, cancelled)
    fitted, seen = _few_enough(block, target, rows)
    seed = block_seed(block)
    run = sample(
        block.model,
        fitted,
        draws=block.draws,
        chains=CHAINS,
        seed=seed,
        progress=None if progress is None else lambda share: progress(_SAMPLING * share),
        cancelled=cancelled,
    )
    diagnostics, relative = diagnose(run.draws, CHAINS, run.divergences)
    theta = target.unconstrain(run.draws)
    sampled = perf_counter()

    if seen is not None or is_large(len(theta), len(target.y)):
        log_lik = None if seen is not None else _total(target, run.draws)
        scores, warnings = _some_rows(block, target, run.draws, theta, relative, seen)
    else:
        scores, log_lik, warnings = _all_rows(block, target, fitted, run.draws, relative, progress, cancelled)
    scored = perf_counter()

    target.check()
    sweep: tuple[float, float, float] | None = None
    if log_lik is None:
        evidence = se = float("nan")
        warnings += (_sampled_words(len(fitted.y), len(rows.y)),)
    else:
        found = bridge(theta, target.log_prior(theta) + log_lik, target, CHAINS, np.random.default_rng([seed, 1]))
        onto_data = float(rows.log_jacobian.sum())
        evidence, se = found.log_evidence + onto_data, found.se
        half_to_double, more = _sweep(block, rows, target, theta, found.log_evidence, cancelled)
        if half_to_double is not None:
            sweep = (half_to_double[0] + onto_data, half_to_double[1] + onto_data, half_to_double[2] + onto_data)
        warnings += more
        if not np.isfinite(evidence):
            warnings += ("the log evidence of this node could not be computed: bridge sampling did not converge",)
    done = perf_counter()
    return BlockFit(
        key=block.key,
        method="nuts",
        draws=run.draws,
        elpd_i=spread(scores.elpd_i + rows.log_jacobian, data.used),
        lppd_i=spread(scores.lppd_i + rows.log_jacobian, data.used),
        log_evidence=evidence,
        log_evidence_se=se,
        elpd_mcse=scores.mcse,
        pareto_k=spread(scores.pareto_k, data.used),
        sweep=sweep,
        diagnostics=diagnostics,
        chains=CHAINS,
        rows_sampled=None if seen is None else len(fitted.y),
        rows_scored=scores.rows_scored,
        seconds={"fit": (sampled - start) + (done - scored), "score": scored - sampled},
        warnings=warnings,
    )


def _few_enough(block: Block, target: Target, rows: BlockData) -> tuple[BlockData, NDArray[np.bool_] | None]:
    """Return the rows to run NUTS on and, if these are a sample, which of ``rows`` are in it."""
    if len(target.y) <= MOST_ROWS:
        return rows, None
    seen = np.zeros(len(rows.y), dtype=bool)
    seen[np.random.default_rng([block.seed % 2**63, len(seen), 1]).choice(len(seen), MOST_ROWS, replace=False)] = True
    return keep_rows(rows, seen), seen


def _sampled_words(sampled: int, rows: int) -> str:
    return (
        f"NUTS was run on {sampled:,} of {rows:,} rows, drawn at random: this node's posterior is wider than it would "
        "be with all rows, and its log evidence and what needs it are not given"
    )


def diagnose(draws: Draws, chains: int, divergences: int) -> tuple[Diagnostics, float]:
    """Return the worst diagnostics over all scalar parameters, and the relative efficiency of the mean.

    R-hat is rank normalised and split, folded included; tail ESS is at 5 and 95 %
    (Vehtari, Gelman, Simpson, Carpenter & Bürkner 2021).
    """
    columns = [value.reshape(len(value), -1) for value in draws.values() if value.size]
    by_chain = np.concatenate(columns, axis=1).reshape(chains, -1, sum(c.shape[1] for c in columns))
    moving = by_chain[..., np.ptp(by_chain, axis=(0, 1)) > 0]
    axes = {"chain_axis": 0, "draw_axis": 1}
    rhat = array_stats.rhat(moving, **axes)
    bulk = array_stats.ess(moving, method="bulk", **axes)
    tail = array_stats.ess(moving, method="tail", prob=(0.05, 0.95), **axes)
    mean = array_stats.ess(moving, method="mean", **axes)
    relative = float(np.mean(mean)) / (by_chain.shape[0] * by_chain.shape[1])
    return Diagnostics(float(np.max(rhat)), float(np.min(bulk)), float(np.min(tail)), divergences), relative


# -- leave-one-out ------------------------------------------------------------------------


def _total(target: Target, draws: Draws) -> FloatArray:
    """Return each draw's log likelihood summed over all rows, shape (S,)."""
    count = len(next(iter(draws.values())))
    return target.add_rows(count, lambda rows: target.log_likelihood(draws, rows) @ target.weights[rows])


def _all_rows(
    block: Block,
    target: Target,
    data: BlockData,
    draws: Draws,
    relative: float,
    progress: Callable[[float], None] | None,
    cancelled: Callable[[], bool] | None,
) -> tuple[Scores, FloatArray, tuple[str, ...]]:
    """Return PSIS-LOO of every row, and each draw's log likelihood summed over all rows."""
    loo, log_lik = _leave_one_out(target, draws, relative, target.weights)
    if progress is not None:
        progress(0.85)
    _check_density(block, loo.elpd_i[target.place])
    loo, warnings = _refit(block, data, target, draws, relative, loo, cancelled)
    error = sum_error(loo, target.weights, CHAINS)
    place = target.place
    return Scores(loo.elpd_i[place], loo.lppd_i[place], loo.pareto_k[place], error), log_lik, warnings


def _check_density(block: Block, elpd_i: FloatArray) -> None:
    lost = int((~np.isfinite(elpd_i)).sum())
    if lost:
        raise FitError(
            f"the density of {lost} rows under this model is zero or cannot be computed",
            place=f"node {block.model.node}",
            hint="Look for extreme values in this column and its parents, or choose another family for it.",
        )


def _some_rows(
    block: Block,
    target: Target,
    draws: Draws,
    theta: FloatArray,
    relative: float,
    seen: NDArray[np.bool_] | None,
) -> tuple[Scores, tuple[str, ...]]:
    """Estimate the scores of very many rows from a sample of them (:mod:`core.fit.subsample`).

    A row that the posterior has never seen (``seen`` is false) is left out already.
    """
    place = target.place
    inside = np.ones(len(place), dtype=bool) if seen is None else seen
    rows = sample_rows(len(place), block.seed)
    distinct, which = np.unique(place[rows], return_inverse=True)
    often = np.bincount(which).astype(np.float64)
    some = replace(target.thinned(distinct, 1.0), weights=often)
    loo, _ = _leave_one_out(some, draws, relative, often)
    _check_density(block, loo.elpd_i)
    out = np.where(inside[rows], loo.elpd_i[which], loo.lppd_i[which])
    mean, covariance = theta.mean(axis=0), np.cov(theta.T).reshape(theta.shape[1], -1)
    whole, times = surrogate(target, mean, covariance), len(place) / len(rows)
    elpd = difference_estimate(np.where(inside, whole.left_out[place], whole.left_in[place]), rows, out)
    lppd = difference_estimate(whole.left_in[place], rows, loo.lppd_i[which])
    k = np.full(len(place), np.nan)
    k[rows] = np.where(inside[rows], loo.pareto_k[which], 0.0)
    equal = np.full(len(theta), 1.0 / len(theta))
    moved = shared_influence(whole, surrogate(some, mean, covariance), theta, equal, loo.influence, times)
    error = sum_error(replace(loo, influence=moved), times * often, CHAINS)
    words = scored_words(len(rows), len(place))
    return Scores(elpd.values, lppd.values, k, float(np.hypot(elpd.se, error)), len(rows)), (words,)


def _leave_one_out(target: Target, draws: Draws, relative: float, often: FloatArray) -> tuple[Loo, FloatArray]:
    """Return PSIS-LOO of every distinct row, counted ``often``, and each draw's log likelihood over all rows."""
    count = len(next(iter(draws.values())))

    def score(rows: slice) -> tuple[Loo, FloatArray]:
        log_lik = target.log_likelihood(draws, rows)
        return psis_loo(log_lik, min(relative, 1.0), counts=often[rows]), log_lik @ target.weights[rows]

    parts = target.over_rows(count, score)
    return merged([loo for loo, _ in parts], count), sum((total for _, total in parts), np.zeros(count))


def _refit(
    block: Block,
    data: BlockData,
    target: Target,
    draws: Draws,
    relative: float,
    loo: Loo,
    cancelled: Callable[[], bool] | None,
) -> tuple[Loo, tuple[str, ...]]:
    """Replace the estimate of rows over the k limit by an exact one: sample without the row."""
    limit = k_limit(block.draws)
    over = np.flatnonzero(~(loo.pareto_k <= limit))
    chosen = over[np.argsort(-loo.pareto_k[over], kind="stable")][:MAX_REFITS]
    elpd, k, mcse, influence = loo.elpd_i.copy(), loo.pareto_k.copy(), loo.mcse_i.copy(), loo.influence.copy()
    for row in chosen:
        keep = np.arange(len(target.place)) != np.flatnonzero(target.place == row)[0]
        run = sample(
            block.model,
            keep_rows(data, keep),
            draws=block.draws,
            chains=CHAINS,
            seed=block_seed(block) ^ (int(row) + 1),
            cancelled=cancelled,
        )
        # The density of the row is the ratio of the evidence with it to that without it, and
        # there are draws of both posteriors: a bridge between them holds where the mean over
        # the second alone would hang on its few draws nearest to the row. Where they lie too
        # far apart for any bridge, each evidence is estimated by itself.
        here = slice(int(row), int(row) + 1)
        without = target.log_likelihood(run.draws, here)[:, 0]
        inside = target.log_likelihood(draws, here)
        found = log_ratio(inside[:, 0], without, CHAINS, CHAINS)
        if not found.se < _BRIDGED_SE:
            found = _ratio_of_evidences(target, target.without(int(row)), draws, run.draws, block_seed(block), found)
        if np.isfinite(found.log_evidence):
            elpd[row], mcse[row], k[row] = found.log_evidence, found.se, 0.0
            influence -= psis_loo(inside, min(relative, 1.0), counts=target.weights[[row]]).influence
    warnings: tuple[str, ...] = ()
    if len(over) > len(chosen):
        warnings = (
            f"{len(over)} different rows sway this node's fit too much for the quick leave-one-out estimate; the "
            f"worst {len(chosen)} were refitted exactly, {len(over) - len(chosen)} were not",
        )
    return replace(loo, elpd_i=elpd, pareto_k=k, mcse_i=mcse, influence=influence), warnings


def _ratio_of_evidences(
    target: Target, without: Target, draws: Draws, others: Draws, seed: int, direct: Bridge
) -> Bridge:
    """Return the evidence of a target over that of another, each by a bridge of its own, if that is the surer way."""
    pairs = []
    for number, (each, of) in enumerate(((target, draws), (without, others))):
        theta = each.unconstrain(of)
        pairs.append(bridge(theta, each(theta), each, CHAINS, np.random.default_rng([seed, 2, number])))
    se = float(np.hypot(pairs[0].se, pairs[1].se))
    if np.isfinite(direct.log_evidence) and not se < direct.se:
        return direct
    return Bridge(pairs[0].log_evidence - pairs[1].log_evidence, se)


def _sweep(
    block: Block,
    data: BlockData,
    target: Target,
    theta: FloatArray,
    evidence: float,
    cancelled: Callable[[], bool] | None,
) -> tuple[tuple[float, float, float] | None, tuple[str, ...]]:
    """Return the log evidence, on the family's scale, at half, one and two times the prior scale.

    The evidence under another prior is this one times the posterior mean of the ratio of
    the priors: an importance estimate, with the same demands on its weights. Where they are
    not met, the posterior under the other prior is sampled (its numbers are data to the
    compiled model) and gets a bridge of its own.
    """
    if not np.isfinite(evidence):
        return None, ()
    base, values = target.log_prior(theta), []
    for number, factor in enumerate(sweep_factors(target.model)):
        if factor == 1.0:
            values.append(evidence)
            continue
        other = target.with_prior_scale(factor)
        again = weighted(theta, other.log_prior(theta) - base)
        size = effective_size(np.exp(again.log_weights - again.log_weights.max()).reshape(CHAINS, -1))
        if again.k < PROPOSAL_K_MAX and again.log_evidence_se * np.sqrt(len(theta) / size) < _SWEEP_SE:
            values.append(evidence + again.log_evidence)
            continue
        seed = block_seed(block) ^ (1 << 40 | number)
        run = sample(other.model, data, draws=block.draws, chains=CHAINS, seed=seed, cancelled=cancelled)
        there = other.unconstrain(run.draws)
        found = bridge(there, other(there), other, CHAINS, np.random.default_rng([seed, 1]))
        if not (np.isfinite(found.log_evidence) and found.se < 2 * _SWEEP_SE):
            return None, (
                "how the evidence of this node changes with the prior's scale could not be computed: bridge sampling "
                f"did not converge under the prior at {factor:g} times its scale",
            )
        values.append(found.log_evidence)
    return (values[0], values[1], values[2]), ()
