"""Graphviz DOT: ``digraph { a -> b }``.

An arc is an arrow with two heads (``dir=both``). Marks that DOT has no word for are
attributes of ours (``latent``, ``exposure``, ``outcome``), which Graphviz passes over;
dashes and shapes show them in a drawing too. Graphviz's y axis points up, the editor's
down: positions are mirrored on the way out and in.
"""

import math

from core.errors import FormatError
from core.formats.dagitty import number, position
from core.formats.draft import Draft
from core.formats.graph_text import EdgeStatement, NodeStatement, parse_graph_text, quote
from core.hypothesis import Hypothesis, Node

__all__ = ["read_dot", "write_dot"]

_EXAMPLE = "digraph { ads -> sales }"
_TRUE = frozenset({"1", "true", "yes"})


def read_dot(text: str, name: str = "hypothesis") -> Hypothesis:
    """Read a directed graph in DOT; a node is called by its identifier, not by its label.

    Parameters
    ----------
    text : str
        ``digraph { … }``; looks, ports, sub-graphs and comments are passed over.
    name : str
        The hypothesis's name.

    Raises
    ------
    FormatError
        With the line, for text that cannot be read, or for edges without direction.
    GraphError, CycleError
        If what it says is no causal graph.
    """
    parsed = parse_graph_text(text, _EXAMPLE)
    if parsed.kind not in ("digraph", "graph", ""):
        raise FormatError(
            f"{parsed.kind!r} is not a kind of graph that DOT has",
            place=f"line {parsed.kind_line}",
            hint=f"Write it as {_EXAMPLE}, or give a file with DAGitty's text the ending .dagitty.",
        )
    draft = Draft()
    edge_defaults: dict[str, str] = {}
    for statement in parsed.statements:
        if isinstance(statement, EdgeStatement):
            _edges(draft, statement, {**edge_defaults, **statement.attributes})
        elif statement.bare and statement.name.lower() in ("node", "edge", "graph"):
            if statement.name.lower() == "edge":
                edge_defaults.update(statement.attributes)
        else:
            _node(draft, statement)
    return draft.hypothesis(name)


def _edges(draft: Draft, statement: EdgeStatement, attributes: dict[str, str]) -> None:
    direction = attributes.get("dir", "").lower()
    turned = {"both": "<->", "back": "<-", "none": "--"}.get(direction)
    if attributes.get("bidirected", "").lower() in _TRUE:
        turned = "<->"
    for left, arrow, right in zip(statement.ends, statement.arrows, statement.ends[1:], strict=False):
        for a in left:
            draft.node(a, statement.line)
            for b in right:
                draft.node(b, statement.line)
                draft.join(a, turned if turned and arrow == "->" else arrow, b, statement.line)


def _node(draft: Draft, statement: NodeStatement) -> None:
    draft.node(statement.name, statement.line)
    for key, value in statement.attributes.items():
        if key == "pos":
            x, y = position(value, statement)
            draft.position(statement.name, x, -y, statement.line)
        elif value.lower() not in _TRUE:
            continue
        elif key in ("latent", "unobserved"):
            draft.latent(statement.name)
        elif key in ("exposure", "outcome"):
            draft.mark(key, statement.name, statement.line)


def write_dot(hypothesis: Hypothesis) -> str:
    """Write ``digraph { … }``; reads back to the same graph, marks and positions."""
    lines = [f"  {quote(node.name)}{_attributes(hypothesis, node)};" for node in hypothesis.nodes]
    lines += [f"  {quote(edge.source)} -> {quote(edge.target)};" for edge in hypothesis.edges]
    lines += [f"  {quote(a)} -> {quote(b)} [dir=both, style=dashed];" for a, b in hypothesis.bidirected]
    return "\n".join(["digraph {", *lines, "}"]) + "\n"


def _attributes(hypothesis: Hypothesis, node: Node) -> str:
    marks = []
    if node.latent:
        marks.append("latent=true, style=dashed")
    if hypothesis.exposure == node.name:
        marks.append("exposure=true")
    if hypothesis.outcome == node.name:
        marks.append("outcome=true")
    if hypothesis.exposure == node.name or hypothesis.outcome == node.name:
        marks.append("shape=box")
    if node.position is not None and all(map(math.isfinite, node.position)):
        marks.append(f'pos="{number(node.position[0])},{number(-node.position[1])}!"')
    return f" [{', '.join(marks)}]" if marks else ""
