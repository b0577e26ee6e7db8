"""The Act page: what each hypothesis says follows from what would be changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.figures.acting import Ribbon, dose_figure
from core.figures.scores import Interval, interval_figure
from core.figures.theme import Figure
from core.fit.posterior import Summary
from core.study.forecast import Acted, Forecast
from core.study.moves import span_of
from core.study.reopening import Reopened
from core.study.said import Beside
from core.words import number
from ui import kept, results, saying, theme, words
from ui.acting import Asked, levels_of, values_of
from ui.entered import NOTHING, Taken
from ui.results import Fitted
from ui.session import ProjectView

__all__ = ["acted", "axis_of", "curve", "forest", "intervals", "records"]

_POINTS = 25
_MOST_TICKS = 200


def acted(last: Fitted, reopened: Reopened, asked: Asked, taken: Taken = NOTHING) -> Acted:
    """Return what follows, with the experiments that are taken into account; found once for each action."""
    key = (last.request.id, asked, taken)
    worlds = (asked.before, asked.after)
    return kept.recall(
        "acted", key, lambda: taken.acting(reopened, asked.given).act(worlds, asked.outcome, draws=400, rows=100)
    )


def forest(
    project: ProjectView,
    reopened: Reopened,
    asked: Asked,
    found: Acted,
    beside: Mapping[str, Beside] | None = None,
    unfitted: Sequence[Interval] = (),
) -> None:
    """Draw by how much the outcome differs between the two worlds, a hypothesis each and over all.

    ``unfitted`` are rows of hypotheses that could not be fitted; they have no part in what all say together.
    """
    title = _finding(project, reopened, asked)
    results.said(title)
    saying.lines(project, reopened, asked, found, beside or {})
    results.drawn("dot: posterior mean; bars: 50 % and 90 % intervals")
    rows, axis = intervals(project, found, unfitted), axis_of(project, reopened, asked.outcome, found)
    figure = results.picture(interval_figure, rows, axis=axis, dark=theme.is_dark(), write=number)
    results.plot(figure, "act_forest", "act", title)
    results.offer(lambda: records(rows), "act_forest", "act")


def intervals(project: ProjectView, found: Acted, unfitted: Sequence[Interval] = ()) -> tuple[Interval, ...]:
    """Return the rows of a picture: by how much the last world differs from the first, a hypothesis each and over all."""
    rows = [row for one in found.forecasts for row in _rows(project, one)] + list(unfitted)
    if len(found.forecasts) > 1 and found.averaged.known:
        rows += _rows(project, found.averaged)
    return tuple(rows)


def axis_of(project: ProjectView, reopened: Reopened, outcome: str, found: Acted) -> str:
    """Return what is drawn along the axis of such a picture, with its unit."""
    levels, y, unit = levels_of(reopened, outcome), project.title_of(outcome), project.unit_of(outcome)
    if len(levels) == 2:
        return f"chance that {y} is {levels[1]}, change"
    median = "the median of " if found.averaged.scale == "median" else ""
    return f"change of {median}{y}{f' ({unit})' if unit else ''}"


def records(rows: Sequence[Interval]) -> list[dict[str, Any]]:
    """Return the numbers of such a picture, for a file."""
    return [{"hypothesis": r.label, "mean": r.mean, "q05": r.q05, "q95": r.q95, "note": r.note} for r in rows]


def _rows(project: ProjectView, one: Forecast) -> list[Interval]:
    colour = "" if one.together else results.styles(project, [one.name])[0].colour
    label = "All, by their probabilities" if one.together else results.named(project, one.name)
    if not one.known:
        return [Interval(label, None, note=one.reason, colour=colour)]
    if one.contrasts is not None:
        heading = [Interval(label, None, heading=True)]
        return [*heading, *(_interval(level, summary, None, colour) for level, summary in one.contrasts.items())]
    assert one.contrast is not None
    return [_interval(label, one.contrast, one.draws, colour, one.reason)]


def _interval(label: str, found: Summary, draws: Any, colour: str, note: str = "") -> Interval:
    q25, q75 = (None, None) if draws is None else (float(q) for q in np.quantile(draws, (0.25, 0.75)))
    return Interval(label, found["mean"], found["q05"], found["q95"], q25, q75, colour, note)


def _finding(project: ProjectView, reopened: Reopened, asked: Asked) -> str:
    """Return what is compared, with its units."""
    x, y = words.clip(project.title_of(asked.node), 30), words.clip(project.title_of(asked.outcome), 30)
    levels, unit = levels_of(reopened, asked.node), project.unit_of(asked.node)
    low, high = (levels[int(end)] if levels else f"{end:,.6g}" for end in asked.ends)
    said = f"{y}, if {x} were {high} instead of {low}{f' ({unit})' if unit and not levels else ''}"
    return said[:1].upper() + said[1:]


def curve(project: ProjectView, last: Fitted, reopened: Reopened, asked: Asked, taken: Taken = NOTHING) -> None:
    """Draw the outcome over what is moved, a ribbon a hypothesis; of levels an interval each."""
    levels = levels_of(reopened, asked.node)
    values = values_of(reopened, asked.node)
    if levels:
        at = np.arange(len(levels), dtype=np.float64)
    else:
        low, high, _ = span_of(next(c for c in last.comparison.data.columns if c.name == asked.node), values)
        at = np.linspace(low, high, _POINTS)
    key = (last.request.id, asked.node, asked.outcome, asked.others, asked.given, taken)
    found = kept.recall(
        "dose", key, lambda: taken.acting(reopened, asked.given).curve(asked.node, at, asked.outcome, asked.others)
    )
    if not found.middle:
        return
    styles = results.styles(project, found.middle)
    x, y = (project.title_of(name) for name in (asked.node, asked.outcome))
    across, up = (
        f"{project.title_of(n)}{f' ({project.unit_of(n)})' if project.unit_of(n) else ''}"
        for n in (asked.node, asked.outcome)
    )
    results.said(
        f"{y[:1].upper() + y[1:]} over {x}",
        "the average if everybody were set there, with its 90 % band; ticks: your rows; pale: nobody was seen there",
    )
    if levels:
        rows = []
        for code, level in enumerate(levels):
            rows.append(Interval(level, None, heading=True))
            rows += [
                Interval(results.named(project, s.letter), float(found.middle[s.name][code]), float(found.low[s.name][code]),
                         float(found.high[s.name][code]), colour=s.colour)
                for s in styles
            ]  # fmt: skip
        figure = results.picture(
            interval_figure, tuple(rows), axis=up, dark=theme.is_dark(), write=number, reference=None
        )
    else:
        ribbons = tuple(
            Ribbon(style, *(tuple(map(float, part[style.name])) for part in (found.middle, found.low, found.high)))
            for style in styles
        )
        ticks = tuple(float(v) for v in values[:: max(1, len(values) // _MOST_TICKS)])
        figure = results.picture(
            _dose, tuple(map(float, at)), ribbons, across, up, asked.ends, found.seen, ticks, theme.is_dark()
        )
    results.plot(figure, "act_curve", "dose", f"{y} over {x}")
    data = [
        {"hypothesis": s.letter, x: levels[k] if levels else float(v), "mean": float(found.middle[s.name][k]),
         "q05": float(found.low[s.name][k]), "q95": float(found.high[s.name][k])}
        for s in styles for k, v in enumerate(at)
    ]  # fmt: skip
    results.offer(lambda: data, "act_curve", "dose")


def _dose(
    at: tuple[float, ...],
    ribbons: tuple[Ribbon, ...],
    across: str,
    up: str,
    marks: Sequence[float],
    seen: tuple[float, float],
    rows: tuple[float, ...],
    dark: bool,
) -> Figure:
    return dose_figure(at, ribbons, across=across, up=up, marks=marks, seen=seen, rows=rows, dark=dark)
