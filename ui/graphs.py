"""The hypotheses as pictures beside each other on the Compare page: one layout, differences marked."""

from __future__ import annotations

import streamlit as st

from core.figures.graph import GraphView, graph_page, graph_view, side_by_side
from ui import results, scores, theme, widgets, words
from ui.results import Fitted
from ui.session import ProjectView
from ui.why import why

__all__ = ["panel"]

#: Width of one picture beside 0, 1, 2 others on a wide screen, in pixels.
WIDTHS = {1: 900, 2: 510, 3: 330}
HEIGHT = 300


def panel(project: ProjectView, last: Fitted) -> None:
    """Draw the hypotheses in one layout, members of a class beside each other."""
    groups = scores.ordered(last.comparison)
    names = [facts.name for _, several in groups for facts in several]
    ties = {facts.name: scores.class_word(group) for group, several in groups for facts in several if len(several) > 1}
    per_row = min(len(names), 2 if len(names) == 4 else 3)
    views = [graph_of(project, last, name) for name in names]
    placed = dict(zip(names, side_by_side(views, WIDTHS[per_row], HEIGHT - 8), strict=True))
    with st.container(key="graphs"):
        for start in range(0, len(names), per_row):
            columns = st.columns(per_row, gap="small")
            for name, column in zip(names[start : start + per_row], columns, strict=False):
                with column:
                    one_graph(project, name, ties.get(name, ""), placed[name])
    legend(last)


def graph_of(project: ProjectView, last: Fitted, name: str) -> GraphView:
    """Return one hypothesis with its posterior arrows."""
    places = results.positions(last.hypotheses.values())
    return graph_view(
        last.hypotheses[name],
        results.styles(project, [name])[0].colour,
        places,
        results.titles(project, places),
        last.comparison.hypothesis(name).to_dict(),
        results.units(project, places),
        common_arrows(last),
    )


def one_graph(project: ProjectView, name: str, tie: str, view: GraphView) -> None:
    """Draw one hypothesis, and offer it as a page."""
    said = words.html(words.clip(results.named(project, name).removeprefix(name).strip(), 40))
    pill = f' <span class="wb-tie">{words.html(tie)}</span>' if tie else ""
    st.html(f'<div class="wb-graph-head">{widgets.chip(name, view.colour)} {said}{pill}</div>')
    dark = theme.is_dark()
    st.iframe(graph_page(view, dark=dark, height=HEIGHT - 8), height=HEIGHT)
    with st.container(key=f"offer_graph_{name}"):
        st.download_button(
            "This picture as a page",
            lambda: graph_page(side_by_side([view], 900, 620)[0], dark=dark, height=640, zoom=True),
            f"hypothesis-{name}.html",
            "text/html",
            key=f"page_{name}",
            type="tertiary",
            on_click="ignore",
        )


def common_arrows(last: Fitted) -> set[tuple[str, str]]:
    """Return the arrows that every hypothesis has, where there is something else to look at."""
    drawn = [{(edge.source, edge.target) for edge in h.edges} for h in last.hypotheses.values()]
    shared = set.intersection(*drawn)
    return shared if any(arrows != shared for arrows in drawn) else set()


def legend(last: Fitted) -> None:
    """Say what lines mean, only those that occur."""
    parts = ['<span><i></i>wide: strong</span><span><i class="wb-dash"></i>may be zero</span>']
    if common_arrows(last):
        parts.append('<span><i class="wb-pale"></i>pale: in every hypothesis</span>')
    if any(facts.contradicted for facts in last.comparison.hypotheses):
        parts.append('<span><i class="wb-dots"></i>no arrow, but a link that is there</span>')
    st.html(f'<div class="wb-legend">{"".join(parts)}{why("arrows", "what do the arrows say?")}</div>')
