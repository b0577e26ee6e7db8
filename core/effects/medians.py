"""The median of a mixture of Normals, where a row's outcome hangs on what happens on the way."""

import numpy as np
from numpy.typing import NDArray

from core.families.special import ndtr

__all__ = ["middle_of_mixture"]

FloatArray = NDArray[np.float64]

_NEAR = 0.02  # standard deviations: a step from so near leaves less than the cube of it
_MOST = 60
_PEAK = (2.0 * np.pi) ** -0.5


def middle_of_mixture(centres: FloatArray, weights: FloatArray, sigma: FloatArray) -> FloatArray:
    """Return the medians of mixtures, shape (C,), where the mixed distribution function is a half.

    Parameters
    ----------
    centres, weights : array, shape (C, M)
        Of M Normals; weights add up to 1.
    sigma : array, shape (C,)
        Their standard deviation.

    Notes
    -----
    Halley's steps, which triple the digits, from the mean less a sixth of the skewness (Cornish & Fisher 1938);
    halvings of the interval where one leads out of it.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        low, high = centres.min(axis=1), centres.max(axis=1)
        mean = np.einsum("cm,cm->c", weights, centres)
        apart = centres - mean[:, None]
        weighed = weights * apart * apart
        found = mean - np.einsum("cm,cm->c", weighed, apart) / (6.0 * (sigma**2 + weighed.sum(axis=1)))
    at = np.arange(len(found))
    for _ in range(_MOST):
        whole = at.size == found.size
        own, share, spread = (centres, weights, sigma) if whole else (centres[at], weights[at], sigma[at])
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            z = (found[at, None] - own) / spread[:, None]
            above = np.einsum("cm,cm->c", share, ndtr(z)) - 0.5
            bell = share * np.exp(-0.5 * z * z)
            slope = _PEAK * bell.sum(axis=1)
            bend = -_PEAK * np.einsum("cm,cm->c", bell, z)
            newton = above / slope
            step = spread * newton / (1.0 - np.clip(0.5 * newton * bend / slope, -0.5, 0.5))
        low[at], high[at] = np.where(above < 0, found[at], low[at]), np.where(above > 0, found[at], high[at])
        moved = found[at] - step
        outside = ~((moved >= low[at]) & (moved <= high[at]))
        new = np.where(outside & np.isfinite(found[at]), 0.5 * (low[at] + high[at]), moved)
        far = np.abs(new - found[at]) > _NEAR * spread
        found[at] = new
        if not far.any():
            break
        at = at[far]
    return found
