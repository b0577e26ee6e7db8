import random
from itertools import combinations, permutations

import pytest
from graph_oracle import (
    ASIA,
    acyclic,
    all_statements,
    brute_class,
    canonical,
    random_graph,
    separated,
    skeleton_and_colliders,
)

from core.errors import GraphError
from core.graph.causal_graph import CausalGraph
from core.graph.equivalence import (
    UNINFORMATIVE,
    class_members,
    cpdag,
    equivalence_classes,
    informativeness,
    markov_equivalent,
)
from core.graph.separation import d_separated


def agrees_with_brute_force(graph):
    """Compare members, compelled arrows and covered arrows with what all orientations give."""
    members = class_members(graph)
    wanted = brute_class(graph)
    assert members[0] == graph
    assert len(members) == len(set(members))
    assert set(members) == wanted
    shared = set.intersection(*(set(member.edges) for member in wanted))
    found = cpdag(graph)
    assert set(found.directed) == shared, graph
    assert {frozenset(pair) for pair in found.undirected} == {frozenset(e) for e in graph.edges if e not in shared}
    assert {edge for edge in graph.edges if turned_is_in(graph, edge, wanted)} == set(covered_edges(graph))


def covered_edges(graph):
    """Arrows whose target has the parents of their source, and the source: to turn one stays in the class."""
    return [(a, b) for a, b in graph.edges if set(graph.parents(b)) == {*graph.parents(a), a}]


def reverse_edge(graph, a, b):
    return graph.replace_edges((b, a) if edge == (a, b) else edge for edge in graph.edges)


def turned_is_in(graph, edge, members):
    number = {name: i for i, name in enumerate(graph.nodes)}
    edges = [(b, a) if (a, b) == edge else (a, b) for a, b in graph.edges]
    return acyclic(len(number), [(number[a], number[b]) for a, b in edges]) and graph.replace_edges(edges) in members


def test_classes_of_800_random_graphs_against_all_orientations():
    rng = random.Random(21)
    sizes = 0
    for _ in range(800):
        graph = random_graph(rng, rng.randint(1, 6), rng.choice((0.2, 0.4, 0.7)))
        if len(graph.edges) > 8:
            graph = graph.replace_edges(rng.sample(graph.edges, 8))
        agrees_with_brute_force(graph)
        sizes += len(class_members(graph))
    assert sizes > 2_000


def all_dags(names):
    pairs = list(combinations(names, 2))
    for choice in range(3 ** len(pairs)):
        edges = []
        for a, b in pairs:
            choice, kind = divmod(choice, 3)
            if kind:
                edges.append((a, b) if kind == 1 else (b, a))
        number = {name: i for i, name in enumerate(names)}
        if acyclic(len(names), [(number[a], number[b]) for a, b in edges]):
            yield CausalGraph(names, tuple(edges))


def test_every_graph_of_four_nodes_falls_into_its_known_class():
    # 543 labelled acyclic graphs on 4 nodes in 185 classes (Gillispie & Perlman 2001), 25 in 11 on 3 nodes.
    for names, graphs, classes in (("abc", 25, 11), ("abcd", 543, 185)):
        dags = list(all_dags(tuple(names)))
        assert len(dags) == graphs
        groups = equivalence_classes(dags)
        assert len(groups) == classes
        assert len({cpdag(graph) for graph in dags}) == classes
        model = {}
        for number, graph in enumerate(dags):
            key = frozenset(s for s in all_statements(graph.nodes) if d_separated(graph, *s))
            model.setdefault(key, []).append(number)
        assert sorted(map(tuple, model.values())) == sorted(groups)
        for group in groups:
            assert set(class_members(dags[group[0]])) == {dags[number] for number in group}


def independence_model(graph):
    return frozenset(s for s in all_statements(graph.observed) if separated(graph, *s))


def test_markov_equivalence_of_500_random_pairs_against_colliders_and_skeleton():
    rng = random.Random(22)
    same = 0
    for number in range(500):
        a = random_graph(rng, rng.randint(2, 6), rng.choice((0.3, 0.6)))
        b = rng.choice(class_members(a)) if number % 2 else random_graph(rng, len(a.nodes), 0.5)
        if number % 4 == 3 and b.edges:
            b = b.replace_edges(b.edges[1:])
        wanted = skeleton_and_colliders(a) == skeleton_and_colliders(b)
        same += wanted
        assert markov_equivalent(a, b) is wanted
    assert 100 < same < 400


def test_markov_equivalence_with_latents_and_arcs_against_all_independences():
    rng = random.Random(23)
    groups = {}
    graphs = []
    for _ in range(900):
        size = rng.choice((3, 4, 4, 4, 5))
        seen = tuple(f"v{i}" for i in range(size))
        hidden = ("u",) if rng.random() < 0.4 else ()
        order = rng.sample(seen + hidden, size + len(hidden))
        pairs = list(combinations(order, 2))
        arrows = tuple(p for p in pairs if rng.random() < 0.4)
        arcs = tuple(p for p in pairs if rng.random() < 0.2 and "u" not in p)
        graph = CausalGraph(seen + hidden, arrows, arcs, frozenset(hidden))
        graphs.append(graph)
        groups.setdefault((seen, independence_model(graph)), []).append(len(graphs) - 1)
    for size in (3, 4, 5):
        numbers = [i for i, graph in enumerate(graphs) if len(graph.observed) == size]
        mine = equivalence_classes([graphs[i] for i in numbers])
        wanted = [tuple(members) for (seen, _), members in groups.items() if len(seen) == size]
        assert sorted(tuple(numbers[i] for i in group) for group in mine) == sorted(wanted)
    assert 60 < len(groups) < 900
    some = graphs[:100]
    assert all(markov_equivalent(graph, canonical(graph)) for graph in some)


def test_asia_has_six_members_and_the_collider_is_compelled():
    agrees_with_brute_force(ASIA)
    members = class_members(ASIA)
    assert len(members) == 6
    directed = cpdag(ASIA).directed
    assert ("tub", "either") in directed
    assert ("lung", "either") in directed
    assert all({("tub", "either"), ("lung", "either")} <= set(member.edges) for member in members)
    assert set(cpdag(ASIA).undirected) == {("asia", "tub"), ("smoke", "lung"), ("smoke", "bronc")}


def test_chain_reversed_chain_and_fork_are_one_class_and_the_collider_is_not():
    nodes = ("a", "b", "c")
    chain, back, fork, collider = (
        CausalGraph(nodes, edges)
        for edges in (
            (("a", "b"), ("b", "c")),
            (("c", "b"), ("b", "a")),
            (("b", "a"), ("b", "c")),
            (("a", "b"), ("c", "b")),
        )
    )
    assert equivalence_classes([chain, collider, back, fork]) == ((0, 2, 3), (1,))


def test_nodes_left_out_count_as_unconnected_and_order_does_not_matter():
    small = CausalGraph(("a", "b"), (("a", "b"),))
    assert markov_equivalent(small, CausalGraph(("c", "b", "a"), (("b", "a"),)))
    assert not markov_equivalent(small, CausalGraph(("c", "b", "a"), (("b", "a"), ("c", "a"))))
    assert markov_equivalent(small, CausalGraph(("a", "b", "u"), (("u", "a"), ("u", "b")), (), frozenset("u")))


def test_the_complete_graph_of_four_nodes_has_24_orders():
    graph = CausalGraph(tuple("abcd"), tuple(combinations("abcd", 2)))
    members = class_members(graph)
    assert len(members) == 24
    assert {member.topological_order for member in members} == set(permutations("abcd"))
    assert len(class_members(graph, limit=10)) == 10


def test_a_graph_with_unmeasured_causes_has_no_such_class():
    arc = CausalGraph(("a", "b"), (), (("a", "b"),))
    for function in (cpdag, class_members):
        with pytest.raises(GraphError, match="unmeasured"):
            function(arc)


def test_200_covered_reversals_stay_in_the_class():
    rng = random.Random(24)
    for _ in range(200):
        graph = start = random_graph(rng, 8, 0.4)
        for _ in range(5):
            covered = covered_edges(graph)
            if covered:
                graph = reverse_edge(graph, *rng.choice(covered))
        assert markov_equivalent(graph, start)
        assert cpdag(graph) == cpdag(start)


def relabelled(graph, order):
    to = dict(zip(graph.nodes, order, strict=True))
    return CausalGraph(graph.nodes, tuple((to[a], to[b]) for a, b in graph.edges))


def test_the_share_of_relabellings_in_the_own_class_against_counting():
    rng = random.Random(25)
    for _ in range(60):
        graph = random_graph(rng, rng.randint(1, 5), rng.choice((0.3, 0.6)))
        wanted = skeleton_and_colliders(graph)
        orders = list(permutations(graph.nodes))
        hits = sum(skeleton_and_colliders(relabelled(graph, order)) == wanted for order in orders)
        assert informativeness(graph) == pytest.approx(hits / len(orders))


def test_informativeness_of_known_graphs():
    chain = CausalGraph(("a", "b", "c"), (("a", "b"), ("b", "c")))
    assert informativeness(chain) == pytest.approx(2 / 6)
    complete = CausalGraph(tuple("abcd"), tuple(combinations("abcd", 2)))
    assert informativeness(complete) == 1.0
    star = CausalGraph(tuple("abcdefgh"), tuple((name, "h") for name in "abcdefg"))
    assert informativeness(star, samples=4_000) == pytest.approx(1 / 8, abs=0.02)  # the centre must stay
    assert informativeness(ASIA) < UNINFORMATIVE


def test_rows_that_were_set_separate_what_observation_cannot() -> None:
    """Hauser & Buehlmann (2012): a -> b and b -> a are equivalent until one of them is set."""
    there, back = CausalGraph(("a", "b"), (("a", "b"),)), CausalGraph(("a", "b"), (("b", "a"),))
    observed, a_set, both = frozenset(), frozenset({"a"}), frozenset({"a", "b"})
    assert equivalence_classes((there, back)) == ((0, 1),)
    assert equivalence_classes((there, back), (observed, a_set)) == ((0,), (1,))
    assert equivalence_classes((there, back), (observed, both)) == ((0, 1),)  # both set: the link is cut either way
    chain = CausalGraph(("a", "b", "c"), (("a", "b"), ("b", "c")))
    fork = CausalGraph(("a", "b", "c"), (("b", "a"), ("b", "c")))
    reverse = CausalGraph(("a", "b", "c"), (("c", "b"), ("b", "a")))
    assert equivalence_classes((chain, fork, reverse), (observed, frozenset({"c"}))) == ((0, 1), (2,))


def test_an_arc_into_a_node_that_was_set_is_cut_and_an_arrow_out_of_it_is_not() -> None:
    """An unmeasured common cause and an arrow are alike until its first end is set."""
    hidden, arrow = CausalGraph(("a", "b"), (), (("a", "b"),)), CausalGraph(("a", "b"), (("a", "b"),))
    observed = frozenset()
    assert equivalence_classes((hidden, arrow)) == ((0, 1),)
    assert equivalence_classes((hidden, arrow), (observed, frozenset({"a"}))) == ((0,), (1,))
    assert equivalence_classes((hidden, arrow), (observed, frozenset({"b"}))) == ((0, 1),)
