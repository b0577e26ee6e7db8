"""Bounds on effects: published ranges, closed forms, and worlds at random whose truth lies inside."""

from itertools import product
from math import prod

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.effects.bounds import Bounds, chance_bounds, effect_bounds, joint_of
from core.effects.responses import MOST_RESPONSES, programme_of
from core.errors import DataError, NotYetError, UsageError
from core.graph.causal_graph import CausalGraph
from core.graph.projection import components, latent_projection

INSTRUMENT = CausalGraph(("z", "x", "y"), (("z", "x"), ("x", "y")), (("x", "y"),))
BOW = CausalGraph(("x", "y"), (("x", "y"),), (("x", "y"),))


def named(graph: CausalGraph, sizes: tuple[int, ...] | None = None) -> dict[str, tuple[str, ...]]:
    sizes = sizes or (2,) * len(graph.observed)
    return {name: tuple(map(str, range(size))) for name, size in zip(graph.observed, sizes, strict=True)}


class World:
    """Chances at random for a graph, in which each arc is a latent of three levels; by enumeration."""

    def __init__(self, graph: CausalGraph, sizes: dict[str, int], seed: int, flat: float = 0.7) -> None:
        rng = np.random.default_rng(seed)
        arcs = {f"{a}~{b}": (a, b) for a, b in graph.bidirected}
        self.graph = graph
        self.order = [*arcs, *graph.topological_order]
        self.sizes = dict.fromkeys((*arcs, *graph.latents), 3) | sizes
        self.parents = {name: list(graph.parents(name)) for name in graph.nodes} | {arc: [] for arc in arcs}
        for arc, ends in arcs.items():
            for end in ends:
                self.parents[end].append(arc)
        self.chances = {
            name: rng.dirichlet([flat] * self.sizes[name], [self.sizes[one] for one in self.parents[name]])
            for name in self.order
        }

    def joint(self, **fixed: int) -> np.ndarray:
        """Return the shares of the observed nodes, some of them set."""
        letter = {name: place for place, name in enumerate(self.order)}
        parts: list[object] = []
        for name in self.order:
            chance = self.chances[name]
            if name in fixed:
                chance = np.zeros_like(chance)
                chance[..., fixed[name]] = 1.0
            parts += [chance, [letter[one] for one in (*self.parents[name], name)]]
        return np.asarray(np.einsum(*parts, [letter[name] for name in self.graph.observed], optimize=True))

    def mean(self, outcome: str, **fixed: int) -> float:
        axis = self.graph.observed.index(outcome)
        share = np.moveaxis(self.joint(**fixed), axis, 0).reshape(self.sizes[outcome], -1).sum(axis=1)
        return float(share @ np.arange(len(share)))


def test_vitamin_a() -> None:
    """Balke & Pearl 1997, section 4.1: mortality of children, offered and taken; [-0.1946, 0.0054]."""
    joint = np.empty((2, 2, 2))  # offered, taken, lived
    joint[0] = [[0.0064, 0.9936], [0.0, 0.0]]
    joint[1] = [[0.0028, 0.1972], [0.0010, 0.7990]]
    found = effect_bounds(INSTRUMENT, joint / 2, named(INSTRUMENT), "x", "y")
    assert (found.low, found.high) == pytest.approx((-0.1946, 0.0054), abs=1e-7)
    assert found.narrowest
    assert not found.identified
    uneven = joint * np.array([0.3, 0.7])[:, None, None]  # how many were offered it does not matter
    assert effect_bounds(INSTRUMENT, uneven, named(INSTRUMENT), "x", "y").low == pytest.approx(-0.1946, abs=1e-7)
    latent = CausalGraph(("z", "u", "x", "y"), (("z", "x"), ("x", "y"), ("u", "x"), ("u", "y")), (), frozenset("u"))
    assert effect_bounds(latent, joint / 2, named(latent), "x", "y") == found


def closed_form(p: np.ndarray) -> tuple[float, float]:
    """Balke & Pearl 1997, equations 14 and 15; ``p[z, x, y]`` given z."""
    c = {f"{y}{x}.{z}": p[z, x, y] for z, x, y in product((0, 1), repeat=3)}
    low = max(
        c["11.1"] + c["00.0"] - 1, c["11.0"] + c["00.1"] - 1,
        c["11.0"] - c["11.1"] - c["10.1"] - c["01.0"] - c["10.0"],
        c["11.1"] - c["11.0"] - c["10.0"] - c["01.1"] - c["10.1"],
        -c["01.1"] - c["10.1"], -c["01.0"] - c["10.0"],
        c["00.1"] - c["01.1"] - c["10.1"] - c["01.0"] - c["00.0"],
        c["00.0"] - c["01.0"] - c["10.0"] - c["01.1"] - c["00.1"],
    )  # fmt: skip
    high = min(
        1 - c["01.1"] - c["10.0"], 1 - c["01.0"] - c["10.1"],
        -c["01.0"] + c["01.1"] + c["00.1"] + c["11.0"] + c["00.0"],
        -c["01.1"] + c["11.1"] + c["00.1"] + c["01.0"] + c["00.0"],
        c["11.1"] + c["00.1"], c["11.0"] + c["00.0"],
        -c["10.1"] + c["11.1"] + c["00.1"] + c["11.0"] + c["10.0"],
        -c["10.0"] + c["11.0"] + c["00.0"] + c["11.1"] + c["10.1"],
    )  # fmt: skip
    return low, high


@given(st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_an_instrument_of_two_levels_has_the_closed_form(seed: int) -> None:
    joint = World(INSTRUMENT, dict.fromkeys("zxy", 2), seed, 0.4).joint()
    found = effect_bounds(INSTRUMENT, joint, named(INSTRUMENT), "x", "y")
    assert found.off == 0
    given_z = joint / joint.sum(axis=(1, 2), keepdims=True)
    assert (found.low, found.high) == pytest.approx(closed_form(given_z), abs=1e-6)


@given(st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_without_a_graph_to_speak_of_bounds_are_manskis(seed: int) -> None:
    """Manski 1990: what those who were not seen at a level would have had there may be anything."""
    joint = np.random.default_rng(seed).dirichlet([1.0] * 6).reshape(3, 2)
    both = named(BOW, (3, 2))
    for at in range(3):
        found = chance_bounds(BOW, joint, both, "x", "y", at=at, level=1)
        assert found.low == pytest.approx(joint[at, 1], abs=1e-6)
        assert found.high == pytest.approx(joint[at, 1] + 1 - joint[at].sum(), abs=1e-6)
    two = effect_bounds(BOW, joint, both, "x", "y", contrast=(0, 2))
    assert two.high - two.low == pytest.approx(2 - joint[0].sum() - joint[2].sum(), abs=1e-6)


def graphs(seed: int) -> tuple[CausalGraph, dict[str, int]]:
    """Return a graph at random of two to five nodes, the last after the first, with arcs and perhaps a latent."""
    rng = np.random.default_rng(seed)
    nodes = tuple("abcde"[: rng.integers(2, 6)])
    pairs = [(a, b) for place, a in enumerate(nodes) for b in nodes[place + 1 :]]
    edges = [pair for pair in pairs if rng.random() < 0.5]
    arcs = [pair for pair in pairs if rng.random() < 0.3]
    latents = frozenset(name for name in nodes[1:-1] if rng.random() < 0.2)
    graph = CausalGraph(tuple(rng.permutation(nodes).tolist()), tuple(edges), tuple(arcs), latents)
    sizes = {name: int(rng.choice([2, 2, 3])) if len(nodes) < 4 else 2 for name in graph.observed}
    return graph, sizes


@given(st.integers(0, 10**6))
@settings(max_examples=80, deadline=None)
def test_the_truth_lies_inside(seed: int) -> None:
    graph, sizes = graphs(seed)
    world = World(graph, sizes, seed, float(np.random.default_rng(seed).choice([0.2, 1.0])))
    pairs = [(a, b) for b in graph.observed for a in graph.observed if a in graph.ancestors(b)]
    assume(pairs)
    treatment, outcome = pairs[np.random.default_rng(seed + 1).integers(len(pairs))]
    levels = named(graph, tuple(sizes[name] for name in graph.observed))
    joint = world.joint()
    assume(np.all(joint > 1e-9))
    try:
        found = effect_bounds(graph, joint, levels, treatment, outcome)
    except NotYetError:
        assume(False)
    top = sizes[treatment] - 1
    truth = world.mean(outcome, **{treatment: top}) - world.mean(outcome, **{treatment: 0})
    assert found.low - 1e-6 <= truth <= found.high + 1e-6
    assert found.off == 0.0
    assert found.low >= -(sizes[outcome] - 1) - 1e-6
    one = chance_bounds(graph, joint, levels, treatment, outcome, at=top, level=0)
    axis = graph.observed.index(outcome)
    chance = float(np.take(world.joint(**{treatment: top}), 0, axis=axis).sum())
    assert -1e-6 <= one.low - 1e-6 <= chance <= one.high + 1e-6 <= 1 + 2e-6


@given(st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_what_a_graph_identifies_is_one_number_and_the_formulas(seed: int) -> None:
    back = CausalGraph(
        ("c", "x", "m", "y"), (("c", "x"), ("c", "y"), ("x", "m"), ("m", "y"), ("x", "y")), (("m", "y"),)
    )
    world = World(back, dict.fromkeys("cxmy", 2), seed)
    joint = world.joint()
    found = effect_bounds(back, joint, named(back), "x", "y")
    given_both = joint.sum(axis=2) / joint.sum(axis=(2, 3))[..., None]  # P(y | c, x)
    formula = float(joint.sum(axis=(1, 2, 3)) @ (given_both[:, 1, 1] - given_both[:, 0, 1]))
    assert (found.low, found.high) == pytest.approx((formula, formula), abs=1e-6)
    assert found.identified
    assert found.note == "the graph identifies it"

    front = CausalGraph(("x", "m", "y"), (("x", "m"), ("m", "y")), (("x", "y"),))
    joint = World(front, dict.fromkeys("xmy", 2), seed).joint()
    found = effect_bounds(front, joint, named(front), "x", "y")
    of_x, of_m = joint.sum(axis=(1, 2)), joint.sum(axis=2) / joint.sum(axis=(1, 2))[:, None]
    of_y = joint[..., 1] / joint.sum(axis=2)  # P(y | x, m)
    formula = float((of_m[1] - of_m[0]) @ (of_x @ of_y))
    assert (found.low, found.high) == pytest.approx((formula, formula), abs=2e-6)


def test_a_wider_set_is_said_where_causes_act_on_pairs() -> None:
    """The napkin is identified since its two arcs are independent, which the programme does not use."""
    napkin = CausalGraph(("w", "z", "x", "y"), (("w", "z"), ("z", "x"), ("x", "y")), (("w", "x"), ("w", "y")))
    world = World(napkin, dict.fromkeys("wzxy", 2), 3)
    found = effect_bounds(napkin, world.joint(), named(napkin), "x", "y")
    truth = world.mean("y", x=1) - world.mean("y", x=0)
    assert found.low <= truth <= found.high
    assert not found.narrowest
    assert "narrower still" in found.note


def test_shares_that_do_not_fit_the_graph_are_said_to_be_off() -> None:
    """With z moving y while x stays, z is no instrument: P(y, x | z) breaks the instrumental inequality by 0.6."""
    joint = np.zeros((2, 2, 2))
    joint[0, 0] = [0.8, 0.2]
    joint[1, 0] = [0.2, 0.8]
    found = effect_bounds(INSTRUMENT, joint / 2, named(INSTRUMENT), "x", "y")
    assert found.off == pytest.approx(1.2, abs=1e-6)
    assert "do not fit the graph" in found.note
    assert -1 <= found.low <= found.high <= 1


def test_a_sample_is_near_its_world() -> None:
    world = World(INSTRUMENT, dict.fromkeys("zxy", 2), 5)
    joint = world.joint()
    rng = np.random.default_rng(0)
    flat = rng.choice(8, 20_000, p=joint.ravel())
    codes = dict(zip("zxy", (part.astype(float) for part in np.unravel_index(flat, (2, 2, 2))), strict=True))
    sample = joint_of(codes, named(INSTRUMENT), "zxy")
    assert sample.sum() == pytest.approx(1)
    one, other = (effect_bounds(INSTRUMENT, shares, named(INSTRUMENT), "x", "y") for shares in (joint, sample))
    assert (other.low, other.high) == pytest.approx((one.low, one.high), abs=0.03)


@pytest.mark.repeats
def test_the_interval_for_sampling_holds_the_effect() -> None:
    """In 20 samples of 300 rows: an effect within the range always, and one that the graph identifies in most."""
    front = CausalGraph(("x", "m", "y"), (("x", "m"), ("m", "y")), (("x", "y"),))
    held = {}
    for graph in (INSTRUMENT, front):
        world = World(graph, dict.fromkeys(graph.nodes, 2), 5)
        joint, truth = world.joint(), world.mean("y", x=1) - world.mean("y", x=0)
        count = 0
        for seed in range(20):
            shares = np.random.default_rng(seed).multinomial(300, joint.ravel()).reshape(joint.shape) / 300
            found = effect_bounds(graph, shares, named(graph), "x", "y", rows=300)
            assert found.q05 is not None
            assert found.q95 is not None
            assert found.q05 < found.low
            assert found.high < found.q95
            count += found.q05 <= truth <= found.q95
        held[graph] = count
    assert held[INSTRUMENT] == 20
    assert 15 <= held[front] <= 20


def test_values_of_levels_and_no_path() -> None:
    joint = np.random.default_rng(1).dirichlet([1.0] * 6).reshape(2, 3)
    levels = named(BOW, (2, 3))
    plain = effect_bounds(BOW, joint, levels, "x", "y")
    scaled = effect_bounds(BOW, joint, levels, "x", "y", values=(10, 20, 30))
    assert (scaled.low, scaled.high) == pytest.approx((10 * plain.low, 10 * plain.high), abs=1e-5)
    assert effect_bounds(BOW, joint, levels, "y", "x") == Bounds(0.0, 0.0, "no path leads from y to x")
    none = chance_bounds(BOW, joint, levels, "y", "x", at=2, level=1)
    assert none.low == none.high == pytest.approx(joint[1].sum())
    assert none.to_dict()["identified"]


def test_refusals() -> None:
    fork = CausalGraph(("c", "x", "y"), (("c", "x"), ("c", "y"), ("x", "y")))
    joint = np.full((2, 2, 2), 1 / 6)
    joint[1, 1] = 0.0
    with pytest.raises(DataError, match="not linear"):
        effect_bounds(fork, joint, named(fork), "x", "y")
    with pytest.raises(DataError, match="shape"):
        effect_bounds(BOW, joint, named(BOW), "x", "y")
    with pytest.raises(DataError, match="sum to 1"):
        effect_bounds(BOW, np.ones((2, 2)), named(BOW), "x", "y")
    with pytest.raises(DataError, match="not an observed node"):
        effect_bounds(BOW, np.ones((2, 2)) / 4, named(BOW), "x", "q")
    with pytest.raises(UsageError, match="no level 2"):
        effect_bounds(BOW, np.ones((2, 2)) / 4, named(BOW), "x", "y", contrast=(0, 2))
    wide = CausalGraph(tuple("abcxy"), tuple((name, "y") for name in "abcx"), (("x", "y"),))
    with pytest.raises(NotYetError, match="50,000 ways"):
        effect_bounds(wide, np.full((3, 3, 3, 2, 2), 1 / 108), named(wide, (3, 3, 3, 2, 2)), "x", "y")


def test_the_programme_lists_every_response() -> None:
    joint = World(INSTRUMENT, dict.fromkeys("zxy", 2), 1).joint()
    found = programme_of(INSTRUMENT, joint, "x", "y")
    assert found.joined == ("x", "y")
    assert found.known.shape == (9, 16)  # 8 chances and a sum; 4 functions each
    assert prod(found.known.shape) < MOST_RESPONSES
    np.testing.assert_allclose(found.chances[..., :-1].sum(axis=1), 1.0)


def test_projection_and_components() -> None:
    graph = CausalGraph(
        ("a", "l", "b", "k", "c", "d"),
        (("a", "l"), ("l", "b"), ("k", "l"), ("k", "c"), ("c", "d")),
        (("k", "d"),),
        frozenset("lk"),
    )
    found = latent_projection(graph)
    assert found.edges == (("a", "b"), ("c", "d"))
    assert found.bidirected == (("b", "c"), ("b", "d"), ("c", "d"))
    assert components(found, frozenset("abcd")) == (frozenset("a"), frozenset("bcd"))
    assert components(found, frozenset("abd")) == (frozenset("a"), frozenset("bd"))
