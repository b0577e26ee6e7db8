"""The Act page: hypotheses that could not be fitted keep their place, with what can be said of them all the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from core.effects.steps import Step
from core.figures.scores import Interval
from core.fit.posterior import Summary
from core.hypothesis import Hypothesis
from core.study.reopening import Reopened
from core.study.unfitted import unfitted
from core.study.unfitted_records import Asking, Spread, Unfitted
from core.study.unfitted_rows import has_unmeasured
from core.study.unfitted_words import ANSWERS, told_of
from core.words import number
from ui import kept, results, widgets, words
from ui.acting import Asked
from ui.missing import missing
from ui.results import Candidates, Fitted
from ui.session import ProjectView
from ui.why import why

__all__ = ["LeftOpen", "alone", "answers", "panel", "rows"]


@dataclass(frozen=True, eq=False)
class LeftOpen:
    """A hypothesis that could not be fitted, by its letter, and what it says of the action."""

    hypothesis: Hypothesis
    colour: str
    found: Unfitted


def answers(
    project: ProjectView, found: Candidates, last: Fitted, reopened: Reopened, asked: Asked
) -> tuple[LeftOpen, ...]:
    """Return what each hypothesis that could not be fitted says of the action; found once for each."""
    left = [(one.hypothesis.renamed(one.letter), one) for one in missing(project, found, last)]
    drawn = [*last.comparison.drawn, *(hypothesis for hypothesis, _ in left)]
    columns = tuple(column.name for column in last.comparison.data.columns)
    step = None if asked.others else Step(*asked.ends)
    asking = Asking(asked.node, asked.outcome, step, asked.given)
    answered = []
    for hypothesis, one in left:
        titles = results.short_titles(project, dict.fromkeys((*hypothesis.graph.nodes, *columns)), 40)
        key = (last.request.id, asking, tuple(drawn), hypothesis.name, one.reason, tuple(titles.items()))
        rivals = [rival for rival in drawn if rival is not hypothesis]
        rows_of = reopened.dataset
        ask = partial(unfitted, hypothesis, rows_of, asking, one.reason, rivals=rivals, also=columns, titles=titles)
        answered.append(LeftOpen(hypothesis, one.colour, kept.recall("left open", key, ask)))
    return tuple(answered)


def alone(project: ProjectView, found: Candidates) -> None:
    """Where nothing is fitted, say of the project's own question what hypotheses with unmeasured causes say of it."""
    dataset, x, y = project.dataset(), project.exposure, project.outcome
    left = [(record.hypothesis.renamed(record.letter), record) for record, _ in found.refused if record.problem is None]
    left = [(hypothesis, record) for hypothesis, record in left if has_unmeasured(hypothesis)]
    if found.ready or not left or dataset is None or x is None or y is None or not {x, y} <= set(dataset.names):
        return
    column, drawn = dataset.column(x), [hypothesis for hypothesis, _ in left]
    ends = (0.0, len(column.levels) - 1.0) if column.discrete else np.nanquantile(dataset.values(x), (0.25, 0.75))
    low, high = (column.levels[int(end)] if column.discrete else number(float(end)) for end in ends)
    asking = Asking(x, y, Step(float(ends[0]), float(ends[1])))
    answered = []
    for hypothesis, record in left:
        titles = results.short_titles(project, hypothesis.graph.nodes, 40)
        key = (dataset.fingerprint, asking, tuple(drawn), hypothesis.name, tuple(titles.items()))
        rivals = [rival for rival in drawn if rival is not hypothesis]
        ask = partial(unfitted, hypothesis, dataset, asking, "", rivals=rivals, titles=titles)
        answered.append(LeftOpen(hypothesis, record.colour, kept.recall("left open alone", key, ask)))
    title = f"{project.title_of(y)}, if {project.title_of(x)} were {high} instead of {low}"
    results.said(f"{title[:1].upper()}{title[1:]}", "no hypothesis can be fitted; what each says all the same")
    panel(project, answered)


def rows(project: ProjectView, left: Sequence[LeftOpen]) -> list[Interval]:
    """Return a row, or some, for each where there is an interval: an estimate, bounds, or prior beside posterior."""
    return [row for one in left for row in _rows(project, one)]


def _rows(project: ProjectView, one: LeftOpen) -> list[Interval]:
    label, colour, found = results.named(project, one.hypothesis.name), one.colour, one.found
    drawn = []
    if found.estimate is not None and found.estimate.contrasts is not None:
        note = ANSWERS[found.estimate.by]
        drawn = [Interval(f"{label}, {note}", None, heading=True)]
        return [*drawn, *(_interval(level, part, colour) for level, part in found.estimate.contrasts.items())]
    if found.estimate is not None and found.estimate.contrast is not None:
        drawn.append(_interval(label, found.estimate.contrast, colour, ANSWERS[found.estimate.by]))
    if found.bounds is not None and len(found.bounds.chances) and _is_chance(found):
        effect = found.bounds.effect
        note = "bounds, no estimate" if not drawn else "bounds, whatever the form"
        drawn.append(Interval(label, None, effect.low, effect.high, colour=colour, note=note, bounds=True))
    if found.beside is not None:
        heading = Interval(label, None, heading=True)
        before = _interval("before any row (your prior)", found.beside.prior, colour, pale=True)
        return [heading, before, _interval("what the rows leave", found.beside.posterior, colour, "no estimate")]
    note = "not worked out" if found.identified else "cannot be known from this"
    return drawn or [Interval(label, None, colour=colour, note=note)]


def _is_chance(found: Unfitted) -> bool:
    """Return whether bounds are of a chance, so that they stand on the axis of the others."""
    assert found.bounds is not None
    return found.bounds.of_two


def _interval(label: str, found: Summary | Spread, colour: str, note: str = "", pale: bool = False) -> Interval:
    middle = float(found.get("q50", found["mean"]))  # type: ignore[arg-type]
    return Interval(label, middle, found["q05"], found["q95"], colour=colour, note=note, pale=pale)


def panel(project: ProjectView, left: Sequence[LeftOpen]) -> None:
    """Say of each hypothesis that could not be fitted what can be known all the same, and how more could be."""
    if not left:
        return
    st.html(f'<div class="wb-small"><b>Not fitted, and what they say all the same</b> {why("unfitted")}</div>')
    for one in left:
        asked = one.found.identification
        unit = project.unit_of(asked.outcome) if asked is not None else ""
        titles = results.short_titles(project, one.hypothesis.graph.nodes, 40)
        told = told_of(one.found, lambda name, said=titles: said.get(name, name), unit)  # type: ignore[misc]
        chip = widgets.chip(one.hypothesis.name, one.colour)
        more = "".join(f"<li>{words.html(text)}</li>" for text in told.more)
        listed = f'<ul class="wb-claims">{more}</ul>' if more else ""
        drawn = "it draws an unmeasured cause, with which no model is fitted"
        reason = drawn if has_unmeasured(one.hypothesis) else f"it is not fitted: {one.found.reason}"
        st.html(
            f'<div class="wb-small" data-testid="left-open">{chip} {words.html(told.answer)}{listed}'
            f'<div class="wb-muted">{words.html(words.sentence(reason))}</div></div>'
        )
