"""The difference estimator, its surrogate, and what it says of its own error."""

import numpy as np
import pandas as pd
import pytest
from fit_helpers import blocks_of, hypothesis

from core.data.dataset import Dataset
from core.families import get_family
from core.fit import leaving_out, subsample
from core.fit.engine import fit_block
from core.fit.gates import block_failures, gates
from core.fit.result import Fit
from core.fit.subsample import difference_estimate, is_large, sample_rows, surrogate
from core.fit.target import Target
from core.model.resolve import resolve


@pytest.fixture(scope="module")
def counts():
    rng = np.random.default_rng(3)
    x = rng.normal(size=1500)
    return Dataset.from_frame(pd.DataFrame({"x": x, "n": rng.poisson(np.exp(0.5 + 0.5 * x))}))


GRAPH = hypothesis("x>n", n="Poisson")


def test_it_is_unbiased_and_its_error_is_honest():
    """Over 400 samples the mean is the truth, and the truth lies within two errors 19 times of 20."""
    rng = np.random.default_rng(0)
    exact = rng.normal(size=3000)
    rough = exact + 0.3 * rng.standard_t(8, 3000) - 0.7
    found = [difference_estimate(rough, s := rng.choice(3000, 200, replace=False), exact[s]) for _ in range(400)]
    totals, errors = np.array([f.values.sum() for f in found]), np.array([f.se for f in found])
    assert totals.mean() == pytest.approx(exact.sum(), abs=4 * totals.std() / 20)
    assert errors.mean() == pytest.approx(totals.std(), rel=0.15)
    assert np.mean(np.abs(totals - exact.sum()) < 2 * errors) > 0.9


def test_scored_rows_keep_their_score_and_all_rows_together_are_exact():
    exact, rough = np.arange(10.0), np.zeros(10)
    some = difference_estimate(rough, np.array([2, 5]), exact[[2, 5]])
    assert some.values.tolist() == [3.5, 3.5, 2.0, 3.5, 3.5, 5.0, 3.5, 3.5, 3.5, 3.5]
    # Cochran (1977), theorem 2.2: N sqrt((1 - m/N) s^2 / m), s^2 the variance of 2 and 5
    assert some.se == pytest.approx(10 * np.sqrt(0.8 * 4.5 / 2))
    whole = difference_estimate(rough, np.arange(10), exact)
    assert (whole.values.tolist(), whole.se) == (exact.tolist(), 0.0)


def test_rivals_are_scored_on_the_same_rows():
    assert np.array_equal(sample_rows(20_000, 1), sample_rows(20_000, 1))
    assert not np.array_equal(sample_rows(20_000, 1), sample_rows(20_000, 2))
    rows = sample_rows(20_000, -1)
    assert len(np.unique(rows)) == subsample.SCORED_ROWS
    assert np.array_equal(sample_rows(100, 0), np.arange(100))


def test_small_data_are_never_sampled():
    assert not is_large(4000, 20_000)
    assert is_large(4000, 30_000)
    assert not is_large(100_000, 2 * subsample.SCORED_ROWS)


def test_the_surrogate_is_near_what_it_stands_for(counts):
    block, data = blocks_of(counts, GRAPH)["n"]
    fit = fit_block(block, data)
    target = Target.of(block.model, data)
    theta = np.column_stack([fit.draws["intercept"], fit.draws["slopes"]])
    found = surrogate(target, theta.mean(axis=0), np.cov(theta.T))
    np.testing.assert_allclose(found.left_out[target.place], fit.elpd_i, atol=0.05)
    np.testing.assert_allclose(found.left_in[target.place], fit.lppd_i, atol=0.05)
    mean = theta.mean(axis=0)[None]
    prior = get_family("Poisson").log_prior_gradient(mean, dict(block.model.priors), 1, 0)
    np.testing.assert_allclose(found.pull, found.axes @ (target.gradient(mean)[1] - prior)[0], atol=0.02)


def test_a_sampled_score_covers_the_full_one_over_seeds(counts, monkeypatch):
    """Two hundred of 1500 rows: within its own error of the score of all rows, for ten seeds."""
    block, data = blocks_of(counts, GRAPH)["n"]
    full = fit_block(block, data)
    monkeypatch.setattr(leaving_out, "is_large", lambda draws, distinct: True)
    monkeypatch.setattr(subsample, "SCORED_ROWS", 200)
    distances = []
    for seed in range(10):
        block, data = blocks_of(counts, GRAPH, seed=seed)["n"]
        fit = fit_block(block, data)
        assert fit.rows_scored == 200
        assert np.isfinite(fit.pareto_k).sum() == 200
        assert np.isfinite(fit.elpd_i).all()
        assert any("200 of 1,500 rows" in warning for warning in fit.warnings)
        assert not block_failures("n", fit)
        assert fit.lppd_i.sum() - fit.elpd_i.sum() == pytest.approx(2.0, abs=0.5)
        distances.append((fit.elpd - full.elpd) / np.hypot(fit.elpd_mcse, full.elpd_mcse))
    assert np.max(np.abs(distances)) < 3.5
    assert np.sqrt(np.mean(np.square(distances))) < 1.6
    report = gates(Fit.of(resolve(GRAPH, counts), {"n": fit}))
    assert report.pareto_k_max is not None
    assert report.passed


def test_few_proposals_for_very_many_rows_are_said(monkeypatch, counts):
    from core.fit import importance

    monkeypatch.setattr(importance, "MANY_CELLS", 1000)
    block, data = blocks_of(counts, GRAPH)["n"]
    fit = fit_block(block, data)
    assert len(fit.draws["intercept"]) == 4000
    assert 1000 <= fit.diagnostics.effective_draws <= 2000
    assert any("2,000 weighted draws" in warning for warning in fit.warnings)
