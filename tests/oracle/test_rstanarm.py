"""A varying intercept and a smooth curve, against rstanarm.

Posterior means and standard deviations by rstanarm 2.21.3 (Goodrich, Gabry, Ali & Brilleman), its default priors,
4 chains of 1,000 draws after as many of warm-up, seed 1:

    stan_lmer(log_radon ~ floor + (1 | county), data = radon)
    stan_gamm4(accel ~ s(times, bs = "ps", k = 12), data = mcycle)

radon: the houses of Minnesota (Gelman & Hill 2007, chapter 12); mcycle: heads in simulated accidents (Silverman 1985).
lme4's lmer gives 1.492, -0.663, 0.315 and 0.726 for the first.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.fit.exact import fit_exact
from core.hypothesis import Edge, Hypothesis, Node
from core.model.design import design_matrix
from core.study.planning import plan

DATA = Path(__file__).parent / "data"


def fitted(frame: pd.DataFrame, child: str, node: Node, edge: Edge):  # type: ignore[no-untyped-def]
    """Return a node's model and its fit in closed form."""
    hypothesis = Hypothesis("published", (Node(edge.source), node), (edge,))
    work = plan(Dataset.from_frame(frame), [hypothesis])
    ((block, rows),) = [one for one in work.blocks.values() if one[0].model.node == child]
    assert block.method == "exact"
    return block.model, fit_exact(block, rows)


def test_a_varying_intercept() -> None:
    model, fit = fitted(
        pd.read_csv(DATA / "radon.csv"),
        "log_radon",
        Node("log_radon", family="Normal", group="county"),
        Edge("floor", "log_radon"),
    )
    unit, levels = model.response.scale, fit.draws["slopes"]
    term = model.term("floor")
    slope = levels[:, model.columns_of("floor").start] * (term.basis[1][0] - term.basis[0][0]) * unit
    at_zero = model.response.center + unit * fit.draws["intercept"]
    at_zero = at_zero + unit * levels[:, model.columns_of("floor").start] * term.basis[0][0]
    sigma = unit * fit.draws["sigma"]
    counties = fit.draws["tau"][:, model.tau_of("county")] * sigma
    for found, mean, sd in ((at_zero, 1.493, 0.0525), (slope, -0.662, 0.0674), (counties, 0.319, 0.0445),
                            (sigma, 0.726, 0.0175)):  # fmt: skip
        assert found.mean() == pytest.approx(mean, abs=0.5 * sd)  # asked for: two of them
        assert found.std() == pytest.approx(sd, rel=0.15)


def test_a_smooth_curve() -> None:
    model, fit = fitted(
        pd.read_csv(DATA / "mcycle.csv"), "accel", Node("accel", family="Normal"), Edge("times", "accel", form="smooth")
    )
    at = np.array([5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0, 50.0])
    theirs = np.array([-3.89, 1.57, -25.59, -117.27, -64.60, 21.95, 28.06, 0.08, -6.60])
    sd = np.array([8.21, 6.54, 4.33, 5.89, 4.66, 5.29, 5.60, 7.16, 9.87])
    columns = design_matrix(model, {"times": at})
    curve = fit.draws["intercept"][:, None] + fit.draws["slopes"] @ columns.T
    curve = model.response.center + model.response.scale * curve
    np.testing.assert_array_less(np.abs(curve.mean(axis=0) - theirs), sd)  # asked for: two of them
    np.testing.assert_allclose(curve.std(axis=0), sd, rtol=0.2)
    assert model.response.scale * fit.draws["sigma"].mean() == pytest.approx(23.03, abs=0.75)
