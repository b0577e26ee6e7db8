"""On the Act page: by which ways the effect comes, directly and through what lies between."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import streamlit as st

from core.effects.mediation import Mediation
from core.effects.shares import shares_of
from core.errors import WhyboardError
from core.figures.graph import shared_positions
from core.figures.scores import Interval, interval_figure
from core.figures.ways import dividing, ways_view
from core.graph.paths import nodes_on_directed_paths
from core.study.acting import acting_on
from core.study.reopening import Reopened
from core.study.ways import Ways, ways_of
from core.study.ways_words import by_way_of, other_ways, ways_said
from core.words import either, joined, number
from ui import graphs, kept, results, theme, widgets, words
from ui.acting import Asked, levels_of
from ui.editor import Picture, pictures
from ui.results import Fitted
from ui.session import ProjectView
from ui.why import why

__all__ = ["section"]

_VIA = 60  # characters of what lies between, in a row of a figure


def section(project: ProjectView, last: Fitted, reopened: Reopened, asked: Asked) -> None:
    """Show the total effect, parted by its ways: on one axis, in the graphs, and in sentences."""
    place = results.opened("Which way does it go?", "act_ways")
    if not place.open:
        return
    with place:
        through = _through(project, last, asked)
        try:
            found = kept.recall(
                "ways",
                (last.request.id, asked.node, asked.ends, asked.outcome, asked.given, through),
                lambda: ways_of(
                    acting_on(reopened, given=asked.given),
                    (asked.node, *asked.ends),
                    asked.outcome,
                    mediators=through or None,
                ),
            )
        except WhyboardError as error:
            widgets.refusal(error)
            return
        if asked.others:
            names = joined(project.title_of(setting.node) for setting in asked.others)
            widgets.note(f"Here {names} is not held: ways are those of {project.title_of(asked.node)} alone.")
        level = _level(found)
        if any(one.parts for one in found):
            left, right = st.columns([3, 2], gap="large")
            with left:
                _parts(project, reopened, asked, found, level)
            with right:
                _sentences(project, reopened, last, asked, found)
            _graphs(project, last, asked, found, level)
        else:
            _sentences(project, reopened, last, asked, found)


def _through(project: ProjectView, last: Fitted, asked: Asked) -> tuple[str, ...]:
    """Ask what counts as lying between, where there is a choice."""
    between = dict.fromkeys(
        name
        for hypothesis in last.comparison.drawn
        for name in hypothesis.graph.topological_order
        if name in nodes_on_directed_paths(hypothesis.graph, asked.node, asked.outcome) - {asked.node, asked.outcome}
    )
    if len(between) < 2:
        return ()
    titles = results.titles(project, between)
    chosen = st.multiselect(
        "Through", list(between), format_func=titles.__getitem__, key="act_ways_through",
        placeholder="all that lies between",
    )  # fmt: skip
    return tuple(name for name in between if name in chosen)


def _level(found: Iterable[Ways]) -> str | None:
    """Ask of which level the pictures are, where the outcome has several."""
    levels = list(dict.fromkeys(part.level for one in found for part in one.parts if part.level is not None))
    if not levels:
        return None
    return st.selectbox("The chance of", levels, len(levels) - 1, key="act_ways_level")


def _of(one: Ways, level: str | None) -> Mediation | None:
    return next((part for part in one.parts if level is None or part.level == level), None)


# -- on one axis --------------------------------------------------------------------------


def _parts(project: ProjectView, reopened: Reopened, asked: Asked, found: tuple[Ways, ...], level: str | None) -> None:
    results.said(_finding(found, level), "dot: posterior mean; bars: 50 % and 90 % intervals")
    ratio = any(part.scale == "ratio" for one in found for part in one.parts)
    rows: list[Interval] = []
    data = []
    for one in found:
        part, name = _of(one, level), results.named(project, one.name)
        colour = results.styles(project, [one.name])[0].colour
        nothing = (1.0 if ratio else 0.0) if one.apart else None
        if part is None:
            rows.append(Interval(name, nothing, colour=colour, note="no path leads there" if one.apart else one.reason))
            continue
        via = words.clip(by_way_of(part, project.title_of), _VIA) if part.mediators else "through others"
        rows.append(Interval(name, None, heading=True))
        for label, key in (("in all", "total"), (via, "indirect"), (other_ways(part), "direct")):
            rows.append(_row(label, part, key, colour))
            data.append({"hypothesis": one.name, "part": key, "mean": rows[-1].mean, "q05": rows[-1].q05,
                         "q95": rows[-1].q95})  # fmt: skip
    y, unit, levels = (
        project.title_of(asked.outcome),
        project.unit_of(asked.outcome),
        levels_of(reopened, asked.outcome),
    )
    shown = level or (levels[1] if len(levels) == 2 else "")
    axis = f"chance that {y} is {shown}, change" if shown else (
        f"the median of {y}, times" if ratio else f"change of {y}{f' ({unit})' if unit else ''}"
    )  # fmt: skip
    figure = results.picture(
        interval_figure, tuple(rows), axis=axis, dark=theme.is_dark(), write=number, reference=1.0 if ratio else 0.0
    )
    results.plot(figure, "act_ways", "ways", f"The effect on {y}, in all, through others and directly")
    results.offer(lambda: data, "act_ways", "ways")


def _finding(found: tuple[Ways, ...], level: str | None) -> str:
    """Say how much of the effect comes through others under each hypothesis, where that can be said of all."""
    said: dict[str, list[str]] = {}
    for one in found:
        part = _of(one, level)
        shares = None if part is None else shares_of(part)
        if part is None or shares is None:
            continue
        share = float(part.parts["indirect"].mean()) / float(part.parts["total"].mean())
        how = "all" if share > 0.995 else "none" if share < 0.005 else f"{100 * share:.0f} %"
        said.setdefault(how, []).append(one.name)
    if not said or sum(map(len, said.values())) < sum(bool(one.parts) for one in found):
        return "What comes directly, and what through others"
    (how, names), *others = said.items()
    first = f"{how.capitalize()} of it comes through others if {either(names)} is right"
    return joined([first, *(f"{how} if {either(names)} is" for how, names in others)])


def _row(label: str, part: Mediation, key: str, colour: str) -> Interval:
    draws = np.exp(part.parts[key]) if part.scale == "ratio" else part.parts[key]
    if not draws.any() or (part.scale == "ratio" and (draws == 1.0).all()):
        return Interval(label, float(draws[0]), colour=colour, note="no such way")
    q05, q25, q75, q95 = (float(end) for end in np.quantile(draws, (0.05, 0.25, 0.75, 0.95)))
    return Interval(label, float(draws.mean()), q05, q95, q25, q75, colour)


# -- in the graphs ------------------------------------------------------------------------


def _graphs(project: ProjectView, last: Fitted, asked: Asked, found: tuple[Ways, ...], level: str | None) -> None:
    """Draw each hypothesis with the share of the effect on its arrows, in one layout."""
    results.said("How much of it goes along which arrow", "width and number: the share of the effect, if it is right")
    drawn = {hypothesis.name: hypothesis for hypothesis in last.comparison.drawn}
    places = results.positions(drawn.values())
    titles = results.titles(project, places)
    shown: list[Picture] = []
    for one in found:
        colour, hypothesis = results.styles(project, [one.name])[0].colour, drawn[one.name]
        view = ways_view(hypothesis, colour, places, titles, (asked.node, asked.outcome), _of(one, level))
        note = words.sentence(one.reason) if one.reason and not one.apart else ""
        shown.append(graphs.picture_of(project, one.name, view, hypothesis, note=note))
    pictures(shown, key="ways_graphs", drawn=shared_positions(list(drawn.values()), {}))
    st.html(
        '<div class="wb-legend"><span><i></i>wide: much of it</span><span><i class="wb-dash"></i>may be none</span>'
        f'<span><i class="wb-pale"></i>pale: not on the way</span>{why("ways", "what are these shares?")}</div>'
    )


# -- in sentences -------------------------------------------------------------------------


def _sentences(project: ProjectView, reopened: Reopened, last: Fitted, asked: Asked, found: tuple[Ways, ...]) -> None:
    results.said("In words", "means; their intervals stand beside them")
    by_words: dict[tuple[str, ...], list[str]] = {}
    unit, levels = project.unit_of(asked.outcome), levels_of(reopened, asked.outcome)
    for hypothesis, one in zip(last.comparison.drawn, found, strict=True):
        said = list(ways_said(one, project.title_of, unit=unit, levels=levels))
        divides = dividing(hypothesis.graph, asked.node, asked.outcome) if one.parts else ()
        if divides:
            names = joined(project.title_of(name) for name in divides)
            said.append(f"From {names} several arrows lead on: how what comes there divides, no data could tell.")
        by_words.setdefault(tuple(said), []).append(one.name)
    for sentences, letters in by_words.items():
        chips = " ".join(widgets.chip(style.letter, style.colour) for style in results.styles(project, letters))
        lines = "".join(f"<div>{words.html(text)}</div>" for text in sentences[1:])
        st.html(f'<div class="wb-small" data-testid="ways">{chips} {words.html(sentences[0])}{lines}</div>')
