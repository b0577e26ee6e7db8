"""Pictures of several hypotheses beside each other: what goes to the browser, pure.

The browser arranges them, since only it knows how wide words and frames are: one layout for
all, in the shape of the frame. What does not depend on a hypothesis is sent once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.figures.graph import ArrowView, GraphView
from ui.editor.overlay import EdgeMark, NodeMark, NodeTag, Overlay, PairMark

__all__ = ["Picture", "board", "overlay_of"]


@dataclass(frozen=True)
class Picture:
    """One hypothesis as it is shown beside others.

    Parameters
    ----------
    letter, name : str
    view : GraphView
        What is drawn; its colour is the hypothesis's.
    ink : str
        Colour of the letter on that colour.
    tie : str
        ``"A = C"`` where no data can tell them apart.
    note : str
        A sentence under the picture.
    problem : str
        Why it could not be fitted; it keeps its place.
    marks : sequence of NodeMark
        Badges, by the names of nodes.
    background : sequence of str
        Nodes that stand in one box, since they may be related in any way.
    """

    letter: str
    name: str
    view: GraphView
    ink: str = "#ffffff"
    tie: str = ""
    note: str = ""
    problem: str = ""
    marks: Sequence[NodeMark] = ()
    background: Sequence[str] = ()


def board(pictures: Sequence[Picture], drawn: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    """Return what the component gets; nodes are numbered, whatever their names.

    ``drawn`` holds the places that the user gave; where all are known and leave everything
    readable, the pictures keep them.
    """
    nodes = {node.name: node.title for picture in pictures for node in picture.view.nodes}
    ids = {name: f"n{number}" for number, name in enumerate(nodes)}
    return {
        "nodes": [
            {"id": ids[name], "name": name, "title": title, "at": list(drawn[name]) if name in drawn else None}
            for name, title in nodes.items()
        ],
        "pictures": [_picture(picture, ids) for picture in pictures],
    }


def _picture(picture: Picture, ids: Mapping[str, str]) -> dict[str, Any]:
    view = picture.view
    role = {node.role: ids[node.name] for node in view.nodes if node.role}
    arrows = [(ids[arrow.source], ids[arrow.target], False) for arrow in view.arrows]
    arcs = [(ids[a], ids[b], True) for a, b in view.arcs]
    return {
        "key": picture.letter,
        "letter": picture.letter,
        "name": picture.name,
        "colour": view.colour,
        "ink": picture.ink,
        "tie": picture.tie,
        "note": picture.note,
        "problem": picture.problem,
        "graph": {
            "nodes": [ids[node.name] for node in view.nodes],
            "latent": [ids[node.name] for node in view.nodes if node.latent],
            "background": [ids[name] for name in picture.background if name in ids],
            "edges": [
                {"id": f"{a}{'~' if arc else '-'}{b}", "source": a, "target": b, "bidirected": arc}
                for a, b, arc in (*arrows, *arcs)
            ],
            "exposure": role.get("exposure"),
            "outcome": role.get("outcome"),
        },
        "overlay": overlay_of(view, ids, picture.marks).to_dict(),
    }


def overlay_of(view: GraphView, ids: Mapping[str, str] | None = None, marks: Sequence[NodeMark] = ()) -> Overlay:
    """Return what a fit says, by the numbers of nodes (``ids``) where these stand instead of their names."""
    ids = {node.name: node.name for node in view.nodes} if ids is None else ids
    titles = {node.name: node.title for node in view.nodes}
    return Overlay(
        edges=tuple(_mark(arrow, ids) for arrow in view.arrows if arrow.label or arrow.shared),
        nodes=tuple(NodeMark(ids[m.name], m.badge, m.tone, m.title) for m in marks if m.name in ids),
        pairs=tuple(
            PairMark(
                ids[x],
                ids[y],
                label,
                f"{titles[x]} and {titles[y]}: no arrow here, and yet the data show a link (contradicted): {label}",
            )
            for x, y, label in view.contradicted
            if x in titles and y in titles
        ),
        tags=tuple(NodeTag(ids[node.name], f"by {node.group}") for node in view.nodes if node.group),
    )


def _mark(arrow: ArrowView, ids: Mapping[str, str]) -> EdgeMark:
    ends = ids[arrow.source], ids[arrow.target]
    width = None if arrow.strength is None else arrow.width
    return EdgeMark(*ends, arrow.label, width, arrow.style, arrow.hover, arrow.shared, arrow.spark)
