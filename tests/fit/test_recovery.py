"""Families that no closed form covers: what made the data is found again, by NUTS and by importance sampling.

One simulated data set a family. The two ways share the numpy density but not what computes
the draws and the evidence (compiled PyMC and a bridge; weights of a proposal), so their
agreement says that the model that was compiled is the one that was weighted.
"""

from math import gamma

import numpy as np
import pandas as pd
import pytest
from fit_helpers import blocks_of, fit_of, hypothesis
from scipy import stats

from core.data.dataset import Dataset
from core.fit.engine import fit_block
from core.fit.glue import to_datatree
from core.simulate.parameters import named_parameters

pytestmark = pytest.mark.pymc

ROWS = 400


def lopsided(x, rng):
    return 10.0 + 4.0 * x + stats.skewnorm(6.0, scale=3.0).rvs(ROWS, random_state=rng)


def lifetime(x, rng):
    return np.exp(1.0 + 0.5 * x) / gamma(1 + 1 / 1.7) * rng.weibull(1.7, ROWS)


def claims(x, rng):
    return rng.poisson(np.exp(1.0 + 0.4 * x)) * (rng.random(ROWS) >= 0.3)


def losses(x, rng):
    mean = np.exp(1.8 + 0.4 * x)
    return rng.negative_binomial(4, 4 / (4 + mean)) * (rng.random(ROWS) >= 0.3)


def mood(x, rng):
    levels = np.digitize(1.2 * x + rng.logistic(size=ROWS), [-1.0, 0.5, 2.0])
    return pd.Categorical.from_codes(levels, ["bad", "fair", "good", "great"], ordered=True)


# By family: what makes the data, and the true values by name, on the data's own scale.
CASES = {
    "SkewNormal": (lopsided, {"slope[x]": 4.0, "sigma": 3.0, "intercept": 10.0}),
    "Weibull": (lifetime, {"slope[x]": 0.5, "shape": 1.7, "intercept": 1.0}),
    "ZeroInflatedPoisson": (claims, {"slope[x]": 0.4, "zero_share": 0.3, "intercept": 1.0}),
    "ZeroInflatedNegativeBinomial": (
        losses,
        {"slope[x]": 0.4, "zero_share": 0.3, "overdispersion": 0.5, "intercept": 1.8},
    ),
    "OrderedLogit": (
        mood,
        {"slope[x]": 1.2, "cutpoint[bad | fair]": -1.0, "cutpoint[fair | good]": 0.5, "cutpoint[good | great]": 2.0},
    ),
}


def problem(name):
    rng = np.random.default_rng(8)
    x = rng.normal(size=ROWS)
    x -= x.mean()  # so that intercepts at average parents are those at 0
    data = Dataset.from_frame(pd.DataFrame({"x": x, "y": CASES[name][0](x, rng)}))
    return data, hypothesis("x>y", y=name)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_both_ways_find_what_made_the_data_and_agree(name):
    data, graph = problem(name)
    fits = {way: fit_block(*blocks_of(data, graph, method=way, draws=2000)["y"]) for way in ("nuts", "importance")}
    one, two = fits["nuts"], fits["importance"]
    assert one.diagnostics.divergences == 0
    assert one.diagnostics.rhat_max < 1.01
    assert two.diagnostics.proposal_k < 0.5
    model = blocks_of(data, graph, method="nuts")["y"][0].model
    for fit in fits.values():
        named = named_parameters(model, fit.draws)
        for parameter, truth in CASES[name][1].items():
            assert abs(named[parameter].mean() - truth) < 3.5 * named[parameter].std(), parameter
    for parameter, draws in one.draws.items():
        gap = np.abs(draws.mean(axis=0) - two.draws[parameter].mean(axis=0))
        assert np.all(gap < 0.2 * draws.std(axis=0)), parameter
    assert two.log_evidence == pytest.approx(one.log_evidence, abs=0.05)
    assert two.elpd == pytest.approx(one.elpd, abs=0.3)


def test_cut_points_are_named_in_the_glued_fit():
    data, graph = problem("OrderedLogit")
    tree = to_datatree(fit_of(data, graph, method="importance", draws=400), data)
    cuts = tree["posterior"].dataset["y.cutpoints"]
    assert cuts.dims == ("chain", "draw", "y cut point")
    assert list(cuts.coords["y cut point"].values) == ["bad | fair", "fair | good", "good | great"]
    assert (np.diff(cuts.values, axis=-1) > 0).all()


def test_combinations_are_named_in_the_glued_fit_as_the_table_counts_them(discrete):
    tree = to_datatree(fit_of(discrete, hypothesis("x>y z>y"), draws=4000), discrete)
    found = tree["posterior"].dataset["y.probabilities"]
    assert found.dims == ("chain", "draw", "y combination", "y level")
    names = [f"x={x}, z={z}" for x in (0, 1) for z in ("low", "mid", "top")]
    assert list(found.coords["y combination"].values) == names
    mean = found.mean(("chain", "draw")).to_pandas()
    seen = discrete.table.groupby(["x", "z"])["y"].value_counts(normalize=True)
    for (x, z, level), share in seen.items():
        assert mean.loc[f"x={x}, z={z}", str(level)] == pytest.approx(share, abs=0.05)
