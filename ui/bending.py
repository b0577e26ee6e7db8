"""Arrows that get another form by a button, in every hypothesis that has them, and get their old one back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core.hypothesis import Edge, Hypothesis
from core.study.bending import bending
from ui import session
from ui.session import ProjectView

__all__ = ["bend", "differ", "restore"]

Before = dict[str, list[list[Any]]]
"""By hypothesis: source, target, form and by of each arrow that was changed, as a setting can hold them."""


def bend(project: ProjectView, node: str = "", about: str | None = None) -> tuple[list[str], Before]:
    """Let arrows bend: into a node, from one parent or from all; every one of all without a node.

    Returns
    -------
    tuple
        The letters of the hypotheses that changed, and what :func:`restore` takes.
    """

    def changed(base: Hypothesis) -> Hypothesis:
        arrows = [(edge.source, edge.target) for edge in base.edges if node in ("", edge.target)]
        return bending(base, [pair for pair in arrows if about in (None, pair[0])])

    return _change(project, changed)


def differ(project: ProjectView, node: str, by: str, cause: str | None = None) -> tuple[list[str], Before]:
    """Let the effect on a node, of one cause or of all its others, differ by another of its causes."""

    def changed(base: Hypothesis) -> Hypothesis:
        if node not in base.graph.nodes or by not in base.graph.parents(node):
            return base
        edges = tuple(replace(edge, by=by) if _suits(edge, node, by, cause) else edge for edge in base.edges)
        return replace(base, edges=edges)

    return _change(project, changed)


def _suits(edge: Edge, node: str, by: str, cause: str | None) -> bool:
    return edge.target == node and edge.source != by and edge.by is None and cause in (None, edge.source)


def _change(project: ProjectView, change: Callable[[Hypothesis], Hypothesis]) -> tuple[list[str], Before]:
    letters: list[str] = []
    before: Before = {}
    for record in project.hypotheses():
        if record.problem is not None:
            continue
        base, now = record.hypothesis, change(record.hypothesis)
        moved = [old for old, new in zip(base.edges, now.edges, strict=True) if old != new]
        if not moved:
            continue
        before[record.id] = [[edge.source, edge.target, edge.form, edge.by] for edge in moved]
        session.save_hypothesis(project, record.id, now)
        letters.append(record.letter)
    return letters, before


def restore(project: ProjectView, before: Before) -> None:
    """Give arrows back the form that they had; those that are gone since stay gone."""
    for record in project.hypotheses():
        if record.id not in before or record.problem is not None:
            continue
        was = {(source, target): (form, by) for source, target, form, by in before[record.id]}
        base = record.hypothesis
        edges = tuple(_as_it_was(base, edge, was.get((edge.source, edge.target))) for edge in base.edges)
        session.save_hypothesis(project, record.id, replace(base, edges=edges))


def _as_it_was(base: Hypothesis, edge: Edge, old: tuple[str, str | None] | None) -> Edge:
    if old is None:
        return edge
    form, by = old
    return replace(edge, form=form, by=by if by in base.graph.parents(edge.target) else None)
