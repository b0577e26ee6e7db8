"""What an effect is made from: how the outcome differs between two worlds, draw by draw."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["HELD", "Contrasted", "held_sigma"]

FloatArray = NDArray[np.float64]

HELD = 0.999
"""Sigma is held to its posterior below this point where the mean of a LogNormal outcome is asked for."""


@dataclass(frozen=True, eq=False)
class Contrasted:
    """Two worlds compared, shape (S,) each.

    Parameters
    ----------
    difference : array
        Of the outcome's mean; of its median where it is LogNormal.
    ratio : array, optional
        Of the medians of a LogNormal outcome.
    on_mean : array, optional
        The difference of the mean of a LogNormal outcome, with :func:`held_sigma`; None where there
        is none.
    """

    difference: FloatArray
    ratio: FloatArray | None = None
    on_mean: FloatArray | None = None


def held_sigma(sigma: FloatArray) -> FloatArray:
    """Return draws of a residual standard deviation, those over their 99.9 % point held to it.

    The mean of a LogNormal has no finite expectation under the conjugate posterior, whose variance
    has a heavy tail; below that point it has, and a decision about totals needs it.
    """
    return np.minimum(sigma, np.quantile(sigma, HELD))
