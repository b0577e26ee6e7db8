"""Posterior, evidence and scores of a block by importance sampling; no PyMC.

Draws of a split t at the posterior mode (:mod:`core.fit.proposal`), weighted by posterior
over proposal. The weights say themselves whether they do: their Pareto k must be under 0.5,
so that their variance exists and errors shrink as they should, and at least 1000 of the
draws must be effective. If not, the proposal is moved once to the moments that the weights
point to, then made of many small ones around the draws so far; then the block needs NUTS.

Two modes that both carry mass: a proposal at one of them would not know of the other, and
its weights would not tell. Families that can have several are climbed from several starts,
and the proposal is a mixture over the modes found.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from core.errors import ModelError
from core.fit.blocks import block_seed
from core.fit.gates import EFFECTIVE_MIN, PROPOSAL_K_MAX
from core.fit.laplace import Mode, NoModeError, find_again, find_modes
from core.fit.leaving_out import score
from core.fit.proposal import Weighted, resample, weighted, weighted_posterior
from core.fit.result import Block, BlockFit, Diagnostics, NeedsSamplerError
from core.fit.rows import entering, spread
from core.fit.scaled import Strata, strata, without_taus
from core.fit.target import Target, sweep_factors
from core.fit.tau_given import at_nothing, given_slopes
from core.model.design import BlockData

__all__ = ["MAX_PARAMETERS", "fit_importance"]

MAX_PARAMETERS = 200
"""Above it a proposal at the mode has no chance."""

MANY_CELLS = 200_000_000
"""Draws x distinct rows above which fewer proposals are weighed, but never fewer than :data:`FEWEST`."""

FEWEST = 2_000
_SWEEP_SE = 0.03


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
        If there is no mode to begin at; for a block that asks for ``"auto"`` also if it has
        too many parameters or the weights are not good enough.
    ModelError
        If importance sampling is demanded of more than :data:`MAX_PARAMETERS` parameters.
    FitError
        If rows have no density; FitCancelledError within a second after ``cancelled`` says so.
    """
    start = perf_counter()
    rows = entering(data)
    target = Target.of(block.model, rows, cancelled)
    strict = block.method == "auto"
    if target.dimension > MAX_PARAMETERS:
        raise _too_many(block, target.dimension, strict)
    rng = np.random.default_rng(block_seed(block))
    count = _proposals(block.draws, len(target.y))
    posterior = _posterior(target, count, rng)
    if isinstance(posterior, Strata):
        target = without_taus(target)
    found = posterior.found
    if strict:
        _demand(block, found)
    chosen = resample(found.smooth, block.draws, rng)
    draws = dict(target.constrain(found.theta[chosen]))
    if isinstance(posterior, Strata):
        draws = at_nothing(block.model, {**draws, "tau": posterior.taus[chosen]})
        draws["tau"] = given_slopes(block.model, draws, rng)
    evidence = found.log_evidence + float(rows.log_jacobian.sum())
    sweep, warnings = _sweep(target, posterior, float(rows.log_jacobian.sum()), rng)
    fitted = perf_counter()
    _tell(progress, 0.6)

    scores, more = score(block, target, found, lambda without: posterior.again(without, rng), progress)
    if count < block.draws:
        warnings += (_few(len(rows.y), count, found.effective, block.draws),)
    return BlockFit(
        key=block.key,
        method="importance",
        draws=draws,
        elpd_i=spread(scores.elpd_i + rows.log_jacobian, data.used),
        lppd_i=spread(scores.lppd_i + rows.log_jacobian, data.used),
        log_evidence=evidence,
        log_evidence_se=found.log_evidence_se,
        elpd_mcse=scores.mcse,
        pareto_k=spread(scores.pareto_k, data.used),
        sweep=sweep,
        diagnostics=Diagnostics(proposal_k=found.k, effective_draws=found.effective),
        rows_scored=scores.rows_scored,
        seconds={"fit": fitted - start, "score": perf_counter() - fitted},
        warnings=warnings + more,
    )


def _tell(progress: Callable[[float], None] | None, share: float) -> None:
    if progress is not None:
        progress(share)


def _too_many(block: Block, dimension: int, strict: bool) -> ModelError | NeedsSamplerError:
    reason = f"{dimension:,} parameters at once are too many (at most {MAX_PARAMETERS})"
    if strict:
        return _needs_sampler(block.model.node, reason)
    return ModelError(
        f"importance sampling cannot be done here: {reason}",
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


@dataclass(frozen=True, eq=False)
class _Whole:
    """A posterior that was sampled from proposals at its modes; :class:`Strata` is the other kind."""

    found: Weighted
    modes: list[Mode]

    def again(self, target: Target, rng: np.random.Generator, most: int | None = None) -> Weighted:
        """Return the posterior of a target near the one that this is of; NoModeError if there is no mode."""
        count = min(len(self.found.theta), most or len(self.found.theta))
        return weighted_posterior(target, find_again(target, self.modes), count, rng)

    def under_scale(self, target: Target, factor: float) -> Weighted:
        """Return the same draws weighed under ``factor`` times the prior scale."""
        found = self.found
        ratio = target.with_prior_scale(factor).log_prior(found.theta) - target.log_prior(found.theta)
        return weighted(found.theta, found.log_weights + ratio)


def _posterior(target: Target, count: int, rng: np.random.Generator) -> "_Whole | Strata":
    try:
        if target.model.taus:
            return strata(target, count, rng)
        modes = find_modes(target)
        return _Whole(weighted_posterior(target, modes, count, rng), modes)
    except NoModeError as error:
        raise _needs_sampler(target.model.node, str(error)) from None


def _proposals(draws: int, rows: int) -> int:
    """Return how many proposals to weigh: fewer where each costs a pass over very many rows."""
    return min(max(draws, FEWEST), max(FEWEST, MANY_CELLS // max(rows, 1)))


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
    target: Target, posterior: "_Whole | Strata", onto_data: float, rng: np.random.Generator
) -> tuple[tuple[float, float, float] | None, tuple[str, ...]]:
    """Return the log evidence at half, one and two times the prior scale.

    The draws are weighed anew by the ratio of the priors; where that leaves too few, the
    posterior under the other prior gets a proposal of its own.
    """
    values = []
    for factor in sweep_factors(target.model):
        if factor == 1.0:
            values.append(posterior.found.log_evidence + onto_data)
            continue
        again = posterior.under_scale(target, factor)
        if not (again.k < PROPOSAL_K_MAX and again.log_evidence_se < _SWEEP_SE):
            try:
                again = posterior.again(target.with_prior_scale(factor), rng, FEWEST)
            except NoModeError:
                return None, (_no_sweep(factor),)
            if not again.k < 2 * PROPOSAL_K_MAX:
                return None, (_no_sweep(factor),)
        values.append(again.log_evidence + onto_data)
    return (values[0], values[1], values[2]), ()


def _no_sweep(factor: float) -> str:
    return (
        "how the evidence of this node changes with the prior's scale could not be computed: the prior at "
        f"{factor:g} times its scale is too far from the posterior"
    )
