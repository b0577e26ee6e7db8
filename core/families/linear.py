"""What all families with one linear predictor share: intercept, slopes, and a few more numbers.

``eta = intercept + X @ slopes``. Beside these a family may have auxiliary parameters
(:class:`Auxiliary`), each a function of the quantity that carries the prior: ``sigma`` is
the root of ``variance``, ``nu`` is 2 plus ``nu_minus_2``. On the unconstrained space the
order is intercept, slopes, then one coordinate for each such quantity.

The prior of intercept and slopes is Normal(mu, sigma); with ``relative`` 1, which only
the Normal families know, its standard deviation is ``sigma`` times the residual one.
"""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from core.families.base import Draws, Family, FloatArray, Priors
from core.families.distributions import LOG_2PI, draw, log_density, log_density_slope
from core.families.special import expit, log_expit
from core.hypothesis import Prior

__all__ = ["Auxiliary", "LinearFamily", "linear_predictor"]


FARTHEST = 690.0  # exp of it is still a number, and so is its inverse
SMALLEST = np.finfo(np.float64).tiny
LARGEST_SHARE = 1.0 - np.finfo(np.float64).epsneg


def _same(value: FloatArray) -> FloatArray:
    return value


@dataclass(frozen=True)
class Auxiliary:
    """A parameter ``name``, computed from ``prior``, the quantity that has a prior.

    ``support`` is the quantity's: ``"positive"`` (its coordinate is the logarithm), ``"unit"``
    (between 0 and 1, the logit) or ``"real"`` (itself).
    """

    name: str
    prior: str
    forward: Callable[[FloatArray], FloatArray] = _same
    backward: Callable[[FloatArray], FloatArray] = _same
    support: Literal["positive", "unit", "real"] = "positive"

    def quantity(self, coordinate: FloatArray) -> FloatArray:
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


def linear_predictor(intercept: FloatArray, slopes: FloatArray, x: FloatArray) -> FloatArray:
    """Return ``intercept + x @ slopes``, shape (S, N), for ``x`` of shape (N, p) or (S, N, p)."""
    if x.ndim == 2:
        return intercept[:, None] + slopes @ x.T
    return intercept[:, None] + np.einsum("snp,sp->sn", x, slopes)


class LinearFamily(Family):
    """A family with one linear predictor; subclasses say what happens at the end of it."""

    auxiliaries: ClassVar[tuple[Auxiliary, ...]] = ()
    relative: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        cls.prior_names = ("intercept", "slopes", *(extra.prior for extra in cls.auxiliaries))

    # -- what a subclass says -------------------------------------------------------

    @abstractmethod
    def log_density(self, y: FloatArray, eta: FloatArray, draws: Draws, link: str) -> FloatArray:
        """Return the log density of ``y`` (N,) at predictors ``eta`` (S, N), shape (S, N)."""

    @abstractmethod
    def expectation(self, eta: FloatArray, draws: Draws, link: str) -> FloatArray:
        """Return E[y] at predictors ``eta``, shape (S, N)."""

    @abstractmethod
    def draw(self, eta: FloatArray, draws: Draws, link: str, rng: np.random.Generator) -> FloatArray:
        """Draw y at predictors ``eta``, shape (S, N)."""

    @abstractmethod
    def score(
        self, y: FloatArray, eta: FloatArray, draws: Draws, link: str
    ) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """Return the derivatives of :meth:`log_density`, each of shape (S, N).

        First with respect to ``eta``; then, for each of ``auxiliaries`` in order, with respect to
        the unconstrained coordinate of the quantity that carries its prior (the logarithm
        of ``variance`` for the Normal's sigma).
        """

    # -- the family -----------------------------------------------------------------

    def parameters(self, p: int, k: int) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """See :meth:`Family.parameters`."""
        return (("intercept", ()), ("slopes", (p,)), *((extra.name, ()) for extra in self.auxiliaries))

    def predictor(self, draws: Draws, x: FloatArray) -> FloatArray:
        """Return the linear predictor, shape (S, N)."""
        return linear_predictor(draws["intercept"], draws["slopes"], x)

    def log_likelihood(self, draws: Draws, y: FloatArray, x: FloatArray, link: str) -> FloatArray:
        """See :meth:`Family.log_likelihood`."""
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            return self.log_density(y, self.predictor(draws, x), draws, link)

    def mean(self, draws: Draws, x: FloatArray, link: str) -> FloatArray:
        """See :meth:`Family.mean`."""
        with np.errstate(over="ignore", under="ignore"):
            return self.expectation(self.predictor(draws, x), draws, link)

    def sample(self, draws: Draws, x: FloatArray, link: str, rng: np.random.Generator) -> FloatArray:
        """See :meth:`Family.sample`."""
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            return self.draw(self.predictor(draws, x), draws, link, rng)

    def log_likelihood_gradient(
        self, theta: FloatArray, y: FloatArray, x: FloatArray, weights: FloatArray, link: str, k: int
    ) -> tuple[FloatArray, FloatArray]:
        """See :meth:`Family.log_likelihood_gradient`."""
        p = x.shape[1]
        draws = self.constrain(theta, p, k)
        gradient = np.empty_like(theta)
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            eta = self.predictor(draws, x)
            value = self.log_density(y, eta, draws, link) @ weights
            by_eta, others = self.score(y, eta, draws, link)
            by_eta = by_eta * weights
            gradient[:, 0] = by_eta.sum(axis=1)
            gradient[:, 1 : 1 + p] = by_eta @ x
            for column, by_coordinate in enumerate(others, 1 + p):
                gradient[:, column] = by_coordinate @ weights
        return value, gradient

    # -- priors ---------------------------------------------------------------------

    def dimension(self, p: int, k: int) -> int:
        """See :meth:`Family.dimension`."""
        return 1 + p + len(self.auxiliaries)

    def constrain(self, theta: FloatArray, p: int, k: int) -> Draws:
        """See :meth:`Family.constrain`."""
        found = {"intercept": theta[:, 0], "slopes": theta[:, 1 : 1 + p]}
        for column, extra in enumerate(self.auxiliaries, 1 + p):
            found[extra.name] = extra.forward(extra.quantity(theta[:, column]))
        return found

    def unconstrain(self, draws: Draws) -> FloatArray:
        """See :meth:`Family.unconstrain`."""
        rest = [extra.coordinate(extra.backward(draws[extra.name])) for extra in self.auxiliaries]
        return np.column_stack([draws["intercept"], draws["slopes"], *rest])

    def log_prior(self, theta: FloatArray, priors: Priors, p: int, k: int) -> FloatArray:
        """See :meth:`Family.log_prior`."""
        total = np.zeros(len(theta))
        for column, extra in enumerate(self.auxiliaries, 1 + p):
            at = theta[:, column]
            total += log_density(priors[extra.prior], extra.quantity(at)) + extra.log_jacobian(at)
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
            slope = log_density_slope(priors[extra.prior], extra.quantity(at))
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
        quantities = {extra.prior: draw(priors[extra.prior], draws, rng) for extra in self.auxiliaries}
        unit = np.sqrt(quantities["variance"]) if self.relative else np.ones(draws)
        coefficients = np.empty((draws, 1 + p))
        for column, prior in enumerate(coefficient_priors(priors, p)):
            numbers = dict(prior.parameters)
            sd = numbers["sigma"] * unit ** numbers.get("relative", 0.0)
            coefficients[:, column] = numbers["mu"] + sd * rng.standard_normal(draws)
        found = {"intercept": coefficients[:, 0], "slopes": coefficients[:, 1:]}
        return found | {extra.name: extra.forward(quantities[extra.prior]) for extra in self.auxiliaries}


def coefficient_priors(priors: Priors, p: int) -> tuple[Prior, ...]:
    """Return the priors of the intercept and of each slope, in the order of the coefficients."""
    return (priors["intercept"], *(priors[f"slopes[{j}]"] for j in range(p)))
