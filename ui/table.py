"""The Data page's questions about columns, many columns at once, and the first rows of the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.data.dataset import Dataset
from core.data.profile import ColumnProfile, Profile
from core.errors import WhyboardError
from ui import columns, widgets, words
from ui.session import ProjectView

__all__ = ["ask", "first_rows", "several_at_once"]

FIRST_ROWS = 20
_EVERY = "every:"  # stands before a kind, in a list of columns to choose from


def ask(project: ProjectView, dataset: Dataset, column: ColumnProfile, index: int) -> None:
    """Ask what a guess leaves open, with the other kind as one click and "no" as another."""
    if column.question is None or _answered(project, column.name):
        return
    version = project.upload.version if project.upload else ""
    other = column.question.kind
    said = f"{words.sentence(column.reason)} {column.question.text}"
    st.html(f'<div class="wb-small" style="margin-top:.2rem">{words.html(said)}</div>')
    with st.container(horizontal=True, gap="small"):
        for kind, said in ((other, f"Yes, {_article(other)}"), (column.kind, "No")):
            st.button(
                said,
                key=f"ask_{kind}_{index}_{version}",
                help=f"{words.md(column.name)}: {words.KIND_WORDS[kind]}",
                on_click=partial(_answer, project, dataset, column.name, kind),
            )
    if problem := st.session_state.pop(f"answer_{column.name}", None):
        widgets.refusal(problem)


def _answered(project: ProjectView, name: str) -> bool:
    return bool(project.upload and project.upload.overrides.get(name, {}).get("kind"))


def _answer(project: ProjectView, dataset: Dataset, name: str, kind: str) -> None:
    try:
        columns.set_kind(project, dataset, name, kind)
    except WhyboardError as error:
        st.session_state[f"answer_{name}"] = error


def _article(kind: str) -> str:
    return {"ordered": "in order", "proportion": "shares", "count": "a count"}.get(kind, words.KIND_WORDS[kind])


def several_at_once(project: ProjectView, dataset: Dataset, found: Profile) -> None:
    """Set the kind or the unit of several columns: all of one kind, or chosen by name."""
    version = project.upload.version if project.upload else ""
    kinds = dict.fromkeys(column.kind for column in found.columns)
    every = {_EVERY + kind: [c.name for c in found.columns if c.kind == kind] for kind in kinds}
    every = {key: names for key, names in every.items() if len(names) > 1}
    with st.popover("Several columns at once", icon=":material/checklist:"), st.form("several", border=False):
        chosen = st.multiselect(
            "Columns",
            [*every, *dataset.names],
            key=f"several_{version}",
            format_func=partial(_option, every),
            placeholder="all of a kind, or one by one",
        )
        left, right = st.columns(2)
        kind = left.selectbox(
            "Kind",
            columns.KIND_OPTIONS,
            None,
            words.KIND_WORDS.__getitem__,
            key=f"several_kind_{version}",
            placeholder="as it is",
        )
        unit = right.text_input("Unit", key=f"several_unit_{version}", placeholder="as it is", max_chars=80)
        if st.form_submit_button("Set them", type="primary"):
            names = list(dict.fromkeys(name for option in chosen for name in every.get(option, [option])))
            _set_several(project, dataset, names, kind, unit)
    if said := st.session_state.pop("several_said", None):
        widgets.note(said[0])
        for problem in said[1]:
            widgets.refusal(problem)


def _option(every: Mapping[str, Sequence[str]], option: str) -> str:
    if option in every:
        kind = option.removeprefix(_EVERY)
        return f"all {len(every[option])} that are now: {words.KIND_WORDS[kind]}"
    return option


def _set_several(project: ProjectView, dataset: Dataset, names: Sequence[str], kind: str | None, unit: str) -> None:
    """Set what was given; columns that do not allow it stay as they are, and are named."""
    if not names or not (kind or unit):
        st.warning("Choose columns, and a kind or a unit for them.")
        return
    done, problems = 0, []
    for name in names:
        try:
            if kind:
                columns.set_kind(project, dataset, name, kind)
            if unit:
                columns.set_words(project, name, unit=unit)
            done += 1
        except WhyboardError as error:
            problems.append(error)
    st.session_state["several_said"] = (f"{words.count(done, 'column')} set.", problems)
    st.rerun()


def first_rows(dataset: Dataset) -> None:
    """Show the first rows of the table as they were read: missing cells empty, dates as dates."""
    some = dataset.table.head(FIRST_ROWS)
    rest = dataset.rows - len(some)
    with st.expander(f"The first {words.count(len(some), 'row')}, as read"):
        st.dataframe(_plain(some, dataset), key="first_rows", height="content")
        if rest:
            widgets.note(f"and {words.count(rest, 'more row', 'more rows')}")


def _plain(table: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Return the rows as text and numbers that the browser shows alike, numbered as messages number them."""
    index = pd.Index(np.arange(1, len(table) + 1), name="row")
    shown: dict[str, Any] = {}
    for column in dataset.columns:
        series = table[column.name]
        if pd.api.types.is_numeric_dtype(series) and not pd.api.types.is_bool_dtype(series):
            shown[column.name] = series.to_numpy()
        elif pd.api.types.is_datetime64_any_dtype(series):
            shown[column.name] = series.dt.strftime("%Y-%m-%d %H:%M").str.removesuffix(" 00:00").to_numpy()
        else:
            shown[column.name] = series.astype(object).map(str, na_action="ignore").to_numpy()
    return pd.DataFrame(shown, index=index)
