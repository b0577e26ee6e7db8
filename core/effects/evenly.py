"""Noise at places that are spread evenly over the rows of a draw, in an order by lot.

Of R rows each stands in a share 1 / R of its own of the distribution (a Latin hypercube; McKay, Beckman & Conover
1979). Each row by itself has the distribution, and an average over rows has the noise alone that does not add up over
nodes and rows. The rows at even and at odd places are spread each by itself, so that what both halves differ by tells
what noise is left (:func:`core.effects.settled.less_noise`).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Evenly"]

FloatArray = NDArray[np.float64]

_LEAST = 1e-15


class Evenly(np.random.Generator):
    """A generator whose draws are spread evenly along the last axis; of the distributions that families' noise takes.

    Parameters
    ----------
    bits : numpy.random.BitGenerator
    rows : int
        R. The last axis holds them once, or several times one after the other.

    Examples
    --------
    >>> drawn = Evenly(np.random.PCG64(1), 8).random((2, 8))
    >>> [sorted(int(4 * place) for place in half) for half in (drawn[0, 0::2], drawn[0, 1::2])]
    [[0, 1, 2, 3], [0, 1, 2, 3]]
    """

    def __init__(self, bits: np.random.BitGenerator, rows: int) -> None:
        super().__init__(bits)
        self._rows = rows

    def random(self, size: Any = None, *_: Any, **__: Any) -> Any:
        """Return places in (0, 1), shape (…, R * repeats)."""
        found = np.empty(tuple(size))
        places = np.arange(found.shape[-1])
        for half in (0, 1):
            own = places[places % self._rows % 2 == half]
            if own.size:
                shape = (*found.shape[:-1], own.size)
                order = np.argsort(super().random(shape), axis=-1)
                found[..., own] = (order + super().random(shape)) / own.size
        return np.clip(found, _LEAST, 1.0 - _LEAST)

    def logistic(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
        """Return logits of places."""
        place = self.random(size)
        return loc + scale * (np.log(place) - np.log1p(-place))

    def standard_normal(self, size: Any = None, *_: Any, **__: Any) -> Any:
        """Return standard Normal draws."""
        from scipy.special import ndtri

        return ndtri(self.random(size))

    def standard_exponential(self, size: Any = None, *_: Any, **__: Any) -> Any:
        """Return exponential draws of mean 1."""
        return -np.log(self.random(size))

    def standard_gamma(self, shape: Any, size: Any = None, *_: Any, **__: Any) -> Any:
        """Return Gamma draws of scale 1, one a shape."""
        from scipy.special import gammaincinv

        return np.maximum(gammaincinv(shape, self.random(np.shape(shape))), np.finfo(np.float64).tiny)

    def standard_t(self, df: Any, size: Any = None) -> Any:
        """Return Student t draws, one a number of degrees of freedom."""
        from scipy.special import stdtrit

        return stdtrit(df, self.random(np.shape(df)))
