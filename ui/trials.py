"""On the Act page: the results of experiments, typed in or uploaded, listed, and taken into account or not."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.effects.experiments import Experiment
from core.effects.settings import Setting
from core.errors import UsageError, WhyboardError
from core.study.experiment_texts import experiments_of
from core.study.reopening import Reopened
from ui import acting, entered, results, widgets, words
from ui.acting import Asked, levels_of
from ui.entered import NOTHING, Entry, Taken
from ui.foreseen import foreseen, moves, result, what
from ui.results import Fitted
from ui.session import ProjectView
from ui.why import why

__all__ = ["in_force", "line", "section"]

_WITHOUT, _SHOWN, _TURN, _SAID = (f"trials_{what}" for what in ("without", "shown", "turn", "said"))
_MAX_BYTES = 1_000_000
#: What may stand behind "±", and how many standard errors that is.
_ERRORS = {"a standard error": 1.0, "half a 95 % interval": 1.96, "half a 90 % interval": 1.645}


# -- the line at the top ------------------------------------------------------------------


def line(project: ProjectView, last: Fitted, reopened: Reopened) -> Taken:
    """Return what is taken into account; where there is something, say so, with a switch that leaves it out."""
    listed = entered.entries(project, reopened)
    if not listed:
        return NOTHING
    with st.spinner(f"Holding {words.count(len(listed), 'experiment')} against each hypothesis"):
        found, _ = entered.taken(last, reopened, listed)
    if found.learned is None:
        return NOTHING
    with st.container(key="trials_line"):
        left, right = st.columns([4, 1.2], vertical_alignment="center", gap="small")
        without = right.toggle("Without them" if len(found.experiments) > 1 else "Without it", key="trials_without")
        many = words.count(len(found.experiments), "experiment")
        if without:
            left.html(
                f'<div class="wb-warn" data-testid="trials">{many} left out: what follows rests on your rows alone.</div>'
            )
            return NOTHING
        left.html(
            f'<div class="wb-agrees wb-small" data-testid="trials">{many} taken into account, beside your rows, in the '
            f"answers, the average, the doubt and the curve.{moves(project, found.learned)}</div>"
        )
    return found


def in_force(project: ProjectView, last: Fitted, reopened: Reopened) -> Taken:
    """Return what is taken into account on another page: all that can be."""
    listed = entered.entries(project, reopened)
    return entered.taken(last, reopened, listed)[0] if listed else NOTHING


# -- the section --------------------------------------------------------------------------


def section(project: ProjectView, last: Fitted, reopened: Reopened, asked: Asked) -> None:
    """Ask for results of experiments, list those that were entered, and show what they say of each hypothesis."""
    taken, found = entered.taken(last, reopened, entered.entries(project, reopened))
    many = len(taken.experiments)
    said = f" · {many} taken into account" if many and not st.session_state.get(_WITHOUT) else ""
    said = said or (f" · {many} left out" if many else "")
    label = f"What did an experiment say?{said}"
    shown, is_open = st.session_state.get(_SHOWN, (label, False))
    if shown != label:  # another label is another section to Streamlit: it stays open through it
        st.session_state["open_trials"] = is_open
    place = results.opened(label, "trials")
    st.session_state[_SHOWN] = (label, place.open)
    if not place.open:
        return
    with place:
        st.html(
            '<div class="wb-small">Something was set for some and not for others, and the outcome differed by so much. '
            f"That can tell graphs apart which no rows can. {why('trial')}</div>"
        )
        _form(project, last, reopened, asked)
        _list(project, reopened, found)
        if taken.learned is not None:
            foreseen(project, reopened, taken.learned)


def _form(project: ProjectView, last: Fitted, reopened: Reopened, asked: Asked) -> None:
    typed, table = st.tabs(["Type one in", "Upload a table"])
    with typed:
        _typed(project, last, reopened, asked)
    with table:
        _table(project, last, reopened, asked)
    if message := st.session_state.pop(_SAID, None):
        widgets.note(message)


def _typed(project: ProjectView, last: Fitted, reopened: Reopened, asked: Asked) -> None:
    columns = {column.name: column for column in last.comparison.data.columns}
    modelled = {model.node for fit in reopened.fits for model in fit.spec.nodes}
    titles, turn = results.titles(project, columns), st.session_state.get(_TURN, 0)
    show = titles.__getitem__
    one, two, three = st.columns([1.3, 1.7, 1.3], vertical_alignment="bottom")
    levers = [name for name in columns if name != asked.outcome]
    node = one.selectbox("What was set", levers, levers.index(asked.node), format_func=show, key="trial_node")
    with two:
        ends = _ends(project, reopened, node, asked)
    outcomes = [name for name in columns if name in modelled and name != node]
    first = outcomes.index(asked.outcome) if asked.outcome in outcomes else 0
    outcome = three.selectbox("What it changed", outcomes, first, format_func=show, key="trial_outcome")
    one, two, three, four = st.columns([1, 1, 1.3, 1.3], vertical_alignment="bottom")
    unit = project.unit_of(outcome)
    levels = levels_of(reopened, outcome)
    by = (
        f"by ({words.md(unit)})"
        if unit
        else f"by (chance of {words.md(levels[1])}, 0 to 1)"
        if len(levels) == 2
        else "by"
    )
    estimate = one.number_input(by, value=None, format="%.4g", step=0.1, key=f"trial_estimate_{turn}")
    error = two.number_input("±", value=None, min_value=0.0, format="%.4g", step=0.1, key=f"trial_error_{turn}")
    kind = three.selectbox("± is", list(_ERRORS), key="trial_kind")
    with four:
        given = acting.for_whom(project, reopened, columns, (node, outcome), "trial_given")
    one, two = st.columns([2.3, 1.3], vertical_alignment="bottom")
    name = one.text_input("Name", placeholder="spring lift test, if it has one", max_chars=60, key=f"trial_name_{turn}")
    if not two.button("Take it into account", key="trial_add", type="primary", width="stretch"):
        return
    if estimate is None or not error:
        widgets.refusal(
            UsageError("say what was found, and how sure that is", hint="Give a number for by, and one above 0 for ±.")
        )
        return
    worlds = ((Setting(node, ends[0]),), (Setting(node, ends[1]),))
    try:
        made = Experiment("new", worlds, outcome, float(estimate), float(error) / _ERRORS[kind], given)
        called = words.one_line(name) or what(project, reopened, made)
        made = Experiment(called, worlds, outcome, made.estimate, made.se, given)
        _take(project, reopened, (made,))
    except WhyboardError as error_:
        widgets.refusal(error_)


def _ends(project: ProjectView, reopened: Reopened, node: str, asked: Asked) -> tuple[float, float]:
    """Ask from where to where something was set."""
    levels = levels_of(reopened, node)
    one, two = st.columns(2, vertical_alignment="bottom")
    if levels:
        low, high = (int(end) for end in asked.ends) if node == asked.node else (0, min(1, len(levels) - 1))
        before = one.selectbox("from", levels, low, key=f"trial_from_{node}")
        after = two.selectbox("to", levels, high, key=f"trial_to_{node}")
        return float(levels.index(before)), float(levels.index(after))
    if node == asked.node:
        start, end = asked.ends
    else:
        values = acting.values_of(reopened, node)
        start, end = (float(f"{value:.2g}") for value in (values.min(), values.max()))
    unit = f" ({words.md(project.unit_of(node))})" if project.unit_of(node) else ""
    before_ = one.number_input(f"from{unit}", value=start, format="%.4g", key=f"trial_from_{node}")
    after_ = two.number_input(f"to{unit}", value=end, format="%.4g", key=f"trial_to_{node}")
    return float(before_), float(after_)


def _table(project: ProjectView, last: Fitted, reopened: Reopened, asked: Asked) -> None:
    turn = st.session_state.get(_TURN, 0)
    given = st.file_uploader(
        "A CSV with a row an experiment", type=["csv", "tsv", "txt"], max_upload_size=1, key=f"trial_file_{turn}"
    )
    node = asked.node
    widgets.note(
        f"Columns: do (as {node}={_plain(reopened, node, asked.ends[0])},{_plain(reopened, node, asked.ends[1])}; several "
        "with semicolons between them), estimate and se (a standard error); and, where wanted, outcome, given (as "
        f"region=north) and name. Without an outcome it is {asked.outcome}."
    )
    if given is None:
        return
    try:
        if given.size > _MAX_BYTES:
            raise UsageError("this file is too large for a table of experiments", hint="It takes up to 1 MB.")
        try:
            text = given.getvalue().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise UsageError("this is no text in UTF-8", hint="Save it as CSV UTF-8.") from None
        _take(project, reopened, experiments_of(reopened.fits[0].spec, text, asked.outcome, given.name))
    except WhyboardError as error:
        error.hint = (error.hint or "").replace("--do ", "").replace("--given ", "")
        widgets.refusal(error)


def _plain(reopened: Reopened, node: str, end: float) -> str:
    levels = levels_of(reopened, node)
    return levels[int(end)] if levels else f"{end:g}"


def _take(project: ProjectView, reopened: Reopened, new: Sequence[Experiment]) -> None:
    """Keep experiments, and let the page run again with an empty form."""
    made = entered.add(project, reopened, new)
    again = len(new) - made
    if again:
        st.session_state[_SAID] = (
            "It is in the list already, and counts once."
            if again == 1
            else f"{again} are in the list already, and count once."
        )
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    st.rerun()


# -- those that were entered --------------------------------------------------------------


def _list(project: ProjectView, reopened: Reopened, found: Sequence[Entry]) -> None:
    for one in found:
        with st.container(key=f"trials_entry_{one.id}"):
            text, button = st.columns([5, 1], vertical_alignment="center", gap="small")
            text.html(_listed(project, reopened, one))
            if button.button("Remove", key=f"trial_remove_{one.id}", type="tertiary", icon=":material/close:"):
                entered.remove(project, (one.id,))
                st.rerun()
    gone = entered.removed(project)
    if len(found) < 2 and not gone:
        return
    with st.container(horizontal=True, key="trials_all", vertical_alignment="center"):
        if len(found) > 1 and st.button("Remove all", key="trial_remove_all", type="tertiary"):
            entered.remove(project, [one.id for one in found])
            st.rerun()
        if gone:
            label = f"Put back {words.md(words.clip(gone[0], 40))}" if len(gone) == 1 else f"Put back {len(gone)}"
            if st.button(label, key="trial_back", type="tertiary", icon=":material/undo:"):
                entered.put_back(project)
                st.rerun()


def _listed(project: ProjectView, reopened: Reopened, one: Entry) -> str:
    if one.experiment is None:
        why_not = words.html_error(one.problem) if one.problem is not None else ""
        return f'<div class="wb-warn"><b>{words.html(one.name)}</b> is not taken into account. {why_not}</div>'
    done = what(project, reopened, one.experiment)
    head = "" if one.name in ("", done) else f"<b>{words.html(one.name)}</b> &ensp;"
    outcome = words.html(project.title_of(one.experiment.outcome))
    said = words.html(result(project, one.experiment))
    return f'<div class="wb-small">{head}{words.html(done)}: {outcome} by <span class="wb-num">{said}</span></div>'
