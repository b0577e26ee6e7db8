"""What an arrow adds to its child's predictor, and what it carries: functions that a script carries with it.

As they stand here; ``xp`` is numpy or ``pytensor.tensor``. They say in a few lines of their own what
``core.forms`` and ``core.fit.arrows`` say, so that a script can be read from top to bottom; a test holds them
against each other.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["carried_by"]


def level_rows(xp: Any, table: Any, codes: Any) -> Any:
    """Return the row of a table that belongs to each level."""
    if xp is np:
        return table[np.asarray(codes, dtype=int)]
    return xp.as_tensor(table)[xp.cast(codes, "int64")]


def parabola(x: Any, level: float, slope: float, spread: float) -> Any:
    """Return what the square of x has that no straight line has, as a column."""
    return ((x**2 - level - slope * x) / spread)[..., None]


def spline(xp: Any, x: Any, low: float, step: float, bends: Any, line: Any) -> Any:
    """Return cubic splines at x without the straight line in them, shape (rows, columns).

    They are combinations (``bends``) of truncated powers, on equal knots ``step`` apart from ``low`` on, and go on
    straight beyond the outermost knots. ``line`` is intercept and slope of each over the rows.
    """
    count = len(bends)
    place = (x - low) / step + 3.0
    inside = xp.minimum(xp.maximum(place, 3.0), float(count))
    over = xp.maximum(inside[..., None] - np.arange(float(count)), 0.0)
    curves = over**3 @ bends + (place - inside)[..., None] * (3.0 * over**2 @ bends)
    return curves - line[0] - x[..., None] * line[1]


def change(columns: Callable[..., Any], low: Any, high: Any, *others: Any) -> Any:
    """Return by how much an arrow's columns change when its source goes from low to high, averaged over rows."""
    return (columns(np, high, *others) - columns(np, low, *others)).mean(axis=0)


def pairs(codes: Any, levels: int, ordered: bool) -> list[tuple[int, int]]:
    """Return which levels are set against each other: neighbours of ordered ones, else each against the commonest."""
    if levels == 2 or ordered:
        return [(code, code + 1) for code in range(levels - 1)]
    common = commonest(codes, levels)
    return [(common, code) for code in range(levels) if code != common]


def commonest(codes: Any, levels: int) -> int:
    """Return the level that most rows have."""
    return int(np.argmax(np.bincount(codes.astype(int), minlength=levels)))


def shares(probabilities: Any, cells: Any) -> Any:
    """Return each draw's probabilities of the levels, averaged over the rows' cells of the table."""
    weights = np.bincount(cells, minlength=probabilities.shape[1]) / len(cells)
    return np.einsum("sck,c->sk", probabilities, weights)


_CARRIED: tuple[Callable[..., Any], ...] = (level_rows, parabola, spline, change, pairs, commonest, shares)


def carried_by(text: str) -> str:
    """Return those of these functions that a text calls, as text, with those that they call."""
    wanted: list[Callable[..., Any]] = []
    for function in reversed(_CARRIED):
        said = text + "".join(inspect.getsource(one) for one in wanted)
        if f"{function.__name__}(" in said:
            wanted.append(function)
    # ``commonest`` stands behind ``pairs``, which calls it.
    if pairs in wanted and commonest not in wanted:
        wanted.append(commonest)
    return "\n\n".join(inspect.getsource(function) for function in _CARRIED if function in wanted)
