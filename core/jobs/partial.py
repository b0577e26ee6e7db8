"""A plan without what could not be fitted, and a plan without its rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from core.comparison.facts import LeftOut
from core.errors import FitError
from core.jobs.job import Job

if TYPE_CHECKING:
    from core.model.design import BlockData
    from core.study.planning import Plan

__all__ = ["light", "whole"]


def whole(plan: Plan, job: Job) -> tuple[Plan, tuple[LeftOut, ...]]:
    """Return the plan of those hypotheses whose blocks are all there, and why others are left out.

    Raises
    ------
    FitError
        If no hypothesis is whole.
    """
    lost = {
        name: tuple(node for node, key in keys.items() if key not in job.fits)
        for name, keys in plan.keys.items()
        if any(key not in job.fits for key in keys.values())
    }
    if not lost:
        return plan, ()
    if len(lost) == len(plan.keys):
        raise FitError("some blocks could not be fitted")
    why = {key: run.error for key, run in job.runs.items()}
    left_out = []
    for name, nodes in lost.items():
        said = f"Hypothesis {name} is left out of this comparison, because not all of it could be fitted."
        because = (f"{node}: {why.get(plan.keys[name][node], '')}" for node in nodes)
        left_out.append(LeftOut(name, nodes, " ".join([said, *because])))
    return plan.only([name for name in plan.keys if name not in lost]), tuple(left_out)


def light(plan: Plan) -> Plan:
    """Return a plan whose blocks go without their rows: what is left to do does not need them."""
    nothing = cast("BlockData", None)  # nobody fits from here on, and rows are what a plan weighs
    return replace(plan, blocks={key: (block, nothing) for key, (block, _) in plan.blocks.items()})
