"""What to expect of somebody new, of whom nothing of what follows was observed, under two values of a cause.

That is a forecast and no counterfactual: there is no noise of their own to be worked out from what was seen
(Pearl 2009, 1.4), so that chance stays in it whole. One row of typed values is played many times
(:mod:`core.effects.worlds`); what follows from the cause on the way to the outcome is drawn anew, the rest stays as it
was typed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np

from core.effects.settings import Setting
from core.effects.stage import MEDIAN_ROWS
from core.effects.worlds import play
from core.errors import UsageError
from core.graph.paths import nodes_on_directed_paths
from core.memory import Memory
from core.study.acting import Acting
from core.study.beyond import about_overflow, about_seen
from core.study.forecast import Forecast, forecast_of
from core.words import joined

__all__ = ["Newcomer", "expected_of_new", "typical", "wanted_of_new"]

DRAWS = 2000
"""Somebody new is forecast with so many posterior draws."""

_KEPT = 1_000_000  # bytes: nothing of one row is asked again


@dataclass(frozen=True, eq=False)
class Newcomer:
    """What each hypothesis expects of somebody new.

    Parameters
    ----------
    ends : (float, float)
        The two values of the cause; levels as codes.
    forecasts : tuple of Forecast
        One a hypothesis, with a prediction for each of the two values.
    told : tuple of str
        What must be said beside the numbers.
    """

    ends: tuple[float, float]
    forecasts: tuple[Forecast, ...]
    told: tuple[str, ...]


def wanted_of_new(acting: Acting, node: str, outcome: str) -> tuple[str, ...]:
    """Return the columns whose values any hypothesis needs to know of somebody new, in the order of the data."""
    wanted = {name for place in range(len(acting.names)) for name in _needed(acting, place, node, outcome)}
    return tuple(column.name for column in acting.comparison.data.columns if column.name in wanted)


def typical(acting: Acting) -> dict[str, float]:
    """Return the median of every column, of levels the commonest code, of whole numbers one of them."""
    found = {}
    for column in acting.comparison.data.columns:
        values = acting.raw[column.name]
        if column.levels:
            found[column.name] = float(np.bincount(values.astype(np.intp)).argmax())
        else:
            found[column.name] = float(np.quantile(values, 0.5, method="lower"))
    return found


def expected_of_new(
    acting: Acting, typed: Mapping[str, float], node: str, ends: tuple[float, float], outcome: str
) -> Newcomer:
    """Return what each hypothesis expects of somebody new under two values of a cause.

    Parameters
    ----------
    acting : Acting
    typed : mapping of str to float
        What is known of them, levels as codes; of other columns the typical value, on which nothing hangs.
    node : str
        The cause.
    ends : (float, float)
        Its two values.
    outcome : str

    Raises
    ------
    UsageError
        If a column that a hypothesis needs has no value, or effects carry over from row to row.
    ModelError
        For a value that a node cannot have.
    """
    acting.check([node], outcome)
    if any(fit.spec.earlier for fit in acting.reopened.fits):
        raise UsageError(
            "effects carry over from row to row here, and somebody new has no rows before",
            hint="Ask about a row of the file.",
        )
    if missing := [name for name in wanted_of_new(acting, node, outcome) if name not in typed]:
        raise UsageError(f"nothing is said of {joined(missing)}", hint="Give each of them a value.")
    values = {**typical(acting), **typed}
    raw = {name: np.full(MEDIAN_ROWS, value) for name, value in values.items()}
    known = [Setting(name, value) for name, value in typed.items()]
    spec = acting.reopened.fits[0].spec
    for setting in known:
        setting.check(spec, raw)
    worlds = [[Setting(node, end)] for end in ends]
    root = sqrt(acting.reopened.dependence.inflation(node, outcome))
    answers = []
    for place, name in enumerate(acting.names):
        if reason := acting.withheld(place, [node], outcome):
            answers.append(Forecast(name, not reason.startswith("not identified"), reason, "mean"))
            continue
        stage = acting.stage(place, draws=DRAWS, rows=1)
        own = replace(stage, raw=raw, all_rows=None, entire=True, memory=Memory(_KEPT), key=None)
        levels = acting.reopened.fits[place].spec.node(outcome).response.levels
        answer = forecast_of(name, play(own, worlds, outcome, cells=True), levels, root)
        if not nodes_on_directed_paths(acting.comparison.drawn[place].graph, node, outcome):
            answer = replace(answer, reason="no path leads there")
        answers.append(answer)
    told = [
        *_untouched(acting, typed, node, outcome),
        *about_seen(spec, acting.raw, raw, [known, *worlds], acting.seed),
        *about_overflow(answers),
    ]
    return Newcomer(ends, tuple(answers), tuple(told))


def _reached(acting: Acting, place: int, node: str, outcome: str) -> frozenset[str]:
    """Return what is drawn anew under one hypothesis, the outcome among it."""
    return frozenset({outcome, *nodes_on_directed_paths(acting.comparison.drawn[place].graph, node, outcome)} - {node})


def _needed(acting: Acting, place: int, node: str, outcome: str) -> set[str]:
    spec, reached = acting.reopened.fits[place].spec, _reached(acting, place, node, outcome)
    modelled = {model.node: model for model in spec.nodes}
    parents = {parent for name in reached if name in modelled for parent in modelled[name].parents}
    return parents - reached - {node}


def _untouched(acting: Acting, typed: Mapping[str, float], node: str, outcome: str) -> list[str]:
    """Say what stays as it was typed under some hypotheses, and is drawn anew under others."""
    found = []
    for name in typed:
        drawn = [acting.names[p] for p in range(len(acting.names)) if name in _reached(acting, p, node, outcome)]
        if drawn:
            found.append(f"{name} follows from {node} under {joined(drawn)}: what was typed counts for the others")
    return found
