"""What each hypothesis generates, one figure a hypothesis: beside each other where there is room, else below."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import streamlit as st

from core.figures.predictive import Row, predictive_figure
from core.figures.theme import Figure, Style
from ui import results, theme
from ui.session import ProjectView

__all__ = ["Drawn", "abreast", "axis_of", "columns", "observed_line"]


@dataclass(frozen=True)
class Drawn:
    """One figure among others: where it is kept, how it is drawn, and what it shows in words."""

    name: str
    key: Hashable
    draw: Callable[[], Figure]
    alt: str


def axis_of(project: ProjectView, node: str) -> str:
    """Return the words of a node's axis: title and unit."""
    unit = project.unit_of(node)
    return f"{project.title_of(node)}{f' [{unit}]' if unit else ''}"


def observed_line() -> str:
    """Return how the observed data are drawn, as the page is seen: neutral, which is light on dark."""
    return f"{'white' if theme.is_dark() else 'black'} line: observed"


def abreast(rows: Sequence[Row], styles: Sequence[Style], key: Hashable, name: str) -> None:
    """Draw the same rows once for each hypothesis. ``key`` holds all that the rows are made of."""
    dark = theme.is_dark()
    columns(
        [
            Drawn(
                f"{name}_{style.letter}",
                (name, key, style, dark),
                lambda style=style: predictive_figure(rows, [style], dark=dark),  # type: ignore[misc]
                f"What {style.title} generates, column by column",
            )
            for style in styles
        ],
        name,
    )


def columns(figures: Sequence[Drawn], name: str) -> None:
    """Draw figures beside each other, and below each other where the page is narrow."""
    with st.container(key=f"abreast_{name}"):
        for drawn, column in zip(figures, st.columns(len(figures), gap="small"), strict=True):
            with column:
                figure = results.picture_of(drawn.key, drawn.draw)
                results.plot(figure, drawn.name, drawn.name.replace("_", "-"), drawn.alt)
