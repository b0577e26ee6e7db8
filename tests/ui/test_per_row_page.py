"""The Act page: a sentence a hypothesis, and whether it is the same for everyone."""

from __future__ import annotations

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from core.store import Store
from tests.ui.conftest import Fit, Open, shown
from tests.ui.made_projects import graph, project_of, rivals
from ui import session

NODES = ["x", "m", "y"]


def opened(test: AppTest) -> AppTest:
    """Open the section: what is in it is made then."""
    test.session_state["open_act_per_row"] = True
    return test.run()


def bending(store: Store) -> str:
    """A project whose outcome is a yes or no that two columns act on."""
    rng = np.random.default_rng(3)
    x, z = rng.normal(size=(2, 200))
    buys = np.where(rng.random(200) < 1 / (1 + np.exp(-(x + 1.5 * z))), "yes", "no")
    made = session.new_project("Test", "Does it?", exposure="x", outcome="buys")
    text = pd.DataFrame({"x": x, "z": z, "buys": buys}).round(4).to_csv(index=False).encode()
    store.save_upload(made.token, "table.csv", text)
    for hypothesis in (graph("Both", ("x", "buys"), ("z", "buys")), graph("Turned", ("buys", "x"), ("z", "buys"))):
        store.add_hypothesis(made.token, hypothesis.to_dict())
    return made.token


def test_each_hypothesis_says_it_in_a_sentence(open_page: Open, store: Store, fit: Fit) -> None:
    token = project_of(store, NODES, *rivals(NODES))
    fit(token)
    text = shown(open_page("act", token))
    assert "more y, of which" in text
    assert "directly" in text
    assert "more y, all of it through others." in text
    assert "All, by their probabilities:" in text


def test_straight_lines_do_the_same_to_everyone(open_page: Open, store: Store, fit: Fit) -> None:
    token = project_of(store, NODES, *rivals(NODES))
    fit(token)
    test = open_page("act", token)
    assert "every arrow on the way is a straight line" not in shown(test)
    test = opened(test)
    assert not test.exception
    assert "The same for every row: every arrow on the way is a straight line." in shown(test)
    assert len(test.get("plotly_chart")) == 2


def test_rows_and_groups_are_drawn_where_they_differ(open_page: Open, store: Store, fit: Fit) -> None:
    token = bending(store)
    fit(token)
    test = opened(open_page("act", token))
    assert not test.exception
    text = shown(test)
    assert "more in 100 whose buys is yes" in text
    assert "It differs most with z" in text
    assert "Nothing happens to any row: no path leads there." in text
    assert len(test.get("plotly_chart")) == 4
    assert len(test.get("download_button")) == 4  # offer_act_per_row and offer_act_groups beside the two of the page
