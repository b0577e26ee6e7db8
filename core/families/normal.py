"""Normal and LogNormal: a linear predictor with Normal noise, on standardised y or log y."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.families.base import FloatArray, NamedPriors
from core.families.distributions import LOG_2PI
from core.families.linear import Aux, LinearFamily
from core.families.meaning import ADDED, FACTOR_OF_MEDIAN
from core.families.namespace import Array, Namespace
from core.families.parameter import PRIOR_SCALE, Parameter, prior_of

if TYPE_CHECKING:
    from core.data.constants import ColumnConstants

__all__ = ["INTERCEPT_PRECISION", "LogNormal", "Normal"]

INTERCEPT_PRECISION = 1.0
"""a of the conjugate default: intercept | sigma ~ Normal(0, sigma / sqrt(a))."""

SIGMA = Parameter(
    "sigma",
    prior_of("InverseGamma", alpha=1.5, beta=0.25),
    quantity="variance",
    forward=lambda xp, variance: xp.sqrt(variance),
    backward=lambda xp, sigma: sigma**2,
    in_units=True,
)


class Normal(LinearFamily):
    """``y ~ Normal(eta, sigma)`` on the family's scale; the prior is on ``variance = sigma^2``."""

    name = "Normal"
    links = ("identity",)
    meanings = (ADDED,)
    kinds = ("real", "positive", "proportion", "count")
    auxiliaries = (SIGMA,)
    relative = True
    # t stands in the slopes and in the variance, and the sweep changes it in both places,
    # so that equivalent graphs keep equal evidence.
    swept = {"slopes": ("sigma", 1.0), "variance": ("beta", -2.0), PRIOR_SCALE: ("value", -2.0)}  # noqa: RUF012

    def log_density(self, xp: Namespace, y: Array, eta: Array, aux: Aux, link: str) -> Array:
        """See :meth:`LinearFamily.log_density`."""
        sigma = aux["sigma"]
        return -0.5 * ((y - eta) / sigma) ** 2 - xp.log(sigma) - 0.5 * LOG_2PI

    def score(self, y: FloatArray, eta: FloatArray, aux: Aux, link: str) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """See :meth:`LinearFamily.score`."""
        residual = (y - eta) / aux["sigma"]
        return residual / aux["sigma"], (0.5 * (residual**2 - 1.0),)

    def expectation(self, eta: FloatArray, aux: Aux, link: str) -> FloatArray:
        """See :meth:`LinearFamily.expectation`."""
        return eta

    def draw(self, eta: FloatArray, aux: Aux, link: str, rng: np.random.Generator) -> FloatArray:
        """See :meth:`LinearFamily.draw`."""
        return eta + aux["sigma"] * rng.standard_normal(eta.shape)

    def pymc(self, xp: Namespace, eta: Array, aux: Aux, link: str) -> tuple[str, dict[str, Array]]:
        """See :meth:`Family.pymc`."""
        return "Normal", {"mu": eta, "sigma": aux["sigma"]}

    def default_priors(
        self, link: str, constants: ColumnConstants, p: int, t: float, of_columns: Sequence[float]
    ) -> NamedPriors:
        """Return BGe's prior with the diagonal T of the columns' own t, family by family.

        Of a Wishart matrix with 3 degrees of freedom (over the columns' number) and a diagonal scale, a
        column given its parents has this variance and these slopes (Geiger & Heckerman 2002, theorem 3),
        so that equivalent graphs keep equal evidence whatever the t are.
        """
        slopes = (prior_of("Normal", mu=0.0, sigma=1 / math.sqrt(one), relative=1.0) for one in of_columns)
        return (
            ("intercept", prior_of("Normal", mu=0.0, sigma=1 / math.sqrt(INTERCEPT_PRECISION), relative=1.0)),
            *((f"slopes[{j}]", slope) for j, slope in enumerate(slopes)),
            ("variance", prior_of("InverseGamma", alpha=(len(of_columns) + 3) / 2, beta=t / 2)),
            (PRIOR_SCALE, prior_of("Constant", value=t)),
        )


class LogNormal(Normal):
    """The same on standardised log y: the response's transform takes the logarithm, not the family."""

    name = "LogNormal"
    meanings = (FACTOR_OF_MEDIAN,)
    kinds = ("positive", "real", "count", "proportion")
    compiled_as = "Normal"

    def pymc(self, xp: Namespace, eta: Array, aux: Aux, link: str) -> tuple[str, dict[str, Array]]:
        """See :meth:`Family.pymc`: of y itself, whose logarithm the other half is about."""
        return "LogNormal", {"mu": eta, "sigma": aux["sigma"]}
