"""The read-only picture of a hypothesis: self-contained, safe, and true to the facts."""

import json
import re
from typing import Any

import pytest

from core.figures.compared import places_of
from core.figures.graph import MOST_RED, ArrowView, GraphView, NodeView, graph_view, shared_positions
from core.figures.graph_page import _arrow_options, graph_page
from core.figures.theme import ink
from core.fit.arrows import EdgeSummary
from core.hypothesis import Edge, Hypothesis, Node

NASTY = 'x href=<img src=x onerror="document.title=1">'


def hypothesis(outcome: str = "sales") -> Hypothesis:
    return Hypothesis(
        "B",
        nodes=(Node("ads", position=(0, 0)), Node("visits"), Node(outcome), Node("mood", latent=True)),
        edges=(Edge("ads", "visits"), Edge("visits", outcome), Edge("mood", outcome)),
        bidirected=(("ads", outcome),),
        exposure="ads",
        outcome=outcome,
    )


def facts(outcome: str = "sales") -> dict[str, Any]:
    return {
        "edges": [
            {"source": "ads", "target": "visits", "mean": 0.42, "q05": 0.3, "q95": 0.5, "standardized_mean": 0.6},
            {"source": "visits", "target": outcome, "mean": -0.01, "q05": -0.1, "q95": 0.1, "standardized_mean": -0.02},
        ],
        "implications": [
            {"x": "ads", "y": "mood", "given": [], "association": 0.31, "contradicted": True},
            {"x": "ads", "y": outcome, "given": ["visits"], "association": 0.01, "contradicted": False},
        ],
    }


def page(outcome: str = "sales", **options: Any) -> str:
    positions = {"ads": (0.0, 0.0), "visits": (180.0, 0.0), outcome: (360.0, 0.0), "mood": (180.0, 90.0)}
    return graph_page(graph_view(hypothesis(outcome), "#D55E00", positions, {}, facts(outcome)), **options)


def drawn(text: str, what: str) -> list[dict[str, Any]]:
    found = re.search(rf"{what} = new vis\.DataSet\((\[.*?\])\);", text, re.S)
    assert found
    return json.loads(found[1])


def test_nothing_is_linked_from_the_net() -> None:
    text = page()
    assert not re.findall(r"<(?:script|link|img)\b[^>]*(?:src|href)=[\"']?(?:https?:)?//", text)
    assert "default-src 'none'" in text


def test_width_and_style_say_effect_and_doubt() -> None:
    strong, weak = drawn(page(), "edges")[:2]
    assert strong["width"] > weak["width"]
    assert strong["dashes"] is False
    assert weak["dashes"]
    assert strong["color"]["color"] == "#D55E00"
    assert weak["color"]["color"] != "#D55E00"  # carries nothing: grey
    assert strong["label"] == "+0.420"
    assert "0.300 to 0.500" in strong["title"]


def test_contradicted_missing_arrow_is_red_dotted_and_labelled() -> None:
    red = [edge for edge in drawn(page(), "edges") if edge.get("label") == "+0.31 left over"]
    assert len(red) == 1
    assert red[0]["dashes"] == [2, 6]
    assert (red[0]["from"], red[0]["to"]) == ("ads", "mood")


def test_roles_and_latents_are_marked_by_word_and_shape() -> None:
    nodes = {node["id"]: node for node in drawn(page(), "nodes")}
    assert "exposure" in nodes["ads"]["label"]
    assert "outcome" in nodes["sales"]["label"]
    assert "unmeasured" in nodes["mood"]["label"]
    assert nodes["mood"]["shapeProperties"]["borderDashes"]
    assert not nodes["ads"]["shapeProperties"]["borderDashes"]


@pytest.mark.parametrize("dark", [False, True])
def test_names_stay_text(dark: bool) -> None:
    text = page(NASTY, dark=dark)
    assert "<img" not in text.replace("\\u003cimg", "")
    # pyvis switches to a markup tooltip when a node's title holds "href"
    assert "popup.innerHTML = nodeData" not in text


def test_one_layout_for_pictures_side_by_side() -> None:
    first = Hypothesis("A", nodes=(Node("a", position=(1, 2)), Node("b")))
    second = Hypothesis("B", nodes=(Node("a", position=(9, 9)), Node("b", position=(3, 4))))
    assert shared_positions([first, second], {"a": (0, 0), "b": (0, 0), "c": (5, 5)}) == {
        "a": (1, 2),
        "b": (3, 4),
        "c": (5, 5),
    }


def test_a_number_on_an_arrow_interrupts_it() -> None:
    """Else the line of a strong arrow strikes its own number out."""
    arrow = ArrowView("a", "b", "+5.71", strength=0.9)
    assert _arrow_options(arrow, "#0072B2", ink(False))["font"]["background"] == ink(False).paper


def node(family: str, link: str = "identity", kind: str = "") -> dict[str, str]:
    return {"family": family, "link": link, "kind": kind}


@pytest.mark.parametrize(
    ("source", "target", "slope", "label", "said"),
    [
        (node("Normal"), node("Normal"), 0.42, "+0.420", "+0.420 [EUR] for 1 more ads [h]"),
        # 1000 * 2 ** 0.5 / 1000: what a log-log slope of a half makes of a doubling
        (node("LogNormal"), node("LogNormal"), 0.5, "×1.41 per ×2", "×1.41 for a doubling of ads"),
        # 12.2 per unit of log(1 + visits) is 12.2 * log 2 for twice as many
        (node("Poisson"), node("Normal"), 12.2, "+8.46 per ×2", "+8.46 [EUR] for a doubling of 1 + ads"),
        (node("Normal"), node("NegativeBinomial", "log"), 0.123, "×1.13", "×1.13 for 1 more ads [h]"),
        (node("Normal"), node("Bernoulli", "logit"), -0.5, "odds ×0.607", "odds ×0.607 for 1 more ads [h]"),
        (node("Bernoulli", "logit", "binary"), node("Normal"), 5.71, "+5.71", "+5.71 [EUR] when ads goes from 0 to 1"),
        (node("Table", kind="binary"), node("Table"), 0.31, "+0.310", "+0.310 in probability when ads goes"),
    ],
)
def test_an_arrow_says_its_effect_in_the_units_of_the_data(
    source: dict[str, str], target: dict[str, str], slope: float, label: str, said: str
) -> None:
    """A slope on a log or logit scale, with the child's unit behind it, would be another number."""
    one = Hypothesis("A", (Node("ads"), Node("sales")), (Edge("ads", "sales"),))
    edge = {"source": "ads", "target": "sales", "mean": slope, "q05": slope, "q95": slope, "standardized_mean": 0.5}
    edge["working_scale"] = {"LogNormal": "log", "Poisson": "log1p"}.get(source["family"], "identity")
    nodes = [{"name": "ads", **source}, {"name": "sales", **target}]
    view = graph_view(one, "#0072B2", {}, {}, {"edges": [edge], "nodes": nodes}, {"ads": "h", "sales": "EUR"})
    assert view.arrows[0].label == label
    assert said in view.arrows[0].hover


@pytest.mark.parametrize(("far", "label"), [(110.0, None), (400.0, "+8.46 per ×2")])
def test_a_pale_number_without_room_between_its_boxes_waits_for_hovering(far: float, label: str | None) -> None:
    nodes = (NodeView("visits", "web visits", 0, 0), NodeView("sales", "sales", far, 0))
    arrow = ArrowView("visits", "sales", "+8.46 per ×2", "in full", 0.8, shared=True)
    edges = drawn(graph_page(GraphView("A", "#0072B2", nodes, (arrow,))), "edges")
    assert edges[0].get("label") == label
    assert edges[0]["title"] == "in full"


def test_an_arrow_from_or_to_a_category_is_as_wide_as_its_strength() -> None:
    """There is no one slope to standardise: with nothing in its place all of them are drawn alike."""
    one = Hypothesis("A", (Node("region"), Node("sales"), Node("ads")), (Edge("region", "sales"), Edge("ads", "sales")))
    contrasts = [{"name": "north to south", "mean": 1.0, "q05": 0.5, "q95": 1.5}]
    edges = [
        {"source": "region", "target": "sales", "mean": None, "standardized_mean": None, "contrasts": contrasts},
        {"source": "ads", "target": "sales", "mean": 2.0, "q05": 1.0, "q95": 3.0, "standardized_mean": -0.4},
    ]
    widths = []
    for strength in (0.05, 0.7):
        found = {"edges": [{**edge, "strength": strength} for edge in edges]}
        widths.append([arrow.width for arrow in graph_view(one, "#0072B2", {}, {}, found).arrows])
    (weak, slope), (strong, again) = widths
    assert (weak, strong) == (pytest.approx(1.2 + 6 * 0.05), pytest.approx(1.2 + 6 * 0.7))
    assert slope == again == pytest.approx(1.2 + 6 * 0.4)  # where there is a slope it is the slope's


def test_strength_travels_from_the_fit_to_the_facts() -> None:
    edge = EdgeSummary("a", "b", None, None, None, None, None, None, 0.37, ())
    assert edge.to_dict()["strength"] == 0.37
    assert edge.held_back().to_dict()["strength"] is None


def many(pairs: int, asked: bool = True) -> dict[str, Any]:
    beside = [
        {"x": f"b{i}", "y": f"b{i + 1}", "association": 0.9 - 0.01 * i, "contradicted": True} for i in range(pairs)
    ]
    bearing = [
        {"x": "b0", "y": "sales", "association": 0.2, "contradicted": True},
        {"x": "ads", "y": "sales", "association": -0.1, "contradicted": True},
        {"x": "ads", "y": "b2", "association": 0.5, "contradicted": False},
    ]
    marked = [{**claim, "bears": claim in bearing if asked else None} for claim in (*beside, *bearing)]
    return {"implications": marked}


def test_past_five_contradicted_claims_those_that_bear_on_the_question_are_drawn() -> None:
    one = Hypothesis("A", tuple(Node(name) for name in ("ads", "sales", *(f"b{i}" for i in range(13)))))
    few = graph_view(one, "#0072B2", {}, {}, many(3))
    assert (len(few.contradicted), few.more) == (5, 0)
    assert few.contradicted[0] == ("b0", "sales", "+0.20 left over")  # what bears first, the strongest of it
    assert few.contradicted[2] == ("b0", "b1", "+0.90 left over")
    lots = graph_view(one, "#0072B2", {}, {}, many(12))
    assert [pair[:2] for pair in lots.contradicted] == [("b0", "sales"), ("ads", "sales")]
    assert lots.more == 12
    nothing_asked = graph_view(one, "#0072B2", {}, {}, many(12, asked=False))
    assert (len(nothing_asked.contradicted), nothing_asked.more) == (MOST_RED, 14 - MOST_RED)


def with_background(member: str = "age", **options: Any) -> str:
    one = Hypothesis(
        "A",
        (Node(member), Node("sex"), Node("dose"), Node("y")),
        (Edge(member, "dose"), Edge("sex", "y"), Edge("dose", "y")),
        exposure="dose",
        background=("sex", member),
    )
    return graph_page(graph_view(one, "#0072B2", places_of([one]), {}), **options)


@pytest.mark.parametrize("dark", [False, True])
def test_the_background_stands_in_a_grey_frame_that_a_line_explains(dark: bool) -> None:
    text = with_background(dark=dark, height=360)
    nodes = {node["id"]: node for node in drawn(text, "nodes")}
    assert {name for name, node in nodes.items() if node.get("framed")} == {"age", "sex"}
    assert nodes["age"]["title"] == "age\nbackground: may be related in any way"
    assert nodes["dose"]["title"] == "dose"
    assert not nodes["age"]["shapeProperties"]["borderDashes"]  # dashed is unmeasured
    assert text.count('<div class="open"><i></i>background: may be related in any way</div></body>') == 1
    assert text.count('network.on("beforeDrawing"') == 1
    assert f'context.fillStyle = "{ink(dark).grid}"' in text
    assert "FRAME" not in text
    assert re.search(r"#mynetwork \{[^}]*height: 334px", text)  # the line has room of its own below


def test_who_has_no_background_is_told_nothing_of_it() -> None:
    text = page()
    assert "related in any way" not in text
    assert 'beforeDrawing", (' not in text
    assert not any("framed" in node for node in drawn(text, "nodes"))


def test_names_in_the_background_stay_text() -> None:
    text = with_background(NASTY)
    assert "<img" not in text.replace("\\u003cimg", "")
    assert "popup.innerHTML = nodeData" not in text
    assert not re.findall(r"<(?:script|link|img)\b[^>]*(?:src|href)=[\"']?(?:https?:)?//", text)


# -- curves, groups, interactions --------------------------------------------------------

CURVE = {"at": [0.0, 1.0, 2.0, 3.0, 4.0], "mean": [-2.0, -1.9, 0.0, 1.9, 2.0], "q05": [], "q95": []}
FOUND = {"mean": 1.0, "q05": 0.5, "q95": 1.5, "standardized_mean": 0.5, "strength": 0.6}


def arrow_of(edge: Edge, **fact: Any) -> ArrowView:
    one = Hypothesis("A", (Node("ads"), Node("town"), Node("sales")), (Edge("town", "sales"), edge))
    known = {"edges": [{"source": "ads", "target": "sales", **FOUND, **fact}]} if fact else None
    view = graph_view(one, "#D55E00", {}, {"town": "the town"}, known)
    return next(arrow for arrow in view.arrows if arrow.source == "ads")


def test_an_arrow_that_bends_carries_its_curve_in_a_unit_square() -> None:
    bent = arrow_of(Edge("ads", "sales", form="auto"), curve=CURVE, bends=0.9)
    assert (bent.label, bent.spark) == ("bends", ((0.0, 0.0), (0.5, 0.5), (1.0, 1.0)))
    assert arrow_of(Edge("ads", "sales", form="auto"), curve=CURVE, bends=0.2).spark == ()
    flat = {**CURVE, "mean": [1.0] * 5}
    assert arrow_of(Edge("ads", "sales", form="smooth"), curve=flat, bends=None).spark == ()


def test_an_effect_that_differs_says_by_what_fitted_or_not() -> None:
    edge = Edge("ads", "sales", by="town")
    assert arrow_of(edge).label == "differs by the town"
    assert arrow_of(edge, by="town").label == "+1.00, differs by the town"
    assert arrow_of(edge, by="town", curve=CURVE, bends=None).label == "bends, differs by the town"


def test_a_node_says_by_what_it_varies() -> None:
    one = Hypothesis("A", (Node("sales", group="shop"), Node("ads")), (Edge("ads", "sales"),))
    view = graph_view(one, "#D55E00", {}, {"shop": "the shop"})
    assert [node.group for node in view.nodes] == ["the shop", ""]


def test_the_page_to_take_away_keeps_the_word() -> None:
    one = Hypothesis("A", (Node("ads"), Node("sales")), (Edge("ads", "sales", form="auto"),))
    known = {"edges": [{"source": "ads", "target": "sales", **FOUND, "curve": CURVE, "bends": 0.9}]}
    text = graph_page(graph_view(one, "#D55E00", {"ads": (0.0, 0.0), "sales": (200.0, 0.0)}, {}, known))
    assert [edge["label"] for edge in drawn(text, "edges")] == ["bends"]
