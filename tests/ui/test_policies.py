"""The Act page: everyone moved from where they are, or only some."""

from __future__ import annotations

import pytest

from core.store import Store
from tests.ui.conftest import Fit, Open, shown
from tests.ui.made_projects import project_of, rivals
from tests.ui.test_act_page import control, opened

NODES = ["x", "m", "y"]


@pytest.fixture
def fitted(store: Store, fit: Fit) -> str:
    token = project_of(store, NODES, *rivals(NODES))
    fit(token)
    return token


def test_everyone_is_moved(open_page: Open, fitted: str) -> None:
    test = opened(open_page("act", fitted), "act_policy")
    assert not test.exception
    assert "Y, if x were 10 % higher than it is" in shown(test)
    control(test, "selectbox", "act_policy_way_0_x").select("by so much").run()
    control(test, "number_input", "act_policy_much_0_x_shift").set_value(-2.0).run()
    assert not test.exception
    assert "Y, if x were 2 lower than it is" in shown(test)
    control(test, "selectbox", "act_policy_way_0_x").select("over a range").run()
    assert not test.exception
    assert "if x were spread over" in shown(test)
    control(test, "selectbox", "act_policy_way_0_x").select("to").run()
    assert not test.exception
    assert "Y, if x were" in shown(test)


def test_two_at_once_and_never_the_same_rows_twice(open_page: Open, fitted: str) -> None:
    test = opened(open_page("act", fitted), "act_policy")
    control(test, "button", "act_policy_more").click().run()
    assert not test.exception
    assert "x is changed twice for the same rows" in shown(test)
    control(test, "selectbox", "act_policy_node_1").select("m").run()
    assert not test.exception
    assert "Y, if x were 10 % higher than it is and m were 10 % higher than it is" in shown(test)
    control(test, "button", "act_policy_less").click().run()
    assert "and m were" not in shown(test)


def test_only_some(open_page: Open, marketing: str, fit: Fit) -> None:
    fit(marketing)
    test = opened(open_page("act", marketing), "act_policy")
    control(test, "selectbox", "act_policy_where_0_ads").select("season: peak").run()
    assert not test.exception
    assert "than it is where season is peak" in shown(test)
    everyone = control(test, "selectbox", "act_policy_where_0_ads")
    assert "everybody" in everyone.options
