"""What carries over, in the joint PyMC model: against one written by hand, with no polynomial in it."""

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.hypothesis import Edge, Hypothesis, Node
from core.model.resolve import resolve

pytestmark = pytest.mark.pymc

FAST = {"mode": "FAST_COMPILE"}
ROWS, REACH = 60, 8
DRAWN = Hypothesis(
    "h",
    (Node("ads"), Node("season"), Node("sales", family="Normal")),
    (Edge("ads", "sales", form="saturating", carry=REACH), Edge("season", "sales")),
    background=("ads", "season"),
)


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    ads, season = rng.gamma(1.5, 60.0, ROWS), rng.normal(size=ROWS)
    week = pd.date_range("2020-01-06", periods=ROWS, freq="7D").strftime("%Y-%m-%d")
    return pd.DataFrame({"week": week, "ads": ads, "season": season, "sales": 20 + 0.05 * ads + rng.normal(size=ROWS)})


def by_hand(table: pd.DataFrame, node):  # type: ignore[no-untyped-def]
    """Geometric adstock and saturation, the priors' numbers those of the specification."""
    import pymc as pm
    import pytensor.tensor as pt

    prior, (ads, season) = node.prior, node.terms
    curve = {name: value[0][0] for name, value in ads.curve}
    values = table["ads"].to_numpy()
    back = np.stack([np.concatenate([[values[0]] * lag, values[: ROWS - lag]]) for lag in range(REACH + 1)], axis=1)
    with pm.Model() as model:
        variance = pm.InverseGamma("sales.variance", **dict(prior["variance"].parameters))
        sigma = pt.sqrt(variance)
        intercept = pm.Normal("sales.intercept", 0.0, prior["intercept"]["sigma"] * sigma)
        height = pm.Normal("sales.coefficient[0]", 0.0, prior["slopes[0]"]["sigma"] * sigma, shape=1)
        slope = pm.Normal("sales.coefficient[1]", 0.0, prior["slopes[1]"]["sigma"] * sigma, shape=1)
        half = pm.LogNormal("sales.half[0]", **dict(prior["half[0]"].parameters))
        carry = pm.Beta("sales.carry[0]", 1.0, 3.0)
        weights = carry ** np.arange(REACH + 1)
        left = back @ (weights / weights.sum())
        saturated = left / (left + half) * curve["rise"] - curve["mean"]
        eta = intercept + height * saturated + slope * (table["season"].to_numpy() - season.center) / season.scale
        own = node.response
        pm.Normal("sales", own.center + own.scale * eta, own.scale * sigma, observed=table["sales"].to_numpy())
    return model


@pytest.mark.parametrize("newest_first", [False, True])
def test_it_is_the_model_that_one_would_write(newest_first: bool) -> None:
    """The log density to 0.002 and its gradient to 0.02, far from a fit: what polynomials leave of 60 rows."""
    from core.model.pymc_model import build_model

    table = frame()
    data = Dataset.from_frame(table[::-1] if newest_first else table)
    node = resolve(DRAWN, data).node("sales")
    assert [term.parent for term in node.terms] == ["ads", "season"]
    ours, theirs = build_model(DRAWN, data), by_hand(table, node)
    free = {rv.name for rv in ours.free_RVs}
    assert free == {rv.name for rv in theirs.free_RVs}
    start = theirs.initial_point()
    assert set(start) == set(ours.initial_point())
    rng = np.random.default_rng(1)
    points = [{name: np.asarray(v) + 0.5 * rng.normal(size=np.shape(v)) for name, v in start.items()} for _ in range(6)]
    logs = [model.compile_logp(**FAST) for model in (ours, theirs)]
    slopes = [model.compile_dlogp([model[name] for name in sorted(free)], **FAST) for model in (ours, theirs)]
    for point in points:
        one, other = (float(log(point)) for log in logs)
        assert one == pytest.approx(other, abs=2e-3)
        np.testing.assert_allclose(slopes[0](point), slopes[1](point), atol=0.02)


def test_draws_run_through_what_carries_over() -> None:
    """Ads that are drawn, or set, are drawn or set in the earlier rows too."""
    import pymc as pm

    from core.model.pymc_model import build_model

    drawn = Hypothesis("h", DRAWN.nodes, DRAWN.edges)
    built = build_model(drawn, Dataset.from_frame(frame()))
    found = pm.sample_prior_predictive(10, model=built, random_seed=1, compile_kwargs=FAST)
    assert np.isfinite(found["prior_predictive"]["sales"].values).all()
    with pm.do(built, {"ads": np.full(ROWS, 100.0)}) as settled:
        again = pm.sample_prior_predictive(10, var_names=["sales"], random_seed=1, compile_kwargs=FAST)
    assert "ads" not in {rv.name for rv in settled.observed_RVs}
    assert np.isfinite(
        again["prior"]["sales"].values if "sales" in again["prior"] else again["prior_predictive"]["sales"]
    ).all()
