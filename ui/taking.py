"""Files that stand in an uploader, each taken once.

An uploader hands its file over at every run of the page, for as long as it stands there: after
the rerun that shows what was made of it, after every click elsewhere, after coming back to the
page. Whoever acts on "there is a file" acts on it again each time. So a file is marked as taken
*before* anything is made of it, and by the id that Streamlit gives to each upload: the same
file chosen anew is another upload, and taken again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import streamlit as st

from core.errors import WhyboardError
from ui import widgets

__all__ = ["Given", "is_new", "taken_once"]


class Given(Protocol):
    """What ``st.file_uploader`` hands over."""

    file_id: str
    name: str

    def getvalue(self) -> bytes:
        """Return the file's bytes."""
        ...


def is_new(key: str, given: Given | None) -> bool:
    """Return whether the file of an uploader was not seen before, and mark it as seen.

    Parameters
    ----------
    key : str
        The uploader's own key, so that two uploaders do not know each other's files.
    given : file, optional
        What ``st.file_uploader`` returned.
    """
    if given is None or st.session_state.get(f"taken_{key}") == given.file_id:
        return False
    st.session_state[f"taken_{key}"] = given.file_id
    return True


def taken_once[T](key: str, given: Given | None, take: Callable[[str, bytes], T]) -> T | None:
    """Return what ``take(name, content)`` made of a file, once; None at every later run.

    A refusal is shown here, and again at later runs for as long as the file stands in the
    uploader, without another try.

    Parameters
    ----------
    take : callable
        Is called once a file, and asks nothing of Streamlit: where the page is run anew in the
        middle, Streamlit leaves at the next question to it, and half would be done.
    """
    refusal_key = f"refused_{key}"
    if is_new(key, given) and given is not None:
        st.session_state.pop(refusal_key, None)
        try:
            return take(given.name, given.getvalue())
        except WhyboardError as error:
            st.session_state[refusal_key] = (given.file_id, error.at(given.name))
    id, refusal = st.session_state.get(refusal_key, ("", None))
    if given is not None and refusal is not None and id == given.file_id:
        widgets.refusal(refusal)
    return None
