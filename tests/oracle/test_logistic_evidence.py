"""Evidence of a logistic family: importance sampling, bridge sampling after NUTS, and brute force.

Three ways that share no step after the log density; on two parameters an integral over a
grid, which for so smooth a function is exact to rounding.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.data.dataset import Dataset
from core.fit.blocks import make_blocks
from core.fit.engine import fit_block
from core.hypothesis import Edge, Hypothesis, Node
from core.model.resolve import resolve


def made(rows, slopes, seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({f"x{j}": rng.normal(size=rows) for j in range(len(slopes))})
    eta = 0.3 + frame.to_numpy() @ np.array(slopes)
    frame["y"] = (rng.random(rows) < 1 / (1 + np.exp(-eta))).astype(int)
    return frame


def separable():
    """Twenty rows that one parent separates: the likelihood has no maximum, only the prior holds the slope."""
    x = np.linspace(-2, 2, 20)
    return pd.DataFrame({"x0": x, "y": (x > 0.1).astype(int)})


DATA = {"usual": made(120, [1.2], 1), "separable": separable(), "three parents": made(80, [0.5, -1.5, 0.0], 2)}


def fit(frame, method, draws=4000, seed=0):
    data = Dataset.from_frame(frame, kinds={name: "binary" if name == "y" else "real" for name in frame})
    nodes = tuple(Node(name, family="Bernoulli" if name == "y" else None) for name in frame)
    edges = tuple(Edge(name, "y") for name in frame if name != "y")
    spec = resolve(Hypothesis("h", nodes, edges), data)
    return fit_block(*make_blocks(spec, data, method=method, draws=draws, seed=seed)["y"])


def by_grid(frame, scale=1.0):
    """The log evidence by the trapezoid rule: intercept ~ Normal(0, 1.5), slope ~ Normal(0, scale)."""
    x = ((frame["x0"] - frame["x0"].mean()) / frame["x0"].std(ddof=1)).to_numpy()
    intercept, slope = np.linspace(-9, 9, 301), np.linspace(-9 * scale, 9 * scale, 301)
    a, b = np.meshgrid(intercept, slope, indexing="ij")
    logs = stats.norm.logpdf(a, 0, 1.5) + stats.norm.logpdf(b, 0, scale)
    for value, y in zip(x, frame["y"], strict=True):
        logs -= np.logaddexp(0.0, (1 - 2 * y) * (a + b * value))
    top = logs.max()
    return top + np.log(np.exp(logs - top).sum() * (intercept[1] - intercept[0]) * (slope[1] - slope[0]))


@pytest.mark.parametrize("name", ["usual", "separable"])
def test_importance_sampling_against_brute_force(name):
    found = fit(DATA[name], "importance")
    exact = {scale: by_grid(DATA[name], scale) for scale in (0.5, 1.0, 2.0)}
    assert found.sweep == pytest.approx(tuple(exact.values()), abs=0.03)
    assert found.log_evidence == pytest.approx(exact[1.0], abs=0.02)
    assert abs(found.log_evidence - exact[1.0]) < 4 * found.log_evidence_se


@pytest.mark.pymc
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name == "three parents" else ()) for name in DATA]
)
def test_bridge_and_importance_sampling_agree(name):
    quick, slow = fit(DATA[name], "importance"), fit(DATA[name], "nuts")
    assert (quick.method, slow.method) == ("importance", "nuts")
    assert quick.log_evidence == pytest.approx(slow.log_evidence, abs=0.02)
    together = np.hypot(quick.log_evidence_se, slow.log_evidence_se)
    assert abs(quick.log_evidence - slow.log_evidence) < 4 * together
    np.testing.assert_allclose(quick.sweep, slow.sweep, atol=0.05)
    assert quick.elpd == pytest.approx(slow.elpd, abs=0.15)
    for parameter, draws in quick.draws.items():
        other = slow.draws[parameter]
        assert np.all(np.abs(draws.mean(axis=0) - other.mean(axis=0)) < 0.1 * other.std(axis=0))
