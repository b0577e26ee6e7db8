"""Whether an action does the same to everyone: how the rows' effects lie, one density a hypothesis, on one axis."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.figures.theme import Ink, Part, Style, axis, finish, ink, lines, plain, translucent

__all__ = ["Strip", "by_row_figure"]

_LABEL = 60  # characters over a strip
_LINE, _TALL, _APART = 18, 46, 18  # pixels of its words, of its density, and to the next
_AXIS = 44
_POINTS = 160
_MOST_TICKS = 300  # rows drawn one by one
_NARROW = 1 / 250  # of the axis: effects that lie closer are one line


@dataclass(frozen=True)
class Strip:
    """The effects of one hypothesis' rows, (R,) as a tuple; ``note`` in their place where there are none."""

    style: Style
    label: str
    effects: tuple[float, ...] = ()
    note: str = ""


def by_row_figure(
    strips: Sequence[Strip],
    *,
    axis_title: str,
    dark: bool = False,
    write: Callable[[float], str] = "{:.3g}".format,
) -> go.Figure:
    """Draw how the rows' effects lie, a density a hypothesis with a tick a row; a line where all rows are alike.

    Parameters
    ----------
    strips : sequence of Strip
    axis_title : str
        What the axis measures, with its unit.
    write : callable
        Number to text.
    """
    tone = ink(dark)
    every = [value for strip in strips for value in strip.effects]
    low, high = min([*every, 0.0]), max([*every, 0.0])
    span = (high - low) or abs(high) or 1.0
    reach = (low - 0.06 * span, high + 0.06 * span)
    data: list[Part] = []
    words: list[tuple[float, str]] = []
    top = 0.0
    for strip in strips:
        words.append((top + _LINE - 5, _head(strip, write)))
        foot = top + _LINE + (_TALL if strip.effects else 0)
        if strip.effects:
            data += _density(np.asarray(strip.effects), strip.style.colour, foot, reach, strip.label)
        top = foot + _APART
    data.append(
        {
            "x": [reach[0]] * len(words), "y": [place for place, _ in words], "text": [text for _, text in words],
            "mode": "text", "textposition": "top right", "textfont": {"size": 12.5, "color": tone.text},
            "cliponaxis": False,
        }
    )  # fmt: skip
    layout = {
        "xaxis": axis(
            tone, range=list(reach), nticks=6, showline=True,
            title={"text": lines(axis_title, _LABEL, 2), "font": {"size": 12.5}, "standoff": 3},
        ),
        "yaxis": axis(tone, range=[max(top, 1.0), 0], visible=False),
        "shapes": [_zero(tone, start, start + _TALL) for start in _starts(strips)],
    }  # fmt: skip
    return finish(data, layout, tone, height=round(max(top, 1.0)) + _AXIS, margin={"b": _AXIS, "l": 4, "r": 14})


def _starts(strips: Sequence[Strip]) -> list[float]:
    """Return where the densities begin, from the top: what is drawn between them would cross their words."""
    found, top = [], 0.0
    for strip in strips:
        if strip.effects:
            found.append(top + _LINE)
        top += _LINE + (_TALL if strip.effects else 0) + _APART
    return found


def _zero(tone: Ink, top: float, foot: float) -> Part:
    dots = {"color": tone.muted, "width": 1, "dash": "dot"}
    return {"type": "line", "layer": "below", "x0": 0, "x1": 0, "yref": "y", "y0": top, "y1": foot, "line": dots}


def _head(strip: Strip, write: Callable[[float], str]) -> str:
    label = lines(strip.label, _LABEL, 1)
    if not strip.effects:
        return f"{label}  {plain(strip.note)}"
    low, middle, high = np.quantile(strip.effects, (0.05, 0.5, 0.95))
    said = write(float(middle)) if np.isclose(low, high) else (
        f"{write(float(middle))} [{write(float(low))}, {write(float(high))}]"
    )  # fmt: skip
    return f"{label}  <b>{plain(said)}</b>"


def _density(
    effects: NDArray[np.float64], colour: str, foot: float, reach: tuple[float, float], label: str
) -> list[Part]:
    """Return the outline of a density with its median, and a tick a row under it."""
    middle, span = float(np.median(effects)), reach[1] - reach[0]
    hover = {"hovertemplate": f"{plain(label)}: %{{x:.3g}}<extra></extra>"}
    line = {"x": [middle, middle], "y": [foot - 2, foot - _TALL + 8], "mode": "lines",
            "line": {"color": colour, "width": 2.5}, **hover}  # fmt: skip
    if np.ptp(effects) < _NARROW * span:
        return [line]
    width = _bandwidth(effects, span)
    at = np.linspace(effects.min() - 2.5 * width, effects.max() + 2.5 * width, _POINTS)
    tall = np.exp(-0.5 * ((at[:, None] - effects) / width) ** 2).sum(axis=1)
    up = foot - 2 - (_TALL - 12) * tall / tall.max()
    outline = {
        "x": [*at.tolist(), float(at[0])], "y": [*up.tolist(), float(up[0])], "mode": "lines", "fill": "toself",
        "fillcolor": translucent(colour, 0.22), "line": {"color": colour, "width": 1.5},
    }  # fmt: skip
    some = effects[np.linspace(0, len(effects) - 1, min(len(effects), _MOST_TICKS)).astype(np.intp)]
    ticks = {
        "x": some.tolist(), "y": [foot + 3] * len(some), "mode": "markers",
        "marker": {"symbol": "line-ns", "size": 6, "color": colour, "opacity": 0.35,
                   "line": {"width": 1, "color": colour}}, **hover,
    }  # fmt: skip
    return [outline, line, ticks]


def _bandwidth(effects: NDArray[np.float64], span: float) -> float:
    """Return Silverman's width (1986, 3.31), of groups that lie apart no wider than they are."""
    q25, q75 = np.quantile(effects, (0.25, 0.75))
    spread = min(float(effects.std()), float(q75 - q25) / 1.34) or float(effects.std())
    return max(0.9 * spread * len(effects) ** -0.2, 0.004 * span)
