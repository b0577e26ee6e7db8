"""Fields that always show what is kept, and keep the keyboard where it is.

A field whose key changed with its value would be another one after each change, and whoever works
without a mouse would stand at the top of the page again. Here the key stays, and the value is put in
only where it is not what is kept: after an undo, a refusal, or a change in another tab.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from ui import words

__all__ = ["choose", "pick", "write"]

#: Takes the text, or what was chosen: ``None`` for what is left open.
Take = Callable[[str | None], object]


def choose(
    label: str,
    options: Sequence[str | None],
    now: str | None,
    key: str,
    say: Callable[[str | None], str],
    take: Take,
    help: str | None = None,
) -> None:
    """Offer one of several; what is kept is among them, whatever is offered."""
    offered = [option or "" for option in dict.fromkeys((*options, now))]
    _show(key, now or "")
    on_change = partial(_took, key, take)
    st.selectbox(label, offered, key=key, format_func=lambda v: say(v or None), on_change=on_change, help=help)


def pick(label: str, options: Mapping[str, str | None], now: str | None, key: str, take: Take, help: str) -> None:
    """Offer a few, by the words for each, all in sight."""
    word = next(said for said, value in options.items() if value == now)
    _show(key, word)
    on_change = partial(_picked, key, options, take)
    st.radio(label, list(options), key=key, horizontal=True, on_change=on_change, help=help)


def write(label: str, now: str, key: str, take: Take, placeholder: str = "", most: int = 500) -> None:
    """Offer a line of text."""
    _show(key, now)
    st.text_input(label, key=key, max_chars=most, placeholder=placeholder or None, on_change=partial(_wrote, key, take))


def _show(key: str, now: str) -> None:
    if key not in st.session_state or st.session_state[key] != now:
        st.session_state[key] = now


def _took(key: str, take: Take) -> None:
    take(st.session_state[key] or None)


def _picked(key: str, options: Mapping[str, str | None], take: Take) -> None:
    take(options[st.session_state[key]])


def _wrote(key: str, take: Take) -> None:
    take(words.one_line(st.session_state[key] or ""))
