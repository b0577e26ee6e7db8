"""Small pieces that several pages share. Text given to them is plain; they escape it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from core.errors import WhyboardError
from ui import theme, words

__all__ = [
    "chip",
    "close_menu",
    "empty_page",
    "facts",
    "menu",
    "note",
    "refusal",
    "warnings_html",
    "warnings_list",
]


def refusal(error: WhyboardError) -> None:
    """Show a refusal: what is wrong, where, and what to do. Never a traceback."""
    st.html(f'<div class="wb-bad" role="alert">{words.html_error(error)}</div>')


def empty_page(what: str, first: str) -> None:
    """Say what will be on an empty page and what to do first."""
    st.html(
        f'<div style="padding:2.2rem 0 .6rem"><div style="font-size:1.25rem;font-weight:620">{words.html(what)}</div>'
        f'<div class="wb-muted" style="margin-top:.35rem;max-width:44rem">{words.html(first)}</div></div>'
    )


def note(text: str) -> None:
    """Show a quiet line of plain text."""
    st.html(f'<div class="wb-small wb-muted">{words.html(text)}</div>')


def warnings_list(warnings: Iterable[str]) -> None:
    """Show warnings, one a line, where there are any."""
    if lines := warnings_html(warnings):
        st.html(lines)


def warnings_html(warnings: Iterable[str]) -> str:
    """Return warnings as HTML, one a line."""
    return "".join(f'<div class="wb-warn">{words.html(words.sentence(text))}</div>' for text in warnings)


def chip(letter: str, colour: str) -> str:
    """Return the HTML of a hypothesis' letter on its colour."""
    style = f"background:{words.html(colour)};color:{theme.on_colour(colour)}"
    return f'<span class="wb-chip" style="{style}">{words.html(letter)}</span>'


def facts(pairs: Mapping[str, str]) -> None:
    """Show a few numbers with their words on one line: ``{"rows": "412"}`` reads "412 rows"."""
    inside = "".join(f"<span><b>{words.html(value)}</b> {words.html(name)}</span>" for name, value in pairs.items())
    st.html(f'<div class="wb-facts">{inside}</div>')


def menu(label: str, key: str, **options: Any) -> Any:
    """Return a popover that :func:`close_menu` closes: one that has done its work stays open over the page else."""
    return st.popover(label, key=f"{key}_{st.session_state.get(f'{key}_closed', 0)}", **options)


def close_menu(key: str) -> None:
    """Let a menu be closed when the page runs again."""
    st.session_state[f"{key}_closed"] = st.session_state.get(f"{key}_closed", 0) + 1
