"""The closed form against integration, sequential prediction, scipy and brute-force refits."""

import itertools

import numpy as np
import pytest
from scipy import stats

from core.fit.gaussian import (
    GaussianPrior,
    _augmented,
    _cholesky_twice,
    draw,
    leave_one_out,
    posterior,
    reduce_rows,
    sweep,
)


def data(n=40, p=3, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p))
    y = 0.3 + x @ rng.normal(size=p) + rng.normal(size=n)
    return y, x


def fit(y, x, prior=None):
    return posterior(reduce_rows(y, x), len(y), prior or GaussianPrior.bge(x.shape[1]))


def by_cross_products(y, x, prior):
    """The textbook update (Bishop 2006, 3.3; conjugate linear regression), inverses and all."""
    ones = np.column_stack([np.ones(len(y)), x])
    prior_precision = np.diag(np.concatenate([[prior.a], prior.t]))
    precision = ones.T @ ones + prior_precision
    mean = np.linalg.inv(precision) @ ones.T @ y
    alpha, beta = prior.alpha + len(y) / 2, prior.beta + 0.5 * (y @ y - mean @ precision @ mean)
    return mean, precision, alpha, beta


@pytest.mark.parametrize("p", [0, 1, 3, 60])
def test_posterior_is_the_textbook_update(p):
    y, x = data(n=200, p=p)
    prior = GaussianPrior.bge(p)
    post = fit(y, x)
    mean, precision, alpha, beta = by_cross_products(y, x, prior)
    np.testing.assert_allclose(post.mean, mean, atol=1e-10)
    np.testing.assert_allclose(post.r.T @ post.r, precision, rtol=1e-10, atol=1e-10)
    assert (post.alpha, post.beta) == (pytest.approx(alpha), pytest.approx(beta))


def test_evidence_by_numerical_integration():
    """No parents, three rows: integrate likelihood times prior over intercept and sigma."""
    y = np.array([0.4, -1.1, 0.9])
    prior = GaussianPrior.bge(0)

    def density(scaled, log_sigma):  # intercept in units of sigma, and log sigma: smooth, so the trapezoid is exact
        sigma = np.exp(log_sigma)
        mu = scaled * sigma
        logs = stats.norm.logpdf(y[:, None, None], mu, sigma).sum(axis=0) + stats.norm.logpdf(scaled)
        return np.exp(logs + stats.invgamma.logpdf(sigma**2, prior.alpha, scale=prior.beta)) * 2 * sigma**2

    scaled, log_sigma = np.linspace(-12, 12, 801), np.linspace(-6, 8, 801)
    total = density(scaled[:, None], log_sigma).sum() * (24 / 800) * (14 / 800)
    assert fit(y, np.empty((3, 0))).log_evidence == pytest.approx(np.log(total), abs=1e-7)


@pytest.mark.parametrize(("p", "t"), [(0, 0.5), (2, 0.5), (4, 3.0)])
def test_evidence_is_a_multivariate_student_t(p, t):
    """Integrating all parameters out of the rows leaves one multivariate t."""
    y, x = data(n=25, p=p, seed=3)
    prior = GaussianPrior.bge(p, t=t)
    ones = np.column_stack([np.ones(len(y)), x])
    spread = np.eye(len(y)) + ones @ np.diag(1 / np.concatenate([[prior.a], prior.t])) @ ones.T
    expected = stats.multivariate_t.logpdf(y, None, prior.beta / prior.alpha * spread, df=2 * prior.alpha)
    assert fit(y, x, prior).log_evidence == pytest.approx(expected, abs=1e-9)


def test_evidence_is_the_product_of_sequential_predictions():
    y, x = data(n=30, p=2, seed=4)
    total = 0.0
    for i in range(len(y)):
        total += _predict(y[:i], x[:i], y[i], x[i])
    assert fit(y, x).log_evidence == pytest.approx(total, abs=1e-9)


def _predict(y, x, new_y, new_x):
    """Student t predictive density by scipy from the textbook update."""
    mean, precision, alpha, beta = by_cross_products(y, x, GaussianPrior.bge(x.shape[1]))
    row = np.concatenate([[1.0], new_x])
    scale = np.sqrt(beta / alpha * (1 + row @ np.linalg.inv(precision) @ row))
    return stats.t.logpdf(new_y, 2 * alpha, row @ mean, scale)


@pytest.mark.parametrize("p", [0, 1, 5])
def test_leave_one_out_is_a_refit_without_the_row(p):
    y, x = data(n=30, p=p, seed=5)
    y[3] += 9.0  # an outlier
    if p:
        x[7] *= 20.0  # a row of high leverage
    elpd, lppd = leave_one_out(fit(y, x), y, x)
    for i in range(len(y)):
        rest = np.arange(len(y)) != i
        assert elpd[i] == pytest.approx(_predict(y[rest], x[rest], y[i], x[i]), abs=1e-9)
        assert lppd[i] == pytest.approx(_predict(y, x, y[i], x[i]), abs=1e-9)


@pytest.mark.parametrize("near", [1.0, 1e-3, 1e-9, 0.0])
def test_chunks_are_only_a_matter_of_memory(monkeypatch, near):
    """Many rows go through two Cholesky passes, or through QR where columns are collinear."""
    y, x = data(n=500, p=4, seed=6)
    x[:, 3] = x[:, 2] + near * x[:, 3]
    whole = fit(y, x)
    monkeypatch.setattr("core.fit.gaussian._CHUNK", 33)
    assert (_cholesky_twice(lambda: _augmented(y, x)) is None) == (near < 1e-6)
    parts = fit(y, x)
    assert parts.log_evidence == pytest.approx(whole.log_evidence, abs=1e-10)
    np.testing.assert_allclose(leave_one_out(parts, y, x), leave_one_out(whole, y, x), atol=1e-11)


def test_collinear_columns_stay_exact():
    """Two columns equal to 1e-7: against rational arithmetic the evidence keeps eight digits."""
    from fractions import Fraction

    rng = np.random.default_rng(7)
    u = rng.integers(-8, 9, size=60).astype(float)
    x = np.column_stack([u, u + rng.integers(-8, 9, size=60) * 2.0**-23])
    y = u + rng.integers(-4, 5, size=60)
    prior = GaussianPrior.bge(2)
    rows = [[Fraction(1), Fraction(a), Fraction(b), Fraction(c)] for (a, b), c in zip(x, y, strict=True)]
    gram = [[sum(r[i] * r[j] for r in rows) for j in range(4)] for i in range(4)]
    for i, precision in enumerate([prior.a, *prior.t]):
        gram[i][i] += Fraction(precision)
    log_det, pivots = 0.0, []
    for i in range(4):
        pivot = gram[i][i]
        pivots.append(pivot)
        for j in range(i + 1, 4):
            factor = gram[j][i] / pivot
            gram[j] = [a - factor * b for a, b in zip(gram[j], gram[i], strict=True)]
    log_det = sum(float(np.log(float(pivot))) for pivot in pivots[:3])
    post = fit(y, x)
    assert 2 * np.log(np.abs(np.diag(post.r))).sum() == pytest.approx(log_det, abs=1e-8)
    assert 2 * (post.beta - prior.beta) == pytest.approx(float(pivots[3]), rel=1e-12)


def test_draws_have_the_posterior_moments():
    y, x = data(n=60, p=2, seed=8)
    post = fit(y, x)
    draws = draw(post, 200_000, np.random.default_rng(0))
    both = np.column_stack([draws["intercept"], draws["slopes"]])
    covariance = np.linalg.inv(post.r.T @ post.r) * post.beta / (post.alpha - 1)
    np.testing.assert_allclose(both.mean(axis=0), post.mean, atol=0.003)
    np.testing.assert_allclose(np.cov(both.T), covariance, atol=3e-4)
    assert (draws["sigma"] ** 2).mean() == pytest.approx(post.beta / (post.alpha - 1), rel=0.005)


def test_sweep_moves_t_in_both_its_places():
    y, x = data(n=30, p=2, seed=9)
    factor = reduce_rows(y, x)
    half, one, two = sweep(factor, 30, GaussianPrior.bge(2))
    assert half == posterior(factor, 30, GaussianPrior.bge(2, t=2.0)).log_evidence
    assert one == posterior(factor, 30, GaussianPrior.bge(2, t=0.5)).log_evidence
    assert two == posterior(factor, 30, GaussianPrior.bge(2, t=0.125)).log_evidence


def test_sweep_moves_the_t_of_every_column():
    y, x = data(n=30, p=2, seed=9)
    own, of_columns = 0.01, np.array([0.2, 3e-4])
    found = sweep(reduce_rows(y, x), 30, GaussianPrior.bge(2, t=own, of_columns=of_columns))
    for scale, evidence in zip((0.5, 1.0, 2.0), found, strict=True):
        prior = GaussianPrior.bge(2, t=own / scale**2, of_columns=of_columns / scale**2)
        assert evidence == fit(y, x, prior).log_evidence


def test_no_rows_leaves_the_prior():
    post = posterior(reduce_rows(np.empty(0), np.empty((0, 2))), 0, GaussianPrior.bge(2))
    assert post.log_evidence == pytest.approx(0.0, abs=1e-12)
    assert (post.alpha, post.beta) == (2.5, 0.25)


# -- score equivalence ---------------------------------------------------------------


def network_evidence(table, parents, scale=1.0, t=None):
    total = 0.0
    t = np.full(table.shape[1], 0.5) if t is None else t
    for node, of in parents.items():
        prior = GaussianPrior.bge(len(of), t=t[node], of_columns=t[list(of)]).scaled(scale)
        total += fit(table[:, node], table[:, list(of)], prior).log_evidence
    return total


def gaussian_table(n, columns, seed):
    rng = np.random.default_rng(seed)
    raw = rng.normal(size=(n, columns)) @ rng.normal(size=(columns, columns))
    return (raw - raw.mean(axis=0)) / raw.std(axis=0, ddof=1)


UNEQUAL = np.array([0.5, 1e-6, 3e-3, 0.07])
"""As different as prior scales of columns can be."""


@pytest.mark.parametrize("t", [None, UNEQUAL], ids=["one t", "unequal t"])
@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_all_24_orders_of_a_complete_graph_tie(scale, t):
    table = gaussian_table(150, 4, 10)
    scores = [
        network_evidence(table, {node: order[:place] for place, node in enumerate(order)}, scale, t)
        for order in itertools.permutations(range(4))
    ]
    assert np.ptp(scores) < 1e-10
    if t is not None:  # and the t of the wrong end would not do
        wrong = [
            sum(
                fit(table[:, v], table[:, list(of)], GaussianPrior.bge(len(of), t=t[v]).scaled(scale)).log_evidence
                for v, of in ((v, order[:place]) for place, v in enumerate(order))
            )
            for order in itertools.permutations(range(4))
        ]
        assert np.ptp(wrong) > 1


def test_orders_tie_given_a_background_that_no_order_moves():
    """Two columns are conditioned on: they stand before the others in every family and have none themselves."""
    table = gaussian_table(120, 5, 13)
    t = np.array([2e-5, *UNEQUAL])
    scores = [
        network_evidence(table, {v: (0, 1, *order[:place]) for place, v in enumerate(order)}, t=t)
        for order in itertools.permutations((2, 3, 4))
    ]
    assert np.ptp(scores) < 1e-10


def test_200_random_covered_arrow_reversals_tie():
    """x -> y is covered if parents(y) = parents(x) + x (Chickering 1995)."""
    rng, done = np.random.default_rng(11), 0
    while done < 200:
        size = int(rng.integers(3, 8))
        order = rng.permutation(size)
        parents = {
            int(node): tuple(int(v) for v in order[:place] if rng.random() < 0.5) for place, node in enumerate(order)
        }
        covered = [(u, v) for v, of in parents.items() for u in of if set(of) == set(parents[u]) | {u}]
        if not covered:
            continue
        u, v = covered[rng.integers(len(covered))]
        reversed_parents = {**parents, u: (*parents[u], v), v: tuple(w for w in parents[v] if w != u)}
        table = gaussian_table(80, size, int(rng.integers(1 << 30)))
        for t in (None, 0.5 * 10.0 ** rng.uniform(-5, 0, size)):
            first, second = (network_evidence(table, arrows, t=t) for arrows in (parents, reversed_parents))
            assert abs(first - second) < 1e-8
        done += 1


def test_chain_fork_and_reversed_chain_tie_and_the_collider_separates():
    rng = np.random.default_rng(12)
    a = rng.normal(size=300)
    b = a + rng.normal(size=300)
    c = b + rng.normal(size=300)
    table = np.column_stack([a, b, c])
    table = (table - table.mean(axis=0)) / table.std(axis=0, ddof=1)
    chain = network_evidence(table, {0: (), 1: (0,), 2: (1,)})
    reverse = network_evidence(table, {2: (), 1: (2,), 0: (1,)})
    fork = network_evidence(table, {1: (), 0: (1,), 2: (1,)})
    collider = network_evidence(table, {0: (), 2: (), 1: (0, 2)})
    assert chain == pytest.approx(fork, abs=1e-8)
    assert chain == pytest.approx(reverse, abs=1e-8)
    assert chain - collider > 10
