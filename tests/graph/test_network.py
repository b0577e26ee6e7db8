"""networkx as the face of the graph layer: there and back, and what other libraries' graphs say."""

import random
import subprocess
import sys
from itertools import pairwise

import networkx as nx
import pytest
from graph_oracle import all_statements, random_graph
from hypothesis import given
from hypothesis import strategies as st

from core.errors import CycleError, GraphError, WhyboardError
from core.graph.causal_graph import CausalGraph, find_cycle
from core.graph.separation import d_separated


def mixed(seed, size=6):
    rng = random.Random(seed)
    return random_graph(rng, rng.randint(1, size), 0.4, arcs=0.3, latents=0.3)


@given(st.integers(0, 10**9), st.sampled_from(("listed", "latents")))
def test_there_and_back_is_the_same_graph(seed, arcs):
    graph = mixed(seed)
    assert CausalGraph.from_networkx(graph.to_networkx(arcs)) == graph


def test_what_networkx_gets_is_a_graph_of_its_own():
    graph = CausalGraph(("z", "x", "y"), (("z", "x"), ("x", "y")), (("x", "y"),), frozenset({"z"}))
    found = graph.to_networkx()
    assert type(found) is nx.DiGraph
    assert list(found) == ["z", "x", "y"]
    assert set(found.edges) == {("z", "x"), ("x", "y")}
    assert dict(found.nodes(data="latent")) == {"z": True, "x": False, "y": False}
    assert found.graph["bidirected"] == [("x", "y")]
    found.add_edge("y", "z")  # theirs to change
    assert graph.edges == (("z", "x"), ("x", "y"))
    assert "y" not in graph.to_networkx().pred["z"]


@given(st.integers(0, 10**9))
def test_separation_by_networkx_sees_the_arcs_as_latents(seed):
    graph = mixed(seed, 5)
    whole = graph.to_networkx(arcs="latents")
    for x, y, given_ in random.Random(seed).sample(list(all_statements(graph.nodes)), min(6, len(graph.nodes) - 1)):
        assert nx.is_d_separator(whole, x, y, set(given_)) == d_separated(graph, x, y, given_)


def test_arcs_survive_new_names():
    graph = CausalGraph(("x", "y"), (("x", "y"),), (("x", "y"),))
    renamed = nx.relabel_nodes(graph.to_networkx(arcs="latents"), {"x": "ads", "y": "sales"})
    assert CausalGraph.from_networkx(renamed) == CausalGraph(("ads", "sales"), (("ads", "sales"),), (("ads", "sales"),))
    with pytest.raises(GraphError, match="not a node"):  # a list of pairs is not renamed by networkx: said, not lost
        CausalGraph.from_networkx(nx.relabel_nodes(graph.to_networkx(), {"x": "ads", "y": "sales"}))


def test_an_arc_is_called_by_a_name_that_no_node_has():
    graph = CausalGraph(("x", "y", "x <-> y"), (), (("x", "y"),))
    whole = graph.to_networkx(arcs="latents")
    assert len(whole) == 4
    assert CausalGraph.from_networkx(whole) == graph


def test_a_plain_graph_of_networkx_is_read():
    found = CausalGraph.from_networkx(nx.DiGraph([("ads", "sales"), ("season", "sales")]))
    assert found == CausalGraph(("ads", "sales", "season"), (("ads", "sales"), ("season", "sales")))
    assert CausalGraph.from_networkx(nx.DiGraph()) == CausalGraph(())


@pytest.mark.parametrize(
    "mark", [{"latent": True}, {"hidden": True}, {"observed": "no"}, {"observed": False}, {"latent": "true"}]
)
def test_latents_as_other_libraries_mark_them(mark):
    network = nx.DiGraph([("u", "x"), ("u", "y")])
    network.nodes["u"].update(mark)
    network.nodes["x"]["observed"] = "yes"
    assert CausalGraph.from_networkx(network).latents == {"u"}


def test_latents_that_a_class_keeps_beside_its_nodes():
    class Kept(nx.DiGraph):  # as pgmpy's DAG and its children
        latents = frozenset({"u"})

    assert CausalGraph.from_networkx(Kept([("u", "x"), ("u", "y")])).latents == {"u"}


@pytest.mark.parametrize("mark", [{"bidirected": True}, {"type": "bidirected"}, {"type": "<->"}])
def test_arcs_as_edges_of_a_multigraph(mark):
    network = nx.MultiDiGraph([("x", "y"), ("z", "x")])
    network.add_edge("x", "y", **mark)
    network.add_edge("y", "x", **mark)  # both ways is the one arc
    assert CausalGraph.from_networkx(network) == CausalGraph(("x", "y", "z"), (("x", "y"), ("z", "x")), (("x", "y"),))


def undirected():
    return nx.Graph([("ads", "sales")])


def twice():
    return nx.MultiDiGraph([("ads", "sales"), ("ads", "sales")])


def vague():
    network = nx.DiGraph()
    network.add_edge("ads", "sales", type="o->")
    return network


def bad_pairs():
    return nx.DiGraph([("ads", "sales")], bidirected=[("ads", "sales", 1)])


def unknown_end():
    return nx.DiGraph([("ads", "sales")], bidirected=[("ads", "rain")])


def half_an_arc():
    network = nx.DiGraph([("u", "sales")])
    network.nodes["u"]["arc"] = True
    return network


@pytest.mark.parametrize(
    ("network", "place", "message"),
    [
        (undirected, "edge ads - sales", "what causes what"),
        (nx.Graph, "graph", "what causes what"),
        (twice, "arrow ads -> sales", "twice"),
        (vague, "edge ads - sales", "o->"),
        (lambda: nx.DiGraph([(1, 2)]), "node 1", "no text"),
        (lambda: nx.DiGraph([("a", None), ("a", ("b",))][1:]), "node ('b',)", "no text"),
        (lambda: nx.DiGraph([(" ", "b")]), "", "no name"),
        (lambda: nx.DiGraph([("a", "a")]), "node a", "to itself"),
        (lambda: nx.DiGraph([("a", "b"), ("b", "c"), ("c", "a")]), "arrow c -> a", "a -> b -> c -> a"),
        (bad_pairs, "graph attribute bidirected", "not a pair"),
        (lambda: nx.DiGraph([("a", "b")], bidirected="ab"), "graph attribute bidirected", "not a pair"),
        (unknown_end, "node rain", "not a node"),
        (half_an_arc, "node u", "two children"),
        (lambda: {"ads": ["sales"]}, "graph", "a dict"),
    ],
)
def test_what_is_no_causal_graph_is_refused_with_its_place(network, place, message):
    with pytest.raises(WhyboardError) as caught:
        CausalGraph.from_networkx(network())
    assert message in caught.value.message
    assert caught.value.place == place
    assert caught.value.hint


def test_a_form_of_arcs_that_there_is_not():
    with pytest.raises(GraphError, match="drawn") as caught:
        mixed(1).to_networkx(arcs="drawn")
    assert "listed" in caught.value.hint


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde")).filter(lambda e: e[0] != e[1])))
def test_a_cycle_is_named_exactly_where_networkx_sees_none_to_order(edges):
    nodes = tuple("abcde")
    cycle = find_cycle(nodes, edges)
    network = nx.DiGraph(edges)
    assert bool(cycle) != nx.is_directed_acyclic_graph(network)
    if not cycle:
        rank = {name: i for i, name in enumerate(nodes)}
        network.add_nodes_from(nodes)
        order = tuple(nx.lexicographical_topological_sort(network, rank.get))
        assert CausalGraph(nodes, tuple(edges)).topological_order == order
        return
    assert cycle[0] == cycle[-1]
    assert len(set(cycle)) == len(cycle) - 1
    assert set(pairwise(cycle)) <= set(edges)
    with pytest.raises(CycleError) as caught:
        CausalGraph(nodes, tuple(edges))
    assert set(pairwise(caught.value.path)) <= set(edges)


def test_reach_is_networkx_s_on_300_graphs():
    for seed in range(300):
        graph = random_graph(random.Random(seed), 8, 0.25)
        network = graph.to_networkx()
        for name in graph.nodes:
            assert graph.ancestors(name) == nx.ancestors(network, name)
            assert graph.descendants(name) == nx.descendants(network, name)


def test_who_draws_no_cycle_does_not_wait_for_networkx():
    code = (
        "import sys; from core.hypothesis import Hypothesis; from core.graph.implications import implications; "
        "implications(Hypothesis.from_dagitty('dag { a -> b b -> c }').graph); print('networkx' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
