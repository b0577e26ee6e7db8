"""Whole comparisons of columns that nearly determine each other: classes tie, and superfluous arrows stay out."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from core import compare
from core.data.dataset import Dataset
from core.hypothesis import Hypothesis, Prior
from core.study import plan
from tests.study.study_cases import chain_data, named

SAID = (("t", Prior("Constant", (("value", 0.5),))),)


def strong_data(rows: int = 100, seed: int = 0, skewed: bool = False) -> Dataset:
    """A chain x -> m -> y with R2 .99 in each step, and an age that is behind all of them."""
    rng = np.random.default_rng(seed)
    age = rng.normal(size=rows)
    x = 0.5 * age + rng.normal(size=rows)
    x /= x.std()
    m = np.sqrt(0.99) * x + 0.1 * rng.normal(size=rows)
    y = np.sqrt(0.99) * m + 0.1 * rng.normal(size=rows)
    return Dataset.from_frame(pd.DataFrame({"age": age, "x": x, "m": np.exp(m) if skewed else m, "y": y}))


def complete(names: tuple[str, ...], before: tuple[str, ...] = ()) -> str:
    order = (*before, *names)
    return " ".join(f"{a} -> {b}" for i, a in enumerate(order) for b in order[i + 1 :])


def sweeps(data: Dataset, hypotheses: list[Hypothesis]) -> list[tuple[float, ...]]:
    found = compare(data, hypotheses, draws=400)
    sums = []
    for facts in found.hypotheses:
        assert {block.method for block in facts.blocks} == {"exact"}
        assert facts.log_evidence.sweep is not None
        sums.append(tuple(facts.log_evidence.sweep))
    return sums


@pytest.mark.parametrize("background", [(), ("age",)])
def test_equivalent_graphs_tie_at_every_step_of_the_sweep(background: tuple[str, ...]) -> None:
    """All orders of the complete graph, Normal beside LogNormal, with and without a background."""
    orders = list(permutations(("x", "m", "y")))
    hypotheses = [
        Hypothesis.from_dagitty(f"dag {{ {complete(order, background)} }}", f"h{place}")
        for place, order in enumerate(orders)
    ]
    if background:
        hypotheses = [Hypothesis.from_dict({**h.to_dict(), "background": list(background)}) for h in hypotheses]
    data = strong_data(skewed=True)
    work = plan(data, hypotheses)
    t = {m.node: m.prior["t"]["value"] for m in work.specs[0].nodes}
    assert work.given == background
    assert len(set(t.values())) == 3
    assert max(t.values()) < 0.1
    assert work.specs[0].node("m").family == "LogNormal"
    assert np.ptp(np.array(sweeps(data, hypotheses)), axis=0).max() < 1e-9


@pytest.mark.repeats
def test_an_arrow_that_is_not_there_is_not_asked_for() -> None:
    rivals = named(chain="x -> m m -> y age -> x", more="x -> m m -> y x -> y age -> x")
    old = [
        Hypothesis(h.name, tuple(h.with_node(n.name, priors=SAID).node(n.name) for n in h.nodes), h.edges)
        for h in rivals
    ]
    asked = {"own": 0, "half": 0}
    for seed in range(20):
        data = strong_data(seed=seed)
        for way, drawn in (("own", rivals), ("half", old)):
            chain, more = sweeps(data, drawn)
            asked[way] += all(b > a for a, b in zip(chain, more, strict=True))
    assert asked["own"] <= 2
    assert asked["half"] >= 6


def test_a_scale_said_in_one_rival_only_breaks_the_tie_and_said_in_both_keeps_it() -> None:
    one, two = named(one="x -> m m -> y", two="y -> m m -> x")
    data = strong_data()
    said = two.with_node("m", priors=(("t", Prior("Constant", (("value", 0.3),))),))
    first, second = sweeps(data, [one, said])
    assert abs(first[1] - second[1]) > 0.1
    first, second = sweeps(data, [one.with_node("m", priors=said.node("m").priors), said])
    assert first == pytest.approx(second, abs=1e-9)


def test_the_native_form_keeps_it() -> None:
    hypothesis = named(h="x -> m")[0].with_node("x", priors=SAID)
    assert Hypothesis.from_dict(hypothesis.to_dict()) == hypothesis
    assert '"t": {' in hypothesis.to_json()


def test_blocks_that_nothing_changed_for_keep_their_keys() -> None:
    """Where no column is strongly related the prior's numbers are those of before, and t is no part of a key."""
    work = plan(chain_data(), named(h="a -> b b -> c"))
    said = plan(chain_data(), [h.with_node("b", priors=SAID) for h in named(h="a -> b b -> c")])
    assert work.keys == said.keys
