"""Draws of averages over rows, less what the noise of so few rows adds to their spread."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["less_noise"]

FloatArray = NDArray[np.float64]


def less_noise(cells: FloatArray) -> FloatArray:
    """Return averages over rows, (S,), whose spread over draws is that of endless noise, from cells (S, R).

    The rows at even and at odd places have noise of their own (:mod:`core.effects.evenly`): a quarter of the variance
    of what both halves differ by is what noise adds to that of the average of both, and draws are drawn in by as much.
    """
    centre = cells.mean(axis=1)
    total = float(centre.var())
    if cells.shape[1] < 2 or not total > 0:
        return np.asarray(centre)
    noise = 0.25 * float(np.var(cells[:, 0::2].mean(axis=1) - cells[:, 1::2].mean(axis=1)))
    return np.asarray(centre.mean() + np.sqrt(max(0.0, 1.0 - noise / total)) * (centre - centre.mean()))
