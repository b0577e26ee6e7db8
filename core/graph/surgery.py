"""Graphs with something cut out of them, as bit sets: what the rules of identification look at.

Every function returns a new :class:`~core.graph.bits.BitGraph` over the same numbers.
"""

from collections.abc import Sequence

from core.graph.bits import BitGraph, ones

__all__ = ["ancestors_within", "causal_order", "cut", "district", "districts", "projected", "proper_causal"]


def causal_order(bits: BitGraph) -> list[int]:
    """Return all nodes, causes before effects: whoever has fewer ancestors comes first."""
    return sorted(range(len(bits.names)), key=lambda node: bits.ancestors[node].bit_count())


def cut(bits: BitGraph, *, into: int = 0, out_of: int = 0, arrows: tuple[int, int] = (0, 0)) -> BitGraph:
    """Return the graph without some of its edges.

    Parameters
    ----------
    bits : BitGraph
    into : int
        Nodes that lose every arrowhead at them, of arrows and of arcs (what an intervention does).
    out_of : int
        Nodes that lose the arrows out of them.
    arrows : (int, int)
        Sources and targets: the arrows from any of the first to any of the second go.
    """
    sources, targets = arrows
    parents, spouses = list(bits.parents), list(bits.spouses)
    for node in range(len(parents)):
        if into >> node & 1:
            parents[node] = spouses[node] = 0
            continue
        parents[node] &= ~out_of
        spouses[node] &= ~into
        if targets >> node & 1:
            parents[node] &= ~sources
    return _made(bits, parents, spouses)


def _made(bits: BitGraph, parents: Sequence[int], spouses: Sequence[int], observed: int | None = None) -> BitGraph:
    """Return a graph of these neighbourhoods, whose arrows all run along the order of ``bits``."""
    count = len(parents)
    order = causal_order(bits)
    children, ancestors, descendants = [0] * count, [0] * count, [0] * count
    for node in order:
        reached = 1 << node
        for parent in ones(parents[node]):
            children[parent] |= 1 << node
            reached |= ancestors[parent]
        ancestors[node] = reached
    for node in reversed(order):
        reached = 1 << node
        for child in ones(children[node]):
            reached |= descendants[child]
        descendants[node] = reached
    return BitGraph(
        names=bits.names,
        index=bits.index,
        parents=tuple(parents),
        children=tuple(children),
        spouses=tuple(spouses),
        ancestors=tuple(ancestors),
        descendants=tuple(descendants),
        observed=bits.observed if observed is None else observed,
    )


def projected(bits: BitGraph, onto: int | None = None) -> BitGraph:
    """Return the latent projection onto the nodes of ``onto`` (Verma & Pearl 1990), by default the observed ones.

    Directed paths through nodes that go become arrows; two nodes that such nodes are a common cause
    of get an arc. The nodes that go keep their numbers and lose all edges.
    One node goes at a time (Evans 2016): its parents become parents of its children, its children
    get arcs among each other and with its spouses.
    """
    kept = bits.observed if onto is None else onto
    parents, children, spouses = list(bits.parents), list(bits.children), list(bits.spouses)
    for node in range(len(parents)):
        if kept >> node & 1:
            continue
        below, above, beside = children[node], parents[node], spouses[node]
        for child in ones(below):
            parents[child] = (parents[child] | above) & ~(1 << node)
            spouses[child] |= (below | beside) & ~(1 << child)
        for parent in ones(above):
            children[parent] = (children[parent] | below) & ~(1 << node)
        for spouse in ones(beside):
            spouses[spouse] = (spouses[spouse] | below & ~(1 << spouse)) & ~(1 << node)
        parents[node] = children[node] = spouses[node] = 0
    return _made(bits, parents, spouses, kept)


def proper_causal(bits: BitGraph, x: int, y: int) -> int:
    """Return the nodes of the directed paths from ``x`` to ``y``, without ``x``; none if there is no path."""
    return bits.descendants[x] & bits.ancestors[y] & ~(1 << x)


def ancestors_within(bits: BitGraph, of: int, within: int) -> int:
    """Return the ancestors of ``of`` in the graph over ``within`` alone, those of ``of`` included."""
    found = new = of & within
    while new:
        above = 0
        for node in ones(new):
            above |= bits.parents[node]
        new = above & within & ~found
        found |= new
    return found


def district(bits: BitGraph, of: int, within: int) -> int:
    """Return what arcs join to ``of`` in the graph over ``within`` alone (the c-component), ``of`` included."""
    found = new = of & within
    while new:
        beside = 0
        for node in ones(new):
            beside |= bits.spouses[node]
        new = beside & within & ~found
        found |= new
    return found


def districts(bits: BitGraph, within: int) -> list[int]:
    """Return the districts (c-components) of the graph over ``within`` alone, that of the lowest number first."""
    found = []
    while within:
        one = district(bits, within & -within, within)
        found.append(one)
        within &= ~one
    return found
