"""Arrows that are no straight line, each as its curve: what a cause adds to its effect, over the cause's values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.comparison.result import HypothesisFacts
from core.figures.theme import Ink, Part, Style, axis, finish, ink, lines, translucent
from core.fit.arrows import ArrowCurve, EdgeSummary

__all__ = ["Ribbon", "Strip", "curve_figure", "curve_title", "strips_of", "with_rows"]

_BENDS = 0.5  # a probability above which an arrow that may bend is said to
_ROW, _GAP, _HEAD = 190, 58, 34  # pixels
_MOST_ROWS = 300


@dataclass(frozen=True)
class Ribbon:
    """One hypothesis' curve and its 90 % band, each of equal length."""

    style: Style
    mean: tuple[float, ...]
    q05: tuple[float, ...]
    q95: tuple[float, ...]


@dataclass(frozen=True)
class Strip:
    """One arrow: its ends, the values at which it is drawn, and a ribbon for each hypothesis that lets it bend.

    ``bends`` is the probability that it does, over those that leave it open; None where none does. ``drawn``
    says that some drew it as a curve; ``rows`` are observed rows behind it (:func:`with_rows`).
    """

    source: str
    target: str
    at: tuple[float, ...]
    ribbons: tuple[Ribbon, ...]
    bends: float | None
    rows: tuple[tuple[float, float], ...] = ()
    drawn: bool = False

    @property
    def bent(self) -> bool:
        """Whether it is worth a picture: it was drawn as a curve, or probably is one."""
        return self.drawn or (self.bends is not None and self.bends > _BENDS)


def strips_of(hypotheses: Iterable[HypothesisFacts], styles: Mapping[str, Style]) -> tuple[Strip, ...]:
    """Return every arrow that has a curve, once over hypotheses, those that bend first."""
    found: dict[tuple[str, str], list[tuple[Style, EdgeSummary, ArrowCurve]]] = {}
    for facts in hypotheses:
        for edge in facts.edges:
            if edge.curve is not None and edge.mean is not None:
                found.setdefault((edge.source, edge.target), []).append((styles[facts.name], edge, edge.curve))
    strips = []
    for (source, target), drawn in found.items():
        known = [edge.bends for _, edge, _ in drawn if edge.bends is not None]
        ribbons = tuple(
            Ribbon(style, _numbers(curve.mean), _numbers(curve.q05), _numbers(curve.q95)) for style, _, curve in drawn
        )
        share = sum(known) / len(known) if known else None
        at = _numbers(drawn[0][2].at)
        strips.append(Strip(source, target, at, ribbons, share, drawn=len(known) < len(drawn)))
    return tuple(sorted(strips, key=lambda strip: (not strip.drawn, -(strip.bends or 0.0))))


def with_rows(strip: Strip, source: NDArray[np.float64], target: NDArray[np.float64]) -> Strip:
    """Return the arrow with observed rows behind its curve: the cause, and the effect less its average.

    Only for an effect whose own scale is that of the curve. What other causes add is still in them. Those
    outside of the curve's values are left out, and of many every so many.
    """
    known = np.isfinite(source) & np.isfinite(target)
    x, y = source[known], target[known]
    if not len(y):
        return strip
    y = y - y.mean()
    inside = (x >= strip.at[0]) & (x <= strip.at[-1])
    x, y = x[inside], y[inside]
    step = max(1, -(-len(x) // _MOST_ROWS))
    return replace(strip, rows=tuple(zip(_numbers(x[::step]), _numbers(y[::step]), strict=True)))


def _numbers(values: Iterable[float]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def curve_title(strip: Strip, titles: Mapping[str, str]) -> str:
    """Say in a line what the curve shows."""
    ends = f"What {titles.get(strip.source, strip.source)} does to {titles.get(strip.target, strip.target)}"
    if strip.bends is None:
        return f"{ends} is drawn as a curve"
    sure = "over 0.99" if strip.bends > 0.99 else f"{strip.bends:.2f}"
    said = f"bends (probability {sure})" if strip.bends > _BENDS else f"is probably straight (bends: {sure})"
    return f"{ends} is drawn as a curve; left open, it {said}" if strip.drawn else f"{ends} {said}"


def curve_figure(
    strips: tuple[Strip, ...],
    titles: Mapping[str, str],
    units: Mapping[str, str | None],
    dark: bool = False,
    headed: bool = True,
) -> go.Figure:
    """Draw curves under one another, each with its own axes, and ``headed`` its finding; 0 is the average over rows."""
    tone = ink(dark)
    head = _HEAD if headed else _HEAD // 4
    height = len(strips) * (_ROW + _GAP + head)
    data: list[Part] = []
    layout: Part = {"annotations": []}
    for place, strip in enumerate(strips):
        name = "" if place == 0 else str(place + 1)
        top = 1.0 - (place * (_ROW + _GAP + head) + head) / height
        bottom = top - _ROW / height
        what, on = (_measured(node, titles, units) for node in (strip.target, strip.source))
        layout[f"xaxis{name}"] = axis(tone, anchor=f"y{name}", title={"text": lines(on, 60, 1), "standoff": 6})
        layout[f"yaxis{name}"] = axis(tone, anchor=f"x{name}", domain=[max(bottom, 0.0), top], zeroline=True,
                                      zerolinecolor=tone.muted, zerolinewidth=1)  # fmt: skip
        heading = lines(f"{curve_title(strip, titles)}: added to {what}", 90, 2) if headed else ""
        layout["annotations"].append(
            {"text": heading, "x": 0, "xref": "paper", "xanchor": "left", "y": top, "yref": "paper",
             "yanchor": "bottom", "showarrow": False, "align": "left", "font": {"size": 13, "color": tone.text}}
        )  # fmt: skip
        if strip.rows:
            data.append(_rows(strip, tone, f"x{name}", f"y{name}"))
        for ribbon in strip.ribbons:
            data += _ribbon(strip, ribbon, f"x{name}", f"y{name}")
    return finish(data, layout, tone, height=height, margin={"l": 56, "b": 40})


def _measured(node: str, titles: Mapping[str, str], units: Mapping[str, str | None]) -> str:
    unit = units.get(node)
    return f"{titles.get(node, node)}{f' ({unit})' if unit else ''}"


def _rows(strip: Strip, tone: Ink, x: str, y: str) -> Part:
    across, down = zip(*strip.rows, strict=True)
    return {
        "x": list(across), "y": list(down), "xaxis": x, "yaxis": y, "mode": "markers",
        "marker": {"color": translucent(tone.text, 0.32), "size": 4},
    }  # fmt: skip


def _ribbon(strip: Strip, ribbon: Ribbon, x: str, y: str) -> list[Part]:
    colour = ribbon.style.colour
    there = [*strip.at, *reversed(strip.at)]
    band = {
        "x": there, "y": [*ribbon.q95, *reversed(ribbon.q05)], "xaxis": x, "yaxis": y, "mode": "lines",
        "fill": "toself", "fillcolor": translucent(colour, 0.18), "line": {"width": 0},
    }  # fmt: skip
    line = {
        "x": list(strip.at), "y": list(ribbon.mean), "xaxis": x, "yaxis": y, "mode": "lines",
        "line": {"color": colour, "width": 2.5},
        "hovertemplate": f"{ribbon.style.letter}: %{{y:.3g}} at %{{x:.3g}}<extra></extra>",
    }  # fmt: skip
    last = {
        "x": [strip.at[-1]], "y": [ribbon.mean[-1]], "xaxis": x, "yaxis": y, "mode": "text",
        "text": [ribbon.style.letter], "textposition": "middle left", "textfont": {"color": colour, "size": 13},
    }  # fmt: skip
    return [band, line, last]
