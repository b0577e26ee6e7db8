"""The comparison in tables: classes, prediction, probability and its sweep, in the question's scope first."""

from collections.abc import Sequence

from core.comparison.differences import shows_difference
from core.comparison.result import ClassFacts, Comparison, Difference, HypothesisFacts
from core.comparison.viewing import for_question
from core.comparison.ways import gate_words, share
from core.report.page.about import Told
from core.report.page.claimed import claims_said
from core.report.page.markup import Html, el, joined_html, listing, note, table, typeset
from core.words import joined, number, sentence

__all__ = ["side_by_side"]

_SMALL = 0.05  # elpd
_HELD_BACK = "held back: a gate failed"


def side_by_side(told: Told) -> Html:
    """Return the tables of the question's scope, then those over all columns where they are others."""
    comparison = told.comparison
    if comparison.question is None:
        return joined_html([*_scope(told, comparison, "over all columns"), _reading()])
    inside = comparison.question.columns
    columns = f"for the question: {joined(map(told.title, inside))}, given what is upstream of them"
    seen = for_question(comparison)
    parts = [*_scope(told, seen, columns)]
    if not _alike(seen, comparison):
        parts.append(el("h4", "The same over all columns"))
        parts += _scope(told, comparison, "over all columns")
    elif len(inside) < len(comparison.data.columns):
        parts.append(
            note(
                "Over all columns classes and differences are the same: what is upstream of the question has no part "
                "in them."
            )
        )
    return joined_html([*parts, _reading()])


def _alike(seen: Comparison, whole: Comparison) -> bool:
    """Return whether both scopes have the same classes and, but for rounding, the same differences."""
    if [group.members for group in seen.classes] != [group.members for group in whole.classes]:
        return False
    pairs = zip(seen.differences, whole.differences, strict=True)
    return all(abs((one.elpd or 0.0) - (other.elpd or 0.0)) < _SMALL for one, other in pairs)


def _scope(told: Told, seen: Comparison, scope: str) -> list[Html]:
    known = [facts.elpd.estimate for facts in seen.hypotheses if facts.elpd.estimate is not None]
    best = max(known) if len(known) == len(seen.hypotheses) else None
    first = {member: number_ for number_, group in enumerate(seen.classes) for member in group.members}
    rows = []
    for facts in sorted(seen.hypotheses, key=lambda f: first.get(f.name, 0)):
        group = seen.classes[first[facts.name]]
        rows.append(
            [
                told.chip(facts.name),
                _tied(told, facts, group),
                _scored(facts),
                _against(seen, facts, best),
                _probability(seen.classes, facts, group),
                _evidence(facts),
                "-" if group.stacking_weight is None or len(seen.classes) == 1 else share(group.stacking_weight),
                claims_said(facts),
            ]
        )
    head = ["", "class", "elpd ± se", "against the highest", "probability", "log evidence", "stacking", "its claims"]
    failed = [
        sentence(f"{told.called(facts.name)}: {gate_words(one, told.title)}. {sentence(one.advice)}")
        for facts in seen.hypotheses
        for one in facts.gates.failed
    ]
    return [
        table(head, rows, "llrrrrrl", sentence(f"scores {scope}")),
        listing(failed, class_="amber"),
        _pairs(told, seen.differences),
    ]


def _tied(told: Told, facts: HypothesisFacts, group: ClassFacts) -> Html:
    others = [told.letter(name) for name in group.members if name != facts.name]
    if not others:
        return el("span", "of its own", class_="muted")
    return el("span", f"= {joined(others)}, tied", class_="tie")


def _scored(facts: HypothesisFacts) -> str:
    found = facts.elpd
    if found.estimate is None:
        return _HELD_BACK
    return f"{number(found.estimate, 6)} ±\u00a0{number(found.se)}"


def _against(seen: Comparison, facts: HypothesisFacts, best: float | None) -> Html:
    if facts.elpd.estimate is None or best is None:
        return Html("-")
    top = next(one.name for one in seen.hypotheses if one.elpd.estimate == best)
    if facts.name == top:
        return Html("0")
    tied = next(group.members for group in seen.classes if top in group.members)
    if facts.name in tied:
        return el("span", "= tied", class_="tie")
    for found in seen.differences:
        if {found.a, found.b} == {facts.name, top} and found.elpd is not None and found.se is not None:
            value = found.elpd if found.a == facts.name else -found.elpd
            word = "" if shows_difference(value, found.se) else el("small", " no difference that these data can show")
            return joined_html([f"{number(value)} ±\u00a0{number(found.se)}", word])
    return Html("-")


def _probability(classes: Sequence[ClassFacts], facts: HypothesisFacts, group: ClassFacts) -> Html:
    if len(classes) == 1:
        return el("span", "no other class", class_="muted")
    if group.spoken_probability is None:
        return el(
            "span", _HELD_BACK if not facts.gates.passed else "withheld: it rests on what does not hold", class_="amber"
        )
    said = share(group.spoken_probability)
    if group.bagged_probability is None or group.probability is None:
        return joined_html([said])
    return joined_html([said, el("small", f" bagged; {share(group.probability)} on these rows alone")])


def _evidence(facts: HypothesisFacts) -> Html:
    found = facts.log_evidence
    if found.estimate is None:
        return joined_html([_HELD_BACK if not facts.gates.passed else "-"])
    swept = ""
    if found.sweep is not None and len(found.sweep) > 2:
        swept = f" prior half as wide {number(found.sweep[0], 6)}, twice {number(found.sweep[2], 6)}"
    return joined_html([number(found.estimate, 6), el("small", swept)])


def _pairs(told: Told, differences: Sequence[Difference]) -> Html:
    rows = []
    for one in differences:
        where = sorted(one.by_node.items(), key=lambda item: -abs(item[1]))[:3]
        swept = one.log_bayes_factor_sweep
        rows.append(
            [
                el("span", told.chip(one.a, full=False), " - ", told.chip(one.b, full=False), class_="pair"),
                f"{number(one.elpd)} ±\u00a0{number(one.se)}",
                number(one.log_bayes_factor),
                "-" if swept is None else ", ".join(map(number, swept)),
                "; ".join(f"{told.title(node)} {number(value)}" for node, value in where) or "-",
                typeset(one.verdict),
            ]
        )
    head = ["pair", "elpd ± se", "log Bayes factor", "prior half, one, two times as wide", "where", "what may be said"]
    return table(head, rows, "lrrrll", "Every two, the first minus the second")


def _reading() -> Html:
    return note(
        "elpd says how well a hypothesis predicts a row that it has not seen, summed over rows; higher is better. A "
        "difference under 4, or under twice its error, is none that these data can show. It speaks of prediction "
        "only: a hypothesis can predict well and be wrong about the effect. Hypotheses of one class imply the same "
        "independences, so that no observation can separate them: they share a probability and none is preferred "
        "inside it. The probability holds if one of these classes is right and each was equally likely before; "
        "bagged, it is the mean over data sets drawn from the rows."
    )
