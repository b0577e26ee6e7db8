"""A typed formula, read: a small recursive-descent parser. Nothing of the text is ever run as code.

From what binds least to what binds most::

    choice      either or either …
    either      denied and denied …
    denied      not denied | compared
    compared    sum [< > <= >= sum]
    sum         product + - product …
    product     signed * / signed …
    signed      - signed | + signed | power
    power       atom [^ signed]
    atom        number | name | function(choice, …) | (choice)

A name with spaces or signs in it, or one that is also a function's, stands in quotes: ``"tv spend"``, ``'tv spend'`` or
the same between backticks; a quote inside is doubled. How long and how deep a formula may be is bounded.
"""

import difflib
import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from core.decide.formula import ARITY, WORD, Binary, Call, Formula, Name, Negation, Not, Number
from core.errors import FormatError

__all__ = ["LONGEST", "FormulaError", "parse_formula"]

LONGEST = 1000  # characters
_NESTED = 30  # parentheses, minus signs and functions inside one another
_DEEPEST = 200  # of the tree: a sum of 200 parts is as deep as that

_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_WORD = re.compile(WORD)
_SIGNS = ("<=", ">=", "**", "<", ">", "+", "-", "*", "/", "^", "(", ")", ",")
#: What word processors and phones write.
_MEANT = {"−": "-", "–": "-", "×": "*", "·": "*", "÷": "/", "≤": "<=", "≥": ">=", "**": "^"}
_KEYWORDS = ("and", "or", "not")
_CALLS = "min, max, abs, log, exp, sqrt, clip(x, low, high) and if(condition, a, b)"


class FormulaError(FormatError):
    """A formula cannot be read.

    Parameters
    ----------
    message : str
        What is wrong, one sentence.
    text : str
        The formula as it was typed.
    position : int
        Of the character where it goes wrong, from 0.
    hint : str
    what : str
        What the text is: ``"utility"``, ``"limit"``.
    """

    def __init__(self, message: str, text: str, position: int, *, hint: str = "", what: str = "utility") -> None:
        super().__init__(message, place=f"{what}, character {position + 1}", hint=hint)
        self.text = text
        self.position = position
        start = max(0, position - 60)
        line = "".join(c if c.isprintable() else " " for c in text[start : position + 60])
        #: Two lines: the text about there, and a caret below the place.
        self.picture = f"{line}\n{' ' * (position - start)}^"


@dataclass(frozen=True)
class _Token:
    kind: str  # number, name, quoted, sign, end
    text: str
    at: int
    after: int = 0


def parse_formula(text: str, names: Collection[str], what: str = "utility") -> Formula:
    """Read a formula.

    Parameters
    ----------
    text : str
        At most :data:`LONGEST` characters.
    names : collection of str
        What may be named in it.
    what : str
        What errors call the text.

    Raises
    ------
    FormulaError
        For anything that is no formula of these names; it has the place.
    """
    if len(text) > LONGEST:
        raise FormulaError(
            f"this is {len(text):,} characters long", text, LONGEST, hint=f"At most {LONGEST:,} are read.", what=what
        )
    return _Parser(text, names, what).whole()


class _Parser:
    def __init__(self, text: str, names: Collection[str], what: str) -> None:
        self.text, self.names, self.what = text, list(dict.fromkeys(names)), what
        self.tokens = self._tokens()
        self.next = 0
        self.nested = 0
        self.depths: dict[int, int] = {}  # of every tree made, by identity
        self.made: list[Formula] = []  # keeps them alive, so that an identity means one tree

    def refuse(self, message: str, at: int, hint: str = "") -> FormulaError:
        return FormulaError(message, self.text, at, hint=hint or "Write it as sales - 2 * ads.", what=self.what)

    # -- tokens ---------------------------------------------------------------------------

    def _tokens(self) -> list[_Token]:
        found, at = [], 0
        while at < len(self.text):
            if self.text[at].isspace():
                at += 1
                continue
            token = self._token(at)
            found.append(token)
            at = token.after
        return [*found, _Token("end", "", len(self.text), len(self.text))]

    def _token(self, at: int) -> _Token:
        text = self.text
        if text[at] in "\"'`":
            return self._quoted(at)
        if number := _NUMBER.match(text, at):
            if not number[0].isascii():
                raise self.refuse(f"{number[0]!r} is no number here", at, "Write it with the digits 0 to 9.")
            return _Token("number", number[0], at, number.end())
        if word := _WORD.match(text, at):
            return _Token("name", word[0], at, word.end())
        for sign in (*_SIGNS, *_MEANT):
            if text.startswith(sign, at):
                return _Token("sign", _MEANT.get(sign, sign), at, at + len(sign))
        if text[at] in "=!":
            raise self.refuse("equality is not known here", at, "Compare with <, >, <= or >=; for both write and.")
        if text[at] == "%":
            raise self.refuse("a percent sign is not known here", at, "Write 10 % as 0.1.")
        raise self.refuse(
            f"{text[at]!r} means nothing here", at, "Put a name with such a sign in quotes: `sales, in EUR`."
        )

    def _quoted(self, at: int) -> _Token:
        mark, place, name = self.text[at], at + 1, ""
        while True:
            end = self.text.find(mark, place)
            if end < 0:
                raise self.refuse("this quote is not closed", at, f"Close it with {mark}.")
            name += self.text[place:end]
            if not self.text.startswith(mark, end + 1):
                return _Token("quoted", name, at, end + 1)
            name, place = name + mark, end + 2

    # -- grammar --------------------------------------------------------------------------

    @property
    def token(self) -> _Token:
        return self.tokens[self.next]

    def take(self) -> _Token:
        token = self.token
        self.next += token.kind != "end"
        return token

    def has(self, *signs: str) -> bool:
        """Return whether one of these signs or keywords comes next; a column called ``or`` stands in quotes."""
        return self.token.kind in ("sign", "name") and self.token.text in signs

    def whole(self) -> Formula:
        if self.token.kind == "end":
            raise self.refuse("there is no formula", 0)
        formula = self.choice()
        if self.token.kind != "end":
            raise self.unexpected()
        return formula

    def unexpected(self) -> FormulaError:
        token = self.token
        if token.kind == "end":
            return self.refuse("the formula ends too early", token.at, "Something must follow here.")
        if token.text == ")":
            return self.refuse("this ) closes nothing", token.at, "Take it out, or open a ( before.")
        if token.text == ",":
            return self.refuse("a comma parts arguments only", token.at, "Write 1000 without one, 0.5 with a point.")
        if self.has("<", ">", "<=", ">="):
            return self.refuse("two comparisons cannot be chained", token.at, "Write 0 < x and x < 5.")
        before = self.tokens[self.next - 1] if self.next else None
        if before is not None and (before.kind in ("number", "name", "quoted") or before.text == ")"):
            hint = "Put + - * / between them; a name with spaces stands in quotes: `tv spend`."
            return self.refuse(f"there is no sign between {before.text!r} and {token.text!r}", token.at, hint)
        return self.refuse(f"{token.text!r} cannot stand here", token.at)

    def choice(self) -> Formula:
        return self.chain(self.either, "or")

    def either(self) -> Formula:
        return self.chain(self.denied, "and")

    def denied(self) -> Formula:
        if not self.has("not"):
            return self.compared()
        token = self.take()
        return self.inside(token.at, lambda: self.keep(Not(part := self.denied()), token.at, part))

    def compared(self) -> Formula:
        left = self.sum()
        if not self.has("<", ">", "<=", ">="):
            return left
        token = self.take()
        right = self.sum()
        return self.keep(Binary(token.text, left, right), token.at, left, right)

    def sum(self) -> Formula:
        return self.chain(self.product, "+", "-")

    def product(self) -> Formula:
        return self.chain(self.signed, "*", "/")

    def chain(self, part: Callable[[], Formula], *signs: str) -> Formula:
        left = part()
        while self.has(*signs):
            token = self.take()
            right = part()
            left = self.keep(Binary(token.text, left, right), token.at, left, right)
        return left

    def signed(self) -> Formula:
        if self.has("-"):
            token = self.take()
            return self.inside(token.at, lambda: self.keep(Negation(part := self.signed()), token.at, part))
        if self.has("+"):
            return self.inside(self.take().at, self.signed)
        return self.power()

    def power(self) -> Formula:
        base = self.atom()
        if not self.has("^"):
            return base
        token = self.take()
        exponent = self.inside(token.at, self.signed)
        return self.keep(Binary("^", base, exponent), token.at, base, exponent)

    def atom(self) -> Formula:
        token = self.token
        if token.kind == "number":
            return self.number(self.take())
        if self.has("("):
            self.take()
            formula = self.inside(token.at, self.choice)
            self.close(token)
            return formula
        if token.kind == "quoted" or (token.kind == "name" and token.text not in _KEYWORDS):
            self.take()
            if token.kind == "name" and self.has("("):
                return self.call(token)
            return self.keep(Name(self.known(token)), token.at)
        raise self.unexpected()

    def number(self, token: _Token) -> Formula:
        value = float(token.text)
        if not math.isfinite(value):
            raise self.refuse("this number is too large", token.at, "Write a number under 1e308.")
        return self.keep(Number(value), token.at)

    def call(self, token: _Token) -> Formula:
        if token.text not in ARITY:
            sign = "Put a * before the parenthesis, or call" if token.text in self.names else "Call"
            raise self.refuse(f"there is no function {token.text!r}", token.at, f"{sign} one of {_CALLS}.")
        opening = self.take()
        parts = [] if self.has(")") else [self.inside(opening.at, self.choice)]
        while parts and self.has(","):
            self.take()
            parts.append(self.inside(opening.at, self.choice))
        self.close(opening)
        fewest, most = ARITY[token.text]
        if not fewest <= len(parts) <= most:
            wanted = f"{fewest}" if fewest == most else f"{fewest} or more"
            raise self.refuse(
                f"{token.text} takes {wanted} arguments, not {len(parts)}", token.at, f"Known are {_CALLS}."
            )
        return self.keep(Call(token.text, tuple(parts)), token.at, *parts)

    def close(self, opening: _Token) -> None:
        if not self.has(")"):
            if self.token.kind == "end":
                raise self.refuse("this ( is not closed", opening.at, "Close it with ).")
            raise self.unexpected()
        self.take()

    def known(self, token: _Token) -> str:
        if token.text in self.names:
            return token.text
        near = [name for name in self.names if name.casefold() == token.text.casefold()]
        near += difflib.get_close_matches(token.text, self.names, 3, 0.6)
        shown = ", ".join(list(dict.fromkeys([*near, *self.names]))[:8])
        hint = f"Names known here are: {shown}." if shown else "No names are known here."
        raise self.refuse(f"there is no {token.text!r} here", token.at, hint)

    # -- bounds ---------------------------------------------------------------------------

    def inside(self, at: int, read: Callable[[], Formula]) -> Formula:
        """Read something that stands inside something else, while that is not too deep."""
        if self.nested >= _NESTED:
            raise self.refuse("this is nested too deeply", at, f"At most {_NESTED} levels are read.")
        self.nested += 1
        formula = read()
        self.nested -= 1
        return formula

    def keep(self, formula: Formula, at: int, *parts: Formula) -> Formula:
        """Return the formula, unless its tree is too deep for what walks over it."""
        depth = 1 + max((self.depths[id(part)] for part in parts), default=0)
        if depth > _DEEPEST:
            raise self.refuse("this formula has too many parts", at, f"At most {_DEEPEST} may be joined.")
        self.depths[id(formula)] = depth
        self.made.append(formula)
        return formula
