"""PSIS-LOO against arviz_stats on the same draws, and against a closed form."""

import numpy as np
import pytest
from scipy import stats

from core.fit.psis import k_limit, psis_loo


@pytest.fixture(scope="module")
def log_lik():
    rng = np.random.default_rng(1)
    y = np.concatenate([rng.normal(size=60), [6.0, 11.0]])
    mu = rng.normal(y.mean(), 0.2, size=2000)
    sigma = np.abs(rng.normal(1.0, 0.15, size=2000))
    return stats.norm.logpdf(y, mu[:, None], sigma[:, None])


@pytest.mark.parametrize("r_eff", [1.0, 0.4, 0.05])
def test_same_numbers_as_arviz_stats(log_lik, r_eff):
    base = pytest.importorskip("arviz_stats.base")
    ours = psis_loo(log_lik, r_eff)
    for row in range(log_lik.shape[1]):
        elpd, k, p = base.array_stats.loo(log_lik[:, row].reshape(4, -1), r_eff=r_eff)
        assert ours.elpd_i[row] == pytest.approx(float(elpd), abs=1e-9)
        assert ours.pareto_k[row] == pytest.approx(float(k), abs=1e-8)
        assert ours.lppd_i[row] - ours.elpd_i[row] == pytest.approx(float(p), abs=1e-9)


def test_rows_may_have_their_own_r_eff(log_lik):
    mixed = np.where(np.arange(log_lik.shape[1]) % 2 == 0, 1.0, 0.4)
    ours = psis_loo(log_lik, mixed)
    np.testing.assert_allclose(ours.elpd_i[::2], psis_loo(log_lik, 1.0).elpd_i[::2], rtol=1e-12)
    np.testing.assert_allclose(ours.elpd_i[1::2], psis_loo(log_lik, 0.4).elpd_i[1::2], rtol=1e-12)


def test_chunking_changes_nothing(log_lik, monkeypatch):
    whole = psis_loo(log_lik)
    monkeypatch.setattr("core.fit.psis._CELLS", 7 * log_lik.shape[0])
    parts = psis_loo(log_lik)
    np.testing.assert_allclose(whole.elpd_i, parts.elpd_i, rtol=1e-13)
    np.testing.assert_allclose(whole.pareto_k, parts.pareto_k, rtol=1e-12)


def test_constant_likelihood_is_returned_as_it_is():
    loo = psis_loo(np.full((400, 3), -1.5))
    np.testing.assert_allclose(loo.elpd_i, -1.5)
    np.testing.assert_allclose(loo.mcse_i, 0.0, atol=1e-12)


def test_the_monte_carlo_error_is_the_spread_over_repeats():
    rng = np.random.default_rng(2)
    y = np.array([0.3, 2.0])
    elpd, mcse = [], []
    for _ in range(300):
        loo = psis_loo(stats.norm.logpdf(y, rng.normal(0.0, 0.3, size=1000)[:, None], 1.0))
        elpd.append(loo.elpd_i)
        mcse.append(loo.mcse_i)
    spread = np.std(elpd, axis=0)
    assert np.all(np.abs(np.log(np.mean(mcse, axis=0) / spread)) < 0.35)


def test_k_limit_grows_with_draws_up_to_07():
    assert k_limit(100) == pytest.approx(0.5)
    assert k_limit(1000) == pytest.approx(2 / 3)
    assert k_limit(4000) == 0.7
