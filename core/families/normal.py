"""Normal and LogNormal: a linear predictor with Normal noise, on standardised y or log y."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from core.families.base import FloatArray, NamedPriors
from core.families.distributions import LOG_2PI
from core.families.linear import Aux, LinearFamily
from core.families.meaning import ADDED, FACTOR_OF_MEDIAN
from core.families.namespace import Array, Namespace
from core.families.parameter import PRIOR_SCALE, Parameter, prior_of
from core.families.refusals import not_above_zero

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
    column = "a number"
    says = "y = eta + sigma * Normal noise, on standardised y"
    words = "scatters evenly on both sides of what its causes predict (bell curve)"
    offered: ClassVar[Mapping[str, int]] = {"real": 1, "positive": 1, "proportion": 2, "count": 5}
    response: ClassVar[Literal["identity", "log", ""]] = "identity"
    closed_form = "gaussian"
    residual = "own"
    remedies: ClassVar[Mapping[tuple[str, str], tuple[str, ...]]] = {
        ("tails", "heavy"): ("StudentT",),
        ("skew", "right"): ("Beta", "LogNormal", "SkewNormal"),
        ("skew", "left"): ("Beta", "SkewNormal"),
        ("spread", "grows"): ("LogNormal",),
    }
    heavier = "StudentT"
    auxiliaries = (SIGMA,)
    relative = True
    # t stands in the slopes and in the variance, and the sweep changes it in both places,
    # so that equivalent graphs keep equal evidence.
    swept: ClassVar[Mapping[str, tuple[str, float]]] = {
        "slopes": ("sigma", 1.0),
        "variance": ("beta", -2.0),
        PRIOR_SCALE: ("value", -2.0),
    }

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

    def noise(self, aux: Aux, shape: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
        """See :meth:`Family.noise`."""
        return np.asarray(aux["sigma"] * rng.standard_normal(shape))

    def respond(self, mean: FloatArray, noise: FloatArray, aux: Aux) -> FloatArray:
        """See :meth:`Family.respond`."""
        return mean + noise

    def noise_of(self, y: FloatArray, mean: FloatArray, aux: Aux, rng: np.random.Generator) -> FloatArray:
        """See :meth:`Family.noise_of`."""
        return np.asarray(y - mean)

    def chosen(self, constants: ColumnConstants, all_discrete: bool) -> str:
        """See :meth:`Family.chosen`."""
        if constants.kind == "positive" and not constants.log_is_evener:
            return "above 0, and no more even on the log scale"
        return "a real number" if constants.kind == "real" else ""

    def priors_said(self) -> str:
        """See :meth:`Family.priors_said`; p is the number of columns of the parents."""
        return (
            "intercept: Normal(0, 1, relative); slopes: Normal(0, sqrt 2, relative); "
            "variance: InverseGamma((p + 3)/2, 1/4); t: Constant(0.5)"
        )

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
    column = "positive"
    says = "the same for the standardised logarithm of y"
    words = "positive and skewed to the right: causes multiply instead of adding"
    offered: ClassVar[Mapping[str, int]] = {"positive": 2}
    assumed_kind = "positive"
    response = "log"
    working = "log"
    settable = (0.0, math.inf)
    role_scale = "log"
    remedies: ClassVar[Mapping[tuple[str, str], tuple[str, ...]]] = {("skew", "left"): ("Gamma",)}

    def chosen(self, constants: ColumnConstants, all_discrete: bool) -> str:
        """See :meth:`Family.chosen`."""
        if constants.kind != "positive" or not constants.log_is_evener:
            return ""
        return f"above 0 and right-skewed ({constants.skew:.1f}), its logarithm less so ({constants.log_skew:.1f})"

    def refusal(self, constants: ColumnConstants) -> tuple[str, str] | None:
        """See :meth:`Family.refusal`."""
        return not_above_zero(self.name, constants)

    def priors_said(self) -> str:
        """See :meth:`Family.priors_said`."""
        return f"as {self.compiled_as}"

    def pymc(self, xp: Namespace, eta: Array, aux: Aux, link: str) -> tuple[str, dict[str, Array]]:
        """See :meth:`Family.pymc`: of y itself, whose logarithm the other half is about."""
        return "LogNormal", {"mu": eta, "sigma": aux["sigma"]}
