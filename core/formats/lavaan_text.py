"""lavaan's model syntax as statements: left side, operator, right side; nothing here knows what they mean.

As lavaan does, a line goes on where it ends, or the next begins, with ``+``, ``*`` or an operator, or
where a bracket is open. ``#`` and ``!`` begin a comment, ``;`` ends a statement as a line break does.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.errors import FormatError
from core.formats.limits import MAX_TOKENS

__all__ = ["HINT", "Spot", "Statement", "Token", "split_at", "statements", "without_code"]

HINT = "Write it as lavaan's model syntax: y ~ x1 + x2, f =~ y1 + y2, a ~~ b."

_TOKEN = re.compile(
    r"""(?P<space>[^\S\n]++ | [\#!][^\n]*+)
    | (?P<end>[\n;])
    | "(?P<string>[^"\n]*+)"
    | (?P<operator>=[^\S\n]*+~ | ~[^\S\n]++~ | <~ | ~\*~ | ~~ | \|~ | :~ | ~ | == | := | <= | >= | < | > | : | \| | %)
    | (?P<sign>[-+*/^?,()\[\]])
    | (?P<number>(?:\d++\.?\d*+|\.\d++)(?:[eE][+-]?\d++)?(?![\w.]))
    | (?P<name>(?:[^\W\d]|\.(?!\d))[\w.]*+)""",
    re.VERBOSE,
)
_GOES_ON = frozenset(["+", "-", "*", "=~", "<~", "~*~", "~~", "~", "|~", "|", "%"])
_CODE = re.compile(r"(?:\s++|#[^\n]*+\n)*+(?:[A-Za-z.][\w.]*+\s*+(?:<-|=(?!~))\s*+)?(['\"])")


class Spot(int):
    """A line that knows its column: a number to compare by, and the words ``3, column 5`` for a message."""

    column: int

    def __new__(cls, line: int, column: int) -> "Spot":
        """Return the place of a token; both count from 1."""
        made = super().__new__(cls, line)
        made.column = column
        return made

    def __str__(self) -> str:
        return f"{int(self)}, column {self.column}"


@dataclass(frozen=True)
class Token:
    """A word, number, text, sign or operator, and where it stands."""

    kind: str
    value: str
    at: Spot


@dataclass(frozen=True)
class Statement:
    """Tokens before and after the operator; ``""`` is no operator."""

    left: tuple[Token, ...]
    operator: str
    right: tuple[Token, ...]
    at: Spot

    @property
    def said(self) -> str:
        """The statement as it stands, for messages."""
        return " ".join(token.value for token in (*self.left, Token("", self.operator, self.at), *self.right))


def without_code(text: str) -> tuple[str, bool]:
    """Return the model in R code such as ``model <- 'y ~ x'``, in its place, and whether there was such code."""
    found = _CODE.match(text)
    if found is None:
        return text, False
    end = text.find(found[1], found.end())
    if end < 0:
        return text, False
    return re.sub(r"[^\n]", " ", text[: found.end()]) + text[found.end() : end], True


def _tokens(text: str) -> Iterator[Token]:
    starts = [0, *(found.end() for found in re.finditer(r"\n", text))]
    place = count = 0
    while place < len(text):
        line = bisect_right(starts, place)
        at = Spot(line, place - starts[line - 1] + 1)
        found = _TOKEN.match(text, place)
        if found is None:
            what = "a quote is never closed" if text[place] == '"' else f"unexpected {text[place]!r}"
            raise FormatError(what, place=f"line {at}", hint=HINT)
        place = found.end()
        kind = found.lastgroup or ""
        if kind != "space":
            count += 1
            if count > MAX_TOKENS:
                raise FormatError("the text is too long", place=f"line {at}", hint="Draw a smaller graph.")
            # "= ~" and "~ ~" are lavaan's older way of writing, and still read.
            yield Token(kind, "".join(found[0].split()) if kind == "operator" else found[kind], at)


def statements(text: str) -> Iterator[Statement]:
    """Yield the statements of a model.

    Raises
    ------
    FormatError
        With line and column, for a sign that no model has, or a statement without an operator.
    """
    tokens = list(_tokens(text))
    now: list[Token] = []
    depth = 0
    for number, token in enumerate(tokens):
        if token.kind != "end":
            depth += {"(": 1, ")": -1}.get(token.value, 0) if token.kind == "sign" else 0
            now.append(token)
        elif now and depth <= 0 and now[-1].value not in _GOES_ON and not _next_goes_on(tokens, number):
            yield _statement(now)
            now, depth = [], 0
    if now:
        yield _statement(now)


def _next_goes_on(tokens: Sequence[Token], number: int) -> bool:
    if number + 1 == len(tokens) or tokens[number + 1].kind == "end":
        # Blank lines between: the last of them looks at what follows.
        return number + 1 < len(tokens)
    following = tokens[number + 1]
    return following.kind in ("operator", "sign") and following.value in _GOES_ON


def _statement(tokens: list[Token]) -> Statement:
    operators = [i for i, token in enumerate(tokens) if token.kind == "operator"]
    place = next((i for i in operators if tokens[i].value != ":"), operators[0] if operators else None)
    if place is None:
        raise FormatError(
            f"{tokens[0].value[:40]!r} stands without an operator", place=f"line {tokens[0].at}", hint=HINT
        )
    return Statement(tuple(tokens[:place]), tokens[place].value, tuple(tokens[place + 1 :]), tokens[0].at)


def split_at(signs: str, tokens: Sequence[Token]) -> list[tuple[Token, ...]]:
    """Return the parts between signs that stand in no bracket; empty parts are left out."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        sign = token.value if token.kind == "sign" else ""
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth == 0 and sign and sign in signs:
            parts.append([])
        else:
            parts[-1].append(token)
    return [tuple(part) for part in parts if part]
