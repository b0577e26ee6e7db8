"""On the Act page: is it the same for everyone? Each row's own effect, and with which column it differs."""

from __future__ import annotations

import streamlit as st

from core.errors import WhyboardError
from core.figures.by_row import Strip, by_row_figure
from core.figures.scores import Interval, interval_figure
from core.study.per_row import RowEffects, per_row, table_of
from core.study.per_row_words import per_row_said
from core.study.reopening import Reopened
from core.words import number
from ui import kept, results, saying, theme, widgets, words
from ui.acting import Asked, levels_of
from ui.entered import NOTHING, Taken
from ui.results import Fitted
from ui.session import ProjectView
from ui.why import why

__all__ = ["section"]


def section(project: ProjectView, last: Fitted, reopened: Reopened, asked: Asked, taken: Taken = NOTHING) -> None:
    """Show how what follows differs by row under each hypothesis, with what it differs, and for whom how much."""
    place = results.opened("Is it the same for everyone?", "act_per_row")
    if not place.open:
        return
    with place:
        try:
            found = kept.recall(
                "per row",
                (last.request.id, asked, taken),
                lambda: per_row(taken.acting(reopened, asked.given), (asked.before, asked.after), asked.outcome),
            )
        except WhyboardError as error:
            widgets.refusal(error)
            return
        y, unit = project.title_of(asked.outcome), project.unit_of(asked.outcome)
        levels = levels_of(reopened, asked.outcome)
        median = "the median of " if any(one.median for one in found) else ""
        axis = f"chance that {y} is {levels[1]}, change" if len(levels) == 2 else (
            f"change of {median}{y}{f' ({unit})' if unit else ''}"
        )  # fmt: skip
        if any(one.effects is not None and not one.same for one in found):
            with st.container(key="act_rows"):
                left, right = st.columns([3, 2], gap="large")
                with left:
                    _strips(project, found, axis)
                with right:
                    _sentences(project, reopened, found, asked)
            _groups(project, found, axis)
        else:
            _sentences(project, reopened, found, asked)


def _strips(project: ProjectView, found: tuple[RowEffects, ...], axis: str) -> None:
    results.said(
        "What it does to each row, by what is known of the row",
        "a tick a row; line: the middle row; in brackets: 90 % of rows",
    )
    strips = tuple(
        Strip(
            results.styles(project, [one.name])[0],
            results.named(project, one.name),
            () if one.effects is None else tuple(map(float, one.effects)),
            one.reason,
        )
        for one in found
    )
    figure = results.picture(by_row_figure, strips, axis_title=axis, dark=theme.is_dark(), write=number)
    results.plot(figure, "act_per_row", "rows", "What the action does to each row")
    results.offer(lambda: table_of(found), "act_per_row", "rows")


def _groups(project: ProjectView, found: tuple[RowEffects, ...], axis: str) -> None:
    """Draw what the action does to the groups with which it differs most, with what the parameters leave open."""
    rows: list[Interval] = []
    data: list[dict[str, object]] = []
    for one in found:
        if one.varies is None:
            continue
        colour, title = results.styles(project, [one.name])[0].colour, project.title_of(one.varies.column)
        rows.append(Interval(f"{results.named(project, one.name)}, by {title}", None, heading=True))
        for group in one.varies.groups:
            e = group.effect
            note = words.count(group.rows, "row")
            rows.append(Interval(group.name, e["mean"], e["q05"], e["q95"], colour=colour, note=f"({note})"))
            data.append({"hypothesis": one.name, "by": one.varies.column, "group": group.name, "rows": group.rows,
                         "mean": e["mean"], "q05": e["q05"], "q95": e["q95"]})  # fmt: skip
    if not rows:
        return
    results.said("For whom it does how much", "dot: posterior mean of the group's average; bars: 90 % intervals")
    figure = results.picture(interval_figure, tuple(rows), axis=axis, dark=theme.is_dark(), write=number)
    results.plot(figure, "act_groups", "groups", "What the action does, by group")
    results.offer(lambda: data, "act_groups", "groups")


def _sentences(project: ProjectView, reopened: Reopened, found: tuple[RowEffects, ...], asked: Asked) -> None:
    columns = saying.columns_of(project, reopened)
    by_words: dict[tuple[str, ...], list[str]] = {}
    for one in found:
        by_words.setdefault(per_row_said(one, columns, asked.outcome), []).append(one.name)
    for said, names in by_words.items():
        chips = " ".join(widgets.chip(style.letter, style.colour) for style in results.styles(project, names))
        lines = "".join(f"<div>{words.html(text)}</div>" for text in said[1:])
        st.html(f'<div class="wb-small" data-testid="per-row">{chips} {words.html(said[0])}{lines}</div>')
    st.html(f'<div class="wb-small">{why("per_row", "what are these?")}</div>')
