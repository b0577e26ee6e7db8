"""What a hypothesis expects of a node before it has seen data: a small picture, and how much of it is absurd."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from core.data.dataset import Dataset
from core.errors import WhyboardError
from core.hypothesis import Hypothesis
from core.model.resolve import resolve
from core.model.spec import ModelSpec
from core.simulate.implied import FAR, Implied, implied
from core.study.modelling import modelled
from ui import kept, pictures, theme, words
from ui.session import HypothesisRecord, ProjectView

__all__ = ["show", "spec_of"]

_WIDE, _TALL, _RUG = 320, 120, 9
_LEVEL = 72  # of the width, at most
_RUG_ROWS = 150
_NAMED = 4
#: Shares of absurd and of impossible values from which on it is a warning.
_MANY_FAR, _MANY_IMPOSSIBLE = 0.1, 0.05
#: What values of a kind cannot be, and what would keep them from it.
_CANNOT = {
    "positive": ("below zero", "A family of positive numbers"),
    "count": ("below zero", "A family of counts"),
    "proportion": ("outside 0 to 1", "A family of shares"),
}


def show(
    project: ProjectView, record: HypothesisRecord, hypothesis: Hypothesis, dataset: Dataset | None, node: str
) -> None:
    """Show what a hypothesis, as it is drawn now, implies of a node; or why nothing can be said yet."""
    title = project.title_of(node)
    unit = project.unit_of(node) or hypothesis.node(node).unit
    head = f"What {record.letter} expects of {title}{f' [{unit}]' if unit else ''}"
    parts = [f'<div class="wb-panel-head">{words.html(head)}</div>']
    try:
        spec = spec_of(hypothesis, dataset)
    except WhyboardError as error:
        parts.append(f'<div class="wb-warn">{words.html_error(error)}</div>')
        spec = None
    if spec is not None and all(model.node != node for model in spec.nodes):
        parts.append('<div class="wb-small wb-muted">Background: taken from your rows as they are.</div>')
    elif spec is not None:
        key = (spec, node, dataset.fingerprint if dataset else "")
        found = kept.recall("implied", key, partial(implied, spec, node, dataset))
        parts.append(_picture(found, record.colour, title))
        parts.append(_told(found, title))
    st.html(f'<div class="wb-implied" data-testid="implied">{"".join(parts)}</div>')


def spec_of(hypothesis: Hypothesis, dataset: Dataset | None) -> ModelSpec:
    """Return a drawing resolved as it stands, from the rows where there are any.

    Raises
    ------
    WhyboardError
        If it cannot be computed.
    """
    if dataset is None:
        return kept.recall("spec", (hypothesis, ()), partial(resolve, hypothesis))
    return modelled((hypothesis,), dataset).spec(0, dataset)


# -- the picture ------------------------------------------------------------------


def _picture(found: Implied, colour: str, title: str) -> str:
    """Return the expected values in the hypothesis' colour, the observed ones as a dark line over a rug of rows."""
    window, tone = found.window, theme.tone()
    bins, floor = len(window.generated), _TALL - _RUG
    wide = min(_WIDE, _LEVEL * bins) if found.levels else _WIDE
    top = max(float(window.generated.max()), float(window.observed.max()), 1e-9)
    step = wide / bins
    gap = min(10.0, step * 0.3) if found.levels else min(1.0, step * 0.08)
    tall = [(floor - 2) * share / top for share in window.generated]
    bars = "".join(
        f'<rect x="{i * step + gap / 2:.1f}" y="{floor - high:.1f}" width="{step - gap:.1f}" height="{high:.1f}"/>'
        for i, high in enumerate(tall)
    )
    inside = f'<g fill="{colour}" opacity="{0.75 if theme.is_dark() else 0.45}">{bars}</g>'
    inside += f'<rect x="0" y="{floor}" width="{wide}" height="1" fill="{tone.ink}" opacity=".35"/>'
    if found.observed.size:
        inside += _line(found, step, top, floor, tone.ink)
        inside += "" if found.levels else _rug(found, floor, tone.ink)
    alt = f"{title}: what is expected before any data, as bars; what was observed as a line"
    under = "".join(f"<span>{words.html(words.clip(end, 12))}</span>" for end in _ends(found))
    drawn = pictures.image(inside, wide, _TALL, alt, stretch=True)
    return f'<div class="wb-picture" style="max-width:{wide}px">{drawn}<div class="wb-ends">{under}</div></div>'


def _ends(found: Implied) -> tuple[str, str]:
    """Return what stands at the two ends of the axis."""
    first, last = float(found.window.edges[0]), float(found.window.edges[-1])
    if found.levels:
        return found.levels[0], found.levels[-1]
    if found.kind == "count":
        first, last = float(np.ceil(first)), float(np.floor(last))
    return words.number(first), words.number(last)


def _line(found: Implied, step: float, top: float, floor: int, ink: str) -> str:
    """Return the shares of the rows as steps; those of levels, which have no order, apart."""
    marks = []
    for i, share in enumerate(found.window.observed):
        y = floor - (floor - 2) * share / top
        marks.append(f"{i * step:.1f},{y:.1f} {(i + 1) * step:.1f},{y:.1f}")
    lines = marks if found.levels else [" ".join(marks)]
    width = 2.4 if found.levels else 1.6
    drawn = "".join(f'<polyline points="{line}"/>' for line in lines)
    return f'<g fill="none" stroke="{ink}" stroke-width="{width}">{drawn}</g>'


def _rug(found: Implied, floor: int, ink: str) -> str:
    edges, rows = found.window.edges, np.sort(found.observed)
    rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), _RUG_ROWS)).astype(int)]
    at = (rows - edges[0]) / (edges[-1] - edges[0]) * _WIDE
    ticks = "".join(f'<rect x="{x:.1f}" y="{floor + 2}" width="1" height="{_RUG - 2}"/>' for x in at)
    return f'<g fill="{ink}" opacity=".5">{ticks}</g>'


# -- the words --------------------------------------------------------------------


def _told(found: Implied, title: str) -> str:
    line = "light line" if theme.is_dark() else "dark line"
    seen = f"the {line} is your rows" if found.levels else f"the {line} and the ticks below are your rows"
    drawn = f"Bars: expected before it has seen data{f'; {seen}' if found.observed.size else ''}."
    parts = [f'<div class="wb-small wb-muted">{words.html(drawn)}</div>']
    half = _shares(found) if found.levels else _halves(found)
    parts.append(f'<div class="wb-small">{words.html(half)}</div>')
    bad = found.far > _MANY_FAR or found.impossible > _MANY_IMPOSSIBLE or found.lost > 0
    said = " ".join(_absurd(found, title))
    if said:
        parts.append(f'<div class="{"wb-warn" if bad else "wb-small"}">{words.html(said)}</div>')
    return "".join(parts)


def _shares(found: Implied) -> str:
    """Say how many of 100 rows have each level, the most frequent first."""
    expected, seen = found.window.generated, found.window.observed
    most = np.argsort(-expected, kind="stable")[:_NAMED]
    parts = []
    for place in most:
        yours = f" (yours: {100 * seen[place]:.0f})" if found.observed.size else ""
        parts.append(f"{words.clip(found.levels[place], 20)} {100 * expected[place]:.0f}{yours}")
    return f"Of 100 rows it expects: {', '.join(parts)}."


def _halves(found: Implied) -> str:
    low, high = found.half()
    text = f"It expects half of the values between {words.number(low)} and {words.number(high)}"
    if found.observed.size:
        low, high = found.half(observed=True)
        text += f"; half of yours lie between {words.number(low)} and {words.number(high)}"
    return f"{text}."


def _absurd(found: Implied, title: str) -> list[str]:
    said = []
    if found.observed.size and not found.levels:
        times = words.number(FAR)
        if found.far < 0.0005:
            said.append(f"None of it lies outside {times} times the range of your rows.")
        else:
            said.append(f"{_in_hundred(found.far)} lie absurdly far out: outside {times} times the range of your rows.")
    if found.impossible:
        where, instead = _CANNOT[found.kind]
        said.append(f"{_in_hundred(found.impossible)} are impossible: {title} cannot be {where}. {instead} never is.")
    if found.lost:
        said.append(
            f"{_in_hundred(found.lost)} are too large for the machine: through a chain of log links the priors allow that."
        )
    return said


def _in_hundred(share: float) -> str:
    if share < 0.01:
        return "Fewer than 1 in 100"
    return f"{min(99, round(100 * share))} in 100" if share < 0.995 else "Nearly all"
