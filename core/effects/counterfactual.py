"""What units would have shown had something been set: each node in a few numbers, and what any coupling could give.

Over posterior draws and over rows: a number is averaged over the rows draw by draw, and its mean, standard deviation
and quantiles are those of the draws; of levels the chance of each.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.effects.coupling import bounds_of, can_be_bounded, loose_above
from core.effects.evidence import Evidence
from core.effects.same_units import Worlds, two_worlds
from core.families.base import Draws
from core.model.spec import ModelSpec, NodeModel

__all__ = ["ImaginedLevel", "ImaginedNode", "counterfactual"]

FloatArray = NDArray[np.float64]

Bounds = tuple[float, float]

_SAME = 1e-9  # of a number's size: two that differ by less are the same


@dataclass(frozen=True)
class ImaginedLevel:
    """One level of a node: the share of the rows that had it, and would have had it; bounds where it is not exact."""

    level: str
    observed: float | None
    probability: float
    bounds: Bounds | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the JSON record."""
        bounds = None if self.bounds is None else list(self.bounds)
        return {"level": self.level, "observed": self.observed, "probability": self.probability, "bounds": bounds}


@dataclass(frozen=True)
class ImaginedNode:
    """One node of one row, or averaged over several.

    Parameters
    ----------
    name : str
    role : {"set", "changes", "stays"}
    observed : str, float or None
        What was seen: the level of one row by its name; the mean of several. None where it is missing, or no number.
    mean, sd, median, q05, q95 : float or None
        Of what would have been, on the node's own scale; of a yes or no that of its second level as 1. None for other
        levels, and where it is withheld.
    scale : {"mean", "median"}
        Which of the two says it best: of a node on a logarithmic scale the mean of the draws hangs on a few of them.
    bounds : (float, float) or None
        What ``mean`` could be whatever ties the two worlds; None where it is exact, and where none can be given.
    exact : bool
        Whether what was seen decides what would have been, given the model and its parameters.
    differs : float or None
        The share of the rows that would have shown something else.
    levels : tuple of ImaginedLevel, or None
    """

    name: str
    role: str
    observed: str | float | None
    mean: float | None = None
    sd: float | None = None
    median: float | None = None
    q05: float | None = None
    q95: float | None = None
    scale: str = "mean"
    bounds: Bounds | None = None
    exact: bool = True
    differs: float | None = 0.0
    levels: tuple[ImaginedLevel, ...] | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the JSON record."""
        names = ("name", "role", "observed", "mean", "sd", "median", "q05", "q95", "scale", "exact", "differs")
        record: dict[str, object] = {name: getattr(self, name) for name in names}
        record["bounds"] = None if self.bounds is None else list(self.bounds)
        record["levels"] = None if self.levels is None else [level.to_dict() for level in self.levels]
        return record


def counterfactual(
    spec: ModelSpec,
    parameters: Mapping[str, Draws],
    rows: Mapping[str, FloatArray],
    settings: Mapping[str, float],
    evidence: Evidence,
    rng: np.random.Generator,
) -> tuple[ImaginedNode, ...]:
    """Return every column as it would have been, in the order of the specification.

    Parameters
    ----------
    spec, parameters, rows, settings, evidence, rng
        As :func:`core.effects.same_units.two_worlds` takes them.
    """
    worlds = two_worlds(spec, parameters, rows, settings, evidence, rng)
    found = []
    for model in spec.columns:
        if model.node in evidence.changed:
            found.append(_changed(spec, parameters, worlds, evidence, model))
        else:
            found.append(_fixed(model, rows[model.node], worlds, model.node in settings))
    return tuple(found)


def _fixed(model: NodeModel, seen: FloatArray, worlds: Worlds, is_set: bool) -> ImaginedNode:
    """Return a node that is set, or upstream of what is."""
    value = worlds.imagined[model.node] if is_set else seen
    known = not np.isnan(value).any()
    middle = float(np.mean(value)) if known and len(model.response.levels) <= 2 else None
    return ImaginedNode(
        model.node,
        "set" if is_set else "stays",
        _observed(model, seen),
        *(middle, None if middle is None else 0.0, middle, middle, middle),
        differs=float(np.mean(_other(value, seen))) if known and not np.isnan(seen).any() else None,
        levels=_levels(model, seen, _chances(value[None], model), None) if known and model.response.levels else None,
    )


def _changed(
    spec: ModelSpec, parameters: Mapping[str, Draws], worlds: Worlds, evidence: Evidence, model: NodeModel
) -> ImaginedNode:
    name, levels = model.node, model.response.levels
    seen = worlds.seen[name]
    value = np.broadcast_to(worlds.imagined[name], worlds.noise[name].shape)
    unseen = name in evidence.unseen
    each: tuple[ImaginedLevel, ...] = ()
    loose = bool(loose_above(spec, evidence, name))
    low = high = None
    if loose and can_be_bounded(spec, evidence, name):
        low, high = (end.mean(axis=(0, 1)) for end in bounds_of(spec, parameters, worlds, evidence, name))
    differs = None if unseen else float(np.mean(_other(value, seen)))
    observed = _observed(model, seen)
    exact = not loose and not unseen and not _above_unseen(spec, evidence, name)
    if np.isnan(value).any():
        return ImaginedNode(name, "changes", observed, exact=exact, differs=None)
    numbers: dict[str, float] = {}
    bounds = None
    if levels:
        each = _levels(model, seen, _chances(value, model), None if low is None or high is None else (low, high))
        bounds = each[1].bounds if len(levels) == 2 else None
    elif low is not None and high is not None:
        bounds = _pair(low, high)
    if len(levels) <= 2:
        numbers = _numbers(value.mean(axis=1), bounds)
    if len(levels) == 2:
        numbers["mean"] = each[1].probability
    return ImaginedNode(
        name,
        "changes",
        observed,
        **numbers,
        bounds=bounds,
        scale="median" if model.response.transform == "log" else "mean",
        exact=exact,
        differs=differs,
        levels=each if levels else None,
    )


def _above_unseen(spec: ModelSpec, evidence: Evidence, name: str) -> bool:
    """Return whether a node depends on one whose value in this row is drawn."""
    open_ones = evidence.unseen.union(evidence.drawn)
    needed = set(spec.node(name).parents)
    for one in reversed(evidence.changed):
        if one in needed:
            needed.update(spec.node(one).parents)
    return bool(needed & open_ones)


def _numbers(each: FloatArray, bounds: Bounds | None) -> dict[str, float]:
    """Summarise draws (S,); a mean that Monte Carlo error took past what is possible stands at its bound."""
    q05, median, q95 = np.quantile(each, (0.05, 0.5, 0.95))
    mean = float(each.mean()) if bounds is None else float(np.clip(each.mean(), *bounds))
    return {"mean": mean, "sd": float(each.std()), "median": float(median), "q05": float(q05), "q95": float(q95)}


def _chances(value: FloatArray, model: NodeModel) -> FloatArray:
    """Return the share of each level, (K,)."""
    return np.array([float(np.mean(value == code)) for code in range(len(model.response.levels))])


def _levels(
    model: NodeModel, seen: FloatArray, chances: FloatArray, ends: tuple[FloatArray, FloatArray] | None
) -> tuple[ImaginedLevel, ...]:
    known = not np.isnan(seen).any()
    each = [None] * len(chances) if ends is None else [_pair(low, high) for low, high in zip(*ends, strict=True)]
    if ends is not None:
        chances = _within(chances, *ends)
    return tuple(
        ImaginedLevel(level, float(np.mean(seen == code)) if known else None, float(chances[code]), each[code])
        for code, level in enumerate(model.response.levels)
    )


def _within(chances: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Return chances (K,) put within what is possible, where Monte Carlo error took one past it, adding up to 1."""
    found = np.clip(chances, low, np.maximum(low, high))
    lacking = 1.0 - found.sum()
    room = high - found if lacking > 0 else found - low
    return found + lacking * room / max(room.sum(), np.finfo(np.float64).tiny)


def _pair(low: float | FloatArray, high: float | FloatArray) -> Bounds:
    """Return bounds, the lower first though rounding has them cross."""
    return min(float(low), float(high)), max(float(low), float(high))


def _observed(model: NodeModel, seen: FloatArray) -> str | float | None:
    levels = model.response.levels
    if seen.ndim > 1 or np.isnan(seen).any():
        return None
    if levels and len(seen) == 1:
        return levels[int(seen[0])]
    return float(np.mean(seen)) if len(levels) <= 2 else None


def _other(value: FloatArray, seen: FloatArray) -> NDArray[np.bool_]:
    return np.abs(value - seen) > _SAME * np.maximum(1.0, np.abs(seen))
