"""Graphs cross process borders."""

import pickle

from core.graph.causal_graph import CausalGraph


def test_a_used_graph_is_pickled_like_a_fresh_one() -> None:
    graph = CausalGraph(("a", "b", "c"), (("a", "b"),), (("b", "c"),), frozenset({"c"}))
    fresh = pickle.dumps(graph)
    assert graph.parents("b") == ("a",)
    assert graph.topological_order == ("a", "b", "c")
    assert pickle.dumps(graph) == fresh
    back = pickle.loads(fresh)
    assert back == graph
    assert hash(back) == hash(graph)
    assert back.children("a") == ("b",)
