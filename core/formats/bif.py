"""BIF, in which bnlearn, pgmpy, GeNIe and JavaBayes exchange discrete Bayesian networks.

``variable`` blocks are nodes, binary or categories by their states; ``probability ( X | A, B )`` says the arrows.
The tables are numbers that somebody learned or set, and a hypothesis holds none: they are passed over, and that
is said. What is written has states and tables because the format wants them: placeholders, uniform, said to
be so. Names, where BIF has no word for them, are plain words.

What BIF cannot hold (arcs, unmeasured nodes, forms, marks) stands in a ``property`` of the network, which
others pass over and :mod:`core.formats.own_line` reads.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import isfinite, prod

from core.errors import FormatError
from core.formats.draft import Draft
from core.formats.lavaan_text import Spot
from core.formats.limits import MAX_TOKENS, check_length
from core.formats.own_line import own_line, restored
from core.formats.plain_names import plain_names
from core.formats.reading import Reading
from core.hypothesis import Hypothesis, Node

__all__ = ["bif_reading", "called_in_bif", "read_bif", "write_bif"]

_HINT = "Write it as network n { } variable X { type discrete [ 2 ] { yes, no }; } probability ( Y | X ) { … }"
_TOKEN = re.compile(
    r"""(?P<space>\s++ | //[^\n]*+ | \#[^\n]*+ | /\*.*?\*/)
    | "(?P<string>[^"]*+)"
    | '(?P<single>[^'\n]*+)'
    | (?P<sign>[{}()\[\]|,;])
    | (?P<word>(?:[^\s{}()\[\]|,;"'/] | /(?![/*]))++)""",
    re.VERBOSE | re.DOTALL,
)
#: All of a block's body, to its brace: texts and comments may hold one too.
_BODY = re.compile(r"""(?:[^{}"/]++ | "[^"]*+" | //[^\n]*+ | /\*(?:[^*]++|\*(?!/))*+\*/ | /(?![/*]))*+\}""", re.VERBOSE)
_PROPERTY = re.compile(r'\s*+(?:"([^"]*+)"|\'([^\'\n]*+)\'|([^;"{}]*+))\s*+;')
_PLACE = re.compile(r"\s*position\s*=\s*\(\s*([-+.\deE]{1,40})\s*,\s*([-+.\deE]{1,40})\s*\)\s*\Z")
_OWN = re.compile(r"\s*whyboard\s*:?\s*(\{.*)\Z", re.DOTALL)
_FINE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_RESERVED = ("network", "variable", "probability", "property", "type", "discrete", "continuous", "default", "table")
_COMMENT = (
    "// States and tables are placeholders, all alike: a hypothesis says which arrows there are, and no numbers.",
)
#: Beyond so many rows of a table the uniform one is written once, as the default of them all.
_MOST_ROWS = 4096


type _Token = tuple[str, str, Spot]


@dataclass
class _Variable:
    name: str
    at: Spot
    kind: str = "discrete"
    states: list[str] = field(default_factory=list)
    properties: list[tuple[str, Spot]] = field(default_factory=list)


class _Reader:
    """The blocks of a network, one after another."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = self.count = 0
        self.line, self.start, self.newline = 1, 0, -1
        self.variables: dict[str, _Variable] = {}
        self.families: dict[str, tuple[list[str], Spot]] = {}
        self.properties: list[tuple[str, Spot]] = []
        self.heads: list[tuple[list[_Token], Spot]] = []
        self.name: str | None = None

    # -- tokens ---------------------------------------------------------------------

    def at(self, place: int) -> Spot:
        """Return the line and column of a place; places are asked for in their order."""
        self.line += self.text.count("\n", self.start, place)
        self.newline = max(self.newline, self.text.rfind("\n", self.start, place))
        self.start = place
        return Spot(self.line, place - self.newline)

    def next(self) -> _Token:
        """Return the next token's kind, value and place; its kind is ``"end"`` after the last."""
        while self.place < len(self.text):
            found = _TOKEN.match(self.text, self.place)
            if found is None:
                what = "a quote or a comment is never closed" if self.text[self.place] in "\"'/" else "unreadable text"
                raise FormatError(what, place=f"line {self.at(self.place)}", hint=_HINT)
            began, self.place = self.place, found.end()
            kind = found.lastgroup or ""
            if kind != "space":
                self.count += 1
                if self.count > MAX_TOKENS:
                    raise FormatError("the text is too long", place=f"line {self.at(began)}", hint="Take fewer nodes.")
                return ("word" if kind in ("string", "single") else kind), found[kind], self.at(began)
        return "end", "", self.at(len(self.text))

    def expect(self, sign: str) -> None:
        kind, value, at = self.next()
        if kind != "sign" or value != sign:
            said = f"{value[:40]!r} stands" if kind != "end" else "the text ends"
            raise FormatError(f"{said} where {sign} should be", place=f"line {at}", hint=_HINT)

    def until(self, *ends: str) -> tuple[list[_Token], str]:
        """Return the tokens before the next of these signs, and that sign."""
        found: list[_Token] = []
        while True:
            kind, value, at = self.next()
            if kind == "end":
                raise FormatError(f"the text ends where {ends[0]} should be", place=f"line {at}", hint=_HINT)
            if kind == "sign" and value in ends:
                return found, value
            if kind == "sign" and value in "{}":
                raise FormatError(f"{value!r} stands where {ends[0]} should be", place=f"line {at}", hint=_HINT)
            found.append((kind, value, at))

    def words(self, *ends: str) -> str:
        """Return the words before one of these signs as one name: some programs allow blanks in names."""
        return " ".join(value for kind, value, _ in self.until(*ends)[0] if kind == "word")

    # -- blocks ---------------------------------------------------------------------

    def read(self) -> None:
        while True:
            kind, value, at = self.next()
            if kind == "end":
                break
            word = value.lower()
            if word == "network":
                self.name = self.words("{")
                self.properties += [entry for entry in self.entries() if entry is not None]
            elif word == "variable":
                self.variable(at)
            elif word == "probability":
                self.probability(at)
            elif word == "property":
                self.properties.append(self.property(at))
            elif value != ";":
                raise FormatError(f"{value[:40]!r} is no block of a network", place=f"line {at}", hint=_HINT)
        for head, at in self.heads:
            self.family(head, at)

    def property(self, at: Spot) -> tuple[str, Spot]:
        found = _PROPERTY.match(self.text, self.place)
        if found is None:
            raise FormatError("a property is never closed", place=f"line {at}", hint='Write it as property "…" ;')
        self.place = found.end()
        return next(text for text in found.groups() if text is not None), at

    def entries(self, variable: _Variable | None = None) -> Iterator[tuple[str, Spot] | None]:
        """Yield the properties up to the block's brace; of a variable, its type is noted on the way."""
        while True:
            kind, value, at = self.next()
            if kind == "sign" and value == "}":
                return
            if kind == "word" and value.lower() == "property":
                yield self.property(at)
            elif kind == "word" and value.lower() == "type" and variable is not None:
                self.type(variable)
            elif kind == "end":
                raise FormatError(
                    "the text ends within a block", place=f"line {at}", hint="Check that each { has its }."
                )
            elif value != ";":
                raise FormatError(f"{value[:40]!r} is not read in this block", place=f"line {at}", hint=_HINT)

    def type(self, variable: _Variable) -> None:
        head, sign = self.until("{", ";")
        variable.kind = head[0][1].lower() if head else "discrete"
        if sign == "{":
            state: list[str] = []
            commas = False
            inside, _ = self.until("}")
            commas = any(value == "," for kind, value, _ in inside if kind == "sign")
            for kind, value, _ in inside:
                if kind == "word":
                    state.append(value)
                if state and (not commas or kind == "sign"):
                    variable.states.append(" ".join(state))
                    state = []
            variable.states += [" ".join(state)] if state else []  # the ; after it is optional, as others have it

    def variable(self, at: Spot) -> None:
        variable = _Variable(self.words("{"), at)
        if variable.name in self.variables:
            raise FormatError(
                f"the variable {variable.name!r} stands twice", place=f"line {at}", hint="Keep one of them."
            )
        self.variables[variable.name] = variable
        variable.properties += [entry for entry in self.entries(variable) if entry is not None]

    def probability(self, at: Spot) -> None:
        self.expect("(")
        self.heads.append((self.until(")")[0], at))
        self.expect("{")
        body = _BODY.match(self.text, self.place)
        if body is None:
            raise FormatError("a table is never closed", place=f"line {at}", hint="Check that each { has its }.")
        self.place = body.end()

    def family(self, head: list[_Token], at: Spot) -> None:
        """Take what stands in the brackets of a probability, once all variables are known."""
        bar = next((i for i, (kind, value, _) in enumerate(head) if kind == "sign" and value == "|"), None)
        if bar is None:
            child, *parents = self.names(head) or [""]
        else:
            child, parents = " ".join(value for _, value, _ in head[:bar]), self.names(head[bar + 1 :])
        for name in (child, *parents):
            if name not in self.variables:
                raise FormatError(
                    f"{name!r} is not among the variables", place=f"line {at}", hint=f"Add variable {name}."
                )
        if child in self.families:
            raise FormatError(
                f"the probability of {child!r} stands twice", place=f"line {at}", hint="Keep one of them."
            )
        self.families[child] = (parents, at)

    def names(self, tokens: list[_Token]) -> list[str]:
        """Return the names between commas; where words between two are no variable together, each is one."""
        parts: list[list[str]] = [[]]
        for kind, value, _ in tokens:
            if kind == "sign":
                parts.append([])
            else:
                parts[-1].append(value)
        found: list[str] = []
        for part in parts:
            whole = " ".join(part)
            found += [whole] if whole in self.variables else part
        return found


def bif_reading(text: str, name: str = "hypothesis", columns: Collection[str] = ()) -> Reading:
    """Read a network.

    Parameters
    ----------
    text : str
        BIF, with ``//`` and ``/* */`` comments; positions as JavaBayes writes them.
    name : str
        The hypothesis's name.
    columns : collection of str
        Not asked: a variable is called by its name.

    Raises
    ------
    FormatError
        With line and column, for text that is no such network.
    GraphError, CycleError
        If what it says is no causal graph.
    """
    text = check_length(text)
    if not text.strip():
        raise FormatError("the text is empty", hint=_HINT)
    reader = _Reader(text)
    reader.read()
    own = next((found[1] for said, _ in reader.properties if (found := _OWN.match(said))), None)
    read = _reading(reader, name)
    return read if own is None else restored(read, own.replace("'", '"'), _shown)


def read_bif(text: str, name: str = "hypothesis") -> Hypothesis:
    """Read a network; see :func:`bif_reading`, which also says what was taken for what."""
    return bif_reading(text, name).hypothesis


def _reading(reader: _Reader, name: str) -> Reading:
    draft = Draft()
    for variable in reader.variables.values():
        at = variable.at
        draft.node(variable.name, at)
        if variable.states:
            draft.say(variable.name, "kind", "binary" if len(variable.states) == 2 else "category", at)
        elif variable.kind == "continuous":
            draft.say(variable.name, "kind", "real", at)
        for said, where in variable.properties:
            _property(draft, variable.name, said, where)
    for child, (parents, at) in reader.families.items():
        for parent in parents:
            draft.join(parent, "->", child, at)
    for said, _ in reader.properties:
        if not _OWN.match(said):
            draft.drop("property", said.strip(), "the network")
    if reader.families:
        draft.remark("the tables of probabilities were not kept: Whyboard learns them from data")
    states = {v.name: v.states for v in reader.variables.values() if v.states}
    if states:
        first, known = next(iter(states.items()))
        said = ", ".join(known[:4]) + (", …" if len(known) > 4 else "")
        draft.remark(f"of the states only how many there are was taken ({first}: {said}): they come from the data")
    return draft.reading(name)


def _property(draft: Draft, name: str, said: str, at: Spot) -> None:
    place = _PLACE.match(said)
    try:
        if place is not None:
            draft.position(name, float(place[1]), float(place[2]), at)
            return
    except ValueError:
        pass
    draft.drop("property", said.strip(), name)


# -- writing ------------------------------------------------------------------------


def called_in_bif(hypothesis: Hypothesis) -> Mapping[str, str]:
    """Return what each node is called in a network: its name, or a plain word where BIF has no such names."""
    return plain_names(hypothesis.graph.nodes, _FINE, _RESERVED)


def write_bif(hypothesis: Hypothesis) -> str:
    """Write a network with placeholders for states and tables; reads back to the same hypothesis."""
    called = called_in_bif(hypothesis)
    # Within a text of BIF no quote may stand: there JSON's are single ones, of which it holds no others.
    own = own_line(hypothesis, called).replace('"', "'")
    head = [*_COMMENT, "network whyboard {", f'  property "whyboard: {own}" ;', "}"]
    return "\n".join([*head, *_blocks(hypothesis, called)]) + "\n"


def _states(node: Node) -> tuple[str, ...]:
    return ("no", "yes") if node.kind in (None, "binary") else ("low", "middle", "high")


def _blocks(hypothesis: Hypothesis, called: Mapping[str, str]) -> Iterator[str]:
    states = {node.name: _states(node) for node in hypothesis.nodes}
    for node in hypothesis.nodes:
        known = states[node.name]
        yield f"variable {called[node.name]} {{\n  type discrete [ {len(known)} ] {{ {', '.join(known)} }};"
        if node.position is not None and all(map(isfinite, node.position)):
            yield f'  property "position = ({node.position[0]!r}, {node.position[1]!r})" ;'
        yield "}"
    graph = hypothesis.graph
    for name in graph.nodes:
        parents = graph.parents(name)
        alike = ", ".join(f"{1 / len(states[name]):.10g}" for _ in states[name])
        if not parents:
            yield f"probability ( {called[name]} ) {{\n  table {alike};\n}}"
            continue
        yield f"probability ( {called[name]} | {', '.join(called[parent] for parent in parents)} ) {{"
        if prod(len(states[parent]) for parent in parents) > _MOST_ROWS:
            yield f"  default {alike};"
        else:
            yield from (f"  ({', '.join(row)}) {alike};" for row in product(*(states[parent] for parent in parents)))
        yield "}"


def _shown(hypothesis: Hypothesis, called: Mapping[str, str]) -> Hypothesis:
    """Return what a reader sees of it: variables and arrows, without the tables that nobody reads."""
    draft = Draft()
    for node in hypothesis.nodes:
        draft.node(called[node.name], 1)
        draft.say(called[node.name], "kind", "binary" if len(_states(node)) == 2 else "category", 1)
    for edge in hypothesis.edges:
        draft.join(called[edge.source], "->", called[edge.target], 1)
    return draft.reading("shown").hypothesis
