"""Something that may tie rows together: groups, an order in time, or the order of the rows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.check.acted_on import acted_on
from core.check.resemblance import LAGS, group_factors, group_spread, order_factors, order_gone, order_shared
from core.data.dataset import Column

__all__ = ["Look", "acts_on", "follows"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

_LONGEST = 1_000  # lags, where the user says that rows are a series
_ENOUGH = 20_000  # rows that say on which columns something acts itself


@dataclass(frozen=True, eq=False)
class Look:
    """Something that may tie rows together: ``labels`` are groups, or ranks in an order; None for row order."""

    way: str  # "group", "time" or "order"
    column: Column | None = None
    labels: IntArray | None = None
    number: bool = False
    asked: bool = False

    def factors(self, residuals: FloatArray, level: float) -> tuple[FloatArray, int]:
        """Return the factors of all pairs, and how many lags a memory lasts."""
        if self.way != "group" or self.labels is None:
            return order_factors(residuals, self.labels, _LONGEST if self.asked else LAGS)
        return group_factors(residuals, self.labels, None if self.asked else level, self.number), 0

    def part(self, rows: int) -> IntArray | None:
        """Return the rows of a part of many, neighbours where they have an order; None: all."""
        if rows <= _ENOUGH:
            return None
        if self.way == "group":
            return np.sort(np.random.default_rng(rows).choice(rows, _ENOUGH, replace=False))
        order = np.arange(rows) if self.labels is None else np.argsort(self.labels, kind="stable")
        return np.sort(order[:_ENOUGH])

    def shared(self, residuals: FloatArray) -> FloatArray:
        """Return the variance that rows have in common, shape (p,)."""
        if self.way != "group" or self.labels is None:
            return order_shared(residuals, self.labels)
        spread = group_spread(residuals, self.labels, self.number)
        return np.zeros(len(residuals)) if spread is None else spread.between

    def gone(self, values: FloatArray, shared: float) -> FloatArray:
        """Return how much likelier values (k, N) are if rows share nothing than if they share that, as logarithms."""
        if self.way != "group" or self.labels is None:
            return order_gone(values, self.labels, shared)
        spread = group_spread(values, self.labels, self.number)
        return np.full(len(values), -np.inf) if spread is None else spread.gone(shared)


def acts_on(look: Look, columns: Mapping[str, FloatArray], residuals: Mapping[str, FloatArray]) -> FloatArray:
    """Return 1 for columns that it acts on itself, else 0; of many rows a part says enough."""
    part = look.part(len(next(iter(residuals.values()))))
    if part is not None:
        labels = None if look.labels is None else np.unique(look.labels[part], return_inverse=True)[1]
        look = replace(look, labels=labels)
        columns, residuals = ({name: v[part] for name, v in one.items()} for one in (columns, residuals))
    return acted_on(columns, residuals, look.shared, look.gone).astype(np.float64)


def follows(group: Look, order: Look) -> bool:
    """Return whether groups are stretches of an order, such as the years of a series."""
    if group.labels is None:
        return False
    ranked = group.labels if order.labels is None else group.labels[np.argsort(order.labels, kind="stable")]
    return int(np.sum(ranked[1:] != ranked[:-1])) <= int(ranked.max(initial=0))
