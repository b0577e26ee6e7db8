"""Start: two plain questions and three doors."""

import streamlit as st

from core.errors import WhyboardError
from core.graph.templates import TEMPLATES
from ui import doors, frame, pictures, recent, session, theme, uploading, widgets, words
from ui.doors import Asked
from ui.session import ProjectView
from ui.story import story

FIRST_SAMPLE = "marketing"


def hero() -> None:
    """Say in two sentences what this is."""
    st.html(
        '<div class="wb-hero"><h1>Draw what you believe. See where the data disagree.</h1>'
        "<p>Two people can look at the same numbers and believe different causes. Draw each belief as a graph; "
        "Whyboard fits them side by side, shows where each one fails, which cannot be told apart, "
        "and what it would take to know.</p></div>"
    )


def two_questions() -> Asked:
    """Ask what can be changed and what should move."""
    left, middle, right = st.columns([3, 3, 4], gap="medium", vertical_alignment="bottom")
    change = left.text_input("What can you change?", key="change", placeholder="ad spend", max_chars=80)
    move = middle.text_input("What should move?", key="move", placeholder="sales", max_chars=80)
    asked = Asked(words.one_line(change or ""), words.one_line(move or ""))
    with right:
        if asked.question:
            said = (
                f'<span class="wb-role wb-exposure"><small>▶ exposure</small> <b>{words.html(asked.change)}</b></span> '
                f'<span class="wb-role wb-outcome"><small>◎ outcome</small> <b>{words.html(asked.move)}</b></span>'
            )
            st.html(f'<div class="wb-roles" style="padding-bottom:.55rem">{said}</div>')
        else:
            widgets.note("Optional: your own upload or drawing starts with these two marked. Samples bring their own.")
    return asked


def sample_pictures(key: str) -> str:
    """Return a sample's rival graphs side by side, as HTML."""
    parts = []
    rivals = doors.sample_hypotheses(key)[:3]
    names = words.clip_all((hypothesis.name for hypothesis in rivals), 22)
    for index, (hypothesis, name) in enumerate(zip(rivals, names, strict=True)):
        colour = theme.colour_of(index)
        head = f"{widgets.chip(theme.letter_of(index), colour)} {words.html(name)}"
        drawn = pictures.graph_picture(hypothesis, colour, width=190, height=104, tone=theme.tone())
        parts.append(f'<figure class="wb-rival"><figcaption>{head}</figcaption>{drawn}</figure>')
    return f'<div class="wb-rivals">{"".join(parts)}</div>'


def sample_door() -> None:
    """Offer the samples, each with its question and its rival graphs."""
    samples = doors.samples()
    first = list(samples).index(FIRST_SAMPLE) if FIRST_SAMPLE in samples else 0
    st.html('<div class="wb-door">Open a sample</div>')
    key = st.selectbox(
        "Sample",
        list(samples),
        index=first,
        format_func=lambda key: samples[key].title,
        label_visibility="collapsed",
        key="sample",
    )
    sample = samples[key]
    st.html(f'<div class="wb-ask">{words.html(sample.question)}</div>{sample_pictures(sample.key)}')
    file = 0
    if len(sample.files) > 1:
        titles = [words.md(file.title) for file in sample.files]
        said = st.segmented_control("Data", titles, default=titles[0], required=True, label_visibility="collapsed")
        file = titles.index(str(said))
    if st.button("Open this sample", type="primary", width="stretch", key="open_sample"):
        session.go("draw", doors.open_sample(sample, file))


def upload_door(asked: Asked) -> None:
    """Take a file; what cannot be read starts nothing."""
    st.html('<div class="wb-door">Upload your data</div>')
    project = uploading.uploaded(
        "start_upload", lambda given: doors.open_upload(given.name, given.content, asked, given.read)
    )
    widgets.note("It is kept only where this app runs, and one button deletes it.")
    if project is not None:
        session.go("data", project)


def drawing_door(asked: Asked) -> None:
    """Start from a drawing."""
    st.html('<div class="wb-door">Draw first</div>')
    patterns = {"": "Just the two of them", **{key: template.title for key, template in TEMPLATES.items()}}
    key = st.selectbox(
        "Start from", list(patterns), format_func=patterns.__getitem__, label_visibility="collapsed", key="pattern"
    )
    change, move = asked.change or "exposure", asked.move or "outcome"
    hypothesis = doors.first_drawing(change, move if move != change else f"{move} 2", key or None)
    sentence = TEMPLATES[key].sentence if key else "No data yet? Put down what you believe; the data can come later."
    drawn = pictures.graph_picture(hypothesis, theme.colour_of(0), width=330, height=150, titles={}, tone=theme.tone())
    st.html(f'<div class="wb-small" style="min-height:2.6em">{words.html(sentence)}</div>{drawn}')
    if st.button("Start drawing", width="stretch", key="open_drawing"):
        session.go("draw", doors.open_drawing(asked, key or None))


def three_doors(asked: Asked) -> None:
    """Show the doors beside each other."""
    with st.container(key="doors"):
        sample, upload, draw = st.columns([1.75, 1.1, 1.1], gap="small", border=True)
    with sample:
        sample_door()
    with upload:
        upload_door(asked)
    with draw:
        drawing_door(asked)


def the_question(project: ProjectView) -> None:
    """Let the user put the question of an open project."""
    frame.header(project)
    dataset = project.dataset()
    names = list(dict.fromkeys([*(dataset.names if dataset else ()), *_drawn(project)]))
    st.subheader("What is this about?", anchor=False)
    with st.form("question", border=False):
        question = st.text_input("Your question, as you would ask a colleague", project.question, max_chars=200)
        left, right = st.columns(2)
        exposure = left.selectbox(
            "What can you change?", names, index=_at(names, project.exposure), placeholder="Choose"
        )
        outcome = right.selectbox("What should move?", names, index=_at(names, project.outcome), placeholder="Choose")
        if st.form_submit_button("Keep this question", type="primary"):
            if exposure is not None and exposure == outcome:
                st.warning("Choose two different things: what you change, and what should move because of it.")
            else:
                session.get_store().update_project(project.token, question=words.one_line(question or ""))
                doors.set_roles(project, exposure, outcome)
                st.rerun()
    if not names:
        widgets.note("The choices fill with the columns of your data and the nodes that you draw.")
    st.space("small")
    session.page_link("data" if dataset is None else "draw", "Go on", project, icon=":material/arrow_forward:")


def _drawn(project: ProjectView) -> list[str]:
    return [name for record in project.hypotheses() for name in record.hypothesis.graph.nodes]


def _at(names: list[str], name: str | None) -> int | None:
    return names.index(name) if name in names else None


try:
    project = session.current(restore=False)
except WhyboardError as error:
    project = None
    widgets.refusal(error)
    session.leave()

if project is None:
    hero()
    recent.show()
    three_doors(two_questions())
    st.html(story(theme.tone()))
else:
    the_question(project)
