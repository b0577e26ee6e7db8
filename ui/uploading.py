"""A data file that was given on a page: read in a process of its own, with its progress and a way to call it off.

What is read within a moment shows nothing of this. What takes longer shows how far it is and
can be called off; who leaves the page, reloads it or closes the tab calls it off too.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.data.apart import Progress, Reading, Table
from core.data.limits import LIMITS
from core.errors import WhyboardError
from ui import session, widgets, words

__all__ = ["Upload", "arrive", "call_off_unseen", "uploaded"]

PATIENCE = 0.8
"""Seconds that a page waits for a file before it shows that it does."""
POLL_SECONDS = 0.4
AWAY_SECONDS = 5.0
"""How long a browser may be away, as where a network drops, until it counts as left."""

_HELD, _SEEN, _ROUND, _SAID, _PLACE = (f"uploads_{what}" for what in ("held", "seen", "round", "said", "place"))
# From where to where on the bar each of what a reader tells lies; the rest stays where it was.
_SPANS = {
    "unpacking": (0.0, 0.05),
    "counting the cells": (0.0, 0.05),
    "finding the rows": (0.05, 0.2),
    "reading the rows": (0.05, 0.8),
    "reading the cells": (0.2, 0.8),
    "telling what each column is": (0.8, 0.95),
    "handing it over": (0.95, 1.0),
}


@dataclass(frozen=True)
class Upload:
    """A file that was read: what it is called, its bytes, and the table in it."""

    name: str
    content: bytes
    read: Table


@dataclass
class _Held:
    """A file that stands in an uploader of this tab, and what became of it."""

    file_id: str
    name: str
    place: str
    reading: Reading | None = None
    begun: float = field(default_factory=time.monotonic)
    far: float = 0.0  # on the bar; it never goes back
    called_off: bool = False
    refusal: WhyboardError | None = None


def uploaded[T](key: str, take: Callable[[Upload], T], *, kept: str = "") -> T | None:
    """Offer an uploader for a table; return what ``take`` made of the file, once.

    Parameters
    ----------
    key : str
        The uploader's own key.
    take : callable
        Called once a file, when it was read; asks nothing of Streamlit.
    kept : str
        What to say beside a refusal: what is still there.
    """
    rounds = st.session_state.setdefault(_ROUND, {})
    number = rounds.get(key, 0)
    given = st.file_uploader("One table, a column a variable", key=f"{key}_{number}" if number else key)
    widgets.note(
        f"CSV, TSV, Parquet, Excel, Stata or Arrow, up to {words.size(LIMITS.bytes)} and {LIMITS.columns:,} columns."
    )
    held = _holding()
    st.session_state.setdefault(_SEEN, set()).add(key)
    if given is None or (key in held and held[key].file_id != given.file_id):
        _drop(key)
    if given is None:
        if said := st.session_state.get(_SAID, {}).get(key):
            widgets.note(said)
        return None
    st.session_state.get(_SAID, {}).pop(key, None)
    if key not in held:
        held[key] = _Held(given.file_id, given.name, st.session_state.get(_PLACE, ""))
        _begin(held[key], given.getvalue())
    mine = held[key]
    reading = mine.reading
    if reading is not None and reading.cancelled and not mine.called_off:  # away for a while, and here again
        _begin(mine, given.getvalue())
    if mine.reading is not None and not mine.reading.wait(max(0.0, mine.begun + PATIENCE - time.monotonic())):
        _show(key)
        return None
    return _take(mine, given.getvalue, take, kept)


def arrive(page: str) -> None:
    """Note which page of which project is about to be drawn; call off what was given elsewhere."""
    place = f"{page}?{st.query_params.get('p', '')}"
    st.session_state[_PLACE] = place
    for mine in _holding().values():
        if mine.place != place and mine.reading is not None:
            mine.reading.cancel()
            mine.reading, mine.called_off = None, True  # the file may stand there still; it was for that other place


def call_off_unseen() -> None:
    """Call off what was given in an uploader that the page, now drawn, does not show any more."""
    seen = st.session_state.pop(_SEEN, set())
    for key in list(_holding()):
        if key not in seen:
            _drop(key)


def _take[T](mine: _Held, content: Callable[[], bytes], take: Callable[[Upload], T], kept: str) -> T | None:
    reading, mine.reading = mine.reading, None
    if reading is not None:
        try:
            return take(Upload(mine.name, content(), reading.result()))
        except WhyboardError as error:
            mine.refusal = error
    if mine.refusal is not None:
        widgets.refusal(mine.refusal)
        if kept:
            widgets.note(kept)
    return None


def _begin(mine: _Held, content: bytes) -> None:
    mine.reading, mine.begun, mine.far = session.get_readers().read(content, mine.name, _alive()), time.monotonic(), 0.0


def _drop(key: str) -> None:
    mine = _holding().pop(key, None)
    if mine is not None and mine.reading is not None:
        mine.reading.cancel()


def _holding() -> dict[str, _Held]:
    held: dict[str, _Held] = st.session_state.setdefault(_HELD, {})
    return held


def _alive() -> Callable[[], bool]:
    """Return a function that tells, outside of any run, whether this browser tab is still there."""
    context = get_script_run_ctx()
    id = context.session_id if context is not None else ""
    last = [time.monotonic()]

    def alive() -> bool:
        now = time.monotonic()
        if runtime.exists() and runtime.get_instance().is_active_session(id):
            last[0] = now
        return now - last[0] < AWAY_SECONDS

    return alive


@st.fragment(run_every=POLL_SECONDS)
def _show(key: str) -> None:
    """Show how far a file is, until it has ended."""
    mine = _holding().get(key)
    if mine is None or mine.reading is None or mine.reading.ended:
        st.rerun()
        return
    now = mine.reading.progress
    mine.far = max(mine.far, _far(now))
    st.progress(mine.far, f"Reading {words.md(words.clip(mine.name, 40))}")
    left, right = st.columns([3, 1.2], vertical_alignment="center")
    with left:
        widgets.note(f"{_doing(now)} · {now.seconds:.0f} s")
    if right.button("Cancel", key=f"cancel_{key}", width="stretch"):
        mine.called_off = True
        _drop(key)
        rounds = st.session_state.setdefault(_ROUND, {})
        rounds[key] = rounds.get(key, 0) + 1  # a fresh uploader, without the file
        st.session_state.setdefault(_SAID, {})[key] = f"{mine.name} was not read: you called it off."
        st.rerun()


def _far(now: Progress) -> float:
    low, high = _SPANS.get(now.doing.partition(",")[0], (0.0, 0.0))
    return low + (high - low) * now.share


def _doing(now: Progress) -> str:
    if now.doing != "waiting":
        return words.sentence(now.doing).rstrip(".")
    others = "another file is" if now.ahead == 1 else f"{now.ahead} other files are"
    return f"Waiting: {others} read first" if now.ahead else "Waiting"
