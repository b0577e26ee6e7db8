"""What a graph claims about data: the independences that it implies.

For arrows among observed nodes the list is the local Markov basis: each node is
unrelated to each of its non-descendants that is not its parent, given its parents;
every other independence of the graph follows from it. With latent nodes or arcs the
list holds, for each pair of observed nodes that observed nodes can separate, one minimal
set that does.

Nobody claims anything about pairs within a background (:mod:`core.graph.background`). Where a
question is asked, what stands upstream of it is like a background to it: a pair with one end on
either side is tested in the family of the node downstream alone, given that node's parents. So
what is said about the question does not hang on how things upstream are related; and the list is
still a basis (the ordered Markov property, with what is upstream first).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from core.graph.background import completed
from core.graph.bits import BitGraph, bit_graph, ones
from core.graph.causal_graph import CausalGraph
from core.graph.separation import minimal_separator

__all__ = ["Independence", "implications", "restricted_to", "untestable_reason"]


@dataclass(frozen=True, slots=True)
class Independence:
    """``x`` and ``y`` are unrelated given ``given``.

    Two claims are the same if the pair and the set are: :func:`implications` keeps
    ``x`` before ``y`` and ``given`` sorted, both in the order of the graph's nodes.
    """

    x: str
    y: str
    given: tuple[str, ...] = ()


@lru_cache(maxsize=64)
def implications(
    graph: CausalGraph, background: frozenset[str] = frozenset(), upstream: frozenset[str] = frozenset()
) -> tuple[Independence, ...]:
    """Return the independences among observed nodes that ``graph`` implies, as a basis.

    Every pair of observed nodes that observed nodes can separate stands in it at least
    once, no claim twice; sorted by pair, then by the size of the given set.

    Parameters
    ----------
    graph : CausalGraph
    background : frozenset of str
        Nodes that may be related among themselves in any way; closed under causes.
    upstream : frozenset of str
        Nodes upstream of a question, closed under causes: pairs across are tested on the other side.
        Without latent nodes and arcs only, where families have a test of their own.

    Examples
    --------
    >>> chain = CausalGraph(("a", "b", "c"), (("a", "b"), ("b", "c")))
    >>> implications(chain)
    (Independence(x='a', y='c', given=('b',)),)
    """
    if graph.latents or graph.bidirected:
        whole = completed(graph, [name for name in graph.nodes if name in background])
        bits = bit_graph(whole)
        found = _pairwise(bits)
    else:
        bits = bit_graph(graph)
        found = _local_markov(bits, _mask(bits, background), _mask(bits, upstream))
    claims = sorted(set(found), key=lambda found: (found[0], found[1], found[2].bit_count(), found[2]))
    sets = {given: bits.named(given) for given in {given for _, _, given in claims}}
    return tuple(Independence(bits.names[x], bits.names[y], sets[given]) for x, y, given in claims)


def _mask(bits: BitGraph, names: frozenset[str]) -> int:
    return sum(1 << bits.index[name] for name in names if name in bits.index)


def _local_markov(bits: BitGraph, background: int = 0, upstream: int = 0) -> Iterator[tuple[int, int, int]]:
    everything = (1 << len(bits.names)) - 1
    first = background | upstream
    for node, parents in enumerate(bits.parents):
        if background >> node & 1:
            continue
        beside = first if first >> node & 1 else everything
        for other in ones(beside & ~bits.descendants[node] & ~parents & ~(1 << node)):
            yield min(node, other), max(node, other), parents


def _pairwise(bits: BitGraph) -> Iterator[tuple[int, int, int]]:
    for first in ones(bits.observed):
        for second in ones(bits.observed & ~bits.adjacent(first) & ~((2 << first) - 1)):
            given = minimal_separator(bits, first, second, bits.observed)
            if given is not None:
                yield first, second, given


def restricted_to(graph: CausalGraph, columns: Iterable[str]) -> CausalGraph:
    """Return the same graph with every node that is not among ``columns`` latent.

    What it then implies is what data with these columns can test.
    """
    missing = set(graph.nodes) - set(columns)
    if missing <= graph.latents:
        return graph
    return CausalGraph(graph.nodes, graph.edges, graph.bidirected, graph.latents | missing)


def untestable_reason(
    graph: CausalGraph, columns: Iterable[str] | None = None, background: frozenset[str] = frozenset()
) -> str | None:
    """Say why no independence of ``graph`` can be tested, in words; ``None`` if one can.

    Parameters
    ----------
    graph : CausalGraph
        What was drawn.
    columns : iterable of str, optional
        The columns that the data have; nodes without a column count as unmeasured.
    background : frozenset of str
        Nodes that may be related among themselves in any way.
    """
    seen = graph if columns is None else restricted_to(graph, columns)
    if implications(seen, background):
        return None
    if not graph.nodes:
        return "there is nothing in this graph yet"
    if len(graph.nodes) == 1:
        return "one variable alone claims nothing about another"
    if len(seen.observed) < 2:
        return "fewer than two of its variables are measured, so no claim about a pair can be tested"
    if columns is not None and implications(graph, background):
        missing = [name for name in graph.observed if name in seen.latents]
        return f"every claim that it makes needs a variable that the data lack ({', '.join(missing)})"
    open_pairs = [
        (a, b) for i, a in enumerate(graph.observed) for b in graph.observed[:i] if not background.issuperset((a, b))
    ]
    if not open_pairs:
        return "all of it is background, which may be related in any way"
    if all(graph.adjacent(a, b) for a, b in open_pairs):
        pair = "pair of variables that are not both background" if background else "pair of variables"
        return f"it joins every {pair}, so it leaves nothing out that data could contradict (saturated)"
    return "its unmeasured causes could make every pair of measured variables related, so nothing can be contradicted"
