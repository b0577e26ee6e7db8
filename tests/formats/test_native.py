import json

import pytest

from core.errors import CycleError, FormatError, GraphError, HypothesisError
from core.formats.native import hypothesis_from_record, read_native
from core.hypothesis import Absence, Edge, Hypothesis, Prior

FORMAT = "whyboard-hypothesis/1"
A, B = {"name": "a"}, {"name": "b"}


def record(**more):
    return {"format": FORMAT, "nodes": [A, B], **more}


def test_the_contracts_example():
    hypothesis = read_native(
        """{"format": "whyboard-hypothesis/1", "name": "Confounded", "note": "",
         "nodes": [{"name": "ads", "kind": "real", "family": "Normal", "link": "identity",
                    "latent": false, "group": null, "position": [0, 0],
                    "priors": {"sigma": {"distribution": "HalfNormal", "sigma": 2}}}, {"name": "sales"}],
         "edges": [{"source": "ads", "target": "sales", "form": "linear", "sign": "+", "prior": null}],
         "bidirected": [["ads", "sales"]], "exposure": "ads", "outcome": "sales"}"""
    )
    assert hypothesis.background == ()
    assert hypothesis.name == "Confounded"
    assert hypothesis.node("ads").priors == (("sigma", Prior("HalfNormal", (("sigma", 2.0),))),)
    assert hypothesis.edge("ads", "sales").sign == "+"
    assert hypothesis.graph.bidirected == (("ads", "sales"),)


def test_only_what_is_needed():
    hypothesis = hypothesis_from_record(record(edges=[{"source": "a", "target": "b"}]))
    assert hypothesis.graph.edges == (("a", "b"),)
    assert hypothesis.name == "hypothesis"
    assert Hypothesis.from_dict(record(name="mine")).name == "mine"
    assert Hypothesis.from_dict(record(name="mine"), name="yours").name == "yours"
    assert hypothesis_from_record(record(), default="stem").name == "stem"
    assert hypothesis_from_record({"format": FORMAT, "nodes": None}).nodes == ()
    assert hypothesis_from_record(record(future={"field": 1})).graph.nodes == ("a", "b")


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", "line 1", "not JSON"),
        ("{\n,}", "line 2", "not JSON"),
        ('{"format": "whyboard-hypothesis/1", "format": "x"}', "", "twice"),
        ('{"a": NaN}', "", "NaN"),
        ("[" * 200_000, "", "nested"),
        ('{"a": ' + "9" * 5_000 + "}", "", "digits"),
        ("[]", "the hypothesis", "a list"),
        ("{}", "format", "missing"),
        ('{"format": "whyboard-hypothesis/9"}', "format", "whyboard-hypothesis/9"),
        ('{"format": "whyboard-hypothesis/1"}', "nodes", "missing"),
        (" " * 5_000_001, "", "5 MB"),
    ],
)
def test_text_that_is_no_hypothesis(text, place, words):
    with pytest.raises(FormatError, match=words) as caught:
        read_native(text)
    assert caught.value.place == place
    assert caught.value.hint


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"name": 3}, "name"),
        ({"nodes": {}}, "nodes"),
        ({"nodes": ["a"]}, "nodes[0]"),
        ({"nodes": [A, {}]}, "nodes[1]"),
        ({"nodes": [{"name": 1}]}, "nodes[0], name"),
        ({"nodes": [{"name": "  "}]}, "nodes[0]"),
        ({"nodes": [{"name": "\ud800"}]}, "nodes[0], name"),
        ({"nodes": [{"name": "x" * 501}]}, "nodes[0]"),
        ({"nodes": [{"name": "a", "kind": 1}]}, "nodes[0], node a, kind"),
        ({"nodes": [{"name": "a", "latent": "yes"}]}, "nodes[0], node a, latent"),
        ({"nodes": [{"name": "a", "position": [0]}]}, "nodes[0], node a, position"),
        ({"nodes": [{"name": "a", "position": [0, "1"]}]}, "nodes[0], node a, position"),
        ({"nodes": [{"name": "a", "position": [0, True]}]}, "nodes[0], node a, position"),
        ({"nodes": [{"name": "a", "position": [0, float("inf")]}]}, "nodes[0], node a, position"),
        ({"nodes": [{"name": "a", "position": [0, 10**400]}]}, "nodes[0], node a, position"),
        ({"nodes": [{"name": "a", "priors": []}]}, None),
        ({"nodes": [{"name": "a", "priors": [1]}]}, "nodes[0], node a, priors"),
        ({"nodes": [{"name": "a", "priors": {"s": 1}}]}, "nodes[0], node a, priors, s"),
        ({"nodes": [{"name": "a", "priors": {"s": {"mu": 1}}}]}, "nodes[0], node a, priors, s"),
        ({"nodes": [{"name": "a", "priors": {"s": {"distribution": "N", "mu": "1"}}}]}, "nodes[0], node a, priors, s"),
        ({"nodes": [{"name": "a", "priors": {"s": {"distribution": "N", "mu": 10**400}}}]},
         "nodes[0], node a, priors, s, mu"),
        ({"nodes": [{"name": f"n{i}"} for i in range(1_001)]}, "nodes"),
        ({"edges": [3]}, "edges[0]"),
        ({"edges": [{"source": "a"}]}, "edges[0]"),
        ({"edges": [{"source": "a", "target": "b"}, {"source": "a", "target": "z"}]}, "edges[1]"),
        ({"edges": [{"source": "a", "target": "b", "prior": 1}]}, "edges[0], prior"),
        ({"edges": [{"source": "a", "target": "b", "form": []}]}, "edges[0], form"),
        ({"bidirected": [["a"]]}, "bidirected[0]"),
        ({"bidirected": [["a", 1]]}, "bidirected[0]"),
        ({"bidirected": [["a", "z"]]}, "bidirected[0]"),
        ({"bidirected": "ab"}, "bidirected"),
        ({"background": "a"}, "background"),
        ({"background": {"a": True}}, "background"),
        ({"background": 1}, "background"),
        ({"background": True}, "background"),
        ({"background": ["z"]}, "background[0]"),
        ({"background": ["a", None]}, "background[1]"),
        ({"background": ["a", 1]}, "background[1]"),
        ({"background": [["a"]]}, "background[0]"),
        ({"background": [""]}, "background[0]"),
        ({"background": ["\ud800"]}, "background[0]"),
        ({"background": ["a"] * 1_001}, "background"),
        ({"exposure": 1}, "exposure"),
        ({"note": {}}, "note"),
    ],
)  # fmt: skip
def test_wrong_types_name_their_place(more, place):
    if place is None:
        assert hypothesis_from_record(record(**more)).graph.nodes == ("a",)
        return
    with pytest.raises(FormatError) as caught:
        hypothesis_from_record(record(**more))
    assert caught.value.place == place
    assert caught.value.hint


def test_what_is_inconsistent_is_refused_by_the_hypothesis_itself():
    edge = {"source": "a", "target": "b"}
    back = {"source": "b", "target": "a"}
    with pytest.raises(CycleError) as cycle:
        read_native(json.dumps(record(edges=[edge, back])))
    assert len(cycle.value.path) == 3
    with pytest.raises(GraphError, match="twice"):
        hypothesis_from_record(record(nodes=[A, A]))
    with pytest.raises(GraphError, match="twice"):
        hypothesis_from_record(record(edges=[edge, edge]))
    with pytest.raises(HypothesisError, match="exposure"):
        hypothesis_from_record(record(exposure="z"))
    with pytest.raises(HypothesisError, match="family"):
        hypothesis_from_record(record(nodes=[{"name": "a", "family": "Gauss"}]))
    with pytest.raises(HypothesisError, match="sign"):
        hypothesis_from_record(record(edges=[{**edge, "sign": "++"}]))


def test_the_background_is_kept_in_the_order_of_the_nodes_and_once():
    for said in (["b", "a"], ["a", "b", "a"], [" a ", "b"]):
        hypothesis = hypothesis_from_record(record(background=said))
        assert hypothesis.background == ("a", "b")
        assert json.loads(hypothesis.to_json())["background"] == ["a", "b"]
    for nothing in ({}, {"background": None}, {"background": []}):
        assert hypothesis_from_record(record(**nothing)).background == ()


@pytest.mark.parametrize(
    ("more", "place", "words"),
    [
        ({"edges": [{"source": "b", "target": "a"}]}, "arrow b -> a", "comes into it from 'b'"),
        ({"bidirected": [["b", "a"]]}, "arc a <-> b", "an arc joins"),
        ({"exposure": "a"}, "node a", "exposure"),
        ({"outcome": "a"}, "node a", "outcome"),
        ({"nodes": [{"name": "a", "latent": True}, B]}, "node a", "unmeasured"),
    ],
)
def test_a_background_that_cannot_be_one_is_refused(more, place, words):
    with pytest.raises(HypothesisError, match=words) as caught:
        hypothesis_from_record(record(background=["a"], **more))
    assert caught.value.place == place
    assert caught.value.hint


def test_all_that_is_said_of_arrows_and_nodes_is_read_and_written():
    edge = {
        "source": "a",
        "target": "b",
        "scale": "log",
        "by": "c",
        "lag": 2,
        "carry": 4,
        "reason": "r",
        "citation": "c",
    }
    nodes = [{**A, "unit": "k€", "description": "spend"}, B, {"name": "c"}]
    absence = {"source": "a", "target": "c", "reason": "never", "citation": "Doe 2001"}
    found = hypothesis_from_record(record(nodes=nodes, edges=[edge], absences=[absence]))
    assert found.edge("a", "b") == Edge("a", "b", scale="log", by="c", lag=2, reason="r", citation="c", carry=4)
    assert (found.node("a").unit, found.node("a").description) == ("k€", "spend")
    assert found.absences == (Absence("a", "c", "never", "Doe 2001"),)
    assert read_native(found.to_json()) == found


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"edges": [{"source": "a", "target": "b", "lag": "1"}]}, "edges[0], lag"),
        ({"edges": [{"source": "a", "target": "b", "lag": -1}]}, "edges[0], lag"),
        ({"edges": [{"source": "a", "target": "b", "carry": "8"}]}, "edges[0], carry"),
        ({"edges": [{"source": "a", "target": "b", "lag": 10**400}]}, "edges[0], lag"),
        ({"edges": [{"source": "a", "target": "b", "by": 1}]}, "edges[0], by"),
        ({"edges": [{"source": "a", "target": "b", "reason": []}]}, "edges[0], reason"),
        ({"nodes": [{"name": "a", "unit": 1}]}, "nodes[0], node a, unit"),
        ({"absences": [1]}, "absences[0]"),
        ({"absences": [{"source": "a"}]}, "absences[0]"),
        ({"absences": [{"source": "a", "target": "z"}]}, "absences[0]"),
        ({"absences": [{"source": "a", "target": "b", "reason": 3}]}, "absences[0], reason"),
        ({"absences": {}}, "absences"),
    ],
)
def test_wrong_words_of_arrows_name_their_place(more, place):
    with pytest.raises(FormatError) as caught:
        hypothesis_from_record(record(**more))
    assert caught.value.place == place
    assert caught.value.hint
