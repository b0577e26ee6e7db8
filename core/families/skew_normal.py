"""SkewNormal: a linear predictor with lopsided noise, on standardised y."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from core.families.base import Draws, FloatArray, Priors
from core.families.distributions import LOG_2PI
from core.families.linear import Aux, LinearFamily
from core.families.meaning import ADDED
from core.families.namespace import NUMPY, Array, Namespace
from core.families.parameter import Parameter, prior_of
from core.families.refusals import no_spread
from core.families.special import normal_hazard

if TYPE_CHECKING:
    from core.data.constants import ColumnConstants
    from core.families.sampled import Free, Numbers

__all__ = ["SkewNormal", "skew_noise"]

SMALLEST = np.finfo(np.float64).tiny
FARTHEST = 1e200  # of residuals: squared it overflows and the density is 0, multiplied by alpha it does not


class SkewNormal(LinearFamily):
    """``y = eta + sigma * z`` with density ``2 phi(z) Phi(alpha z)`` of z (Azzalini 1985).

    ``eta`` is the location (``mu`` of PyMC, ``loc`` of scipy), not the mean: the mean is
    ``eta + sigma * delta * sqrt(2 / pi)`` with ``delta = alpha / sqrt(1 + alpha^2)``. What is
    added is the same in every row, so a slope is the change of either. ``sigma`` is the
    scale, and ``alpha`` bends to the right (positive) or left; 0 is the Normal.

    Location, scale and alpha are tied into a bend by any data. So the unconstrained space is
    the centred one of Azzalini: the intercept of the mean, slopes, the logarithm of the noise's
    standard deviation, alpha. The priors stay those of location and scale.
    """

    name = "SkewNormal"
    links = ("identity",)
    meanings = (ADDED,)
    kinds = ("real", "positive", "proportion", "count")
    column = "a number"
    says = (
        "lopsided noise, on standardised y; eta is the location, the mean is eta + sigma * delta * sqrt(2/pi), "
        "delta = alpha / sqrt(1 + alpha^2)"
    )
    words = "a bell curve that leans to one side, with a longer tail there"
    offered = MappingProxyType({"real": 3, "positive": 6})
    response = "identity"
    several_modes = True
    lopsided = True
    remedies = MappingProxyType({("tails", "heavy"): ("StudentT",), ("spread", "grows"): ("LogNormal",)})
    heavier = "StudentT"
    auxiliaries = (
        Parameter("sigma", prior_of("HalfNormal", sigma=1.0), in_units=True),
        Parameter("alpha", prior_of("Normal", mu=0.0, sigma=4.0), support="real", least=-math.inf),
    )
    own_density = True  # PyMC's takes the logarithm of 1 + erf, which rounds to 0 in one tail

    def log_density(self, xp: Namespace, y: Array, eta: Array, aux: Aux, link: str) -> Array:
        """See :meth:`LinearFamily.log_density`."""
        residual, sigma = _residual(xp, y, eta, aux)
        return math.log(2.0) - 0.5 * (residual**2 + LOG_2PI) - xp.log(sigma) + xp.log_ndtr(aux["alpha"] * residual)

    def score(self, y: FloatArray, eta: FloatArray, aux: Aux, link: str) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """See :meth:`LinearFamily.score`."""
        residual, sigma = _residual(NUMPY, y, eta, aux)
        alpha = aux["alpha"]
        hazard = normal_hazard(alpha * residual)
        pull = residual - alpha * hazard  # minus the derivative with respect to the residual
        return pull / sigma, (pull * residual - 1.0, residual * hazard)

    def expectation(self, eta: FloatArray, aux: Aux, link: str) -> FloatArray:
        """See :meth:`LinearFamily.expectation`."""
        alpha = aux["alpha"]
        return eta + aux["sigma"] * alpha / np.hypot(1.0, alpha) * math.sqrt(2.0 / math.pi)

    def draw(self, eta: FloatArray, aux: Aux, link: str, rng: np.random.Generator) -> FloatArray:
        """See :meth:`LinearFamily.draw`."""
        return eta + aux["sigma"] * skew_noise(aux["alpha"], eta.shape, rng)

    def noise(self, aux: Aux, shape: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
        """See :meth:`Family.noise`: about the mean."""
        zero = np.zeros(shape)
        return self.draw(zero, aux, self.links[0], rng) - self.expectation(zero, aux, self.links[0])

    def respond(self, mean: FloatArray, noise: FloatArray, aux: Aux) -> FloatArray:
        """See :meth:`Family.respond`."""
        return mean + noise

    def noise_of(self, y: FloatArray, mean: FloatArray, aux: Aux, rng: np.random.Generator) -> FloatArray:
        """See :meth:`Family.noise_of`."""
        return np.asarray(y - mean)

    def tails(self, y: FloatArray, eta: FloatArray, aux: Aux) -> tuple[FloatArray, FloatArray]:
        """See :meth:`LinearFamily.tails`."""
        from scipy.special import ndtr, owens_t

        r = (y - eta) / aux["sigma"]
        part = 2.0 * owens_t(r, aux["alpha"])
        return np.maximum(ndtr(r) - part, 1e-16), np.maximum(ndtr(-r) + part, 1e-16)

    def refusal(self, constants: ColumnConstants) -> tuple[str, str] | None:
        """See :meth:`Family.refusal`."""
        return no_spread(self.name, constants)

    def pymc(self, xp: Namespace, eta: Array, aux: Aux, link: str) -> tuple[str, dict[str, Array]]:
        """See :meth:`Family.pymc`."""
        return "SkewNormal", {"mu": eta, "sigma": aux["sigma"], "alpha": aux["alpha"]}

    # -- the centred space; its map to (intercept, slopes, log sigma, alpha) keeps volumes --

    def constrain(self, theta: FloatArray, p: int, k: int) -> Draws:
        """See :meth:`Family.constrain`."""
        alpha = theta[:, 2 + p]
        shift, shrink, _, _ = _noise(alpha)
        sigma = self.auxiliaries[0].at(theta[:, 1 + p]) / shrink
        return {
            "intercept": theta[:, 0] - sigma * shift,
            "slopes": theta[:, 1 : 1 + p],
            "sigma": sigma,
            "alpha": alpha,
        }

    def unconstrain(self, draws: Draws) -> FloatArray:
        """See :meth:`Family.unconstrain`."""
        shift, shrink, _, _ = _noise(draws["alpha"])
        sigma = np.maximum(draws["sigma"], SMALLEST)
        mean = draws["intercept"] + sigma * shift
        return np.column_stack([mean, draws["slopes"], np.log(sigma * shrink), draws["alpha"]])

    def log_likelihood_gradient(
        self, theta: FloatArray, y: FloatArray, x: FloatArray, weights: FloatArray, link: str, k: int
    ) -> tuple[FloatArray, FloatArray]:
        """See :meth:`Family.log_likelihood_gradient`."""
        value, gradient = super().log_likelihood_gradient(theta, y, x, weights, link, k)
        return value, self._pull_back(theta, gradient, x.shape[1], k)

    def log_prior(self, theta: FloatArray, priors: Priors, p: int, k: int) -> FloatArray:
        """See :meth:`Family.log_prior`."""
        return super().log_prior(self._located(theta, p, k), priors, p, k)

    def log_prior_gradient(self, theta: FloatArray, priors: Priors, p: int, k: int) -> FloatArray:
        """See :meth:`Family.log_prior_gradient`."""
        gradient = super().log_prior_gradient(self._located(theta, p, k), priors, p, k)
        return self._pull_back(theta, gradient, p, k)

    def sampled(self, xp: Namespace, free: Free, numbers: Numbers, p: int, k: int) -> Aux:
        """See :meth:`Family.sampled`: the centred parameters.

        ``z[0]`` and ``spread`` stand for the intercept of the mean and the noise's standard
        deviation; the priors of location and scale follow as terms.
        """
        # The coefficients of the mean's predictor, of which the first is moved below.
        coefficients = numbers.coefficients(xp, free, 1 + p)
        z = (coefficients[..., 0] - numbers.mu[0]) / numbers.sigma[0]
        spread = free.variable("spread", "HalfFlat")
        alpha = free.variable("alpha", "Normal", **numbers.others["alpha"])
        shift = math.sqrt(2.0 / math.pi) * alpha / xp.sqrt(1.0 + alpha**2)
        sigma = spread / xp.sqrt(1.0 - shift**2)
        located = z - sigma * shift / numbers.sigma[0]
        free.term("of_location", 0.5 * (z**2 - located**2))
        # The half-normal density of log sigma, which is that of log spread, less the Jacobian that PyMC adds.
        scale = numbers.others["sigma"]["sigma"]
        of_sigma = 0.5 * (math.log(2.0 / math.pi) - (sigma / scale) ** 2) - xp.log(scale)
        free.term("of_scale", of_sigma + xp.log(sigma) - xp.log(spread))
        return {
            "intercept": numbers.mu[0] + numbers.sigma[0] * located,
            "slopes": coefficients[..., 1:],
            "sigma": sigma,
            "alpha": alpha,
        }

    def free_values(self, draws: Draws, numbers: Numbers) -> Draws:
        """See :meth:`Family.free_values`."""
        theta = self.unconstrain(draws)
        n = theta.shape[1] - 2
        return {**numbers.free_coefficients(theta[:, :n]), "spread": np.exp(theta[:, n]), "alpha": theta[:, n + 1]}

    def _located(self, theta: FloatArray, p: int, k: int) -> FloatArray:
        """Return (intercept, slopes, log sigma, alpha), shape (S, D)."""
        return super().unconstrain(self.constrain(theta, p, k))

    def _pull_back(self, theta: FloatArray, gradient: FloatArray, p: int, k: int) -> FloatArray:
        """Turn derivatives by (intercept, slopes, log sigma, alpha) into those by ``theta``."""
        sigma = self.constrain(theta, p, k)["sigma"]
        shift, shrink, steeper, narrower = _noise(theta[:, 2 + p])
        by_intercept, by_log_sigma = gradient[:, 0], gradient[:, 1 + p]
        widened = -narrower / shrink  # of log sigma by alpha, at the same standard deviation
        found = gradient.copy()
        with np.errstate(over="ignore", invalid="ignore"):
            found[:, 1 + p] = by_log_sigma - by_intercept * sigma * shift
            found[:, 2 + p] += by_log_sigma * widened - by_intercept * sigma * (steeper + shift * widened)
        return found


def _noise(alpha: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return mean and standard deviation of z, then the derivatives of either by alpha, each (S,)."""
    delta, squared = alpha / np.sqrt(1.0 + alpha**2), 2.0 / math.pi
    by_alpha = (1.0 + alpha**2) ** -1.5
    spread = np.sqrt(1.0 - squared * delta**2)
    root = math.sqrt(squared)
    return root * delta, spread, root * by_alpha, -squared * delta * by_alpha / spread


def _residual(xp: Namespace, y: Array, eta: Array, aux: Aux) -> tuple[Array, Array]:
    """Return standardised residuals and sigma."""
    sigma = xp.maximum(aux["sigma"], SMALLEST)
    return xp.minimum(xp.maximum((y - eta) / sigma, -FARTHEST), FARTHEST), sigma


def skew_noise(alpha: FloatArray, shape: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
    """Draw z: ``delta |u| + sqrt(1 - delta^2) v`` with independent standard Normal u and v."""
    length = np.hypot(1.0, alpha)
    return (alpha * np.abs(rng.standard_normal(shape)) + rng.standard_normal(shape)) / length
