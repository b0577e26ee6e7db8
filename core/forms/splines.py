"""Cubic B-splines of equal knots as differences of truncated powers (Eilers & Marx 2010), straight beyond the last.

Of the truncated powers only those up to the last knot inside are needed, so the same few lines do in numpy and in
PyTensor.
"""

from math import comb
from typing import Any

import numpy as np

from core.forms.base import FloatArray

__all__ = ["combined", "differences", "knots_of"]

_DEGREE = 3
_TAILS = (0.01, 0.99)


def knots_of(values: FloatArray, splines: int) -> tuple[float, float]:
    """Return where the first knot lies and how far they are apart, from the 1st to the 99th hundredth of the values."""
    low, high = np.quantile(values, _TAILS)
    if not high > low:
        low, high = values.min(), values.max()
    return float(low), float((high - low) / (splines - _DEGREE))


def differences(splines: int) -> FloatArray:
    """Return each B-spline as a combination of truncated powers, shape (splines, splines), a column each."""
    found = np.zeros((splines, splines))
    for j in range(splines):
        for i in range(min(_DEGREE + 2, splines - j)):
            found[j + i, j] = (-1) ** i * comb(_DEGREE + 1, i) / 6.0
    return found


def combined(xp: Any, x: Any, low: float, step: float, powers: FloatArray) -> Any:
    """Return combinations of truncated powers at x, shape (…, columns), for ``powers`` (splines, columns)."""
    last = len(powers)
    place = (x - low) / step + _DEGREE
    inside = xp.minimum(xp.maximum(place, float(_DEGREE)), float(last))
    over = xp.maximum(inside[..., None] - np.arange(float(last)), 0.0)
    return over**3 @ powers + (place - inside)[..., None] * (3.0 * over**2 @ powers)
