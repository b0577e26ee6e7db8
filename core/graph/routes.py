"""All paths between two nodes: which carry the effect, which bias its estimate, and what blocks the others."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from core.graph.bits import BitGraph, bit_graph, ones
from core.graph.causal_graph import CausalGraph

__all__ = ["Kind", "Route", "Routes", "routes"]

Kind = Literal["causal", "biasing", "blocked"]
LIMIT = 500


@dataclass(frozen=True)
class Route:
    """One path.

    Parameters
    ----------
    nodes : tuple of str
        From the treatment to the outcome.
    marks : tuple of str
        Between each node and the next: ``"→"``, ``"←"`` or ``"↔"``, and ``"—"`` within the background.
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
    """All paths between two nodes, or the shortest of them if there are ``more``."""

    paths: tuple[Route, ...]
    more: bool = False


def routes(
    graph: CausalGraph,
    treatment: str,
    outcome: str,
    given: Collection[str] = (),
    background: Collection[str] = (),
    limit: int = LIMIT,
) -> Routes:
    """Return the paths between treatment and outcome: causal ones, biasing ones, blocked ones; shorter ones first.

    Parameters
    ----------
    graph : CausalGraph
    treatment, outcome : str
        Two different nodes; :class:`~core.errors.GraphError` for a name that is none.
    given : collection of str
        Nodes that are held fixed.
    background : collection of str
        Causes that may be related in any way, with every arrow among them in the graph. No path goes through more
        than two of them in a row: a shorter one says the same.
    limit : int
        Paths can be exponentially many; no more than so many are listed, the shortest.

    Notes
    -----
    An arc is one edge with an arrowhead at both ends (Richardson 2003). Where an arrow and an arc join two
    nodes, these are two paths.
    """
    bits = bit_graph(graph)
    fixed, inside = bits.mask(given), bits.mask(background)
    opened = 0
    for node in ones(fixed):
        opened |= bits.ancestors[node]
    found: list[Route] = []
    for steps in _simple_paths(bits, bits.number(treatment), bits.number(outcome), inside):
        if len(found) == limit:
            return Routes(_sorted(found), True)
        found.append(_route(bits, steps, fixed, opened, inside))
    return Routes(_sorted(found))


def _sorted(found: list[Route]) -> tuple[Route, ...]:
    order = {"causal": 0, "biasing": 1, "blocked": 2}
    return tuple(sorted(found, key=lambda route: (order[route.kind], len(route.nodes))))


def _route(bits: BitGraph, steps: list[tuple[int, str]], fixed: int, opened: int, inside: int) -> Route:
    blocked, colliders = [], []
    for (node, mark), (_, before) in zip(steps[1:-1], steps[:-2], strict=True):
        if before in "→↔" and mark in "←↔":
            colliders.append(bits.names[node])
            if not opened >> node & 1:
                blocked.append(bits.names[node])
        elif fixed >> node & 1:
            blocked.append(bits.names[node])
    causal = all(mark == "→" for _, mark in steps[:-1])
    marks = tuple("—" if inside >> node & inside >> after & 1 else mark for (node, mark), (after, _) in pairwise(steps))
    return Route(
        tuple(bits.names[node] for node, _ in steps),
        marks,
        causal,
        tuple(blocked),
        tuple(colliders),
    )


def _simple_paths(bits: BitGraph, start: int, end: int, inside: int) -> Iterator[list[tuple[int, str]]]:
    """Yield every path as nodes, each with the mark of the edge that leaves it, the last with none; shorter ones first.

    A search goes no deeper than the length that it is for, then another goes one step deeper. No step is made
    from which the end cannot be reached in time, so that every step leads to a path.
    """
    near = [bits.adjacent(node) for node in range(len(bits.names))]
    edges = (("→", bits.children), ("←", bits.parents), ("↔", bits.spouses))
    path: list[tuple[int, str]] = []
    deeper = False

    def steps_to_end(node: int, seen: int) -> int | None:
        found = new = 1 << node
        steps = 0
        while new:
            if found >> end & 1:
                return steps
            beside = 0
            for one in ones(new):
                beside |= near[one]
            new = beside & ~seen & ~found
            found |= new
            steps += 1
        return None

    def walk(node: int, seen: int, left: int) -> Iterator[list[tuple[int, str]]]:
        nonlocal deeper
        if node == end:
            if not left:
                yield [*path, (node, "")]
            return
        twice = path and inside >> node & inside >> path[-1][0] & 1
        for other in ones(near[node] & ~(seen | inside if twice else seen)):
            steps = steps_to_end(other, seen)
            if steps is None:
                continue
            if steps >= left:
                deeper = True
                continue
            for mark, neighbours in edges:
                if neighbours[node] >> other & 1:
                    path.append((node, mark))
                    yield from walk(other, seen | 1 << other, left - 1)
                    path.pop()

    for length in range(1, len(bits.names)):
        deeper = False
        yield from walk(start, 1 << start, length)
        if not deeper:
            return
