"""Positions for graphs that have none: layers from left to right, few crossings.

Sugiyama's method in its short form: the longest path gives each node its layer, sweeps
of barycentres order each layer, and each node drifts towards its neighbours' height.
"""

from bisect import bisect_right, insort
from collections.abc import Mapping
from itertools import pairwise

from core.graph.causal_graph import CausalGraph

__all__ = ["layered_positions"]

Layers = list[list[str]]
_SWEEPS = 12
_MOST_WAY_POINTS = 5_000


def layered_positions(
    graph: CausalGraph, *, x_gap: float = 180.0, y_gap: float = 90.0
) -> dict[str, tuple[float, float]]:
    """Return a place for every node: causes left of effects, y downwards.

    Parameters
    ----------
    graph : CausalGraph
        Arrows point to the right; arcs count when crossings are reduced.
    x_gap, y_gap : float
        Between neighbouring layers, and between neighbours in a layer, in pixels.

    Returns
    -------
    dict of str to (float, float)
        Centred on y = 0, the leftmost layer at x = 0; the same graph always gets the same picture.
    """
    layers, routes = _layers(graph)
    near = _neighbours(routes)
    best, fewest = [list(layer) for layer in layers], _crossings(layers, near)
    for sweep in range(_SWEEPS):
        _order(layers, near, forwards=sweep % 2 == 0)
        crossings = _crossings(layers, near)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    heights = _heights(best, near)
    column = {name: number for number, layer in enumerate(best) for name in layer}
    real = set(graph.nodes)
    middle = [heights[name] for name in real]
    shift = (min(middle) + max(middle)) / 2 if middle else 0.0
    return {name: (column[name] * x_gap, round((heights[name] - shift) * y_gap, 1)) for name in graph.nodes}


def _layers(graph: CausalGraph) -> tuple[Layers, list[tuple[str, str]]]:
    """Return layers and edges between neighbouring layers; long arrows pass through way points."""
    depth: dict[str, int] = {}
    for name in graph.topological_order:
        depth[name] = 1 + max((depth[parent] for parent in graph.parents(name)), default=-1)
    for name in reversed(graph.topological_order):
        # A cause without causes stands just before its first effect, not far to the left of it.
        if not graph.parents(name) and graph.children(name):
            depth[name] = min(depth[child] for child in graph.children(name)) - 1
    layers: Layers = [[] for _ in range(1 + max(depth.values(), default=-1))]
    for name in graph.nodes:
        layers[depth[name]].append(name)
    routes: list[tuple[str, str]] = []
    way_points = 0
    for number, (a, b) in enumerate((*graph.edges, *graph.bidirected)):
        left, right = (a, b) if depth[a] <= depth[b] else (b, a)
        last = left
        between = range(depth[left] + 1, depth[right])
        way_points += len(between)
        # Beyond what anyone reads, long arrows may pass behind nodes rather than take minutes.
        for layer in between if way_points <= _MOST_WAY_POINTS else ():
            point = f"\0{number}\0{layer}"  # no node's name holds a NUL and these two numbers by chance
            layers[layer].append(point)
            routes.append((last, point))
            last = point
        routes.append((last, right))
    return layers, routes


def _neighbours(routes: list[tuple[str, str]]) -> dict[str, list[str]]:
    near: dict[str, list[str]] = {}
    for a, b in routes:
        near.setdefault(a, []).append(b)
        near.setdefault(b, []).append(a)
    return near


def _order(layers: Layers, near: Mapping[str, list[str]], *, forwards: bool) -> None:
    """Sort each layer by the mean place of its neighbours in the layer before (or after) it."""
    steps = range(1, len(layers)) if forwards else range(len(layers) - 2, -1, -1)
    for number in steps:
        fixed = layers[number - 1 if forwards else number + 1]
        place = {name: index for index, name in enumerate(fixed)}
        own = {name: index for index, name in enumerate(layers[number])}

        def barycentre(name: str, place: dict[str, int] = place, own: dict[str, int] = own) -> float:
            seen = [place[other] for other in near.get(name, ()) if other in place]
            return sum(seen) / len(seen) if seen else own[name]

        layers[number].sort(key=barycentre)


def _crossings(layers: Layers, near: Mapping[str, list[str]]) -> int:
    count = 0
    for left, right in pairwise(layers):
        place = {name: index for index, name in enumerate(right)}
        seen: list[int] = []
        for name in left:
            ends = [place[other] for other in near.get(name, ()) if other in place]
            count += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return count


def _heights(layers: Layers, near: Mapping[str, list[str]]) -> dict[str, float]:
    """Give each layer's nodes heights at least 1 apart, in order, near their neighbours' mean."""
    height = {name: index - (len(layer) - 1) / 2 for layer in layers for index, name in enumerate(layer)}
    for _ in range(8):
        for layer in layers:
            wanted = [
                sum(height[other] for other in near[name]) / len(near[name]) if near.get(name) else height[name]
                for name in layer
            ]
            # Spread from the middle of the layer so that neither end drags the other.
            placed: list[float] = []
            for want in wanted:
                placed.append(max(want, placed[-1] + 1) if placed else want)
            surplus = sum(placed) / len(placed) - sum(wanted) / len(wanted)
            for name, value in zip(layer, placed, strict=True):
                height[name] = value - surplus
    return height
