"""A hypothesis and its drawing, kept in step without losing what the canvas cannot show.

The canvas knows names, places, arrows and marks. A :class:`core.hypothesis.Hypothesis`
knows more: families, priors, forms, notes. :class:`Drawing` holds both, and an attic of
the settings of what was deleted, so that undoing a deletion in the browser (the node comes
back under its id) brings its settings back too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.errors import WhyboardError
from core.hypothesis import Edge, Hypothesis, Node, still_possible
from ui.editor.places import places
from ui.editor.protocol import Document, EdgeState, GraphState, NodeState, accept, check, push

__all__ = ["Drawing", "Edited", "graph_of", "hypothesis_of"]

_ATTIC_SIZE = 1000


@dataclass(frozen=True)
class Attic:
    """Settings by id: of nodes, and of arrows by (source, target)."""

    nodes: tuple[tuple[str, Node], ...] = ()
    edges: tuple[tuple[tuple[str, str], Edge], ...] = ()

    def with_settings(self, hypothesis: Hypothesis, graph: GraphState) -> Attic:
        """Return the attic with the settings that ``hypothesis`` has now."""
        ids = {node.name: node.id for node in graph.nodes}
        nodes = dict(self.nodes)
        edges = dict(self.edges)
        for node in hypothesis.nodes:
            if node.name in ids:
                nodes.pop(ids[node.name], None)  # so that what was seen last stands last
                nodes[ids[node.name]] = node
        for edge in hypothesis.edges:
            if edge.source in ids and edge.target in ids:
                pair = (ids[edge.source], ids[edge.target])
                edges.pop(pair, None)
                edges[pair] = edge
        return Attic(tuple(nodes.items())[-_ATTIC_SIZE:], tuple(edges.items())[-_ATTIC_SIZE:])


@dataclass(frozen=True)
class Edited:
    """What became of an edit: the drawing after it, and why it was refused, if it was."""

    drawing: Drawing
    refused: WhyboardError | None = None
    changed: bool = False


@dataclass(frozen=True)
class Drawing:
    """A hypothesis, the document that shows it, and the attic; immutable.

    Examples
    --------
    >>> drawing = Drawing.of(Hypothesis("A", (Node("ads"), Node("sales"))), key="h1")
    >>> graph = drawing.document.graph.to_dict()
    >>> ids = [node["id"] for node in graph["nodes"]]
    >>> arrow = {"id": "e1", "source": ids[0], "target": ids[1], "bidirected": False}
    >>> edit = {"document": "h1", "base": 0, "seq": 1, **graph, "edges": [arrow]}
    >>> drawing.edited(edit).drawing.hypothesis.graph.edges
    (('ads', 'sales'),)
    """

    hypothesis: Hypothesis
    document: Document
    attic: Attic = field(default_factory=Attic)

    @classmethod
    def of(cls, hypothesis: Hypothesis, key: str = "", rev: int = 0) -> Drawing:
        """Return the drawing of a hypothesis, as it came from the store or a file."""
        graph = graph_of(hypothesis)
        return cls(hypothesis, Document(rev=rev, graph=graph, key=key), Attic().with_settings(hypothesis, graph))

    def edited(self, edit: Mapping[str, Any] | None) -> Edited:
        """Take a user's edit (see :func:`ui.editor.protocol.accept`)."""
        taken = accept(self.document, edit)
        if not taken.changed:
            return Edited(replace(self, document=taken.doc), taken.refused)
        attic = self.attic.with_settings(self.hypothesis, self.document.graph)
        hypothesis = hypothesis_of(taken.doc.graph, self.hypothesis, attic)
        return Edited(Drawing(hypothesis, taken.doc, attic), changed=True)

    def replaced(self, hypothesis: Hypothesis) -> Drawing:
        """Return the drawing of what Python (text, table, template) made of it; ids stay with names.

        Raises
        ------
        GraphError
            If the hypothesis is larger than the canvas takes.
        """
        attic = self.attic.with_settings(self.hypothesis, self.document.graph)
        graph = graph_of(hypothesis, self.document.graph)
        check(graph)
        if graph == self.document.graph:
            return replace(self, hypothesis=hypothesis, attic=attic.with_settings(hypothesis, graph))
        return Drawing(hypothesis, push(self.document, graph), attic.with_settings(hypothesis, graph))


def graph_of(hypothesis: Hypothesis, known: GraphState | None = None) -> GraphState:
    """Return what the canvas shows of a hypothesis.

    Parameters
    ----------
    hypothesis : Hypothesis
    known : GraphState, optional
        What the canvas showed before: a node or arrow that was there keeps its id, and its
        place where the hypothesis names none.
    """
    before = {node.name: node for node in known.nodes} if known else {}
    taken = {node.id for node in before.values()}
    at = places(hypothesis, {name: (node.x, node.y) for name, node in before.items()})
    nodes, ids, background = [], {}, frozenset(hypothesis.background)
    for node in hypothesis.nodes:
        ids[node.name] = before[node.name].id if node.name in before else _fresh("n", taken)
        nodes.append(NodeState(ids[node.name], node.name, *at[node.name], node.latent, node.name in background))
    arrows = {(e.source, e.target, e.bidirected): e.id for e in known.edges} if known else {}
    used = set(arrows.values())
    edges = []
    pairs = [(e.source, e.target, False) for e in hypothesis.edges] + [(a, b, True) for a, b in hypothesis.bidirected]
    for a, b, arc in pairs:
        source, target = ids[a], ids[b]
        if arc and (target, source, True) in arrows:
            source, target = target, source
        edges.append(EdgeState(arrows.get((source, target, arc)) or _fresh("e", used), source, target, arc))
    role = {"exposure": hypothesis.exposure, "outcome": hypothesis.outcome}
    marks = {key: ids[name] if name is not None else None for key, name in role.items()}
    return GraphState(tuple(nodes), tuple(edges), marks["exposure"], marks["outcome"])


def hypothesis_of(graph: GraphState, base: Hypothesis, attic: Attic) -> Hypothesis:
    """Return the hypothesis that a drawing says, with the settings that ``attic`` knows by id.

    A renamed node keeps its settings; an arrow keeps its form, sign and prior as long as it
    joins the same nodes in the same direction. Name, note and the reasons for absent arrows are
    those of ``base``, as far as they can still be said.
    """
    settings, forms = dict(attic.nodes), dict(attic.edges)
    name_of = {node.id: node.name for node in graph.nodes}
    nodes = tuple(
        replace(settings.get(n.id, Node(n.name)), name=n.name, latent=n.latent, position=(n.x, n.y))
        for n in graph.nodes
    )
    now = {settings[n.id].name: n.name for n in graph.nodes if n.id in settings}
    edges = tuple(
        replace(
            drawn := forms.get((e.source, e.target), Edge(name_of[e.source], name_of[e.target])),
            source=name_of[e.source],
            target=name_of[e.target],
            by=None if drawn.by is None else now.get(drawn.by, drawn.by),
        )
        for e in graph.edges
        if not e.bidirected
    )
    absences = tuple(replace(a, source=now.get(a.source, ""), target=now.get(a.target, "")) for a in base.absences)
    arcs = tuple((name_of[e.source], name_of[e.target]) for e in graph.edges if e.bidirected)
    marks = [name_of[mark] if mark is not None else None for mark in (graph.exposure, graph.outcome)]
    background = tuple(n.name for n in graph.nodes if n.background)
    edges, absences = still_possible(nodes, edges, absences, background)
    return Hypothesis(base.name, nodes, edges, arcs, marks[0], marks[1], base.note, background, absences)


def _fresh(letter: str, taken: set[str]) -> str:
    number = len(taken) + 1
    while f"{letter}{number}" in taken:
        number += 1
    taken.add(f"{letter}{number}")
    return f"{letter}{number}"
