"""A block's log density in numpy, over its distinct rows.

Rows that repeat are computed once (:func:`core.model.block_model.distinct_rows`).
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.families import get_family
from core.families.base import Draws
from core.families.priors import scale_priors
from core.model.block_model import distinct_rows
from core.model.design import BlockData
from core.model.spec import NodeModel

__all__ = ["Target"]

FloatArray = NDArray[np.float64]

_CELLS = 1_000_000  # draws x rows worked on at once: 8 MB an array


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
        """Gather the distinct rows of ``data``."""
        return cls(model, *distinct_rows(data.y, data.x))

    def chunks(self, draws: int) -> Iterator[slice]:
        """Cut the distinct rows so that (draws, rows) arrays stay small."""
        n, step = len(self.y), max(1, _CELLS // draws)
        return (slice(start, min(n, start + step)) for start in range(0, n, step))

    def over_rows(self, draws: int, work: Callable[[slice], Any]) -> list[Any]:
        """Return ``work`` of every chunk in order, done in as many threads as there are cores.

        Numpy leaves the interpreter lock alone while it computes.
        """
        chunks = list(self.chunks(draws))
        if len(chunks) < 2:
            return [work(rows) for rows in chunks]
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            return list(pool.map(work, chunks))

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
        parts = self.over_rows(len(theta), lambda rows: self.log_likelihood(draws, rows) @ self.weights[rows])
        return self.log_prior(theta) + sum(parts)

    def gradient(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the unnormalised log posterior, shape (S,), and its gradient, (S, D), at ``theta``, (S, D)."""
        model = self.model
        family, priors = get_family(model.family), dict(model.priors)

        def part(rows: slice) -> tuple[FloatArray, FloatArray]:
            return family.log_likelihood_gradient(
                theta, self.y[rows], self.x[rows], self.weights[rows], model.link, model.levels
            )

        value = family.log_prior(theta, priors, model.columns, model.levels)
        slope = family.log_prior_gradient(theta, priors, model.columns, model.levels)
        for more, steeper in self.over_rows(len(theta), part):
            value, slope = value + more, slope + steeper
        return value, slope
