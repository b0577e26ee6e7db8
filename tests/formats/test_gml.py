import networkx as nx
import pytest
from drawn_hypotheses import hypotheses
from hypothesis import given, settings

from core.errors import CycleError, FormatError, WhyboardError
from core.formats import parse_graph
from core.formats.gml import gml_reading, read_gml, write_gml
from core.hypothesis import Edge, Hypothesis, Node

# As DoWhy's users write it: on one line, with a mark for what was not observed.
DOWHY = (
    'graph[directed 1 node[id "v0" label "Sign up" observed "yes"] node[id "y" label "Spend"]'
    ' node[id "U" label "Unobserved Confounders" observed "no"]'
    'edge[source "v0" target "y"] edge[source "U" target "v0"] edge[source "U" target "y"]]'
)


def test_a_name_may_hold_what_is_no_character_yet() -> None:
    hypothesis = Hypothesis("h", (Node("a\ufffe&#65;&amp;"), Node("\U0001fffe")))
    assert read_gml(write_gml(hypothesis), "h") == hypothesis


def test_what_dowhy_users_have() -> None:
    reading = gml_reading(DOWHY, "Loyalty")
    hypothesis = reading.hypothesis
    assert hypothesis.graph.nodes == ("Sign up", "Spend", "Unobserved Confounders")
    assert hypothesis.graph.latents == {"Unobserved Confounders"}
    assert len(hypothesis.edges) == 3
    assert any("called by their labels" in remark and "'v0' is 'Sign up'" in remark for remark in reading.remarks)
    with_data = gml_reading(DOWHY, columns=("v0", "y", "other"))
    assert with_data.hypothesis.graph.nodes == ("v0", "y", "U")
    assert any("called by their identifiers" in remark for remark in with_data.remarks)


def test_what_yed_writes() -> None:
    text = """Creator "yFiles"
# a comment with [ and "
graph
[ hierarchic 1 label "" directed 1
  node [ id 0 label "caf&#233; &amp; bar" graphics [ x 10.5 y -20.0 w 30 type "rectangle" fill "#FFCC00" ] ]
  node [ id 1 label "sales" ]
  edge [ source 0 target 1 graphics [ fill "#000" targetArrow "standard" ] ]
  edge [ source 1 target 0 graphics [ sourceArrow "standard" targetArrow "standard" ] weight 0.3 ]
]"""
    reading = parse_graph(text, "dagitty")  # by its content, whatever the ending says
    hypothesis = reading.hypothesis
    assert hypothesis.graph.edges == (("café & bar", "sales"),)
    assert hypothesis.graph.bidirected == (("café & bar", "sales"),)
    assert hypothesis.node("café & bar").position == (10.5, -20.0)
    assert "read as GML" in reading.remarks[0]


@settings(max_examples=40, deadline=None)
@given(hypotheses())
def test_networkx_reads_what_is_written(hypothesis: Hypothesis) -> None:
    graph = nx.parse_gml(write_gml(hypothesis), label="label")
    assert list(graph.nodes) == list(hypothesis.graph.nodes)
    pairs = [*((e.source, e.target) for e in hypothesis.edges), *hypothesis.bidirected]
    assert sorted(graph.edges()) == sorted(pairs)
    assert {name for name, data in graph.nodes(data=True) if data.get("latent")} == hypothesis.graph.latents


@settings(max_examples=40, deadline=None)
@given(hypotheses())
def test_what_networkx_writes_is_read(hypothesis: Hypothesis) -> None:
    graph = nx.DiGraph()
    for node in hypothesis.nodes:
        graph.add_node(node.name, **({"observed": "no"} if node.latent else {}))
    graph.add_edges_from((edge.source, edge.target) for edge in hypothesis.edges)
    found = read_gml("\n".join(nx.generate_gml(graph)))
    assert found.graph.nodes == hypothesis.graph.nodes
    assert found.graph.edges == hypothesis.graph.edges
    assert found.graph.latents == hypothesis.graph.latents


def test_what_is_written() -> None:
    text = write_gml(
        Hypothesis("h", (Node("a b"), Node("ü", latent=True, position=(1, -2))), (Edge("a b", "ü"),), (), "a b")
    )
    assert '    label "a b"' in text.splitlines()
    assert '    label "&#252;"' in text.splitlines()
    assert "  edge [ source 0 target 1 ]" in text.splitlines()


def gml(inside: str, directed: int = 1) -> str:
    return f'graph [\n directed {directed}\n node [ id 0 label "a" ]\n node [ id 1 label "b" ]\n{inside}\n]'


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", "", "empty"),
        ("Creator 1", "", "no graph"),
        ("graph [ ]\ngraph [ ]", "line 2", "more than one"),
        (gml("edge [ source 0 target 1 ]", directed=0), "line 5", "what causes what"),
        (gml("edge [ source 0 target 7 ]"), "line 5", "'7'"),
        (gml("edge [ source 0 ]"), "line 5", "no target"),
        (gml("\nnode [ id 0 ]"), "line 6", "twice"),
        (gml("node [ label [ ] ]"), "line 5", "no id"),
        (gml("node [ id ]"), "line 5", "no value"),
        (gml("node [ id 2"), "line 6", "ends"),
        (gml('node [ id "2'), "line 5", "quote"),
        (gml("node { id 2 }"), "line 5", "unexpected"),
        (gml('node [ id 2 graphics [ x "left" y 1 ] ]'), "line 5", "two numbers"),
        (gml('node [ id 2 label "&#8238;b" ]'), "line 5", "reading direction"),
        (gml("edge [ source 0 target 0 ]"), "line 5", "itself"),
        ("graph " + "[ a " * 200 + "1" + "]" * 200, "line 1", "nested"),
    ],
)
def test_refusals(text: str, line: str, words: str) -> None:
    with pytest.raises(WhyboardError, match=words) as caught:
        read_gml(text)
    assert caught.value.place == line
    assert caught.value.hint


def test_a_cycle_names_its_line() -> None:
    with pytest.raises(CycleError) as caught:
        read_gml(gml("edge [ source 0 target 1 ]\nedge [ source 1 target 0 ]"))
    assert caught.value.place == "line 6"


@pytest.mark.parametrize(
    "text",
    [
        "graph [ " * 200_000,
        "[" * 4_900_000,
        "graph [ " + "a 1 " * 400_000 + "]",
        'graph [ a "' + "x" * 4_900_000,
        "graph [ a " + "1" * 4_900_000 + "x ]",
        "x" * 4_900_000,
        " " * 4_900_000 + "]",
        "graph [ " + "node [ id 1 ] " * 60_000 + "]",
    ],
    ids=range(8),
)
def test_large_text_is_refused_within_seconds(text: str) -> None:
    with pytest.raises(FormatError):
        read_gml(text)
