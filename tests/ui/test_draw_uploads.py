"""Graph files on the Draw page: each upload is taken once, and what it did is counted."""

from typing import Any

import pytest
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.testing.v1 import AppTest

from core.formats import FORMATS
from core.hypothesis import Edge, Hypothesis, Node
from core.store import Store
from tests.ui.conftest import Open, shown
from ui import session

GRAPH = b"dag { ads [exposure] sales [outcome] season [latent] season -> ads -> sales ; season -> sales }"


@pytest.fixture
def empty(store: Store) -> str:
    """Return the token of a project that holds nothing but one drawing."""
    project = session.new_project("Small")
    store.add_hypothesis(project.token, {"format": "whyboard-hypothesis/1", "name": "First", "nodes": []})
    return project.token


def upload(test: AppTest, name: str, content: bytes, runs: int = 3) -> AppTest:
    """Give the page a file and let it run as often as a visitor's clicks would."""
    test.file_uploader(key="graph_file").upload(name, content)
    for _ in range(runs):
        test.run()
        assert not test.exception, [e.value for e in test.exception]
    return test


def test_a_graph_file_becomes_one_hypothesis(open_page: Open, empty: str, store: Store, writes: list[str]) -> None:
    test = upload(open_page("draw", empty), "My rival.dagitty", GRAPH)
    first, added = store.hypotheses(empty)
    assert (first.name, added.name) == ("First", "My rival")
    assert writes == ["add_hypothesis"]
    drawn = added.hypothesis
    assert (drawn.graph.nodes, len(drawn.edges)) == (("ads", "sales", "season"), 3)
    assert (drawn.exposure, drawn.outcome, drawn.graph.latents) == ("ads", "sales", {"season"})
    assert test.session_state["hypothesis"] == added.id  # and it is the one that is shown


def test_the_same_file_chosen_again_is_another_upload(open_page: Open, empty: str, store: Store) -> None:
    test = upload(open_page("draw", empty), "rival.dagitty", GRAPH)
    test.file_uploader(key="graph_file").clear()
    test.run()
    upload(test, "rival.dagitty", GRAPH)
    assert len(store.hypotheses(empty)) == 3
    assert len({record.name for record in store.hypotheses(empty)}) == 3


def test_a_file_that_cannot_be_read_adds_nothing_and_says_so_while_it_stands_there(
    open_page: Open, empty: str, store: Store, writes: list[str]
) -> None:
    test = upload(open_page("draw", empty), "broken.dagitty", b"dag {\n a -> b\n b -> a }")
    assert "broken.dagitty, line 3" in shown(test)
    assert writes == []
    test.file_uploader(key="graph_file").clear()
    test.run()
    assert "broken.dagitty" not in shown(test)
    upload(test, "whole.dagitty", GRAPH)
    assert [record.name for record in store.hypotheses(empty)] == ["First", "whole"]
    assert "wb-bad" not in shown(test)


def test_a_gml_file_is_called_by_what_the_columns_are(open_page: Open, uploaded: str, store: Store) -> None:
    nodes = 'node [ id "ads" label "Ad spend" ] node [ id "sales" label "Money" ]'
    text = f'graph [ directed 1 {nodes} edge [ source "ads" target "sales" ] ]'
    test = open_page("draw", uploaded)  # nothing is drawn yet: a file may be the first
    test.file_uploader(key="graph_file").upload("dowhy_graph.gml", text.encode())
    test.run()
    test.run()
    assert not test.exception
    (record,) = store.hypotheses(uploaded)
    assert (record.name, record.hypothesis.graph.edges) == ("dowhy graph", (("ads", "sales"),))
    assert "How dowhy_graph.gml was read" in shown(test)
    assert "labels were not kept" in shown(test)
    test.button(key=f"read_ok_{record.id}").click().run()
    assert "was read" not in shown(test)


def test_of_two_exposures_in_a_file_the_page_asks_which(open_page: Open, empty: str, store: Store) -> None:
    text = b"ads [e]\nprice [e]\nsales [o]\n{ads price} -> sales"
    test = upload(open_page("draw", empty), "two.txt", text, runs=2)
    added = store.hypotheses(empty)[-1]
    assert (added.hypothesis.exposure, added.hypothesis.outcome) == (None, "sales")
    next(group for group in test.pills if "2 nodes are marked as exposure" in group.label).set_value(1).run()
    assert not test.exception, [e.value for e in test.exception]
    assert store.hypotheses(empty)[-1].hypothesis.exposure == "price"
    assert not test.pills


def test_the_question_answers_which_of_two_exposures_is_meant(open_page: Open, empty: str, store: Store) -> None:
    store.update_project(empty, exposure="price", outcome="sales")
    test = upload(open_page("draw", empty), "two.txt", b"ads [e] price [e] sales [o] {ads price} -> sales", runs=2)
    assert store.hypotheses(empty)[-1].hypothesis.exposure == "price"
    assert not test.pills


@pytest.mark.parametrize("key", [key for key, found in FORMATS.items() if found.write is not None])
def test_a_drawing_is_offered_as_a_file_in_every_format_and_comes_back_the_same(
    open_page: Open, empty: str, store: Store, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Hypothesis(
        "My rival",
        (Node("net income", family="Gamma", position=(0.0, 0.0)), Node("y", position=(200.0, 0.0))),
        (Edge("net income", "y", form="smooth", reason="so they say"),),
        exposure="net income",
    )
    id = store.add_hypothesis(empty, kept.to_dict()).id
    files: dict[str, bytes] = {}
    original = DeltaGenerator.download_button

    def offer(self: DeltaGenerator, label: str, data: bytes, name: str, *rest: Any, **named: Any) -> bool:
        files[name] = data
        return original(self, label, data, name, *rest, **named)

    monkeypatch.setattr(DeltaGenerator, "download_button", offer)
    monkeypatch.setattr(st, "download_button", lambda *given, **named: offer(st._main, *given, **named))
    test = open_page("draw", empty, hypothesis=id)
    test.selectbox(key=f"save_as_{id}").set_value(key).run()
    assert not test.exception, [e.value for e in test.exception]
    name, content = list(files.items())[-1]
    assert name == f"My-rival{FORMATS[key].endings[0]}"
    assert ("only Whyboard reads from it" in shown(test).lower().replace("whyboard", "Whyboard")) is (key != "json")
    assert ("net_income" in shown(test)) is (key in ("lavaan", "bif"))
    assert any("save_graph_" in str(button.proto.id) for button in test.get("download_button"))
    upload(test, name, content)
    added = store.hypotheses(empty)[-1].hypothesis
    assert added.edges == kept.edges
    assert (added.exposure, added.node("net income").family) == ("net income", "Gamma")
