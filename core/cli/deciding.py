"""``whyboard decide``."""

import argparse
from typing import TYPE_CHECKING

from core.cli.experiments import experiments_record, experiments_text, learn, read_experiments
from core.cli.reading import (
    as_json,
    named_file,
    open_cache,
    progress_of,
    rivals_and_data,
    tell,
)
from core.errors import UsageError, WhyboardError
from core.words import interval, number, sentence, table

if TYPE_CHECKING:
    from core.decide.scoring import Scored
    from core.study.acting import Acting
    from core.study.deciding import Decided

__all__ = ["decided", "run_decide"]

_BY = {
    "expected": "on average",
    "cvar": "by its worst draws",
    "regret": "by regret (safest)",
    "spread": "by mean and spread",
    "likely": "by regret, likely ones alone",
}


def run_decide(options: argparse.Namespace) -> str:
    """Say what to choose; return what to print."""
    told: list[str] = []
    rivals, dataset = rivals_and_data(options, told)
    tell(told, options)
    drawn = [hypothesis for hypothesis, _ in rivals.values()]
    outcome = options.outcome or next((one.outcome for one in drawn if one.outcome), None)
    if outcome is None:
        raise UsageError("no outcome was given", hint="Say what is asked about, as --outcome sales.")
    if not options.choices:
        raise UsageError("there is nothing to choose", hint="Name a lever and its bounds, as --choose ads=0:9.")
    nodes = list(dict.fromkeys(name for one in drawn for name in one.graph.nodes))
    lever = max((n for n in nodes if options.choices[0].startswith(n)), key=len, default=outcome)

    from core.check.rows_as import rows_as
    from core.study import compare, reopen
    from core.study.acting import acting_on
    from core.study.comparing import KEPT
    from core.study.deciding import check_asked

    check_asked(nodes, outcome, options.utility, options.limits, options.risk, options.spread)
    try:
        cache = open_cache(options) or KEPT
        comparison = compare(
            dataset,
            drawn,
            effects=[(lever, outcome)] if lever != outcome else [],
            seed=options.seed,
            rows=rows_as(options.rows, dataset, "--rows"),
            cache=cache,
            progress=progress_of(options),
        )
        acting = acting_on(reopen(comparison, dataset, cache), seed=options.seed)
        spec = comparison.specs[0]
        learned, words = learn(acting, read_experiments(options, spec, outcome))
        acting = acting if learned is None else learned.acting
        found = decided(options, acting, outcome, options.spread)
    except WhyboardError as error:
        raise named_file(error, rivals, options.data) from None
    told += [one.said for one in comparison.left_out]
    if options.json:
        record = found.to_dict()
        record["warnings"] += [*words, *told]
        record["experiments"] = experiments_record(learned, spec)
        return as_json({"format": "whyboard-decide/1", **record})
    contradicted = [one.name for one in comparison.hypotheses if one.contradicted]
    return "\n".join([*experiments_text(learned, words), _text(found, told, contradicted)])


def decided(options: argparse.Namespace, acting: "Acting", outcome: str, spread: float | None = None) -> "Decided":
    """Return what to choose of what the options say can be chosen, at what cost and within which limits."""
    from core.study.deciding import decide_on, levers_of

    return decide_on(
        acting,
        levers_of(acting, options.choices, options.costs, options.budget, options.limits),
        outcome,
        options.utility,
        risk=options.risk,
        spread=spread,
        progress=progress_of(options),
    )


# -- as text ----------------------------------------------------------------------------


def _text(found: "Decided", told: list[str], contradicted: list[str]) -> str:
    from core.decide.sentences import about_risk, about_safest

    decision, names = found.decision, found.levers.names
    bounds = ", ".join(f"{lever.name} {number(lever.low)} to {number(lever.high)}" for lever in found.levers.all)
    budget = [] if found.levers.budget is None else [f"budget {number(found.levers.budget)}"]
    head = ["best", *names, "mean", "90 % of draws", f"worst {decision.risk:.0%}"]
    rows = [_row(found, _BY[name], scored) for name, scored in decision.best.items()]
    if decision.now is not None:
        rows.append(_row(found, "as observed, on average", decision.now))
    lines = [
        f"How much to choose: {', '.join([bounds, *budget])}",
        f"made large: {decision.utility}{', the share of rows in which it holds' if decision.share else ''}",
        "",
        *table(head, rows, "l" + "r" * (len(names) + 1)),
    ]
    if len(decision.hypotheses) > 1:
        lines += ["", "what you lose", *table(*_regrets(found))]
        lines += ["", f"knowing which hypothesis is right is worth {number(decision.information)}"]
    said = [
        *about_risk(decision, found.levers),
        *about_safest(decision, found.levers, contradicted),
        *decision.warnings,
        *found.told,
        *told,
    ]
    return "\n".join([*lines, "", *(sentence(words) for words in said)]).rstrip()


def _row(found: "Decided", words: str, scored: "Scored") -> list[str]:
    action = [value if isinstance(value, str) else number(value) for value in found.said(scored.action).values()]
    return [words, *action, number(scored.mean), interval(scored.q05, scored.q95), number(scored.cvar)]


def _regrets(found: "Decided") -> tuple[list[str], list[list[str]], str]:
    decision = found.decision
    head = ["", *(f"if {own.name} is right" for own in decision.hypotheses)]
    rows = [["its weight", *(f"{own.weight:.2f}" for own in decision.hypotheses)]]
    any_will_do = [f"best if {own.name} is right" for own in decision.hypotheses if own.indifferent]
    rows += [
        [row.name, *(number(lost) for lost in row.regrets)]
        for row in decision.regret_matrix
        if row.name not in any_will_do
    ]
    return head, rows, "l" + "r" * len(decision.hypotheses)
