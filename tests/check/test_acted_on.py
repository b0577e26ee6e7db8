"""What ties rows together acts on a column itself, or shows in it only when its children are given."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.check.acted_on import acted_on
from core.check.left_over import left_over
from core.check.resemblance import group_spread, order_gone, order_shared
from core.check.roles import role_of
from core.data.dataset import Dataset
from tests.check.test_rows import found, plain


@pytest.mark.parametrize("levels", [3, 12])
def test_a_category_that_acts_on_one_column_alone_is_a_cause_and_no_group(levels: int) -> None:
    """Given y, x shows what acts on y; by itself it does not."""
    alarms = 0
    for seed in range(20):
        rng = np.random.default_rng([seed, levels])
        frame, level = plain(seed), rng.integers(0, levels, 300)
        frame["y"] += rng.normal(size=levels)[level]
        seen = found(frame.assign(region=[f"r{one}" for one in level]), region="category")
        alarms += bool(seen) or seen.computed
    assert alarms <= 4  # two or three are due; before, 17 or more


def test_what_acts_through_others_is_told_from_what_acts_itself() -> None:
    """A school acts on b alone, in the middle of a -> b -> c: neither what causes b nor what follows has it itself."""
    rng = np.random.default_rng(4)
    group = rng.permutation(np.repeat(np.arange(20), 30))
    a = rng.normal(size=600)
    b = 0.7 * a + rng.normal(size=20)[group] + rng.normal(size=600)
    c = 0.7 * b + rng.normal(size=600)
    raw = {"a": a, "b": b, "c": c}
    roles = {name: role_of(name, "Normal", 0) for name in raw}
    columns = {name: values[:, None] for name, values in raw.items()}
    residuals = left_over(Dataset.from_frame(pd.DataFrame(raw)), roles, raw, np.ones(600, dtype=bool))

    def shared(values: np.ndarray) -> np.ndarray:
        spread = group_spread(values, group)
        assert spread is not None
        return spread.between

    def gone(values: np.ndarray, amount: float) -> np.ndarray:
        spread = group_spread(values, group)
        assert spread is not None
        return spread.gone(amount)

    assert (shared(np.stack(list(residuals.values()))) > 0.01).sum() >= 2  # a shows it, given b
    assert acted_on(columns, residuals, shared, gone).tolist() == [False, True, False]


def test_an_order_is_told_in_the_same_way() -> None:
    """Only what b adds has a memory: a, given b, shows it, and by itself does not."""
    rng = np.random.default_rng(6)
    noise = np.zeros(500)
    for row in range(1, 500):
        noise[row] = 0.7 * noise[row - 1] + rng.normal()
    a = rng.normal(size=500)
    b = a + noise
    given_b = a - b * (a @ b) / (b @ b)
    amounts = order_shared(np.stack([given_b, b]))
    assert (amounts > 0.1).all()
    columns = {"a": a[:, None], "b": b[:, None]}
    direct = acted_on(
        columns, {"a": given_b, "b": b}, order_shared, lambda values, amount: order_gone(values, None, amount)
    )
    assert direct.tolist() == [False, True]
