"""Why several families cannot take a column, and what to do (``Family.refusal``)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.data.constants import ColumnConstants

__all__ = ["no_spread", "not_above_zero"]


def no_spread(family: str, constants: ColumnConstants) -> tuple[str, str] | None:
    """Refuse a column of one value, where the prior of the scale leaves the likelihood of no spread without bound."""
    if not (constants.constant and constants.n):
        return None
    return (
        f"{constants.name!r} has the same value in every row, of which {family} cannot learn a scale",
        "Choose Normal for this node, or take it out of the graph.",
    )


def not_above_zero(family: str, constants: ColumnConstants) -> tuple[str, str] | None:
    """Refuse a column with values that have no logarithm."""
    if not math.isnan(constants.log_mean):
        return None
    name = constants.name
    reached = f"the smallest of {name!r} is {constants.minimum:g}" if constants.n else f"{name!r} may be below that"
    return (
        f"{family} takes values above 0, and {reached}",
        "Choose Normal or StudentT for this node, or correct the data (without data: its kind or range).",
    )
