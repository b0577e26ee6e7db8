"""By how much a treatment is moved: the two worlds that an effect compares.

A number goes up by one unit in every row, a proportion by 0.1; no step leaves the support: where
one would, the row comes up to where it is. Beside it stands the step from the first to the third
quartile of the rows, which is seen in the data whatever the unit. Levels are set.
"""

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from core.model.spec import NodeModel

__all__ = ["SHARE", "Step", "own_step", "quartile_step", "reads_wide"]

FloatArray = NDArray[np.float64]

SHARE = 0.1
"""The step of a proportion: a tenth of the whole."""

_MANY_UNITS = 20.0


@dataclass(frozen=True)
class Step:
    """Two worlds: ``low`` and ``high`` set in every row, or ``by`` more than each row has.

    A row that would come to ``ceiling`` or over it starts ``by`` lower and ends where it is.
    """

    low: float | None = None
    high: float | None = None
    by: float = 1.0
    ceiling: float = inf

    def ends(self, observed: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the treatment's values in the lower and the upper world, shape (N,) each."""
        if self.low is not None and self.high is not None:
            return np.full_like(observed, self.low), np.full_like(observed, self.high)
        over = observed + self.by >= self.ceiling
        return np.where(over, observed - self.by, observed), np.where(over, observed, observed + self.by)

    def change(self, observed: FloatArray) -> FloatArray:
        """Return the upper less the lower world, without rounding: shape (1,)."""
        if self.low is not None and self.high is not None:
            return np.array([self.high - self.low])
        return np.array([self.by])

    @property
    def codes(self) -> tuple[int, int]:
        """The two levels of a category."""
        assert self.low is not None
        assert self.high is not None
        return int(self.low), int(self.high)


def own_step(model: NodeModel) -> Step:
    """Return the step of a number: one unit, of a proportion a tenth."""
    return Step(by=SHARE, ceiling=1.0) if model.kind == "proportion" else Step()


def quartile_step(model: NodeModel, observed: FloatArray) -> Step | None:
    """Return the step from the 25th to the 75th percentile of a number; None for levels, or where they are one."""
    if model.response.levels or not len(observed):
        return None
    low, high = np.quantile(observed, (0.25, 0.75))
    return Step(float(low), float(high)) if high > low else None


def reads_wide(step: Step) -> bool:
    """Return whether a step between quartiles says more than that of one unit.

    That is so where a unit is a small part of what is seen (a euro of a yearly income), or more than
    half of the rows differ by (a share of 0.02 to 0.05).
    """
    assert step.low is not None
    assert step.high is not None
    return not 1.0 <= step.high - step.low <= _MANY_UNITS
