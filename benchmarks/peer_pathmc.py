"""The four rivals in pathmc, as far as its families go; runs under a Python of its own.

pathmc (0.4) has Gaussian, Student's t, Bernoulli, Poisson and negative binomial equations. So
log spend is Gaussian here, and region, a category, is given, not modelled: five families a
graph, where Whyboard beside it models all six. Fit, log likelihood, posterior predictive,
``az.loo`` and ``az.compare``, as in :mod:`benchmarks.peer_pymc`.
"""

import logging
import warnings
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.problem import RIVALS, Parents, table
from benchmarks.serving import serve

NAMES = {"spend": ("log_spend",), "region": ("region_north", "region_west")}
FAMILIES = {"promo": "bernoulli", "visits": "negbinomial"}


def frame() -> pd.DataFrame:
    data = table()
    data["log_spend"] = np.log(data["spend"])
    for level in ("north", "west"):
        data[f"region_{level}"] = (data["region"] == level).astype(float)
    return data


def equations(parents: Parents) -> str:
    """Return pathmc's text of a graph."""
    lines = []
    for child, found in parents.items():
        if child != "region":
            terms = [name for parent in found for name in NAMES.get(parent, (parent,))]
            lines.append(f"{NAMES.get(child, (child,))[0]} ~ {' + '.join(terms) or '1'}")
    return "\n".join(lines)


def run(_: str) -> Any:
    """Fit all four and compare them."""
    import arviz as az
    import pathmc

    fits = {}
    for name, parents in RIVALS.items():
        model = pathmc.model(equations(parents), frame(), families=FAMILIES)
        found = model.fit(draws=1000, chains=4, random_seed=1, progressbar=False)
        model.predict(random_seed=1, progressbar=False)
        columns = found["log_likelihood"].dataset
        joint = sum(
            columns[column].rename({columns[column].dims[-1]: "row"}).drop_vars("row", errors="ignore")
            for column in columns
        )
        found["log_likelihood"] = columns.assign(joint=joint)
        az.loo(found, var_name="joint")
        fits[name] = found
    return az.compare(fits, var_name="joint")


def main() -> None:
    import arviz  # noqa: F401
    import pathmc  # noqa: F401

    warnings.simplefilter("ignore")
    for name in ("pymc", "pytensor", "arviz"):
        logging.getLogger(name).setLevel(logging.ERROR)
    serve({"all": run}, {"pathmc": version("pathmc"), "pymc": version("pymc")})


if __name__ == "__main__":
    main()
