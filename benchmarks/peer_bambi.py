"""The families of the four rivals in bambi, each distinct one once; runs under a Python of its own.

A user of bambi writes a formula a family. Ten distinct ones make up the four graphs: fit, log
likelihood, posterior predictive and ``az.loo`` each (log spend is Gaussian, which is the LogNormal).
"""

import logging
import warnings
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.bent_problem import families_table
from benchmarks.problem import RIVALS, table
from benchmarks.serving import serve

NAMES = {"spend": "log_spend", "visits": "log_visits"}
FAMILIES = {"region": "categorical", "promo": "bernoulli", "visits": "negativebinomial"}


def frame() -> pd.DataFrame:
    data = table()
    return data.assign(log_spend=np.log(data["spend"]), log_visits=np.log1p(data["visits"]))


def formulas() -> dict[str, str]:
    """Return formula to family, each distinct family of the four graphs once."""
    found = {}
    for parents in RIVALS.values():
        for child, given in parents.items():
            response = "log_spend" if child == "spend" else child
            right = " + ".join(NAMES.get(parent, parent) for parent in given) or "1"
            found[f"{response} ~ {right}"] = FAMILIES.get(child, "gaussian")
    return found


def run(_: str) -> Any:
    """Fit every family."""
    import arviz as az
    import bambi as bmb

    data = frame()
    scores = []
    for formula, family in formulas().items():
        model = bmb.Model(formula, data, family=family)
        found = model.fit(draws=1000, chains=4, random_seed=1, progressbar=False, idata_kwargs={"log_likelihood": True})
        if "log_likelihood" not in found.children:
            model.compute_log_likelihood(found)
        model.predict(found, kind="response")
        scores.append(az.loo(found))
    return scores


def bent(name: str) -> Any:
    """Fit one family of the benchmark of bending."""
    import arviz as az
    import bambi as bmb

    model = bmb.Model({"smooth": "y ~ bs(x, df=8)", "group": "y ~ x + (1|g)"}[name], families_table())
    found = model.fit(draws=1000, chains=4, random_seed=1, progressbar=False, idata_kwargs={"log_likelihood": True})
    if "log_likelihood" not in found.children:
        model.compute_log_likelihood(found)
    return az.loo(found)


def main() -> None:
    import arviz  # noqa: F401
    import bambi  # noqa: F401

    warnings.simplefilter("ignore")
    for name in ("pymc", "pytensor", "arviz", "bambi"):
        logging.getLogger(name).setLevel(logging.ERROR)
    serve({"all": run, "bent": bent}, {"bambi": version("bambi"), "pymc": version("pymc")})


if __name__ == "__main__":
    main()
