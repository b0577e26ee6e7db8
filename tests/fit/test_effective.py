"""The one effective sample size: ArviZ's estimate, and what theory says of a known chain."""

import numpy as np
import pytest

from core.fit.effective import effective_size


def autoregressive(rng, chains, n, rho):
    noise = rng.normal(size=(chains, n))
    found = np.empty_like(noise)
    found[:, 0] = noise[:, 0]
    for t in range(1, n):
        found[:, t] = rho * found[:, t - 1] + np.sqrt(1 - rho**2) * noise[:, t]
    return found


@pytest.mark.parametrize("shape", [(1, 500), (4, 1000), (4, 333)])
@pytest.mark.parametrize("rho", [-0.6, -0.2, 0.0, 0.5, 0.9])
def test_it_is_arviz_s(rho, shape):
    """For chains that are long beside their memory; where the sum runs to the last lag neither says anything."""
    from arviz_stats.base import array_stats

    rng = np.random.default_rng([shape[1], int(100 * rho) + 100])
    chains = autoregressive(rng, *shape, rho) + rng.normal(size=(shape[0], 1)) * 0.1
    theirs = float(array_stats.ess(chains, method="mean", chain_axis=0, draw_axis=1))
    assert effective_size(chains) == pytest.approx(theirs, rel=1e-9)


def test_an_ar1_chain_is_worth_what_theory_says():
    """n (1 - rho) / (1 + rho)."""
    rng = np.random.default_rng(0)
    assert effective_size(autoregressive(rng, 4, 20_000, 0.8)) == pytest.approx(80_000 * 0.2 / 1.8, rel=0.1)
    assert effective_size(rng.normal(size=(4, 1000))) == pytest.approx(4000, rel=0.15)


def test_of_what_nothing_can_be_said_draws_count_as_independent():
    assert effective_size(np.zeros((4, 100))) == 400
    assert effective_size(np.arange(12.0).reshape(4, 3)) == 12
    assert effective_size(np.full((4, 50), np.nan)) == 200
