"""A comparison as it is seen in one scope: the same facts, with the scores and claims of that scope."""

from dataclasses import replace

from core.comparison.result import Comparison, HypothesisFacts, Standing

__all__ = ["for_question"]

_NOTHING = "claims nothing about the question that these columns can test"


def for_question(comparison: Comparison) -> Comparison:
    """Return the comparison in the question's scope; as it is where nothing is asked.

    Classes, differences and scores are those of the question's columns, claims those that bear on
    it, checks and blocks those of its columns. Effects and arrows are the same in every scope.
    """
    asked = comparison.question
    if asked is None:
        return comparison
    inside = frozenset(asked.columns)
    standing = {one.name: one for one in asked.standings}
    return replace(
        comparison,
        hypotheses=tuple(_seen(facts, standing[facts.name], inside) for facts in comparison.hypotheses),
        classes=asked.classes,
        differences=asked.differences,
    )


def _seen(facts: HypothesisFacts, standing: Standing, inside: frozenset[str]) -> HypothesisFacts:
    return replace(
        facts,
        blocks=tuple(block for block in facts.blocks if inside.issuperset(block.nodes)),
        elpd=standing.elpd,
        log_evidence=standing.log_evidence,
        equivalence_class=standing.equivalence_class,
        gates=standing.gates,
        implications=facts.bearing,
        checks=tuple(check for check in facts.checks if check.node in inside),
        untestable=facts.untestable or (None if facts.bearing else _NOTHING),
    )
