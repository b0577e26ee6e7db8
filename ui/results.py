"""What the pages after Draw share: what can be fitted, what was fitted, and whether it still holds.

Hypotheses are compared under their letters, which are unique and short enough for a
sentence; pictures write the name beside the letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from core.check.independence import Rules
from core.comparison.agreement import Agreement
from core.comparison.result import Comparison
from core.comparison.storage import comparison_from_bytes
from core.data.dataset import Dataset
from core.errors import HypothesisError, StoreError, WhyboardError
from core.figures.graph import shared_positions
from core.figures.theme import Style
from core.graph.layout import layered_positions
from core.hypothesis import Hypothesis
from core.jobs.job import Asked
from core.model.resolve import resolve
from core.model.spec import ModelSpec
from core.store.records import Request
from ui import session, theme, widgets, words
from ui.session import HypothesisRecord, ProjectView

__all__ = [
    "Candidates",
    "Fitted",
    "asked",
    "candidates",
    "csv",
    "fit_settings",
    "fits",
    "fitted",
    "listed",
    "live_request",
    "named",
    "outdated",
    "own_ways",
    "plot",
    "positions",
    "shown",
    "styles",
    "submit",
    "titles",
    "units",
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


@dataclass(frozen=True)
class Fitted:
    """The latest finished comparison; ``changed`` says in words what is no longer as it was fitted.

    ``confirmation`` is the latest request to sample all of it with NUTS, if any. Where that
    found something else, ``comparison`` is what it found: it replaces what came first.
    """

    request: Request
    comparison: Comparison
    hypotheses: Mapping[str, Hypothesis]
    changed: tuple[str, ...]
    confirmation: Request | None = None
    agreements: tuple[Agreement, ...] | None = None


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
            resolve(record.hypothesis, dataset)
            ready.append(record)
        except WhyboardError as error:
            refused.append((record, error))
    nodes = tuple(dict.fromkeys(node.name for record in ready for node in record.hypothesis.nodes))
    specs = []
    try:
        specs = [resolve(record.hypothesis, dataset, nodes=nodes) for record in ready]
    except WhyboardError as error:  # together they leave no complete row
        refused += [(record, error) for record in ready]
        ready = []
    return Candidates(tuple(ready), tuple(refused), tuple(specs), nodes)


def fit_settings(project: ProjectView) -> dict[str, Any]:
    """Return method, draws and seed of this project's fits."""
    kept = project.settings.get("fit") or {}
    return {name: kept.get(name, value) for name, value in DEFAULTS.items()}


def own_ways(project: ProjectView, nodes: Iterable[str]) -> dict[str, str]:
    """Return the nodes that are fitted in a way of their own, with the way."""
    kept = (project.settings.get("fit") or {}).get(OWN_WAYS) or {}
    return {node: kept[node] for node in nodes if node in kept}


def asked(project: ProjectView, found: Candidates) -> Asked:
    """Return what a press on the fit button asks for now."""
    known = set(found.nodes)
    pairs = {(project.exposure, project.outcome)}
    pairs |= {(record.hypothesis.exposure, record.hypothesis.outcome) for record in found.ready}
    effects = sorted((x, y) for x, y in pairs if x in known and y in known and x != y and x and y)
    parts = {"rules": project.settings.get("rules") or {}, OWN_WAYS: own_ways(project, found.nodes)}
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


def fitted(project: ProjectView, dataset: Dataset | None, found: Candidates) -> Fitted | None:
    """Return the latest finished comparison of this project, and what has changed since."""
    done = fits(project, ("done",))
    if not done:
        return None
    request = done[0]
    try:
        comparison = _comparison(request.id)
    except StoreError:
        return None
    hypotheses = {record["name"]: Hypothesis.from_dict(record) for record in request.payload["hypotheses"]}
    changed = _changed(project, request, dataset, found)
    latest, agreements = _confirmation(project, request), None
    if latest is not None and latest.state == "done":
        with suppress(StoreError):
            sampled = _comparison(latest.id)
            agreements = sampled.agreements or ()
            if any(one.agrees is False for one in agreements):
                comparison = sampled  # what came first is replaced, and the page says so
    return Fitted(request, comparison, hypotheses, changed, latest, agreements)


def _confirmation(project: ProjectView, request: Request) -> Request | None:
    """Return the latest confirmation of a fit, or of the same fit under other thresholds."""
    known = {other.id: other for other in session.get_store().requests(project.token)}
    for other in known.values():
        confirmed = known.get(str(other.payload.get("confirms") or ""))
        if confirmed is not None and _question(confirmed) == _question(request):
            return other
    return None


def _question(request: Request) -> dict[str, Any]:
    options = {name: part for name, part in (request.payload.get("options") or {}).items() if name != "rules"}
    return {**request.payload, "options": options}


def _changed(project: ProjectView, request: Request, dataset: Dataset | None, found: Candidates) -> tuple[str, ...]:
    reasons = []
    if dataset is None or request.payload["fingerprint"] != dataset.fingerprint:
        reasons.append("the data")
    before = {record["name"]: _drawn(record) for record in request.payload["hypotheses"]}
    now = {h.name: _drawn(h.to_dict()) for h in found.hypotheses}
    redrawn = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
    if redrawn:
        reasons.append("hypothesis " + ", ".join(redrawn))
    options = request.payload.get("options") or {}
    ways = own_ways(project, found.nodes) != (options.get(OWN_WAYS) or {})
    if ways or any(request.payload[name] != value for name, value in fit_settings(project).items()):
        reasons.append("how it is fitted")
    if _rules(options) != _rules(asked(project, found).options):
        reasons.append("the thresholds")
    return tuple(reasons)


def _rules(options: Mapping[str, Any]) -> Rules:
    return Rules(**(options.get("rules") or {}))


def _drawn(record: Mapping[str, Any]) -> Any:
    """What a fit depends on: not where nodes stand, nor notes."""
    nodes = sorted(
        (n["name"], str(n.get("kind")), str(n.get("family")), str(n.get("link")), str(n.get("priors")))
        for n in record["nodes"]
    )
    edges = sorted((e["source"], e["target"], str(e.get("form")), str(e.get("prior"))) for e in record["edges"])
    return nodes, edges


@st.cache_resource(max_entries=24, show_spinner=False)
def _comparison(id: str) -> Comparison:
    return comparison_from_bytes(session.get_store().result(id))


def shown(project: ProjectView, empty: str) -> tuple[Candidates, Fitted | None]:
    """Return what a page of results shows; without a fit say what will be here (``empty``) and what to do first."""
    dataset = project.dataset()
    found = candidates(project, dataset)
    last = fitted(project, dataset, found) if dataset is not None else None
    if last is None:
        widgets.empty_page(empty, "First fit your hypotheses to your data.")
        session.page_link("fit", "Go to Fit", project, icon=":material/arrow_back:")
    else:
        outdated(project, last)
    return found, last


def outdated(project: ProjectView, last: Fitted) -> None:
    """Say what has changed since the fit that a page shows, with the way to fit again."""
    running = live_request(project) is not None
    if not last.changed or (running and last.changed == ("the thresholds",)):
        return  # thresholds are applied in moments: nothing should jump
    st.html(
        f'<div class="wb-warn" data-testid="changed">Changed since this was fitted: '
        f"{words.html(', '.join(last.changed))}. What stands here is the fit before that.</div>"
    )
    if not running and st.button("Fit again", key="fit_again", type="primary"):
        session.go("fit", project)


def styles(project: ProjectView, names: Iterable[str]) -> tuple[Style, ...]:
    """Return how each hypothesis is drawn, by letter; one that was deleted since keeps its letter in grey."""
    records = {record.letter: record for record in project.hypotheses()}
    return tuple(
        Style(letter, letter, records[letter].colour) if letter in records else Style(letter, letter, theme.MUTED)
        for letter in names
    )


def named(project: ProjectView, letter: str) -> str:
    """Return letter and name of a hypothesis, plain text."""
    return next((record.title for record in project.hypotheses() if record.letter == letter), letter)


def titles(project: ProjectView, nodes: Iterable[str]) -> dict[str, str]:
    """Return the user's label for each node."""
    return {node: project.title_of(node) for node in nodes}


def units(project: ProjectView, nodes: Iterable[str]) -> dict[str, str]:
    """Return the user's unit for each node; empty where there is none."""
    return {node: project.unit_of(node) for node in nodes}


def positions(hypotheses: Iterable[Hypothesis]) -> dict[str, tuple[float, float]]:
    """Return one place a node for pictures side by side."""
    drawn = list(hypotheses)
    fallback: dict[str, tuple[float, float]] = {}
    for hypothesis in drawn:
        for name, place in layered_positions(hypothesis.graph).items():
            fallback.setdefault(name, place)
    return shared_positions(drawn, fallback)


def plot(figure: Any, key: str, name: str, data: Sequence[Mapping[str, Any]] = ()) -> None:
    """Show a figure; its menu saves it as SVG under ``name``, and what it shows is offered as CSV."""
    st.plotly_chart(
        figure,
        key=key,
        theme=None,
        config={
            "displaylogo": False,
            "displayModeBar": "hover",
            "modeBarButtonsToRemove": [
                "zoom2d", "pan2d", "select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d", "resetScale2d",
            ],
            "toImageButtonOptions": {"format": "svg", "filename": name},
        },
    )  # fmt: skip
    if data:
        st.download_button(
            "These numbers as CSV",
            csv(data),
            f"{name}.csv",
            "text/csv",
            key=f"offer_{key}",
            type="tertiary",
            on_click="ignore",
        )


def listed(rows: Sequence[Mapping[str, Any]], name: str) -> None:
    """Show rows as a table, and offer them as CSV."""
    if not rows:
        st.html('<div class="wb-small wb-muted">Nothing to list.</div>')
        return
    frame = pd.DataFrame(list(rows))
    numbers = [name for name in frame.columns if pd.api.types.is_float_dtype(frame[name])]
    short = {name: st.column_config.NumberColumn(format="%.4g") for name in numbers}
    st.dataframe(frame, hide_index=True, width="stretch", column_config=short)
    st.download_button(
        "As CSV", csv(rows), f"{name}.csv", "text/csv", key=f"csv_{name}", type="tertiary", on_click="ignore"
    )


def csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return rows as CSV that no spreadsheet runs: text that starts like a formula gets an apostrophe."""
    frame = pd.DataFrame(list(rows))
    for column in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[column]):
            frame[column] = frame[column].map(_harmless)
    frame.columns = [_harmless(str(column)) for column in frame.columns]
    return frame.to_csv(index=False).encode("utf-8-sig")


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
