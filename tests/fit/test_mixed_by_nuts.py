"""The closed form with a grid against NUTS and bridge sampling on one model: curve, product, group, two of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.data.dataset import Dataset
from core.fit.engine import fit_block
from core.hypothesis import Edge, Node
from tests.fit.test_mixed import block_of, drawn, table

pytestmark = [pytest.mark.pymc, pytest.mark.slow]

DRAWS = 16_000  # so that bridge sampling's own error is small beside what is asked


@pytest.mark.parametrize(
    ("form", "group", "by"),
    [("smooth", False, None), ("linear", False, "m"), ("linear", True, None), ("smooth", True, None)],
)
def test_one_model_two_ways(form: str, group: bool, by: str | None) -> None:
    data, hypothesis = table(n=150, bend=0.6, spread=0.7), drawn(form=form, group=group)
    if by:
        values = np.random.default_rng(5).permutation(np.arange(data.rows) % 2)
        data = Dataset.from_frame(data.table.assign(m=values), kinds={"g": "category", "z": "positive", "m": "binary"})
        edges = (Edge("x", "y", by=by), Edge("m", "y"))
        hypothesis = replace(hypothesis, nodes=(*hypothesis.nodes, Node("m")), edges=edges)
    one = fit_block(*block_of(hypothesis, data))
    two = fit_block(*block_of(hypothesis, data, method="nuts", draws=DRAWS))
    assert (one.method, two.method) == ("exact", "nuts")
    for name, draws in one.draws.items():
        gap = np.abs(draws.mean(axis=0) - two.draws[name].mean(axis=0))
        assert np.all(gap < 0.1 * draws.std(axis=0)), name
    print(form, group, by, one.log_evidence, two.log_evidence, two.log_evidence_se)
    assert two.log_evidence == pytest.approx(one.log_evidence, abs=0.02 + 3 * two.log_evidence_se)
    assert two.log_evidence_se < 0.03
