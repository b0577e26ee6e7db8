"""Graphs that came as a file or as text: adding one, what was taken for what, and what is left to ask."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.errors import WhyboardError
from core.formats import FORMATS, Reading, format_hypothesis, read_content, remarks_on_writing
from core.hypothesis import Hypothesis
from ui import doors, drawing, widgets, words
from ui.session import ProjectView

__all__ = ["KINDS", "add_file", "note", "offer", "show_notes"]

KINDS = "DAGitty, DOT, GraphML, GML, lavaan, BIF, bnlearn or JSON"
MAX_NAME = 80
#: What no file's name should hold.
_ODD = re.compile(r"[^\w.]+")


def add_file(
    project: ProjectView, columns: Sequence[str], names: Sequence[str], file: str, content: bytes
) -> tuple[str, Reading]:
    """Add the graph of a file; return its id and how it was read. What cannot be read adds nothing.

    Parameters
    ----------
    columns : sequence of str
        The columns of the project's data, empty without data.
    names : sequence of str
        Names that hypotheses have already.

    Raises
    ------
    WhyboardError
        What reading raises, or the store.
    """
    reading = read_content(content, file, columns=columns).answered(project.exposure, project.outcome)
    made = reading.hypothesis
    stem = words.one_line(made.name.replace("_", " "))[:MAX_NAME].strip() or "From a file"
    return doors.add(project, made.renamed(doors.unused_name(names, stem))), reading


def note(id: str, source: str, reading: Reading) -> None:
    """Keep what there is to say and to ask about a drawing that was read from ``source``."""
    st.session_state[f"read_{id}"] = (source, reading.told)
    st.session_state[f"open_roles_{id}"] = reading.open_roles


def show_notes(project: ProjectView, id: str) -> None:
    """Say how the drawing was read, until the user has seen it, and ask which of several marks is meant."""
    source, remarks = st.session_state.get(f"read_{id}", ("", ()))
    asked: dict[str, tuple[str, ...]] = st.session_state.get(f"open_roles_{id}", {})
    if not remarks and not asked:
        return
    with st.container(border=True, key=f"read_notes_{id}"):
        for role, names in asked.items():
            _ask(project, id, role, names)
        if remarks:
            items = "".join(f"<li>{words.html(words.sentence(remark))}</li>" for remark in remarks)
            st.html(f'<div class="wb-small">How {words.html(source)} was read:<ul class="wb-read">{items}</ul></div>')
            st.button("Got it", key=f"read_ok_{id}", on_click=partial(st.session_state.pop, f"read_{id}", None))
    if (error := st.session_state.get(f"role_error_{id}")) is not None:
        widgets.refusal(error)


def offer(id: str, hypothesis: Hypothesis) -> None:
    """Offer the drawing as a file in any of the formats, with what other programs will make of it."""
    options = [found.key for found in FORMATS.values() if found.write is not None]
    chosen = st.selectbox(
        "As", options, key=f"save_as_{id}", format_func=lambda key: f"{FORMATS[key].title} ({FORMATS[key].endings[0]})"
    )
    for remark in remarks_on_writing(hypothesis, chosen):
        st.html(f'<div class="wb-small">{words.html(words.sentence(remark))}</div>')
    try:
        text = format_hypothesis(hypothesis, chosen)
    except WhyboardError as error:  # GraphML cannot carry every character
        widgets.refusal(error)
        return
    st.download_button(
        "Download",
        text.encode(),
        (_ODD.sub("-", hypothesis.name).strip("-")[:MAX_NAME] or "graph") + FORMATS[chosen].endings[0],
        "text/plain",
        icon=":material/download:",
        key=f"save_graph_{id}",
        on_click="ignore",
    )


def _ask(project: ProjectView, id: str, role: str, names: tuple[str, ...]) -> None:
    key = f"which_{role}_{id}"
    st.pills(
        f"{len(names)} nodes are marked as {role}. Which one is the question about?",
        range(len(names) + 1),
        key=key,
        format_func=lambda index: words.md([*names, "none of them"][index]),
        on_change=partial(_answer, project, id, role, key),
    )


def _answer(project: ProjectView, id: str, role: str, key: str) -> None:
    chosen, asked = st.session_state[key], st.session_state[f"open_roles_{id}"]
    st.session_state.pop(f"role_error_{id}", None)
    if chosen is None:
        return
    if chosen < len(asked[role]):
        try:
            marked = drawing.with_role(drawing.held_now(id).hypothesis, asked[role][chosen], role)
            drawing.change(project, id, marked)
        except WhyboardError as error:
            st.session_state[f"role_error_{id}"] = error
            return
    st.session_state[f"open_roles_{id}"] = {other: names for other, names in asked.items() if other != role}
