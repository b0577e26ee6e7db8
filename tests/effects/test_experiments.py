"""The result of an experiment as a likelihood: against closed forms and quadrature."""

from math import exp, log, pi, sqrt

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from core.effects.experiments import Experiment, disagreement, evidence, moved_by
from core.effects.settings import Setting
from core.effects.worlds import Played
from core.errors import UsageError

PLACES = (np.arange(4000) + 0.5) / 4000
NORMAL = 1.5 + 0.2 * stats.norm.ppf(PLACES)  # every quantile once: no Monte Carlo error


def moments(weights: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    mean = float(weights @ values)
    return mean, sqrt(float(weights @ (values - mean) ** 2))


def by_quadrature(posterior: stats.rv_continuous, estimate: float, se: float) -> tuple[float, float, float]:
    """Return evidence, mean and standard deviation of a contrast given a result."""

    low, high = sorted((posterior.mean(), estimate))
    at = np.linspace(low - 12 * posterior.std(), high + 12 * posterior.std(), 400_001)
    density = posterior.pdf(at) * stats.norm.pdf(estimate, at, se)
    total = float(integrate.trapezoid(density, at))
    mean, sd = moments(density / density.sum(), at)
    return total, mean, sd


@pytest.mark.parametrize(("estimate", "se"), [(1.4, 0.3), (1.5, 0.1), (1.9, 0.2), (0.0, 2.0)])
def test_a_normal_posterior_moves_as_the_conjugate_calculation_says(estimate: float, se: float) -> None:
    found = evidence(NORMAL, estimate, se)
    precision = 1 / 0.2**2 + 1 / se**2
    mean, sd = moments(found.weights, NORMAL)
    assert found.even
    assert mean == pytest.approx((1.5 / 0.2**2 + estimate / se**2) / precision, abs=0.01 * 0.2)
    assert sd == pytest.approx(1 / sqrt(precision), rel=0.01)
    assert exp(found.log_evidence) == pytest.approx(stats.norm.pdf(estimate, 1.5, sqrt(0.2**2 + se**2)), rel=0.01)


@pytest.mark.parametrize(("estimate", "se"), [(1.4, 0.3), (2.2, 0.25)])
def test_of_few_rows_it_moves_as_quadrature_says(estimate: float, se: float) -> None:
    posterior = stats.t(9, 1.5, 0.2)
    draws = posterior.ppf(PLACES)
    found = evidence(draws, estimate, se)
    total, mean, sd = by_quadrature(posterior, estimate, se)
    assert exp(found.log_evidence) == pytest.approx(total, rel=0.01)
    assert moments(found.weights, draws) == pytest.approx((mean, sd), rel=0.01)


def test_an_endless_error_changes_nothing() -> None:
    found = evidence(NORMAL, 900.0, 1e9)
    np.testing.assert_allclose(found.weights, 1 / 4000, rtol=1e-6)
    assert found.effective == pytest.approx(4000)
    assert found.log_evidence == pytest.approx(-log(1e9) - 0.5 * log(2 * pi))


def test_several_cells_are_one_pooled_result() -> None:
    estimates, ses = np.array([1.2, 1.9, 1.4]), np.array([0.5, 0.6, 0.3])
    cells = evidence(np.stack([NORMAL] * 3), estimates, ses)
    precision = (ses**-2).sum()
    pooled = evidence(NORMAL, float((estimates / ses**2).sum() / precision), float(precision**-0.5))
    np.testing.assert_allclose(cells.weights, pooled.weights, rtol=1e-8)


def test_where_all_draws_say_the_same_nothing_is_learnt_of_them() -> None:
    found = evidence(np.zeros(500), 1.4, 0.3)
    np.testing.assert_array_equal(found.weights, 1 / 500)
    assert found.log_evidence == pytest.approx(stats.norm.logpdf(1.4, 0, 0.3))
    assert found.even


def test_uneven_weights_are_known_as_such() -> None:
    assert not evidence(NORMAL, 4.0, 0.05).even


@given(
    estimates=st.lists(st.floats(-3, 3), min_size=1, max_size=4),
    se=st.floats(0.05, 5),
    seed=st.integers(0, 2**16),
)
@settings(max_examples=60, deadline=None)
def test_weights_are_a_distribution(estimates: list[float], se: float, seed: int) -> None:
    draws = np.random.default_rng(seed).normal(size=(len(estimates), 400))
    found = evidence(draws, np.array(estimates), np.full(len(estimates), se))
    assert (found.weights >= 0).all()
    assert found.weights.sum() == pytest.approx(1)
    assert 1 <= found.effective <= 400 + 1e-6


@given(estimate=st.floats(0.9, 2.1), se=st.floats(0.15, 3), more=st.floats(0.15, 3))
@settings(max_examples=60, deadline=None)
def test_more_evidence_never_leaves_more_open(estimate: float, se: float, more: float) -> None:
    one = evidence(NORMAL, estimate, se)
    two = evidence(np.stack([NORMAL] * 2), np.array([estimate, estimate]), np.array([se, more]))
    assume(one.even and two.even)
    spreads = [0.2, moments(one.weights, NORMAL)[1], moments(two.weights, NORMAL)[1]]
    assert spreads[0] >= spreads[1] * 0.998
    assert spreads[1] >= spreads[2] * 0.998


@pytest.mark.parametrize("estimate", [1.5, 1.1, 2.6])
def test_how_far_a_result_is_off(estimate: float) -> None:
    found = disagreement(NORMAL, estimate, 0.3)
    gap = (estimate - 1.5) / sqrt(0.2**2 + 0.3**2)
    assert found.gap == pytest.approx(gap, abs=0.01)
    assert found.p == pytest.approx(2 * stats.norm.sf(abs(gap)), rel=0.02)


def test_a_mean_is_taken_where_a_median_is_shown() -> None:
    centre = np.array([[1.0, 2.0], [3.0, 5.0]])
    assert moved_by(Played("mean", centre, None, None, None)).tolist() == [2.0, 3.0]
    assert moved_by(Played("median", centre, None, 10 * centre, None)).tolist() == [20.0, 30.0]
    with pytest.raises(UsageError, match="no mean"):
        moved_by(Played("median", centre, None, None, None))
    with pytest.raises(UsageError, match="two levels"):
        moved_by(Played("mean", np.zeros((2, 4, 3)), None, None, None))


@pytest.mark.parametrize(("estimate", "se"), [(float("nan"), 0.3), (1.0, 0.0), (1.0, -1.0), (1.0, float("inf"))])
def test_what_is_no_result_is_refused(estimate: float, se: float) -> None:
    with pytest.raises(UsageError):
        Experiment("lift", ((), (Setting("x", 1.0),)), "y", estimate, se)
