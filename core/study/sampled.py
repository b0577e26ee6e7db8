"""The plan that samples what was answered quickly, to see whether it was right."""

from collections.abc import Mapping
from dataclasses import replace

from core.families import get_family
from core.fit.blocks import make_blocks
from core.fit.result import BlockFit
from core.model.spec import NodeModel
from core.study.planning import Plan

__all__ = ["LARGEST_TABLE", "sampled_plan"]

LARGEST_TABLE = 200  # cells; beyond it a compiled model takes minutes, and the closed form needs no second opinion


def sampled_plan(plan: Plan, fits: Mapping[str, BlockFit]) -> Plan:
    """Return the same plan with NUTS for every node that was fitted in another way.

    Parameters
    ----------
    plan : Plan
        Of the quick answer.
    fits : mapping of str to BlockFit
        Every content key of it.

    Returns
    -------
    Plan
        A node keeps its content key where there is nothing to confirm (NUTS fitted it
        before) or where it is a table of more than ``LARGEST_TABLE`` cells.

    Raises
    ------
    WhyboardError
        As :func:`core.fit.blocks.make_blocks`.
    """
    keys: dict[str, dict[str, str]] = {}
    blocks = {}
    for hypothesis, spec in zip(plan.hypotheses, plan.specs, strict=True):
        quick = plan.keys[hypothesis.name]
        again = tuple(m for m in spec.nodes if fits[quick[m.node]].method != "nuts" and not _too_large(m))
        asked = [plan.blocks[quick[model.node]][0] for model in again]
        made = {}
        if asked:
            part = replace(spec, nodes=again)
            made = make_blocks(part, plan.complete, method="nuts", draws=asked[0].draws, seed=asked[0].seed)
        keys[hypothesis.name] = {node: made[node][0].key if node in made else key for node, key in quick.items()}
        for node, key in quick.items():
            found = made.get(node, plan.blocks[key])
            blocks[found[0].key] = found
    return replace(plan, keys=keys, blocks=blocks)


def _too_large(model: NodeModel) -> bool:
    return get_family(model.family).form == "cells" and model.columns * model.levels > LARGEST_TABLE
