"""On the Act page: what follows if everyone, or only some, were moved from where they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.comparison.facts import ColumnFacts
from core.effects.settings import Setting
from core.errors import WhyboardError
from core.figures.scores import interval_figure
from core.study.moves import span_of
from core.study.reopening import Reopened
from core.words import joined, number
from ui import follows, kept, results, theme, widgets, words
from ui.acting import Asked, levels_of, reached_by, values_of, whom_choices
from ui.entered import Taken
from ui.results import Fitted
from ui.session import ProjectView
from ui.why import why

__all__ = ["section"]

_MOST = 3  # changes at the same time
_WAYS = {"by per cent": "scale", "by so much": "shift", "over a range": "spread", "to": "set"}


@dataclass(frozen=True)
class _Change:
    """One change, and the words for it."""

    setting: Setting
    said: str


def section(project: ProjectView, last: Fitted, reopened: Reopened, asked: Asked, taken: Taken) -> None:
    """Ask what is moved, by how much and for whom; show what follows, compared with leaving all as it is."""
    place = results.opened("Another kind of change: move everyone, or only some", "act_policy")
    if not place.open:
        return
    with place:
        st.html(
            '<div class="wb-small">Each row starts from where it is: all prices 10 % lower, one more visit in the '
            f"north only, shares spread evenly. What is compared with is the rows as they are. {why('policy')}</div>"
        )
        changes = _changes(project, last, reopened, asked)
        if not changes:
            return
        settings = tuple(change.setting for change in changes)
        key = (last.request.id, settings, asked.outcome, asked.given, taken)
        try:
            found = kept.recall(
                "policy",
                key,
                lambda: taken.acting(reopened, asked.given).act(((), settings), asked.outcome, draws=400, rows=100),
            )
        except WhyboardError as error:
            widgets.refusal(error)
            return
        y = project.title_of(asked.outcome)
        title = f"{y[:1].upper() + y[1:]}, if {joined([change.said for change in changes])}"
        results.said(title, "compared with everyone as they are; dot: posterior mean; bars: 50 % and 90 % intervals")
        rows = follows.intervals(project, found)
        axis = follows.axis_of(project, reopened, asked.outcome, found)
        figure = results.picture(interval_figure, rows, axis=axis, dark=theme.is_dark(), write=number)
        results.plot(figure, "act_policy_plot", "policy", title)
        results.offer(lambda: follows.records(rows), "act_policy_plot", "policy")


def _changes(project: ProjectView, last: Fitted, reopened: Reopened, asked: Asked) -> list[_Change]:
    """Ask for up to three changes; none where the same rows of a column would be changed twice."""
    kept_key = f"act_policy_many_{project.token}"
    many = int(st.session_state.get(kept_key, 1))
    columns = {column.name: column for column in last.comparison.data.columns if column.name != asked.outcome}
    changes = [_change(project, reopened, asked, columns, place) for place in range(many)]
    left, right, _ = st.columns([1.4, 1, 2.6])
    if many < _MOST and left.button("And also", key="act_policy_more", icon=":material/add:"):
        st.session_state[kept_key] = many + 1
        st.rerun()
    if many > 1 and right.button("One less", key="act_policy_less", icon=":material/remove:"):
        st.session_state[kept_key] = many - 1
        st.rerun()
    seen: dict[str, set[tuple[str, float] | None]] = {}
    for change in changes:
        wheres = seen.setdefault(change.setting.node, set())
        if wheres and (None in wheres | {change.setting.where} or change.setting.where in wheres):
            widgets.note(
                f"{project.title_of(change.setting.node)} is changed twice for the same rows: say for whom each is."
            )
            return []
        wheres.add(change.setting.where)
    return changes


def _change(
    project: ProjectView, reopened: Reopened, asked: Asked, columns: Mapping[str, ColumnFacts], place: int
) -> _Change:
    names = list(columns)
    titles = results.titles(project, names)
    what, how, much, whom = st.columns([1.3, 1.3, 1.5, 1.1], vertical_alignment="bottom")
    name = what.selectbox(
        "Change", names, names.index(asked.node), format_func=titles.__getitem__, key=f"act_policy_node_{place}"
    )
    levels = levels_of(reopened, name)
    ways = ["to"] if levels else list(_WAYS)
    way = how.selectbox("how", ways, key=f"act_policy_way_{place}_{name}")
    choices = whom_choices(project, reopened, list(columns), reached_by(reopened, name) | {name, asked.outcome})
    where_said = whom.selectbox("for", list(choices), key=f"act_policy_where_{place}_{name}")
    where = choices[where_said]
    with much:
        setting, said = _amount(project, reopened, columns[name], way, where, place)
    only = (
        ""
        if where is None
        else f" where {project.title_of(where[0])} is {levels_of(reopened, where[0])[int(where[1])]}"
    )
    return _Change(setting, f"{project.title_of(name)} were {said}{only}")


def _amount(
    project: ProjectView, reopened: Reopened, column: ColumnFacts, way: str, where: tuple[str, float] | None, place: int
) -> tuple[Setting, str]:
    """Ask by how much, in the column's unit; return the setting, and what a sentence says of it."""
    name, unit = column.name, project.unit_of(column.name)
    key, behind = f"act_policy_much_{place}_{name}_{_WAYS[way]}", f" {unit}" if unit else ""
    label = f"{way}{f' ({words.md(unit)})' if unit else ''}"
    levels = levels_of(reopened, name)
    if levels:
        level = st.selectbox("to", levels, len(levels) - 1, key=key)
        return Setting(name, float(levels.index(level)), where=where), level
    values = values_of(reopened, name)
    low, high, step = span_of(column, values)
    if way == "by per cent":
        share = st.number_input("per cent", -99.0, 1000.0, 10.0, 1.0, format="%g", key=key)
        return Setting(name, 1.0 + share / 100.0, "scale", where=where), f"{abs(share):g} % {_more(share)} than it is"
    if way == "by so much":
        by = st.number_input(label, value=float(step), step=float(step), format="%g", key=key)
        return Setting(name, float(by), "shift", where=where), f"{abs(by):g}{behind} {_more(by)} than it is"
    if way == "over a range":
        start = (
            float(np.clip(np.quantile(values, 0.25), low, high)),
            float(np.clip(np.quantile(values, 0.75), low, high)),
        )
        bottom, top = st.slider(label, low, high, start, step=step, key=key)
        if not bottom < top:
            return Setting(name, float(bottom), where=where), f"{bottom:g}{behind}"
        return Setting(name, float(bottom), "spread", float(top), where), f"spread over {bottom:g} to {top:g}{behind}"
    value = st.slider(label, low, high, float(np.clip(np.median(values), low, high)), step=step, key=key)
    return Setting(name, float(value), where=where), f"{value:g}{behind}"


def _more(amount: float) -> str:
    return "higher" if amount >= 0 else "lower"
