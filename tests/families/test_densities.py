"""Densities, means and draws of the families against scipy's distributions, and at the ends of the scale."""

import subprocess
import sys

import numpy as np
import pytest
from scipy import special, stats

from core.data.constants import assumed_constants
from core.errors import ModelError, NotYetError
from core.families import FAMILIES, get_family
from core.families.priors import default_priors
from core.families.table import Table

S, N, P = 3, 7, 2

X = np.random.default_rng(1).normal(size=(N, P))
LINEAR = {"intercept": np.array([0.2, -0.5, 1.0]), "slopes": np.array([[0.3, -0.2], [1.0, 0.5], [-0.7, 0.1]])}
ETA = LINEAR["intercept"][:, None] + LINEAR["slopes"] @ X.T
V = np.array([0.5, 1.3, 4.0])[:, None]  # whatever the family calls its second parameter


def expit(z):
    return 1 / (1 + np.exp(-z))


class Inflated:
    """A count of scipy's that is zero with probability ``share`` more often; moments by adding up."""

    def __init__(self, counts, share):
        self.counts, self.share = counts, share
        support = np.arange(30_000.0)[:, None, None]
        mass = self.pmf(support)
        self._mean = (support * mass).sum(axis=0)
        self._central = [((support - self._mean) ** power * mass).sum(axis=0) for power in (2, 4)]

    def pmf(self, y):
        return self.share * (np.asarray(y) == 0) + (1 - self.share) * self.counts.pmf(y)

    def logpmf(self, y):
        return np.log(self.pmf(y))

    def rvs(self, random_state):
        return self.counts.rvs(random_state=random_state) * (random_state.random((S, N)) >= self.share)

    def mean(self):
        return self._mean

    def var(self):
        return self._central[0]

    def std(self):
        return np.sqrt(self._central[0])

    def stats(self, moments):
        assert moments == "k"
        return self._central[1] / self._central[0] ** 2 - 3


SHARE = np.array([0.1, 0.5, 0.9])[:, None]
ALPHA = np.array([-4.0, 0.0, 6.0])[:, None]
POISSON = stats.poisson(np.exp(ETA))
NEGATIVE_BINOMIAL = stats.nbinom(V**-2, V**-2 / (V**-2 + np.exp(ETA)))

CASES = {
    "Normal": ("identity", {"sigma": V[:, 0]}, stats.norm(ETA, V)),
    "StudentT": ("identity", {"sigma": V[:, 0], "nu": V[:, 0] + 4.5}, stats.t(V + 4.5, ETA, V)),
    "Gamma": ("log", {"shape": V[:, 0]}, stats.gamma(V, scale=np.exp(ETA) / V)),
    "Beta": ("logit", {"precision": V[:, 0]}, stats.beta(expit(ETA) * V, (1 - expit(ETA)) * V)),
    "Bernoulli": ("logit", {}, stats.bernoulli(expit(ETA))),
    "Bernoulli probit": ("probit", {}, stats.bernoulli(stats.norm.cdf(ETA))),
    "Poisson": ("log", {}, POISSON),
    "NegativeBinomial": ("log", {"overdispersion": V[:, 0]}, NEGATIVE_BINOMIAL),
    "SkewNormal": ("identity", {"sigma": V[:, 0], "alpha": ALPHA[:, 0]}, stats.skewnorm(ALPHA, ETA, V)),
    "Weibull": (
        "log",
        {"shape": V[:, 0]},
        stats.weibull_min(V, scale=np.exp(ETA - special.gammaln(1 + 1 / V))),
    ),
    "ZeroInflatedPoisson": ("log", {"zero_share": SHARE[:, 0]}, Inflated(POISSON, SHARE)),
    "ZeroInflatedNegativeBinomial": (
        "log",
        {"zero_share": SHARE[:, 0], "overdispersion": np.array([0.5, 0.8, 1.3])},
        Inflated(stats.nbinom(W := np.array([4, 0.64**-1, 1.69**-1])[:, None], W / (W + np.exp(ETA))), SHARE),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_density_mean_and_draws_are_scipys(case):
    link, others, expected = CASES[case]
    family, draws = get_family(case.split()[0]), LINEAR | others
    rng = np.random.default_rng(2)
    y = np.clip(expected.rvs(random_state=rng)[0], 1e-6, None) if case == "Gamma" else expected.rvs(random_state=rng)[0]
    y = np.clip(y, 1e-6, 1 - 1e-6) if case == "Beta" else y.astype(float)
    density = expected.logpmf if family.discrete else expected.logpdf
    np.testing.assert_allclose(family.log_likelihood(draws, y, X, link), density(y), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(family.mean(draws, X, link), expected.mean(), rtol=1e-9)

    many = 4000
    spread = {name: np.repeat(value, many, axis=0) for name, value in draws.items()}
    drawn = family.sample(spread, X, link, rng).reshape(S, many, N)
    error = 5 * expected.std() / np.sqrt(many)
    assert (np.abs(drawn.mean(axis=1) - expected.mean()) < error).all()
    kurtosis = expected.stats(moments="k") if case != "Beta" else np.full((S, N), 3.0)
    error = 6 * expected.var() * np.sqrt((np.maximum(kurtosis, 0) + 2) / many)
    assert (np.abs(drawn.var(axis=1) - expected.var()) < np.where(np.isfinite(error), error, np.inf)).all()


@pytest.mark.parametrize("name", FAMILIES)
def test_parents_that_differ_from_draw_to_draw_give_the_same_as_parents_that_do_not(name):
    family = FAMILIES[name]
    p, k = (4, 3) if name == "Table" else (2, 3)
    rng = np.random.default_rng(3)
    draws = family.constrain(rng.normal(size=(S, family.dimension(p, k))), p, k)
    x = rng.integers(0, 4, (N, 1)).astype(float) if name == "Table" else X
    wide = np.broadcast_to(x, (S, *x.shape))
    for link in family.links:
        np.testing.assert_allclose(family.mean(draws, wide, link), family.mean(draws, x, link))
        a = family.sample(draws, wide, link, np.random.default_rng(4))
        np.testing.assert_allclose(a, family.sample(draws, x, link, np.random.default_rng(4)))
        assert a.shape == (S, N)


def test_categories_add_up_and_are_drawn_as_often_as_they_should_be():
    family = get_family("Categorical")
    draws = family.constrain(np.random.default_rng(5).normal(size=(1, 3 * 3)), 2, 4)
    probabilities = family.mean(draws, X, "softmax")
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1)
    logs = np.stack([family.log_likelihood(draws, np.full(N, k), X, "softmax") for k in range(4)], axis=-1)
    np.testing.assert_allclose(np.exp(logs), probabilities)
    many = {name: np.repeat(value, 5000, axis=0) for name, value in draws.items()}
    drawn = family.sample(many, X, "softmax", np.random.default_rng(6))
    shares = np.stack([(drawn == k).mean(axis=0) for k in range(4)], axis=-1)
    np.testing.assert_allclose(shares, probabilities[0], atol=5 * 0.5 / np.sqrt(5000))


def test_ordered_levels_are_where_scipys_logistic_falls_between_the_cut_points():
    family = get_family("OrderedLogit")
    draws = {"cutpoints": np.array([[-2.0, -0.5, 1.0]]), "slopes": np.array([[0.8, -1.5]])}
    probabilities = family.mean(draws, X, "cumulative")
    eta = X @ draws["slopes"][0]
    below = stats.logistic.cdf(np.array([-np.inf, -2.0, -0.5, 1.0, np.inf]) - eta[:, None])
    np.testing.assert_allclose(probabilities[0], np.diff(below, axis=1), rtol=1e-12)
    logs = np.stack([family.log_likelihood(draws, np.full(N, k), X, "cumulative") for k in range(4)], axis=-1)
    np.testing.assert_allclose(np.exp(logs), probabilities, rtol=1e-12)
    many = {name: np.repeat(value, 5000, axis=0) for name, value in draws.items()}
    drawn = family.sample(many, X, "cumulative", np.random.default_rng(6))
    shares = np.stack([(drawn == k).mean(axis=0) for k in range(4)], axis=-1)
    np.testing.assert_allclose(shares, probabilities[0], atol=5 * 0.5 / np.sqrt(5000))


def test_a_positive_slope_of_an_ordered_logit_raises_the_level():
    draws = {"cutpoints": np.array([[-1.0, 1.0]]), "slopes": np.array([[2.0]])}
    share = get_family("OrderedLogit").mean(draws, np.array([[-1.0], [1.0]]), "cumulative")[0]
    assert share[1, 2] > share[0, 2]
    assert share[1, 0] < share[0, 0]


def test_a_table_looks_its_probabilities_up():
    table = np.array([[[0.2, 0.8], [0.9, 0.1]]])
    x, y = np.array([[0.0], [1.0], [1.0]]), np.array([1.0, 0.0, 1.0])
    found = Table().log_likelihood({"probabilities": table}, y, x, "identity")
    np.testing.assert_allclose(np.exp(found), [[0.8, 0.9, 0.1]])


@pytest.mark.parametrize("name", [name for name in FAMILIES if name not in ("Table", "Categorical")])
@pytest.mark.parametrize("size", [-800.0, 800.0])
def test_huge_predictors_give_no_warning_and_no_nan_density(name, size):
    family, k = FAMILIES[name], 3
    theta = np.zeros((2, family.dimension(1, k)))
    theta[:, 0 if name != "OrderedLogit" else k - 1] = size
    draws, x = family.constrain(theta, 1, k), np.ones((1, 1))
    for y in (0.0, 1.0) if family.discrete else (0.3, 0.7):
        for link in family.links:
            density = family.log_likelihood(draws, np.array([y]), x, link)
            assert not np.isnan(density).any()
            assert (density < np.inf).all()
            family.sample(draws, x, link, np.random.default_rng(0))


NEW = ["SkewNormal", "Weibull", "ZeroInflatedPoisson", "ZeroInflatedNegativeBinomial", "OrderedLogit"]


@pytest.mark.parametrize("name", NEW)
def test_at_the_ends_of_every_coordinate_densities_are_finite_or_zero_and_never_nan(name):
    """A sampler that tries such a point must be told that it is bad, not that it is undefined."""
    family, k = FAMILIES[name], 4
    d = family.dimension(1, k)
    theta = np.concatenate([size * np.eye(d) for size in (-800.0, -60.0, -38.0, 38.0, 60.0, 800.0)])
    priors = dict(default_priors(name, family.links[0], assumed_constants("y", "count", 1, 5), 1))
    prior = family.log_prior(theta, priors, 1, k)
    assert not np.isnan(prior).any()
    assert (prior < np.inf).all()
    assert not np.isnan(family.log_prior_gradient(theta, priors, 1, k)[np.isfinite(prior)]).any()
    x = np.array([[-1.0], [0.0], [1.0], [30.0]])
    for y in ([0.0, 1.0, 2.0, 3.0], [0.0, 0.0, 0.0, 0.0]) if family.discrete else ([1e-12, 0.5, 3.0, 1e12],):
        draws, rows = family.constrain(theta, 1, k), np.array(y)
        density = family.log_likelihood(draws, rows, x, family.links[0])
        assert not np.isnan(density).any()
        assert (density < np.inf).all()
        value, gradient = family.log_likelihood_gradient(theta, rows, x, np.ones(4), family.links[0], k)
        assert not np.isnan(value).any()
        assert not np.isnan(gradient[np.isfinite(value)]).any()
        back = family.constrain(family.unconstrain(draws), 1, k)
        assert all(np.isfinite(values).all() for values in back.values())
        drawn = family.sample(draws, x, family.links[0], np.random.default_rng(0))
        assert drawn.shape == density.shape


def test_far_tails_keep_their_digits():
    """log P(y = 0) at eta = 30: -30 for the logit; for the probit the tail expansion of the Normal."""
    draws = {"intercept": np.array([30.0]), "slopes": np.zeros((1, 0))}
    x, zero = np.zeros((1, 0)), np.array([0.0])
    family = get_family("Bernoulli")
    assert family.log_likelihood(draws, zero, x, "logit")[0, 0] == pytest.approx(-30, rel=1e-12)
    tail = -450 - np.log(30 * np.sqrt(2 * np.pi)) + np.log1p(-1 / 900 + 3 / 900**2)
    assert family.log_likelihood(draws, zero, x, "probit")[0, 0] == pytest.approx(tail, rel=1e-10)


def test_a_negative_binomial_without_overdispersion_is_a_poisson():
    draws = {"intercept": np.array([1.2]), "slopes": np.zeros((1, 0)), "overdispersion": np.array([1e-7])}
    y, x = np.arange(30.0), np.zeros((30, 0))
    found = get_family("NegativeBinomial").log_likelihood(draws, y, x, "log")[0]
    np.testing.assert_allclose(found, stats.poisson(np.exp(1.2)).logpmf(y), rtol=1e-9)


def test_zero_inflation_of_nothing_is_the_count_itself_and_a_skew_of_nothing_the_normal():
    x, y = np.zeros((6, 0)), np.arange(6.0)
    plain = {"intercept": np.array([1.2]), "slopes": np.zeros((1, 0)), "overdispersion": np.array([0.7])}
    for name in ("Poisson", "NegativeBinomial"):
        expected = get_family(name).log_likelihood(plain, y, x, "log")
        inflated = get_family(f"ZeroInflated{name}")
        found = inflated.log_likelihood(plain | {"zero_share": np.array([1e-300])}, y, x, "log")
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    normal = plain | {"sigma": np.array([0.6]), "alpha": np.zeros(1)}
    found = get_family("SkewNormal").log_likelihood(normal, y, x, "identity")
    np.testing.assert_allclose(found, get_family("Normal").log_likelihood(normal, y, x, "identity"), rtol=1e-12)


def test_far_tails_of_new_families_keep_their_digits():
    x = np.zeros((1, 0))
    skew = {"intercept": np.zeros(1), "slopes": np.zeros((1, 0)), "sigma": np.ones(1), "alpha": np.array([10.0])}
    found = get_family("SkewNormal").log_likelihood(skew, np.array([-4.0]), x, "identity")[0, 0]
    assert found == pytest.approx(stats.skewnorm(10).logpdf(-4.0), rel=1e-9)
    ordered = {"cutpoints": np.array([[40.0, 40.5]]), "slopes": np.zeros((1, 0))}
    logs = get_family("OrderedLogit").log_likelihood(ordered, np.array([1.0, 2.0]), np.zeros((2, 0)), "cumulative")[0]
    # exp(-40) - exp(-40.5) and exp(-40.5), to 1e-17 of them.
    np.testing.assert_allclose(logs, [-40 + np.log(-np.expm1(-0.5)), -40.5], rtol=1e-14)


def test_counts_too_large_for_the_machine_are_nan():
    draws = {"intercept": np.array([1.0, 50.0, 1000.0]), "slopes": np.zeros((3, 0))}
    drawn = get_family("Poisson").sample(draws, np.zeros((2, 0)), "log", np.random.default_rng(0))
    assert np.isnan(drawn).tolist() == [[False, False], [True, True], [True, True]]


def test_names_that_are_known_but_cannot_be_fitted_and_names_that_are_not():
    with pytest.raises(NotYetError, match="Binomial"):
        get_family("Binomial", "hits")
    with pytest.raises(ModelError, match="no family 'Gauss'"):
        get_family("Gauss")


def test_importing_the_families_imports_neither_scipy_nor_pandas_nor_pymc():
    code = "import sys, core.families; print([m for m in ('scipy', 'pandas', 'pymc', 'pytensor') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
