"""Which family a column gets when the user names none: by the data alone, never by a graph.

So rival hypotheses share the family of a column, and a difference between them is a
difference in arrows (STATISTICS, "Models").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import ModelError
from core.families import FAMILIES

if TYPE_CHECKING:
    from core.data.constants import ColumnConstants

__all__ = ["DISCRETE_KINDS", "Choice", "choose_family", "families_for"]

DISCRETE_KINDS = ("binary", "category", "ordered")


@dataclass(frozen=True)
class Choice:
    """A family, its link, and why, in words that follow "because"."""

    family: str
    link: str
    reason: str


def families_for(kind: str) -> tuple[str, ...]:
    """Return the families that the interface offers for a kind of column, in order; empty if none can take it."""
    offering = [family for family in FAMILIES.values() if kind in family.offered]
    return tuple(family.name for family in sorted(offering, key=lambda family: family.offered[kind]))


def choose_family(constants: ColumnConstants, all_discrete: bool) -> Choice:
    """Choose the default family of a column.

    Parameters
    ----------
    constants : ColumnConstants
        Of the column.
    all_discrete : bool
        Whether every modelled column is binary or a category.

    Raises
    ------
    ModelError
        For a column that cannot be a node: dates and identifiers.
    """
    for family in FAMILIES.values():
        reason = family.chosen(constants, all_discrete)
        if reason:
            return Choice(family.name, family.links[0], reason)
    raise ModelError(
        f"a column of kind {constants.kind} cannot be a node",
        place=f"node {constants.name}",
        hint="Take the node out of the graph, or correct the column's kind.",
    )
