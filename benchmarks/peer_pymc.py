"""What a user would run instead: the same rivals written by hand in PyMC.

One model a hypothesis, all six columns observed, then ``pm.sample`` (4 chains of 1000
draws, the number that PyMC recommends), log likelihood, posterior predictive, ``az.loo``
and ``az.compare``. ``pm.sample`` chooses nutpie by itself where it is installed, and that
is the faster: 16 to 21 s of CPU a model against 31 s with PyMC's own NUTS
(``--sampler pymc``).

    python -m benchmarks.peer_pymc DATA.csv      a script, from a cold start
    python -m benchmarks.peer_pymc --serve       waits for tasks, warm
"""

import argparse
import logging
import warnings
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import bent_pymc
from benchmarks.problem import CHANGES, RIVALS, Parents, table
from benchmarks.serving import serve

__all__ = ["build", "compare", "fit"]


def _standard(values: Any) -> Any:
    return (values - values.mean()) / values.std(ddof=1)


def build(parents: Parents, data: pd.DataFrame) -> Any:
    """Write one hypothesis as a PyMC model, with usual priors on standardised columns."""
    import pymc as pm

    region = pd.Categorical(data["region"])
    given = {
        "region": pd.get_dummies(data["region"], drop_first=True, dtype=float).to_numpy(),
        "demand": _standard(data["demand"]).to_numpy()[:, None],
        "promo": data["promo"].to_numpy(dtype=float)[:, None],
        "spend": _standard(np.log(data["spend"])).to_numpy()[:, None],
        "visits": _standard(np.log1p(data["visits"])).to_numpy()[:, None],
        "sales": _standard(data["sales"]).to_numpy()[:, None],
    }

    def effects(child: str) -> Any:
        total = 0.0
        for parent in parents[child]:
            x = given[parent]
            total = total + pm.math.dot(x, pm.Normal(f"{parent}_to_{child}", 0.0, 1.0, shape=x.shape[1]))
        return total

    with pm.Model() as model:
        logits = pm.Normal("region_intercept", 0.0, 1.5, shape=2)
        if parents["region"]:
            x = np.hstack([given[parent] for parent in parents["region"]])
            slopes = pm.Normal("to_region", 0.0, 1.0, shape=(x.shape[1], 2))
            logits = logits + pm.math.dot(x, slopes)
            full = pm.math.concatenate([np.zeros((len(data), 1)), logits], axis=1)
        else:
            full = pm.math.concatenate([np.zeros(1), logits])
        pm.Categorical("region", logit_p=full, observed=region.codes, shape=len(data))

        demand = pm.Normal("demand_intercept", 0.0, 1.0) + effects("demand")
        pm.Normal(
            "demand", demand, pm.HalfNormal("demand_sd", 1.0), observed=_standard(data["demand"]), shape=len(data)
        )

        promo = pm.Normal("promo_intercept", 0.0, 1.5) + effects("promo")
        pm.Bernoulli("promo", logit_p=promo, observed=data["promo"], shape=len(data))

        spend = pm.Normal("spend_intercept", np.log(data["spend"]).mean(), 1.0) + effects("spend")
        pm.LogNormal("spend", spend, pm.HalfNormal("spend_sd", 1.0), observed=data["spend"], shape=len(data))

        visits = pm.Normal("visits_intercept", np.log(data["visits"].mean()), 1.0) + effects("visits")
        alpha = pm.HalfNormal("visits_overdispersion", 1.0) ** -2
        pm.NegativeBinomial("visits", mu=pm.math.exp(visits), alpha=alpha, observed=data["visits"], shape=len(data))

        sales = pm.Normal("sales_intercept", 0.0, 1.0) + effects("sales")
        noise = pm.HalfNormal("sales_sd", 1.0)
        pm.Normal("sales", sales, noise, observed=_standard(data["sales"]), shape=len(data))
    return model


def fit(parents: Parents, data: pd.DataFrame, seed: int = 1, sampler: str | None = None) -> Any:
    """Sample one model; return its draws with log likelihood, posterior predictive and elpd."""
    import arviz as az
    import pymc as pm

    with build(parents, data):
        found = pm.sample(chains=4, random_seed=seed, progressbar=False, nuts_sampler=sampler)
        pm.compute_log_likelihood(found, progressbar=False)
        pm.sample_posterior_predictive(found, extend_inferencedata=True, random_seed=seed, progressbar=False)
    columns = found["log_likelihood"].dataset
    joint = sum(
        columns[name].rename({columns[name].dims[-1]: "row"}).drop_vars("row", errors="ignore") for name in columns
    )
    found["log_likelihood"] = columns.assign(joint=joint)
    az.loo(found, var_name="joint")
    return found


def compare(fits: Mapping[str, Any]) -> Any:
    """Return ArviZ's table of elpd differences and stacking weights."""
    import arviz as az

    return az.compare(dict(fits), var_name="joint")


def run(rivals: Mapping[str, Parents], data: pd.DataFrame, sampler: str | None = None) -> tuple[Any, dict[str, Any]]:
    """Fit all rivals and compare them."""
    fits = {name: fit(parents, data, sampler=sampler) for name, parents in rivals.items()}
    return compare(fits), fits


def quiet() -> None:
    """Silence the samplers' chatter; after ``import pymc``, which sets its own level."""
    warnings.simplefilter("ignore")
    for name in ("pymc", "pytensor", "arviz"):
        logging.getLogger(name).setLevel(logging.ERROR)


class Warm:
    """The rivals' fits, kept for the changed arrow."""

    def __init__(self) -> None:
        self._data = table()
        self._fits: dict[str, Any] = {}

    def all(self, _: str) -> None:
        """Fit and compare all four."""
        _, self._fits = run(RIVALS, self._data)

    def arrow(self, node: str) -> None:
        """Fit the first again after one changed arrow into ``node``, and compare."""
        first = next(iter(RIVALS))
        compare({**self._fits, first: fit(CHANGES[node], self._data)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?")
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--sampler", choices=("nutpie", "pymc"), default=None)
    chosen = parser.parse_args()
    import arviz  # noqa: F401
    import pymc  # noqa: F401

    quiet()
    if chosen.serve:
        warm = Warm()
        serve(
            {"all": warm.all, "arrow": warm.arrow, "bent": bent_pymc.family},
            {"pymc": version("pymc"), "nutpie": version("nutpie")},
        )
        return
    found, _ = run(RIVALS, pd.read_csv(chosen.data) if chosen.data else table(), chosen.sampler)
    print(found)


if __name__ == "__main__":
    main()
