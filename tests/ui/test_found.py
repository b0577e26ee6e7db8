"""What a fit says stands on the drawing that was fitted, and on no other."""

from __future__ import annotations

from typing import Any

import pytest

from core.store import Store
from tests.ui.conftest import Fit, Open, shown
from tests.ui.made_projects import project_of, rivals, view
from ui import found, session


@pytest.fixture
def token(store: Store, fit: Fit) -> str:
    token = project_of(store, ["x", "m", "y"], *rivals(["x", "m", "y"]))
    fit(token)
    return token


def over(store: Store, token: str, place: int = 1, **changed: Any) -> Any:
    project = view(store, token)
    record = project.hypotheses()[place]
    drawn = record.hypothesis.with_node("y", **changed) if changed else record.hypothesis
    return found.overlay(project, record, drawn, project.dataset())


def test_a_drawing_carries_its_effects_and_what_it_denies(store: Store, token: str) -> None:
    true, wrong = over(store, token, 0), over(store, token, 1)
    assert {(mark.source, mark.target) for mark in true.edges} == {("x", "m"), ("m", "y"), ("x", "y")}
    assert all(mark.label for mark in true.edges)
    assert true.pairs == ()
    assert [{mark.a, mark.b} for mark in wrong.pairs] == [{"x", "y"}]


def test_a_drawing_that_says_something_else_by_now_stands_bare(store: Store, token: str) -> None:
    assert over(store, token, position=(500.0, 20.0)) is not None  # moved only
    assert over(store, token, family="StudentT") is None
    project = view(store, token)
    record = project.hypotheses()[1]
    assert found.overlay(project, record, record.hypothesis, None) is None


def test_the_page_says_where_the_numbers_come_from(open_page: Open, store: Store, token: str) -> None:
    assert found.SAID in shown(open_page("draw", token))
    bare = session.new_project("Other", "Does it?").token
    assert found.SAID not in shown(open_page("draw", bare))
