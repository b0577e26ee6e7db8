"""A block's log density in numpy, over its distinct rows.

Rows that agree in the node's value and in the whole design have the same likelihood under
every draw and the same leave-one-out score, so they are computed once: a binary node with
a binary parent has four distinct rows, whatever N.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.families import get_family
from core.families.base import Draws
from core.families.priors import scale_priors
from core.model.design import BlockData
from core.model.spec import NodeModel

__all__ = ["Target"]

FloatArray = NDArray[np.float64]

_CELLS = 4_000_000  # draws x rows in memory at once: 32 MB an array


@dataclass(frozen=True, eq=False)
class Target:
    """Prior and likelihood of a block, on the family's scale.

    Parameters
    ----------
    model : NodeModel
    y, x : array, shapes (U,) and (U, p)
        The distinct rows.
    weights : array, shape (U,)
        How often each occurs.
    place : array of int, shape (N,)
        Which distinct row each of the block's rows is.
    """

    model: NodeModel
    y: FloatArray
    x: FloatArray
    weights: FloatArray
    place: NDArray[np.intp]

    @classmethod
    def of(cls, model: NodeModel, data: BlockData) -> "Target":
        """Gather the distinct rows of ``data``, in order of value; all rows if few repeat."""
        rows = np.column_stack([data.y, data.x])
        distinct, place, counts = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
        if 2 * len(distinct) > len(rows):
            return cls(model, data.y, data.x, np.ones(len(rows)), np.arange(len(rows)))
        return cls(model, distinct[:, 0], distinct[:, 1:], counts.astype(np.float64), place.reshape(-1))

    def chunks(self, draws: int) -> Iterator[slice]:
        """Cut the distinct rows so that (draws, rows) arrays stay small."""
        n, step = len(self.y), max(1, _CELLS // draws)
        return (slice(start, min(n, start + step)) for start in range(0, n, step))

    def log_likelihood(self, draws: Draws, rows: slice) -> FloatArray:
        """Return the log density of some distinct rows under each draw, shape (S, rows)."""
        return get_family(self.model.family).log_likelihood(draws, self.y[rows], self.x[rows], self.model.link)

    def log_prior(self, theta: FloatArray, scale: float = 1.0) -> FloatArray:
        """Return the log prior (S,) at unconstrained ``theta``, with ``scale`` times the prior scale."""
        model = self.model
        priors = scale_priors(model.family, model.priors, scale) if scale != 1.0 else model.priors
        return get_family(model.family).log_prior(theta, dict(priors), model.columns, model.levels)

    def __call__(self, theta: FloatArray) -> FloatArray:
        """Return the unnormalised log posterior (S,) at unconstrained ``theta``, shape (S, D)."""
        draws = get_family(self.model.family).constrain(theta, self.model.columns, self.model.levels)
        total = self.log_prior(theta)
        for rows in self.chunks(len(theta)):
            total = total + self.log_likelihood(draws, rows) @ self.weights[rows]
        return total
