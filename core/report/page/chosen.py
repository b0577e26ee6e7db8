"""How much to choose, where a decision was made: what may be set, what is best, and what is lost by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.decide.scoring import Scored
from core.decide.sentences import about_risk, about_safest
from core.effects.experiments import Experiment
from core.report.page.about import Told
from core.report.page.markup import Html, el, joined_html, listing, note, table
from core.report.page.trading import Point, frontier_picture
from core.study.deciding import Decided
from core.study.experiment_words import taken_words
from core.words import either, interval, joined, number, sentence

__all__ = ["Choice", "how_much"]

_BY = {
    "expected": "on average",
    "cvar": "by its worst draws",
    "regret": "safest, whoever is right",
    "spread": "by mean and spread",
    "likely": "safest without what counts for under 1 %",
}
_SAFE = (_BY["regret"], _BY["likely"])
_TODAY = "as it is today"
_NONE = 1e-3  # of the largest loss: a smaller one is none


@dataclass(frozen=True)
class Choice:
    """A decision as it was asked for.

    Parameters
    ----------
    found : Decided
    own : bool
        Whether its utility is somebody's own formula, so that the outcome's unit need not be its unit.
    whom : str
        For whom it was asked, in words; empty for everybody.
    experiments : tuple of Experiment
        What was taken into account.
    """

    found: Decided
    own: bool = False
    whom: str = ""
    experiments: tuple[Experiment, ...] = ()


def how_much(told: Told, choice: Choice) -> Html:
    """Return what may be set, the best actions, what each loses, and what is traded off among them."""
    found, decision = choice.found, choice.found.decision
    unit = "" if choice.own or found.outcome not in told.columns else told.columns[found.outcome].unit
    asked = [f"For {choice.whom} only."] if choice.whom else []
    asked += [sentence(taken_words(choice.experiments))] if choice.experiments else []
    lead = el("p", sentence(_finding(told, found)), class_="lead")
    parts = [
        lead,
        *(note(words) for words in asked),
        _levers(told, found),
        _aims(choice, unit),
        _best(told, found, unit),
    ]
    if len(decision.hypotheses) > 1:
        parts.append(_lost(told, found, unit))
    parts.append(_frontier(told, found, unit))
    contradicted = [facts.name for facts in told.comparison.hypotheses if facts.contradicted]
    about = [*about_safest(decision, found.levers, contradicted), *about_risk(decision, found.levers)]
    said = [sentence(words) for words in (*about, *decision.warnings, *found.told)]
    return joined_html([*parts, el("div", listing(said), class_="stops") if said else ""])


def _finding(told: Told, found: Decided) -> str:
    best = found.decision.best
    first, safe = best["expected"], best["regret"]
    said = f"best on average: {_action(told, found, first.action)}"
    return said if _same(first.action, safe.action) else (
        f"{said}; safest, whoever is right: {_action(told, found, safe.action)}"
    )  # fmt: skip


def _action(told: Told, found: Decided, action: Mapping[str, float]) -> str:
    return ", ".join(f"{told.title(name)} {_value(value)}" for name, value in found.said(action).items())


def _value(value: float | str) -> str:
    return value if isinstance(value, str) else number(value)


def _same(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    return all(number(one[name]) == number(other[name]) for name in one)


# -- what was asked -----------------------------------------------------------------------


def _levers(told: Told, found: Decided) -> Html:
    rows = []
    for lever in found.levers.all:
        low, high = (_value(found.said({lever.name: end})[lever.name]) for end in (lever.low, lever.high))
        now = "-" if lever.now is None else number(lever.now)
        if lever.now is not None and lever.name in found.levels:
            now = _value(found.said({lever.name: lever.now})[lever.name]) if lever.now.is_integer() else "-"
        cost = number(lever.cost) if lever.cost else "nothing"
        rows.append([f"{told.title(lever.name)}{told.unit(lever.name)}", f"{low} to {high}", now, cost])
    head = ["what may be set", "between", "today", f"one more costs{told.unit(found.outcome)}"]
    return table(head, rows, "lrrr")


def _aims(choice: Choice, unit: str) -> Html:
    found = choice.found
    said = [f"Made large: {found.decision.utility}{f' ({unit})' if unit else ''}."]
    if found.levers.budget is not None:
        said.append(f"Budget: {number(found.levers.budget)}.")
    said += [f"Limit: {limit.words}." for limit in found.levers.limits]
    said.append(
        f"{found.decision.tried:,} actions were tried, and each is scored on draws that did not choose it. The worst "
        f"draws are the worst {100 * found.decision.risk:.0f} %."
    )
    return note(" ".join(said))


# -- the best -----------------------------------------------------------------------------


def _best(told: Told, found: Decided, unit: str) -> Html:
    decision = found.decision
    rows = [_scored(told, found, f"best {words}", one) for words, one in _merged(decision.best)]
    if decision.now is not None:
        rows.append(_scored(told, found, _TODAY, decision.now))
    levers = [f"{told.title(name)}{told.unit(name)}" for name in found.levers.names]
    of = f" ({unit})" if unit else ""
    head = ["", *levers, f"brings on average{of}", f"over the worst {100 * decision.risk:.0f} % of draws{of}"]
    return table(head, rows, "l" + "r" * (len(levers) + 2), "The best actions, with 90 % intervals")


def _merged(best: Mapping[str, Scored]) -> list[tuple[str, Scored]]:
    """Return each best action once, by all that it is best by."""
    merged: list[tuple[list[str], Scored]] = []
    for by, scored in best.items():
        words = _BY.get(by, by)
        same = next((names for names, other in merged if _same(other.action, scored.action)), None)
        if same is None:
            merged.append(([words], scored))
        else:
            same.append(words)
    return [(joined(names), one) for names, one in merged]


def _scored(told: Told, found: Decided, words: str, one: Scored) -> list[object]:
    words = words.removeprefix("best ") if words.startswith(tuple(f"best {safe}" for safe in _SAFE)) else words
    outside = el("small", "hardly anybody was seen there", class_="amber")
    action = [
        joined_html([_value(value), outside]) if name in one.unseen else _value(value)
        for name, value in found.said(one.action).items()
    ]
    brings = f"{number(one.mean)} {interval(one.q05, one.q95)}"
    return [words[:1].upper() + words[1:], *action, brings, number(one.cvar)]


# -- what is lost -------------------------------------------------------------------------


def _lost(told: Told, found: Decided, unit: str) -> Html:
    decision = found.decision
    names = [own.name for own in decision.hypotheses]
    likely = [_BY["likely"]] if "likely" in decision.best else []
    labels = [*names, *likely, "safest", "on average", "by its worst draws"]
    merged: list[tuple[list[str], Mapping[str, float], tuple[float, ...]]] = []
    for label, row in zip(labels, decision.regret_matrix, strict=True):
        same = next((said for said, action, _ in merged if _same(action, row.action)), None)
        if same is None:
            merged.append(([label], row.action, row.regrets))
        else:
            same.append(label)
    most = max((lost for _, _, row in merged for lost in row), default=0.0)
    head: list[object] = ["what you do"]
    for own in decision.hypotheses:
        weight = "under 1 %" if 0 < own.weight < 0.005 else f"{100 * own.weight:.0f} %"
        head.append(joined_html(["if ", told.chip(own.name), " is right", el("small", f"counts {weight}")]))
    body: list[list[object]] = []
    for said, action, lost in merged:
        what = joined_html([_label(told, said, names), el("small", _action(told, found, action))])
        body.append([what, *(_loss(one, most) for one in lost)])
    of = f" ({unit})" if unit else ""
    caption = f"What you lose by an action if that colleague is right, against what is best then{of}"
    worth = f"Knowing who is right is worth {number(decision.information)}{of}."
    return joined_html([el("h4", worth), table(head, body, "l" + "r" * len(names), caption)])


def _label(told: Told, labels: Sequence[str], names: Sequence[str]) -> str:
    """Say by what an action is best: if some are right, and by which yardsticks."""
    own = [told.letter(label) for label in labels if label in names]
    best = [f"if {either(own)} is right"] if own else []
    best += [label for label in labels if label not in (*names, "safest", _BY["likely"])]
    safe = [label for label in ("safest", _BY["likely"]) if label in labels]
    said = [*([f"best {joined(best)}"] if best else []), *(safe[:1])]
    text = "; ".join(said)
    return text[:1].upper() + text[1:]


def _loss(lost: float, most: float) -> str:
    return number(-lost) if most > 0 and lost / most > _NONE else "0"


# -- the frontier -------------------------------------------------------------------------


def _frontier(told: Told, found: Decided, unit: str) -> Html:
    decision, edge = found.decision, found.decision.frontier
    if len(edge) < 2:
        return note("One action is best on average and by its worst draws alike: there is nothing to trade off.")
    less, more = edge[0].mean - edge[-1].mean, edge[-1].cvar - edge[0].cvar
    title = "More on average against less lost when it goes badly"
    if less > 0 and more > 0:
        title = f"Giving up {number(less)} on average brings {number(more)} more when it goes badly"
    marked = [Point(one.cvar, one.mean, words) for words, one in _merged(decision.best)]
    if decision.now is not None:
        marked.append(Point(decision.now.cvar, decision.now.mean, _TODAY))
    of = f" ({unit})" if unit else ""
    drawn = frontier_picture(
        [Point(one.cvar, one.mean) for one in edge],
        marked,
        f"mean over the worst {100 * decision.risk:.0f} % of draws{of}",
        f"mean over all draws{of}",
        title,
    )
    said = " each small dot is an action that no other beats in both; those with words are the actions above"
    return el("figure", el("figcaption", el("b", title), said), drawn)
