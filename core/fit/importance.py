"""Posterior, evidence and scores of a block by importance sampling; no PyMC.

Draws of a split t at the posterior mode (:mod:`core.fit.proposal`), weighted by posterior
over proposal. The weights say themselves whether they do: their Pareto k must be under 0.5,
so that their variance exists and errors shrink as they should, and at least 1000 of the
draws must be effective. If not, the proposal is moved once to the moments that the weights
point to; then the block needs NUTS.

Two modes that both carry mass: the proposal would know of one of them only, and the weights
would not tell. Families that can have several are climbed from several starts, and more than
one mode means NUTS.
"""

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from core.errors import FitError, ModelError
from core.fit.blocks import block_seed
from core.fit.bridge import log_ratio
from core.fit.gates import EFFECTIVE_MIN, PROPOSAL_K_MAX
from core.fit.laplace import Mode, NoModeError, climb, find_modes
from core.fit.proposal import Weighted, moved, resample, split_at, weigh, weighted
from core.fit.psis import Loo, k_limit, psis_loo
from core.fit.result import Block, BlockFit, Diagnostics, NeedsSamplerError
from core.fit.rows import entering, spread
from core.fit.target import Target, sweep_factors
from core.model.design import BlockData

__all__ = ["MAX_PARAMETERS", "fit_importance"]

MAX_PARAMETERS = 200
"""Above it a proposal at the mode has no chance."""

MANY_CELLS = 200_000_000
"""Draws x distinct rows above which fewer proposals are weighed, but never fewer than :data:`FEWEST`."""

FEWEST = 2_000
MAX_REFITS = 50
_REFIT_CELLS = 1_000_000_000  # draws x rows x rows to refit: a minute at most
_SWEEP_SE = 0.03
_LONGER = 4  # times as many proposals where they are good but too few of them effective


def fit_importance(
    block: Block,
    data: BlockData,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> BlockFit:
    """Fit a block by importance sampling; see :func:`core.fit.engine.fit_block`.

    Returns
    -------
    BlockFit
        ``draws`` have equal weight: they are resampled from the weighted proposals, so some
        occur more than once; ``diagnostics.effective_draws`` counts what they are worth.
        Scores and evidence come from the weighted proposals themselves.
        ``seconds["fit"]`` is mode, weights, evidence and sweep; ``seconds["score"]`` is
        leave-one-out, refits included.

    Raises
    ------
    NeedsSamplerError
        If there is no mode to begin at or there are several; for a block that asks for
        ``"auto"`` also if the weights are not good enough.
    ModelError
        If the block has more than :data:`MAX_PARAMETERS` parameters.
    FitError
        If rows have no density; FitCancelledError within a second after ``cancelled`` says so.
    """
    start = perf_counter()
    rows = entering(data)
    target = Target.of(block.model, rows, cancelled)
    if target.dimension > MAX_PARAMETERS:
        raise _too_many(block, target.dimension)
    strict = block.method == "auto"
    rng = np.random.default_rng(block_seed(block))
    mode = _one_mode(target)
    count = _proposals(block.draws, len(target.y))
    found = _posterior(target, mode, count, rng)
    if strict:
        _demand(block, found)
    chosen = resample(found.smooth, block.draws, rng)
    evidence = found.log_evidence + float(rows.log_jacobian.sum())
    sweep, warnings = _sweep(target, found, mode, float(rows.log_jacobian.sum()), rng)
    fitted = perf_counter()
    _tell(progress, 0.6)

    loo = _leave_one_out(target, found)
    lost = int((~np.isfinite(loo.elpd_i))[target.place].sum())
    if lost:
        raise FitError(
            f"the density of {lost} rows under this model is zero or cannot be computed",
            place=f"node {block.model.node}",
            hint="Look for extreme values in this column and its parents, or choose another family for it.",
        )
    _tell(progress, 0.8)
    loo, more = _refit(block, target, found, chosen, mode, loo, rng)
    if count < block.draws:
        warnings += (_few(len(rows.y), count, found.effective, block.draws),)
    return BlockFit(
        key=block.key,
        method="importance",
        draws=target.constrain(found.theta[chosen]),
        elpd_i=spread(loo.elpd_i[target.place] + rows.log_jacobian, data.used),
        lppd_i=spread(loo.lppd_i[target.place] + rows.log_jacobian, data.used),
        log_evidence=evidence,
        log_evidence_se=found.log_evidence_se,
        elpd_mcse=float(np.sqrt(((target.weights * loo.mcse_i) ** 2).sum())),  # equal rows share their error
        pareto_k=spread(loo.pareto_k[target.place], data.used),
        sweep=sweep,
        diagnostics=Diagnostics(proposal_k=found.k, effective_draws=found.effective),
        seconds={"fit": fitted - start, "score": perf_counter() - fitted},
        warnings=warnings + more,
    )


def _tell(progress: Callable[[float], None] | None, share: float) -> None:
    if progress is not None:
        progress(share)


def _too_many(block: Block, dimension: int) -> ModelError:
    return ModelError(
        f"importance sampling cannot be done with {dimension:,} parameters at once (at most {MAX_PARAMETERS})",
        place=f"node {block.model.node}",
        hint="Use the method auto, or fit this node with nuts.",
    )


def _needs_sampler(node: str, reason: str) -> NeedsSamplerError:
    return NeedsSamplerError(
        f"importance sampling does not do here: {reason}",
        place=f"node {node}",
        hint="Fit this node with nuts (the method auto does so by itself).",
    )


# -- the posterior ------------------------------------------------------------------------


def _one_mode(target: Target) -> Mode:
    try:
        modes = find_modes(target)
    except NoModeError as error:
        raise _needs_sampler(target.model.node, str(error)) from None
    if len(modes) > 1:
        raise _needs_sampler(target.model.node, f"the posterior has {len(modes)} separate peaks")
    return modes[0]


def _proposals(draws: int, rows: int) -> int:
    """Return how many proposals to weigh: fewer where each costs a pass over very many rows."""
    return min(max(draws, FEWEST), max(FEWEST, MANY_CELLS // max(rows, 1)))


def _good(found: Weighted) -> bool:
    return found.k < PROPOSAL_K_MAX and found.effective >= EFFECTIVE_MIN


def _posterior(target: Target, mode: Mode, count: int, rng: np.random.Generator) -> Weighted:
    """Return weighted draws: from a proposal at the mode; moved once, and drawn from longer, if it misses."""
    first = weigh(target, split_at(target, mode), count, rng, keep=True)
    if _good(first):
        return first
    other = moved(first, mode.theta)
    if other is None:
        return first
    second = weigh(target, other, count, rng, keep=True)
    if second.k < PROPOSAL_K_MAX and EFFECTIVE_MIN / _LONGER < second.effective < EFFECTIVE_MIN:
        second = weigh(target, other, _LONGER * count, rng, keep=True)
    return second if _good(second) or (second.k, -second.effective) < (first.k, -first.effective) else first


def _demand(block: Block, found: Weighted) -> None:
    if not found.k < PROPOSAL_K_MAX:
        raise _needs_sampler(
            block.model.node, f"the Pareto k of its weights is {found.k:.2f}, and {PROPOSAL_K_MAX} is the limit"
        )
    if not found.effective >= EFFECTIVE_MIN:
        raise _needs_sampler(
            block.model.node,
            f"{found.effective:,.0f} of its draws are effective, and {EFFECTIVE_MIN:,.0f} are needed",
        )


def _few(rows: int, count: int, effective: float, draws: int) -> str:
    return (
        f"with {rows:,} rows the posterior was computed from {count:,} weighted draws over all rows "
        f"({effective:,.0f} effective), and the {draws:,} draws kept were resampled from them"
    )


def _sweep(
    target: Target, found: Weighted, mode: Mode, onto_data: float, rng: np.random.Generator
) -> tuple[tuple[float, float, float] | None, tuple[str, ...]]:
    """Return the log evidence at half, one and two times the prior scale.

    The draws are weighed anew by the ratio of the priors; where that leaves too few, the
    posterior under the other prior gets a proposal of its own.
    """
    base, values = target.log_prior(found.theta), []
    for factor in sweep_factors(target.model):
        if factor == 1.0:
            values.append(found.log_evidence + onto_data)
            continue
        other = target.with_prior_scale(factor)
        again = weighted(found.theta, found.log_weights + other.log_prior(found.theta) - base)
        if not (again.k < PROPOSAL_K_MAX and again.log_evidence_se < _SWEEP_SE):
            try:
                there = climb(other, mode.theta)
            except NoModeError:
                return None, (_no_sweep(factor),)
            again = _posterior(other, there, min(FEWEST, len(found.theta)), rng)
            if not again.k < 2 * PROPOSAL_K_MAX:
                return None, (_no_sweep(factor),)
        values.append(again.log_evidence + onto_data)
    return (values[0], values[1], values[2]), ()


def _no_sweep(factor: float) -> str:
    return (
        "how the evidence of this node changes with the prior's scale could not be computed: the prior at "
        f"{factor:g} times its scale is too far from the posterior"
    )


# -- leave-one-out ------------------------------------------------------------------------


def _leave_one_out(target: Target, found: Weighted) -> Loo:
    """Return PSIS-LOO of every distinct row from the weighted draws."""
    if found.chunks is not None:
        parts = target.side_by_side(lambda kept: psis_loo(kept[1], 1.0, found.log_weights), found.chunks)
    else:
        draws = target.constrain(found.theta)
        parts = target.over_rows(
            len(found.theta), lambda rows: psis_loo(target.log_likelihood(draws, rows), 1.0, found.log_weights)
        )
    names = ("elpd_i", "lppd_i", "pareto_k", "mcse_i")
    return Loo(**{name: np.concatenate([getattr(loo, name) for loo in parts] or [np.empty(0)]) for name in names})


def _refit(
    block: Block,
    target: Target,
    found: Weighted,
    chosen: NDArray[np.intp],
    mode: Mode,
    loo: Loo,
    rng: np.random.Generator,
) -> tuple[Loo, tuple[str, ...]]:
    """Replace the estimate of rows over the k limit by an exact one: the posterior without the row.

    The density of the row is the ratio of the evidence with it to that without it: a bridge
    between draws of both posteriors (Meng & Wong 1996).
    """
    limit = k_limit(block.draws)
    over = np.flatnonzero(~(loo.pareto_k <= limit))
    most = min(MAX_REFITS, _REFIT_CELLS // max(1, len(found.theta) * len(target.y)))
    worst = over[np.argsort(-loo.pareto_k[over], kind="stable")][:most]
    elpd, k, mcse = loo.elpd_i.copy(), loo.pareto_k.copy(), loo.mcse_i.copy()
    inside = target.constrain(found.theta[chosen])
    for row in worst:
        here = slice(int(row), int(row) + 1)
        without = target.without(int(row))
        try:
            again = _posterior(without, climb(without, mode.theta), len(found.theta), rng)
        except NoModeError:
            continue
        if not again.k < PROPOSAL_K_MAX:
            continue
        outside = target.constrain(again.theta[resample(again.smooth, block.draws, rng)])
        ratio = log_ratio(target.log_likelihood(inside, here)[:, 0], target.log_likelihood(outside, here)[:, 0], 1, 1)
        if np.isfinite(ratio.log_evidence):
            elpd[row], mcse[row], k[row] = ratio.log_evidence, ratio.se, 0.0
    left = int((~(k <= limit)).sum())
    warnings: tuple[str, ...] = ()
    if left:
        warnings = (
            f"{len(over)} different rows sway this node's fit too much for the quick leave-one-out estimate; "
            f"{len(over) - left} were refitted exactly, {left} were not",
        )
    return replace(loo, elpd_i=elpd, pareto_k=k, mcse_i=mcse), warnings
