"""The front door for numbers: intervals hold the truth that made the rows."""

import numpy as np

from core.effects.front_door import through

NOTHING = np.empty((300, 0))


def test_the_front_door_of_numbers_covers_the_truth() -> None:
    """Two mediators, an unmeasured cause of both ends; the effect is .8 * .5 + .3 * .4."""
    truth, inside, naive_inside = 0.8 * 0.5 + 0.3 * 0.4, 0, 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        hidden, rows = rng.normal(size=300), 300
        x = hidden + rng.normal(size=rows)
        m = 0.8 * x + rng.normal(size=rows)
        n = 0.3 * x + rng.normal(size=rows)
        y = 0.5 * m + 0.4 * n + hidden + rng.normal(size=rows)
        draws = through(
            y, x[:, None], np.column_stack([m, n]), np.array([1.0]), (NOTHING, x[:, None]), draws=2000, seed=seed
        )
        assert draws is not None
        low, high = np.quantile(draws, (0.05, 0.95))
        inside += bool(low < truth < high)
        slope = float(np.polyfit(x, y, 1)[0])
        naive_inside += bool(low < slope < high)
    assert 82 <= inside <= 97
    assert naive_inside == 0


def test_a_mediator_that_the_treatment_determines_says_nothing() -> None:
    x = np.random.default_rng(0).normal(size=50)
    assert through(x**2, x[:, None], x[:, None] * 2.0, np.array([1.0]), (NOTHING[:50], x[:, None])) is None
