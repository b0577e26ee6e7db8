"""The Report page: what it shows, what it offers, and that it stands without draws and without a fit."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.hypothesis import Hypothesis
from core.store import Store
from core.study import deciding
from core.study.comparing import KEPT
from core.words import number
from tests.ui.conftest import Fit, Open, shown
from tests.ui.made_projects import button, graph, project_of, rivals
from tests.ui.test_downloads import offered, opened, taken
from ui import kept

__all__ = ["offered"]

NODES = ["x", "m", "y"]


@pytest.fixture
def token(store: Store, fit: Fit) -> str:
    made = project_of(store, NODES, *rivals(NODES))
    fit(made)
    return made


def framed(test: AppTest) -> str:
    """Return the report that the page shows."""
    (frame,) = test.get("iframe")
    return str(frame.proto.srcdoc)


def test_the_report_is_shown_and_taken_along(open_page: Open, token: str, offered: dict[str, Any]) -> None:
    test = open_page("report", token)
    page = framed(test)
    assert 'id="assumptions"' in page
    assert "<script" not in page
    assert "data-scheme=" in page.split("<head>")[0]  # in the page's colours
    file = taken(offered["report_html"])
    assert "data-scheme=" not in file.split("<head>")[0]  # in the reader's
    assert re.sub(r' data-scheme="\w+"', "", page) == file
    record = json.loads(taken(offered["report_json"]))
    assert record["format"] == "whyboard-comparison/1"
    assert [one["name"] for one in record["hypotheses"]] == ["A", "B"]


def test_each_hypothesis_is_offered_as_files(open_page: Open, token: str, offered: dict[str, Any]) -> None:
    opened(open_page("report", token), "report_each")
    for letter in ("A", "B"):
        assert "pm.sample(" in taken(offered[f"report_script_{letter}"])
        assert json.loads(taken(offered[f"report_notebook_{letter}"]))["nbformat"] == 4
        assert Hypothesis.from_dict(json.loads(taken(offered[f"report_graph_{letter}"]))).graph.nodes
        assert "<html" in taken(offered[f"report_picture_{letter}"])


def test_the_paragraph_is_there_to_copy(open_page: Open, token: str) -> None:
    test = opened(open_page("report", token), "report_paper")
    (code,) = [found.value for found in test.code if "We held" in found.value]
    assert "rival causal hypotheses" in code
    assert code.split(" (")[0] in framed(test)


def test_without_draws_it_says_so(open_page: Open, token: str) -> None:
    KEPT.clear()
    kept.clear()
    test = open_page("report", token)
    assert "The report leaves out what follows from an action" in shown(test)
    assert 'id="follows"' in framed(test)


def test_without_a_fit_it_says_what_comes_first(open_page: Open, store: Store, fit: Fit) -> None:
    test = open_page("report", project_of(store, NODES, *rivals(NODES)))
    assert not test.get("iframe")
    assert "First fit your hypotheses" in shown(test)


def test_a_name_that_is_markup_stays_text(open_page: Open, store: Store, fit: Fit) -> None:
    odd = "<script>alert(1)</script>"
    made = project_of(store, NODES, graph(odd, ("x", "m"), ("m", "y")), *rivals(NODES)[:1])
    fit(made)
    page = framed(open_page("report", made))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_what_was_found_on_the_act_page_stands_in_the_report(
    open_page: Open, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_CHOOSING", "_SCORING", "_CHOOSING_DEAR", "_SCORING_DEAR"):
        monkeypatch.setattr(deciding, name, (60, 10))
    act = opened(open_page("act", token), "act_choose")
    button(act, "choose_find").click().run()
    test = open_page("report", token)
    assert 'id="choose"' not in framed(test)
    assert "Once you have found how much to choose" in shown(test)
    test.session_state[f"chosen_{token}"] = act.session_state[f"chosen_{token}"]
    test.run()
    page = framed(test)
    assert 'id="choose"' in page
    assert "Best on average:" in page
    assert "Once you have found how much to choose" not in shown(test)


def test_the_report_moves_what_the_act_page_moves(open_page: Open, token: str) -> None:
    act = open_page("act", token)
    low, high = next(one.value for one in act.slider if (one.key or "").startswith("act_slider_"))
    assert f"were {number(high)} instead of {number(low)}" in framed(open_page("report", token))
