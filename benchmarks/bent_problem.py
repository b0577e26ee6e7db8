"""The families of the benchmark of bending: a curve, and twenty groups; and the same four rivals with a curve each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.problem import RIVALS, hypothesis

if TYPE_CHECKING:
    from core import Hypothesis

__all__ = ["COLUMNS", "FAMILIES", "GROUPS", "drawn", "families_table", "rivals"]

COLUMNS, GROUPS = 8, 20
FAMILIES = ("smooth", "group")
"""A smooth arrow x -> y; and a straight one into a y whose level varies by g."""

_CURVED = {
    "demand confounds": ("demand", "sales"),
    "promo sells": ("visits", "sales"),
    "spend sells": ("spend", "visits"),
    "promo follows demand": ("demand", "promo"),
}


def families_table(rows: int = 1000, seed: int = 2) -> pd.DataFrame:
    """Draw the data: y bends over x, and has a level of its own in each of twenty groups."""
    rng = np.random.default_rng(seed)
    x, g = rng.normal(size=rows), rng.integers(0, GROUPS, rows)
    y = np.sin(1.5 * x) + 0.7 * rng.normal(size=GROUPS)[g] + rng.normal(size=rows)
    return pd.DataFrame({"x": x, "g": [f"g{i:02d}" for i in g], "y": y})


def drawn(family: str) -> Hypothesis:
    """Return the hypothesis of one of :data:`FAMILIES`."""
    from core.hypothesis import Edge, Hypothesis, Node  # peers read this module without Whyboard

    node = Node("y", family="Normal", group="g" if family == "group" else None)
    return Hypothesis(family, (Node("x"), node), (Edge("x", "y", form="smooth" if family == "smooth" else "linear"),))


def rivals() -> list[Hypothesis]:
    """Return the four rivals of :mod:`benchmarks.problem`, each with one smooth arrow, into four kinds of node."""
    found = [hypothesis(name, parents) for name, parents in RIVALS.items()]
    return [one.with_edge(*_CURVED[one.name], form="smooth") for one in found]
