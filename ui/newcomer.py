"""On the Act page: somebody new, whose values are typed in, and what each hypothesis expects of them."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.effects.settings import Setting
from core.errors import WhyboardError
from core.study.acting import Acting
from core.study.experiment_words import taken_words
from core.study.newcomer import Newcomer, expected_of_new, typical, wanted_of_new
from core.study.newcomer_words import FORECAST, newcomer_said
from core.study.reopening import Reopened
from ui import kept, results, saying, widgets, words
from ui.acting import Asked, levels_of, values_of
from ui.entered import Taken
from ui.results import Fitted
from ui.session import ProjectView

__all__ = ["asked"]

_ACROSS = 4


def asked(project: ProjectView, last: Fitted, reopened: Reopened, asked: Asked, taken: Taken) -> None:
    """Ask what is known of somebody new, and say what each hypothesis expects at both ends of the asked step."""
    acting = taken.acting(reopened, None)
    typed = _typed(project, reopened, acting, asked)
    try:
        found = kept.recall(
            "newcomer",
            (last.request.id, asked.node, asked.ends, asked.outcome, tuple(typed.items()), taken),
            lambda: expected_of_new(acting, typed, asked.node, asked.ends, asked.outcome),
        )
    except WhyboardError as error:
        widgets.refusal(error)
        return
    if taken.experiments:
        widgets.note(words.sentence(taken_words(taken.experiments)))
    _said(project, last, reopened, asked, found)


def _typed(project: ProjectView, reopened: Reopened, acting: Acting, asked: Asked) -> dict[str, float]:
    """Ask for a value of each column that an answer depends on, at first the typical one."""
    wanted, usual = wanted_of_new(acting, asked.node, asked.outcome), typical(acting)
    if not wanted:
        widgets.note("Nothing that may be known of them has a part in the answer.")
        return {}
    values = {}
    for start in range(0, len(wanted), _ACROSS):
        across = st.columns(_ACROSS, vertical_alignment="bottom")
        for place, name in zip(across, wanted[start : start + _ACROSS], strict=False):
            with place:
                values[name] = _value(project, reopened, name, usual[name])
    return values


def _value(project: ProjectView, reopened: Reopened, name: str, usual: float) -> float:
    title, unit, levels = words.md(project.title_of(name)), project.unit_of(name), levels_of(reopened, name)
    key = f"act_new_{name}"
    if levels:
        return float(levels.index(st.selectbox(title, levels, int(usual), key=key)))
    label = f"{title}{f' ({words.md(unit)})' if unit else ''}"
    seen = values_of(reopened, name)
    if np.all(seen == np.round(seen)):
        return float(st.number_input(label, value=round(usual), step=1, key=key))
    return float(st.number_input(label, value=usual, format="%.6g", step=_step(seen), key=key))


def _step(seen: np.ndarray) -> float:
    """Return a round step of a fiftieth or so of what was seen."""
    span = float(np.ptp(seen)) or 1.0
    return float(10.0 ** np.floor(np.log10(span / 20)))


def _said(project: ProjectView, last: Fitted, reopened: Reopened, asked: Asked, found: Newcomer) -> None:
    columns = saying.columns_of(project, reopened)
    worlds = (Setting(asked.node, found.ends[0]), Setting(asked.node, found.ends[1]))
    for facts, answer in zip(last.comparison.hypotheses, found.forecasts, strict=True):
        style = results.styles(project, [answer.name])[0]
        said = newcomer_said(answer, facts, columns, worlds, asked.outcome)
        listed = "".join(f"<li>{words.html(text)}</li>" for text in said)
        chip = widgets.chip(style.letter, style.colour)
        st.html(f'<div class="wb-small" data-testid="newcomer">{chip}<ul class="wb-claims">{listed}</ul></div>')
    widgets.note(FORECAST)
    widgets.warnings_list(found.told)
