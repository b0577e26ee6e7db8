"""An intercept and a slope by subject, against lme4's published fit of the sleep study.

Belenky et al. (2003), as in Bates, Maechler, Bolker & Walker (2015), "Fitting linear mixed-effects models using lme4",
Journal of Statistical Software 67(1): ``Reaction ~ Days + (Days || Subject)`` gives 251.4 (6.9) and 10.47 (1.56),
standard deviations of intercepts 25.1 and of slopes 6.0, residual 25.6.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.fit.exact import fit_exact
from core.hypothesis import Edge, Hypothesis, Node
from core.study.planning import plan

HERE = Path(__file__).parent


def test_fixed_effects_and_standard_deviations() -> None:
    wide = pd.read_csv(HERE / "data" / "sleepstudy.csv")
    frame = wide.melt("subject", var_name="days", value_name="reaction")
    frame["days"] = frame["days"].str.removeprefix("day").astype(float)
    hypothesis = Hypothesis(
        "sleep",
        (Node("days"), Node("reaction", family="Normal", group="subject")),
        (Edge("days", "reaction", by="subject", scale="raw"),),
    )
    work = plan(Dataset.from_frame(frame), [hypothesis])
    ((block, rows),) = [one for one in work.blocks.values() if one[0].model.node == "reaction"]
    assert block.method == "exact"
    model, fit = block.model, fit_exact(block, rows)
    days, unit = model.term("days"), model.response.scale
    slope = fit.draws["slopes"][:, model.columns_of("days").start] * unit / days.scale
    at_zero = model.response.center + unit * fit.draws["intercept"] - slope * days.center
    sigma = unit * fit.draws["sigma"]
    slopes, intercepts = (fit.draws["tau"][:, model.tau_of(name)] * sigma for name in ("days", "subject"))
    # Estimates within the tenth of a standard error or two that priors and posterior means make of it.
    assert at_zero.mean() == pytest.approx(251.4, abs=1.5)
    assert at_zero.std() == pytest.approx(6.9, abs=0.6)
    assert slope.mean() == pytest.approx(10.47, abs=0.4)
    assert slope.std() == pytest.approx(1.56, abs=0.2)
    assert np.median(sigma) == pytest.approx(25.6, abs=0.5)
    assert np.median(intercepts) == pytest.approx(25.1, abs=2.0)
    assert np.median(slopes / days.scale) == pytest.approx(6.0, abs=0.5)
