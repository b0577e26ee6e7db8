"""Sampled blocks against closed forms, against the PyMC model, and against brute force.

Compiling a signature takes seconds, so the whole module uses two: a Normal and a Poisson
with one design column, and a Bernoulli for its links with the joint model.
"""

import dataclasses
import threading
import time

import numpy as np
import pandas as pd
import pytest
from fit_helpers import blocks_of, fit_of, hypothesis
from scipy import integrate, stats

from core.data.dataset import Dataset
from core.errors import FitError
from core.fit.blocks import block_seed
from core.fit.engine import fit_block, fit_blocks
from core.fit.gates import block_failures, gates
from core.fit.laplace import NoModeError
from core.fit.result import Fit, FitCancelledError, NeedsSamplerError
from core.model.design import BlockData

pytestmark = pytest.mark.pymc

NUTS = {"methods": {"n": "nuts"}}


@pytest.fixture(scope="module")
def counts():
    rng = np.random.default_rng(2)
    x = rng.normal(size=60)
    return Dataset.from_frame(pd.DataFrame({"x": x, "n": rng.poisson(np.exp(0.5 + 0.4 * x))}))


@pytest.fixture(scope="module")
def graph():
    return hypothesis("x>n", n="Poisson")


@pytest.fixture(scope="module")
def fitted(counts, graph):
    return fit_of(counts, graph, **NUTS)


def test_closed_form_and_nuts_agree_on_the_same_model(gaussian):
    """One model, two ways: means within 0.1 sd, elpd within 0.1, evidence within 0.02, and the sweep."""
    graph = hypothesis("a>b b>c", c="LogNormal")
    exact = fit_of(gaussian, graph)
    for node in ("b", "c"):
        one, two = exact.by_node[node], fit_block(*blocks_of(gaussian, graph, method="nuts")[node])
        assert two.method == "nuts"
        for parameter, draws in one.draws.items():
            gap = np.abs(draws.mean(axis=0) - two.draws[parameter].mean(axis=0))
            assert np.all(gap < 0.1 * draws.std(axis=0))
        assert two.elpd == pytest.approx(one.elpd, abs=4 * two.elpd_mcse)
        assert two.lppd_i.sum() == pytest.approx(one.lppd_i.sum(), abs=0.1)
        assert two.log_evidence == pytest.approx(one.log_evidence, abs=0.02)
        assert 0 < two.log_evidence_se < 0.02
        assert 0 < two.elpd_mcse < 0.1
        np.testing.assert_allclose(two.sweep, one.sweep, atol=0.06)
        report = gates(Fit.of(exact.spec, {node: two}))
        assert report.passed
        assert report.rhat_max < 1.01
        assert report.divergences == 0


def test_evidence_of_a_poisson_by_integration(fitted, counts):
    """Two parameters: integrate prior times likelihood over a grid."""
    model = fitted.spec.node("n")
    x = (counts.values("x") - model.terms[0].center) / model.terms[0].scale
    y, prior = counts.values("n"), model.prior

    def density(slope, intercept):
        log_prior = stats.norm.logpdf(intercept, prior["intercept"]["mu"], prior["intercept"]["sigma"])
        log_prior += stats.norm.logpdf(slope, prior["slopes[0]"]["mu"], prior["slopes[0]"]["sigma"])
        return np.exp(stats.poisson.logpmf(y, np.exp(intercept + slope * x)).sum() + log_prior + 100.0)

    total, _ = integrate.dblquad(density, -0.5, 1.5, -0.5, 1.3, epsabs=1e-10, epsrel=1e-7)
    assert fitted.by_node["n"].log_evidence == pytest.approx(np.log(total) - 100.0, abs=0.02)


def test_repeatable_to_the_last_digit(counts, graph, fitted):
    again, other = fit_of(counts, graph, **NUTS).by_node["n"], fit_of(counts, graph, seed=1, **NUTS).by_node["n"]
    first = fitted.by_node["n"]
    assert np.array_equal(first.draws["slopes"], again.draws["slopes"])
    assert np.array_equal(first.elpd_i, again.elpd_i)
    assert (first.log_evidence, first.sweep) == (again.log_evidence, again.sweep)
    assert not np.array_equal(first.draws["slopes"], other.draws["slopes"])
    assert other.elpd == pytest.approx(first.elpd, abs=0.1)


def test_rows_over_the_k_limit_are_refitted_exactly(counts, graph):
    """One count of 40 at a high-leverage x: its score is that of a fit that never saw it."""
    table = pd.concat([counts.table, pd.DataFrame({"x": [3.0], "n": [40]})], ignore_index=True)
    data = Dataset.from_frame(table)
    block, rows = blocks_of(data, graph, **NUTS)["n"]
    fit = fit_block(block, rows)
    assert fit.pareto_k[-1] == 0.0
    model = block.model
    keep = np.arange(len(rows.y)) < len(rows.y) - 1

    def posterior_times(row):
        x, y = rows.x[:, 0], rows.y

        def density(slope, intercept):
            eta = intercept + slope * x
            logs = stats.poisson.logpmf(y, np.exp(eta))
            prior = stats.norm.logpdf(intercept, model.prior["intercept"]["mu"], 1.0) + stats.norm.logpdf(slope)
            return np.exp(logs[keep].sum() + prior + 110.0 + (logs[-1] if row else 0.0))

        return integrate.dblquad(density, -0.5, 1.6, -0.5, 1.3, epsrel=1e-6)[0]

    expected = np.log(posterior_times(True) / posterior_times(False))
    # The error is nearly all this row's: 0.11 over ten seeds, whichever the block's key gives.
    assert 0.03 < fit.elpd_mcse < 0.2
    assert fit.elpd_i[-1] == pytest.approx(expected, abs=4.5 * fit.elpd_mcse)
    assert fit.lppd_i[-1] > fit.elpd_i[-1] + 0.5


def test_progress_and_cancel(counts, graph):
    block, rows = blocks_of(counts, graph, **NUTS)["n"]
    shares = []
    fit_block(block, rows, progress=shares.append)
    assert shares[-1] == 1.0
    assert all(0.0 <= share <= 1.0 for share in shares)

    long, rows = blocks_of(counts, graph, draws=100_000, **NUTS)["n"]
    flag = threading.Event()
    threading.Timer(0.3, flag.set).start()
    start = time.perf_counter()
    with pytest.raises(FitCancelledError):
        fit_block(long, rows, cancelled=flag.is_set)
    assert time.perf_counter() - start < 15.0


def test_blocks_are_sampled_side_by_side_and_one_failure_stops_the_rest(counts, graph):
    blocks = {}
    for seed in range(3):
        block, rows = blocks_of(counts, graph, draws=400, seed=seed, **NUTS)["n"]
        blocks[block.key] = (block, rows)
    shares = {}
    found = fit_blocks(blocks, progress=lambda key, share: shares.__setitem__(key, share))
    assert list(found) == list(blocks)
    assert set(shares.values()) == {1.0}
    block, rows = next(iter(blocks.values()))
    bad = BlockData(rows.y, np.full_like(rows.x, np.nan), rows.log_jacobian, rows.used)
    with pytest.raises(FitError, match="node n"):
        fit_blocks({**blocks, "bad": (dataclasses.replace(block, key="bad"), bad)})


def test_wrong_shapes_are_refused_before_compiled_code_sees_them(counts, graph):
    block, rows = blocks_of(counts, graph, **NUTS)["n"]
    with pytest.raises(ValueError, match="shape"):
        fit_block(block, BlockData(rows.y, np.column_stack([rows.x, rows.x]), rows.log_jacobian, rows.used))


def test_the_glued_fit_is_a_datatree(counts, graph, fitted):
    from core.fit.glue import to_datatree

    tree = to_datatree(fitted, counts)
    assert tree["posterior"]["n.slopes"].dims == ("chain", "draw", "n parent")
    assert list(tree["posterior"]["n.slopes"].coords["n parent"].values) == ["x"]
    assert tree["posterior"]["n.slopes"].shape == (4, 1000, 1)
    np.testing.assert_array_equal(
        tree["posterior"]["n.intercept"].values.ravel(), fitted.by_node["n"].draws["intercept"]
    )
    assert tree["log_likelihood"]["n"].shape == (4, 1000, 60)
    np.testing.assert_array_equal(tree["observed_data"]["n"].values, counts.values("n"))

    from arviz_stats import loo

    found = loo(tree, var_name="n")
    assert found.elpd == pytest.approx(fitted.by_node["n"].elpd, abs=0.05)


def test_a_node_set_in_every_row_keeps_its_prior(counts, graph):
    sets = tuple(frozenset({"n"}) for _ in range(counts.rows))
    block, rows = blocks_of(dataclasses.replace(counts, set_by_row=sets), graph, **NUTS)["n"]
    fit = fit_block(block, rows)
    assert (fit.elpd, fit.log_evidence) == (0.0, pytest.approx(0.0, abs=0.02))
    assert fit.draws["slopes"].std() == pytest.approx(1.0, abs=0.1)


def test_importance_sampling_and_nuts_agree(counts, graph, fitted):
    """Two ways, one posterior: means, sds, evidence, sweep and elpd within Monte Carlo error."""
    one, two = fitted.by_node["n"], fit_of(counts, graph).by_node["n"]
    assert (one.method, two.method) == ("nuts", "importance")
    for parameter, draws in one.draws.items():
        gap = np.abs(draws.mean(axis=0) - two.draws[parameter].mean(axis=0))
        assert np.all(gap < 0.1 * draws.std(axis=0))
        np.testing.assert_allclose(two.draws[parameter].std(axis=0), draws.std(axis=0), rtol=0.07)
    assert two.log_evidence == pytest.approx(one.log_evidence, abs=0.02)
    assert two.elpd == pytest.approx(one.elpd, abs=4 * np.hypot(one.elpd_mcse, two.elpd_mcse))
    np.testing.assert_allclose(two.sweep, one.sweep, atol=0.03)


def test_what_importance_sampling_cannot_do_is_sampled(counts, graph, monkeypatch):
    """A block that leaves the way open goes on with NUTS, or says that it needs it."""
    from core.fit import importance

    def refuse(target):
        raise NoModeError("a saddle")

    monkeypatch.setattr(importance, "find_modes", refuse)
    block, rows = blocks_of(counts, graph)["n"]
    with pytest.raises(NeedsSamplerError, match="a saddle"):
        fit_block(block, rows, sampler=False)
    found = fit_block(block, rows)
    assert (found.key, found.method, found.chains) == (block.key, "nuts", 4)


def test_very_many_rows_are_sampled_and_it_is_said(counts, graph, fitted, monkeypatch):
    """A sample of half the rows, scores from a fifth: near the fit of all, within the errors stated."""
    from core.fit import nuts, subsample

    rng = np.random.default_rng(4)
    x = rng.normal(size=2000)
    data = Dataset.from_frame(pd.DataFrame({"x": x, "n": rng.poisson(np.exp(0.5 + 0.4 * x))}))
    block, rows = blocks_of(data, graph, **NUTS)["n"]
    whole = fit_block(dataclasses.replace(block, method="importance"), rows)
    monkeypatch.setattr(nuts, "MOST_ROWS", 1000)
    monkeypatch.setattr(subsample, "SCORED_ROWS", 400)
    found = fit_block(block, rows)
    assert (found.rows_sampled, found.rows_scored) == (1000, 400)
    assert np.isnan(found.log_evidence)
    assert found.sweep is None
    assert any("1,000 of 2,000 rows" in warning and "wider" in warning for warning in found.warnings)
    assert np.isfinite(found.pareto_k).sum() == 400
    assert np.isfinite(found.elpd_i).all()
    assert found.elpd == pytest.approx(whole.elpd, abs=3.0)
    spread = found.draws["slopes"].std() / whole.draws["slopes"].std()
    assert spread == pytest.approx(2**0.5, rel=0.2)
    assert not block_failures("n", found)


def test_seeds_fit_the_sampler(counts, graph):
    block, _ = blocks_of(counts, graph, **NUTS)["n"]
    assert 0 <= block_seed(block) < 2**63
