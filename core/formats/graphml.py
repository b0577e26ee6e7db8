"""GraphML, as yEd, Gephi, igraph and networkx exchange graphs.

Marks are ``data`` of ours: ``latent``, ``exposure``, ``outcome``, ``background``, ``x``, ``y`` on
nodes, ``bidirected`` on edges, and the words of
:mod:`core.formats.words`; DoWhy's ``observed`` is read too. A node is called by its ``name`` or
``label`` data or yEd's label, if there is one and no two nodes share it, else by its identifier. A document type
declaration is refused, and with it every entity that could expand.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.parsers import expat

from core.errors import FormatError
from core.formats.draft import Draft
from core.formats.limits import MAX_DEPTH, check_length
from core.formats.marks import TRUE, names_for, not_kept, take_marks
from core.formats.reading import Reading
from core.formats.words import MARK, WORDS_OF_ARROWS, WORDS_OF_NODES, arrow_words, graph_words, node_words
from core.hypothesis import Hypothesis

__all__ = ["graphml_reading", "read_graphml", "write_graphml"]

_NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
_HINT = "Save the graph as GraphML again, or write it as DAGitty text."


@dataclass
class _Item:
    """A node or an edge as it stands in the file."""

    line: int
    attributes: dict[str, str]
    data: dict[str, str] = field(default_factory=dict)


class _Reader:
    """Collects nodes and edges from expat's events, and refuses what no graph needs."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self.refuse
        self.parser.EntityDeclHandler = self.refuse
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.path: list[str] = []
        self.keys: dict[str, tuple[str, str]] = {}
        self.defaults: dict[str, dict[str, str]] = {"node": {}, "edge": {}}
        self.directed = True
        self.graphs = 0
        self.nodes: list[_Item] = []
        self.edges: list[_Item] = []
        self.item: _Item | None = None
        self.key: tuple[str, str] | None = None
        self.text: list[str] = []
        self.whole: dict[str, str] = {}

    def read(self, text: str) -> None:
        try:
            self.parser.Parse(text, True)
        except UnicodeEncodeError:
            raise FormatError("the text holds half a character", hint=_HINT) from None
        except expat.ExpatError as error:
            raise FormatError(
                f"this is not XML: {expat.errors.messages.get(error.code, 'malformed')}",
                place=f"line {error.lineno}",
                hint=_HINT,
            ) from None
        if not self.graphs:
            raise FormatError("there is no graph in this XML", hint=_HINT)

    def fail(self, message: str, hint: str = _HINT) -> FormatError:
        return FormatError(message, place=f"line {self.parser.CurrentLineNumber}", hint=hint)

    def refuse(self, *_: object) -> None:
        raise self.fail(
            "a document type or entity declaration is not read",
            "Remove the lines that begin with <!DOCTYPE or <!ENTITY.",
        )

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if len(self.path) >= MAX_DEPTH:
            raise self.fail(f"elements are nested more than {MAX_DEPTH} deep")
        if not self.path and tag != "graphml":
            raise self.fail(f"this XML is <{tag}>, not <graphml>")
        self.path.append(tag)
        if tag in ("data", "default", "NodeLabel"):
            self.text = []
        line = self.parser.CurrentLineNumber
        if tag == "graph":
            self.graphs += 1
            if self.graphs > 1:
                raise self.fail("there is more than one graph in this file", "Keep one graph a file.")
            self.directed = attributes.get("edgedefault", "directed") == "directed"
        elif tag == "hyperedge":
            raise self.fail("an edge joins more than two nodes", "Write it as arrows between two nodes.")
        elif tag in ("node", "edge"):
            self.item = _Item(line, attributes)
            (self.nodes if tag == "node" else self.edges).append(self.item)
        elif tag == "key":
            domain = attributes.get("for", "all")
            self.key = (domain, attributes.get("attr.name", "").lower())
            self.keys[attributes.get("id", "")] = self.key
        elif tag == "data":
            self.key = self.keys.get(attributes.get("key", ""))
        elif tag == "Geometry" and self.item is not None:
            self.item.data.update({key: attributes[key] for key in ("x", "y") if key in attributes})

    def characters(self, text: str) -> None:
        self.text.append(text)

    def end(self, tag: str) -> None:
        tag = self.path.pop()
        text = "".join(self.text)
        if tag == "data" and self.item is not None and self.key and self.key[1]:
            self.item.data[self.key[1]] = text
        elif tag == "data" and self.path[-1:] == ["graph"] and self.key and self.key[1]:
            self.whole[self.key[1]] = text
        elif tag == "default" and self.key:
            for domain in ("node", "edge"):
                if self.key[0] in (domain, "all"):
                    self.defaults[domain][self.key[1]] = text
        elif tag == "NodeLabel" and self.item is not None and text.strip():
            self.item.data.setdefault("label", text.strip())
        elif tag in ("node", "edge"):
            self.item = None
        if tag in ("data", "key"):
            self.key = None


def graphml_reading(text: str, name: str = "hypothesis", columns: Collection[str] = ()) -> Reading:
    """Read one directed graph.

    Parameters
    ----------
    text : str
        GraphML; looks are passed over, and what else is not named in the module's head is said.
    name : str
        The hypothesis's name.
    columns : collection of str
        Columns of the data, where known: they decide between labels and identifiers.

    Raises
    ------
    FormatError
        With the line, for text that is no such XML, for undirected or unknown ends.
    GraphError, CycleError
        If what it says is no causal graph.
    """
    text = check_length(text)
    if not text.strip():
        raise FormatError("the text is empty", hint=_HINT)
    reader = _Reader()
    reader.read(text)
    draft = Draft()
    draft.say_of_all(reader.whole)
    names = names_for(draft, _labels(reader), columns, labels_first=True)
    for item in reader.nodes:
        _node(draft, names[item.attributes["id"]], {**reader.defaults["node"], **item.data}, item.line)
    for item in reader.edges:
        _edge(draft, names, item, {**reader.defaults["edge"], **item.data}, reader.directed)
    return draft.reading(name)


def read_graphml(text: str, name: str = "hypothesis") -> Hypothesis:
    """Read GraphML; see :func:`graphml_reading`, which also says what was taken for what."""
    return graphml_reading(text, name).hypothesis


def _labels(reader: _Reader) -> dict[str, str]:
    """Return each identifier's label: its ``name`` or ``label``, whichever every node has."""
    items: dict[str, _Item] = {}
    for item in reader.nodes:
        key = item.attributes.get("id")
        if key is None or key in items:
            what = "has no id" if key is None else f"{key!r} stands twice"
            raise FormatError(f"a node {what}", place=f"line {item.line}", hint="Give each node an id of its own.")
        items[key] = item
    for word in ("name", "label"):
        labels = {key: item.data.get(word, "") for key, item in items.items()}
        if items and all(found.strip() for found in labels.values()) and len(set(labels.values())) == len(labels):
            return labels
    return dict.fromkeys(items, "")


def _node(draft: Draft, name: str, data: dict[str, str], line: int) -> None:
    draft.node(name, line)
    marks = {key: value for key, value in data.items() if key not in ("name", "label")}
    take_marks(draft, name, marks, line)
    if data.get("x", "").strip() and data.get("y", "").strip():
        try:
            x, y = float(data["x"]), float(data["y"])
        except ValueError:
            raise FormatError(
                f"the position of {name!r} is not two numbers", place=f"line {line}", hint="Write x and y as numbers."
            ) from None
        draft.position(name, x, y, line)


def _edge(draft: Draft, names: Mapping[str, str], item: _Item, data: dict[str, str], directed: bool) -> None:
    ends = []
    for role in ("source", "target"):
        end = item.attributes.get(role)
        if end is None or end not in names:
            what = f"has no {role}" if end is None else f"names {end!r}, which is not a node"
            raise FormatError(f"an edge {what}", place=f"line {item.line}", hint="Add the node, or correct the edge.")
        ends.append(names[end])
    if "directed" in item.attributes:
        directed = item.attributes["directed"].lower() in TRUE
    arrow = "<->" if _true(data, "bidirected") else "->" if directed else "--"
    draft.join(ends[0], arrow, ends[1], item.line, data)
    not_kept(draft, data, f"{ends[0]} {arrow} {ends[1]}")


def _true(data: dict[str, str], key: str) -> bool:
    return data.get(key, "").strip().lower() in TRUE


# -- writing ------------------------------------------------------------------------

_KEYS = (
    ("latent", "node", "boolean"),
    ("exposure", "node", "boolean"),
    ("outcome", "node", "boolean"),
    ("background", "node", "boolean"),
    ("x", "node", "double"),
    ("y", "node", "double"),
    ("bidirected", "edge", "boolean"),
)
_OF_WHOLE = (MARK, "name", "note", "absences")


def write_graphml(hypothesis: Hypothesis) -> str:
    """Write GraphML; reads back to the same hypothesis.

    Raises
    ------
    FormatError
        If a name holds a control character, which XML cannot carry.
    """
    root = ElementTree.Element("graphml", {"xmlns": _NAMESPACE})
    keys = [*_KEYS, *((key, "node", "string") for key in sorted(WORDS_OF_NODES))]
    keys += [(key, "edge", "string") for key in sorted(WORDS_OF_ARROWS)]
    for key, domain, kind in [*keys, *((key, "graph", "string") for key in _OF_WHOLE)]:
        ElementTree.SubElement(root, "key", {"id": key, "for": domain, "attr.name": key, "attr.type": kind})
    graph = ElementTree.SubElement(root, "graph", {"edgedefault": "directed"})
    for key, value in graph_words(hypothesis).items():
        _data(graph, key, value)
    for node in hypothesis.nodes:
        element = ElementTree.SubElement(graph, "node", {"id": _sayable(node.name)})
        marks = {
            "latent": node.latent,
            "exposure": hypothesis.exposure == node.name,
            "outcome": hypothesis.outcome == node.name,
            "background": node.name in hypothesis.background,
        }
        for key in (key for key, true in marks.items() if true):
            _data(element, key, "true")
        if node.position is not None and all(map(math.isfinite, node.position)):
            _data(element, "x", repr(float(node.position[0])))
            _data(element, "y", repr(float(node.position[1])))
        for key, value in node_words(node).items():
            _data(element, key, value)
    for edge in hypothesis.edges:
        element = ElementTree.SubElement(graph, "edge", {"source": edge.source, "target": edge.target})
        for key, value in arrow_words(edge).items():
            _data(element, key, value)
    for a, b in hypothesis.bidirected:
        _data(ElementTree.SubElement(graph, "edge", {"source": a, "target": b}), "bidirected", "true")
    ElementTree.indent(root)
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{ElementTree.tostring(root, encoding='unicode')}\n"


def _data(element: ElementTree.Element, key: str, value: str) -> None:
    ElementTree.SubElement(element, "data", {"key": key}).text = value


def _sayable(name: str) -> str:
    # What XML 1.0 calls a character (section 2.2).
    def allowed(letter: str) -> bool:
        return letter in "\t\n\r" or " " <= letter <= "\ud7ff" or "\ue000" <= letter <= "\ufffd" or letter > "\uffff"

    if not all(map(allowed, name)):
        raise FormatError(
            f"the name {name!r} holds a character that GraphML cannot carry",
            place=f"node {name!r}",
            hint="Rename the node, or use the JSON form.",
        )
    return name
