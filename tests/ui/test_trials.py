"""Experiments on the Act page: entered, listed, removed and put back, kept, and taken into account."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.store import Store
from tests.ui.conftest import Fit, Open, shown
from tests.ui.made_projects import project_of, rivals

NODES = ["x", "m", "y"]


@pytest.fixture
def fitted(store: Store, fit: Fit) -> str:
    token = project_of(store, NODES, *rivals(NODES))
    fit(token)
    return token


@pytest.fixture
def shop(marketing: str, fit: Fit) -> str:
    fit(marketing)
    return marketing


def control(test: AppTest, kind: str, key: str) -> Any:
    return next(found for found in getattr(test, kind) if (found.key or "").startswith(key))


def opened(test: AppTest) -> AppTest:
    test.session_state["open_trials"] = True
    test.run()
    assert not test.exception, [e.value for e in test.exception]
    return test


def enter(test: AppTest, estimate: float | None, error: float | None, name: str = "") -> AppTest:
    """Type in a result, and press."""
    control(test, "number_input", "trial_estimate_").set_value(estimate)
    control(test, "number_input", "trial_error_").set_value(error)
    control(test, "text_input", "trial_name_").set_value(name)
    control(test, "button", "trial_add").click().run()
    assert not test.exception, [e.value for e in test.exception]
    return test


def labels(test: AppTest) -> str:
    return " ".join(found.label for found in test.expander)


def specs(test: AppTest) -> list[str]:
    return [str(chart.proto.spec) for chart in test.get("plotly_chart")]


def records(store: Store, token: str) -> list[dict[str, Any]]:
    return list((store.project(token).settings.get("experiments") or {}).get("entries", []))


def test_a_result_moves_forecasts_and_probabilities_and_is_kept(open_page: Open, store: Store, shop: str) -> None:
    test = opened(open_page("act", shop))
    before = specs(test)
    control(test, "number_input", "trial_from_ads").set_value(6.0)
    control(test, "number_input", "trial_to_ads").set_value(7.0)
    enter(test, 1.4, 0.3, "spring")
    text = shown(test)
    assert "1 experiment taken into account" in text
    assert "1 taken into account" in labels(test)
    assert "No observation of these columns can tell A from C; the experiment can" in text
    assert "A and C stand as one class on Compare" in text
    assert "no path leads there; disagrees by" in "".join(specs(test))
    assert specs(test)[0] != before[0]  # the forecasts
    assert len(specs(test)) == len(before) + 1
    (record,) = records(store, shop)
    assert (record["name"], record["estimate"], record["se"], record["outcome"]) == ("spring", 1.4, 0.3, "sales")
    again = open_page("act", shop)  # as after a reload
    assert "1 experiment taken into account" in shown(again)
    now = specs(again)
    control(again, "toggle", "trials_without").set_value(True).run()
    assert "1 experiment left out" in shown(again)
    assert "1 left out" in labels(again)
    assert specs(again)[0] == before[0]
    control(again, "toggle", "trials_without").set_value(False).run()
    assert specs(again) == now


def test_each_can_be_removed_and_put_back(open_page: Open, store: Store, fitted: str) -> None:
    test = enter(opened(open_page("act", fitted)), 0.5, 0.2, "first")
    enter(test, 0.7, 0.3, "second")
    assert [record["name"] for record in records(store, fitted)] == ["first", "second"]
    kept = records(store, fitted)
    control(test, "button", "trial_remove_" + kept[0]["id"]).click().run()
    assert [record["name"] for record in records(store, fitted)] == ["second"]
    assert control(test, "button", "trial_back").label == "Put back first"
    control(test, "button", "trial_back").click().run()
    assert records(store, fitted) == kept
    control(test, "button", "trial_remove_all").click().run()
    assert records(store, fitted) == []
    assert "taken into account" not in labels(test)
    control(test, "button", "trial_back").click().run()
    assert records(store, fitted) == kept
    assert not test.exception


def test_the_same_one_counts_once_and_half_a_result_is_refused(open_page: Open, store: Store, fitted: str) -> None:
    test = enter(opened(open_page("act", fitted)), 0.5, None)
    assert "Say what was found, and how sure that is" in shown(test)
    assert records(store, fitted) == []
    enter(test, 0.5, 0.2)
    enter(test, 0.5, 0.2, "again")
    assert len(records(store, fitted)) == 1
    assert "It is in the list already" in shown(test)


def test_an_interval_is_turned_into_a_standard_error(open_page: Open, store: Store, fitted: str) -> None:
    test = opened(open_page("act", fitted))
    control(test, "selectbox", "trial_kind").select("half a 95 % interval")
    enter(test, 0.5, 0.392)
    assert records(store, fitted)[0]["se"] == pytest.approx(0.2)


CELLS = b"do,estimate,se,name,outcome\n%s\n"


def test_a_table_of_many_cells(open_page: Open, store: Store, fitted: str) -> None:
    test = opened(open_page("act", fitted))
    rows = b"\n".join(b'"x=0,%d",%.1f,4,cell %d,y' % (k, 0.4 * k, k) for k in range(1, 6))
    control(test, "file_uploader", "trial_file_").set_value(("cells.csv", CELLS % rows, "text/csv")).run()
    assert not test.exception
    text = shown(test)
    assert [record["name"] for record in records(store, fitted)] == [f"cell {k}" for k in range(1, 6)]
    assert "5 experiments taken into account" in text
    assert "x from 0 to 5" in text
    assert 'data-testid="trials-table"' in text


def test_a_table_that_cannot_be_read_says_where(open_page: Open, store: Store, fitted: str) -> None:
    test = opened(open_page("act", fitted))
    bad = CELLS % b'"x=0,1",much,0.4,,y'
    control(test, "file_uploader", "trial_file_").set_value(("cells.csv", bad, "text/csv")).run()
    text = shown(test)
    assert "is no number" in text.replace("Is", "is")
    assert "cells.csv, line 2" in text
    assert records(store, fitted) == []


def test_what_can_no_longer_be_read_counts_for_nothing(open_page: Open, store: Store, fitted: str) -> None:
    good = {
        "id": "a1", "name": "good", "outcome": "y", "estimate": 0.5, "se": 0.2, "given": None,
        "worlds": [[{"node": "x", "amount": k, "way": "set", "top": 0.0, "where": None}] for k in (0.0, 1.0)],
    }  # fmt: skip
    lost = {**good, "id": "b2", "name": "lost", "worlds": [[{**good["worlds"][0][0], "node": "gone"}], []]}
    set_too = {**good, "id": "c3", "name": "set too", "outcome": "x"}
    broken = {"id": "d4", "name": "broken"}
    store.change_settings(fitted, experiments={"entries": [good, lost, set_too, broken, "nonsense"]})
    test = opened(open_page("act", fitted))
    text = shown(test)
    assert "1 experiment taken into account" in text
    for name in ("lost", "set too", "broken"):
        assert f"<b>{name}</b> is not taken into account" in text
