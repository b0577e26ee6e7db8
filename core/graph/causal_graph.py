"""The causal graph: nodes, arrows and bidirected arcs, and nothing of data.

A :class:`CausalGraph` is an acyclic directed mixed graph. Arrows say "is a direct
cause of"; a bidirected arc says "share an unobserved cause". Latent nodes are nodes
that no data column can ever show; they take part in paths and are never conditioned
on. The object is immutable, hashable and validated once, at construction; what
follows from it (separation, implications, equivalence) lives in sibling modules as
functions.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from heapq import heappop, heappush
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from core.errors import CycleError, GraphError
from core.names import fault_in

if TYPE_CHECKING:
    from core.graph.network import ArcForm

__all__ = ["CausalGraph", "find_cycle", "renamed"]

Edge = tuple[str, str]


@dataclass(frozen=True)
class CausalGraph:
    """An acyclic directed mixed graph over named nodes.

    Parameters
    ----------
    nodes : tuple of str
        Names, unique and not blank, in display order.
    edges : tuple of (str, str)
        Arrows as (source, target). Kept in the order of ``nodes``, without repeats.
    bidirected : tuple of (str, str)
        Arcs; each pair is kept in the order of ``nodes``.
    latents : frozenset of str
        Nodes that are never observed.

    Raises
    ------
    GraphError
        For a blank or repeated name or one that :mod:`core.names` refuses, an unknown end, or a self loop.
    CycleError
        For a directed cycle; the error names its path.

    Examples
    --------
    >>> graph = CausalGraph(("a", "b", "c"), (("a", "b"), ("b", "c")))
    >>> graph.parents("c")
    ('b',)
    >>> sorted(graph.ancestors("c"))
    ['a', 'b']
    """

    nodes: tuple[str, ...]
    edges: tuple[Edge, ...] = ()
    bidirected: tuple[Edge, ...] = ()
    latents: frozenset[str] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        nodes = tuple(self.nodes)
        rank = {name: index for index, name in enumerate(nodes)}
        if len(rank) != len(nodes):
            twice = next(name for name in nodes if nodes.count(name) > 1)
            raise GraphError(
                f"the node {twice!r} stands twice", place=f"node {twice}", hint="Give each node a name of its own."
            )
        for name in nodes:
            if not isinstance(name, str) or not name.strip():
                raise GraphError("a node has no name", hint="Give each node a name.")
            if fault := fault_in(name):
                raise GraphError(
                    f"the node {name!r} holds {fault}", place=f"node {name!r}", hint="Type its name again."
                )
        for kind, pairs in (("arrow", self.edges), ("arc", self.bidirected)):
            for a, b in pairs:
                for end in (a, b):
                    if end not in rank:
                        raise GraphError(
                            f"the {kind} {a!r} - {b!r} names {end!r}, which is not a node",
                            place=f"node {end}",
                            hint="Add the node, or remove what names it.",
                        )
                if a == b:
                    raise GraphError(
                        f"the node {a!r} has an {kind} to itself",
                        place=f"node {a}",
                        hint="Remove it; a variable is not its own cause.",
                    )
        for name in self.latents:
            if name not in rank:
                raise GraphError(f"the latent {name!r} is not a node", place=f"node {name}", hint="Add the node.")
        order = lambda pair: (rank[pair[0]], rank[pair[1]])  # noqa: E731
        edges = tuple(sorted({(a, b) for a, b in self.edges}, key=order))
        arcs = {(a, b) if rank[a] < rank[b] else (b, a) for a, b in self.bidirected}
        object.__setattr__(self, "nodes", nodes)
        object.__setattr__(self, "edges", edges)
        object.__setattr__(self, "bidirected", tuple(sorted(arcs, key=order)))
        object.__setattr__(self, "latents", frozenset(self.latents))
        if len(self.topological_order) < len(nodes):
            raise CycleError(find_cycle(nodes, edges))

    def __getstate__(self) -> dict[str, object]:
        # Without what is cached: it can be found again, and read-only mappings cannot be pickled.
        return {name: getattr(self, name) for name in ("nodes", "edges", "bidirected", "latents")}

    @cached_property
    def _parents(self) -> Mapping[str, tuple[str, ...]]:
        into: dict[str, list[str]] = {name: [] for name in self.nodes}
        for a, b in self.edges:
            into[b].append(a)
        return MappingProxyType({name: tuple(found) for name, found in into.items()})

    @cached_property
    def _children(self) -> Mapping[str, tuple[str, ...]]:
        out: dict[str, list[str]] = {name: [] for name in self.nodes}
        for a, b in self.edges:
            out[a].append(b)
        return MappingProxyType({name: tuple(found) for name, found in out.items()})

    @cached_property
    def _spouses(self) -> Mapping[str, tuple[str, ...]]:
        arcs: dict[str, list[str]] = {name: [] for name in self.nodes}
        for a, b in self.bidirected:
            arcs[a].append(b)
            arcs[b].append(a)
        return MappingProxyType({name: tuple(found) for name, found in arcs.items()})

    def _known(self, name: str) -> str:
        if name not in self._parents:
            raise GraphError(f"{name!r} is not a node of this graph", place=f"node {name}", hint="Check the name.")
        return name

    def parents(self, name: str) -> tuple[str, ...]:
        """Return the direct causes of ``name``, in the order of ``nodes``."""
        return self._parents[self._known(name)]

    def children(self, name: str) -> tuple[str, ...]:
        """Return what ``name`` directly causes, in the order of ``nodes``."""
        return self._children[self._known(name)]

    def spouses(self, name: str) -> tuple[str, ...]:
        """Return the nodes joined to ``name`` by a bidirected arc."""
        return self._spouses[self._known(name)]

    def ancestors(self, *names: str) -> frozenset[str]:
        """Return every node with a directed path into one of ``names``, those excluded unless reached."""
        return self._reach(names, self._parents)

    def descendants(self, *names: str) -> frozenset[str]:
        """Return every node that a directed path from one of ``names`` reaches."""
        return self._reach(names, self._children)

    def _reach(self, names: Iterable[str], step: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
        todo = [near for name in names for near in step[self._known(name)]]
        seen: set[str] = set()
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo.extend(step[name])
        return frozenset(seen)

    @cached_property
    def topological_order(self) -> tuple[str, ...]:
        """Nodes, causes before effects; ties in the order of ``nodes``."""
        rank = {name: number for number, name in enumerate(self.nodes)}
        waiting = {name: len(parents) for name, parents in self._parents.items()}
        ready = [rank[name] for name, count in waiting.items() if not count]  # sorted, so a heap
        order: list[str] = []
        while ready:
            name = self.nodes[heappop(ready)]
            order.append(name)
            for child in self._children[name]:
                waiting[child] -= 1
                if not waiting[child]:
                    heappush(ready, rank[child])
        return tuple(order)

    @cached_property
    def observed(self) -> tuple[str, ...]:
        """Nodes that are not latent, in the order of ``nodes``."""
        return tuple(name for name in self.nodes if name not in self.latents)

    def adjacent(self, a: str, b: str) -> bool:
        """Return whether an arrow, either way, or an arc joins ``a`` and ``b``."""
        return b in self._parents[self._known(a)] or a in self._parents[self._known(b)] or b in self._spouses[a]

    def replace_edges(self, edges: Iterable[Edge]) -> "CausalGraph":
        """Return the same nodes, arcs and latents with other arrows."""
        return CausalGraph(self.nodes, tuple(edges), self.bidirected, self.latents)

    def to_networkx(self, arcs: "ArcForm" = "listed") -> Any:
        """Return a ``networkx.DiGraph``: the same nodes in the same order, the arrows as its edges.

        Parameters
        ----------
        arcs : {"listed", "latents"}
            Bidirected arcs as pairs in ``g.graph["bidirected"]``, or each as a latent node with
            its two ends as children, which is what separation and other libraries need.

        Returns
        -------
        networkx.DiGraph
            A new one; its nodes say whether they are ``latent``. :meth:`from_networkx` gives an
            equal graph back from either form.

        Examples
        --------
        >>> graph = CausalGraph(("a", "b"), (("a", "b"),), (("a", "b"),))
        >>> sorted(graph.to_networkx(arcs="latents").edges)
        [('a <-> b', 'a'), ('a <-> b', 'b'), ('a', 'b')]
        """
        from core.graph.network import network_of

        return network_of(self, arcs)

    @classmethod
    def from_networkx(cls, graph: Any) -> "CausalGraph":
        """Read a directed graph of networkx, ours or another's; see :mod:`core.graph.network` for what is read.

        Raises
        ------
        GraphError
            For an undirected graph, a name that is no text, a self loop, or an arrow that stands
            twice; CycleError for a cycle. Each names the node or the arrow.
        """
        from core.graph.network import causal_graph_of

        return causal_graph_of(graph)


def find_cycle(nodes: Iterable[str], edges: Iterable[Edge]) -> tuple[str, ...]:
    """Return the nodes of one directed cycle, the first repeated at the end; else ``()``.

    The first that a search from the nodes in their order closes, as networkx finds it.
    """
    from core.graph.network import cycle_among

    return cycle_among(nodes, edges)


def renamed(graph: CausalGraph, names: Mapping[str, str]) -> CausalGraph:
    """Return the same graph under other names, which must differ from one another; those that lack one keep theirs."""
    new = {name: names.get(name, name) for name in graph.nodes}
    return CausalGraph(
        tuple(new[name] for name in graph.nodes),
        tuple((new[a], new[b]) for a, b in graph.edges),
        tuple((new[a], new[b]) for a, b in graph.bidirected),
        frozenset(new[name] for name in graph.latents),
    )
