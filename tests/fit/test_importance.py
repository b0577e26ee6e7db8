"""Importance sampling against closed forms, quadrature, brute force and itself; no PyMC."""

import dataclasses
import subprocess
import sys
import threading
import time

import numpy as np
import pandas as pd
import pytest
from fit_helpers import blocks_of, fit_of, hypothesis
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from core.data.dataset import Dataset
from core.errors import ModelError
from core.families import get_family
from core.fit.engine import fit_block
from core.fit.gates import block_failures
from core.fit.laplace import find_modes
from core.fit.proposal import Mixture, Proposal, Weighted, resample, split_at, weigh, weighted
from core.fit.result import Block, FitCancelledError, NeedsSamplerError
from core.fit.target import Target
from core.model.design import BlockData

KINDS = {
    "Bernoulli": "binary",
    "Poisson": "count",
    "NegativeBinomial": "count",
    "StudentT": "real",
    "Gamma": "positive",
    "Beta": "proportion",
    "Categorical": "category",
    "Normal": "real",
}


def frame(family, rows, seed=0, slope=0.6):
    """One parent x and a child y drawn from about the family."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=rows)
    eta = 0.3 + slope * x
    draw = {
        "Bernoulli": lambda: (rng.random(rows) < special.expit(eta)).astype(int),
        "Poisson": lambda: rng.poisson(np.exp(eta)),
        "NegativeBinomial": lambda: rng.negative_binomial(2, 2 / (2 + np.exp(eta))),
        "StudentT": lambda: eta + rng.standard_t(4, rows),
        "Gamma": lambda: rng.gamma(2.0, np.exp(eta) / 2),
        "Beta": lambda: rng.beta(6 * special.expit(eta), 6 * special.expit(-eta)),
        "Categorical": lambda: np.array(["a", "b", "c"])[(rng.random((rows, 1)) > special.expit([-1, 1])).sum(axis=1)],
        "Normal": lambda: eta + rng.normal(size=rows),
    }[family]
    return pd.DataFrame({"x": x, "y": draw()})


def block_of(family, table, link=None, **settings):
    data = Dataset.from_frame(table, kinds={"y": KINDS[family]})
    graph = hypothesis("x>y", y=family)
    if link is not None:
        graph = graph.with_node("y", link=link)
    return blocks_of(data, graph, **settings)["y"]


def fitted(family, rows=80, made=0, **settings):
    block, data = block_of(family, frame(family, rows, made), **settings)
    return fit_block(block, data, sampler=False), block, data


# -- against closed forms ----------------------------------------------------------------


def test_closed_form_and_importance_agree_on_the_same_model(gaussian):
    """Evidence to 0.02, means to 0.05 sd, sds to 5 %, elpd to 0.1, the sweep to 0.05; a Table too."""
    graph = hypothesis("a>b b>c", c="LogNormal")
    many = 40_000  # whose own errors are a tenth of what is allowed: no seed fails by chance
    exact, other = fit_of(gaussian, graph, draws=many), fit_of(gaussian, graph, method="importance", draws=many)
    for node in ("a", "b", "c"):
        one, two = exact.by_node[node], other.by_node[node]
        assert (one.method, two.method) == ("exact", "importance")
        for parameter, draws in one.draws.items():
            gap = np.abs(draws.mean(axis=0) - two.draws[parameter].mean(axis=0))
            assert np.all(gap < 0.05 * draws.std(axis=0))
            np.testing.assert_allclose(two.draws[parameter].std(axis=0), draws.std(axis=0), rtol=0.05)
        assert two.log_evidence == pytest.approx(one.log_evidence, abs=0.02)
        assert 0 < two.log_evidence_se < 0.01
        assert two.elpd == pytest.approx(one.elpd, abs=0.1)
        np.testing.assert_allclose(two.elpd_i, one.elpd_i, atol=0.05)
        assert two.lppd_i.sum() == pytest.approx(one.lppd_i.sum(), abs=0.1)
        np.testing.assert_allclose(two.sweep, one.sweep, atol=0.05)
        assert not block_failures(node, two)
        assert two.chains == 1


def test_a_table_by_importance(discrete):
    graph = hypothesis("x>z y>z")
    one = fit_of(discrete, graph).by_node["z"]
    two = fit_of(discrete, graph, method="importance").by_node["z"]
    np.testing.assert_allclose(two.sweep, one.sweep, atol=0.06)
    assert two.elpd == pytest.approx(one.elpd, abs=0.15)


def test_a_table_of_very_many_cells_is_refused(discrete):
    block, data = blocks_of(discrete, hypothesis("x>z y>z"), method="importance")["z"]
    wide = dataclasses.replace(block.model.terms[0], levels=tuple(map(str, range(200))))
    model = dataclasses.replace(block.model, terms=(wide, *block.model.terms[1:]))
    with pytest.raises(ModelError, match="parameters at once") as caught:
        fit_block(dataclasses.replace(block, model=model), data)
    assert "node z" in str(caught.value)


# -- against quadrature and brute force ---------------------------------------------------


def log_integral(target, points=201, reach=9.0):
    """The log of the integral of a posterior of one or two parameters, on a grid around its mode."""
    mode = find_modes(target)[0]
    line = np.linspace(-reach, reach, points)
    grid = np.stack(np.meshgrid(*[line] * len(mode.theta), indexing="ij"), axis=-1).reshape(-1, len(mode.theta))
    logs = np.concatenate([target(mode.theta + part @ mode.root.T) for part in np.array_split(grid, 20)])
    cell = np.linalg.det(mode.root) * (line[1] - line[0]) ** len(mode.theta)
    return float(special.logsumexp(logs) + np.log(cell))


@pytest.mark.parametrize(("family", "link"), [("Bernoulli", "logit"), ("Bernoulli", "probit"), ("Poisson", "log")])
def test_evidence_sweep_and_leave_one_out_against_quadrature(family, link):
    block, data = block_of(family, frame(family, 40), link)
    fit = fit_block(block, data, sampler=False)
    target = Target.of(block.model, data)
    onto = float(data.log_jacobian.sum())
    whole = log_integral(target)
    assert fit.log_evidence == pytest.approx(whole + onto, abs=0.02)
    expected = [log_integral(target.with_prior_scale(scale)) + onto for scale in (0.5, 1.0, 2.0)]
    np.testing.assert_allclose(fit.sweep, expected, atol=0.03)
    for row in (0, 7, 21):
        left_out = whole - log_integral(target.without(int(target.place[row])))
        assert fit.elpd_i[row] == pytest.approx(left_out, abs=0.03)


def test_a_row_over_the_limit_is_left_out_in_truth():
    """One count of 40 at a high-leverage x: its score is that of a fit that never saw it."""
    table = pd.concat([frame("Poisson", 60, 2), pd.DataFrame({"x": [3.5], "y": [60]})], ignore_index=True)
    block, data = block_of("Poisson", table)
    fit = fit_block(block, data, sampler=False)
    assert fit.pareto_k[-1] == 0.0
    target = Target.of(block.model, data)
    expected = log_integral(target) - log_integral(target.without(int(target.place[-1])))
    assert fit.elpd_i[-1] == pytest.approx(expected, abs=0.15)
    assert fit.lppd_i[-1] > fit.elpd_i[-1] + 0.5
    assert not block_failures("y", fit)


@pytest.mark.parametrize("family", ["StudentT", "NegativeBinomial", "Gamma", "Beta", "Categorical"])
def test_evidence_of_families_with_more_parameters_against_a_long_random_walk_free_estimate(family):
    """Another proposal (a wide t at the mean) with many more draws gives the same evidence and moments."""
    fit, block, data = fitted(family, 120)
    target = Target.of(block.model, data)
    theta = get_family(family).unconstrain(fit.draws)
    root = np.linalg.cholesky(1.3 * np.atleast_2d(np.cov(theta.T)))
    other = weigh(target, Proposal(theta.mean(axis=0), root, np.ones((len(root), 2))), 20_000, np.random.default_rng(9))
    assert other.k < 0.7
    assert fit.log_evidence - data.log_jacobian.sum() == pytest.approx(other.log_evidence, abs=0.03)
    spread = np.sqrt(np.diag(other.covariance()))
    assert np.all(np.abs(theta.mean(axis=0) - other.mean()) < 0.08 * spread)
    np.testing.assert_allclose(theta.std(axis=0), spread, rtol=0.08)
    assert not block_failures("y", fit)


def test_errors_are_honest_over_seeds():
    """The evidence and the elpd of thirty seeds spread as their standard errors say."""
    fits = [fitted("Bernoulli", 60, 1, seed=seed)[0] for seed in range(30)]
    spread = np.std([fit.log_evidence for fit in fits], ddof=1)
    stated = np.mean([fit.log_evidence_se for fit in fits])
    assert 0.6 < spread / stated < 1.6
    assert np.std([fit.elpd for fit in fits], ddof=1) < 2.0 * np.mean([fit.elpd_mcse for fit in fits])


# -- hard cases ---------------------------------------------------------------------------


def test_separation_in_logistic_regression():
    """x decides y: the likelihood has no maximum, the prior keeps the posterior proper."""
    x = np.linspace(-2, 2, 60)
    block, data = block_of("Bernoulli", pd.DataFrame({"x": x, "y": (x > 0).astype(int)}))
    fit = fit_block(block, data, sampler=False)
    assert fit.log_evidence - data.log_jacobian.sum() == pytest.approx(
        log_integral(Target.of(block.model, data), 401, 14.0), abs=0.03
    )
    assert 1.5 < fit.draws["slopes"].mean() < 8.0


@pytest.mark.parametrize("family", ["Bernoulli", "Poisson", "StudentT", "Gamma", "NegativeBinomial"])
@pytest.mark.parametrize("rows", [0, 1, 2, 3])
def test_hardly_any_rows(family, rows):
    """With no rows the posterior is the prior; with few it is proper, or it says that NUTS is needed."""
    block, data = block_of(family, frame(family, 50, 3))
    few = BlockData(data.y[:rows], data.x[:rows], data.log_jacobian[:rows], data.used[:rows])
    try:
        fit = fit_block(block, few, sampler=False)
    except NeedsSamplerError:
        return
    assert len(fit.elpd_i) == rows
    assert np.isfinite(fit.elpd_i).all()
    if rows == 0:
        assert fit.log_evidence == pytest.approx(0.0, abs=0.05)
        assert fit.draws["slopes"].std() == pytest.approx(1.0, abs=0.1)


def test_a_node_set_in_every_row_keeps_its_prior():
    table = frame("Poisson", 40)
    data = Dataset.from_frame(table, kinds={"y": "count"})
    data = dataclasses.replace(data, set_by_row=tuple(frozenset({"y"}) for _ in range(40)))
    block, rows = blocks_of(data, hypothesis("x>y", y="Poisson"))["y"]
    fit = fit_block(block, rows, sampler=False)
    assert (fit.elpd, fit.log_evidence) == (0.0, pytest.approx(0.0, abs=0.02))
    assert fit.draws["slopes"].std() == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize(
    ("family", "y"),
    [("Bernoulli", [1] * 30 + [0]), ("Poisson", [0] * 31), ("Poisson", [10**9] * 15 + [10**9 + 10**6] * 16)],
)
def test_constant_and_huge_columns(family, y):
    table = pd.DataFrame({"x": np.linspace(-1, 1, 31), "y": y})
    block, data = block_of(family, table)
    fit = fit_block(block, data, sampler=False)
    assert np.isfinite([fit.log_evidence, fit.elpd, *fit.sweep]).all()
    assert fit.diagnostics.proposal_k < 0.5


# -- properties ---------------------------------------------------------------------------


def test_same_seed_same_digits_other_seed_others():
    one, two = fitted("Gamma")[0], fitted("Gamma")[0]
    other = fit_block(*block_of("Gamma", frame("Gamma", 80), seed=5))
    assert np.array_equal(one.draws["slopes"], two.draws["slopes"])
    assert (one.log_evidence, one.elpd, one.sweep) == (two.log_evidence, two.elpd, two.sweep)
    assert not np.array_equal(one.draws["slopes"], other.draws["slopes"])


@settings(max_examples=6, deadline=None)
@given(order=st.integers(0, 10**6), family=st.sampled_from(["Bernoulli", "Poisson", "Gamma"]))
def test_the_order_of_rows_does_not_matter(order, family):
    block, data = block_of(family, frame(family, 30, 1), draws=2000)
    turned = np.random.default_rng(order).permutation(30)
    moved = BlockData(data.y[turned], data.x[turned], data.log_jacobian[turned], data.used[turned])
    one, two = fit_block(block, data), fit_block(block, moved)
    assert two.log_evidence == pytest.approx(one.log_evidence, abs=1e-5)
    np.testing.assert_allclose(two.elpd_i, one.elpd_i[turned], atol=1e-5)


def test_rows_that_repeat_are_weights():
    """Thirty rows eight times over: gathered, and the same as the same rows not gathered."""
    table = pd.concat([frame("Bernoulli", 30, 1)] * 8, ignore_index=True)
    block, data = block_of("Bernoulli", table)
    target = Target.of(block.model, data)
    assert len(target.y) == 30
    loose = Target(block.model, data.y, data.x, np.ones(240), np.arange(240))
    theta = np.random.default_rng(0).normal(size=(5, 2))
    np.testing.assert_allclose(target(theta), loose(theta), rtol=1e-12)
    fit = fit_block(block, data)
    assert np.ptp(fit.elpd_i.reshape(8, 30), axis=0).max() == 0.0
    without = target.without(3)
    assert without.weights.sum() == 239
    assert len(loose.without(3).y) == 239


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.0, 5.0), min_size=2, max_size=40), st.integers(0, 1000))
def test_resampling_rounds_every_weight_up_or_down(raw, seed):
    weights = np.exp(-np.array(raw))
    weights /= weights.sum()
    chosen = resample(weights, 500, np.random.default_rng(seed))
    counts = np.bincount(chosen, minlength=len(weights))
    assert counts.sum() == 500
    assert np.all(np.abs(counts - 500 * weights) < 1.0 + 1e-6)


@settings(max_examples=25, deadline=None)
@given(d=st.integers(1, 4), seed=st.integers(0, 10**6))
def test_the_split_t_is_a_density(d, seed):
    """Weights of a normal target average to its constant, and they add up to one."""
    rng = np.random.default_rng(seed)
    root = np.linalg.cholesky(np.cov(rng.normal(size=(d, 10 * d))).reshape(d, d) + 0.1 * np.eye(d))
    sides = rng.uniform(0.7, 1.6, size=(d, 2))
    centre = rng.normal(size=d)
    theta, logs = Proposal(centre, root, sides).draw(20_000, rng)
    found = weighted(theta, stats.multivariate_normal(centre, root @ root.T).logpdf(theta) - logs)
    assert found.smooth.sum() == pytest.approx(1.0)
    assert abs(found.log_evidence) < 5 * found.log_evidence_se + 1e-3
    assert 1.0 <= found.effective <= 20_000


def test_the_split_density_against_quadrature():
    proposal = Proposal(np.array([0.5]), np.array([[2.0]]), np.array([[0.8, 1.7]]))
    theta, logs = proposal.draw(4000, np.random.default_rng(0))
    order = np.argsort(theta[:, 0])
    inside = integrate.trapezoid(np.exp(logs[order]), theta[order, 0])
    assert inside == pytest.approx(1.0, abs=0.02)
    assert (theta > 0.5).mean() == pytest.approx(0.8 / 2.5, abs=0.03)


def test_weights_of_nothing():
    found = weighted(np.zeros((10, 1)), np.full(10, np.nan))
    assert isinstance(found, Weighted)
    assert (found.effective, found.log_evidence, found.k) == (0.0, -np.inf, np.inf)


def test_sides_follow_a_posterior_that_leans():
    """A Poisson of few events: the log posterior of the intercept falls faster above than below."""
    block, data = block_of("Poisson", pd.DataFrame({"x": np.linspace(-1, 1, 20), "y": [0] * 18 + [1, 1]}))
    target = Target.of(block.model, data)
    sides = split_at(target, find_modes(target)[0]).sides
    assert np.all(sides >= 0.4)
    assert sides[0, 1] > 1.05 > sides[0, 0] + 0.05


# -- what it says, and when it stops ------------------------------------------------------


def test_a_forced_fit_that_misses_fails_its_gate(monkeypatch):
    from core.fit import importance, proposal

    for module in (importance, proposal):
        monkeypatch.setattr(module, "EFFECTIVE_MIN", 10**9)
    block, data = block_of("Poisson", frame("Poisson", 40))
    with pytest.raises(NeedsSamplerError, match=r"effective, and 1,000,000,000 are needed.*hint|effective"):
        fit_block(block, data, sampler=False)
    forced = fit_block(dataclasses.replace(block, method="importance"), data)
    poor = dataclasses.replace(forced.diagnostics, effective_draws=900.0, proposal_k=0.6)
    gates = {failure.gate for failure in block_failures("y", dataclasses.replace(forced, diagnostics=poor))}
    assert gates == {"proposal_k", "effective_draws"}
    assert all("NUTS" in f.advice for f in block_failures("y", dataclasses.replace(forced, diagnostics=poor)))


def test_nuts_is_not_run_where_it_is_not_allowed():
    block, data = block_of("Poisson", frame("Poisson", 40), methods={"y": "nuts"})
    with pytest.raises(NeedsSamplerError):
        fit_block(block, data, sampler=False)


def test_progress_goes_up_and_ends_at_one():
    shares = []
    block, data = block_of("Poisson", frame("Poisson", 40))
    fit_block(block, data, shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_cancelling_stops_a_long_fit_within_a_second():
    block, data = block_of("Bernoulli", frame("Bernoulli", 200_000), draws=20_000)
    flag = threading.Event()
    threading.Timer(0.6, flag.set).start()
    with pytest.raises(FitCancelledError):
        fit_block(block, data, cancelled=lambda: flag.is_set() and (_seen.append(time.process_time()) or True))
    assert time.process_time() - _seen[0] < 1.0


_seen: list[float] = []


def test_no_pymc_on_this_path():
    code = (
        "import sys, numpy as np, pandas as pd\n"
        "from core import Dataset, Hypothesis, compare\n"
        "rng = np.random.default_rng(0)\n"
        "x = rng.normal(size=60)\n"
        "data = Dataset.from_frame(pd.DataFrame({'x': x, 'n': rng.poisson(np.exp(x))}))\n"
        "found = compare(data, [Hypothesis.from_dagitty('dag { x -> n }', name='A')])\n"
        "assert {b.method for b in found.hypotheses[0].blocks} == {'exact', 'importance'}\n"
        "loaded = {'pymc', 'pytensor', 'numba', 'nutpie', 'arviz', 'arviz_stats'} & set(sys.modules)\n"
        "assert not loaded, loaded"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_a_block_is_one_family():
    block, _ = block_of("Poisson", frame("Poisson", 10))
    assert isinstance(block, Block)
    assert block.method == "auto"


# -- several modes ------------------------------------------------------------------------


def test_a_mixture_is_a_density_too():
    rng = np.random.default_rng(1)
    parts = tuple(
        Proposal(np.full(2, centre), np.array([[1.0, 0.0], [0.4, 0.7]]), rng.uniform(0.7, 1.4, (2, 2)))
        for centre in (-3.0, 2.0)
    )
    theta, logs = Mixture(parts, np.array([0.3, 0.7])).draw(20_000, rng)
    both = np.logaddexp(
        np.log(0.3) + stats.multivariate_normal(np.full(2, -3.0)).logpdf(theta),
        np.log(0.7) + stats.multivariate_normal(np.full(2, 2.0)).logpdf(theta),
    )
    found = weighted(theta, both - logs)
    assert abs(found.log_evidence) < 5 * found.log_evidence_se + 1e-3
    assert (theta[:, 0] < -0.5).mean() == pytest.approx(0.3, abs=0.05)
    one, drawn = parts[0].draw(100, rng)
    np.testing.assert_allclose(parts[0].log_density(one), drawn, rtol=1e-9)


def test_two_peaks_of_a_skewness_are_both_sampled():
    """A little skewed: one peak at about 2, one at 0, of near the same mass; evidence as from a wide proposal."""
    y = np.random.default_rng(1).gamma(6.0, 1.0, size=40)
    x = np.tile([-1.0, 1.0], 20) + 0.01 * np.sin(np.arange(40))
    data = Dataset.from_frame(pd.DataFrame({"x": x, "y": y}), kinds={"y": "real"})
    block, rows = blocks_of(data, hypothesis("x>y", y="SkewNormal"))["y"]
    target = Target.of(block.model, rows)
    modes = find_modes(target)
    assert len(modes) == 2
    assert modes[0].theta[-1] > 1.0 > 0.5 > abs(modes[1].theta[-1])
    fit = fit_block(block, rows, sampler=False)
    assert fit.diagnostics.proposal_k < 0.5
    centre, spread = np.array([0.0, 0.1, 0.0, 1.0]), np.diag([0.3, 0.3, 0.2, 3.0])
    wide = weigh(target, Proposal(centre, spread, np.ones((4, 2))), 100_000, np.random.default_rng(0))
    assert wide.k < 0.7
    assert fit.log_evidence - rows.log_jacobian.sum() == pytest.approx(wide.log_evidence, abs=0.04)
    alpha = get_family("SkewNormal").unconstrain(fit.draws)[:, -1]
    assert alpha.mean() == pytest.approx(wide.mean()[-1], abs=0.15)
    assert alpha.std() == pytest.approx(np.sqrt(wide.covariance()[-1, -1]), rel=0.08)
