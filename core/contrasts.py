"""The orthonormal zero-sum basis: categories as numbers that favour no level.

A category with L levels has L effects that add up to zero, so L - 1 free numbers. With
*any* orthonormal basis B of the zero-sum vectors, B B' = I - 11'/L, and so independent
Normal(0, s) coordinates give the same distribution of the L effects whatever the order
of the levels: another order rotates the coordinates and changes nothing else. (The
usual dummy coding depends on which level is left out.) The basis here is Helmert's:
column j sets level j + 1 against the mean of the levels before it.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["design_basis", "zero_sum_basis"]

FloatArray = NDArray[np.float64]


@cache
def zero_sum_basis(levels: int) -> FloatArray:
    """Return an orthonormal basis of the zero-sum vectors, shape (levels, levels - 1), read-only.

    Examples
    --------
    >>> zero_sum_basis(2).round(3).ravel().tolist()
    [-0.707, 0.707]
    """
    basis = np.zeros((levels, max(levels - 1, 0)))
    for j in range(1, levels):
        basis[:j, j - 1] = -1.0
        basis[j, j - 1] = j
        basis[:, j - 1] /= np.sqrt(j * (j + 1.0))
    basis.setflags(write=False)
    return basis


def design_basis(levels: int) -> tuple[tuple[float, ...], ...]:
    """Return the rows with which a category enters a design matrix: the basis over sqrt(2).

    For two levels that is -1/2 and 1/2, the centred 0/1.
    """
    return tuple(tuple(float(value) for value in row) for row in zero_sum_basis(levels) / np.sqrt(2))
