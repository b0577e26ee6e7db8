"""What a fit says stands on the drawing that was fitted, and on no other."""

from __future__ import annotations

from typing import Any

import pytest

from core.hypothesis import Edge, Hypothesis, Node
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
    facts = found.facts_of(project, record, drawn, project.dataset())
    return facts and found.overlay(project, record, drawn, facts)


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
    assert found.facts_of(project, record, record.hypothesis, None) is None


def test_the_page_says_where_the_numbers_come_from(open_page: Open, store: Store, token: str) -> None:
    assert found.SAID in shown(open_page("draw", token))
    bare = session.new_project("Other", "Does it?").token
    assert found.SAID not in shown(open_page("draw", bare))


def test_what_a_drawing_is_made_of_stands_on_it_before_any_fit(store: Store) -> None:
    drawn = Hypothesis(
        "A",
        (Node("x"), Node("m"), Node("y", group="m")),
        (Edge("x", "y", by="m"), Edge("m", "y")),
    )
    token = project_of(store, ["x", "m", "y"], drawn)
    project = view(store, token)
    bare = found.overlay(project, project.hypotheses()[0], drawn, None)
    assert [(tag.name, tag.words) for tag in bare.tags] == [("y", "by m")]
    assert [(mark.source, mark.label) for mark in bare.edges] == [("x", "differs by m")]


def test_the_inspector_draws_the_curve_of_the_arrow_over_the_rows(open_page: Open, store: Store, fit: Fit) -> None:
    token = project_of(store, ["x", "m", "y"], *rivals(["x", "m", "y"]))
    (record, _) = view(store, token).hypotheses()
    store.save_hypothesis(
        token, record.id, record.hypothesis.with_edge("x", "m", form="smooth").to_dict(), rev=1, seq=0
    )
    fit(token)
    test = open_page("draw", token, tool="Each arrow")
    test.selectbox(key=f"arrow_{record.id}").set_value("x -> m").run()
    assert not test.exception
    assert "What x does to m is drawn as a curve: added to m" in shown(test)
    assert "Dots: your rows, less their average" in shown(test)
    test.selectbox(key=f"arrow_{record.id}").set_value("x -> y").run()
    assert "Dots: your rows" not in shown(test)  # a straight line: its number stands on the arrow
