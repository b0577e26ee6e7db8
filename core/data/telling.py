"""How far reading is, told to whoever listens.

Readers say what they do as they would write to a log; most callers do not listen. Who does
(the process that reads uploads) listens for its own thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["Tell", "listening", "tell"]

Tell = Callable[[str, float], None]
"""Takes what is being done, in words, and how much of that is done, from 0 to 1."""

_listener: ContextVar[Tell | None] = ContextVar("whyboard_reading", default=None)


def tell(doing: str, share: float = 0.0) -> None:
    """Say what is being done, and how much of it is done."""
    if (listener := _listener.get()) is not None:
        listener(doing, min(max(share, 0.0), 1.0))


@contextmanager
def listening(listener: Tell) -> Iterator[None]:
    """Call ``listener`` with whatever is told in this thread meanwhile."""
    before = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(before)
