"""``whyboard implications``."""

import argparse
import sys
from typing import TYPE_CHECKING, Any

from core.cli.reading import as_json, named_file, one_and_data, one_hypothesis, tell
from core.errors import UsageError, WhyboardError
from core.graph.equivalence import class_members, cpdag
from core.graph.implications import implications, untestable_reason
from core.graph.words import notation, say
from core.words import interval, joined, number, table

if TYPE_CHECKING:
    from core.hypothesis import Hypothesis
    from core.study.claims import Claims

__all__ = ["run_implications"]

_MOST_MEMBERS = 10_000  # of a class: counted so far in a second or two


def run_implications(options: argparse.Namespace) -> str:
    """List what a graph implies, tested where there are data; return what to print."""
    told: list[str] = []
    if options.rows and options.data is None:
        raise UsageError("no data are given whose rows these would be", place="--rows", hint="Name a data file too.")
    if options.data is None:
        hypothesis, file = one_hypothesis(options.hypotheses, told)
        tell(told, options)
        return _without_data(hypothesis, options.json, told)
    hypothesis, file, dataset = one_and_data(options, told)
    tell(told, options)

    from core.check.rows_as import rows_as
    from core.study.claims import check_claims

    taken = rows_as(options.rows, dataset, "--rows")
    try:
        claims = check_claims(hypothesis, dataset, seed=options.seed, rows=taken)
    except WhyboardError as error:
        error.__dict__.setdefault("hypothesis", hypothesis.name)
        raise named_file(error, {hypothesis.name: (hypothesis, file)}, options.data) from None
    if options.json:
        return as_json(
            {
                **_record(hypothesis, claims.untestable),
                "rows": claims.rows,
                "implications": [test.to_dict() for test in claims.tests],
                "warnings": [*told, *claims.warnings],
            }
        )
    if not options.quiet:
        for warning in claims.warnings:
            print(warning, file=sys.stderr)
    return _below(hypothesis, _tested(claims) + _class_words(hypothesis))


def _record(hypothesis: "Hypothesis", untestable: str | None) -> dict[str, Any]:
    return {
        "format": "whyboard-implications/1",
        "testable": untestable is None,
        "reason": untestable,
        "background": list(hypothesis.background),
        "class": _class(hypothesis),
    }


def _class(hypothesis: "Hypothesis") -> dict[str, Any] | None:
    """Return the graphs of arrows that no observation can tell from this one: how many, and what all of them share.

    None where it leaves something open, or has unmeasured causes: those are no graphs of arrows.
    """
    graph = hypothesis.graph
    if hypothesis.background or graph.latents or graph.bidirected or not graph.edges:
        return None
    members, shared = len(class_members(graph, _MOST_MEMBERS)), cpdag(graph)
    return {
        "members": members,
        "more": members == _MOST_MEMBERS,
        "compelled": [list(edge) for edge in shared.directed],
        "either_way": [list(pair) for pair in shared.undirected],
    }


def _class_words(hypothesis: "Hypothesis") -> str:
    """Say how many other graphs no observation can tell from this one, and which arrows all of them share."""
    found = _class(hypothesis)
    if found is None:
        return ""
    others = found["members"] - 1
    if not others:
        return "\nNo other graph of arrows claims the same: each arrow is compelled (Markov equivalence class of one)."
    many = f"{'over ' if found['more'] else ''}{others:,} other graph{'s' if others > 1 else ''}"
    same = ", ".join(f"{a} -> {b}" for a, b in found["compelled"]) or "none"
    either = ", ".join(f"{a} - {b}" for a, b in found["either_way"])
    return (
        f"\nNo observation can tell it from {many} (Markov equivalent). The same in all: {same}; either way round: "
        f"{either}."
    )


def _below(hypothesis: "Hypothesis", text: str) -> str:
    """Return ``text`` below what the hypothesis leaves open, if it leaves anything open."""
    if not hypothesis.background:
        return text
    alone = len(hypothesis.background) == 1
    said = "is background" if alone else "may be related in any way (background)"
    return f"{joined(hypothesis.background)} {said}\n{text}"


def _without_data(hypothesis: "Hypothesis", json: bool, told: list[str]) -> str:
    background = frozenset(hypothesis.background)
    reason = untestable_reason(hypothesis.graph, background=background)
    found = implications(hypothesis.graph, background)
    if json:
        claims = [{"x": claim.x, "y": claim.y, "given": list(claim.given)} for claim in found]
        return as_json({**_record(hypothesis, reason), "implications": claims, "warnings": told})
    if reason is not None:
        return _below(hypothesis, f"Nothing can be tested: {reason}.{_class_words(hypothesis)}")
    rows = [[notation(claim), say(claim)] for claim in found]
    text = "\n".join(["This graph claims", *table(["claim", "in words"], rows)])
    return _below(hypothesis, text + _class_words(hypothesis))


def _tested(claims: "Claims") -> str:
    if claims.untestable is not None:
        return f"Nothing can be tested: {claims.untestable}."
    rows = []
    for test in sorted(claims.tests, key=lambda test: test.bears is False):
        given = f" | {', '.join(test.given)}" if test.given else ""
        word = {True: "contradicted", False: "not contradicted", None: "not tested"}[test.contradicted]
        word += f" ({test.shape})" if test.shape is not None else ""
        word += ", beside the question" if test.bears is False else ""
        numbers = [
            number(test.association),
            interval(test.q05, test.q95),
            number(test.p_value),
            number(test.p_adjusted),
        ]
        rows.append([f"{test.x} ⊥ {test.y}{given}", *numbers, number(test.predictive_p), word])
    head = ["claim", "association", "90 %", "p", "adjusted p", "predictive p", ""]
    return "\n".join([f"Tested on {claims.rows:,} rows", *table(head, rows, "lrlrrrl")])
