"""The distributions that a prior can have: log density and draws, in numpy.

Only what the default priors need (STATISTICS, "Models"); a user can change the numbers
of a prior, not its kind.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from core.families.base import FloatArray
from core.hypothesis import Prior

__all__ = ["DISTRIBUTIONS", "Distribution", "draw", "log_density", "log_density_slope"]

LOG_2PI = math.log(2 * math.pi)


@dataclass(frozen=True)
class Distribution:
    """One distribution, with its parameters' names in order.

    ``positive`` names the parameters that must be above 0; ``optional`` those that may be
    left out, with what they are then.
    """

    name: str
    parameters: tuple[str, ...]
    positive: tuple[str, ...]
    optional: Mapping[str, float] = field(default_factory=dict)

    @property
    def example(self) -> str:
        """How it is written: ``Normal(mu, sigma)``."""
        return f"{self.name}({', '.join(self.parameters)})"


DISTRIBUTIONS: Mapping[str, Distribution] = {
    distribution.name: distribution
    for distribution in (
        Distribution("Normal", ("mu", "sigma", "relative"), ("sigma",), {"relative": 0.0}),
        # Of a slope whose arrow has a sign: the Normal of the same numbers above 0 (sign 1) or below it (-1).
        Distribution("TruncatedNormal", ("mu", "sigma", "relative", "sign"), ("sigma",), {"relative": 0.0}),
        Distribution("HalfNormal", ("sigma",), ("sigma",)),
        # max(0, Normal(0, sigma)): nothing at all with probability 1/2, HalfNormal(sigma) else.
        Distribution("RectifiedNormal", ("sigma",), ("sigma",)),
        Distribution("LogNormal", ("mu", "sigma"), ("sigma",)),
        Distribution("Gamma", ("alpha", "beta"), ("alpha", "beta")),
        Distribution("Beta", ("alpha", "beta"), ("alpha", "beta")),
        Distribution("InverseGamma", ("alpha", "beta"), ("alpha", "beta")),
        Distribution("ZeroSumNormal", ("sigma",), ("sigma",)),
        Distribution("OrderedNormal", ("mu", "sigma"), ("sigma",)),
        Distribution("Dirichlet", ("equivalent_sample_size",), ("equivalent_sample_size",)),
        # A number that other priors are made of, not a distribution of anything.
        Distribution("Constant", ("value",), ("value",)),
    )
}


def _normal(value: FloatArray, mu: float, sigma: float) -> FloatArray:
    return -0.5 * ((value - mu) / sigma) ** 2 - math.log(sigma) - 0.5 * LOG_2PI


def _half_normal(value: FloatArray, sigma: float) -> FloatArray:
    return math.log(2) + _normal(value, 0.0, sigma)


def _log_normal(value: FloatArray, mu: float, sigma: float) -> FloatArray:
    logs = np.log(value)
    return _normal(logs, mu, sigma) - logs


def _gamma(value: FloatArray, alpha: float, beta: float) -> FloatArray:
    return alpha * math.log(beta) - math.lgamma(alpha) + (alpha - 1) * np.log(value) - beta * value


def _inverse_gamma(value: FloatArray, alpha: float, beta: float) -> FloatArray:
    return alpha * math.log(beta) - math.lgamma(alpha) - (alpha + 1) * np.log(value) - beta / value


def _beta(value: FloatArray, alpha: float, beta: float) -> FloatArray:
    constant = math.lgamma(alpha + beta) - math.lgamma(alpha) - math.lgamma(beta)
    return constant + (alpha - 1) * np.log(value) + (beta - 1) * np.log(_rest(value))


def _rest(value: FloatArray) -> FloatArray:
    """Return 1 - value; of a value that rounds to 1 half the smallest step from it."""
    return np.maximum(1.0 - value, np.finfo(np.float64).epsneg / 2)


_LOG_DENSITY: Mapping[str, Callable[..., FloatArray]] = {
    "Normal": _normal,
    "Beta": _beta,
    "HalfNormal": _half_normal,
    "LogNormal": _log_normal,
    "Gamma": _gamma,
    "InverseGamma": _inverse_gamma,
}


_SLOPE: Mapping[str, Callable[..., FloatArray]] = {
    "Normal": lambda value, mu, sigma: (mu - value) / sigma**2,
    "HalfNormal": lambda value, sigma: -value / sigma**2,
    "LogNormal": lambda value, mu, sigma: -((np.log(value) - mu) / sigma**2 + 1.0) / value,
    "Gamma": lambda value, alpha, beta: (alpha - 1) / value - beta,
    "InverseGamma": lambda value, alpha, beta: beta / value**2 - (alpha + 1) / value,
    "Beta": lambda value, alpha, beta: (alpha - 1) / value - (beta - 1) / _rest(value),
}


def log_density_slope(prior: Prior, value: FloatArray) -> FloatArray:
    """Return the derivative of :func:`log_density` with respect to ``value``, same shape."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        return _SLOPE[prior.distribution](value, **_numbers(prior))


def _numbers(prior: Prior) -> dict[str, float]:
    return {name: number for name, number in prior.parameters if name != "relative"}


def log_density(prior: Prior, value: FloatArray) -> FloatArray:
    """Return the log density of one quantity under its prior, same shape as ``value``.

    Gamma and InverseGamma have a shape ``alpha`` and a rate (scale) ``beta``.
    """
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        return _LOG_DENSITY[prior.distribution](value, **_numbers(prior))


def draw(prior: Prior, draws: int, rng: np.random.Generator) -> FloatArray:
    """Draw one quantity from its prior, shape (draws,)."""
    numbers = _numbers(prior)
    match prior.distribution:
        case "Normal":
            return rng.normal(numbers["mu"], numbers["sigma"], draws)
        case "Beta":
            return rng.beta(numbers["alpha"], numbers["beta"], draws)
        case "RectifiedNormal":
            return np.maximum(rng.normal(0.0, numbers["sigma"], draws), 0.0)
        case "HalfNormal":
            return np.abs(rng.normal(0.0, numbers["sigma"], draws))
        case "LogNormal":
            return rng.lognormal(numbers["mu"], numbers["sigma"], draws)
        case "Gamma":
            return rng.gamma(numbers["alpha"], 1 / numbers["beta"], draws)
        case "InverseGamma":
            return numbers["beta"] / rng.gamma(numbers["alpha"], 1.0, draws)
    raise KeyError(prior.distribution)
