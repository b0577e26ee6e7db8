"""A plan without what could not be fitted, and a plan without its rows."""

from collections.abc import Mapping
from dataclasses import is_dataclass, replace
from typing import Any

from core.errors import FitError
from core.jobs.job import Job

__all__ = ["light", "whole"]


def whole(plan: Any, job: Job) -> tuple[Any, tuple[str, ...]]:
    """Return the plan of those hypotheses whose blocks are all there, and why others are left out.

    Raises
    ------
    FitError
        If no hypothesis is whole.
    """
    lost = {
        name: [node for node, key in keys.items() if key not in job.fits]
        for name, keys in plan.keys.items()
        if any(key not in job.fits for key in keys.values())
    }
    if not lost:
        return plan, ()
    if len(lost) == len(plan.keys):
        raise FitError("some blocks could not be fitted")
    why = {key: run.error for key, run in job.runs.items()}
    sentences = tuple(
        " ".join(
            [
                f"Hypothesis {name} is left out of this comparison, because not all of it could be fitted.",
                *(f"{node}: {why.get(plan.keys[name][node], '')}" for node in nodes),
            ]
        )
        for name, nodes in lost.items()
    )
    kept = {name: keys for name, keys in plan.keys.items() if name not in lost}
    wanted = {key for keys in kept.values() for key in keys.values()}
    changes: dict[str, Any] = {
        "keys": kept,
        "blocks": {key: found for key, found in plan.blocks.items() if key in wanted},
    }
    if is_dataclass(type(plan)):
        places = [i for i, hypothesis in enumerate(plan.hypotheses) if hypothesis.name in kept]
        changes["hypotheses"] = tuple(plan.hypotheses[i] for i in places)
        changes["graphs"] = tuple(plan.graphs[i] for i in places)
        changes["specs"] = tuple(plan.specs[i] for i in places)
        changes["left_out"] = {name: nodes for name, nodes in plan.left_out.items() if name in kept}
    return _changed(plan, changes), sentences


def light(plan: Any) -> Any:
    """Return a plan whose blocks go without their rows: what is left to do does not need them."""
    return _changed(plan, {"blocks": {key: (block, None) for key, (block, _) in plan.blocks.items()}})


def _changed(plan: Any, changes: Mapping[str, Any]) -> Any:
    if is_dataclass(type(plan)):
        return replace(plan, **changes)
    return type(plan)(**{**vars(plan), **changes})
