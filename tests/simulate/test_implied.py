"""What a hypothesis implies of one node before it has seen data, and how much of that is absurd."""

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.hypothesis import Edge, Hypothesis, Node
from core.model.resolve import resolve
from core.simulate.background import background_rows
from core.simulate.implied import Implied, implied

NAN = float("nan")


def made(generated: list[float], observed: list[float], kind: str = "real", levels: tuple[str, ...] = ()) -> Implied:
    return Implied(kind, levels, np.array(generated), np.array(observed))


def test_shares_of_what_is_far_impossible_and_lost() -> None:
    found = made([1.0, 2.0, 5.0, 26.0, -9.0, -11.0, NAN, 3.0], [0.5, 10.5], "positive")  # far: below -9.5, above 20.5
    assert found.lost == 1 / 8
    assert found.far == 3 / 8
    assert found.impossible == 2 / 8
    assert made([1.0, NAN], []).far == 0.5
    assert made([-0.1, 0.5, 1.5, 1.0], [0.2, 0.3], "proportion").impossible == 0.5


def test_a_column_of_one_value_has_a_range_too() -> None:
    found = made([4.0, 4.5, 40.0], [4.0, 4.0])
    assert found.far == pytest.approx(1 / 3)
    assert found.window.observed.sum() == pytest.approx(1.0)


def test_the_window_holds_all_that_was_observed_and_nothing_absurd() -> None:
    rng = np.random.default_rng(1)
    found = made(list(1e6 * rng.standard_cauchy(4000)), list(rng.normal(size=50)))
    window = found.window
    assert window.observed.sum() == pytest.approx(1.0)
    assert window.generated.sum() < 0.01
    assert window.edges[-1] < 20


def test_counts_and_levels_have_a_bin_each() -> None:
    counts = made([0.0, 1.0, 1.0, 3.0], [0.0, 2.0], "count").window
    assert counts.edges.tolist() == [-0.5, 0.5, 1.5, 2.5, 3.5]
    levels = made([0.0, 1.0, 1.0, 1.0], [0.0], "binary", ("no", "yes"))
    assert levels.window.generated.tolist() == [0.25, 0.75]
    assert levels.far == 0.0


def test_nothing_that_a_machine_can_hold() -> None:
    found = made([NAN, NAN], [1.0, 2.0])
    assert (found.lost, found.far, found.impossible) == (1.0, 1.0, 0.0)
    assert found.window.observed.sum() == pytest.approx(1.0)


def test_of_a_specification_with_and_without_data() -> None:
    drawn = Hypothesis("h", (Node("x"), Node("y")), (Edge("x", "y", form="auto"),), background=("x",))
    alone = implied(resolve(Hypothesis("h", drawn.nodes, drawn.edges)), "y", None)
    assert alone.observed.size == 0
    rng = np.random.default_rng(2)
    x = rng.normal(50, 3, 80)
    data = Dataset.from_frame(pd.DataFrame({"x": x, "y": x + rng.normal(size=80)}))
    found = implied(resolve(drawn, data), "y", data)
    low, high = found.half()
    assert low < 50 < high
    assert found.observed.size == 80


def test_a_group_that_is_coded_by_numbers() -> None:
    rng = np.random.default_rng(3)
    shop = rng.integers(100, 110, 120)
    data = Dataset.from_frame(pd.DataFrame({"shop": shop, "y": shop + rng.normal(size=120)}))
    spec = resolve(Hypothesis("h", (Node("y", group="shop"),)), data)
    assert background_rows(spec, data, 50)["shop"].max() < 10  # codes, as the specification takes them
    found = implied(spec, "y", data)
    assert found.lost == 0.0
    assert found.half(observed=True)[0] > 100
