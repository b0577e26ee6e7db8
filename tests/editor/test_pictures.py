"""What goes to the browser for pictures beside each other."""

from __future__ import annotations

import json

from core.figures.graph import ArrowView, GraphView, NodeView
from ui.editor import NodeMark, Picture
from ui.editor.pictures import board

NASTY = "<img src=x onerror=alert(1)>"


def picture(letter: str, **changes: object) -> Picture:
    nodes = (NodeView("ads", "ad spend", 0, 0, role="exposure"), NodeView(NASTY, NASTY, 0, 0, latent=True))
    arrows = (ArrowView("ads", NASTY, "+1", "in full", 0.5, shared=True),)
    view = GraphView(letter, "#0072B2", nodes, arrows, (("ads", NASTY),), (("ads", NASTY, "+0.3 left over"),), 4)
    return Picture(letter, f"name of {letter}", view, **changes)  # type: ignore[arg-type]


def test_what_does_not_depend_on_the_hypothesis_is_sent_once() -> None:
    one, three = board([picture("A")], {}), board([picture(letter) for letter in "ABC"], {})
    assert one["nodes"] == three["nodes"]
    assert json.dumps(three).count('ad spend"') == 1  # beside the words about the contradicted pair
    assert len({json.dumps(one["graph"], sort_keys=True) for one in three["pictures"]}) == 1


def test_names_become_numbers_whatever_they_are() -> None:
    sent = board([picture("A", marks=(NodeMark("ads", "spread"), NodeMark("gone", "x")))], {"ads": (3.0, 4.0)})
    assert sent["nodes"] == [
        {"id": "n0", "name": "ads", "title": "ad spend", "at": [3.0, 4.0]},
        {"id": "n1", "name": NASTY, "title": NASTY, "at": None},
    ]
    (one,) = sent["pictures"]
    assert one["graph"]["exposure"] == "n0"
    assert one["graph"]["outcome"] is None
    assert one["graph"]["latent"] == ["n1"]
    assert [(e["source"], e["target"], e["bidirected"]) for e in one["graph"]["edges"]] == [
        ("n0", "n1", False),
        ("n0", "n1", True),
    ]
    (edge,) = one["overlay"]["edges"]
    assert (edge["source"], edge["target"], edge["width"], edge["shared"]) == ("n0", "n1", 4.2, True)
    assert [mark["name"] for mark in one["overlay"]["nodes"]] == ["n0"]
    (pair,) = one["overlay"]["pairs"]
    assert (pair["a"], pair["b"], pair["label"]) == ("n0", "n1", "+0.3 left over")


def test_a_curve_and_a_group_go_along_by_number() -> None:
    nodes = (NodeView("ads", "ad spend", 0, 0), NodeView("sales", "sales", 0, 0, group="town"))
    spark = ((0.0, 0.0), (0.5, 0.9), (1.0, 1.0))
    view = GraphView("A", "#0072B2", nodes, (ArrowView("ads", "sales", "bends", spark=spark),))
    (one,) = board([Picture("A", "a", view)], {})["pictures"]
    assert one["overlay"]["tags"] == [{"name": "n1", "words": "by town"}]
    (edge,) = json.loads(json.dumps(one["overlay"]["edges"]))
    assert (edge["label"], edge["spark"], edge["width"]) == ("bends", [[0.0, 0.0], [0.5, 0.9], [1.0, 1.0]], None)
