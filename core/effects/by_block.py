"""How much of a contrast's variance the parameters of each block carry.

Parameters of different blocks are independent, so a contrast's variance over draws splits into what each block carries
by itself and what they carry only together (Sobol 1993). The first is the variance of the contrast's expectation given
the block's draws. Along linear ways a contrast is linear in the parameters of each block, and then that expectation is
the contrast with all other blocks held at their means, without error; elsewhere it stands for it. Noise of rows is the
same in every draw, so that it adds nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.effects.settings import Setting
from core.effects.worlds import Stage, drawn_for, play
from core.families.base import Draws
from core.memory import Memory
from core.model.spec import NodeModel

__all__ = ["Carried", "by_block", "remaining_variance"]

FloatArray = NDArray[np.float64]

_OWN_BYTES = 16_000_000


@dataclass(frozen=True)
class Carried:
    """What the parameters of one block carry of a contrast.

    Parameters
    ----------
    nodes : tuple of str
        Of the block.
    variance : float
        In squared units of the outcome.
    arrow : (str, str) or None
        The arrow along the way whose slopes carry most of it; None where no slopes say how the node comes about.
    """

    nodes: tuple[str, ...]
    variance: float
    arrow: tuple[str, str] | None


def by_block(
    stage: Stage, worlds: Sequence[Sequence[Setting]], outcome: str, blocks: Collection[tuple[str, ...]]
) -> tuple[float, tuple[Carried, ...]]:
    """Return the variance of the contrast of the last world with the first, and what each block carries of it.

    Parameters
    ----------
    stage : Stage
        Shared noise, S draws.
    worlds : sequence of sequence of Setting
    outcome : str
        Not of more than two levels.
    blocks : collection of tuple of str
        Each by its nodes.

    Returns
    -------
    (float, tuple of Carried)
        The blocks on the way alone, in their order.
    """
    touched = sorted({setting.node for world in worlds for setting in world})
    way = drawn_for(stage, touched, outcome, single=True)
    names = {model.node for model in way}
    total = float(_contrast(stage, stage.parameters, worlds, outcome).var())
    found = []
    for nodes in blocks:
        if not names & set(nodes):
            continue
        free = {node: set(stage.parameters[node]) for node in nodes}
        own = _contrast(stage, _held(stage.parameters, free), worlds, outcome)
        inside = [model for model in way if model.node in nodes]
        arrow = _arrow(stage, worlds, outcome, inside, names | set(touched)) if own.var() > 0 else None
        found.append(Carried(tuple(nodes), float(own.var()), arrow))
    return total, tuple(found)


def remaining_variance(total: float, own: float, error: float) -> float:
    """Return what is left of a variance once a part of it was measured.

    The part has variance ``own``, and is measured with a Normal error of variance ``error``: its own becomes
    ``own * error / (own + error)`` whatever the result (the preposterior variance of a Normal mean; Raiffa & Schlaifer
    1961). All in squared units of the outcome.
    """
    return total - own * own / (own + error) if own > 0 else total


def _contrast(
    stage: Stage, parameters: Mapping[str, Draws], worlds: Sequence[Sequence[Setting]], outcome: str
) -> FloatArray:
    played = play(replace(stage, parameters=parameters, memory=Memory(_OWN_BYTES)), worlds, outcome)
    return np.asarray(played.centre[-1] - played.centre[0])


def _held(parameters: Mapping[str, Draws], free: Mapping[str, Collection[str]]) -> dict[str, Draws]:
    """Return draws in which all is held at its mean but what is ``free``: parameters, by node."""
    return {
        node: {
            name: draws if name in free.get(node, ()) else np.broadcast_to(draws.mean(axis=0), draws.shape)
            for name, draws in own.items()
        }
        for node, own in parameters.items()
    }


def _arrow(
    stage: Stage,
    worlds: Sequence[Sequence[Setting]],
    outcome: str,
    inside: Sequence[NodeModel],
    moving: Collection[str],
) -> tuple[str, str] | None:
    """Return the arrow of a block whose slopes carry most of what it carries."""
    found: dict[tuple[str, str], float] = {}
    places = [place for model in inside for place in _places(stage, model, moving)]
    if len(places) == 1:
        return places[0][0]
    for arrow, columns in places:
        node = arrow[1]
        slopes = stage.parameters[node]["slopes"]
        own = np.array(np.broadcast_to(slopes.mean(axis=0), slopes.shape))
        own[:, columns] = slopes[:, columns]
        held = _held(stage.parameters, {})
        alone = _contrast(stage, {**held, node: {**held[node], "slopes": own}}, worlds, outcome)
        found[arrow] = found.get(arrow, 0.0) + float(alone.var())
    return max(found, key=found.__getitem__) if found else None


def _places(stage: Stage, model: NodeModel, moving: Collection[str]) -> list[tuple[tuple[str, str], list[int]]]:
    """Return the arrows that come into a node from what moves, each with its columns of the slopes."""
    slopes = stage.parameters[model.node].get("slopes")
    if slopes is None or slopes.ndim != 2 or slopes.shape[1] != sum(term.columns for term in model.terms):
        return []
    places: dict[str, list[int]] = {}
    start = 0
    for term in model.terms:
        cause = next((parent for parent in (term.parent, *term.parents) if parent in moving), None)
        if cause is not None:
            places.setdefault(cause, []).extend(range(start, start + term.columns))
        start += term.columns
    return [((cause, model.node), columns) for cause, columns in places.items()]
