"""Changes of settings, and the way back from each.

The canvas undoes what it draws: nodes, arrows, places. A form, a family, a reason is not drawn, so what
they were is kept here, as long as the tab is open. A step may change several hypotheses (every arrow
bends, so that rivals agree) and goes back as one, also one that was made by a button on Check or Compare
(:mod:`ui.bending`). It takes back what it changed and nothing else: arrows
drawn since stay.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import streamlit as st

from core.errors import WhyboardError
from core.hypothesis import Absence, Edge, Hypothesis, Node, still_possible
from ui import drawing, session, widgets, words
from ui.session import HypothesisRecord, ProjectView

__all__ = ["KEPT", "Step", "back", "bar", "change", "kept", "refusal", "take", "take_all", "take_back", "way_back"]

_DONE, _UNDONE, _REFUSED = "steps_done", "steps_undone", "steps_refused"
_MOST = 100
#: The project's setting: what the last button on a page of results changed, under ``"step"`` the step that it was.
KEPT = "remedy"
#: What of a node the canvas draws, and so undoes itself.
_DRAWN = ("name", "latent", "position")


@dataclass(frozen=True)
class Step:
    """One change: what it is called, and each hypothesis before and after it."""

    words: str
    moved: Mapping[str, tuple[Hypothesis, Hypothesis]]

    def to_dict(self) -> dict[str, Any]:
        """Return the form that a setting can hold."""
        moved = {id: [before.to_dict(), after.to_dict()] for id, (before, after) in self.moved.items()}
        return {"words": self.words, "moved": moved}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Step:
        """Read what :meth:`to_dict` wrote."""
        read = Hypothesis.from_dict
        moved = {id: (read(before), read(after)) for id, (before, after) in record["moved"].items()}
        return cls(str(record["words"]), moved)


def take(project: ProjectView, id: str, said: str, make: Callable[[Hypothesis], Hypothesis]) -> None:
    """Change settings of one drawing and keep the way back. A refusal is kept to be shown."""
    _, st.session_state[f"{_REFUSED}_{id}"] = _made(project, said, (id,), make)


def take_all(
    project: ProjectView,
    id: str,
    said: str,
    records: tuple[HypothesisRecord, ...],
    make: Callable[[Hypothesis], Hypothesis],
) -> Step | None:
    """Change several drawings as one step and return it; what is refused of one is said on the drawing ``id``."""
    step, st.session_state[f"{_REFUSED}_{id}"] = change(project, said, records, make)
    return step


def change(
    project: ProjectView, said: str, records: Collection[HypothesisRecord], make: Callable[[Hypothesis], Hypothesis]
) -> tuple[Step | None, WhyboardError | None]:
    """Change several drawings as one step; return it, if anything changed, and what was refused."""
    ids = [record.id for record in records]
    for record in records:
        drawing.hold(record)
    return _made(project, said, ids, make)


def _made(
    project: ProjectView, said: str, ids: Iterable[str], make: Callable[[Hypothesis], Hypothesis]
) -> tuple[Step | None, WhyboardError | None]:
    moved: dict[str, tuple[Hypothesis, Hypothesis]] = {}
    refused = None
    for id in ids:
        before = drawing.held_now(id).hypothesis
        try:
            after = make(before)
            if after != before:
                drawing.change(project, id, after)
                moved[id] = (before, after)
        except WhyboardError as error:
            refused = error
    if not moved:
        return None, refused
    step, done = Step(said, moved), st.session_state.setdefault(_DONE, [])
    done.append(step)
    del done[:-_MOST]
    st.session_state[_UNDONE] = []
    return step, refused


def refusal(id: str) -> None:
    """Show why the last change of a drawing was refused, until another is tried."""
    error: WhyboardError | None = st.session_state.get(f"{_REFUSED}_{id}")
    if error is not None:
        widgets.refusal(error)


# -- the way back -----------------------------------------------------------------


def bar(project: ProjectView, id: str) -> None:
    """Offer to undo and redo the last change of settings that touched a drawing, each under its name."""
    undo, redo = _last(_DONE, id), _last(_UNDONE, id)
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Undo",
            icon=":material/undo:",
            key=f"step_undo_{id}",
            disabled=undo is None,
            help=words.md(f"Undo: {undo.words}") if undo else "The last change of a form, a family, a reason",
            on_click=_move,
            args=(project, id, _DONE, _UNDONE),
        )
        st.button(
            "Redo",
            icon=":material/redo:",
            key=f"step_redo_{id}",
            disabled=redo is None,
            help=words.md(f"Redo: {redo.words}") if redo else "What was undone last",
            on_click=_move,
            args=(project, id, _UNDONE, _DONE),
        )


def _last(stack: str, id: str) -> Step | None:
    return next((step for step in reversed(st.session_state.get(stack, [])) if id in step.moved), None)


def _move(project: ProjectView, id: str, stack: str, other: str) -> None:
    step = _last(stack, id)
    if step is not None:
        _turn_on(project, id, step, stack, other)


def take_back(project: ProjectView, id: str, step: Step) -> None:
    """Take a step back on the drawing ``id``, where a refusal is said."""
    _turn_on(project, id, step, _DONE, _UNDONE)


def _turn_on(project: ProjectView, id: str, step: Step, stack: str, other: str) -> None:
    st.session_state[f"{_REFUSED}_{id}"] = _turn(project, step, stack, other)
    if (kept(project) or {}).get("step") == step.to_dict():
        session.put_setting(project, **{KEPT: None})  # its way back has been taken


def kept(project: ProjectView) -> dict[str, Any] | None:
    """Return what the last button changed, as it is now: within a fragment the project may be an older look."""
    found: dict[str, Any] | None = (session.current() or project).settings.get(KEPT)
    return found


def back(project: ProjectView, step: Step) -> None:
    """Take a step back, whether or not this tab made it.

    Raises
    ------
    WhyboardError
        If a drawing cannot be changed back.
    """
    refused = _turn(project, step, _DONE, _UNDONE)
    if refused is not None:
        raise refused


def _turn(project: ProjectView, step: Step, stack: str, other: str) -> WhyboardError | None:
    """Take a step back that stands in a stack, or stood there before a reload; it goes to the other one."""
    st.session_state[stack] = [one for one in st.session_state.get(stack, []) if one != step]
    records = {record.id: record for record in project.hypotheses()}
    refused = None
    for one, (before, after) in step.moved.items():
        if one not in records or records[one].problem is not None:
            continue  # deleted since, or written by another version
        now = drawing.hold(records[one]).hypothesis
        try:
            drawing.change(project, one, way_back(now, after, before))
        except WhyboardError as error:
            refused = error
    turned = {one: (after, before) for one, (before, after) in step.moved.items()}
    st.session_state.setdefault(other, []).append(Step(step.words, turned))
    return refused


def way_back(now: Hypothesis, after: Hypothesis, before: Hypothesis) -> Hypothesis:
    """Return what is drawn ``now`` with what a step changed as it was; what is gone since stays gone."""
    nodes = {node.name: node for node in after.nodes}
    edges = {(edge.source, edge.target): edge for edge in after.edges}
    old_nodes = {node.name: _changed(nodes[node.name], node) for node in before.nodes if node.name in nodes}
    old_edges = {
        (e.source, e.target): _changed(edges[e.source, e.target], e)
        for e in before.edges
        if (e.source, e.target) in edges
    }
    back_nodes = tuple(replace(node, **old_nodes.get(node.name, {})) for node in now.nodes)
    back_edges = tuple(replace(edge, **old_edges.get((edge.source, edge.target), {})) for edge in now.edges)
    new = {(a.source, a.target) for a in {*after.absences} ^ {*before.absences}}
    said: list[Absence] = [a for a in now.absences if (a.source, a.target) not in new]
    said += [a for a in before.absences if (a.source, a.target) in new]
    kept, absences = still_possible(back_nodes, back_edges, said, now.background)
    return replace(now, nodes=back_nodes, edges=kept, absences=absences)


def _changed[Setting: (Node, Edge)](after: Setting, before: Setting) -> dict[str, Any]:
    """Return the settings that differ, as they were."""
    names = [field.name for field in fields(before) if field.name not in _DRAWN]
    return {name: getattr(before, name) for name in names if getattr(before, name) != getattr(after, name)}
