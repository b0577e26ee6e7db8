"""On the Act page: what one row, or a group of rows, would have shown, and what to expect of somebody new."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from core.errors import WhyboardError
from core.study.experiment_words import taken_words
from core.study.imagined_words import sentences_of
from core.study.imagining import imagine_from
from core.study.moves import span_of
from core.study.newcomer_words import FORECAST
from core.study.reopening import Reopened
from ui import kept, newcomer, onerow, results, widgets, words
from ui.acting import Asked, levels_of, values_of
from ui.entered import NOTHING, Taken
from ui.results import Fitted
from ui.session import ProjectView
from ui.why import why

__all__ = ["section"]

_OWN = (
    "An average says nothing of one row. Here its own circumstances, as they show in what was observed of it, stay what "
    "they were."
)
ROW, GROUP, NEW = "a row of the file", "a group", "somebody new"


def section(project: ProjectView, last: Fitted, reopened: Reopened, asked: Asked, taken: Taken = NOTHING) -> None:
    """Ask for whom and at which value, and say in sentences what each hypothesis says."""
    place = results.opened("This one row: what would have happened?", "act_row")
    if not place.open:
        return
    with place:
        who = st.segmented_control("About", _choices(reopened), default=ROW, key="act_row_who", required=True)
        st.html(f'<div class="wb-small">{FORECAST if who == NEW else _OWN} {why("counterfactual")}</div>')
        if who == NEW:
            newcomer.asked(project, last, reopened, asked, taken)
        elif who == GROUP:
            _group(project, last, reopened, asked, taken)
        else:
            _row(project, last, reopened, asked, taken)


def _choices(reopened: Reopened) -> list[str]:
    """Return whom may be asked about: where something carries over, only rows that have others before them."""
    if any(fit.spec.earlier for fit in reopened.fits):
        return [ROW]
    return [ROW, GROUP, NEW] if _levelled(reopened) else [ROW, NEW]


def _row(project: ProjectView, last: Fitted, reopened: Reopened, asked: Asked, taken: Taken) -> None:
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        row = onerow.chosen(project, reopened.dataset)
    own = float(reopened.dataset.values(asked.node)[row - 1])
    with right:
        value = _had_been(project, last, reopened, asked, None if np.isnan(own) else own)
    first = [column.name for column in last.comparison.data.columns]
    st.html(onerow.shown(project, reopened.dataset, row, first, (asked.node, asked.outcome)))
    _answers(project, last, reopened, asked, taken, value, row=row)


def _group(project: ProjectView, last: Fitted, reopened: Reopened, asked: Asked, taken: Taken) -> None:
    columns = _levelled(reopened)
    first = asked.node if asked.node in columns else columns[0]
    one, two, three = st.columns(3, vertical_alignment="bottom")
    titles = results.titles(project, columns)
    name = one.selectbox(
        "All rows with", columns, columns.index(first), format_func=titles.__getitem__, key="act_row_by"
    )
    levels = reopened.dataset.column(name).levels
    at = int(asked.ends[0]) if name == asked.node else 0
    level = two.selectbox("at", levels, at, key=f"act_row_at_{name}")
    with three:
        own = float(levels.index(level)) if name == asked.node else None
        value = _had_been(project, last, reopened, asked, own)
    _answers(project, last, reopened, asked, taken, value, where=(name, level))


def _levelled(reopened: Reopened) -> list[str]:
    return [column.name for column in reopened.dataset.columns if column.discrete and column.levels]


def _had_been(project: ProjectView, last: Fitted, reopened: Reopened, asked: Asked, own: float | None) -> str | float:
    """Ask what had been: at first that end of the asked step which lies further from what was."""
    title, levels = words.md(project.title_of(asked.node)), levels_of(reopened, asked.node)
    low, high = asked.ends
    first = high if own is None or abs(own - high) >= abs(own - low) else low
    if levels:
        first = low if own == high else high
        key = f"act_row_level_{asked.node}_{first:g}"  # its own first value each, which a row that has it does not keep
        return st.selectbox(f"Had {title} been", levels, int(first), key=key)
    column = next(one for one in last.comparison.data.columns if one.name == asked.node)
    bottom, top, step = span_of(column, values_of(reopened, asked.node))
    unit = project.unit_of(asked.node)
    label = f"Had {title} been{f' ({words.md(unit)})' if unit else ''}"
    return st.slider(label, bottom, top, value=first, step=step, key=f"act_row_value_{asked.node}_{first:g}")


def _answers(
    project: ProjectView,
    last: Fitted,
    reopened: Reopened,
    asked: Asked,
    taken: Taken,
    value: str | float,
    *,
    row: int | None = None,
    where: tuple[str, str] | None = None,
) -> None:
    """Say what each hypothesis says of a row or a group."""
    dataset = reopened.dataset
    by_words: dict[tuple[str, ...], list[str]] = {}
    fits = taken.acting(reopened, None).reopened.fits
    for facts, hypothesis, fit in zip(last.comparison.hypotheses, last.comparison.drawn, fits, strict=True):
        try:
            key = (last.request.id, hypothesis.name, row, where, asked.node, value, taken)
            ask = functools.partial(imagine_from, hypothesis, fit, dataset, {asked.node: value}, row=row, where=where)
            found = kept.recall("imagined", key, ask)
        except WhyboardError as error:
            widgets.refusal(error)
            continue
        by_words.setdefault(tuple(sentences_of(found, dataset, facts)), []).append(hypothesis.name)
    if taken.experiments:
        widgets.note(words.sentence(taken_words(taken.experiments)))
    _said(project, by_words)


def _said(project: ProjectView, by_words: Mapping[tuple[str, ...], Sequence[str]]) -> None:
    for said, names in by_words.items():
        chips = " ".join(widgets.chip(style.letter, style.colour) for style in results.styles(project, names))
        listed = "".join(f"<li>{words.html(text)}</li>" for text in said)
        st.html(f'<div class="wb-small" data-testid="imagined">{chips}<ul class="wb-claims">{listed}</ul></div>')
