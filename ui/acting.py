"""The Act page: what would be changed, from where to where, and for whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from core.comparison.facts import ColumnFacts
from core.effects.settings import Setting, column_of
from core.errors import UsageError, WhyboardError
from core.study.moves import default_ends, default_levels, on_grid, span_of
from core.study.reopening import Reopened, reopen
from ui import kept, results, session, widgets, words
from ui.results import Fitted
from ui.session import ProjectView

__all__ = [
    "Asked",
    "ask",
    "for_whom",
    "levels_of",
    "opened",
    "reached_by",
    "reopened",
    "values_of",
    "whom_choices",
]

EVERYBODY = "everybody"


@dataclass(frozen=True)
class Asked:
    """What would be changed, of what, and for whom.

    ``before`` and ``after`` are the two worlds; ``node`` is what is moved, ``others`` what is held beside it.
    """

    node: str
    outcome: str
    before: tuple[Setting, ...]
    after: tuple[Setting, ...]
    others: tuple[Setting, ...]
    given: tuple[str, float] | None

    @property
    def ends(self) -> tuple[float, float]:
        """From where to where the node is moved."""
        return self.before[0].amount, self.after[0].amount


def opened(project: ProjectView, last: Fitted) -> Reopened | None:
    """Return the latest comparison with its draws and rows; None, with a word why, where they are no longer there."""
    if project.dataset() is None:
        return None
    try:
        return reopened(project, last)
    except WhyboardError as error:
        widgets.refusal(error)
        session.page_link("fit", "Fit again", project, icon=":material/arrow_back:")
        return None


def reopened(project: ProjectView, last: Fitted) -> Reopened:
    """Return the latest comparison with its draws and rows; WhyboardError where they are no longer there."""
    dataset = project.dataset()
    if dataset is None:
        raise UsageError("the data are not there any more", hint="Upload them again.")
    key = (last.request.id, dataset.fingerprint)
    return kept.recall("reopened", key, lambda: reopen(last.comparison, dataset, session.get_jobs().cache))


# -- what is asked ------------------------------------------------------------------------


def ask(project: ProjectView, reopened: Reopened) -> Asked | None:
    """Ask what would be changed, from where to where, and for whom."""
    columns = {column.name: column for column in reopened.comparison.data.columns}
    modelled = {model.node for fit in reopened.fits for model in fit.spec.nodes}
    outcomes = [name for name in columns if name in modelled]
    if len(columns) < 2 or not outcomes:
        widgets.note("There is nothing to act on: a hypothesis needs two columns.")
        return None
    titles = results.titles(project, columns)
    outcome = project.outcome if project.outcome in outcomes else outcomes[-1]
    across = st.columns([1.55, 1.8, 1.4, 1.2], vertical_alignment="bottom")
    with across[2]:
        outcome = st.selectbox(
            "What follows for", outcomes, outcomes.index(outcome), format_func=titles.__getitem__, key="act_outcome"
        )
    levers = [name for name in columns if name != outcome]
    first = project.exposure if project.exposure in levers else levers[0]
    with across[0]:
        node = st.selectbox(
            "What would you change?", levers, levers.index(first), format_func=titles.__getitem__, key="act_node"
        )
    with across[1]:
        ends = _move(project, reopened, columns[node], "act")
    with across[3]:
        given = for_whom(project, reopened, columns, (node, outcome), "act_given")
    rest = [name for name in levers if name != node]
    held = st.multiselect(
        "At the same time, set", rest, format_func=titles.__getitem__, key="act_others", placeholder="nothing else"
    ) if rest else []  # fmt: skip
    others = tuple(_hold(project, reopened, columns[name]) for name in held)
    before, after = ((Setting(node, end), *others) for end in ends)
    return Asked(node, outcome, before, after, others, given)


def values_of(reopened: Reopened, name: str) -> Any:
    """Return a column's values in the rows that were compared on, levels as codes; shape (N,)."""
    return reopened.observed.raw[name]


def levels_of(reopened: Reopened, name: str) -> tuple[str, ...]:
    """Return a column's levels; none of a number."""
    return column_of(reopened.fits[0].spec, name).response.levels


def _move(project: ProjectView, reopened: Reopened, column: ColumnFacts, key: str) -> tuple[float, float]:
    """Ask from where to where a column is moved."""
    name, levels = column.name, levels_of(reopened, column.name)
    if levels:
        left, right = st.columns(2, vertical_alignment="bottom")
        first, last = default_levels(values_of(reopened, name), len(levels))
        low = left.selectbox("from", levels, first, key=f"{key}_from_{name}")
        high = right.selectbox("to", levels, last, key=f"{key}_to_{name}")
        return float(levels.index(low)), float(levels.index(high))
    bottom, top, step = span_of(column, values_of(reopened, name))
    found = st.slider(
        f"from … to{_unit(project, name)}",
        bottom,
        top,
        value=default_ends(column, values_of(reopened, name)),
        step=step,
        key=f"{key}_slider_{name}",
    )
    return float(found[0]), float(found[1])


def _hold(project: ProjectView, reopened: Reopened, column: ColumnFacts) -> Setting:
    name, levels, title = column.name, levels_of(reopened, column.name), words.md(project.title_of(column.name))
    if levels:
        chosen = st.selectbox(f"{title} at", levels, _commonest(reopened, name), key=f"act_hold_{name}")
        return Setting(name, float(levels.index(chosen)))
    low, high, step = span_of(column, values_of(reopened, name))
    middle = on_grid(float(np.median(values_of(reopened, name))), low, step)
    value = st.slider(f"{title} at{_unit(project, name)}", low, high, value=middle, step=step, key=f"act_hold_{name}")
    return Setting(name, float(value))


def _commonest(reopened: Reopened, name: str) -> int:
    return int(np.bincount(values_of(reopened, name).astype(np.intp)).argmax())


def _unit(project: ProjectView, name: str) -> str:
    unit = project.unit_of(name)
    return f" ({words.md(unit)})" if unit else ""


def for_whom(
    project: ProjectView, reopened: Reopened, columns: Iterable[str], moved: tuple[str, str], key: str
) -> tuple[str, float] | None:
    """Ask for whom: everybody, or the rows of a level of something that the action does not reach."""
    choices = whom_choices(project, reopened, columns, reached_by(reopened, moved[0]) | set(moved))
    return choices.get(st.selectbox("For", list(choices), key=key))


def reached_by(reopened: Reopened, node: str) -> set[str]:
    """Return what a node acts on under any hypothesis."""
    return {name for one in reopened.comparison.drawn for name in one.graph.descendants(node)}


def whom_choices(
    project: ProjectView, reopened: Reopened, columns: Iterable[str], without: Collection[str]
) -> dict[str, tuple[str, float] | None]:
    """Return for whom something can be asked, by what it is called: everybody, and the levels of what is not left out."""
    choices: dict[str, tuple[str, float] | None] = {EVERYBODY: None}
    for name in columns:
        if name not in without:
            for code, level in enumerate(levels_of(reopened, name)[:12]):
                choices[f"{project.title_of(name)}: {level}"] = (name, float(code))
    return choices
