"""The arrow inspector: the form of each arrow, why it is drawn, and why one is not.

An arrow is chosen on the canvas (:mod:`ui.looking`) or from a list; so is a pair without one. What is changed
here has a way back (:mod:`ui.steps`), and beside it stands at once what it implies of the arrow's target.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st

from core.comparison.result import HypothesisFacts
from core.data.dataset import Dataset
from core.families import FAMILIES
from core.families.choose import DISCRETE_KINDS, Choice
from core.forms import FORMS, Form
from core.hypothesis import FORMS as NAMES
from core.hypothesis import SCALES, Absence, Edge, Hypothesis
from core.model.earlier import has_time
from core.model.resolve import working_transform
from ui import bending, columns, curves, fields, implied, looking, steps, strength, widgets, words
from ui.drawing import Held
from ui.session import HypothesisRecord, ProjectView

__all__ = ["arrows_tool"]

#: Short words for forms; one that is not here goes by its name.
_SHORT = {
    "linear": "straight",
    "auto": "may bend",
    "quadratic": "parabola",
    "smooth": "smooth curve",
    "monotone": "only rises, or only falls",
    "saturating": "less and less",
}
_SCALED = ("positive", "count")
_UNIT_OF = {"raw": "per unit", "log": "per doubling"}
_SIGNS = {"raises": "+", "lowers": "-", "unknown": None}
_SIGN_HINT = "What you know of the direction before you look: the other one is then ruled out."
_NONE = "a pair without an arrow …"

#: Over how many later rows something may be said to carry over.
_CARRIED = (1, 2, 4, 8, 13, 26)

Pair = tuple[str, str]


def arrows_tool(
    project: ProjectView,
    record: HypothesisRecord,
    held: Held,
    dataset: Dataset | None,
    facts: HypothesisFacts | None = None,
) -> None:
    """Show one arrow's settings, or why there is no arrow between two nodes; with ``facts`` of a fit its curve."""
    id, hypothesis = record.id, held.hypothesis
    if len(hypothesis.nodes) < 2:
        widgets.note("An arrow joins two nodes. Draw them on the canvas, or add them under “Nodes”.")
        return
    with st.container(key="inspect_arrow"):
        left, middle, right = st.columns([2.1, 3, 2.3], gap="medium")
    with left:
        pair = _choose(project, id, hypothesis)
        _bend_buttons(project, record)
    panel = _ArrowPanel(project, record, hypothesis, dataset, pair)
    with middle:
        if pair in hypothesis.graph.edges:
            panel.settings()
        else:
            panel.absence()
        steps.bar(project, id)
        steps.refusal(id)
    with right:
        if facts is not None and dataset is not None:
            curves.of_arrow(project, record, facts, dataset, pair)
        implied.show(project, record, hypothesis, dataset, pair[1])


# -- which arrow ------------------------------------------------------------------


def _choose(project: ProjectView, id: str, hypothesis: Hypothesis) -> Pair:
    """Return the arrow, or the pair without one, that is looked at."""
    offered = {looking.arrow_name(a, b): (a, b) for a, b in hypothesis.graph.edges}
    key = looking.arrow_key(id)
    if st.session_state.get(key) not in (*offered, _NONE):
        st.session_state[key] = next(iter(offered), _NONE)
    titled = {name: f"{project.title_of(a)} -> {project.title_of(b)}" for name, (a, b) in offered.items()}
    chosen = st.selectbox(
        "Arrow",
        [*offered, _NONE],
        key=key,
        format_func=lambda name: titled.get(name, name),
        on_change=lambda: looking.chosen(id, *offered.get(st.session_state[key], ())),
    )
    return offered[chosen] if chosen in offered else _choose_pair(project, id, hypothesis)


def _choose_pair(project: ProjectView, id: str, hypothesis: Hypothesis) -> Pair:
    names, arrows = list(hypothesis.graph.nodes), set(hypothesis.graph.edges)
    told = {(a.source, a.target) for a in hypothesis.absences}
    free = {a: [b for b in names if b != a and (a, b) not in arrows] for a in names}
    first = next((pair for pair in told), None)
    source_key, target_key = f"absent_from_{id}", f"absent_to_{id}"
    if not free.get(st.session_state.get(source_key, "")):
        st.session_state[source_key] = first[0] if first else next(name for name in names if free[name])
    source = str(st.selectbox("From", [n for n in names if free[n]], key=source_key, format_func=project.title_of))
    if st.session_state.get(target_key) not in free[source]:
        st.session_state[target_key] = first[1] if first and first[0] == source else free[source][0]
    return source, str(st.selectbox("To", free[source], key=target_key, format_func=project.title_of))


# -- every arrow ------------------------------------------------------------------


def _bend_buttons(project: ProjectView, record: HypothesisRecord) -> None:
    """Offer to let every straight arrow bend where the data ask for it: here, and in every rival alike."""
    records = tuple(other for other in project.hypotheses() if other.problem is None)
    this = tuple(other for other in records if other.id == record.id)
    st.button(
        bending.EVERY,
        key=f"bend_all_{record.id}",
        icon=":material/show_chart:",
        width="stretch",
        disabled=not bending.can_bend(this),
        help=bending.HINT,
        on_click=bending.press,
        args=(project, record.id, this),
    )
    if len(records) > 1:
        st.button(
            "… in every hypothesis",
            key=f"bend_rivals_{record.id}",
            width="stretch",
            disabled=not bending.can_bend(records),
            help="So that a difference between rivals stays one of arrows. One undo brings all back.",
            on_click=bending.press,
            args=(project, record.id, records),
        )
    bending.way_back(project, record.id)


# -- one arrow, one pair ----------------------------------------------------------


@dataclass(frozen=True)
class _ArrowPanel:
    """The settings of one arrow, or the reason for none."""

    project: ProjectView
    record: HypothesisRecord
    hypothesis: Hypothesis
    dataset: Dataset | None
    pair: Pair

    @property
    def id(self) -> str:
        return self.record.id

    def settings(self) -> None:
        edge = self.hypothesis.edge(*self.pair)
        form_at, scale_at = st.columns(2)
        with form_at:
            self._form(edge)
        with scale_at:
            self._scale(edge)
        if self._kind(edge.source) in DISCRETE_KINDS and edge.form == "linear":
            said = f"{self.project.title_of(edge.source)} has levels, each with an effect of its own: nothing can bend"
            widgets.note(f"{said}.")
        else:
            form = _form_of(edge)
            widgets.note(words.sentence("this version cannot fit this form" if form is None else form.words))
        self._carry(edge)
        self._sign(edge)
        self._by(edge)
        take = lambda prior: self._step("strength", {"prior": prior})  # noqa: E731
        strength.panel(self.project, self.record, self.hypothesis, self.dataset, self.pair, take)
        self._texts(edge, "Why this arrow?", self._take_text)

    def absence(self) -> None:
        source, target = map(self.project.title_of, self.pair)
        backwards = self.pair[::-1] in self.hypothesis.graph.edges
        other = f" An arrow the other way is drawn: {target} -> {source}." if backwards else ""
        widgets.note(f"Nothing goes from {source} to {target} directly: that is a claim too.{other}")
        found = next((a for a in self.hypothesis.absences if (a.source, a.target) == self.pair), Absence(*self.pair))
        self._texts(found, "Why is there none?", self._take_absence)

    def _key(self, what: str) -> str:
        return f"arrow_{what}_{self.id}_{self.pair[0]}_{self.pair[1]}"

    def _name(self) -> str:
        return f"{self.project.title_of(self.pair[0])} -> {self.project.title_of(self.pair[1])}"

    def _form(self, edge: Edge) -> None:
        kind = self._kind(edge.source)
        levelled = kind in DISCRETE_KINDS
        offered = tuple(n for n in NAMES if n in FORMS and (not levelled or kind in FORMS[n].of_levels))
        say = lambda form: _SHORT.get(form or "", form or "")  # noqa: E731
        fields.choose("Form", offered, edge.form, self._key("form"), say, partial(self._take, "form"))

    def _scale(self, edge: Edge) -> None:
        """Offer the scale where there is a choice: a number that has a logarithm."""
        kind = self._kind(edge.source)
        form = _form_of(edge)
        fixed = form.scale if form is not None else None
        if fixed is not None or (kind not in _SCALED and edge.scale is None):
            own = "level by level" if kind in DISCRETE_KINDS else _UNIT_OF[fixed or "raw"]
            st.text_input("Scale", own, disabled=True, key=self._key(f"scale_{own}"))
            return
        own = self._own_scale(edge.source)
        say = lambda scale: _UNIT_OF[scale] if scale else f"its own{own}"  # noqa: E731
        fields.choose("Scale", (None, *SCALES), edge.scale, self._key("scale"), say, partial(self._take, "scale"))

    def _carry(self, edge: Edge) -> None:
        """Offer over how many later rows what is left carries over, where the form takes it and rows have a time."""
        levelled = self._kind(edge.source) in DISCRETE_KINDS
        takes = edge.form in FORMS and FORMS[edge.form].carrying is not None and not levelled
        timed = self.dataset is not None and has_time(self.dataset)
        if not edge.carry and not (takes and timed):
            return
        say = lambda rows: f"{rows} row{'s' if rows != '1' else ''}" if rows else "none: each row by itself"  # noqa: E731
        fields.choose(
            "What is left of it carries over for …",
            (None, *(str(rows) for rows in _CARRIED)),
            str(edge.carry) if edge.carry else None,
            self._key("carry"),
            say,
            lambda rows: self._step("carry-over", {"carry": int(rows or 0)}),
            help="Adstock: a share of what it does in a row is left for the next, and is estimated. Rows are in the "
            "order of time.",
        )

    def _kind(self, name: str) -> str | None:
        if self.dataset is not None and name in self.dataset.names:
            return self.dataset.column(name).kind
        return self.hypothesis.node(name).kind

    def _own_scale(self, name: str) -> str:
        """Return in brackets what a node's own scale is, where that is known."""
        family = self.hypothesis.node(name).family
        if family is None and self.dataset is not None and name in self.dataset.names:
            found = columns.family_of(self.dataset, name, self.hypothesis.graph.nodes)
            family = found.family if isinstance(found, Choice) else None
        if family not in FAMILIES:
            return ""
        return f" ({_UNIT_OF['raw' if working_transform(str(family)) == 'identity' else 'log']})"

    def _sign(self, edge: Edge) -> None:
        """Offer which way the effect goes, where the cause has a more and a less, or two levels."""
        more = self._more(edge.source, edge.form)
        if not more and edge.sign is None:
            return
        said = words.md(f"{more} … {self.project.title_of(edge.target)}")
        fields.pick(said, _SIGNS, edge.sign, self._key("sign"), partial(self._take, "sign"), _SIGN_HINT)

    def _more(self, name: str, form: str) -> str:
        """Return what it is that may raise or lower the target; empty for several levels with an effect each."""
        title = self.project.title_of(name)
        if self._kind(name) not in DISCRETE_KINDS or form != "linear":
            return f"More {title}"
        known = self.dataset.column(name).levels if self.dataset is not None and name in self.dataset.names else ()
        return f"{title}: {known[1]} rather than {known[0]}" if len(known) == 2 else ""

    def _by(self, edge: Edge) -> None:
        group = self.hypothesis.node(edge.target).group
        others = [name for name in self.hypothesis.graph.parents(edge.target) if name != edge.source]
        offered = (None, *others, *([group] if group is not None and group != edge.source else []))
        fields.choose(
            "The effect differs by",
            offered,
            edge.by,
            self._key("by"),
            lambda by: f"{self.project.title_of(by)}{' (its group)' if by == group else ''}" if by else "nothing",
            partial(self._take, "by"),
            help="Another cause of the same node, or the group that it varies by.",
        )

    def _texts(self, said: Edge | Absence, why: str, take: Any) -> None:
        fields.write(why, said.reason, self._key("reason"), partial(take, "reason"), "in a sentence", most=1000)
        fields.write("Who says so?", said.citation, self._key("citation"), partial(take, "citation"), "a source")

    def _take(self, field: str, value: str | None) -> None:
        # Of another form nothing may be left to carry over.
        form = FORMS.get(value or "") if field == "form" else None
        stops = form is not None and form.carrying is None
        self._step(field, {field: value, **({"carry": 0} if stops else {})})

    def _take_text(self, field: str, text: str | None) -> None:
        self._step("reason" if field == "reason" else "source", {field: text or ""})

    def _step(self, what: str, changes: Mapping[str, Any]) -> None:
        make = lambda base: base.with_edge(*self.pair, **changes)  # noqa: E731
        steps.take(self.project, self.id, f"{what} of {self._name()}", make)

    def _take_absence(self, field: str, text: str | None) -> None:
        said = f"why there is no {self._name()}"
        steps.take(self.project, self.id, said, lambda base: _with_absence(base, self.pair, {field: text or ""}))


def _form_of(edge: Edge) -> Form | None:
    """Return what an arrow is fitted as; None where this version cannot."""
    form = FORMS.get(edge.form)
    return FORMS[form.carrying] if form is not None and edge.carry and form.carrying is not None else form


def _with_absence(base: Hypothesis, pair: Pair, changes: Mapping[str, str]) -> Hypothesis:
    """Return a drawing with other words on an arrow that is not there; without any they go."""
    found = next((a for a in base.absences if (a.source, a.target) == pair), Absence(*pair))
    said = replace(found, **changes)
    others = tuple(a for a in base.absences if (a.source, a.target) != pair)
    return replace(base, absences=(*others, said) if said.reason or said.citation else others)
