"""What is clicked on the canvas opens its inspector; what is chosen in its list is selected on the canvas."""

import json
from typing import Any

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from core.store import Store
from tests.ui.conftest import Open, shown
from tests.ui.test_inspectors import DRAWN
from ui import looking


@pytest.fixture
def drawn(store: Store, uploaded: str) -> tuple[str, str]:
    return uploaded, store.add_hypothesis(uploaded, DRAWN.to_dict()).id


def sent(test: AppTest) -> dict[str, Any]:
    """Return what the canvas of the page gets."""
    (canvas,) = test.get("bidi_component")
    found: dict[str, Any] = json.loads(canvas.proto.json)
    return found


def click(test: AppTest, id: str, *names: str, turn: str) -> None:
    """Do what the page does when the canvas says that something was clicked; then run it again."""
    held = test.session_state["drawings"][id]
    graph = held.drawing.document.graph.to_dict()
    ids = {node["name"]: node["id"] for node in graph["nodes"]}
    ends = [ids[name] for name in names]
    what = ends[0] if len(ends) == 1 else next(e["id"] for e in graph["edges"] if [e["source"], e["target"]] == ends)
    edit = {"document": id, "base": 1, "seq": 0, "look": {"turn": turn, "id": what}, **graph}
    state: dict[str, Any] = {}
    if "look_taken" in test.session_state:
        state["look_taken"] = test.session_state["look_taken"]
    original, streamlit.session_state = streamlit.session_state, state  # type: ignore[assignment]
    try:
        looking.on_canvas(id, held, edit)
    finally:
        streamlit.session_state = original
    for key, value in state.items():
        test.session_state[key] = value
    test.run()
    assert not test.exception


def test_a_click_opens_the_inspector_of_what_was_clicked(open_page: Open, drawn: tuple[str, str], store: Store) -> None:
    token, id = drawn
    test = open_page("draw", token)
    before = test.session_state["drawings"][id]
    click(test, id, "season", "sales", turn="l-1")
    assert test.segmented_control(key="tool").value == "Each arrow"
    assert test.selectbox(key=f"arrow_{id}").value == "season -> sales"
    click(test, id, "visits", turn="l-2")
    assert test.segmented_control(key="tool").value == "Nodes"
    assert test.selectbox(key=f"node_{id}").value == "visits"
    assert "What A expects of visits" in shown(test)
    assert test.session_state["drawings"][id] is before
    assert store.hypothesis(token, id).seq == 0


def test_a_click_counts_once(open_page: Open, drawn: tuple[str, str]) -> None:
    token, id = drawn
    test = open_page("draw", token)
    click(test, id, "season", "sales", turn="l-1")
    test.selectbox(key=f"arrow_{id}").set_value("ads -> sales").run()
    click(test, id, "season", "sales", turn="l-1")  # an edit of the canvas says again what was clicked last
    assert test.selectbox(key=f"arrow_{id}").value == "ads -> sales"


def test_what_is_chosen_in_a_list_is_selected_on_the_canvas(open_page: Open, drawn: tuple[str, str]) -> None:
    token, id = drawn
    test = open_page("draw", token, tool="Each arrow")
    first = sent(test)
    assert first["shown"] is None
    test.selectbox(key=f"arrow_{id}").set_value("season -> sales").run()
    chosen = sent(test)
    ids = {node["name"]: node["id"] for node in chosen["graph"]["nodes"]}
    arrow = next(edge for edge in chosen["graph"]["edges"] if edge["id"] == chosen["shown"]["id"])
    assert (arrow["source"], arrow["target"]) == (ids["season"], ids["sales"])
    assert {**chosen, "shown": None} == first  # nothing else has changed: no revision, no edit
    test.segmented_control(key="tool").set_value("Nodes").run()
    test.selectbox(key=f"node_{id}").set_value("ads").run()
    assert sent(test)["shown"]["id"] == ids["ads"]
    assert sent(test)["shown"]["turn"] != chosen["shown"]["turn"]
    test.segmented_control(key="tool").set_value("Each arrow").run()
    test.selectbox(key=f"arrow_{id}").set_value("a pair without an arrow …").run()
    assert sent(test)["shown"] is None
