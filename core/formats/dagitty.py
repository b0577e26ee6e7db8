"""DAGitty's text, as dagitty.net and the R package read and write it.

Positions are kept as they are: DAGitty's y axis points down, as the editor's does. What
DAGitty has no word for (families, priors, forms) is not written; the native form keeps it.
"""

import math
import re

from core.errors import FormatError
from core.formats.draft import Draft
from core.formats.graph_text import NodeStatement, parse_graph_text, quote
from core.hypothesis import Hypothesis, Node

__all__ = ["read_dagitty", "write_dagitty"]

_EXAMPLE = "dag { ads -> sales }"
_LATENT = frozenset({"latent", "l", "unobserved", "u"})
_EXPOSURE = frozenset({"exposure", "e", "source"})
_OUTCOME = frozenset({"outcome", "o", "target"})
_NUMBER = r"\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*"
_POSITION = re.compile(f"{_NUMBER},{_NUMBER}(?:,{_NUMBER})?!?\\Z")


def read_dagitty(text: str, name: str = "hypothesis") -> Hypothesis:
    """Read ``dag { … }``.

    Parameters
    ----------
    text : str
        DAGitty's language: names (in quotes if need be), ``->``, ``<-``, ``<->``, groups in
        braces, ``[exposure]``, ``[outcome]``, ``[latent]``, ``pos="x,y"``. Other attributes
        and comments are passed over.
    name : str
        The hypothesis's name.

    Raises
    ------
    FormatError
        With the line, for text that cannot be read, or that leaves directions open.
    GraphError, CycleError
        If what it says is no causal graph.
    """
    parsed = parse_graph_text(text, _EXAMPLE)
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
        if isinstance(statement, NodeStatement):
            _node(draft, statement)
            continue
        for left, arrow, right in zip(statement.ends, statement.arrows, statement.ends[1:], strict=False):
            for a in left:
                draft.node(a, statement.line)
                for b in right:
                    draft.node(b, statement.line)
                    draft.join(a, arrow, b, statement.line)
    return draft.hypothesis(name)


def _node(draft: Draft, statement: NodeStatement) -> None:
    draft.node(statement.name, statement.line)
    for key, value in statement.attributes.items():
        if value.lower() in ("0", "false", "no"):
            continue
        if key in _LATENT:
            draft.latent(statement.name)
        elif key in _EXPOSURE:
            draft.mark("exposure", statement.name, statement.line)
        elif key in _OUTCOME:
            draft.mark("outcome", statement.name, statement.line)
        elif key == "pos":
            draft.position(statement.name, *position(value, statement), statement.line)


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
        )
        if true
    ]
    if node.position is not None and all(map(math.isfinite, node.position)):
        marks.append(f'pos="{number(node.position[0])},{number(node.position[1])}"')
    return f" [{','.join(marks)}]" if marks else ""


def number(value: float) -> str:
    """Write a number with every digit that it needs and none more."""
    return repr(float(value)).removesuffix(".0")
