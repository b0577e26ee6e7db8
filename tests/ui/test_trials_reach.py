"""Experiments that were entered on the Act page, where else they count: one row, decisions, the contour, the report."""

from __future__ import annotations

import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.store import Store
from tests.ui.conftest import Fit, Open, shown
from tests.ui.made_projects import project_of, rivals
from tests.ui.test_report_page import framed

NODES = ["x", "m", "y"]
SAID = "Beside the rows, what was found by spring is taken into account."


def entered(estimate: float) -> dict[str, Any]:
    part: dict[str, Any] = {"node": "x", "way": "set", "top": 0.0, "where": None}
    worlds = [[{**part, "amount": 0.0}], [{**part, "amount": 1.0}]]
    one = {
        "id": "1",
        "name": "spring",
        "worlds": worlds,
        "outcome": "y",
        "estimate": estimate,
        "se": 0.01,
        "given": None,
    }
    return {"entries": [one], "removed": [], "at": 0}


@pytest.fixture
def fitted(store: Store, fit: Fit) -> str:
    token = project_of(store, NODES, *rivals(NODES))
    fit(token)
    return token


def opened(test: AppTest, name: str) -> AppTest:
    test.session_state[f"open_{name}"] = True
    test.run()
    assert not test.exception, [e.value for e in test.exception]
    return test


def with_it(store: Store, token: str, estimate: float = 0.9) -> None:
    store.change_settings(token, experiments=entered(estimate))


def imagined(test: AppTest) -> list[str]:
    return re.findall(r'data-testid="imagined">(.*?)</div>', shown(test))


def test_one_row_is_told_with_it_and_without_it(open_page: Open, store: Store, fitted: str) -> None:
    before = imagined(opened(open_page("act", fitted), "act_row"))
    with_it(store, fitted)
    test = opened(open_page("act", fitted), "act_row")
    assert SAID in shown(test)
    assert imagined(test) != before
    next(one for one in test.toggle if one.key == "trials_without").set_value(True).run()
    assert SAID not in shown(test)
    assert imagined(test) == before


def test_a_choice_is_made_with_it(open_page: Open, store: Store, fitted: str) -> None:
    assert SAID not in shown(opened(open_page("act", fitted), "act_choose"))
    with_it(store, fitted)
    assert SAID in shown(opened(open_page("act", fitted), "act_choose"))


def test_the_contour_is_about_the_rows_alone_and_marks_what_was_found(
    open_page: Open, store: Store, fitted: str
) -> None:
    with_it(store, fitted, 0.1)
    test = opened(open_page("act", fitted), "act_overturn")
    text = shown(test)
    assert "Experiments do not enter here: the map is about what your rows alone say." in text
    assert "To say what spring found, an unmeasured cause would have to explain" in text
    assert "what spring found" in str(test.get("plotly_chart")[-1].proto.spec)


def test_the_report_takes_it_in_and_says_so(open_page: Open, store: Store, fitted: str) -> None:
    assert SAID not in framed(open_page("report", fitted))
    with_it(store, fitted)
    assert SAID in framed(open_page("report", fitted))
