"""The bent families written by hand in PyMC, as Whyboard's are: same columns, same priors; and with the usual steps."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.interpolate import BSpline

from benchmarks.bent_problem import COLUMNS, families_table

__all__ = ["family"]


def _wiggles(x: np.ndarray) -> np.ndarray:
    """Return the columns of a penalised cubic B-spline without its straight part (Wood 2017, section 5.3)."""
    width = COLUMNS + 2
    inner = np.quantile(x, np.linspace(0, 1, width - 2))
    knots = np.concatenate([[inner[0]] * 3, inner, [inner[-1]] * 3])
    basis = BSpline.design_matrix(np.clip(x, inner[0], inner[-1]), knots, 3).toarray()
    bent = np.diff(np.eye(basis.shape[1]), 2, axis=0)
    values, vectors = np.linalg.eigh(bent.T @ bent)
    columns = basis @ (vectors[:, 2:] / np.sqrt(values[2:]))
    line = np.column_stack([np.ones_like(x), x])
    columns -= line @ np.linalg.lstsq(line, columns, rcond=None)[0]
    return columns[:, -COLUMNS:] / np.sqrt(columns[:, -COLUMNS:].var(axis=0).sum())


def family(name: str) -> Any:
    """Sample one of the families, with its log likelihood and leave-one-out."""
    import arviz as az
    import pymc as pm

    data = families_table()
    x = ((data["x"] - data["x"].mean()) / data["x"].std()).to_numpy()
    y = ((data["y"] - data["y"].mean()) / data["y"].std()).to_numpy()
    with pm.Model():
        sigma = pm.Deterministic("sigma", pm.math.sqrt(pm.InverseGamma("variance", 2.0, 0.25)))
        mean = pm.Normal("intercept", 0.0, sigma) + pm.Normal("slope", 0.0, 1.41) * sigma * x
        tau = pm.HalfNormal("tau", 1.0)
        if name == "smooth":
            columns = _wiggles(x)
            wiggles = pm.Normal("wiggles", 0.0, 1.0, shape=columns.shape[1])
            mean = mean + pm.math.dot(columns, wiggles) * tau * sigma
        else:
            codes = data["g"].astype("category").cat.codes.to_numpy()
            levels = pm.Normal("levels", 0.0, 1.0, shape=int(codes.max()) + 1)
            mean = mean + levels[codes] * tau * sigma
        pm.Normal("y", mean, sigma, observed=y)
        found = pm.sample(chains=4, random_seed=1, progressbar=False)
        pm.compute_log_likelihood(found, progressbar=False)
    return az.loo(found)
