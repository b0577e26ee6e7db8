"""What can be said of another world whatever ties it to this one.

Of a level or a count, what was seen leaves the unit's noise open, and how the two worlds are tied is an assumption
(here the same quantile in both). Its chances in each world alone are not. Of a level seen with chance p, and another
that would have had chance q, whatever the coupling

    max(0, (p + q - 1) / p)  <=  P(other | seen)  <=  min(1, q / p)

(Fréchet's bounds, of which those of Tian & Pearl 2000 are made), and of a count seen with chance p, its mean lies
between those of the lowest and of the highest part p of the counts of the other world. Each can be reached. Below
such a node everything depends on it: its levels are gone through, each with the chance between its bounds that makes
the end smallest, or largest. Noise of different nodes is independent, and of the same node any of its answers can go
together, so what is found in this way, from the last node to the first, can be reached too.
"""

from collections.abc import Mapping
from math import prod

import numpy as np
from numpy.typing import NDArray

from core.effects.evidence import Evidence
from core.effects.same_units import Worlds, answer, expected, same_causes
from core.families import get_family
from core.families.base import Draws, Family
from core.families.counted import Counted, place_of
from core.model.spec import ModelSpec, NodeModel

__all__ = ["bounds_of", "can_be_bounded", "loose_above"]

FloatArray = NDArray[np.float64]

_MOST = 64  # combinations of the levels of what lies above that are gone through
_SMALLEST = np.finfo(np.float64).tiny


def loose_above(spec: ModelSpec, evidence: Evidence, name: str) -> tuple[str, ...]:
    """Return the nodes, itself included, through which a changed node depends on how the two worlds are tied."""
    return tuple(
        one
        for one in _chain(spec, evidence, name)
        if one not in evidence.unseen and get_family(spec.node(one).family).discrete
    )


def can_be_bounded(spec: ModelSpec, evidence: Evidence, name: str) -> bool:
    """Return whether bounds of a node can be worked out: what lies above has levels, and not too many together."""
    above = [spec.node(one) for one in loose_above(spec, evidence, name) if one != name]
    return all(model.levels for model in above) and prod(model.levels for model in above) <= _MOST


def bounds_of(
    spec: ModelSpec,
    parameters: Mapping[str, Draws],
    worlds: Worlds,
    evidence: Evidence,
    name: str,
) -> tuple[FloatArray, FloatArray]:
    """Return the least and the most that a changed node can be expected to have been, draw by draw.

    Parameters
    ----------
    spec, parameters, worlds, evidence
        As :func:`core.effects.same_units.two_worlds` took and gave them.
    name : str
        One that can be bounded (:func:`can_be_bounded`).

    Returns
    -------
    low, high : array, shape (S, N), or (S, N, K) of a node with levels
        Of its mean on its own scale; of the chance of each level.
    """
    chain = tuple(spec.node(one) for one in _chain(spec, evidence, name))
    reach = _Reach(chain, parameters, worlds, evidence)
    return reach.of(0, worlds.imagined)


def _chain(spec: ModelSpec, evidence: Evidence, name: str) -> tuple[str, ...]:
    """Return the changed nodes on which one depends, itself last."""
    needed = {name}
    for one in reversed(evidence.changed):
        if one in needed:
            needed.update(spec.node(one).parents)
    return tuple(one for one in evidence.changed if one in needed)


class _Reach:
    """Goes through the nodes above the last one, causes first, and comes back with what can be reached."""

    def __init__(
        self, chain: tuple[NodeModel, ...], parameters: Mapping[str, Draws], worlds: Worlds, evidence: Evidence
    ) -> None:
        self._chain, self._parameters, self._worlds, self._evidence = chain, parameters, worlds, evidence

    def of(self, place: int, imagined: Mapping[str, FloatArray]) -> tuple[FloatArray, FloatArray]:
        """Return the least and the most of the last node, given what was imagined of those before a place."""
        model, last = self._chain[place], place == len(self._chain) - 1
        family = get_family(model.family)
        if not family.discrete or model.node in self._evidence.unseen:
            found = self._answer(model, imagined)
            if not last:
                return self.of(place + 1, {**imagined, model.node: found})
            found = _as_levels(found, model.levels) if model.levels else found
            return found, found
        if isinstance(family, Counted):
            return self._count(model, family, imagined)
        low, high = self._levels(model, family, imagined)
        if last:
            return low, high
        shape = low.shape[:2]
        ends = [self.of(place + 1, {**imagined, model.node: np.full(shape, float(k))}) for k in range(model.levels)]
        least = _mixed(np.stack([one for one, _ in ends]), low, high, most=False)
        return least, _mixed(np.stack([other for _, other in ends]), low, high, most=True)

    def _answer(self, model: NodeModel, imagined: Mapping[str, FloatArray]) -> FloatArray:
        worlds = self._worlds
        return answer(model, self._parameters[model.node], worlds.seen, imagined, worlds.noise[model.node], worlds.size)

    def _means(self, model: NodeModel, imagined: Mapping[str, FloatArray]) -> tuple[FloatArray, FloatArray]:
        draws, worlds = self._parameters[model.node], self._worlds
        both = (expected(model, draws, world, worlds.size) for world in (worlds.seen, imagined))
        first, second = np.broadcast_arrays(*both)
        return first, second

    def _levels(
        self, model: NodeModel, family: Family, imagined: Mapping[str, FloatArray]
    ) -> tuple[FloatArray, FloatArray]:
        """Return the bounds of each level's chance, (S, N, K)."""
        here, there = (
            mean if mean.ndim == 3 else np.stack([1.0 - mean, mean], axis=-1) for mean in self._means(model, imagined)
        )
        seen = np.broadcast_to(self._worlds.seen[model.node], here.shape[:2])
        p = np.maximum(np.take_along_axis(here, seen.astype(np.intp)[..., None], axis=-1), _SMALLEST)
        low, high = np.maximum(0.0, (there + p - 1.0) / p), np.minimum(1.0, there / p)
        same = np.broadcast_to(same_causes(model, self._worlds.seen, imagined), here.shape[:2])[..., None]
        certain = _as_levels(seen, here.shape[-1])
        return np.where(same, certain, low), np.where(same, certain, high)

    def _count(
        self, model: NodeModel, family: Counted, imagined: Mapping[str, FloatArray]
    ) -> tuple[FloatArray, FloatArray]:
        """Return the bounds of a count's mean, (S, N); nothing is asked of what lies below a count."""
        here, there = self._means(model, imagined)
        aux = family.aux(self._parameters[model.node])
        seen = np.broadcast_to(self._worlds.seen[model.node], here.shape)
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            upto, above = family.up_to(seen, here, aux)
            below, from_here = family.up_to(np.maximum(seen - 1.0, 0.0), here, aux)
            below, from_here = np.where(seen > 0, below, 0.0), np.where(seen > 0, from_here, 1.0)
            p = np.clip(np.where(upto < 0.5, upto - below, from_here - above), _SMALLEST, 1.0)
            high = _highest(family, p, there, aux) / p
            low = np.clip((there - _highest(family, 1.0 - p, there, aux)) / p, 0.0, high)
        same = np.broadcast_to(same_causes(model, self._worlds.seen, imagined), here.shape)
        return np.where(same, seen, low), np.where(same, seen, high)


def _highest(family: Counted, share: FloatArray, mean: FloatArray, aux: Mapping[str, FloatArray]) -> FloatArray:
    """Return what the highest ``share`` of the counts of a mean make of it."""
    last = family.quantile(mean, place_of(1.0 - share, share), aux)
    return family.over(last, mean, aux) + last * (share - family.up_to(last, mean, aux)[1])


def _as_levels(codes: FloatArray, levels: int) -> FloatArray:
    """Return the chances of levels of which one is certain, (S, N, K)."""
    return (codes[..., None] == np.arange(levels)).astype(np.float64)


def _mixed(values: FloatArray, low: FloatArray, high: FloatArray, most: bool) -> FloatArray:
    """Return the least or most that values (B, S, N, …) have on average, of chances between bounds (S, N, B).

    Each value gets its least chance; what is left goes to the best ones first.
    """
    order = np.argsort(-values if most else values, axis=0)
    spread = np.moveaxis(low, -1, 0), np.moveaxis(high, -1, 0)
    few, many = (part.reshape(part.shape + (1,) * (values.ndim - 3)) for part in spread)
    few, many = (np.take_along_axis(np.broadcast_to(part, values.shape), order, axis=0) for part in (few, many))
    ranked = np.take_along_axis(values, order, axis=0)
    room = many - few
    before = np.cumsum(room, axis=0) - room
    more = np.clip(1.0 - few.sum(axis=0) - before, 0.0, room)
    return np.asarray(((few + more) * ranked).sum(axis=0))
