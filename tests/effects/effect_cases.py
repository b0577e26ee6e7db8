"""Data, specifications and parameters for the tests of effects; nothing here is fitted."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from core.data.dataset import Dataset
from core.families.base import Draws
from core.hypothesis import Hypothesis
from core.model.resolve import resolve
from core.model.spec import ModelSpec
from core.simulate.ancestral import ancestral
from core.simulate.prior import draw_parameters

Raw = dict[str, np.ndarray]


def mixed_frame(rows: int = 400, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    z = rng.normal(size=rows)
    x = 0.5 * z + rng.normal(size=rows)
    region = rng.choice(["east", "north", "south"], rows, p=[0.2, 0.5, 0.3])
    clicks = rng.poisson(np.exp(0.4 * x + 0.5))
    bought = (rng.random(rows) < 1 / (1 + np.exp(-x))).astype(int)
    income = np.exp(1 + 0.4 * x + 0.5 * rng.normal(size=rows))
    y = x + 0.5 * np.log1p(clicks) + rng.normal(size=rows)
    return pd.DataFrame(
        {"z": z, "x": x, "region": region, "clicks": clicks, "bought": bought, "income": income, "y": y}
    )


def prepared(text: str, frame: pd.DataFrame | None = None, **nodes: str) -> tuple[Hypothesis, ModelSpec, Raw]:
    """Return a hypothesis, its specification and its columns; ``nodes`` names families."""
    dataset = Dataset.from_frame(mixed_frame() if frame is None else frame)
    hypothesis = Hypothesis.from_dagitty(text, "H")
    for name, family in nodes.items():
        hypothesis = hypothesis.with_node(name, family=family)
    spec = resolve(hypothesis, dataset)
    return hypothesis, spec, {model.node: dataset.values(model.node) for model in spec.nodes}


def small_parameters(spec: ModelSpec, draws: int, seed: int) -> dict[str, Draws]:
    """Return prior draws, pulled in so that nothing overflows."""
    drawn = draw_parameters(spec, draws, np.random.default_rng(seed))
    found = {}
    for node, values in drawn.items():
        pulled = {name: value * 0.4 if name in ("slopes", "intercept") else value for name, value in values.items()}
        pulled |= {name: np.minimum(v, 1.5) for name, v in pulled.items() if name == "sigma"}
        found[node] = pulled | {name: np.maximum(v, 1.5) for name, v in pulled.items() if name == "shape"}
    return found


def brute_force(
    spec: ModelSpec, parameters: Mapping[str, Draws], raw: Raw, keep: set[str], x: str, values: np.ndarray, y: str
) -> np.ndarray:
    """Return E[y | do(x = values)] a draw, by simulating many times with non-descendants as observed."""
    rng = np.random.default_rng(99)
    total = np.zeros(len(next(iter(next(iter(parameters.values())).values()))))
    repeats = 60
    for _ in range(repeats):
        do = {name: raw[name] for name in keep} | {x: values}
        total += ancestral(spec, parameters, len(values), rng, do=do)[y].mean(axis=1)
    return total / repeats
