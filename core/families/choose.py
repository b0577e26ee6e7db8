"""Which family a column gets when the user names none: by the data alone, never by a graph.

So rival hypotheses share the family of a column, and a difference between them is a
difference in arrows (STATISTICS, "Models").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import ModelError

if TYPE_CHECKING:
    from core.data.constants import ColumnConstants

__all__ = ["DISCRETE_KINDS", "Choice", "choose_family", "families_for"]

DISCRETE_KINDS = ("binary", "category", "ordered")

OVERDISPERSED = 1.5
"""A count whose variance is over this many times its mean gets the NegativeBinomial."""

_OFFERED = {
    "real": ("Normal", "StudentT", "SkewNormal"),
    "positive": ("Normal", "LogNormal", "Gamma", "Weibull", "StudentT", "SkewNormal"),
    "proportion": ("Beta", "Normal", "StudentT"),
    "count": ("Poisson", "NegativeBinomial", "ZeroInflatedPoisson", "ZeroInflatedNegativeBinomial", "Normal"),
    "binary": ("Bernoulli", "Table"),
    "category": ("Categorical", "Table"),
    "ordered": ("OrderedLogit", "Categorical", "Table"),
}


@dataclass(frozen=True)
class Choice:
    """A family, its link, and why, in words that follow "because"."""

    family: str
    link: str
    reason: str


def families_for(kind: str) -> tuple[str, ...]:
    """Return the families that the interface offers for a kind of column; empty if none can take it."""
    return _OFFERED.get(kind, ())


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
    match constants.kind:
        case "real":
            return Choice("Normal", "identity", "a real number")
        case "positive":
            return _positive(constants)
        case "proportion":
            return Choice("Beta", "logit", "a share between 0 and 1")
        case "count":
            return _count(constants)
        case "ordered":
            return Choice("OrderedLogit", "cumulative", f"ordered categories: {_in_order(constants.levels)}")
        case "binary" | "category" if all_discrete:
            return Choice("Table", "identity", "every modelled column is discrete")
        case "binary":
            return Choice("Bernoulli", "logit", "yes or no, beside columns that are numbers")
        case "category":
            return Choice("Categorical", "softmax", "a category, beside columns that are numbers")
    raise ModelError(
        f"a column of kind {constants.kind} cannot be a node",
        place=f"node {constants.name}",
        hint="Take the node out of the graph, or correct the column's kind.",
    )


def _in_order(levels: tuple[str, ...]) -> str:
    return " < ".join(levels if len(levels) <= 5 else (*levels[:2], "…", levels[-1]))


def _positive(constants: ColumnConstants) -> Choice:
    if constants.log_is_evener:
        skew, log_skew = constants.skew, constants.log_skew
        reason = f"above 0 and right-skewed ({skew:.1f}), its logarithm less so ({log_skew:.1f})"
        return Choice("LogNormal", "identity", reason)
    return Choice("Normal", "identity", "above 0, and no more even on the log scale")


def _count(constants: ColumnConstants) -> Choice:
    if constants.mean > 0 and constants.variance > OVERDISPERSED * constants.mean:
        ratio = constants.variance / constants.mean
        return Choice("NegativeBinomial", "log", f"a count whose variance is {ratio:.1f} times its mean")
    return Choice("Poisson", "log", "a count that varies no more than about its mean")
