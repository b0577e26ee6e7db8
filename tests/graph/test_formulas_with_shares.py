"""Formulas with shares put in: against interventions in worlds whose numbers are known."""

import numpy as np
import pytest
from graph_oracle import canonical
from identification_oracle import after_do, graph_of, joint, world

from core.effects.plugged import plugged
from core.errors import NotYetError
from core.graph.causal_graph import CausalGraph
from core.graph.identify import identify

BOTH = ("no", "yes")
GRAPHS = {
    "front door": graph_of("x m y", "x>m m>y", "x<>y"),
    "napkin": graph_of("w z x y", "w>z z>x x>y", "w<>x w<>y"),
    "Verma": graph_of("a x b y", "a>x x>b b>y", "x<>y"),
    "adjustment": graph_of("z x y", "z>x z>y x>y"),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_the_formula_is_what_setting_the_treatment_gives(name: str) -> None:
    graph = GRAPHS[name]
    rng = np.random.default_rng(len(name))
    factors = world(rng, graph)
    set_to = after_do(graph, factors, "x", "y").squeeze()  # an axis for x, one for y, in the nodes' order
    if graph.observed.index("x") > graph.observed.index("y"):
        set_to = set_to.T
    shares = joint(graph, factors).reshape(tuple(2 for _ in graph.observed))
    rows = 400_000
    picked = rng.choice(shares.size, rows, p=shares.ravel() / shares.sum())
    codes = dict(zip(graph.observed, map(np.float64, np.unravel_index(picked, shares.shape)), strict=True))
    found = identify(graph, "x", "y")
    assert found.estimand is not None
    draws = plugged(found.estimand, codes, dict.fromkeys(graph.observed, BOTH), "x", "y", (0, 1), draws=400)
    truth = set_to[1] - set_to[0]
    assert draws.shape == (400, 2)
    assert draws.sum(axis=1) == pytest.approx(np.zeros(400), abs=1e-9)
    low, high = np.quantile(draws[:, 1], (0.0005, 0.9995))
    assert low < truth[1] < high
    assert draws[:, 1].std() < 0.03


def test_worlds_have_unmeasured_causes() -> None:
    assert canonical(GRAPHS["napkin"]).latents


def test_too_many_combinations_are_refused() -> None:
    graph = CausalGraph(("x", "m", "y"), (("x", "m"), ("m", "y")), (("x", "y"),))
    found = identify(graph, "x", "y")
    levels = dict.fromkeys(graph.nodes, tuple(map(str, range(20))))
    codes = dict.fromkeys(graph.nodes, np.zeros(5))
    assert found.estimand is not None
    with pytest.raises(NotYetError):
        plugged(found.estimand, codes, levels, "x", "y", (0, 1))
