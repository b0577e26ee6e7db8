"""Data: what was uploaded, what each column is, and what looks wrong."""

from functools import partial

import streamlit as st

from core.data.dataset import Column, Dataset
from core.data.profile import ColumnProfile
from core.errors import WhyboardError
from ui import columns, doors, frame, session, table, uploading, widgets, words
from ui.session import ProjectView

PER_PAGE = 12


def take_file(project: ProjectView, key: str) -> None:
    """Let a file take the place of the data; on refusal nothing of what was there is lost."""
    kept = f"{project.upload.name} is still here, as it was." if project.upload else ""
    done = uploading.uploaded(key, lambda given: replaced(project, given), kept=kept)
    if done is not None:
        st.session_state["lost"] = done
        st.rerun()


def replaced(project: ProjectView, given: uploading.Upload) -> tuple[str, tuple[str, ...]]:
    """Put a file that was read in place of the data; return which file of which project, and what does not fit it."""
    return f"{project.token} {given.name}", doors.replace_data(project, given.name, given.content, given.read)


def without_data(project: ProjectView) -> None:
    """Say what will be here, and offer ways to bring data."""
    problem = project.data_problem()
    if problem is not None:
        widgets.refusal(problem)
    drawn = words.listing(record.title for record in project.hypotheses())
    widgets.empty_page(
        "No data yet.",
        "Bring a table with one row per case and one column per variable. You will see what each column is, "
        "what is missing and what looks wrong. "
        + (f"Your drawing ({drawn}) stays; columns of the same name belong to its nodes." if drawn else ""),
    )
    left, right = st.columns(2, gap="large", border=True)
    with left:
        st.html('<div class="wb-door">Upload a table</div>')
        take_file(project, "first_file")
    with right:
        st.html('<div class="wb-door">Or look at a sample</div>')
        samples = doors.samples()
        key = st.selectbox("Sample", list(samples), format_func=lambda key: samples[key].title, key="data_sample")
        if key:
            widgets.note(samples[key].question)
            if st.button("Open it as a project of its own", key="open_sample_project"):
                session.go("data", doors.open_sample(samples[key]))


def summary(project: ProjectView, dataset: Dataset) -> None:
    """Show the table in numbers, what looks wrong with it, and a way to replace it."""
    found = columns.profile_of(project, dataset)
    missing = sum(column.missing for column in found.columns)
    left, right = st.columns([5, 1.3], vertical_alignment="center")
    with left:
        widgets.facts(
            {
                f"rows in {project.upload.name if project.upload else 'the table'}": f"{found.rows:,}",
                "column" if len(found.columns) == 1 else "columns": f"{len(found.columns):,}",
                "rows without a gap": f"{found.complete_rows:,}",
                "missing value" if missing == 1 else "missing values": f"{missing:,}",
                "repeated row" if found.duplicate_rows == 1 else "repeated rows": f"{found.duplicate_rows:,}",
            }
        )
    replaced = project.upload.created if project.upload else 0.0  # closed once there is another file
    with right, st.popover("Replace the data", width="stretch", key=f"replace_{replaced}"):
        take_file(project, "new_file")
    file, lost = st.session_state.get("lost", ("", ()))
    if project.upload and file == f"{project.token} {project.upload.name}":  # said until another file comes
        widgets.warnings_list(lost)
    widgets.warnings_list(found.warnings)
    table.first_rows(dataset)


def missing_roles(project: ProjectView, dataset: Dataset) -> None:
    """Ask the two plain questions where they are still open."""
    if project.exposure and project.outcome:
        return
    names = list(dataset.names)
    with st.container(border=True), st.form("roles", border=False):
        left, middle, right = st.columns([3, 3, 1.4], vertical_alignment="bottom")
        at = [names.index(name) if name in names else None for name in (project.exposure, project.outcome)]
        name_of = lambda name: dataset.column(name).title  # noqa: E731
        exposure = left.selectbox("What can you change?", names, at[0], name_of, placeholder="a column")
        outcome = middle.selectbox("What should move?", names, at[1], name_of, placeholder="a column")
        if right.form_submit_button("Mark them", width="stretch"):
            if exposure and exposure == outcome:
                st.warning("Choose two different columns.")
                return
            if exposure and outcome and not project.question:
                question = f"Does {name_of(exposure)} move {name_of(outcome)}?"
                session.get_store().update_project(project.token, question=question)
            doors.set_roles(project, exposure, outcome)
            st.rerun()


def column_list(project: ProjectView, dataset: Dataset) -> None:
    """Show the columns, a page at a time where there are many."""
    found = columns.profile_of(project, dataset)
    shown = list(found.columns)
    if len(shown) > 1:
        table.several_at_once(project, dataset, found)
    if len(shown) > PER_PAGE:
        wanted = st.text_input("Find a column", key="find", placeholder="part of its name or label", type="search")
        part = (wanted or "").casefold()
        shown = [c for c in shown if part in c.name.casefold() or part in c.label.casefold()]
    pages = max(1, -(-len(shown) // PER_PAGE))
    page = st.session_state.get("column_page", 1) if pages > 1 else 1
    heads = ("Column", "How it spreads", "Kind, and what it is modelled as", "Label", "Unit")
    with st.container(key="columns_head"):
        for place, head in zip(st.columns(WIDTHS, gap="small"), heads, strict=True):
            place.html(f'<div class="wb-small wb-muted">{head}</div>')
    nodes = sorted({name for record in project.hypotheses() for name in record.hypothesis.graph.nodes})
    for column in shown[(min(page, pages) - 1) * PER_PAGE :][:PER_PAGE]:
        with st.container(border=True, key=f"column_{dataset.names.index(column.name)}"):
            one_column(project, dataset, column, nodes)
    if pages > 1:
        st.pagination(pages, key="column_page")
    if not shown:
        widgets.note("No column has that in its name or label.")


WIDTHS = [2.1, 1.35, 2.5, 1.7, 1.25]


def one_column(project: ProjectView, dataset: Dataset, column: ColumnProfile, nodes: list[str]) -> None:
    """Draw a column: what it is, how it spreads, its kind and model, and the user's words for it."""
    index = dataset.names.index(column.name)
    left, picture, kind, label, unit = st.columns(WIDTHS, gap="small")
    with left:
        role = {project.exposure: "▶ exposure", project.outcome: "◎ outcome"}.get(column.name, "")
        mark = f' <span class="wb-role wb-{role[2:]}"><small>{role}</small></span>' if role else ""
        st.html(
            f'<div class="wb-column"><b>{words.html(words.clip(column.name, 60))}</b>{mark}</div>'
            f'<div class="wb-small wb-muted">{words.html(columns.facts_of(column, dataset.rows))}</div>'
            f"{widgets.warnings_html(column.warnings)}"
        )
    picture.html(columns.picture_of(column, dataset))
    with kind:
        choose_kind(project, dataset, column, index)
        family = columns.family_of(dataset, column.name, nodes)
        if isinstance(family, WhyboardError):
            widgets.note("Stays out of graphs: dates and identifiers are no nodes.")
        else:
            widgets.note(f"Modelled as {family.family}: {family.reason}.")
        table.ask(project, dataset, column, index)
    stem = f"{index}_{project.upload.digest if project.upload else ''}"
    for place, word, hint in ((label, "label", "in your words"), (unit, "unit", "EUR, mm …")):
        key = f"{word}_{stem}"
        place.text_input(
            f"{word.capitalize()} of {words.md(column.name)}",
            getattr(column, word),
            key=key,
            placeholder=f"{word}: {hint}",
            max_chars=80,
            label_visibility="collapsed",
            on_change=partial(keep_word, project, column.name, word, key),
        )
    if dataset.column(column.name).discrete:
        with label:
            choose_levels(project, dataset.column(column.name), index)


def keep_word(project: ProjectView, name: str, word: str, key: str) -> None:
    """Keep a label or unit as typed."""
    columns.set_words(project, name, **{word: st.session_state[key]})


def choose_kind(project: ProjectView, dataset: Dataset, column: ColumnProfile, index: int) -> None:
    """Offer the kinds; one that the values do not allow is refused and changes nothing."""
    key = f"kind_{index}_{project.upload.version if project.upload else ''}"
    options = list(columns.KIND_OPTIONS)
    chosen = st.selectbox(
        f"Kind of {words.md(column.name)}",
        options,
        index=options.index(column.kind),
        key=key,
        format_func=lambda kind: f"{kind}: {words.KIND_WORDS[kind]}" if words.KIND_WORDS[kind] != kind else kind,
        label_visibility="collapsed",
    )
    if chosen == column.kind:
        return
    try:
        columns.set_kind(project, dataset, column.name, chosen)
    except WhyboardError as error:
        widgets.refusal(error)
        widgets.note(f"It stays {column.kind}.")
        return
    st.rerun()


def choose_levels(project: ProjectView, column: Column, index: int) -> None:
    """Offer the order of a discrete column's levels; of two, which one counts as 1."""
    version = project.upload.version if project.upload else ""
    if column.kind == "binary" and len(column.levels) == 2:
        one = st.selectbox(
            f"Which value of {words.md(column.name)} counts as 1?",
            column.levels,
            index=1,
            key=f"one_{index}_{version}",
            format_func=lambda level: f"1 means {words.clip(level, 20)}",
            label_visibility="collapsed",
        )
        if one == column.levels[0]:
            columns.set_levels(project, column, column.levels[::-1])
            st.rerun()
        return
    if len(column.levels) > 40:
        return
    with st.popover("Order of the levels", width="stretch"):
        first = st.multiselect(
            "Pick them in the order you want, lowest first",
            column.levels,
            default=list(column.levels),
            key=f"order_{index}_{version}",
        )
        if st.button("Use this order", key=f"use_order_{index}", disabled=len(first) != len(column.levels)):
            columns.set_levels(project, column, first)
            st.rerun()


def about_sample(project: ProjectView) -> None:
    """Show a sample's card: where it comes from and what to look for."""
    sample = doors.samples().get(project.upload.sample or "") if project.upload else None
    if sample is not None:
        with st.expander(f"About this sample: {words.md(sample.title)}"):
            st.markdown(sample.card)


def kept(project: ProjectView) -> None:
    """Say where things lie, and offer to delete them."""
    st.space("small")
    with st.expander("Where this is kept, and how to delete it"):
        for what, where in session.get_store().where(project.token).items():
            said = words.html(words.sentence(what).rstrip("."))
            st.html(f'<div class="wb-small">{said}: <code>{words.html(where)}</code></div>')
        widgets.note("Nothing is sent anywhere else. Drawings stay when data are deleted.")
        if st.button("Delete the upload, fits and caches", icon=":material/delete:", key="delete_data"):
            confirm_delete(project)


@st.dialog("Delete this project's data?")
def confirm_delete(project: ProjectView) -> None:
    """Ask before deleting, and say what goes and what stays."""
    name = project.upload.name if project.upload else "the upload"
    st.html(
        f"<p>{words.html(name)}, every fit made from it, their results and their cached blocks are deleted from this "
        "machine. This cannot be undone. Your drawings, names and notes stay.</p>"
    )
    left, right = st.columns(2)
    if left.button("Delete them", type="primary", width="stretch", key="really_delete"):
        done = session.delete_data(project)
        st.session_state["said"] = str(done)
        st.rerun()
    if right.button("Keep them", width="stretch", key="keep"):
        st.rerun()


project = session.require()
frame.header(project)
if said := st.session_state.pop("said", ""):
    widgets.note(said)
data = project.dataset()
if data is None:
    without_data(project)
    if project.upload:  # a file that cannot be read any more can still be deleted
        kept(project)
else:
    summary(project, data)
    missing_roles(project, data)
    column_list(project, data)
    st.space("small")
    if st.button("Draw what you believe causes what", type="primary", icon=":material/arrow_forward:", key="to_draw"):
        session.go("draw", project)
    about_sample(project)
    kept(project)
