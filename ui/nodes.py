"""The node inspector: what a node is made of, what it is called, what follows before data are seen.

Marks and names are the graph's, and the canvas undoes them; families, groups and words are settings, with a
way back of their own (:mod:`ui.steps`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from core.data.dataset import Dataset
from core.errors import WhyboardError
from core.families import FAMILIES
from core.families.choose import Choice, families_for
from core.hypothesis import KINDS, Hypothesis, Node
from ui import columns, drawing, fields, grouping, implied, looking, steps, supposed, widgets, words
from ui.drawing import Held
from ui.families import families_html
from ui.session import HypothesisRecord, ProjectView

__all__ = ["nodes_tool"]

AS_DATA = "as the data say"


def _error(id: str) -> str:
    return f"node_error_{id}"


def nodes_tool(project: ProjectView, record: HypothesisRecord, held: Held, dataset: Dataset | None) -> None:
    """Show one node's settings: what it is made of, why, its marks; and ways to add and remove nodes."""
    id, names = record.id, list(held.hypothesis.graph.nodes)
    with st.container(key="inspect_node"):
        left, middle, right = st.columns([2.1, 3, 2.3], gap="medium")
    with left:
        _add_node(project, id, names, dataset)
        if not names:
            widgets.note("A node is a variable. Add one here, or drag a column onto the canvas.")
            return
        key = looking.node_key(id)
        if st.session_state.get(key) not in names:
            st.session_state[key] = names[-1]
        show = lambda: looking.chosen(id, st.session_state[key])  # noqa: E731
        name = str(st.selectbox("Node", names, key=key, format_func=project.title_of, on_change=show))
        panel = _NodePanel(project, id, held.hypothesis, dataset, name)
        panel.marks()
    with middle:
        panel.settings()
        steps.bar(project, id)
        steps.refusal(id)
    with right:
        implied.show(project, record, held.hypothesis, dataset, name)
    error = st.session_state.get(_error(id))
    if error is not None:
        widgets.refusal(error)


def _change(project: ProjectView, id: str, make: Callable[[Hypothesis], Hypothesis]) -> bool:
    """Change a drawing; a refusal is kept to be shown."""
    try:
        drawing.change(project, id, make(drawing.held_now(id).hypothesis))
    except WhyboardError as error:
        st.session_state[_error(id)] = error
        return False
    st.session_state.pop(_error(id), None)
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
        st.session_state[looking.node_key(id)] = name


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

    def settings(self) -> None:
        """What the node is made of, and what readers are told of it."""
        node, in_data = self.node, self.dataset is not None and self.name in self.dataset.names
        kind = self.dataset.column(self.name).kind if self.dataset is not None and in_data else node.kind
        default = (
            columns.family_of(self.dataset, self.name, self.hypothesis.graph.nodes)
            if self.dataset is not None and in_data
            else None
        )
        family_at, link_at = st.columns([3, 2])
        with family_at:
            self._choose("Made of (family)", "family", families_for(kind or "real"), node.family, self._usual(default))
        with link_at:
            self._link(default)
        self._reason(default, in_data, kind)
        kind_at, group_at = st.columns(2)
        with kind_at:
            if in_data:
                st.text_input("Kind", f"{kind}, from the data", disabled=True, key=self._key("kind", kind))
            else:
                self._choose("Kind", "kind", KINDS[:7], node.kind, "not said yet")
        with group_at:
            self._group()
        self._words()
        take = lambda priors: self._step("priors", lambda base: base.with_node(self.name, priors=priors))  # noqa: E731
        supposed.panel(self.id, self.hypothesis, self.dataset, self.name, take)

    def _usual(self, default: Choice | WhyboardError | None) -> str:
        return f"{default.family}, {AS_DATA}" if isinstance(default, Choice) else AS_DATA

    def _key(self, what: str, value: object) -> str:
        """Return a key that changes with the value, so that what is shown is what is kept."""
        return f"{what}_{self.id}_{self.name}_{value}"

    def _choose(self, label: str, field: str, options: tuple[str, ...], now: str | None, none: str) -> None:
        key = f"node_{field}_{self.id}_{self.name}"
        fields.choose(label, (None, *options), now, key, lambda v: v or none, partial(self._take, field))

    def _take(self, field: str, value: str | None) -> None:
        below = {"kind": {"family": None, "link": None, "priors": ()}, "family": {"link": None, "priors": ()}}
        changes = {field: value, **below.get(field, {})}
        self._step(field, lambda base: base.with_node(self.name, **changes))

    def _step(self, what: str, make: Callable[[Hypothesis], Hypothesis]) -> None:
        steps.take(self.project, self.id, f"{what} of {self.project.title_of(self.name)}", make)

    def _link(self, default: Choice | WhyboardError | None) -> None:
        family = self.node.family or (default.family if isinstance(default, Choice) else None)
        links = FAMILIES[family].links if family is not None and family in FAMILIES else ()
        if self.node.family and len(links) > 1:
            self._choose("Link", "link", links, self.node.link, f"{links[0]}, as usual")
        else:
            said = self.node.link or (links[0] if links else AS_DATA)
            st.text_input("Link", said, disabled=True, key=self._key("link", said))

    def _group(self) -> None:
        offered = grouping.groups_for(self.dataset, self.name)
        fields.choose(
            "Varies by group",
            (None, *offered),
            self.node.group,
            f"node_group_{self.id}_{self.name}",
            lambda v: self.project.title_of(v) if v else "no",
            self._take_group,
            help="Each group has a level of its own, drawn together: schools, shops, patients.",
        )

    def _take_group(self, group: str | None) -> None:
        self._step("group", lambda base: drawing.with_group(base, self.name, group))

    def _words(self) -> None:
        unit_at, text_at = st.columns([2, 3])
        column_unit = self.project.unit_of(self.name)
        with unit_at:
            key = f"node_unit_{self.id}_{self.name}"
            fields.write("Unit", self.node.unit, key, partial(self._take_words, "unit"), column_unit, most=80)
        with text_at:
            key = f"node_description_{self.id}_{self.name}"
            fields.write("Description", self.node.description, key, partial(self._take_words, "description"))

    def _take_words(self, field: str, text: str | None) -> None:
        self._step(field, lambda base: base.with_node(self.name, **{field: text or ""}))

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

    def marks(self) -> None:
        """What it is in the graph and in the question."""
        role = {self.hypothesis.exposure: "exposure", self.hypothesis.outcome: "outcome"}.get(self.name, "neither")
        with st.container(horizontal=True, gap="small"):
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
        key = self._key("role", role)
        st.segmented_control(
            "Its part in the question",
            ["neither", "exposure", "outcome"],
            default=role,
            required=True,
            key=key,
            on_change=partial(self._take_role, key),
        )
        key = self._key("rename", "")
        st.text_input("Rename this node", self.name, key=key, max_chars=200, on_change=partial(self._take_name, key))
        st.button("Remove", key=self._key("remove", ""), icon=":material/delete:", on_click=self._remove)

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
            st.session_state[looking.node_key(self.id)] = to

    def _remove(self) -> None:
        _change(self.project, self.id, lambda base: drawing.without_node(base, self.name))
