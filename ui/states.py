"""What stands beside each step in the sidebar: what is done, what runs, what failed.

Each is a word or two, plain text, and cheap: it is said at every click.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.errors import WhyboardError
from core.store.records import Request
from ui import holding, kept, session, words
from ui.asking import fits
from ui.session import ProjectView

__all__ = ["state_of"]


@dataclass(frozen=True)
class Outcome:
    """The gist of a finished comparison, by the letters of its hypotheses."""

    contradicted: tuple[str, ...]
    otherwise: str  # where none is
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
        changed = _changed(project)
        if changed:
            return changed
        stuck = _outcome(latest.id).stopped_by_gate
        if latest.errors:
            return "done in part"
        return f"{' '.join(stuck)} not settled" if stuck else "done"
    return latest.state


def _fraction(request: Request) -> float:
    """Return how far a request is now: what is written down of it is seconds old."""
    return session.get_jobs().status(request.id).fraction


def _changed(project: ProjectView) -> str:
    """Return what the latest fit is not of any more; empty while it holds."""
    found = holding.standing(project)
    if found.data:
        return "data changed"
    if found.hypotheses:
        return f"{' '.join(found.hypotheses[:4])} changed"
    return "settings changed" if found.fit else ""


def _check(project: ProjectView) -> str:
    latest = next(iter(fits(project, ("done",))), None)
    if latest is None or _changed(project):
        return ""  # what failed then says nothing of what is drawn now
    outcome = _outcome(latest.id)
    failing = outcome.contradicted
    if not failing:
        return outcome.otherwise
    return f"{' '.join(failing[:4])} {'fails' if len(failing) == 1 else 'fail'}"


def _outcome(request: str) -> Outcome:
    return kept.recall("outcome", request, lambda: _read_outcome(request))


def _read_outcome(request: str) -> Outcome:
    from ui.results import comparison_of  # a page without a fit need not wait for what results need

    facts = comparison_of(request).hypotheses
    claims = [test for one in facts for test in one.bearing]
    suspended = any(test.contradicted is None for test in claims)
    doubted = [one.name for one in facts if any(test.accused for test in one.doubted_bearing)]
    held = f"{' '.join(doubted[:4])} in doubt" if doubted else "none fails"
    return Outcome(
        tuple(one.name for one in facts if one.contradicted_bearing),
        "not judged" if suspended else held if claims else "nothing to test",
        tuple(one.name for one in facts if not one.gates.passed),
    )


_STATES: dict[str, Callable[[ProjectView], str]] = {"data": _data, "draw": _draw, "fit": _fit, "check": _check}
