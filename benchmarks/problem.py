"""The benchmark's problem: six mixed columns, four rival graphs, six changed arrows.

A campaign: region (three levels), demand (real), promo (binary), spend (positive), visits
(count) and sales (real), N = 1000, drawn from the first graph.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from core import Hypothesis

__all__ = ["CHANGES", "NODES", "RIVALS", "Parents", "hypothesis", "table"]

NODES = ("region", "demand", "promo", "spend", "visits", "sales")

Parents = Mapping[str, tuple[str, ...]]

_BASE: Parents = {
    "region": (),
    "demand": ("region",),
    "promo": ("region",),
    "spend": ("demand",),
    "visits": ("promo", "spend"),
    "sales": ("demand", "visits"),
}

RIVALS: Mapping[str, Parents] = {
    "demand confounds": _BASE,
    "promo sells": {**_BASE, "sales": ("promo", "visits")},
    "spend sells": {**_BASE, "visits": ("spend",), "sales": ("spend", "visits")},
    "promo follows demand": {**_BASE, "promo": ("demand",)},
}

CHANGES: Mapping[str, Parents] = {
    "region": {**_BASE, "region": ("sales",), "demand": (), "promo": ()},
    "demand": {**_BASE, "demand": ()},
    "promo": {**_BASE, "promo": ()},
    "spend": {**_BASE, "spend": ("demand", "region")},
    "visits": {**_BASE, "visits": ("demand", "promo", "spend")},
    "sales": {**_BASE, "sales": ("visits",)},
}
"""The first rival after one changed arrow into each node."""


def table(rows: int = 1000, seed: int = 1) -> pd.DataFrame:
    """Draw the data."""
    rng = np.random.default_rng(seed)
    region = rng.integers(0, 3, rows)
    demand = np.array([-0.5, 0.0, 0.5])[region] + rng.normal(size=rows)
    promo = (rng.random(rows) < 1 / (1 + np.exp(-np.array([-1.0, 0.0, 0.7])[region]))).astype(int)
    spend = np.exp(1.0 + 0.4 * demand + 0.5 * rng.normal(size=rows))
    mean = np.exp(0.4 + 0.5 * np.log(spend) + 0.4 * promo)
    visits = rng.negative_binomial(3, 3 / (3 + mean))
    sales = 10.0 + 2.0 * demand + 1.5 * np.log1p(visits) + rng.normal(0.0, 2.0, size=rows)
    names = np.array(["east", "north", "west"])[region]
    return pd.DataFrame(
        {"region": names, "demand": demand, "promo": promo, "spend": spend, "visits": visits, "sales": sales}
    )


def hypothesis(name: str, parents: Parents) -> "Hypothesis":
    """Return one of the graphs as a hypothesis; families are Whyboard's defaults."""
    from core.hypothesis import Edge, Hypothesis, Node  # peers read this module without Whyboard

    edges = tuple(Edge(parent, child) for child, found in parents.items() for parent in found)
    return Hypothesis(name, tuple(Node(node) for node in parents), edges)
