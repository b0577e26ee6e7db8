"""Causes without arrows between them: who could be background, and how many claims there are about them."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from core.graph.background import closed_without
from core.graph.causal_graph import CausalGraph
from core.graph.implications import implications
from core.graph.loose import loose_causes
from core.hypothesis import Edge, Hypothesis, Node

SIX = tuple("abcdef")


def confounded(*more: tuple[str, str]) -> CausalGraph:
    """Return six causes of both x and y, and x -> y."""
    edges = [(c, t) for c in SIX for t in "xy"]
    return CausalGraph((*SIX, "x", "y"), (*edges, ("x", "y"), *more))


def test_every_pair_of_loose_causes_is_a_claim() -> None:
    assert loose_causes(confounded(), "x", "y") == (SIX, 15)


def test_what_is_background_already_claims_nothing() -> None:
    assert loose_causes(confounded(), "x", "y", SIX) == (SIX, 0)
    assert loose_causes(confounded(), "x", "y", ("a", "b", "c")) == (SIX, 12)


def test_what_the_exposure_causes_is_no_cause_to_ask_about() -> None:
    chain = CausalGraph(("a", "b", "x", "m", "y"), (("a", "x"), ("b", "y"), ("x", "m"), ("m", "y")))
    assert loose_causes(chain, "x", "y") == (("a", "b"), 1)


def test_without_marks_only_what_has_no_causes_is_asked_about() -> None:
    chain = CausalGraph(("a", "b", "m", "y"), (("a", "m"), ("b", "m"), ("m", "y")))
    assert loose_causes(chain) == (("a", "b"), 1)


def test_an_unconnected_column_is_no_cause() -> None:
    assert loose_causes(CausalGraph(("a", "b", "y"), (("a", "y"),)), None, "y") == (("a",), 0)


def test_an_unmeasured_cause_takes_out_what_it_causes() -> None:
    hidden = CausalGraph(
        ("u", "a", "b", "c", "y"), (("u", "a"), ("a", "y"), ("b", "y"), ("c", "y")), (), frozenset("u")
    )
    assert loose_causes(hidden, None, "y")[0] == ("b", "c")


def test_an_arc_takes_out_its_ends_and_what_they_cause() -> None:
    arced = CausalGraph(("a", "b", "c", "d", "y"), (("a", "c"), ("b", "y"), ("c", "y"), ("d", "y")), (("a", "y"),))
    assert loose_causes(arced, None, "y")[0] == ("b", "d")


def test_an_empty_graph_has_none() -> None:
    assert loose_causes(CausalGraph(("a",))) == ((), 0)
    assert loose_causes(CausalGraph(())) == ((), 0)


def test_what_goes_takes_what_it_causes_along() -> None:
    graph = CausalGraph(tuple("abc"), (("a", "b"),))
    assert closed_without(graph, "abc", ["a", None, "not there"]) == ("c",)
    assert closed_without(graph, "abc", ["b"]) == ("a", "c")


@st.composite
def asked(draw: st.DrawFn) -> tuple[CausalGraph, str | None, str | None]:
    names = tuple(f"n{i}" for i in range(draw(st.integers(0, 7))))
    pairs = list(combinations(names, 2))
    edges = [pair for pair in pairs if draw(st.integers(0, 2)) == 0]
    arcs = [pair for pair in pairs if draw(st.integers(0, 9)) == 0]
    latents = frozenset(name for name in names if draw(st.integers(0, 6)) == 0)
    roles = [draw(st.sampled_from((None, *names))) for _ in range(2)]
    return CausalGraph(names, edges, arcs, latents), roles[0], roles[1] if roles[1] != roles[0] else None


@given(asked())
def test_they_may_always_be_background_and_then_claim_nothing(case: tuple[CausalGraph, str | None, str | None]) -> None:
    graph, exposure, outcome = case
    members, claims = loose_causes(graph, exposure, outcome)
    nodes = tuple(Node(name, latent=name in graph.latents) for name in graph.nodes)
    edges = tuple(Edge(a, b) for a, b in graph.edges)
    held = Hypothesis("H", nodes, edges, graph.bidirected, exposure, outcome, background=members)
    assert held.background == members
    assert graph.ancestors(*members) <= set(members)
    inside = set(members)
    assert claims == sum({c.x, c.y} <= inside for c in implications(graph))
    assert loose_causes(graph, exposure, outcome, members)[1] == 0
