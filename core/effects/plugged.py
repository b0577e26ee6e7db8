"""A formula of the ID algorithm with shares put in: an effect that a graph identifies by no adjustment.

The formula is a sum of products of conditional chances (:mod:`core.graph.expression`). Every one follows from the joint
distribution of the columns that stand in it, which has a Dirichlet posterior: pseudo-counts of one row in all, spread
evenly, as the model's tables have. Each draw of the joint gives a draw of the effect, with no assumption on form.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.effects.bounds import joint_of
from core.effects.responses import MOST_CELLS
from core.errors import NotYetError
from core.graph.expression import Expression, Fraction, Prob, Product, Sum

__all__ = ["columns_of", "plugged"]

FloatArray = NDArray[np.float64]

_ROWS_BEFORE = 1.0  # the equivalent sample size of the tables' prior
_MOST_NUMBERS = 4_000_000


def columns_of(expression: Expression) -> frozenset[str]:
    """Return the columns that stand in a formula, those that it sums over too."""
    match expression:
        case Prob():
            return expression.free
        case Product(factors):
            return frozenset[str]().union(*(columns_of(factor) for factor in factors))
        case Sum(over, body):
            return over | columns_of(body)
        case Fraction(above, below):
            return columns_of(above) | columns_of(below)


def plugged(
    expression: Expression,
    codes: Mapping[str, FloatArray],
    levels: Mapping[str, Sequence[str]],
    treatment: str,
    outcome: str,
    ends: tuple[int, int],
    *,
    draws: int = 1000,
    seed: int = 0,
) -> FloatArray:
    """Return draws of how the chance of each level of the outcome changes, shape (S, K).

    Parameters
    ----------
    expression : Expression
        P(outcome | do(treatment)) in terms of what is observed.
    codes : mapping of str to array, shape (N,)
        Places of levels, at least of the columns of the formula.
    levels : mapping of str to sequence of str
    treatment, outcome : str
    ends : (int, int)
        From which level of the treatment to which.
    draws : int
        Fewer where the columns have many combinations.
    seed : int

    Raises
    ------
    NotYetError
        For more combinations of levels than can be listed.

    Notes
    -----
    A column whose value the formula leaves free, and on which it does not depend, is averaged over.
    """
    names = tuple(sorted(columns_of(expression) | {treatment, outcome}))
    cells = int(np.prod([len(levels[name]) for name in names]))
    if cells > MOST_CELLS:
        raise NotYetError(
            f"the formula has {cells:,} combinations of levels", hint="Join levels, or leave a column out of the graph."
        )
    joint = joint_of(codes, levels, names)
    rows = len(codes[outcome])
    rng = np.random.default_rng([seed, rows, 59])
    many = max(50, min(draws, _MOST_NUMBERS // cells))
    weights = rng.standard_gamma(joint * rows + _ROWS_BEFORE / cells, size=(many, *joint.shape))
    weights /= weights.sum(axis=tuple(range(1, weights.ndim)), keepdims=True)
    found = _value(expression, names, weights)
    found = np.broadcast_to(found, (many, *(_wide(found, name, names, joint) for name in names)))
    kept = (names.index(treatment) + 1, names.index(outcome) + 1)
    rest = tuple(axis for axis in range(1, found.ndim) if axis not in kept)
    both = found.mean(axis=rest)  # (S, treatment, outcome), or the other way round
    both = both if kept[0] < kept[1] else both.swapaxes(1, 2)
    return np.asarray(both[:, ends[1]] - both[:, ends[0]])


def _wide(found: FloatArray, name: str, names: tuple[str, ...], joint: FloatArray) -> int:
    axis = names.index(name)
    return max(found.shape[axis + 1], joint.shape[axis])


def _value(expression: Expression, names: tuple[str, ...], tables: FloatArray) -> FloatArray:
    """Return an expression's value, an axis a name after that of the draws; of length one where it does not depend."""
    match expression:
        case Prob(of, given):
            other = tuple(axis for axis, name in enumerate(names, 1) if name not in of | given)
            above = tables.sum(axis=other, keepdims=True)
            own = tuple(names.index(name) + 1 for name in of)
            return np.asarray(above / above.sum(axis=own, keepdims=True))
        case Product(factors):
            found = np.ones([1] * tables.ndim)
            for factor in factors:
                found = found * _value(factor, names, tables)
            return found
        case Sum(over, body):
            inner = _value(body, names, tables)
            return np.asarray(inner.sum(axis=tuple(names.index(name) + 1 for name in over), keepdims=True))
        case Fraction(above, below):
            return np.asarray(_value(above, names, tables) / _value(below, names, tables))
