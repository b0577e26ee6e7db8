"""The Act page: hypotheses that could not be fitted keep their place, with bounds, a prior, or why not."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from core.hypothesis import Hypothesis
from core.store import Store
from tests.study.test_bounding import trial
from tests.ui.conftest import Fit, Open, shown
from tests.ui.made_projects import graph, project_of, rivals
from ui import session

NODES = ["x", "m", "y"]


def with_arcs(store: Store, fit: Fit, *hypotheses: Hypothesis) -> str:
    token = project_of(store, NODES, *rivals(NODES), *hypotheses)
    fit(token)
    return token


def charts(test: object) -> str:
    return str(next(iter(test.get("plotly_chart"))).proto.spec)  # type: ignore[attr-defined]


def test_numbers_show_the_prior_beside_what_the_rows_leave(open_page: Open, store: Store, fit: Fit) -> None:
    arc = graph("Hidden cause", ("x", "m"), ("m", "y"), ("x", "y"), bidirected=(("x", "y"),))
    test = open_page("act", with_arcs(store, fit, arc))
    text, drawn = shown(test), charts(test)
    assert "C Hidden cause" in drawn
    assert "before any row (your prior)" in drawn
    assert "what the rows leave" in drawn
    assert "Prior beside posterior, no estimate: with no unmeasured cause it would change by" in text
    assert "how strong one is the data cannot say: your prior says" in text
    assert "It could be known if nothing unmeasured acted on both x and y (so say A and B)." in text
    assert "It draws an unmeasured cause, with which no model is fitted." in text
    # How each can know it, the one without a fit among them; its ways out stand with its answer alone.
    assert "The effect of x on y cannot be known from what is observed, however many rows there are" in text
    assert text.count("It could be known if") == 1


def test_what_its_graph_identifies_is_estimated_by_it(open_page: Open, store: Store, fit: Fit) -> None:
    door = graph("Front door", ("x", "m"), ("m", "y"), bidirected=(("x", "y"),))
    test = open_page("act", with_arcs(store, fit, door))
    assert "through m (front door): what x does to it, times what that does to y" in shown(test)
    assert "through the front door, not fitted" in charts(test)
    assert "All, by their probabilities" in charts(test)


def test_what_cannot_be_known_says_why(open_page: Open, store: Store, fit: Fit) -> None:
    tied = graph("All tied", ("x", "y"), ("m", "y"), bidirected=(("x", "m"), ("m", "y")))
    test = open_page("act", with_arcs(store, fit, tied))
    text = shown(test)
    assert "Cannot be known from this, because unmeasured causes tie" in text
    assert "nothing unmeasured acted on both x and m (so say A and B)" in text
    assert "cannot be known from this" in charts(test)


def test_an_unmeasured_outcome_is_said(open_page: Open, store: Store, fit: Fit) -> None:
    hidden = graph("No y", ("x", "m"), ("m", "y"))
    hidden = replace(hidden, nodes=tuple(replace(node, latent=node.name == "y") for node in hidden.nodes))
    text = shown(open_page("act", with_arcs(store, fit, hidden)))
    assert "Cannot be known from this, because 'y' is not measured" in text.replace("&#x27;", "'")


def test_where_nothing_can_be_fitted_each_is_answered(open_page: Open, store: Store) -> None:
    edges = (("x", "m"), ("m", "y"))
    drawn = (
        graph("Door", *edges, bidirected=(("x", "y"),)),
        graph("Bow", *edges, ("x", "y"), bidirected=(("x", "y"),)),
    )
    text = shown(open_page("act", project_of(store, NODES, *drawn)))
    assert "no hypothesis can be fitted; what each says all the same" in text
    assert "through m (front door)" in text
    assert "Prior beside posterior, no estimate" in text
    assert "It could be known if nothing unmeasured acted on both x and y (no rival says so)." in text


@pytest.fixture
def vitamin(store: Store, fit: Fit) -> str:
    """The vitamin A trial with a rival that denies the unmeasured cause."""
    made = session.new_project("Vitamin A", "Does it?", exposure="took", outcome="survived")
    words = pd.DataFrame({name: trial()[name].map({0: "no", 1: "yes"}) for name in ("offered", "took", "survived")})
    store.save_upload(made.token, "trial.csv", words.to_csv(index=False).encode())
    arrows = (("offered", "took"), ("took", "survived"))
    for hypothesis in (graph("Plain", *arrows), graph("Hidden", *arrows, bidirected=(("took", "survived"),))):
        store.add_hypothesis(made.token, hypothesis.to_dict())
    fit(made.token)
    return made.token


def test_levels_show_bounds(open_page: Open, vitamin: str) -> None:
    test = open_page("act", vitamin)
    text, drawn = shown(test), charts(test)
    assert "the rows leave from -0.195 to 0.00540" in text
    assert "It could be known if nothing unmeasured acted on both took and survived (so says A)." in text
    assert "-0.195 to 0.00540" in drawn
    assert "line-ns" in drawn
    assert "bounds" in drawn
