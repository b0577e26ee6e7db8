"""Evidence of linear families against a closed form of another kind: the multivariate t, to 1e-8.

The conjugate prior integrates out to y ~ t with 2 alpha degrees of freedom, centre 0 and
scale matrix (beta / alpha) (I + X V X'), N x N, V the prior variances of the coefficients in
units of sigma^2. Here it is written with SciPy's density and that whole matrix, from columns
that pandas standardises: nothing of the engine's factorisations is in it.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.data.dataset import Dataset
from core.fit.blocks import make_blocks
from core.fit.engine import fit_block
from core.hypothesis import Edge, Hypothesis, Node, Prior
from core.model.resolve import resolve


def fitted(frame, child, family, kinds):
    """The exact fit of one child whose parents are all other columns, and the t of all, parents first.

    How t follows from the data is held against least squares in tests/data/test_prior_scales.py.
    """
    kinds = {name: kinds.get(name, "real") for name in frame}
    nodes = tuple(Node(name, family=family if name == child else None) for name in frame)
    arrows = tuple(Edge(name, child) for name in frame if name != child)
    data = Dataset.from_frame(frame, kinds=kinds)
    spec = resolve(Hypothesis("h", nodes, arrows), data)
    block, rows = make_blocks(spec, data, method="exact")[child]
    t = [spec.node(name).prior["t"]["value"] for name in (*block.model.parents, child)]
    return fit_block(block, rows), np.array(t)


def standard(values):
    return (values - values.mean()) / values.std(ddof=1)


def multivariate_t(y, x, precisions, alpha, beta):
    """The log evidence of standardised y on standardised x, shape (N, p); precisions (p + 1,)."""
    rows = np.column_stack([np.ones(len(y)), x])
    shape = beta / alpha * (np.eye(len(y)) + rows / precisions @ rows.T)
    return stats.multivariate_t.logpdf(y, loc=np.zeros(len(y)), shape=shape, df=2 * alpha)


def expected(frame, child, family, t, scale=1.0):
    """The evidence on the data's own scale, with ``scale`` times the prior scales ``t``, the child's last."""
    columns = [name for name in frame if name != child]
    p, raw = len(columns), frame[child]
    y = np.log(raw) if family == "LogNormal" else raw
    x = np.column_stack([standard(frame[name].to_numpy()) for name in columns] or [np.empty((len(y), 0))])
    *of_columns, own = t / scale**2
    found = multivariate_t(standard(y).to_numpy(), x, np.array([1.0, *of_columns]), (p + 3) / 2, own / 2)
    return found - len(y) * np.log(y.std(ddof=1)) - (np.log(raw).sum() if family == "LogNormal" else 0.0)


def design(kind, rows, p, rng):
    x = rng.normal(size=(rows, p))
    if kind == "correlated":
        x = x @ rng.normal(size=(p, p)) + 3.0 * rng.normal(size=(rows, 1))
    elif kind == "nearly collinear":
        x[:, -1] = x[:, 0] + 1e-7 * rng.normal(size=rows)
    elif kind == "collinear":
        x[:, -1] = 2.0 - 3.0 * x[:, 0] + (x[:, 1] if p > 2 else 0.0)
    elif kind == "far from zero":
        x = 1e4 + 1e-2 * x
    return x


@pytest.mark.parametrize("family", ["Normal", "LogNormal"])
@pytest.mark.parametrize("kind", ["independent", "correlated", "nearly collinear", "collinear", "far from zero"])
@pytest.mark.parametrize(("rows", "p"), [(12, 2), (60, 3), (120, 6)])
def test_random_designs(family, kind, rows, p):
    rng = np.random.default_rng([rows, p, len(kind)])
    x = design(kind, rows, p, rng)
    eta = standard(x) @ rng.normal(size=p) + rng.normal(size=rows)
    frame = pd.DataFrame({f"x{j}": x[:, j] for j in range(p)})
    frame["y"] = np.exp(0.3 * eta) if family == "LogNormal" else 7.0 - 20.0 * eta
    fit, t = fitted(frame, "y", family, {"y": "positive" if family == "LogNormal" else "real"})
    assert np.all(t == 0.5) == (kind in ("independent", "far from zero"))
    # Slopes of a thousand sigmas cost the N x N matrix here six digits; ours is held by rational numbers (tests/fit).
    close = 1e-8 if t.min() > 1e-3 else 1e-6
    for scale, found in zip((0.5, 1.0, 2.0), fit.sweep, strict=True):
        assert found == pytest.approx(expected(frame, "y", family, t, scale), rel=close, abs=close)
    assert fit.log_evidence == fit.sweep[1]


def test_more_parents_than_rows_and_none_at_all():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({f"x{j}": rng.normal(size=6) for j in range(9)} | {"y": rng.normal(size=6)})
    for table in (frame, frame[["y"]]):
        fit, t = fitted(table, "y", "Normal", {})
        assert fit.log_evidence == pytest.approx(expected(table, "y", "Normal", t), rel=1e-8)


def test_priors_of_the_users_own_and_a_category():
    """Other numbers for variance, intercept and one slope; a parent of three levels: fitted by importance sampling."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"x": rng.normal(5, 3, 80), "g": rng.choice(["a", "b", "c"], 80)})
    frame["y"] = 2.0 * frame["x"] + (frame["g"] == "b") + rng.normal(size=80)
    slope = Prior("Normal", (("mu", 0.0), ("sigma", 0.3), ("relative", 1.0)))
    others = (
        ("intercept", Prior("Normal", (("mu", 0.0), ("sigma", 2.0), ("relative", 1.0)))),
        ("variance", Prior("InverseGamma", (("alpha", 4.0), ("beta", 1.7)))),
    )
    nodes = (Node("x"), Node("g"), Node("y", family="Normal", priors=others))
    hypothesis = Hypothesis("h", nodes, (Edge("x", "y", prior=slope), Edge("g", "y")))
    data = Dataset.from_frame(frame)
    block, rows = make_blocks(resolve(hypothesis, data), data)["y"]
    found = fit_block(block, rows)
    assert found.method == "importance"
    basis = np.array([[-1, -1], [1, -1], [0, 2]]) / np.sqrt([2, 6]) / np.sqrt(2)
    codes = frame["g"].map({"a": 0, "b": 1, "c": 2}).to_numpy()
    x = np.column_stack([standard(frame["x"].to_numpy()), basis[codes]])
    precisions = np.array([1 / 4.0, 1 / 0.09, 0.5, 0.5])
    theirs = multivariate_t(standard(frame["y"].to_numpy()), x, precisions, 4.0, 1.7)
    theirs -= 80 * np.log(frame["y"].std())
    assert found.log_evidence == pytest.approx(theirs, abs=0.02)
    assert abs(found.log_evidence - theirs) < 4 * found.log_evidence_se
