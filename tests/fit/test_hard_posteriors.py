"""Importance sampling where the first proposal does not do: against quadrature and closed forms."""

import numpy as np
import pandas as pd
import pytest
from fit_helpers import blocks_of, hypothesis
from scipy import integrate, special, stats

from core.data.dataset import Dataset
from core.families import get_family
from core.fit.bridge import log_ratio
from core.fit.engine import fit_block
from core.fit.gates import block_failures
from core.fit.laplace import find_again, find_modes
from core.fit.proposal import around, moved, propose, weigh
from core.fit.rows import entering
from core.fit.target import Target
from core.model.design import BlockData


def block_of(family, kind, y, x=None, **settings):
    """The block of y, with one parent x if it is given."""
    table = pd.DataFrame({"y": y} if x is None else {"x": x, "y": y})
    data = Dataset.from_frame(table, kinds={"y": kind})
    graph = hypothesis("" if x is None else "x>y", nodes=["y"], y=family)
    return blocks_of(data, graph, method="importance", **settings)["y"]


def integral(target, middle, reach):
    """The evidence and the posterior means of two parameters, on a grid."""
    axes = [np.linspace(m - r, m + r, 801) for m, r in zip(middle, reach, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
    with np.errstate(all="ignore"):
        logs = np.concatenate([target(part) for part in np.array_split(grid, 40)])
    logs = np.where(np.isfinite(logs), logs, -np.inf)
    cell = np.prod([axis[1] - axis[0] for axis in axes])
    total = special.logsumexp(logs)
    return total + np.log(cell), np.exp(logs - total) @ grid


COUNTS = np.array([0] * 30 + [5, 7, 8, 15, 21, 34, 46, 106, 266, 432])


def test_a_row_that_moves_the_whole_posterior_is_left_out_by_two_evidences():
    """Without the largest count the posterior lies ten of its sds away: no bridge spans that."""
    block, rows = block_of("Poisson", "count", COUNTS)
    prior = block.model.prior["intercept"]

    def log_evidence(counts):
        def logs(eta):
            return stats.poisson.logpmf(counts, np.exp(eta)).sum() + stats.norm.logpdf(eta, prior["mu"], 1.0)

        top = np.log(counts.mean())
        return np.log(integrate.quad(lambda eta: np.exp(logs(eta) - logs(top)), top - 1, top + 1)[0]) + logs(top)

    fit = fit_block(block, rows)
    for row in (-1, -2):
        without = np.delete(COUNTS, row)
        assert fit.elpd_i[row] == pytest.approx(log_evidence(COUNTS) - log_evidence(without), abs=0.03)
        assert fit.pareto_k[row] == 0.0
    assert not block_failures("y", fit)


def test_the_error_of_refitted_rows_is_that_of_repetition():
    """Rows refitted with the same draws behind the evidence share its error."""
    fits = [fit_block(*block_of("Poisson", "count", COUNTS, seed=seed)) for seed in range(30)]
    spread = np.std([fit.elpd for fit in fits], ddof=1)
    stated = np.mean([fit.elpd_mcse for fit in fits])
    assert 0.6 < spread / stated < 1.5


def test_cut_points_of_outermost_levels_that_two_rows_have_are_quickly_found():
    """A number of bedrooms: what is hardly known at the ends must not drag the rest with it (k was 0.50 before)."""
    counts = (2, 136, 301, 95, 10, 2)
    levels = np.random.default_rng(3).permutation(np.repeat(np.arange(1, 7), counts))
    x = 0.3 * levels + np.random.default_rng(4).normal(size=len(levels))
    block, rows = block_of("OrderedLogit", "ordered", levels.astype(str), x)
    fit = fit_block(block, rows)
    assert fit.diagnostics.proposal_k < 0.3
    assert fit.diagnostics.effective_draws > 2500
    assert not block_failures("y", fit)


def test_the_evidence_of_two_cut_points_is_that_of_quadrature():
    counts = (2, 60, 30)
    block, rows = block_of("OrderedLogit", "ordered", np.repeat(["1", "2", "3"], counts))
    prior = block.model.prior["cutpoints"]
    a, b = np.meshgrid(np.linspace(-12, 3, 1501), np.linspace(-3, 5, 1001), indexing="ij")
    with np.errstate(all="ignore"):
        logs = counts[0] * special.log_expit(a) + counts[2] * special.log_expit(-b)
        logs = logs + counts[1] * np.log(special.expit(b) - special.expit(a))
        logs = logs + stats.norm.logpdf([a, b], prior["mu"], prior["sigma"]).sum(axis=0) + np.log(2.0)
    logs = np.where(a < b, logs, -np.inf)
    expected = special.logsumexp(logs) + np.log(15 / 1500 * 8 / 1000)
    fit = fit_block(block, rows)
    assert fit.log_evidence == pytest.approx(expected, abs=0.02)


def test_a_bridge_without_overlap_is_no_warning_and_no_number():
    far = np.linspace(400.0, 900.0, 400)
    assert not np.isfinite(log_ratio(far, -far * 3.0, 4).log_evidence) or log_ratio(far, -far * 3.0, 4).se > 0.5


@pytest.mark.parametrize(
    ("family", "kind", "y"),
    [
        ("Weibull", "positive", np.exp(2 * np.random.default_rng(233).normal(size=3))),
        ("Weibull", "positive", np.array([97.80679589, 104.2043057, 88.88495584, 112.32008301])),
    ],
)
def test_many_small_proposals_and_the_prior_hold_what_one_does_not(family, kind, y):
    """A handful of rows: the mean's tail is long where the shape is small."""
    block, rows = block_of(family, kind, y)
    target = Target.of(block.model, entering(rows))
    modes = find_modes(target)
    expected, mean = integral(target, modes[0].theta, (9.0, 7.0))
    first = weigh(target, propose(target, modes), 4000, np.random.default_rng(0))
    second = weigh(target, moved(first, modes[0].theta), 4000, np.random.default_rng(1))
    many = around(target, second, np.random.default_rng(2))
    found = weigh(target, many, 4000, np.random.default_rng(3))
    assert first.k > 0.5
    assert found.k < first.k
    assert found.effective > 1000
    assert found.log_evidence == pytest.approx(expected, abs=4 * found.log_evidence_se)
    assert found.mean() == pytest.approx(mean, abs=0.06)
    fit = fit_block(block, rows)
    assert fit.log_evidence == pytest.approx(expected + rows.log_jacobian.sum(), abs=0.08)


def test_a_mixture_with_the_prior_is_a_density():
    block, rows = block_of("Gamma", "positive", np.array([1.0, 2.0, 9.0, 4.0]))
    target = Target.of(block.model, entering(rows))
    pilot = weigh(target, propose(target, find_modes(target)), 2000, np.random.default_rng(0))
    many = around(target, pilot, np.random.default_rng(1))
    theta, logs = many.draw(20_000, np.random.default_rng(2))
    other = stats.multivariate_t(theta.mean(axis=0), 2 * np.cov(theta.T), df=4)
    assert np.exp(other.logpdf(theta) - logs).mean() == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(("family", "kind"), [("Gamma", "positive"), ("Weibull", "positive"), ("Beta", "proportion")])
def test_a_column_that_hardly_varies_is_fitted(family, kind):
    """A hundred-thousandth of variation: the mean is known to eight digits, the shape to one."""
    noise = np.random.default_rng(0).normal(size=100)
    x = np.random.default_rng(1).normal(size=100)
    block, rows = block_of(family, kind, 0.5 * (1 + 1e-5 * (x + noise)), x)
    fit = fit_block(block, rows)
    assert not block_failures("y", fit)
    if family != "Weibull":  # whose tails are not normal
        unit, size = (2.0, "precision") if family == "Beta" else (1.0, "shape")
        assert fit.draws["slopes"].mean() == pytest.approx(1e-5 * unit, rel=0.2)
        # The prior of a shape near 1 has a say in how much of the variation is noise.
        noise_sd = unit * np.mean(fit.draws[size] ** -0.5)
        assert fit.draws["slopes"].std() == pytest.approx(noise_sd / 10, rel=0.05)
        assert 1.0 < noise_sd / (1e-5 * unit) < 1.5


@pytest.mark.parametrize("family", ["Gamma", "Weibull"])
def test_units_change_the_evidence_by_their_jacobian_alone(family):
    x = np.random.default_rng(1).normal(size=60)
    y = np.exp(x + np.random.default_rng(2).normal(size=60))
    found = [fit_block(*block_of(family, "positive", y * unit, x)) for unit in (1.0, 1e-290, 1e12)]
    for fit, unit in zip(found, (1.0, 1e-290, 1e12), strict=True):
        assert fit.log_evidence + 60 * np.log(unit) == pytest.approx(found[0].log_evidence, abs=0.04)
        assert fit.elpd + 60 * np.log(unit) == pytest.approx(found[0].elpd, abs=0.15)


@pytest.mark.repeats
def test_large_counts_are_fitted():
    x = np.random.default_rng(1).normal(size=80)
    y = np.random.default_rng(2).poisson(np.exp(20 + 0.1 * x))
    for family in ("NegativeBinomial", "ZeroInflatedPoisson"):
        fit = fit_block(*block_of(family, "count", y, x))
        assert fit.draws["slopes"].mean() / x.std(ddof=1) == pytest.approx(0.1, abs=1e-4)


def test_gamma_of_a_huge_shape_is_normal():
    shape, z = 1e12, np.linspace(-3, 3, 7)
    draws = {"intercept": np.array([2.0]), "slopes": np.zeros((1, 0)), "shape": np.array([shape])}
    y = np.exp(2.0) * (1 + z / np.sqrt(shape))
    found = get_family("Gamma").log_likelihood(draws, y, np.zeros((7, 0)), "log")[0]
    expected = stats.norm.logpdf(z) - 2.0 + 0.5 * np.log(shape)
    assert found == pytest.approx(expected, abs=2e-3)


def test_a_mode_that_comes_when_a_row_goes_is_found():
    """One value far off and the rest together: without it the noise is hardly lopsided, to either side."""
    y = np.append(np.random.default_rng(0).normal(0, 1e-5, 79), 9.0)
    block, rows = block_of("SkewNormal", "real", y)
    target = Target.of(block.model, entering(rows))
    without = Target.of(block.model, BlockData(rows.y[:-1], rows.x[:-1], rows.log_jacobian[:-1], rows.used[:-1]))
    assert len(find_again(without, find_modes(target))) == len(find_modes(without))
    fit = fit_block(block, rows)
    assert fit.pareto_k[-1] == 0.0


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kept", [0, 1])
@pytest.mark.parametrize("family", ["Normal", "Gamma", "Weibull", "LogNormal"])
def test_a_node_that_was_set_in_nearly_every_row(family, kept):
    """Nothing was observed of it: no evidence, no score, and no word about rows that do not enter."""
    x, y = np.random.default_rng(0).normal(size=6), np.exp(np.random.default_rng(1).normal(size=6))
    table = pd.DataFrame({"x": x, "y": y, "_set": ["y"] * (6 - kept) + [""] * kept})
    data = Dataset.from_frame(table, kinds={"x": "real", "y": "positive"})
    block, rows = blocks_of(data, hypothesis("x>y", y=family), draws=40_000)["y"]
    fit = fit_block(block, rows)
    assert (fit.elpd_i[: 6 - kept] == 0).all()
    assert np.isfinite(fit.elpd)
    assert fit.log_evidence == pytest.approx(fit.elpd, abs=0.05)
