"""A graph without its latent nodes, and its parts that arcs join, as graphs and names (:mod:`core.graph.surgery`)."""

from core.graph.bits import bit_graph, ones
from core.graph.causal_graph import CausalGraph
from core.graph.surgery import districts, projected

__all__ = ["components", "latent_projection"]


def latent_projection(graph: CausalGraph) -> CausalGraph:
    """Return the projection on the observed nodes (Verma & Pearl 1990), in the order of ``nodes``.

    It has an arrow a -> b where a directed path leads from a to b through latents alone, and an arc a <-> b where two
    such paths lead out of one latent, or out of the two ends of an arc. It says the same of the observed nodes, and of
    what would happen if one of them were set.

    Examples
    --------
    >>> graph = CausalGraph(("u", "a", "m", "b"), (("u", "a"), ("u", "b"), ("a", "m"), ("m", "b")), (), {"u", "m"})
    >>> found = latent_projection(graph)
    >>> found.edges, found.bidirected
    ((('a', 'b'),), (('a', 'b'),))
    """
    bits = projected(bit_graph(graph))
    ends = [(bits.index[name], name) for name in graph.observed]
    edges = [(name, bits.names[child]) for place, name in ends for child in ones(bits.children[place])]
    arcs = [(name, bits.names[other]) for place, name in ends for other in ones(bits.spouses[place]) if place < other]
    return CausalGraph(graph.observed, tuple(edges), tuple(arcs))


def components(graph: CausalGraph, names: frozenset[str]) -> tuple[frozenset[str], ...]:
    """Return the parts of ``names`` that arcs join, in the nodes' order (c-components: Tian & Pearl 2002)."""
    bits = bit_graph(graph)
    return tuple(frozenset(bits.named(part)) for part in districts(bits, bits.mask(names)))
