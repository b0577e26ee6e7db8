"""Data from families that are true, and from worlds that bend, with fits at the mode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from core.check.shape import Shape
from core.check.shapes import shapes_of
from core.data.dataset import Dataset
from core.families.base import Draws
from core.fit.exact import fit_exact
from core.fit.laplace import find_modes
from core.fit.result import Block
from core.fit.target import Target
from core.hypothesis import Edge, Hypothesis, Node
from core.model.design import BlockData
from core.study.planning import plan

Edges = Sequence[tuple[str, str]]

KINDS = {
    "Beta": "proportion",
    "OrderedLogit": "ordered",
    "Categorical": "category",
    "Table": "category",
    "LogNormal": "positive",
    "Gamma": "positive",
    "Weibull": "positive",
}
CAUSES: Edges = (("x", "y"), ("g", "y"), ("k", "y"))


def hypothesis(nodes: Sequence[str], edges: Edges, name: str = "A", families: Mapping[str, str] = {}) -> Hypothesis:
    return Hypothesis(
        name, tuple(Node(node, family=families.get(node)) for node in nodes), tuple(Edge(a, b) for a, b in edges)
    )


def draws_of(block: Block, data: BlockData) -> Draws:
    """Return draws in closed form, or the mode as the only one."""
    if block.model.conjugate:
        return fit_exact(replace(block, method="exact", draws=400), data).draws
    target = Target.of(block.model, data)
    best = max(find_modes(target), key=lambda mode: mode.value)
    return target.constrain(best.theta[None])


def shapes(
    table: pd.DataFrame | Dataset,
    edges: Edges,
    families: Mapping[str, str] = {},
    only: str | None = None,
    kinds: Mapping[str, str] = {},
) -> dict[str, tuple[Shape, ...]]:
    """Return the looks at every node, or at one."""
    dataset = table if isinstance(table, Dataset) else Dataset.from_frame(table)
    for name, kind in kinds.items():
        dataset = dataset.with_kind(name, kind)
    work = plan(dataset, [hypothesis(dataset.names, edges, families=families)])
    raw = {node: work.complete.values(node) for node in work.nodes}
    return {
        block.model.node: shapes_of(block.model, draws_of(block, data), raw)
        for block, data in work.blocks.values()
        if only is None or block.model.node == only
    }


def flags(found: Sequence[Shape]) -> set[tuple[str, str | None]]:
    return {(shape.aspect, shape.about) for shape in found if shape.flagged}


def of_family(family: str, seed: int, n: int) -> pd.DataFrame:
    """Draw y from a family given a number x, a binary g and a positive k that acts by its logarithm."""
    rng = np.random.default_rng([seed, n, sum(map(ord, family))])
    x, g, k = rng.normal(size=n), rng.integers(0, 2, n), rng.lognormal(0.0, 0.7, n)
    eta = 0.8 * x + 0.7 * (g - 0.5) + 0.3 * np.log(k)
    return pd.DataFrame({"x": x, "g": g, "k": k, "y": _drawn(family, eta, rng)})


def _drawn(family: str, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    n = len(eta)
    mixed = rng.gamma(2.0, size=n) / 2.0
    some = rng.random(n) > 0.3
    match family:
        case "Normal":
            return eta + rng.normal(size=n)
        case "LogNormal":
            return np.exp(1.0 + 0.5 * eta + 0.5 * rng.normal(size=n))
        case "StudentT":
            return eta + rng.standard_t(4, n)
        case "SkewNormal":
            return eta + 1.5 * (4 * np.abs(rng.normal(size=n)) + rng.normal(size=n)) / np.hypot(1, 4)
        case "Gamma":
            return np.exp(1.0 + 0.4 * eta) * rng.gamma(3.0, size=n) / 3.0
        case "Weibull":
            return np.exp(1.0 + 0.4 * eta) * rng.weibull(2.0, n)
        case "Beta":
            mean = 1.0 / (1.0 + np.exp(-0.6 * eta))
            return np.clip(rng.beta(8 * mean, 8 * (1 - mean)), 1e-6, 1 - 1e-6)
        case "Bernoulli":
            return (rng.random(n) < 1.0 / (1.0 + np.exp(0.5 - 0.8 * eta))).astype(int)
        case "Poisson":
            return rng.poisson(np.exp(0.6 + 0.3 * eta))
        case "NegativeBinomial":
            return rng.poisson(np.exp(1.0 + 0.3 * eta) * mixed)
        case "ZeroInflatedPoisson":
            return np.where(some, rng.poisson(np.exp(1.0 + 0.3 * eta)), 0)
        case "ZeroInflatedNegativeBinomial":
            return np.where(some, rng.poisson(np.exp(1.2 + 0.3 * eta) * mixed), 0)
        case "OrderedLogit":
            return np.digitize(rng.logistic(size=n) + 0.8 * eta, [-1.0, 0.3, 1.5])
    options = np.stack([0.0 * eta, 0.7 * eta - 0.3, 0.2 - 0.5 * eta], axis=1) + rng.gumbel(size=(n, 3))
    return np.array(["a", "b", "c"])[options.argmax(axis=1)]
