"""The drawing without a mouse: the same graph as text, as a table of arrows, and node by node.

Each tool reads what this tab holds and gives back through :func:`ui.drawing.change`. What a
user typed is never thrown away by a refusal: the text or table stays as typed, the reason
stands below, and the canvas keeps the last graph that could be read.
"""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from core.data.dataset import Dataset
from core.errors import WhyboardError
from core.families import FAMILIES
from core.families.choose import families_for
from core.hypothesis import KINDS, Hypothesis
from ui import columns, drawing, widgets, words
from ui.drawing import Held
from ui.session import ProjectView

__all__ = ["nodes_tool", "table_tool", "text_tool"]

ARROW, ARC = "causes", "shares an unmeasured cause with"
_DEFAULT = "as the data say"


def _error(id: str, tool: str) -> str:
    return f"{tool}_error_{id}"


# -- text -------------------------------------------------------------------------


def text_tool(project: ProjectView, id: str, held: Held) -> None:
    """Show the graph as DAGitty text, in step both ways."""
    key, mark, error_key = f"text_{id}", f"text_mark_{id}", _error(id, "text")
    error: WhyboardError | None = st.session_state.get(error_key)
    if key not in st.session_state or (error is None and st.session_state.get(mark) != held.version):
        st.session_state[key] = drawing.text_of(held.hypothesis)
        st.session_state[mark] = held.version
    st.text_area(
        "The same graph as DAGitty text",
        key=key,
        height=230,
        on_change=partial(_take_text, project, id),
        help="Edit it and press Ctrl+Enter, or click elsewhere; the canvas follows. "
        r"Arrows are written \-\>, arcs with two heads \<\-\>.",
    )
    if error is not None:
        widgets.refusal(error)
        if st.button("Go back to what is drawn", key=f"text_back_{id}"):
            st.session_state.pop(error_key)
            st.session_state.pop(mark, None)
            st.rerun(scope="fragment")


def _take_text(project: ProjectView, id: str) -> None:
    text = st.session_state[f"text_{id}"]
    held = drawing.held_now(id)
    try:
        after = drawing.change(project, id, drawing.from_text(text, held.hypothesis))
    except WhyboardError as error:
        st.session_state[_error(id, "text")] = error
        return
    st.session_state.pop(_error(id, "text"), None)
    st.session_state[f"text_mark_{id}"] = after.version


# -- table ------------------------------------------------------------------------


def table_tool(project: ProjectView, id: str, held: Held, dataset: Dataset | None) -> None:
    """Show the arrows as a table to edit. The table keeps its rows while only it changes the graph."""
    base_key, mark = f"table_base_{id}", f"table_mark_{id}"
    if st.session_state.get(mark) != held.version or base_key not in st.session_state:
        st.session_state[base_key] = _rows_of(held.hypothesis)
        st.session_state[mark] = held.version
        st.session_state[f"table_round_{id}"] = st.session_state.get(f"table_round_{id}", 0) + 1
        st.session_state.pop(_error(id, "table"), None)
    names = list(dict.fromkeys([*held.hypothesis.graph.nodes, *(dataset.names if dataset else ())]))
    key = f"table_{id}_{st.session_state[f'table_round_{id}']}"
    edited = st.data_editor(
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
    )
    _take_table(project, id, held, edited)
    error = st.session_state.get(_error(id, "table"))
    if error is not None:
        widgets.refusal(error)
    elif not names:
        widgets.note("Add nodes under “Nodes” first; then join them here.")


def _rows_of(hypothesis: Hypothesis) -> pd.DataFrame:
    rows = [(edge.source, ARROW, edge.target) for edge in hypothesis.edges]
    rows += [(a, ARC, b) for a, b in hypothesis.bidirected]
    return pd.DataFrame(rows, columns=["from", "how", "to"], dtype="object")


def _take_table(project: ProjectView, id: str, held: Held, edited: pd.DataFrame) -> None:
    rows = [
        (str(row.source), str(row.target), bool(row.how == ARC))
        for row in edited.rename(columns={"from": "source", "to": "target"}).itertuples(index=False)
        if isinstance(row.source, str) and isinstance(row.target, str)
    ]
    now = {(e.source, e.target, False) for e in held.hypothesis.edges}
    now |= {(a, b, True) for a, b in held.hypothesis.bidirected}
    if set(rows) == now and len(rows) == len(now):
        st.session_state.pop(_error(id, "table"), None)
        return
    try:
        after = drawing.change(project, id, drawing.with_arrows(held.hypothesis, rows))
    except WhyboardError as error:
        st.session_state[_error(id, "table")] = error
        return
    st.session_state[f"table_mark_{id}"] = after.version
    st.session_state.pop(_error(id, "table"), None)
    st.rerun(scope="fragment")


# -- nodes ------------------------------------------------------------------------


def nodes_tool(project: ProjectView, id: str, held: Held, dataset: Dataset | None) -> None:
    """Show one node's settings: what it is made of, why, its marks; and ways to add and remove nodes."""
    error = st.session_state.get(_error(id, "node"))
    left, right = st.columns([2, 5], gap="medium")
    with left:
        _add_node(project, id, held, dataset)
        names = list(held.hypothesis.graph.nodes)
        if not names:
            widgets.note("A node is a variable. Add one here, or drag a column onto the canvas.")
            return
        if (wanted := st.session_state.pop(f"goto_node_{id}", None)) in names:
            st.session_state[f"node_{id}"] = wanted
        name = st.selectbox("Node", names, key=f"node_{id}", format_func=project.title_of)
    with right:
        if name in names:
            _one_node(project, id, held, dataset, name)
    if error is not None:
        widgets.refusal(error)


def _change(project: ProjectView, id: str, hypothesis: Hypothesis) -> None:
    try:
        drawing.change(project, id, hypothesis)
    except WhyboardError as error:
        st.session_state[_error(id, "node")] = error
    else:
        st.session_state.pop(_error(id, "node"), None)


def _add_node(project: ProjectView, id: str, held: Held, dataset: Dataset | None) -> None:
    taken = set(held.hypothesis.graph.nodes)
    free = [column.name for column in (dataset.columns if dataset else ()) if families_for(column.kind)]
    free = [name for name in free if name not in taken]
    wanted = st.selectbox(
        "Add a node",
        free,
        index=None,
        key=f"add_node_{id}_{len(taken)}",
        placeholder="a column, or a new name",
        accept_new_options=True,
        format_func=project.title_of,
    )
    if wanted and words.one_line(wanted) not in taken:
        _change(project, id, drawing.with_node(held.hypothesis, words.one_line(wanted)[:200]))
        st.session_state[f"goto_node_{id}"] = words.one_line(wanted)[:200]
        st.rerun(scope="fragment")


def _one_node(project: ProjectView, id: str, held: Held, dataset: Dataset | None, name: str) -> None:
    node = held.hypothesis.node(name)
    column = dataset.column(name) if dataset is not None and name in dataset.names else None
    stem = f"{id}_{name}"
    kind_at, family_at, link_at = st.columns(3)
    kind = column.kind if column else node.kind
    with kind_at:
        if column:
            st.text_input("Kind", f"{column.kind} (from the data)", disabled=True, key=f"kind_{stem}_{column.kind}")
        else:
            options = [None, *KINDS[:7]]
            chosen = st.selectbox(
                "Kind",
                options,
                options.index(node.kind) if node.kind in options else 0,
                lambda k: k or "not said",
                key=f"kind_{stem}_{node.kind}",
            )
            if chosen != node.kind:
                _change(project, id, held.hypothesis.with_node(name, kind=chosen, family=None, link=None))
                st.rerun(scope="fragment")
    with family_at:
        offered = [None, *families_for(kind or "real")]
        if node.family and node.family not in offered:
            offered.append(node.family)
        family = st.selectbox(
            "Made of (family)",
            offered,
            offered.index(node.family),
            lambda f: f or _DEFAULT,
            key=f"family_{stem}_{node.family}_{kind}",
        )
        if family != node.family:
            _change(project, id, held.hypothesis.with_node(name, family=family, link=None, priors=()))
            st.rerun(scope="fragment")
    default = columns.family_of(dataset, name, held.hypothesis.graph.nodes) if column and dataset is not None else None
    with link_at:
        _link(project, id, held, name, default)
    _reason(node.family, default, column is not None)
    _marks(project, id, held, name, stem)


def _link(project: ProjectView, id: str, held: Held, name: str, default: object) -> None:
    node = held.hypothesis.node(name)
    family = node.family or getattr(default, "family", None)
    links = list(FAMILIES[family].links) if isinstance(family, str) and family in FAMILIES else []
    if len(links) < 2 or not node.family:
        said = node.link or (links[0] if links else getattr(default, "link", _DEFAULT))
        st.text_input("Link", said, disabled=True, key=f"link_{id}_{name}_{said}")
        return
    options = [None, *links]
    link = st.selectbox(
        "Link", options, options.index(node.link), lambda v: v or links[0], key=f"link_{id}_{name}_{node.link}_{family}"
    )
    if link != node.link:
        _change(project, id, held.hypothesis.with_node(name, link=link))
        st.rerun(scope="fragment")


def _reason(chosen: str | None, default: object, in_data: bool) -> None:
    if isinstance(default, WhyboardError):
        widgets.refusal(default)
    elif default is not None:
        family, reason = getattr(default, "family", ""), getattr(default, "reason", "")
        first = f"The data say {family}: {reason}." if not chosen else f"Chosen by you; the data would say {family}."
        widgets.note(f"{first} Rival graphs share a column's family unless you change it.")
    elif not in_data:
        widgets.note("Without a column the family follows the kind once there are data.")


def _marks(project: ProjectView, id: str, held: Held, name: str, stem: str) -> None:
    hypothesis, node = held.hypothesis, held.hypothesis.node(name)
    role = "exposure" if hypothesis.exposure == name else "outcome" if hypothesis.outcome == name else "neither"
    a, b, c, d = st.columns([2.2, 1.3, 2, 1], vertical_alignment="bottom")
    wanted = a.segmented_control(
        "Its part in the question",
        ["neither", "exposure", "outcome"],
        default=role,
        required=True,
        key=f"role_{stem}_{role}",
    )
    if wanted != role:
        _change(project, id, drawing.with_role(hypothesis, name, str(wanted)))
        st.rerun(scope="fragment")
    latent = b.toggle("Unmeasured", node.latent, key=f"latent_{stem}_{node.latent}")
    if latent != node.latent:
        _change(project, id, hypothesis.with_node(name, latent=latent))
        st.rerun(scope="fragment")
    to = words.one_line(c.text_input("Name", name, key=f"rename_{stem}", max_chars=200) or name)
    if to != name:
        _change(project, id, drawing.renamed_node(hypothesis, name, to))
        st.session_state[f"goto_node_{id}"] = to
        st.rerun(scope="fragment")
    if d.button("Remove", key=f"remove_{stem}", width="stretch"):
        _change(project, id, drawing.without_node(hypothesis, name))
        st.rerun(scope="fragment")
