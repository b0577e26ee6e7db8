"""The Report page: the report made of what is kept, shown, and taken along with the files behind it."""

from __future__ import annotations

import json
from datetime import datetime
from functools import partial

import streamlit as st

from core.data.dataset import Dataset
from core.effects.settings import column_of
from core.errors import WhyboardError
from core.formats import format_hypothesis
from core.hypothesis import Hypothesis
from core.report.html import About, paper_of, report_of
from core.report.notebook import notebook_of
from core.report.page.chosen import Choice
from core.report.page.followed import Followed, followed
from core.report.rows import needed
from core.report.script import script_of
from core.study.deciding import Decided
from ui import acting, choosing, exporting, graphs, kept, results, theme, trials, widgets
from ui.missing import missing
from ui.results import Candidates, Fitted
from ui.session import ProjectView

__all__ = ["Left", "about", "downloads", "left_of", "paper", "shown"]

HEIGHT = 900  # pixels, of the report inside the page
Left = tuple[tuple[Hypothesis, str], ...]
"""Hypotheses that could not be fitted, by their letters, each with the reason."""


def about(project: ProjectView, found: Candidates, last: Fitted) -> About:
    """Return what the report says that a comparison does not know."""
    letters = [facts.name for facts in last.comparison.hypotheses]
    left_out = missing(project, found, last)
    dataset = project.dataset()
    return About(
        question=project.question,
        source=(dataset.source or "") if dataset is not None else "",
        seed=last.request.payload.get("seed"),
        draws=last.request.payload.get("draws"),
        date=datetime.now().astimezone().date().isoformat(),
        names={name: results.name_of(project, name) for name in (*letters, *(one.letter for one in left_out))},
        colours={style.name: style.colour for style in results.styles(project, letters)}
        | {one.letter: one.colour for one in left_out},
        missing=tuple((one.letter, one.reason) for one in left_out),
    )


def left_of(project: ProjectView, found: Candidates, last: Fitted) -> Left:
    """Return the hypotheses that could not be fitted, which may say something of an action all the same."""
    return tuple((one.hypothesis.renamed(one.letter), one.reason) for one in missing(project, found, last))


def downloads(project: ProjectView, last: Fitted, said: About, left: Left) -> None:
    """Offer the report, and beside it what it was made of."""
    comparison = last.comparison
    with st.container(horizontal=True, key="report_files"):
        st.download_button(
            "Download the report (HTML)",
            partial(_page, project, last, said, left, None),
            "report.html",
            "text/html",
            key="report_html",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            "The comparison as JSON",
            lambda: json.dumps(comparison.to_dict(), ensure_ascii=False, indent=1),
            "comparison.json",
            "application/json",
            key="report_json",
            on_click="ignore",
        )
    place = results.opened("Each hypothesis as files: script, notebook, graph, picture", "report_each")
    if place.open:
        with place:
            _each(project, last)


def _each(project: ProjectView, last: Fitted) -> None:
    dataset = project.dataset()
    specs = {spec.name: spec for spec in last.comparison.specs}
    for letter, hypothesis in last.hypotheses.items():
        with st.container(horizontal=True, key=f"report_row_{letter}", vertical_alignment="center"):
            st.html(f"<b>{widgets.chip(letter, results.styles(project, [letter])[0].colour)}</b>", width="content")
            if dataset is not None and letter in specs:
                _code(dataset, last, letter)
            text, name = partial(format_hypothesis, hypothesis, "json"), f"hypothesis-{letter}"
            st.download_button(
                "Graph (JSON)",
                text,
                f"{name}.json",
                "application/json",
                key=f"report_graph_{letter}",
                type="tertiary",
                on_click="ignore",
            )
            if letter in specs:
                st.download_button(
                    "Picture (HTML)",
                    partial(_picture, project, last, letter),
                    f"{name}.html",
                    "text/html",
                    key=f"report_picture_{letter}",
                    type="tertiary",
                    on_click="ignore",
                )


def _code(dataset: Dataset, last: Fitted, letter: str) -> None:
    """Offer the code of one hypothesis; a word why where there can be none."""
    try:
        spec, rows = exporting.spec_and_rows(dataset, last, letter)
    except WhyboardError as error:
        widgets.note(str(error))
        return
    st.download_button(
        "Script",
        partial(script_of, spec, rows),
        f"hypothesis-{letter}.py",
        "text/x-python",
        key=f"report_script_{letter}",
        type="tertiary",
        on_click="ignore",
        help=f"The same priors and the same rows. {needed(rows.path)}",
    )
    st.download_button(
        "Notebook",
        partial(notebook_of, spec, rows),
        f"hypothesis-{letter}.ipynb",
        "application/json",
        key=f"report_notebook_{letter}",
        type="tertiary",
        on_click="ignore",
    )


def _picture(project: ProjectView, last: Fitted, letter: str) -> str:
    return graphs.page_of(graphs.graph_of(project, last, letter), False)


def paper(last: Fitted, said: About) -> None:
    """Show the paragraph for a paper, to copy."""
    place = results.opened("Assumptions for your paper, as text to copy", "report_paper")
    if place.open:
        with place:
            st.code(paper_of(last.comparison, said), language=None, wrap_lines=True)


def shown(project: ProjectView, last: Fitted, said: About, left: Left) -> None:
    """Show the report in the page, in its colours."""
    found = _follows(project, last, left)
    if isinstance(found, str):
        widgets.note(f"The report leaves out what follows from an action: {found}")
    if choosing.made(project, last) is None and last.comparison.question is not None:
        widgets.note("Once you have found how much to choose on the Act page, it stands in the report too.")
    with st.container(border=True, key="report_frame"):
        st.iframe(_page(project, last, said, left, theme.is_dark()), height=HEIGHT, alt="The report")


def _page(project: ProjectView, last: Fitted, said: About, left: Left, dark: bool | None) -> str:
    """Return the report, made once for all who look; without ``dark`` as the reader's device has it."""
    found, made = _follows(project, last, left), choosing.made(project, last)
    whose = (said.question, said.source, said.date, *said.names.items(), *said.colours.items(), *said.missing)
    asked = None if made is None else made[0]
    key = (last.request.id, whose, dark, found.experiments if isinstance(found, Followed) else found, left, asked)
    return kept.recall(
        "report", key, lambda: report_of(last.comparison, said.held(dark), found, _choice(project, last, made))
    )


def _choice(project: ProjectView, last: Fitted, made: tuple[choosing.Wanted, Decided] | None) -> Choice | None:
    """Return what was found on the Act page as the report takes it; None where nothing was."""
    if made is None:
        return None
    wanted, found = made
    whom = ""
    if wanted.given is not None:
        name, code = wanted.given
        whom = f"{project.title_of(name)}: {column_of(last.comparison.specs[0], name).response.levels[round(code)]}"
    return Choice(found, bool(wanted.formula), whom, wanted.taken)


def _follows(project: ProjectView, last: Fitted, left: Left) -> Followed | str | None:
    """Return what follows from moving the exposure; why not, where the draws are gone; None where nothing is asked."""
    asked = last.comparison.question
    if asked is None:
        return None
    try:
        reopened = acting.reopened(project, last)
        pair = (asked.exposure, asked.outcome)
        taken = trials.in_force(project, last, reopened)
        key = (last.request.id, pair, taken, left)
        return kept.recall("followed", key, lambda: followed(reopened, pair, learned=taken.learned, left=left))
    except WhyboardError as error:
        return str(error)
