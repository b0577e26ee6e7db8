"""The Act page: what is asked, what follows under each hypothesis, and what stands below it."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.store import Store
from tests.ui.conftest import Fit, Open, shown
from tests.ui.made_projects import project_of, rivals
from ui import session

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
    return next(found for found in getattr(test, kind) if found.key == key)


def test_without_a_fit_it_says_what_will_be_here(open_page: Open, store: Store) -> None:
    text = shown(open_page("act", session.new_project("Empty").token))
    assert "what each hypothesis says follows" in text
    assert "First" in text


def test_what_follows_stands_beside_how_it_can_be_known(open_page: Open, fitted: str) -> None:
    test = open_page("act", fitted)
    text = shown(test)
    assert "Y, if x were" in text
    assert "can be known from what is observed as it is, with nothing to adjust for" in text
    assert "Do not condition on m: it lies on the way from x to y." in text
    assert "Where the doubt comes from" in text
    assert len(test.get("plotly_chart")) == 2  # the answers, and the curve


def test_moving_the_slider_moves_the_answer(open_page: Open, fitted: str) -> None:
    test = open_page("act", fitted)
    before = [str(chart.proto.spec) for chart in test.get("plotly_chart")]
    slider = control(test, "slider", "act_slider_x")
    low, high = slider.value
    slider.set_value((low, high + 2 * slider.step)).run()
    after = [str(chart.proto.spec) for chart in test.get("plotly_chart")]
    assert not test.exception
    assert before[0] != after[0]
    assert f"{high + 2 * slider.step:.6g} instead of {low:.6g}" in shown(test)


def test_another_lever_another_outcome_and_what_is_held(open_page: Open, fitted: str) -> None:
    test = open_page("act", fitted)
    control(test, "selectbox", "act_node").select("m").run()
    assert "Y, if m were" in shown(test)
    control(test, "multiselect", "act_others").select("x").run()
    assert control(test, "slider", "act_hold_x").value is not None
    control(test, "selectbox", "act_outcome").select("x").run()
    assert not test.exception
    assert "There is no effect of m on x" in shown(test)


def test_levels_are_chosen_and_whom_it_is_for(open_page: Open, shop: str) -> None:
    test = open_page("act", shop)
    assert "Adjust for season: it acts on both ad spend and sales." in shown(test)
    whom = control(test, "selectbox", "act_given")
    assert "season: peak" in whom.options
    whom.select("season: peak").run()
    assert not test.exception
    control(test, "selectbox", "act_given").select("everybody").run()
    control(test, "selectbox", "act_node").select("season").run()
    assert not test.exception
    assert "Sales, if season were" in shown(test)
    assert control(test, "selectbox", "act_from_season").value != control(test, "selectbox", "act_to_season").value


def opened(test: AppTest, key: str) -> AppTest:
    """Open a section: what is in it is made then."""
    test.session_state[f"open_{key}"] = True
    return test.run()


def test_one_row_is_answered_in_sentences(open_page: Open, fitted: str) -> None:
    test = opened(open_page("act", fitted), "act_row")
    assert not test.exception
    control(test, "number_input", "act_row_number").set_value(3).run()
    assert "In row 3, had x been" in shown(test)
    next(found for found in test.slider if found.key.startswith("act_row_value_x")).set_value(1.0).run()
    assert "had x been 1.00" in shown(test)


def test_plain_estimates_say_why_they_differ(open_page: Open, fitted: str) -> None:
    text = shown(opened(open_page("act", fitted), "act_naive"))
    assert "A regression on everything" in text
    assert "holds m fixed, which lies on the way from x to y" in text.replace("It holds", "holds")


def test_what_would_overturn_it_is_a_map_for_each(open_page: Open, fitted: str) -> None:
    test = opened(open_page("act", fitted), "act_overturn")
    assert not test.exception
    assert "An unmeasured cause of both would have to explain" in shown(test)
    assert len(test.get("plotly_chart")) == 3


def test_numbers_can_be_taken_along(open_page: Open, fitted: str) -> None:
    test = open_page("act", fitted)
    assert [found.label for found in test.get("download_button")] == ["These numbers as CSV"] * 2


def test_where_the_doubt_comes_from_is_relative_and_says_what_shrinks_it(open_page: Open, fitted: str) -> None:
    test = opened(open_page("act", fitted), "act_next")
    assert not test.exception
    text = shown(test)
    assert "The difference (± a standard deviation)" in text
    assert "is chance" in text
    assert "doubt is in unknown strengths" in text
    assert "Only a cause that is not in the graphs yet could." in text
    assert "make up" in text or "makes up" in text


def test_the_doubt_of_each_group_stands_on_one_scale(open_page: Open, shop: str) -> None:
    test = opened(open_page("act", shop), "act_doubt_groups")
    assert not test.exception
    assert "The difference is as doubtful in every group by season" in shown(test) or "peak" in shown(test)
    control(test, "selectbox", "act_given").select("season: peak").run()
    assert not test.exception  # for one group nothing is parted by groups
