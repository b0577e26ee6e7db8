"""Confirm with NUTS what was shown: the joint model of each hypothesis, sampled, and how the two agree."""

from collections.abc import Mapping
from dataclasses import replace

from core.comparison.agreement import Agreement, Pair, agreements
from core.comparison.result import Comparison
from core.comparison.ways import gate_words
from core.fit.gates import block_failures
from core.fit.result import BlockFit
from core.study.assembling import assemble
from core.study.planning import Plan
from core.study.sampled import JointPlan

__all__ = ["confirmed"]


def confirmed(
    plan: Plan, fits: Mapping[str, BlockFit], joint: JointPlan, sampled: Mapping[str, BlockFit]
) -> Comparison:
    """Return the comparison as it was shown, with what the joint models say of it.

    Parameters
    ----------
    plan : Plan
    fits : mapping of str to BlockFit
        Every content key of it, as it was shown.
    joint : JointPlan
        Of that plan.
    sampled : mapping of str to BlockFit
        Every content key of that.

    Returns
    -------
    Comparison
        ``agreements`` has one entry a hypothesis and node. Scores and evidence are not compared: the joint model has
        those of its blocks.
    """
    pairs = [
        Pair(
            node,
            fits[plan.keys[hypothesis.name][node]],
            joint.blocks[key][0].of_node(sampled[key], place),
            next(model for model in spec.nodes if model.node == node),
            (hypothesis.name,),
        )
        for hypothesis, spec in zip(plan.hypotheses, plan.specs, strict=True)
        for place, (node, key) in enumerate(joint.keys[hypothesis.name].items())
    ]
    found = agreements(pairs, plan.title)
    judged = tuple(_unless_unsettled(one, pair) for one, pair in zip(found, pairs, strict=True))
    return replace(assemble(plan, fits), agreements=judged)


def _unless_unsettled(found: Agreement, pair: Pair) -> Agreement:
    """Withhold judgement where NUTS itself failed a gate: then a difference may be its own."""
    failed = block_failures(pair.hypotheses[0], pair.sampled)  # of the joint model as a whole
    if not failed:
        return found
    said = f"NUTS itself is not settled, since {gate_words(failed[0])}"
    return replace(found, agrees=None, sentence=f"{said}; it neither confirms nor contradicts what was shown.")
