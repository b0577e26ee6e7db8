"""Fit: what will be fitted, how far it is, and whether it converged."""

import streamlit as st

from core import study
from core.data.dataset import Dataset
from core.errors import WhyboardError
from ui import confirming, fitting, frame, progress, remedies, results, session, widgets, words
from ui.session import ProjectView


def main() -> None:
    project = session.require()
    frame.header(project)
    dataset = project.dataset()
    if dataset is None:
        problem = project.data_problem()
        if problem:
            widgets.refusal(problem)
        widgets.empty_page(
            "Here each hypothesis is fitted to your data.",
            "First bring the data: upload a file or open a sample on the Data page.",
        )
        session.page_link("data", "Bring data", project, icon=":material/arrow_back:")
        return
    found = results.candidates(project, dataset)
    if not found.ready and not found.refused:
        widgets.empty_page(
            "Here each hypothesis is fitted to your data.",
            "First draw one: which column causes which?",
        )
        session.page_link("draw", "Draw a hypothesis", project, icon=":material/arrow_back:")
        return
    running = results.live_request(project)
    last = results.fitted(project, dataset, found)
    if running is not None:
        progress.progress(project, running.id)
    elif found.ready:
        start(project, dataset, found, last)
        progress.failures(next(iter(results.fits(project)), None))
    if last is not None:
        remedies.panel(project, last)
    fitting.refusals(found)
    fitting.settings(project, found)
    if found.ready:
        fitting.families(project, found)
    if last is not None and running is None:
        fitting.quality(project, last)
        confirming.panel(project, last)
        fitting.recovery(project, last)


def start(project: ProjectView, dataset: Dataset, found: results.Candidates, last: results.Fitted | None) -> None:
    """Draw the one button of the page, which says what happens and how long it takes."""
    asked = results.asked(project, found)
    jobs = session.get_jobs()
    try:
        plan = study.plan(dataset, asked.hypotheses, **asked.settings)
    except WhyboardError as error:
        widgets.refusal(error)
        return
    seconds = jobs.estimate(plan)
    many = words.count(len(found.ready), "hypothesis", "hypotheses")
    fresh = last is not None and not last.changed
    label = f"{'Fit again' if fresh else 'Fit'} {many}, about {words.duration(seconds)}"
    if fresh:
        onward(project, label, found)
        return
    with st.container(key="onward_first"):
        left, right = st.columns([2, 5], vertical_alignment="center")
    pressed = left.button(label, type="primary", key="fit_now", width="stretch")
    with right:
        told(last, plan)
    if pressed:
        ask(project, found)


def ask(project: ProjectView, found: results.Candidates) -> None:
    """Submit the fit, or say why not."""
    dataset = project.dataset()
    if dataset is not None:
        results.fit_now(project, dataset, found)


def onward(project: ProjectView, label: str, found: results.Candidates) -> None:
    """All is fitted: the way on first, and the same again beside it."""
    with st.container(key="onward"):
        one, two, three = st.columns([2, 2, 3], vertical_alignment="center")
    if one.button("See where each one fails", type="primary", key="to_check", width="stretch"):
        session.go("check", project)
    if two.button("Compare them", key="to_compare", width="stretch"):
        session.go("compare", project)
    if three.button(label, type="tertiary", key="fit_now"):
        ask(project, found)


def told(last: results.Fitted | None, plan: study.Plan) -> None:
    """Say what will be fitted, or what changed since it was."""
    if last is not None:
        widgets.note(f"Changed since the last fit: {', '.join(last.changed)}. What did not change is not fitted again.")
        return
    dropped = plan.dataset.rows - plan.complete.rows
    rows = words.count(plan.complete.rows, "complete row")
    if dropped:
        rows += f" ({dropped:,} left out: a modelled column is missing there)"
    widgets.note(f"{rows}; {words.count(len(plan.blocks), 'family', 'families')} to fit, shared ones once.")


main()
