"""Replicated data sets: what each fitted hypothesis would generate, beside what was seen."""

import numpy as np
from numpy.typing import NDArray

from core.check.independence import Observed, Replicates
from core.data.dataset import Dataset
from core.fit.result import Fit
from core.simulate.ancestral import ancestral
from core.simulate.prior import thin

__all__ = ["CHECK_ROWS", "checked_rows", "observed_of", "replicate"]

FloatArray = NDArray[np.float64]

CHECK_ROWS = 20_000
"""Over this many rows, checks by simulation use a random part of them."""

_MOST, _FEWEST, _CELLS = 400, 200, 2_000_000


def checked_rows(rows: int, seed: int) -> NDArray[np.intp] | None:
    """Return the rows that checks by simulation use; ``None`` for all."""
    if rows <= CHECK_ROWS:
        return None
    return np.sort(np.random.default_rng([seed, 3]).choice(rows, CHECK_ROWS, replace=False))


def observed_of(dataset: Dataset, nodes: tuple[str, ...]) -> Observed:
    """Return the raw values of the complete rows, and which cells were set."""
    raw = {node: dataset.values(node) for node in nodes}
    if not dataset.set_by_row:
        return Observed(raw)
    return Observed(raw, {node: dataset.was_set(node) for node in nodes})


def replicate(fit: Fit, observed: Observed, rows: NDArray[np.intp] | None, seed: int) -> Replicates:
    """Draw data sets from the posterior predictive of a hypothesis.

    Parameters
    ----------
    fit : Fit
    observed : Observed
        Cells that were set by intervention stay as they were set.
    rows : array of int, or None
        The rows to stand beside.
    seed : int
        Shared by rival hypotheses, so that they differ by what they say and not by chance.
    """
    size = observed.rows if rows is None else len(rows)
    count = int(np.clip(_CELLS // max(size, 1), _FEWEST, _MOST))
    parameters = {node: thin(block.draws, count) for node, block in fit.blocks.items()}
    settings = {}
    for node, was_set in observed.was_set.items():
        if was_set.any():
            values = np.where(was_set, observed.raw[node], np.nan)
            settings[node] = values if rows is None else values[rows]
    raw = ancestral(fit.spec, parameters, size, np.random.default_rng([seed, 5]), do=settings)
    return Replicates(raw, rows)
