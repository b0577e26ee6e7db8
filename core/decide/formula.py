"""A typed formula as a tree: how it is computed, and how it is written.

The tree is made by :mod:`core.decide.reading` and by nothing else that a user can reach. Comparisons, ``and``, ``or``
and ``not`` give 0 or 1; anything but 0 is true. NaN (an outcome that overflowed, the logarithm of a negative number)
stays NaN through all of them: a comparison would else turn what is not known into "no".
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ARITY",
    "WORD",
    "Binary",
    "Call",
    "Formula",
    "Name",
    "Negation",
    "Not",
    "Number",
    "evaluate",
    "is_affine",
    "is_condition",
    "names_of",
    "renamed",
    "written",
]

FloatArray = NDArray[np.float64]

#: A name that needs no quotes.
WORD = r"[^\W\d]\w*"
#: What can be called, with the fewest and the most arguments.
ARITY = {
    "min": (2, 16),
    "max": (2, 16),
    "abs": (1, 1),
    "log": (1, 1),
    "exp": (1, 1),
    "sqrt": (1, 1),
    "clip": (3, 3),
    "if": (3, 3),
}


@dataclass(frozen=True)
class Number:
    """A number that was typed: finite, not negative."""

    value: float


@dataclass(frozen=True)
class Name:
    """A column, by its name."""

    name: str


@dataclass(frozen=True)
class Negation:
    """``-x``."""

    part: "Formula"


@dataclass(frozen=True)
class Not:
    """``not x``."""

    part: "Formula"


@dataclass(frozen=True)
class Binary:
    """``left sign right``; the sign is one of ``+ - * / ^ < > <= >= and or``."""

    sign: str
    left: "Formula"
    right: "Formula"


@dataclass(frozen=True)
class Call:
    """A function of :data:`ARITY`, called."""

    function: str
    arguments: tuple["Formula", ...]


Formula = Number | Name | Negation | Not | Binary | Call


# -- computing ----------------------------------------------------------------------------


def evaluate(formula: Formula, columns: Mapping[str, FloatArray]) -> FloatArray:
    """Compute a formula.

    Parameters
    ----------
    formula : Formula
    columns : mapping of str to array
        The values of every name, of shapes that broadcast together.

    Returns
    -------
    array
        Of the shape to which those of the names in it broadcast; NaN or infinite where it has no value.
    """
    with np.errstate(all="ignore"):
        return np.asarray(_value(formula, columns), dtype=np.float64)


def _value(formula: Formula, columns: Mapping[str, FloatArray]) -> Any:
    match formula:
        case Number(value):
            return np.float64(value)
        case Name(name):
            return columns[name]
        case Negation(part):
            return -_value(part, columns)
        case Not(part):
            x = _value(part, columns)
            return _known(x == 0, x)
        case Binary(sign, left, right):
            return _joined(sign, _value(left, columns), _value(right, columns))
        case Call(function, arguments):
            return _called(function, [_value(part, columns) for part in arguments])


def _known(answer: Any, *parts: Any) -> Any:
    """Return 0 or 1, and NaN wherever one of the parts is."""
    unknown = reduce(np.logical_or, [np.isnan(part) for part in parts])
    return np.where(unknown, np.nan, np.asarray(answer, dtype=np.float64))


def _joined(sign: str, x: Any, y: Any) -> Any:
    match sign:
        case "+":
            return x + y
        case "-":
            return x - y
        case "*":
            return x * y
        case "/":
            return np.divide(x, y)
        case "^":
            return np.power(x, y)
        case "<":
            return _known(x < y, x, y)
        case ">":
            return _known(x > y, x, y)
        case "<=":
            return _known(x <= y, x, y)
        case ">=":
            return _known(x >= y, x, y)
        case "and":
            return _known((x != 0) & (y != 0), x, y)
        case _:
            return _known((x != 0) | (y != 0), x, y)


def _called(function: str, parts: list[Any]) -> Any:
    match function:
        case "min":
            return reduce(np.minimum, parts)
        case "max":
            return reduce(np.maximum, parts)
        case "abs":
            return np.abs(parts[0])
        case "log":
            return np.log(parts[0])
        case "exp":
            return np.exp(parts[0])
        case "sqrt":
            return np.sqrt(parts[0])
        case "clip":
            return np.minimum(np.maximum(parts[0], parts[1]), parts[2])
        case _:
            # The branch that is not taken may have no value: if(x > 0, log(x), 0).
            return np.where(np.isnan(parts[0]), np.nan, np.where(parts[0] != 0, parts[1], parts[2]))


def names_of(formula: Formula) -> Iterator[str]:
    """Yield the names in a formula, from left to right, repeated as they are."""
    match formula:
        case Name(name):
            yield name
        case Negation(part) | Not(part):
            yield from names_of(part)
        case Binary(_, left, right):
            yield from names_of(left)
            yield from names_of(right)
        case Call(_, arguments):
            for part in arguments:
                yield from names_of(part)


def is_affine(formula: Formula, name: str) -> bool:
    """Return whether a formula is a line in one name, whatever else stands in it.

    Then its mean is its value at the mean of that name, as long as all else is the same.
    """
    if name not in set(names_of(formula)):
        return True
    match formula:
        case Name():
            return True
        case Negation(part):
            return is_affine(part, name)
        case Binary("+" | "-", left, right):
            return is_affine(left, name) and is_affine(right, name)
        case Binary("*", left, right):
            both = name in set(names_of(left)) and name in set(names_of(right))
            return not both and is_affine(left, name) and is_affine(right, name)
        case Binary("/", left, right):
            return is_affine(left, name) and name not in set(names_of(right))
        case _:
            return False


def is_condition(formula: Formula) -> bool:
    """Return whether a formula is yes or no, 1 or 0, whatever its names stand for."""
    match formula:
        case Not() | Binary("<" | ">" | "<=" | ">=" | "and" | "or", _, _):
            return True
        case _:
            return False


def renamed(formula: Formula, names: Mapping[str, str]) -> Formula:
    """Return a formula with other names in it, such as the words that people have for columns."""
    match formula:
        case Name(name):
            return Name(names.get(name, name))
        case Negation(part):
            return Negation(renamed(part, names))
        case Not(part):
            return Not(renamed(part, names))
        case Binary(sign, left, right):
            return Binary(sign, renamed(left, names), renamed(right, names))
        case Call(function, arguments):
            return Call(function, tuple(renamed(part, names) for part in arguments))
        case Number():
            return formula


# -- writing ------------------------------------------------------------------------------

#: How tightly each binds; what binds less tightly than its place stands in parentheses.
_TIGHT = {"or": 1, "and": 2, "<": 4, ">": 4, "<=": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "^": 8}
_NOT, _MINUS, _ATOM = 3, 7, 9


def written(formula: Formula) -> str:
    """Return the text of a formula, which reads back as the same tree."""
    return _text(formula, 0)


def _text(formula: Formula, least: int) -> str:
    text, tight = _bare(formula)
    return f"({text})" if tight < least else text


def _bare(formula: Formula) -> tuple[str, int]:
    match formula:
        case Number(value):
            return (f"{value:.0f}" if value == int(value) and value < 1e15 else repr(float(value))), _ATOM
        case Name(name):
            return _named(name), _ATOM
        case Negation(part):
            return f"-{_text(part, _MINUS)}", _MINUS
        case Not(part):
            return f"not {_text(part, _NOT)}", _NOT
        case Call(function, arguments):
            return f"{function}({', '.join(_text(part, 0) for part in arguments)})", _ATOM
        case Binary(sign, left, right):
            tight = _TIGHT[sign]
            if sign == "^":  # a power's exponent takes a minus, its base does not; 2^3^2 is 2^(3^2)
                return f"{_text(left, _ATOM)}^{_text(right, _MINUS)}", tight
            comparing = sign in ("<", ">", "<=", ">=")  # a < b < c is refused, so both sides are closed
            return f"{_text(left, tight + comparing)} {sign} {_text(right, tight + 1)}", tight


def _named(name: str) -> str:
    plain = re.fullmatch(WORD, name) and name not in ARITY and name not in ("and", "or", "not")
    return name if plain else "`" + name.replace("`", "``") + "`"
