"""The state protocol: what Python takes from a browser, and what it refuses."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import CycleError, GraphError
from core.graph.causal_graph import find_cycle
from ui.editor.protocol import (
    MAX_NAME,
    MAX_NODES,
    Document,
    EdgeState,
    GraphState,
    Look,
    NodeState,
    accept,
    check,
    look_of,
    push,
    shown,
)

A, B, C = NodeState("a", "ads"), NodeState("b", "visits", 200.0, 0.0), NodeState("c", "sales", 400.0, 0.0)
CHAIN = GraphState((A, B, C), (EdgeState("1", "a", "b"), EdgeState("2", "b", "c")))


def edit(graph: GraphState = CHAIN, base: int = 0, seq: int = 1, **more: Any) -> dict[str, Any]:
    return {"document": "", "base": base, "seq": seq, **graph.to_dict(), **more}


def with_edge(*edges: EdgeState) -> GraphState:
    return replace(CHAIN, edges=CHAIN.edges + edges)


def test_an_edit_is_taken_once():
    taken = accept(Document(), edit())
    assert (taken.changed, taken.refused) == (True, None)
    assert taken.doc == Document(seq=1, graph=CHAIN)
    assert accept(taken.doc, edit()).changed is False
    assert accept(taken.doc, edit()).doc is taken.doc


def test_edits_overtake_but_never_go_back():
    doc = accept(Document(), edit(seq=7)).doc
    assert accept(doc, edit(GraphState(), seq=6)).doc is doc
    assert accept(doc, edit(GraphState(), seq=8)).doc.graph == GraphState()


def test_an_edit_on_an_older_revision_is_not_taken():
    doc = push(accept(Document(), edit()).doc, GraphState((A,)))
    assert (doc.rev, doc.seq) == (1, 0)
    assert accept(doc, edit(base=0, seq=99)).doc is doc
    assert accept(doc, edit(base=1, seq=1)).doc.graph == CHAIN


def test_an_edit_of_another_document_is_not_taken():
    doc = Document(key="h2")
    assert accept(doc, edit(document="h1")).doc is doc
    assert accept(doc, edit(document="h2")).changed


def test_an_edit_that_changes_nothing_moves_the_counter_only():
    taken = accept(Document(graph=CHAIN), edit(seq=3))
    assert (taken.changed, taken.doc.seq) == (False, 3)


@pytest.mark.parametrize(
    "nothing", [None, "text", 3, [], {}, {"base": 0}, {"base": "0", "seq": 1}, {"base": 0, "seq": True}]
)
def test_what_is_no_edit_is_left_alone(nothing):
    doc = Document(graph=CHAIN)
    taken = accept(doc, nothing)
    assert (taken.doc, taken.changed, taken.refused) == (doc, False, None)


def test_a_cycle_is_refused_with_its_path_and_the_browser_is_put_back():
    before = Document(rev=2, seq=5, graph=CHAIN)
    taken = accept(before, edit(with_edge(EdgeState("3", "c", "a")), base=2, seq=6))
    assert isinstance(taken.refused, CycleError)
    assert taken.refused.path == ("ads", "visits", "sales", "ads")
    assert taken.doc == push(before, CHAIN)
    assert not taken.changed


@pytest.mark.parametrize(
    ("graph", "words"),
    [
        (with_edge(EdgeState("3", "a", "b")), "ads -> visits stands twice"),
        (with_edge(EdgeState("3", "a", "c", True), EdgeState("4", "c", "a", True)), "stands twice"),
        (with_edge(EdgeState("1", "a", "c")), "share an id"),
        (with_edge(EdgeState("3", "a", "a")), "to itself"),
        (with_edge(EdgeState("3", "a", "zz")), "not there"),
        (replace(CHAIN, nodes=(A, B, replace(C, name="ads"))), "'ads' stands twice"),
        (replace(CHAIN, nodes=(A, B, replace(C, name=" \t "))), "no name"),
        (replace(CHAIN, nodes=(A, B, replace(C, name="x" * (MAX_NAME + 1)))), "characters"),
        (replace(CHAIN, nodes=(A, B, C, replace(A, name="other"))), "share an id"),
        (replace(CHAIN, exposure="zz"), "not there"),
        (replace(CHAIN, exposure="a", outcome="a"), "as exposure and as outcome"),
        (GraphState(tuple(NodeState(f"n{i}", f"v{i}") for i in range(MAX_NODES + 1))), "more than 200"),
    ],
)
def test_refusals_say_why(graph, words):
    refused = accept(Document(graph=CHAIN), edit(graph)).refused
    assert isinstance(refused, GraphError)
    assert words in refused.message
    assert refused.hint


@pytest.mark.parametrize(
    "broken",
    [
        {"nodes": None},
        {"nodes": "abc"},
        {"nodes": [1]},
        {"nodes": [{"id": "a"}]},
        {"nodes": [{"id": "a b", "name": "x", "x": 0, "y": 0}], "edges": []},
        {"nodes": [{"id": "a", "name": 3, "x": 0, "y": 0}], "edges": []},
        {"nodes": [{"id": "a", "name": "x", "x": math.nan, "y": 0}], "edges": []},
        {"nodes": [{"id": "a", "name": "x", "x": 1e9, "y": 0}], "edges": []},
        {"nodes": [{"id": "a", "name": "x", "x": "1", "y": 0}], "edges": []},
        {"nodes": [{"id": "a", "name": "x", "x": 0, "y": 0, "latent": "no"}], "edges": []},
        {"edges": [{"id": "1", "source": "a", "target": ["b"]}]},
        {"edges": [{"id": "1", "source": "a", "target": "b", "bidirected": 1}]},
        {"exposure": 3},
        {"nodes": [{"id": f"n{i}", "name": f"v{i}", "x": 0, "y": 0} for i in range(5000)]},
    ],
)
def test_malformed_data_is_refused_not_raised(broken):
    taken = accept(Document(graph=CHAIN), edit(**broken))
    assert isinstance(taken.refused, GraphError)
    assert taken.doc.graph == CHAIN


def test_an_arrow_and_an_arc_may_join_the_same_two_nodes():
    assert accept(Document(), edit(with_edge(EdgeState("3", "b", "a", True)))).changed


@pytest.mark.parametrize("name", ['<img src=x onerror="alert(1)">', "=1+1", "a -> b", "🦊", "x" * MAX_NAME, "'\"`\\"])
def test_names_stay_as_they_were_typed(name):
    taken = accept(Document(), edit(GraphState((NodeState("a", name),))))
    assert taken.doc.graph.nodes[0].name == name


def test_names_come_by_id():
    assert CHAIN.name_of("b") == "visits"
    with pytest.raises(GraphError):
        CHAIN.name_of("zz")


# -- properties -------------------------------------------------------------------

IDS = [f"n{i}" for i in range(6)]
ARROWS = st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(IDS), st.booleans()), max_size=14)


def drawn(arrows: list[tuple[str, str, bool]]) -> GraphState:
    nodes = tuple(NodeState(i, f"name of {i}") for i in IDS)
    return GraphState(nodes, tuple(EdgeState(f"e{k}", a, b, arc) for k, (a, b, arc) in enumerate(arrows)))


@given(ARROWS)
def test_exactly_the_acyclic_simple_graphs_are_taken(arrows):
    directed = [(a, b) for a, b, arc in arrows if not arc]
    arcs = [frozenset((a, b)) for a, b, arc in arrows if arc]
    fine = (
        all(a != b for a, b, _ in arrows)
        and len(set(directed)) == len(directed)
        and len(set(arcs)) == len(arcs)
        and not find_cycle(IDS, directed)
    )
    taken = accept(Document(), edit(drawn(arrows)))
    assert (taken.refused is None) == fine


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6), ARROWS), max_size=12))
def test_whatever_arrives_the_document_stays_sound_and_the_counters_never_fall(stream):
    doc = Document()
    for base, seq, arrows in stream:
        before = doc
        doc = accept(doc, edit(drawn(arrows), base, seq)).doc
        check(doc.graph)
        assert (doc.rev, doc.seq) >= (before.rev, before.seq)
        if (doc.rev, doc.seq) == (before.rev, before.seq):
            assert doc == before


@given(
    st.dictionaries(
        st.text(max_size=8),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["id", "name", "x", "y", "source", "target"]), inner, max_size=4)
            ),
            max_leaves=8,
        ),
        max_size=4,
    )
)
def test_no_shape_of_data_raises(record):
    doc = Document(graph=CHAIN)
    assert accept(doc, {"document": "", "base": 0, "seq": 1, **record}).doc.graph in (CHAIN, GraphState())


@pytest.mark.parametrize("letter", ["\0", "\x1b", "\x85", "\u202e", "\u2067", "\ud800", "\x9f"])
def test_a_name_that_holds_what_nobody_can_see_is_refused_in_words(letter: str) -> None:
    taken = accept(Document(), edit(GraphState((NodeState("a", f"ad{letter}s"),))))
    if letter == "\x85":  # a line break: a blank, as in every name
        assert taken.doc.graph.nodes[0].name == "ad s"
        return
    assert taken.refused is not None
    assert "holds" in taken.refused.message
    assert taken.doc.graph == GraphState()


def test_blanks_at_the_ends_of_a_name_are_cut() -> None:
    assert accept(Document(), edit(GraphState((NodeState("a", " ads \n"),)))).doc.graph.nodes[0].name == "ads"
    twice = accept(Document(), edit(GraphState((NodeState("a", "ads"), NodeState("b", "ads ")))))
    assert twice.refused is not None


# -- what is looked at ---------------------------------------------------------------

KEPT = Document(rev=2, seq=4, graph=CHAIN)


def asks(id: object, seq: int = 4, **more: Any) -> dict[str, Any]:
    return edit(base=2, seq=seq, look={"turn": "l-1", "id": id}, **more)


def test_a_click_asks_for_a_node_or_an_arrow_and_is_no_edit():
    assert look_of(KEPT, asks("b")) == Look("l-1", ("visits",))
    assert look_of(KEPT, asks("2")) == Look("l-1", ("visits", "sales"))
    assert accept(KEPT, asks("2")).doc is KEPT


def test_an_edit_that_was_overtaken_by_a_click_is_still_taken():
    """Of two messages that come at once Streamlit hands on the last: it holds all."""
    longer = with_edge(EdgeState("3", "a", "c"))
    message = edit(longer, base=2, seq=5, look={"turn": "l-1", "id": "3"})
    taken = accept(KEPT, message)
    assert taken.changed
    assert look_of(taken.doc, message) == Look("l-1", ("ads", "sales"))


def test_a_look_outlives_a_push_and_ends_with_what_it_names():
    pushed = push(KEPT, replace(CHAIN, nodes=(A, replace(B, name="clicks"), C)))
    assert look_of(pushed, asks("b")) == Look("l-1", ("clicks",))
    assert look_of(push(KEPT, GraphState((A,))), asks("b")) is None


def test_an_arc_another_document_and_what_is_malformed_have_no_settings():
    assert look_of(replace(KEPT, graph=with_edge(EdgeState("3", "a", "c", True))), asks("3")) is None
    assert look_of(KEPT, asks("b") | {"document": "other"}) is None
    for odd in (None, 3, {}, {"turn": 1, "id": "b"}, {"turn": "<b>", "id": "b"}, {"turn": "l-1", "id": ["b"]}):
        assert look_of(KEPT, edit(base=2, look=odd)) is None
    assert look_of(KEPT, None) is None


def test_what_is_chosen_beside_the_canvas_is_named_by_its_id():
    assert shown(CHAIN, Look("7", ("visits",))) == {"turn": "7", "id": "b"}
    assert shown(CHAIN, Look("8", ("ads", "visits"))) == {"turn": "8", "id": "1"}
    for nothing in (None, Look("9", ()), Look("9", ("visits", "ads")), Look("9", ("tax",))):
        assert shown(CHAIN, nothing) is None
