"""From where to where something is moved unless somebody says otherwise: in round numbers, the same on every page."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.comparison.facts import ColumnFacts

__all__ = ["default_ends", "default_levels", "on_grid", "span_of"]

_TRIED = ((0.25, 0.75), (0.05, 0.95), (0.0, 1.0))  # quantiles: the first two that stand apart on the grid


def span_of(column: ColumnFacts, values: ArrayLike) -> tuple[float, float, float]:
    """Return the ends of a slider and its step, in round numbers: what was seen, and a little beyond where it may be.

    Parameters
    ----------
    column : ColumnFacts
    values : array, shape (N,)
    """
    raw = np.asarray(values, dtype=np.float64)
    low, high = float(raw.min()), float(raw.max())
    span = (high - low) or abs(high) or 1.0
    step = next(
        unit for unit in (10.0**power * factor for power in range(-15, 18) for factor in (1, 2, 5)) if span / unit <= 60
    )
    if column.kind in ("count", "ordered") or np.all(raw == np.round(raw)):
        step = max(1.0, step)
    bottom, top = np.floor((low - 0.1 * span) / step) * step, np.ceil((high + 0.1 * span) / step) * step
    if low >= 0 and bottom <= 0:  # what is never below 0 is not put there, nor to 0 where it never is
        bottom = 0.0 if low == 0 else max(np.floor(low / step) * step, min(step, low))
    if column.kind == "proportion":
        top = min(top, 1.0 - step)
    digits = max(0, int(np.ceil(-np.log10(step))) + 1)
    return round(float(bottom), digits), round(float(top), digits), round(step, digits)


def on_grid(value: float, low: float, step: float) -> float:
    """Return the value of a slider that starts at ``low`` and is nearest to another."""
    digits = max(0, int(-np.floor(np.log10(step))) + 1)
    return round(low + round((value - low) / step) * step, digits)


def default_ends(column: ColumnFacts, values: ArrayLike) -> tuple[float, float]:
    """Return from where to where a number is moved: the middle half of its rows, on the slider's grid.

    Where most rows have one value, so that the quartiles are one, it is from the 5 % to the 95 % point, or from the
    least to the largest.
    """
    bottom, top, step = span_of(column, values)
    for ends in np.quantile(np.asarray(values, dtype=np.float64), _TRIED):
        low, high = (on_grid(float(end), bottom, step) for end in ends)
        if low < high:
            return low, high
    return bottom, top


def default_levels(values: ArrayLike, many: int) -> tuple[int, int]:
    """Return the first and the second of two levels, by their places; of more, the commonest and the second commonest.

    Parameters
    ----------
    values : array, shape (N,)
        Codes of levels.
    many : int
        Of levels.
    """
    if many == 2:
        return 0, 1
    codes = np.asarray(values).astype(np.intp)
    order: NDArray[np.intp] = np.argsort(-np.bincount(codes, minlength=many), kind="stable")
    return int(order[0]), int(order[1])
