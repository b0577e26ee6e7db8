"""Stacking weights: against SciPy's SLSQP, against plain EM, and by their optimality condition."""

import numpy as np
import pytest
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


@pytest.mark.pymc
def test_weights_are_those_of_arviz() -> None:
    import arviz as az
    import xarray as xr
    from arviz_stats.utils import ELPDDataLOO

    rng = np.random.default_rng(3)
    shared = rng.normal(size=200)
    rows = {name: shared + 0.6 * rng.normal(size=200) - 1.4 for name in "abc"}
    result = {}
    for name, values in rows.items():
        elpd_i = xr.DataArray(values, dims="obs")
        result[name] = ELPDDataLOO(
            elpd=values.sum(),
            se=np.sqrt(200 * values.var()),
            p=1.0,
            n_samples=1000,
            n_data_points=200,
            scale="log",
            warning=False,
            good_k=0.7,
            elpd_i=elpd_i,
        )
    theirs = az.compare(result, method="stacking")
    ours = stacking_weights(np.column_stack(list(rows.values())))
    assert [theirs.loc[name, "weight"] for name in "abc"] == pytest.approx(list(ours), abs=0.02)
