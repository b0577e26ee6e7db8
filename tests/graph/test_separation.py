import random
from itertools import combinations

import networkx as nx
import pytest
from graph_oracle import ASIA, all_statements, canonical, random_graph, separated

from core.errors import GraphError
from core.graph.causal_graph import CausalGraph
from core.graph.separation import d_separated, separating_set


def some_statements(rng, graph, count):
    for _ in range(count):
        x, y = rng.sample(graph.nodes, 2)
        rest = [name for name in graph.nodes if name not in (x, y)]
        yield x, y, tuple(rng.sample(rest, rng.randint(0, len(rest))))


def test_d_separation_agrees_with_networkx_on_2500_graphs():
    rng = random.Random(1)
    graphs = statements = 0
    for _ in range(2_500):
        graph = random_graph(rng, rng.randint(2, 12), rng.choice((0.1, 0.2, 0.35, 0.6)))
        other = nx.DiGraph(graph.edges)
        other.add_nodes_from(graph.nodes)
        graphs += 1
        for x, y, given in some_statements(rng, graph, 6):
            statements += 1
            assert d_separated(graph, x, y, given) == nx.is_d_separator(other, {x}, {y}, set(given)), (
                graph,
                x,
                y,
                given,
            )
    assert (graphs, statements) == (2_500, 15_000)


def test_d_separation_agrees_with_the_definition_on_600_graphs():
    rng = random.Random(2)
    for _ in range(600):
        graph = random_graph(rng, rng.randint(2, 7), rng.choice((0.2, 0.4, 0.6)))
        for x, y, given in some_statements(rng, graph, 8):
            assert d_separated(graph, x, y, given) == separated(graph, x, y, given), (graph, x, y, given)


def test_m_separation_agrees_with_the_canonical_graph_and_the_definition_on_700_graphs():
    rng = random.Random(3)
    arcs = 0
    for _ in range(700):
        graph = random_graph(rng, rng.randint(2, 6), rng.choice((0.2, 0.4)), arcs=rng.choice((0.15, 0.3)), latents=0.2)
        arcs += bool(graph.bidirected)
        whole = canonical(graph)
        other = nx.DiGraph(whole.edges)
        other.add_nodes_from(whole.nodes)
        for x, y, given in some_statements(rng, graph, 6):
            mine = d_separated(graph, x, y, given)
            assert mine == d_separated(whole, x, y, given) == nx.is_d_separator(other, {x}, {y}, set(given))
            assert mine == separated(graph, x, y, given), (graph, x, y, given)
    assert arcs > 350


def test_the_collider_rule_and_its_descendants():
    graph = CausalGraph(("a", "b", "c", "d"), (("a", "c"), ("b", "c"), ("c", "d")))
    assert d_separated(graph, "a", "b")
    assert not d_separated(graph, "a", "b", ["c"])
    assert not d_separated(graph, "a", "b", ["d"])
    assert d_separated(graph, "a", "d", ["c"])


def test_separating_sets_are_minimal_and_found_whenever_there_is_one():
    rng = random.Random(4)
    found = none = 0
    for _ in range(300):
        graph = random_graph(rng, rng.randint(2, 6), rng.choice((0.2, 0.4)), arcs=rng.choice((0, 0.2)), latents=0.2)
        for x, y in combinations(graph.observed, 2):
            sets = [given for a, b, given in all_statements(graph.observed) if (a, b) == (x, y)]
            blocking = [set(given) for given in sets if d_separated(graph, x, y, given)]
            mine = separating_set(graph, x, y)
            if mine is None:
                none += 1
                assert not blocking
            else:
                found += 1
                assert set(mine) in blocking
                assert not any(other < set(mine) for other in blocking)
    assert found > 300
    assert none > 300


def test_separating_set_keeps_to_what_is_allowed():
    assert separating_set(ASIA, "asia", "either") == ("tub",)
    assert separating_set(ASIA, "asia", "either", allowed=["smoke", "lung"]) is None
    assert separating_set(ASIA, "lung", "bronc") == ("smoke",)
    assert separating_set(ASIA, "asia", "smoke") == ()


@pytest.mark.parametrize(
    ("x", "y", "given", "node"),
    [("a", "z", (), "z"), ("a", "a", (), "a"), ("a", "b", ("z",), "z"), ("a", "b", ("b",), "b")],
)
def test_wrong_names_are_refused_and_named(x, y, given, node):
    graph = CausalGraph(("a", "b"), (("a", "b"),))
    with pytest.raises(GraphError) as caught:
        d_separated(graph, x, y, given)
    assert caught.value.place == f"node {node}"
    assert caught.value.hint
