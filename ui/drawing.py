"""The drawing of this tab: one hypothesis at a time, in step with the store.

The truth of what a tab draws is an :class:`ui.editor.Drawing` in session state, per
hypothesis. Every accepted change, from the canvas, the text, the table or the node panel,
goes through :func:`keep`, which writes it to the store at once. When the store holds
something newer (another tab, a mark set on another page), the drawing is read anew under a
higher revision, so that the canvas takes it over.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import streamlit as st

from core.errors import ChangedError, HypothesisError, WhyboardError
from core.formats import Reading, parse_graph, write_dagitty
from core.hypothesis import Edge, Hypothesis, Node, still_possible
from ui import doors, session
from ui.editor import Drawing
from ui.editor.places import gathered
from ui.session import HypothesisRecord, ProjectView

__all__ = ["Held", "apply_edit", "change", "hold", "reading_of", "same_words", "with_arrows", "with_background"]

_STATE = "drawings"
#: Set where a drawing's marks changed the project's, which is shown outside the drawing.
MARKS_MOVED = "marks_moved"


@dataclass(frozen=True)
class Held:
    """A drawing that this tab holds, and the moment of the store that it stands for."""

    drawing: Drawing
    updated: float
    refused: WhyboardError | None = None

    @property
    def hypothesis(self) -> Hypothesis:
        """What is drawn."""
        return self.drawing.hypothesis

    @property
    def version(self) -> tuple[int, int]:
        """The counters of the document: they change with every change of the graph."""
        return self.drawing.document.rev, self.drawing.document.seq


def _all() -> dict[str, Held]:
    held: dict[str, Held] = st.session_state.setdefault(_STATE, {})
    return held


def hold(record: HypothesisRecord) -> Held:
    """Return the drawing of a hypothesis, from this tab or, where the store is newer, from there."""
    held = _all().get(record.id)
    if held is None or held.updated < record.updated:
        rev = max(record.rev, held.drawing.document.rev if held else 0) + 1
        held = Held(Drawing.of(record.hypothesis, key=record.id, rev=rev), record.updated)
        _all()[record.id] = held
    return held


def held_now(id: str) -> Held:
    """Return what this tab holds of a drawing that was held before."""
    return _all()[id]


def forget(id: str) -> None:
    """Let go of a drawing, so that the next look reads it from the store."""
    _all().pop(id, None)


def apply_edit(project: ProjectView, id: str, edit: Mapping[str, Any] | None) -> Held:
    """Take the canvas' last edit: judged, and if it is new and possible, kept."""
    held = _all()[id]
    edited = held.drawing.edited(edit)
    if edited.refused is not None:
        held = replace(held, drawing=edited.drawing, refused=edited.refused)
        _all()[id] = held
    elif edited.changed:
        try:
            held = keep(project, id, edited.drawing)
        except WhyboardError as error:
            held = _as_kept(project, id, error)
    elif edited.drawing != held.drawing:
        held = replace(held, drawing=edited.drawing)
        _all()[id] = held
    return held


def change(project: ProjectView, id: str, hypothesis: Hypothesis) -> Held:
    """Take what text, table or panel made of a drawing; the canvas follows.

    Raises
    ------
    WhyboardError
        If the canvas cannot hold it, or another tab has changed the drawing; nothing is changed then.
    """
    try:
        return keep(project, id, _all()[id].drawing.replaced(hypothesis))
    except ChangedError as error:
        _as_kept(project, id, error)
        raise


def keep(project: ProjectView, id: str, drawing: Drawing) -> Held:
    """Write a drawing to the store and hold it; the project's marks follow it."""
    base, document = _all()[id], drawing.document
    saved = session.save_hypothesis(
        project, id, drawing.hypothesis, rev=document.rev, seq=document.seq, seen=base.updated
    )
    _all()[id] = Held(drawing, saved.updated)
    if _follow_marks(project, base.hypothesis, drawing.hypothesis):
        for record in project.hypotheses():  # the marks may have changed this drawing too
            if record.id == id:
                hold(record)
    return _all()[id]


def _as_kept(project: ProjectView, id: str, error: WhyboardError) -> Held:
    """Let the canvas show again what the store holds, since what was drawn could not be kept."""
    held = _all()[id]
    try:
        record = next(record for record in project.hypotheses() if record.id == id)
        drawn, rev, updated = record.hypothesis, record.rev, record.updated
    except (WhyboardError, StopIteration):  # the store is away, or the drawing was deleted
        drawn, rev, updated = held.hypothesis, 0, held.updated
    rev = max(rev, held.drawing.document.rev) + 1
    _all()[id] = Held(Drawing.of(drawn, key=id, rev=rev), updated, error)
    return _all()[id]


def _follow_marks(project: ProjectView, before: Hypothesis, after: Hypothesis) -> bool:
    """Let the project's exposure and outcome follow a mark that was set or taken away; whether one was."""
    known = {"exposure": project.exposure, "outcome": project.outcome}
    roles = dict(known)
    for role in roles:
        now, was = getattr(after, role), getattr(before, role)
        if now != was and (now is not None or was in after.graph.nodes):
            roles[role] = now
    if roles != known:
        doors.set_roles(project, roles["exposure"], roles["outcome"])
        st.session_state[MARKS_MOVED] = True
    return roles != known


# -- text and table ---------------------------------------------------------------


def text_of(hypothesis: Hypothesis) -> str:
    """Return the drawing as DAGitty text: the graph, its marks and places; the panels show the rest."""
    return write_dagitty(hypothesis, plain=True)


def reading_of(text: str, base: Hypothesis) -> Reading:
    """Return what a text says, with the settings that ``base`` has and DAGitty has no word for.

    Where the text marks several nodes and one of them is marked in ``base``, that one stays.

    Raises
    ------
    WhyboardError
        What reading raises; its place names the line.
    """
    reading = parse_graph(text, "dagitty", base.name).answered(base.exposure, base.outcome)
    return replace(reading, hypothesis=same_words(reading.hypothesis, base))


def same_words(drawn: Hypothesis, base: Hypothesis) -> Hypothesis:
    """Return ``drawn`` with kinds, families, priors, forms, places and note of ``base`` where names agree.

    What ``drawn`` says of these itself counts.
    """
    nodes = {node.name: node for node in base.nodes}
    edges = {(edge.source, edge.target): edge for edge in base.edges}
    return _possible(
        drawn,
        name=base.name,
        note=drawn.note or base.note,
        absences=drawn.absences or base.absences,
        nodes=tuple(replace(_over(nodes[n.name], n), latent=n.latent) if n.name in nodes else n for n in drawn.nodes),
        edges=tuple(_over(edges.get((e.source, e.target), e), e) for e in drawn.edges),
    )


def _over[Setting: (Node, Edge)](base: Setting, said: Setting) -> Setting:
    """Return ``base`` with all that ``said`` fills in."""
    filled = {f.name: getattr(said, f.name) for f in fields(said) if getattr(said, f.name) != f.default}
    return replace(base, **filled)


def _possible(base: Hypothesis, **changes: Any) -> Hypothesis:
    """Return ``base`` with other nodes and arrows, without what can then no longer be said of arrows."""
    nodes, edges = changes.get("nodes", base.nodes), changes.get("edges", base.edges)
    said, background = (changes.get(what, getattr(base, what)) for what in ("absences", "background"))
    edges, absences = still_possible(nodes, edges, said, background)
    return replace(base, **{**changes, "edges": edges, "absences": absences})


def with_arrows(base: Hypothesis, rows: list[tuple[str, str, bool]]) -> Hypothesis:
    """Return ``base`` with exactly these arrows (from, to, whether it is an arc with two heads).

    Names that are no nodes yet become nodes.
    """
    drawn_among = {(edge.source, edge.target) for edge in base.edges}
    for a, b, arc in rows:
        if not arc and {a, b} <= set(base.background) and (a, b) not in drawn_among:
            raise HypothesisError(
                f"{a!r} and {b!r} are both background: they may be related in any way already",
                place=f"arrow {a} -> {b}",
                hint="Leave the arrow out, or take one of them out of the background.",
            )
    known = list(base.graph.nodes)
    new = dict.fromkeys(name for a, b, _ in rows for name in (a, b) if name not in known)
    edges = {(edge.source, edge.target): edge for edge in base.edges}
    return _possible(
        base,
        nodes=base.nodes + tuple(Node(name) for name in new),
        edges=tuple(edges.get((a, b), Edge(a, b)) for a, b, arc in rows if not arc),
        bidirected=tuple((a, b) for a, b, arc in rows if arc),
    )


def with_node(base: Hypothesis, name: str) -> Hypothesis:
    """Return ``base`` with one more node, unconnected."""
    return replace(base, nodes=(*base.nodes, Node(name)))


def with_background(held: Held, names: Collection[str]) -> Hypothesis:
    """Return what is drawn with exactly these causes as its background, where they may be related in any way.

    Arrows among them say nothing any more and go. Where their box would cover other nodes on
    the canvas, they are put beside the rest.

    Raises
    ------
    HypothesisError
        If one of them is unmeasured, exposure or outcome, or if an arrow comes into it from
        outside or an arc touches it.
    """
    base, inside = held.hypothesis, frozenset(names)
    edges = tuple(edge for edge in base.edges if not inside.issuperset((edge.source, edge.target)))
    made = _possible(base, edges=edges, background=tuple(names))
    if not inside:
        return made
    at = gathered(made, {node.name: (node.x, node.y) for node in held.drawing.document.graph.nodes})
    return replace(made, nodes=tuple(replace(node, position=at[node.name]) for node in made.nodes))


def with_latent(base: Hypothesis, name: str, latent: bool) -> Hypothesis:
    """Return ``base`` with a node as unmeasured, or measured; what is unmeasured is no background."""
    kept = tuple(other for other in base.background if not (latent and other == name))
    nodes = tuple(replace(node, latent=latent) if node.name == name else node for node in base.nodes)
    return replace(base, nodes=nodes, background=kept)


def with_role(base: Hypothesis, name: str, role: str) -> Hypothesis:
    """Return ``base`` with a node as ``"exposure"``, ``"outcome"`` or ``"neither"``.

    What the question is about is no background.
    """
    exposure = None if base.exposure == name else base.exposure
    outcome = None if base.outcome == name else base.outcome
    if role == "exposure":
        exposure = name
    elif role == "outcome":
        outcome = name
    kept = tuple(other for other in base.background if other not in (exposure, outcome))
    return replace(base, exposure=exposure, outcome=outcome, background=kept)


def with_group(base: Hypothesis, name: str, group: str | None) -> Hypothesis:
    """Return ``base`` with a node that varies by a group, or by none; effects that differed by the old one do not."""
    return _possible(base, nodes=tuple(replace(n, group=group) if n.name == name else n for n in base.nodes))


def without_node(base: Hypothesis, name: str) -> Hypothesis:
    """Return ``base`` without a node and without what touched it."""
    return _possible(
        base,
        nodes=tuple(node for node in base.nodes if node.name != name),
        edges=tuple(edge for edge in base.edges if name not in (edge.source, edge.target)),
        bidirected=tuple(pair for pair in base.bidirected if name not in pair),
        exposure=None if base.exposure == name else base.exposure,
        outcome=None if base.outcome == name else base.outcome,
        background=tuple(other for other in base.background if other != name),
    )


def renamed_node(base: Hypothesis, name: str, to: str) -> Hypothesis:
    """Return ``base`` with a node under another name, everything else as it was."""
    new = lambda old: to if old == name else old  # noqa: E731
    return replace(
        base,
        nodes=tuple(replace(node, name=new(node.name)) for node in base.nodes),
        edges=tuple(
            replace(e, source=new(e.source), target=new(e.target), by=None if e.by is None else new(e.by))
            for e in base.edges
        ),
        bidirected=tuple((new(a), new(b)) for a, b in base.bidirected),
        exposure=new(base.exposure) if base.exposure else None,
        outcome=new(base.outcome) if base.outcome else None,
        background=tuple(new(other) for other in base.background),
        absences=tuple(replace(a, source=new(a.source), target=new(a.target)) for a in base.absences),
    )
