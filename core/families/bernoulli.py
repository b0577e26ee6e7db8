"""Bernoulli: yes or no, with a logit or a probit link."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from core.families.base import FloatArray
from core.families.distributions import LOG_2PI
from core.families.linear import Aux, LinearFamily
from core.families.meaning import ODDS, PROBIT
from core.families.namespace import Array, Namespace
from core.families.special import expit, log_ndtr, ndtr

if TYPE_CHECKING:
    from core.data.constants import ColumnConstants

__all__ = ["Bernoulli"]


class Bernoulli(LinearFamily):
    """``P(y = 1) = expit(eta)``, or the Normal distribution function of ``eta`` (probit)."""

    name = "Bernoulli"
    links = ("logit", "probit")
    meanings = (
        ODDS,
        PROBIT,
    )
    kinds = ("binary",)
    discrete = True
    column = "yes or no"
    says = "P(y = 1) = expit(eta), or Phi(eta)"
    words = "yes or no; causes shift the odds"
    offered = MappingProxyType({"binary": 1})
    assumed_kind = "binary"
    role = "binary"
    residual = "binary"
    warmed = True

    def log_density(self, xp: Namespace, y: Array, eta: Array, aux: Aux, link: str) -> Array:
        """See :meth:`LinearFamily.log_density`; both links are symmetric, so a sign tells 1 from 0."""
        signed = (2.0 * y - 1.0) * eta
        return xp.log_ndtr(signed) if link == "probit" else xp.log_expit(signed)

    def score(self, y: FloatArray, eta: FloatArray, aux: Aux, link: str) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """See :meth:`LinearFamily.score`."""
        sign = 2.0 * y - 1.0
        signed = sign * eta
        if link == "probit":
            return sign * np.exp(-0.5 * signed**2 - 0.5 * LOG_2PI - log_ndtr(signed)), ()
        return sign * expit(-signed), ()

    def expectation(self, eta: FloatArray, aux: Aux, link: str) -> FloatArray:
        """See :meth:`LinearFamily.expectation`."""
        return ndtr(eta) if link == "probit" else expit(eta)

    def draw(self, eta: FloatArray, aux: Aux, link: str, rng: np.random.Generator) -> FloatArray:
        """See :meth:`LinearFamily.draw`."""
        drawn = rng.random(eta.shape) < self.expectation(eta, aux, link)
        return np.where(np.isnan(eta), np.nan, drawn)

    def chosen(self, constants: ColumnConstants, all_discrete: bool) -> str:
        """See :meth:`Family.chosen`."""
        return "yes or no, beside columns that are numbers" if constants.kind == "binary" and not all_discrete else ""

    def pymc(self, xp: Namespace, eta: Array, aux: Aux, link: str) -> tuple[str, dict[str, Array]]:
        """See :meth:`Family.pymc`."""
        return "Bernoulli", {"p": xp.ndtr(eta)} if link == "probit" else {"logit_p": eta}
