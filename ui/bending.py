"""Arrows that may bend, or differ, by a button: on Draw, on Check and on Compare the same step, with the same way back.

A press changes every hypothesis that has the arrow, as one step (:mod:`ui.steps`), which the project keeps until
it is taken back or another button is pressed: so the way back stands on each of these pages, also after a reload.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import streamlit as st

from core.forms import FORMS
from core.hypothesis import Edge, Hypothesis
from core.study.bending import bending
from ui import session, steps, widgets, words
from ui.session import HypothesisRecord, ProjectView

__all__ = ["EVERY", "HINT", "Changed", "bend", "can_bend", "differ", "press", "undo", "way_back"]

EVERY = "Let every arrow bend"
HINT = f"Each straight arrow becomes {FORMS['auto'].words}. One undo brings all back."

Changed = tuple[str, dict[str, Any]]
"""What was done, in words, and what :func:`undo` takes: as a setting can hold it."""


def can_bend(records: Collection[HypothesisRecord]) -> bool:
    """Return whether some arrow of these is straight."""
    return any(bending(record.hypothesis) != record.hypothesis for record in records)


def bend(project: ProjectView, arrows: str, node: str = "", about: str | None = None) -> Changed:
    """Let arrows bend: into a node, from one parent or from all; every one of all without a node.

    ``arrows`` says which, as the beginning of a sentence.

    Raises
    ------
    WhyboardError
        If a drawing cannot be changed.
    """

    def changed(base: Hypothesis) -> Hypothesis:
        pairs = [(edge.source, edge.target) for edge in base.edges if node in ("", edge.target)]
        return bending(base, [pair for pair in pairs if about in (None, pair[0])])

    return _change(project, f"{arrows} may bend now", changed)


def differ(project: ProjectView, effect: str, node: str, by: str, cause: str | None = None) -> Changed:
    """Let the effect on a node, of one cause or of all its others, differ by another of its causes.

    Raises
    ------
    WhyboardError
        If a drawing cannot be changed.
    """

    def changed(base: Hypothesis) -> Hypothesis:
        if node not in base.graph.nodes or by not in base.graph.parents(node):
            return base
        edges = tuple(replace(edge, by=by) if _suits(edge, node, by, cause) else edge for edge in base.edges)
        return replace(base, edges=edges)

    return _change(project, f"{effect} may differ by {project.title_of(by)} now", changed)


def _suits(edge: Edge, node: str, by: str, cause: str | None) -> bool:
    return edge.target == node and edge.source != by and edge.by is None and cause in (None, edge.source)


def _change(project: ProjectView, said: str, change: Callable[[Hypothesis], Hypothesis]) -> Changed:
    records = tuple(record for record in project.hypotheses() if record.problem is None)
    step, refused = steps.change(project, _begun(said), records, change)
    if refused is not None:
        raise refused
    return _said(said, step, records), {} if step is None else step.to_dict()


def _begun(said: str) -> str:
    """Return what the undo on Draw calls it: it goes on a sentence there."""
    return said[:1].lower() + said[1:]


def _said(said: str, step: steps.Step | None, records: Collection[HypothesisRecord]) -> str:
    letters = [record.letter for record in records if step is not None and record.id in step.moved]
    return f"{said} in {words.listing(letters, 8)}"


def press(project: ProjectView, id: str, records: tuple[HypothesisRecord, ...]) -> None:
    """Let every arrow of some hypotheses bend, from the drawing ``id``; a refusal is said there."""
    said = "Every arrow may bend now"
    step = steps.take_all(project, id, _begun(said), records, bending)
    if step is not None:
        session.put_setting(project, **{steps.KEPT: {"said": _said(said, step, records), "step": step.to_dict()}})


def undo(project: ProjectView, kept: dict[str, Any]) -> None:
    """Take back what was changed; arrows that are gone since stay gone.

    Raises
    ------
    WhyboardError
        If a drawing cannot be changed back.
    """
    if kept:
        steps.back(project, steps.Step.from_dict(kept))


def way_back(project: ProjectView, id: str) -> None:
    """Say on the drawing ``id`` what the last such button did to it, here or on another page, with its undo beside it."""
    done = steps.kept(project)
    if not done or id not in (done.get("step") or {}).get("moved", {}):
        return
    text, button = st.columns([5, 3], vertical_alignment="center", gap="small")
    with text:
        widgets.note(words.sentence(str(done["said"])))
    button.button(
        "Undo",
        key=f"bend_undo_{id}",
        type="tertiary",
        icon=":material/undo:",
        on_click=steps.take_back,
        args=(project, id, steps.Step.from_dict(done["step"])),
    )
