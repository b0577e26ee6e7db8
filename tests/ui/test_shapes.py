"""Families that do not fit, on Check: each flag once, its remedy, "take it as it is", and the ways back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.hypothesis import Hypothesis
from core.store import Store
from tests.ui.conftest import Fit, Open, shown
from tests.ui.made_projects import button, graph, view
from ui import results, session, shapes
from ui.thresholds import kept_rules

EDGES = (("x", "y"), ("x", "z"), ("g", "z"))


def bent(rows: int = 300) -> bytes:
    """What x does to y bends, what it does to z differs by g, and y has odd rows."""
    rng = np.random.default_rng(4)
    x, g = rng.normal(size=rows), rng.integers(0, 2, rows)
    y = x + 0.7 * x**2 + rng.normal(size=rows)
    y[rng.choice(rows, 4, replace=False)] += 12.0
    z = np.where(g == 1, 1.2, -0.4) * x + rng.normal(size=rows)
    return pd.DataFrame({"x": x, "g": g, "y": y, "z": z}).round(4).to_csv(index=False).encode()


@pytest.fixture
def token(store: Store, fit: Fit) -> str:
    made = session.new_project("Bent", "Does it?", exposure="x", outcome="z")
    store.save_upload(made.token, "table.csv", bent())
    store.set_column(made.token, "y", label="Sales")
    for drawn in (graph("True", *EDGES), graph("One more", *EDGES, ("y", "z"))):
        store.add_hypothesis(made.token, drawn.to_dict())
    fit(made.token)
    return made.token


def last(store: Store, token: str) -> results.Fitted:
    project = view(store, token)
    found = results.fitted(project, project.dataset(), results.candidates(project, project.dataset()))
    assert found is not None
    return found


def boxes(text: str) -> dict[str, str]:
    parts = text.split('data-testid="shape" data-node="')[1:]
    return {part.split('"')[0]: part.split("</div>")[0] for part in parts}


def test_each_flag_stands_once_with_what_would_mend_it(open_page: Open, token: str) -> None:
    test = open_page("check", token)
    text = shown(test)
    assert "Families that do not fit" in text
    found = boxes(text)
    assert set(found) == {"y", "z"}
    assert "A and B: What x does to Sales bends: a curve explains" in found["y"]
    assert found["y"].count("bends:") == 1
    assert "Letting x bend would mend it" in found["y"]
    assert "Sales has odd rows" in found["y"]
    assert "StudentT for Sales takes it" in found["y"]
    assert "what x does to z differs by g" in found["z"].replace("What x", "what x")
    assert "coming soon" not in text
    line = next(part for part in text.split('class="wb-line"') if "True" in part)
    assert "Sales bends with x" in line


def test_another_family_is_given_to_every_hypothesis_and_back(open_page: Open, store: Store, token: str) -> None:
    before = [h.document for h in store.hypotheses(token)]
    test = open_page("check", token)
    found = button(test, "shape_StudentT_0")
    assert found.label == "Use StudentT for Sales"
    found.click().run()
    assert not test.exception
    families = [{n["name"]: n["family"] for n in h.document["nodes"]} for h in store.hypotheses(token)]
    assert [one["y"] for one in families] == ["StudentT", "StudentT"]
    assert "Sales has odd rows" not in shown(test)
    assert "Sales bends with x" in shown(test)
    button(test, "remedy_undo").click().run()
    assert [h.document for h in store.hypotheses(token)] == before
    assert "Sales has odd rows" in shown(test)


def test_a_node_is_taken_as_it_is_and_back(open_page: Open, store: Store, token: str) -> None:
    test = open_page("check", token)
    taken = button(test, "shape_take_0")
    assert taken.label == "Take it as it is"
    taken.click().run()
    assert not test.exception
    assert kept_rules(view(store, token)).overruled == ("y",)
    comparison = last(store, token).comparison
    assert comparison.rules.overruled == ("y",)
    for facts in comparison.hypotheses:
        assert {shape.node for shape in facts.flagged_shapes} <= {"z"}
        assert {shape.node for shape in facts.overruled_shapes} == {"y"}
    text = shown(test)
    assert "Sales is taken as it is now." in text
    assert "You take it as it is" in boxes(text)["y"]
    assert "Sales bends with x" not in text
    button(test, "remedy_undo").click().run()
    assert store.project(token).settings.get("rules") is None
    assert "Sales bends with x" in shown(test)


def test_what_is_taken_as_it_is_can_count_again(open_page: Open, store: Store, token: str) -> None:
    test = open_page("check", token)
    button(test, "shape_take_0").click().run()
    button(test, "remedy_keep").click().run()
    place = list(shapes.findings(last(store, token).comparison.hypotheses)).index("y")
    again = button(test, f"shape_restore_{place}")
    assert again.label == "Let it count again"
    again.click().run()
    assert not test.exception
    assert kept_rules(view(store, token)).overruled == ()
    assert "Sales bends with x" in shown(test)
    button(test, "remedy_undo").click().run()
    assert kept_rules(view(store, token)).overruled == ("y",)


def test_thresholds_keep_what_is_taken_as_it_is(open_page: Open, store: Store, token: str) -> None:
    test = open_page("check", token)
    button(test, "shape_take_0").click().run()
    next(box for box in test.number_input if box.key == "rule_size").set_value(0.3).run()
    rules = kept_rules(view(store, token))
    assert (rules.association, rules.overruled) == (0.3, ("y",))
    button(test, "remedy_undo").click().run()
    rules = kept_rules(view(store, token))
    assert (rules.association, rules.overruled) == (0.3, ())


def test_nothing_is_said_where_every_family_fits(open_page: Open, store: Store, fit: Fit) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    made = session.new_project("Straight", "Does it?", exposure="x", outcome="y")
    table = pd.DataFrame({"x": x, "y": x + rng.normal(size=200)}).round(4).to_csv(index=False).encode()
    store.save_upload(made.token, "table.csv", table)
    store.add_hypothesis(made.token, graph("Arrow", ("x", "y")).to_dict())
    fit(made.token)
    text = shown(open_page("check", made.token))
    assert "Families that do not fit" not in text
    assert "reproduces every column that is checked." in text


def test_names_pass_through_as_they_are(open_page: Open, store: Store, fit: Fit) -> None:
    made = session.new_project("Names", "Does it?", exposure="x", outcome="y")
    rng = np.random.default_rng(1)
    x = rng.normal(size=200)
    table = pd.DataFrame({"x": x, "y": x**2 + rng.normal(size=200)}).round(4).to_csv(index=False).encode()
    store.save_upload(made.token, "table.csv", table)
    store.set_column(made.token, "y", label="<b>*y*</b>")
    store.add_hypothesis(made.token, Hypothesis.from_dict(graph("A", ("x", "y")).to_dict()).to_dict())
    fit(made.token)
    text = shown(open_page("check", made.token))
    assert "&lt;b&gt;*y*&lt;/b&gt; bends with x" in text
    assert "<b>*y*</b>" not in text
