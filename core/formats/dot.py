"""Graphviz DOT: ``digraph { a -> b }``.

An arc is an arrow with two heads (``dir=both``). Marks that DOT has no word for are
attributes of ours (``latent``, ``exposure``, ``outcome``, ``background``), which Graphviz
passes over; dashes, shapes and grey show them in a drawing too. So are the words of
:mod:`core.formats.words` for what nodes and arrows are made of. Graphviz's y axis points up,
the editor's down: positions are mirrored on the way out and in.
"""

import math
import re
from collections.abc import Collection, Iterable
from functools import partial

from core.errors import FormatError
from core.formats.dagitty import bracketed, number, pairs, position
from core.formats.draft import Draft
from core.formats.graph_text import EdgeStatement, NodeStatement, parse_graph_text, quote
from core.formats.marks import arrow_of, names_for, not_kept, take_marks
from core.formats.reading import Reading
from core.formats.words import arrow_words, graph_words, node_words
from core.hypothesis import Hypothesis, Node

__all__ = ["dot_reading", "read_dot", "write_dot"]

_EXAMPLE = "digraph { ads -> sales }"
_ESCAPED = re.compile(r"\\[nlr]")  # line breaks within a label


def dot_reading(text: str, name: str = "hypothesis", columns: Collection[str] = ()) -> Reading:
    """Read a directed graph in DOT.

    Parameters
    ----------
    text : str
        ``digraph { … }``; looks, ports, sub-graphs and comments are passed over.
    name : str
        The hypothesis's name.
    columns : collection of str
        Columns of the data, where known. A node is called by its identifier, or by its label
        where that is a column, or where the identifiers are mere codes (``n1``, ``a``).

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
    names = names_for(draft, _labels(parsed.statements), columns, labels_first=False)
    edge_defaults: dict[str, str] = {}
    for statement in parsed.statements:
        if isinstance(statement, EdgeStatement):
            attributes = {**edge_defaults, **statement.attributes}
            draft.chain(statement, partial(arrow_of, attributes=attributes), names, attributes)
            not_kept(draft, statement.attributes, statement.said)
        elif _defaults(statement):
            if statement.name.lower() == "edge":
                edge_defaults.update(statement.attributes)
            elif statement.name.lower() == "graph":
                draft.say_of_all(statement.attributes)
        else:
            _node(draft, statement, names[statement.name])
    return draft.reading(name)


def read_dot(text: str, name: str = "hypothesis") -> Hypothesis:
    """Read DOT; see :func:`dot_reading`, which also says what was taken for what."""
    return dot_reading(text, name).hypothesis


def _defaults(statement: NodeStatement) -> bool:
    return statement.bare and statement.name.lower() in ("node", "edge", "graph")


def _labels(statements: Iterable[NodeStatement | EdgeStatement]) -> dict[str, str]:
    labels: dict[str, str] = {}
    for statement in statements:
        if isinstance(statement, EdgeStatement):
            for id in (id for end in statement.ends for id in end):
                labels.setdefault(id, "")
        elif not _defaults(statement):
            said = statement.attributes.get("label", "")
            said = "" if said.startswith("<") else _ESCAPED.sub(" ", said.replace(r"\N", statement.name))
            labels[statement.name] = said or labels.get(statement.name, "")
    return labels


def _node(draft: Draft, statement: NodeStatement, called: str) -> None:
    draft.node(called, statement.line)
    for key, value in statement.attributes.items():
        if key == "pos":
            x, y = position(value, statement)
            draft.position(called, x, -y, statement.line)
    marks = {key: value for key, value in statement.attributes.items() if key != "label"}
    take_marks(draft, called, marks, statement.line)


def write_dot(hypothesis: Hypothesis) -> str:
    """Write ``digraph { … }``; reads back to the same hypothesis."""
    lines = [f"  graph{bracketed(graph_words(hypothesis, 'title'))};"]
    lines += [f"  {quote(node.name)}{_attributes(hypothesis, node)};" for node in hypothesis.nodes]
    lines += [f"  {quote(e.source)} -> {quote(e.target)}{bracketed(arrow_words(e))};" for e in hypothesis.edges]
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
    if node.name in hypothesis.background:
        marks.append("background=true, style=filled, fillcolor=gray92")
    if node.position is not None and all(map(math.isfinite, node.position)):
        marks.append(f'pos="{number(node.position[0])},{number(-node.position[1])}!"')
    marks += pairs(node_words(node))
    return f" [{', '.join(marks)}]" if marks else ""
