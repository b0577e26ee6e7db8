"""Every control of Simulate, Check and Compare: what it did, counted, and that it did nothing twice."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.hypothesis import Hypothesis
from core.store import Store
from tests.ui.conftest import Fit, Open, shown, token_of
from tests.ui.made_projects import button, graph, project_of, rivals, view
from ui import predictive, results, session, simulating

NODES = ["x", "m", "y"]


@pytest.fixture
def token(store: Store) -> str:
    return project_of(store, NODES, *rivals(NODES))


@pytest.fixture
def fitted(token: str, fit: Fit) -> str:
    fit(token)
    return token


@pytest.fixture
def writes(store: Store, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count what is written to the store from here on."""
    count: Counter[str] = Counter()
    for name in (
        "create_project", "save_upload", "add_hypothesis", "save_hypothesis", "update_hypothesis", "change_settings",
        "create_request", "update_project",
    ):  # fmt: skip
        original = getattr(store, name)

        def counted(*given: Any, _original: Any = original, _name: str = name, **named: Any) -> Any:
            count[_name] += 1
            return _original(*given, **named)

        monkeypatch.setattr(store, name, counted)
    return count


def specs(test: AppTest) -> list[str]:
    return [str(chart.proto.spec) for chart in test.get("plotly_chart")]


def control(test: AppTest, kind: str, key: str) -> Any:
    return next(found for found in getattr(test, kind) if found.key == key)


def together(test: AppTest) -> AppTest:
    """Look at two columns together on Simulate."""
    return control(test, "segmented_control", "prior_shown").set_value(simulating.TOGETHER).run()


def test_draw_again_draws_other_data_sets_and_rows_others_still(
    open_page: Open, token: str, writes: Counter[str]
) -> None:
    test = open_page("simulate", token)
    first = specs(test)
    assert len(first) == 2  # one a hypothesis
    button(test, "again").click().run()
    second = specs(test)
    assert all(a != b for a, b in zip(first, second, strict=True))
    pair = specs(together(test))
    assert len(pair) == 3  # observed, and one a hypothesis
    button(test, "again").click().run()
    assert [a != b for a, b in zip(pair, specs(test), strict=True)] == [False, True, True]  # not the observed
    control(test, "segmented_control", "prior_shown").set_value(simulating.EACH).run()
    second = specs(test)
    control(test, "number_input", "prior_rows").set_value(60).run()
    assert all(a != b for a, b in zip(second[:2], specs(test)[:2], strict=True))
    assert not writes


def test_figures_that_were_drawn_are_not_made_again(
    open_page: Open, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither for the same visitor nor for another: the second run only reads what is kept."""
    made: Counter[str] = Counter()
    for module, name in (
        (predictive, "predictive_figure"),
        (simulating, "predictive_rows"),
        (simulating, "pair_figure"),
        (simulating, "prior_predictive"),
    ):
        original = getattr(module, name)

        def counted(*given: Any, _original: Any = original, _name: str = name, **named: Any) -> Any:
            made[_name] += 1
            return _original(*given, **named)

        monkeypatch.setattr(module, name, counted)
    first = open_page("simulate", token)
    once = {"predictive_figure": 2, "predictive_rows": 1, "prior_predictive": 2}
    assert dict(made) == once
    pair = specs(together(open_page("simulate", token)))
    once["pair_figure"] = 3
    assert dict(made) == once
    assert specs(open_page("simulate", token)) == specs(first)
    assert specs(together(open_page("simulate", token))) == pair
    assert dict(made) == once


def test_another_projects_figures_are_its_own(open_page: Open, store: Store, token: str) -> None:
    """The same drawing over other data, or under other words, is not the same figure."""
    other = project_of(store, NODES, *rivals(NODES))
    store.set_column(other, "x", label="Ads <b>spent</b>")
    mine, theirs = (json.loads(specs(open_page("simulate", of))[0]) for of in (token, other))
    assert mine["data"] == theirs["data"]
    assert mine["layout"]["xaxis"]["title"]["text"] == "x"
    assert theirs["layout"]["xaxis"]["title"]["text"] == "Ads &lt;b&gt;spent&lt;/b&gt;"


def test_pairs_show_the_two_columns_that_are_chosen(open_page: Open, token: str) -> None:
    test = together(open_page("simulate", token))
    control(test, "selectbox", "pair_x").select("m").run()
    control(test, "selectbox", "pair_y").select("x").run()
    observed = json.loads(specs(test)[0])
    dataset = view(session.get_store(), token).dataset()
    assert dataset is not None
    np.testing.assert_allclose(observed["data"][0]["x"], dataset.values("m"), rtol=1e-4)
    np.testing.assert_allclose(observed["data"][0]["y"], dataset.values("x"), rtol=1e-4)
    assert "m and x together" in shown(test)
    control(test, "segmented_control", "prior_shown").set_value(simulating.EACH).run()
    assert "m and x together" in shown(together(test))  # what was chosen still is


def test_a_synthetic_data_set_becomes_one_project_with_the_same_drawings(
    open_page: Open, store: Store, token: str, writes: Counter[str]
) -> None:
    test = open_page("simulate", token, simulated="One data set to keep")
    assert not test.get("plotly_chart")  # what stands on the other tab is not made
    control(test, "number_input", "synthetic_rows").set_value(50).run()
    control(test, "number_input", "synthetic_seed").set_value(7).run()
    control(test, "selectbox", "true_letter").select("B").run()
    assert not writes
    button(test, "fit_synthetic").click().run()
    test.run()
    assert writes["create_project"] == writes["save_upload"] == 1
    assert writes["add_hypothesis"] == 2
    made = token_of(test)
    assert made != token
    assert [h.hypothesis.graph.edges for h in store.hypotheses(made)] == [
        h.hypothesis.graph.edges for h in store.hypotheses(token)
    ]
    dataset = view(store, made).dataset()
    assert dataset is not None
    assert dataset.rows == 50
    assert store.project(made).settings["truth"]["letter"] == "B"


def test_ranges_are_kept_once_and_move_what_is_generated(
    open_page: Open, store: Store, writes: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = session.new_project("Drawn first").token
    store.add_hypothesis(token, graph("A", ("x", "y")).to_dict())
    editor = simulating.st.data_editor

    def typed(table: Any, **options: Any) -> Any:
        if options.get("key") == "ranges":
            table.loc[0, ["usually from", "to"]] = [10.0, 20.0]
            return table
        return editor(table, **options)

    before = specs(open_page("simulate", token))
    writes.clear()
    monkeypatch.setattr(simulating.st, "data_editor", typed)
    test = open_page("simulate", token)
    test.run()
    assert writes == {"change_settings": 1}
    assert store.project(token).settings["ranges"] == {"x": [10.0, 20.0]}
    middle = [np.mean(json.loads(spec[0])["layout"]["xaxis"]["range"]) for spec in (before, specs(test))]
    assert abs(middle[0]) < 5
    assert middle[1] == pytest.approx(15, abs=4)


def test_check_leads_to_compare_and_its_table_is_made_when_it_is_opened(
    open_page: Open, fitted: str, writes: Counter[str]
) -> None:
    test = open_page("check", fitted)
    assert not test.dataframe
    assert not writes
    opened = open_page("check", fitted, open_checks=True)
    table = opened.dataframe[0].value
    assert set(table["hypothesis"]) == {"A", "B"}
    assert set(table["column"]) == set(NODES)
    button(test, "to_compare").click().run()
    assert "Verdict" in shown(test)
    assert not writes


@pytest.mark.parametrize(
    ("key", "value", "name"),
    [("rule_p", 0.2, "p_adjusted"), ("rule_size", 0.3, "association"), ("rule_check", 0.2, "predictive_p")],
)
def test_each_threshold_is_kept_once_and_asks_for_one_answer(
    open_page: Open, store: Store, fitted: str, writes: Counter[str], key: str, value: float, name: str
) -> None:
    test = open_page("check", fitted)
    control(test, "number_input", key).set_value(value).run()
    test.run()
    assert store.project(fitted).settings["rules"][name] == value
    assert writes["change_settings"] == 1
    assert writes["create_request"] == 1


def test_compare_draws_the_pair_that_is_chosen_and_opens_each_section(
    open_page: Open, store: Store, fit: Fit, writes: Counter[str]
) -> None:
    third: Hypothesis = graph("Backwards", ("y", "m"), ("y", "x"))
    token = project_of(store, NODES, *rivals(NODES), third)
    fit(token)
    writes.clear()
    test = open_page("compare", token)
    first = specs(test)
    chosen = next(group for group in test.get("button_group") if group.key == "pair")
    other = chosen.proto.options[-1].content
    assert specs(open_page("compare", token, pair=other))[-1] != first[-1]
    assert not test.dataframe
    for section, column in (
        ("differences", "what may be said"), ("arrows", "standardized_mean"), ("nodes", "elpd"),
        ("claims", "denied link"), ("assumed", "priors (standardised scale)"),
    ):  # fmt: skip
        opened = open_page("compare", token, **{f"open_{section}": True})
        assert len(opened.dataframe) == 1
        assert column in opened.dataframe[0].value.columns
        assert len(opened.dataframe[0].value)
    assert not writes


def test_what_is_offered_beside_pairs_are_the_rows_that_were_drawn(open_page: Open, token: str) -> None:
    project = view(session.get_store(), token)
    dataset = project.dataset()
    found = results.candidates(project, dataset)
    test = open_page("simulate", token)
    assert not test.exception
    assert dataset is not None
    specs_of = {record.letter: spec for record, spec in zip(found.ready, found.specs, strict=True)}
    for axes in ({n: n for n in NODES}, {"x": "from", "m": "m", "y": "y"}, {"x": "same", "m": "m", "y": "same"}):
        made = simulating.World(specs_of, 80, 0, dataset, axes, {r.letter: r.title for r in found.ready})
        frame = simulating.pair_rows(made.panel("x"), made.panel("y"), made.names)
        assert list(frame["from"].unique()) == ["observed", *made.names.values()]
        assert len(set(frame.columns)) == 3
        rows = frame[frame["from"] == "A Direct too"]
        np.testing.assert_array_equal(rows.iloc[:, 1], made.draws("A").values["x"][0])
        np.testing.assert_array_equal(rows.iloc[:, 2], made.draws("A").values["y"][0])
        assert results.csv(frame).count(b"\n") == 1 + len(frame)
