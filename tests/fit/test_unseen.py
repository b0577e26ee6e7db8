"""Regressions of unseen rows, against the same done the long way: one fit a row that is left out."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize

from core.fit.flexible import Design, column_basis
from core.fit.unseen import PENALTIES, chance_unseen, predicted_unseen, smooth_design, turned

FloatArray = NDArray[np.float64]


def design(rows: int = 60, seed: int = 1) -> tuple[FloatArray, FloatArray]:
    rng = np.random.default_rng(seed)
    b = rng.normal(size=(rows, 4))
    return b, np.sin(2 * b[:, 0]) + b[:, 1] + 0.4 * rng.normal(size=rows)


def ridge(b: FloatArray, y: FloatArray, rows: FloatArray, penalty: float) -> FloatArray:
    """Return the prediction of every row by ridge regression on some, its intercept free."""
    part = np.column_stack([np.ones(len(b)), b])
    weight = np.diag([0.0, *[penalty] * b.shape[1]])
    on = part[rows]
    return np.asarray(part @ np.linalg.solve(on.T @ on + weight, on.T @ y[rows]))


@pytest.mark.parametrize("part", [60, 40])
def test_a_row_left_out_is_predicted_as_by_a_fit_without_it(part: int) -> None:
    b, y = design()
    fitted = np.arange(60) < part
    best, least = None, np.inf
    for penalty in PENALTIES * part:  # the sum of squares is over the fitted rows
        left_out = ridge(b, y, fitted, penalty)
        for row in np.flatnonzero(fitted):
            left_out[row] = ridge(b, y, fitted & (np.arange(60) != row), penalty)[row]
        error = np.mean((y - left_out)[fitted] ** 2)
        if error < least:
            best, least = left_out, error
    found = predicted_unseen(turned(Design(b), None if part == 60 else fitted), y[:, None])[:, 0]
    np.testing.assert_allclose(found, best, rtol=1e-8)


def test_without_regressors_it_is_the_mean_of_the_others() -> None:
    y = np.arange(10.0)
    found = predicted_unseen(turned(Design(np.empty((10, 0)))), y[:, None])[:, 0]
    np.testing.assert_allclose(found, (45 - y) / 9)
    assert chance_unseen(turned(Design(np.empty((10, 0)))), y > 6) == pytest.approx(0.3)


def test_a_chance_of_an_unseen_row_is_that_of_a_fit_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """At one penalty and without calibration, by a general optimiser, one row at a time."""
    b, y = design(rows=80)
    b -= b.mean(axis=0)
    hit = y > 0.2
    penalty = 0.1
    ridge_of = 0.5 * penalty * 0.2 * 80
    monkeypatch.setattr("core.fit.unseen._LOGISTIC", (penalty,))
    monkeypatch.setattr("core.fit.unseen._calibrated", lambda logits, y: logits)
    found = chance_unseen(turned(Design(b)), hit)
    part = np.column_stack([np.ones(80), b])

    def logit(row: int) -> float:
        rows = np.arange(80) != row

        def loss(beta: FloatArray) -> float:
            eta = part[rows] @ beta
            return float(np.sum(np.logaddexp(0, eta) - hit[rows] * eta) + ridge_of * beta[1:] @ beta[1:])

        return float(part[row] @ minimize(loss, np.zeros(5), method="BFGS").x)

    rows = range(0, 80, 8)
    np.testing.assert_allclose(found[list(rows)], [logit(row) for row in rows], atol=0.02)


def test_chances_are_calibrated_and_find_the_tails_of_a_steep_cause() -> None:
    rng = np.random.default_rng(4)
    z = rng.normal(size=2000)
    true = 1 / (1 + np.exp(-3 * z))
    found = chance_unseen(turned(smooth_design([column_basis("z", z)], 2000)), rng.random(2000) < true)
    assert np.mean(np.abs(found - true)) < 0.02
    assert np.mean(found < 0.02) == pytest.approx(np.mean(true < 0.02), abs=0.03)


def test_where_nothing_tells_chances_are_the_share() -> None:
    rng = np.random.default_rng(5)
    z = rng.normal(size=(500, 3))
    hit = rng.random(500) < 0.3
    basis = turned(smooth_design([column_basis(str(i), z[:, i]) for i in range(3)], 500))
    assert chance_unseen(basis, hit) == pytest.approx(hit.mean(), abs=0.12)
    assert chance_unseen(basis, np.ones(500, dtype=bool)) == pytest.approx(1.0)
