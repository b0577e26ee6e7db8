r"""The syntax that DAGitty and DOT share: ``kind name { a [k=v] ; a -> {b c} }``.

:func:`parse_graph_text` turns text into statements and knows nothing of what they mean;
:mod:`core.formats.dagitty` and :mod:`core.formats.dot` do. A hand-written tokeniser and
a recursive descent, whose depth is limited.

In a quoted name only ``\"`` is an escape, as in DAGitty's own grammar; a backslash is
itself, except that a run of them just before a quote is read in pairs, so that every
name can be written.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from core.errors import FormatError
from core.formats.limits import MAX_DEPTH, MAX_TOKENS, check_length
from core.names import tidy_name

__all__ = ["EdgeStatement", "GraphText", "NodeStatement", "parse_graph_text", "quote"]


@dataclass(frozen=True)
class NodeStatement:
    """A name that stands alone, with its attributes; ``bare`` if it was not in quotes."""

    name: str
    bare: bool
    attributes: dict[str, str]
    line: int


@dataclass(frozen=True)
class EdgeStatement:
    """A chain ``ends[0] arrows[0] ends[1] …``; each end is a name or the names of a group."""

    ends: tuple[tuple[str, ...], ...]
    arrows: tuple[str, ...]
    attributes: dict[str, str]
    line: int

    @property
    def said(self) -> str:
        """The chain in words, for messages; groups are shortened."""
        ends = [tidy_name(end[0]) if len(end) == 1 else "{" + " ".join(end[:2]) + " …}" for end in self.ends[:3]]
        chain = ends[0] + "".join(f" {arrow} {end}" for arrow, end in zip(self.arrows, ends[1:], strict=False))
        return chain + (" …" if len(self.ends) > 3 else "")


@dataclass(frozen=True)
class GraphText:
    """``kind`` is the word before the brace in lower case, ``""`` if there is none."""

    kind: str
    kind_line: int
    statements: tuple[NodeStatement | EdgeStatement, ...]


@dataclass(frozen=True)
class _Token:
    kind: str
    value: str
    line: int


_TOKEN = re.compile(
    r"""
      (?P<space>\s+ | //[^\n]* | \#[^\n]* | /\*.*?\*/)
    | "(?P<string>[^"\\]*(?:\\.[^"\\]*)*)"
    | (?P<arrow><-> | @-> | <-@ | @-@ | @-- | --@ | -> | <- | --)
    | (?P<sign>[{}\[\];,=:+])
    | (?P<number>-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
    | (?P<word>[^\s{}\[\];,="<>\#/*\-+@:]+)
    """,
    re.VERBOSE | re.DOTALL,
)
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_ARROW = re.compile(r"->|<-|--|@-")
# What begins a graph: up to three words before a brace, after comments.
_HEAD = re.compile(
    r"""(?:\s++ | //[^\n]*+ | \#[^\n]*+ | /\*.*?\*/)*+
    (?:(?:[^\s{}\[\];,="<>\#/*\-+@:]++ | "[^"\\]*+(?:\\.[^"\\]*+)*+")\s*+){1,3}\{""",
    re.VERBOSE | re.DOTALL,
)
_KEYWORDS = frozenset(["strict", "graph", "digraph", "dag", "mag", "pdag", "pag", "subgraph", "node", "edge"])


def quote(name: str) -> str:
    """Write a name so that both formats read it back: plain words as they are, all else in quotes."""
    if _PLAIN_NAME.match(name) and name.lower() not in _KEYWORDS:
        return name
    escaped = re.sub(r'(?<!\\)(\\*)"', lambda run: run[1] * 2 + '\\"', name)
    trailing = len(escaped) - len(escaped.rstrip("\\"))
    return f'"{escaped}{chr(92) * trailing}"'


def _unquote(inside: str) -> str:
    # A run of backslashes before a quote (or the end): pairs are one, an odd last one escapes the quote.
    return re.sub(r'(?<!\\)\\+(?="|\Z)', lambda run: "\\" * (len(run[0]) // 2), inside)


def _tokens(text: str) -> Iterator[_Token]:
    starts = [0, *(found.end() for found in re.finditer(r"\n", text))]
    place = count = 0
    after_equals = False  # there, < opens a label in HTML
    while place < len(text):
        line = bisect_right(starts, place)
        if after_equals and text[place] == "<":
            end = _html_end(text, place, line)
            yield _Token("string", text[place:end], line)
            place, after_equals = end, False
            continue
        found = _TOKEN.match(text, place)
        if found is None:
            raise _unreadable(text, place, line)
        place = found.end()
        kind = found.lastgroup or ""
        if kind != "space":
            count += 1
            if count > MAX_TOKENS:
                raise FormatError("the text is too long", place=f"line {line}", hint="Draw a smaller graph.")
            after_equals = found[0] == "="
            yield _Token(kind, _unquote(found[kind]) if kind == "string" else found[kind], line)
    yield _Token("end", "", len(starts))


def _html_end(text: str, place: int, line: int) -> int:
    depth = 0
    for found in re.compile(r"[<>]").finditer(text, place):
        depth += 1 if found[0] == "<" else -1
        if depth == 0:
            return found.end()
    raise FormatError("a < is never closed", place=f"line {line}", hint="Close it with >.")


def _unreadable(text: str, place: int, line: int) -> FormatError:
    if text[place] == '"':
        return FormatError("a quote is never closed", place=f"line {line}", hint='Close the name with ".')
    if text.startswith("/*", place):
        return FormatError("a comment is never closed", place=f"line {line}", hint="Close it with */.")
    return FormatError(
        f"unexpected {text[place]!r}",
        place=f"line {line}",
        hint='Put names with spaces or signs in quotes, as in "net income"; arrows are ->, <- and <->.',
    )


class _Parser:
    def __init__(self, text: str, example: str) -> None:
        self.example = example
        self.tokens = _tokens(text)
        self.token = next(self.tokens)
        self.statements: list[NodeStatement | EdgeStatement] = []

    def next(self) -> _Token:
        token = self.token
        if token.kind != "end":
            self.token = next(self.tokens)
        return token

    def at(self, *signs: str) -> bool:
        return self.token.kind == "sign" and self.token.value in signs

    def fail(self, expected: str) -> FormatError:
        token = self.token
        if token.kind == "end":
            return FormatError(
                f"the text ends where {expected} should be",
                place=f"line {token.line}",
                hint="Check that every { has its }.",
            )
        return FormatError(
            f"{token.value!r} stands where {expected} should be",
            place=f"line {token.line}",
            hint='Put names with spaces or signs in quotes, as in "net income"; arrows are ->, <- and <->.',
        )

    def graph(self) -> GraphText:
        head: list[_Token] = []
        while self.token.kind in ("word", "string", "number") and len(head) < 3:
            head.append(self.next())
        if head and head[0].value.lower() == "strict":
            del head[0]
        if not self.at("{"):
            raise FormatError(
                "the text does not begin with a graph",
                place=f"line {self.token.line}",
                hint=f"Write it as {self.example}",
            )
        kind, kind_line = (head[0].value.lower(), head[0].line) if head else ("", self.token.line)
        self.group(1)
        if self.token.kind != "end":
            raise self.fail("the end")
        return GraphText(kind, kind_line, tuple(self.statements))

    def bare(self) -> GraphText:
        """Read statements that stand without ``kind { … }`` around them."""
        while self.token.kind != "end":
            if self.at(";", ","):
                self.next()
            else:
                self.statement(0)
        return GraphText("", 1, tuple(self.statements))

    def group(self, depth: int) -> tuple[str, ...]:
        """Read ``{ … }`` and return the names that it mentions, without repeats."""
        if depth > MAX_DEPTH:
            raise FormatError(
                f"braces are nested more than {MAX_DEPTH} deep",
                place=f"line {self.token.line}",
                hint="Write it flatter.",
            )
        self.next()
        names: dict[str, None] = {}
        while not self.at("}"):
            if self.at(";", ","):
                self.next()
            else:
                names.update(dict.fromkeys(self.statement(depth)))
        self.next()
        return tuple(names)

    def statement(self, depth: int) -> tuple[str, ...]:
        line, bare = self.token.line, self.token.kind != "string"
        first, single = self.end(depth)
        if single and self.at("="):
            self.next()
            self.value()
            return ()
        ends, arrows = [first], []
        while self.token.kind == "arrow":
            arrows.append(self.next().value)
            ends.append(self.end(depth)[0])
        attributes = self.attributes()
        if arrows:
            self.statements.append(EdgeStatement(tuple(ends), tuple(arrows), attributes, line))
        elif single:
            self.statements.append(NodeStatement(first[0], bare, attributes, line))
        return tuple(name for names in ends for name in names)

    def end(self, depth: int) -> tuple[tuple[str, ...], bool]:
        """Read one end of a chain: the names, and whether it is a single name."""
        if self.token.kind == "word" and self.token.value.lower() == "subgraph":
            self.next()
            if self.token.kind in ("word", "string", "number"):
                self.next()
            if not self.at("{"):
                raise self.fail("{")
        if self.at("{"):
            return self.group(depth + 1), False
        if self.token.kind not in ("word", "string", "number") or (
            self.token.kind == "number" and self.token.value.startswith("-")
        ):
            raise self.fail("a name")
        name = self.text()
        while self.at(":"):  # a port of DOT: where on the node's border the arrow starts
            self.next()
            self.value()
        return (name,), True

    def text(self) -> str:
        token = self.next()
        value = token.value
        while token.kind == "string" and self.at("+"):
            self.next()
            if self.token.kind != "string":
                raise self.fail("a text in quotes")
            value += self.next().value
        return value

    def value(self) -> str:
        if self.token.kind not in ("word", "string", "number"):
            raise self.fail("a value")
        return self.text()

    def attributes(self) -> dict[str, str]:
        """Read ``[key=value, flag …]``, none or more times; a flag's value is ``"1"``."""
        found: dict[str, str] = {}
        while self.at("["):
            self.next()
            while not self.at("]"):
                if self.at(",", ";"):
                    self.next()
                    continue
                key = self.value().lower()
                found[key] = "1"
                if self.at("="):
                    self.next()
                    found[key] = self.value()
            self.next()
        return found


def parse_graph_text(text: str, example: str, bare: bool = False) -> GraphText:
    """Read the syntax; ``example`` goes into the hint where the text is something else.

    With ``bare``, statements may also stand alone, if there is an arrow among them.

    Raises
    ------
    FormatError
        With the line, for text that is empty, too long or not of this syntax.
    """
    text = check_length(text)
    if not text.strip():
        raise FormatError("the text is empty", hint=f"Write a graph such as {example}")
    if bare and _ARROW.search(text) and not _HEAD.match(text):
        return _Parser(text, example).bare()
    return _Parser(text, example).graph()
