"""Families that do not fit, on Check: each flag once, its remedy, "take it as it is", and the ways back."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from core.hypothesis import Hypothesis
from core.store import Store
from core.study.bending import bending
from tests.ui.conftest import Fit, Open, shown
from tests.ui.made_projects import button, graph, view
from ui import results, session, shapes, steps
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


def forms_of(store: Store, token: str) -> list[dict[tuple[str, str], tuple[str, str | None]]]:
    return [
        {(e["source"], e["target"]): (e["form"], e.get("by")) for e in record.document["edges"]}
        for record in store.hypotheses(token)
    ]


def test_an_arrow_bends_in_every_hypothesis_that_has_it_and_back(open_page: Open, store: Store, token: str) -> None:
    before = [h.document for h in store.hypotheses(token)]
    test = open_page("check", token)
    found = next(one for one in test.button if str(one.key).startswith("shape_bend_"))
    assert found.label == "Let x bend"
    found.click().run()
    assert not test.exception
    assert [one["x", "y"] for one in forms_of(store, token)] == [("auto", None), ("auto", None)]
    assert {form for one in forms_of(store, token) for pair, (form, _) in one.items() if pair != ("x", "y")} == {
        "linear"
    }
    text = shown(test)
    assert "may bend now in A and B" in text
    assert "Sales bends with x" not in text
    button(test, "remedy_undo").click().run()
    assert [h.document for h in store.hypotheses(token)] == before


def test_an_effect_differs_by_another_cause_and_back(open_page: Open, store: Store, token: str) -> None:
    before = [h.document for h in store.hypotheses(token)]
    test = open_page("check", token)
    found = next(one for one in test.button if str(one.key).startswith("shape_differ_"))
    assert found.label == "Let it differ by g"
    found.click().run()
    assert not test.exception
    assert [one["x", "z"] for one in forms_of(store, token)] == [("linear", "g"), ("linear", "g")]
    assert "what x does to z differs by g" not in shown(test)
    button(test, "remedy_undo").click().run()
    assert [h.document for h in store.hypotheses(token)] == before


def test_one_button_for_all_where_several_bend(open_page: Open, store: Store, fit: Fit) -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=200)
    table = pd.DataFrame({"x": x, "y": x**2 + rng.normal(size=200), "z": x**2 + rng.normal(size=200)})
    made = session.new_project("Two", "Does it?", exposure="x", outcome="y")
    store.save_upload(made.token, "table.csv", table.to_csv(index=False).encode())
    store.add_hypothesis(made.token, graph("Fork", ("x", "y"), ("x", "z")).to_dict())
    fit(made.token)
    test = open_page("check", made.token)
    button(test, "shape_bend_all").click().run()
    assert not test.exception
    assert set(forms_of(store, made.token)[0].values()) == {("auto", None)}
    assert "Families that do not fit" not in shown(test)


def test_every_arrow_bends_by_one_button_on_compare(open_page: Open, store: Store, token: str) -> None:
    test = open_page("compare", token)
    button(test, "bend_all").click().run()
    assert not test.exception
    assert {form for one in forms_of(store, token) for form, _ in one.values()} == {"auto"}
    assert "Every arrow may bend now in A and B" in shown(test)
    edge = next(e for e in last(store, token).comparison.hypotheses[0].edges if (e.source, e.target) == ("x", "y"))
    assert edge.bends is not None
    assert edge.bends > 0.9
    assert "does to Sales bends" in str([chart.proto for chart in test.get("plotly_chart")])
    button(test, "remedy_undo").click().run()
    assert {form for one in forms_of(store, token) for form, _ in one.values()} == {"linear"}


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


def test_what_a_button_bent_on_check_is_taken_back_on_draw_and_the_other_way(
    open_page: Open, store: Store, token: str
) -> None:
    before = [h.document for h in store.hypotheses(token)]
    id = store.hypotheses(token)[0].id
    button(open_page("compare", token), "bend_all").click().run()
    draw = open_page("draw", token, tool="Each arrow")  # another tab, or the same one after a reload
    assert "Every arrow may bend now in A and B." in shown(draw)
    button(draw, f"bend_undo_{id}").click().run()
    assert [h.document for h in store.hypotheses(token)] == before
    assert "may bend now" not in shown(draw)
    assert "may bend now" not in shown(open_page("check", token))
    button(draw, f"bend_rivals_{id}").click().run()
    check = open_page("check", token)
    assert "Every arrow may bend now in A and B." in shown(check)
    button(check, "remedy_undo").click().run()
    assert [h.document for h in store.hypotheses(token)] == before


def test_a_step_can_be_kept_and_read_again(store: Store, token: str) -> None:
    first, second = (record.hypothesis for record in view(store, token).hypotheses())
    step = steps.Step("every arrow may bend now", {"a": (first, bending(first)), "b": (second, bending(second))})
    assert steps.Step.from_dict(json.loads(json.dumps(step.to_dict()))) == step
