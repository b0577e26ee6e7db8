"""Paths between exposure and outcome on the Draw page: what goes to the canvas, and what stands beside it."""

from __future__ import annotations

import json
import re
from typing import Any

from streamlit.testing.v1 import AppTest

from core.hypothesis import Edge, Hypothesis, Node
from core.store import Store
from tests.ui.conftest import Open, shown
from tests.ui.made_projects import project_of
from ui import knowing


def paths(test: AppTest) -> dict[str, Any] | None:
    """Return what the canvas is told about paths."""
    (canvas,) = test.get("bidi_component")
    found: dict[str, Any] | None = json.loads(canvas.proto.json)["overlay"]["paths"]
    return found


def ways(test: AppTest) -> dict[str, str]:
    told = paths(test)
    assert told is not None
    return {f"{e['source']}{'~' if e['arc'] else '>'}{e['target']}": e["way"] for e in told["edges"]}


def acts(test: AppTest) -> dict[str, tuple[str, str]]:
    told = paths(test)
    assert told is not None
    return {one["name"]: (one["act"], one["words"]) for one in told["nodes"]}


def said(test: AppTest, place: str) -> str:
    """Return the words of one part of the panel."""
    (found,) = re.findall(rf'data-testid="{place}">(.*?)</div>', shown(test))
    return re.sub("<.*?>", " ", found)


def hypothesis(*arrows: str, arcs: str = "", **other: Any) -> Hypothesis:
    """Return a graph over single letters, ``"xy"`` for x -> y, that asks about x and y."""
    names = dict.fromkeys("".join(("xy", *arrows, arcs)))
    latent = other.pop("latent", "")
    return Hypothesis(
        "A",
        tuple(Node(name, latent=name in latent) for name in names),
        tuple(Edge(a, b) for a, b in arrows),
        tuple((a, b) for a, b in arcs.split()) if arcs else (),
        exposure="x",
        outcome="y",
        **other,
    )


def opened(open_page: Open, store: Store, drawn: Hypothesis) -> AppTest:
    return open_page("draw", project_of(store, ["x", "y", "z"], drawn))


def test_the_sample_says_what_to_adjust_for_and_what_not(open_page: Open, marketing: str) -> None:
    test = open_page("draw", marketing)
    assert ways(test) == {
        "season>ads": "biasing",
        "season>visits": "biasing",
        "season>sales": "biasing",
        "ads>visits": "causal",
        "visits>sales": "both",
        "price>sales": "",
    }
    assert acts(test) == {"season": ("adjust", "adjust for"), "visits": ("avoid", "do not condition")}
    known = said(test, "known")
    assert "can be known from what is observed: adjust for season." in known
    assert "Do not condition on web visits: it lies on the way from ad spend to sales." in known
    assert "2 biasing paths are open" in said(test, "open")


def test_what_is_held_fixed_opens_and_closes_paths_and_stays(open_page: Open, marketing: str, store: Store) -> None:
    test = open_page("draw", marketing)
    field = f"hold_{store.hypotheses(marketing)[0].id}"
    test.multiselect(key=field).set_value(["season"]).run()
    assert "With season held fixed, no biasing path is open: what is left is the effect." in said(test, "open")
    assert ways(test)["season>ads"] == "blocked"
    assert acts(test)["season"] == ("adjust", "held fixed")
    test.multiselect(key=field).set_value(["visits"]).run()
    assert ways(test)["ads>visits"] == "biasing"  # into the collider that is held
    assert acts(test)["visits"] == ("avoid", "held fixed, better not")
    assert "2 biasing paths are open and 1 causal path is closed" in said(test, "open")
    captions = next(radio for radio in test.radio if radio.label == "Show on the canvas").proto.captions
    assert any("web visits or what follows is held fixed" in words for words in captions)
    test.switch_page("pages/data.py").run()
    test.switch_page("pages/draw.py").run()
    assert test.multiselect(key=field).value == ["visits"]


def test_one_path_can_be_shown_alone_until_it_is_gone(open_page: Open, marketing: str, store: Store) -> None:
    test = open_page("draw", marketing)
    id = store.hypotheses(marketing)[0].id
    test.radio(key=f"path_{id}").set_value("ad spend ← season → sales").run()
    told = paths(test)
    assert told is not None
    assert {(e["source"], e["target"]) for e in told["edges"] if e["picked"]} == {
        ("season", "ads"),
        ("season", "sales"),
    }
    test.text_area(key=f"text_{id}").set_value("dag { ads [exposure] sales [outcome] ads -> visits visits -> sales }")
    test.button(key=f"text_apply_{id}").click().run()
    assert not test.exception
    assert test.radio(key=f"path_{id}").value == ""
    told = paths(test)
    assert told is not None
    assert not any(e["picked"] for e in told["edges"])
    assert ways(test) == {"ads>visits": "causal", "visits>sales": "causal"}


def test_without_a_question_the_page_says_what_to_mark(open_page: Open, store: Store) -> None:
    drawn = Hypothesis("A", (Node("x"), Node("z")), (Edge("x", "z"),))
    test = opened(open_page, store, drawn)
    assert paths(test) is None
    assert "Mark an exposure (E) and an outcome (O)" in said(test, "known")
    assert not test.multiselect


def test_what_is_not_measured_cannot_be_asked_about(open_page: Open, store: Store) -> None:
    test = opened(open_page, store, hypothesis("xz", "zy", latent="y"))
    assert paths(test) is None
    assert "is not measured" in said(test, "known")


def test_arcs_and_latents_bias_and_the_ways_out_are_said(open_page: Open, store: Store) -> None:
    test = opened(open_page, store, hypothesis("xy", "ux", "uy", arcs="xy", latent="u"))
    assert ways(test) == {"x>y": "causal", "u>x": "biasing", "u>y": "biasing", "x~y": "biasing"}
    assert acts(test) == {"u": ("measure", "needs measuring")}
    known = said(test, "known")
    assert "(not identified)" in known
    assert "It could be known if nothing unmeasured acted on both x and y and u was measured." in known


def test_what_is_background_may_be_related_in_any_way(open_page: Open, store: Store) -> None:
    test = opened(open_page, store, hypothesis("xy", "ax", "by", background=("a", "b")))
    assert ways(test) == {"x>y": "causal", "a>x": "biasing", "b>y": "biasing"}  # by way of any arrow between a and b
    assert [act for act, _ in acts(test).values()] == ["adjust"]


def test_no_effect_is_said_and_nothing_is_advised(open_page: Open, store: Store) -> None:
    test = opened(open_page, store, hypothesis("zx", "zy"))
    assert "There is no effect of x on y" in said(test, "known")
    assert acts(test) == {}
    assert ways(test) == {"z>x": "biasing", "z>y": "biasing"}
    assert "Hold z fixed, and nothing should be left to see." in said(test, "open")
    test.multiselect[0].set_value(["z"]).run()
    assert "there is no effect, and none is seen" in said(test, "open")


def test_what_takes_part_of_the_effect_away_is_told_from_what_closes_a_path(open_page: Open, store: Store) -> None:
    test = opened(open_page, store, hypothesis("xm", "my", "mp"))
    test.multiselect[0].set_value(["p"]).run()
    assert "part of the effect is taken away" in said(test, "open")


def test_ways_out_are_quick_however_many_unmeasured_causes_there_are() -> None:
    names = [f"u{number}" for number in range(30)]
    arrows = (Edge("x", "y"), *(Edge(name, end) for name in names for end in "xy"))
    nodes = (Node("x"), Node("y"), *(Node(name, latent=True) for name in names))
    found = knowing.found_for(Hypothesis("A", nodes, arrows), "x", "y", {node.name: node.name for node in nodes})
    assert not any(text.startswith("It could be known") for text in knowing.said_of(found))
