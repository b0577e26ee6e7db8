"""One language of colour and line for every figure.

Each hypothesis has one colour and one letter through the whole product; observed data
are dark, neutral and solid; what a hypothesis generates is its colour, translucent.
Figures have transparent paper, so that they stand on the page's own background, and take
an :class:`Ink` for light or dark.
"""

import textwrap
from dataclasses import dataclass

import plotly.graph_objects as go

from core.figures.cutting import cut

__all__ = ["DARK", "HYPOTHESIS_COLOURS", "LIGHT", "Ink", "Style", "finish", "ink", "lines", "plain", "translucent"]

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


LIGHT = Ink("#1f2933", "#5f6b76", "#e3e7eb", "#25303b", "#ffffff", "#c62828", "#b26a00")
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


def finish(
    fig: go.Figure, tone: Ink, *, title: str = "", subtitle: str = "", height: int = 320, wrap: int = 92, top: int = 14
) -> go.Figure:
    """Give a figure its title (the finding), subtitle (what is drawn), fonts and margins.

    ``height`` is that of everything below the heading; ``wrap`` the characters a line of the
    title, about what fits the figure's width; ``top`` the pixels between heading and plot.
    """
    head = 0
    if title:
        over, under = lines(title, wrap), lines(subtitle, int(wrap * 1.2))
        head = 22 * (over.count("<br>") + 1) + (18 * (under.count("<br>") + 1) + 4 if under else 0) + 14
        fig.update_layout(
            title={
                "text": over,
                "subtitle": {"text": under, "font": {"size": 13, "color": tone.muted}},
                "font": {"size": 16, "color": tone.text},
                "x": 0,
                "xanchor": "left",
                "xref": "container",
                "y": 1,
                "yanchor": "top",
                "yref": "container",
                # Plotly hangs a heading up by its first line: further lines need their height on top.
                "pad": {"t": 6 + 21 * over.count("<br>"), "l": 2},
            }
        )
    fig.update_layout(
        height=height + head + top,
        margin={"l": 8, "r": 12, "t": head + top, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": 13, "color": tone.text},
        showlegend=False,
        hoverlabel={"font": {"family": FONT, "size": 13}},
        dragmode=False,
    )
    fig.update_xaxes(gridcolor=tone.grid, zerolinecolor=tone.grid, linecolor=tone.grid, automargin=True)
    fig.update_yaxes(gridcolor=tone.grid, zerolinecolor=tone.grid, linecolor=tone.grid, automargin=True)
    return fig
