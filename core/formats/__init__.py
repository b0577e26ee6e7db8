"""Text to hypothesis and back: DAGitty, DOT, GraphML, GML, lavaan, BIF, bnlearn's model strings and the native JSON.

:func:`read_graph` and :func:`parse_graph` return a :class:`Reading`: the hypothesis and what
was taken for what. :func:`read_hypothesis` and :func:`parse_hypothesis` return the hypothesis.
:func:`remarks_on_writing` says what becomes of it in another program.
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
from core.formats.saying import only_for_whyboard, remarks_on_writing
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
    "remarks_on_writing",
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
