"""Stacking weights: against SciPy's SLSQP, against plain EM, and by their optimality condition."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from core.comparison.stacking import gap, stacking_weights


def by_em(elpd: np.ndarray, steps: int = 20_000) -> np.ndarray:
    density = np.exp(elpd - elpd.max(axis=1, keepdims=True))
    weights = np.full(elpd.shape[1], 1 / elpd.shape[1])
    for _ in range(steps):
        weights = weights * np.mean(density / (density @ weights)[:, None], axis=0)
    return weights


def by_slsqp(elpd: np.ndarray) -> np.ndarray:
    density = np.exp(elpd - elpd.max(axis=1, keepdims=True))
    k = elpd.shape[1]
    found = minimize(
        lambda w: -np.mean(np.log(density @ w)),
        np.full(k, 1 / k),
        jac=lambda w: -np.mean(density / (density @ w)[:, None], axis=0),
        bounds=[(0, 1)] * k,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda w: np.ones(k)},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 1000},
    )
    return found.x


def objective(elpd: np.ndarray, weights: np.ndarray) -> float:
    return float(np.mean(np.log(np.exp(elpd) @ weights)))


@pytest.mark.parametrize("candidates", [2, 3, 5, 8])
@pytest.mark.parametrize("seed", range(6))
def test_weights_are_optimal(candidates: int, seed: int) -> None:
    rng = np.random.default_rng([candidates, seed])
    elpd = -1.5 + rng.normal(size=(300, 1)) + 0.7 * rng.normal(size=(300, candidates))
    elpd += 0.3 * rng.normal(size=candidates)
    found = stacking_weights(elpd)
    assert found.sum() == pytest.approx(1.0)
    assert (found >= 0).all()
    for other in (by_em(elpd, 3000), by_slsqp(elpd)):
        assert objective(elpd, found) >= objective(elpd, other) - 1e-9
    assert found == pytest.approx(by_slsqp(elpd), abs=2e-3)
    density = np.exp(elpd - elpd.max(axis=1, keepdims=True))
    assert gap(density, found) < 1e-6


def test_a_corner_and_an_inside() -> None:
    rng = np.random.default_rng(1)
    base = rng.normal(size=500)
    assert stacking_weights(np.column_stack([base, base - 0.5])) == pytest.approx([1.0, 0.0], abs=1e-9)
    half = np.column_stack([np.where(np.arange(500) < 250, 0.0, -5.0), np.where(np.arange(500) < 250, -5.0, 0.0)])
    assert stacking_weights(half) == pytest.approx([0.5, 0.5], abs=1e-6)


def test_equal_candidates_share_and_one_takes_all() -> None:
    row = np.random.default_rng(2).normal(size=(50, 1))
    assert stacking_weights(np.hstack([row, row])).sum() == pytest.approx(1.0)
    assert stacking_weights(row).tolist() == [1.0]


def test_far_apart_densities_do_not_overflow() -> None:
    elpd = np.array([[-1.0, -2000.0], [-3000.0, -1.0], [-1.0, -2.0]])
    found = stacking_weights(elpd)
    assert np.isfinite(found).all()
    assert found == pytest.approx(by_em(elpd), abs=1e-3)


@settings(max_examples=60, deadline=None)
@given(
    many=st.integers(5, 400),
    few=st.integers(1, 60),
    better=st.floats(1.01, 1e6),
    worse=st.floats(1e-6, 0.999),
)
def test_two_kinds_of_rows_have_a_weight_in_closed_form(many: int, few: int, better: float, worse: float) -> None:
    """The second candidate is ``better`` times as dense in few rows, ``worse`` times in many.

    The derivative of the mean log density in its weight u, f (R - 1) / (1 + u (R - 1)) -
    (1 - f) s / (1 - u s), with f the share of the few, R = better and s = 1 - worse, is
    zero at u = f / s - (1 - f) / (R - 1).
    """
    share = few / (few + many)
    expected = np.clip(share / (1 - worse) - (1 - share) / (better - 1), 0.0, 1.0)
    elpd = np.zeros((few + many, 2))
    elpd[:few, 1], elpd[few:, 1] = np.log(better), np.log(worse)
    found = stacking_weights(elpd)
    best, theirs = objective(elpd, np.array([1 - expected, expected])), objective(elpd, found)
    assert theirs >= best - 1e-8
    curvature = share * ((better - 1) / (1 + expected * (better - 1))) ** 2
    assert found[1] == pytest.approx(expected, abs=max(1e-5, 2e-4 / np.sqrt(max(curvature, 1e-12))))


def test_the_corner_that_trapped_an_optimiser_on_the_softmax() -> None:
    """Eleven rows in a thousand keep 6 % for a candidate that is a tenth worse in all others."""
    elpd = np.zeros((1000, 2))
    elpd[:, 1] = np.log(0.9)
    elpd[:11, 1] = np.log(1 + 0.989 / 0.05)  # so that the closed form gives 0.11 - 0.05
    assert stacking_weights(elpd) == pytest.approx([0.94, 0.06], abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(3, 300),
    candidates=st.integers(2, 7),
    spread=st.floats(0.01, 5.0),
    gap_between=st.floats(0.0, 2.0),
)
def test_any_scores_give_weights_that_are_certified(
    seed: int, rows: int, candidates: int, spread: float, gap_between: float
) -> None:
    rng = np.random.default_rng(seed)
    elpd = rng.normal(size=(rows, 1)) - 3.0 + spread * rng.normal(size=(rows, candidates))
    elpd += gap_between * rng.normal(size=candidates)
    found = stacking_weights(elpd)
    assert found.sum() == pytest.approx(1.0)
    assert (found >= 0).all()
    density = np.exp(elpd - elpd.max(axis=1, keepdims=True))
    assert gap(density, found) < 1e-6  # so no weights are better by more than this in the mean log density
    assert objective(elpd, found) >= objective(elpd, by_em(elpd, 300)) - 1e-9


def by_arviz(elpd: np.ndarray) -> np.ndarray:
    import arviz as az
    import xarray as xr
    from arviz_stats.utils import ELPDDataLOO

    names = [f"m{number}" for number in range(elpd.shape[1])]
    result = {
        name: ELPDDataLOO(
            elpd=values.sum(),
            se=np.sqrt(len(values) * values.var()),
            p=1.0,
            n_samples=1000,
            n_data_points=len(values),
            scale="log",
            warning=False,
            good_k=0.7,
            elpd_i=xr.DataArray(values, dims="obs"),
        )
        for name, values in zip(names, elpd.T, strict=True)
    }
    table = az.compare(result, method="stacking", round_to="none")
    return np.array([table.loc[name, "weight"] for name in names])


@pytest.mark.pymc
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(50, 400), candidates=st.integers(2, 5))
@example(seed=0, rows=1000, candidates=0)  # stands for the trap above
def test_weights_are_those_of_arviz(seed: int, rows: int, candidates: int) -> None:
    rng = np.random.default_rng(seed)
    if candidates == 0:
        elpd = np.zeros((1000, 2))
        elpd[:, 1] = np.log(0.9)
        elpd[:11, 1] = np.log(1 + 0.989 / 0.05)
    else:
        shared, own = rng.normal(size=(rows, 1)), rng.normal(size=(rows, candidates))
        elpd = shared + rng.uniform(0.3, 1.0) * own + 0.2 * rng.normal(size=candidates) - 1.4
    theirs, ours = by_arviz(elpd), stacking_weights(elpd)
    assert objective(elpd, ours) >= objective(elpd, theirs) - 1e-9
    assert ours == pytest.approx(theirs, abs=0.005)


def test_very_many_rows_with_a_few_that_matter_in_unlooked_for_places() -> None:
    """The start is found on every third of 60,000 rows; a candidate shines in rows between them."""
    rng = np.random.default_rng(9)
    elpd = rng.normal(size=(60_000, 3)) * 0.3 - 1.0
    elpd[:, 2] -= 2.0
    elpd[1::300, 2] += 9.0
    found = stacking_weights(elpd)
    density = np.exp(elpd - elpd.max(axis=1, keepdims=True))
    assert gap(density, found) < 1e-7
    assert 0.001 < found[2] < 0.1
