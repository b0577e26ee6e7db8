"""Taus given the slopes that they scale: against SciPy's generalised inverse Gaussian, and against dense quadrature."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import geninvgauss, kstest

from core.fit.exact import fit_exact
from core.fit.importance import fit_importance
from core.fit.tau_given import LEAST, given_squares
from tests.fit.test_mixed import block_of, drawn, table


@pytest.mark.parametrize("k", [1, 2, 6, 20, 120])
@pytest.mark.parametrize("squares", [1e-6, 1e-3, 0.4, 7.0, 300.0, 1e6])
@pytest.mark.parametrize("sigma", [0.3, 1.0, 8.0])
def test_against_dense_quadrature(k: int, squares: float, sigma: float) -> None:
    taus = given_squares(k, np.full(4_000, squares), sigma, np.random.default_rng([k, 5]))
    u = np.linspace(-20.0, 8.0, 200_001)
    log_density = (1 - k) * u - 0.5 * squares * np.exp(-2 * u) - 0.5 * np.exp(2 * u) / sigma**2
    mass = np.cumsum(np.exp(log_density - log_density.max()))
    assert kstest(np.log(taus), lambda at: np.interp(at, u, mass / mass[-1])).pvalue > 1e-3


@pytest.mark.parametrize(("k", "squares"), [(2, 0.4), (6, 7.0), (20, 30.0)])
def test_against_the_generalised_inverse_gaussian(k: int, squares: float) -> None:
    """With v = tau^2: v^(p - 1) exp(-(Q / v + v / sigma^2) / 2), p = (1 - k) / 2."""
    taus = given_squares(k, np.full(1_000, squares), 1.0, np.random.default_rng([k, 6]))
    truth = geninvgauss((1.0 - k) / 2.0, np.sqrt(squares), scale=np.sqrt(squares))
    assert kstest(taus**2, truth.cdf).pvalue > 1e-3


def test_neighbours_share_a_shape() -> None:
    """Many different sums at once: each tau's place in its own distribution is uniform."""
    squares = np.exp(1.5 * np.random.default_rng(3).normal(size=4_000))
    taus = given_squares(6, squares, 1.0, np.random.default_rng(4))
    u = np.linspace(-6.0, 4.0, 2_001)
    log_density = -5 * u - 0.5 * squares[:, None] * np.exp(-2 * u) - 0.5 * np.exp(2 * u)
    mass = np.cumsum(np.exp(log_density - log_density.max(axis=1, keepdims=True)), axis=1)
    places = [np.interp(np.log(tau), u, own / own[-1]) for tau, own in zip(taus, mass, strict=True)]
    assert kstest(places, "uniform").pvalue > 1e-3


@pytest.mark.parametrize(("form", "group"), [("smooth", False), ("linear", True), ("smooth", True), ("auto", False)])
def test_draws_of_tau_fill_what_lies_between_the_points(form: str, group: bool) -> None:
    """The lattice's spacing is 1.5 standard deviations: on it a thousand draws had a handful of values."""
    block, rows = block_of(drawn(form=form, group=group), table(bend=0.6), draws=4_000)
    tau = fit_exact(block, rows).draws["tau"]
    for own in tau.T:
        some = own[own > 0]
        assert len(np.unique(some)) == len(some)
        steps = np.diff(np.sort(np.log(some[some > LEAST])))
        assert steps[200:-200].max() < 0.05


def test_what_does_not_bend_is_straight_to_the_last_digit() -> None:
    block, rows = block_of(drawn("b", form="auto"), table(n=300, bend=0.0), "b", draws=2_000)
    fit = fit_importance(block, rows)
    bent, tau = fit.draws["slopes"][:, 1:], fit.draws["tau"][:, 0]
    assert 0.5 < np.mean(tau == 0.0) < 1.0
    assert np.all((bent == 0.0).all(axis=1) == (tau == 0.0))


def test_sampled_families_draw_them_alike() -> None:
    block, rows = block_of(drawn("b", form="smooth", group=True), table(n=300, bend=0.8), "b", draws=2_000)
    tau = fit_importance(block, rows).draws["tau"]
    assert np.all(tau > 0.0)
    assert len(np.unique(tau[:, 0])) == len(tau)
