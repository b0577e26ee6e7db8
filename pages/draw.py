"""Draw: rival hypotheses, each a graph, and what each of them claims."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from core.comparison.result import HypothesisFacts
from core.data.dataset import Dataset
from core.errors import WhyboardError
from core.graph.templates import TEMPLATES
from core.hypothesis import Hypothesis
from ui import (
    arrows,
    doors,
    drawing,
    found,
    frame,
    graph_files,
    looking,
    nodes,
    rivalry,
    session,
    taking,
    theme,
    tools,
    tracing,
    typed,
    widgets,
    words,
)
from ui.claims import claims_html, claims_of
from ui.drawing import Held
from ui.editor import editor, last_edit
from ui.session import HypothesisRecord, ProjectView
from ui.theme import COLOUR_NAMES, COLOURS
from ui.unrelated import ask_unrelated

CANVAS = "canvas"
HEIGHT = 540
THIS_MENU = "this_menu"
#: Project to the hypothesis that this tab showed last.
LAST = "last_hypothesis"


# -- which hypothesis -------------------------------------------------------------


def hypothesis_bar(project: ProjectView, records: Sequence[HypothesisRecord]) -> HypothesisRecord:
    """Draw the row of hypotheses and return the chosen one."""
    by_id = {record.id: record for record in records}
    short = dict(zip(by_id, words.clip_all((record.name for record in records), 26), strict=True))
    chosen_key = "hypothesis"
    st.session_state[chosen_key] = open_one(project, by_id, st.session_state.get(chosen_key))
    theme.colour_segments("st-key-hypothesis", [record.colour for record in records])
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        chosen = st.segmented_control(
            "Hypothesis",
            list(by_id),
            format_func=lambda id: f"**{by_id[id].letter}** {words.md(short[id])}",
            required=True,
            key=chosen_key,
            label_visibility="collapsed",
        )
        record = by_id[str(chosen)]
        remember(project, record, len(records))
        with st.popover("New", icon=":material/add:", key=f"new_menu_{record.id}"):  # closed once it added one
            new_menu(project, record)
        with widgets.menu("This one", THIS_MENU, icon=":material/tune:"):
            this_menu(project, record)
    return record


def open_one(project: ProjectView, by_id: Mapping[str, HypothesisRecord], now: str | None) -> str:
    """Return the hypothesis to show: a new one, the one chosen ``now``, the address' own, the last one of this tab."""
    named = next((id for id, record in by_id.items() if record.letter == st.query_params.get("h")), None)
    last = st.session_state.get(LAST, {}).get(project.token)
    wanted = (st.session_state.pop("goto_hypothesis", None), now, named, last)
    return next((id for id in wanted if id in by_id), next(iter(by_id)))


def remember(project: ProjectView, record: HypothesisRecord, several: int) -> None:
    """Keep which hypothesis is shown: in the address for a reload, in this tab for coming back from another page."""
    st.session_state.setdefault(LAST, {})[project.token] = record.id
    if several == 1:
        st.query_params.pop("h", None)
    elif st.query_params.get("h") != record.letter:
        st.query_params["h"] = record.letter


def new_menu(project: ProjectView, record: HypothesisRecord) -> None:
    """Offer ways to add a hypothesis: a copy, an empty one, a pattern, a file."""
    names = [other.name for other in project.hypotheses()]
    if st.button(f"Copy of {words.md(record.title)}", icon=":material/content_copy:", width="stretch", key="copy"):
        add(project, drawing.hold(record).hypothesis.renamed(doors.unused_name(names, record.name)))
    if st.button("Empty graph", icon=":material/add:", width="stretch", key="empty"):
        add(project, Hypothesis(doors.unused_name(names, "New idea")))
    pattern = st.selectbox(
        "Or a pattern",
        list(TEMPLATES),
        None,
        lambda key: TEMPLATES[key].title,
        placeholder="choose one",
        key="template",
    )
    if pattern:
        widgets.note(TEMPLATES[pattern].sentence)
        if st.button("Add this pattern", width="stretch", key="add_template"):
            made = doors.from_template(pattern, {"exposure": project.exposure, "outcome": project.outcome})
            add(project, made.renamed(doors.unused_name(names, made.name)))
    offer_file(project, names)


def offer_file(project: ProjectView, names: Sequence[str]) -> None:
    """Offer to add the graph of a file, and show it once it is there."""
    given = st.file_uploader(f"Or a file: {graph_files.KINDS}", key="graph_file", max_upload_size=2)
    dataset = project.dataset()
    columns = dataset.names if dataset is not None else ()
    added = taking.taken_once("graph_file", given, partial(graph_files.add_file, project, columns, names))
    if added is not None and given is not None:
        id, reading = added
        graph_files.note(id, given.name, reading)
        st.session_state["goto_hypothesis"] = id
        st.rerun()


def add(project: ProjectView, hypothesis: Hypothesis) -> None:
    """Add a hypothesis and show it."""
    try:
        st.session_state["goto_hypothesis"] = doors.add(project, hypothesis)
    except WhyboardError as error:
        widgets.refusal(error)
        return
    st.rerun()


def this_menu(project: ProjectView, record: HypothesisRecord) -> None:
    """Offer the name, note and colour of the chosen hypothesis, and its deletion."""
    with st.form(f"words_{record.id}", border=False):
        name = st.text_input("Name", record.name, max_chars=80, key=f"name_{record.id}")
        note = st.text_area("Note", record.note, height=90, max_chars=2000, key=f"note_{record.id}")
        colours = list(dict.fromkeys([*COLOURS, record.colour]))
        colour = st.selectbox(
            "Colour", colours, colours.index(record.colour), lambda c: COLOUR_NAMES.get(c, c), key=f"colour_{record.id}"
        )
        if st.form_submit_button("Keep", width="stretch"):
            keep_words(project, record, words.one_line(name or ""), note or "", colour)
    if st.button(f"Delete {words.md(record.title)}", icon=":material/delete:", width="stretch", key="delete"):
        session.get_store().delete_hypothesis(project.token, record.id)
        st.session_state["deleted"] = (record.id, record.title)
        widgets.close_menu(THIS_MENU)
        st.rerun()


def keep_words(project: ProjectView, record: HypothesisRecord, name: str, note: str, colour: str) -> None:
    """Keep a hypothesis' name, note and colour."""
    held = drawing.hold(record)
    if name and name != record.name:
        try:
            drawing.change(project, record.id, held.hypothesis.renamed(name))
        except WhyboardError as error:
            widgets.refusal(error)
            return
    session.get_store().update_hypothesis(project.token, record.id, note=note, colour=colour)
    widgets.close_menu(THIS_MENU)
    st.rerun()


def undo_delete(project: ProjectView) -> None:
    """Offer the way back after a deletion, until the next one or another visit."""
    gone = st.session_state.get("deleted")
    if not gone:
        return
    id, title = gone
    with st.container(horizontal=True, vertical_alignment="center"):
        widgets.note(f"{title} is deleted.")
        if st.button("Undo", icon=":material/undo:", key="undo_delete"):
            session.get_store().restore_hypothesis(project.token, id)
            st.session_state.pop("deleted")
            st.session_state["goto_hypothesis"] = id
            st.rerun()


# -- the drawing ------------------------------------------------------------------


def take_edit(project: ProjectView, id: str) -> None:
    """Take what the canvas says, before anything is drawn again: an edit, or a click that asks for settings."""
    edit = last_edit(CANVAS)
    looking.on_canvas(id, drawing.apply_edit(project, id, edit), edit)


@st.fragment
def workbench(project: ProjectView, record: HypothesisRecord) -> None:
    """The canvas, what it claims, and the tools below; only this part runs again at an edit."""
    if st.session_state.pop(drawing.MARKS_MOVED, False):
        st.rerun()  # the line over the page shows the marks
    held = drawing.hold(record)
    dataset = project.dataset()
    facts = found.facts_of(project, record, held.hypothesis, dataset)
    trace = tracing.trace(project, record.id, held.hypothesis)
    graph_files.show_notes(project, record.id)
    with st.container(key="bench"):
        canvas, claims = st.columns([3.3, 1.2], gap="medium")
    with canvas:
        show_canvas(project, record, held, dataset, facts, trace)
    with claims, st.container(key="beside"):
        tracing.panel(project, record.id, held.hypothesis, trace)
        names = dataset.names if dataset else None
        ask_unrelated(project, record.id, held, names)
        st.html(claims_html(claims_of(held.hypothesis, project.title_of, names), project.title_of))
    apart, place = rivalry.in_words(project, dataset), st.empty()  # the place stays: what is below keeps the focus
    if apart:
        place.html(f'<div class="wb-small" role="note" data-testid="apart">{words.html(apart)}</div>')
    st.session_state.setdefault(looking.TOOL, "Text")  # a click on the canvas may have chosen another
    tool = st.segmented_control(
        "Also as", [looking.ARROWS, looking.NODES, "Text", "Table"], key=looking.TOOL, label_visibility="collapsed"
    )
    if tool == "Text":
        typed.text_tool(project, record.id, held)
    elif tool == "Table":
        tools.table_tool(project, record.id, held, dataset)
    elif tool == looking.NODES:
        nodes.nodes_tool(project, record, held, dataset)
    elif tool == looking.ARROWS:
        arrows.arrows_tool(project, record, held, dataset, facts)


def show_canvas(
    project: ProjectView,
    record: HypothesisRecord,
    held: Held,
    dataset: Dataset | None,
    facts: HypothesisFacts | None,
    trace: tracing.Trace,
) -> None:
    """Show the canvas; its edits come back through :func:`take_edit`."""
    overlay = found.overlay(project, record, held.hypothesis, facts)
    editor(
        held.drawing.document,
        key=CANVAS,
        columns=dataset.columns if dataset else None,
        overlay=replace(overlay, paths=tracing.on_canvas(trace)),
        colour=record.colour,
        height=HEIGHT,
        notice=str(held.refused.message) if held.refused else "",
        shown=looking.shown(record.id),
        on_edit=partial(take_edit, project, record.id),
    )
    if facts is not None:
        widgets.note(found.SAID)


def nothing_drawn(project: ProjectView) -> None:
    """Say what will be here, and offer to start."""
    widgets.empty_page(
        "No hypothesis yet.",
        "A hypothesis is a graph: an arrow says that one thing directly causes another, a missing arrow that it "
        "does not. Draw the first one; then a rival, and let the data speak.",
    )
    if st.button("Start a first graph", type="primary", icon=":material/add:", key="first"):
        dataset = project.dataset()
        exposure, outcome = project.exposure or "exposure", project.outcome or "outcome"
        known = project.exposure and project.outcome
        made = doors.first_drawing(exposure, outcome) if known or dataset is None else Hypothesis("First idea")
        add(project, made)
    offer_file(project, ())
    if st.session_state.get("deleted"):
        undo_delete(project)


project = session.require()
frame.header(project)
records = project.hypotheses()
if not records:
    nothing_drawn(project)
else:
    undo_delete(project)
    chosen = hypothesis_bar(project, records)
    if chosen.problem is not None:
        widgets.refusal(chosen.problem)
    else:
        workbench(project, chosen)
    if st.button("See what each would generate", type="primary", icon=":material/arrow_forward:", key="to_simulate"):
        session.go("simulate", project)
