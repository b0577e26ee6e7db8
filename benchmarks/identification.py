"""How long a question about a graph takes: whether the effect is identified, and what there is to adjust for.

python -m benchmarks.identification            on random graphs of seven nodes, beside y0 where it is installed
python -m benchmarks.identification 7 400      nodes, graphs

Each graph is new to what answers; what is kept of a graph from question to question is made within the time.
y0 is asked about a graph that is in its own form already. It has a verdict together with a formula, and no
adjustment sets. It is no requirement of Whyboard.
"""

import random
import sys
from collections.abc import Callable
from itertools import combinations
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from core.graph.causal_graph import CausalGraph
from core.graph.identify import identify

__all__ = ["question"]

Question = tuple[CausalGraph, str, str]


def question(rng: random.Random, size: int) -> Question:
    """Return a random graph with arcs, and a cause with its effect in it."""
    while True:
        nodes = [f"v{i}" for i in range(size)]
        pairs = list(combinations(rng.sample(nodes, size), 2))
        arrows = tuple(pair for pair in pairs if rng.random() < 0.4)
        arcs = tuple(pair for pair in pairs if rng.random() < 0.15)
        graph = CausalGraph(tuple(nodes), arrows, arcs)
        causes = [(a, b) for a in nodes for b in nodes if b in graph.descendants(a)]
        if causes:
            return graph, *rng.choice(causes)


def ours(graph: CausalGraph, x: str, y: str) -> bool:
    found = identify(graph, x, y)
    return found.identified and found.adjustment_sets is not None


def everything(graph: CausalGraph, x: str, y: str) -> None:
    found = identify(graph, x, y)
    _ = (found.identified, found.adjustment_sets, found.front_door, found.instruments, found.formula)
    _ = (found.direct_adjustment_sets, found.roles, found.advice, found.ways_out)


def peer() -> Callable[[Question], Callable[[], bool]] | None:
    """Return what makes y0's question of ours; None where it is not installed."""
    try:
        from y0.algorithm.identify import identify_outcomes
        from y0.dsl import Variable
        from y0.graph import NxMixedGraph
    except ImportError:
        return None

    def prepared(asked: Question) -> Callable[[], bool]:
        graph, x, y = asked
        mixed = NxMixedGraph()
        for name in graph.nodes:
            mixed.add_node(Variable(name))
        for a, b in graph.edges:
            mixed.add_directed_edge(Variable(a), Variable(b))
        for a, b in graph.bidirected:
            mixed.add_undirected_edge(Variable(a), Variable(b))
        return lambda: identify_outcomes(mixed, {Variable(x)}, {Variable(y)}) is not None

    return prepared


def took(work: Callable[[], Any]) -> tuple[float, Any]:
    start = perf_counter()
    result = work()
    return (perf_counter() - start) * 1e6, result


def said(what: str, times: list[float]) -> str:
    return f"{what:<44} median {median(times):7.0f} µs, 95 % under {quantiles(times, n=20)[-1]:7.0f} µs"


def main() -> None:
    size, count = [int(word) for word in sys.argv[1:3]] if len(sys.argv) > 2 else (7, 400)
    rng = random.Random(0)
    asked = [question(rng, size) for _ in range(count)]
    for one in asked[:20]:
        everything(CausalGraph(one[0].nodes[::-1], one[0].edges, one[0].bidirected), *one[1:])  # imports, warms up
    quick = [took(lambda one=one: ours(*one)) for one in asked]
    whole = [took(lambda one=one: everything(*one))[0] for one in (question(rng, size) for _ in range(count))]
    print(f"{count} random graphs of {size} nodes with arcs, {sum(found for _, found in quick)} effects identified")
    print(said("identified, and all adjustment sets", [time for time, _ in quick]))
    print(said("with formula, roles, advice, ways out", whole))
    prepared = peer()
    if prepared is None:
        print("y0 is not installed: nothing to stand beside")
        return
    theirs = [took(prepared(one)) for one in asked]
    print(said("y0, identified, with its formula", [time for time, _ in theirs]))
    differ = sum(a != b for (_, a), (_, b) in zip(quick, theirs, strict=True))
    print(f"verdicts that differ: {differ}")


if __name__ == "__main__":
    main()
