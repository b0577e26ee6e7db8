"""Simulate: what data would each hypothesis generate, before any fit?"""

import streamlit as st

from ui import frame, results, session, simulating, widgets, words
from ui.session import ProjectView


def main() -> None:
    project = session.require()
    frame.header(project)
    dataset = project.dataset()
    found = results.candidates(project, dataset)
    if not found.ready and not found.refused:
        widgets.empty_page(
            "Here each hypothesis generates data before it has seen any: is that a world you would believe?",
            "First draw one: which variable causes which?",
        )
        session.page_link("draw", "Draw a hypothesis", project, icon=":material/arrow_back:")
        return
    for record, error in found.refused:
        mark = widgets.chip(record.letter, record.colour)
        st.html(f'<div class="wb-warn">{mark} cannot generate data as it is. {words.html_error(error)}</div>')
    if not found.ready:
        return
    # Only what is looked at is made, and sent.
    prior, synthetic = st.tabs(["Before any data", "One data set to keep"], key="simulated", on_change="rerun")
    if synthetic.open:
        with synthetic:
            simulating.synthetic_section(project, dataset, found)
    else:
        with prior:
            before(project, found)


def before(project: ProjectView, found: results.Candidates) -> None:
    """Draw prior predictive data sets, beside the observed where there are data."""
    dataset = project.dataset()
    if dataset is None:
        simulating.ranges(project, found)
    chosen = simulating.controls(dataset)
    made = simulating.world(project, dataset, found, chosen)
    if simulating.together(found):
        simulating.pairs(project, found, made)
    else:
        simulating.marginals(project, found, made)


main()
