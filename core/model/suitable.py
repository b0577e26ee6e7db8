"""What cannot be a model, and why: the refusals of :func:`core.model.resolve.resolve`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.errors import ModelError, NotYetError
from core.families import FAMILIES, get_family
from core.families.choose import DISCRETE_KINDS, families_for
from core.hypothesis import Edge, Hypothesis
from core.model.earlier import check_carrying
from core.model.spec import NodeModel

if TYPE_CHECKING:
    from core.data.constants import ColumnConstants

__all__ = ["check_column", "check_given", "check_shapes", "check_supported", "check_table", "constant_warnings"]

LARGEST_TABLE = 100_000

_IN_WORDS = {
    "real": "a real number",
    "positive": "a positive number",
    "proportion": "a proportion",
    "count": "a count",
    "binary": "yes or no",
    "category": "a category (text)",
    "ordered": "an ordered category",
    "identifier": "an identifier",
    "date": "a date",
}


def check_supported(hypothesis: Hypothesis) -> None:
    """Refuse what can be drawn, saved and tested for its implications, but not yet fitted."""
    for node in hypothesis.nodes:
        if node.latent:
            raise NotYetError(
                f"{node.name!r} is unmeasured (latent), and this version cannot fit a graph with an unmeasured node",
                place=f"node {node.name}",
                hint="Its implied independences can be tested; to fit, remove the node or measure it.",
            )
    for a, b in hypothesis.graph.bidirected:
        raise NotYetError(
            f"{a!r} and {b!r} share an unmeasured cause (bidirected arc), which this version cannot fit",
            place=f"arc {a} <-> {b}",
            hint="Its implied independences can be tested; to fit, remove the arc or replace it by an arrow.",
        )
    for edge in hypothesis.edges:
        _check_edge(hypothesis, edge)


def _check_edge(hypothesis: Hypothesis, edge: Edge) -> None:
    place = f"arrow {edge.source} -> {edge.target}"
    if edge.form == "table" and not _is_table(hypothesis.node(edge.target).family):
        raise ModelError("an arrow of form table goes into a Table only", place=place, hint="Set the form to linear.")
    if edge.lag:
        raise NotYetError("a delayed effect cannot be fitted by this version", place=place, hint="Leave the lag out.")
    check_carrying(edge)
    if edge.by is not None and edge.by not in hypothesis.graph.parents(edge.target):
        raise ModelError(
            f"the effect is to differ by {edge.by!r}, which is no cause of {edge.target!r} in the graph",
            place=place,
            hint=f"Draw the arrow {edge.by} -> {edge.target} too: its own effect belongs beside that.",
        )


def check_given(constants: ColumnConstants) -> None:
    """Refuse a column that can be no node at all: for its kind, or because it is a category with one level."""
    name, kind, place = constants.name, constants.kind, f"node {constants.name}"
    if not families_for(kind):
        raise ModelError(
            f"{name!r} is {_IN_WORDS.get(kind, kind)}, which cannot be a node",
            place=place,
            hint="Take the node out of the graph, or correct the column's kind.",
        )
    if kind in DISCRETE_KINDS and len(constants.levels) < 2:
        raise ModelError(
            f"{name!r} has the same value in every row, so nothing can be learnt about it",
            place=place,
            hint="Take the node out of the graph.",
        )


def check_column(family: str, constants: ColumnConstants) -> None:
    """Refuse a column that a family cannot take: its kind, or its values."""
    check_given(constants)
    name, kind, place = constants.name, constants.kind, f"node {constants.name}"
    offered = families_for(kind)
    if kind not in get_family(family, name).kinds:
        raise ModelError(
            f"{name!r} is {_IN_WORDS.get(kind, kind)}, which {family} cannot take",
            place=place,
            hint=f"Choose {' or '.join(offered)} for this node, or correct the column's kind.",
        )
    refused = get_family(family, name).refusal(constants)
    if refused is not None:
        raise ModelError(refused[0], place=place, hint=refused[1])


def _is_table(family: str | None) -> bool:
    return family is not None and family in FAMILIES and FAMILIES[family].form == "cells"


def check_table(model: NodeModel) -> None:
    """Refuse a table with a parent that is a number, or with too many cells."""
    if not _is_table(model.family):
        return
    for term in model.terms:
        if not term.levels:
            raise ModelError(
                f"a Table needs discrete parents, and {term.parent!r} is {_IN_WORDS[term.kind]}",
                place=f"node {model.node}",
                hint=f"Choose {families_for(model.kind)[0]} for {model.node!r}, or remove the arrow.",
            )
    cells = model.columns * model.levels
    if cells > LARGEST_TABLE:
        raise ModelError(
            f"the table of {model.node!r} would have {cells:,} cells",
            place=f"node {model.node}",
            hint=f"At most {LARGEST_TABLE:,}: remove a parent, join levels, or choose {families_for(model.kind)[0]}.",
        )


def check_shapes(model: NodeModel) -> None:
    """Refuse a curve with a height into a node that has a predictor for each of its levels."""
    if get_family(model.family).form != "lines":
        return
    for term in model.shaped:
        raise ModelError(
            f"an arrow into a {model.family} has a curve for each level, and a {term.form} one has a single height",
            place=f"arrow {term.parent} -> {model.node}",
            hint="Choose a linear, quadratic or smooth arrow, or another family for the node.",
        )


def constant_warnings(constants: Iterable[ColumnConstants]) -> tuple[str, ...]:
    """Return a sentence for each column that has one value only."""
    return tuple(
        f"{column.name!r} has the same value in every row: nothing about its arrows can be learnt"
        for column in constants
        if column.n > 0 and column.constant
    )
