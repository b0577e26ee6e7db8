"""Why estimates differ: worlds in which one thing is wrong, and graphs at random against the adjustment criterion."""

import random
from dataclasses import dataclass

import numpy as np
import pytest

from core.check.roles import Role
from core.effects.differing import Faults, faults_of, why
from core.effects.naive import Estimate, naive_estimates
from core.effects.steps import Step
from core.graph.causal_graph import CausalGraph
from core.graph.separation import d_separated


def graph_of(text: str, latents: str = "") -> CausalGraph:
    """Read ``"a->b a<->c"``."""
    edges = [tuple(part.split("->")) for part in text.split() if "<->" not in part]
    arcs = [tuple(part.split("<->")) for part in text.split() if "<->" in part]
    nodes = tuple(dict.fromkeys(name for pair in (*edges, *arcs) for name in pair))
    return CausalGraph(nodes, tuple(edges), tuple(arcs), frozenset(latents.split()))  # type: ignore[arg-type]


def valid(graph: CausalGraph, x: str, y: str, held: list[str]) -> bool:
    """The adjustment criterion (Shpitser, VanderWeele & Robins 2010), by its definition."""
    on_way = {name for name in graph.descendants(x) if name == y or y in graph.descendants(name)}
    if y not in on_way:
        on_way = set()
    if set(held) & (on_way | graph.descendants(*on_way)):
        return False
    cut = graph.replace_edges((a, b) for a, b in graph.edges if not (a == x and b in on_way))
    return d_separated(cut, x, y, held)


def test_something_is_wrong_just_where_the_adjustment_criterion_fails() -> None:
    rng = random.Random(1)
    right = 0
    for _ in range(3000):
        nodes = [f"v{number}" for number in range(rng.randint(2, 7))]
        pairs = [(a, b) for place, a in enumerate(nodes) for b in nodes[place + 1 :]]
        edges = [pair for pair in pairs if rng.random() < rng.choice([0.2, 0.5])]
        arcs = [pair for pair in pairs if rng.random() < 0.1]
        x, y = rng.sample(nodes, 2)
        latents = [name for name in nodes if name not in (x, y) and rng.random() < 0.15]
        graph = CausalGraph(tuple(rng.sample(nodes, len(nodes))), tuple(edges), tuple(arcs), frozenset(latents))
        held = [name for name in nodes if name not in (x, y, *latents) and rng.random() < 0.4]
        fine = valid(graph, x, y, held)
        assert faults_of(graph, x, y, held).any != fine, (graph, x, y, held)
        right += fine
    assert 1000 < right < 2000


CASES = [
    ("z->x z->y x->y", "", "", Faults(left_out=("z",))),
    ("z->x z->y x->y", "", "z", Faults()),
    ("a->z z->x z->y x->y", "", "", Faults(left_out=("z",))),
    ("a->z z->x z->y x->y a->y", "", "z", Faults()),
    ("a->z z->x z->y x->y a->y a->x", "", "z", Faults(left_out=("a",))),
    ("u->x u->y x->y", "u", "", Faults(unmeasured=(("u",),))),
    ("x->y x<->y", "", "", Faults(unmeasured=(("x", "y"),))),
    ("x->m m->y", "", "m", Faults(mediators=("m",))),
    ("x->m m->y m->d", "", "d", Faults(of_mediators=("d",))),
    ("x->m m->y m->d", "", "m d", Faults(mediators=("m",))),
    ("x->y x->c y->c", "", "c", Faults(outcomes=("c",), common=("c",))),
    ("x->c y->c", "", "c", Faults(outcomes=("c",), common=("c",))),
    ("x->y y->d", "", "d", Faults(outcomes=("d",))),
    ("y->d z->x", "", "d", Faults()),
    ("y->x", "", "", Faults(reverse=True)),
    ("a->x a->m b->m b->y x->y", "", "m", Faults(colliders=("m",))),
    ("a->x a->m b->m b->y x->y", "", "m a", Faults()),
    ("x<->m m<->y x->y", "", "m", Faults(colliders=("m",))),
    ("x->c u->c u->y x->y c->d", "u", "d", Faults(colliders=("d",))),
    ("a->x a->m b->m b->n c->n c->y x->y", "", "m n", Faults(colliders=("m", "n"))),
]


@pytest.mark.parametrize(("text", "latents", "held", "expected"), CASES)
def test_the_right_variable_is_named(text: str, latents: str, held: str, expected: Faults) -> None:
    assert faults_of(graph_of(text, latents), "x", "y", held.split()) == expected


@dataclass
class Says:
    mean: float | None
    q05: float | None
    q95: float | None


TRUE = Says(1.0, 0.9, 1.1)


def estimates(columns: dict[str, np.ndarray], **options: object) -> dict[str, Estimate]:
    roles = {name: Role(name, "gaussian") for name in columns}
    options = {"black_box": False, **options}
    return {one.name: one for one in naive_estimates(columns, roles, "x", "y", Step(), **options)}  # type: ignore[arg-type]


def test_worlds_in_which_one_thing_is_wrong() -> None:
    """Known differences: a confounder adds 0.5, a mediator takes 0.6 away, a collider 0.5; and each is named."""
    rng = np.random.default_rng(1)
    e = rng.normal(size=(4, 20_000))
    z, x = e[0], e[0] + e[1]
    found = estimates({"z": z, "x": x, "y": 1.0 * x + z + e[2]})
    graph = graph_of("z->x z->y x->y")
    assert found["raw"].mean == pytest.approx(1.5, abs=0.03)
    assert "it leaves out z, which acts on both x and y." in why(found["raw"], TRUE, graph, "x", "y")
    assert "agrees with what this graph says" in why(found["everything"], TRUE, graph, "x", "y")

    x, m = e[1], 0.6 * e[1] + e[0]
    found = estimates({"m": m, "x": x, "y": 0.4 * x + m + e[2]})
    graph = graph_of("x->m m->y x->y")
    assert found["everything"].mean == pytest.approx(0.4, abs=0.03)
    said = why(found["everything"], TRUE, graph, "x", "y", title=str.upper)
    assert "a regression on everything says 0.4" in said.lower()
    assert "it holds M fixed, which lies on the way from X to Y (a mediator)." in said
    assert "agrees" in why(found["raw"], TRUE, graph, "x", "y")

    x, y = e[1], 1.0 * e[1] + e[2]
    found = estimates({"x": x, "y": y, "c": x + y + e[3]})
    graph = graph_of("x->y x->c y->c")
    assert found["everything"].mean == pytest.approx(0.0, abs=0.03)  # (1 - 1) / 2
    assert "it holds c fixed, on which both x and y act (a collider)." in why(
        found["everything"], TRUE, graph, "x", "y"
    )

    a, b = e[0], e[1]
    x = 2 * a + e[2]
    found = estimates({"m": a + b, "x": x, "y": 1.0 * x + 3 * b + e[3]}, adjustment_sets=[("m",)])
    graph = graph_of("a->x a->m b->m b->y x->y", "a b")
    assert abs(found["adjusted: m"].mean - 1.0) > 0.5
    assert "it holds m fixed, where what goes with x and what goes with y meet (a collider)" in why(
        found["adjusted: m"], TRUE, graph, "x", "y"
    )


def test_an_instrument_is_asked_its_own_questions() -> None:
    rng = np.random.default_rng(2)
    q, u, e, f = rng.normal(size=(4, 20_000))
    x = q + u + e
    good = estimates({"q": q, "x": x, "y": x + u + f}, instruments=[("q", ())])["instrument: q"]
    assert good.mean == pytest.approx(1.0, abs=0.05)
    assert "agrees" in why(good, TRUE, graph_of("q->x x->y x<->y"), "x", "y")
    bad = estimates({"q": q, "x": x, "y": x + u + q + f}, instruments=[("q", ())])["instrument: q"]
    assert bad.mean == pytest.approx(2.0, abs=0.05)
    assert "q acts on y other than by way of x" in why(bad, TRUE, graph_of("q->x x->y x<->y q->y"), "x", "y")
    assert "q goes with y other than by way of x" in why(bad, TRUE, graph_of("q->x x->y q<->y"), "x", "y")
    assert "q does not go with x, so it is no instrument" in why(bad, TRUE, graph_of("q->z x->y"), "x", "y")
    assert "either it speaks of others" in why(bad, TRUE, graph_of("q->x x->y x<->y"), "x", "y")
    assert "the graph says nothing of q" in why(bad, TRUE, graph_of("x->y"), "x", "y")


def test_form_or_the_graph_is_said_only_where_nothing_else_is_wrong() -> None:
    made = Estimate("black box", "boosted trees on everything", 3.0, 0.1, 2.8, 3.2, ("z",), "", "black box")
    right, wrong = graph_of("z->x z->y x->y"), graph_of("x->z z->y x->y")
    assert "trees go in steps" in why(made, TRUE, right, "x", "y")
    assert why(made, TRUE, wrong, "x", "y") == (
        "Boosted trees on everything say 3.00 [2.80, 3.20], this graph 1.00 [0.900, 1.10]: they hold z fixed, which "
        "lies on the way from x to y (a mediator)."
    )
    line = Estimate("raw", "the plain comparison", 3.0, 0.1, 2.8, 3.2, (), "", "raw")
    assert why(line, TRUE, graph_of("x->y"), "x", "y") == (
        "The plain comparison says 3.00 [2.80, 3.20], this graph 1.00 [0.900, 1.10]: by the arrows nothing need "
        "be held fixed, so the two should agree; either the form differs (here a straight line, there the model's "
        "own), or the graph is wrong."
    )
    assert "this graph gives no number: it leaves out z" in why(line, Says(None, None, None), right, "x", "y")
    denies = why(made, TRUE, graph_of("z->x x->y"), "x", "y")
    assert denies.endswith("or the graph is wrong, say to deny that z and y go together.")
    more = Estimate(
        "everything", "a regression on everything", 3.0, 0.1, 2.8, 3.2, ("w",), "", "everything", scale="ratio"
    )
    assert why(more, TRUE, graph_of("x->y"), "x", "y", whose="A") == (
        "A regression on everything says a factor of 3.00 [2.80, 3.20], A a factor of 1.00 [0.900, 1.10]: w is held "
        "fixed, of which the graph says nothing."
    )
    hidden = graph_of("a->x b->y a<->b x->y")
    assert "acts on both a and b, and through them on x and y" in why(line, TRUE, hidden, "x", "y")
    agreeing = Estimate("raw", "the plain comparison", 1.0, 0.1, 0.8, 1.2, (), "", "raw")
    assert why(agreeing, TRUE, right, "x", "y").endswith("It need not: it leaves out z, which acts on both x and y.")
