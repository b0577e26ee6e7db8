"""Directed paths: the ways in which one variable acts on another."""

from core.errors import GraphError
from core.graph.bits import bit_graph, ones
from core.graph.causal_graph import CausalGraph

__all__ = ["directed_paths", "nodes_on_directed_paths"]


def directed_paths(graph: CausalGraph, x: str, y: str, limit: int = 10_000) -> tuple[tuple[str, ...], ...]:
    """Return every directed path from ``x`` to ``y``, as nodes from first to last.

    Parameters
    ----------
    limit : int
        Paths can be exponentially many; more than this is an error.

    Raises
    ------
    GraphError
        For an unknown node, or over ``limit`` paths.
    """
    bits = bit_graph(graph)
    start, end = bits.number(x), bits.number(y)
    useful = bits.descendants[start] & bits.ancestors[end]
    found: list[tuple[str, ...]] = []
    path = [start]
    ways = [ones(bits.children[start] & useful)] if start != end else []
    while ways:
        step = next(ways[-1], None)
        if step is None:
            ways.pop()
            path.pop()
        elif step == end:
            if len(found) == limit:
                raise GraphError(
                    f"there are more than {limit:,} directed paths from {x} to {y}", hint="Ask about a smaller graph."
                )
            found.append(tuple(bits.names[node] for node in (*path, end)))
        else:
            path.append(step)
            ways.append(ones(bits.children[step] & useful))
    return tuple(found)


def nodes_on_directed_paths(graph: CausalGraph, x: str, y: str) -> frozenset[str]:
    """Return the nodes of all directed paths from ``x`` to ``y``, ends included; empty if there is none."""
    bits = bit_graph(graph)
    start, end = bits.number(x), bits.number(y)
    if start == end:
        return frozenset()
    return frozenset(bits.named(bits.descendants[start] & bits.ancestors[end]))
