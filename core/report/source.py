"""The functions in which families write their densities, as source text (``core.families.namespace``).

What a family says of PyMC's distribution in numpy and PyTensor it says here a third time, with no
word of its own: handed a :class:`Text` for a number, it hands back the text of the expression.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from core.families.namespace import Namespace
from core.model.names import free_name

__all__ = ["SOURCE", "Text", "identifier", "line_of", "number_text", "repeated", "runs", "written"]

# How tightly Python binds, loosest first.
_SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(5)
_SINGLE = 1e37  # beyond this PyTensor tries single precision, and warns of what overflows there


class Text:
    """An expression: its text, and how tightly its outermost operation binds."""

    __array_ufunc__ = None  # numpy's numbers leave operations with it to it

    def __init__(self, text: str, strength: int = _ATOM) -> None:
        self.text, self.strength = text, strength

    def __str__(self) -> str:
        return self.text

    def _inside(self, strength: int) -> str:
        return self.text if self.strength >= strength else f"({self.text})"

    def __add__(self, other: Any) -> Text:
        return _joined(self, "+", other, _SUM)

    def __radd__(self, other: Any) -> Text:
        return _joined(other, "+", self, _SUM)

    def __sub__(self, other: Any) -> Text:
        return _joined(self, "-", other, _SUM)

    def __rsub__(self, other: Any) -> Text:
        return _joined(other, "-", self, _SUM)

    def __mul__(self, other: Any) -> Text:
        return _joined(self, "*", other, _PRODUCT)

    def __rmul__(self, other: Any) -> Text:
        return _joined(other, "*", self, _PRODUCT)

    def __truediv__(self, other: Any) -> Text:
        return _joined(self, "/", other, _PRODUCT)

    def __rtruediv__(self, other: Any) -> Text:
        return _joined(other, "/", self, _PRODUCT)

    def __matmul__(self, other: Any) -> Text:
        return _joined(self, "@", other, _PRODUCT)

    def __pow__(self, other: Any) -> Text:
        return Text(f"{self._inside(_ATOM)} ** {_text(other)._inside(_SIGN)}", _POWER)

    def __neg__(self) -> Text:
        return Text(f"-{self._inside(_SIGN)}", _SIGN)

    def __getitem__(self, key: Any) -> Text:
        parts = key if isinstance(key, tuple) else (key,)
        return Text(f"{self._inside(_ATOM)}[{', '.join(map(_key, parts))}]")


def _joined(left: Any, sign: str, right: Any, strength: int) -> Text:
    """Return a sum or product; the right part is bracketed if it is one of the same strength."""
    return Text(f"{_text(left)._inside(strength)} {sign} {_text(right)._inside(strength + 1)}", strength)


def _text(value: Any) -> Text:
    if isinstance(value, Text):
        return value
    if isinstance(value, list):
        return Text(f"[{', '.join(_text(part).text for part in value)}]")
    said = number_text(value)
    return Text(said, _SIGN if said.startswith("-") else _ATOM)


def _key(part: Any) -> str:
    if isinstance(part, slice):
        return ":".join("" if end is None else str(end) for end in (part.start, part.stop))
    return str(part)


def number_text(value: Any) -> str:
    """Return a number to its last digit."""
    if isinstance(value, int | np.integer):
        return str(int(value))
    number = float(value)
    if not np.isfinite(number):
        return f'float("{number}")'
    said = repr(number)
    return f"np.float64({said})" if abs(number) > _SINGLE or 0.0 < abs(number) < 1.0 / _SINGLE else said


def written(values: Any) -> str:
    """Return an array as ``np.array``, a row a line where it is long."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim < 2:
        return f"np.array([{', '.join(number_text(value) for value in array)}])"
    rows = [f"[{', '.join(number_text(value) for value in row)}]" for row in array]
    short = f"np.array([{', '.join(rows)}])"
    return short if len(short) < 90 else "np.array([\n" + "".join(f"    {row},\n" for row in rows) + "])"


def runs(values: Sequence[float]) -> tuple[list[float], list[int]]:
    """Return the values that stand one after another, and how often each does."""
    found: list[tuple[float, int]] = []
    for value in values:
        if found and found[-1][0] == value:
            found[-1] = value, found[-1][1] + 1
        else:
            found.append((value, 1))
    return [value for value, _ in found], [count for _, count in found]


def repeated(values: Sequence[float]) -> str:
    """Return numbers as a person would write them: one where all are the same, else each and how often."""
    each, counts = runs(values)
    if len(each) == 1:
        return number_text(each[0])
    if 2 * len(each) > len(values):
        return written(values)
    return f"np.repeat([{', '.join(number_text(value) for value in each)}], {counts})"


def identifier(name: str, taken: Collection[str]) -> str:
    """Return a name that Python takes, near to ``name``, and none of ``taken``."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"\W+", "_", plain).strip("_")[:40] or "column"
    if plain[0].isdigit():
        plain = f"x{plain}"
    return free_name(plain, {*taken, *keyword.kwlist, *dir(builtins)})


def line_of(text: str) -> str:
    """Return a text as it can stand in a comment: on one line, and nothing in it that does not show."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _call(name: str) -> Callable[..., Any]:
    return lambda *values: Text(f"{name}({', '.join(_text(value).text for value in values)})")


class _Source:
    """PyTensor's, by name (``core.model.tensors``)."""

    exp = staticmethod(_call("pt.exp"))
    expm1 = staticmethod(_call("pt.expm1"))
    log = staticmethod(_call("pt.log"))
    log1p = staticmethod(_call("pt.log1p"))
    sqrt = staticmethod(_call("pt.sqrt"))
    minimum = staticmethod(_call("pt.minimum"))
    maximum = staticmethod(_call("pt.maximum"))
    eq = staticmethod(_call("pt.eq"))
    where = staticmethod(_call("pt.switch"))
    ones_like = staticmethod(_call("pt.ones_like"))
    gammaln = staticmethod(_call("pt.gammaln"))
    betaln = staticmethod(_call("pt.betaln"))
    expit = staticmethod(_call("pt.sigmoid"))
    log_ndtr = staticmethod(_call("log_ndtr"))  # which a script carries with it

    @staticmethod
    def log_expit(z: Any) -> Any:
        """Return log(expit(z))."""
        return -_call("pt.softplus")(-z)

    @staticmethod
    def ndtr(z: Any) -> Any:
        """Return the Normal distribution function, in double precision."""
        return 0.5 * _call("pt.erfc")(-z / Text("np.sqrt(2.0)"))

    @staticmethod
    def logaddexp(a: Any, b: Any) -> Any:
        """Return log(exp(a) + exp(b))."""
        return b + _call("pt.softplus")(a - b)

    @staticmethod
    def changed(values: Any, condition: Any, change: Callable[[Any], Any]) -> Any:
        """See :meth:`Namespace.changed`."""
        return _call("pt.switch")(condition, change(values), values)

    @staticmethod
    def log_softmax(z: Any) -> Any:
        """See :meth:`Namespace.log_softmax`."""
        return Text(f"pt.special.log_softmax({z}, axis=-1)")

    @staticmethod
    def pick(values: Any, place: Any) -> Any:
        """See :meth:`Namespace.pick`."""
        return values[Text(f"pt.arange({place}.shape[0])"), place]

    @staticmethod
    def concatenate(parts: Sequence[Any]) -> Any:
        """See :meth:`Namespace.concatenate`."""
        return Text(f"pt.concatenate({_text(list(parts))}, axis=-1)")


SOURCE: Namespace = _Source()
