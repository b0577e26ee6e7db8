"""Data of known structure for the tests of whole comparisons."""

from dataclasses import replace

import numpy as np
import pandas as pd

from core.data.dataset import Dataset
from core.fit.engine import fit_blocks
from core.fit.result import BlockFit, Diagnostics
from core.hypothesis import Hypothesis


def chain_data(rows: int = 400, seed: int = 0) -> Dataset:
    """A chain a -> b -> c of Normal columns."""
    rng = np.random.default_rng(seed)
    a = rng.normal(size=rows)
    b = 0.7 * a + rng.normal(size=rows)
    return Dataset.from_frame(pd.DataFrame({"a": a, "b": b, "c": 0.6 * b + rng.normal(size=rows)}))


def table_data(rows: int = 800, seed: int = 0) -> Dataset:
    rng = np.random.default_rng(seed)
    smoke = rng.random(rows) < 0.4
    cough = rng.random(rows) < np.where(smoke, 0.7, 0.2)
    stain = np.where(rng.random(rows) < 0.8, np.where(smoke, "dark", "light"), "none")
    words = {True: "yes", False: "no"}
    frame = {"smoke": [words[bool(v)] for v in smoke], "cough": [words[bool(v)] for v in cough], "stain": stain}
    return Dataset.from_frame(pd.DataFrame(frame))


def named(**texts: str) -> list[Hypothesis]:
    return [Hypothesis.from_dagitty(f"dag {{ {text} }}", name) for name, text in texts.items()]


def with_diagnostics(name: str, **diagnostics: float):
    """Return a way to fit whose blocks of the node ``name`` report these diagnostics."""

    def fit(blocks, cache=None, progress=None) -> dict[str, BlockFit]:
        fits = fit_blocks(blocks)
        return {
            key: replace(found, method="nuts", diagnostics=Diagnostics(**diagnostics))  # type: ignore[arg-type]
            if blocks[key][0].model.node == name
            else found
            for key, found in fits.items()
        }

    return fit
