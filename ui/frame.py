"""The frame around every page: the sidebar with its steps, and the line with the question.

``app.py`` calls :func:`run` and nothing else. A page begins with::

    project = session.require()
    frame.header(project)

and has one primary button that says what happens. The sidebar shows where one is, what is
done, what runs and what failed; while something runs it refreshes itself.

What stands beside a step ("412 rows", "60 %", "B fails") is said by ``ui.states``.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import streamlit as st

from core.errors import WhyboardError
from ui import recent, session, states, theme, uploading, widgets, words
from ui.session import PAGES, ProjectView

__all__ = ["ICON", "header", "live", "run"]

_ROOT = Path(__file__).resolve().parent.parent
_GLYPH = """<g stroke="{ink}" stroke-width="1.8" stroke-linecap="round" fill="none">
<path d="M7 17 12.2 8.6M15 8.6 20.2 17M8.4 20H18"/></g>
<circle cx="5.4" cy="20" r="3" fill="#D55E00"/><circle cx="13.6" cy="6" r="3" fill="#0072B2"/>
<circle cx="21.8" cy="20" r="3" fill="#009E73"/>"""
_MARK = f"""<svg xmlns="http://www.w3.org/2000/svg" width="132" height="26" viewBox="0 0 132 26">{_GLYPH}
<text x="33" y="19" font-family="Source Sans, system-ui, sans-serif" font-weight="700" font-size="18.5"
  textLength="94" lengthAdjust="spacingAndGlyphs" fill="{{ink}}">Whyboard</text></svg>"""
#: The sign in a browser's tab; the middle grey shows on light and on dark.
ICON = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 27 26">{_GLYPH}</svg>'.format(ink="#7d8794")

_MENU = "project_menu"


def run() -> None:
    """Set up navigation, draw the sidebar and run the page that the address names."""
    pages = {
        key: st.Page(_ROOT / path, title=title, url_path="" if key == "start" else key, default=key == "start")
        for key, path, title in PAGES
    }
    page = st.navigation(list(pages.values()), position="hidden")
    session.framed()
    theme.apply_style()
    st.logo(_MARK.format(ink=theme.tone().ink), size="large")
    here = next(key for key, other in pages.items() if other.url_path == page.url_path)
    project: ProjectView | None = None
    with suppress(WhyboardError):  # the page itself says so, with the way back
        project = session.current(restore=here != "start")
    with st.sidebar:
        _brand(project)
        _steps(project)
        recent.remember(project)
        theme.follow()
    uploading.arrive(here)
    try:
        page.run()
        uploading.call_off_unseen()
    except WhyboardError as error:  # the database is away, the disk is full: whatever a page did not expect
        widgets.refusal(error)
    session.warm_up()


def header(project: ProjectView) -> None:
    """Draw the line over every page: the question, and which node is exposure and which outcome."""
    question = words.html(project.question) if project.question else '<span class="wb-muted">No question yet</span>'
    st.html(f'<div class="wb-head"><span class="wb-question">{question}</span>{roles(project)}</div>')


def roles(project: ProjectView) -> str:
    """Return the HTML that marks exposure and outcome by shape and word, as canvas and plots do."""
    parts = []
    for role, sign, name in (("exposure", "▶", project.exposure), ("outcome", "◎", project.outcome)):
        if name:
            title = words.html(words.clip(project.title_of(name), 40))
            parts.append(f'<span class="wb-role wb-{role}"><small>{sign} {role}</small> <b>{title}</b></span>')
    return f'<span class="wb-roles">{"".join(parts)}</span>'


def live(project: ProjectView) -> bool:
    """Return whether something of this project is queued or running."""
    return any(request.live for request in session.get_store().requests(project.token))


def _brand(project: ProjectView | None) -> None:
    if project is None:
        return
    with widgets.menu(words.md(words.clip(project.name, 26)), _MENU, width="stretch", type="tertiary"):
        with st.form("rename_project", border=False):
            title = st.text_input("Name of this project", project.title, max_chars=120, placeholder="Untitled project")
            if st.form_submit_button("Rename", width="stretch"):
                session.get_store().update_project(project.token, title=words.one_line(title or ""))
                widgets.close_menu(_MENU)
                st.rerun()
        widgets.note("Anyone with this address can open the project:")
        st.code(session.address(project), language=None, wrap_lines=True)
        if st.button("Start another project", icon=":material/add:", width="stretch", key="another"):
            session.leave()
            session.go("start")


def _steps(project: ProjectView | None) -> None:
    """Draw the steps; while something runs they refresh themselves."""
    if project is None:
        widgets.note("Upload, draw, simulate, fit, check, compare: the steps appear here with your first project.")
        return
    every = 0.5 if live(project) else None  # as often as the Fit page, so that both say the same
    st.fragment(_draw_steps, run_every=every)(project, every is not None)


def _draw_steps(project: ProjectView, was_live: bool) -> None:
    for number, (key, _, title) in enumerate(PAGES):
        state = states.state_of(key, project)
        label = f"{number} {title}" if number else "Question"
        session.page_link(key, f"{label} :gray[{words.md(state)}]" if state else label, project)
    if was_live and not live(project):
        st.rerun()  # what ran is finished: let the page show it
