"""PSIS-LOO against arviz_stats on the same draws, and against a closed form."""

import numpy as np
import pytest
from scipy import stats

from core.fit.psis import _least, k_limit, merged, pareto_smooth, psis_loo, total_error


@pytest.fixture(scope="module")
def log_lik():
    rng = np.random.default_rng(1)
    y = np.concatenate([rng.normal(size=60), [6.0, 11.0]])
    mu = rng.normal(y.mean(), 0.2, size=2000)
    sigma = np.abs(rng.normal(1.0, 0.15, size=2000))
    return stats.norm.logpdf(y, mu[:, None], sigma[:, None])


@pytest.mark.parametrize("r_eff", [1.0, 0.4, 0.05])
def test_same_numbers_as_arviz_stats(log_lik, r_eff):
    from arviz_stats import base

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


def test_draws_worth_a_quarter_have_twice_the_error():
    logs = 0.01 * np.random.default_rng(4).normal(size=(4000, 3))  # so even that the tail's length moves nothing
    np.testing.assert_allclose(psis_loo(logs, 0.25).mcse_i, 2.0 * psis_loo(logs).mcse_i, rtol=1e-3)


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


# -- draws of another distribution, with weights ------------------------------------------


def importance_draws(draws=4000, seed=4):
    """Mean of Normal data, prior Normal(0, 1): draws of a wide t, their weights, and the exact answers."""
    rng = np.random.default_rng(seed)
    y = np.concatenate([rng.normal(0.4, 1.0, size=40), [2.8]])
    precision = 1.0 + len(y)
    mean, sd = y.sum() / precision, precision**-0.5
    mu = mean + 1.5 * sd * rng.standard_t(5, size=draws)
    log_lik = stats.norm.logpdf(y, mu[:, None], 1.0)
    proposal = stats.t.logpdf(mu, 5, mean, 1.5 * sd)
    target = stats.norm.logpdf(mu) + log_lik.sum(axis=1)
    rest = 1.0 + len(y) - 1
    exact = stats.norm.logpdf(y, (y.sum() - y) / rest, np.sqrt(1.0 + 1.0 / rest))
    return log_lik, target, proposal, exact, stats.norm.logpdf(y, mean, np.sqrt(1.0 + sd**2))


def test_weighted_draws_give_the_exact_leave_one_out_of_a_conjugate_normal():
    log_lik, target, proposal, exact, lppd = importance_draws(16_000)
    found = psis_loo(log_lik, log_weights=target - proposal)
    np.testing.assert_allclose(found.elpd_i, exact, atol=0.01)
    np.testing.assert_allclose(found.lppd_i, lppd, atol=0.005)
    assert np.all(np.abs(found.elpd_i - exact) < 4 * found.mcse_i + 1e-4)
    assert np.all(found.pareto_k < 0.5)


def test_the_weights_constant_and_draws_of_no_weight_change_nothing():
    log_lik, target, proposal, *_ = importance_draws()
    found = psis_loo(log_lik, log_weights=target - proposal)
    moved = psis_loo(log_lik, log_weights=target - proposal + 1234.5)
    np.testing.assert_allclose(moved.elpd_i, found.elpd_i, rtol=1e-11)
    weights = target - proposal
    weights[::7] = -np.inf
    without, kept = log_lik.copy(), np.isfinite(weights)
    without[::7] = np.nan
    found = psis_loo(without, log_weights=weights)
    assert np.isfinite(found.elpd_i).all()
    assert np.isfinite(found.mcse_i).all()
    np.testing.assert_allclose(
        found.lppd_i, psis_loo(log_lik[kept], log_weights=weights[kept]).lppd_i, rtol=0, atol=1e-12
    )


def test_equal_weights_are_no_weights(log_lik):
    one, two = psis_loo(log_lik), psis_loo(log_lik, log_weights=np.full(len(log_lik), -3.0))
    for name in ("elpd_i", "lppd_i", "pareto_k", "mcse_i"):
        np.testing.assert_allclose(getattr(two, name), getattr(one, name), rtol=1e-9)


def test_weighted_draws_give_the_numbers_of_arviz_stats(log_lik):
    from arviz_stats import base

    rows, target, proposal, *_ = importance_draws(3000)
    found = psis_loo(rows, log_weights=target - proposal)
    for row in range(rows.shape[1]):
        elpd, k, _ = base.array_stats.loo_approximate_posterior(
            rows[:, row].reshape(4, -1), target.reshape(4, -1), proposal.reshape(4, -1)
        )
        assert found.elpd_i[row] == pytest.approx(float(elpd), abs=1e-9)
        assert found.pareto_k[row] == pytest.approx(float(k), abs=1e-8)


def test_smoothed_weights_are_those_of_arviz_stats():
    from arviz_stats import base

    for degrees in (2.0, 30.0):
        rng = np.random.default_rng(5)
        theta = rng.standard_t(degrees, size=2000)
        ratio = stats.norm.logpdf(theta) - stats.t.logpdf(theta, degrees)
        if degrees == 30.0:
            ratio = -ratio  # a target wider than the proposal: a heavy tail
        expected, k = base.array_stats.psislw(-ratio)
        smooth, found = pareto_smooth(ratio)
        np.testing.assert_allclose(smooth, expected, atol=1e-9)
        assert found == pytest.approx(float(k), abs=1e-9)
        assert np.exp(smooth).sum() == pytest.approx(1.0)
    smooth, k = pareto_smooth(np.zeros(500))
    assert (k, smooth[0]) == (0.0, pytest.approx(-np.log(500)))


def test_the_monte_carlo_error_of_weighted_draws_is_their_spread():
    found = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        mu = 0.6 * rng.standard_t(5, size=1000)
        weights = stats.norm.logpdf(mu, 0, 0.4) - stats.t.logpdf(mu / 0.6, 5)
        found.append(psis_loo(stats.norm.logpdf([0.3, 1.5], mu[:, None], 1.0), log_weights=weights))
    spread = np.std([loo.elpd_i for loo in found], axis=0)
    assert np.all(np.abs(np.log(np.mean([loo.mcse_i for loo in found], axis=0) / spread)) < 0.3)


@pytest.mark.parametrize("sorted_draws", [False, True])
def test_a_bad_guess_of_where_the_tail_begins_is_mended(sorted_draws):
    """Few draws with a large weight, all of them where the guess does not look, or all where it does."""
    rng = np.random.default_rng(6)
    values = rng.normal(size=(4000, 5))
    if sorted_draws:
        values.sort(axis=0)
    values[::16, 0] -= 50.0
    values[::16, 1] += 50.0
    found, order = _least(np.ascontiguousarray(values.T), 190)
    np.testing.assert_array_equal(found, np.sort(values, axis=0)[:190].T)
    np.testing.assert_array_equal(np.take_along_axis(values.T, order, axis=1), found)


# -- the error of a sum --------------------------------------------------------------------


def spread_and_report(chains, seeds=40):
    """The spread of a sum of scores over repeats, what each repeat reports, and what adding squares would say."""
    y = np.concatenate([np.random.default_rng(8).normal(0.5, 1.0, size=30), [-2.0]])
    counts = np.where(np.arange(len(y)) < 3, 40.0, 1.0)  # three values that occur often
    totals, reported, squares = [], [], []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        noise = rng.normal(size=1000)
        if chains:
            noise = noise.reshape(chains, -1)
            for step in range(1, noise.shape[1]):
                noise[:, step] = 0.6 * noise[:, step - 1] + 0.8 * noise[:, step]
        loo = psis_loo(stats.norm.logpdf(y, (0.4 + 0.12 * noise.ravel())[:, None], 1.0), counts=counts)
        totals.append(counts @ loo.elpd_i)
        reported.append(total_error(loo.influence, chains))
        squares.append(np.sqrt(((counts * loo.mcse_i) ** 2).sum()))
    return np.std(totals, ddof=1), np.mean(reported), np.mean(squares)


@pytest.mark.parametrize("chains", [0, 4])
def test_the_error_of_a_sum_knows_that_rows_share_their_draws(chains):
    spread, reported, squares = spread_and_report(chains)
    assert reported == pytest.approx(spread, rel=0.3)
    assert not 0.7 < squares / spread < 1.4  # what the sum of squares would have said


def test_the_influence_of_one_row_is_its_own_error_and_that_of_parts_adds_up(log_lik):
    for weights in (None, np.random.default_rng(0).normal(0, 0.3, len(log_lik))):
        alone = [psis_loo(log_lik[:, [row]], log_weights=weights) for row in range(6)]
        for loo in alone:
            assert total_error(loo.influence) == pytest.approx(loo.mcse_i[0], rel=1e-8)
            assert loo.influence.sum() == pytest.approx(0.0, abs=1e-9)
        together = psis_loo(log_lik[:, :6], log_weights=weights)
        joined = merged(alone, len(log_lik))
        np.testing.assert_allclose(joined.influence, together.influence, atol=1e-12)
        np.testing.assert_allclose(joined.elpd_i, together.elpd_i, rtol=1e-12)
        doubled = psis_loo(log_lik[:, [0, 0, 1]], log_weights=weights).influence
        counted = psis_loo(log_lik[:, [0, 1]], log_weights=weights, counts=np.array([2.0, 1.0])).influence
        np.testing.assert_allclose(doubled, counted, atol=1e-12)


def test_draws_without_weight_have_no_influence(log_lik):
    weights = np.zeros(len(log_lik))
    weights[:5] = -np.inf
    found = psis_loo(log_lik, log_weights=weights).influence
    assert np.all(found[:5] == 0.0)
    assert np.all(found[5:] != 0.0)
