"""Markov equivalence: graphs that no observational data can tell apart.

Two graphs of arrows among observed nodes are equivalent if and only if they have the
same adjacencies and the same unshielded colliders (Verma & Pearl 1990). With latent
nodes and arcs, two graphs imply the same independences among their observed nodes if
and only if the sets of up to three nodes that can never be "pulled apart" agree (Hu &
Evans 2020); with arrows only, that is the same criterion. Equivalence here speaks of
independences; with latents, equality constraints of other kinds (Verma constraints) may
still tell two equivalent graphs apart.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, permutations

from core.errors import GraphError
from core.graph.bits import BitGraph, bit_graph, ones
from core.graph.causal_graph import CausalGraph
from core.graph.separation import separable_with

__all__ = [
    "UNINFORMATIVE",
    "Cpdag",
    "class_members",
    "cpdag",
    "equivalence_classes",
    "informativeness",
    "markov_equivalent",
]

Edge = tuple[str, str]

UNINFORMATIVE = 0.05
"""Above this share of relabellings in its own class a graph is "uninformative" (Eulig et al. 2023)."""


@dataclass(frozen=True)
class Cpdag:
    """What all members of an equivalence class share.

    ``directed`` arrows are compelled (the same in every member); ``undirected`` pairs, in
    the order of ``nodes``, point one way in some members and the other way in others.
    """

    nodes: tuple[str, ...]
    directed: tuple[Edge, ...]
    undirected: tuple[Edge, ...]


# -- equivalence --------------------------------------------------------------------


def markov_equivalent(a: CausalGraph, b: CausalGraph) -> bool:
    """Return whether two graphs imply the same independences among their observed nodes.

    Exact, also with latents and arcs. A node that one of them lacks counts there as an
    unconnected node; the order of nodes does not matter.
    """
    return _inseparable_sets(a) == _inseparable_sets(b)


def equivalence_classes(
    graphs: list[CausalGraph] | tuple[CausalGraph, ...],
    targets: Iterable[frozenset[str]] = (frozenset(),),
) -> tuple[tuple[int, ...], ...]:
    """Group graphs into equivalence classes; returns positions in ``graphs``, first come first.

    Parameters
    ----------
    graphs : sequence of CausalGraph
    targets : iterable of frozenset of str
        The sets of nodes that some rows were set in by intervention; the empty set for rows
        that were only observed. Graphs are then equivalent if they are so with the arrows
        into each of these sets removed (Hauser & Buehlmann 2012, theorem 10).
    """
    settings = sorted(set(targets), key=sorted)
    classes: dict[tuple[frozenset[frozenset[str]], ...], list[int]] = {}
    for position, graph in enumerate(graphs):
        key = tuple(_inseparable_sets(_without_causes(graph, chosen)) for chosen in settings)
        classes.setdefault(key, []).append(position)
    return tuple(tuple(members) for members in classes.values())


def _without_causes(graph: CausalGraph, chosen: frozenset[str]) -> CausalGraph:
    """Return the graph in which ``chosen`` are set from outside."""
    if not chosen & set(graph.nodes):
        return graph
    return CausalGraph(
        graph.nodes,
        tuple(edge for edge in graph.edges if edge[1] not in chosen),
        tuple(arc for arc in graph.bidirected if not chosen & set(arc)),
        graph.latents,
    )


@lru_cache(maxsize=256)
def _inseparable_sets(graph: CausalGraph) -> frozenset[frozenset[str]]:
    """Return the pairs and triples that fix a graph's equivalence class.

    A pair belongs if no observed set separates it. A triple with one or two such pairs
    belongs if none of its other pairs is separated by a set that holds the third node
    (Hu & Evans 2020, their sets S-tilde-3).
    """
    bits = bit_graph(graph)
    plain = not graph.latents and not graph.bidirected
    numbers = _plain_sets(bits) if plain else _mixed_sets(bits)
    return frozenset(frozenset(bits.names[node] for node in members) for members in numbers)


def _plain_sets(bits: BitGraph) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = []
    for child, parents in enumerate(bits.parents):
        found.extend((parent, child) for parent in ones(parents))
        found.extend((a, b, child) for a, b in combinations(ones(parents), 2) if not bits.adjacent(a) >> b & 1)
    return found


def _mixed_sets(bits: BitGraph) -> list[tuple[int, ...]]:
    nodes = list(ones(bits.observed))
    near = dict.fromkeys(nodes, 0)
    found: list[tuple[int, ...]] = []
    for a, b in combinations(nodes, 2):
        if bits.adjacent(a) >> b & 1 or not separable_with(bits, a, b, 0, bits.observed):
            near[a] |= 1 << b
            near[b] |= 1 << a
            found.append((a, b))
    triples = {
        tuple(sorted((a, b, third))) for a, b in found for third in nodes if third not in (a, b)
    }  # at least one inseparable pair each
    for triple in sorted(triples):
        apart = [(a, b) for a, b in combinations(triple, 2) if not near[a] >> b & 1]
        everything = sum(1 << node for node in triple)
        if apart and not any(
            separable_with(bits, a, b, everything & ~(1 << a | 1 << b), bits.observed) for a, b in apart
        ):
            found.append(triple)
    return found


# -- the class of a graph of arrows -------------------------------------------------


def cpdag(graph: CausalGraph) -> Cpdag:
    """Return the completed partially directed graph of a DAG's equivalence class.

    Unshielded colliders first, then the orientation rules 1 to 3 of Meek (1995) until
    nothing changes.

    Raises
    ------
    GraphError
        If the graph has latents or arcs.
    """
    bits = _plain(graph)
    size = len(bits.names)
    into = [0] * size  # into[b] holds a for every compelled a -> b
    for child, parents in enumerate(bits.parents):
        for a in ones(parents):
            if parents & ~bits.adjacent(a) & ~(1 << a):
                into[child] |= 1 << a
    changed = True
    while changed:
        changed = False
        for a, children in enumerate(bits.children):
            for b in ones(children):
                if not into[b] >> a & 1 and _compelled(bits, into, a, b):
                    into[b] |= 1 << a
                    changed = True
    directed = tuple(edge for edge in graph.edges if into[bits.index[edge[1]]] >> bits.index[edge[0]] & 1)
    loose = [edge for edge in graph.edges if edge not in set(directed)]
    undirected = sorted(
        (sorted(edge, key=bits.index.__getitem__) for edge in loose), key=lambda pair: _rank(bits, pair)
    )
    return Cpdag(graph.nodes, directed, tuple((a, b) for a, b in undirected))


def _rank(bits: BitGraph, pair: list[str]) -> tuple[int, int]:
    return bits.index[pair[0]], bits.index[pair[1]]


def _compelled(bits: BitGraph, into: list[int], a: int, b: int) -> bool:
    # Only a -> b, the graph's own direction, can be compelled: the graph is in its class.
    if into[a] & ~bits.adjacent(b) & ~(1 << b):  # rule 1: another arrow into a, from a stranger to b
        return True
    if any(into[middle] >> a & 1 for middle in ones(into[b])):  # rule 2: a -> middle -> b
        return True
    loose = bits.adjacent(a) & into[b]  # rule 3: a - c -> b and a - d -> b, c and d strangers
    loose &= ~into[a]
    return any(loose & ~bits.adjacent(c) & ~(1 << c) for c in ones(loose) if not into[c] >> a & 1)


def _covered(parents: tuple[int, ...]) -> list[tuple[int, int]]:
    return [(a, b) for b, into in enumerate(parents) for a in ones(into) if into == parents[a] | 1 << a]


def class_members(graph: CausalGraph, limit: int = 10_000) -> tuple[CausalGraph, ...]:
    """Return the DAGs of the equivalence class, ``graph`` first.

    Any two members are joined by reversals of covered arrows (Chickering 1995), so a
    breadth-first search over those finds all of them. It stops at ``limit``: a result of
    that length may not be the whole class.

    Raises
    ------
    GraphError
        If the graph has latents or arcs.
    """
    start = _plain(graph).parents
    seen = {start: None}
    todo = [start]
    for parents in todo:
        for a, b in _covered(parents):
            if len(seen) >= limit:
                break
            turned = list(parents)
            turned[b] &= ~(1 << a)
            turned[a] |= 1 << b
            member = tuple(turned)
            if member not in seen:
                seen[member] = None
                todo.append(member)
    names = graph.nodes
    return tuple(
        graph.replace_edges((names[a], names[b]) for b, into in enumerate(parents) for a in ones(into))
        for parents in seen
    )


def _plain(graph: CausalGraph) -> BitGraph:
    if graph.latents or graph.bidirected:
        raise GraphError(
            "a graph with unmeasured causes has no such class of graphs of arrows",
            hint="Remove its latent nodes and arcs, or ask whether two graphs are equivalent instead.",
        )
    return bit_graph(graph)


# -- how much a graph says ----------------------------------------------------------


@lru_cache(maxsize=256)
def informativeness(graph: CausalGraph, *, samples: int = 2_000, seed: int = 0) -> float:
    """Return the share of relabellings of the observed nodes that stay in the graph's own class.

    Above :data:`UNINFORMATIVE` a graph that is not contradicted has shown little: many
    graphs with its nodes shuffled would not have been either (Eulig et al. 2023). Exact
    for up to 7 observed nodes, else from ``samples`` random relabellings; 1.0 for a
    graph that implies nothing.
    """
    nodes = graph.observed
    sets = _inseparable_sets(graph)
    number = {name: position for position, name in enumerate(nodes)}
    coded = [
        tuple(number[name] for name in members)
        for members in sorted(sets, key=lambda found: (len(found), sorted(found)))
    ]
    masks = {sum(1 << node for node in members) for members in coded}
    orders = _relabellings(len(nodes), samples, seed)
    hits = sum(all(sum(map(bits.__getitem__, members)) in masks for members in coded) for bits in orders)
    return hits / len(orders)


@lru_cache(maxsize=4)  # the same for every graph of as many nodes
def _relabellings(nodes: int, samples: int, seed: int) -> tuple[tuple[int, ...], ...]:
    """Return, by node, the bit of what it is relabelled to: all relabellings of up to 7 nodes, else a sample."""
    bits = [1 << place for place in range(nodes)]
    if nodes <= 7:
        return tuple(permutations(bits))
    draw = random.Random(seed)  # noqa: S311 - a sample of relabellings, not a secret
    return tuple(tuple(draw.sample(bits, nodes)) for _ in range(samples))
