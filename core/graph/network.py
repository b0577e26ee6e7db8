"""Graphs of networkx: how a causal graph goes there, how one comes back, and what is left to it here.

**The form.** A ``networkx.DiGraph`` over the same names in the same order, its edges the
arrows. Every node says ``latent`` (true or false): y0 reads it with ``tag="latent"``, and
``{n for n, latent in g.nodes(data="latent") if latent}`` is what pgmpy wants as ``latents``.
networkx has no bidirected edge, and each library that knows them keeps them in a class of its
own; they come in two forms:

- ``"listed"``: pairs in ``g.graph["bidirected"]``. Every algorithm on arrows (order,
  ancestors, paths) is right as it stands; one that asks about separation does not see them.
- ``"latents"``: each is a latent node with two children, marked ``arc=True``. This is the
  canonical graph (Richardson 2003), and what DoWhy, pgmpy and y0 take; separation is right.

Either comes back as what it was. Of other people's graphs are read: ``latent`` or ``hidden``
true, DoWhy's ``observed="no"``, the ``latents`` of pgmpy's classes; as arcs, edges with
``bidirected`` true (as in our GraphML) or a ``type`` that says so.

**What is left to networkx here**: naming a cycle and listing directed paths, which nothing
does in a loop. What runs at every stroke of a pen or thousands of times in a search stays on
tuples and bit sets, which were measured faster (networkx 3.7, microseconds for graphs of 4,
14 and 50 nodes, the ``DiGraph`` made beforehand; making it takes 22, 77 and 270 more):

=======================================  ==================  ======================
question                                 here                networkx
=======================================  ==================  ======================
is there a cycle                         8, 30, 128          20, 42, 115
order, ties as displayed                 the same pass       46, 154, 532
ancestors of the last node               2, 5, 9             12, 20, 32
nodes between two                        5, 7, 12            23, 42, 78
five separations                         21, 68, 289         309, 990, 4630
=======================================  ==================  ======================
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import networkx as nx

from core.errors import CycleError, GraphError
from core.graph.causal_graph import CausalGraph

__all__ = ["ArcForm", "Drawn", "causal_graph_of", "cycle_among", "network_of", "read_network", "with_arcs"]

ArcForm = Literal["listed", "latents"]

_TRUE = frozenset({"1", "true", "yes"})
_ARC_TYPES = frozenset({"bidirected", "<->", "<>"})
_VAGUE_TYPES = frozenset({"undirected", "circle", "--", "-", "<-", "o->", "<-o", "o-o", "o-", "-o"})
_MIXED = "Give a networkx.DiGraph; of a mixed graph, its arrows, with the arcs as pairs in graph['bidirected']."


@dataclass(frozen=True)
class Drawn:
    """What a graph of networkx says, by name: nodes and arrows with their attributes, arcs and latents."""

    nodes: Mapping[str, Mapping[str, Any]]
    arrows: Mapping[tuple[str, str], Mapping[str, Any]]
    arcs: tuple[tuple[str, str], ...]
    latents: frozenset[str]


def network_of(graph: CausalGraph, arcs: ArcForm = "listed") -> Any:
    """Return ``graph`` as a ``networkx.DiGraph``; see :meth:`CausalGraph.to_networkx`."""
    network = nx.DiGraph()
    network.add_nodes_from((name, {"latent": name in graph.latents}) for name in graph.nodes)
    network.add_edges_from(graph.edges)
    return with_arcs(network, graph.bidirected, arcs)


def with_arcs(network: Any, pairs: Iterable[tuple[str, str]], arcs: ArcForm) -> Any:
    """Return a ``networkx.DiGraph`` with bidirected arcs put in, in one of the two forms."""
    if arcs == "listed":
        network.graph["bidirected"] = [tuple(pair) for pair in pairs]
        return network
    if arcs != "latents":
        raise GraphError(f"arcs={arcs!r} is not a form of arcs", place="arcs", hint='Say "listed" or "latents".')
    for a, b in pairs:
        name = f"{a} <-> {b}"
        while name in network:
            name += "'"
        network.add_node(name, latent=True, arc=True)
        network.add_edges_from([(name, a), (name, b)])
    return network


def causal_graph_of(network: Any) -> CausalGraph:
    """Return a graph of networkx as a causal graph; see :meth:`CausalGraph.from_networkx`."""
    drawn = read_network(network)
    try:
        return CausalGraph(tuple(drawn.nodes), tuple(drawn.arrows), drawn.arcs, drawn.latents)
    except CycleError as error:
        raise placed(error) from None


def placed(error: CycleError) -> CycleError:
    """Return the error with the arrow that closes the cycle as its place."""
    return CycleError(error.path, place=f"arrow {error.path[-2]} -> {error.path[-1]}")


def read_network(network: Any) -> Drawn:
    """Read names, arrows, arcs and latents; a node that stands for an arc becomes one.

    Raises
    ------
    GraphError
        Where it is no directed graph of networkx, a node is no text, or an arrow stands twice.
    """
    if not isinstance(network, nx.Graph):
        raise GraphError(f"a graph of networkx is expected, not {_article(network)}", place="graph", hint=_MIXED)
    if not network.is_directed():
        edge = next(iter(network.edges), None)
        raise GraphError(
            "the edges of this graph do not say what causes what",
            place=f"edge {edge[0]} - {edge[1]}" if edge else "graph",
            hint="Make it a networkx.DiGraph, each edge from cause to effect; list unmeasured common causes as pairs "
            "in graph['bidirected'].",
        )
    nodes = {_name(node): data for node, data in network.nodes(data=True)}
    arrows: dict[tuple[str, str], Mapping[str, Any]] = {}
    arcs = _listed(network.graph.get("bidirected") or ())
    for source, target, data in network.edges(data=True):
        pair = (str(source), str(target))
        kind = data.get("type") if isinstance(data.get("type"), str) else None
        if _true(data.get("bidirected")) or kind in _ARC_TYPES:
            arcs.append(pair)
        elif kind in _VAGUE_TYPES:
            raise GraphError(
                f"the type {kind!r} of this edge does not say that its first node causes its second",
                place=f"edge {source} - {target}",
                hint="Give it a direction, or type='bidirected' for an unmeasured common cause.",
            )
        elif pair in arrows:
            raise GraphError(
                f"the arrow {source} -> {target} stands twice",
                place=f"arrow {source} -> {target}",
                hint="Keep one of them, or mark the other with bidirected=True if it is an unmeasured common cause.",
            )
        else:
            arrows[pair] = data
    hidden = {str(name) for name in getattr(network, "latents", ())}
    latents = {name for name, data in nodes.items() if name in hidden or _is_latent(data)}
    for name in [name for name, data in nodes.items() if _true(data.get("arc"))]:
        arcs.append(_arc_of(name, arrows))
        arrows = {pair: data for pair, data in arrows.items() if pair[0] != name}
        del nodes[name]
        latents.discard(name)
    return Drawn(nodes, arrows, _once(arcs), frozenset(latents))


def _name(node: object) -> str:
    if isinstance(node, str):
        return str(node)
    raise GraphError(
        f"the node {node!r} has no text as its name",
        place=f"node {node!r}",
        hint="Name nodes as the columns of the data; networkx.relabel_nodes(graph, str) makes texts of numbers.",
    )


def _listed(pairs: Any) -> list[tuple[str, str]]:
    found = []
    for pair in pairs if isinstance(pairs, Iterable) and not isinstance(pairs, str) else (pairs,):
        if not isinstance(pair, tuple | list) or len(pair) != 2 or not all(isinstance(end, str) for end in pair):
            raise GraphError(
                f"{pair!r} is not a pair of nodes",
                place="graph attribute bidirected",
                hint="List bidirected arcs as pairs of names: graph['bidirected'] = [('ads', 'sales')].",
            )
        found.append((str(pair[0]), str(pair[1])))
    return found


def _arc_of(name: str, arrows: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """Return the two children of a node that stands for an arc."""
    pairs = list(arrows)
    ends = [b for a, b in pairs if a == name]
    if len(ends) != 2 or any(b == name for _, b in pairs):
        raise GraphError(
            f"the node {name!r} is marked as an arc, but does not have two children and no parent",
            place=f"node {name}",
            hint="Take the mark arc away, or give it the two ends of the arc as its only neighbours.",
        )
    return ends[0], ends[1]


def _once(arcs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return arcs without those that stand there already, either way round."""
    found: dict[frozenset[str], tuple[str, str]] = {}
    for pair in arcs:
        found.setdefault(frozenset(pair), pair)
    return tuple(found.values())


def _is_latent(data: Mapping[str, Any]) -> bool:
    observed = data.get("observed")
    no = observed is False or (isinstance(observed, str) and observed.strip().lower() in ("no", "false", "0"))
    return no or _true(data.get("latent")) or _true(data.get("hidden"))


def _true(value: object) -> bool:
    return value.strip().lower() in _TRUE if isinstance(value, str) else isinstance(value, int) and value == 1


def _article(value: object) -> str:
    kind = type(value).__name__
    return f"{'an' if kind[:1].lower() in 'aeiou' else 'a'} {kind}"


def cycle_among(nodes: Iterable[str], edges: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the nodes of one directed cycle, the first repeated at the end; else ``()``."""
    network = nx.DiGraph()
    network.add_nodes_from(nodes)
    network.add_edges_from(edges)
    try:
        found = nx.find_cycle(network)
    except nx.NetworkXNoCycle:
        return ()
    return (*(source for source, _ in found), found[-1][1])
