"""Bridge sampling against closed forms, on independent and on autocorrelated draws."""

import numpy as np
import pytest
from scipy import stats

from core.fit.bridge import bridge
from core.fit.gaussian import GaussianPrior, draw, posterior, reduce_rows


def target(y, x, prior):
    """Log prior times likelihood on (coefficients, log variance), Jacobian included."""

    def density(theta):
        variance = np.exp(theta[:, -1])
        eta = theta[:, :1] + theta[:, 1:-1] @ x.T
        total = stats.norm.logpdf(y, eta, np.sqrt(variance)[:, None]).sum(axis=1)
        total += stats.invgamma.logpdf(variance, prior.alpha, scale=prior.beta) + theta[:, -1]
        precisions = np.concatenate([[prior.a], prior.t])
        return total + stats.norm.logpdf(theta[:, :-1], 0, np.sqrt(variance[:, None] / precisions)).sum(axis=1)

    return density


@pytest.mark.parametrize(("n", "p"), [(30, 0), (60, 2), (400, 6)])
def test_evidence_within_002_of_the_closed_form(n, p):
    rng = np.random.default_rng(n)
    x = rng.normal(size=(n, p))
    y = x.sum(axis=1) * 0.3 + rng.normal(size=n)
    prior = GaussianPrior.bge(p)
    post = posterior(reduce_rows(y, x), n, prior)
    draws = draw(post, 4000, rng)
    theta = np.column_stack([draws["intercept"], draws["slopes"], 2 * np.log(draws["sigma"])])
    density = target(y, x, prior)
    found = bridge(theta, density(theta), density, 4, rng)
    assert found.log_evidence == pytest.approx(post.log_evidence, abs=0.02)
    assert 0 < found.se < 0.02
    assert abs(found.log_evidence - post.log_evidence) < 4 * found.se


def test_the_standard_error_is_the_spread_over_repeats():
    """A skewed target (log of a gamma variate), integral known: exp(gammaln(3))."""
    found = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        theta = np.log(rng.gamma(3.0, size=(1000, 1)))

        def density(t):
            return 3.0 * t[:, 0] - np.exp(t[:, 0])

        found.append(bridge(theta, density(theta), density, 4, rng))
    values = np.array([b.log_evidence for b in found])
    assert values.mean() == pytest.approx(np.log(2.0), abs=0.003)
    assert np.mean([b.se for b in found]) == pytest.approx(values.std(), rel=0.3)


def test_the_standard_error_knows_that_draws_follow_one_another():
    """A chain with correlation 0.95: its 4 x 250 draws are worth some 25."""
    rng, rho, repeats = np.random.default_rng(5), 0.95, 150
    chains = np.empty((repeats, 4, 250))
    chains[..., 0] = rng.normal(size=(repeats, 4))
    for i in range(1, chains.shape[2]):
        chains[..., i] = rho * chains[..., i - 1] + np.sqrt(1 - rho**2) * rng.normal(size=(repeats, 4))
    theta = chains.reshape(repeats, -1, 1) ** 3 / 3 + chains.reshape(repeats, -1, 1)  # not what the proposal is

    def density(t):
        x = np.cbrt(3 * t[:, 0] / 2 + np.sqrt(1 + 2.25 * t[:, 0] ** 2))
        x = x - 1 / x  # the root of x^3 / 3 + x = t
        return stats.norm.logpdf(x) - np.log1p(x**2)

    found = [bridge(one, density(one), density, 4, rng) for one in theta]
    values = np.array([one.log_evidence for one in found])
    assert abs(values.mean()) < 0.05
    assert np.median([one.se for one in found]) == pytest.approx(values.std(), rel=0.2)  # 0.31 too small without


def test_a_proposal_outside_the_support_does_no_harm():
    rng = np.random.default_rng(1)
    theta = rng.uniform(0.0, 1.0, size=(4000, 1))

    def density(t):
        return np.where((t[:, 0] > 0) & (t[:, 0] < 1), np.log(5.0), np.nan)

    assert bridge(theta, density(theta), density, 4, rng).log_evidence == pytest.approx(np.log(5.0), abs=0.03)


def test_chains_that_stand_still_have_no_evidence_rather_than_a_wrong_one():
    theta = np.ones((400, 2))
    found = bridge(theta, np.zeros(400), lambda t: np.zeros(len(t)), 4, np.random.default_rng(0))
    assert np.isnan(found.log_evidence)
    assert np.isnan(found.se)
