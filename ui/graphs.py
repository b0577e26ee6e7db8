"""The hypotheses as pictures beside each other on the Compare page: one layout, differences marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

import streamlit as st

from core.comparison.result import Comparison
from core.figures.compared import common_arrows
from core.figures.graph import GraphView, graph_view, shared_positions
from core.hypothesis import Hypothesis
from ui import grouping, results, scores, theme, words
from ui.editor import Picture, pictures
from ui.missing import Missing, missing
from ui.results import Candidates, Fitted
from ui.session import ProjectView
from ui.why import why

__all__ = ["panel"]

PAGE = (900, 620)  # pixels, of the picture to take away


def panel(project: ProjectView, found: Candidates, last: Fitted, seen: Comparison) -> None:
    """Draw the hypotheses in one layout, members of a class (of the scope that is ``seen``) beside each other."""
    shown = in_place(project, [*fitted(project, last, seen), *unfitted(project, found, last)])
    drawn = shared_positions([*last.hypotheses.values(), *(record.hypothesis for record, _ in found.refused)], {})
    pictures(shown, key="graphs", drawn=drawn)
    legend(last)
    offers([picture.view for picture in shown if not picture.problem])


def in_place(project: ProjectView, shown: Sequence[Picture]) -> list[Picture]:
    """Return pictures in the order of the hypotheses, those of a class where its first member stands."""
    order = {record.letter: place for place, record in enumerate(project.seen)}
    first: dict[str, int] = {}
    for picture in shown:
        at = order.get(picture.letter, len(order))
        key = picture.tie or picture.letter
        first[key] = min(first.get(key, at), at)
    return sorted(shown, key=lambda picture: first[picture.tie or picture.letter])


def fitted(project: ProjectView, last: Fitted, seen: Comparison) -> Iterable[Picture]:
    """Yield what was fitted, class by class."""
    for group, several in scores.ordered(seen):
        tie = scores.class_word(group) if len(several) > 1 else ""
        for facts in several:
            view, drawn = graph_of(project, last, facts.name), last.hypotheses[facts.name]
            yield picture_of(project, facts.name, view, drawn, tie=tie, note=left_out(view))


def unfitted(project: ProjectView, found: Candidates, last: Fitted) -> Iterable[Picture]:
    """Yield the hypotheses that cannot be fitted as they stand: each keeps its place, with the reason."""
    for one in missing(project, found, last):
        problem = f"Not fitted: {one.reason}"
        yield picture_of(project, one.letter, bare(project, one), one.hypothesis, problem=problem)


def picture_of(
    project: ProjectView,
    letter: str,
    view: GraphView,
    drawn: Hypothesis,
    *,
    tie: str = "",
    note: str = "",
    problem: str = "",
) -> Picture:
    """Return a view with its hypothesis' letter, name and background."""
    name = words.clip(results.name_of(project, letter), 60)
    return Picture(letter, name, view, theme.on_colour(view.colour), tie, note, problem, background=drawn.background)


def left_out(view: GraphView) -> str:
    """Say how many contradicted claims a picture does not draw."""
    if not view.more:
        return ""
    if view.contradicted:
        return f"and {view.more} more contradicted claim{'s' if view.more > 1 else ''}, in the table of claims below"
    return f"{view.more} contradicted claims about the background are not drawn; the table of claims below lists them"


def graph_of(project: ProjectView, last: Fitted, name: str) -> GraphView:
    """Return one hypothesis with its posterior arrows."""
    places = results.positions(last.hypotheses.values())
    return graph_view(
        last.hypotheses[name],
        results.styles(project, [name])[0].colour,
        places,
        results.titles(project, (*places, *grouping.groups_of(last.hypotheses.values()))),
        last.comparison.hypothesis(name).to_dict(),
        results.units(project, places),
        common_arrows(last.hypotheses.values()),
    )


def bare(project: ProjectView, one: Missing) -> GraphView:
    """Return a hypothesis as it is drawn, without numbers."""
    places = results.positions([one.hypothesis])
    titles = results.titles(project, (*places, *grouping.groups_of([one.hypothesis])))
    return graph_view(one.hypothesis, one.colour, places, titles)


def offers(views: Iterable[GraphView]) -> None:
    """Offer each picture as a page; it is made when it is asked for."""
    dark = theme.is_dark()
    with st.container(horizontal=True, key="offer_graphs", gap="small"):
        for view in views:
            st.download_button(
                f"Picture {view.name} as a page",
                partial(page_of, view, dark),
                f"hypothesis-{view.name}.html",
                "text/html",
                key=f"page_{view.name}",
                type="tertiary",
                on_click="ignore",
            )


def page_of(view: GraphView, dark: bool) -> str:
    """Return one picture as a page of its own."""
    from core.figures.graph_page import graph_page, side_by_side  # pyvis, for those who ask for it

    return graph_page(side_by_side([view], *PAGE)[0], dark=dark, height=PAGE[1] + 20, zoom=True)


def legend(last: Fitted) -> None:
    """Say what lines mean, only those that occur."""
    parts = ['<span><i></i>wide: strong</span><span><i class="wb-dash"></i>may be zero</span>']
    if common_arrows(last.hypotheses.values()):
        parts.append('<span><i class="wb-pale"></i>pale: in every hypothesis</span>')
    if any(facts.contradicted for facts in last.comparison.hypotheses):
        parts.append('<span><i class="wb-dots"></i>no arrow, but a link that is there</span>')
    st.html(f'<div class="wb-legend">{"".join(parts)}{why("arrows", "what do the arrows say?")}</div>')
