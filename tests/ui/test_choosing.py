"""On the Act page: how much should I choose?"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.store import Store
from core.study import deciding
from tests.ui.conftest import Fit, Open, shown
from tests.ui.made_projects import button, project_of, rivals
from tests.ui.test_act_page import control, opened

NODES = ["x", "m", "y"]


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_CHOOSING", "_SCORING", "_CHOOSING_DEAR", "_SCORING_DEAR"):
        monkeypatch.setattr(deciding, name, (60, 10))


@pytest.fixture
def asking(open_page: Open, store: Store, fit: Fit) -> AppTest:
    token = project_of(store, NODES, *rivals(NODES))
    fit(token)
    return opened(open_page("act", token), "act_choose")


def found(test: AppTest) -> AppTest:
    button(test, "choose_find").click().run()
    assert not test.exception
    return test


def charts(test: AppTest) -> int:
    return len(test.get("plotly_chart"))


def test_the_best_what_is_lost_and_the_frontier(asking: AppTest) -> None:
    assert "about 6 s" in button(asking, "choose_find").label
    assert control(asking, "multiselect", "choose_levers_y").value == ["x"]
    before = charts(asking)
    control(asking, "number_input", "choose_cost_x_y").set_value(1.3).run()
    text = shown(found(asking))
    assert control(asking, "text_input", "choose_formula").placeholder == "y - 1.3 * x"
    assert "Best on average: x" in text
    assert "than today" in text
    assert "over the worst 10 % of draws" in text
    assert "Knowing who is right is worth" in text
    assert "Best if A is right" in text
    assert "Best if B is right" in text
    assert "The model has no curve in x" in text
    assert before <= charts(asking) <= before + 1
    labels = [one.label for one in asking.get("download_button")]
    assert labels.count("These numbers as CSV") >= 4


def test_what_changed_since_is_said_and_the_answer_stays(asking: AppTest) -> None:
    found(asking)
    slider = control(asking, "slider", "choose_bounds_x")
    slider.set_value((slider.value[0], slider.value[1] - slider.step)).run()
    control(asking, "slider", "choose_risk").set_value(20).run()
    text = shown(asking)
    assert "what may be chosen, or its bounds and how bad is bad" in text
    assert "What stands here is the answer before that." in text
    assert "Changed since this was found" not in shown(found(asking))
    assert "over the worst 20 % of draws" in shown(asking)


def test_a_wrong_formula_shows_where(asking: AppTest) -> None:
    control(asking, "text_input", "choose_formula").set_value("y - 2 * z").run()
    assert not asking.exception
    assert any("y - 2 * z\n        ^" in one.value for one in asking.code)
    assert not [one for one in asking.button if one.key == "choose_find"]
    control(asking, "text_input", "choose_formula").set_value("y > 0").run()
    control(asking, "text_input", "choose_limits").set_value("x ^ 2 <= 3").run()
    assert "This limit is not linear in the levers." in shown(asking)
    control(asking, "text_input", "choose_limits").set_value("x <= 0.5").run()
    text = shown(found(asking))
    assert "made large: y &gt; 0" in text


def test_what_nobody_can_choose_is_refused_in_words(asking: AppTest) -> None:
    control(asking, "text_input", "choose_limits").set_value("x >= 1000").run()
    text = shown(found(asking))
    assert "No choice meets all bounds and limits." in text
    assert "--" not in text.split("wb-bad")[-1]
    control(asking, "multiselect", "choose_levers_y").unselect("x").run()
    assert "Choose at least one of them." in shown(asking)


def test_two_levers_and_a_budget(asking: AppTest) -> None:
    control(asking, "multiselect", "choose_levers_y").select("m").run()
    control(asking, "number_input", "choose_cost_m_y").set_value(0.5).run()
    control(asking, "number_input", "choose_budget").set_value(0.5).run()
    text = shown(found(asking))
    assert "m 1.00" in text
    assert "If B is right, x changes nothing that counts here." in text
    assert "there is nothing to trade off" in text


def test_stop_ends_it_where_it_next_tells_how_far_it_is(asking: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A press runs the page anew, which Streamlit makes of the next word to the bar: what was found stays."""
    from ui import choosing

    before = shown(found(asking))
    begun: list[bool] = []

    def stopped(*given: object, progress: Callable[[str, float], None], **named: object) -> None:
        progress("looking for better choices", 0.3)
        begun.append("choose_stop" in choosing.st.session_state)
        choosing.st.rerun()

    control(asking, "slider", "choose_risk").set_value(20).run()
    with monkeypatch.context() as patch:
        patch.setattr(choosing, "decide_on", stopped)
        found(asking)
    assert begun == [True], "there is something to press while it works"
    assert not [one for one in asking.button if one.key == "choose_stop"]
    text = shown(asking)
    assert "over the worst 10 % of draws" in text
    assert "Changed since this was found" in text
    assert "over the worst 10 % of draws" in before
    assert "over the worst 20 % of draws" in shown(found(asking)), "nothing half-made was kept"


def test_a_walk_along_the_frontier(asking: AppTest) -> None:
    """What one more costs is about what it brings, so that more of it is nothing but more risk."""
    control(asking, "number_input", "choose_cost_x_y").set_value(1.45).run()
    before = charts(asking)
    text = shown(found(asking))
    assert charts(asking) == before + 1
    walk = next(one for one in asking.select_slider if one.key.startswith("choose_along_"))
    walk.set_value(len(walk.options) - 1).run()
    assert not asking.exception
    assert shown(asking) != text


def test_levels_are_levers_too(open_page: Open, marketing: str, fit: Fit) -> None:
    fit(marketing)
    test = opened(open_page("act", marketing), "act_choose")
    control(test, "multiselect", "choose_levers_sales").select("season").run()
    assert control(test, "number_input", "choose_cost_ads_sales").value == 1.0  # the units of both are the same
    text = shown(found(test))
    assert "season: " in text
    assert "Best on average: ad spend" in text
    assert "<small class=wb-muted>1,000 EUR a week</small>" in text


def test_names_that_need_quotes(open_page: Open, store: Store, fit: Fit) -> None:
    names = ["a <b>b</b>", "m", "y = 2"]
    token = project_of(store, names, *rivals(names))
    fit(token)
    test = opened(open_page("act", token), "act_choose")
    assert control(test, "text_input", "choose_formula").placeholder == "`y = 2`"
    assert "`a <b>b</b>` <= " in control(test, "text_input", "choose_limits").placeholder
    text = shown(found(test))
    assert "Best on average: a &lt;b&gt;b&lt;/b&gt; " in text
    assert "<b>b</b>" not in text


def test_what_was_asked_is_there_again_after_another_page(asking: AppTest) -> None:
    control(asking, "number_input", "choose_cost_x_y").set_value(1.3).run()
    slider = control(asking, "slider", "choose_bounds_x")
    bounds = (slider.value[0], slider.value[1] - slider.step)
    slider.set_value(bounds).run()
    control(asking, "multiselect", "choose_levers_y").select("m").run()
    control(asking, "number_input", "choose_budget").set_value(2.5).run()
    control(asking, "slider", "choose_risk").set_value(20).run()
    control(asking, "text_input", "choose_formula").set_value("y - x").run()
    found(asking)
    token = asking.query_params["p"]
    for page in ("compare", "act"):
        asking.switch_page(f"pages/{page}.py")
        asking.query_params["p"] = token
        asking.run()
        assert not asking.exception
    asking.session_state["open_act_choose"] = True
    asking.run()
    assert control(asking, "number_input", "choose_cost_x_y").value == 1.3
    assert control(asking, "slider", "choose_bounds_x").value == bounds
    assert control(asking, "multiselect", "choose_levers_y").value == ["x", "m"]
    assert control(asking, "number_input", "choose_budget").value == 2.5
    assert control(asking, "slider", "choose_risk").value == 20
    assert control(asking, "text_input", "choose_formula").value == "y - x"
    assert "Changed since this was found" not in shown(asking)


def test_labels_may_be_typed_and_are_what_is_said(open_page: Open, marketing: str, fit: Fit) -> None:
    fit(marketing)
    test = opened(open_page("act", marketing), "act_choose")
    assert "labels may be typed, or names: ad spend = ads." in shown(test)
    control(test, "text_input", "choose_formula").set_value("sales - 2 * ad spend").run()
    control(test, "text_input", "choose_limits").set_value("ad spend <= 7").run()
    text = shown(found(test))
    assert "made large: sales - 2 * ad spend" in text
    assert "no curve in ad spend" in text
    assert "curve in ads" not in text


def test_a_yes_or_no_utility_is_said_as_a_share_of_rows(asking: AppTest) -> None:
    control(asking, "text_input", "choose_formula").set_value("y > 0").run()
    control(asking, "number_input", "choose_budget").set_value(-0.5).run()
    text = shown(found(asking))
    assert re.search(r"in \d+\.\d \[\d+\.\d, \d+\.\d\] % of rows on average", text)
    assert "As it is today is not among the choices: it breaks the budget." in text
