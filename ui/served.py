"""What Streamlit need not find out by itself."""

from __future__ import annotations

import streamlit as st
from streamlit import delta_generator

__all__ = ["spare_a_look_around"]


def spare_a_look_around() -> None:
    """Tell Streamlit that it runs in its server, which it else finds out with the first element.

    It reads the sources of all that is on the stack and asks the disk about every module: 0.3 s,
    which among sixteen visitors at once were sixteen for the one who came first.
    """
    if st.runtime.exists():
        delta_generator._use_warning_has_been_displayed = True
