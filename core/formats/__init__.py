"""Text to hypothesis and back: DAGitty, DOT, GraphML, GML, bnlearn's model strings and the native JSON.

:func:`read_graph` and :func:`parse_graph` return a :class:`Reading`: the hypothesis and what
was taken for what. :func:`read_hypothesis` and :func:`parse_hypothesis` return the hypothesis.
"""

from pathlib import Path

from core.formats.dagitty import read_dagitty, write_dagitty
from core.formats.dot import read_dot, write_dot
from core.formats.files import format_of, format_of_text, parse_graph, read_content, read_graph
from core.formats.gml import read_gml, write_gml
from core.formats.graphml import read_graphml, write_graphml
from core.formats.kinds import FORMATS, Format, known_format
from core.formats.native import hypothesis_from_record, read_native, write_native
from core.formats.reading import Reading, ReadingRemark
from core.hypothesis import Hypothesis

__all__ = [
    "FORMATS",
    "Format",
    "Reading",
    "ReadingRemark",
    "format_hypothesis",
    "format_of",
    "format_of_text",
    "hypothesis_from_record",
    "only_for_whyboard",
    "parse_graph",
    "parse_hypothesis",
    "read_content",
    "read_dagitty",
    "read_dot",
    "read_gml",
    "read_graph",
    "read_graphml",
    "read_hypothesis",
    "read_native",
    "write_dagitty",
    "write_dot",
    "write_gml",
    "write_graphml",
    "write_native",
]


def read_hypothesis(path: str | Path, name: str | None = None) -> Hypothesis:
    """Read a file as :func:`read_graph` does; return the hypothesis alone."""
    return read_graph(path, name).hypothesis


def parse_hypothesis(text: str, format: str = "dagitty", name: str | None = None) -> Hypothesis:
    """Read text in a named format, and in no other; a graph of no nodes is allowed here.

    Without ``name`` the hypothesis is called what the text calls it (JSON), else "hypothesis".

    Raises
    ------
    WhyboardError
        As each reader; places name the line, not a file.
    """
    return parse_graph(text, format, name, strict=True).hypothesis


def format_hypothesis(hypothesis: Hypothesis, format: str = "dagitty") -> str:
    """Write a hypothesis as text in a named format."""
    write = known_format(format, writing=True).write
    assert write is not None
    return write(hypothesis)


def only_for_whyboard(hypothesis: Hypothesis, format: str) -> tuple[str, ...]:
    """Return, in words, what a format has no words for: it is in the text, and other programs pass over it."""
    if known_format(format, writing=True).key == "json":
        return ()
    nodes, edges = hypothesis.nodes, hypothesis.edges
    parts = (
        ("the note", bool(hypothesis.note)),
        ("kinds of nodes", any(node.kind for node in nodes)),
        ("families and links", any(node.family or node.link for node in nodes)),
        ("groups", any(node.group is not None for node in nodes)),
        ("priors", any(node.priors for node in nodes) or any(edge.prior for edge in edges)),
        ("forms and signs of arrows", any(edge.form != "linear" or edge.sign for edge in edges)),
        ("scales, lags and what effects differ by", any(e.scale or e.lag or e.by is not None for e in edges)),
        ("units and descriptions", any(node.unit or node.description for node in nodes)),
        ("reasons and citations", any(e.reason or e.citation for e in edges) or bool(hypothesis.absences)),
    )
    return tuple(words for words, there in parts if there)
