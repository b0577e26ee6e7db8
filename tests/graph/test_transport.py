"""Effects carried over: the formula against what an intervention does in a second world, and published examples."""

import random

import numpy as np
import pytest
from graph_oracle import random_graph
from identification_oracle import after_do, graph_of, joint, random_question, value, world

from core.errors import GraphError
from core.graph.bits import bit_graph
from core.graph.identify import identify
from core.graph.surgery import projected
from core.graph.transport import transported


@pytest.mark.parametrize("graphs", [400, pytest.param(5_000, marks=pytest.mark.slow)])
def test_the_effect_in_a_world_where_some_mechanisms_are_other_ones(graphs):
    rng, numbers = random.Random(13), np.random.default_rng(13)
    count = carried = mixed = 0
    while count < graphs:
        graph = random_graph(rng, rng.randint(3, 6), 0.45, arcs=rng.choice((0.1, 0.3)), latents=0.15)
        question = random_question(rng, graph)
        if question is None or len(graph.bidirected) > 6:
            continue
        x, y = question
        count += 1
        differing = tuple(name for name in graph.observed if rng.random() < 0.3)
        bits = projected(bit_graph(graph))
        found = transported(bits, bits.index[x], bits.index[y], bits.mask(differing))
        fewer = identify(graph, x, y).carried_over(differing)
        assert (found is None) == (fewer is None)
        if identify(graph, x, y).identified:
            assert found is not None, "what is identified there needs no experiment"
        if found is None or fewer is None:
            continue
        carried += 1
        here, other = world(numbers, graph), world(numbers, graph)
        there = {name: other[name] if name in differing else factor for name, factor in here.items()}
        tables = joint(graph, here), joint(graph, here, [x]), joint(graph, there)
        truth = after_do(graph, there, x, y)
        text = identify(graph, x, y).written(fewer)
        mixed += "do(" in text and "P*" in text
        for expression in (found, fewer):
            assert np.abs(value(expression, graph.observed, *tables) - truth).max() < 1e-9, (graph, x, y, text)
    print(f"{count} graphs, {carried} carried over, {mixed} of them with both")
    assert carried < count
    assert mixed > count / 20


def written(graph, differing):
    asked = identify(graph, "x", "y")
    found = asked.carried_over(differing)
    return None if found is None else asked.written(found)


def test_published_examples():
    """Pearl & Bareinboim (2011): age that differs is weighed anew, a proxy of it is not, a mediator is seen there."""
    age = graph_of("z x y", "z>x z>y x>y")
    assert written(age, ["z"]) == "Σ_z P(y | do(x), z) P*(z)"
    language = graph_of("z u x y", "u>z u>y x>y", "", "u")
    assert written(language, ["z"]) == "P(y | do(x))"
    marker = graph_of("x z y", "x>z z>y", "x<>y")
    assert written(marker, ["z"]) == "Σ_z P(y | do(x), z) P*(z | x)"


def test_what_cannot_be_carried_over():
    bow = graph_of("x y", "x>y", "x<>y")
    assert written(bow, ["y"]) is None
    assert written(bow, ["x"]) == "P(y | do(x))"


def test_only_what_is_observed_can_be_named():
    graph = graph_of("x y u", "x>y u>x u>y", latents="u")
    for name in ("u", "q"):
        with pytest.raises(GraphError, match=name):
            identify(graph, "x", "y").carried_over([name])
