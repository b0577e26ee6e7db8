"""Where the rivals of a project differ in more than their arrows, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from core.data.dataset import Dataset
from core.families.choose import DISCRETE_KINDS, Choice
from core.hypothesis import Hypothesis
from core.study.differing import differing
from ui import columns, kept
from ui.session import ProjectView

__all__ = ["in_words"]


def in_words(project: ProjectView, dataset: Dataset | None) -> str:
    """Return the sentence, plain text; empty where rivals differ in arrows only."""
    drawn = {record.letter: record.hypothesis for record in project.hypotheses() if record.problem is None}
    if len(drawn) < 2:
        return ""
    if dataset is None:
        return differing(drawn, project.title_of, {})
    levelled = [column.name for column in dataset.columns if column.kind in DISCRETE_KINDS]
    return differing(drawn, project.title_of, _usual(dataset, drawn), levelled)


def _usual(dataset: Dataset, drawn: Mapping[str, Hypothesis]) -> dict[str, str]:
    """Return the family that the data say, of each node for which some drawing names one."""
    named = {node.name for one in drawn.values() for node in one.nodes if node.family and node.name in dataset.names}
    nodes = tuple(dict.fromkeys(name for one in drawn.values() for name in one.graph.nodes))
    found = {}
    for name in sorted(named):
        key = (dataset.fingerprint, nodes, name)
        choice = kept.recall("usual", key, partial(columns.family_of, dataset, name, nodes))
        if isinstance(choice, Choice):
            found[name] = choice.family
    return found
