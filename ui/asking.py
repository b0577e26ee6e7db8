"""What can be fitted, and what a fit is asked for.

Hypotheses are compared under their letters, which are unique and short enough for a
sentence; pictures write the name beside the letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from core.check.rows_as import LOOK, RowsAs, rows_as
from core.data.dataset import Dataset
from core.errors import HypothesisError, WhyboardError
from core.hypothesis import Hypothesis
from core.jobs.job import Asked
from core.model.resolve import resolve
from core.model.spec import ModelSpec
from core.store.records import Request
from core.study.modelling import modelled
from ui import kept, session, widgets
from ui.session import HypothesisRecord, ProjectView

__all__ = [
    "OWN_WAYS",
    "Candidates",
    "asked",
    "candidates",
    "fit_now",
    "fit_settings",
    "fits",
    "kept_rows",
    "live_request",
    "own_ways",
    "submit",
]

DEFAULTS: Mapping[str, Any] = {"method": "auto", "draws": 4000, "seed": 1}
#: Node to the way that stands in for the project's there.
OWN_WAYS = "methods"


@dataclass(frozen=True)
class Candidates:
    """The hypotheses that can be fitted as they stand, and those that cannot, with the reason."""

    ready: tuple[HypothesisRecord, ...]
    refused: tuple[tuple[HypothesisRecord, WhyboardError], ...]
    specs: tuple[ModelSpec, ...]
    nodes: tuple[str, ...]

    @property
    def hypotheses(self) -> tuple[Hypothesis, ...]:
        """Under their letters, as they are compared."""
        return tuple(record.hypothesis.renamed(record.letter) for record in self.ready)


def candidates(project: ProjectView, dataset: Dataset | None) -> Candidates:
    """Resolve every drawing; what one of them lacks stops that one only."""
    ready, refused = [], []
    for record in project.hypotheses():
        try:
            if record.problem is not None:
                raise record.problem
            if not record.hypothesis.nodes:
                raise HypothesisError(
                    f"{record.title} has no nodes yet", hint="Draw at least one node, or delete the hypothesis."
                )
            _specs([record.hypothesis], dataset)
            ready.append(record)
        except WhyboardError as error:
            refused.append((record, error))
    nodes = tuple(dict.fromkeys(node.name for record in ready for node in record.hypothesis.nodes))
    specs: tuple[ModelSpec, ...] = ()
    try:
        specs = _specs([record.hypothesis for record in ready], dataset)
    except WhyboardError as error:  # together they leave no complete row
        refused += [(record, error) for record in ready]
        ready = []
    return Candidates(tuple(ready), tuple(refused), specs, nodes)


def _specs(hypotheses: Sequence[Hypothesis], dataset: Dataset | None) -> tuple[ModelSpec, ...]:
    """Resolve hypotheses beside one another; each is kept by what it says, so that a page resolves it once."""
    if dataset is not None:
        together = modelled(hypotheses, dataset)
        return tuple(together.spec(position, dataset) for position in range(len(hypotheses)))
    nodes = tuple(dict.fromkeys(node.name for hypothesis in hypotheses for node in hypothesis.nodes))
    return tuple(
        kept.recall("spec", (hypothesis, nodes), partial(resolve, hypothesis, nodes=nodes)) for hypothesis in hypotheses
    )


def fit_settings(project: ProjectView) -> dict[str, Any]:
    """Return method, draws and seed of this project's fits."""
    own = project.settings.get("fit") or {}
    return {name: own.get(name, value) for name, value in DEFAULTS.items()}


def kept_rows(project: ProjectView) -> RowsAs:
    """Return how this project takes rows; by what is found where its column is gone."""
    try:
        return rows_as(project.settings.get("rows"), project.dataset())
    except WhyboardError:
        return LOOK


def own_ways(project: ProjectView, nodes: Iterable[str]) -> dict[str, str]:
    """Return the nodes that are fitted in a way of their own, with the way."""
    own = (project.settings.get("fit") or {}).get(OWN_WAYS) or {}
    return {node: own[node] for node in nodes if node in own}


#: Seconds that a page waits for a fit before it shows how far it is: a changed arrow takes 0.7.
MOMENT = 1.0


def asked(project: ProjectView, found: Candidates) -> Asked:
    """Return what a press on the fit button asks for now."""
    known = set(found.nodes)
    own = (project.exposure, project.outcome)
    pairs = {own} | {(record.hypothesis.exposure, record.hypothesis.outcome) for record in found.ready}
    effects = sorted((x, y) for x, y in pairs if x in known and y in known and x != y and x and y)
    effects.sort(key=lambda pair: pair != own)  # the project's own question first
    parts = {
        "rules": project.settings.get("rules") or {},
        "rows": str(kept_rows(project)),
        OWN_WAYS: own_ways(project, found.nodes),
    }
    options = {name: part for name, part in parts.items() if part}
    return Asked(found.hypotheses, effects=tuple(effects), options=options, **fit_settings(project))


def submit(project: ProjectView, dataset: Dataset, found: Candidates, **options: Any) -> str:
    """Ask for a comparison of what can be fitted; return the request's id.

    ``options`` stand in for the project's own, where they were changed in this very run.

    Raises
    ------
    WhyboardError
        What the job service refuses.
    """
    what = asked(project, found)
    settings = {name: value for name, value in {**what.settings, **options}.items() if value is not None}
    return session.get_jobs().submit(project.token, dataset, what.hypotheses, **settings)


def live_request(project: ProjectView) -> Request | None:
    """Return the fit that is queued or running now, if any; a confirmation runs beside it and is none."""
    return next((request for request in fits(project) if request.live), None)


def fits(project: ProjectView, states: Iterable[str] | None = None) -> tuple[Request, ...]:
    """Return the project's fits, latest first, without confirmations."""
    found = session.get_store().requests(project.token, states)
    return tuple(request for request in found if not request.payload.get("confirms"))


def fit_now(project: ProjectView, dataset: Dataset, found: Candidates) -> None:
    """Ask for the fit and run the page again, or say why not.

    What takes a moment is waited for: its answer stands there at once, and no bar flickers before it.
    """
    try:
        session.get_jobs().wait(submit(project, dataset, found), MOMENT)
    except WhyboardError as error:
        widgets.refusal(error)
        return
    st.rerun()
