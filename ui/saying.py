"""On the Act page: what each hypothesis says follows, in a sentence an expert could say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from core.comparison.facts import ColumnFacts
from core.study.elastic import beside_all
from core.study.forecast import Acted
from core.study.reopening import Reopened
from core.study.said import Beside, amount_said
from ui import kept, results, widgets, words
from ui.acting import Asked
from ui.entered import NOTHING, Taken
from ui.results import Fitted
from ui.session import ProjectView

__all__ = ["beside", "columns_of", "lines"]


def beside(last: Fitted, reopened: Reopened, asked: Asked, taken: Taken = NOTHING) -> Mapping[str, Beside]:
    """Return what stands beside each amount: what one per cent more brings, what comes directly."""
    key = (last.request.id, asked, taken)
    worlds = (asked.before, asked.after)
    return kept.recall(
        "beside",
        key,
        lambda: beside_all(taken.acting(reopened, asked.given), worlds, asked.outcome, draws=400, rows=100),
    )


def columns_of(project: ProjectView, reopened: Reopened) -> Mapping[str, ColumnFacts]:
    """Return the columns in the words that the user has for them now."""
    return {
        one.name: replace(one, title=project.title_of(one.name), unit=project.unit_of(one.name))
        for one in reopened.comparison.data.columns
    }


def lines(project: ProjectView, reopened: Reopened, asked: Asked, found: Acted, beside: Mapping[str, Beside]) -> None:
    """Say by how much the outcome moves, a line a hypothesis; those that say the same share one."""
    columns = columns_of(project, reopened)
    by_words: dict[str, list[str]] = {}
    for one in found.forecasts:
        by_words.setdefault(amount_said(one, columns, asked.outcome, beside.get(one.name)), []).append(one.name)
    said = [
        (" ".join(widgets.chip(style.letter, style.colour) for style in results.styles(project, names)), text)
        for text, names in by_words.items()
    ]
    if len(by_words) > 1 and found.averaged.known:
        said.append(("<b>All, by their probabilities:</b>", amount_said(found.averaged, columns, asked.outcome)))
    inside = "".join(f"<div>{who} {words.html(words.sentence(text))}</div>" for who, text in said)
    st.html(f'<div class="wb-small wb-said" data-testid="said">{inside}</div>')
