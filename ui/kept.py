"""What pages made and show again: by all that it was made of, bounded in bytes, shared by all visitors.

A key holds the content that a value follows from (a specification, a data set's fingerprint, a
request whose result never changes), so nobody finds what they could not have made themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

import streamlit as st

from core.memory import Memory

__all__ = ["clear", "recall"]

#: Comparisons, draws from priors and figures of the projects that are open, least recently used first out.
MAX_BYTES = 256_000_000


@st.cache_resource(show_spinner=False)
def _memory() -> Memory:
    return Memory(MAX_BYTES)


def recall[T](kind: str, key: Hashable, make: Callable[[], T]) -> T:
    """Return what ``make`` returned for this key before; made now, and kept, where it is not there.

    What is returned is everybody's: never change it in place.
    """
    return _memory().recall((kind, key), make)


def clear() -> None:
    """Forget everything."""
    _memory.clear()
