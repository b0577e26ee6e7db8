"""The drawing as DAGitty text, in step both ways.

What is drawn is written into the field. What is typed there is the user's until they apply it,
by the button or Ctrl+Enter: leaving the field, a rerun, another tool, hypothesis or page neither
takes half a word for a node nor throws it away. Meanwhile it is said that it is not applied yet,
and what it would change.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial

import streamlit as st

from core.errors import WhyboardError
from core.hypothesis import Hypothesis, Node
from ui import drawing, graph_files, widgets, words
from ui.drawing import Held
from ui.session import ProjectView

__all__ = ["changes_in_words", "text_tool"]

#: How late a browser may send back a text that Python has changed since.
ECHO_SECONDS = 5.0
MAX_CHARS = 200_000


def text_tool(project: ProjectView, id: str, held: Held) -> None:
    """Show the graph as DAGitty text, and take what is typed when it is applied."""
    key, mark, typed = f"text_{id}", f"text_mark_{id}", st.session_state.get(f"text_typed_{id}")
    if typed is not None:
        st.session_state.setdefault(key, typed)  # the field was away meanwhile
    elif key not in st.session_state or st.session_state.get(mark) != held.version:
        st.session_state[key] = drawing.text_of(held.hypothesis)
        _stands_now(id, st.session_state[key])
        st.session_state[mark] = held.version
    st.text_area(
        "The same graph as DAGitty text",
        key=key,
        height=230,
        max_chars=MAX_CHARS,
        on_change=partial(_note_typed, id),
        help=r"Arrows are written \-\>, arcs with two heads \<\-\>. The drawing follows when you apply the text. "
        "A graph in another program's form (DOT, GraphML, GML, lavaan, BIF, bnlearn, JSON) can be pasted too.",
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Apply",
            icon=":material/check:",
            key=f"text_apply_{id}",
            shortcut="Ctrl+Enter",  # always there: it may be pressed before the browser has sent what was typed
            on_click=partial(_take_text, project, id),
        )
        with st.popover("Save as a file", icon=":material/download:", key=f"save_menu_{id}"):
            graph_files.offer(id, held.hypothesis)
        if typed is not None:
            st.button("Go back to what is drawn", key=f"text_back_{id}", on_click=partial(_drop_text, id))
            _preview(id, held, typed)
    error: WhyboardError | None = st.session_state.get(f"text_error_{id}")
    if error is not None:
        widgets.refusal(error)


def _preview(id: str, held: Held, typed: str) -> None:
    """Say that a text is not applied yet, and what it would change."""
    key, cached = (typed, held.version), st.session_state.get(f"text_preview_{id}")
    if cached is None or cached[0] != key:
        try:
            said = changes_in_words(held.hypothesis, drawing.reading_of(typed, held.hypothesis).hypothesis)
        except WhyboardError as error:
            where = f"{error.place}: " if error.place else ""
            said = f"as it stands it cannot be read ({where}{error.message})"
        cached = st.session_state[f"text_preview_{id}"] = (key, said)
    st.html(f'<div class="wb-small" role="status"><b>Not applied yet</b>: {words.html(cached[1])}</div>')


def changes_in_words(before: Hypothesis, after: Hypothesis) -> str:
    """Return what lies between two drawings: ``"+2 arrows, −1 node"``."""
    parts = []
    for noun, was, now in (
        ("node", set(before.graph.nodes), set(after.graph.nodes)),
        ("arrow", set(before.graph.edges), set(after.graph.edges)),
        ("two-headed arc", set(before.graph.bidirected), set(after.graph.bidirected)),
    ):
        parts += [f"+{words.count(len(now - was), noun)}"] if now - was else []
        parts += [f"−{words.count(len(was - now), noun)}"] if was - now else []
    for role in ("exposure", "outcome"):
        if getattr(before, role) != getattr(after, role):
            parts.append(f"{role}: {getattr(after, role) or 'none'}")
    unmeasured = (before.graph.latents ^ after.graph.latents) & set(before.graph.nodes) & set(after.graph.nodes)
    if unmeasured:
        parts.append(f"{words.count(len(unmeasured), 'node')} measured or not")
    settings = {node.name: _settings(node) for node in before.nodes}
    changed = [n for n in after.nodes if n.name in settings and _settings(n) != settings[n.name]]
    forms = {(edge.source, edge.target): edge for edge in before.edges}
    bent = [e for e in after.edges if e != forms.get((e.source, e.target), e)]
    parts += [f"other settings of {words.count(len(changed), 'node')}"] if changed else []
    parts += [f"other settings of {words.count(len(bent), 'arrow')}"] if bent else []
    return ", ".join(parts) or "it would change nothing but places"


def _settings(node: Node) -> Node:
    return replace(node, latent=False, position=None)


def _stands_now(id: str, text: str) -> None:
    """Note which text stands in the field now, and when the one before it was overtaken."""
    before = st.session_state.get(f"text_written_{id}")
    if before is not None and before != text:
        overtaken = st.session_state.setdefault(f"text_overtaken_{id}", {})
        overtaken[before] = time.monotonic()
        for old in list(overtaken)[:-20]:
            del overtaken[old]
    st.session_state[f"text_written_{id}"] = text


def _is_echo(id: str, text: str) -> bool:
    """Return whether a text is an older one that the browser sent back after it was overtaken.

    A gesture on the canvas sends every field along as the browser knows it. Where Python has
    changed the text since and the browser has not heard of it yet, the older one looks like
    something that a user typed.
    """
    when = st.session_state.get(f"text_overtaken_{id}", {}).get(text)
    return when is not None and time.monotonic() - when < ECHO_SECONDS


def _note_typed(id: str) -> None:
    """Keep what was typed, as the user's own until it is applied."""
    text = st.session_state[f"text_{id}"] or ""
    st.session_state.pop(f"text_error_{id}", None)
    if text == st.session_state.get(f"text_written_{id}"):
        st.session_state.pop(f"text_typed_{id}", None)
    elif _is_echo(id, text):
        st.session_state.pop(f"text_mark_{id}", None)  # the next run writes what is drawn
    else:
        st.session_state[f"text_typed_{id}"] = text


def _drop_text(id: str) -> None:
    for what in ("error", "typed", "mark"):
        st.session_state.pop(f"text_{what}_{id}", None)


def _take_text(project: ProjectView, id: str) -> None:
    text = st.session_state.get(f"text_{id}") or ""
    if text == st.session_state.get(f"text_written_{id}"):
        return
    try:
        reading = drawing.reading_of(text, drawing.held_now(id).hypothesis)
        after = drawing.change(project, id, reading.hypothesis)
    except WhyboardError as error:
        st.session_state[f"text_error_{id}"] = error
        return
    _drop_text(id)
    st.session_state[f"text_mark_{id}"] = after.version
    _stands_now(id, text)
    graph_files.note(id, "the text", reading)
