"""Directed paths: the ways in which one variable acts on another."""

from itertools import islice

from core.errors import GraphError
from core.graph.bits import bit_graph
from core.graph.causal_graph import CausalGraph

__all__ = ["directed_paths", "nodes_on_directed_paths"]


def directed_paths(graph: CausalGraph, x: str, y: str, limit: int = 10_000) -> tuple[tuple[str, ...], ...]:
    """Return every directed path from ``x`` to ``y``, as nodes from first to last, in the order of the graph's nodes.

    Parameters
    ----------
    limit : int
        Paths can be exponentially many; more than this is an error.

    Raises
    ------
    GraphError
        For an unknown node, or over ``limit`` paths.
    """
    import networkx

    useful = nodes_on_directed_paths(graph, x, y)
    if not useful:
        return ()
    arrows = [edge for edge in graph.edges if useful.issuperset(edge)]  # no search in dead ends
    ways = networkx.all_simple_paths(networkx.DiGraph(arrows), x, y)
    found = tuple(tuple(path) for path in islice(ways, limit + 1))
    if len(found) > limit:
        raise GraphError(
            f"there are more than {limit:,} directed paths from {x} to {y}", hint="Ask about a smaller graph."
        )
    return found


def nodes_on_directed_paths(graph: CausalGraph, x: str, y: str) -> frozenset[str]:
    """Return the nodes of all directed paths from ``x`` to ``y``, ends included; empty if there is none."""
    bits = bit_graph(graph)
    start, end = bits.number(x), bits.number(y)
    if start == end:
        return frozenset()
    return frozenset(bits.named(bits.descendants[start] & bits.ancestors[end]))
