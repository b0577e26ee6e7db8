"""What the pages after Draw share: what was fitted, and whether it still holds.

What can be fitted and how it is asked for (``ui.asking``) is handed on from here.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from core import study
from core.comparison.agreement import Agreement
from core.comparison.result import Comparison
from core.comparison.storage import comparison_from_bytes
from core.data.dataset import Dataset
from core.errors import StoreError, WhyboardError
from core.figures.graph import shared_positions
from core.figures.theme import Figure, Style, restored
from core.graph.layout import layered_positions
from core.hypothesis import Hypothesis
from core.store.records import Request
from core.study.holding import Changes
from ui import holding, kept, progress, session, theme, widgets, words
from ui.asking import (
    OWN_WAYS,
    Candidates,
    asked,
    candidates,
    fit_now,
    fit_settings,
    fits,
    live_request,
    own_ways,
    submit,
)
from ui.session import ProjectView

__all__ = [
    "OWN_WAYS",
    "Candidates",
    "Fitted",
    "asked",
    "candidates",
    "comparison_of",
    "csv",
    "drawn",
    "fit_now",
    "fit_settings",
    "fits",
    "fitted",
    "listed",
    "live_request",
    "name_of",
    "named",
    "offer",
    "opened",
    "outdated",
    "own_ways",
    "picture",
    "picture_of",
    "plot",
    "positions",
    "said",
    "short_names",
    "short_titles",
    "shown",
    "styles",
    "submit",
    "titles",
    "units",
]

#: What was asked of the fit without a press, so that it is asked once.
_ASKED_AT_ONCE = "asked_at_once"
#: Seconds that a changed drawing may take to be fitted again without a press.
AT_ONCE = 2.0
#: What is offered as CSV.
Rows = pd.DataFrame | Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Fitted:
    """The latest finished comparison.

    ``changed`` says in words what is no longer as it was fitted; it is empty while the fit holds.
    ``changes`` has also what needs no fit: another question, other thresholds. ``reworded`` says
    that columns have other words since.

    ``confirmation`` is the latest request to hold all of it against the joint models, if any, and
    ``agreements`` what that found.
    """

    request: Request
    comparison: Comparison
    hypotheses: Mapping[str, Hypothesis]
    changed: tuple[str, ...]
    changes: Changes
    reworded: bool = False
    confirmation: Request | None = None
    agreements: tuple[Agreement, ...] | None = None


def fitted(project: ProjectView, dataset: Dataset | None, found: Candidates) -> Fitted | None:
    """Return the latest finished comparison of this project, and what has changed since."""
    done = fits(project, ("done",))
    if not done:
        return None
    request = done[0]
    try:
        comparison = comparison_of(request.id)
    except StoreError:
        return None
    hypotheses = {record["name"]: Hypothesis.from_dict(record) for record in request.payload["hypotheses"]}
    changes = holding.changes_since(project, request)
    changed = holding.said(project, changes, request) if changes.fit else ()
    latest, agreements = _confirmation(project, request), None
    if latest is not None and latest.state == "done":
        with suppress(StoreError):
            agreements = comparison_of(latest.id).agreements or ()
    reworded = dataset is not None and holding.reworded(comparison, dataset)
    return Fitted(request, comparison, hypotheses, changed, changes, reworded, latest, agreements)


def _confirmation(project: ProjectView, request: Request) -> Request | None:
    """Return the latest confirmation of a fit, whatever was asked of it then."""
    known = {other.id: other for other in session.get_store().requests(project.token)}
    for other in known.values():
        confirmed = known.get(str(other.payload.get("confirms") or ""))
        if confirmed is not None and _rests_on(confirmed) == _rests_on(request):
            return other
    return None


def _rests_on(request: Request) -> Any:
    """Return what tells one fit from another; of requests from before keys were kept, what was asked."""
    payload = request.payload
    names = ("hypotheses", "fingerprint", "method", "draws", "seed")
    return payload.get("keys") or [payload[name] for name in names]


def comparison_of(id: str) -> Comparison:
    """Return what a request found, decoded once for all who look; StoreError where it is gone."""
    return kept.recall("comparison", id, lambda: comparison_from_bytes(session.get_store().result(id)))


def shown(project: ProjectView, empty: str) -> tuple[Candidates, Fitted | None]:
    """Return what a page of results shows; without a fit say what will be here (``empty``) and what to do first."""
    dataset = project.dataset()
    found = candidates(project, dataset)
    last = fitted(project, dataset, found) if dataset is not None else None
    if last is not None and dataset is not None:
        outdated(project, dataset, found, last)
        return found, last
    widgets.empty_page(empty, "First fit your hypotheses to your data.")
    if dataset is not None and found.ready:
        _fit_here(project, dataset, found, "Fit")
    session.page_link("fit", "Go to Fit", project, icon=":material/arrow_back:")
    return found, None


def outdated(project: ProjectView, dataset: Dataset, found: Candidates, last: Fitted) -> None:
    """Say what has changed since the fit that a page shows, and fit again right here.

    What takes moments is asked at once, what takes longer is offered with its time.
    """
    if not last.changed:
        _ask_at_once(project, dataset, found, last)
        return
    seconds = None if live_request(project) else _seconds(project, dataset, found)
    moments = isinstance(seconds, float) and seconds <= AT_ONCE
    if moments and not found.refused and not _in_vain(project):  # one left out is not what was drawn
        fit_now(project, dataset, found)
    st.html(
        f'<div class="wb-warn" data-testid="changed">Changed since this was fitted: '
        f"{words.html(', '.join(last.changed))}. What stands here is the fit before that.</div>"
    )
    _fit_here(project, dataset, found, "Fit again", seconds)


def _in_vain(project: ProjectView) -> bool:
    """Return whether what is drawn now was asked for before, and failed or was called off."""
    latest = next(iter(fits(project)), None)
    return latest is not None and latest.state != "done" and not holding.changes_since(project, latest).fit


def _seconds(project: ProjectView, dataset: Dataset, found: Candidates) -> float | WhyboardError:
    """Return about how long a fit would take; or why there can be none."""
    now = asked(project, found)
    try:
        return session.get_jobs().estimate(study.plan(dataset, now.hypotheses, **now.settings))
    except WhyboardError as error:
        return error


def _ask_at_once(project: ProjectView, dataset: Dataset, found: Candidates, last: Fitted) -> None:
    """Ask of the fit that there is what is asked now, once; never let an old effect pass for the one asked for."""
    if not (last.changes or last.reworded):
        st.session_state.pop(_ASKED_AT_ONCE, None)
        return
    running, wanted = live_request(project), holding.stamp(project)
    if running is None and st.session_state.get(_ASKED_AT_ONCE) != wanted:
        st.session_state[_ASKED_AT_ONCE] = wanted
        fit_now(project, dataset, found)
    said = words.html(words.listing(holding.said(project, last.changes, last.request)) or "the words for columns")
    if running is None:
        st.html(
            f'<div class="wb-warn" data-testid="changed">Changed since this was computed: {said}. '
            "What stands here is the answer before that.</div>"
        )
        _fit_here(project, dataset, found, "Answer again for")
    elif last.changes.effects:
        st.html(
            f'<div class="wb-warn" data-testid="changed">Changed: {said}. The fit holds, and its answer is on its way; '
            "the effect that stands here is that of the question before.</div>"
        )


def _fit_here(
    project: ProjectView,
    dataset: Dataset,
    found: Candidates,
    word: str,
    seconds: float | WhyboardError | None = None,
) -> None:
    """Offer to fit on the page where one is; while it is fitted, show how far it is."""
    running = live_request(project)
    if running is not None:
        progress.progress(project, running.id, brief=True)
        return
    progress.failures(next(iter(fits(project)), None))
    seconds = _seconds(project, dataset, found) if seconds is None else seconds
    if isinstance(seconds, WhyboardError):
        widgets.refusal(seconds)
        return
    many = words.count(len(found.ready), "hypothesis", "hypotheses")
    if st.button(f"{word} {many}, about {words.duration(seconds)}", key="fit_again", type="primary"):
        fit_now(project, dataset, found)


def styles(project: ProjectView, names: Iterable[str]) -> tuple[Style, ...]:
    """Return how each hypothesis is drawn, by letter; one that was deleted since keeps its letter in grey."""
    records = {record.letter: record for record in project.seen}
    return tuple(
        Style(letter, letter, records[letter].colour) if letter in records else Style(letter, letter, theme.MUTED)
        for letter in names
    )


def named(project: ProjectView, letter: str) -> str:
    """Return letter and name of a hypothesis, plain text."""
    return next((record.title for record in project.seen if record.letter == letter), letter)


def name_of(project: ProjectView, letter: str) -> str:
    """Return the name of a hypothesis without its letter, plain text; empty where that is all its name."""
    return next((record.name for record in project.seen if record.letter == letter and record.name != letter), "")


def short_names(project: ProjectView, letters: Iterable[str], most: int) -> dict[str, str]:
    """Return each hypothesis' name without its letter, cut so that different ones stay different; plain text."""
    wanted = list(letters)
    return dict(zip(wanted, words.clip_all([name_of(project, letter) for letter in wanted], most), strict=True))


def short_titles(project: ProjectView, nodes: Iterable[str], most: int) -> dict[str, str]:
    """Return the user's label for each node, cut so that different ones stay different."""
    wanted = list(nodes)
    return dict(zip(wanted, words.clip_all(map(project.title_of, wanted), most), strict=True))


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


def picture(draw: Callable[..., Figure], *facts: Hashable, **more: Hashable) -> Figure:
    """Return the figure that ``draw`` makes of facts that are compared by content: made once, for all who look."""
    made = functools.partial(draw, *facts, **more)
    return picture_of(
        (draw.__module__, draw.__qualname__, facts, tuple(sorted(more.items(), key=lambda fact: fact[0]))), made
    )


def picture_of(key: Hashable, draw: Callable[[], Figure]) -> Figure:
    """Return the figure kept under a key, which holds all that it is made of."""
    return restored(kept.recall("figure", key, lambda: str(draw().to_json())))


def said(title: str, subtitle: str = "") -> None:
    """Say over figures what they show: the finding, then what is drawn."""
    under = f'<div class="wb-drawn">{words.html(subtitle)}</div>' if subtitle else ""
    st.html(f'<div class="wb-finding">{words.html(title)}</div>{under}')


def drawn(text: str) -> None:
    """Say over a figure what is drawn, where other words stand between that and its finding."""
    st.html(f'<div class="wb-drawn">{words.html(text)}</div>')


def plot(figure: Figure, key: str, name: str, alt: str = "") -> None:
    """Show a figure; its menu saves it as SVG under ``name``, and ``alt`` says what it shows to who cannot see it."""
    st.plotly_chart(
        figure,
        key=key,
        theme=None,
        alt=alt or None,
        config={
            "displaylogo": False,
            "displayModeBar": "hover",
            "doubleClick": False,
            "modeBarButtonsToRemove": [
                "zoom2d", "pan2d", "select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d", "resetScale2d",
            ],
            "toImageButtonOptions": {"format": "svg", "filename": name},
        },
    )  # fmt: skip


def offer(rows: Callable[[], Rows], key: str, name: str) -> None:
    """Offer what figures show as CSV; its rows are put together when somebody takes them."""
    st.download_button(
        "These numbers as CSV",
        lambda: csv(rows()),
        f"{name}.csv",
        "text/csv",
        key=f"offer_{key}",
        type="tertiary",
        on_click="ignore",
    )


def opened(label: str, key: str) -> Any:
    """Return a closed section that knows whether it is open: what is in it is made, and sent, for who looks."""
    return st.expander(label, key=f"open_{key}", on_change="rerun")


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
        "As CSV", lambda: csv(rows), f"{name}.csv", "text/csv", key=f"csv_{name}", type="tertiary", on_click="ignore"
    )


def csv(rows: Rows) -> bytes:
    """Return rows as CSV that no spreadsheet runs: text that starts like a formula gets an apostrophe."""
    frame = rows.copy() if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    for column in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[column]):
            frame[column] = frame[column].map(_harmless)
    frame.columns = [_harmless(str(column)) for column in frame.columns]
    return frame.to_csv(index=False).encode("utf-8-sig")


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
