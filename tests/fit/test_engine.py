"""From a hypothesis and a data set to fitted blocks, exact ones, and the gates."""

import dataclasses
import itertools
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from fit_helpers import blocks_of, fit_of, hypothesis
from scipy import stats

from core.data.dataset import Dataset
from core.errors import FitError, ModelError
from core.families import get_family
from core.fit.cache import BlockCache
from core.fit.engine import fit_block, fit_blocks
from core.fit.exact import fit_exact
from core.fit.gates import block_failures, gates
from core.fit.psis import psis_loo
from core.fit.result import Diagnostics, FitCancelledError
from core.model.design import block_data


def test_log_normal_evidence_is_on_the_datas_own_scale(gaussian):
    """Chain rule of one-step-ahead predictions of c itself: log t densities of log c, over c."""
    fit = fit_of(gaussian, hypothesis("b>c", c="LogNormal"))
    model = fit.spec.node("c")
    b, c = gaussian.values("b"), gaussian.values("c")
    log_c = np.log(c)
    u, x = (log_c - log_c.mean()) / log_c.std(ddof=1), (b - b.mean()) / b.std(ddof=1)
    ones = np.column_stack([np.ones_like(x), x])
    spread = np.eye(len(u)) + ones @ np.diag([1.0, 2.0]) @ ones.T
    joint = stats.multivariate_t.logpdf(u, None, 0.25 / 2.0 * spread, df=4.0)
    expected = joint - len(u) * np.log(log_c.std(ddof=1)) - log_c.sum()
    assert model.family == "LogNormal"
    assert fit.by_node["c"].log_evidence == pytest.approx(expected, abs=1e-8)


def test_evidence_does_not_depend_on_units_beyond_the_jacobian(gaussian):
    changed = gaussian.table.assign(a=gaussian.table["a"] * 100 + 7, c=gaussian.table["c"] * 1000)
    graph = hypothesis("a>b a>c b>c", c="LogNormal")
    ours, theirs = fit_of(gaussian, graph), fit_of(Dataset.from_frame(changed), graph)
    for node, factor in (("a", 100.0), ("b", 1.0), ("c", 1000.0)):
        gap = ours.by_node[node].log_evidence - theirs.by_node[node].log_evidence
        assert gap == pytest.approx(gaussian.rows * np.log(factor), abs=1e-8)
        np.testing.assert_allclose(ours.by_node[node].elpd_i - theirs.by_node[node].elpd_i, np.log(factor), atol=1e-9)


def test_all_24_orders_of_a_complete_graph_tie_from_the_data_set_on():
    rng = np.random.default_rng(0)
    raw = rng.normal(size=(90, 4)) @ rng.normal(size=(4, 4)) * [1.0, 5.0, 0.1, 1.0] + [0.0, 100.0, 3.0, 0.0]
    raw[:, 3] = np.exp(raw[:, 3])
    data = Dataset.from_frame(pd.DataFrame(raw, columns=list("abcd")))
    scores, sweeps = [], []
    for order in itertools.permutations("abcd"):
        arrows = " ".join(f"{u}>{v}" for u, v in itertools.combinations(order, 2))
        families = {"a": "Normal", "b": "Normal", "c": "Normal", "d": "LogNormal"}
        fit = fit_of(data, hypothesis(arrows, **families))
        scores.append(fit.log_evidence)
        sweeps.append(np.sum([block.sweep for block in fit.blocks.values()], axis=0))
    assert np.ptp(scores) < 1e-8
    assert np.ptp(np.array(sweeps), axis=0).max() < 1e-8


def test_tables_of_one_class_tie(discrete):
    one = fit_of(discrete, hypothesis("x>y y>z"))
    two = fit_of(discrete, hypothesis("z>y y>x"))
    collider = fit_of(discrete, hypothesis("x>z y>z"))
    assert {block.method for block in one.blocks.values()} == {"exact"}
    assert one.log_evidence == pytest.approx(two.log_evidence, abs=1e-9)
    assert abs(one.log_evidence - collider.log_evidence) > 1


@pytest.mark.parametrize("arrows", ["a>b b>c", "x>y x>z y>z"])
def test_closed_form_elpd_is_psis_on_its_own_draws(arrows, gaussian, discrete, request):
    data = gaussian if "a" in arrows else discrete
    graph = hypothesis(arrows)
    fit = fit_of(data, graph, draws=8000)
    for model in fit.spec.nodes:
        rows, block = block_data(model, data), fit.by_node[model.node]
        log_lik = get_family(model.family).log_likelihood(block.draws, rows.y, rows.x, model.link) + rows.log_jacobian
        loo = psis_loo(log_lik)
        assert block.elpd == pytest.approx(loo.elpd_i.sum(), abs=0.1)
        assert block.lppd_i.sum() == pytest.approx(loo.lppd_i.sum(), abs=0.1)
        assert block.elpd <= block.lppd_i.sum()


def test_a_cell_that_was_set_scores_nothing(gaussian):
    sets = tuple(frozenset({"b"}) if i < 40 else frozenset() for i in range(gaussian.rows))
    data = dataclasses.replace(gaussian, set_by_row=sets)
    block = fit_of(data, hypothesis("a>b b>c")).by_node["b"]
    assert np.all(block.elpd_i[:40] == 0)
    assert np.all(block.lppd_i[:40] == 0)
    assert np.all(block.elpd_i[40:] != 0)
    model = fit_of(data, hypothesis("a>b b>c")).spec.node("b")
    rows = block_data(model, data)
    design = np.column_stack([np.ones(gaussian.rows - 40), rows.x[40:]])
    spread = np.eye(len(design)) + design @ np.diag([1.0, 2.0]) @ design.T
    expected = stats.multivariate_t.logpdf(rows.y[40:], None, 0.25 / 2 * spread, df=4) + rows.log_jacobian[40:].sum()
    assert block.log_evidence == pytest.approx(expected, abs=1e-8)


def test_the_same_seed_gives_the_same_digits_and_another_seed_others(gaussian):
    graph = hypothesis("a>b b>c")
    one, same, other = (fit_of(gaussian, graph, seed=seed) for seed in (3, 3, 4))
    for node, block in one.by_node.items():
        for parameter, draws in block.draws.items():
            assert np.array_equal(draws, same.by_node[node].draws[parameter])
            assert draws.size == 0 or not np.array_equal(draws, other.by_node[node].draws[parameter])
        assert block.log_evidence == other.by_node[node].log_evidence


def test_a_changed_arrow_is_the_only_work(gaussian, tmp_path):
    cache = BlockCache(tmp_path)
    before, after = (blocks_of(gaussian, hypothesis(arrows)) for arrows in ("a>b b>c", "a>b b>c a>c"))
    fit_blocks({block.key: (block, data) for block, data in before.values()}, cache)
    again = fit_blocks({block.key: (block, data) for block, data in before.values()}, cache)
    assert len(again) == 3
    assert [block.key in cache for block, _ in after.values()] == [True, True, False]


def test_a_table_too_large_is_refused(discrete):
    block, data = blocks_of(discrete, hypothesis("x>z y>z"))["z"]
    with pytest.raises(FitError, match="4 combinations") as caught:
        fit_exact(dataclasses.replace(block, draws=10**7), data)
    assert "node z" in str(caught.value)


def test_exact_is_refused_where_there_is_none(gaussian):
    block, data = blocks_of(gaussian, hypothesis("a>b", b="StudentT"))["b"]
    with pytest.raises(ModelError, match="node b"):
        fit_exact(block, data)


def test_cancelling_before_it_begins(gaussian):
    block, data = blocks_of(gaussian, hypothesis("a>b"))["b"]
    with pytest.raises(FitCancelledError):
        fit_block(block, data, cancelled=lambda: True)


def test_a_million_rows_are_linear_work():
    """Sixty parents or a million rows: seconds at most, and the same as on the first rows alone."""
    rng = np.random.default_rng(1)
    from core.fit.gaussian import GaussianPrior, leave_one_out, posterior, reduce_rows

    x = rng.normal(size=(1_000_000, 2))
    y = x.sum(axis=1) + rng.normal(size=len(x))
    post = posterior(reduce_rows(y, x), len(y), GaussianPrior.bge(2))
    elpd, lppd = leave_one_out(post, y, x)
    # each of p + 2 parameters costs about half a nat inside and half outside (Watanabe 2010)
    assert lppd.sum() - elpd.sum() == pytest.approx(4.0, abs=0.1)
    assert elpd.mean() == pytest.approx(-0.5 * np.log(2 * np.pi) - 0.5, abs=0.005)


def test_exact_work_never_loads_pymc():
    code = (
        "import sys, core.fit.engine, core.fit.blocks, core.fit.gates, core.fit.glue, core.model.resolve\n"
        "loaded = {'pymc', 'pytensor', 'numba', 'nutpie', 'arviz', 'arviz_stats'} & set(sys.modules)\n"
        "assert not loaded, loaded"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


# -- gates ------------------------------------------------------------------------------


def test_exact_blocks_pass_with_nothing_to_report(gaussian):
    report = gates(fit_of(gaussian, hypothesis("a>b b>c")))
    assert report.passed
    assert (report.rhat_max, report.ess_min, report.divergences, report.pareto_k_max) == (None, None, None, None)


@pytest.mark.parametrize(
    ("change", "k", "gate"),
    [
        ({"rhat_max": 1.02}, 0.1, "rhat"),
        ({"rhat_max": float("nan")}, 0.1, "rhat"),
        ({"ess_bulk_min": 399.0}, 0.1, "ess_bulk"),
        ({"ess_tail_min": 12.0}, 0.1, "ess_tail"),
        ({"divergences": 1}, 0.1, "divergences"),
        ({}, 0.71, "pareto_k"),
        ({}, float("nan"), "pareto_k"),
        ({}, 0.69, None),
    ],
)
def test_each_gate(gaussian, change, k, gate):
    fine = {"rhat_max": 1.0, "ess_bulk_min": 400.0, "ess_tail_min": 900.0, "divergences": 0}
    fit = fit_of(gaussian, hypothesis("a>b"))
    block = dataclasses.replace(
        fit.by_node["b"], method="nuts", diagnostics=Diagnostics(**{**fine, **change}), pareto_k=np.array([0.0, k])
    )
    failed = block_failures("b", block)
    assert [failure.gate for failure in failed] == ([gate] if gate else [])
    report = gates(dataclasses.replace(fit, blocks={**fit.blocks, ("b",): block}))
    assert report.passed == (gate is None)
    assert all(failure.node == "b" and failure.advice for failure in report.failed)
