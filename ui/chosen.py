"""On the Act page: what to choose, once it is found: in words, as what is lost, and as a frontier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from core.decide.scoring import Scored
from core.decide.sentences import about_risk, about_safest, in_hundred
from core.decide.utility import COST
from core.figures.deciding import Point, frontier_figure
from core.figures.theme import Figure
from core.study.deciding import Decided
from core.words import either, interval, joined, number
from ui import formulas, results, theme, widgets, words
from ui.session import ProjectView
from ui.why import why

__all__ = ["show", "titled"]

_BY = {
    "expected": "on average",
    "cvar": "by its worst draws",
    "regret": "safest, whoever is right",
    "likely": "safest without what counts for under 1 %",
}
_SAFE = (_BY["regret"], _BY["likely"])
_IN_100 = "% of rows"
_TODAY = "as it is today"
_ALIKE = 0.05  # of a standard deviation: what differs by less is about as much
_NONE = 1e-3  # of the largest loss: a smaller one is none


def titled(project: ProjectView, name: str) -> str:
    """Return a column's label with its unit, plain text."""
    unit = project.unit_of(name)
    return f"{project.title_of(name)}{f' ({unit})' if unit else ''}"


def show(project: ProjectView, found: Decided, own: bool, contradicted: Sequence[str] = ()) -> None:
    """Show what was found.

    Parameters
    ----------
    project : ProjectView
    found : Decided
    own : bool
        Whether its utility is somebody's own formula.
    contradicted : sequence of str
        Hypotheses of which the data contradict something.
    """
    unit = _IN_100 if found.decision.share else "" if own else project.unit_of(found.outcome)
    if found.decision.share:
        found = replace(found, decision=in_hundred(found.decision))
    decision = found.decision
    _best(project, found, unit)
    for said in (*about_risk(decision, found.levers), *about_safest(decision, found.levers, contradicted)):
        widgets.note(said)
    if len(decision.hypotheses) > 1:
        _regret(project, found, unit)
    _frontier(project, found, unit)
    widgets.warnings_list([*decision.warnings, *found.told])


# -- the best -----------------------------------------------------------------------------


def _best(project: ProjectView, found: Decided, unit: str) -> None:
    decision = found.decision
    results.said(
        _finding(project, found),
        f"made large: {_formula(project, found)}{f' ({unit})' if unit else ''}; {decision.tried:,} actions were tried, and each "
        "is scored on draws that did not choose it",
    )
    cards = "".join(_card(project, found, by, scored, unit) for by, scored in _merged(decision.best))
    if decision.now is not None:
        cards += _card(project, found, _TODAY, decision.now, unit)
    st.html(f'<div class="wb-choices" data-testid="chosen">{cards}</div>')
    scored = {**{_BY.get(by, by): one for by, one in decision.best.items()}}
    if decision.now is not None:
        scored[_TODAY] = decision.now
    results.offer(lambda: [_row(found, by, one) for by, one in scored.items()], "choose_best", "best")


def _formula(project: ProjectView, found: Decided) -> str:
    names = [found.outcome, *found.levers.names, COST]
    return formulas.in_labels(found.decision.utility, names, results.titles(project, names[:-1]))


def _finding(project: ProjectView, found: Decided) -> str:
    best = found.decision.best
    first, safe = best["expected"], best["regret"]
    said = f"Best on average: {_action(project, found, first.action)}"
    if not _same(first.action, safe.action):
        said += f"; safest, whoever is right: {_action(project, found, safe.action)}"
    return said


def _merged(best: Mapping[str, Scored]) -> list[tuple[str, Scored]]:
    """Return each best action once, by all that it is best by."""
    merged: list[tuple[list[str], Scored]] = []
    for by, scored in best.items():
        same = next((names for names, other in merged if _same(other.action, scored.action)), None)
        if same is None:
            merged.append(([_BY.get(by, by)], scored))
        elif by != "likely" or _BY["regret"] not in same:  # safest either way
            same.append(_BY.get(by, by))
    return [(f"best {words.listing(names)}" if names[0] not in _SAFE else names[0], one) for names, one in merged]


def _same(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    return all(number(one[name]) == number(other[name]) for name in one)


def _card(project: ProjectView, found: Decided, by: str, scored: Scored, unit: str) -> str:
    decision, said = found.decision, found.said(scored.action)
    lines = "".join(
        f"<div>{words.html(project.title_of(name))} <b>{words.html(_value(value))}</b> "
        f"<small class=wb-muted>{words.html(project.unit_of(name))}</small>{' <small class=wb-amber>hardly anybody was seen there</small>' if name in scored.unseen else ''}</div>"
        for name, value in said.items()
    )
    inside = "in " if decision.share else ""
    brings = f"{inside}{number(scored.mean)} {interval(scored.q05, scored.q95)}{f' {unit}' if unit else ''} on average"
    more = ""
    if decision.now is not None and scored is not decision.now and _same(scored.action, decision.now.action):
        more = "; as it is today"
    elif decision.now is not None and scored is not decision.now:
        gain = scored.mean - decision.now.mean
        size = f"{number(abs(gain))} {'more' if gain >= 0 else 'less'} than"
        more = f"; {size if abs(gain) > _ALIKE * decision.now.sd else 'about as much as'} today"
    worst = f"{inside}{number(scored.cvar)}{' %' if inside else ''} over the worst {100 * decision.risk:.0f} % of draws"
    return (
        f"<section><div class='wb-drawn'>{words.html(by[:1].upper() + by[1:])}</div><div class='wb-set'>{lines}</div>"
        f"<div class='wb-small'>{words.html(brings + more)}<br>{words.html(worst)}</div></section>"
    )


def _action(project: ProjectView, found: Decided, action: Mapping[str, float]) -> str:
    return ", ".join(f"{project.title_of(name)} {_value(value)}" for name, value in found.said(action).items())


def _value(value: float | str) -> str:
    return value if isinstance(value, str) else number(value)


def _row(found: Decided, by: str, scored: Scored) -> dict[str, Any]:
    shares = {f"share of {name}": share for name, share in scored.uncertainty.items()}
    numbers = {"mean": scored.mean, "q05": scored.q05, "q95": scored.q95, "worst": scored.cvar, "sd": scored.sd}
    return {"best": by, **found.said(scored.action), **numbers, **shares}


# -- what is lost -------------------------------------------------------------------------


def _regret(project: ProjectView, found: Decided, unit: str) -> None:
    decision = found.decision
    names = [own.name for own in decision.hypotheses]
    styles = results.styles(project, names)
    said = [
        *names,
        *([_BY["likely"]] if "likely" in decision.best else []),
        "safest",
        "on average",
        "by its worst draws",
    ]
    merged: list[tuple[list[str], Mapping[str, float], tuple[float, ...]]] = []
    indifferent = [own.name for own in decision.hypotheses if own.indifferent]
    for label, row in zip(said, decision.regret_matrix, strict=True):
        if label in indifferent:  # any will do there
            continue
        same = next((labels for labels, action, _ in merged if _same(action, row.action)), None)
        if same is None:
            merged.append(([label], row.action, row.regrets))
        elif label != "safest" or _BY["likely"] not in same:
            same.append(label)
        else:  # safest either way
            same[same.index(_BY["likely"])] = label
    results.said(
        f"Knowing who is right is worth {number(decision.information)}{f' ({unit})' if unit else ''}",
        "what you lose by an action if that colleague is right, against the action that is best then",
    )
    if indifferent:
        widgets.note(f"If {either(indifferent)} is right there is nothing to choose: any of these brings as much.")
    most = max((lost for _, _, row in merged for lost in row), default=0.0)
    head = "".join(
        f'<th style="border-bottom:3px solid {words.html(style.colour)}">if {widgets.chip(style.letter, style.colour)} '
        f"is right<br><small>{words.html(results.name_of(project, style.letter))} · counts {_share(own.weight)}</small></th>"
        for style, own in zip(styles, decision.hypotheses, strict=True)
    )
    body = "".join(
        f"<tr><td>{words.html(_label(labels, names))}{' <b>←</b>' if 'safest' in labels else ''}"
        f"<br><small>{words.html(_action(project, found, action))}</small></td>"
        f"{''.join(_lost(lost, most) for lost in row)}</tr>"
        for labels, action, row in merged
    )
    st.html(
        f'<div class="wb-scroll"><table class="wb-table wb-lost" data-testid="regret"><tr><th>What you do '
        f"{why('choose')}</th>{head}</tr>{body}</table></div>"
    )
    data = [
        {"action": _label(labels, names), **found.said(action), **{f"lost if {n}": x for n, x in zip(names, row, strict=True)}}
        for labels, action, row in merged
    ]  # fmt: skip
    results.offer(lambda: data, "choose_regret", "regret")


def _label(labels: Sequence[str], names: Sequence[str]) -> str:
    """Say by what an action is best: if some are right, and by which yardsticks."""
    own = [label for label in labels if label in names]
    best = [f"if {either(own)} is right"] if own else []
    best += [label for label in labels if label not in (*names, "safest", _BY["likely"])]
    said = [f"best {joined(best)}"] if best else []
    text = "; ".join([*said, *(label for label in ("safest", _BY["likely"]) if label in labels)])
    return text[:1].upper() + text[1:]


def _share(weight: float) -> str:
    return "under 1 %" if 0 < weight < 0.005 else f"{100 * weight:.0f} %"


def _lost(lost: float, most: float) -> str:
    share = lost / most if most > 0 else 0.0
    said = number(lost) if share > _NONE else "0"
    heat = f"background:color-mix(in srgb, #c98a1b {45 * share:.0f}%, transparent)" if share > _NONE else ""
    return f'<td class="wb-num" style="{heat}">{words.html(said)}</td>'


# -- the frontier -------------------------------------------------------------------------


def _frontier(project: ProjectView, found: Decided, unit: str) -> None:
    decision, edge = found.decision, found.decision.frontier
    if len(edge) < 2:
        alike = _same(decision.best["expected"].action, decision.best["cvar"].action)
        widgets.note(
            "One action is best on average and by its worst draws alike: there is nothing to trade off."
            if alike
            else "On the draws that score one action is ahead both on average and in the worst draws: there is nothing to "
            "trade off."
        )
        return
    less, more = edge[0].mean - edge[-1].mean, edge[-1].cvar - edge[0].cvar
    results.said(
        f"Giving up {number(less)} on average brings {number(more)} more when it goes badly"
        if less > 0 and more > 0
        else "More on average against less lost when it goes badly",
        "each dot is an action that no other dot beats in both; drag the slider along them",
    )
    place = st.container()
    at = st.select_slider(
        "From the most on average to the most in the worst draws",
        list(range(len(edge))),
        format_func=lambda row: _action(project, found, edge[row].action),
        key=f"choose_along_{len(edge)}",
    )
    picked = edge[at]
    marked = [_point(project, found, one, by) for by, one in _merged(decision.best)]
    if decision.now is not None:
        marked.append(_point(project, found, decision.now, _TODAY))
    points = tuple(_point(project, found, one, "") for one in edge)
    ends = f" ({unit})" if unit else ""
    with place:
        figure = results.picture(
            _drawn,
            points,
            tuple(marked),
            points[at],
            f"mean over the worst {100 * decision.risk:.0f} % of draws{ends}",
            f"mean over all draws{ends}",
            theme.is_dark(),
        )
        results.plot(figure, "choose_frontier", "frontier", "what actions bring on average, over their worst draws")
    st.html(
        f'<div class="wb-choices" data-testid="along">{_card(project, found, "Where the slider stands", picked, unit)}</div>'
    )
    results.offer(lambda: [_row(found, "frontier", one) for one in edge], "choose_frontier", "frontier")


def _point(project: ProjectView, found: Decided, scored: Scored, label: str) -> Point:
    return Point(scored.cvar, scored.mean, _action(project, found, scored.action), label)


def _drawn(
    edge: tuple[Point, ...], marked: tuple[Point, ...], picked: Point, across: str, up: str, dark: bool
) -> Figure:
    return frontier_figure(edge, marked, picked, across=across, up=up, dark=dark)
