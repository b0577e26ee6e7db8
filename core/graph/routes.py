"""All paths between two nodes: which carry the effect, which bias its estimate, and what blocks the others."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from core.graph.bits import BitGraph, bit_graph, ones
from core.graph.causal_graph import CausalGraph

__all__ = ["Kind", "Route", "Routes", "routes"]

Kind = Literal["causal", "biasing", "blocked"]
LIMIT = 1000


@dataclass(frozen=True)
class Route:
    """One path.

    Parameters
    ----------
    nodes : tuple of str
        From the treatment to the outcome.
    marks : tuple of str
        Between each node and the next: ``"→"``, ``"←"`` or ``"↔"``.
    causal : bool
        Every arrow points to the outcome.
    blocked_by : tuple of str
        Colliders of which neither they nor a descendant are held fixed, and other nodes that are.
    colliders : tuple of str
        Nodes of the path at which two arrowheads meet.
    """

    nodes: tuple[str, ...]
    marks: tuple[str, ...]
    causal: bool
    blocked_by: tuple[str, ...] = ()
    colliders: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """Whether it carries the effect, biases it, or is blocked."""
        if self.blocked_by:
            return "blocked"
        return "causal" if self.causal else "biasing"

    def __str__(self) -> str:
        rest = zip(self.marks, self.nodes[1:], strict=True)
        return " ".join([self.nodes[0], *(word for step in rest for word in step)])


@dataclass(frozen=True)
class Routes:
    """All paths between two nodes, or the first of them if there are ``more``."""

    paths: tuple[Route, ...]
    more: bool = False


def routes(graph: CausalGraph, treatment: str, outcome: str, given: Collection[str] = (), limit: int = LIMIT) -> Routes:
    """Return the paths between treatment and outcome: causal ones, biasing ones, blocked ones; shorter ones first.

    Parameters
    ----------
    graph : CausalGraph
    treatment, outcome : str
        Two different nodes; :class:`~core.errors.GraphError` for a name that is none.
    given : collection of str
        Nodes that are held fixed.
    limit : int
        Paths can be exponentially many; no more than so many are listed.

    Notes
    -----
    An arc is one edge with an arrowhead at both ends (Richardson 2003). Where an arrow and an arc join two
    nodes, these are two paths.
    """
    bits = bit_graph(graph)
    fixed = bits.mask(given)
    opened = 0
    for node in ones(fixed):
        opened |= bits.ancestors[node]
    found: list[Route] = []
    for steps in _simple_paths(bits, bits.number(treatment), bits.number(outcome)):
        if len(found) == limit:
            return Routes(_sorted(found), True)
        found.append(_route(bits, steps, fixed, opened))
    return Routes(_sorted(found))


def _sorted(found: list[Route]) -> tuple[Route, ...]:
    order = {"causal": 0, "biasing": 1, "blocked": 2}
    return tuple(sorted(found, key=lambda route: (order[route.kind], len(route.nodes))))


def _route(bits: BitGraph, steps: list[tuple[int, str]], fixed: int, opened: int) -> Route:
    blocked, colliders = [], []
    for (node, mark), (_, before) in zip(steps[1:-1], steps[:-2], strict=True):
        if before in "→↔" and mark in "←↔":
            colliders.append(bits.names[node])
            if not opened >> node & 1:
                blocked.append(bits.names[node])
        elif fixed >> node & 1:
            blocked.append(bits.names[node])
    marks = tuple(mark for _, mark in steps[:-1])
    return Route(
        tuple(bits.names[node] for node, _ in steps),
        marks,
        set(marks) == {"→"},
        tuple(blocked),
        tuple(colliders),
    )


def _simple_paths(bits: BitGraph, start: int, end: int) -> Iterator[list[tuple[int, str]]]:
    """Yield every path as nodes, each with the mark of the edge that leaves it; the last with none.

    No step is made from which the end cannot be reached any more, so that every step leads to a path.
    """
    near = [bits.adjacent(node) for node in range(len(bits.names))]
    path: list[tuple[int, str]] = []

    def reaches(node: int, seen: int) -> bool:
        found = new = 1 << node
        while new and not found >> end & 1:
            beside = 0
            for one in ones(new):
                beside |= near[one]
            new = beside & ~seen & ~found
            found |= new
        return bool(found >> end & 1)

    def walk(node: int, seen: int) -> Iterator[list[tuple[int, str]]]:
        if node == end:
            yield [*path, (node, "")]
            return
        for other in ones(near[node] & ~seen):
            if not reaches(other, seen):
                continue
            for mark, edges in (("→", bits.children), ("←", bits.parents), ("↔", bits.spouses)):
                if edges[node] >> other & 1:
                    path.append((node, mark))
                    yield from walk(other, seen | 1 << other)
                    path.pop()

    yield from walk(start, 1 << start)
