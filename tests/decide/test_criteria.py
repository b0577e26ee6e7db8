"""Means, tails and quantiles of draws that are pooled over hypotheses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from core.decide.criteria import cvar, expected, pooled_variance, quantiles, widened
from tests.decide.decide_cases import ONE

FloatArray = NDArray[np.float64]

tables = st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 12)).flatmap(
    lambda shape: st.tuples(
        arrays.arrays(np.float64, shape, elements=st.floats(-1e3, 1e3)),
        arrays.arrays(np.float64, shape[0], elements=st.floats(0.01, 1)).map(lambda w: w / w.sum()),
    )
)


@pytest.mark.parametrize(("risk", "spreads"), [(0.05, 2.0627), (0.1, 1.7550), (0.5, 0.7979), (1.0, 0.0)])
def test_of_a_normal_it_is_what_tables_say(risk: float, spreads: float) -> None:
    """mu - sigma * phi(z) / risk: at 5 % mu - 2.063 sigma."""
    draws = np.random.default_rng(0).normal(3.0, 2.0, size=(1, 1, 400_000))
    assert cvar(draws, ONE, risk)[0] == pytest.approx(3.0 - 2.0 * spreads, abs=0.02)


def test_the_draw_that_straddles_the_risk_counts_in_part() -> None:
    """The worst 30 % of four draws: all of the first (25 %), and 5 of the 25 % of the second."""
    draws = np.array([[[4.0, 1.0, 3.0, 2.0]]])
    assert cvar(draws, ONE, 0.3)[0] == pytest.approx((0.25 * 1 + 0.05 * 2) / 0.3)
    assert cvar(draws, ONE, 0.01)[0] == 1.0


def test_weights_are_honoured() -> None:
    """A hypothesis of weight 3/4 is the same as three of weight 1/4, and one of weight 0 as none."""
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 1, 5, 30))
    weighted, copied = np.concatenate([a, b]), np.concatenate([a, a, a, b])
    three, quarters = np.array([0.75, 0.25]), np.full(4, 0.25)
    for risk in (0.03, 0.1, 0.5):
        np.testing.assert_allclose(cvar(weighted, three, risk), cvar(copied, quarters, risk))
    np.testing.assert_allclose(expected(weighted, three), expected(copied, quarters))
    np.testing.assert_allclose(pooled_variance(weighted, three), pooled_variance(copied, quarters))
    shares = (0.05, 0.5, 0.95)
    np.testing.assert_allclose(quantiles(weighted, three, shares), quantiles(copied, quarters, shares))
    np.testing.assert_allclose(cvar(weighted, np.array([1.0, 0.0]), 0.1), cvar(a, ONE, 0.1))


def test_the_variance_splits_into_parameters_and_structure() -> None:
    draws = np.array([[[0.0, 2.0]], [[10.0, 14.0]]])
    within, between = pooled_variance(draws, np.array([0.5, 0.5]))
    assert within[0] == pytest.approx((1 + 4) / 2)
    assert between[0] == pytest.approx(5.5**2)
    assert within[0] + between[0] == pytest.approx(np.var([0, 2, 10, 14]))


def test_quantiles_are_draws() -> None:
    draws = np.arange(100.0)[::-1].reshape(1, 1, 100)
    np.testing.assert_array_equal(quantiles(draws, ONE, (0.05, 0.5, 0.95, 1.0)), [[4, 49, 94, 99]])


@given(tables, st.floats(0.001, 1), st.floats(0.001, 1))
def test_a_tail_is_no_better_than_the_mean_and_grows_with_the_risk(
    table: tuple[FloatArray, FloatArray], one: float, other: float
) -> None:
    values, weights = table
    low, high = sorted((one, other))
    near = 1e-9 * (1 + np.abs(values).max())
    assert (cvar(values, weights, low) <= cvar(values, weights, high) + near).all()
    assert (cvar(values, weights, high) <= expected(values, weights) + near).all()
    assert (cvar(values, weights, low) >= values.min(axis=(0, 2)) - near).all()
    np.testing.assert_allclose(cvar(values, weights, 1.0), expected(values, weights), atol=near)


def test_widened_draws_keep_their_means() -> None:
    draws = np.random.default_rng(0).normal(size=(2, 3, 50))
    wide = widened(draws, 3.0)
    np.testing.assert_allclose(wide.mean(axis=2), draws.mean(axis=2), atol=1e-12)
    np.testing.assert_allclose(wide.std(axis=2), 3 * draws.std(axis=2))
    assert widened(draws, 1.0) is draws
