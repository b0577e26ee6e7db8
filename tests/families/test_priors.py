"""Priors: the defaults of docs/families.md, the unconstrained space, and what a user may change."""

import math

import numpy as np
import pytest
from scipy import stats

from core.data.constants import assumed_constants
from core.errors import HypothesisError
from core.families import FAMILIES, get_family
from core.families.priors import allowed_priors, change_priors, default_priors, scale_priors
from core.hypothesis import Prior

K = 3


def constants(kind="real"):
    return assumed_constants("y", kind, levels=("a", "b", "c") if kind == "category" else ())


def defaults(name, p=2):
    family = FAMILIES[name]
    return family, dict(default_priors(name, family.links[0], constants(), p))


@pytest.mark.parametrize("name", FAMILIES)
def test_constrain_and_unconstrain_are_inverses(name):
    family = FAMILIES[name]
    theta = np.random.default_rng(0).normal(size=(5, family.dimension(2, K)))
    draws = family.constrain(theta, 2, K)
    assert [(key, value.shape[1:]) for key, value in draws.items()] == list(family.parameters(2, K))
    np.testing.assert_allclose(family.unconstrain(draws), theta, atol=1e-9)


@pytest.mark.parametrize("name", FAMILIES)
def test_the_prior_integrates_to_one(name):
    """By importance sampling from a wide t: the log density and its Jacobian belong together."""
    p, k = (1, 2) if name == "Table" else (1, K)
    family, priors = defaults(name, p)
    rng = np.random.default_rng(1)
    draws = family.sample_prior(priors, p, k, 40_000, rng)
    theta = family.unconstrain(draws)
    theta = theta[np.isfinite(theta).all(axis=1)]
    centre, root = np.median(theta, axis=0), np.linalg.cholesky(np.cov(theta.T).reshape(theta.shape[1], -1) * 1.5)
    proposal = stats.multivariate_t(centre, root @ root.T, df=3)
    proposed = proposal.rvs(60_000, random_state=rng).reshape(60_000, -1)
    weights = np.exp(family.log_prior(proposed, priors, p, k) - proposal.logpdf(proposed))
    assert weights.mean() == pytest.approx(1, abs=6 * weights.std() / np.sqrt(len(weights)) + 0.01)
    assert weights.std() / np.sqrt(len(weights)) < 0.03


def test_prior_draws_have_the_moments_of_the_defaults():
    rng = np.random.default_rng(2)
    family, priors = defaults("Normal", 3)
    draws = family.sample_prior(priors, 3, 0, 40_000, rng)
    # Marginally a slope is Student t with 2 alpha = p + 3 degrees of freedom and scale sqrt(beta / alpha / t).
    scale = math.sqrt(0.25 / 3 / 0.5)
    assert stats.kstest(draws["slopes"][:, 1], stats.t(6, scale=scale).cdf).pvalue > 1e-3
    assert stats.kstest(draws["sigma"] ** 2, stats.invgamma(3, scale=0.25).cdf).pvalue > 1e-3

    family, priors = defaults("StudentT")
    draws = family.sample_prior(priors, 2, 0, 40_000, rng)
    assert stats.kstest(draws["nu"] - 2, stats.gamma(2, scale=10).cdf).pvalue > 1e-3
    assert stats.kstest(draws["sigma"], stats.halfnorm().cdf).pvalue > 1e-3

    family, priors = defaults("Beta")
    assert (
        stats.kstest(
            family.sample_prior(priors, 2, 0, 40_000, rng)["precision"], stats.lognorm(1, scale=math.exp(2)).cdf
        ).pvalue
        > 1e-3
    )

    family, priors = defaults("Categorical")
    effects = family.sample_prior(priors, 2, K, 40_000, rng)["intercept"]
    np.testing.assert_allclose(effects.sum(axis=1), 0, atol=1e-12)
    # Normal(0, 1.5) restricted to zero sums: covariance 1.5^2 (I - 11'/K), whatever the basis.
    np.testing.assert_allclose(np.cov(effects.T), 2.25 * (np.eye(K) - 1 / K), atol=0.06)

    family, priors = defaults("Table", 6)
    table = family.sample_prior(priors, 6, K, 40_000, rng)["probabilities"]
    assert stats.kstest(table[:, 2, 1], stats.beta(1 / 18, 2 / 18).cdf).pvalue > 1e-3


def test_the_log_link_centres_on_the_mean_and_a_column_of_zeros_on_a_half():
    found = dict(default_priors("Poisson", "log", assumed_constants("y", "count", 2, 10), 0))
    assert found["intercept"]["mu"] == pytest.approx(math.log(6))
    zeros = assumed_constants("y", "real", -1, 1)
    assert dict(default_priors("Poisson", "log", zeros, 0))["intercept"]["mu"] == pytest.approx(math.log(0.5))


def test_a_prior_of_the_user_takes_the_place_of_the_default():
    priors = default_priors("Poisson", "log", constants("count"), 3)
    mine = Prior("Normal", (("mu", 0.0), ("sigma", 0.1)))
    arrow = Prior("Normal", (("sigma", 2.0), ("mu", 1.0)))
    found = dict(change_priors(priors, "calls", (("slopes", mine),), {1: ("ads", arrow)}))
    assert found["slopes[0]"] == found["slopes[2]"] == mine
    assert found["slopes[1]"] == Prior("Normal", (("mu", 1.0), ("sigma", 2.0)))


@pytest.mark.parametrize(
    ("name", "prior", "says"),
    [
        ("slope", Prior("Normal", (("mu", 0), ("sigma", 1))), "no parameter 'slope'"),
        ("slopes", Prior("Laplace", (("mu", 0), ("b", 1))), "only Normal"),
        ("slopes", Prior("Normal", (("mu", 0), ("sigma", -1))), "sigma is -1"),
        ("slopes", Prior("Normal", (("mu", 0), ("tau", 1))), "no number 'tau'"),
        ("slopes", Prior("Normal", (("mu", 0),)), "lacks its sigma"),
        ("slopes", Prior("Normal", (("mu", 0), ("sigma", 1), ("relative", 1))), "no number 'relative'"),
        ("intercept", Prior("Normal", (("mu", math.inf), ("sigma", 1))), "mu is inf"),
    ],
)
def test_a_prior_that_cannot_stand_is_refused_with_what_can(name, prior, says):
    priors = default_priors("Poisson", "log", constants("count"), 1)
    with pytest.raises(HypothesisError, match=says) as refused:
        change_priors(priors, "calls", ((name, prior),), {})
    assert "slopes: Normal(mu, sigma)" in refused.value.hint
    assert "calls" in refused.value.place


def test_the_names_that_can_be_changed():
    assert allowed_priors(default_priors("Normal", "identity", constants(), 2)) == (
        ("intercept", "Normal(mu, sigma, relative)"),
        ("slopes", "Normal(mu, sigma, relative)"),
        ("variance", "InverseGamma(alpha, beta)"),
        ("t", "Constant(value)"),
    )


def test_the_sweep_changes_t_in_both_its_places():
    twice = dict(scale_priors("Normal", default_priors("Normal", "identity", constants(), 1), 2.0))
    t = 0.5 / 4
    assert twice["slopes[0]"]["sigma"] == pytest.approx(1 / math.sqrt(t))
    assert twice["variance"]["beta"] == pytest.approx(t / 2)
    assert twice["variance"]["alpha"] == 2
    assert twice["intercept"]["sigma"] == 1
    assert twice["t"]["value"] == t
    table = dict(scale_priors("Table", default_priors("Table", "identity", constants("category"), 4), 5.0))
    assert table["probabilities"]["equivalent_sample_size"] == 5
    assert get_family("Table").prior_names == ("probabilities",)
