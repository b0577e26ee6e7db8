"""What can be chosen: levers with bounds or a set of values, their costs, a budget and further limits.

All limits are linear, so that what may be chosen is a polytope (of which a lever with a set of values takes slices).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.decide.formula import Binary, Call, Formula, Name, Negation, Number, evaluate, names_of
from core.decide.reading import FormulaError, parse_formula
from core.errors import UsageError
from core.words import joined, number

__all__ = ["BUDGET", "MOST_LEVERS", "Lever", "Levers", "Limit", "parse_limits"]

FloatArray = NDArray[np.float64]

MOST_LEVERS = 12
BUDGET = "the budget"
_SLACK = 1e-9  # of a lever's range: what counts as on a limit, and not over it


@dataclass(frozen=True)
class Lever:
    """One column that can be set.

    Attributes
    ----------
    name : str
    low, high : float
        Between which it may be set, in its own units; both included.
    values : tuple of float
        What it may be set to, ascending, where that is not everything between: 0 and 1, or whole numbers.
    cost : float
        Of one unit of it, in units of the outcome.
    now : float, optional
        Where it stands today: in the data, on average.
    seen : (float, float), optional
        Between which 98 % of rows lie in the data.
    label : str
        What sentences call it; its name unless given.
    """

    name: str
    low: float
    high: float
    values: tuple[float, ...] = ()
    cost: float = 0.0
    now: float | None = None
    seen: tuple[float, float] | None = None
    label: str = ""

    def __post_init__(self) -> None:
        if not math.isfinite(self.low) or not math.isfinite(self.high) or not math.isfinite(self.cost):
            raise UsageError(
                f"the bounds or the cost of {self.name!r} are no numbers", place=self.name, hint="Give finite numbers."
            )
        if self.low > self.high:
            raise UsageError(
                f"{self.name!r} has its lower bound, {number(self.low)}, above its upper one, {number(self.high)}",
                place=self.name,
                hint=f"Write the smaller number first: {self.name}={number(self.high)}:{number(self.low)}.",
            )
        if self.values:
            inside = sorted({float(v) for v in self.values if self.low <= v <= self.high})
            if not inside:
                shown = joined(number(v) for v in self.values[:8])
                hint = f"It can take {shown}: widen its bounds."
                raise UsageError(f"{self.name!r} cannot be set to anything", place=self.name, hint=hint)
            object.__setattr__(self, "values", tuple(inside))
        elif self.low == self.high:
            object.__setattr__(self, "values", (float(self.low),))

    @property
    def said(self) -> str:
        """What sentences call it."""
        return self.label or self.name

    @property
    def width(self) -> float:
        """The range that it may be set over, in its own units; 1 where there is only one value."""
        return self.high - self.low or 1.0


@dataclass(frozen=True)
class Limit:
    """``sum of coefficients * levers <= most``, with the words that it was given in."""

    coefficients: tuple[float, ...]
    most: float
    words: str


@dataclass(frozen=True)
class Levers:
    """All that can be chosen, and within which limits.

    Attributes
    ----------
    all : tuple of Lever
        At least one, their names all different.
    budget : float, optional
        The most that sum of cost times lever may come to; where no lever has a cost, the sum of the levers.
    limits : tuple of Limit
        Beside the budget.
    """

    all: tuple[Lever, ...]
    budget: float | None = None
    limits: tuple[Limit, ...] = ()
    bounds: tuple[Limit, ...] = field(init=False)

    def __post_init__(self) -> None:
        names = self.names
        if not names:
            raise UsageError("there is nothing to choose", hint="Name a lever and its bounds: --choose ads=0:9.")
        if len(set(names)) < len(names):
            raise UsageError("a lever is given twice", place=", ".join(names), hint="Give each lever once.")
        if len(names) > MOST_LEVERS:
            raise UsageError(f"{len(names)} levers are too many", hint=f"Choose among {MOST_LEVERS} at most.")
        if self.budget is not None and not math.isfinite(self.budget):
            raise UsageError("the budget is no number", hint="Give a finite number.")
        own = () if self.budget is None else (Limit(tuple(self.prices), self.budget, BUDGET),)
        object.__setattr__(self, "bounds", (*own, *self.limits))

    @property
    def names(self) -> tuple[str, ...]:
        """The levers' names, in the order of an action's columns."""
        return tuple(lever.name for lever in self.all)

    @property
    def today(self) -> FloatArray:
        """What is done today, shape (1, L), where that is known and allowed; else of no rows."""
        now = np.array([[np.nan if lever.now is None else lever.now for lever in self.all]])
        return now if np.isfinite(now).all() and self.allows(now)[0] else now[:0]

    @property
    def prices(self) -> FloatArray:
        """What a unit of each takes of the budget, shape (L,)."""
        costs = np.array([lever.cost for lever in self.all])
        return costs if costs.any() else np.ones(len(costs))

    def cost(self, actions: FloatArray) -> FloatArray:
        """Return what actions, shape (A, L), cost: shape (A,), 0 where no lever has a cost."""
        return np.asarray(actions @ np.array([lever.cost for lever in self.all]), dtype=np.float64)

    def rows(self) -> tuple[FloatArray, FloatArray]:
        """Return all limits and bounds as ``G x <= h`` of actions in units of each lever's range from its lower bound.

        Returns
        -------
        G : array, shape (M, L)
            Each row of length 1; the bounds are its last 2 L rows: upper ones, then lower ones.
        h : array, shape (M,)
        """
        low = np.array([lever.low for lever in self.all])
        width = np.array([lever.width for lever in self.all])
        found, most = [], []
        for limit in self.bounds:
            row = np.array(limit.coefficients) * width
            length = float(np.linalg.norm(row))
            rest = limit.most - float(np.array(limit.coefficients) @ low)
            if length > 0:
                found.append(row / length)
                most.append(rest / length)
            elif rest < 0:
                raise UsageError("no choice meets this limit", place=limit.words, hint="Loosen it, or take it out.")
        eye = np.eye(len(self.all))
        tops = np.array([(lever.high - lever.low) / lever.width for lever in self.all])
        return np.vstack([*found, eye, -eye]), np.concatenate([most, tops, np.zeros(len(self.all))])

    def allows(self, actions: FloatArray) -> NDArray[np.bool_]:
        """Return which actions, shape (A, L), meet every bound, limit and set of values: shape (A,)."""
        g, h = self.rows()
        good = np.asarray((self.unit(actions) @ g.T <= h + _SLACK).all(axis=1))
        for column, lever in enumerate(self.all):
            if lever.values:
                good &= np.isin(actions[:, column], lever.values)
        return good

    def unit(self, actions: FloatArray) -> FloatArray:
        """Return actions, shape (A, L), in units of each lever's range from its lower bound."""
        low = np.array([lever.low for lever in self.all])
        return np.asarray((actions - low) / np.array([lever.width for lever in self.all]), dtype=np.float64)

    def own(self, unit: FloatArray) -> FloatArray:
        """Return the actions of :meth:`unit` in the levers' own units, on their values where they have some.

        Bounds are met to the last digit; limits need not be, where a lever was moved to a value.
        """
        actions = np.empty_like(unit)
        for column, lever in enumerate(self.all):
            values = np.clip(lever.low + unit[:, column] * lever.width, lever.low, lever.high)
            if lever.values:
                allowed = np.array(lever.values)
                values = allowed[np.abs(values[:, None] - allowed).argmin(axis=1)]
            actions[:, column] = values
        return actions

    def named(self, action: FloatArray) -> dict[str, float]:
        """Return one action, shape (L,), by the levers' names."""
        return {name: float(value) for name, value in zip(self.names, action, strict=True)}


# -- limits that were typed ---------------------------------------------------------------


def parse_limits(text: str, names: Sequence[str]) -> tuple[Limit, ...]:
    """Read what is typed after ``--limit``: ``tv + radio <= 10``, several joined by ``and``.

    Parameters
    ----------
    text : str
    names : sequence of str
        Of the levers, in the order of an action's columns.

    Raises
    ------
    FormulaError
        For what is no comparison, or not linear in the levers.
    """
    return tuple(_limits(parse_formula(text, names, "limit"), text, names))


def _limits(formula: Formula, text: str, names: Sequence[str]) -> list[Limit]:
    if isinstance(formula, Binary) and formula.sign == "and":
        return [*_limits(formula.left, text, names), *_limits(formula.right, text, names)]
    if not isinstance(formula, Binary) or formula.sign not in ("<", ">", "<=", ">="):
        raise FormulaError("a limit is a comparison", text, 0, hint="Write it as tv + radio <= 10.", what="limit")
    less, more = (formula.left, formula.right) if formula.sign in ("<", "<=") else (formula.right, formula.left)
    left, right = _linear(less, text), _linear(more, text)
    coefficients = tuple(left.get(name, 0.0) - right.get(name, 0.0) for name in names)
    return [Limit(coefficients, right.get("", 0.0) - left.get("", 0.0), text)]


def _linear(formula: Formula, text: str) -> dict[str, float]:
    """Return the coefficient of each name, and the constant under the empty name."""
    if not set(names_of(formula)):
        return {"": _constant(formula, text)}
    match formula:
        case Name(name):
            return {name: 1.0}
        case Negation(part):
            return _scaled(_linear(part, text), -1.0)
        case Binary("+" | "-" as sign, left, right):
            other = _scaled(_linear(right, text), 1.0 if sign == "+" else -1.0)
            return _added(_linear(left, text), other)
        case Binary("*", left, right) if not set(names_of(left)):
            return _scaled(_linear(right, text), _constant(left, text))
        case Binary("*" | "/" as sign, left, right) if not set(names_of(right)):
            factor = right if sign == "*" else Binary("/", Number(1.0), right)
            return _scaled(_linear(left, text), _constant(factor, text))
        case Binary() | Call() | Number():
            pass
    raise FormulaError(
        "this limit is not linear in the levers",
        text,
        0,
        hint="Only sums of levers times numbers can be limited: tv + 2 * radio <= 10.",
        what="limit",
    )


def _constant(formula: Formula, text: str) -> float:
    value = float(evaluate(formula, {}))
    if not math.isfinite(value):
        raise FormulaError(
            "a number of this limit has no value", text, 0, hint="Look for a division by 0.", what="limit"
        )
    return value


def _scaled(linear: Mapping[str, float], factor: float) -> dict[str, float]:
    return {name: factor * value for name, value in linear.items()}


def _added(left: Mapping[str, float], right: Mapping[str, float]) -> dict[str, float]:
    return {name: left.get(name, 0.0) + right.get(name, 0.0) for name in {**left, **right}}
