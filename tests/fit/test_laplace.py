"""The search for the mode: it ends at the top, wherever it begins, or says why not."""

import dataclasses

import numpy as np
import pytest
from fit_helpers import blocks_of, hypothesis
from scipy import optimize
from test_importance import KINDS, block_of, frame

from core.data.dataset import Dataset
from core.fit import laplace
from core.fit.laplace import Mode, NoModeError, climb, find_modes
from core.fit.target import Target

FAMILIES = [family for family in KINDS if family != "Normal"]


def target_of(family, rows=100, seed=0):
    block, data = block_of(family, frame(family, rows, seed))
    return Target.of(block.model, data)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_mode_is_the_one_that_scipy_finds(family):
    target = target_of(family)
    mode = find_modes(target)[0]
    theirs = optimize.minimize(
        lambda theta: -float(target(theta[None])[0]),
        mode.theta + 0.3,
        jac=lambda theta: -target.gradient(theta[None])[1][0],
        method="BFGS",
    )
    assert mode.value >= -theirs.fun - 1e-6
    assert mode.distance(theirs.x) < 0.05


@pytest.mark.parametrize("family", FAMILIES)
def test_the_curvature_is_that_of_the_log_posterior(family):
    """Along each axis the log posterior falls by one half in a standard deviation, to second order."""
    target = target_of(family, 400)
    mode = find_modes(target)[0]
    step = 0.05
    points = np.concatenate([mode.theta + step * mode.root.T, mode.theta - step * mode.root.T])
    drops = (mode.value - target(points)).reshape(2, -1).mean(axis=0)
    np.testing.assert_allclose(drops, step**2 / 2, rtol=0.01)


def test_laplaces_evidence_is_near_where_the_posterior_is_normal():
    target = target_of("Normal", 400)
    from core.fit.importance import fit_importance

    block, data = block_of("Normal", frame("Normal", 400), method="importance")
    fit = fit_importance(block, data)
    assert find_modes(target)[0].log_mass == pytest.approx(fit.log_evidence - data.log_jacobian.sum(), abs=0.02)


@pytest.mark.parametrize("family", ["Bernoulli", "Poisson", "Gamma", "NegativeBinomial", "StudentT"])
@pytest.mark.parametrize("start", [-6.0, 4.0])
def test_it_climbs_from_far_away(family, start):
    target = target_of(family)
    top = find_modes(target)[0]
    there = climb(target, np.full(target.dimension, start))
    assert top.distance(there.theta) < 0.01


def test_searching_few_rows_first_ends_at_the_same_mode(monkeypatch):
    target = target_of("Gamma", 2000)
    whole = find_modes(target)[0]
    monkeypatch.setattr(laplace, "SEARCHED_ROWS", 300)
    assert whole.distance(find_modes(target)[0].theta) < 0.01


def test_several_modes_are_found_and_light_ones_forgotten(monkeypatch):
    class Hills(Target):
        """Two hills along the intercept, their log heights apart by ``gap``."""

        gap = 2.0

        def gradient(self, theta):
            high, low = -0.5 * (theta - 4) ** 2, -0.5 * (theta + 4) ** 2 - self.gap / theta.shape[1]
            total = np.logaddexp(high.sum(axis=1), low.sum(axis=1))
            share = np.exp(high.sum(axis=1) - total)[:, None]
            return total, -share * (theta - 4) - (1 - share) * (theta + 4)

        def __call__(self, theta):
            return self.gradient(theta)[0]

    plain = target_of("StudentT", 20)
    hills = Hills(plain.model, plain.y, plain.x, plain.weights, plain.place)
    starts = [np.full(4, 3.0), np.full(4, -3.0), np.full(4, 3.5)]
    monkeypatch.setattr(laplace, "_starts", lambda target: starts)
    found = find_modes(hills)
    assert [round(float(mode.theta[0])) for mode in found] == [4, -4]
    assert found[0].log_mass - found[1].log_mass == pytest.approx(2.0, abs=0.01)
    Hills.gap = 20.0
    assert len(find_modes(hills)) == 1


def test_a_plane_and_a_slope_without_end_are_no_modes():
    class Slope(Target):
        def gradient(self, theta):
            return theta[:, 0] * 5.0, np.tile([5.0, 0.0, 0.0, 0.0], (len(theta), 1))

        def __call__(self, theta):
            return self.gradient(theta)[0]

    class Nothing(Slope):
        def gradient(self, theta):
            return np.full(len(theta), np.nan), np.full(theta.shape, np.nan)

    plain = target_of("StudentT", 20)
    parts = (plain.model, plain.y, plain.x, plain.weights, plain.place)
    with pytest.raises(NoModeError):
        climb(Slope(*parts), np.zeros(4))
    with pytest.raises(NoModeError, match="cannot be computed"):
        climb(Nothing(*parts), np.zeros(4))


def test_modes_that_are_far_from_zero():
    """Counts of a thousand million, and a response in other units: the start comes from the data."""
    import pandas as pd

    table = pd.DataFrame({"x": np.linspace(-1, 1, 30), "n": 10**9 + np.arange(30) ** 3})
    data = Dataset.from_frame(table, kinds={"n": "count"})
    block, rows = blocks_of(data, hypothesis("x>n", n="Poisson"))["n"]
    mode = find_modes(Target.of(block.model, rows))[0]
    assert isinstance(mode, Mode)
    assert mode.theta[0] == pytest.approx(np.log(data.values("n").mean()), abs=0.01)


def test_a_prior_that_says_almost_everything():
    block, data = block_of("Poisson", frame("Poisson", 5))
    tight = tuple(
        (name, dataclasses.replace(prior, parameters=(("mu", 0.25), ("sigma", 1e-4), ("relative", 0.0))))
        for name, prior in block.model.priors
    )
    mode = find_modes(Target.of(dataclasses.replace(block.model, priors=tight), data))[0]
    np.testing.assert_allclose(mode.theta, 0.25, atol=1e-4)
