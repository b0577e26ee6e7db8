"""Start, Fit and the sidebar's menu: every button and upload does what it says, once, and nothing else.

``fit_again`` of Check and Compare is counted in ``test_holding.py``, the ways to confirm with NUTS
(``confirm_nuts``, ``cancel_confirm``) in ``test_confirming.py``, a gate's ``remedy_…`` in ``test_remedies.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.store import Store
from tests.ui.conftest import CSV, Fit, Open, token_of
from tests.ui.made_projects import project_of, rivals
from ui import doors, session

NAMES = ["x", "m", "y"]
WRITES = (
    "create_project", "update_project", "change_settings", "save_upload", "set_column", "delete_project_data",
    "add_hypothesis", "save_hypothesis", "update_hypothesis", "delete_hypothesis", "restore_hypothesis",
    "create_request", "end_request",
)  # fmt: skip


@pytest.fixture
def writes(store: Store, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count what is written to the store, by the name of the call; a test clears it before it presses."""
    made: Counter[str] = Counter()
    for name in WRITES:
        original: Callable[..., Any] = getattr(store, name)

        def counted(*given: Any, _call: Callable[..., Any] = original, _name: str = name, **named: Any) -> Any:
            made[_name] += 1
            return _call(*given, **named)

        monkeypatch.setattr(store, name, counted)
    monkeypatch.setattr(session, "get_store", lambda: store)
    return made


def pressed(test: AppTest, key: str, writes: Counter[str]) -> Counter[str]:
    """Press a button, let the page run once more as any click would, and return what was written."""
    writes.clear()
    named(test, key).click().run()
    assert not test.exception, [e.value for e in test.exception]
    test.run()
    return writes


def named(test: AppTest, key: str) -> Any:
    """Find a button by its key; those of forms have only their words."""
    return next(found for found in test.button if key in (found.key, found.label))


# -- start ------------------------------------------------------------------------------------


def test_open_sample_makes_one_project_with_its_data_and_rivals(open_page: Open, writes: Counter[str]) -> None:
    rival_count = len(doors.sample_hypotheses("marketing"))
    made = pressed(open_page(), "open_sample", writes)
    assert made == {"create_project": 1, "save_upload": 1, "add_hypothesis": rival_count}


def test_open_drawing_makes_one_project_with_one_drawing(open_page: Open, store: Store, writes: Counter[str]) -> None:
    test = open_page()
    assert pressed(test, "open_drawing", writes) == {"create_project": 1, "add_hypothesis": 1}
    assert len(store.hypotheses(token_of(test))) == 1


def test_start_upload_makes_one_project_with_one_file(open_page: Open, store: Store, writes: Counter[str]) -> None:
    test = open_page()
    writes.clear()
    test.file_uploader(key="start_upload").set_value(("shop.csv", CSV, "text/csv")).run()
    test.run()
    assert not test.exception
    assert (writes["create_project"], writes["save_upload"], writes["add_hypothesis"]) == (1, 1, 0)
    upload = store.upload(token_of(test))
    assert upload is not None
    assert (upload.name, upload.bytes) == ("shop.csv", len(CSV))


def test_keep_this_question_marks_the_project_and_each_drawing(
    open_page: Open, store: Store, writes: Counter[str]
) -> None:
    token = project_of(store, NAMES, *rivals(NAMES))
    test = open_page("start", token)
    next(box for box in test.selectbox if box.label == "What can you change?").set_value("m")
    made = pressed(test, "Keep this question", writes)
    assert made == {"update_project": 2, "save_hypothesis": 2}  # the words, the marks; a mark in each drawing
    assert store.project(token).exposure == "m"
    assert pressed(test, "Keep this question", writes) == {"update_project": 2}  # the drawings have them


def test_the_same_thing_cannot_be_changed_and_moved(open_page: Open, store: Store, writes: Counter[str]) -> None:
    token = project_of(store, NAMES, *rivals(NAMES))
    test = open_page("start", token)
    for box in test.selectbox:
        box.set_value("m")
    assert pressed(test, "Keep this question", writes) == {}


# -- the menu of the project ------------------------------------------------------------------


def test_rename_changes_the_title_alone(open_page: Open, store: Store, writes: Counter[str]) -> None:
    token = project_of(store, NAMES, *rivals(NAMES))
    test = open_page("start", token)
    next(field for field in test.text_input if field.label == "Name of this project").set_value(" Shop \n two ")
    assert pressed(test, "Rename", writes) == {"update_project": 1}
    project = store.project(token)
    assert (project.title, project.question, project.exposure) == ("Shop two", "Does it?", "x")


def test_another_leaves_the_project_as_it_was(open_page: Open, store: Store, writes: Counter[str]) -> None:
    token = project_of(store, NAMES, *rivals(NAMES))
    test = open_page("start", token)
    assert pressed(test, "another", writes) == {}
    assert "p" not in test.query_params
    assert named(test, "open_sample")  # the three doors
    assert len(store.hypotheses(token)) == 2


# -- fit --------------------------------------------------------------------------------------


@pytest.fixture
def fitted(store: Store, fit: Fit) -> str:
    token = project_of(store, NAMES, *rivals(NAMES))
    fit(token)
    return token


def test_fit_now_asks_once(open_page: Open, store: Store, fit: Fit, writes: Counter[str]) -> None:
    token = project_of(store, NAMES, *rivals(NAMES))
    test = open_page("fit", token)
    assert pressed(test, "fit_now", writes) == {"create_request": 1, "end_request": 1}
    assert len(store.requests(token)) == 1
    assert pressed(test, "fit_now", writes) == {"create_request": 1, "end_request": 1}  # again, as it says


@pytest.mark.parametrize("key", ["to_check", "to_compare"])
def test_the_ways_on_from_fit_write_nothing(open_page: Open, fitted: str, writes: Counter[str], key: str) -> None:
    test = open_page("fit", fitted)
    assert pressed(test, key, writes) == {}
    assert token_of(test) == fitted


def test_cancel_fit_ends_the_one_that_runs(open_page: Open, store: Store, fitted: str, writes: Counter[str]) -> None:
    running = store.create_request(fitted, store.requests(fitted)[0].payload, "test")
    test = open_page("fit", fitted)
    assert pressed(test, "cancel_fit", writes) == {"end_request": 1}
    assert store.request(running.id).state == "cancelled"
    assert [request.state for request in store.requests(fitted)] == ["cancelled", "done"]


def test_own_ways_gives_every_node_the_way_of_all(
    open_page: Open, store: Store, fit: Fit, writes: Counter[str]
) -> None:
    token = project_of(store, NAMES, *rivals(NAMES), fit={"draws": 2000, "methods": {"m": "nuts"}})
    test = open_page("fit", token)
    assert pressed(test, "own_ways", writes) == {"change_settings": 1}
    assert store.project(token).settings["fit"] == {"draws": 2000}
    assert not any(found.key == "own_ways" for found in test.button)


def test_settings_are_written_once_a_change(open_page: Open, store: Store, fitted: str, writes: Counter[str]) -> None:
    test = open_page("fit", fitted)
    writes.clear()
    next(box for box in test.number_input if box.key == "fit_draws").set_value(2400).run()
    test.run()
    assert writes == {"change_settings": 1}
    assert store.project(fitted).settings["fit"] == {"draws": 2400}
