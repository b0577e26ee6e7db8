"""What an outcome is worth: a formula of the outcome and the levers, computed for each draw and averaged over rows.

    u[h, a, s] = mean over r of U(y[h, a, s, r], action a)

The utility is computed before the mean over rows is taken: the share of rows over a threshold is not whether their mean
is over it.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.decide.formula import Binary, Formula, Name, Negation, Number, evaluate, names_of, written
from core.decide.levers import Levers
from core.decide.reading import FormulaError, parse_formula
from core.errors import ModelError

__all__ = ["COST", "Outcomes", "Utility", "Worth", "utility_of", "worth"]

FloatArray = NDArray[np.float64]

COST = "cost"  # what an action costs, in a formula; a column of that name goes before it
_MOST = 4_000_000  # outcomes computed at a time


class Outcomes(Protocol):
    """What actions bring: whoever simulates hypotheses offers this."""

    def __call__(self, actions: FloatArray, /) -> FloatArray:
        """Return drawn outcomes, shape (H, A, S, R), of actions, shape (A, L), the levers' values in their own units.

        By hypothesis, action, posterior draw and row, in units of the outcome; NaN where one overflowed. Draws, rows
        and noise are the same for every action (common random numbers), whichever others are asked for with it.
        """
        ...


@dataclass(frozen=True)
class Utility:
    """What is to be made large.

    Attributes
    ----------
    formula : Formula
    outcome : str
        The column whose draws are the outcomes.
    """

    formula: Formula
    outcome: str

    def __str__(self) -> str:
        return written(self.formula)


@dataclass(frozen=True)
class Worth:
    """What actions are worth.

    Attributes
    ----------
    values : array, shape (H, A, S)
        Utility by hypothesis, action and draw, averaged over rows.
    chance : array, shape (H, A)
        The variance of utility between rows of one draw, averaged over draws: what the world does at random.
    """

    values: FloatArray
    chance: FloatArray


def utility_of(text: str | None, outcome: str, levers: Levers) -> Utility:
    """Read a typed utility; without one it is the outcome less what the action costs.

    Parameters
    ----------
    text : str, optional
        A formula of the outcome, the levers and ``cost``. Costs are taken off only where it says so.
    outcome : str
    levers : Levers

    Raises
    ------
    FormulaError
        Where it cannot be read, or names nothing that an action changes.
    """
    if text is not None and text.strip():
        formula = parse_formula(text, [outcome, *levers.names, COST])
        if not set(names_of(formula)):
            raise FormulaError(
                "this utility is the same whatever is done", text, 0, hint=f"Name the outcome: {outcome} > 100."
            )
        return Utility(formula, outcome)
    formula = Name(outcome)
    for lever in levers.all:
        if lever.cost:
            price = Number(lever.cost) if lever.cost > 0 else Negation(Number(-lever.cost))
            formula = Binary("-", formula, Binary("*", price, Name(lever.name)))
    return Utility(formula, outcome)


def worth(outcomes: Outcomes, utility: Utility, levers: Levers, actions: FloatArray, *, settled: bool = False) -> Worth:
    """Return what actions, shape (A, L), are worth, computed in batches that fit into memory.

    With ``settled`` the draws spread about their mean as they would over endlessly many rows: what the noise of so few
    adds to their variance is taken out. It is that of what is left of single rows less their draw's and their row's
    mean, over R (the components of a two-way layout; Searle, Casella & McCulloch 1992, chapter 4).

    Raises
    ------
    ModelError
        Where the outcomes are not of the shape (H, A, S, R).
    """
    values: list[FloatArray] = []
    chance: list[FloatArray] = []
    start, size = 0, 1
    while start < len(actions):
        some = actions[start : start + size]
        drawn = np.asarray(outcomes(some), dtype=np.float64)
        if drawn.ndim != 4 or drawn.shape[1] != len(some) or not drawn.size:
            raise ModelError(
                f"outcomes of {len(some)} actions have the shape {drawn.shape}",
                place="outcomes",
                hint="They are by hypothesis, action, draw and row.",
            )
        columns = {COST: levers.cost(some)[None, :, None, None]}
        columns |= {name: some[:, i][None, :, None, None] for i, name in enumerate(levers.names)}
        columns[utility.outcome] = drawn
        each = np.broadcast_to(evaluate(utility.formula, columns), drawn.shape)
        with np.errstate(all="ignore"):
            values.append(_settled(each) if settled else each.mean(axis=3))
            chance.append(each.var(axis=3).mean(axis=2))
        start += size
        size = max(1, int(_MOST * len(some) / drawn.size))
    return Worth(np.concatenate(values, axis=1), np.concatenate(chance, axis=1))


def _settled(each: FloatArray) -> FloatArray:
    """Return means over rows, shape (H, A, S), of (H, A, S, R), with the spread of endless rows."""
    means = each.mean(axis=3)
    if each.shape[3] < 2:
        return means
    centre = means.mean(axis=2, keepdims=True)
    left = each - means[..., None] - each.mean(axis=2, keepdims=True) + centre[..., None]
    noise = left.var(axis=(2, 3)) / (each.shape[3] - 1)
    total = means.var(axis=2)
    share = np.sqrt(np.maximum(0.0, 1.0 - noise / np.where(total > 0, total, np.inf)))
    return np.asarray(centre + share[..., None] * (means - centre), dtype=np.float64)
