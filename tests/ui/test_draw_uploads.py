"""Graph files on the Draw page: each upload is taken once, and what it did is counted."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

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


@pytest.fixture
def writes(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count what is written to the store from here on, by the name of the call."""
    made: list[str] = []

    def counting(name: str) -> Callable[..., Any]:
        call = getattr(store, name)

        def counted(*given: Any, **named: Any) -> Any:
            made.append(name)
            return call(*given, **named)

        return counted

    for name in ("add_hypothesis", "save_hypothesis", "update_hypothesis", "delete_hypothesis", "update_project"):
        monkeypatch.setattr(store, name, counting(name))
    monkeypatch.setattr(session, "get_store", lambda: store)
    return made


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
