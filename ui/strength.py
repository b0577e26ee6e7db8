"""How strong an arrow may plausibly be: a curve over effects in the units of the data, and a slider for its two ends.

The ends are the 5 % and 95 % points of the prior of the arrow's slope (:mod:`core.model.strength`). The curve
stands over the slider, each of its values over the handle's place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.data.dataset import Dataset
from core.errors import WhyboardError
from core.hypothesis import Hypothesis, Prior
from core.model.strength import Strength, strength_of
from ui import implied, pictures, theme, words
from ui.session import HypothesisRecord, ProjectView

__all__ = ["panel"]

_STEPS, _WIDER = 81, 1.6  # values of the slider; how much wider than the default's two ends it reaches
_WIDE, _TALL = 320, 64

Take = Callable[[Prior | None], None]


def panel(
    project: ProjectView,
    record: HypothesisRecord,
    hypothesis: Hypothesis,
    dataset: Dataset | None,
    pair: tuple[str, str],
    take: Take,
) -> None:
    """Show how strong one arrow may be, and take another opinion; nothing where that is not one number."""
    if dataset is None:
        return
    try:  # the direction is said above, and only cuts off what is said here
        now = strength_of(implied.spec_of(hypothesis.with_edge(*pair, sign=None), dataset), *pair)
        usual = strength_of(implied.spec_of(hypothesis.with_edge(*pair, sign=None, prior=None), dataset), *pair)
    except WhyboardError:
        return  # what it is stands where the target's values would
    if now is None or usual is None:
        return
    values = _values(usual, now)
    ends = _nearest(values, now)
    key = f"strength_{record.id}_{pair[0]}_{pair[1]}"
    if st.session_state.get(key, ends) != ends:  # after an undo, or in another tab
        st.session_state[key] = ends
    with st.container(key="strength"):
        st.html(f'<div class="wb-panel-head">{words.html(_head(project, pair, now))}</div>')
        st.html(_picture(now, values, ends, record.colour))
        st.select_slider(
            "90 % of what you hold plausible lies between",
            [float(value) for value in values],
            ends,
            key=key,
            format_func=partial(_said, now),
            on_change=lambda: take(now.prior_of(*st.session_state[key])),
        )
        st.button(
            "Back to default",
            key=f"strength_default_{record.id}",
            type="tertiary",
            disabled=hypothesis.edge(*pair).prior is None,
            help="What is supposed of every arrow: no direction, and seldom more than a large effect.",
            on_click=take,
            args=(None,),
        )


def _head(project: ProjectView, pair: tuple[str, str], strength: Strength) -> str:
    source, target = (project.title_of(name) for name in pair)
    per, unit = (f" [{one}]" if one else "" for one in map(project.unit_of, pair))
    match strength.step:
        case "identity":
            step = f"1 more {source}{per}"
        case "levels":
            step = f"{source}, the second of its levels rather than the first,"
        case "log1p":
            step = f"twice as much of 1 + {source}"
        case _:
            step = f"twice as much {source}"
    if strength.meaning.factor:
        return f"By what {step} multiplies the {strength.meaning.of} of {target}"
    return f"What {step} adds to {target}{unit if strength.meaning.unit == 'data' else strength.meaning.after}"


def _said(strength: Strength, value: float) -> str:
    return f"×{words.number(value)}" if strength.meaning.factor else words.number(value)


def _values(usual: Strength, now: Strength) -> NDArray[np.float64]:
    """Return what the slider offers: past both ends of what is usual and of what is said, factors by ratios."""
    factor = usual.meaning.factor
    ends = [np.abs(np.log(one.plausible) if factor else one.plausible).max() for one in (usual, now)]
    reach = float(max(_WIDER * ends[0], ends[1]))  # what is chosen from these values leaves them as they are
    values = np.linspace(-reach, reach, _STEPS)
    return np.exp(values) if factor else values


def _nearest(values: NDArray[np.float64], strength: Strength) -> tuple[float, float]:
    scale = np.log if strength.meaning.factor else np.asarray
    low, high = (int(np.argmin(np.abs(scale(values) - scale(np.array(end))))) for end in strength.plausible)
    high = min(max(high, low + 1), len(values) - 1)
    return float(values[min(low, high - 1)]), float(values[high])


def _picture(strength: Strength, values: NDArray[np.float64], ends: tuple[float, float], colour: str) -> str:
    """Return the curve: full between the two ends, pale outside, with a line where nothing changes."""
    tall, tone = strength.density(values), theme.tone()
    across = np.linspace(0.0, _WIDE, len(values))
    top = max(float(tall.max()), 1e-9)
    points = [(float(x), _TALL - 4 - (_TALL - 8) * float(y) / top) for x, y in zip(across, tall, strict=True)]
    inside = [point for point, value in zip(points, values, strict=True) if ends[0] <= value <= ends[1]]
    drawn = f'<g fill="{colour}">{_area(points, 0.18)}{_area(inside, 0.5)}</g>'
    drawn += f'<rect x="0" y="{_TALL - 4}" width="{_WIDE}" height="1" fill="{tone.ink}" opacity=".35"/>'
    drawn += f'<rect x="{_WIDE / 2}" y="2" width="1" height="{_TALL - 4}" fill="{tone.ink}" opacity=".55"/>'
    alt = f"how plausible effects are; 90 % between {_said(strength, ends[0])} and {_said(strength, ends[1])}"
    return f'<div data-testid="strength">{pictures.image(drawn, _WIDE, _TALL, alt, stretch=True)}</div>'


def _area(points: Sequence[tuple[float, float]], opacity: float) -> str:
    if not points:
        return ""
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    base = _TALL - 4
    return f'<polygon points="{points[0][0]:.1f},{base} {line} {points[-1][0]:.1f},{base}" opacity="{opacity}"/>'
