"""Groups: a node whose intercept varies by a column, as a background cause of that node.

The column is conditioned on like any background: no family, no claim of its own, no score. But it is a cause
of the node in the graph, so that claims about the node are made given it, and its arrow's term is the
varying intercept (:mod:`core.forms.group`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from core.families.choose import DISCRETE_KINDS
from core.hypothesis import Edge, Hypothesis, Node

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.model.spec import ModelSpec

__all__ = ["as_modelled", "groups_as_categories", "with_groups"]


def with_groups(hypothesis: Hypothesis) -> Hypothesis:
    """Return the hypothesis with its groups as nodes, background, and an arrow to each node that varies by one."""
    grouped = [(node.name, node.group) for node in hypothesis.nodes if node.group is not None]
    if not grouped:
        return hypothesis
    known = {node.name for node in hypothesis.nodes}
    drawn = {(edge.source, edge.target) for edge in hypothesis.edges}
    held = set(hypothesis.background)
    new = tuple(dict.fromkeys(group for _, group in grouped if group not in known))
    arrows = tuple(
        Edge(group, name)
        for name, group in grouped
        if (group, name) not in drawn and not (name in held and name in known)
    )
    return replace(
        hypothesis,
        nodes=(*hypothesis.nodes, *(Node(group, kind="category") for group in new)),
        edges=(*hypothesis.edges, *arrows),
        background=(*hypothesis.background, *new),
    )


def groups_as_categories(hypotheses: Iterable[Hypothesis], dataset: Dataset) -> Dataset:
    """Return the data with every column that is a group as a category: a number that codes subjects is none."""
    return _as_categories((node.group for h in hypotheses for node in h.nodes if node.group is not None), dataset)


def as_modelled(spec: ModelSpec, dataset: Dataset) -> Dataset:
    """Return the data with what a specification takes level by level as categories, whose values are codes."""
    return _as_categories((model.node for model in spec.columns if model.response.levels), dataset)


def _as_categories(names: Iterable[str], dataset: Dataset) -> Dataset:
    for group in dict.fromkeys(names):
        if group in dataset.names and dataset.column(group).kind not in DISCRETE_KINDS:
            dataset = dataset.remembered(("as a group", group), partial(dataset.with_kind, group, "category"))
    return dataset
