"""What a curve that is not linear in its numbers is made of: a height, and a shape that is learnt with it.

The term's columns have the coefficients ``height * weights``, and the weights follow from a quantity with a prior of
its own: the shares of a monotone curve's steps, the half of a saturating one, or that and what is left after a row. So
all that reads columns and slopes goes
on unchanged; only who fits must know the height and the quantity apart. On an unconstrained space the quantity has
coordinates ``z``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core.forms.base import Curve
from core.hypothesis import Prior

if TYPE_CHECKING:
    from core.families.sampled import Free

__all__ = ["KEPT", "Priors", "Shape"]

KEPT = "half"
"""The name under which kept quantities stand among a node's draws, term by term, shape (S, H)."""

FloatArray = NDArray[np.float64]
Priors = tuple[Prior, ...]


class Shape(ABC):
    """One kind of shape; subclasses are stateless. ``S`` is the number of draws, ``M`` that of the term's columns.

    ``quantities`` are the names of what has a prior of its own. Where they are ``kept`` with the draws, since the
    slopes alone do not give them back, the quantity is an array (S, H), one of them a column.
    """

    name: ClassVar[str]
    quantities: ClassVar[tuple[str, ...]]
    kept: ClassVar[bool] = False
    data: ClassVar[int]
    """How many numbers a compiled model takes of it (:meth:`numbers`)."""

    @abstractmethod
    def priors(self, curve: Curve) -> Priors:
        """Return the default prior of each of the quantities."""

    @abstractmethod
    def size(self, width: int) -> int:
        """Return how many coordinates it has, for a term of ``width`` columns."""

    @abstractmethod
    def draw(self, priors: Priors, width: int, draws: int, rng: np.random.Generator) -> FloatArray:
        """Draw the quantity from its prior, shape (S, …)."""

    @abstractmethod
    def at(self, priors: Priors, z: FloatArray) -> FloatArray:
        """Return the quantity at coordinates ``z``, shape (S, size)."""

    @abstractmethod
    def coordinates(self, priors: Priors, quantity: FloatArray) -> FloatArray:
        """Return its coordinates, shape (S, size): the inverse."""

    @abstractmethod
    def log_prior(self, priors: Priors, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the log prior density of the coordinates, shape (S,), and its gradient, (S, size)."""

    @abstractmethod
    def weights(self, xp: Any, quantity: Any, curve: Curve) -> Any:
        """Return the columns' weights, shape (…, M), in numpy or PyTensor."""

    @abstractmethod
    def weights_gradient(self, priors: Priors, z: FloatArray, curve: Curve) -> FloatArray:
        """Return the derivative of the weights by the coordinates, shape (S, M, size)."""

    @abstractmethod
    def height(self, slopes: FloatArray) -> FloatArray:
        """Return the height, shape (S,), from the columns' slopes (S, M)."""

    # -- under names that a user can read and set (``core.simulate.parameters``) --------------------------------

    @abstractmethod
    def named(
        self, parent: str, curve: Curve, slopes: FloatArray, quantity: FloatArray | None, scale: float
    ) -> dict[str, FloatArray]:
        """Return height and quantity by name, each (S,), from slopes (S, M) and the quantity, where it is kept.

        ``scale`` is that of the child: the height is said in its units.
        """

    @abstractmethod
    def from_named(
        self, parent: str, curve: Curve, width: int, named: Mapping[str, float], scale: float
    ) -> tuple[FloatArray, tuple[float, ...]]:
        """Return the slopes (M,), and the quantities that are kept, from these names; ModelError for what cannot be."""

    # -- in the model of a block, compiled once and then given numbers (``core.model.block_model``) ------------

    @abstractmethod
    def numbers(self, priors: Priors, curve: Curve) -> tuple[float, ...]:
        """Return what the compiled model takes as data; always as many."""

    @abstractmethod
    def variable(self, free: Free, name: str, numbers: Any, width: int) -> Any:
        """Make the free variable that stands for the quantity, or a tuple of several, whose names begin with this."""

    @abstractmethod
    def weights_of(self, xp: Any, variable: Any, numbers: Any) -> Any:
        """Return the columns' weights, shape (…, M), from that variable."""

    @abstractmethod
    def free_values(self, name: str, priors: Priors, z: FloatArray) -> dict[str, FloatArray]:
        """Return the value of each variable at coordinates ``z``, shape (S, …), by name."""

    @abstractmethod
    def from_variable(self, priors: Priors, value: Any) -> FloatArray:
        """Return the quantity from what :meth:`variable` made."""

    def from_slopes(self, slopes: FloatArray) -> FloatArray:
        """Return the quantity from the columns' slopes (S, M), where it is not ``kept``."""
        raise NotImplementedError(self.name)
