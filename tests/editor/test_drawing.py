"""A hypothesis and its drawing in step: nothing that the canvas cannot show is lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import CycleError, GraphError
from core.hypothesis import Absence, Edge, Hypothesis, Node, Prior
from core.names import fault_in, tidy_name
from ui.editor import Drawing, graph_of
from ui.editor.places import places
from ui.editor.protocol import EdgeState, GraphState, NodeState

PRIOR = Prior("Normal", (("mu", 0.0), ("sigma", 2.0)))
RICH = Hypothesis(
    "Rich",
    (
        Node("season", kind="category", position=(0.0, 0.0)),
        Node("ads", kind="positive", family="Gamma", link="log", position=(200.0, 0.0), priors=(("intercept", PRIOR),)),
        Node("mood", latent=True, group="hidden", position=(200.0, 150.0)),
        Node("sales", position=(400.0, 0.0)),
    ),
    (Edge("season", "ads"), Edge("ads", "sales", form="saturating", sign="+", prior=PRIOR)),
    (("ads", "sales"),),
    "ads",
    "sales",
    "as the team sees it",
)


def edit(drawing: Drawing, graph: GraphState, **more: Any) -> dict[str, Any]:
    document = drawing.document
    return {"document": document.key, "base": document.rev, "seq": document.seq + 1, **graph.to_dict(), **more}


def ids(drawing: Drawing) -> dict[str, str]:
    return {node.name: node.id for node in drawing.document.graph.nodes}


def take(drawing: Drawing, graph: GraphState) -> Drawing:
    edited = drawing.edited(edit(drawing, graph))
    assert edited.refused is None
    assert edited.changed
    return edited.drawing


def test_moving_a_node_keeps_everything_else():
    drawing = Drawing.of(RICH, key="h")
    graph = drawing.document.graph
    moved = replace(graph, nodes=(replace(graph.nodes[0], x=-50.0, y=20.0), *graph.nodes[1:]))
    after = take(drawing, moved).hypothesis
    assert after == RICH.with_node("season", position=(-50.0, 20.0))


def test_a_renamed_node_keeps_its_settings_arrows_and_marks():
    drawing = Drawing.of(RICH, key="h")
    graph = drawing.document.graph
    nodes = tuple(replace(n, name="ad spend") if n.name == "ads" else n for n in graph.nodes)
    after = take(drawing, replace(graph, nodes=nodes)).hypothesis
    assert after.node("ad spend") == replace(RICH.node("ads"), name="ad spend")
    assert after.edge("ad spend", "sales") == replace(RICH.edge("ads", "sales"), source="ad spend")
    assert after.bidirected == (("ad spend", "sales"),)
    assert (after.exposure, after.outcome, after.note) == ("ad spend", "sales", RICH.note)


def test_what_is_said_of_arrows_follows_a_new_name_and_goes_with_a_node():
    said = replace(
        RICH.with_edge("ads", "sales", by="season"),
        absences=(Absence("season", "sales", "only through ads"), Absence("sales", "ads")),
    )
    drawing = Drawing.of(said, key="h")
    graph = drawing.document.graph
    named = replace(graph, nodes=(replace(graph.nodes[0], name="time"), *graph.nodes[1:]))
    after = take(drawing, named)
    assert after.hypothesis.edge("ads", "sales").by == "time"
    assert after.hypothesis.absences == (Absence("time", "sales", "only through ads"), Absence("sales", "ads"))
    without = replace(graph, nodes=graph.nodes[1:], edges=graph.edges[1:])
    left = take(drawing, without).hypothesis
    assert left.edge("ads", "sales") == replace(RICH.edge("ads", "sales"))
    assert left.absences == (Absence("sales", "ads"),)


def test_two_nodes_may_swap_their_names():
    drawing = Drawing.of(RICH, key="h")
    graph = drawing.document.graph
    swap = {"ads": "sales", "sales": "ads"}
    nodes = tuple(replace(n, name=swap.get(n.name, n.name)) for n in graph.nodes)
    after = take(drawing, replace(graph, nodes=nodes)).hypothesis
    assert after.node("sales").family == "Gamma"
    assert after.graph.edges == (("season", "sales"), ("sales", "ads"))


def test_deleting_and_undoing_brings_settings_back():
    drawing = Drawing.of(RICH, key="h")
    full = drawing.document.graph
    gone = ids(drawing)["ads"]
    less = GraphState(
        tuple(n for n in full.nodes if n.id != gone),
        tuple(e for e in full.edges if gone not in (e.source, e.target)),
        None,
        full.outcome,
    )
    deleted = take(drawing, less)
    assert deleted.hypothesis.graph.nodes == ("season", "mood", "sales")
    elsewhere = replace(less, nodes=(replace(less.nodes[0], x=-80.0), *less.nodes[1:]))
    back = take(take(deleted, elsewhere), full)
    assert back.hypothesis == RICH


def test_a_reversed_arrow_is_a_new_arrow_and_reversing_back_restores_it():
    drawing = Drawing.of(RICH, key="h")
    graph = drawing.document.graph
    arrow = next(e for e in graph.edges if e.source == ids(drawing)["ads"] and not e.bidirected)
    flipped = tuple(replace(e, source=e.target, target=e.source) if e is arrow else e for e in graph.edges)
    reversed_ = take(drawing, replace(graph, edges=flipped))
    assert reversed_.hypothesis.edge("sales", "ads") == Edge("sales", "ads")
    assert take(reversed_, graph).hypothesis == RICH


def test_a_refused_edit_leaves_the_hypothesis_and_puts_the_browser_back():
    drawing = Drawing.of(RICH, key="h")
    graph = drawing.document.graph
    back = EdgeState("new", ids(drawing)["sales"], ids(drawing)["season"])
    edited = drawing.edited(edit(drawing, replace(graph, edges=(*graph.edges, back))))
    assert isinstance(edited.refused, CycleError)
    assert edited.drawing.hypothesis is RICH
    assert (edited.drawing.document.rev, edited.drawing.document.graph) == (drawing.document.rev + 1, graph)


def test_a_push_keeps_ids_and_places_of_what_was_there():
    drawing = Drawing.of(RICH, key="h")
    text = Hypothesis("Rich", (Node("sales"), Node("ads"), Node("new")), (Edge("ads", "sales"), Edge("ads", "new")))
    after = drawing.replaced(text)
    assert after.document.rev == drawing.document.rev + 1
    assert after.document.seq == 0
    old, new = ids(drawing), ids(after)
    assert (new["ads"], new["sales"]) == (old["ads"], old["sales"])
    assert new["new"] not in old.values()
    at = {node.name: (node.x, node.y) for node in after.document.graph.nodes}
    assert at["ads"] == (200.0, 0.0)
    assert at["new"] not in (at["ads"], at["sales"])
    arrows = {e.id for e in drawing.document.graph.edges}
    assert len([e for e in after.document.graph.edges if e.id in arrows]) == 1


def test_a_push_of_settings_alone_leaves_the_canvas_alone():
    drawing = Drawing.of(RICH, key="h")
    other = RICH.with_node("sales", family="StudentT")
    after = drawing.replaced(other)
    assert after.document is drawing.document
    assert after.hypothesis is other
    graph = after.document.graph
    moved = replace(graph, nodes=(replace(graph.nodes[0], x=5.0), *graph.nodes[1:]))
    assert take(after, moved).hypothesis.node("sales").family == "StudentT"


def test_a_push_that_is_too_large_is_refused():
    big = Hypothesis("big", tuple(Node(f"v{i}") for i in range(201)))
    with pytest.raises(GraphError, match="more than 200"):
        Drawing.of(RICH).replaced(big)


def test_a_new_node_of_the_browser_gets_defaults():
    drawing = Drawing.of(Hypothesis("A"))
    after = take(drawing, GraphState((NodeState("n-x", "ads", 3.0, 4.0),))).hypothesis
    assert after.nodes == (Node("ads", position=(3.0, 4.0)),)


NAME = st.text(min_size=1, max_size=6).filter(lambda name: name and tidy_name(name) == name and not fault_in(name))
NAMES = st.lists(NAME, min_size=1, max_size=6, unique=True)


@st.composite
def hypotheses(draw: st.DrawFn) -> Hypothesis:
    names = draw(NAMES)
    kinds = st.sampled_from([None, "real", "count"])
    nodes = tuple(
        Node(n, kind=draw(kinds), latent=draw(st.booleans()), position=(100.0 * i, 37.0 * i))
        for i, n in enumerate(names)
    )
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    arcs = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    marks = draw(st.permutations([*names, None, None]))
    return Hypothesis("H", nodes, tuple(Edge(a, b) for a, b in chosen), tuple(arcs), marks[0], marks[1], "note")


@given(hypotheses())
def test_there_and_back_is_the_same_hypothesis(hypothesis):
    drawing = Drawing.of(hypothesis, key="h")
    graph = drawing.document.graph
    shift = replace(graph, nodes=tuple(replace(n, x=n.x + 1.0) for n in graph.nodes))
    after = take(take(drawing, shift), graph).hypothesis
    assert after.graph == hypothesis.graph
    assert set(after.edges) == set(hypothesis.edges)
    assert replace(after, edges=hypothesis.edges, bidirected=hypothesis.bidirected) == hypothesis
    assert graph_of(after, graph) == graph


# -- places -----------------------------------------------------------------------


def test_causes_stand_left_of_effects_where_no_place_is_known():
    bare = replace(RICH, nodes=tuple(replace(node, position=None) for node in RICH.nodes))
    at = places(bare)
    assert all(at[edge.source][0] < at[edge.target][0] for edge in bare.edges)
    assert len(set(at.values())) == 4


def test_small_units_are_enlarged_and_pixels_are_not():
    small = Hypothesis(
        "s", (Node("a", position=(-1.0, 0.0)), Node("b", position=(1.0, 0.0)), Node("c", position=(0.0, 1.0)))
    )
    at = places(small)
    assert at["b"][0] - at["a"][0] == pytest.approx(400.0)
    near = Hypothesis(
        "n", (Node("a", position=(0.0, 0.0)), Node("b", position=(12.0, 3.0)), Node("c", position=(300.0, 0.0)))
    )
    assert places(near) == {"a": (0.0, 0.0), "b": (12.0, 3.0), "c": (300.0, 0.0)}


def test_one_point_for_all_is_left_alone():
    heap = Hypothesis("h", (Node("a", position=(5.0, 5.0)), Node("b", position=(5.0, 5.0))))
    assert places(heap) == {"a": (5.0, 5.0), "b": (5.0, 5.0)}


def test_strangers_go_below_what_stands():
    some = Hypothesis("s", (Node("a", position=(0.0, 0.0)), Node("b", position=(200.0, 90.0)), Node("c"), Node("d")))
    at = places(some)
    assert at["c"][1] > 90.0
    assert len(set(at.values())) == 4
    assert places(Hypothesis("empty")) == {}
