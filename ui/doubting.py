"""Where the doubt about an answer comes from, as bars, and what would shrink it.

A bar is as long as a standard deviation, against the widest of its kind; its parts are shares of the variance. What would
be all one colour is said in a sentence instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt

import streamlit as st

from core.errors import WhyboardError
from core.study.forecast import Acted, Forecast
from core.study.reopening import Reopened
from core.study.shares import Share
from core.study.shrinking import next_measurements
from core.words import number
from ui import follows, kept, results, widgets, words
from ui.acting import Asked, levels_of, reached_by
from ui.entered import NOTHING, Taken
from ui.results import Fitted
from ui.session import ProjectView
from ui.why import why

__all__ = ["by_group", "doubt", "measure_next"]

_COLOURS = {
    "chance": "chance in the world",
    "parameters": "unknown strengths",
    "structure": "whose graph is right",
    "forms": "curve or family",
}
_ALL_BUT = 0.97  # of a variance: a bar of one colour
_SAME = 0.03  # standard deviations that differ by less are the same to the eye
_MOST_LEVELS = 6


@dataclass(frozen=True)
class _Bar:
    label: str
    share: Share

    @property
    def sd(self) -> float:
        return sqrt(self.share.variance)


def doubt(project: ProjectView, found: Acted) -> None:
    """Draw where the doubt comes from: of the difference, and of one more row."""
    several = len(found.forecasts) > 1
    sets: list[tuple[str, list[_Bar]]] = []
    said: list[str] = []
    together = found.averaged.share
    known = [one for one in found.forecasts if one.share is not None and one.share.variance > 0]
    if together is not None and together.variance > 0:
        if several:
            sets.append((f"The difference {_unit(project, found)}", [_Bar("all together", together)]))
        if known:
            said.append(_strengths(known, several))
    if several and found.averaged.shares:
        sets.append(
            (
                f"The difference of each level's chance, all together {_unit(project, found)}",
                _levels(found.averaged.shares),
            )
        )
    rows, few = _of_rows(found, several)
    if rows:
        sets.append((f"One more row {_unit(project, found)}", rows))
    said += few
    if not sets and not said:
        return
    bars = "".join(f"<div class='wb-doubt-of'>{words.html(title)}</div>{_drawn(own)}" for title, own in sets if own)
    told = "".join(f"<li>{words.html(words.sentence(text))}</li>" for text in [*said, *found.told])
    st.html(
        f'<div class="wb-small" data-testid="doubt"><b>Where the doubt comes from</b> {why("doubt")}'
        f"{_legend([bar for _, own in sets for bar in own])}{bars}{f'<ul>{told}</ul>' if told else ''}</div>"
    )


def _unit(project: ProjectView, found: Acted) -> str:
    """Return what the numbers beside bars are."""
    unit = "" if found.averaged.shares else project.unit_of(found.outcome)
    return f"(± a standard deviation{f', {unit}' if unit else ''})"


def _strengths(known: Sequence[Forecast], several: bool) -> str:
    """Say what the difference leaves open within each hypothesis, where chance has no part in it."""
    if not several:
        sd = sqrt(known[0].share.variance) if known[0].share is not None else 0.0
        return f"all of the difference's doubt is in unknown strengths (±\N{NO-BREAK SPACE}{number(sd)})"
    each = ", ".join(
        f"±\N{NO-BREAK SPACE}{number(sqrt(one.share.variance))} in {one.name}" for one in known if one.share is not None
    )
    return f"within each hypothesis all of the difference's doubt is in unknown strengths: {each}"


def _levels(shares: Mapping[str, Share]) -> list[_Bar]:
    return [_Bar(level, share) for level, share in shares.items() if share.variance > 0]


def _of_rows(found: Acted, several: bool) -> tuple[list[_Bar], list[str]]:
    """Return the bars of one more row; where those of hypotheses are all chance, a sentence stands for them."""
    own = [
        _Bar(one.name, one.predictions[-1].share)
        for one in found.forecasts
        if one.known and one.predictions[-1].share is not None and one.predictions[-1].share.variance > 0
    ]
    if not own and found.averaged.known:
        return _levels(found.averaged.predictions[-1].shares), []
    if not own:
        return [], []
    last = found.averaged.predictions[-1].share if found.averaged.known else None
    together = [_Bar("all together", last)] if several and last is not None else []
    if all(bar.share.chance >= _ALL_BUT for bar in (*together, *own)):
        most = min(bar.share.chance for bar in (*together, *own))
        spread = max(bar.sd for bar in (*together, *own))
        who = ", whoever is right" if several else ""
        return [], [
            f"of what one more row leaves open (±\N{NO-BREAK SPACE}{number(spread)}) at least {most:.0%} is chance{who}"
        ]
    if together and all(bar.share.chance >= _ALL_BUT for bar in own):
        return together, [f"within each hypothesis at least {_ALL_BUT:.0%} of what one more row leaves open is chance"]
    return [*together, *own], []


def _drawn(bars: Sequence[_Bar]) -> str:
    widest = max(bar.sd for bar in bars) or 1.0
    return "".join(
        f"<div class='wb-doubt'><span>{words.html(bar.label)}</span>"
        f"<span class='wb-doubt-track'>{_bar(bar.share, bar.sd / widest)}</span>"
        f"<span class='wb-doubt-sd'>± {words.html(number(bar.sd))}</span></div>"
        for bar in bars
    )


def _bar(share: Share, length: float) -> str:
    parts = [(name, value) for name, value in share.parts.items() if value > 0]
    inside = "".join(
        f'<i class="wb-d-{name}" style="width:{100 * value:.1f}%">{f"{value:.0%}" if value * length > 0.12 else ""}</i>'
        for name, value in parts
    )
    said = ", ".join(f"{_COLOURS[name]} {value:.0%}" for name, value in parts)
    style = f"width:{100 * length:.1f}%"
    return f'<b class="wb-doubt-bar" role="img" style="{style}" aria-label="{words.html(said)}">{inside}</b>'


def _legend(bars: Sequence[_Bar]) -> str:
    if not bars:
        return ""
    used = [name for name in _COLOURS if any(bar.share.parts.get(name, 0.0) > 0 for bar in bars)]
    keys = "".join(f'<span><i class="wb-d-{name}"></i>{_COLOURS[name]}</span>' for name in used)
    return f'<div class="wb-legend">{keys}</div>'


# -- by group -----------------------------------------------------------------------------


def by_group(
    project: ProjectView, last: Fitted, reopened: Reopened, asked: Asked, found: Acted, taken: Taken = NOTHING
) -> None:
    """Draw the doubt about the difference in each group of a column that the action does not reach."""
    columns = _columns(reopened, asked)
    if not columns or asked.given is not None or found.averaged.share is None:
        return
    place = results.opened("Where the doubt comes from, group by group", "act_doubt_groups")
    if not place.open:
        return
    with place:
        titles = results.titles(project, columns)
        column = columns[0]
        if len(columns) > 1:
            column = st.selectbox("By", columns, format_func=titles.__getitem__, key="act_doubt_by")
        bars = [_Bar("everybody", found.averaged.share)]
        for code, level in enumerate(levels_of(reopened, column)):
            try:
                own = follows.acted(last, reopened, replace(asked, given=(column, float(code))), taken)
            except WhyboardError:  # nobody has this level
                continue
            if own.averaged.share is not None:
                bars.append(_Bar(level, own.averaged.share))
        _groups(titles[column], bars)


def _groups(title: str, bars: Sequence[_Bar]) -> None:
    widest = max(bar.sd for bar in bars)
    if all(widest - bar.sd <= _SAME * widest for bar in bars):
        widgets.note(
            f"The difference is as doubtful in every group by {title} (± {number(widest)}): no hypothesis lets it differ."
        )
        return
    st.html(
        f'<div class="wb-small" data-testid="doubt-groups">{_legend(bars)}<div class="wb-doubt-of">The difference, all '
        f"together, by {words.html(title)}</div>{_drawn(bars)}</div>"
    )


def _columns(reopened: Reopened, asked: Asked) -> list[str]:
    """Return the columns of few levels that nothing of what is done reaches, under any hypothesis."""
    done = {asked.node, *(setting.node for setting in asked.others)}
    reached = {name for node in done for name in reached_by(reopened, node)} | done | {asked.outcome}
    names = [column.name for column in reopened.comparison.data.columns if column.name not in reached]
    return [name for name in names if 2 <= len(levels_of(reopened, name)) <= _MOST_LEVELS]


# -- what to measure next -----------------------------------------------------------------


def measure_next(
    project: ProjectView, last: Fitted, reopened: Reopened, asked: Asked, found: Acted, taken: Taken = NOTHING
) -> None:
    """Say what would shrink the doubt, the source of most of it first."""
    place = results.opened("What to measure next to shrink it", "act_next")
    if not place.open:
        return
    with place:
        titles = results.titles(project, [column.name for column in reopened.comparison.data.columns])
        worlds = (asked.before, asked.after)
        told = kept.recall(
            "next",
            (last.request.id, asked, taken, tuple(titles.items())),
            lambda: next_measurements(
                taken.acting(reopened, asked.given), worlds, found, title=lambda name: titles.get(name, name)
            ),
        )
        if not told:
            widgets.note("Nothing is left open that could be measured.")
            return
        listed = "".join(
            f'<li><i class="wb-d-{one.source} wb-d-dot"></i>{words.html(one.sentence)}</li>' for one in told
        )
        st.html(f'<div class="wb-small" data-testid="next">{why("next")}<ul class="wb-next">{listed}</ul></div>')
