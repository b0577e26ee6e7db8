"""The inspectors of the Draw page: what an arrow and a node are made of, why, what it implies, and the way back."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.hypothesis import Absence, Edge, Hypothesis, Node
from core.store import Store
from tests.ui.conftest import Open, shown
from ui import grouping, steps
from ui.session import ProjectView

DRAWN = Hypothesis(
    "Ads",
    (Node("ads"), Node("season"), Node("visits"), Node("sales")),
    (Edge("ads", "visits"), Edge("ads", "sales"), Edge("season", "sales"), Edge("visits", "sales")),
)


@pytest.fixture
def two(store: Store, uploaded: str) -> tuple[str, str, str]:
    """Return a project with the small table and two rivals, which draw the same but for one arrow."""
    rival = Hypothesis("Rival", DRAWN.nodes, DRAWN.edges[1:])
    return uploaded, *(store.add_hypothesis(uploaded, h.to_dict()).id for h in (DRAWN, rival))


def of(store: Store, token: str, id: str) -> Hypothesis:
    return store.hypothesis(token, id).hypothesis


def opened(open_page: Open, token: str, tool: str = "Each arrow") -> AppTest:
    return open_page("draw", token, tool=tool)


def box(test: AppTest, label: str) -> Any:
    return next(found for found in test.selectbox if found.label == label)


def field(test: AppTest, label: str) -> Any:
    return next(found for found in test.text_input if found.label == label)


def press(test: AppTest, key: str) -> None:
    test.button(key=key).click().run()
    assert not test.exception, [e.value for e in test.exception]


def test_a_form_is_set_undone_and_done_again(open_page: Open, two: tuple[str, str, str], store: Store) -> None:
    token, id, _ = two
    test = opened(open_page, token)
    assert test.selectbox(key=f"arrow_{id}").value == "ads -> visits"
    test.selectbox(key=f"arrow_{id}").set_value("ads -> sales").run()
    assert [option for option in box(test, "Form").options if "table" in option or "saturating" in option] == []
    box(test, "Form").set_value("auto").run()
    assert of(store, token, id).edge("ads", "sales").form == "auto"
    assert "A straight line, or a curve where the data ask for one." in shown(test)
    assert "A lets ads -&gt; sales bend, B does not: a difference between them is then also one of form." in shown(test)
    press(test, f"step_undo_{id}")
    assert of(store, token, id).edge("ads", "sales").form == "linear"
    assert box(test, "Form").value == "linear"
    press(test, f"step_redo_{id}")
    assert of(store, token, id).edge("ads", "sales").form == "auto"
    assert box(test, "Form").value == "auto"


def test_an_effect_that_differs_and_its_scale(open_page: Open, two: tuple[str, str, str], store: Store) -> None:
    token, id, _ = two
    test = opened(open_page, token)
    test.selectbox(key=f"arrow_{id}").set_value("ads -> sales").run()
    box(test, "The effect differs by").set_value("season").run()
    box(test, "Scale").set_value("log").run()
    edge = of(store, token, id).edge("ads", "sales")
    assert (edge.by, edge.scale) == ("season", "log")
    assert "wb-bad" not in shown(test)
    test.selectbox(key=f"arrow_{id}").set_value("season -> sales").run()
    assert "season has levels, each with an effect of its own: nothing can bend." in shown(test)
    assert box(test, "Form").options == ["straight"]


def test_a_sign_is_set_and_taken_back(open_page: Open, two: tuple[str, str, str], store: Store) -> None:
    token, id, _ = two
    test = opened(open_page, token)
    sign = lambda: next(one for one in test.radio if one.label == "More ads … visits")  # noqa: E731
    assert (sign().value, sign().options) == ("unknown", ["raises", "lowers", "unknown"])
    sign().set_value("lowers").run()
    assert not test.exception
    assert of(store, token, id).edge("ads", "visits").sign == "-"
    press(test, f"step_undo_{id}")
    assert of(store, token, id).edge("ads", "visits").sign is None
    assert sign().value == "unknown"
    test.selectbox(key=f"arrow_{id}").set_value("season -> sales").run()
    assert [one.label for one in test.radio] == [r"season\: peak rather than off … sales"]


def test_reasons_for_an_arrow_and_for_none(open_page: Open, two: tuple[str, str, str], store: Store) -> None:
    token, id, _ = two
    test = opened(open_page, token)
    field(test, "Why this arrow?").set_value("seen in <b>spring</b>").run()
    field(test, "Who says so?").set_value("Miller 2020").run()
    edge = of(store, token, id).edge("ads", "visits")
    assert (edge.reason, edge.citation) == ("seen in <b>spring</b>", "Miller 2020")
    test.selectbox(key=f"arrow_{id}").set_value("a pair without an arrow …").run()
    test.selectbox(key=f"absent_from_{id}").set_value("season").run()
    test.selectbox(key=f"absent_to_{id}").set_value("visits").run()
    field(test, "Why is there none?").set_value("the site is open all year").run()
    assert of(store, token, id).absences == (Absence("season", "visits", "the site is open all year"),)
    field(test, "Why is there none?").set_value("").run()
    assert of(store, token, id).absences == ()
    press(test, f"step_undo_{id}")
    assert of(store, token, id).absences == (Absence("season", "visits", "the site is open all year"),)
    assert field(test, "Why is there none?").value == "the site is open all year"


def test_every_arrow_bends_here_or_in_every_rival(open_page: Open, two: tuple[str, str, str], store: Store) -> None:
    token, id, other = two
    forms = lambda which: {edge.form for edge in of(store, token, which).edges}  # noqa: E731
    test = opened(open_page, token)
    press(test, f"bend_all_{id}")
    assert (forms(id), forms(other)) == ({"auto"}, {"linear"})
    press(test, f"step_undo_{id}")
    assert forms(id) == {"linear"}
    press(test, f"bend_rivals_{id}")
    assert (forms(id), forms(other)) == ({"auto"}, {"auto"})
    assert "a difference between them" not in shown(test)
    assert "Every arrow may bend now in A and B." in shown(test)
    press(test, f"bend_undo_{id}")
    assert (forms(id), forms(other)) == ({"linear"}, {"linear"})
    assert "may bend now" not in shown(test)
    press(test, f"step_redo_{id}")
    assert (forms(id), forms(other)) == ({"auto"}, {"auto"})
    press(test, f"step_undo_{id}")
    assert (forms(id), forms(other)) == ({"linear"}, {"linear"})


def test_a_group_and_words_of_a_node(open_page: Open, two: tuple[str, str, str], store: Store) -> None:
    token, id, _ = two
    test = opened(open_page, token, "Nodes")
    test.selectbox(key=f"node_{id}").set_value("sales").run()
    box(test, "Varies by group").set_value("season").run()
    field(test, "Unit").set_value("EUR").run()
    field(test, "Description").set_value("what the till says").run()
    node = of(store, token, id).node("sales")
    assert (node.group, node.unit, node.description) == ("season", "EUR", "what the till says")
    for _ in range(3):
        press(test, f"step_undo_{id}")
    assert of(store, token, id).node("sales") == DRAWN.node("sales")
    assert box(test, "Varies by group").value == ""


def test_a_group_that_follows_from_the_node_is_refused_in_words(
    open_page: Open, two: tuple[str, str, str], store: Store
) -> None:
    token, id, _ = two
    turned = Hypothesis("Turned", (Node("sales"), Node("season")), (Edge("sales", "season"),))
    store.save_hypothesis(token, id, turned.to_dict(), rev=9, seq=0)
    test = opened(open_page, token, "Nodes")
    test.selectbox(key=f"node_{id}").set_value("sales").run()
    box(test, "Varies by group").set_value("season").run()
    assert not test.exception
    assert "sales -&gt; season -&gt; sales" in shown(test)
    press(test, f"step_undo_{id}")
    assert of(store, token, id) == turned


def test_what_a_node_is_expected_to_be_stands_beside_it(open_page: Open, two: tuple[str, str, str]) -> None:
    token, id, _ = two
    test = opened(open_page, token, "Nodes")
    test.selectbox(key=f"node_{id}").set_value("sales").run()
    text = shown(test)
    assert "What A expects of sales" in text
    assert "It expects half of the values between" in text
    assert "3 times the range of your rows" in text
    test.selectbox(key=f"node_{id}").set_value("season").run()
    assert "What A expects of season" in shown(test)
    assert "Of 100 rows it expects: " in shown(test)
    assert "(yours: 50)" in shown(test)


def test_what_cannot_be_says_so_and_what_to_do(open_page: Open, two: tuple[str, str, str], store: Store) -> None:
    token, id, _ = two
    test = opened(open_page, token)
    test.selectbox(key=f"arrow_{id}").set_value("ads -> sales").run()
    store.save_hypothesis(token, id, DRAWN.with_node("ads", group="visits").to_dict(), rev=9, seq=0)
    box(test, "The effect differs by").set_value("visits").run()  # drawn from an older state: another tab was first
    assert not test.exception
    assert "changed in another tab" in shown(test)
    few = Hypothesis("Few", (Node("season"), Node("sales")), (Edge("season", "sales", form="smooth"),))
    store.save_hypothesis(token, id, few.to_dict(), rev=10, seq=0)
    test.run()
    assert not test.exception
    assert "takes too few different values for a smooth arrow" in shown(test)
    assert "Leave it linear" in shown(test)


def test_without_data_it_says_what_the_graph_alone_implies(open_page: Open, store: Store) -> None:
    token = store.create_project("No data").token
    id = store.add_hypothesis(token, Hypothesis("A", (Node("a"), Node("b")), (Edge("a", "b"),)).to_dict()).id
    test = opened(open_page, token)
    assert "What A expects of b" in shown(test)
    assert "your rows" not in shown(test)
    store.save_hypothesis(token, id, Hypothesis("A", (Node("a"),)).to_dict(), rev=3, seq=0)
    test.run()
    assert "An arrow joins two nodes." in shown(test)


def test_a_step_takes_back_what_it_changed_and_nothing_else() -> None:
    after = DRAWN.with_edge("ads", "sales", form="auto", by="season")
    now = Hypothesis("Ads", (*DRAWN.nodes, Node("price")), (*after.edges, Edge("price", "sales", reason="known")))
    back = steps.way_back(now, after, DRAWN)
    assert back.edge("ads", "sales") == DRAWN.edge("ads", "sales")
    assert back.edge("price", "sales").reason == "known"
    gone = Hypothesis("Ads", DRAWN.nodes, DRAWN.edges[2:])
    assert steps.way_back(gone, after, DRAWN) == gone


def test_groups_come_back_in_other_rows(store: Store, uploaded: str) -> None:
    from tests.ui.made_projects import view

    project: ProjectView = view(store, uploaded)
    assert grouping.groups_for(project.dataset(), "sales") == ("season",)
    assert grouping.groups_for(None, "sales") == ()


def test_how_strong_an_arrow_may_be_is_said_in_data_units_and_taken_back(
    open_page: Open, two: tuple[str, str, str], store: Store
) -> None:
    token, id, _ = two
    test = opened(open_page, token)
    test.selectbox(key=f"arrow_{id}").set_value("ads -> sales").run()
    slider = lambda: next(one for one in test.get("select_slider") if one.key == f"strength_{id}_ads_sales")  # noqa: E731
    assert "adds to sales" in shown(test) or "multiplies the" in shown(test)
    assert test.button(key=f"strength_default_{id}").disabled
    values = [float(said.removeprefix("×")) for said in slider().options]
    slider().set_range(values[45], values[60]).run()
    assert not test.exception, [e.value for e in test.exception]
    prior = of(store, token, id).edge("ads", "sales").prior
    assert prior is not None
    assert prior["mu"] > 0
    before = slider().value
    test.run()
    assert slider().value == before
    press(test, f"strength_default_{id}")
    assert of(store, token, id).edge("ads", "sales").prior is None
    press(test, f"step_undo_{id}")
    assert of(store, token, id).edge("ads", "sales").prior == prior
    box(test, "Form").set_value("quadratic").run()
    assert not [one for one in test.get("select_slider") if str(one.key).startswith("strength_")]


def test_the_priors_of_a_node_are_numbers_that_can_be_changed_and_taken_back(
    open_page: Open, two: tuple[str, str, str], store: Store
) -> None:
    token, id, _ = two
    test = opened(open_page, token, "Nodes")
    box(test, "Node").set_value("sales").run()
    number = lambda name: next(one for one in test.number_input if str(one.key).endswith(name))  # noqa: E731
    assert test.button(key=f"priors_default_{id}").disabled
    usual = number("_variance_alpha").value
    number("_variance_alpha").set_value(usual + 2.0).run()
    assert not test.exception, [e.value for e in test.exception]
    (name, prior) = of(store, token, id).node("sales").priors[0]
    assert name == "variance"
    assert prior["alpha"] == usual + 2.0
    number("_variance_alpha").set_value(usual).run()
    assert of(store, token, id).node("sales").priors == ()
    number("_slopes_sigma").set_value(0.25).run()
    assert dict(of(store, token, id).node("sales").priors)["slopes"]["sigma"] == 0.25
    press(test, f"priors_default_{id}")
    assert of(store, token, id).node("sales").priors == ()
    press(test, f"step_undo_{id}")
    assert dict(of(store, token, id).node("sales").priors)["slopes"]["sigma"] == 0.25
    assert number("_slopes_sigma").value == 0.25
    assert number("_slopes_sigma").min > 0
    assert number("_slopes_mu").min is None


def test_a_sign_and_a_shape_are_offered_and_move_what_is_expected(
    open_page: Open, two: tuple[str, str, str], store: Store
) -> None:
    token, id, _ = two
    test = opened(open_page, token)
    test.selectbox(key=f"arrow_{id}").set_value("ads -> sales").run()
    assert {"only rises, or only falls", "less and less"} <= set(box(test, "Form").options)
    before = shown(test)
    box(test, "Form").set_value("monotone").run()
    assert of(store, token, id).edge("ads", "sales").form == "monotone"
    assert "A curve that only rises, or only falls." in shown(test)
    bent = shown(test)
    assert bent != before
    box(test, "Form").set_value("saturating").run()
    assert field(test, "Scale").value == "per unit"  # the form's own, whatever the cause's is
    box(test, "Form").set_value("monotone").run()
    radio = next(one for one in test.radio if str(one.key).startswith("arrow_sign"))
    radio.set_value("raises").run()
    assert not test.exception, [e.value for e in test.exception]
    assert of(store, token, id).edge("ads", "sales").sign == "+"
    assert "is a straight line in B" in shown(test) or "straight line in B" in shown(test)


def test_what_is_left_carries_over_where_the_form_takes_it_and_rows_have_a_time(
    open_page: Open, two: tuple[str, str, str], store: Store
) -> None:
    token, id, _ = two
    label = "What is left of it carries over for …"
    test = opened(open_page, token)
    test.selectbox(key=f"arrow_{id}").set_value("ads -> sales").run()
    assert label not in {one.label for one in test.selectbox}  # nobody says in which order rows stand
    store.change_settings(token, rows="time:ads")
    test = opened(open_page, token)
    test.selectbox(key=f"arrow_{id}").set_value("ads -> sales").run()
    box(test, label).set_value("4").run()
    assert "A straight line in it and in what is left of it from earlier rows." in shown(test)
    box(test, "Form").set_value("saturating").run()
    assert not test.exception, [e.value for e in test.exception]
    assert of(store, token, id).edge("ads", "sales").carry == 4
    assert "What is left of it carries over to later rows" in shown(test)
    box(test, "Form").set_value("smooth").run()  # which nothing carries over of
    assert of(store, token, id).edge("ads", "sales").carry == 0
    assert label not in {one.label for one in test.selectbox}
    press(test, f"step_undo_{id}")
    assert of(store, token, id).edge("ads", "sales").carry == 4
