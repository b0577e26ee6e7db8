"""DAGitty's text, as dagitty.net and the R package read and write it.

Positions are kept as they are: DAGitty's y axis points down, as the editor's does.

Some words are ours: ``[background]``, for causes that may be related in any way, and what nodes and
arrows are made of (:mod:`core.formats.words`). DAGitty knows no comments, but carries along words of
nodes and arrows that it does not know, gives them no meaning and writes them again; those of
the whole graph it forgets. It reads the same graph, with no other arrows among background nodes than
are drawn, and so lists independences among them that Whyboard does not claim.
"""

import math
import re
from collections.abc import Collection, Mapping
from functools import partial

from core.errors import FormatError
from core.formats.draft import Draft
from core.formats.graph_text import EdgeStatement, NodeStatement, parse_graph_text, quote
from core.formats.limits import check_length
from core.formats.marks import arrow_of, not_kept, take_marks
from core.formats.reading import Reading
from core.formats.two_part import is_two_part, two_part_reading
from core.formats.words import arrow_words, graph_words, node_words
from core.hypothesis import Hypothesis, Node

__all__ = ["dagitty_reading", "position", "read_dagitty", "write_dagitty"]

_EXAMPLE = "dag { ads -> sales }"
_NUMBER = r"\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*"
_POSITION = re.compile(f"{_NUMBER},{_NUMBER}(?:,{_NUMBER})?!?\\Z")


def dagitty_reading(text: str, name: str = "hypothesis", columns: Collection[str] = ()) -> Reading:
    """Read ``dag { … }``, statements without it, or the older form in two parts.

    Parameters
    ----------
    text : str
        DAGitty's language: names (in quotes if need be), ``->``, ``<-``, ``<->``, groups in
        braces, ``[exposure]``, ``[outcome]``, ``[latent]``, ``pos="x,y"``, their short words; and our ``[background]``.
        Looks and comments are passed over; what else is not kept is said.
    name : str
        The hypothesis's name.
    columns : collection of str
        Not asked: in DAGitty a variable is called by its name.

    Raises
    ------
    FormatError
        With the line, for text that cannot be read, or that leaves directions open.
    GraphError, CycleError
        If what it says is no causal graph.
    HypothesisError
        With the line, for a background into which an arrow comes from outside, or that the question is about.
    """
    if is_two_part(check_length(text)):
        return two_part_reading(text, name)
    parsed = parse_graph_text(text, _EXAMPLE, bare=True)
    if parsed.kind not in ("", "dag", "digraph", "graph"):
        known = {"pdag", "pag", "mag"}
        message = (
            f"a {parsed.kind} stands for a whole class of causal graphs, not for one"
            if parsed.kind in known
            else f"{parsed.kind!r} is not a kind of graph that Whyboard knows"
        )
        raise FormatError(message, place=f"line {parsed.kind_line}", hint=f"Write one causal graph, as {_EXAMPLE}")
    draft = Draft()
    for statement in parsed.statements:
        if isinstance(statement, EdgeStatement):
            draft.chain(statement, partial(arrow_of, attributes=statement.attributes))
            if statement.attributes:
                not_kept(draft, statement.attributes, statement.said)
        elif statement.bare and statement.attributes and statement.name.lower() in ("graph", "node"):
            if statement.name.lower() == "graph":
                draft.say_of_all(statement.attributes)
        else:
            draft.node(statement.name, statement.line)
            _node(draft, statement)
    return draft.reading(name)


def read_dagitty(text: str, name: str = "hypothesis") -> Hypothesis:
    """Read DAGitty's text; see :func:`dagitty_reading`, which also says what was taken for what."""
    return dagitty_reading(text, name).hypothesis


def _node(draft: Draft, statement: NodeStatement) -> None:
    take_marks(draft, statement.name, statement.attributes, statement.line, short=True)
    if "pos" in statement.attributes:
        draft.position(statement.name, *position(statement.attributes["pos"], statement), statement.line)


def position(value: str, statement: NodeStatement) -> tuple[float, float]:
    """Read ``"x,y"``; a third number and Graphviz's ``!`` are passed over."""
    found = _POSITION.match(value)
    if found is None:
        raise FormatError(
            f"the position {value!r} of {statement.name!r} is not two numbers",
            place=f"line {statement.line}",
            hint='Write it as pos="1.5,-0.3".',
        )
    return float(found[1]), float(found[2])


def write_dagitty(hypothesis: Hypothesis, plain: bool = False) -> str:
    """Write ``dag { … }``, one node or arrow a line; reads back to the same hypothesis, but for its name.

    With ``plain`` what is written is the graph, its marks and positions alone.
    """
    words = {} if plain else graph_words(hypothesis, None)
    lines = [f"graph{bracketed(words)}"] if words else []
    for node in hypothesis.nodes:
        marks = [*_marks(hypothesis, node), *([] if plain else pairs(node_words(node)))]
        lines.append(quote(node.name) + (f" [{','.join(marks)}]" if marks else ""))
    for edge in hypothesis.edges:
        lines.append(f"{quote(edge.source)} -> {quote(edge.target)}" + bracketed({} if plain else arrow_words(edge)))
    lines += [f"{quote(a)} <-> {quote(b)}" for a, b in hypothesis.bidirected]
    return "\n".join(["dag {", *lines, "}"]) + "\n"


def pairs(words: Mapping[str, str]) -> list[str]:
    """Return attributes as DAGitty and DOT write them, ``key=value``."""
    return [f"{key}={quote(value)}" for key, value in words.items()]


def bracketed(words: Mapping[str, str]) -> str:
    """Return attributes in their brackets, nothing where there are none."""
    return f" [{', '.join(pairs(words))}]" if words else ""


def _marks(hypothesis: Hypothesis, node: Node) -> list[str]:
    marks = [
        word
        for word, true in (
            ("latent", node.latent),
            ("exposure", hypothesis.exposure == node.name),
            ("outcome", hypothesis.outcome == node.name),
            ("background", node.name in hypothesis.background),
        )
        if true
    ]
    if node.position is not None and all(map(math.isfinite, node.position)):
        marks.append(f'pos="{number(node.position[0])},{number(node.position[1])}"')
    return marks


def number(value: float) -> str:
    """Write a number with every digit that it needs and none more."""
    return repr(float(value)).removesuffix(".0")
