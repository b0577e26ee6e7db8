"""The sweep of the evidence over the prior's scale is the evidence fitted anew at that scale."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.families.priors import scale_priors
from core.fit.blocks import make_blocks
from core.fit.engine import fit_block
from core.hypothesis import Edge, Hypothesis, Node
from core.model.resolve import resolve

KINDS = {
    "Normal": "real", "LogNormal": "positive", "StudentT": "real", "Poisson": "count", "NegativeBinomial": "count",
    "Gamma": "positive", "Beta": "proportion", "Bernoulli": "binary", "Categorical": "category", "Table": "category",
    "OrderedLogit": "ordered", "Weibull": "positive",
}  # fmt: skip


def blocks(family, method, rows=90, seed=0):
    rng = np.random.default_rng(2)
    discrete = family == "Table"
    x = rng.choice(["p", "q", "r"], rows) if discrete else rng.normal(2.0, 3.0, rows)
    z = (x == "q") * 1.0 if discrete else (x - 2.0) / 3.0
    y = {
        "real": lambda: 5.0 + 0.5 * z + rng.standard_t(6, rows),
        "positive": lambda: rng.gamma(2.0, np.exp(0.4 * z)),
        "proportion": lambda: rng.beta(2.0 + (z > 0), 2.0),
        "count": lambda: rng.negative_binomial(3, 0.5, rows) + (z > 0.5),
        "binary": lambda: (z + rng.normal(size=rows) > 0).astype(int),
        "category": lambda: np.array(["a", "b", "c"])[np.digitize(z + rng.normal(size=rows), [-0.5, 0.5])],
        "ordered": lambda: np.array(["1", "2", "3"])[np.digitize(z + rng.normal(size=rows), [-0.5, 0.5])],
    }[KINDS[family]]()
    kinds = {"x": "category" if discrete else "real", "y": KINDS[family]}
    data = Dataset.from_frame(pd.DataFrame({"x": x, "y": y}), kinds=kinds)
    spec = resolve(Hypothesis("h", (Node("x"), Node("y", family=family)), (Edge("x", "y"),)), data)
    return make_blocks(spec, data, method=method, seed=seed)["y"]


def anew(block, rows, factor):
    """Fit the same block with ``factor`` times the prior's scale."""
    priors = scale_priors(block.model.family, block.model.priors, factor)
    model = dataclasses.replace(block.model, priors=priors)
    return fit_block(dataclasses.replace(block, model=model, key=f"{block.key}{factor}"), rows)


@pytest.mark.parametrize("family", [name for name in KINDS if name != "Table"])
def test_importance_sampling(family):
    block, rows = blocks(family, "importance")
    fit = fit_block(block, rows)
    assert fit.sweep[1] == fit.log_evidence
    for factor, found in ((0.5, fit.sweep[0]), (2.0, fit.sweep[2])):
        other = anew(block, rows, factor)
        assert found == pytest.approx(other.log_evidence, abs=0.06)
        assert abs(found - fit.log_evidence) > 0.02  # the scale does matter here
    if family in ("Normal", "LogNormal"):
        exact = fit_block(*blocks(family, "exact"))
        np.testing.assert_allclose(fit.sweep, exact.sweep, atol=0.04)


def test_a_table_by_importance_sampling_is_swept_over_its_equivalent_sample_size():
    fit, exact = (fit_block(*blocks("Table", method)) for method in ("importance", "exact"))
    np.testing.assert_allclose(fit.sweep, exact.sweep, atol=0.05)


@pytest.mark.pymc
@pytest.mark.slow
def test_a_table_by_nuts():
    fit, exact = (fit_block(*blocks("Table", method)) for method in ("nuts", "exact"))
    assert fit.method == "nuts"
    np.testing.assert_allclose(fit.sweep, exact.sweep, atol=0.06)
    assert fit.elpd == pytest.approx(exact.elpd, abs=max(0.1, 4 * fit.elpd_mcse))
    assert fit.log_evidence == pytest.approx(exact.log_evidence, abs=0.03)
