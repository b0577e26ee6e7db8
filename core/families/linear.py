"""What all families with one linear predictor share: intercept, slopes, and a few more numbers.

``eta = intercept + X @ slopes``. Beside these a family may have auxiliary parameters
(:class:`core.families.parameter.Parameter`), each a function of the quantity that carries the
prior: ``sigma`` is the root of ``variance``, ``nu`` is 2 plus ``nu_minus_2``. On the unconstrained
space the order is intercept, slopes, then one coordinate for each such quantity.

The prior of intercept and slopes is Normal(mu, sigma); with ``relative`` 1, which only
the Normal families know, its standard deviation is ``sigma`` times the residual one.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from core.families.base import Draws, Family, FloatArray, NamedPriors, Priors
from core.families.distributions import LOG_2PI, draw, log_density, log_density_slope
from core.families.namespace import NUMPY, Array, Namespace
from core.families.parameter import FARTHEST, INTERCEPT, SLOPES, Parameter, prior_of
from core.hypothesis import Prior

if TYPE_CHECKING:
    from core.data.constants import ColumnConstants
    from core.families.sampled import Free, Numbers

__all__ = ["Aux", "LinearFamily", "linear_predictor"]

Aux = Mapping[str, Array]
"""The parameters beside the predictor, ready to broadcast: (S, 1) in numpy, scalars in PyTensor."""


def linear_predictor(intercept: FloatArray, slopes: FloatArray, x: FloatArray) -> FloatArray:
    """Return ``intercept + x @ slopes``, shape (S, N), for ``x`` of shape (N, p) or (S, N, p)."""
    if x.ndim == 2:
        return intercept[:, None] + slopes @ x.T
    return intercept[:, None] + np.einsum("snp,sp->sn", x, slopes)


class LinearFamily(Family):
    """A family with one linear predictor; subclasses say what happens at the end of it."""

    auxiliaries: ClassVar[tuple[Parameter, ...]] = ()

    # -- what a subclass says -------------------------------------------------------

    @abstractmethod
    def log_density(self, xp: Namespace, y: Array, eta: Array, aux: Aux, link: str) -> Array:
        """Return the log density of ``y`` (N,) at predictors ``eta`` (S, N), less :meth:`count_constant`."""

    @abstractmethod
    def expectation(self, eta: FloatArray, aux: Aux, link: str) -> FloatArray:
        """Return E[y] at predictors ``eta``, shape (S, N)."""

    @abstractmethod
    def draw(self, eta: FloatArray, aux: Aux, link: str, rng: np.random.Generator) -> FloatArray:
        """Draw y at predictors ``eta``, shape (S, N)."""

    @abstractmethod
    def score(self, y: FloatArray, eta: FloatArray, aux: Aux, link: str) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """Return the derivatives of the whole log density, each of shape (S, N).

        First with respect to ``eta``; then, for each of ``auxiliaries`` in order, with respect to
        the unconstrained coordinate of the quantity that carries its prior (the logarithm
        of ``variance`` for the Normal's sigma).
        """

    def tails(self, y: FloatArray, eta: FloatArray, aux: Aux) -> tuple[FloatArray, FloatArray]:
        """Return P(Y < y) and P(Y > y), of a continuous family; neither as 1 less the other, which loses digits."""
        raise NotImplementedError(self.name)

    def predictor_of_mean(self, mean: float, rows: float, link: str) -> float | None:
        """Return the predictor of the mean of so many y, where a mode is looked for; None if the link does not say."""
        match link:
            case "identity":
                return mean
            case "log":
                return float(np.log(mean if mean > 0 else 0.5 / rows))
            case "logit" | "probit":
                share = (mean * rows + 0.5) / (rows + 1.0)
                return float(np.log(share / (1.0 - share))) * (1.0 if link == "logit" else 0.6)
        return None

    # -- the family -----------------------------------------------------------------

    @property
    def declared(self) -> tuple[Parameter, ...]:
        """See :attr:`Family.declared`."""
        return (INTERCEPT, SLOPES, *self.auxiliaries)

    def aux(self, draws: Draws) -> Aux:
        """Return the parameters beside the predictor, each (S, 1)."""
        return {extra.name: draws[extra.name][:, None] for extra in self.auxiliaries}

    def predictor(self, draws: Draws, x: FloatArray) -> FloatArray:
        """Return the linear predictor, shape (S, N)."""
        return linear_predictor(draws["intercept"], draws["slopes"], x)

    def whole_log_density(self, y: FloatArray, eta: FloatArray, aux: Aux, link: str) -> FloatArray:
        """Return the log density in numpy, shape (S, N), with what the value alone decides once a distinct value."""
        found: FloatArray = self.log_density(NUMPY, y, eta, aux, link)
        if self.is_count and not self.auxiliaries:  # the same under every draw: no need to look for what repeats
            found += self.count_constant(NUMPY, y, aux)
        elif self.is_count:
            values, place = _distinct(y)
            found += self.count_constant(NUMPY, values, aux)[..., place]
        return found

    def log_likelihood(self, draws: Draws, y: FloatArray, x: FloatArray, link: str) -> FloatArray:
        """See :meth:`Family.log_likelihood`."""
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            return self.whole_log_density(y, self.predictor(draws, x), self.aux(draws), link)

    def mean(self, draws: Draws, x: FloatArray, link: str) -> FloatArray:
        """See :meth:`Family.mean`."""
        with np.errstate(over="ignore", under="ignore"):
            return self.expectation(self.predictor(draws, x), self.aux(draws), link)

    def sample(self, draws: Draws, x: FloatArray, link: str, rng: np.random.Generator) -> FloatArray:
        """See :meth:`Family.sample`."""
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            return self.draw(self.predictor(draws, x), self.aux(draws), link, rng)

    def log_likelihood_gradient(
        self, theta: FloatArray, y: FloatArray, x: FloatArray, weights: FloatArray, link: str, k: int
    ) -> tuple[FloatArray, FloatArray]:
        """See :meth:`Family.log_likelihood_gradient`."""
        p = x.shape[1]
        draws = self.constrain(theta, p, k)
        aux = self.aux(draws)
        gradient = np.empty_like(theta)
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            eta = self.predictor(draws, x)
            value = self.whole_log_density(y, eta, aux, link) @ weights
            by_eta, others = self.score(y, eta, aux, link)
            by_eta = by_eta * weights
            gradient[:, 0] = by_eta.sum(axis=1)
            gradient[:, 1 : 1 + p] = by_eta @ x
            for column, by_coordinate in enumerate(others, 1 + p):
                gradient[:, column] = by_coordinate @ weights
        return value, gradient

    # -- priors ---------------------------------------------------------------------

    def default_priors(
        self, link: str, constants: ColumnConstants, p: int, t: float, of_columns: Sequence[float]
    ) -> NamedPriors:
        """See :meth:`Family.default_priors`; the intercept's is that of the link."""
        (name, _), *rest = super().default_priors(link, constants, p, t, of_columns)
        return ((name, _intercept_prior(link, constants)), *rest)

    def dimension(self, p: int, k: int) -> int:
        """See :meth:`Family.dimension`."""
        return 1 + p + len(self.auxiliaries)

    def first_slope(self, k: int) -> int:
        """See :meth:`Family.first_slope`: after the intercept."""
        return 1

    def constrain(self, theta: FloatArray, p: int, k: int) -> Draws:
        """See :meth:`Family.constrain`."""
        found = {"intercept": theta[:, 0], "slopes": theta[:, 1 : 1 + p]}
        for column, extra in enumerate(self.auxiliaries, 1 + p):
            found[extra.name] = extra.forward(NUMPY, extra.at(theta[:, column]))
        return found

    def unconstrain(self, draws: Draws) -> FloatArray:
        """See :meth:`Family.unconstrain`."""
        rest = [extra.coordinate(extra.backward(NUMPY, draws[extra.name])) for extra in self.auxiliaries]
        return np.column_stack([draws["intercept"], draws["slopes"], *rest])

    def log_prior(self, theta: FloatArray, priors: Priors, p: int, k: int) -> FloatArray:
        """See :meth:`Family.log_prior`."""
        total = np.zeros(len(theta))
        for column, extra in enumerate(self.auxiliaries, 1 + p):
            at = theta[:, column]
            total += log_density(priors[extra.prior], extra.at(at)) + extra.log_jacobian(at)
        unit_log = 0.5 * theta[:, 1 + p] if self.relative else np.zeros(len(theta))
        for column, prior in enumerate(coefficient_priors(priors, p)):
            numbers = dict(prior.parameters)
            log_sd = np.log(numbers["sigma"]) + numbers.get("relative", 0.0) * unit_log
            total += -0.5 * ((theta[:, column] - numbers["mu"]) * np.exp(-log_sd)) ** 2 - log_sd - 0.5 * LOG_2PI
        return total

    def log_prior_gradient(self, theta: FloatArray, priors: Priors, p: int, k: int) -> FloatArray:
        """See :meth:`Family.log_prior_gradient`."""
        gradient = np.zeros_like(theta)
        for column, extra in enumerate(self.auxiliaries, 1 + p):
            at = theta[:, column]
            slope = log_density_slope(priors[extra.prior], extra.at(at))
            with np.errstate(over="ignore"):
                by_coordinate = slope * np.exp(np.minimum(extra.log_jacobian(at), FARTHEST))
            gradient[:, column] = by_coordinate + extra.log_jacobian_slope(at)
        for column, prior in enumerate(coefficient_priors(priors, p)):
            numbers = dict(prior.parameters)
            relative = numbers.get("relative", 0.0)
            sd = numbers["sigma"] * (np.exp(0.5 * relative * theta[:, 1 + p]) if relative else 1.0)
            distance = (theta[:, column] - numbers["mu"]) / sd
            gradient[:, column] = -distance / sd
            if relative:  # the residual variance is the first auxiliary, and the prior's scale its root
                gradient[:, 1 + p] += 0.5 * relative * (distance**2 - 1.0)
        return gradient

    def sample_prior(self, priors: Priors, p: int, k: int, draws: int, rng: np.random.Generator) -> Draws:
        """See :meth:`Family.sample_prior`."""
        found = {extra.name: extra.forward(NUMPY, draw(priors[extra.prior], draws, rng)) for extra in self.auxiliaries}
        unit = found[self.auxiliaries[0].name] if self.relative else np.ones(draws)
        coefficients = np.empty((draws, 1 + p))
        for column, prior in enumerate(coefficient_priors(priors, p)):
            numbers = dict(prior.parameters)
            sd = numbers["sigma"] * unit ** numbers.get("relative", 0.0)
            coefficients[:, column] = numbers["mu"] + sd * rng.standard_normal(draws)
        return {"intercept": coefficients[:, 0], "slopes": coefficients[:, 1:], **found}

    # -- for PyMC ---------------------------------------------------------------------

    def sampled(self, xp: Namespace, free: Free, numbers: Numbers, p: int, k: int) -> Mapping[str, Array]:
        """See :meth:`Family.sampled`: ``z`` of unit spread, and every other quantity as it is."""
        others = {}
        for extra in self.auxiliaries:
            made = free.variable(extra.prior, extra.default.distribution, **numbers.others[extra.prior])
            others[extra.name] = extra.forward(xp, made)
        spread: Array = 1.0
        if self.relative:  # in units of the residual standard deviation, the first auxiliary
            spread = numbers.relative * others[self.auxiliaries[0].name][..., None] + (1.0 - numbers.relative)
        coefficients = numbers.coefficients(xp, free, 1 + p, spread)
        return {"intercept": coefficients[..., 0], "slopes": coefficients[..., 1:], **others}

    def free_values(self, draws: Draws, numbers: Numbers) -> Draws:
        """See :meth:`Family.free_values`."""
        coefficients = np.column_stack([draws["intercept"], draws["slopes"]])
        others = {extra.prior: extra.backward(NUMPY, draws[extra.name]) for extra in self.auxiliaries}
        return {**numbers.free_coefficients(coefficients), **others}

    def row_density(self, xp: Namespace, y: Array, x: Array | None, at: Aux, link: str, k: int) -> Array:
        """See :meth:`Family.row_density`."""
        eta = at["intercept"] if x is None else at["intercept"] + x @ at["slopes"]
        return self.log_density(xp, y, eta, at, link)


def _distinct(y: FloatArray) -> tuple[FloatArray, NDArray[np.intp]]:
    """Return the distinct values, and which of them each is; quickly if they come in order, as those of a target do."""
    rises = np.diff(y)
    if not (rises >= 0).all():
        values, place = np.unique(y, return_inverse=True)
        return values, place
    place = np.concatenate([[0], np.cumsum(rises > 0)])[: len(y)]
    return y[np.flatnonzero(np.diff(place, prepend=-1))], place


def _intercept_prior(link: str, constants: ColumnConstants) -> Prior:
    if link == "log":
        # A column of zeros only has no log-mean of its own; half an event stands for it.
        return prior_of("Normal", mu=math.log(constants.mean if constants.mean > 0 else 0.5), sigma=1.0)
    return prior_of("Normal", mu=0.0, sigma=1.0 if link == "identity" else 1.5)


def coefficient_priors(priors: Priors, p: int) -> tuple[Prior, ...]:
    """Return the priors of the intercept and of each slope, in the order of the coefficients."""
    return (priors["intercept"], *(priors[f"slopes[{j}]"] for j in range(p)))
