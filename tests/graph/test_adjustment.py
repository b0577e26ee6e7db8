"""Adjustment sets, front-door sets and instruments, held against their definitions, numbers and DAGitty."""

import json
import random
import sys
from itertools import chain, combinations
from pathlib import Path

import numpy as np
import pytest
from graph_oracle import paths, random_graph, separated
from identification_oracle import (
    adjustment_by_paths,
    graph_of,
    is_causal,
    linear_world,
    minimal,
    partial,
    random_question,
    subsets,
    total_slope,
)

from core.graph.bits import bit_graph
from core.graph.causal_graph import CausalGraph
from core.graph.identify import identify
from core.graph.separators import minimal_separators

HERE = Path(__file__).parent
ANSWERS = json.loads((HERE / "sets_by_dagitty.json").read_text(encoding="utf-8"))
CASES = ANSWERS["nodes, arrows, arcs, latents, treatment, outcome, total, direct, instruments"]
sys.path.insert(0, str(HERE.parent / "formats"))

from published_graphs import PUBLISHED  # noqa: E402


def sets_of(listed):
    assert not listed.more
    assert len(set(map(frozenset, listed.sets))) == len(listed.sets), "a set stands twice"
    return set(map(frozenset, listed.sets))


def drawn(rng, low=3, high=6, latents=0.15):
    """A random graph with a question about it."""
    while True:
        graph = random_graph(
            rng, rng.randint(low, high), rng.choice((0.2, 0.35, 0.5)), arcs=rng.choice((0, 0.1, 0.25)), latents=latents
        )
        question = random_question(rng, graph)
        if question is not None:
            return graph, *question


def direct_by_definition(graph, x, y):
    """No descendant of the outcome, and no open path when the one arrow is cut."""
    bare = graph.replace_edges(edge for edge in graph.edges if edge != (x, y))
    rest = [name for name in graph.observed if name not in (x, y) and name not in graph.descendants(y)]
    return minimal(given for given in subsets(rest) if separated(bare, x, y, given))


def front_door_by_definition(graph, x, y):
    """Pearl's three conditions, over all subsets."""
    rest = [name for name in graph.observed if name not in (x, y)]
    every = [[step[0] for step in path] for path in paths(graph, x, y) if is_causal(path)]
    if not every:
        return set()
    bare = graph.replace_edges(edge for edge in graph.edges if edge[0] != x)

    def holds(through):
        if not all(through & set(nodes[1:-1]) for nodes in every):
            return False
        if not all(separated(bare, x, name, ()) for name in through):
            return False
        behind = graph.replace_edges(edge for edge in graph.edges if edge[0] not in through)
        return all(separated(behind, name, y, (x,)) for name in through)

    return minimal(through for through in subsets(rest) if holds(through))


def instruments_by_definition(graph, x, y):
    """Every node with every set that makes it an instrument."""
    causal = [[step[0] for step in path] for path in paths(graph, x, y) if is_causal(path)]
    on_the_way = set(chain.from_iterable(nodes[1:] for nodes in causal))
    forbidden = on_the_way | graph.descendants(*on_the_way) if on_the_way else set()
    cut = graph.replace_edges(edge for edge in graph.edges if edge[0] != x or edge[1] not in on_the_way)
    rest = [name for name in graph.observed if name not in (x, y) and name not in forbidden]
    return {
        (name, given)
        for name in rest
        for given in subsets(other for other in rest if other != name)
        if separated(cut, name, y, given) and not separated(cut, name, x, given)
    }


@pytest.mark.parametrize("graphs", [300, pytest.param(5_000, marks=pytest.mark.slow)])
def test_every_minimal_set_by_its_definition(graphs):
    rng = random.Random(5)
    numbers = np.random.default_rng(5)
    count = dict.fromkeys(("total", "direct", "front door", "instruments"), 0)
    for _ in range(graphs):
        graph, x, y = drawn(rng, high=7 if graphs > 1000 else 6)
        found = identify(graph, x, y)
        total, direct = sets_of(found.adjustment_sets), sets_of(found.direct_adjustment_sets)
        assert total == adjustment_by_paths(graph, x, y), (graph, x, y)
        assert direct == direct_by_definition(graph, x, y), (graph, x, y)
        through = sets_of(found.front_door)
        assert through == front_door_by_definition(graph, x, y), (graph, x, y)
        slopes, covariance = linear_world(numbers, graph)
        effect = total_slope(graph, slopes, x, y)
        for given in total:
            slope = partial(graph, covariance, x, y, given) / partial(graph, covariance, x, x, given)
            assert slope == pytest.approx(effect, abs=1e-8)
        for given in direct:
            slope = partial(graph, covariance, x, y, given) / partial(graph, covariance, x, x, given)
            assert slope == pytest.approx(slopes.get((x, y), 0.0), abs=1e-8)
        every = instruments_by_definition(graph, x, y)
        assert bool(every) == bool(found.instruments), (graph, x, y)
        for one in found.instruments:
            assert (one.instrument, frozenset(one.given)) in every
            assert not any((one.instrument, less) in every for less in subsets(one.given) if len(less) < len(one.given))
            moved = partial(graph, covariance, one.instrument, x, one.given)
            if abs(moved) > 1e-4:
                slope = partial(graph, covariance, one.instrument, y, one.given) / moved
                assert slope == pytest.approx(effect, abs=1e-6)
        for kind, number in zip(count, (total, direct, through, found.instruments), strict=True):
            count[kind] += len(number)
    print(f"{graphs} random graphs, no disagreement over {count}")
    assert min(count.values()) > graphs / 40


def test_there_are_as_many_answers_as_were_kept():
    assert len(CASES) == 200
    assert len(ANSWERS["published"]) == 12
    assert sum(len(case[6]) for case in CASES) > 200


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[1]} {case[2]}"[:60])
def test_random_graphs_as_dagitty_answers_them(case):
    nodes, arrows, arcs, latents, x, y, total, direct, instruments = case
    found = identify(graph_of(nodes, arrows, arcs, latents), x, y)
    assert sets_of(found.adjustment_sets) == {frozenset(one.split()) for one in total}
    assert sets_of(found.direct_adjustment_sets) == {frozenset(one.split()) for one in direct}
    assert [one.instrument for one in found.instruments] == instruments


def published(name):
    text = PUBLISHED[name]
    arrows = sorted(text.arrows)
    nodes = sorted({end for edge in (*arrows, *text.arcs) for end in edge})
    return CausalGraph(tuple(nodes), tuple(arrows), text.arcs, frozenset(text.latent)), text.exposure, text.outcome


@pytest.mark.parametrize("name", ANSWERS["published"])
def test_published_graphs_as_dagitty_answers_them(name):
    total, direct, instruments = ANSWERS["published"][name]
    found = identify(*published(name))
    assert sets_of(found.adjustment_sets) == {frozenset(one.split()) for one in total}
    assert sets_of(found.direct_adjustment_sets) == {frozenset(one.split()) for one in direct}
    assert [one.instrument for one in found.instruments] == instruments


def test_polzer_shrier_and_m_bias():
    assert sets_of(identify(*published("Polzer 2012")).adjustment_sets) == {
        frozenset(["Age", "Alcohol", "Periodontitis", "Psychosocial", "Sex", "Smoking"]),
        frozenset(["Age", "Alcohol", "Diabetes", "Obesity", "Psychosocial", "Sex", "Smoking", "Sport"]),
    }
    shrier = sets_of(identify(*published("Shrier 2008")).adjustment_sets)
    assert len(shrier) == 7
    assert {"Coach", "FitnessLevel"} in shrier
    assert {"NeuromuscularFatigue", "TissueWeakness"} in shrier
    assert identify(*published("M-bias")).adjustment_sets.sets == ((),)


def test_what_is_left_out_of_dagittys_instruments_is_none():
    """A node given a descendant of a mediator that is no mediator itself: the ratio is not the effect."""
    graph = graph_of("v0 v1 v2 v3 v4 v6", "v1>v0 v1>v2 v3>v1 v3>v2 v3>v6 v4>v3", "v0<>v4 v1<>v3 v2<>v4")
    assert identify(graph, "v4", "v6").instruments == ()
    slopes, covariance = linear_world(np.random.default_rng(0), graph)
    moved = partial(graph, covariance, "v0", "v4", ["v1"])
    ratio = partial(graph, covariance, "v0", "v6", ["v1"]) / moved
    assert abs(ratio - total_slope(graph, slopes, "v4", "v6")) > 0.05


def test_instruments_of_published_examples():
    """Brito & Pearl (2002): z given w; Pearl (2009): a plain one, and none that reaches the outcome otherwise."""
    given = graph_of("w z x y u", "w>z z>x x>y w>u u>x u>y", latents="u")
    assert [(one.instrument, one.given) for one in identify(given, "x", "y").instruments] == [("z", ("w",))]
    plain = graph_of("z x y", "z>x x>y", "x<>y")
    assert [(one.instrument, one.given) for one in identify(plain, "x", "y").instruments] == [("z", ())]
    leaky = graph_of("z x y", "z>x x>y z>y", "x<>y")
    assert identify(leaky, "x", "y").instruments == ()


def test_nothing_to_adjust_for_and_nothing_that_does():
    assert identify(graph_of("x y", "x>y"), "x", "y").adjustment_sets.sets == ((),)
    assert identify(graph_of("x y", "x>y", "x<>y"), "x", "y").adjustment_sets.sets == ()
    back = identify(graph_of("x y", "y>x"), "x", "y")
    assert back.no_effect
    assert back.adjustment_sets.sets == ()
    assert back.identified


def test_long_lists_are_cut_off_and_say_so():
    """Twelve ways of three nodes each: 3 to the twelfth minimal sets."""
    count = 12
    ways = [[f"a{i}", f"b{i}", f"c{i}"] for i in range(count)]
    edges = [edge for a, b, c in ways for edge in ((b, a), (b, c), (a, "x"), (c, "y"))]
    graph = CausalGraph(("x", "y", *chain.from_iterable(ways)), (*edges, ("x", "y")))
    listed = identify(graph, "x", "y").adjustment_sets
    assert listed.more
    assert len(listed.sets) == len(set(listed.sets)) == 1000
    found, more = minimal_separators(bit_graph(graph), 0, 2, bit_graph(graph).observed)
    assert found or not more
    assert identify(graph, "x", "y").paths.more is False


def test_a_set_may_hold_what_is_forced():
    """Separators that hold given nodes are minimal among those that do."""
    rng = random.Random(9)
    seen = 0
    for _ in range(300):
        graph, x, y = drawn(rng)
        forced = frozenset(name for name in graph.observed if name not in (x, y) and rng.random() < 0.3)
        bits = bit_graph(graph)
        masks, _ = minimal_separators(bits, bits.index[x], bits.index[y], bits.observed, bits.mask(forced))
        rest = [name for name in graph.observed if name not in (x, y, *forced)]
        wanted = minimal(more | forced for more in subsets(rest) if separated(graph, x, y, more | forced))
        assert {frozenset(bits.named(mask)) for mask in masks} == wanted
        seen += len(masks)
    assert seen > 50


def test_chains_of_pairs_have_every_combination():
    graph = graph_of("x y a b c d", "a>x a>b b>y c>x c>d d>y x>y")
    assert sets_of(identify(graph, "x", "y").adjustment_sets) == {
        frozenset(pair) for pair in combinations("abcd", 2) if set(pair) not in ({"a", "b"}, {"c", "d"})
    }
