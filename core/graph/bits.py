"""Graphs as integers: one bit a node, so that separation is a few machine words.

Sets of nodes are Python integers here, bit ``i`` being node ``i`` of
``CausalGraph.nodes``. What is public elsewhere speaks in names and translates at its
edge; only the inner loops of ``core.graph`` use this module.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.errors import GraphError
from core.graph.causal_graph import CausalGraph

__all__ = ["BitGraph", "bit_graph", "connected", "ones"]


@dataclass(frozen=True)
class BitGraph:
    """A :class:`CausalGraph` whose neighbourhoods are bit sets.

    ``ancestors[i]`` and ``descendants[i]`` hold node ``i`` itself.
    """

    names: tuple[str, ...]
    index: dict[str, int]
    parents: tuple[int, ...]
    children: tuple[int, ...]
    spouses: tuple[int, ...]
    ancestors: tuple[int, ...]
    descendants: tuple[int, ...]
    observed: int

    def adjacent(self, node: int) -> int:
        """Return the nodes that an arrow or an arc joins to ``node``."""
        return self.parents[node] | self.children[node] | self.spouses[node]

    def named(self, mask: int) -> tuple[str, ...]:
        """Return the names in ``mask``, in the order of the graph's nodes."""
        return tuple(self.names[node] for node in ones(mask))

    def number(self, name: str) -> int:
        """Return the bit number of ``name``; :class:`GraphError` if there is no such node."""
        try:
            return self.index[name]
        except KeyError:
            raise GraphError(
                f"{name!r} is not a node of this graph", place=f"node {name}", hint="Check the name."
            ) from None

    def mask(self, names: Iterable[str]) -> int:
        """Return the bit set of ``names``."""
        mask = 0
        for name in names:
            mask |= 1 << self.number(name)
        return mask


@lru_cache(maxsize=256)
def bit_graph(graph: CausalGraph) -> BitGraph:
    """Translate a graph; the last 256 are remembered."""
    index = {name: number for number, name in enumerate(graph.nodes)}

    def masks(neighbours: Iterable[Sequence[str]]) -> tuple[int, ...]:
        return tuple(sum(1 << index[name] for name in near) for near in neighbours)

    parents = masks(graph.parents(name) for name in graph.nodes)
    children = masks(graph.children(name) for name in graph.nodes)
    order = [index[name] for name in graph.topological_order]
    return BitGraph(
        names=graph.nodes,
        index=index,
        parents=parents,
        children=children,
        spouses=masks(graph.spouses(name) for name in graph.nodes),
        ancestors=_closed(order, parents),
        descendants=_closed(order[::-1], children),
        observed=sum(1 << index[name] for name in graph.observed),
    )


def _closed(order: Iterable[int], near: Sequence[int]) -> tuple[int, ...]:
    found = [0] * len(near)
    for node in order:
        mask = 1 << node
        for before in ones(near[node]):
            mask |= found[before]
        found[node] = mask
    return tuple(found)


def ones(mask: int) -> Iterator[int]:
    """Yield the numbers of the bits that are set, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def connected(bits: BitGraph, source: int, given: int) -> int:
    """Return every node at which an m-connecting walk from ``source`` given ``given`` arrives.

    Members of ``given`` are included where a walk arrives at them, although it may stop
    there: that is what finding a minimal separator needs. A breadth-first search over
    (node, arrived at an arrowhead?), the "Bayes ball" (Shachter 1998) extended to arcs:
    a collider lets through if it is an ancestor of ``given``, any other node if it is not
    in ``given``.
    """
    opened = 0
    for node in ones(given):
        opened |= bits.ancestors[node]
    heads = tails = 0
    new_heads, new_tails = bits.children[source] | bits.spouses[source], bits.parents[source]
    while new_heads or new_tails:
        heads |= new_heads
        tails |= new_tails
        to_heads = to_tails = 0
        for node in ones(new_heads & opened):
            to_tails |= bits.parents[node]
            to_heads |= bits.spouses[node]
        for node in ones(new_heads & ~given):
            to_heads |= bits.children[node]
        for node in ones(new_tails & ~given):
            to_tails |= bits.parents[node]
            to_heads |= bits.spouses[node] | bits.children[node]
        new_heads, new_tails = to_heads & ~heads, to_tails & ~tails
    return heads | tails
