"""Text that is typed on the Draw page: the user's own until it is applied, whatever the page does meanwhile."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.hypothesis import Absence, Edge, Hypothesis, Node
from core.store import Store
from tests.ui.conftest import Open, shown
from ui import doors, session
from ui.typed import changes_in_words

BASE = Hypothesis(
    "Base", (Node("ads"), Node("visits"), Node("sales")), (Edge("ads", "visits"), Edge("visits", "sales"))
)
HALF = "dag { ads -> visits -> sales ; vis"


@pytest.fixture
def drawn(store: Store) -> tuple[str, str]:
    """Return (token, id) of a project with one drawing."""
    project = session.new_project("Typed")
    return project.token, doors.add(project, BASE)


def kept(store: Store, token: str, id: str) -> Hypothesis:
    return store.hypothesis(token, id).hypothesis


def typed(test: AppTest, id: str, text: str) -> AppTest:
    """Type into the field and leave it."""
    test.text_area(key=f"text_{id}").set_value(text).run()
    assert not test.exception, [e.value for e in test.exception]
    return test


def test_leaving_the_field_takes_nothing_and_says_so(open_page: Open, drawn: tuple[str, str], store: Store) -> None:
    token, id = drawn
    test = typed(open_page("draw", token), id, HALF)
    assert kept(store, token, id).graph.nodes == ("ads", "visits", "sales")
    assert "Not applied yet" in shown(test)
    assert "cannot be read (line 1: " in shown(test)
    assert "wb-bad" not in shown(test)  # one is still typing
    typed(test, id, f"{HALF} }}")
    assert "+1 node" in shown(test)
    assert kept(store, token, id).graph.nodes == ("ads", "visits", "sales")
    test.button(key=f"text_apply_{id}").click().run()
    assert kept(store, token, id).graph.nodes == ("ads", "visits", "sales", "vis")
    assert "Not applied yet" not in shown(test)


def test_it_survives_another_tool_another_hypothesis_and_another_page(
    open_page: Open, drawn: tuple[str, str], store: Store
) -> None:
    token, id = drawn
    test = typed(open_page("draw", token), id, HALF)
    test.segmented_control(key="tool").set_value("Nodes").run()
    test.segmented_control(key="tool").set_value("Text").run()
    assert test.text_area(key=f"text_{id}").value == HALF
    test.button(key="copy").click().run()
    assert HALF not in [area.value for area in test.text_area]  # the copy's own text
    test.segmented_control(key="hypothesis").set_value(id).run()
    assert test.text_area(key=f"text_{id}").value == HALF
    test.switch_page("pages/data.py").run()
    test.switch_page("pages/draw.py").run()
    assert test.text_area(key=f"text_{id}").value == HALF
    assert "Not applied yet" in shown(test)


def test_the_preview_follows_a_drawing_that_changes_meanwhile(
    open_page: Open, drawn: tuple[str, str], store: Store
) -> None:
    token, id = drawn
    test = typed(open_page("draw", token), id, "dag { ads -> visits -> sales ; ads -> sales }")
    assert "+1 arrow" in shown(test)
    store.save_hypothesis(token, id, Hypothesis("Base", BASE.nodes, BASE.edges[:1]).to_dict())
    test.run()
    assert "+2 arrows" in shown(test)
    test.button(key=f"text_back_{id}").click().run()
    assert "Not applied yet" not in shown(test)
    assert test.text_area(key=f"text_{id}").value.count("->") == 1


def test_typing_back_what_stands_there_leaves_nothing_to_apply(
    open_page: Open, drawn: tuple[str, str], store: Store
) -> None:
    token, id = drawn
    test = open_page("draw", token)
    first = test.text_area(key=f"text_{id}").value
    typed(test, id, HALF)
    typed(test, id, first)
    assert "Not applied yet" not in shown(test)


def test_a_pasted_graph_of_another_form_is_read_and_what_it_was_is_said(
    open_page: Open, drawn: tuple[str, str], store: Store
) -> None:
    token, id = drawn
    test = typed(open_page("draw", token), id, "[ads][visits|ads][sales|ads:visits]")
    test.button(key=f"text_apply_{id}").click().run()
    assert set(kept(store, token, id).graph.edges) == {("ads", "visits"), ("ads", "sales"), ("visits", "sales")}
    assert "Read as a model string of bnlearn" in shown(test)
    test.button(key=f"read_ok_{id}").click().run()
    assert "bnlearn, which" not in shown(test)


def test_two_marks_in_the_text_are_asked_about(open_page: Open, drawn: tuple[str, str], store: Store) -> None:
    token, id = drawn
    test = typed(
        open_page("draw", token), id, "dag { ads [exposure] visits [exposure] sales [o] ads -> sales <- visits }"
    )
    test.button(key=f"text_apply_{id}").click().run()
    assert kept(store, token, id).exposure is None
    which = next(group for group in test.pills if "Which one is the question about?" in group.label)
    which.set_value(1).run()
    assert not test.exception, [e.value for e in test.exception]
    assert kept(store, token, id).exposure == "visits"
    assert store.project(token).exposure == "visits"
    assert not [group for group in test.pills if "Which one" in group.label]


def test_what_would_change_in_words() -> None:
    more = Hypothesis("Base", (*BASE.nodes[:2], Node("price", latent=True)), BASE.edges[:1], (("ads", "price"),), "ads")
    assert changes_in_words(BASE, more) == "+1 node, −1 node, −1 arrow, +1 two-headed arc, exposure: ads"
    assert changes_in_words(BASE, BASE.with_node("ads", latent=True)) == "1 node measured or not"
    assert changes_in_words(BASE, BASE) == "it would change nothing but places"


def test_settings_in_the_text_count_and_those_that_it_leaves_out_stay(
    open_page: Open, drawn: tuple[str, str], store: Store
) -> None:
    token, id = drawn
    base = replace(
        BASE.with_edge("visits", "sales", sign="+").with_node("ads", family="Gamma", unit="k€"),
        absences=(Absence("ads", "sales", "only through visits"),),
    )
    store.save_hypothesis(token, id, base.to_dict())
    test = open_page("draw", token)
    assert "Gamma" not in test.text_area(key=f"text_{id}").value
    typed(test, id, "dag { ads [family=Weibull] ads -> visits [form=smooth,by=season] visits -> sales season }")
    assert "other settings of 1 node, other settings of 1 arrow" in shown(test)
    test.button(key=f"text_apply_{id}").click().run()
    found = kept(store, token, id)
    assert (found.node("ads").family, found.node("ads").unit) == ("Weibull", "k€")
    assert found.edges == (Edge("ads", "visits", "smooth", by="season"), Edge("visits", "sales", sign="+"))
    assert found.absences == base.absences
    typed(test, id, "dag { ads -> visits -> sales <- ads }")  # without season, and with the arrow that there was not
    test.button(key=f"text_apply_{id}").click().run()
    found = kept(store, token, id)
    assert found.edge("ads", "visits") == Edge("ads", "visits", "smooth")
    assert (found.absences, found.node("ads").family) == ((), "Weibull")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("model <- ' sales ~ visits\n visits ~ ads '", "lavaan"),
        ("network n { } variable ads { } variable visits { } variable sales { }\n"
         "probability ( sales | visits ) { } probability ( visits | ads ) { }", "BIF"),
        ('{"format": "whyboard-hypothesis/1", "nodes": [{"name": "ads"}, {"name": "visits"}, {"name": "sales"}],'
         ' "edges": [{"source": "ads", "target": "visits"}, {"source": "visits", "target": "sales"}]}', "JSON"),
        ("digraph { ads -> visits -> sales }", ""),
    ],
)  # fmt: skip
def test_every_form_can_be_pasted(open_page: Open, drawn: tuple[str, str], store: Store, text: str, title: str) -> None:
    token, id = drawn
    store.save_hypothesis(token, id, Hypothesis("Base").to_dict())
    test = typed(open_page("draw", token), id, text)
    test.button(key=f"text_apply_{id}").click().run()
    assert set(kept(store, token, id).graph.edges) == set(BASE.graph.edges)
    assert title in shown(test)
