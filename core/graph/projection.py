"""A graph without its latent nodes: what they tie together, said by arrows and arcs among what is observed.

The latent projection (Verma & Pearl 1990) has an arrow a -> b where a directed path leads from a to b through latents
alone, and an arc a <-> b where two such paths lead out of one latent, or out of the two ends of an arc. It says the
same of the observed nodes, and of what would happen if one of them were set.
"""

from itertools import combinations, product

from core.graph.causal_graph import CausalGraph

__all__ = ["components", "latent_projection"]


def latent_projection(graph: CausalGraph) -> CausalGraph:
    """Return the projection on the observed nodes, in the order of ``nodes``.

    Examples
    --------
    >>> graph = CausalGraph(("u", "a", "m", "b"), (("u", "a"), ("u", "b"), ("a", "m"), ("m", "b")), (), {"u", "m"})
    >>> found = latent_projection(graph)
    >>> found.edges, found.bidirected
    ((('a', 'b'),), (('a', 'b'),))
    """
    seen: dict[str, frozenset[str]] = {}  # what is met first, going down: the node itself where it is observed
    for name in reversed(graph.topological_order):
        below = frozenset[str]().union(*(seen[child] for child in graph.children(name)))
        seen[name] = below if name in graph.latents else frozenset((name,))
    edges = [(name, end) for name in graph.observed for child in graph.children(name) for end in seen[child]]
    arcs = [pair for name in graph.latents for pair in combinations(sorted(seen[name]), 2)]
    arcs += [(a, b) for ends in graph.bidirected for a, b in product(*(seen[end] for end in ends)) if a != b]
    return CausalGraph(graph.observed, tuple(edges), tuple(arcs))


def components(graph: CausalGraph, names: frozenset[str]) -> tuple[frozenset[str], ...]:
    """Return the parts of ``names`` that arcs join, in the nodes' order (c-components: Tian & Pearl 2002)."""
    left, found = [name for name in graph.nodes if name in names], []
    while left:
        part, todo = {left[0]}, [left[0]]
        while todo:
            near = names.intersection(graph.spouses(todo.pop())) - part
            part |= near
            todo.extend(near)
        found.append(frozenset(part))
        left = [name for name in left if name not in part]
    return tuple(found)
