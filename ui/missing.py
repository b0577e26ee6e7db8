"""Hypotheses that could not be fitted: each keeps its place on a page of results, with its reason."""

from __future__ import annotations

from dataclasses import dataclass

from core.hypothesis import Hypothesis
from ui.results import Candidates, Fitted
from ui.session import ProjectView

__all__ = ["Missing", "missing"]


@dataclass(frozen=True)
class Missing:
    """A hypothesis that has no place in the numbers: its letter, why, and what is drawn of it."""

    letter: str
    reason: str
    hypothesis: Hypothesis
    colour: str


def missing(project: ProjectView, found: Candidates, last: Fitted) -> tuple[Missing, ...]:
    """Return the hypotheses that could not be fitted: each keeps its place, with its reason."""
    there = {facts.name for facts in last.comparison.hypotheses}
    why = {record.letter: error.message for record, error in found.refused}
    failed = {one.name: one.said for one in last.comparison.left_out}
    for letter in last.hypotheses.keys() - there - why.keys():  # one that failed while it was fitted
        why[letter] = failed.get(letter, "not all of it could be fitted")
    return tuple(
        Missing(record.letter, why[record.letter], record.hypothesis, record.colour)
        for record in project.hypotheses()
        if record.letter in why and record.letter not in there and record.problem is None and record.hypothesis.nodes
    )
