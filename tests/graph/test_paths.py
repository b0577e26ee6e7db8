import random

import networkx as nx
import pytest
from graph_oracle import random_graph

from core.errors import GraphError
from core.graph.causal_graph import CausalGraph
from core.graph.paths import directed_paths, nodes_on_directed_paths


def test_paths_of_300_graphs_against_networkx():
    rng = random.Random(41)
    for _ in range(300):
        graph = random_graph(rng, rng.randint(2, 8), 0.4)
        other = nx.DiGraph(graph.edges)
        other.add_nodes_from(graph.nodes)
        x, y = rng.sample(graph.nodes, 2)
        wanted = {tuple(path) for path in nx.all_simple_paths(other, x, y)}
        found = directed_paths(graph, x, y)
        assert set(found) == wanted
        assert len(found) == len(wanted)
        assert nodes_on_directed_paths(graph, x, y) == {name for path in wanted for name in path}


def test_ends_and_limits():
    nodes = tuple(f"v{i}" for i in range(32))
    ladder = CausalGraph(
        nodes, tuple((a, b) for i in range(0, 30, 2) for a in nodes[i : i + 2] for b in nodes[i + 2 : i + 4])
    )
    with pytest.raises(GraphError, match="10,000"):
        directed_paths(ladder, "v0", "v30")
    assert len(nodes_on_directed_paths(ladder, "v0", "v30")) == 30
    assert directed_paths(ladder, "v0", "v0") == ()
    assert nodes_on_directed_paths(ladder, "v0", "v0") == frozenset()
    with pytest.raises(GraphError) as caught:
        directed_paths(ladder, "v0", "nobody")
    assert caught.value.place == "node nobody"
