"""On the Act page: how much should I choose? What may be set, at what cost, and what is to be made large."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import streamlit as st

from core.comparison.facts import ColumnFacts
from core.decide.formula import Name, written
from core.decide.levers import MOST_LEVERS, Levers
from core.decide.reading import FormulaError
from core.decide.utility import COST, utility_of
from core.effects.experiments import Experiment
from core.errors import UsageError, WhyboardError
from core.study.acting import Acting
from core.study.deciding import Decided, decide_on, levers_of
from core.study.experiment_words import taken_words
from core.study.moves import span_of
from core.study.reopening import Reopened
from ui import chosen, formulas, kept, results, widgets, words
from ui.acting import Asked, levels_of, values_of
from ui.entered import NOTHING, Taken
from ui.remembered import hold, start
from ui.results import Fitted
from ui.session import ProjectView
from ui.why import why

__all__ = ["Wanted", "made", "section"]

_SEEN = (0.01, 0.99)
_SECONDS = 3.0  # of one hypothesis and one lever, and about half as much for each lever more
#: What an answer hangs on, in words.
_PARTS = {
    "fit": "the fit",
    "outcome": "the outcome",
    "given": "for whom",
    "choices": "what may be chosen, or its bounds",
    "costs": "the costs",
    "budget": "the budget",
    "limits": "the further limits",
    "formula": "what is to be made large",
    "taken": "the experiments that are taken into account",
    "risk": "how bad is bad",
}


@dataclass(frozen=True)
class Wanted:
    """All that an answer hangs on; the levers as the command line takes them."""

    fit: str
    outcome: str
    given: tuple[str, float] | None
    choices: tuple[str, ...]
    costs: tuple[str, ...]
    budget: float | None
    limits: tuple[str, ...]
    formula: str
    risk: float
    taken: tuple[Experiment, ...] = ()

    def since(self, other: Wanted) -> list[str]:
        """Return, in words, in what this differs from another."""
        return [_PARTS[one.name] for one in fields(self) if getattr(self, one.name) != getattr(other, one.name)]


def section(project: ProjectView, last: Fitted, reopened: Reopened, asked: Asked, taken: Taken = NOTHING) -> None:
    """Ask what may be chosen, find the best, and show it."""
    place = results.opened("How much should I choose?", "act_choose")
    if not place.open:
        return
    with place:
        st.html(
            f'<div class="wb-small">What to set, within what you may and can pay, so that {words.html(_outcome(project, asked))} '
            f"less what it costs is as large as can be, and what you lose if somebody else is right. {why('choose')}</div>"
        )
        levels = levels_of(reopened, asked.outcome)
        if len(levels) > 2:
            widgets.note("Of an outcome with several levels no number says what each is worth: choose another outcome.")
            return
        acting = taken.acting(reopened, asked.given)
        wanted = _ask(project, last, reopened, acting, asked)
        if wanted is not None:
            wanted = replace(wanted, taken=taken.experiments)
            if taken.experiments:
                widgets.note(words.sentence(taken_words(taken.experiments)))
            _find(project, last, acting, wanted)
        _answer(project, last, wanted)


def _outcome(project: ProjectView, asked: Asked) -> str:
    return project.title_of(asked.outcome)


# -- what is asked ------------------------------------------------------------------------


def _ask(project: ProjectView, last: Fitted, reopened: Reopened, acting: Acting, asked: Asked) -> Wanted | None:
    """Ask what may be chosen and what is to be made large; None where it cannot be read, which is said."""
    columns = {column.name: column for column in last.comparison.data.columns if column.name != asked.outcome}
    possible = [name for name, column in columns.items() if _can_be_set(reopened, column)]
    if not possible:
        widgets.note("There is nothing to choose: no column beside the outcome is a number, or yes or no.")
        return None
    first = next(name for name in (project.exposure, asked.node, possible[0]) if name in possible)
    titles = results.titles(project, possible)
    key = start(project, f"choose_levers_{asked.outcome}", [first], lambda some: set(some) <= set(possible))
    names = st.multiselect(
        "What can you choose?", possible, format_func=titles.__getitem__, max_selections=MOST_LEVERS,
        key=key, placeholder="at least one",
    )  # fmt: skip
    hold(project, key)
    if not names:
        widgets.note("Choose at least one of them.")
        return None
    choices, costs = [], []
    for name in names:
        choice, cost = _lever(project, reopened, columns[name], asked.outcome)
        choices.append(choice)
        costs += [f"{name}={cost!r}"] if cost else []
    left, right = st.columns(2, vertical_alignment="bottom")
    budget = left.number_input(
        f"Budget,{_of(project, asked.outcome)}", value=None, placeholder="none", format="%g", key=start(project, "choose_budget", None),
        help="The most that costs times amounts may come to; where nothing has a cost, the most that the amounts may.",
    )  # fmt: skip
    risk = right.slider(
        "How bad is bad: the worst … % of what may happen", 5, 30, format="%d %%",
        key=start(project, "choose_risk", 10),
    )  # fmt: skip
    try:
        levers = levers_of(acting, choices, costs)
        default = str(utility_of(None, asked.outcome, levers))
    except WhyboardError as error:
        _refused(error)
        return None
    left, right = st.columns(2, vertical_alignment="bottom")
    formula = left.text_input(
        "Make large", placeholder=default, key=start(project, "choose_formula", ""),
        help=_help([asked.outcome, *names, COST]),
    )  # fmt: skip
    limits = right.text_input(
        "Further limits", placeholder=f"none, or such as {_example(levers)}",
        key=start(project, "choose_limits", ""), help=_help(names),
    )  # fmt: skip
    for key in ("choose_budget", "choose_risk", "choose_formula", "choose_limits"):
        hold(project, key)
    labels = results.titles(project, [asked.outcome, *names])
    if said := formulas.listed(labels):
        widgets.note(f"In both, labels may be typed, or names: {said}.")
    formula, limits = (formulas.in_names((text or "").strip(), labels) for text in (formula, limits))
    wanted = Wanted(
        last.request.id, asked.outcome, asked.given, tuple(choices), tuple(costs), budget,
        (limits,) if limits else (), formula, risk / 100,
    )  # fmt: skip
    try:
        utility_of(wanted.formula, wanted.outcome, _levers(project, acting, wanted))
    except WhyboardError as error:
        _refused(error)
        return None
    return wanted


def _can_be_set(reopened: Reopened, column: ColumnFacts) -> bool:
    return column.kind != "category" or len(levels_of(reopened, column.name)) == 2


def _lever(project: ProjectView, reopened: Reopened, column: ColumnFacts, outcome: str) -> tuple[str, float]:
    """Ask between what a column may be set, and what one more of it costs."""
    name, levels, said = column.name, levels_of(reopened, column.name), chosen.titled(project, column.name)
    left, right = st.columns([2.2, 1], vertical_alignment="bottom")
    with left:
        if len(levels) == 2:
            widgets.note(f"{said}: {levels[0]} or {levels[1]}")
            low, high = levels
        elif levels:
            ends = (levels[0], levels[-1])
            key = start(project, f"choose_bounds_{name}", ends, lambda some: set(some) <= set(levels))
            st.select_slider(words.md(said), levels, key=key)
            low, high = st.session_state[key]
            hold(project, key)
        else:
            bottom, top, step = span_of(column, values_of(reopened, name))
            seen = np.quantile(values_of(reopened, name), _SEEN)
            usual = (_inside(seen[0], bottom, step, 1), _inside(seen[1], bottom, step, -1))
            key = start(
                project, f"choose_bounds_{name}", usual, lambda some: bottom <= some[0] <= some[1] <= top
            )  # fmt: skip
            # What it holds, a pair, makes it a slider of two ends.
            st.slider(f"{words.md(said)}, between", bottom, top, step=step, key=key)
            hold(project, key)
            low, high = (repr(float(bound)) for bound in st.session_state[key])
    # Where both are counted in the same units, one more of the one costs one of the other.
    same = not levels and project.unit_of(name) != "" and project.unit_of(name) == project.unit_of(outcome)
    key = start(project, f"choose_cost_{name}_{outcome}", 1.0 if same else 0.0)
    cost = right.number_input(
        f"{'costs' if levels else 'one more costs'},{_of(project, outcome)}", step=0.1, format="%g", key=key,
        help="What one more of it costs, in units of the outcome.",
    )  # fmt: skip
    hold(project, key)
    return f"{name}={low}:{high}", float(cost)


def _inside(value: float, bottom: float, step: float, way: int) -> float:
    """Return the nearest step inside of what was seen."""
    steps = np.ceil((value - bottom) / step - 1e-9) if way > 0 else np.floor((value - bottom) / step + 1e-9)
    return round(float(bottom + steps * step), max(0, int(np.ceil(-np.log10(step))) + 1))


def _of(project: ProjectView, outcome: str) -> str:
    unit = project.unit_of(outcome)
    return f" in {words.md(unit)}" if unit else " in units of the outcome"


def _example(levers: Levers) -> str:
    names = [written(Name(name)) for name in levers.names[:2]]
    return f"{' + '.join(names)} <= {levers.all[0].high:.4g}"


def _help(names: Sequence[str]) -> str:
    listed = ", ".join(words.md(written(Name(name))) for name in names)
    return f"May name: {listed}."


def _levers(project: ProjectView, acting: Acting, wanted: Wanted) -> Levers:
    """Return the levers, called by their labels in what is said of them."""
    found = levers_of(acting, wanted.choices, wanted.costs, wanted.budget, wanted.limits)
    return replace(found, all=tuple(replace(lever, label=project.title_of(lever.name)) for lever in found.all))


def _refused(error: WhyboardError) -> None:
    """Show a refusal, of a formula with a caret under the place; the words of the command line are left out."""
    if error.place.startswith("--"):
        error = UsageError(error.message, hint="" if "--" in error.hint else error.hint)
    widgets.refusal(error)
    if isinstance(error, FormulaError):
        st.code(error.picture, language=None)


# -- what is found ------------------------------------------------------------------------


def _find(project: ProjectView, last: Fitted, acting: Acting, wanted: Wanted) -> None:
    """Offer to find the best; while it is looked for, show how far it is."""
    seconds = _SECONDS * len(acting.names) * (1 + len(wanted.choices)) / 2
    if not st.button(f"Find the best, about {words.duration(seconds)}", key="choose_find", type="primary"):
        return
    place = st.empty()
    with place.container():
        left, right = st.columns([5, 1], vertical_alignment="center")
        bar = left.progress(0.0, "Trying what can be chosen.")
        # Whatever is pressed runs the page anew, which ends the search when it next tells how far it is: nothing
        # half-made is kept, and what was found before stands there again. The page above is drawn first, so what is
        # pressed is answered at once beside it. A fragment would not do: to run one nothing that runs is ended.
        right.button("Stop", key="choose_stop", width="stretch", on_click=_stopping)
    try:
        levers = _levers(project, acting, wanted)
        found = kept.recall(
            "decided",
            (wanted, tuple(lever.said for lever in levers.all)),
            lambda: decide_on(
                acting,
                levers,
                wanted.outcome,
                wanted.formula or None,
                risk=wanted.risk,
                progress=lambda said, share: _tell(bar, said, share),
            ),
        )
    except WhyboardError as error:
        place.empty()
        _refused(error)
        return
    place.empty()
    st.session_state[_key(project)] = (wanted, found)


def _stopping() -> None:
    st.toast("Stopping: nothing of this search is kept.", icon=":material/stop_circle:")


def _tell(bar: st.delta_generator.DeltaGenerator, said: str, share: float) -> None:
    bar.progress(
        min(max(share, 0.0), 1.0), f"{words.md(words.sentence(said))} Stop, or changing anything, calls it off."
    )


def _key(project: ProjectView) -> str:
    return f"chosen_{project.token}"


def made(project: ProjectView, last: Fitted) -> tuple[Wanted, Decided] | None:
    """Return what was found last and what it was asked for; None where nothing was, or of another fit."""
    answer: tuple[Wanted, Decided] | None = st.session_state.get(_key(project))
    return answer if answer is not None and answer[0].fit == last.request.id else None


def _answer(project: ProjectView, last: Fitted, wanted: Wanted | None) -> None:
    """Show what was found last, and say what is asked otherwise since."""
    answer: tuple[Wanted, Decided] | None = st.session_state.get(_key(project))
    if answer is None:
        return
    then, found = answer
    if wanted is not None and (changed := wanted.since(then)):
        said = words.listing(changed)
        widgets.warnings_list([f"Changed since this was found: {said}. What stands here is the answer before that"])
    contradicted = [one.name for one in last.comparison.hypotheses if one.contradicted]
    chosen.show(project, found, bool(then.formula), contradicted)
