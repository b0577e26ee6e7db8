"""A background between canvas and Python: taken, refused, kept, and put where its box covers nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import HypothesisError, WhyboardError
from core.figures.graph import GraphView, NodeView
from core.hypothesis import Edge, Hypothesis, Node
from ui.editor import Drawing, Picture, graph_of
from ui.editor.pictures import board
from ui.editor.places import gathered, places
from ui.editor.protocol import Document, EdgeState, GraphState, NodeState, accept, check, read_graph

AGE, SEX = NodeState("a", "age", background=True), NodeState("s", "sex", background=True)
WAGE = NodeState("w", "wage", 300.0, 0.0)
DRAWN = GraphState((AGE, SEX, WAGE), (EdgeState("1", "a", "w"), EdgeState("2", "s", "w")), None, "w")
MODEL = Hypothesis(
    "Wages",
    (Node("age", family="Gamma"), Node("sex"), Node("training"), Node("wage")),
    (Edge("age", "training", form="quadratic"), Edge("sex", "wage"), Edge("training", "wage")),
    (),
    "training",
    "wage",
    background=("age", "sex"),
)


def edit(document: Document, graph: GraphState) -> dict[str, Any]:
    return {"document": document.key, "base": document.rev, "seq": document.seq + 1, **graph.to_dict()}


def test_what_is_sent_is_what_comes_back() -> None:
    assert read_graph(DRAWN.to_dict()) == DRAWN
    taken = accept(Document(), edit(Document(), DRAWN))
    assert (taken.refused, taken.doc.graph) == (None, DRAWN)


def test_a_browser_from_before_sends_none() -> None:
    sent = DRAWN.to_dict()
    for node in sent["nodes"]:
        del node["background"]
    assert not any(node.background for node in read_graph(sent).nodes)


@pytest.mark.parametrize(
    ("graph", "words"),
    [
        (replace(DRAWN, edges=(EdgeState("1", "w", "a"),)), "an arrow comes into it from 'wage'"),
        (replace(DRAWN, edges=(EdgeState("1", "w", "a", True),)), "an arc joins"),
        (replace(DRAWN, exposure="a"), "the exposure 'age' cannot be background"),
        (replace(DRAWN, outcome="s"), "the outcome 'sex' cannot be background"),
        (replace(DRAWN, nodes=(replace(AGE, latent=True), SEX, WAGE)), "unmeasured"),
    ],
)
def test_what_cannot_be_background_is_refused_and_put_back(graph: GraphState, words: str) -> None:
    with pytest.raises(HypothesisError, match=words):
        check(graph)
    before = Document(graph=DRAWN)
    taken = accept(before, edit(before, graph))
    assert words in str(taken.refused)
    assert (taken.doc.graph, taken.doc.rev) == (DRAWN, 1)


def test_a_mark_that_is_no_truth_value_is_malformed() -> None:
    sent = DRAWN.to_dict()
    sent["nodes"][0]["background"] = "yes"
    taken = accept(Document(), {"document": "", "base": 0, "seq": 1, **sent})
    assert "malformed" in str(taken.refused)


def test_a_rename_and_an_undo_keep_the_background() -> None:
    drawing = Drawing.of(MODEL, key="h")
    graph = drawing.document.graph
    renamed = replace(graph, nodes=(replace(graph.nodes[0], name="years"), *graph.nodes[1:]))
    after = drawing.edited(edit(drawing.document, renamed)).drawing
    assert after.hypothesis.background == ("years", "sex")
    assert after.hypothesis.node("years").family == "Gamma"
    back = after.edited(edit(after.document, graph)).drawing
    assert back.hypothesis.background == MODEL.background
    assert back.hypothesis.edge("age", "training").form == "quadratic"


def test_one_that_is_taken_out_is_out() -> None:
    drawing = Drawing.of(MODEL, key="h")
    graph = drawing.document.graph
    out = replace(graph, nodes=(replace(graph.nodes[0], background=False), *graph.nodes[1:]))
    after = drawing.edited(edit(drawing.document, out))
    assert after.drawing.hypothesis.background == ("sex",)
    assert after.drawing.hypothesis.graph.edges == MODEL.graph.edges


NAMES = ("age", "sex", "region", "training", "wage")


@given(
    background=st.sets(st.sampled_from(NAMES)),
    edges=st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)).filter(lambda e: e[0] < e[1])),
    arcs=st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)).filter(lambda e: e[0] < e[1]), max_size=1),
    latent=st.sets(st.sampled_from(NAMES), max_size=1),
    roles=st.tuples(*2 * [st.sampled_from((None, *NAMES))]).filter(lambda r: r[0] is None or r[0] != r[1]),
)
def test_the_canvas_takes_exactly_what_a_hypothesis_may_hold(
    background: set[str],
    edges: set[tuple[int, int]],
    arcs: set[tuple[int, int]],
    latent: set[str],
    roles: tuple[str | None, str | None],
) -> None:
    ids = {name: f"n{i}" for i, name in enumerate(NAMES)}
    graph = GraphState(
        tuple(NodeState(ids[n], n, latent=n in latent, background=n in background) for n in NAMES),
        tuple(EdgeState(f"e{a}{b}", f"n{a}", f"n{b}") for a, b in sorted(edges))
        + tuple(EdgeState(f"b{a}{b}", f"n{a}", f"n{b}", True) for a, b in sorted(arcs)),
        *(ids[role] if role else None for role in roles),
    )
    try:
        made: Hypothesis | None = Hypothesis(
            "H",
            tuple(Node(n, latent=n in latent) for n in NAMES),
            tuple(Edge(NAMES[a], NAMES[b]) for a, b in sorted(edges)),
            tuple((NAMES[a], NAMES[b]) for a, b in sorted(arcs)),
            *roles,
            background=tuple(background),
        )
    except WhyboardError:
        made = None
    blank = Document(key="h")
    taken = accept(blank, edit(blank, graph))
    assert (taken.refused is None) == (made is not None)
    if made is not None:
        assert set(made.background) == background
        again = graph_of(made, graph)
        assert [n.background for n in again.nodes] == [n.background for n in graph.nodes]


# -- places -------------------------------------------------------------------------


def covered(hypothesis: Hypothesis, at: dict[str, tuple[float, float]]) -> list[str]:
    """Return whose centre lies in the rectangle round the background's centres."""
    held = [at[name] for name in hypothesis.background]
    (left, right), (top, bottom) = [(min(axis), max(axis)) for axis in zip(*held, strict=True)]
    rest = [name for name in at if name not in hypothesis.background]
    return [n for n in rest if left <= at[n][0] <= right and top <= at[n][1] <= bottom]


def test_a_background_that_covers_nobody_stays() -> None:
    at = {"age": (0.0, 0.0), "sex": (0.0, 100.0), "training": (400.0, 0.0), "wage": (700.0, 0.0)}
    assert gathered(MODEL, at) == at


@given(st.lists(st.tuples(st.floats(-900, 900), st.floats(-900, 900)), min_size=4, max_size=4))
def test_a_background_that_covers_others_is_put_beside_them(spots: list[tuple[float, float]]) -> None:
    at = dict(zip(MODEL.graph.nodes, spots, strict=True))
    found = gathered(MODEL, at)
    assert not covered(MODEL, found)
    assert {n: found[n] for n in ("training", "wage")} == {n: at[n] for n in ("training", "wage")}
    assert gathered(MODEL, found) == found


def test_a_graph_without_places_gets_its_background_beside_the_rest() -> None:
    many = tuple(f"cause {i}" for i in range(9))
    wide = Hypothesis(
        "Many",
        tuple(Node(n) for n in (*many, "x", "y")),
        (*(Edge(n, "x") for n in many[:5]), Edge("x", "y")),
        background=many,
    )
    assert not covered(wide, places(wide))


def test_pictures_are_told_the_background() -> None:
    view = GraphView("A", "#0072B2", (NodeView("age", "age", 0, 0), NodeView("wage", "wage", 0, 0)), (), (), (), 0)
    (one,) = board([Picture("A", "a", view, background=("age", "gone"))], {})["pictures"]
    assert one["graph"]["background"] == ["n0"]
