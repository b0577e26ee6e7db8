"""Prior beside posterior of an effect with an unmeasured cause of both ends: calibrated, and against PyMC."""

import numpy as np
import pytest
from scipy.stats import kstest, t

from core.effects.bow import Bow, bow
from core.fit.gaussian import GaussianPrior

Draws = np.ndarray


def priors(columns: int) -> tuple[GaussianPrior, GaussianPrior]:
    """Of the outcome given the treatment and as many columns, and of the treatment given them."""
    return GaussianPrior.bge(columns + 1), GaussianPrior.bge(columns)


def middle(draws: Draws) -> tuple[float, float, float]:
    low, half, high = (float(q) for q in np.quantile(draws, (0.05, 0.5, 0.95)))
    return low, half, high


def test_with_no_rows_the_posterior_is_the_prior() -> None:
    """The weights undo the change of parameters: the Jacobian and every power are right."""
    of_y, of_x = priors(0)
    nothing = np.empty(0)
    found = bow(nothing, nothing, np.empty((0, 0)), of_y, of_x, draws=20_000)
    wanted = t(4, scale=0.5).ppf([0.05, 0.5, 0.95])
    assert middle(found.prior) == pytest.approx(wanted, abs=0.04)
    assert middle(found.posterior) == pytest.approx(wanted, abs=0.2)


class World:
    """Parameters from the prior, and rows from these."""

    def __init__(self, rng: np.random.Generator, rows: int, columns: int) -> None:
        of_y, of_x = priors(columns)
        z = rng.normal(size=(rows, columns))
        sx, sy = (np.sqrt(own.beta / rng.standard_gamma(own.alpha)) for own in (of_x, of_y))
        a = sx * rng.normal(size=columns + 1) / np.sqrt([of_x.a, *of_x.t])
        c = sy * rng.normal(size=columns + 2) / np.sqrt([of_y.a, *of_y.t])
        self.slope, self.correlation = float(c[1]), float(rng.uniform(-1.0, 1.0))
        e_x = rng.normal(size=rows)
        e_y = self.correlation * e_x + np.sqrt(1.0 - self.correlation**2) * rng.normal(size=rows)
        self.x = a[0] + z @ a[1:] + sx * e_x
        self.y = c[0] + c[1] * self.x + z @ c[2:] + sy * e_y
        self.z, self.columns = z, columns

    def asked(self, draws: int, seed: int) -> Bow:
        return bow(self.y, self.x, self.z, *priors(self.columns), draws=draws, seed=seed)


@pytest.mark.parametrize("columns", [0, 2])
def test_truths_drawn_from_the_prior_lie_anywhere_in_the_posterior(columns: int) -> None:
    """Simulation-based calibration (Talts et al. 2018): ranks are uniform."""
    rng = np.random.default_rng(101 + columns)
    slopes, correlations = [], []
    for seed in range(200):
        world = World(rng, 40, columns)
        found = world.asked(500, seed)
        slopes.append(np.mean(found.posterior < world.slope))
        correlations.append(np.mean(found.correlation < world.correlation))
    assert kstest(slopes, "uniform").pvalue > 0.01
    assert kstest(correlations, "uniform").pvalue > 0.01


def test_more_rows_do_not_settle_it() -> None:
    rng = np.random.default_rng(3)
    widths = []
    for rows in (200, 20_000):
        x = rng.normal(size=rows)
        y = 0.5 * x + rng.normal(size=rows)
        found = bow(y, x, np.empty((rows, 0)), *priors(0))
        low, _, high = middle(found.posterior)
        widths.append(high - low)
        assert found.effective > 0.5 * len(found.posterior)
    assert np.ptp(found.without) < 0.1
    assert widths[1] > 0.85 * widths[0]


@pytest.mark.pymc
def test_pymc_says_the_same() -> None:
    """The bow with one column held fixed, written by hand: structural parameters, correlated residuals; NUTS."""
    import pymc as pm

    rng = np.random.default_rng(5)
    rows = 200
    z = rng.normal(size=rows)
    hidden = rng.normal(size=rows)
    x = 0.5 * z + hidden + rng.normal(size=rows)
    y = 0.6 * x + 0.4 * z - 0.8 * hidden + rng.normal(size=rows)
    x, y, z = ((one - one.mean()) / one.std(ddof=1) for one in (x, y, z))
    of_y, of_x = priors(1)
    found = bow(y, x, z[:, None], of_y, of_x, draws=8000)
    with pm.Model():
        var_x = pm.InverseGamma("var_x", alpha=of_x.alpha, beta=of_x.beta)
        var_y = pm.InverseGamma("var_y", alpha=of_y.alpha, beta=of_y.beta)
        sx, sy = pm.math.sqrt(var_x), pm.math.sqrt(var_y)
        a0, a1 = pm.Normal("a0", 0, sx), pm.Normal("a1", 0, sx / np.sqrt(of_x.t[0]))
        c0 = pm.Normal("c0", 0, sy)
        slope, held = (pm.Normal(name, 0, sy / np.sqrt(of_y.t[0])) for name in ("slope", "held"))
        r = pm.Uniform("r", -1, 1)
        e_x = x - a0 - a1 * z
        pm.Normal("x", a0 + a1 * z, sx, observed=x)
        pm.Normal("y", c0 + slope * x + held * z + r * sy / sx * e_x, sy * pm.math.sqrt(1 - r**2), observed=y)
        trace = pm.sample(2500, tune=1500, chains=2, cores=1, target_accept=0.97, random_seed=2, progressbar=False)
    drawn = {name: trace.posterior[name].to_numpy().ravel() for name in ("slope", "r")}
    spread = drawn["slope"].std()
    assert middle(found.posterior) == pytest.approx(middle(drawn["slope"]), abs=0.15 * spread)
    assert found.posterior.std() == pytest.approx(spread, rel=0.1)
    assert middle(found.correlation) == pytest.approx(middle(drawn["r"]), abs=0.1)
