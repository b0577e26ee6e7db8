"""The Act page's section on the ways of an effect: on one axis, in the graphs, in sentences."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from core.store import Store
from tests.ui.conftest import Fit, Open, shown
from tests.ui.made_projects import graph, project_of, rivals
from ui import doors, session

NODES = ["x", "m", "n", "y"]


def opened(test: AppTest) -> AppTest:
    """Open the section: what is in it is made then."""
    test.session_state["open_act_ways"] = True
    return test.run()


def control(test: AppTest, kind: str, key: str) -> Any:
    return next(found for found in getattr(test, kind) if found.key == key)


def drawn(test: AppTest) -> list[dict[str, Any]]:
    """Return what the pictures get."""
    for element in test.get("bidi_component"):
        data = json.loads(element.proto.json)
        if "pictures" in data:
            return list(data["pictures"])
    return []


def labels(picture: dict[str, Any]) -> list[str]:
    return [mark["label"] for mark in picture["overlay"]["edges"]]


def test_nothing_is_made_before_it_is_opened(open_page: Open, store: Store, fit: Fit) -> None:
    token = project_of(store, ["x", "m", "y"], *rivals(["x", "m", "y"]))
    fit(token)
    test = open_page("act", token)
    assert len(test.get("plotly_chart")) == 2
    assert "come by way of" not in shown(test)


def test_parts_stand_on_one_axis_in_the_graphs_and_in_sentences(open_page: Open, store: Store, fit: Fit) -> None:
    token = project_of(store, ["x", "m", "y"], *rivals(["x", "m", "y"]))
    fit(token)
    test = opened(open_page("act", token))
    assert not test.exception
    text = shown(test)
    assert "more y, " in text
    assert "come by way of m, " in text
    assert "all comes by way of m." in text  # B has no direct arrow
    assert " % of it comes through others if A is right and all if B is" in text
    assert len(test.get("plotly_chart")) == 3
    spec = str([chart.proto.spec for chart in test.get("plotly_chart")])
    assert "no such way" in spec
    assert "in all" in spec
    both, through = drawn(test)
    shares = [int(label.removesuffix(" %")) for label in labels(both)]
    assert shares[0] == shares[1]  # along x -> m, and on along m -> y
    assert shares[0] + shares[2] in (99, 100, 101)
    assert labels(through) == ["100 %", "100 %"]
    assert "offer_act_ways" in [button.key for button in test.get("download_button")]


def test_what_divides_and_what_counts_as_on_the_way(open_page: Open, store: Store, fit: Fit) -> None:
    several = graph("Several", ("x", "m"), ("m", "n"), ("m", "y"), ("n", "y"), ("x", "y"))
    none = graph("None", ("y", "x"), ("x", "m"), ("m", "n"))
    token = project_of(store, NODES, several, none)
    fit(token)
    test = opened(open_page("act", token))
    text = shown(test)
    assert "From m several arrows lead on: how what comes there divides, no data could tell." in text
    assert "No path leads from x to y." in text
    first, second = drawn(test)
    assert [label.startswith("part of ") for label in labels(first)] == [False, True, True, True, False]
    assert set(labels(second)) == {""}  # it keeps its place
    control(test, "multiselect", "act_ways_through").select("n").run()
    assert not test.exception
    assert "This split rests on how m under one value is tied to m under the other" in shown(test)


def test_levels_and_what_is_held_beside(open_page: Open, store: Store, fit: Fit) -> None:
    rng = np.random.default_rng(1)
    x, kind = rng.normal(size=200), rng.choice(["a", "b", "c"], 200)
    m = x + rng.normal(size=200)
    late = np.where(m + x + rng.normal(size=200) > 0, "yes", "no")
    size = np.array(["low", "mid", "high"])[(m[:, None] + rng.normal(size=(200, 1)) > [-1, 1]).sum(axis=1)]
    token = session.new_project("Test", exposure="x", outcome="late").token
    table = pd.DataFrame({"x": x, "kind": kind, "m": m, "late": late, "size": size})
    store.save_upload(token, "table.csv", table.to_csv(index=False).encode())
    edges = [("x", "m"), ("m", "late"), ("x", "late"), ("kind", "m"), ("x", "size"), ("m", "size")]
    store.add_hypothesis(token, graph("A", *edges).to_dict())
    fit(token)
    test = opened(open_page("act", token))
    assert "in 100 whose late is yes, " in shown(test)
    control(test, "multiselect", "act_others").select("kind").run()
    assert "Here kind is not held: ways are those of x alone." in shown(test)
    control(test, "selectbox", "act_outcome").select("size").run()
    assert not test.exception
    control(test, "selectbox", "act_ways_level").select("low").run()
    assert not test.exception
    assert "chance that size is low" in str([chart.proto.spec for chart in test.get("plotly_chart")])


def test_the_coaching_sample_finds_what_made_it(open_page: Open, fit: Fit) -> None:
    token = doors.open_sample(doors.samples()["mediation"]).token
    fit(token)
    test = opened(open_page("act", token))
    assert not test.exception
    text = shown(test)
    assert "come by way of confidence" in text
    assert "all comes by way of confidence" in text
    assert "all comes directly" in text
    first = drawn(test)[0]
    assert 38 <= int(labels(first)[0].removesuffix(" %")) <= 53  # its card: 0.75 of 1.65
