"""What is written reads back the same; nothing but a WhyboardError comes out of any text."""

import functools
import json
from pathlib import Path

import networkx as nx
import pytest
from drawn_hypotheses import ODD_NAMES, hypotheses
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import WhyboardError
from core.formats import FORMATS, format_hypothesis, only_for_whyboard, parse_graph, parse_hypothesis, read_hypothesis
from core.hypothesis import Edge, Hypothesis, Node

quick = settings(max_examples=100, deadline=None)
thorough = settings(max_examples=200, deadline=None)


@quick
@given(hypotheses(full=True))
def test_json_loses_nothing(hypothesis):
    assert parse_hypothesis(format_hypothesis(hypothesis, "json"), "json") == hypothesis
    assert Hypothesis.from_dict(json.loads(hypothesis.to_json())) == hypothesis
    assert only_for_whyboard(hypothesis, "json") == ()


@pytest.mark.parametrize("key", ["dot", "gml"])
@thorough
@given(hypothesis=hypotheses(full=True))
def test_dot_and_gml_lose_nothing(key, hypothesis):
    reading = parse_graph(format_hypothesis(hypothesis, key), key)
    assert reading.hypothesis == hypothesis
    assert [told for told in reading.told if "called by their labels" not in told] == []  # GML numbers its nodes
    assert parse_hypothesis(format_hypothesis(hypothesis, key), key, "h") == hypothesis.renamed("h")


@thorough
@given(hypothesis=hypotheses(full=True))
def test_dagitty_loses_nothing_but_the_name(hypothesis):
    reading = parse_graph(format_hypothesis(hypothesis, "dagitty"), "dagitty", hypothesis.name)
    assert reading.hypothesis == hypothesis
    assert reading.told == ()


@pytest.mark.parametrize("key", ["lavaan", "bif"])
@thorough
@given(hypothesis=hypotheses(full=True))
def test_lavaan_and_bif_lose_nothing_for_us(key, hypothesis):
    text = format_hypothesis(hypothesis, key)
    assert text.isascii()
    reading = parse_graph(text, key)
    assert reading.hypothesis == hypothesis
    assert reading.told == ()
    assert parse_hypothesis(text, key, "h") == hypothesis.renamed("h")


@thorough
@given(hypotheses(xml=True, full=True))
def test_graphml_loses_nothing(hypothesis):
    reading = parse_graph(format_hypothesis(hypothesis, "graphml"), "graphml")
    assert reading.hypothesis == hypothesis
    assert reading.told == ()


@settings(max_examples=60, deadline=None)
@given(hypotheses(xml=True, full=True))
def test_from_format_to_format_and_back(hypothesis):
    now = hypothesis
    for key in ("dagitty", "graphml", "dot", "gml", "lavaan", "bif", "json"):
        now = parse_hypothesis(format_hypothesis(now, key), key, hypothesis.name)
    assert now == hypothesis


def test_files_keep_every_line_end_and_every_name(tmp_path: Path):
    hypothesis = Hypothesis("h", tuple(Node(name, position=(1.5, -2)) for name in ODD_NAMES))
    for key, found in FORMATS.items():
        if found.write is None:
            continue
        path = tmp_path / f"h{found.endings[0]}"
        path.write_bytes(format_hypothesis(hypothesis, key).encode())
        assert read_hypothesis(path, "h") == hypothesis


def test_networkx_reads_our_graphml(tmp_path: Path):
    hypothesis = Hypothesis("h", (Node("a b"), Node("ü", latent=True), Node("🦊")), (Edge("a b", "ü"), Edge("ü", "🦊")))
    path = tmp_path / "h.graphml"
    path.write_text(format_hypothesis(hypothesis, "graphml"), encoding="utf-8")
    graph = nx.read_graphml(path)
    assert set(graph.edges) == {("a b", "ü"), ("ü", "🦊")}
    assert graph.nodes["ü"]["latent"] is True


def test_we_read_the_graphml_of_networkx(tmp_path: Path):
    graph = nx.DiGraph([("a", "b c"), ("b c", "d")])
    graph.nodes["d"]["latent"] = True
    graph.nodes["a"].update(x=1.5, y=-2.0)
    path = tmp_path / "h.graphml"
    nx.write_graphml(graph, path)
    hypothesis = read_hypothesis(path)
    assert hypothesis.graph.edges == (("a", "b c"), ("b c", "d"))
    assert hypothesis.graph.latents == {"d"}
    assert hypothesis.node("a").position == (1.5, -2.0)


# -- any text -----------------------------------------------------------------------

_PIECES = {
    "dagitty": ["dag", "{", "}", "a", "b", '"', "\\", "->", "<-", "<->", "--", "[", "]", "=", ",", ";", "pos", "1.5",
                "-", "latent", "exposure", "outcome", "adjusted", "background", "beta", "#", "//", "/*", "*/", "\n",
                " ", "subgraph", ":", "<", "\0", "\ud800", "🦊"],
    "graphml": ["<graphml>", "</graphml>", "<graph>", "<graph edgedefault='directed'>", "</graph>", "<node id='a'/>",
                "<node id='b'>", "</node>", "<edge source='a' target='b'/>", "<data key='k'>", "</data>", "true",
                "&lt;", "&x;", "<!DOCTYPE x>", "<key id='k' attr.name='x' for='node'/>",
                "<key id='k' attr.name='background' for='node'/>", "\0", "\ud800", "<", "]]>",
                "<hyperedge/>"],
    "json": ["{", "}", "[", "]", ":", ",", '"format"', '"whyboard-hypothesis/1"', '"nodes"', '"edges"', '"name"',
             '"a"', "1", "1e999", "NaN", "null", "true", '"\\ud800"', '{"name": "a"}', '"source"', '"target"',
             '"position"', "-"],
}  # fmt: skip
_PIECES["gml"] = ["graph", "[", "]", "directed", "1", "0", "node", "edge", "id", "label", '"a"', '"b"', "source",
                  "target", "graphics", "x", "y", "-1.5", "nan", '"', "#", "\n", " ", "&#0;", "&#xD800;", "\0",
                  "\ud800", "observed", '"no"', "background"]  # fmt: skip
_PIECES["bnlearn"] = ["[", "]", "|", ":", "a", "b", "[a]", "[b|a]", "[c|a:b]", " ", "\n", "\0", "\ud800", "🦊"]
_PIECES["lavaan"] = ["y", "x", "f", "a.b", "~", "=~", "~~", "<~", "==", ":=", ":", "+", "*", "?", "(", ")", ",", "0",
                     "1", "0.5", "NA", "c", "start", '"', "\n", ";", "#", "!", " ", "<-", "'", "group", "|",
                     "# whyboard: {", "}", "\0", "\ud800", "🦊"]  # fmt: skip
_PIECES["bif"] = ["network n {", "variable a {", "variable", "probability", "(", ")", "a", "b", "|", ",", "{", "}", ";",
                  "type discrete [ 2 ] { yes, no };", "property", '"', "'", "/*", "*/", "//", "\n", " ", "table 0.5",
                  "probability ( a ) {", '"whyboard: {', "position = (1, 2)", "\0", "\ud800"]  # fmt: skip
_PIECES["dot"] = [*_PIECES["dagitty"], "digraph", "dir", "both", "strict", "node", "edge", "<b>", ">"]


def outcome(call):
    """Return what a call gives: a hypothesis or the refusal; anything else is a fault."""
    try:
        return call()
    except WhyboardError as error:
        return error


@functools.cache
def texts(key):
    """Return any characters, and what looks like the format."""
    pieces = st.lists(st.sampled_from(_PIECES[key]), max_size=40).map("".join)
    return st.text(st.characters(), max_size=60) | pieces | pieces.map(lambda inside: f"dag {{{inside}}}")


@pytest.mark.parametrize("key", list(FORMATS))
@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_any_text_gives_a_hypothesis_or_a_refusal(key, data):
    text = data.draw(texts(key))
    found = outcome(lambda: parse_hypothesis(text, key, "h"))
    if isinstance(found, WhyboardError):
        assert found.message
        assert found.hint
        assert len(found.lines().split("\n")) == 2
    else:
        format_hypothesis(found, "dagitty").encode()


def objects(values):
    """Return objects with the fields of the format, of any type."""
    keys = ["name", "kind", "family", "latent", "position", "priors", "source", "target", "form", "sign", "prior",
            "bidirected", "background", "exposure", "note", "distribution", "mu"]  # fmt: skip
    return st.dictionaries(st.sampled_from(keys), values, max_size=5)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["a", "b", "", "Normal", "+"])
VALUES = st.recursive(LEAVES, lambda inside: st.lists(inside, max_size=3) | objects(inside), max_leaves=5)
TWO_NODES = [{"name": "a"}, {"name": "b"}]


@settings(max_examples=100, deadline=None)
@given(
    fields=objects(VALUES),
    nodes=st.just(TWO_NODES) | st.lists(objects(VALUES) | VALUES, max_size=3),
    edges=st.lists(objects(VALUES), max_size=3) | VALUES,
)
def test_any_json_value_gives_a_hypothesis_or_a_refusal(fields, nodes, edges):
    record = {"format": "whyboard-hypothesis/1", **fields, "nodes": nodes, "edges": edges}
    found = outcome(lambda: Hypothesis.from_dict(record))
    assert isinstance(found, Hypothesis) or found.hint


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=60), ending=st.sampled_from([e for f in FORMATS.values() for e in f.endings]))
def test_any_file_gives_a_hypothesis_or_a_refusal_that_names_it(tmp_path_factory, content, ending):
    path = tmp_path_factory.getbasetemp() / f"any{ending}"
    path.write_bytes(content)
    found = outcome(lambda: read_hypothesis(path))
    assert isinstance(found, Hypothesis) or (found.place.startswith(str(path)) and found.hint)
