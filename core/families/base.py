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
from collections.abc import Iterator, Mapping, Sequence
from math import inf
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

    # -- where it is used: said here, and nowhere else ----------------------------------

    words: ClassVar[str]
    """One line for the expert, which follows the name and a colon."""
    column: ClassVar[str]
    says: ClassVar[str]
    """Which columns, and which distribution, in a row of docs/families.md."""
    offered: ClassVar[Mapping[str, int]]
    """The kinds of column for which the interface offers it, and its place among those that it offers."""
    assumed_kind: ClassVar[str] = "real"
    """The kind of a column that has it and of which nothing else is known."""
    response: ClassVar[Literal["identity", "log", ""]] = ""
    """It takes the column standardised, after this transform; empty if on the column's own scale."""
    working: ClassVar[Literal["identity", "log", "log1p"]] = "identity"
    """How a number of this family enters the nodes that it points to."""
    settable: ClassVar[tuple[float, float]] = (-inf, inf)
    """A node can be set to what lies between these."""
    closed_form: ClassVar[Literal["gaussian", "table", ""]] = ""
    several_modes: ClassVar[bool] = False
    """Whether its likelihood can have several modes: a mode is looked for from a second start a parameter."""
    heavy_tailed: ClassVar[bool] = False
    """Whether its exponential has no mean."""
    lopsided: ClassVar[bool] = False
    """Whether its noise has a median that is not its mean, on the scale where effects add up."""
    slow_noise: ClassVar[bool] = False
    """Whether :meth:`respond` is dear."""
    role: ClassVar[Literal["gaussian", "binary", "count"]] = "gaussian"
    role_scale: ClassVar[Literal["identity", "log", "logit"]] = "identity"
    """As what, and on which scale, a column takes part in a test of independence."""
    residual: ClassVar[Literal["own", "quantile", "share", "binary", "count", "levels", "order", ""]] = "quantile"
    """What is left of a row (``core.check.leftover``): its own Normal residual, the Normal quantile of its tails …"""
    looks: ClassVar[tuple[str, ...]] = ()
    """How a count's dispersion and zeros are looked at (``core.check.shape_counts``)."""
    remedies: ClassVar[Mapping[tuple[str, str], tuple[str, ...]]] = {}
    """Which families answer a fault of its shape, by aspect and way; the first that the column's kind can take."""
    heavier: ClassVar[str] = ""
    """The family that is offered where single rows sway a node's score."""
    warmed: ClassVar[bool] = False
    """Whether a worker compiles its model before it is asked."""

    def chosen(self, constants: ColumnConstants, all_discrete: bool) -> str:
        """Return why a column of which the user says nothing gets it, in words after "because"; empty if it does not.

        By the data alone, and for one family a column (``core.families.choose``).
        """
        return ""

    def refusal(self, constants: ColumnConstants) -> tuple[str, str] | None:
        """Return why it cannot take a column of a kind that it can, and what to do; None if it can."""
        return None

    def noise(self, aux: Mapping[str, Array], shape: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
        """Draw a unit's own noise, which no parent changes: unless it says otherwise, a quantile."""
        return np.asarray(np.clip(rng.random(shape), 1e-12, 1.0 - 1e-12))

    def respond(self, mean: FloatArray, noise: FloatArray, aux: Mapping[str, Array]) -> FloatArray:
        """Return y of a unit of this noise at this mean: unless it says otherwise, the level at a quantile."""
        if mean.ndim == 3:
            return (noise[..., None] >= np.cumsum(mean, axis=-1)[..., :-1]).sum(axis=-1).astype(np.float64)
        return (noise >= 1.0 - mean).astype(np.float64)

    def drawn(self, mean: FloatArray, noise: FloatArray, aux: Mapping[str, Array]) -> FloatArray:
        """Return the same as :meth:`respond` of noise that was drawn, not found: whichever way is the quicker."""
        return self.respond(mean, noise, aux)

    def chances(self, mean: FloatArray, aux: Mapping[str, Array]) -> Iterator[FloatArray]:
        """Yield the chance of each value of a discrete node at this mean in turn, (S, N); of a count without end."""
        yield from np.moveaxis(mean, -1, 0) if mean.ndim == 3 else (1.0 - mean, mean)

    def noise_of(
        self, y: FloatArray, mean: FloatArray, aux: Mapping[str, Array], rng: np.random.Generator
    ) -> FloatArray:
        """Return the noise of units of which y was seen at this mean: the inverse of :meth:`respond` (abduction).

        Where y and mean decide it (Pearl 2009, 7.1), the noise itself. Else it is known to lie between two ends, and it
        is drawn there, evenly in its quantile: unless a family says otherwise, that of a level among levels in their
        order. Broadcast over y and mean (S, N), or (S, N, K) of levels; ``respond`` gives y back. A level that has no
        probability at this mean has no noise of its own, and that of a neighbour is returned.
        """
        y = np.asarray(y, dtype=np.float64)
        reached = np.cumsum(mean, axis=-1)[..., :-1] if mean.ndim == 3 else 1.0 - mean[..., None]
        level = np.broadcast_to(y, reached.shape[:-1]).astype(np.intp)[..., None]
        ends = np.concatenate([np.zeros_like(reached[..., :1]), reached, np.full_like(reached[..., :1], inf)], axis=-1)
        low, high = (np.take_along_axis(ends, level + more, axis=-1)[..., 0] for more in (0, 1))
        drawn = low + rng.random(low.shape) * (np.minimum(high, 1.0) - low)
        return np.minimum(np.maximum(drawn, low), np.nextafter(high, -inf))

    def pair(
        self, one: FloatArray, other: FloatArray, aux: Mapping[str, Array], rng: np.random.Generator
    ) -> tuple[FloatArray, FloatArray]:
        """Draw y in two worlds, of these means, with as much noise in common as there can be, shape (S, N) each."""
        noise = self.noise(aux, one.shape[:2], rng)
        return self.respond(one, noise, aux), self.respond(other, noise, aux)

    def aux(self, draws: Draws) -> Mapping[str, Array]:
        """Return the numbers beside the predictor, each (S, 1)."""
        return {name: values[:, None] for name, values in draws.items() if values.ndim == 1 and name != "intercept"}

    def priors_said(self) -> str:
        """Return the default priors as docs/families.md has them."""
        return "; ".join(f"{one.prior}: {_said(one, self.links[0])}" for one in self.declared)

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

    def first_slope(self, k: int) -> int:
        """Return where the slopes begin in an unconstrained vector, in which each stands as it is."""
        raise NotImplementedError(self.name)

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


def _said(parameter: Parameter, link: str) -> str:
    numbers = [f"{value:g}" for _, value in parameter.default.parameters]
    if parameter.name == "intercept" and link == "log":
        numbers[0] = "log mean y"
    if parameter.name == "intercept" and link == "logit":
        numbers[1] = "1.5"
    if parameter.default.distribution == "Dirichlet":
        numbers[0] = f"equivalent_sample_size {numbers[0]}"
    return f"{parameter.default.distribution}({', '.join(numbers)})"
