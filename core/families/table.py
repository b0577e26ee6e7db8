"""Table: a probability for each level in each configuration of the parents.

The design of a table has one column, the number c of the parents' configuration,
0 … C-1 (``core.model.design``), and ``p`` stands for C. The prior of each configuration is
Dirichlet with BDeu pseudo-counts, equivalent sample size / (C K) each.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import lgamma
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from core.contrasts import zero_sum_basis
from core.families.base import Draws, Family, FloatArray, Priors
from core.families.categorical import draw_levels
from core.families.meaning import IN_PROBABILITY
from core.families.namespace import Array, Namespace
from core.families.parameter import Parameter, prior_of
from core.families.special import log_softmax

if TYPE_CHECKING:
    from core.data.constants import ColumnConstants
    from core.families.sampled import Free, Numbers

__all__ = ["Table"]

EQUIVALENT_SAMPLE_SIZE = 1.0
SMALLEST = np.finfo(np.float64).tiny


class Table(Family):
    """``P(y = k | configuration c) = probabilities[c, k]``, shape (C, K)."""

    name = "Table"
    links = ("identity",)
    meanings = (IN_PROBABILITY,)
    kinds = ("binary", "category", "ordered")
    discrete = True
    column = "category, all parents too"
    says = "a probability for each level in each combination of the parents"
    words = "a table of frequencies, one row for each combination of its causes; nothing is assumed about their form"
    offered = MappingProxyType({"binary": 2, "category": 2, "ordered": 3})
    assumed_kind = "binary"
    closed_form = "table"
    residual = ""  # a number for each configuration: nothing of its parents is left over
    form = "cells"

    # A table's prior has no scale: its sweep is over the equivalent sample size.
    swept = MappingProxyType({"probabilities": ("equivalent_sample_size", 1.0)})
    declared = (
        Parameter(
            "probabilities",
            prior_of("Dirichlet", equivalent_sample_size=EQUIVALENT_SAMPLE_SIZE),
            shape=("columns", "levels"),
        ),
    )

    def log_likelihood(self, draws: Draws, y: FloatArray, x: FloatArray, link: str) -> FloatArray:
        """See :meth:`Family.log_likelihood`."""
        logs = np.log(np.maximum(draws["probabilities"], SMALLEST))
        return logs[:, x[:, 0].astype(np.intp), y.astype(np.intp)]

    def log_likelihood_gradient(
        self, theta: FloatArray, y: FloatArray, x: FloatArray, weights: FloatArray, link: str, k: int
    ) -> tuple[FloatArray, FloatArray]:
        """See :meth:`Family.log_likelihood_gradient`."""
        p = theta.shape[1] // (k - 1)
        cells = np.zeros((p, k))
        np.add.at(cells, (x[:, 0].astype(np.intp), y.astype(np.intp)), weights)
        logs = _log_rows(theta, p, k)
        by_eta = cells - cells.sum(axis=1, keepdims=True) * np.exp(logs)
        return (cells * logs).sum(axis=(1, 2)), (by_eta @ zero_sum_basis(k)).reshape(len(theta), -1)

    def mean(self, draws: Draws, x: FloatArray, link: str) -> FloatArray:
        """See :meth:`Family.mean`: the probabilities, shape (S, N, K)."""
        known = np.isfinite(x[..., 0])
        place = np.where(known, x[..., 0], 0).astype(np.intp)
        table = draws["probabilities"]
        rows = table[:, place] if x.ndim == 2 else table[np.arange(len(table))[:, None], place]
        return np.where(known[..., None], rows, np.nan)

    def sample(self, draws: Draws, x: FloatArray, link: str, rng: np.random.Generator) -> FloatArray:
        """See :meth:`Family.sample`."""
        return draw_levels(self.mean(draws, x, link), rng)

    def chosen(self, constants: ColumnConstants, all_discrete: bool) -> str:
        """See :meth:`Family.chosen`."""
        found = all_discrete and constants.kind in ("binary", "category")
        return "every modelled column is discrete" if found else ""

    # -- priors: the unconstrained space is the isometric log-ratio of each row ------

    def dimension(self, p: int, k: int) -> int:
        """See :meth:`Family.dimension`."""
        return p * (k - 1)

    def constrain(self, theta: FloatArray, p: int, k: int) -> Draws:
        """See :meth:`Family.constrain`."""
        return {"probabilities": np.exp(_log_rows(theta, p, k))}

    def unconstrain(self, draws: Draws) -> FloatArray:
        """See :meth:`Family.unconstrain`."""
        logs = np.log(np.maximum(draws["probabilities"], SMALLEST))
        return (logs @ zero_sum_basis(logs.shape[-1])).reshape(len(logs), -1)

    def log_prior(self, theta: FloatArray, priors: Priors, p: int, k: int) -> FloatArray:
        """See :meth:`Family.log_prior`.

        The Jacobian of the map from isometric log-ratios to the first K - 1 probabilities
        is sqrt(K) times the product of all K.
        """
        count = priors["probabilities"]["equivalent_sample_size"] / (p * k)
        constant = lgamma(k * count) - k * lgamma(count) + 0.5 * np.log(k)
        return p * constant + count * _log_rows(theta, p, k).sum(axis=(1, 2))

    def log_prior_gradient(self, theta: FloatArray, priors: Priors, p: int, k: int) -> FloatArray:
        """See :meth:`Family.log_prior_gradient`."""
        count = priors["probabilities"]["equivalent_sample_size"] / (p * k)
        by_eta = count * (1.0 - k * np.exp(_log_rows(theta, p, k)))
        return (by_eta @ zero_sum_basis(k)).reshape(len(theta), -1)

    def sample_prior(self, priors: Priors, p: int, k: int, draws: int, rng: np.random.Generator) -> Draws:
        """See :meth:`Family.sample_prior`.

        Small pseudo-counts: a Gamma(c) draw underflows, its logarithm, log Gamma(c + 1)
        plus log(uniform) / c, does not (Marsaglia & Tsang 2000, section 6).
        """
        count = priors["probabilities"]["equivalent_sample_size"] / (p * k)
        shape = (draws, p, k)
        logs = np.log(rng.standard_gamma(count + 1.0, shape)) + np.log1p(-rng.random(shape)) / count
        return {"probabilities": np.exp(log_softmax(logs))}

    # -- for PyMC ---------------------------------------------------------------------

    def sampled(self, xp: Namespace, free: Free, numbers: Numbers, p: int, k: int) -> Mapping[str, Array]:
        """See :meth:`Family.sampled`: the probabilities themselves."""
        count = numbers.others["probabilities"]["equivalent_sample_size"] / (p * k)
        return {"probabilities": free.variable("probabilities", "Dirichlet", (p, k), a=count * np.ones((p, k)))}

    def free_values(self, draws: Draws, numbers: Numbers) -> Draws:
        """See :meth:`Family.free_values`."""
        return {"probabilities": draws["probabilities"]}

    def row_density(
        self, xp: Namespace, y: Array, x: Array | None, at: Mapping[str, Array], link: str, k: int
    ) -> Array:
        """See :meth:`Family.row_density`."""
        return xp.log(at["probabilities"][x, y])

    def pymc(self, xp: Namespace, eta: Array, aux: Mapping[str, Array], link: str) -> tuple[str, dict[str, Array]]:
        """See :meth:`Family.pymc`; ``eta`` is the number of the parents' configuration."""
        return "Categorical", {"p": aux["probabilities"][eta]}


def _log_rows(theta: FloatArray, p: int, k: int) -> FloatArray:
    return log_softmax(theta.reshape(len(theta), p, k - 1) @ zero_sum_basis(k).T)
