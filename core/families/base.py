"""What a family is: a distribution of a node given its parents, in numpy, no PyMC.

All arrays are on the scale on which the family takes them (``core.model.spec``): ``y``
has shape (N,), ``X`` shape (N, p), draws have the draw index first. ``S`` is the number
of draws, ``K`` the number of levels of a discrete node.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Draws", "Family", "FloatArray"]

FloatArray = NDArray[np.float64]
Draws = Mapping[str, FloatArray]


class Family(ABC):
    """One family; subclasses are stateless and registered in ``core.families``.

    ``parameters(p, K)`` gives each parameter's name and shape in a fixed order. Priors
    arrive as ``{parameter: Prior}`` mappings, exactly as ``NodeModel.priors`` holds them.
    """

    name: ClassVar[str]
    links: ClassVar[tuple[str, ...]]
    kinds: ClassVar[tuple[str, ...]]
    discrete: ClassVar[bool] = False

    @abstractmethod
    def parameters(self, p: int, k: int) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Return (name, shape) of every parameter for ``p`` design columns and ``k`` levels."""

    @abstractmethod
    def log_likelihood(self, draws: Draws, y: FloatArray, x: FloatArray, link: str) -> FloatArray:
        """Return the log density of each row under each draw, shape (S, N), family's scale."""

    @abstractmethod
    def sample(self, draws: Draws, x: FloatArray, link: str, rng: np.random.Generator) -> FloatArray:
        """Draw one ``y`` per draw and row, shape (S, N).

        ``x`` has shape (N, p), or (S, N, p) where the parents differ from draw to draw
        (ancestral sampling).
        """

    @abstractmethod
    def mean(self, draws: Draws, x: FloatArray, link: str) -> FloatArray:
        """Return E[y | x], shape (S, N); for K-level nodes the probabilities, (S, N, K).

        ``x`` as in :meth:`sample`.
        """
