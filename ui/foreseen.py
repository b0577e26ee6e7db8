"""On the Act page: what experiments found beside what each hypothesis had foreseen, and how they move probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from core.effects.experiments import LEVEL, Experiment
from core.figures.scores import Interval, interval_figure
from core.study.doing import said_given, said_world
from core.study.experiment_words import told_apart
from core.study.experimenting import Experimented, Foreseen, Learned
from core.study.reopening import Reopened
from core.words import interval, number
from ui import results, theme, widgets, words
from ui.session import ProjectView

__all__ = ["foreseen", "moves", "result", "what"]

_PICTURES = 4  # of experiments; the others are rows of a table
_AMBER = ("#96590a", "#ffb74d")
_90 = 1.6449
_ENDS: tuple[Literal["mean", "q05", "q95"], ...] = ("mean", "q05", "q95")


def what(project: ProjectView, reopened: Reopened, one: Experiment) -> str:
    """Return what was done, and for whom, in the user's words; plain text."""
    spec = reopened.fits[0].spec
    first, second = (dict(said_world(spec, world)) for world in one.worlds)
    parts = []
    for node, value in second.items():
        title, said = project.title_of(node), _value(value)
        if node not in first:
            parts.append(f"{title} {said}")
        elif first[node] == value:
            parts.append(f"{title} held at {said}")
        else:
            parts.append(f"{title} from {_value(first[node])} to {said}")
    whom = ""
    if one.given is not None:
        column, _, value_ = (said_given(spec, one.given) or "").partition("=")
        whom = f", where {project.title_of(column)} is {value_}"
    return f"{', '.join(parts)}{whom}"


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:,.6g}"


def result(project: ProjectView, one: Experiment) -> str:
    """Return what was found, with its error and unit; plain text."""
    unit = project.unit_of(one.outcome)
    return f"{number(one.estimate)} ± {number(one.se)}{f' ({unit})' if unit else ''}"


def moves(project: ProjectView, learned: Experimented) -> str:
    """Return how the probabilities of the hypotheses moved, in a line of HTML; empty with one hypothesis."""
    if len(learned.acting.names) < 2:
        return ""
    styles = results.styles(project, learned.acting.names)
    parts = [
        f'<span class="wb-num">{widgets.chip(style.letter, style.colour)} {_share(was)} → <b>{_share(now)}</b></span>'
        for style, was, now in zip(styles, learned.before.weights, learned.acting.weights, strict=True)
    ]
    return f" Probabilities: {' &ensp; '.join(parts)}"


def _share(value: float) -> str:
    """Return a probability in per cent; never all or nothing by rounding."""
    if 0 < value < 0.005:
        return "under 1 %"
    if 0.995 < value < 1:
        return "over 99 %"
    return f"{value:.0%}".replace("%", " %")


def foreseen(project: ProjectView, reopened: Reopened, learned: Experimented) -> None:
    """Show what each hypothesis had foreseen, and how probable it is now."""
    several = len(learned.learned)
    for place, one in enumerate(learned.learned[:_PICTURES]):
        _picture(project, reopened, one, place, several)
    rest = learned.learned[_PICTURES:]
    if rest:
        body = "".join(_row(project, reopened, one, several) for one in rest)
        heads = "".join(
            f"<th>{widgets.chip(style.letter, style.colour)} foresaw</th>"
            for style in results.styles(project, learned.acting.names)
        )
        st.html(
            '<div class="wb-scroll"><table class="wb-table" data-testid="trials-table"><tr><th>Experiment</th>'
            f"<th>found</th>{heads}</tr>{body}</table></div>"
        )
    _probabilities(project, learned)
    results.offer(lambda: _numbers(learned), "trials", "experiments")


def _picture(project: ProjectView, reopened: Reopened, one: Learned, place: int, several: int) -> None:
    """Draw what each hypothesis had foreseen over what was found."""
    experiment = one.experiment
    outcome, unit = project.title_of(experiment.outcome), project.unit_of(experiment.outcome)
    done = what(project, reopened, experiment)
    head = done if experiment.name in ("", done) else f"{experiment.name}: {done}"
    results.said(
        words.sentence(f"{head}, found {result(project, experiment)}").removesuffix("."),
        "dots and bars: what each hypothesis, fitted to the rows alone, foresaw (90 %); shaded: what was found (90 %)"
        if place == 0
        else "",
    )
    amber = _AMBER[theme.is_dark()]
    rows = [_foresaw(project, each, several) for each in one.foreseen]
    reach = _90 * experiment.se
    figure = results.picture(
        interval_figure,
        tuple(rows),
        axis=f"change of {outcome}{f' ({unit})' if unit else ''}",
        dark=theme.is_dark(),
        write=number,
        reference=experiment.estimate,
        reach=_reach(rows, experiment),
        band=(experiment.estimate - reach, experiment.estimate + reach),
        loud=amber,
    )
    results.plot(figure, f"trials_{place}", "experiment", head)


def _reach(rows: Sequence[Interval], one: Experiment) -> tuple[float, float]:
    ends = [value for row in rows for value in (row.mean, row.q05, row.q95) if value is not None]
    ends += [0.0, one.estimate - _90 * one.se, one.estimate + _90 * one.se]
    span = max(ends) - min(ends)
    return min(ends) - 0.06 * span, max(ends) + 0.06 * span


def _foresaw(project: ProjectView, each: Foreseen, several: int) -> Interval:
    style = results.styles(project, [each.name])[0]
    label = results.named(project, each.name)
    if each.predicted is None:
        return Interval(label, None, note=each.reason, colour=style.colour)
    found = each.predicted
    return Interval(label, found["mean"], found["q05"], found["q95"], colour=style.colour, note=_beside(each, several))


def _beside(each: Foreseen, several: int) -> str:
    """Return what stands beside what was foreseen: that it disagrees, and by how much."""
    if each.disagreement is None or each.disagreement.p * several >= LEVEL:
        return ""
    lead = "" if each.leads else "no path leads there; "
    return f"{lead}disagrees by {abs(each.disagreement.gap):.1f} errors"


def _row(project: ProjectView, reopened: Reopened, one: Learned, several: int) -> str:
    cells = "".join(f"<td>{_cell(each, several)}</td>" for each in one.foreseen)
    done, said = what(project, reopened, one.experiment), result(project, one.experiment)
    return f"<tr><td>{words.html(done)}</td><td class='wb-num'>{words.html(said)}</td>{cells}</tr>"


def _cell(each: Foreseen, several: int) -> str:
    if each.predicted is None:
        return words.html(each.reason)
    said = f"{number(each.predicted['mean'])} {interval(each.predicted['q05'], each.predicted['q95'])}"
    far = _beside(each, several)
    amber = f'<br><span class="wb-amber">{words.html(far)}</span>' if far else ""
    return f'<span class="wb-num">{words.html(said)}</span>{amber}'


def _probabilities(project: ProjectView, learned: Experimented) -> None:
    """Show how probable each hypothesis was and is, and say whom the experiments tell apart."""
    names = learned.acting.names
    if len(names) > 1:
        rows = "".join(
            f"<tr><td>{widgets.chip(style.letter, style.colour)} {words.html(results.name_of(project, name))}</td>"
            f"<td>{_bar(was)}</td><td>{_bar(now)}</td></tr>"
            for name, style, was, now in zip(
                names, results.styles(project, names), learned.before.weights, learned.acting.weights, strict=True
            )
        )
        many = "experiment" if len(learned.learned) == 1 else "experiments"
        st.html(
            f'<div class="wb-scroll"><table class="wb-table" data-testid="moved"><tr><th>Probability</th><th>before the '
            f"{many}</th><th>with the {many}</th></tr>{rows}</table></div>"
        )
    said = [*_none_foresaw(learned), *told_apart(learned), *_classes(learned)]
    if said:
        items = "".join(f"<li>{words.html(words.sentence(text))}</li>" for text in said)
        st.html(f'<div class="wb-small"><ul class="wb-claims" style="font-size:inherit">{items}</ul></div>')


def _bar(value: float) -> str:
    inside = f'<span style="width:{100 * value:.1f}%"></span>'
    return f'<span class="wb-bar">{inside}</span> <span class="wb-num">{_share(value)}</span>'


def _none_foresaw(learned: Experimented) -> list[str]:
    several = len(learned.learned)
    return [
        f"no hypothesis had foreseen {one.experiment.name}: what it was about may be other units than the rows, or every "
        "graph lacks something"
        for one in learned.learned
        if len(one.foreseen) > 1 and all(_beside(each, several) for each in one.foreseen)
    ]


def _classes(learned: Experimented) -> list[str]:
    """Say that members of a class have probabilities of their own now."""
    tied = [one.members for one in learned.acting.comparison.classes if len(one.members) > 1]
    start = ["all counted alike before, since the rows alone tell no probability"] if learned.before.alike else []
    return start + [
        f"{words.listing(members)} stand as one class on Compare, where rows alone speak; here each has a probability of "
        "its own"
        for members in tied
    ]


def _numbers(learned: Experimented) -> list[dict[str, object]]:
    weights = dict(
        zip(learned.acting.names, zip(learned.before.weights, learned.acting.weights, strict=True), strict=True)
    )
    return [
        {
            "experiment": one.experiment.name,
            "outcome": one.experiment.outcome,
            "found": one.experiment.estimate,
            "se": one.experiment.se,
            "hypothesis": each.name,
            **{f"foresaw {name}": None if each.predicted is None else each.predicted[name] for name in _ENDS},
            "errors apart": None if each.disagreement is None else each.disagreement.gap,
            "p": None if each.disagreement is None else each.disagreement.p,
            "why not": each.reason,
            "probability before": weights[each.name][0],
            "probability with all": weights[each.name][1],
        }
        for one in learned.learned
        for each in one.foreseen
    ]
