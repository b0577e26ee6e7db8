"""The Monte Carlo part of a difference, held against the spread of that difference over repeated seeds.

Two hypotheses share the families of x and of one child, and differ in the other child. What
they share cancels to the last digit, whatever its own error; the two families that differ
have random numbers of their own, so their errors add up.
"""

import numpy as np
import pandas as pd
import pytest

from core.comparison.differences import all_differences
from core.comparison.facts import Clause
from core.comparison.rival import Rival
from core.data.dataset import Dataset
from core.fit.blocks import make_blocks
from core.fit.engine import fit_blocks
from core.fit.result import Fit
from core.hypothesis import Edge, Hypothesis, Node
from core.model.resolve import resolve

FAMILIES = {"x": "Normal", "n": "Poisson", "b": "Bernoulli"}


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(4)
    x = rng.normal(size=150)
    frame = pd.DataFrame({"x": x, "n": rng.poisson(np.exp(0.5 + 0.3 * x)), "b": rng.integers(0, 2, 150)})
    return Dataset.from_frame(frame, kinds={"x": "real", "n": "count", "b": "binary"})


def rivals(data, seed, method, draws=4000):
    """``large`` has x -> n, ``small`` has not; both have x -> b."""
    found, blocks, keys = [], {}, {}
    nodes = tuple(Node(name, family=family) for name, family in FAMILIES.items())
    for name, edges in (("large", (Edge("x", "b"), Edge("x", "n"))), ("small", (Edge("x", "b"),))):
        hypothesis = Hypothesis(name, nodes, edges)
        spec = resolve(hypothesis, data)
        own = make_blocks(spec, data, methods={"n": method, "b": "importance"}, draws=draws, seed=seed)
        blocks |= {block.key: (block, rows) for block, rows in own.values()}
        keys[name] = {node: block.key for node, (block, _) in own.items()}
        found.append((name, hypothesis.graph, spec))
    fits = fit_blocks(blocks)
    return [
        Rival(name, graph, Fit.of(spec, {node: fits[key] for node, key in keys[name].items()}), group)
        for group, (name, graph, spec) in enumerate(found)
    ]


def study(data, seeds, method, monkeypatch, **more):
    """Over seeds: differences of elpd, their Monte Carlo part, and the same of the log evidence."""
    # Words about arrows are not at issue.
    monkeypatch.setattr("core.comparison.differences.extra_arrows", lambda *_: None)
    monkeypatch.setattr("core.comparison.differences.extra_clause", lambda *_: Clause("extra", ""))
    rows = []
    for seed in range(seeds):
        large, small = rivals(data, seed, method, **more)
        found = all_differences([large, small])[0]
        one, other = large.fit.by_node["n"], small.fit.by_node["n"]
        by_row = one.elpd_i - other.elpd_i
        monte_carlo = found.se**2 - len(by_row) * by_row.var(ddof=1)
        assert large.fit.by_node["b"] is small.fit.by_node["b"]
        assert large.fit.by_node["b"].elpd_mcse > 0
        assert monte_carlo == pytest.approx(one.elpd_mcse**2 + other.elpd_mcse**2, rel=1e-6)
        assert found.elpd == pytest.approx(one.elpd - other.elpd, abs=1e-9)
        assert set(found.by_node) == {"n"}
        evidence_se = np.hypot(one.log_evidence_se, other.log_evidence_se)
        rows.append((found.elpd, np.sqrt(monte_carlo), found.log_bayes_factor, evidence_se, large.fit.elpd_i.sum()))
    return np.array(rows).T


def test_importance_sampling(data, monkeypatch):
    elpd, error, bayes, bayes_error, total = study(data, 20, "importance", monkeypatch)
    assert 0.6 < np.std(elpd, ddof=1) / np.mean(error) < 1.6
    assert 0.6 < np.std(bayes, ddof=1) / np.mean(bayes_error) < 1.6
    assert np.std(total, ddof=1) > 0  # the shared families move too, and no difference sees it


@pytest.mark.pymc
@pytest.mark.slow
def test_nuts(data, monkeypatch):
    elpd, error, bayes, bayes_error, _ = study(data, 12, "nuts", monkeypatch, draws=1200)
    assert 0.5 < np.std(elpd, ddof=1) / np.mean(error) < 1.8
    assert 0.5 < np.std(bayes, ddof=1) / np.mean(bayes_error) < 1.8


@pytest.mark.parametrize(
    ("family", "kind", "rows"),
    [("Bernoulli", "binary", "two values"), ("Bernoulli", "binary", "few"), ("Gamma", "positive", "usual")],
)
def test_the_error_of_one_familys_elpd(family, kind, rows):
    """Where rows repeat, and where the prior rules, errors of rows are far from independent."""
    rng = np.random.default_rng(5)
    x = {"two values": rng.choice([-1.0, 1.0], 300), "few": rng.normal(size=20), "usual": rng.normal(size=150)}[rows]
    y = rng.gamma(2.0, np.exp(0.5 * x)) if family == "Gamma" else (x + rng.normal(size=len(x)) > 0).astype(int)
    data = Dataset.from_frame(pd.DataFrame({"x": x, "y": y}), kinds={"x": "real", "y": kind})
    spec = resolve(Hypothesis("h", (Node("x"), Node("y", family=family)), (Edge("x", "y"),)), data)
    found = []
    for seed in range(24):
        block, own = make_blocks(spec, data, method="importance", seed=seed)["y"]
        found.append(fit_blocks({block.key: (block, own)})[block.key])
    spread = np.std([fit.elpd for fit in found], ddof=1)
    assert 0.6 < spread / np.mean([fit.elpd_mcse for fit in found]) < 1.6
    spread = np.std([fit.log_evidence for fit in found], ddof=1)
    assert 0.6 < spread / np.mean([fit.log_evidence_se for fit in found]) < 1.6


def test_the_error_of_a_hypothesis_own_scores_adds_up_over_its_families(data):
    from core.comparison.scores import elpd_of, evidence_of

    fit = rivals(data, 0, "importance")[0].fit
    sampling = len(fit.elpd_i) * fit.elpd_i.var(ddof=1)
    blocks = fit.blocks.values()
    assert elpd_of(fit, None, True).se == pytest.approx(
        np.sqrt(sampling + sum(b.elpd_mcse**2 for b in blocks)), rel=1e-9
    )
    assert evidence_of(fit).se == pytest.approx(np.sqrt(sum(b.log_evidence_se**2 for b in blocks)), rel=1e-9)
