"""A row left out by NUTS, where no bridge spans the two posteriors; needs the sampler's module, not the sampler."""

import numpy as np
import pandas as pd
import pytest
from fit_helpers import blocks_of, hypothesis

from core.data.dataset import Dataset
from core.fit.bridge import Bridge, log_ratio
from core.fit.importance import fit_importance
from core.fit.laplace import find_modes
from core.fit.proposal import propose, resample, weigh
from core.fit.rows import entering
from core.fit.target import Target

pytestmark = pytest.mark.pymc


def test_a_far_row_is_scored_by_the_evidence_with_and_without_it():
    from core.fit.nuts import _ratio_of_evidences

    counts = np.array([0] * 30 + [5, 7, 8, 15, 21, 34, 46, 106, 266, 432])
    data = Dataset.from_frame(pd.DataFrame({"y": counts}), kinds={"y": "count"})
    block, rows = blocks_of(data, hypothesis("", nodes=["y"], y="Poisson"), method="importance")["y"]
    target = Target.of(block.model, entering(rows))
    last = len(target.y) - 1
    without = target.without(last)
    rng = np.random.default_rng(0)

    def draws(of):
        found = weigh(of, propose(of, find_modes(of)), 4000, rng)
        return of.constrain(rng.permutation(found.theta[resample(found.smooth, 4000, rng)]))

    inside, outside = draws(target), draws(without)
    here = slice(last, last + 1)
    between = log_ratio(target.log_likelihood(inside, here)[:, 0], target.log_likelihood(outside, here)[:, 0], 4, 4)
    assert not between.se < 0.1
    found = _ratio_of_evidences(target, without, inside, outside, 1, between)
    assert found.se < 0.05
    assert found.log_evidence == pytest.approx(fit_importance(block, rows).elpd_i[-1], abs=0.05)
    sure = Bridge(-3.0, 0.0)
    assert _ratio_of_evidences(target, without, inside, outside, 1, sure) == sure
