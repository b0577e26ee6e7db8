"""Pictures side by side: stretched to their frame, nothing on top of anything, arrows around boxes."""

import pytest

from core.figures.graph import graph_view
from core.figures.graph_page import side_by_side
from core.figures.placing import bend, stretched
from core.hypothesis import Edge, Hypothesis, Node

BOX = (80.0, 34.0)


def test_places_fill_the_frame() -> None:
    found = stretched({"a": (3, 3), "b": (3.1, 3.2)}, {"a": BOX, "b": BOX}, 500, 300)
    assert found["a"] == (0.0, 0.0)
    assert found["b"] == pytest.approx((500 - 80 - 12, 300 - 34 - 12))


def test_boxes_never_overlap() -> None:
    places = {f"n{i}": (float(i % 4), float(i // 4)) for i in range(12)}
    sizes = dict.fromkeys(places, BOX)
    found = stretched(places, sizes, 200, 100)
    names = list(found)
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            apart_x, apart_y = abs(found[a][0] - found[b][0]), abs(found[a][1] - found[b][1])
            assert apart_x >= BOX[0] or apart_y >= BOX[1]


def test_joined_boxes_without_room_for_a_label_step_apart() -> None:
    places = {"a": (0.0, 0.0), "b": (1.0, 0.0), "c": (2.0, 0.0)}
    sizes = dict.fromkeys(places, BOX)
    flat = stretched(places, sizes, 320, 200)
    stepped = stretched(places, sizes, 320, 200, [("a", "b"), ("b", "c")])
    assert len({y for _, y in flat.values()}) == 1
    assert stepped["a"][1] != stepped["b"][1]


def test_an_arrow_bows_away_from_the_box_that_it_would_cross() -> None:
    places = {"a": (0.0, 0.0), "b": (400.0, 0.0), "below": (200.0, 8.0), "above": (200.0, -300.0)}
    sizes = dict.fromkeys(places, BOX)
    assert bend("a", "b", places, sizes) > 17  # to the left of its way: up, away from the box just below
    assert bend("b", "a", places, sizes) < -17
    assert bend("a", "above", places, sizes) == 0.0


def test_one_layout_for_all_whatever_their_arrows() -> None:
    nodes = (Node("a", position=(0, 0)), Node("b", position=(1, 0)), Node("c", position=(2, 1)))
    first = Hypothesis("A", nodes, (Edge("a", "b"),))
    second = Hypothesis("B", nodes, (Edge("a", "b"), Edge("b", "c"), Edge("a", "c")))
    places = {"a": (0.0, 0.0), "b": (1.0, 0.0), "c": (2.0, 1.0)}
    views = [graph_view(h, "#0072B2", places, {}, common={("a", "b")}) for h in (first, second)]
    one, two = side_by_side(views, 340, 300)
    assert one.nodes == two.nodes
    assert [arrow.shared for arrow in two.arrows] == [True, False, False]
