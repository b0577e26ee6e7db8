"""What samples the joint model of each hypothesis, to see whether what was answered quickly was right."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.families import get_family
from core.fit.blocks import make_joint
from core.fit.result import JointBlock, JointData
from core.model.spec import NodeModel
from core.study.planning import Plan

__all__ = ["LARGEST_TABLE", "JointPlan", "joint_plan"]

LARGEST_TABLE = 200  # cells; beyond it a compiled model takes minutes, and the closed form needs no second opinion


@dataclass(frozen=True, eq=False)
class JointPlan:
    """One piece of work a hypothesis.

    Parameters
    ----------
    keys : mapping of str to mapping of str to str
        By hypothesis, node to content key: the same for all of its nodes that are sampled, in their order.
    blocks : mapping of str to (JointBlock, JointData)
        By content key.
    """

    keys: Mapping[str, Mapping[str, str]]
    blocks: Mapping[str, tuple[JointBlock, JointData]]


def joint_plan(plan: Plan) -> JointPlan:
    """Return the joint models of a plan's hypotheses, over the same rows and with as many draws.

    A table of more than ``LARGEST_TABLE`` cells is taken as it was observed: its parameters depend on no others, so
    nothing else changes, and it is the one thing that is not sampled anew.
    """
    keys: dict[str, dict[str, str]] = {}
    blocks = {}
    for hypothesis, spec in zip(plan.hypotheses, plan.specs, strict=True):
        large = tuple(model for model in spec.nodes if _too_large(model))
        nodes = tuple(model for model in spec.nodes if model not in large)
        keys[hypothesis.name] = {}
        if nodes:
            asked = plan.blocks[plan.keys[hypothesis.name][nodes[0].node]][0]
            part = replace(spec, nodes=nodes, given=(*spec.given, *large))
            block, rows = make_joint(part, plan.complete, asked.draws, asked.seed)
            keys[hypothesis.name] = dict.fromkeys(block.nodes, block.key)
            blocks[block.key] = block, rows
    return JointPlan(keys, blocks)


def _too_large(model: NodeModel) -> bool:
    return get_family(model.family).form == "cells" and model.columns * model.levels > LARGEST_TABLE
