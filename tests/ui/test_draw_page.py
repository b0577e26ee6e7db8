"""The Draw page: hypotheses, the canvas' edits, text and table in step, and what is kept."""

from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.errors import StoreError
from core.hypothesis import Edge, Hypothesis, Node
from core.store import Store
from tests.ui.conftest import Open, shown
from ui import doors, drawing, session, tools, typed

SMALL = Hypothesis("Small", (Node("a", family="StudentT"), Node("b"), Node("c")), (Edge("a", "b"), Edge("b", "c")))


@pytest.fixture
def small(store: Store) -> tuple[str, str]:
    """Return (token, id) of a project without data and one drawing, a -> b -> c."""
    project = session.new_project("Small")
    return project.token, doors.add(project, SMALL)


def arrows(store: Store, token: str, id: str) -> set[tuple[str, str]]:
    return set(store.hypothesis(token, id).hypothesis.graph.edges)


def held(test: AppTest, id: str) -> drawing.Held:
    found: drawing.Held = test.session_state["drawings"][id]
    return found


def edit_with(test: AppTest, id: str, *new: tuple[str, str], without: tuple[str, str] | None = None) -> dict[str, Any]:
    """Return the edit that the canvas would send after drawing arrows."""
    document = held(test, id).drawing.document
    ids = {node.name: node.id for node in document.graph.nodes}
    graph = document.graph.to_dict()
    edges = [e for e in graph["edges"] if without is None or (e["source"], e["target"]) != tuple(map(ids.get, without))]
    edges += [
        {"id": f"new{i}", "source": ids[a], "target": ids[b], "bidirected": False} for i, (a, b) in enumerate(new)
    ]
    return {"document": id, "base": document.rev, "seq": document.seq + 1, **graph, "edges": edges}


def apply_text(test: AppTest, id: str, text: str) -> None:
    """Type a text into the field and apply it."""
    test.text_area(key=f"text_{id}").set_value(text)
    test.button(key=f"text_apply_{id}").click().run()


def test_the_graph_says_what_it_claims(open_page: Open, small: tuple[str, str]) -> None:
    text = shown(open_page("draw", small[0]))
    assert "This graph claims 1 thing that data could contradict" in text
    assert "Given <b>b</b>, <b>a</b> and <b>c</b> are unrelated." in text


def test_labels_are_used_in_claims(open_page: Open, marketing: str) -> None:
    assert "<b>ad spend</b>" in shown(open_page("draw", marketing))


def test_an_edit_of_the_canvas_is_kept_at_once(store: Store, small: tuple[str, str], open_page: Open) -> None:
    token, id = small
    test = open_page("draw", token)
    project = session.ProjectView(token, "Small", "", None, None, {}, None)
    edit = edit_with(test, id, ("a", "c"))
    state = {"drawings": dict(test.session_state["drawings"])}
    import streamlit as st

    original, st.session_state = st.session_state, state  # type: ignore[assignment]
    try:
        after = drawing.apply_edit(project, id, edit)
        again = drawing.apply_edit(project, id, edit)
    finally:
        st.session_state = original
    assert arrows(store, token, id) == {("a", "b"), ("b", "c"), ("a", "c")}
    assert after.hypothesis.node("a").family == "StudentT"
    assert again == after


def test_an_older_text_that_the_browser_sends_back_takes_nothing_away(
    open_page: Open, small: tuple[str, str], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, id = small
    test = open_page("draw", token)
    first = test.text_area(key=f"text_{id}").value
    apply_text(test, id, "dag { a -> c b -> c }")
    before = arrows(store, token, id)
    test.session_state[f"text_overtaken_{id}"] = {first: typed.time.monotonic()}
    test.text_area(key=f"text_{id}").set_value(first).run()
    assert arrows(store, token, id) == before
    assert test.text_area(key=f"text_{id}").value != first
    monkeypatch.setattr(typed, "ECHO_SECONDS", 0.0)  # later it is what the user wants
    apply_text(test, id, first)
    assert arrows(store, token, id) == {("a", "b"), ("b", "c")}


def test_text_changes_the_drawing_and_keeps_settings(open_page: Open, small: tuple[str, str], store: Store) -> None:
    token, id = small
    test = open_page("draw", token)
    apply_text(test, id, "dag { a -> c b -> c }")
    assert not test.exception
    assert arrows(store, token, id) == {("a", "c"), ("b", "c")}
    assert store.hypothesis(token, id).hypothesis.node("a").family == "StudentT"
    assert "<b>a</b> and <b>b</b> are unrelated" in shown(test)
    assert test.text_area(key=f"text_{id}").value == "dag { a -> c b -> c }"


def test_half_typed_text_stays_with_its_line_and_the_drawing_too(
    open_page: Open, small: tuple[str, str], store: Store
) -> None:
    token, id = small
    test = open_page("draw", token)
    half = "dag {\n a -> b\n b -> \n"
    apply_text(test, id, half)
    assert not test.exception
    assert test.text_area(key=f"text_{id}").value == half
    assert "line" in shown(test)
    assert arrows(store, token, id) == {("a", "b"), ("b", "c")}
    test.button(key=f"text_back_{id}").click().run()
    assert "a -> b" in test.text_area(key=f"text_{id}").value
    assert "wb-bad" not in shown(test)


def test_a_cycle_in_the_text_names_its_path(open_page: Open, small: tuple[str, str], store: Store) -> None:
    token, id = small
    test = open_page("draw", token)
    apply_text(test, id, "dag { a -> b b -> c c -> a }")
    assert "a -&gt; b -&gt; c -&gt; a" in shown(test)
    assert arrows(store, token, id) == {("a", "b"), ("b", "c")}


def test_new_copy_delete_and_undo(open_page: Open, small: tuple[str, str], store: Store) -> None:
    token, _ = small
    test = open_page("draw", token)
    test.button(key="copy").click().run()
    assert [r.name for r in store.hypotheses(token)] == ["Small", "Small 2"]
    assert store.hypotheses(token)[1].hypothesis.node("a").family == "StudentT"
    test.button(key="delete").click().run()
    assert [r.name for r in store.hypotheses(token)] == ["Small"]
    assert "is deleted" in shown(test)
    test.button(key="undo_delete").click().run()
    assert [r.name for r in store.hypotheses(token)] == ["Small", "Small 2"]
    test.button(key="empty").click().run()
    assert [r.letter for r in store.hypotheses(token)] == ["A", "B", "C"]
    assert "there is nothing in this graph yet" in shown(test).lower()


def test_rename_note_and_colour(open_page: Open, small: tuple[str, str], store: Store) -> None:
    token, id = small
    test = open_page("draw", token)
    test.text_input(key=f"name_{id}").set_value("*Demand* first")
    test.text_area(key=f"note_{id}").set_value("seen in spring")
    test.selectbox(key=f"colour_{id}").set_value("#009E73")
    next(b for b in test.button if b.label == "Keep").click().run()
    assert not test.exception
    (record,) = store.hypotheses(token)
    assert (record.name, record.note, record.colour) == ("*Demand* first", "seen in spring", "#009E73")


def test_a_pattern_can_be_dropped(open_page: Open, marketing: str, store: Store) -> None:
    test = open_page("draw", marketing)
    test.selectbox(key="template").set_value("instrument").run()
    test.button(key="add_template").click().run()
    added = store.hypotheses(marketing)[-1].hypothesis
    assert (added.exposure, added.outcome) == ("ads", "sales")
    assert added.bidirected == (("ads", "sales"),)
    text = shown(test)
    assert "which this version cannot fit" in text
    assert "<b>instrument</b> is not a column of your data" in text


def test_the_node_panel_changes_family_and_says_why(open_page: Open, marketing: str, store: Store) -> None:
    test = open_page("draw", marketing, tool="Nodes")
    id = store.hypotheses(marketing)[0].id
    test.selectbox(key=f"node_{id}").set_value("visits").run()
    assert "The data say NegativeBinomial" in shown(test)
    box = next(b for b in test.selectbox if b.label == "Made of (family)")
    box.set_value("Poisson").run()
    assert not test.exception
    assert store.hypotheses(marketing)[0].hypothesis.node("visits").family == "Poisson"
    assert "Chosen by you; the data would say NegativeBinomial." in shown(test)


def test_without_a_canvas_a_graph_can_be_drawn(open_page: Open, uploaded: str, store: Store) -> None:
    id = store.add_hypothesis(uploaded, Hypothesis("Keys").to_dict()).id
    test = open_page("draw", uploaded, tool="Nodes")
    for count, name in enumerate(("ads", "visits")):
        test.selectbox(key=f"add_node_{id}_{count}").set_value(name).run()
        assert not test.exception
    next(s for s in test.segmented_control if s.label == "Its part in the question").set_value("outcome").run()
    drawn = store.hypotheses(uploaded)[0].hypothesis
    assert drawn.graph.nodes == ("ads", "visits")
    assert drawn.outcome == "visits"
    assert store.project(uploaded).outcome == "visits"
    next(f for f in test.text_input if f.label == "Rename this node").set_value("clicks <i>").run()
    assert store.hypotheses(uploaded)[0].hypothesis.outcome == "clicks <i>"
    next(b for b in test.button if b.label == "Remove").click().run()
    assert store.hypotheses(uploaded)[0].hypothesis.graph.nodes == ("ads",)


def test_another_tab_is_followed(open_page: Open, small: tuple[str, str], store: Store) -> None:
    token, id = small
    test = open_page("draw", token)
    rev = held(test, id).drawing.document.rev
    store.save_hypothesis(token, id, Hypothesis("Small", SMALL.nodes, (Edge("c", "a"),)).to_dict())
    test.run()
    assert held(test, id).hypothesis.graph.edges == (("c", "a"),)
    assert held(test, id).drawing.document.rev > rev


def test_the_table_is_read_with_what_the_user_did_to_it() -> None:
    base = pd.DataFrame([("a", tools.ARROW, "b"), ("b", tools.ARROW, "c")], columns=["from", "how", "to"])
    edits = {
        "edited_rows": {0: {"to": "c"}},
        "added_rows": [{"from": "c", "how": tools.ARC, "to": "d"}, {"from": "a"}],
        "deleted_rows": [1],
    }
    assert tools.edited_rows(base, edits) == [("a", "c", False), ("c", "d", True)]


def test_the_table_shows_the_arrows(open_page: Open, small: tuple[str, str]) -> None:
    test = open_page("draw", small[0], tool="Table")
    assert test.data_editor[0].value["from"].tolist() == ["a", "b"]


def test_with_arrows_makes_nodes_of_new_names() -> None:
    after = drawing.with_arrows(SMALL, [("a", "b", False), ("b", "new", False), ("a", "c", True)])
    assert after.graph.edges == (("a", "b"), ("b", "new"))
    assert after.bidirected == (("a", "c"),)
    assert after.node("a").family == "StudentT"


def test_renaming_a_node_keeps_everything_else() -> None:
    base = Hypothesis("h", SMALL.nodes, SMALL.edges, (("a", "c"),), "a", "c")
    after = drawing.renamed_node(base, "a", "ads")
    assert after.graph.edges == (("ads", "b"), ("b", "c"))
    assert after.bidirected == (("ads", "c"),)
    assert after.exposure == "ads"
    assert after.node("ads").family == "StudentT"
    assert drawing.without_node(after, "b").graph.edges == ()


def test_of_two_tabs_neither_overwrites_what_it_has_not_seen(
    open_page: Open, small: tuple[str, str], store: Store
) -> None:
    token, id = small
    one, two = open_page("draw", token), open_page("draw", token)
    apply_text(one, id, "dag { a -> b b -> c a -> c }")
    assert arrows(store, token, id) == {("a", "b"), ("b", "c"), ("a", "c")}
    apply_text(two, id, "dag { a -> b }")
    assert not two.exception
    assert "changed in another tab" in shown(two)
    assert arrows(store, token, id) == {("a", "b"), ("b", "c"), ("a", "c")}
    assert held(two, id).hypothesis.graph.edges == held(one, id).hypothesis.graph.edges
    apply_text(two, id, "dag { a -> b c }")
    assert arrows(store, token, id) == {("a", "b")}
    store.update_hypothesis(token, id, note="from elsewhere")  # a note is no change of the drawing
    apply_text(two, id, "dag { b -> a c }")
    assert arrows(store, token, id) == {("b", "a")}


def test_a_gesture_that_cannot_be_kept_leaves_the_canvas_as_it_is_kept(
    open_page: Open, small: tuple[str, str], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, id = small
    test = open_page("draw", token)
    project = session.ProjectView(token, "Small", "", None, None, {}, None)
    edit = edit_with(test, id, ("a", "c"))
    state = {"drawings": dict(test.session_state["drawings"])}
    monkeypatch.setattr(drawing.st, "session_state", state)
    other = store.save_hypothesis(token, id, SMALL.renamed("Elsewhere").to_dict(), rev=9, seq=1)
    refused = drawing.apply_edit(project, id, edit)
    assert refused.refused is not None
    assert "another tab" in refused.refused.message
    assert (refused.hypothesis.name, refused.updated) == ("Elsewhere", other.updated)
    assert refused.version == (10, 0)  # so the canvas takes it over
    assert arrows(store, token, id) == {("a", "b"), ("b", "c")}

    def full(*_: object, **__: object) -> None:
        raise StoreError("the database did not answer as expected (database or disk is full)")

    monkeypatch.setattr(store, "save_hypothesis", full)
    monkeypatch.setattr(session, "get_store", lambda: store)
    again = {**edit, "base": 10, "seq": 1}
    unsaved = drawing.apply_edit(project, id, again)
    assert unsaved.refused is not None
    assert "disk is full" in unsaved.refused.message
    assert set(unsaved.hypothesis.graph.edges) == {("a", "b"), ("b", "c")}
