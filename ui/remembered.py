"""What fields hold while another page is shown.

A tab forgets a field's value when it draws a page without it. What an answer on the page hangs on is held
beside it, for each project, so that who comes back finds the question as it was asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from ui.session import ProjectView

__all__ = ["hold", "start"]


def start(project: ProjectView, key: str, default: object, fits: Callable[[Any], bool] = lambda _: True) -> str:
    """Put into a field, before it is drawn, what it held last, or its default; return its key.

    What does not fit any more, such as a bound outside of the data, makes way for the default.
    """
    held: dict[str, object] = st.session_state.get(_place(project), {})
    if key not in st.session_state:
        st.session_state[key] = held.get(key, default)
    if not fits(st.session_state[key]):
        st.session_state[key] = default
    return key


def hold(project: ProjectView, key: str) -> None:
    """Hold what a field that was drawn holds."""
    st.session_state.setdefault(_place(project), {})[key] = st.session_state[key]


def _place(project: ProjectView) -> str:
    return f"held_{project.token}"
