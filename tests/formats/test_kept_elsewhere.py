"""What a hypothesis says comes back from wherever it is kept: a stored comparison, a request, the store, networkx."""

import json

from drawn_hypotheses import hypotheses
from hypothesis import given, settings

from core.comparison.codec import flatten, rebuild
from core.hypothesis import Absence, Edge, Hypothesis, Node, Prior
from core.store import Store

PRIOR = Prior("Normal", (("mu", 0.0),))
RICH = Hypothesis(
    "Rich",
    (Node("x", kind="positive", unit="k€", description="spend"), Node("m", priors=(("intercept", PRIOR),)), Node("y")),
    (Edge("x", "y", "smooth", "+", PRIOR, "log", "m", 3, "so they say", "Doe 2001"), Edge("m", "y")),
    absences=(Absence("x", "m", "nobody saw one", "Roe 2002"),),
)


@settings(max_examples=60, deadline=None)
@given(hypotheses(full=True))
def test_a_stored_comparison_and_a_request_hold_all_that_was_drawn(hypothesis: Hypothesis) -> None:
    stored = json.loads(json.dumps(flatten(hypothesis, {})))
    assert rebuild(Hypothesis, stored, {}) == hypothesis
    assert Hypothesis.from_dict(json.loads(json.dumps(hypothesis.to_dict()))) == hypothesis
    assert Hypothesis.from_networkx(hypothesis.to_networkx()) == hypothesis


def test_what_was_stored_before_there_were_such_words_is_still_read() -> None:
    old = flatten(RICH, {})
    del old["absences"]
    for edge in old["edges"]:
        for word in ("scale", "by", "lag", "reason", "citation"):
            del edge[word]
    for node in old["nodes"]:
        del node["unit"], node["description"]
    found = rebuild(Hypothesis, old, {})
    assert found.edges[0] == Edge("x", "y", "smooth", "+", PRIOR)
    assert found.absences == ()


def test_the_store_holds_it(tmp_path) -> None:
    with Store(home=tmp_path) as store:
        token = store.create_project("Kept").token
        id = store.add_hypothesis(token, RICH.to_dict()).id
        assert store.hypothesis(token, id).hypothesis == RICH
