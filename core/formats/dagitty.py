"""DAGitty's text, as dagitty.net and the R package read and write it.

Positions are kept as they are: DAGitty's y axis points down, as the editor's does. What
DAGitty has no word for (families, priors, forms) is not written; the native form keeps it.

One word is ours: ``[background]``, for causes that may be related in any way. DAGitty carries
along words that it does not know and gives them no meaning: it reads the same graph, with no
other arrows among those nodes than are drawn, and so lists independences among them that
Whyboard does not claim.
"""

import math
import re
from collections.abc import Collection
from functools import partial

from core.errors import FormatError
from core.formats.draft import Draft
from core.formats.graph_text import EdgeStatement, NodeStatement, parse_graph_text, quote
from core.formats.limits import check_length
from core.formats.marks import arrow_of, not_kept, take_marks
from core.formats.reading import Reading
from core.formats.two_part import is_two_part, two_part_reading
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
        elif not (statement.bare and statement.attributes and statement.name.lower() in ("graph", "node")):
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


def write_dagitty(hypothesis: Hypothesis) -> str:
    """Write ``dag { … }``, one node or arrow a line; reads back to the same graph, marks and positions."""
    lines = [f"{quote(node.name)}{_attributes(hypothesis, node)}" for node in hypothesis.nodes]
    lines += [f"{quote(edge.source)} -> {quote(edge.target)}" for edge in hypothesis.edges]
    lines += [f"{quote(a)} <-> {quote(b)}" for a, b in hypothesis.bidirected]
    return "\n".join(["dag {", *lines, "}"]) + "\n"


def _attributes(hypothesis: Hypothesis, node: Node) -> str:
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
    return f" [{','.join(marks)}]" if marks else ""


def number(value: float) -> str:
    """Write a number with every digit that it needs and none more."""
    return repr(float(value)).removesuffix(".0")
