"""A family's parameters as data: name, shape, support and default prior, and what carries the prior.

The default priors are those of STATISTICS ("The conjugate default for linear-Gaussian
families", "Defaults for the other families"): on standardised columns, or, behind a log link,
in the node's own units.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.data.prior_scales import LARGEST
from core.families.base import FloatArray
from core.families.namespace import Array, Namespace
from core.families.special import expit, log_expit
from core.hypothesis import Prior

__all__ = ["INTERCEPT", "PRIOR_SCALE", "SLOPES", "SLOPE_PRECISION", "Parameter", "prior_of"]

SLOPE_PRECISION = LARGEST
"""t of the conjugate default: slope | sigma ~ Normal(0, sigma / sqrt(t)), and t/2 in the variance's prior.

It is that of a category, and of a number that no other column nearly determines; else each column
has its own (:mod:`core.data.prior_scales`): that of the parent in a slope, of the child in the variance."""

PRIOR_SCALE = "t"
"""The name under which a column's t stands among the priors."""

FARTHEST = 690.0  # exp of it is still a number, and so is its inverse
SMALLEST = np.finfo(np.float64).tiny
LARGEST_SHARE = 1.0 - np.finfo(np.float64).epsneg


def prior_of(distribution: str, **numbers: float) -> Prior:
    """Return a prior by its distribution and numbers: ``prior_of("Normal", mu=0.0, sigma=1.0)``."""
    return Prior(distribution, tuple(numbers.items()))


def _same(xp: Namespace, value: Array) -> Array:
    return value


@dataclass(frozen=True)
class Parameter:
    """One parameter of a family.

    Parameters
    ----------
    name : str
    default : Prior
        A user can change its numbers, not its distribution. Of ``slopes`` each column has one. Where a
        family makes the numbers from the node's column (``Family.default_priors``), here are the usual.
    quantity : str
        What has the prior, if it is not the parameter itself: the Normal's ``sigma`` is the root of
        ``variance``.
    forward, backward : callable
        From the quantity to the parameter and back, in the functions of a namespace.
    shape : tuple of {"columns", "levels", "cuts"}
        The axes, in order: as many as the design has columns, the node levels, or one less; a number unless given.
    support : {"positive", "unit", "real"}
        The quantity's: its unconstrained coordinate is the logarithm, the logit (between 0 and 1), or itself.
    in_units : bool
        Whether it is in the units of the family's scale of y, as a standard deviation is.
    least, most : float
        What a user can set it to lies between them.
    """

    name: str
    default: Prior
    quantity: str = ""
    forward: Callable[[Namespace, Array], Array] = _same
    backward: Callable[[Namespace, Array], Array] = _same
    shape: tuple[Literal["columns", "levels", "cuts"], ...] = ()
    support: Literal["positive", "unit", "real"] = "positive"
    in_units: bool = False
    least: float = 0.0
    most: float = math.inf

    @property
    def prior(self) -> str:
        """The name of what has the prior."""
        return self.quantity or self.name

    @property
    def coefficient(self) -> bool:
        """Whether it is an intercept or slope, of a predictor in the units of the link's scale."""
        return self.name in ("intercept", "slopes")

    def sizes(self, p: int, k: int) -> tuple[int, ...]:
        """Return the shape for ``p`` design columns and ``k`` levels."""
        size: Mapping[str, int] = {"columns": p, "levels": k, "cuts": k - 1}
        return tuple(size[axis] for axis in self.shape)

    # -- a number on its unconstrained space --------------------------------------------

    def at(self, coordinate: FloatArray) -> FloatArray:
        """Return the quantity at unconstrained coordinates, same shape."""
        match self.support:
            case "positive":  # neither 0 nor infinite, so that no density is undefined
                return np.exp(np.minimum(np.maximum(coordinate, -FARTHEST), FARTHEST))
            case "unit":
                return np.minimum(np.maximum(expit(coordinate), SMALLEST), LARGEST_SHARE)
        return coordinate

    def coordinate(self, quantity: FloatArray) -> FloatArray:
        """Return the unconstrained coordinates of the quantity: the inverse."""
        match self.support:
            case "positive":
                return np.log(quantity)
            case "unit":
                return np.log(quantity) - np.log1p(-quantity)
        return quantity

    def log_jacobian(self, coordinate: FloatArray) -> FloatArray:
        """Return log |d quantity / d coordinate|, same shape."""
        match self.support:
            case "positive":
                return coordinate
            case "unit":
                return log_expit(coordinate) + log_expit(-coordinate)
        return np.zeros_like(coordinate)

    def log_jacobian_slope(self, coordinate: FloatArray) -> FloatArray:
        """Return the derivative of :meth:`log_jacobian`, same shape."""
        match self.support:
            case "positive":
                return np.ones_like(coordinate)
            case "unit":
                return 1.0 - 2.0 * expit(coordinate)
        return np.zeros_like(coordinate)


INTERCEPT = Parameter("intercept", prior_of("Normal", mu=0.0, sigma=1.0), support="real", least=-math.inf)
SLOPES = Parameter("slopes", prior_of("Normal", mu=0.0, sigma=1.0), shape=("columns",), support="real", least=-math.inf)
