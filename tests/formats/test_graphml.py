import pytest

from core.errors import CycleError, FormatError
from core.formats.graphml import read_graphml, write_graphml
from core.hypothesis import Hypothesis, Node

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'


def graphml(inside, edgedefault="directed"):
    return f'{HEAD}<graph edgedefault="{edgedefault}">{inside}</graph></graphml>'


def test_what_yed_writes():
    text = (
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:y="http://www.yworks.com/xml/graphml">'
        '<key for="node" id="d6" yfiles.type="nodegraphics"/><key for="edge" id="d9" yfiles.type="edgegraphics"/>'
        '<graph edgedefault="directed" id="G"><node id="n0"><data key="d6"><y:ShapeNode>'
        '<y:Geometry height="30.0" width="30.0" x="600.5" y="320.0"/><y:NodeLabel alignment="center">ad spend'
        "<y:LabelModel/></y:NodeLabel></y:ShapeNode></data></node>"
        '<node id="n1"><data key="d6"><y:ShapeNode><y:NodeLabel>sales</y:NodeLabel></y:ShapeNode></data></node>'
        '<edge id="e0" source="n0" target="n1"><data key="d9"><y:PolyLineEdge/></data></edge></graph></graphml>'
    )
    hypothesis = read_graphml(text)
    assert hypothesis.graph.edges == (("ad spend", "sales"),)
    assert hypothesis.node("ad spend").position == (600.5, 320.0)


def test_what_igraph_writes():
    hypothesis = read_graphml(
        HEAD + '<key id="v_name" for="node" attr.name="name" attr.type="string"/>'
        '<key id="l" for="node" attr.name="latent" attr.type="boolean"><default>true</default></key>'
        '<graph id="G" edgedefault="directed"><node id="n0"><data key="v_name">ads</data>'
        '<data key="l">false</data></node><node id="n1"><data key="v_name">sales</data></node>'
        '<edge source="n0" target="n1"/></graph></graphml>'
    )
    assert hypothesis.graph.edges == (("ads", "sales"),)
    assert hypothesis.graph.latents == {"sales"}


def test_labels_that_two_nodes_share_are_not_names():
    key = '<key id="k" for="node" attr.name="label"/>'
    nodes = '<node id="a"><data key="k">same</data></node><node id="b"><data key="k">same</data></node>'
    text = f'{HEAD}{key}<graph edgedefault="directed">{nodes}</graph></graphml>'
    assert read_graphml(text).graph.nodes == ("a", "b")


def test_an_edge_may_say_that_it_is_directed():
    nodes = '<node id="a"/><node id="b"/>'
    directed = graphml(f'{nodes}<edge source="a" target="b" directed="true"/>', "undirected")
    assert read_graphml(directed).graph.edges == (("a", "b"),)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", "", "empty"),
        ("hello", "line 1", "not XML"),
        ("<html/>", "line 1", "<html>"),
        ("<graphml/>", "", "no graph"),
        (graphml("<node id='a'"), "line 3", "not XML"),
        ('<!DOCTYPE lol [<!ENTITY a "b">]><graphml/>', "line 1", "document type"),
        (graphml("&undefined;"), "line 3", "not XML"),
        (graphml("<node/>"), "line 3", "no id"),
        (graphml("<node id='a'/>\n<node id='a'/>"), "line 4", "twice"),
        (graphml("<node id='a'/><edge source='a' target='b'/>"), "line 3", "'b'"),
        (graphml("<node id='a'/><edge source='a'/>"), "line 3", "no target"),
        (graphml("<node id='a'/><node id='b'/>\n<edge source='a' target='b'/>", "undirected"), "line 4", "what causes"),
        (graphml("<node id='a'><graph/></node>"), "line 3", "more than one graph"),
        (graphml("<hyperedge/>"), "line 3", "more than two"),
        (graphml("<a>" * 100), "line 3", "nested"),
        (graphml("<node id=' '/>"), "line 3", "no name"),
        (HEAD + '<key id="x" attr.name="x"/><key id="y" attr.name="y"/><graph><node id="a"><data key="x">left</data>'
         '<data key="y">1</data></node></graph></graphml>', "line 3", "two numbers"),
    ],
)  # fmt: skip
def test_refusals(text, line, words):
    with pytest.raises(FormatError, match=words) as caught:
        read_graphml(text)
    assert caught.value.place == line
    assert caught.value.hint


def test_a_billion_laughs_are_refused_at_once():
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    with pytest.raises(FormatError, match="document type"):
        read_graphml(f'<!DOCTYPE x [<!ENTITY l0 "lol">{entities}]><graphml>&l9;</graphml>')


def test_a_cycle_names_its_path_and_line():
    edges = "<edge source='a' target='b'/>\n<edge source='b' target='a'/>"
    with pytest.raises(CycleError, match="a -> b -> a") as caught:
        read_graphml(graphml(f"<node id='a'/><node id='b'/>{edges}"))
    assert caught.value.place == "line 4"


def test_a_name_that_xml_cannot_carry_is_refused():
    with pytest.raises(FormatError, match="cannot carry") as caught:
        write_graphml(Hypothesis("h", (Node("no character\ufffe"),)))
    assert "JSON" in caught.value.hint
