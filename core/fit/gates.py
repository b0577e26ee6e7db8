"""Gates: what a fit must pass before it may be ranked or reported.

Rule 3 of what must be said on the screen: no rank or effect of a sampled block without
R-hat <= 1.01, bulk and tail effective sample size >= 400 and no divergences; no elpd with
a row over the Pareto k limit that was not refitted. A block that was forced through
importance sampling needs weights with a Pareto k under 0.5 and 1000 effective draws. Exact
blocks have nothing to fail.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.fit.psis import k_limit
from core.fit.result import BlockFit, Fit

__all__ = [
    "EFFECTIVE_MIN",
    "ESS_MIN",
    "PROPOSAL_K_MAX",
    "RHAT_MAX",
    "GateFailure",
    "GateReport",
    "block_failures",
    "gates",
    "worst_k",
]

RHAT_MAX = 1.01
ESS_MIN = 400.0
PROPOSAL_K_MAX = 0.5
EFFECTIVE_MIN = 1000.0


@dataclass(frozen=True)
class GateFailure:
    """One gate that one node failed.

    ``gate`` is ``"rhat"``, ``"ess_bulk"``, ``"ess_tail"``, ``"divergences"``, ``"proposal_k"``,
    ``"effective_draws"`` or ``"pareto_k"``; ``advice`` says what to do about it.
    """

    gate: str
    node: str
    value: float
    limit: float
    advice: str


@dataclass(frozen=True)
class GateReport:
    """All gates of one hypothesis; the numbers are None if no block was sampled."""

    passed: bool
    rhat_max: float | None
    ess_min: float | None
    divergences: int | None
    pareto_k_max: float | None
    failed: tuple[GateFailure, ...] = ()


def gates(fit: Fit) -> GateReport:
    """Check every block of a hypothesis."""
    failed = tuple(
        failure
        for nodes, block in fit.blocks.items()
        for node in nodes  # what fails in a block of several fails for each of them
        for failure in block_failures(node, block)
    )
    found = [block.diagnostics for block in fit.blocks.values()]
    rhats = [d.rhat_max for d in found if d.rhat_max is not None]
    sizes = [size for d in found for size in (d.ess_bulk_min, d.ess_tail_min) if size is not None]
    divergences = [d.divergences for d in found if d.divergences is not None]
    ks = [worst for worst in map(worst_k, fit.blocks.values()) if worst is not None]
    return GateReport(
        passed=not failed,
        rhat_max=_worst(rhats, np.max),
        ess_min=_worst(sizes, np.min),
        divergences=sum(divergences) if divergences else None,
        pareto_k_max=_worst(ks, np.max),
        failed=failed,
    )


def _worst(values: list[float], worst: Callable[[list[float]], Any]) -> float | None:
    return float(worst(values)) if values else None


def worst_k(block: BlockFit) -> float | None:
    """Return the largest Pareto k of the rows that were scored; NaN if one could not be computed, None without any."""
    k = block.pareto_k
    if k is not None and block.rows_scored is not None:
        k = k[~np.isnan(k)]  # rows whose score is estimated from the scored ones have none
    return float(np.max(k)) if k is not None and k.size else None


def block_failures(node: str, block: BlockFit) -> tuple[GateFailure, ...]:
    """Return which gates one block fails; a value that could not be computed fails too."""
    d = block.diagnostics
    failed = []
    if d.rhat_max is not None and not d.rhat_max <= RHAT_MAX:
        failed.append(GateFailure("rhat", node, d.rhat_max, RHAT_MAX, _CHAINS))
    for gate, size in (("ess_bulk", d.ess_bulk_min), ("ess_tail", d.ess_tail_min)):
        if size is not None and not size >= ESS_MIN:
            failed.append(GateFailure(gate, node, size, ESS_MIN, _MORE))
    if d.divergences:
        failed.append(GateFailure("divergences", node, float(d.divergences), 0.0, _DIVERGENCES))
    if d.proposal_k is not None and not d.proposal_k < PROPOSAL_K_MAX:
        failed.append(GateFailure("proposal_k", node, d.proposal_k, PROPOSAL_K_MAX, _PROPOSAL))
    if d.effective_draws is not None and not d.effective_draws >= EFFECTIVE_MIN:
        failed.append(GateFailure("effective_draws", node, d.effective_draws, EFFECTIVE_MIN, _PROPOSAL))
    worst = worst_k(block)
    if worst is not None:
        limit = k_limit(len(next(iter(block.draws.values()))))
        if not worst <= limit:
            failed.append(GateFailure("pareto_k", node, worst, limit, _PARETO))
    return tuple(failed)


_CHAINS = (
    "the chains do not agree: fit again with more draws; if it stays so, use a tighter prior or a simpler "
    "family for this node"
)
_MORE = "too few effective draws: fit again with more draws"
_DIVERGENCES = (
    "the sampler met a region that it cannot explore: use a tighter prior or another family for this node, "
    "and look for columns that are almost copies of one another"
)
_PROPOSAL = "the draws weighed at the posterior's peak do not stand for the whole of it: fit this node with NUTS"
_PARETO = (
    "single rows sway the fit too much for the leave-one-out estimate: look at these rows, or use a family "
    "with heavier tails for this node"
)
