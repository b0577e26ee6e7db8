"""One data set with a column of every kind, and one hypothesis with a child of every family."""

import numpy as np
import pandas as pd

from core.data.dataset import Dataset
from core.hypothesis import Edge, Hypothesis, Node

# Parents enter as a real, by logarithm, by log(1 + y), as 0/1, and as two columns of a basis.
PARENTS = {"real": "Normal", "size": "LogNormal", "visits": "Poisson", "member": "Bernoulli", "region": "Categorical"}

# child: (family, link, kind)
CHILDREN = {
    "gaussian": ("Normal", "identity", "real"),
    "skewed": ("LogNormal", "identity", "positive"),
    "heavy": ("StudentT", "identity", "real"),
    "amount": ("Gamma", "log", "positive"),
    "share": ("Beta", "logit", "proportion"),
    "bought": ("Bernoulli", "logit", "binary"),
    "liked": ("Bernoulli", "probit", "binary"),
    "calls": ("Poisson", "log", "count"),
    "events": ("NegativeBinomial", "log", "count"),
    "colour": ("Categorical", "softmax", "category"),
    "grade": ("Table", "identity", "category"),
    "lopsided": ("SkewNormal", "identity", "real"),
    "lifetime": ("Weibull", "log", "positive"),
    "claims": ("ZeroInflatedPoisson", "log", "count"),
    "losses": ("ZeroInflatedNegativeBinomial", "log", "count"),
    "mood": ("OrderedLogit", "cumulative", "ordered"),
}

KINDS = {"real": "real", "size": "positive", "visits": "count", "member": "binary", "region": "category"} | {
    child: kind for child, (_, _, kind) in CHILDREN.items()
}


def mixed_frame(rows: int = 40, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "real": rng.normal(3.0, 2.0, rows),
            "size": rng.lognormal(1.0, 0.7, rows),
            "visits": rng.poisson(2.5, rows),
            "member": rng.choice(["no", "yes"], rows),
            "region": rng.choice(["east", "north", "west"], rows),
            "gaussian": rng.normal(10.0, 4.0, rows),
            "skewed": rng.lognormal(3.0, 0.5, rows),
            "heavy": 5.0 + rng.standard_t(3, rows),
            "amount": rng.gamma(2.0, 3.0, rows),
            "share": rng.beta(2.0, 3.0, rows),
            "bought": rng.choice(["n", "y"], rows),
            "liked": rng.choice(["n", "y"], rows),
            "calls": rng.poisson(6.0, rows),
            "events": rng.negative_binomial(2, 0.3, rows),
            "colour": rng.choice(["blue", "green", "red"], rows),
            "grade": rng.choice(["a", "b", "c"], rows),
            "lopsided": rng.gamma(2.0, 3.0, rows) - 4.0,
            "lifetime": 5.0 * rng.weibull(1.5, rows),
            "claims": rng.poisson(3.0, rows) * (rng.random(rows) < 0.6),
            "losses": rng.negative_binomial(2, 0.3, rows) * (rng.random(rows) < 0.6),
            "mood": rng.choice(["1 bad", "2 poor", "3 fair", "4 good"], rows),
        }
    )


def mixed_data(rows: int = 40, seed: int = 3) -> Dataset:
    return Dataset.from_frame(mixed_frame(rows, seed), kinds=KINDS)


def everything() -> Hypothesis:
    """All five parents into a child of every family; only the discrete two into the table."""
    nodes = [Node(name, family=family) for name, family in PARENTS.items()]
    edges = []
    for child, (family, link, _) in CHILDREN.items():
        nodes.append(Node(child, family=family, link=link))
        parents = ("member", "region") if family == "Table" else tuple(PARENTS)
        edges += [Edge(parent, child) for parent in parents]
    return Hypothesis("everything", tuple(nodes), tuple(edges))
