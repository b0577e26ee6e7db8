"""What stands beside each step in the sidebar: what is done, what runs, what failed.

Each is a word or two, plain text, and cheap: it is said at every click.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.errors import WhyboardError
from core.store.records import Request
from ui import session, words
from ui.session import ProjectView

__all__ = ["state_of"]


@dataclass(frozen=True)
class Outcome:
    """The gist of a finished comparison, by the letters of its hypotheses."""

    contradicted: tuple[str, ...]
    stopped_by_gate: tuple[str, ...]


def state_of(key: str, project: ProjectView) -> str:
    """Return the state of a step; empty where there is nothing to say."""
    try:
        return _STATES[key](project) if key in _STATES else ""
    except WhyboardError:
        return ""


def _data(project: ProjectView) -> str:
    if project.upload is None:
        return ""
    dataset = project.dataset()
    return "unreadable" if dataset is None else words.count(dataset.rows, "row")


def _draw(project: ProjectView) -> str:
    letters = [drawing.letter for drawing in project.hypotheses()]
    return " ".join(letters[:6]) + (" …" if len(letters) > 6 else "")


def _fit(project: ProjectView) -> str:
    requests = session.get_store().requests(project.token)
    latest = next((request for request in requests if not request.payload.get("confirms")), None)
    if latest is None:
        return ""
    if latest.live:
        return f"{100 * _fraction(latest):.0f} %"
    confirming = next((r for r in requests if r.live and r.payload.get("confirms") == latest.id), None)
    if confirming is not None:
        return f"confirming {100 * _fraction(confirming):.0f} %"
    if latest.state == "done":
        stuck = _outcome(latest.id).stopped_by_gate
        if latest.errors:
            return "done in part"
        return f"{' '.join(stuck)} not settled" if stuck else "done"
    return latest.state


def _fraction(request: Request) -> float:
    """Return how far a request is now: what is written down of it is seconds old."""
    return session.get_jobs().status(request.id).fraction


def _check(project: ProjectView) -> str:
    done = session.get_store().requests(project.token, ("done",))
    latest = next((request for request in done if not request.payload.get("confirms")), None)
    if latest is None:
        return ""
    failing = _outcome(latest.id).contradicted
    if not failing:
        return "none fails"
    return f"{' '.join(failing[:4])} {'fails' if len(failing) == 1 else 'fail'}"


@st.cache_resource(max_entries=64, show_spinner=False)
def _outcome(request: str) -> Outcome:
    from core.comparison.storage import comparison_from_bytes

    facts = comparison_from_bytes(session.get_store().result(request)).hypotheses
    return Outcome(
        tuple(one.name for one in facts if one.contradicted),
        tuple(one.name for one in facts if not one.gates.passed),
    )


_STATES: dict[str, Callable[[ProjectView], str]] = {"data": _data, "draw": _draw, "fit": _fit, "check": _check}
