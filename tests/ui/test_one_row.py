"""This one row on the Act page: its values, at first another value than its own, groups, and somebody new."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.store import Store
from tests.ui.conftest import Fit, Open, shown
from tests.ui.made_projects import graph
from ui import session

QUIT = ("kept smoking", "quit")


def table() -> pd.DataFrame:
    rows = range(120)
    quit_ = [QUIT[(7 * i // 3) % 2] for i in rows]
    age = [30 + (13 * i) % 37 for i in rows]
    weight = [
        70 + 0.1 * a + 3 * (q == "quit") + ((17 * i) % 23 - 11) / 4 for i, a, q in zip(rows, age, quit_, strict=True)
    ]
    names = [f"P-{1000 + i}" for i in rows]
    return pd.DataFrame({"patient_id": names, "age": age, "quit": quit_, "weight": weight})


@pytest.fixture
def smokers(store: Store, fit: Fit) -> str:
    made = session.new_project("Smoking", "Does it?", exposure="quit", outcome="weight")
    store.save_upload(made.token, "table.csv", table().to_csv(index=False).encode())
    store.add_hypothesis(made.token, graph("A", ("quit", "weight"), ("age", "weight"), ("age", "quit")).to_dict())
    fit(made.token)
    return made.token


@pytest.fixture
def page(open_page: Open, smokers: str) -> AppTest:
    test = open_page("act", smokers)
    test.session_state["open_act_row"] = True
    test.run()
    assert not test.exception, [e.value for e in test.exception]
    return test


def control(test: AppTest, kind: str, start: str) -> Any:
    return next(found for found in getattr(test, kind) if (found.key or "").startswith(start))


def about(test: AppTest, whom: str) -> AppTest:
    next(one for one in test.get("button_group") if one.key == "act_row_who").set_value(whom)
    test.run()
    assert not test.exception, [e.value for e in test.exception]
    return test


def test_a_row_is_shown_with_its_values_and_asked_about_the_other_level(page: AppTest) -> None:
    text = shown(page)
    row = re.search(r'data-testid="one-row">(.*?)</div>', text)
    assert row
    for word in ("Row 1", "P-1000", "age", "kept smoking"):
        assert word in row[1]
    for number in (1, 2, 3, 4):
        control(page, "number_input", "act_row_number").set_value(number).run()
        was = table()["quit"][number - 1]
        assert control(page, "selectbox", "act_row_level").value == QUIT[1 - QUIT.index(was)]
        assert "as it was, if" not in shown(page)


def test_a_row_is_found_by_what_identifies_it(page: AppTest) -> None:
    control(page, "text_input", "act_row_find").set_value("P-1016").run()
    assert "In row 17, had quit been" in shown(page)
    control(page, "text_input", "act_row_find").set_value("P-9").run()
    assert "No row has patient_id = P-9: row 1 is shown." in shown(page)


def test_what_the_interval_is_stands_below_the_answer(page: AppTest) -> None:
    assert "The interval is what is unknown about the average strengths (90 %). It supposes that what is set moves " \
        "weight in every such row by the same amount (straight lines)" in shown(page)  # fmt: skip


def test_a_group_is_all_rows_with_a_level(page: AppTest) -> None:
    test = about(page, "a group")
    count = int((table()["quit"] == "kept smoking").sum())
    assert f"In {count} rows with quit = kept smoking, had quit been quit, weight would have been" in shown(test)
    control(test, "selectbox", "act_row_at_quit").select("quit").run()
    assert "had quit been kept smoking, weight would have been" in shown(test)


def test_somebody_new_is_a_forecast_at_both_values(page: AppTest) -> None:
    test = about(page, "somebody new")
    text = shown(test)
    assert "With quit kept smoking, weight is" in text
    assert "With quit quit, weight is" in text
    assert "This is a forecast, not what would have happened" in text
    before = re.findall(r"weight is (\d+\.\d)", text)
    control(test, "number_input", "act_new_age").set_value(60).run()
    assert re.findall(r"weight is (\d+\.\d)", shown(test)) != before
    control(test, "number_input", "act_new_age").set_value(95).run()
    assert "hardly anybody was seen at age 95" in shown(test).lower()
