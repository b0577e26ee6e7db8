"""The drawing without a mouse: the same graph as a table of arrows.

As text it is in :mod:`ui.typed`, node by node in :mod:`ui.nodes`, arrow by arrow in :mod:`ui.arrows`. Each
tool reads what this tab holds and gives back through :func:`ui.drawing.change`. What a user typed is never
thrown away by a refusal: the text or table stays as typed, the reason stands below, and the canvas keeps
the last graph that could be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core.data.dataset import Dataset
from core.errors import WhyboardError
from core.hypothesis import Hypothesis
from ui import drawing, widgets
from ui.drawing import Held
from ui.session import ProjectView

__all__ = ["edited_rows", "table_tool"]

ARROW, ARC = "causes", "shares an unmeasured cause with"


def _error(id: str) -> str:
    return f"table_error_{id}"


def table_tool(project: ProjectView, id: str, held: Held, dataset: Dataset | None) -> None:
    """Show the arrows as a table to edit. The table keeps its rows while only it changes the graph."""
    base_key, mark, turn = f"table_base_{id}", f"table_mark_{id}", f"table_turn_{id}"
    if base_key not in st.session_state or st.session_state.get(mark) != held.version:
        st.session_state[base_key] = _rows_of(held.hypothesis)
        st.session_state[mark] = held.version
        st.session_state[turn] = st.session_state.get(turn, 0) + 1
        st.session_state.pop(_error(id), None)
    names = list(dict.fromkeys([*held.hypothesis.graph.nodes, *(dataset.names if dataset else ())]))
    key = f"table_{id}_{st.session_state[turn]}"
    st.data_editor(
        st.session_state[base_key],
        key=key,
        num_rows="dynamic",
        hide_index=True,
        width="stretch",
        column_config={
            "from": st.column_config.SelectboxColumn("From", options=names, required=True),
            "how": st.column_config.SelectboxColumn("How", options=[ARROW, ARC], default=ARROW, required=True),
            "to": st.column_config.SelectboxColumn("To", options=names, required=True),
        },
        alt="The arrows of this graph, one a row",
        on_change=partial(_take_table, project, id, key),
    )
    error = st.session_state.get(_error(id))
    if error is not None:
        widgets.refusal(error)
    elif not names:
        widgets.note("Add nodes under “Nodes” first; then join them here.")


def _rows_of(hypothesis: Hypothesis) -> pd.DataFrame:
    rows = [(edge.source, ARROW, edge.target) for edge in hypothesis.edges]
    rows += [(a, ARC, b) for a, b in hypothesis.bidirected]
    return pd.DataFrame(rows, columns=["from", "how", "to"], dtype="object")


def edited_rows(base: pd.DataFrame, edits: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """Return the table's complete rows as (from, to, is an arc) after what the user did to it.

    ``edits`` is the state of ``st.data_editor``: edited, added and deleted rows over ``base``.
    """
    rows = [dict(zip(base.columns, row, strict=True)) for row in base.itertuples(index=False, name=None)]
    for number, given in edits.get("edited_rows", {}).items():
        rows[int(number)].update(given)
    gone = {int(number) for number in edits.get("deleted_rows", ())}
    rows = [row for number, row in enumerate(rows) if number not in gone] + list(edits.get("added_rows", ()))
    return [
        (str(row["from"]), str(row["to"]), row.get("how") == ARC) for row in rows if row.get("from") and row.get("to")
    ]


def _take_table(project: ProjectView, id: str, key: str) -> None:
    rows = edited_rows(st.session_state[f"table_base_{id}"], st.session_state[key])
    try:
        after = drawing.change(project, id, drawing.with_arrows(drawing.held_now(id).hypothesis, rows))
    except WhyboardError as error:
        st.session_state[_error(id)] = error
        return
    st.session_state[f"table_mark_{id}"] = after.version
    st.session_state.pop(_error(id), None)
