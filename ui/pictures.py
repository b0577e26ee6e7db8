"""Small pictures drawn as SVG text: a graph at a glance, and how a column's values spread.

Streamlit takes SVG out of HTML, so each comes as an ``<img>`` that holds its SVG; such a
picture does not see the page's colours, hence ``ink`` and ``paper``, those of the theme.
Every label passes through :func:`ui.words.html`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot

from core.graph.layout import layered_positions
from core.hypothesis import Hypothesis
from ui import words

__all__ = ["LIGHT", "Tone", "bars", "graph_inside", "graph_picture", "image"]

Point = tuple[float, float]

_BOX_LETTERS = 15  # of a name in its box


@dataclass(frozen=True)
class Tone:
    """What is drawn with, and on."""

    ink: str
    paper: str


LIGHT = Tone("#1f2933", "#ffffff")


def graph_picture(
    hypothesis: Hypothesis,
    colour: str,
    *,
    width: int = 220,
    height: int = 120,
    titles: Mapping[str, str] | None = None,
    tone: Tone = LIGHT,
) -> str:
    """Return a hypothesis as a small picture, as HTML: dots and arrows, or boxes with ``titles``.

    Exposure and outcome have their own shapes (a square; a ring), latents a dashed outline,
    as on the canvas.
    """
    arrows = ", ".join(f"{e.source} to {e.target}" for e in hypothesis.edges)
    inside = graph_inside(hypothesis, colour, width, height, tone, titles)
    return image(inside, width, height, f"{hypothesis.name}: {arrows}")


def graph_inside(
    hypothesis: Hypothesis,
    colour: str,
    width: int,
    height: int,
    tone: Tone = LIGHT,
    titles: Mapping[str, str] | None = None,
) -> str:
    """Return the SVG elements of :func:`graph_picture`, for :func:`image` or as part of a larger picture."""
    named = titles is not None
    at = _fitted(hypothesis, width, height, margin=(58, 18) if named else (14, 14))
    called = [(titles or {}).get(node.name, node.name) for node in hypothesis.nodes]
    said = dict(zip((node.name for node in hypothesis.nodes), words.clip_all(called, _BOX_LETTERS), strict=True))
    parts = [_frame(hypothesis, at, (58.0, 15.0) if named else (10.0, 10.0), tone)]
    for edge in hypothesis.edges:
        half = (_box_width(said[edge.target]) / 2 + 2, 13.0) if named else (9.0, 9.0)
        parts.append(_arrow(at[edge.source], at[edge.target], colour, half, _others(at, edge.source, edge.target)))
    parts += [_arc(at[a], at[b], colour) for a, b in hypothesis.bidirected]
    for node in hypothesis.nodes:
        role = "exposure" if node.name == hypothesis.exposure else "outcome" if node.name == hypothesis.outcome else ""
        if named:
            parts.append(_box(at[node.name], said[node.name], role, node.latent, colour, tone))
        else:
            parts.append(_dot(at[node.name], role, node.latent, colour, tone))
    return "".join(parts)


def image(inside: str, width: int, height: int, alt: str, *, stretch: bool = False) -> str:
    """Return SVG elements as an ``<img>``; ``alt`` says what it shows."""
    keep = ' preserveAspectRatio="none"' if stretch else ""
    box = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {box}{keep}>'
    svg += f'<g font-family="Source Sans, system-ui, sans-serif">{inside}</g></svg>'
    source = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    size = f"max-width:{width}px;width:100%;" + (f"height:{height}px;" if stretch else "")
    return f'<img src="{source}" alt="{words.html(alt)}" style="display:block;{size}">'


def _fitted(hypothesis: Hypothesis, width: int, height: int, margin: tuple[int, int]) -> dict[str, Point]:
    places = {n.name: n.position for n in hypothesis.nodes if n.position is not None}
    if len(places) < len(hypothesis.nodes) or len(set(places.values())) < len(places):
        places = dict(layered_positions(hypothesis.graph))
    if not places:
        return {}
    xs, ys = [p[0] for p in places.values()], [p[1] for p in places.values()]
    inner = (width - 2 * margin[0], height - 2 * margin[1])

    def onto(value: float, low: float, high: float, room: int, start: int) -> float:
        return start + (room / 2 if high - low < 1e-9 else room * (value - low) / (high - low))

    return {
        name: (
            onto(x, min(xs), max(xs), inner[0], margin[0]),
            onto(y, min(ys), max(ys), inner[1], margin[1]),
        )
        for name, (x, y) in places.items()
    }


def _frame(hypothesis: Hypothesis, at: Mapping[str, Point], half: Point, tone: Tone) -> str:
    """Draw a light frame round the background, unless others stand within it: then it would say too much."""
    held = [at[name] for name in hypothesis.background]
    if not held:
        return ""
    (left, right), (top, bottom) = (
        (min(axis) - reach, max(axis) + reach) for axis, reach in zip(zip(*held, strict=True), half, strict=True)
    )
    if any(left < x < right and top < y < bottom for x, y in _others(at, *hypothesis.background)):
        return ""
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}" rx="8" '
        f'fill="{tone.ink}" fill-opacity=".06" stroke="{tone.ink}" stroke-opacity=".3"/>'
    )


def _others(at: Mapping[str, Point], *ends: str) -> list[Point]:
    return [point for name, point in at.items() if name not in ends]


def _arrow(a: Point, b: Point, colour: str, half: Point, others: Sequence[Point]) -> str:
    """Draw an arrow that stops at a box of half-widths ``half`` round ``b`` and bends round a node on its way."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    long = hypot(dx, dy) or 1.0
    bend = 0.0
    for x, y in others:
        along = ((x - a[0]) * dx + (y - a[1]) * dy) / long**2
        off = ((x - a[0]) * dy - (y - a[1]) * dx) / long
        if 0.05 < along < 0.95 and abs(off) < 12:
            bend = 26.0 if off <= 0 else -26.0
    middle = ((a[0] + b[0]) / 2 + bend * dy / long, (a[1] + b[1]) / 2 - bend * dx / long)
    ux, uy = _unit(middle if bend else a, b)
    reach = min(half[0] / max(abs(ux), 1e-9), half[1] / max(abs(uy), 1e-9), max(half) * 1.2)
    tip = (b[0] - ux * reach, b[1] - uy * reach)
    neck = (tip[0] - ux * 6, tip[1] - uy * 6)
    head = f"{tip[0]:.1f},{tip[1]:.1f} {neck[0] - uy * 3.4:.1f},{neck[1] + ux * 3.4:.1f} "
    head += f"{neck[0] + uy * 3.4:.1f},{neck[1] - ux * 3.4:.1f}"
    path = f"M{a[0]:.1f} {a[1]:.1f}"
    path += f"Q{middle[0]:.1f} {middle[1]:.1f} " if bend else "L"
    path += f"{neck[0]:.1f} {neck[1]:.1f}"
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.8"/><polygon points="{head}" fill="{colour}"/>'
    )


def _arc(a: Point, b: Point, colour: str) -> str:
    ux, uy = _unit(a, b)
    middle = ((a[0] + b[0]) / 2 + 24 * uy, (a[1] + b[1]) / 2 - 24 * ux)
    path = f"M{a[0]:.1f} {a[1]:.1f}Q{middle[0]:.1f} {middle[1]:.1f} {b[0]:.1f} {b[1]:.1f}"
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.4" stroke-dasharray="1 3"/>'


def _unit(a: Point, b: Point) -> Point:
    dx, dy = b[0] - a[0], b[1] - a[1]
    long = hypot(dx, dy) or 1.0
    return dx / long, dy / long


def _box(at: Point, label: str, role: str, latent: bool, colour: str, tone: Tone) -> str:
    x, y = at
    wide = _box_width(label)
    dash = ' stroke-dasharray="3 2.5"' if latent else ""
    style = ' font-style="italic"' if latent else ""
    return (
        f'<rect x="{x - wide / 2:.1f}" y="{y - 11:.1f}" width="{wide:.1f}" height="22" '
        f'rx="{2 if role == "exposure" else 11}" fill="{tone.paper}" stroke="{colour if role else tone.ink}" '
        f'stroke-width="{2.2 if role else 1.1}"{dash}/>'
        f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" font-size="11.5" fill="{tone.ink}"{style}>'
        f"{words.html(label)}</text>"
    )


def _box_width(label: str) -> float:
    return max(34.0, 6.3 * len(label) + 14)


def _dot(at: Point, role: str, latent: bool, colour: str, tone: Tone) -> str:
    x, y = at
    if role == "exposure":
        return f'<rect x="{x - 6:.1f}" y="{y - 6:.1f}" width="12" height="12" rx="1.5" fill="{colour}"/>'
    if role == "outcome":
        return (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6.6" fill="{tone.paper}" stroke="{colour}" stroke-width="2.4"/>'
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{colour}"/>'
        )
    dash = ' stroke-dasharray="2 2"' if latent else ""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{tone.paper}" stroke="{tone.ink}" stroke-width="1.5"{dash}/>'


def bars(
    heights: Sequence[float], *, width: int = 150, height: int = 44, discrete: bool = False, tone: Tone = LIGHT
) -> str:
    """Return a column's distribution as HTML: one bar a bin, or, ``discrete``, one a level."""
    top = max(heights, default=0.0)
    if top <= 0:
        return ""
    step = min(width / len(heights), 40.0) if discrete else width / len(heights)
    width = round(step * len(heights))
    gap = min(6.0, step * 0.22) if discrete else min(1.0, step * 0.1)
    parts = []
    for index, value in enumerate(heights):
        tall = max((height - 2) * value / top, 0.8 if value else 0.0)
        parts.append(
            f'<rect x="{index * step + gap / 2:.1f}" y="{height - 1 - tall:.1f}" width="{max(step - gap, 0.6):.1f}" '
            f'height="{tall:.1f}"/>'
        )
    inside = f'<g fill="{tone.ink}" opacity=".62">{"".join(parts)}</g>'
    inside += f'<rect x="0" y="{height - 1}" width="{width}" height="1" fill="{tone.ink}" opacity=".3"/>'
    return image(inside, width, height, "how the values spread", stretch=True)
