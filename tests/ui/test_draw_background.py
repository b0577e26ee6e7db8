"""Draw: causes without arrows between them are asked about; a background is said, marked, and kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import HypothesisError
from core.hypothesis import Edge, Hypothesis, Node
from core.store import Store
from tests.ui.conftest import Open, shown
from ui import doors, drawing, session
from ui.claims import claims_html, claims_of
from ui.drawing import Held
from ui.editor import Drawing
from ui.pictures import graph_inside
from ui.unrelated import asked_about

FOUR = ("age", "sex", "region", "season")
WAGES = Hypothesis(
    "Wages",
    tuple(Node(name) for name in (*FOUR, "training", "wage")),
    (*(Edge(cause, to) for cause in FOUR for to in ("training", "wage")), Edge("training", "wage")),
    (),
    "training",
    "wage",
)
HELD = replace(WAGES, background=FOUR)
QUESTION = "of this graph’s claims</b> say that causes without arrows between them"


@pytest.fixture
def wages(store: Store) -> tuple[str, str]:
    """Return (token, id) of a project without data and one drawing with four loose causes."""
    project = session.new_project("Wages", exposure="training", outcome="wage")
    return project.token, doors.add(project, WAGES)


def kept(store: Store, token: str, id: str) -> Hypothesis:
    return store.hypothesis(token, id).hypothesis


def press(test: AppTest, key: str) -> None:
    test.button(key=key).click().run()
    assert not test.exception


def test_loose_causes_are_asked_about_and_one_click_makes_them_background(
    open_page: Open, wages: tuple[str, str], store: Store
) -> None:
    token, id = wages
    test = open_page("draw", token)
    assert f"<b>6 {QUESTION}" in shown(test)
    assert "(age, sex, region and season) are unrelated. Did you mean that?" in shown(test)
    rev = test.session_state["drawings"][id].drawing.document.rev
    press(test, f"related_{id}")
    assert kept(store, token, id).background == FOUR
    assert QUESTION not in shown(test)
    assert "<b>age</b>, <b>sex</b>, <b>region</b> and <b>season</b> may be related in any way (background)." in shown(
        test
    )
    held = test.session_state["drawings"][id].drawing.document
    assert held.rev == rev + 1  # pushed: the canvas' own Undo takes it back
    assert [node.background for node in held.graph.nodes] == [True] * 4 + [False] * 2


def test_who_meant_it_is_not_asked_again_until_the_causes_change(
    open_page: Open, wages: tuple[str, str], store: Store
) -> None:
    token, id = wages
    test = open_page("draw", token)
    press(test, f"meant_{id}")
    assert QUESTION not in shown(test)
    test.run()
    assert QUESTION not in shown(test)
    assert kept(store, token, id).background == ()
    more = replace(WAGES, nodes=(*WAGES.nodes, Node("tax")), edges=(*WAGES.edges, Edge("tax", "wage")))
    store.save_hypothesis(token, id, more.to_dict(), rev=5, seq=1)
    test.run()
    assert QUESTION in shown(test)


def test_a_handful_is_not_asked_about(open_page: Open, store: Store) -> None:
    project = session.new_project("Three", exposure="training", outcome="wage")
    id = doors.add(project, drawing.without_node(WAGES, "season"))
    test = open_page("draw", project.token)
    assert QUESTION not in shown(test)
    assert not [button for button in test.button if button.key == f"related_{id}"]


def test_causes_that_the_data_lack_are_left_out() -> None:
    assert asked_about(WAGES, None) == (FOUR, 6)
    assert asked_about(WAGES, ("age", "sex", "region", "training", "wage")) == ((), 0)  # three pairs: a handful
    assert asked_about(HELD, None) == ((), 0)


def test_a_background_makes_no_claims(wages: tuple[str, str]) -> None:
    loose, held = (claims_of(one, str, None) for one in (WAGES, HELD))
    assert (len(loose.beside), loose.sentences) == (6, ())  # none of them bears on the question
    assert (loose.left_open, held.sentences, held.beside) == ("", (), ())
    unasked = claims_of(replace(WAGES, exposure=None), str, None)
    assert (len(unasked.sentences), unasked.beside) == (6, ())
    assert "claims" not in held.left_open
    assert claims_of(replace(HELD, background=("age",)), str, None).left_open == ""


def test_claims_are_sorted_by_whether_they_bear_on_the_question() -> None:
    """An arrow that is missing into the outcome bears on it; how its causes are related does not."""
    bold = replace(WAGES, edges=tuple(edge for edge in WAGES.edges if (edge.source, edge.target) != ("age", "wage")))
    found = claims_of(bold, str, None)
    assert len(found.sentences) == 1
    assert "<b>age</b> and <b>wage</b> are unrelated" in found.sentences[0]
    assert len(found.beside) == 6
    told = claims_html(found, str)
    assert "This graph claims 1 thing about the question that data could contradict" in told
    assert "6 claims among what is upstream of the question, which do not bear on it" in told


def toggled(test: AppTest, label: str, value: bool) -> None:
    (toggle,) = [toggle for toggle in test.toggle if toggle.label == label]
    toggle.set_value(value).run()
    assert not test.exception


def test_the_nodes_tool_marks_background(open_page: Open, wages: tuple[str, str], store: Store) -> None:
    token, id = wages
    test = open_page("draw", token, tool="Nodes")
    test.selectbox(key=f"node_{id}").set_value("age").run()
    toggled(test, "Background", True)
    assert kept(store, token, id).background == ("age",)
    toggled(test, "Unmeasured", True)  # and then it cannot be
    assert kept(store, token, id).background == ()
    toggled(test, "Background", True)
    assert "what is unmeasured cannot be background" in shown(test)
    assert [toggle.value for toggle in test.toggle if toggle.label == "Background"] == [False]
    test.selectbox(key=f"node_{id}").set_value("wage").run()
    toggled(test, "Background", True)
    assert "cannot be background: the question is about it" in shown(test)
    assert kept(store, token, id).background == ()


def held_of(hypothesis: Hypothesis, **more: Any) -> Held:
    return Held(Drawing.of(hypothesis, key="h"), 0.0, **more)


def test_what_becomes_background_loses_the_arrows_among_it() -> None:
    joined = replace(WAGES, edges=(*WAGES.edges, Edge("age", "sex")))
    after = drawing.with_background(held_of(joined), FOUR)
    assert after.background == FOUR
    assert after.edges == WAGES.edges
    assert drawing.with_background(held_of(after), ()).background == ()


def test_helpers_keep_the_background() -> None:
    assert drawing.renamed_node(HELD, "age", "years").background == ("years", "sex", "region", "season")
    assert drawing.without_node(HELD, "sex").background == ("age", "region", "season")
    assert drawing.with_role(HELD, "age", "exposure").background == ("sex", "region", "season")
    assert drawing.with_role(HELD, "training", "neither").background == FOUR
    assert drawing.with_latent(HELD, "age", True).background == ("sex", "region", "season")
    assert drawing.with_node(HELD, "tax").background == FOUR
    rows = [(a, b, False) for a, b in HELD.graph.edges]
    assert drawing.with_arrows(HELD, rows) == HELD
    assert drawing.same_words(HELD, WAGES).background == FOUR


def test_arrows_of_the_table_are_refused_as_on_the_canvas() -> None:
    rows = [(a, b, False) for a, b in HELD.graph.edges]
    with pytest.raises(HypothesisError, match="'age' and 'sex' are both background"):
        drawing.with_arrows(HELD, [*rows, ("age", "sex", False)])
    with pytest.raises(HypothesisError, match="comes into it from 'weather'"):
        drawing.with_arrows(HELD, [*rows, ("weather", "sex", False)])


def test_the_question_of_the_project_takes_what_it_is_about_out_of_every_background(
    wages: tuple[str, str], store: Store
) -> None:
    token, id = wages
    store.save_hypothesis(token, id, replace(HELD, edges=(*HELD.edges, Edge("age", "sex"))).to_dict(), rev=1, seq=1)
    project = session.ProjectView(token, "Wages", "", "training", "wage", {}, None)
    doors.set_roles(project, "age", "wage")
    assert kept(store, token, id).exposure == "age"
    assert kept(store, token, id).background == ("region", "season")  # sex is caused by what is out


def test_small_pictures_frame_the_background_unless_others_stand_within() -> None:
    places = {"age": (0.0, 0.0), "sex": (0.0, 50.0), "region": (0.0, 90.0), "season": (0.0, 140.0)}
    apart = {**places, "training": (200.0, 0.0), "wage": (400.0, 60.0)}
    within = {**apart, "training": (0.0, 70.0)}
    drawn = [
        replace(HELD, nodes=tuple(replace(node, position=at[node.name]) for node in HELD.nodes))
        for at in (apart, within)
    ]
    framed, covered = (graph_inside(one, "#0072B2", 220, 120) for one in drawn)
    assert framed.count("fill-opacity") == 1
    assert "fill-opacity" not in covered
    assert "fill-opacity" not in graph_inside(WAGES, "#0072B2", 220, 120)
