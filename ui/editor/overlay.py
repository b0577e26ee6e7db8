"""What a fit or a check says about a drawing, by names; shown on it, never part of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["EdgeMark", "NodeMark", "NodeTag", "Overlay", "PairMark"]


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
class Overlay:
    """All that is shown over a drawing."""

    edges: tuple[EdgeMark, ...] = ()
    nodes: tuple[NodeMark, ...] = ()
    pairs: tuple[PairMark, ...] = ()
    tags: tuple[NodeTag, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the form that goes to the browser."""
        return {
            "edges": [vars(mark) for mark in self.edges],
            "nodes": [vars(mark) for mark in self.nodes],
            "pairs": [vars(mark) for mark in self.pairs],
            "tags": [vars(tag) for tag in self.tags],
        }
