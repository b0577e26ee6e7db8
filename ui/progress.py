"""How far a fit is and what went wrong with it, on any page that waits for one."""

from __future__ import annotations

import streamlit as st

from core.jobs.status import BlockStatus, RequestStatus
from core.store.records import Request
from ui import session, theme, widgets, words
from ui.session import ProjectView

__all__ = ["failures", "progress"]

_SIGNS = {"done": "✓", "running": "…", "queued": "·", "failed": "✕", "cancelled": "–"}


def progress(project: ProjectView, request: str, *, brief: bool = False) -> None:
    """Show how far the running request is, every half second, with a way to cancel it.

    ``brief`` leaves out the hypotheses and their blocks: for a page that shows other things too.
    """
    st.fragment(_progress, run_every=0.5)(project, request, brief)


def _progress(project: ProjectView, request: str, brief: bool) -> None:
    jobs = session.get_jobs()
    status = jobs.status(request)
    if not status.live:
        st.rerun()
    left = f", about {words.duration(status.seconds_left)} left" if status.seconds_left is not None else ""
    st.progress(
        min(1.0, status.fraction),
        text=f"{words.md(words.sentence(status.stage))} {words.duration(status.seconds_elapsed)}{left}",
    )
    if not brief:
        _by_hypothesis(project, status)
    if st.button("Cancel", key="cancel_fit"):
        jobs.cancel(request)
        st.rerun()
    widgets.note("You can leave this page or close the tab: what is finished is kept, and the rest goes on.")


def _by_hypothesis(project: ProjectView, status: RequestStatus) -> None:
    records = {record.letter: record for record in project.hypotheses()}
    lines = []
    for letter, found in status.hypotheses.items():
        record = records.get(letter)
        mark = widgets.chip(letter, record.colour if record else theme.MUTED)
        name = words.html(record.name) if record else ""
        lines.append(
            f"<tr><td>{mark} {name}</td><td class='wb-num'>{100 * found.fraction:.0f} %</td>"
            f"<td>{_block_marks(project, letter, status)}</td></tr>"
        )
    st.html(f'<table class="wb-table">{"".join(lines)}</table>')


def _block_marks(project: ProjectView, letter: str, status: RequestStatus) -> str:
    parts = []
    for block in status.blocks:
        if letter in block.hypotheses:
            parts.append(
                f'<span class="wb-block wb-{block.state}" title="{words.html(block.message)}">'
                f"{_SIGNS[block.state]} {_block_words(project, block)}</span>"
            )
    return " ".join(parts)


def _block_words(project: ProjectView, block: BlockStatus) -> str:
    name = words.html(", ".join(project.title_of(node) for node in block.nodes))
    if block.state == "running" and 0 < block.fraction < 1:
        return f"{name} {100 * block.fraction:.0f} %"
    return f"{name} {words.html(block.message)}" if block.state == "failed" else name


def failures(latest: Request | None) -> None:
    """Say what went wrong with the latest fit, block by block, if it did."""
    if latest is None or latest.live:
        return
    if latest.state == "cancelled":
        widgets.note("The last fit was cancelled; what was finished by then is kept.")
        return
    lines = "".join(f"<br>{words.html(words.sentence(line))}" for line in latest.errors)
    if latest.state == "failed":
        st.html(f'<div class="wb-bad" role="alert"><strong>The last fit did not finish.</strong>{lines}</div>')
    elif lines:
        st.html(
            '<div class="wb-bad" role="alert"><strong>A part of the last fit did not finish; the hypotheses that are '
            f"whole are compared without it.</strong>{lines}</div>"
        )
