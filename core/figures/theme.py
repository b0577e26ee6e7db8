"""One language of colour and line for every figure.

Each hypothesis has one colour and one letter through the whole product; observed data
are dark, neutral and solid; what a hypothesis generates is its colour, translucent.
Figures have transparent paper, so that they stand on the page's own background, and take
an :class:`Ink` for light or dark.
"""

import hashlib
import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
from plotly.graph_objects import Figure

from core.figures.cutting import cut

__all__ = [
    "DARK",
    "HYPOTHESIS_COLOURS",
    "LIGHT",
    "Figure",
    "Ink",
    "Part",
    "Style",
    "axis",
    "finish",
    "ink",
    "lines",
    "plain",
    "restored",
    "translucent",
]

#: A piece of a figure, in Plotly's own words.
Part = dict[str, Any]

#: Okabe & Ito's colours, which people with any colour vision tell apart; in this order.
HYPOTHESIS_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")

FONT = '"Source Sans", "Source Sans Pro", system-ui, sans-serif'


@dataclass(frozen=True)
class Ink:
    """What is drawn with on one background."""

    text: str
    muted: str
    grid: str
    observed: str
    paper: str
    red: str
    amber: str


LIGHT = Ink("#1f2933", "#5f6b76", "#e3e7eb", "#25303b", "#ffffff", "#c62828", "#96590a")
DARK = Ink("#e8ebee", "#9aa5b1", "#333c46", "#e8ebee", "#0e1117", "#ff6b6b", "#ffb74d")


def ink(dark: bool) -> Ink:
    """Return the colours for a dark or a light background."""
    return DARK if dark else LIGHT


@dataclass(frozen=True)
class Style:
    """How one hypothesis is drawn."""

    name: str
    letter: str
    colour: str

    @property
    def title(self) -> str:
        """Letter and name; the name alone where it is the letter."""
        return self.name if self.name == self.letter else f"{self.letter} {self.name}"


def translucent(colour: str, alpha: float) -> str:
    """Return ``#rrggbb`` with an opacity, as CSS."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"


def plain(text: str) -> str:
    """Return ``text`` so that Plotly shows it as it is: its labels read a few HTML tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def lines(text: str, wrap: int, most: int | None = None) -> str:
    """Return plain text broken into at most ``most`` lines of ``wrap`` characters, as Plotly writes them.

    What does not fit is cut in the middle.
    """
    broken, room = textwrap.wrap(text, wrap, break_long_words=True), wrap * (most or 0)
    while most is not None and len(broken) > most and room > 1:
        broken = textwrap.wrap(cut(text, room), wrap, break_long_words=True)
        room -= 1
    return "<br>".join(plain(line) for line in broken)


def axis(tone: Ink, **options: Any) -> Part:
    """Return an axis that nobody zooms; what room its labels need is said in the margins."""
    return {
        "gridcolor": tone.grid,
        "linecolor": tone.grid,
        "zeroline": False,
        "fixedrange": True,
        "automargin": False,
        "tickfont": {"size": 12},
        **options,
    }


def finish(data: Sequence[Part], layout: Part, tone: Ink, *, height: int, margin: Mapping[str, int]) -> go.Figure:
    """Return the figure of traces and a layout that were written as plain mappings.

    A browser draws a page's figures one after another, so they are told all that it would else
    find out by drawing twice: ranges, margins and sizes, and (``datarevision``) that the same
    figure handed over again is the same.
    """
    made = {
        **layout,
        "height": height,
        "margin": {"l": 4, "r": 8, "t": 4, "b": 4, **margin},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 13, "color": tone.text},
        "showlegend": False,
        "hoverlabel": {"font": {"family": FONT, "size": 13}},
        "hovermode": "closest",
        "dragmode": False,
    }
    traces = [
        {"type": "scatter", "hoverinfo": "all" if "hovertemplate" in trace else "skip", **trace} for trace in data
    ]
    figure = _bare({"data": traces, "layout": made})
    figure.layout["datarevision"] = hashlib.blake2b(figure.to_json().encode(), digest_size=8).hexdigest()
    return figure


def restored(text: str) -> go.Figure:
    """Return the figure that ``to_json`` wrote."""
    return _bare(json.loads(text))


def _bare(spec: Part) -> go.Figure:
    """Return a figure that is not checked, which takes thirty times as long as the rest (the tests check it).

    It has no template: all is said, and a browser takes two templates that are the same for a change.
    """
    figure = go.Figure(spec, _validate=False)
    figure.layout.template = None
    return figure
