"""Colours and the little style that Streamlit's own theme cannot say.

The theme itself (light and dark) is in ``.streamlit/config.toml``. A hypothesis has one
colour through the whole app, and a letter, so that colour never stands alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from ui.pictures import LIGHT, Tone

__all__ = ["COLOURS", "LETTERS", "MUTED", "WARN", "apply_style", "colour_of", "is_dark", "letter_of", "tone"]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
COLOUR_NAMES = {
    "#0072B2": "blue",
    "#D55E00": "vermilion",
    "#009E73": "green",
    "#CC79A7": "pink",
    "#E69F00": "orange",
    "#56B4E9": "sky blue",
}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DARK = Tone("#e8ebee", "#0e1117")
MUTED = "#8a8f98"  # readable on paper and on ink
WARN = "#b7791f"

_STYLE = Path(__file__).with_name("style.css")


def apply_style() -> None:
    """Send the style once a run."""
    st.html(_STYLE)  # a path to CSS is sent as a style


def colour_segments(scope: str, colours: Sequence[str]) -> None:
    """Give the letter in each segment of a segmented control its hypothesis' colour.

    ``scope`` is the class of the control (``st-key-…``); the letter is the bold part of its label.
    """
    rules = "".join(
        f".{scope} button:nth-of-type({number}) strong {{ background: {colour}; color: {on_colour(colour)}; }}"
        for number, colour in enumerate(colours, start=1)
    )
    st.html(
        f"<style>.{scope} strong {{ border-radius: .3rem; padding: .05rem .4rem; margin-right: .2rem }} {rules}</style>"
    )


def on_colour(colour: str) -> str:
    """Return the ink that is readable on one of the colours of hypotheses."""
    return "#1f2933" if colour.upper() in {"#E69F00", "#56B4E9", "#CC79A7"} else "#ffffff"


def colour_of(index: int) -> str:
    """Return the colour of the ``index``-th hypothesis (0-based)."""
    return COLOURS[index % len(COLOURS)]


def letter_of(index: int) -> str:
    """Return the letter of the ``index``-th hypothesis: A … Z, then AA."""
    text = ""
    index += 1
    while index:
        index, digit = divmod(index - 1, 26)
        text = LETTERS[digit] + text
    return text


def tone() -> Tone:
    """Return ink and paper of the theme that the browser shows."""
    return DARK if is_dark() else LIGHT


def is_dark() -> bool:
    """Return whether the browser shows the dark theme (light where it does not say)."""
    return getattr(st.context.theme, "type", None) == "dark"
