"""What all families with one linear predictor share: intercept, slopes, and a few positive numbers.

``eta = intercept + X @ slopes``. Beside these a family may have positive parameters
(:class:`Positive`), each a function of the quantity that carries the prior: ``sigma`` is
the root of ``variance``, ``nu`` is 2 plus ``nu_minus_2``. On the unconstrained space the
order is intercept, slopes, then the logarithm of each such quantity.

The prior of intercept and slopes is Normal(mu, sigma); with ``relative`` 1, which only
the Normal families know, its standard deviation is ``sigma`` times the residual one.
"""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from core.families.base import Draws, Family, FloatArray, Priors
from core.families.distributions import LOG_2PI, draw, log_density
from core.hypothesis import Prior

__all__ = ["LinearFamily", "Positive", "linear_predictor"]


def _same(value: FloatArray) -> FloatArray:
    return value


@dataclass(frozen=True)
class Positive:
    """A positive parameter ``name``, computed from ``prior``, the quantity that has a prior."""

    name: str
    prior: str
    forward: Callable[[FloatArray], FloatArray] = _same
    backward: Callable[[FloatArray], FloatArray] = _same


def linear_predictor(intercept: FloatArray, slopes: FloatArray, x: FloatArray) -> FloatArray:
    """Return ``intercept + x @ slopes``, shape (S, N), for ``x`` of shape (N, p) or (S, N, p)."""
    if x.ndim == 2:
        return intercept[:, None] + slopes @ x.T
    return intercept[:, None] + np.einsum("snp,sp->sn", x, slopes)


class LinearFamily(Family):
    """A family with one linear predictor; subclasses say what happens at the end of it."""

    positives: ClassVar[tuple[Positive, ...]] = ()
    relative: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        cls.prior_names = ("intercept", "slopes", *(positive.prior for positive in cls.positives))

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

    # -- the family -----------------------------------------------------------------

    def parameters(self, p: int, k: int) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """See :meth:`Family.parameters`."""
        return (("intercept", ()), ("slopes", (p,)), *((positive.name, ()) for positive in self.positives))

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

    # -- priors ---------------------------------------------------------------------

    def dimension(self, p: int, k: int) -> int:
        """See :meth:`Family.dimension`."""
        return 1 + p + len(self.positives)

    def constrain(self, theta: FloatArray, p: int, k: int) -> Draws:
        """See :meth:`Family.constrain`."""
        found = {"intercept": theta[:, 0], "slopes": theta[:, 1 : 1 + p]}
        for column, positive in enumerate(self.positives, 1 + p):
            found[positive.name] = positive.forward(np.exp(theta[:, column]))
        return found

    def unconstrain(self, draws: Draws) -> FloatArray:
        """See :meth:`Family.unconstrain`."""
        logs = [np.log(positive.backward(draws[positive.name])) for positive in self.positives]
        return np.column_stack([draws["intercept"], draws["slopes"], *logs])

    def log_prior(self, theta: FloatArray, priors: Priors, p: int, k: int) -> FloatArray:
        """See :meth:`Family.log_prior`."""
        total = np.zeros(len(theta))
        for column, positive in enumerate(self.positives, 1 + p):
            logs = theta[:, column]
            total += log_density(priors[positive.prior], np.exp(logs)) + logs
        unit_log = 0.5 * theta[:, 1 + p] if self.relative else np.zeros(len(theta))
        for column, prior in enumerate(coefficient_priors(priors, p)):
            numbers = dict(prior.parameters)
            log_sd = np.log(numbers["sigma"]) + numbers.get("relative", 0.0) * unit_log
            total += -0.5 * ((theta[:, column] - numbers["mu"]) * np.exp(-log_sd)) ** 2 - log_sd - 0.5 * LOG_2PI
        return total

    def sample_prior(self, priors: Priors, p: int, k: int, draws: int, rng: np.random.Generator) -> Draws:
        """See :meth:`Family.sample_prior`."""
        quantities = {positive.prior: draw(priors[positive.prior], draws, rng) for positive in self.positives}
        unit = np.sqrt(quantities["variance"]) if self.relative else np.ones(draws)
        coefficients = np.empty((draws, 1 + p))
        for column, prior in enumerate(coefficient_priors(priors, p)):
            numbers = dict(prior.parameters)
            sd = numbers["sigma"] * unit ** numbers.get("relative", 0.0)
            coefficients[:, column] = numbers["mu"] + sd * rng.standard_normal(draws)
        found = {"intercept": coefficients[:, 0], "slopes": coefficients[:, 1:]}
        return found | {positive.name: positive.forward(quantities[positive.prior]) for positive in self.positives}


def coefficient_priors(priors: Priors, p: int) -> tuple[Prior, ...]:
    """Return the priors of the intercept and of each slope, in the order of the coefficients."""
    return (priors["intercept"], *(priors[f"slopes[{j}]"] for j in range(p)))
