"""What follows from an action, as pictures: the outcome over what is set, a ribbon a hypothesis."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from core.figures.theme import Ink, Part, Style, axis, finish, ink, lines, translucent

__all__ = ["Ribbon", "dose_figure"]

_HEIGHT = 330


@dataclass(frozen=True)
class Ribbon:
    """One hypothesis' average over the values of what is set, with its 90 % band; ``style`` None for all together."""

    style: Style | None
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def dose_figure(
    at: Sequence[float],
    ribbons: Sequence[Ribbon],
    *,
    across: str,
    up: str,
    marks: Sequence[float] = (),
    seen: tuple[float, float] | None = None,
    rows: Sequence[float] = (),
    dark: bool = False,
) -> go.Figure:
    """Draw the outcome over the values of what is set.

    Parameters
    ----------
    at : sequence of float
        Values that are set.
    ribbons : sequence of Ribbon
    across, up : str
        What the axes measure, with units.
    marks : sequence of float
        Values between which the action moves: a line at each.
    seen : (float, float), optional
        Between these the rows lie; beyond them, where nobody was seen, it is pale.
    rows : sequence of float
        Observed values, a tick each at the foot.
    """
    tone = ink(dark)
    low = min((min(r.low) for r in ribbons), default=0.0)
    high = max((max(r.high) for r in ribbons), default=1.0)
    room = 0.08 * ((high - low) or 1.0)
    bottom, top = low - 1.6 * room, high + room
    data: list[Part] = []
    for ribbon in ribbons:
        data += _ribbon(at, ribbon, tone)
    data += _letters(at, ribbons, tone, (bottom, top))
    if rows:
        foot = {"x": list(rows), "y": [bottom + 0.35 * room] * len(rows), "mode": "markers",
                "marker": {"symbol": "line-ns", "size": 7, "color": tone.muted, "opacity": 0.35,
                           "line": {"width": 1, "color": tone.muted}}}  # fmt: skip
        data.append(foot)
    shapes = [_line(mark, tone, place == len(marks) - 1) for place, mark in enumerate(marks)]
    if seen is not None:
        shapes += [_pale(one, tone) for one in ((at[0], seen[0]), (seen[1], at[-1])) if one[1] > one[0]]
    span = at[-1] - at[0]
    layout: Part = {
        "xaxis": axis(
            tone,
            title={"text": lines(across, 70, 1), "standoff": 6, "font": {"size": 13}},
            range=[at[0], at[-1] + 0.03 * span],
        ),
        "yaxis": axis(
            tone, title={"text": lines(up, 40, 1), "standoff": 6, "font": {"size": 13}}, range=[bottom, top], nticks=6
        ),
        "shapes": shapes,
    }
    return finish(data, layout, tone, height=_HEIGHT, margin={"l": 62, "b": 44, "t": 10})


def _title(text: str) -> Part:
    return {"text": text, "standoff": 6, "font": {"size": 13}}


def _ribbon(at: Sequence[float], ribbon: Ribbon, tone: Ink) -> list[Part]:
    colour = ribbon.style.colour if ribbon.style is not None else tone.muted
    name = ribbon.style.letter if ribbon.style is not None else "all"
    band = {
        "x": [*at, *reversed(at)], "y": [*ribbon.high, *reversed(ribbon.low)], "mode": "lines",
        "fill": "toself", "fillcolor": translucent(colour, 0.16), "line": {"width": 0},
    }  # fmt: skip
    line = {
        "x": list(at), "y": list(ribbon.mean), "mode": "lines",
        "line": {"color": colour, "width": 2.5, "dash": "dot" if ribbon.style is None else "solid"},
        "hovertemplate": f"{name}: %{{y:.3g}} at %{{x:.3g}}<extra></extra>",
    }  # fmt: skip
    return [band, line]


def _letters(at: Sequence[float], ribbons: Sequence[Ribbon], tone: Ink, ends: tuple[float, float]) -> list[Part]:
    """Write each hypothesis' letter at the end of its line; those that would meet stand beside one another."""
    span = ends[1] - ends[0]
    found: list[Part] = []
    taken: list[float] = []
    for ribbon in sorted(ribbons, key=lambda one: -one.mean[-1]):
        height = ribbon.mean[-1]
        while any(abs(height - other) < 0.07 * span for other in taken):
            height -= 0.07 * span
        taken.append(height)
        colour = ribbon.style.colour if ribbon.style is not None else tone.muted
        found.append(
            {
                "x": [at[-1]], "y": [height], "mode": "text", "cliponaxis": False,
                "text": [ribbon.style.letter if ribbon.style is not None else "all"], "textposition": "middle right",
                "textfont": {"color": colour, "size": 13},
            }
        )  # fmt: skip
    return found


def _line(at: float, tone: Ink, last: bool) -> Part:
    style = {"color": tone.text if last else tone.muted, "width": 1.5, "dash": "solid" if last else "dash"}
    return {"type": "line", "layer": "below", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1, "line": style}


def _pale(span: tuple[float, float], tone: Ink) -> Part:
    return {"type": "rect", "layer": "above", "x0": span[0], "x1": span[1], "yref": "paper", "y0": 0, "y1": 1,
            "fillcolor": translucent(tone.paper, 0.66), "line": {"width": 0}}  # fmt: skip
