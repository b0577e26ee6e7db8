import random
import time
from itertools import combinations

from graph_oracle import ASIA, random_graph

from core.graph.causal_graph import CausalGraph
from core.graph.layout import layered_positions


def crossings(graph, places):
    """Count pairs of arrows that cross as straight lines, by orientation of triangles."""

    def side(a, b, c):
        value = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        return (value > 1e-9) - (value < -1e-9)

    count = 0
    for (a, b), (c, d) in combinations(graph.edges, 2):
        if len({a, b, c, d}) == 4:
            p, q, r, s = (places[name] for name in (a, b, c, d))
            count += side(p, q, r) * side(p, q, s) < 0 and side(r, s, p) * side(r, s, q) < 0
    return count


def test_causes_stand_left_of_effects_and_nothing_overlaps():
    rng = random.Random(51)
    for _ in range(200):
        graph = random_graph(rng, rng.randint(1, 14), rng.choice((0.1, 0.3)), arcs=rng.choice((0, 0.1)))
        places = layered_positions(graph)
        assert list(places) == list(graph.nodes)
        assert all(places[a][0] < places[b][0] for a, b in graph.edges)
        assert min(x for x, _ in places.values()) == 0
        for a, b in combinations(graph.nodes, 2):
            if places[a][0] == places[b][0]:
                assert abs(places[a][1] - places[b][1]) >= 89.8
            else:
                assert abs(places[a][0] - places[b][0]) >= 180


def test_asia_is_drawn_without_crossings_in_five_layers_or_fewer():
    places = layered_positions(ASIA)
    assert crossings(ASIA, places) == 0
    assert len({x for x, _ in places.values()}) <= 5


def test_the_order_of_a_bipartite_graph_is_untangled():
    left, right = tuple("abcdef"), tuple("uvwxyz")
    pairs = tuple(zip(left, reversed(right), strict=True))
    assert crossings(CausalGraph(left + right, pairs), layered_positions(CausalGraph(left + right, pairs))) == 0


def test_the_same_graph_gets_the_same_picture_and_units_can_be_chosen():
    assert layered_positions(ASIA) == layered_positions(ASIA)
    small = layered_positions(ASIA, x_gap=1, y_gap=0.5)
    assert {x for x, _ in small.values()} <= {0, 1, 2, 3, 4}
    assert layered_positions(CausalGraph(())) == {}
    assert layered_positions(CausalGraph(("a",))) == {"a": (0.0, 0.0)}


def test_fifty_nodes_are_placed_while_one_watches():
    rng = random.Random(52)
    nodes = tuple(f"v{i}" for i in range(50))
    graph = CausalGraph(nodes, tuple(rng.sample(list(combinations(nodes, 2)), 97)))
    start = time.thread_time()
    layered_positions(graph)
    assert time.thread_time() - start < 4


def test_a_thousand_nodes_do_not_stall_the_app():
    rng = random.Random(53)
    nodes = tuple(f"v{i}" for i in range(1_000))
    arrows = {tuple(sorted(rng.sample(range(1_000), 2))) for _ in range(3_000)}
    graph = CausalGraph(nodes, tuple((nodes[a], nodes[b]) for a, b in arrows))
    start = time.thread_time()
    layered_positions(graph)
    assert time.thread_time() - start < 20
