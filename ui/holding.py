"""What has changed since a fit, as pages say it; ``core.study.holding`` decides it."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from core.comparison.result import Comparison
from core.data.dataset import Dataset
from core.errors import WhyboardError
from core.jobs.job import basis_of
from core.store.records import Request
from core.study.holding import Basis, Changes, basis, changes
from ui import session, words
from ui.asking import asked, candidates, fits
from ui.session import ProjectView

__all__ = ["changes_since", "reworded", "said", "stamp", "standing"]


def standing(project: ProjectView) -> Changes:
    """Return what has changed since the latest finished fit; cheap enough to ask at every click."""
    done = fits(project, ("done",))
    return changes_since(project, done[0]) if done else Changes()


def changes_since(project: ProjectView, request: Request) -> Changes:
    """Return what has changed since a request was asked."""
    return _changes(stamp(project), request.id, project)


def stamp(project: ProjectView) -> tuple[Any, ...]:
    """Return what changes whenever something of a project does that an answer may rest on."""
    kept = json.dumps([project.settings.get(name) for name in ("fit", "rules", "rows")], sort_keys=True)
    version = project.upload.version if project.upload else ""
    drawn = tuple((record.id, record.letter, record.updated) for record in project.hypotheses())
    return project.token, version, project.exposure, project.outcome, kept, drawn


@st.cache_resource(max_entries=500, show_spinner=False)
def _changes(stamp: tuple[Any, ...], request: str, _project: ProjectView) -> Changes:
    dataset = _project.dataset()
    if dataset is None:
        return Changes(data=True)
    now = asked(_project, candidates(_project, dataset))
    try:
        rests_on = basis(dataset, now.hypotheses, **now.settings)
    except WhyboardError:  # it cannot be fitted in this way, which the button says
        rests_on = Basis(now.hypotheses, now.settings, dataset.fingerprint, {})
    return changes(basis_of(session.get_store().request(request).payload, dataset), rests_on, dataset)


def said(project: ProjectView, found: Changes, request: Request) -> tuple[str, ...]:
    """Return what has changed, in words."""
    was = words.listing(f"{project.title_of(x)} → {project.title_of(y)}" for x, y in request.payload["effects"])
    told = {
        "the data": found.data,
        f"hypothesis {', '.join(found.hypotheses)}": bool(found.hypotheses),
        "how it is fitted": found.settings,
        "how Whyboard computes it": found.version,
        f"the question (was {was})" if was else "the question": found.effects,
        "the thresholds": found.rules,
        "how rows are taken": found.rows,
    }
    return tuple(what for what, is_so in told.items() if is_so)


def reworded(comparison: Comparison, dataset: Dataset) -> bool:
    """Return whether columns are called otherwise, or counted in other units, than an answer says."""
    known = {column.name: (column.title, column.unit) for column in dataset.columns}
    return any(known.get(c.name, (c.title, c.unit)) != (c.title, c.unit) for c in comparison.data.columns)
