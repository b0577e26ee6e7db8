"""Regressions that bend: what is left of a column once others are known in whatever form.

Every number enters by a line, a cubic B-spline on its quantiles, steps at its deciles and an indicator for
each value that over 5 % of the rows have (zeros, limits); a category by its levels; and products of the two,
so that what acts differently by group is seen. The coefficients are those of ridge regression, the line all
but free, with the penalty that predicts left-out rows best. So the fit is never worse than a straight line by
much, and what is left of a row comes from a regression that has not seen the row: a product of two such
leftovers has mean zero where nothing links them, even where each regression is only roughly right
(Shah & Peters 2020, theorem 6).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline

__all__ = [
    "Column",
    "Design",
    "column_basis",
    "design_of",
]

FloatArray = NDArray[np.float64]

_SPLINE = 8
_ROWS_A_STEP = 25
_MOST_STEPS = 40
_SPIKE = 0.05
_MOST_SPIKES = 8
_LINE = 100.0  # how much less the line is penalised, as a factor on its column
_STEPS = 60  # of all numbers together
_PRODUCTS = 100
_CELLS = 64
_ROWS_A_CELL = 5
_FLAT = 1e-9


@dataclass(frozen=True, eq=False)
class Column:
    """One column's basis.

    Parameters
    ----------
    name : str
    line : array, shape (N, a)
        The column itself, or of a category its levels but the first; centred and scaled.
    curve : array, shape (N, b)
        Its splines and spikes; empty for a category.
    steps : array, shape (N, c)
        Its steps, from low to high; empty for a category.
    smooth : int
        How many of ``curve`` are splines; the first ones.
    discrete : bool
    codes : array, shape (N,) or None
        The levels' codes of a category.
    """

    name: str
    line: FloatArray
    curve: FloatArray
    steps: FloatArray
    smooth: int
    discrete: bool
    codes: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class Design:
    """The regressors of a set of columns, shape (N, k), without an intercept; each scaled for a common penalty."""

    matrix: FloatArray

    @property
    def rows(self) -> int:
        """N."""
        return len(self.matrix)


def column_basis(name: str, values: FloatArray, levels: int = 0) -> Column:
    """Return the basis of one column.

    Parameters
    ----------
    name : str
    values : array, shape (N,)
        On its working scale; codes 0 … levels - 1 of a category.
    levels : int
        0 for a number.
    """
    if levels:
        codes = (values[:, None] == np.arange(1, levels)).astype(np.float64)
        return Column(name, _scaled(codes), np.empty((len(values), 0)), np.empty((len(values), 0)), 0, True, values)
    distinct = np.unique(values)
    # Ranks would do for what is far out; the line keeps the values as they are.
    spline = _splines(values) if len(distinct) > 4 else np.empty((len(values), 0))
    knots = np.unique(np.quantile(values, _shares(len(values))))
    steps = (values[:, None] > knots[knots < distinct[-1]]).astype(np.float64)
    curve = np.concatenate([spline, _spikes(values, distinct)], axis=1)
    kept = curve.std(axis=0) > _FLAT
    smooth = int(kept[: spline.shape[1]].sum())
    return Column(name, _scaled(values[:, None]), _scaled(curve[:, kept]), _scaled(steps), smooth, False)


def _shares(rows: int) -> FloatArray:
    """Return where the steps are: deciles, and finer where the rows tell more finely where a threshold is."""
    steps = int(np.clip(rows // _ROWS_A_STEP, 10, _MOST_STEPS))
    return np.arange(1, steps) / steps


def _splines(values: FloatArray) -> FloatArray:
    """Return the cubic B-splines on quantiles, shape (N, 8 or fewer)."""
    inner = np.unique(np.quantile(values, np.linspace(0, 1, _SPLINE - 2)))
    if len(inner) < 3:
        return np.empty((len(values), 0))
    knots = np.concatenate([[inner[0]] * 3, inner, [inner[-1]] * 3])
    clipped = np.clip(values, inner[0], inner[-1])
    return np.asarray(BSpline.design_matrix(clipped, knots, 3).toarray(), dtype=np.float64)


def _spikes(values: FloatArray, distinct: FloatArray) -> FloatArray:
    """Return an indicator for each value that many rows have, where it is not nearly all of them."""
    if len(distinct) == len(values):
        return np.empty((len(values), 0))
    many = np.bincount(np.searchsorted(distinct, values)) / len(values)
    often = np.flatnonzero((many > _SPIKE) & (many < 1 - _SPIKE))
    often = often[np.argsort(-many[often], kind="stable")][:_MOST_SPIKES]
    return (values[:, None] == distinct[often]).astype(np.float64)


def _scaled(columns: FloatArray) -> FloatArray:
    centred = columns - columns.mean(axis=0)
    size = centred.std(axis=0)
    return np.asarray(centred / np.where(size > _FLAT, size, 1.0))


def design_of(
    columns: Sequence[Column], rows: int, straight: str | None = None, crossed: Collection[frozenset[str]] = ()
) -> Design:
    """Return the regressors of several columns together, shape (N, k).

    ``crossed`` are pairs of columns whose product is known to count: it is as free as the lines.

    The column named ``straight`` bends nothing: a number acts in a line, which may differ by category; a
    category acts alike on all, without products.

    Categories alone enter by every combination of their levels where the rows suffice (five a
    combination); else products are those of categories with each other and with the splines of
    numbers, and of numbers with each other in a line: the simpler ones only where they would be many.
    """
    if not columns:
        return Design(np.empty((rows, 0)))
    table = _combinations(columns, rows) if straight is None else None
    if table is not None:
        return Design(table * _LINE)
    known = [_crossed(a, b) for a, b in combinations(columns, 2) if frozenset((a.name, b.name)) in crossed]
    line = np.concatenate([*(column.line for column in columns), *known], axis=1) * _LINE
    bending = [column for column in columns if column.name != straight]
    curves = [column.curve for column in bending]
    meeting = [column for column in columns if column.name != straight or not column.discrete]
    products = _products([_as_line(column) if column.name == straight else column for column in meeting], rows)
    return Design(np.concatenate([line, *curves, *_steps(bending), *products], axis=1))


def _crossed(a: Column, b: Column) -> FloatArray:
    return _scaled((a.line[:, :, None] * b.line[:, None, :]).reshape(len(a.line), -1))


def _as_line(column: Column) -> Column:
    return replace(column, curve=column.curve[:, :0], smooth=0)


def _steps(columns: Sequence[Column]) -> list[FloatArray]:
    """Return the steps of each number, as fine as there is room for among all."""
    numbers = [column.steps for column in columns if column.steps.shape[1]]
    if not numbers:
        return []
    each = _STEPS // len(numbers)
    found = []
    for steps in numbers:
        many = min(each, steps.shape[1])
        if many:
            found.append(
                steps[:, np.linspace(0, steps.shape[1] - 1, many + 2).round().astype(np.intp)[1:-1]]
                if many < steps.shape[1]
                else steps
            )
    return found


def _combinations(columns: Sequence[Column], rows: int) -> FloatArray | None:
    if not all(column.discrete for column in columns):
        return None
    cells = int(np.prod([column.line.shape[1] + 1 for column in columns]))
    if cells > min(_CELLS, rows // _ROWS_A_CELL):
        return None
    code = np.zeros(rows)
    for column in columns:
        assert column.codes is not None
        code = code * (column.line.shape[1] + 1) + column.codes
    table = (code[:, None] == np.arange(1, cells)).astype(np.float64)
    return _scaled(table[:, table.any(axis=0)])


def _products(columns: Sequence[Column], rows: int) -> list[FloatArray]:
    """Return what the products of pairs add, the richer form first as long as there is room."""
    room = min(_PRODUCTS, rows // 2)
    for rich in (True, False):
        found = []
        for a, b in combinations(columns, 2):
            left = a.line if a.discrete or not (rich and b.discrete) else _bent(a)
            right = b.line if b.discrete or not (rich and a.discrete) else _bent(b)
            found.append((left[:, :, None] * right[:, None, :]).reshape(rows, -1))
        if sum(part.shape[1] for part in found) <= room:
            return [_scaled(part) for part in found]
    return []


def _bent(column: Column) -> FloatArray:
    return np.concatenate([column.line, column.curve[:, : column.smooth]], axis=1)
