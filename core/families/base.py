"""What a family is: a distribution of a node given its parents, in numpy, no PyMC.

All arrays are on the scale on which the family takes them (``core.model.spec``): ``y``
has shape (N,), ``X`` shape (N, p), draws have the draw index first. ``S`` is the number
of draws, ``K`` the number of levels of a discrete node, ``D`` the number of free real
numbers (:meth:`Family.dimension`).

A family also carries its priors in numpy, on an unconstrained space, so that bridge and
importance sampling need no PyMC. Gradients are with respect to that space.

What PyMC must know of a family stands with it too, written against a namespace of functions
(``core.families.namespace``): the model of a block as it is sampled, and the distribution of the
observed variable in the joint model.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from core.families.meaning import Meaning
from core.hypothesis import Prior

if TYPE_CHECKING:
    from core.data.constants import ColumnConstants
    from core.families.namespace import Array, Namespace
    from core.families.parameter import Parameter
    from core.families.sampled import Free, Numbers

__all__ = ["Draws", "Family", "FloatArray", "NamedPriors", "Priors"]

FloatArray = NDArray[np.float64]
Draws = Mapping[str, FloatArray]
Priors = Mapping[str, Prior]
NamedPriors = tuple[tuple[str, Prior], ...]


class Family(ABC):
    """One family; subclasses are stateless and registered in ``core.families``.

    ``declared`` are its parameters in a fixed order. Priors arrive as ``{parameter: Prior}``
    mappings, exactly as ``NodeModel.priors`` holds them.
    ``links`` has the default first, and ``meanings`` says of each, in the same order, what a number
    on it means. ``kinds`` are the column kinds that it can take.
    ``form`` says what its parents make: a linear predictor, one a level of the node, or a
    number for each of their configurations. ``is_count`` marks those whose log density has a part that the
    value and the parameters beside the predictor decide alone, dear and once a distinct value.
    ``compiled_as`` names the family with which it shares compiled models, if it is another;
    ``relative`` says that the priors of its coefficients may be in units of its first parameter beside them, ``sigma``;
    ``own_density`` that PyMC's density of its distribution is not good enough.
    """

    name: ClassVar[str]
    links: ClassVar[tuple[str, ...]]
    meanings: ClassVar[tuple[Meaning, ...]]
    kinds: ClassVar[tuple[str, ...]]
    discrete: ClassVar[bool] = False
    is_count: ClassVar[bool] = False
    form: ClassVar[Literal["line", "lines", "cells"]] = "line"
    compiled_as: ClassVar[str] = ""
    own_density: ClassVar[bool] = False
    relative: ClassVar[bool] = False
    swept: ClassVar[Mapping[str, tuple[str, float]]] = {"slopes": ("sigma", 1.0)}
    """Which number of which prior the sweep changes, and with what power of the factor."""

    @property
    @abstractmethod
    def declared(self) -> tuple[Parameter, ...]:
        """The parameters, as data."""

    def meaning(self, link: str) -> Meaning:
        """Return what a number on a link's scale says of the node; of the default for a link that is not its own."""
        return dict(zip(self.links, self.meanings, strict=True)).get(link, self.meanings[0])

    def parameters(self, p: int, k: int) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Return (name, shape) of every parameter for ``p`` design columns and ``k`` levels."""
        return tuple((parameter.name, parameter.sizes(p, k)) for parameter in self.declared)

    @property
    def prior_names(self) -> tuple[str, ...]:
        """The names under which a user can change a prior."""
        return tuple(parameter.prior for parameter in self.declared)

    @property
    def has_levels(self) -> bool:
        """Whether its parameters depend on how many levels the node has."""
        return any({"levels", "cuts"} & set(parameter.shape) for parameter in self.declared)

    def default_priors(
        self, link: str, constants: ColumnConstants, p: int, t: float, of_columns: Sequence[float]
    ) -> NamedPriors:
        """Return the default prior of each quantity; see :func:`core.families.priors.default_priors`."""
        found: list[tuple[str, Prior]] = []
        for parameter in self.declared:
            names = [f"slopes[{j}]" for j in range(p)] if parameter.name == "slopes" else [parameter.prior]
            found += [(name, parameter.default) for name in names]
        return tuple(found)

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

    # -- for PyMC ---------------------------------------------------------------------

    @abstractmethod
    def sampled(self, xp: Namespace, free: Free, numbers: Numbers, p: int, k: int) -> Mapping[str, Array]:
        """Make a block's free variables, and return the parameters made from them.

        The free variables are near 0 with spread near 1 whatever the data's units.
        """

    @abstractmethod
    def free_values(self, draws: Draws, numbers: Numbers) -> Draws:
        """Return the values of the free variables at some draws: the inverse of :meth:`sampled`, in numpy."""

    @abstractmethod
    def row_density(
        self, xp: Namespace, y: Array, x: Array | None, at: Mapping[str, Array], link: str, k: int
    ) -> Array:
        """Return the rows' log density under one draw of the parameters, shape (N,), less :meth:`count_constant`.

        ``x`` is None where the design has no columns; of cells it is their number, shape (N,).
        """

    def count_constant(self, xp: Namespace, y: Array, aux: Mapping[str, Array]) -> Array:
        """Return what of a count's log density its value and the parameters beside the predictor decide alone."""
        raise NotImplementedError(self.name)

    @abstractmethod
    def pymc(self, xp: Namespace, eta: Array, aux: Mapping[str, Array], link: str) -> tuple[str, dict[str, Array]]:
        """Return the observed variable's distribution by PyMC's names: ``("Poisson", {"mu": xp.exp(eta)})``.

        ``eta`` and ``aux`` are on the scale of the data (``Parameter.in_units``).
        """
