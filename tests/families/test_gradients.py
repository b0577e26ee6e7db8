"""Every family's gradients against central differences of its own log densities."""

import numpy as np
import pytest

from core.data.constants import assumed_constants
from core.families import FAMILIES
from core.families.priors import default_priors

K, P, N, S = 4, 3, 25, 6
CASES = [(name, link) for name, family in FAMILIES.items() for link in family.links]


def problem(name, link, seed=0):
    """Return a family, draws in the bulk of the unconstrained space, and rows that it generated itself."""
    family, rng = FAMILIES[name], np.random.default_rng(seed)
    theta = 0.7 * rng.normal(size=(S, family.dimension(P, K)))
    x = rng.integers(0, P, (N, 1)).astype(float) if name == "Table" else rng.normal(size=(N, P))
    truth = family.constrain(0.5 * rng.normal(size=(1, theta.shape[1])), P, K)
    y = family.sample(truth, x, link, rng)[0]
    return family, theta, y, x, rng.integers(1, 4, N).astype(float)


def slopes(function, theta, step=1e-5):
    """Return central differences of fourth order, shape (S, D)."""
    found = np.empty_like(theta)
    for column in range(theta.shape[1]):
        moved = np.zeros(theta.shape[1])
        moved[column] = step
        far = function(theta + 2 * moved) - function(theta - 2 * moved)
        found[:, column] = (8 * (function(theta + moved) - function(theta - moved)) - far) / (12 * step)
    return found


@pytest.mark.parametrize(("name", "link"), CASES)
def test_likelihood(name, link):
    family, theta, y, x, weights = problem(name, link)

    def value(at):
        return family.log_likelihood(family.constrain(at, P, K), y, x, link) @ weights

    found, gradient = family.log_likelihood_gradient(theta, y, x, weights, link, K)
    np.testing.assert_allclose(found, value(theta), rtol=1e-12)
    expected = slopes(value, theta)
    np.testing.assert_allclose(gradient, expected, rtol=1e-5, atol=1e-6 * (1 + np.abs(value(theta)).max()))


@pytest.mark.parametrize(("name", "link"), CASES)
def test_prior(name, link):
    family, theta, *_ = problem(name, link, 1)
    kind = "count" if link == "log" else "real"
    priors = dict(default_priors(name, link, assumed_constants("y", kind), P))
    expected = slopes(lambda at: family.log_prior(at, priors, P, K), theta)
    np.testing.assert_allclose(family.log_prior_gradient(theta, priors, P, K), expected, rtol=1e-6, atol=1e-6)
