"""Rows that depend on one another: what was found, a button for each way out, and the way back.

What is chosen is kept with the project and needs no fit: the blocks are there, and what is asked of them changes.
Shown on Compare below the verdict, and on Check.
"""

from __future__ import annotations

import streamlit as st

from core.check.rows_as import rows_as
from ui import results, session, widgets, words
from ui.results import Fitted
from ui.session import ProjectView

__all__ = ["label", "panel"]


def label(project: ProjectView, offer: str) -> str:
    """Return what the button of a way out says, as Markdown."""
    way = rows_as(offer)
    title = words.md(words.clip(project.title_of(way.column), 30))
    match way.way:
        case "group":
            return f"Treat rows of one {title} as a group"
        case "time":
            return f"Take them in the order of {title}"
    return "The order means nothing: shuffle"


def panel(project: ProjectView, last: Fitted, say: bool = False) -> None:
    """Draw the ways out of what was found about the rows, and the way back from the one that was taken.

    Parameters
    ----------
    project : ProjectView
    last : Fitted
    say : bool
        Whether what was found stands nowhere else on the page.
    """
    found = last.comparison.rows
    if results.live_request(project) is not None or last.changed:
        return
    if say and found.said:
        st.html(f'<div class="wb-warn" data-testid="rows">{words.html(found.said)}</div>')
    offers = [offer for offer in found.offers if offer != found.taken]
    if found.grade != "withheld":  # there is a verdict: only what takes the doubt away is worth a button
        offers = [offer for offer in offers if offer == "none" and not found.taken]
    if offers:
        with st.container(horizontal=True, key="rows_ways"):
            for place, offer in enumerate(offers):
                if st.button(label(project, offer), key=f"rows_{place}", help=_help(project, offer)):
                    _take(project, offer)
    if found.taken:
        text, back = st.columns([7, 1], vertical_alignment="center", gap="small")
        with text:
            widgets.note(words.sentence(_taken(project, found.taken)))
        if back.button("Undo", key="rows_undo", type="tertiary", icon=":material/undo:"):
            _take(project, None)


def _take(project: ProjectView, offer: str | None) -> None:
    session.put_setting(project, rows=offer)
    st.rerun()  # the page asks the same fit for it


def _help(project: ProjectView, offer: str) -> str:
    way = rows_as(offer)
    title = words.md(project.title_of(way.column))
    match way.way:
        case "group":
            return f"Errors and probabilities are then computed from whole groups of {title}, however alike their rows."
        case "time":
            return f"Errors and probabilities are then computed from stretches of {title}, however alike their rows."
    return "Rows are then taken as they would be in any order. Can be undone."


def _taken(project: ProjectView, taken: str) -> str:
    way = rows_as(taken)
    title = project.title_of(way.column)
    match way.way:
        case "group":
            return f"you take the rows of one {title} as a group"
        case "time":
            return f"you take the rows in the order of {title}"
    return "you say that the rows may be taken in any order, and belong to no groups"
