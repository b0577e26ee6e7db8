"""Probability tables against scipy, sequential prediction and brute-force refits."""

import numpy as np
import pytest
from scipy import stats

from core.fit.table import Table, counts, draw, evidence, leave_one_out, sweep, warnings_about


def data(n=60, q=4, k=3, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, k, n), rng.integers(0, q, n)


def table_of(y, configuration, k=3, q=4, ess=1.0):
    return Table(counts(configuration * k + y, k, q), ess / (q * k))


def test_evidence_is_the_product_of_sequential_predictions():
    y, configuration = data()
    total = 0.0
    for i in range(len(y)):
        alpha = table_of(y[:i], configuration[:i]).alpha[configuration[i]]
        total += np.log(alpha[y[i]] / alpha.sum())
    assert evidence(table_of(y, configuration)) == pytest.approx(total, abs=1e-10)


def test_evidence_is_a_dirichlet_multinomial():
    y, _ = data(q=1)
    table = table_of(y, np.zeros(len(y), dtype=int), q=1, ess=5)
    n = table.counts[0].astype(int)
    orders = stats.multinomial(n.sum(), n / n.sum()).logpmf(n) - np.sum(n * np.log(n / n.sum()))
    expected = stats.dirichlet_multinomial.logpmf(n, np.full(3, 5 / 3), n.sum()) - orders
    assert evidence(table) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("ess", [1.0, 10.0, 1e-6])
def test_leave_one_out_is_a_refit_without_the_row(ess):
    y, configuration = data(n=40)
    elpd, lppd = (cells[configuration, y] for cells in leave_one_out(table_of(y, configuration, ess=ess)))
    for i in range(len(y)):
        rest = np.arange(len(y)) != i
        alpha = table_of(y[rest], configuration[rest], ess=ess).alpha[configuration[i]]
        assert elpd[i] == pytest.approx(np.log(alpha[y[i]] / alpha.sum()), abs=1e-9)
        alpha = table_of(y, configuration, ess=ess).alpha[configuration[i]]
        assert lppd[i] == pytest.approx(np.log(alpha[y[i]] / alpha.sum()), abs=1e-9)


def test_draws_have_the_dirichlet_moments_even_with_tiny_pseudo_counts():
    table = Table(np.array([[5.0, 2.0, 0.0], [0.0, 0.0, 0.0]]), 1 / 6)
    draws = draw(table, 100_000, np.random.default_rng(0))
    assert draws.shape == (100_000, 2, 3)
    np.testing.assert_allclose(draws.sum(axis=-1), 1.0)
    for row in range(2):
        law = stats.dirichlet(table.alpha[row])
        np.testing.assert_allclose(draws[:, row].mean(axis=0), law.mean(), atol=0.005)
        np.testing.assert_allclose(draws[:, row].var(axis=0), law.var(), atol=0.004)
    assert np.isfinite(draw(Table(np.zeros((512, 2)), 1 / 1024), 50, np.random.default_rng(0))).all()


def test_score_equivalence():
    """Binary a, ternary b, ternary c: both directions of covered arrows tie at each sample size."""
    rng = np.random.default_rng(1)
    a = rng.integers(0, 2, 200)
    b = (a + rng.integers(0, 2, 200)) % 3
    c = (a + b + rng.integers(0, 2, 200)) % 3
    nothing = np.zeros(200, dtype=int)

    def of(y, configuration, k, q):
        return np.array(sweep(counts(configuration * k + y, k, q)))

    one = of(a, nothing, 2, 1) + of(b, a, 3, 2) + of(c, 3 * a + b, 3, 6)
    two = of(c, nothing, 3, 1) + of(b, c, 3, 3) + of(a, 3 * b + c, 2, 9)
    three = of(b, nothing, 3, 1) + of(a, b, 2, 3) + of(c, 3 * a + b, 3, 6)
    np.testing.assert_allclose(one, two, atol=1e-9)
    np.testing.assert_allclose(one, three, atol=1e-9)


def test_deterministic_cells_are_named():
    sure = Table(np.array([[8.0, 0.0], [3.0, 4.0], [2.0, 0.0]]), 1 / 6)
    assert "1 of 3 combinations" in warnings_about(sure)[0]
    assert warnings_about(Table(np.array([[8.0, 1.0]]), 0.5)) == ()
