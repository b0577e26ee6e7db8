"""The ID algorithm: its formula against what an intervention does, its verdicts against others', known graphs."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
from graph_oracle import random_graph
from identification_oracle import after_do, graph_of, joint, random_question, value, world

from core.graph.bits import bit_graph
from core.graph.causal_graph import CausalGraph
from core.graph.id_algorithm import estimand, moved_behind_do
from core.graph.identify import identify
from core.graph.surgery import projected

(CASES,) = json.loads((Path(__file__).parent / "identified_by_others.json").read_text(encoding="utf-8")).values()


def general(graph, x, y, given):
    """The answer of the algorithm alone, where `identify` may show a shorter formula."""
    bits = projected(bit_graph(graph))
    treatments, rest = moved_behind_do(bits, bits.mask([x]), bits.mask([y]), bits.mask(given))
    return estimand(bits, treatments, bits.mask([y]), rest)


@pytest.mark.parametrize("graphs", [400, pytest.param(5_000, marks=pytest.mark.slow)])
def test_a_formula_gives_what_an_intervention_would_show(graphs):
    """Random causes, random binary worlds with unmeasured causes: the formula sees only what is observed."""
    rng, numbers = random.Random(3), np.random.default_rng(3)
    ways: dict[str, int] = {}
    count = identified = conditional = 0
    worst = 0.0
    while count < graphs:
        graph = random_graph(
            rng, rng.randint(3, 7), rng.choice((0.25, 0.45, 0.65)), arcs=rng.choice((0.05, 0.2, 0.35)), latents=0.15
        )
        question = random_question(rng, graph)
        if question is None or len(graph.bidirected) > 7:
            continue
        x, y = question
        others = [name for name in graph.observed if name not in question]
        given = tuple(name for name in others if rng.random() < 0.35) if rng.random() < 0.3 else ()
        found = identify(graph, x, y, given=given)
        count += 1
        conditional += bool(given)
        whole = general(graph, x, y, given)
        assert (whole is not None) == found.identified
        if whole is None or found.estimand is None:
            assert found.formula is found.by is None
            continue
        identified += 1
        ways[str(found.by)] = ways.get(str(found.by), 0) + 1
        factors = world(numbers, graph)
        table, truth = joint(graph, factors), after_do(graph, factors, x, y, given)
        for expression in (whole, found.estimand):
            off = float(np.abs(value(expression, graph.observed, table) - truth).max())
            assert off < 1e-9, (graph, x, y, given, found.formula)
            worst = max(worst, off)
    print(f"{count} graphs, {identified} identified, {conditional} conditional, {ways}, worst {worst:.1e}")
    assert 0.3 * count < identified < 0.95 * count
    assert min(ways.get(way, 0) for way in ("adjustment", "front door", "do-calculus", "no effect")) > 0


def test_there_are_as_many_verdicts_as_were_kept():
    assert len(CASES) == 400
    assert sum(case[7] for case in CASES) == 200


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[1]} {case[2]} {case[6]}"[:60])
def test_the_verdict_is_that_of_y0_and_causaleffect(case):
    """y0 0.2.11 and causaleffect 0.1.0 were asked once, and agreed."""
    nodes, arrows, arcs, latents, x, y, given, verdict = case
    assert identify(graph_of(nodes, arrows, arcs, latents), x, y, given=given.split()).identified is verdict


def test_the_front_door():
    graph = graph_of("u smoking tar cancer", "u>smoking u>cancer smoking>tar tar>cancer", latents="u")
    found = identify(graph, "smoking", "cancer")
    assert (found.identified, found.by) == (True, "front door")
    assert found.front_door.sets == (("tar",),)
    assert found.adjustment_sets.sets == ()
    assert found.formula == "Σ_tar P(tar | smoking) Σ_smoking′ P(cancer | smoking′, tar) P(smoking′)"


def test_the_napkin():
    """Pearl & Mackenzie (2018): neither back door nor front door, and yet identified."""
    graph = graph_of("w z x y", "w>z z>x x>y", "w<>x w<>y")
    found = identify(graph, "x", "y")
    assert (found.identified, found.by) == (True, "do-calculus")
    assert (found.adjustment_sets.sets, found.front_door.sets) == ((), ())
    assert found.formula == "[Σ_w P(x, y | w, z) P(w)] / [Σ_w P(x | w, z) P(w)]"
    assert found.any_value == ("z",)


def test_vermas_graph():
    """Verma & Pearl (1990): the effect of the third on the fourth is a formula free of the first."""
    graph = graph_of("a b c d", "a>b b>c c>d", "b<>d")
    found = identify(graph, "c", "d")
    assert found.identified
    assert found.formula == "Σ_b P(d | c, b) P(b)"
    assert identify(graph, "b", "d").by == "front door"
    whole = identify(graph_of("a b c d", "a>b b>c c>d a>d", "b<>d"), "b", "d")
    assert whole.identified


@pytest.mark.parametrize(
    ("arrows", "arcs", "outer", "inner"),
    [
        ("x>y", "x<>y", "x y", "y"),  # the bow arc
        ("x>z z>y", "x<>z", "x z", "z"),  # the treatment is tied to its child (Tian & Pearl 2002)
        ("z>x x>y", "x<>z z<>y", "z x y", "y"),  # Shpitser & Pearl (2006), figure 1
        ("z>x x>y z>y", "x<>z z<>y", "z x y", "z y"),
        ("x>z z>y w>z", "x<>w w<>y", None, None),
    ],
)
def test_hedges(arrows, arcs, outer, inner):
    nodes = " ".join(dict.fromkeys((arrows + " " + arcs).replace("<>", " ").replace(">", " ").split()))
    found = identify(graph_of(nodes, arrows, arcs), "x", "y")
    if outer is None:
        assert found.identified
        assert found.hedge is None
        return
    assert not found.identified
    assert found.formula is None
    assert tuple(map(set, found.hedge)) == (set(outer.split()), set(inner.split()))


def test_two_models_of_a_bow_agree_on_all_that_is_seen_and_differ_in_the_effect():
    """What "not identified" means, in numbers: the hedge of one arrow and one arc."""
    # y copies x in one model, whose cause u they share, and copies u in the other
    seen = {"first": {(u, u) for u in (0, 1)}, "second": {(u, u) for u in (0, 1)}}
    assert seen["first"] == seen["second"]
    set_to_one = {"first": 1.0, "second": 0.5}
    assert set_to_one["first"] != set_to_one["second"]
    assert not identify(graph_of("x y", "x>y", "x<>y"), "x", "y").identified


def test_hedges_are_pairs_of_c_forests():
    """The larger holds the treatment, the smaller none; arcs hold each together; both have the same roots."""
    rng = random.Random(8)
    seen = 0
    while seen < 150:
        graph = random_graph(rng, rng.randint(3, 7), 0.4, arcs=0.35, latents=0.1)
        question = random_question(rng, graph)
        if question is None:
            continue
        x, y = question
        found = identify(graph, x, y)
        if found.hedge is None:
            continue
        seen += 1
        bits = projected(bit_graph(graph))
        outer, inner = map(set, found.hedge)
        assert x in outer - inner
        assert inner < outer
        assert inner <= {y, *graph.ancestors(y)}
        for forest in (outer, inner):
            reached, todo = set(), [min(forest)]
            while todo:
                name = todo.pop()
                if name not in reached:
                    reached.add(name)
                    todo += [other for other in bits.named(bits.spouses[bits.index[name]]) if other in forest]
            assert reached == forest, "arcs hold it together"
        reached, todo = set(), list(inner)
        while todo:
            name = todo.pop()
            if name not in reached:
                reached.add(name)
                todo += [other for other in bits.named(bits.parents[bits.index[name]]) if other in outer]
        assert reached == outer, "all of it leads to the smaller"


def test_latents_are_projected():
    """A chain of unmeasured nodes is an arrow; what they are a common cause of gets an arc."""
    graph = graph_of("a u v b c", "a>u u>v v>b v>c", latents="u v")
    bits = projected(bit_graph(graph))
    assert bits.named(bits.children[0]) == ("b", "c")
    assert bits.named(bits.spouses[bits.index["b"]]) == ("c",)
    assert identify(graph, "a", "b").formula == "P(b | a)"


def test_given_something_else():
    graph = graph_of("z x y w", "z>x z>y x>y y>w")
    found = identify(graph, "x", "y", given=["z"])
    assert (found.formula, found.by) == ("P(y | x, z)", "adjustment")
    after = identify(graph, "x", "y", given=["w"])
    assert after.identified
    assert after.by == "do-calculus"
    assert not identify(graph_of("z x y", "x>y x>z y>z", "x<>y"), "x", "y", given=["z"]).identified


def test_the_background_is_left_open():
    graph = CausalGraph(("a", "b", "x", "y"), (("a", "x"), ("b", "y"), ("x", "y")))
    found = identify(graph, "x", "y", background=("a", "b"))
    assert found.identified
    assert found.adjustment_sets.sets == (("a",), ("b",))
    open_one = identify(graph, "a", "y", background=("a", "b"))
    assert open_one.left_open
    assert not open_one.identified
    assert open_one.adjustment_sets.sets == open_one.instruments == open_one.ways_out == ()
    assert open_one.formula is None
    assert "background" in open_one.sentence
    assert identify(graph, "a", "y").identified


def test_the_order_of_the_background_makes_no_difference():
    rng = random.Random(21)
    for _ in range(60):
        size = rng.randint(2, 3)
        graph = random_graph(rng, 6, 0.4, arcs=0.15)
        order = graph.topological_order
        members = order[:size]
        if any(set(arc) & set(members) for arc in graph.bidirected):
            continue
        x, y = order[size], order[-1]
        answers = set()
        for some in (members, members[::-1]):
            nodes = (*some, *(name for name in graph.nodes if name not in some))
            turned = CausalGraph(nodes, tuple(e for e in graph.edges if not set(e) <= set(members)), graph.bidirected)
            found = identify(turned, x, y, background=members)
            answers.add((found.identified, frozenset(map(frozenset, found.adjustment_sets.sets))))
        assert len(answers) == 1
