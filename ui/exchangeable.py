"""Rows that depend on one another: what was found, a button for each way out, and the way back.

What is chosen is kept with the project. It needs no fit, since the blocks are there and what is asked of them
changes; but where other rows are kept, all is fitted anew, at once.
Shown on Compare below the verdict, and on Check.
"""

from __future__ import annotations

import streamlit as st

from core.check.rows_as import rows_as
from core.comparison.result import Comparison
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
        case "one":
            return f"Keep one row of each {title}" if way.column else "Keep one of equal rows"
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
        offers = [offer for offer in offers if offer in ("none", "one") and not found.taken]
    if offers:
        with st.container(horizontal=True, key="rows_ways"):
            for place, offer in enumerate(offers):
                if st.button(label(project, offer), key=f"rows_{place}", help=_help(project, offer)):
                    _take(project, offer)
    if found.taken:
        text, back = st.columns([7, 1], vertical_alignment="center", gap="small")
        with text:
            widgets.note(words.sentence(_taken(project, last.comparison)))
        if back.button("Undo", key="rows_undo", type="tertiary", icon=":material/undo:"):
            _take(project, None)


def _take(project: ProjectView, offer: str | None) -> None:
    before = rows_as(project.settings.get("rows"))
    session.put_setting(project, rows=offer)
    now = session.current()
    dataset = now.dataset() if now is not None else None
    if "one" in (before.way, rows_as(offer).way) and now is not None and dataset is not None:
        results.fit_now(now, dataset, results.candidates(now, dataset))  # other rows are another fit
        return
    st.rerun()  # the page asks the same fit for it


def _help(project: ProjectView, offer: str) -> str:
    way = rows_as(offer)
    title = words.md(project.title_of(way.column))
    match way.way:
        case "group":
            return f"Errors and probabilities are then computed from whole groups of {title}, however alike their rows."
        case "one" if not way.column:
            return "Equal rows then count once, and all is computed anew."
        case "one":
            return f"One row of each {title} is drawn at random and the others are left out; all is computed anew."
        case "time":
            return f"Errors and probabilities are then computed from stretches of {title}, however alike their rows."
    return "Rows are then taken as they would be in any order. Can be undone."


def _taken(project: ProjectView, comparison: Comparison) -> str:
    way, data = rows_as(comparison.rows.taken), comparison.data
    title = project.title_of(way.column)
    match way.way:
        case "group":
            return f"you take the rows of one {title} as a group"
        case "time":
            return f"you take the rows in the order of {title}"
        case "one":
            kept = f"one row of each {title}, drawn at random" if way.column else "one of equal rows"
            return f"you keep {kept}: {data.rows:,} of {data.rows_read:,} rows"
    return "you say that the rows may be taken in any order, and belong to no groups"
