"""Rows that depend on one another on Compare and Check: what is said, a button each way out, and its undo."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.store import Store
from tests.ui.conftest import Fit, Open, shown
from tests.ui.made_projects import button, graph
from ui import session

NAMES = ["x", "y", "z"]
NOT_DRAWN = "school"


def schools(rng: np.random.Generator) -> pd.DataFrame:
    group = np.repeat(np.arange(20), 15)
    noise = {name: 0.8 * rng.normal(size=20)[group] + 0.6 * rng.normal(size=300) for name in NAMES}
    x = noise["x"]
    frame = pd.DataFrame({"x": x, "y": 0.8 * x + noise["y"], "z": 0.8 * x + noise["z"]}).round(4)
    return frame.assign(school=[f"No. {one}" for one in group]).iloc[rng.permutation(300)]


def series(rng: np.random.Generator) -> pd.DataFrame:
    noise = {name: np.zeros(200) for name in NAMES}
    for values in noise.values():
        for row in range(1, 200):
            values[row] = 0.8 * values[row - 1] + rng.normal()
    frame = pd.DataFrame(noise).round(4)
    return frame.assign(day=pd.date_range("2024-01-01", periods=200).strftime("%Y-%m-%d"))


@pytest.fixture
def fitted(store: Store, fit: Fit) -> Mapping[str, str]:
    """Return a project of rows in schools, and one of a series, both fitted."""
    found = {}
    for name, make in (("schools", schools), ("series", series)):
        made = session.new_project("Test", "Does it?", exposure="x", outcome="y")
        content = make(np.random.default_rng(3)).to_csv(index=False).encode()
        store.save_upload(made.token, "table.csv", content)
        for hypothesis in (graph("Fork", ("x", "y"), ("x", "z")), graph("Chain", *pairwise(NAMES))):
            store.add_hypothesis(made.token, hypothesis.to_dict())
        fit(made.token)
        found[name] = made.token
    return found


def verdict(test: Any) -> str:
    return next(part for part in shown(test).split("\n") if 'data-testid="verdict"' in part)


def rows_of(store: Store, token: str) -> object:
    return store.project(token).settings.get("rows")


def test_groups_that_nobody_drew_are_taken_as_groups_at_a_press_and_back(
    store: Store, open_page: Open, fitted: Mapping[str, str]
) -> None:
    token = fitted["schools"]
    test = open_page("compare", token)
    assert "No verdict: rows of one school resemble each other" in verdict(test)
    fits = len(store.requests(token))
    assert button(test, "rows_0").label == "Treat rows of one school as a group"
    button(test, "rows_0").click().run()
    assert rows_of(store, token) == "group:school"
    assert "No verdict" not in verdict(test)
    assert "Rows of one school are taken as a group, as you say" in verdict(test)
    assert len(store.requests(token)) == fits + 1
    assert store.requests(token)[0].payload["keys"] == store.requests(token)[1].payload["keys"]  # no block anew
    button(test, "rows_undo").click().run()
    assert rows_of(store, token) is None
    assert "No verdict: rows of one school" in verdict(test)


def test_one_row_of_each_group_is_kept_and_all_is_fitted_anew_at_a_press_and_back(
    store: Store, open_page: Open, fitted: Mapping[str, str]
) -> None:
    token = fitted["schools"]
    test = open_page("compare", token)
    assert button(test, "rows_1").label == "Keep one row of each school"
    button(test, "rows_1").click().run()
    assert rows_of(store, token) == "one:school"
    assert "No verdict" not in verdict(test)
    assert "you keep one row of each school, drawn at random: 20 of 300 rows" in shown(test).lower()
    latest, before = store.requests(token)[:2]
    assert latest.state == "done"
    assert latest.payload["keys"] != before.payload["keys"]
    button(test, "rows_undo").click().run()
    assert rows_of(store, token) is None
    assert "No verdict: rows of one school" in verdict(test)


def test_a_series_is_taken_in_the_order_of_its_date_or_shuffled(
    store: Store, open_page: Open, fitted: Mapping[str, str]
) -> None:
    token = fitted["series"]
    test = open_page("compare", token)
    assert "No verdict: the column day is a date" in verdict(test)
    labels = [found.label for found in test.button if str(found.key).startswith("rows_")]
    assert labels == ["Take them in the order of day", "The order means nothing: shuffle"]
    button(test, "rows_0").click().run()
    assert rows_of(store, token) == "time:day"
    assert "Rows are taken in the order of day, as you say: 200 rows say about as much as " in verdict(test)
    button(test, "rows_undo").click().run()
    button(test, "rows_1").click().run()
    assert rows_of(store, token) == "none"
    assert "resemble" not in verdict(test)
    assert "you say that the rows may be taken in any order" in shown(test).lower()


def test_check_says_it_too(store: Store, open_page: Open, fitted: Mapping[str, str]) -> None:
    test = open_page("check", fitted["schools"])
    assert 'data-testid="rows">No verdict: rows of one school resemble each other' in shown(test)
    button(test, "rows_0").click().run()
    assert 'data-testid="rows">Rows of one school are taken as a group' in shown(test)


def test_a_column_that_is_gone_is_forgotten(store: Store, open_page: Open, fitted: Mapping[str, str]) -> None:
    token = fitted["schools"]
    store.change_settings(token, rows="group:gone")
    assert "No verdict: rows of one school" in verdict(open_page("compare", token))
