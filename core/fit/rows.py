"""Rows of a block that enter its fit, and scores put back in their rows."""

import numpy as np
from numpy.typing import NDArray

from core.model.design import BlockData

__all__ = ["entering", "keep_rows", "spread"]

FloatArray = NDArray[np.float64]


def keep_rows(data: BlockData, keep: NDArray[np.bool_]) -> BlockData:
    """Return some of the rows."""
    return BlockData(data.y[keep], data.x[keep], data.log_jacobian[keep], data.used[keep])


def entering(data: BlockData) -> BlockData:
    """Return the rows in which the node was not set by intervention."""
    return data if data.used.all() else keep_rows(data, data.used)


def spread(values: FloatArray, used: NDArray[np.bool_]) -> FloatArray:
    """Put scores of the rows that enter back in their rows; others have 0."""
    if used.all():
        return values
    found = np.zeros(len(used))
    found[used] = values
    return found
