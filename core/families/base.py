"""What a family is: a distribution of a node given its parents, in numpy, no PyMC.

All arrays are on the scale on which the family takes them (``core.model.spec``): ``y``
has shape (N,), ``X`` shape (N, p), draws have the draw index first. ``S`` is the number
of draws, ``K`` the number of levels of a discrete node, ``D`` the number of free real
numbers (:meth:`Family.dimension`).

A family also carries its priors in numpy, on an unconstrained space, so that bridge and
importance sampling need no PyMC. Gradients are with respect to that space.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core.families.meaning import Meaning
from core.hypothesis import Prior

__all__ = ["Draws", "Family", "FloatArray", "Priors"]

FloatArray = NDArray[np.float64]
Draws = Mapping[str, FloatArray]
Priors = Mapping[str, Prior]


class Family(ABC):
    """One family; subclasses are stateless and registered in ``core.families``.

    ``parameters(p, K)`` gives each parameter's name and shape in a fixed order. Priors
    arrive as ``{parameter: Prior}`` mappings, exactly as ``NodeModel.priors`` holds them.
    ``links`` has the default first, and ``meanings`` says of each, in the same order, what a number
    on it means. ``kinds`` are the column kinds that it can take.
    ``prior_names`` are the names under which a user can change a prior.
    """

    name: ClassVar[str]
    links: ClassVar[tuple[str, ...]]
    meanings: ClassVar[tuple[Meaning, ...]]
    kinds: ClassVar[tuple[str, ...]]
    prior_names: ClassVar[tuple[str, ...]]
    discrete: ClassVar[bool] = False

    def meaning(self, link: str) -> Meaning:
        """Return what a number on a link's scale says of the node; of the default for a link that is not its own."""
        return dict(zip(self.links, self.meanings, strict=True)).get(link, self.meanings[0])

    @abstractmethod
    def parameters(self, p: int, k: int) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Return (name, shape) of every parameter for ``p`` design columns and ``k`` levels."""

    @abstractmethod
    def dimension(self, p: int, k: int) -> int:
        """Return D, the number of unconstrained real parameters."""

    @abstractmethod
    def constrain(self, theta: FloatArray, p: int, k: int) -> Draws:
        """Return the parameters for unconstrained vectors ``theta``, shape (S, D)."""

    @abstractmethod
    def unconstrain(self, draws: Draws) -> FloatArray:
        """Return the unconstrained vectors of some draws, shape (S, D); inverse of :meth:`constrain`."""

    @abstractmethod
    def log_prior(self, theta: FloatArray, priors: Priors, p: int, k: int) -> FloatArray:
        """Return the log prior density of ``theta``, Jacobian included, shape (S,)."""

    @abstractmethod
    def log_prior_gradient(self, theta: FloatArray, priors: Priors, p: int, k: int) -> FloatArray:
        """Return the gradient of :meth:`log_prior` with respect to ``theta``, shape (S, D)."""

    @abstractmethod
    def sample_prior(self, priors: Priors, p: int, k: int, draws: int, rng: np.random.Generator) -> Draws:
        """Draw parameters from their prior."""

    @abstractmethod
    def log_likelihood(self, draws: Draws, y: FloatArray, x: FloatArray, link: str) -> FloatArray:
        """Return the log density of each row under each draw, shape (S, N), family's scale."""

    @abstractmethod
    def log_likelihood_gradient(
        self, theta: FloatArray, y: FloatArray, x: FloatArray, weights: FloatArray, link: str, k: int
    ) -> tuple[FloatArray, FloatArray]:
        """Return the rows' weighted log density, shape (S,), and its gradient, shape (S, D).

        ``theta`` (S, D) is unconstrained; ``weights`` (N,) say how often each row occurs.
        """

    @abstractmethod
    def sample(self, draws: Draws, x: FloatArray, link: str, rng: np.random.Generator) -> FloatArray:
        """Draw one ``y`` per draw and row, shape (S, N).

        ``x`` has shape (N, p), or (S, N, p) where the parents differ from draw to draw
        (ancestral sampling). A value too large for the machine comes back as NaN or inf,
        never as an error.
        """

    @abstractmethod
    def mean(self, draws: Draws, x: FloatArray, link: str) -> FloatArray:
        """Return E[y | x], shape (S, N); for K-level nodes the probabilities, (S, N, K).

        ``x`` as in :meth:`sample`.
        """
