"""What to choose, as a picture: what actions are worth on average, over what they are worth in their worst draws."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from core.figures.theme import Part, axis, finish, ink, lines, plain

__all__ = ["Point", "frontier_figure"]

_HEIGHT = 340
_APART = 0.085  # between two labels, a share of the picture's height
_RIGHT = 0.4  # of the points' range: room for labels, which stand to the right, where a frontier leaves space


@dataclass(frozen=True)
class Point:
    """An action: its mean over the worst draws, its mean over all, and what is said of it.

    ``words`` is the action, shown on hover; ``label`` stands beside it, if any.
    """

    worst: float
    mean: float
    words: str
    label: str = ""


def frontier_figure(
    edge: Sequence[Point],
    marked: Sequence[Point],
    picked: Point | None,
    *,
    across: str,
    up: str,
    dark: bool = False,
) -> go.Figure:
    """Draw the actions of which none is beaten in both.

    Parameters
    ----------
    edge : sequence of Point
        The frontier, from one end to the other.
    marked : sequence of Point
        Actions with a label beside them.
    picked : Point, optional
        The one that a slider stands on: it gets a ring.
    across, up : str
        What the axes measure, with units.
    """
    tone = ink(dark)
    every = [*edge, *marked]
    left, width = _span([point.worst for point in every])
    bottom, height = _span([point.mean for point in every])
    line = {
        "x": [point.worst for point in edge], "y": [point.mean for point in edge], "mode": "lines+markers",
        "line": {"color": tone.muted, "width": 1.5}, "marker": {"color": tone.muted, "size": 6},
        "text": [_hover(point) for point in edge], "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip
    dots = {
        "x": [point.worst for point in marked], "y": [point.mean for point in marked], "mode": "markers",
        "marker": {"color": tone.observed, "size": 11, "line": {"color": tone.paper, "width": 1.5}},
        "text": [_hover(point) for point in marked], "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip
    data: list[Part] = [line, dots, _labels(marked, height, width, tone.text)]
    if picked is not None:
        ring = {
            "x": [picked.worst], "y": [picked.mean], "mode": "markers", "cliponaxis": False,
            "marker": {"symbol": "circle-open", "size": 20, "color": tone.text, "line": {"width": 2.5}},
        }  # fmt: skip
        data.append(ring)
    layout: Part = {
        "xaxis": axis(
            tone, title=_title(across, 90), range=[left - 0.06 * width, left + (1 + _RIGHT) * width], nticks=7
        ),
        "yaxis": axis(tone, title=_title(up, 44), range=[bottom - 0.1 * height, bottom + 1.16 * height], nticks=6),
    }
    return finish(data, layout, tone, height=_HEIGHT, margin={"l": 66, "b": 46, "t": 8})


def _span(values: Sequence[float]) -> tuple[float, float]:
    """Return where values begin, and how far they reach: never nothing."""
    low, high = min(values), max(values)
    room = max(high - low, 1e-3 * max(abs(low), abs(high), 1e-9))
    return low, room


def _title(text: str, wrap: int) -> Part:
    return {"text": lines(text, wrap, 1), "standoff": 6, "font": {"size": 13}}


def _hover(point: Point) -> str:
    label = f"<b>{plain(point.label)}</b><br>" if point.label else ""
    return f"{label}{lines(point.words, 48)}<br>{point.mean:.4g} on average, {point.worst:.4g} in its worst draws"


def _labels(marked: Sequence[Point], height: float, width: float, colour: str) -> Part:
    """Write labels to the right of their points and over the line that falls from there, apart from one another."""
    taken: list[float] = []
    places: list[tuple[float, float, str]] = []
    for point in sorted(marked, key=lambda one: one.mean):
        at = point.mean
        while any(abs(at - other) < _APART * height for other in taken):
            at += _APART * height / 2
        taken.append(at)
        places.append((point.worst + 0.03 * width, at + 0.02 * height, plain(point.label)))
    return {
        "x": [place[0] for place in places], "y": [place[1] for place in places], "mode": "text",
        "text": [place[2] for place in places], "textposition": "middle right", "cliponaxis": False,
        "textfont": {"size": 13, "color": colour},
    }  # fmt: skip
