"""lavaan's model syntax: ``y ~ x1 + x2``, ``f =~ y1 + y2``, ``a ~~ b``.

A regression is an arrow into its left side, an indicator an arrow out of its unmeasured cause, a covariance
of two variables an arc. ``x:m`` beside ``x`` says that the effect of x differs by m. What is fixed to
0 is not there. Sizes, labels, constraints, intercepts and variances are not kept, and that is said.

lavaan has no word for forms, families, places, marks and the like, and names are plain words. Where they are
needed, the first line is a comment, ``# whyboard: {…}``, which lavaan passes over and
:mod:`core.formats.own_line` reads.
"""

import re
from collections.abc import Collection, Mapping, Sequence

from core.errors import FormatError
from core.formats.draft import Draft
from core.formats.lavaan_text import HINT, Spot, Statement, Token, split_at, statements, without_code
from core.formats.limits import MAX_ARROWS, MAX_NAME, check_length
from core.formats.own_line import own_line, restored
from core.formats.plain_names import plain_names
from core.formats.reading import Reading
from core.hypothesis import Hypothesis

__all__ = ["called_in_lavaan", "lavaan_reading", "read_lavaan", "write_lavaan"]

_OWN = re.compile(r"^[^\S\n]*+#[^\S\n]*+whyboard:[^\S\n]*+(\{[^\n]*+)$", re.MULTILINE)
_BLOCKS = ("group", "level", "block", "class")
_CONSTRAINTS = ("==", "<", ">", "<=", ">=", ":=", ":~")
_WORDS = {"start": "start value", "prior": "prior", "lower": "bound", "upper": "bound", "rv": "random slope"}
_WHY = {
    "fixed value": "Whyboard learns the size of effects from data",
    "start value": "Whyboard finds its own",
    "label": "labels only name numbers",
    "constraint": "effects are learned freely",
    "intercept": "every node has one",
    "variance": "every node has what is left of it by itself",
}
_FINE = re.compile(r"(?:[A-Za-z]|\.(?![0-9]))[A-Za-z0-9._]*\Z")
_RESERVED = (
    "if", "else", "repeat", "while", "function", "for", "next", "break", "TRUE", "FALSE", "NULL", "Inf", "NaN", "NA",
    "NA_integer_", "NA_real_", "NA_character_", "in", "c", "t", "start", "equal", "label", "fixed", "lower", "upper",
    "prior", "rv", "efa", "group", "level", "block", "class",
)  # fmt: skip


def lavaan_reading(text: str, name: str = "hypothesis", columns: Collection[str] = ()) -> Reading:
    """Read a model.

    Parameters
    ----------
    text : str
        As lavaan's users write it, also as a text within R code (``model <- '…'``).
    name : str
        The hypothesis's name.
    columns : collection of str
        Not asked: in a model a variable is called by its name.

    Raises
    ------
    FormatError
        With line and column, for text that is no such model.
    GraphError, CycleError
        If what it says is no causal graph.
    """
    text = check_length(text)
    if not text.strip():
        raise FormatError("the text is empty", hint=HINT)
    model, in_code = without_code(text)
    read = _Model(model).reading(name, in_code)
    own = _OWN.search(model)
    return read if own is None else restored(read, own[1], _shown)


def read_lavaan(text: str, name: str = "hypothesis") -> Hypothesis:
    """Read a model; see :func:`lavaan_reading`, which also says what was taken for what."""
    return lavaan_reading(text, name).hypothesis


class _Model:
    """A draft, and the interactions that can be told only when all arrows are known."""

    def __init__(self, text: str) -> None:
        self.draft = Draft()
        self.arrows: dict[tuple[str, str], Spot] = {}
        self.products: list[tuple[str, str, str, Spot]] = []
        self.by: dict[tuple[str, str], str] = {}
        self.arcs: set[str] = set()
        self.unmeasured: set[str] = set()
        self.blocks = False
        self.terms = 0
        for statement in statements(text):
            self.take(statement)

    def reading(self, name: str, in_code: bool) -> Reading:
        for product in self.products:
            self.product(*product)
        if in_code:
            self.draft.remark("the model was taken from its quotes, and the R code around it was passed over")
        if self.blocks:
            self.draft.remark("the blocks of a model (group, level) are read as one graph")
        self.say_of_exogenous()
        return self.draft.reading(name)

    def take(self, statement: Statement) -> None:
        operator = statement.operator
        if operator in _CONSTRAINTS:
            self.drop("constraint", "", statement.said)
        elif operator == ":":
            if len(statement.left) != 1 or statement.left[0].value.lower() not in _BLOCKS:
                raise FormatError(
                    f"{statement.said[:40]!r} is no statement of a model", place=f"line {statement.at}", hint=HINT
                )
            self.blocks = True
        elif operator in ("~*~", "|", "|~", "%"):
            self.drop("threshold or scale", "", statement.said)
        else:
            self.relate(statement)

    def drop(self, what: str, value: str, of: str) -> None:
        self.draft.drop(what, value, of, _WHY.get(what, ""))

    def relate(self, statement: Statement) -> None:
        parts = split_at("+", statement.left)
        for part in parts:
            if part[0].value != "efa" and (sign := next((t for t in part if t.value in ("*", "?")), None)) is not None:
                raise _not_a_variable(part, sign.at)
        lefts = [self.variable(part, statement) for part in parts]
        terms = split_at("+", statement.right)
        if not lefts or not terms:
            side = "right" if lefts else "left"
            raise FormatError(
                f"nothing stands on the {side} of {statement.operator}", place=f"line {statement.at}", hint=HINT
            )
        self.terms += len(lefts) * len(terms)
        if self.terms > MAX_ARROWS:
            raise FormatError(
                f"there are more than {MAX_ARROWS:,} terms", place=f"line {statement.at}", hint="Draw a smaller graph."
            )
        for left in lefts:
            if len(left) > 1:
                raise FormatError(
                    f"{':'.join(left)} is a product, and nothing can be its cause",
                    place=f"line {statement.at}",
                    hint="Write a variable on the left side.",
                )
            for term in terms:
                self.term(statement.operator, left[0], term, statement)

    def term(self, operator: str, left: str, term: Sequence[Token], statement: Statement) -> None:
        *modifiers, last = split_at("*?", term) or [()]
        at = term[0].at
        self.draft.node(left, at)
        if operator in ("=~", "<~"):
            self.unmeasured.add(left)
            self.draft.latent(left, at)
        if len(last) == 1 and last[0].kind == "number":  # an intercept, or nothing at all
            if operator == "~":
                self.drop("intercept", "", left)
            elif operator != "=~":
                raise _not_a_variable(last, at)
            return
        right = self.variable(last, statement)
        of = {"~": f"{':'.join(right)} -> {left}", "~~": f"{left} ~~ {right[0]}"}.get(
            operator, f"{left} {operator} {':'.join(right)}"
        )
        if any(token.value == "?" for token in term):
            self.drop("start value", "".join(token.value for part in modifiers for token in part), of)
        elif self.fixed_to_nothing([part for part in modifiers if part], of):
            self.nothing(operator, right, of, at)
            return
        if operator == "~~":
            self.covariance(left, right, at)
        elif len(right) > 1:
            for name in right:
                self.draft.node(name, at)
            self.products.append((right[0], ":".join(right[1:]), left, at))
        else:
            self.draft.node(right[0], at)
            self.arrow(*((left, right[0]) if operator == "=~" else (right[0], left)), at)

    def nothing(self, operator: str, right: tuple[str, ...], of: str, at: Spot) -> None:
        what = "a covariance" if operator == "~~" else "an arrow"
        for name in right:
            self.draft.node(name, at)
        self.draft.drop(f"{what} fixed to 0", "", of, "what is fixed to 0 is not there")

    def variable(self, part: Sequence[Token], statement: Statement) -> tuple[str, ...]:
        """Return the name that a part is, or the names of a product; words in a row are one name, as to lavaan."""
        part = (split_at("*?", part) or [()])[-1]
        while len(part) > 2 and part[0].value == "(" and part[-1].value == ")":
            part = part[1:-1]
        names: list[str] = []
        open_ = True
        for token in part:
            if token.kind == "name" or (token.kind == "string" and open_):
                if open_:
                    names.append(token.value)
                elif len(names[-1]) > MAX_NAME:
                    raise _not_a_variable(part[:9], token.at)
                else:
                    names[-1] += f" {token.value}"
                open_ = False
            elif token.value == ":" and not open_:
                open_ = True
            else:
                raise _not_a_variable(part, token.at)
        if open_ or not names:
            raise _not_a_variable(part, statement.at)
        return tuple(names)

    def fixed_to_nothing(self, modifiers: Sequence[Sequence[Token]], of: str) -> bool:
        """Say what is not kept of a term's modifiers; return whether one fixes it to 0."""
        nothing = False
        for modifier in modifiers:
            said = "".join(token.value for token in modifier)
            word = modifier[0].value if modifier[0].kind == "name" and len(modifier) > 1 else ""
            numbers = [token.value for token in modifier if token.kind == "number"]
            others = [
                t for t in modifier if t.kind == "string" or (t.kind == "name" and t.value not in ("c", "fixed", "NA"))
            ]
            if numbers and not others and word in ("", "c", "fixed"):
                free = any(token.value == "NA" for token in modifier)
                if not free and all(float(number) == 0 for number in numbers):
                    nothing = True
                else:
                    self.drop("fixed value", said, of)
            elif others:
                self.drop(_WORDS.get(word, "label"), said, of)
        return nothing

    def covariance(self, left: str, right: tuple[str, ...], at: Spot) -> None:
        if right == (left,):
            self.drop("variance", "", left)
            return
        if len(right) > 1:
            self.draft.drop("a covariance with a product", "", f"{left} ~~ {':'.join(right)}")
            return
        self.draft.node(right[0], at)
        self.arcs |= {left, right[0]}
        self.draft.join(left, "<->", right[0], at)

    def arrow(self, source: str, target: str, at: Spot) -> None:
        self.arrows.setdefault((source, target), at)
        self.draft.join(source, "->", target, at)

    def product(self, first: str, second: str, target: str, at: Spot) -> None:
        """Take ``first:second`` for the effect of the one that differs by the other."""
        said = f"{first}:{second} -> {target}"
        if ":" in second:
            self.draft.drop("a product of more than two", "", said)
            return
        ways = ((first, second), (second, first))
        free = [way for way in ways if (way[0], target) in self.arrows and (way[0], target) not in self.by]
        source, other = free[0] if free else ways[0]
        if not free:
            if {(first, target), (second, target)} & set(self.arrows):
                self.draft.drop("a product", "", said, "an effect differs by one other variable at most")
                return
            self.draft.remark(f"{said} was read as an arrow {source} -> {target} whose effect differs by {other}")
            self.arrow(source, target, at)
        if (other, target) not in self.arrows:
            self.draft.remark(
                f"the effect {source} -> {target} differs by {other}, which has no arrow of its own to it"
            )
        self.by[source, target] = other
        self.draft.join(source, "->", target, at, {"by": other})

    def say_of_exogenous(self) -> None:
        effects = {target for _, target in self.arrows}
        causes = dict.fromkeys(source for source, _ in self.arrows if source not in effects)
        alone = [name for name in causes if name not in self.arcs]
        if len(alone) > 1:
            said = ", ".join(alone[:4]) + (", …" if len(alone) > 4 else "")
            self.draft.remark(
                f"lavaan lets variables without causes vary together ({said}); here they do only where ~~ says so"
            )


def _not_a_variable(part: Sequence[Token], at: Spot) -> FormatError:
    said = "".join(token.value for token in part)[:40]
    return FormatError(f"{said!r} is not the name of a variable", place=f"line {at}", hint=HINT)


# -- writing ------------------------------------------------------------------------


def called_in_lavaan(hypothesis: Hypothesis) -> Mapping[str, str]:
    """Return what each node is called in a model: its name, or a plain word where lavaan could not read that."""
    return plain_names(hypothesis.graph.nodes, _FINE, _RESERVED)


def write_lavaan(hypothesis: Hypothesis) -> str:
    """Write a model, after a comment that only Whyboard reads; reads back to the same hypothesis."""
    called = called_in_lavaan(hypothesis)
    own = own_line(hypothesis, called)
    return "\n".join([f"# whyboard: {own}", *_lines(hypothesis, called)]) + "\n"


def _lines(hypothesis: Hypothesis, called: Mapping[str, str]) -> list[str]:
    graph = hypothesis.graph
    into: dict[str, list[str]] = {}
    out_of: dict[str, list[str]] = {}
    nodes = set(graph.nodes)
    for edge in hypothesis.edges:
        if edge.source in graph.latents:
            out_of.setdefault(edge.source, []).append(called[edge.target])
        else:
            into.setdefault(edge.target, []).append(called[edge.source])
        if edge.by in nodes:
            into.setdefault(edge.target, []).append(f"{called[edge.source]}:{called[str(edge.by)]}")
    lines = [
        f"{called[name]} =~ {' + '.join(out_of.get(name, ['0']))}" for name in graph.nodes if name in graph.latents
    ]
    lines += [f"{called[name]} ~ {' + '.join(into[name])}" for name in graph.nodes if name in into]
    lines += [f"{called[a]} ~~ {called[b]}" for a, b in graph.bidirected]
    named = {end for edge in graph.edges for end in edge} | {end for arc in graph.bidirected for end in arc}
    lines += [f"{called[n]} ~~ {called[n]}" for n in graph.nodes if n not in named and n not in graph.latents]
    return lines


def _shown(hypothesis: Hypothesis, called: Mapping[str, str]) -> Hypothesis:
    lines = _lines(hypothesis, called)
    return _Model("\n".join(lines)).reading("shown", False).hypothesis if lines else Hypothesis("shown")
