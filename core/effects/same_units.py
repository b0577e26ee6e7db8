"""Two worlds of the same units: the one that was seen, and the one in which something had been set.

Abduction, action, prediction (Pearl 2009, theorem 7.1.7), draw by draw: the noise that each node downstream of what is
set must have had in the world that was seen; then the value is set; then these nodes are computed again, causes before
effects, with that same noise. A node whose causes are the same in both worlds is the same in both, to the last digit.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.effects.evidence import Evidence
from core.families import get_family
from core.families.base import Draws
from core.model.design import design_matrix, raw_response, response
from core.model.spec import ModelSpec, NodeModel

__all__ = ["Worlds", "answer", "expected", "same_causes", "two_worlds"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Worlds:
    """Both worlds, each column on its own scale, levels as codes.

    Parameters
    ----------
    seen, imagined : mapping of str to array, shape (N,) or (S, N)
        With earlier values, where something carries over. A changed node that is missing is NaN in ``seen``.
    noise : mapping of str to array, shape (S, N)
        The noise of each changed node, as its family takes it.
    size : int
        N.
    """

    seen: Mapping[str, FloatArray]
    imagined: Mapping[str, FloatArray]
    noise: Mapping[str, FloatArray]
    size: int


def two_worlds(
    spec: ModelSpec,
    parameters: Mapping[str, Draws],
    rows: Mapping[str, FloatArray],
    settings: Mapping[str, float],
    evidence: Evidence,
    rng: np.random.Generator,
) -> Worlds:
    """Compute what units would have shown.

    Parameters
    ----------
    spec : ModelSpec
    parameters : mapping of node to Draws
        S posterior draws of each changed or drawn node, the same S for all. They count as independent of the noise of
        these units given what was seen of them, which they are.
    rows : mapping of str to array, shape (N,)
        What was seen of N units: all columns, and earlier values where something carries over; NaN where missing.
    settings : mapping of str to number
        What is set, on the node's own scale (levels as codes).
    evidence : Evidence
        Of all these rows.
    rng : numpy.random.Generator
    """
    size = len(next(iter(rows.values())))
    seen = dict(rows)
    for name in evidence.drawn:
        seen[name] = _drawn(spec.node(name), parameters[name], seen, size, rng)
    imagined = {**seen, **{name: np.full(size, float(value)) for name, value in settings.items()}}
    noise: dict[str, FloatArray] = {}
    for name in evidence.changed:
        model, draws = spec.node(name), parameters[name]
        family = get_family(model.family)
        if name in evidence.unseen:
            noise[name] = family.noise(family.aux(draws), (_count(draws), size), rng)
        else:
            mean = expected(model, draws, seen, size)
            noise[name] = family.noise_of(response(model, seen[name]), mean, family.aux(draws), rng)
        imagined[name] = answer(model, draws, seen, imagined, noise[name], size)
    return Worlds(seen, imagined, noise, size)


def expected(model: NodeModel, draws: Draws, world: Mapping[str, FloatArray], size: int) -> FloatArray:
    """Return a node's mean given its causes in a world, (S, N), or its levels' chances, (S, N, K); family's scale."""
    own = {name: world[name] for name in model.inputs}
    return get_family(model.family).mean(draws, design_matrix(model, own, size), model.link)


def answer(
    model: NodeModel,
    draws: Draws,
    seen: Mapping[str, FloatArray],
    imagined: Mapping[str, FloatArray],
    noise: FloatArray,
    size: int,
) -> FloatArray:
    """Return what a node would have been of this noise, (S, N), own scale; NaN where that is too large a number."""
    family, mean = get_family(model.family), expected(model, draws, imagined, size)
    with np.errstate(over="ignore", invalid="ignore"):
        found = raw_response(model, family.respond(mean, noise, family.aux(draws)))
    known = np.isfinite(found) & (np.isfinite(mean) if mean.ndim == 2 else np.isfinite(mean).all(axis=-1))
    found = np.where(known, found, np.nan)
    unmoved = same_causes(model, seen, imagined) & ~np.isnan(seen[model.node])
    return np.where(unmoved, seen[model.node], found)


def same_causes(model: NodeModel, seen: Mapping[str, FloatArray], imagined: Mapping[str, FloatArray]) -> BoolArray:
    """Return where all that a node depends on is the same in both worlds, (N,) or (S, N)."""
    found: BoolArray = np.array(True)
    for name in model.inputs:
        found = found & (seen[name] == imagined[name])
    return found


def _drawn(
    model: NodeModel, draws: Draws, seen: Mapping[str, FloatArray], size: int, rng: np.random.Generator
) -> FloatArray:
    own = {name: seen[name] for name in model.inputs}
    with np.errstate(over="ignore", invalid="ignore"):
        drawn = get_family(model.family).sample(draws, design_matrix(model, own, size), model.link, rng)
        return raw_response(model, drawn)


def _count(draws: Draws) -> int:
    return len(next(iter(draws.values())))
