"""What is said of arrows, and of those that are not there: what is refused, and what a change elsewhere undoes."""

from dataclasses import replace

import pytest

from core.errors import GraphError, HypothesisError
from core.hypothesis import Absence, Edge, Hypothesis, Node, still_possible
from core.vocabulary import impossible_by


def drawn(**said: object) -> Hypothesis:
    """Return x -> y -> z and m -> y, with settings of the first arrow."""
    nodes = (Node("x"), Node("m"), Node("y", group="region"), Node("z"))
    return Hypothesis("h", nodes, (Edge("x", "y", **said), Edge("m", "y"), Edge("y", "z")))  # type: ignore[arg-type]


def test_what_can_be_said_of_an_arrow() -> None:
    for said in (
        {"scale": "log"},
        {"by": "m"},
        {"by": "region"},
        {"lag": 3},
        {"carry": 8},
        {"reason": "because", "citation": "Doe"},
    ):
        assert drawn(**said).edge("x", "y") == Edge("x", "y", **said)  # type: ignore[arg-type]
    assert drawn().with_edge("x", "y", scale="log", lag=1) == drawn(scale="log", lag=1)
    with pytest.raises(GraphError, match="no arrow"):
        drawn().with_edge("y", "x", lag=1)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"lag": -1}, "number of rows"),
        ({"lag": 1.5}, "number of rows"),
        ({"lag": True}, "number of rows"),
        ({"carry": -1}, "number of earlier rows"),
        ({"carry": 31}, "number of earlier rows"),
        ({"carry": 2.0}, "number of earlier rows"),
        ({"carry": True}, "number of earlier rows"),
        ({"scale": "sqrt"}, "unknown scale"),
        ({"by": "x"}, "itself"),
        ({"by": "y"}, "follows from it"),
        ({"by": "z"}, "follows from it"),
        ({"by": "elsewhere"}, "no node"),
    ],
)
def test_what_cannot_is_refused_with_the_arrow(said: dict[str, object], words: str) -> None:
    with pytest.raises(HypothesisError, match=words) as caught:
        drawn(**said)
    assert caught.value.place == "arrow x -> y"
    assert caught.value.hint


def test_what_is_no_number_has_no_logarithm() -> None:
    with pytest.raises(HypothesisError, match="no logarithm") as caught:
        drawn(scale="log").with_node("x", kind="category")
    assert caught.value.place == "arrow x -> y"
    assert drawn(scale="log").with_node("x", kind="count")


@pytest.mark.parametrize(
    ("absences", "words"),
    [
        ((Absence("x", "y"),), "there is one"),
        ((Absence("x", "nobody"),), "not a node"),
        ((Absence("x", "x"),), "itself"),
        ((Absence("x", "m"), Absence("x", "m", "once more")), "twice"),
    ],
)
def test_reasons_for_no_arrow_that_cannot_be(absences: tuple[Absence, ...], words: str) -> None:
    with pytest.raises(HypothesisError, match=words) as caught:
        replace(drawn(), absences=absences)
    assert caught.value.place.startswith("absent arrow x -> ")
    assert caught.value.hint


def test_a_change_elsewhere_takes_away_what_can_no_longer_be_said() -> None:
    base = replace(drawn(by="m"), absences=(Absence("m", "z", "none known"), Absence("y", "x")))
    nodes = tuple(node for node in base.nodes if node.name != "m")
    edges, absences = still_possible(nodes, (Edge("x", "y", by="m"), Edge("y", "z")), base.absences)
    assert edges == (Edge("x", "y"), Edge("y", "z"))
    assert absences == (Absence("y", "x"),)
    after = (Edge("x", "y", by="m"), Edge("y", "z"), Edge("z", "m"))  # m follows from y now
    assert still_possible(base.nodes, after, ())[0] == (Edge("x", "y"), *after[1:])


def test_a_thousand_nodes_that_all_differ_by_something_are_looked_through_in_one_pass() -> None:
    names = [f"n{i}" for i in range(1000)]
    edges = tuple(
        Edge(a, b, by=names[0] if i else None) for i, a in enumerate(names[:-1]) for b in names[i + 1 : i + 40]
    )
    nodes = tuple(map(Node, names))
    assert impossible_by(nodes, edges) == []
    assert len(impossible_by(nodes, (*edges[:39], *(replace(edge, by=names[-1]) for edge in edges[39:])))) > 30_000


def test_nothing_is_said_of_arrows_within_the_background() -> None:
    base = Hypothesis("h", (Node("a"), Node("b"), Node("m"), Node("y")), (Edge("a", "b"), Edge("b", "y", by="a")),
                      background=("a", "b", "m"))  # fmt: skip
    with pytest.raises(HypothesisError, match="background") as caught:
        replace(base, absences=(Absence("b", "m"),))
    assert caught.value.place == "absent arrow b -> m"
    with pytest.raises(HypothesisError, match="background") as caught:
        base.with_edge("a", "b", by="m")
    assert caught.value.place == "arrow a -> b"
    assert replace(base, absences=(Absence("m", "y"),))
    edges, absences = still_possible(
        base.nodes, (Edge("a", "b", by="m"), base.edges[1]), (Absence("b", "m"), Absence("m", "y")), base.background
    )
    assert (edges, absences) == (base.edges, (Absence("m", "y"),))
