"""Colours and the little style that Streamlit's own theme cannot say.

The theme itself (light and dark) is in ``.streamlit/config.toml``. A hypothesis has one
colour through the whole app, and a letter, so that colour never stands alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import streamlit as st

from ui.pictures import LIGHT, Tone

__all__ = ["COLOURS", "LETTERS", "MUTED", "apply_style", "colour_of", "is_dark", "letter_of", "tone"]

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
_INKS = ("#ffffff", "#0b0f14")

_STYLE = Path(__file__).with_name("style.css")
_WHYS = Path(__file__).with_name("why.js")
#: Watches what the page stands on: a theme may change with the hour, or in the menu, while the page is open.
_WATCH = """
export default function ({ data, setTriggerValue }) {
  const app = document.querySelector("[data-testid=stApp]");
  const dark = () => {
    const [r, g, b] = getComputedStyle(app).backgroundColor.match(/[\\d.]+/g).map(Number);
    return r + g + b < 384;
  };
  const look = () => {  // told once a turn: a server that does not learn of it is not asked for ever
    if (dark() !== (window.wbDark ?? data.dark)) { window.wbDark = dark(); setTriggerValue("turned", dark()); }
  };
  const watch = new MutationObserver(look);
  watch.observe(app, { attributes: true, attributeFilter: ["class", "style"] });
  look();
  const leave = attendWhys();
  // What draws figures is large: it is fetched, and taken in, while nobody waits for anything.
  if (data.ahead && !window.wbAhead) {
    window.wbAhead = true;
    const url = new URL(data.ahead, document.baseURI).href;
    const hint = document.createElement("link");
    Object.assign(hint, { rel: "modulepreload", href: url });
    let touched = performance.now();
    for (const kind of ["pointermove", "pointerdown", "keydown", "wheel"])
      addEventListener(kind, () => { touched = performance.now(); }, { passive: true, capture: true });
    const take = () => requestIdleCallback(() => {
      if (performance.now() - touched < 700) setTimeout(take, 300);
      else import(url).catch(() => {});
    });
    setTimeout(() => requestIdleCallback(() => { document.head.append(hint); setTimeout(take, 500); }), 300);
  }
  return () => { watch.disconnect(); leave(); };
}
"""


def apply_style() -> None:
    """Send the style once a run."""
    st.html(_STYLE)  # a path to CSS is sent as a style


def follow() -> None:
    """Run the page again when its theme turns light or dark: pictures are drawn for one of them.

    The same few lines let the browser take in what draws figures before they are asked for, and keep every
    "why?" within the window.
    """
    component = st.components.v2.component("whyboard_theme", html="<i hidden></i>", js=_script())
    data = {"dark": is_dark(), "ahead": _drawer()}
    component(key="whyboard_theme", data=data, on_turned_change=lambda: None, height=1)


@cache
def _script() -> str:
    return _WHYS.read_text(encoding="utf-8") + _WATCH


@cache
def _drawer() -> str:
    """Return where the server has the script that draws figures, below its own address; empty if it is not found."""
    folder = Path(st.__file__).parent / "static"
    found = next(iter(folder.glob("static/js/PlotlyChart.*.js")), None)
    return found.relative_to(folder).as_posix() if found else ""


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
    """Return the ink that is easier to read on a colour: white, or nearly black."""
    return max(_INKS, key=lambda ink: contrast(ink, colour))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two opaque colours (``#rrggbb``) as WCAG 2 has it, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


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
    return st.context.theme.type == "dark"
