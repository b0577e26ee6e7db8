"""How a node was fitted and how well, in words: for the verdict, the terminal and the pages."""

from collections.abc import Callable, Sequence

from core.comparison.result import BlockFacts
from core.fit.gates import ESS_MIN, RHAT_MAX, GateFailure
from core.words import number

__all__ = ["GATES", "WAYS", "gate_words", "meaning_of", "quality", "share", "way"]

Title = Callable[[str], str]

WAYS = {"exact": "closed form", "importance": "importance sampling", "nuts": "NUTS"}

#: Gate to its term, and how its value is written.
GATES = {
    "rhat": ("R-hat", "{:.3f}"),
    "ess_bulk": ("bulk ESS", "{:,.0f}"),
    "ess_tail": ("tail ESS", "{:,.0f}"),
    "divergences": ("divergences", "{:,.0f}"),
    "pareto_k": ("Pareto k of leave-one-out", "{:.2f}"),
    "proposal_k": ("Pareto k of the weights", "{:.2f}"),
    "effective_draws": ("effective draws", "{:,.0f}"),
}

_MEANING = {
    "exact": "computed exactly; the draws are independent, so there is nothing to converge",
    "importance": "draws from an approximation at the mode, weighted so that they are draws of the posterior itself",
    "nuts": "chains that walk through the posterior; their agreement and their effective draws are what is checked",
}


def way(block: BlockFacts) -> str:
    """Return the way a block was fitted in words, with the rows it saw where these were not all."""
    words = WAYS.get(block.method, block.method)
    return words if block.rows_sampled is None else f"{words} on {block.rows_sampled:,} rows drawn at random"


def quality(block: BlockFacts) -> str:
    """Return the block's quality figures in one line; empty where it has none (closed form)."""
    parts = []
    if block.proposal_k is not None:
        parts.append(f"Pareto k {block.proposal_k:.2f}")
    if block.effective_draws is not None:
        of = f" of {block.draws:,}" if block.draws is not None else ""
        parts.append(f"{block.effective_draws:,.0f}{of} effective draws")
    if block.rhat is not None:
        parts.append(f"R-hat {block.rhat:.3f}")
    if block.ess is not None:
        parts.append(f"ESS {block.ess:,.0f}")
    if block.divergences is not None:
        parts.append(f"{block.divergences} divergence{'' if block.divergences == 1 else 's'}")
    if block.pareto_k is not None:
        parts.append(f"leave-one-out k {number(block.pareto_k, 2)}")
    if block.rows_scored is not None:
        parts.append(f"leave-one-out on {block.rows_scored:,} rows drawn at random")
    return ", ".join(parts)


def meaning_of(blocks: Sequence[BlockFacts]) -> str:
    """Return what a way to fit is, and what the worst figures of these blocks (all of it) mean, in plain words."""
    said = _MEANING.get(blocks[0].method, "")
    sampled = [block.rhat for block in blocks if block.rhat is not None]
    sizes = [block.ess for block in blocks if block.ess is not None]
    ks = [block.proposal_k for block in blocks if block.proposal_k is not None]
    effective = [block.effective_draws for block in blocks if block.effective_draws is not None]
    if sampled and sizes:
        diverged = sum(block.divergences or 0 for block in blocks)
        good = max(sampled) <= RHAT_MAX and min(sizes) >= ESS_MIN and not diverged
        said += (
            f". R-hat is at most {max(sampled):.3f} (the chains agree up to {RHAT_MAX}), there are at least "
            f"{min(sizes):,.0f} effective draws ({ESS_MIN:,.0f} are enough) and {diverged} divergences"
            f"{': these draws can be relied on' if good else ': not to be relied on where a gate failed'}"
        )
    if ks and effective:
        said += (
            f". The weights' Pareto k is at most {max(ks):.2f} (under 0.5 no few draws carry them), and there are at "
            f"least {min(effective):,.0f} effective draws (1,000 are enough)"
        )
    return said


def gate_words(failure: GateFailure, title: Title = str) -> str:
    """Return which gate failed, where, and by how much; the failure's advice says why and what to do."""
    term, form = GATES.get(failure.gate, (failure.gate, "{:.3g}"))
    value, limit = form.format(failure.value), form.format(failure.limit)
    return f"the gate {term} failed at {title(failure.node)} ({value}, limit {limit})"


def share(value: float) -> str:
    """Return a probability, no finer than it can be known."""
    if value > 0.995:
        return "over 0.99"
    return "under 0.01" if value < 0.005 else f"{value:.2f}"
