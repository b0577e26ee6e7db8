"""GML, as DoWhy, networkx and yEd exchange graphs: ``graph [ directed 1 node [ id 0 label "ads" ] … ]``.

Marks are ``latent``, ``exposure``, ``outcome``, ``background`` and DoWhy's ``observed "no"`` on
nodes and ``bidirected`` on edges, and the words of
:mod:`core.formats.words`; places are yEd's ``graphics [ x … y … ]``. A node is called by its
``label``, if no two nodes share it, else by its identifier.

A reader of our own, since networkx's recurses as deep as a file is nested, and has forgotten
the lines by the time that an edge turns out to be wrong; the tests hold it against networkx.
"""

import html
import math
import re
import sys
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from core.errors import FormatError
from core.formats.draft import Draft
from core.formats.limits import MAX_DEPTH, MAX_TOKENS, check_length
from core.formats.marks import TRUE, names_for, not_kept, take_marks
from core.formats.reading import Reading
from core.formats.words import arrow_words, graph_words, node_words
from core.hypothesis import Hypothesis

__all__ = ["gml_reading", "read_gml", "write_gml"]

_HINT = 'Write it as graph [ directed 1 node [ id 0 label "ads" ] … edge [ source 0 target 1 ] ].'
_TOKEN = re.compile(
    r"""(?P<space>\s++ | \#[^\n]*+)
    | "(?P<string>[^"]*+)"
    | (?P<number>[+-]?(?:\d++\.?\d*+|\.\d++)(?:[eE][+-]?\d++)?(?![\w.]))
    | (?P<word>[A-Za-z_]\w*+)
    | (?P<sign>[\[\]])""",
    re.VERBOSE,
)


_REFERENCE = re.compile(r"&#(\d{1,7});")


def _unescaped(text: str) -> str:
    """Return a text without its references; also to what is no character yet, which HTML leaves out."""
    parts = _REFERENCE.split(text)
    parts[1::2] = [_letter(int(number)) for number in parts[1::2]]
    parts[::2] = [html.unescape(part) for part in parts[::2]]
    return "".join(parts)


def _letter(code: int) -> str:
    letter = chr(code) if code <= sys.maxunicode else ""
    return letter if letter and unicodedata.category(letter) == "Cn" else html.unescape(f"&#{code};")


@dataclass
class _Record:
    """A list ``[ key value … ]``: its plain values by key (the last one counts), and the lists within."""

    line: int
    values: dict[str, str] = field(default_factory=dict)
    lists: list[tuple[str, "_Record"]] = field(default_factory=list)

    def named(self, key: str) -> Iterator["_Record"]:
        return (record for name, record in self.lists if name == key)


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    place, line, count = 0, 1, 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            what = "a quote is never closed" if text[place] == '"' else f"unexpected {text[place]!r}"
            raise FormatError(what, place=f"line {line}", hint=_HINT)
        kind = found.lastgroup or ""
        if kind != "space":
            count += 1
            if count > MAX_TOKENS:
                raise FormatError("the text is too long", place=f"line {line}", hint="Draw a smaller graph.")
            yield kind, found[kind], line
        line += text.count("\n", place, found.end())
        place = found.end()


def _parse(text: str) -> _Record:
    top = _Record(1)
    open_ = [top]
    key, line = "", 1
    for kind, value, line in _tokens(text):
        if key:
            if value == "[" and kind == "sign":
                if len(open_) > MAX_DEPTH:
                    raise FormatError(
                        f"brackets are nested more than {MAX_DEPTH} deep",
                        place=f"line {line}",
                        hint="Write it flatter.",
                    )
                record = _Record(line)
                open_[-1].lists.append((key, record))
                open_.append(record)
            elif kind == "sign":
                raise FormatError(f"{key!r} has no value", place=f"line {line}", hint=_HINT)
            else:
                open_[-1].values[key] = _unescaped(value) if kind == "string" else value
            key = ""
        elif kind == "word":
            key = value.lower()
        elif kind == "sign" and value == "]" and len(open_) > 1:
            open_.pop()
        else:
            raise FormatError(f"{value[:40]!r} stands where a key should be", place=f"line {line}", hint=_HINT)
    if key or len(open_) > 1:
        raise FormatError(
            "the text ends before the graph does", place=f"line {line}", hint="Check that every [ has its ]."
        )
    return top


def gml_reading(text: str, name: str = "hypothesis", columns: Collection[str] = ()) -> Reading:
    """Read one directed graph.

    Parameters
    ----------
    text : str
        GML; looks are passed over.
    name : str
        The hypothesis's name.
    columns : collection of str
        Columns of the data, where known: they decide between labels and identifiers.

    Raises
    ------
    FormatError
        With the line, for text that is no such GML, for undirected edges and unknown ends.
    GraphError, CycleError
        If what it says is no causal graph.
    """
    text = check_length(text)
    if not text.strip():
        raise FormatError("the text is empty", hint=_HINT)
    graphs = list(_parse(text).named("graph"))
    if len(graphs) != 1:
        what = "there is no graph in this text" if not graphs else "there is more than one graph in this text"
        raise FormatError(what, place=f"line {graphs[1].line}" if graphs else "", hint=_HINT)
    graph = graphs[0]
    draft = Draft()
    draft.say_of_all(graph.values)
    nodes: dict[str, _Record] = {}
    for node in graph.named("node"):
        id = node.values.get("id", node.values.get("label", ""))
        if not id or id in nodes:
            what = f"{id!r} stands twice" if id else "has no id"
            raise FormatError(f"a node {what}", place=f"line {node.line}", hint="Give each node an id of its own.")
        nodes[id] = node
    labels = {id: node.values.get("label") or node.values.get("name", "") for id, node in nodes.items()}
    names = names_for(draft, labels, columns, labels_first=True)
    for id, node in nodes.items():
        draft.node(names[id], node.line)
        marks = {key: value for key, value in node.values.items() if key not in ("id", "label", "name")}
        take_marks(draft, names[id], marks, node.line)
        _place(draft, names[id], node)
    directed = graph.values.get("directed", "0") in TRUE
    for edge in graph.named("edge"):
        _edge(draft, edge, names, directed)
    return draft.reading(name)


def read_gml(text: str, name: str = "hypothesis") -> Hypothesis:
    """Read GML; see :func:`gml_reading`, which also says what was taken for what."""
    return gml_reading(text, name).hypothesis


def _place(draft: Draft, called: str, node: _Record) -> None:
    for graphics in node.named("graphics"):
        x, y = graphics.values.get("x"), graphics.values.get("y")
        if x is None or y is None:
            continue
        try:
            draft.position(called, float(x), float(y), graphics.line)
        except ValueError:
            raise FormatError(
                f"the position of {called!r} is not two numbers",
                place=f"line {graphics.line}",
                hint="Write x and y as numbers.",
            ) from None


def _edge(draft: Draft, edge: _Record, names: Mapping[str, str], directed: bool) -> None:
    ends = []
    for role in ("source", "target"):
        end = edge.values.get(role)
        if end is None or end not in names:
            what = f"has no {role}" if end is None else f"names {end!r}, which is not a node"
            raise FormatError(f"an edge {what}", place=f"line {edge.line}", hint="Add the node, or correct the edge.")
        ends.append(names[end])
    heads = {key: value for graphics in edge.named("graphics") for key, value in graphics.values.items()}
    said = heads.get("arrow", "").lower()
    if (
        edge.values.get("bidirected", "").lower() in TRUE
        or said == "both"
        or (heads.get("sourcearrow", "none") != "none" and heads.get("targetarrow", "none") != "none")
    ):
        arrow = "<->"
    else:
        arrow = "<-" if said == "first" else "--" if said == "none" or not directed else "->"
    draft.join(ends[0], arrow, ends[1], edge.line, edge.values)
    rest = {key: value for key, value in edge.values.items() if key not in ("source", "target")}
    not_kept(draft, rest, f"{ends[0]} {arrow} {ends[1]}")


# -- writing ------------------------------------------------------------------------


def write_gml(hypothesis: Hypothesis) -> str:
    """Write GML; reads back to the same hypothesis, and into networkx and DoWhy."""
    number = {node.name: index for index, node in enumerate(hypothesis.nodes)}
    pairs = {(edge.source, edge.target) for edge in hypothesis.edges}
    lines = ["graph [", "  directed 1"]
    if any((a, b) in pairs or (b, a) in pairs for a, b in hypothesis.bidirected):
        lines.append("  multigraph 1")  # an arc beside an arrow
    lines += _values("  ", graph_words(hypothesis))
    for node in hypothesis.nodes:
        lines += ["  node [", f"    id {number[node.name]}", f'    label "{_escaped(node.name)}"']
        if node.latent:
            lines += ["    latent 1", '    observed "no"']
        lines += [f"    {role} 1" for role in ("exposure", "outcome") if getattr(hypothesis, role) == node.name]
        if node.name in hypothesis.background:
            lines.append("    background 1")
        lines += _values("    ", node_words(node))
        if node.position is not None and all(map(math.isfinite, node.position)):
            x, y = (repr(float(value)) for value in node.position)
            lines.append(f"    graphics [ x {x} y {y} ]")
        lines.append("  ]")
    joins = [(e.source, e.target, "".join(_values(" ", arrow_words(e)))) for e in hypothesis.edges]
    joins += [(a, b, " bidirected 1") for a, b in hypothesis.bidirected]
    lines += [f"  edge [ source {number[a]} target {number[b]}{arc} ]" for a, b, arc in joins]
    return "\n".join([*lines, "]"]) + "\n"


def _values(before: str, words: Mapping[str, str]) -> list[str]:
    return [f'{before}{key} "{_escaped(value)}"' for key, value in words.items()]


def _escaped(name: str) -> str:
    # GML is ASCII, with character references as in HTML.
    return "".join(c if " " <= c <= "~" and c not in '"&' else f"&#{ord(c)};" for c in name)
