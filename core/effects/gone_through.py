"""Nodes on the way whose values are gone through one by one, each with its chance: no noise is drawn of them.

Of a node with levels the values are its levels. Of a count they are the counts up to 8 and then ever fewer, a quarter
farther each; between two of them the rest of the way is taken to be straight, so that a count's chance is shared out
among its two neighbours. With levels all the sums are exact, with counts but for that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from core.families import get_family
from core.families.base import Draws
from core.graph.causal_graph import CausalGraph
from core.model.spec import NodeModel

__all__ = ["Chances", "chances_of", "few_valued"]

FloatArray = NDArray[np.float64]

MOST_LEVELS = 16  # combinations of levels
_BESIDE_A_COUNT = 2
MOST_COUNTED = 200
_EVERY, _FARTHER = 8, 1.25
_TAIL = 1e-5  # of the chance, put on the largest count


@dataclass(frozen=True, eq=False)
class Chances:
    """The values of a node, (J,), and the chance of each, (S, J, N)."""

    values: FloatArray
    chances: FloatArray


def few_valued(graph: CausalGraph, order: Sequence[NodeModel]) -> frozenset[str]:
    """Return which nodes on the way can be gone through, the outcome last in ``order``.

    Levels as long as there are not too many combinations; one count, where nothing else is drawn on the way from it or
    to it.
    Where something carries over, none: a row's value hangs on those of rows before it.
    """
    if any(term.earlier for model in order for term in model.terms):
        return frozenset()
    chosen: list[NodeModel] = []
    between = order[:-1]
    for model in sorted((one for one in between if has_levels(one)), key=lambda one: one.levels):
        if prod(one.levels for one in (*chosen, model)) <= MOST_LEVELS:
            chosen.append(model)
    rest = [model.node for model in between if model not in chosen]
    if prod(one.levels for one in chosen) <= _BESIDE_A_COUNT:
        for model in between:
            if get_family(model.family).is_count and not _related(graph, model.node, rest):
                chosen.append(model)
                break
    return frozenset(model.node for model in chosen)


def has_levels(model: NodeModel) -> bool:
    """Return whether a node is one of a few levels."""
    family = get_family(model.family)
    return family.discrete and not family.is_count


def _related(graph: CausalGraph, node: str, others: Sequence[str]) -> bool:
    near = graph.ancestors(node) | graph.descendants(node)
    return any(other != node and other in near for other in others)


def chances_of(model: NodeModel, mean: FloatArray, draws: Draws) -> Chances | None:
    """Return the values of a node and their chances, or None if it counts too far.

    Parameters
    ----------
    model : NodeModel
    mean : array, shape (S, N) or (S, N, K)
        As its family gives it.
    draws : mapping of str to array
        Its parameters.
    """
    family = get_family(model.family)
    aux = family.aux(draws)
    if family.is_count:
        return _counted(family.chances(mean, aux), mean)
    found = np.stack(list(family.chances(mean, aux)), axis=1)
    return Chances(np.arange(found.shape[1], dtype=np.float64), found)


def _counted(chances: Iterator[FloatArray], mean: FloatArray) -> Chances | None:
    if not mean.size or not float(np.max(mean)) < MOST_COUNTED:
        return None
    values, parts = [0, 1], [np.zeros(mean.shape), np.zeros(mean.shape)]
    left = np.ones(mean.shape)
    for count, chance in enumerate(chances):
        if count > values[-1]:
            values.append(values[-1] + 1 if values[-1] < _EVERY else round(values[-1] * _FARTHER))
            parts.append(np.zeros(mean.shape))
        share = (count - values[-2]) / (values[-1] - values[-2])
        if share < 1.0:
            parts[-2] += (1.0 - share) * chance
        if share > 0.0:
            parts[-1] += share * chance
        left -= chance
        if count % 4 == 3 and float(np.max(left)) < _TAIL:
            break
        if count == MOST_COUNTED:
            return None
    parts[-1] += np.maximum(left, 0.0)
    return Chances(np.array(values, dtype=np.float64), np.stack(parts, axis=1))
