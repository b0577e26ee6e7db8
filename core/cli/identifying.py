"""``whyboard identify``."""

import argparse
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from core.cli.reading import as_json, one_hypothesis, read_data, split_pair, tell
from core.errors import UsageError, WhyboardError
from core.words import joined, number, sentence, table

if TYPE_CHECKING:
    from core.graph.adjustment import Listed
    from core.graph.identify import Identification
    from core.hypothesis import Hypothesis
    from core.study.bounding import Bounded

__all__ = ["run_identify"]

_MOST_SHOWN = 12


def run_identify(options: argparse.Namespace) -> str:
    """Say whether an effect can be known from what is observed, and how; return what to print."""
    from core.graph.identify import identify
    from core.model.groups import with_groups

    told: list[str] = []
    hypothesis, file = one_hypothesis(options.hypotheses, told)
    tell(told, options)
    whole = with_groups(hypothesis)
    treatment, outcome = _question(options.effects, whole, file)
    try:
        found = identify(whole.graph, treatment, outcome, whole.background, options.given)
        carried = _carried(found, options.differs)
    except WhyboardError as error:
        raise error.at(file) from None
    bounded, reason = _bounds(options.data, whole, found)
    if options.json:
        record = {"bounds": None if bounded is None else bounded.to_dict(), "bounds_reason": reason or None}
        return as_json({**_record(found), "transport": carried, **record, "warnings": told})
    return "\n".join([*_text(found), *_told_of(carried, found), *_bounds_text(bounded, reason, found)])


def _bounds(file: str | None, hypothesis: "Hypothesis", found: "Identification") -> "tuple[Bounded | None, str]":
    """Return what rows rule out of an effect that cannot be known, or why nothing; nothing without a file."""
    if file is None:
        return None, ""
    dataset = read_data(file)
    if found.identified or found.given or found.left_open:
        why = (
            "the effect can be known" if found.identified else "bounds are of the total effect, with nothing left open"
        )
        return None, why
    from core.study.bounding import bounds_for

    return bounds_for(hypothesis, dataset, found.treatment, found.outcome)


def _bounds_text(bounded: "Bounded | None", reason: str, found: "Identification") -> list[str]:
    if bounded is None:
        return [sentence(f"No bounds: {reason}")] if reason else []
    effect, chances = bounded.effect, bounded.chances
    first, last = chances[0][0], chances[-1][0]
    lines = [
        f"What {bounded.rows:,} rows rule out all the same: the effect of {found.treatment} ({first} to {last}) on "
        f"{found.outcome} lies from {number(effect.low)} to {number(effect.high)} (for another sample, from "
        f"{number(effect.q05)} to {number(effect.q95)})."
    ]
    rows = [[level, f"{number(one.low)} to {number(one.high)}"] for level, one in chances]
    lines += table([f"{found.treatment} set to", f"chance of {bounded.level}"], rows)
    return [*lines, sentence(effect.note)] if effect.note else lines


def _question(effects: list[str], hypothesis: "Hypothesis", file: str) -> tuple[str, str]:
    """Return treatment and outcome: those asked for, else those that are marked."""
    if len(effects) > 1:
        raise UsageError(
            "more than one effect was asked for", place=f"--effect {effects[1]}", hint="This command takes one."
        )
    if effects:
        names = hypothesis.graph.nodes
        return split_pair(effects[0], ":", names, names, "--effect")
    if hypothesis.exposure is None or hypothesis.outcome is None:
        raise UsageError(
            "no effect is asked for, and the graph marks no exposure and outcome",
            place=file,
            hint="Ask for one, as --effect X:Y.",
        )
    return hypothesis.exposure, hypothesis.outcome


def _record(found: "Identification") -> dict[str, Any]:
    listed = {
        "adjustment_sets": found.adjustment_sets,
        "direct_adjustment_sets": found.direct_adjustment_sets,
        "front_door": found.front_door,
    }
    more = [name for name, sets in listed.items() if sets.more] + ["paths"] * found.paths.more
    return {
        "format": "whyboard-identify/1",
        "treatment": found.treatment,
        "outcome": found.outcome,
        "given": list(found.given),
        "background": list(found.background),
        "identified": found.identified,
        "no_effect": found.no_effect,
        "left_open": found.left_open,
        "sentence": found.sentence,
        **{name: [list(one) for one in sets.sets] for name, sets in listed.items()},
        "instruments": [{"instrument": one.instrument, "given": list(one.given)} for one in found.instruments],
        "formula": found.formula,
        "by": found.by,
        "any_value": list(found.any_value),
        "hedge": None if found.hedge is None else [list(forest) for forest in found.hedge],
        "ways_out": [{"deny": [list(arc) for arc in way.deny], "measure": list(way.measure)} for way in found.ways_out],
        "roles": {name: list(roles) for name, roles in found.roles.items()},
        "advice": [{"name": one.name, "act": one.act, "sentence": one.sentence} for one in found.advice],
        "paths": [
            {
                "nodes": list(path.nodes),
                "marks": list(path.marks),
                "kind": path.kind,
                "causal": path.causal,
                "blocked_by": list(path.blocked_by),
            }
            for path in found.paths.paths
        ],
        "more": more,
    }


def _carried(found: "Identification", differs: list[str]) -> dict[str, Any] | None:
    """Return how the effect carries over to where some nodes come about otherwise; None where nobody asks."""
    if not differs:
        return None
    carried = found.carried_over(differs)
    return {"differs": list(dict.fromkeys(differs)), "formula": None if carried is None else found.written(carried)}


def _told_of(carried: dict[str, Any] | None, found: "Identification") -> list[str]:
    if carried is None:
        return []
    x, y, names = found.treatment, found.outcome, joined(carried["differs"])
    if carried["formula"] is None:
        return [f"An experiment on {x} does not tell the effect where {names} may come about otherwise."]
    return [
        f"An experiment on {x} tells the effect also where {names} may come about otherwise:",
        f"  P*({y} | do({x})) = {carried['formula']}",
        "  P is of the experiment, P* of what is observed where the answer is to be used",
    ]


def _text(found: "Identification") -> list[str]:
    lines = [found.sentence]
    if found.formula is not None:
        asked = ", ".join([f"do({found.treatment})", *found.given])
        lines.append(f"  P({found.outcome} | {asked}) = {found.formula}")
        if found.any_value:
            lines.append(f"  whichever value {joined(found.any_value)} may have")
    if found.hedge is not None:
        outer, inner = found.hedge
        lines.append(
            f"Unmeasured causes tie {joined(outer)} together, so that what is observed fits more than one effect "
            f"(hedge: {', '.join(outer)} over {', '.join(inner)})."
        )
    lines += [sentence(f"It could be known if {way}") for way in found.ways_out[:_MOST_SHOWN]]
    lines += _other_ways(found)
    lines += _advice(found)
    lines += _paths(found)
    return lines


def _other_ways(found: "Identification") -> list[str]:
    lines = []
    sets = found.adjustment_sets
    if found.given and sets.sets:
        lines.append(f"Among all units, with nothing given, adjust for {_sets(sets, 0) or 'nothing'}.")
    elif len(sets.sets) > 1:
        lines.append(f"Other sets to adjust for do as well: {_sets(sets, 1)}.")
    if found.by == "adjustment" and found.front_door.sets and not found.given:
        lines.append(f"There is a second way, through {_sets(found.front_door, 0)} (front door).")
    direct = found.direct_adjustment_sets
    if direct.sets and direct.sets != sets.sets and not found.no_effect:
        what = joined(direct.sets[0]) or "nothing"
        lines.append(f"The direct effect, all else held fixed, takes adjustment for {what} (in a linear model).")
    if found.instruments:
        some = [
            one.instrument + (f" (given {joined(one.given)})" if one.given else "")
            for one in found.instruments[:_MOST_SHOWN]
        ]
        alone = len(some) == 1
        what, each = ("an instrument", "it") if alone else ("instruments", "each")
        too = " too" if found.identified else ""
        lines.append(f"{joined(some)} can serve as {what}: in a linear model the effect follows from {each}{too}.")
    return lines


def _sets(listed: "Listed", start: int) -> str:
    shown = "; ".join(joined(one) for one in listed.sets[start : start + 5])
    rest = len(listed.sets) - start - 5
    more = f"{rest:,} more" if not listed.more else f"at least {max(rest, 1):,} more"
    return f"{shown}; and {more}" if rest > 0 or listed.more else shown


def _advice(found: "Identification") -> list[str]:
    order = {"adjust": 0, "use": 1, "avoid": 2, "measure": 3, "may": 4, "leave": 5}
    said = sorted(found.advice, key=lambda one: order[one.act])
    beside = [one.name for one in said if found.roles[one.name] == ("unrelated",)]
    lines = [f"  {one.sentence}" for one in said if one.name not in beside]
    lines += [f"  No bearing on this question: {', '.join(beside)}."] if beside else []
    return ["What to do with each variable", *lines] if lines else []


def _paths(found: "Identification") -> list[str]:
    shown = found.paths.paths[:_MOST_SHOWN]
    if not shown:
        return []
    rows = [[str(path), path.kind, _blocked(path.blocked_by)] for path in shown]
    held = f", {joined(found.given)} held fixed" if found.given else ", nothing held fixed"
    rest = len(found.paths.paths) - len(shown)
    more = [f"  and {'at least ' if found.paths.more else ''}{rest:,} more"] if rest else []
    return [f"Paths between {found.treatment} and {found.outcome}{held}", *table(["path", "", ""], rows)[1:], *more]


def _blocked(names: Iterable[str]) -> str:
    words = joined(names)
    return f"by {words}" if words else ""
