"""What a background does to a graph and to what it claims, against definitions and networkx."""

from collections.abc import Callable, Iterable
from itertools import combinations

import networkx as nx
import pytest
from graph_oracle import all_statements, canonical, graphoid_closure, separated
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.graph.background import completed, descendant_closure, shared_background, total_effect_left_open
from core.graph.causal_graph import CausalGraph
from core.graph.equivalence import markov_equivalent
from core.graph.implications import Independence, implications, untestable_reason
from core.graph.separation import d_separated

NOBODY: frozenset[str] = frozenset()
some = settings(max_examples=150)


@st.composite
def graphs(draw: st.DrawFn, most: int = 6, least: int = 1) -> CausalGraph:
    """Acyclic graphs whose display order says nothing of their causal order."""
    nodes = tuple(f"v{i}" for i in range(draw(st.integers(least, most))))
    pairs = list(combinations(draw(st.permutations(nodes)), 2))
    return CausalGraph(nodes, tuple(pair for pair in pairs if draw(st.booleans())))


def upwards(draw: st.DrawFn, graph: CausalGraph, within: Iterable[str] | None = None) -> frozenset[str]:
    """Some nodes with all their causes, none of them outside ``within``."""
    allowed = set(graph.nodes if within is None else within)
    free = [name for name in graph.nodes if allowed.issuperset({name, *graph.ancestors(name)})]
    chosen = draw(st.sets(st.sampled_from(free))) if free else set()
    return frozenset(chosen) | graph.ancestors(*chosen)


@st.composite
def with_background(draw: st.DrawFn, most: int = 6, least: int = 1) -> tuple[CausalGraph, frozenset[str]]:
    graph = draw(graphs(most, least))
    return graph, upwards(draw, graph)


@st.composite
def with_upstream(draw: st.DrawFn, most: int = 6) -> tuple[CausalGraph, frozenset[str], frozenset[str]]:
    """A graph with what is upstream of a question, and a background upstream of it, as a question has them."""
    graph = draw(graphs(most))
    upstream = upwards(draw, graph)
    return graph, upwards(draw, graph, upstream), upstream


@st.composite
def with_arcs(draw: st.DrawFn) -> tuple[CausalGraph, frozenset[str]]:
    """A graph with latent nodes and arcs, and a background that neither touches."""
    graph = draw(graphs(6))
    latents = draw(st.sets(st.sampled_from(graph.nodes), max_size=2))
    pairs = list(combinations(graph.nodes, 2))
    arcs = draw(st.lists(st.sampled_from(pairs), max_size=2)) if pairs else []
    graph = CausalGraph(graph.nodes, graph.edges, tuple(arcs), frozenset(latents))
    touched = latents.union(*arcs)
    return graph, upwards(draw, graph, set(graph.nodes) - touched)


def in_order(graph: CausalGraph, members: Iterable[str]) -> list[str]:
    held = set(members)
    return [name for name in graph.nodes if name in held]


def network(graph: CausalGraph) -> nx.DiGraph:
    found = nx.DiGraph(graph.edges)
    found.add_nodes_from(graph.nodes)
    return found


# -- the graph with its background completed ----------------------------------------------


@some
@given(with_background(), st.data())
def test_a_completed_graph_has_every_arrow_inside_and_its_own_outside(
    drawn: tuple[CausalGraph, frozenset[str]], data: st.DataObject
) -> None:
    graph, background = drawn
    members = data.draw(st.permutations(sorted(background)))
    whole = completed(graph, members)
    assert nx.is_directed_acyclic_graph(network(whole))
    outside = {edge for edge in graph.edges if not background.issuperset(edge)}
    assert set(whole.edges) == outside | set(combinations(members, 2))
    assert (whole.nodes, whole.latents, whole.bidirected) == (graph.nodes, graph.latents, graph.bidirected)
    assert completed(whole, members) == whole


@some
@given(with_background(), st.data())
def test_the_order_of_the_members_and_the_arrows_among_them_claim_nothing(
    drawn: tuple[CausalGraph, frozenset[str]], data: st.DataObject
) -> None:
    graph, background = drawn
    one, other = (data.draw(st.permutations(sorted(background))) for _ in range(2))
    bare = graph.replace_edges(edge for edge in graph.edges if not background.issuperset(edge))
    first, second = completed(graph, one), completed(bare, other)
    assert markov_equivalent(first, second)
    assert implications(graph, background) == implications(bare, background)
    if len(graph.nodes) < 6:
        assert all(d_separated(first, *s) == d_separated(second, *s) for s in all_statements(graph.nodes))


# -- what rivals share ----------------------------------------------------------------------


def test_what_is_background_in_every_rival_that_has_it() -> None:
    first = CausalGraph(("age", "sex", "y"), (("age", "y"),))
    second = CausalGraph(("sex", "y", "age", "town"))
    third = CausalGraph(("y",))
    rivals = [(first, ("age", "sex")), (second, ("town", "age")), (third, ())]
    assert shared_background(("town", "sex", "age", "y", "nobody's"), rivals) == ("town", "age")
    assert shared_background(("age",), []) == ()


@some
@given(st.lists(with_background(), max_size=3))
def test_shared_background_by_its_definition(rivals: list[tuple[CausalGraph, frozenset[str]]]) -> None:
    nodes = ("v5", "v0", "v9", "v3", "v1", "v2", "v4")
    shared = shared_background(nodes, iter(rivals))
    modelled = {name for graph, background in rivals for name in graph.nodes if name not in background}
    known = {name for graph, _ in rivals for name in graph.nodes}
    assert shared == tuple(name for name in nodes if name in known - modelled)


@some
@given(st.lists(graphs(), max_size=3), st.sets(st.sampled_from(("v0", "v2", "v5", "elsewhere"))))
def test_the_descendant_closure_is_what_the_arrows_of_all_graphs_together_reach(
    drawn: list[CausalGraph], names: set[str]
) -> None:
    union = nx.DiGraph([edge for graph in drawn for edge in graph.edges])
    union.add_nodes_from(names)
    assert descendant_closure(iter(drawn), iter(names)) == names.union(*(nx.descendants(union, n) for n in names))


# -- the effect of a member ---------------------------------------------------------------


@some
@given(with_background(least=2), st.data())
def test_an_effect_is_left_open_where_it_hangs_on_the_order_of_the_members(
    drawn: tuple[CausalGraph, frozenset[str]], data: st.DataObject
) -> None:
    graph, background = drawn
    treatment, outcome = data.draw(st.permutations(graph.nodes))[:2]
    others = sorted(background - {treatment})

    def ways(members: list[str]) -> set[tuple[str, ...]]:
        return set(map(tuple, nx.all_simple_paths(network(completed(graph, members)), treatment, outcome)))

    held = treatment in background
    differ = held and ways([treatment, *others]) != ways([*others, treatment])
    assert total_effect_left_open(graph, background, treatment, outcome) is differ


def test_effects_that_are_left_open_and_that_are_not() -> None:
    graph = CausalGraph(("age", "sex", "pay"), (("age", "pay"), ("sex", "pay")))
    both = frozenset({"age", "sex"})
    assert total_effect_left_open(graph, both, "age", "pay")
    assert total_effect_left_open(graph, both, "age", "sex")
    assert not total_effect_left_open(graph, frozenset({"age"}), "age", "pay")
    assert not total_effect_left_open(graph, frozenset({"age"}), "sex", "pay")
    alone = graph.replace_edges([("age", "pay")])
    assert not total_effect_left_open(alone, both, "age", "pay")


# -- claims -------------------------------------------------------------------------------


def strangers(graph: CausalGraph, background: frozenset[str]) -> set[tuple[str, str]]:
    return {
        pair for pair in combinations(graph.nodes, 2) if not graph.adjacent(*pair) and not background.issuperset(pair)
    }


@some
@given(with_upstream())
def test_claims_hold_leave_the_background_out_and_list_every_other_missing_arrow(
    drawn: tuple[CausalGraph, frozenset[str], frozenset[str]],
) -> None:
    graph, background, upstream = drawn
    whole = completed(graph, in_order(graph, background))
    other = network(whole)
    listed = implications(graph, background, upstream)
    for s in listed:
        assert nx.is_d_separator(other, {s.x}, {s.y}, set(s.given))
        assert not background.issuperset((s.x, s.y))
    for s in listed[:3]:
        assert separated(whole, s.x, s.y, s.given)
    assert {(s.x, s.y) for s in listed} == strangers(graph, background)
    assert len(set(listed)) == len(listed)


@settings(max_examples=80)
@given(with_upstream(most=5))
def test_the_list_is_a_basis_of_the_graph_with_its_background_completed(
    drawn: tuple[CausalGraph, frozenset[str], frozenset[str]],
) -> None:
    graph, background, upstream = drawn
    whole = completed(graph, in_order(graph, background))
    listed = [(s.x, s.y, s.given) for s in implications(graph, background, upstream)]
    everything = {
        (frozenset((x, y)), frozenset(given_))
        for x, y, given_ in all_statements(graph.nodes)
        if separated(whole, x, y, given_)
    }
    assert graphoid_closure(graph.nodes, listed) == everything


@some
@given(with_upstream(), st.data())
def test_what_is_said_of_a_question_does_not_hang_on_how_things_upstream_are_related(
    drawn: tuple[CausalGraph, frozenset[str], frozenset[str]], data: st.DataObject
) -> None:
    graph, background, upstream = drawn
    assume(len(upstream) > 1)
    order = data.draw(st.permutations(sorted(upstream)))
    redrawn = graph.replace_edges(
        [
            *(edge for edge in graph.edges if not upstream.issuperset(edge)),
            *(pair for pair in combinations(order, 2) if data.draw(st.booleans())),
        ]
    )

    def bearing(found: CausalGraph, held: frozenset[str]) -> list[Independence]:
        return [s for s in implications(found, held, upstream) if not upstream.issuperset((s.x, s.y))]

    assert bearing(redrawn, NOBODY) == bearing(graph, NOBODY) == bearing(graph, background)


@some
@given(with_upstream())
def test_claims_across_are_tested_downstream_given_the_causes_there(
    drawn: tuple[CausalGraph, frozenset[str], frozenset[str]],
) -> None:
    graph, background, upstream = drawn
    for s in implications(graph, background, upstream):
        outside = [name for name in (s.x, s.y) if name not in upstream]
        if len(outside) == 1:
            assert set(s.given) == set(graph.parents(outside[0]))


@some
@given(with_background())
def test_a_background_takes_away_only_claims_that_its_members_make(drawn: tuple[CausalGraph, frozenset[str]]) -> None:
    graph, background = drawn
    assert set(implications(graph, background)) <= set(implications(graph))
    assert implications(graph, frozenset(), frozenset()) == implications(graph)


@settings(max_examples=100)
@given(with_arcs())
def test_with_latents_and_arcs_every_separable_pair_is_listed_with_a_set_that_does_it(
    drawn: tuple[CausalGraph, frozenset[str]],
) -> None:
    graph, background = drawn
    whole = canonical(completed(graph, in_order(graph, background)))
    other = network(whole)
    separable = {
        (x, y) for x, y, given_ in all_statements(graph.observed) if nx.is_d_separator(other, {x}, {y}, set(given_))
    }
    listed = implications(graph, background)
    assert {(s.x, s.y) for s in listed} == separable
    assert all(nx.is_d_separator(other, {s.x}, {s.y}, set(s.given)) for s in listed)
    assert not any(background.issuperset((s.x, s.y)) for s in listed)


@pytest.mark.parametrize(
    ("edges", "background", "reason"),
    [
        ((), "abc", "background"),
        ((("a", "c"), ("b", "c")), "ab", "saturated"),
        ((("a", "c"),), "ab", None),
        ((("a", "c"), ("b", "c")), "", None),
        ((("a", "b"), ("a", "c"), ("b", "c")), "ab", "saturated"),
    ],
)
def test_why_nothing_can_be_tested_beside_a_background(
    edges: tuple[tuple[str, str], ...], background: str, reason: str | None
) -> None:
    found = untestable_reason(CausalGraph(("a", "b", "c"), edges), background=frozenset(background))
    assert found is None if reason is None else reason in (found or "")


def test_why_nothing_can_be_tested_with_columns_that_the_data_lack() -> None:
    graph = CausalGraph(("a", "b", "m", "y"), (("a", "m"), ("b", "m"), ("m", "y")))
    held = frozenset("ab")
    say: Callable[..., str | None] = untestable_reason
    assert say(graph, ["a", "b", "m", "y"], held) is None
    assert "(m)" in (say(graph, ["a", "b", "y"], held) or "")
    assert say(graph, ["a", "b", "y"]) is None  # a and b are said to be unrelated by who leaves nothing open
