"""Hypotheses there and back through networkx, with all their fields."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from drawn_hypotheses import hypotheses
from hypothesis import given
from hypothesis import strategies as st

from core.errors import CycleError, WhyboardError
from core.formats import format_hypothesis, read_hypothesis
from core.hypothesis import Edge, Hypothesis, Node, Prior

FULL = Hypothesis(
    "Full",
    (
        Node("ads", "positive", "Gamma", "log", group="region", position=(0.0, 90.5)),
        Node("u", latent=True),
        Node("age"),
        Node("region"),
        Node("sales", priors=(("intercept", Prior("Normal", (("sigma", 2.0), ("mu", 1.0)))),)),
    ),
    (
        Edge("u", "sales"),
        Edge("age", "sales"),
        Edge("region", "age"),
        Edge("ads", "sales", "monotone", "+", Prior("Normal", (("mu", 0.0),))),
        Edge("u", "ads"),
    ),
    (("sales", "ads"),),
    "ads",
    "sales",
    "as told",
    ("region", "age"),
)


@given(hypotheses(full=True), st.sampled_from(("listed", "latents")))
def test_nothing_is_lost(hypothesis, arcs):
    drawn = Hypothesis.from_networkx(hypothesis.to_networkx(arcs))
    # an arc and its reverse are one arc: that is all that may fall together
    once = {frozenset(pair): pair for pair in reversed(hypothesis.bidirected)}
    assert drawn == replace(hypothesis, bidirected=tuple(p for p in hypothesis.bidirected if p in once.values()))


def test_every_field_has_its_place():
    network = FULL.to_networkx()
    assert Hypothesis.from_networkx(network) == FULL
    assert network.name == "Full"
    assert network.nodes["ads"] == {
        "latent": False, "kind": "positive", "family": "Gamma", "link": "log", "group": "region", "pos": (0.0, 90.5)
    }  # fmt: skip
    assert network.nodes["u"] == {"latent": True}
    assert network.nodes["age"] == {"latent": False, "background": True}
    assert network.edges["ads", "sales"]["form"] == "monotone"
    assert Hypothesis.from_networkx(network, name="N") == replace(FULL, name="N")
    assert Hypothesis.from_networkx(nx.DiGraph([("a", "b")])).name == "hypothesis"


def test_a_node_taken_out_with_networkx_takes_its_arrows():
    network = FULL.to_networkx()
    network.remove_node("u")
    found = Hypothesis.from_networkx(network)
    assert [node.name for node in found.nodes] == ["ads", "age", "region", "sales"]
    assert found.edges == FULL.edges[1:4]


def test_the_graphml_that_we_write_is_the_same_graph_through_networkx(tmp_path):
    hypothesis = replace(
        FULL,
        name="hypothesis",
        note="",
        nodes=(Node("ads", position=(1.0, 2.0)), Node("u", latent=True), Node("age"), Node("sales")),
        edges=(Edge("u", "sales"), Edge("u", "ads")),
        background=("age",),
    )
    (tmp_path / "g.graphml").write_text(format_hypothesis(hypothesis, "graphml"), encoding="utf-8")
    found = Hypothesis.from_networkx(nx.read_graphml(tmp_path / "g.graphml"), name="hypothesis")
    assert found.graph.bidirected == (("ads", "sales"),)
    assert found.background == ("age",)
    assert found.nodes == hypothesis.nodes
    assert set(found.edges) == set(hypothesis.edges)
    assert (found.exposure, found.outcome) == ("ads", "sales")


def test_places_made_by_networkx_are_taken():
    network = nx.DiGraph([("a", "b")])
    nx.set_node_attributes(network, {"a": np.array([0.5, 1.0]), "b": np.array([1, 2])}, "pos")
    assert [node.position for node in Hypothesis.from_networkx(network).nodes] == [(0.5, 1.0), (1.0, 2.0)]


def marked(**attributes):
    network = nx.DiGraph([("a", "b")])
    network.nodes["a"].update(attributes)
    return network


@pytest.mark.parametrize(
    ("network", "place", "message"),
    [
        (marked(kind="colour"), "node a", "colour"),
        (marked(pos="far away"), "nodes[0], node a, position", "two numbers"),
        (marked(group=3), "nodes[0], node a, group", "text"),
        (marked(priors={"mu": {"mu": 1}}), "nodes[0], node a, priors, mu", "distribution"),
        (nx.DiGraph([("a", "b")], exposure="c"), "node c", "not a node"),
        (nx.DiGraph([("a", "b")], background=["c"]), "background[0]", "not among the nodes"),
        (nx.DiGraph([("a", "b")], background=["b"]), "arrow a -> b", "background"),
        (nx.DiGraph([("a", "b")], background="a"), "background", "a list"),
        (nx.DiGraph([("a", "b")], background={1}), "background[0]", "a text"),
        (marked(background=True, latent=True), "node a", "unmeasured"),
        (nx.DiGraph([("a", "b"), ("b", "a")]), "arrow b -> a", "cycle"),
        (nx.DiGraph([(1, 2)]), "node 1", "no text"),
        (nx.Graph([("a", "b")]), "edge a - b", "what causes what"),
    ],
)
def test_what_is_no_hypothesis_is_refused_with_its_place(network, place, message):
    with pytest.raises(WhyboardError) as caught:
        Hypothesis.from_networkx(network)
    assert message in caught.value.message
    assert caught.value.place == place
    assert caught.value.hint


def test_a_node_taken_out_or_renamed_with_networkx_takes_its_background_along():
    network = FULL.to_networkx()
    network.remove_node("region")
    assert Hypothesis.from_networkx(network).background == ("age",)
    renamed = nx.relabel_nodes(FULL.to_networkx(arcs="latents"), {"age": "years"})
    assert Hypothesis.from_networkx(renamed).background == ("years", "region")


@pytest.mark.parametrize("held", [["b", "a"], ("a", "b"), {"a", "b"}, frozenset("ab")])
def test_a_background_may_be_listed_on_the_graph_or_said_by_its_nodes(held):
    assert Hypothesis.from_networkx(nx.DiGraph([("a", "b"), ("b", "c")], background=held)).background == ("a", "b")


@pytest.mark.parametrize("mark", [True, np.bool_(True), 1, "true"])
def test_a_node_may_say_that_it_is_background(mark):
    assert Hypothesis.from_networkx(marked(background=mark)).background == ("a",)
    both = marked(background=mark)
    both.graph["background"] = ["b"]
    assert Hypothesis.from_networkx(both).background == ("a", "b")
    assert Hypothesis.from_networkx(marked(background=False)).background == ()
    assert Hypothesis.from_networkx(marked(background="#ffffff")).background == ()


@pytest.mark.parametrize("key", ["graphml", "gml"])
def test_background_through_the_readers_and_writers_of_networkx(key, tmp_path):
    path = tmp_path / f"g.{key}"
    hypothesis = Hypothesis("h", (Node("age"), Node("y")), (Edge("age", "y"),), background=("age",))
    path.write_text(format_hypothesis(hypothesis, key), encoding="utf-8")
    network = getattr(nx, f"read_{key}")(path)
    assert Hypothesis.from_networkx(network, name="h").background == ("age",)
    getattr(nx, f"write_{key}")(network, path)
    assert read_hypothesis(path, "h").background == ("age",)


def test_two_exposures_are_refused():
    network = nx.DiGraph([("a", "b")])
    nx.set_node_attributes(network, True, "exposure")
    with pytest.raises(WhyboardError, match="two nodes are marked as exposure"):
        Hypothesis.from_networkx(network)
    with pytest.raises(CycleError):
        Hypothesis.from_networkx(nx.DiGraph([("a", "b"), ("b", "a")]))
