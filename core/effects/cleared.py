"""A contrast cleared of the noise of the rows on which it was played.

Where nodes on the way are drawn, a draw's contrast is its expectation and the noise of so few rows. For an interval the
noise is a nuisance; for a likelihood it is worse, since it makes the experiment teach the parameters less than it does.
Played twice with noise of its own each time the noise's variance is known, and what both have in common is a smooth
function of the parameters: a quadratic regression on them (a control variate; Strong, Oakley & Brennan 2014 do the same
for the value of information) stands for it wherever it leaves over no more than the noise.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.families.base import Draws

__all__ = ["cleared"]

FloatArray = NDArray[np.float64]

_SMALL = 0.002  # share of the variance that is no noise worth clearing
_LEFT = 1.15  # times the noise's variance that a regression may leave over …
_LOST = 0.02  # … and the share of the rest of the variance
_PER_DRAW = 8  # draws a column of the regression, at least


def cleared(one: FloatArray, other: FloatArray, parameters: Mapping[str, Draws]) -> FloatArray:
    """Return a contrast without the noise of its rows, (S,); the mean of both plays where that cannot be had.

    Parameters
    ----------
    one, other : array, shape (S,)
        The contrast played twice.
    parameters : mapping of str to draws
        The S draws of what it is a function of.
    """
    mean = 0.5 * (one + other)
    noise, total = 0.25 * float(np.var(one - other)), float(np.var(mean))
    if noise <= _SMALL * total:
        return mean
    design = _quadratic(parameters, len(mean))
    if design is None:
        return mean
    smooth = design @ np.linalg.lstsq(design, mean, rcond=None)[0]
    left = float(np.var(mean - smooth)) * len(mean) / (len(mean) - design.shape[1])
    return smooth if left <= _LEFT * noise + _LOST * (total - noise) else mean


def _quadratic(parameters: Mapping[str, Draws], many: int) -> FloatArray | None:
    """Return the columns of a quadratic regression, of a linear one where there are too few draws for it, or None."""
    columns = np.hstack([part.reshape(many, -1) for own in parameters.values() for part in own.values()])
    columns = columns[:, np.ptp(columns, axis=0) > 0]
    columns = (columns - columns.mean(axis=0)) / np.maximum(columns.std(axis=0), 1e-300)
    width = columns.shape[1]
    if _PER_DRAW * (1 + width) > many:
        return None
    base = np.column_stack([np.ones(many), columns])
    if _PER_DRAW * (1 + width + width * (width + 1) // 2) > many:
        return base
    first, second = np.triu_indices(width)
    return np.column_stack([base, columns[:, first] * columns[:, second]])
