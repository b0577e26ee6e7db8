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


def rising(xp: Any, x: Any, low: float, step: float, rises: Any, means: Any) -> Any:
    """Return the steps of a curve that never turns, shape (rows, columns): I-splines, less their means over the rows.

    As running sums of cubic B-splines they are combinations (``rises``) of truncated powers, on equal knots.
    """
    return spline(xp, x, low, step, rises, np.stack([means, np.zeros(len(means))]))


def saturating(xp: Any, x: Any, halves: Any, series: Any, mean: float) -> Any:
    """Return the columns of which x / (x + half) is a sum for every half, shape (rows, columns).

    They are the coefficients of its Chebyshev series in log half (see ``weights_of_half``), good to a ten-thousandth.
    """
    above = xp.maximum(x, 0.0)[..., None]
    return (above / (above + halves)) @ series - np.eye(1, len(series))[0] * mean


def weights_of_half(xp: Any, half: Any, log_median: float, count: int) -> Any:
    """Return how much of each of these columns x / (x + half) has: Chebyshev polynomials of log half."""
    return chebyshev(xp, (xp.log(half) - log_median) / 4.0, count)


def carried_over(x: Any, earlier: Any, carry: float) -> Any:
    """Return geometric adstock: the weighted mean of x and what it was in earlier rows, one row a column.

    The weights are 1, carry, carry^2 and so on, divided by their sum.
    """
    weights = carry ** np.arange(earlier.shape[1] + 1)
    weights = weights / weights.sum()
    return weights[0] * x + earlier @ weights[1:]


def left_over(xp: Any, x: Any, earlier: Any, carries: Any, mix: Any, center: float, scale: float) -> Any:
    """Return the columns of which x carried over, less its center, over its scale, is a sum for every carry.

    They are the coefficients of its Chebyshev series in the root of carry (see ``weights_of_carry``).
    """
    left = [carried_over(x, earlier, carry)[..., None] for carry in carries]
    return ((xp.concatenate(left, axis=-1) - center) / scale) @ mix


def saturating_later(
    xp: Any, x: Any, earlier: Any, carries: Any, mix: Any, halves: Any, series: Any, mean: float
) -> Any:
    """Return the columns of which a / (a + half) is a sum for every half and carry, a being x carried over.

    They are the coefficients of the products of two Chebyshev series, in the root of carry and in log half (see
    ``weights_of_half_and_carry``), good to a thousandth.
    """
    left = [carried_over(xp.maximum(x, 0.0), np.maximum(earlier, 0.0), carry) for carry in carries]
    at = [saturating(xp, one, halves, series, 0.0) for one in left]
    columns = [sum(share * one for share, one in zip(shares, at, strict=True)) for shares in mix.T]
    return xp.concatenate(columns, axis=-1) - np.eye(1, len(mix) * len(series))[0] * mean


def weights_of_half_and_carry(xp: Any, half: Any, carry: Any, log_median: float, counts: tuple[int, int]) -> Any:
    """Return how much of each of these columns a / (a + half) has: products of Chebyshev polynomials."""
    of_half = weights_of_half(xp, half, log_median, counts[0])
    of_carry = weights_of_carry(xp, carry, counts[1])
    return xp.concatenate([of_carry[j] * of_half for j in range(counts[1])], axis=-1)


def weights_of_carry(xp: Any, carry: Any, count: int) -> Any:
    """Return how much of each of these columns x carried over has: Chebyshev polynomials of the root of carry."""
    return chebyshev(xp, 2.0 * xp.sqrt(carry) - 1.0, count)


def chebyshev(xp: Any, place: Any, count: int) -> Any:
    """Return Chebyshev's polynomials at a place from -1 to 1."""
    inside = xp.minimum(xp.maximum(place, -1.0), 1.0)
    found = [1.0 + 0.0 * inside, inside]
    while len(found) < count:
        found.append(2.0 * inside * found[-1] - found[-2])
    return xp.stack(found, axis=-1)


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


_CARRIED: tuple[Callable[..., Any], ...] = (
    level_rows, parabola, spline, rising, saturating, carried_over, left_over, saturating_later, chebyshev,
    weights_of_half, weights_of_carry, weights_of_half_and_carry, change, pairs, commonest, shares,
)  # fmt: skip


def carried_by(text: str) -> str:
    """Return those of these functions that a text calls, as text, with those that they call."""
    wanted: list[Callable[..., Any]] = []
    for function in reversed(_CARRIED):
        said = text + "".join(inspect.getsource(one) for one in wanted)
        if f"{function.__name__}(" in said:
            wanted.append(function)
    # ``commonest`` stands behind ``pairs``, which calls it, and ``spline`` before ``rising``.
    wanted += [behind for one, behind in ((pairs, commonest), (rising, spline)) if one in wanted]
    return "\n\n".join(inspect.getsource(function) for function in _CARRIED if function in wanted)
