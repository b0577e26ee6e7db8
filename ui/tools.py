"""The drawing without a mouse: the same graph as a table of arrows, and node by node (as text: :mod:`ui.typed`).

Each tool reads what this tab holds and gives back through :func:`ui.drawing.change`. What a
user typed is never thrown away by a refusal: the text or table stays as typed, the reason
stands below, and the canvas keeps the last graph that could be read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core.data.dataset import Dataset
from core.errors import WhyboardError
from core.families import FAMILIES
from core.families.choose import Choice, families_for
from core.hypothesis import KINDS, Hypothesis, Node
from ui import columns, drawing, widgets, words
from ui.drawing import Held
from ui.families import families_html
from ui.session import ProjectView

__all__ = ["edited_rows", "nodes_tool", "table_tool"]

ARROW, ARC = "causes", "shares an unmeasured cause with"
AS_DATA = "as the data say"


def _error(id: str, tool: str) -> str:
    return f"{tool}_error_{id}"


# -- table ------------------------------------------------------------------------


def table_tool(project: ProjectView, id: str, held: Held, dataset: Dataset | None) -> None:
    """Show the arrows as a table to edit. The table keeps its rows while only it changes the graph."""
    base_key, mark, turn = f"table_base_{id}", f"table_mark_{id}", f"table_turn_{id}"
    if base_key not in st.session_state or st.session_state.get(mark) != held.version:
        st.session_state[base_key] = _rows_of(held.hypothesis)
        st.session_state[mark] = held.version
        st.session_state[turn] = st.session_state.get(turn, 0) + 1
        st.session_state.pop(_error(id, "table"), None)
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
    error = st.session_state.get(_error(id, "table"))
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
        st.session_state[_error(id, "table")] = error
        return
    st.session_state[f"table_mark_{id}"] = after.version
    st.session_state.pop(_error(id, "table"), None)


# -- nodes ------------------------------------------------------------------------


def nodes_tool(project: ProjectView, id: str, held: Held, dataset: Dataset | None) -> None:
    """Show one node's settings: what it is made of, why, its marks; and ways to add and remove nodes."""
    names = list(held.hypothesis.graph.nodes)
    left, right = st.columns([2, 5], gap="medium")
    with left:
        _add_node(project, id, names, dataset)
        if names:
            if st.session_state.get(f"node_{id}") not in names:
                st.session_state[f"node_{id}"] = names[-1]
            name = st.selectbox("Node", names, key=f"node_{id}", format_func=project.title_of)
        else:
            widgets.note("A node is a variable. Add one here, or drag a column onto the canvas.")
    with right:
        if names:
            _NodePanel(project, id, held.hypothesis, dataset, str(name)).show()
    error = st.session_state.get(_error(id, "node"))
    if error is not None:
        widgets.refusal(error)


def _change(project: ProjectView, id: str, make: Callable[[Hypothesis], Hypothesis]) -> bool:
    """Change a drawing; a refusal is kept to be shown."""
    try:
        drawing.change(project, id, make(drawing.held_now(id).hypothesis))
    except WhyboardError as error:
        st.session_state[_error(id, "node")] = error
        return False
    st.session_state.pop(_error(id, "node"), None)
    return True


def _add_node(project: ProjectView, id: str, taken: list[str], dataset: Dataset | None) -> None:
    free = [column.name for column in (dataset.columns if dataset else ()) if families_for(column.kind)]
    key = f"add_node_{id}_{len(taken)}"
    st.selectbox(
        "Add a node",
        [name for name in free if name not in taken],
        index=None,
        key=key,
        placeholder="a column, or a new name",
        accept_new_options=True,
        format_func=project.title_of,
        on_change=partial(_take_node, project, id, key),
    )


def _take_node(project: ProjectView, id: str, key: str) -> None:
    name = words.one_line(st.session_state[key] or "")
    if name and _change(project, id, lambda base: drawing.with_node(base, name)):
        st.session_state[f"node_{id}"] = name


@dataclass(frozen=True)
class _NodePanel:
    """One node's settings."""

    project: ProjectView
    id: str
    hypothesis: Hypothesis
    dataset: Dataset | None
    name: str

    @property
    def node(self) -> Node:
        return self.hypothesis.node(self.name)

    def show(self) -> None:
        node, in_data = self.node, self.dataset is not None and self.name in self.dataset.names
        kind = self.dataset.column(self.name).kind if self.dataset is not None and in_data else node.kind
        default = (
            columns.family_of(self.dataset, self.name, self.hypothesis.graph.nodes)
            if self.dataset is not None and in_data
            else None
        )
        kind_at, family_at, link_at = st.columns(3)
        with kind_at:
            if in_data:
                st.text_input("Kind", f"{kind}, from the data", disabled=True, key=self._key("kind", kind))
            else:
                self._choose("Kind", "kind", (None, *KINDS[:7]), node.kind, "not said yet")
        with family_at:
            offered = dict.fromkeys((None, *families_for(kind or "real"), node.family))
            self._choose("Made of (family)", "family", tuple(offered), node.family, AS_DATA)
        with link_at:
            self._link(default)
        self._reason(default, in_data, kind)
        self._marks()

    def _key(self, what: str, value: object) -> str:
        """Return a key that changes with the value, so that what is shown is what is kept."""
        return f"{what}_{self.id}_{self.name}_{value}"

    def _choose(self, label: str, field: str, options: tuple[str | None, ...], now: str | None, none: str) -> None:
        key = self._key(field, now)
        at = options.index(now) if now in options else 0
        st.selectbox(label, options, at, lambda v: v or none, key=key, on_change=partial(self._take, field, key))

    def _take(self, field: str, key: str) -> None:
        below = {"kind": {"family": None, "link": None, "priors": ()}, "family": {"link": None, "priors": ()}}
        changes = {field: st.session_state[key], **below.get(field, {})}
        _change(self.project, self.id, lambda base: base.with_node(self.name, **changes))

    def _link(self, default: Choice | WhyboardError | None) -> None:
        family = self.node.family or (default.family if isinstance(default, Choice) else None)
        links = FAMILIES[family].links if family is not None and family in FAMILIES else ()
        if self.node.family and len(links) > 1:
            self._choose("Link", "link", (None, *links), self.node.link, links[0])
        else:
            said = self.node.link or (links[0] if links else AS_DATA)
            st.text_input("Link", said, disabled=True, key=self._key("link", said))

    def _reason(self, default: Choice | WhyboardError | None, in_data: bool, kind: str | None) -> None:
        if isinstance(default, WhyboardError):
            widgets.refusal(default)
        elif default is not None:
            chosen = f"Chosen by you; the data would say {default.family}."
            said = chosen if self.node.family else f"The data say {default.family}: {default.reason}."
            widgets.note(f"{said} Rival graphs share a column's family unless you change it.")
        elif not in_data:
            widgets.note("Without a column, the family follows the kind.")
        chosen_family = self.node.family or (default.family if isinstance(default, Choice) else None)
        st.html(families_html(families_for(kind or "real"), chosen_family))

    def _marks(self) -> None:
        role = {self.hypothesis.exposure: "exposure", self.hypothesis.outcome: "outcome"}.get(self.name, "neither")
        with st.container(horizontal=True, gap="medium"):
            key = self._key("latent", self.node.latent)
            st.toggle("Unmeasured", self.node.latent, key=key, on_change=partial(self._take_latent, key))
            held = self.name in self.hypothesis.background
            key = self._key("background", held)
            st.toggle(
                "Background",
                held,
                key=key,
                help="One of the causes that may be related in any way: nothing is claimed about how.",
                on_change=partial(self._take_background, key),
            )
        part, name, remove = st.columns([2.5, 2, 1], vertical_alignment="bottom")
        key = self._key("role", role)
        part.segmented_control(
            "Its part in the question",
            ["neither", "exposure", "outcome"],
            default=role,
            required=True,
            key=key,
            on_change=partial(self._take_role, key),
        )
        key = self._key("rename", "")
        name.text_input("Rename this node", self.name, key=key, max_chars=200, on_change=partial(self._take_name, key))
        remove.button("Remove", key=self._key("remove", ""), width="stretch", on_click=self._remove)

    def _take_role(self, key: str) -> None:
        role = str(st.session_state[key])
        _change(self.project, self.id, lambda base: drawing.with_role(base, self.name, role))

    def _take_latent(self, key: str) -> None:
        latent = bool(st.session_state[key])
        self._retake(key, lambda base: drawing.with_latent(base, self.name, latent))

    def _take_background(self, key: str) -> None:
        others = [name for name in self.hypothesis.background if name != self.name]
        held = [*others, self.name] if st.session_state[key] else others
        self._retake(key, lambda base: drawing.with_background(drawing.held_now(self.id), held))

    def _retake(self, key: str, make: Callable[[Hypothesis], Hypothesis]) -> None:
        """Change the drawing; a switch that was refused goes back to what is so."""
        if not _change(self.project, self.id, make):
            st.session_state[key] = not st.session_state[key]

    def _take_name(self, key: str) -> None:
        to = words.one_line(st.session_state[key] or "")
        if not to or to == self.name:
            return
        if _change(self.project, self.id, lambda base: drawing.renamed_node(base, self.name, to)):
            st.session_state[f"node_{self.id}"] = to

    def _remove(self) -> None:
        _change(self.project, self.id, lambda base: drawing.without_node(base, self.name))
