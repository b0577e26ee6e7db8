"""What a fit or a check says about a drawing, by names; shown on it, never part of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["EdgeMark", "EdgeWay", "NodeAdvice", "NodeMark", "NodeTag", "Overlay", "PairMark", "Paths"]


@dataclass(frozen=True)
class EdgeMark:
    """One arrow: its label (the effect), width in pixels, line style, and a longer hover text.

    ``dashed`` says that the effect's interval holds zero, ``grey`` that it carries nothing;
    a ``shared`` arrow is in every hypothesis beside this one and stands back. ``spark`` is a small curve
    beside the label, in the unit square.
    """

    source: str
    target: str
    label: str = ""
    width: float | None = None
    style: Literal["solid", "dashed", "grey"] = "solid"
    title: str = ""
    shared: bool = False
    spark: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class NodeMark:
    """One node: a short badge under its name, and whether it is bad news or mere information."""

    name: str
    badge: str
    tone: Literal["info", "warning", "bad"] = "info"
    title: str = ""


@dataclass(frozen=True)
class NodeTag:
    """What a node is made of, in few words within it: the group that it varies by."""

    name: str
    words: str


@dataclass(frozen=True)
class PairMark:
    """Two nodes without an arrow whose independence the data contradict: red and dotted."""

    a: str
    b: str
    label: str = ""
    title: str = ""


@dataclass(frozen=True)
class EdgeWay:
    """Which paths between exposure and outcome an arrow, or an ``arc``, lies on; ``picked``: on the one chosen."""

    source: str
    target: str
    arc: bool = False
    way: Literal["causal", "biasing", "both", "blocked", ""] = ""
    picked: bool = False


@dataclass(frozen=True)
class NodeAdvice:
    """What to do with a node for the question: its look, a few words on the canvas, and why."""

    name: str
    act: Literal["adjust", "avoid", "use", "measure", "held"]
    words: str
    title: str = ""


@dataclass(frozen=True)
class Paths:
    """The paths between exposure and outcome: where every arrow and arc lies, and what to do with nodes."""

    edges: tuple[EdgeWay, ...] = ()
    nodes: tuple[NodeAdvice, ...] = ()


@dataclass(frozen=True)
class Overlay:
    """All that is shown over a drawing; ``paths`` only where there are an exposure and an outcome."""

    edges: tuple[EdgeMark, ...] = ()
    nodes: tuple[NodeMark, ...] = ()
    pairs: tuple[PairMark, ...] = ()
    tags: tuple[NodeTag, ...] = ()
    paths: Paths | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the form that goes to the browser."""
        return {
            "edges": [vars(mark) for mark in self.edges],
            "nodes": [vars(mark) for mark in self.nodes],
            "pairs": [vars(mark) for mark in self.pairs],
            "tags": [vars(tag) for tag in self.tags],
            "paths": None if self.paths is None else _paths(self.paths),
        }


def _paths(paths: Paths) -> dict[str, Any]:
    return {"edges": [vars(edge) for edge in paths.edges], "nodes": [vars(node) for node in paths.nodes]}
