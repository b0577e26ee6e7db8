"""Colours and the little style that Streamlit's own theme cannot say.

The theme itself (light and dark) is in ``.streamlit/config.toml``. A hypothesis has one
colour through the whole app, and a letter, so that colour never stands alone.
"""

from __future__ import annotations

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

_STYLE = """
<style>
/* the page: less empty sky above, and a measure that a wide screen can hold */
[data-testid="stMainBlockContainer"] { padding-top: 2.6rem; padding-bottom: 4rem; max-width: 1500px; }
@media (max-width: 1000px) { [data-testid="stMainBlockContainer"] { padding-left: 1.25rem; padding-right: 1.25rem; } }
[data-testid="stSidebarUserContent"] { padding-top: 0.25rem; }

/* three doors stand in a row where there is room, else below each other */
.st-key-doors [data-testid="stHorizontalBlock"] { flex-wrap: wrap; }
.st-key-doors [data-testid="stColumn"] { min-width: 15.5rem; }
@media (max-width: 1000px) { [data-testid="stSidebar"] { width: 212px !important; min-width: 212px !important; } }

/* sidebar steps: the state stands at the right end of the line */
[data-testid="stSidebar"] [data-testid="stPageLink"] a { padding: 0.3rem 0.6rem; width: 100%; }
[data-testid="stSidebar"] [data-testid="stPageLink"] a > span:last-child,
[data-testid="stSidebar"] [data-testid="stPageLink"] [data-testid="stMarkdownContainer"] { width: 100%; }
[data-testid="stSidebar"] [data-testid="stPageLink"] p { display: flex; justify-content: space-between; gap: .5rem; width: 100%; }

/* words of ours in st.html */
.wb-head { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: baseline; justify-content: space-between;
  border-bottom: 1px solid color-mix(in srgb, currentColor 16%, transparent); padding-bottom: .55rem; }
.wb-question { font-size: 1.12rem; font-weight: 620; letter-spacing: -.005em; }
.wb-roles { font-size: .88rem; display: flex; gap: .4rem; flex-wrap: wrap; }
.wb-role { border: 1px solid color-mix(in srgb, currentColor 28%, transparent); padding: .05rem .55rem; white-space: nowrap; }
.wb-role b { font-weight: 600; } .wb-role small { opacity: .72; font-size: .8rem; }
.wb-exposure { border-radius: .2rem; border-left-width: 4px; }
.wb-outcome { border-radius: 1rem; border-width: 2px; }
.wb-hero { max-width: 62rem; padding: .2rem 0 .6rem; } .wb-hero h1 { font-size: 2.35rem; line-height: 1.12; padding: 0; letter-spacing: -.025em; }
.wb-hero p { font-size: 1.06rem; line-height: 1.5; margin: .7rem 0 0; opacity: .82; max-width: 50rem; }
.wb-door { font-size: 1.14rem; font-weight: 640; }
.wb-ask { font-size: 1rem; line-height: 1.35; min-height: 2.7em; }
.wb-rivals { display: flex; gap: .6rem; margin-top: .4rem; } .wb-rival { flex: 1 1 0; min-width: 0; margin: 0; }
.wb-rival figcaption { font-size: .8rem; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; margin-bottom: .2rem; }
.wb-mark { font-size: 1.02rem; font-weight: 700; letter-spacing: -.01em; display: flex; align-items: center; gap: .5rem; }
.wb-muted { opacity: .68; }
.wb-small { font-size: .86rem; line-height: 1.45; }
.wb-chip { display: inline-block; border-radius: .3rem; padding: 0 .4rem; font-weight: 650; color: #fff; font-size: .82rem; line-height: 1.35rem; }
.wb-warn { border-left: 3px solid #c98a1b; padding: .1rem .6rem; margin: .25rem 0; font-size: .86rem; }
.wb-bad { border-left: 4px solid #c0392b; padding: .35rem .8rem; background: color-mix(in srgb, #c0392b 9%, transparent); border-radius: .2rem; }
.wb-claims { margin: 0; padding-left: 1.05rem; } .wb-claims li { margin: .28rem 0; line-height: 1.4; }
.wb-panel-head { font-weight: 630; margin: .1rem 0 .45rem; line-height: 1.3; }
.wb-panel { font-size: .93rem; max-height: 540px; overflow-y: auto; } .wb-panel summary { cursor: pointer; opacity: .75; }
.wb-column { font-size: 1.02rem; overflow-wrap: anywhere; } .wb-picture { padding-top: .35rem; max-width: 190px; }
.wb-ends { display: flex; justify-content: space-between; font-size: .74rem; opacity: .65; }
.wb-facts { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; font-size: .9rem; } .wb-facts b { font-weight: 640; }
</style>
"""


def apply_style() -> None:
    """Send the style once a run."""
    st.html(_STYLE)


def colour_of(index: int) -> str:
    """Return the colour of the ``index``-th hypothesis (0-based)."""
    return COLOURS[index % len(COLOURS)]


def letter_of(index: int) -> str:
    """Return the letter of the ``index``-th hypothesis: A … Z, AA, AB …"""
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
