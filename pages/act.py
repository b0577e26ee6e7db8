"""Act: what happens if I do this, under each hypothesis and over all of them?"""

import streamlit as st

from ui import (
    acting,
    choosing,
    doubting,
    exchangeable,
    follows,
    frame,
    imagining,
    knowing,
    mediating,
    overturning,
    policies,
    remedies,
    results,
    session,
    trials,
)


def main() -> None:
    project = session.require()
    frame.header(project)
    _, last = results.shown(
        project,
        "Here you change something, and see what each hypothesis says follows: side by side, with all the doubt that "
        "there is.",
    )
    if last is None:
        return
    remedies.panel(project, last)
    exchangeable.panel(project, last)
    reopened = acting.opened(project, last)
    if reopened is None:
        return
    taken = trials.line(project, last, reopened)
    asked = acting.ask(project, reopened)
    if asked is None:
        return
    found = follows.acted(last, reopened, asked, taken)
    with st.container(key="act_beside"):
        left, right = st.columns([3, 2], gap="large")
        with left:
            follows.forest(project, reopened, asked, found)
            doubting.doubt(project, found)
            doubting.measure_next(project, last, reopened, asked, found, taken)
            doubting.by_group(project, last, reopened, asked, found, taken)
        with right:
            knowing.panel(project, last, asked)
    follows.curve(project, last, reopened, asked, taken)
    policies.section(project, last, reopened, asked, taken)
    mediating.section(project, last, reopened, asked)
    trials.section(project, last, reopened, asked)
    overturning.naive(project, last, reopened, asked)
    imagining.section(project, last, reopened, asked)
    choosing.section(project, last, reopened, asked)
    overturning.overturned(project, last, reopened, asked)


main()
