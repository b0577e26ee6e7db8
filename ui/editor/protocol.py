"""What the drawing component and Python say to each other; pure, no streamlit.

The truth lies in Python, as a :class:`Document`: a graph, a revision ``rev`` that Python
raises whenever *it* changes the graph (:func:`push`), and ``seq``, the number of the last
edit taken from the browser under that revision. The browser replaces its picture only on a
new revision and never sends a push back; a user's gesture sends the whole graph with
``{document, base: rev, seq: n}``. :func:`accept` takes it only if it was drawn on this
document and this revision and is newer than the last, and checks it again: whatever a
browser sends is a claim.

Who clicks a node or an arrow asks for its settings. That is a :class:`Look` in the same one
value, beside the graph and under the number of the last edit, so that nothing is taken for
one (:func:`look_of`); what is chosen in a list beside the canvas goes the other way
(:func:`shown`) and is selected there, once.

The editor keeps nodes by id and shows names, so a rename is not a new node.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.errors import GraphError, WhyboardError
from core.graph.causal_graph import CausalGraph
from core.hypothesis import Edge, Hypothesis, Node
from core.names import tidy_name

__all__ = [
    "MAX_EDGES",
    "MAX_NAME",
    "MAX_NODES",
    "Accepted",
    "Document",
    "EdgeState",
    "GraphState",
    "Look",
    "NodeState",
    "accept",
    "check",
    "look_of",
    "push",
    "shown",
]

MAX_NODES = 200
MAX_EDGES = 4000
MAX_NAME = 200
MAX_COORDINATE = 1e6

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}", re.ASCII)


@dataclass(frozen=True)
class NodeState:
    """One variable on the canvas; ``x`` and ``y`` are its centre, in pixels at zoom 1.

    ``background``: one of the causes that may be related in any way.
    """

    id: str
    name: str
    x: float = 0.0
    y: float = 0.0
    latent: bool = False
    background: bool = False


@dataclass(frozen=True)
class EdgeState:
    """One arrow, or an arc with two heads; ``source`` and ``target`` are ids of nodes."""

    id: str
    source: str
    target: str
    bidirected: bool = False


@dataclass(frozen=True)
class GraphState:
    """What is drawn. ``exposure`` and ``outcome`` are ids of nodes."""

    nodes: tuple[NodeState, ...] = ()
    edges: tuple[EdgeState, ...] = ()
    exposure: str | None = None
    outcome: str | None = None

    def name_of(self, node: str) -> str:
        """Return a node's name by its id; :class:`GraphError` if there is none."""
        for state in self.nodes:
            if state.id == node:
                return state.name
        raise _fault("the drawing names a node that it does not hold")

    def to_dict(self) -> dict[str, Any]:
        """Return the form that goes to the browser."""
        return {
            "nodes": [
                {"id": n.id, "name": n.name, "x": n.x, "y": n.y, "latent": n.latent, "background": n.background}
                for n in self.nodes
            ],
            "edges": [
                {"id": e.id, "source": e.source, "target": e.target, "bidirected": e.bidirected} for e in self.edges
            ],
            "exposure": self.exposure,
            "outcome": self.outcome,
        }


@dataclass(frozen=True)
class Document:
    """A graph and how far the two sides agree about it.

    ``key`` tells one drawing from another where several share a component: an edit that
    was drawn on one hypothesis is never taken for the next.
    """

    rev: int = 0
    seq: int = 0
    graph: GraphState = GraphState()
    key: str = ""


@dataclass(frozen=True)
class Accepted:
    """What became of an edit.

    ``changed`` is false for what was already known (Streamlit hands the last edit over at
    every rerun). After a refusal ``doc`` holds the old graph under a new revision, so that
    the browser goes back to what Python holds.
    """

    doc: Document
    refused: WhyboardError | None = None
    changed: bool = False


@dataclass(frozen=True)
class Look:
    """A node (one name) or an arrow (two) that somebody wants to see; ``turn`` tells one time from the next."""

    turn: str
    names: tuple[str, ...]


def push(doc: Document, graph: GraphState) -> Document:
    """Return the document with a graph that Python chose; the browser will replace its own."""
    return replace(doc, rev=doc.rev + 1, seq=0, graph=graph)


def accept(doc: Document, edit: Mapping[str, Any] | None) -> Accepted:
    """Take an edit from the browser, if it is one on this document and new.

    Returns
    -------
    Accepted
        Unchanged for ``None``, for another document's edit, for one that was drawn on an
        older revision and for one that was taken before; with ``refused`` for a graph that
        cannot be (a cycle, a blank or repeated name, a size limit, malformed data).
    """
    if not isinstance(edit, Mapping):
        return Accepted(doc)
    base, seq = _whole(edit.get("base")), _whole(edit.get("seq"))
    if edit.get("document", "") != doc.key or base != doc.rev or seq is None or seq <= doc.seq:
        return Accepted(doc)
    try:
        graph = read_graph(edit)
        check(graph)
    except WhyboardError as error:
        return Accepted(push(doc, doc.graph), refused=error)
    return Accepted(replace(doc, seq=seq, graph=graph), changed=graph != doc.graph)


def look_of(doc: Document, edit: Mapping[str, Any] | None) -> Look | None:
    """Return the node or arrow whose settings the browser asked for last, if the document holds it.

    The revision does not matter, since ids outlive a push. An arc has no settings.
    """
    asked = edit.get("look") if isinstance(edit, Mapping) and edit.get("document", "") == doc.key else None
    if not isinstance(asked, Mapping):
        return None
    turn, id = asked.get("turn"), asked.get("id")
    if not isinstance(turn, str) or not _ID.fullmatch(turn):
        return None
    for node in doc.graph.nodes:
        if node.id == id:
            return Look(turn, (node.name,))
    for edge in doc.graph.edges:
        if edge.id == id and not edge.bidirected:
            return Look(turn, (doc.graph.name_of(edge.source), doc.graph.name_of(edge.target)))
    return None


def shown(graph: GraphState, look: Look | None) -> dict[str, str] | None:
    """Return what tells the browser to select what was chosen beside the canvas; None for what is not drawn."""
    if look is None:
        return None
    ids = {node.name: node.id for node in graph.nodes}
    ends = tuple(ids.get(name, "") for name in look.names)
    drawn = (edge.id for edge in graph.edges if (edge.source, edge.target) == ends and not edge.bidirected)
    id = next(drawn, "") if len(ends) != 1 else ends[0]
    return {"turn": look.turn, "id": id} if id else None


def check(graph: GraphState) -> None:
    """Raise the :class:`WhyboardError` that says why ``graph`` cannot be drawn, if it cannot.

    Raises
    ------
    CycleError
        The arrows form a cycle; the error names its path.
    GraphError
        A blank, repeated or over-long name, an unknown end, a repeated arrow, a size limit.
    HypothesisError
        A background that cannot be one: unmeasured, exposure or outcome, or an arrow comes into it.
    """
    if len(graph.nodes) > MAX_NODES:
        raise GraphError(
            f"the graph has {len(graph.nodes)} nodes, more than {MAX_NODES}", hint="Leave out what matters least."
        )
    if len(graph.edges) > MAX_EDGES:
        raise GraphError(f"the graph has more than {MAX_EDGES} arrows", hint="Leave out what matters least.")
    names = {node.id: node.name for node in graph.nodes}
    if len(names) != len(graph.nodes):
        raise _fault("two nodes of the drawing share an id")
    for name in names.values():
        if len(name) > MAX_NAME:
            raise GraphError(
                f"a name has {len(name)} characters, more than {MAX_NAME}",
                place=f"node {name[:40]}…",
                hint="Give it a shorter name; a label can be longer.",
            )
    for end in (end for edge in graph.edges for end in (edge.source, edge.target)):
        if end not in names:
            raise _fault("an arrow of the drawing ends at a node that is not there")
    for role in (graph.exposure, graph.outcome):
        if role is not None and role not in names:
            raise _fault("the exposure or outcome of the drawing is a node that is not there")
    if graph.exposure is not None and graph.exposure == graph.outcome:
        raise GraphError(
            f"{names[graph.exposure]!r} is marked as exposure and as outcome",
            place=f"node {names[graph.exposure]}",
            hint="Mark two different nodes.",
        )
    _check_arrows(graph, names)
    if any(node.background for node in graph.nodes):
        _check_background(graph, names)


def _check_arrows(graph: GraphState, names: Mapping[str, str]) -> None:
    seen: set[tuple[bool, str, str]] = set()
    ids: set[str] = set()
    for edge in graph.edges:
        a, b = (edge.source, edge.target) if not edge.bidirected else sorted((edge.source, edge.target))
        if (edge.bidirected, a, b) in seen:
            kind, sign = ("arc", "<->") if edge.bidirected else ("arrow", "->")
            what = f"the {kind} {names[edge.source]} {sign} {names[edge.target]}"
            raise GraphError(f"{what} stands twice", place=what.removeprefix("the "), hint="Remove one of them.")
        if edge.id in ids:
            raise _fault("two arrows of the drawing share an id")
        seen.add((edge.bidirected, a, b))
        ids.add(edge.id)
    CausalGraph(
        tuple(names.values()),
        tuple((names[e.source], names[e.target]) for e in graph.edges if not e.bidirected),
        tuple((names[e.source], names[e.target]) for e in graph.edges if e.bidirected),
        frozenset(node.name for node in graph.nodes if node.latent),
    )


def _check_background(graph: GraphState, names: Mapping[str, str]) -> None:
    Hypothesis(
        "drawing",
        tuple(Node(node.name, latent=node.latent) for node in graph.nodes),
        tuple(Edge(names[e.source], names[e.target]) for e in graph.edges if not e.bidirected),
        tuple((names[e.source], names[e.target]) for e in graph.edges if e.bidirected),
        names[graph.exposure] if graph.exposure is not None else None,
        names[graph.outcome] if graph.outcome is not None else None,
        background=tuple(node.name for node in graph.nodes if node.background),
    )


def read_graph(record: Mapping[str, Any]) -> GraphState:
    """Read the form that the browser sends; :class:`GraphError` if it is not shaped so."""
    nodes = tuple(_read_node(item) for item in _items(record, "nodes", MAX_NODES))
    edges = tuple(_read_edge(item) for item in _items(record, "edges", MAX_EDGES))
    return GraphState(nodes, edges, _role(record.get("exposure")), _role(record.get("outcome")))


def _items(record: Mapping[str, Any], what: str, most: int) -> Iterable[Mapping[str, Any]]:
    items = record.get(what)
    if not isinstance(items, list | tuple) or not all(isinstance(item, Mapping) for item in items):
        raise _fault(f"the drawing's {what} are not a list")
    if len(items) > most:
        raise GraphError(f"the graph has {len(items)} {what}, more than {most}", hint="Leave out what matters least.")
    return items


def _read_node(item: Mapping[str, Any]) -> NodeState:
    name, x, y = item.get("name"), item.get("x"), item.get("y")
    latent, background = item.get("latent", False), item.get("background", False)
    if not isinstance(name, str) or not isinstance(latent, bool) or not isinstance(background, bool):
        raise _fault("a node of the drawing is malformed")
    return NodeState(_id(item.get("id")), tidy_name(name), _coordinate(x), _coordinate(y), latent, background)


def _read_edge(item: Mapping[str, Any]) -> EdgeState:
    bidirected = item.get("bidirected", False)
    if not isinstance(bidirected, bool):
        raise _fault("an arrow of the drawing is malformed")
    return EdgeState(_id(item.get("id")), _id(item.get("source")), _id(item.get("target")), bidirected)


def _id(value: object) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise _fault("an id of the drawing is malformed")
    return value


def _role(value: object) -> str | None:
    return None if value is None else _id(value)


def _coordinate(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _fault("a node of the drawing has no place")
    if not math.isfinite(value) or abs(value) > MAX_COORDINATE:
        raise _fault("a node of the drawing lies too far out")
    return float(value)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _fault(message: str) -> GraphError:
    return GraphError(message, place="drawing", hint="The drawing was put back; reload the page if this comes again.")
