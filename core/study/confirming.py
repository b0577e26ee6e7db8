"""Confirm with NUTS what was shown at once: the comparison from NUTS, and how the two agree."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from core.comparison.agreement import Agreement, Pair, agreements
from core.comparison.result import Comparison
from core.comparison.ways import gate_words
from core.fit.gates import block_failures
from core.fit.result import BlockFit
from core.study.assembling import assemble
from core.study.planning import Plan

__all__ = ["confirmed"]


def confirmed(
    quick_plan: Plan, quick_fits: Mapping[str, BlockFit], plan: Plan, fits: Mapping[str, BlockFit]
) -> Comparison:
    """Return the comparison that NUTS gives, with its agreement block by block.

    Parameters
    ----------
    quick_plan, plan : Plan
        The same hypotheses over the same rows, as shown and with NUTS.
    quick_fits, fits : mapping of str to BlockFit
        Every content key of the two plans.

    Returns
    -------
    Comparison
        ``agreements`` has one entry a block that was fitted in another way before; a block
        with the same key in both plans was not sampled anew and has none.
    """
    users: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for hypothesis, keys in plan.keys.items():
        for node, key in keys.items():
            before = quick_plan.keys[hypothesis][node]
            if before != key:
                users.setdefault((before, key), []).append((hypothesis, node))
    pairs = [
        Pair(
            node_names[0][1], quick_fits[before], fits[key], plan.blocks[key][0].model, tuple(h for h, _ in node_names)
        )
        for (before, key), node_names in users.items()
    ]
    found = agreements(pairs, plan.title)
    judged = tuple(_unless_unsettled(one, pair, plan.title) for one, pair in zip(found, pairs, strict=True))
    return replace(assemble(plan, fits), agreements=judged)


def _unless_unsettled(found: Agreement, pair: Pair, title: Callable[[str], str]) -> Agreement:
    """Withhold judgement where NUTS itself failed a gate: then a difference may be its own."""
    failed = [failure for failure in block_failures(pair.node, pair.sampled) if failure.gate != "pareto_k"]
    if not failed:
        return found
    said = f"{title(pair.node)}: NUTS itself is not settled, since {gate_words(failed[0], title)}"
    return replace(found, agrees=None, sentence=f"{said}; it neither confirms nor contradicts what was shown.")
