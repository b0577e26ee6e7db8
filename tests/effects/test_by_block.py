"""What each block carries of a contrast's variance, and what is left of it once a part was measured."""

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.effects.by_block import by_block, remaining_variance
from core.effects.settings import Setting
from core.study import compare, reopen
from core.study.acting import acting_on
from tests.study.study_cases import named

WORLDS = [[Setting("x", 0.0)], [Setting("x", 1.0)]]


def two_ways(rows: int = 120) -> Dataset:
    """Two ways that share nothing: x -> m -> y and x -> k -> y, the first known far worse."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=rows)
    m = 0.5 * x + 2 * rng.normal(size=rows)
    k = 0.5 * x + 0.2 * rng.normal(size=rows)
    return Dataset.from_frame(pd.DataFrame({"x": x, "m": m, "k": k, "y": m + k + 0.2 * rng.normal(size=rows)}))


def test_blocks_of_ways_that_are_linear_add_up_to_the_whole() -> None:
    data = two_ways()
    acting = acting_on(reopen(compare(data, named(A="x -> m x -> k m -> y k -> y")), data))
    stage = acting.stage(0, draws=4000, rows=60, shared=True)
    total, parts = by_block(stage, WORLDS, "y", [("x",), ("m",), ("k",), ("y",)])
    own = {part.nodes[0]: part for part in parts}
    assert set(own) == {"m", "k", "y"}  # nothing of x is on the way
    assert sum(part.variance for part in parts) == pytest.approx(total, rel=0.06)
    assert own["m"].variance > 0.8 * total
    assert own["m"].arrow == ("x", "m")
    slopes = stage.parameters["m"]["slopes"][:, 0]
    assert own["m"].variance == pytest.approx(np.var(slopes) * total / np.var(slopes), rel=0.2)


def test_the_arrow_is_the_one_whose_strength_matters() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=200)
    m, k = 3 * x + 3 * rng.normal(size=200), 0.3 * x + 3 * rng.normal(size=200)
    data = Dataset.from_frame(pd.DataFrame({"x": x, "m": m, "k": k, "y": m + k + rng.normal(size=200)}))
    acting = acting_on(reopen(compare(data, named(A="x -> m x -> k m -> y k -> y")), data))
    _, parts = by_block(acting.stage(0, draws=1000, rows=60, shared=True), WORLDS, "y", [("m",), ("y",)])
    found = {part.nodes[0]: part.arrow for part in parts}
    assert found == {"m": ("x", "m"), "y": ("m", "y")}  # through m comes ten times what comes through k


def test_what_bends_is_carried_too() -> None:
    rng = np.random.default_rng(6)
    x = rng.normal(size=200)
    y = rng.random(200) < 1 / (1 + np.exp(-x))
    data = Dataset.from_frame(pd.DataFrame({"x": x, "y": np.where(y, "yes", "no")}))
    acting = acting_on(reopen(compare(data, named(A="x -> y")), data))
    total, parts = by_block(acting.stage(0, draws=500, rows=60, shared=True), WORLDS, "y", [("y",)])
    assert parts[0].variance == pytest.approx(total)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_left_after_an_experiment_is_what_experiments_leave(seed: int) -> None:
    """A sum of two Normals, one of them measured: the mean variance over simulated results, weighed by likelihood."""
    rng = np.random.default_rng(seed)
    own, rest, error = rng.uniform(0.5, 4.0, 3)
    part, other = np.sqrt(own) * rng.normal(size=20_000), np.sqrt(rest) * rng.normal(size=20_000)
    left = []
    for truth in np.sqrt(own) * rng.normal(size=200):
        result = truth + np.sqrt(error) * rng.normal()
        weights = np.exp(-0.5 * (result - part) ** 2 / error)
        weights /= weights.sum()
        whole = part + other
        left.append(weights @ (whole - weights @ whole) ** 2)
    assert np.mean(left) == pytest.approx(remaining_variance(own + rest, own, error), rel=0.05)
    assert remaining_variance(own + rest, own, own) == pytest.approx(rest + own / 2)
    assert remaining_variance(rest, 0.0, 0.0) == rest
