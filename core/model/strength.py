"""How strong an arrow may plausibly be, in the units of the data, and the prior of its slope that says so.

A prior is of the slope on the standardised scale (:mod:`core.model.spec`); nobody thinks in that. What an expert
can say is what one more of the cause, or twice as much of it, may plausibly do to the effect: between which two
values that lies with 90 %. This module goes from one to the other and back, for arrows that are one number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from core.families import get_family
from core.families.meaning import Meaning
from core.hypothesis import Prior
from core.model.spec import ModelSpec, NodeModel, Term

__all__ = ["Strength", "strength_of"]

FloatArray = NDArray[np.float64]

#: The two points between which a plausible effect lies, and how far the second is from the middle.
LOW, HIGH = 0.05, 0.95
_REACH = float(stats.norm.ppf(HIGH))
_TOLD = {"mu", "sigma", "relative"}  # the numbers of a prior that is even about its middle and cut off nowhere
_DOUBLED = math.log(2.0)


@dataclass(frozen=True)
class Strength:
    """An arrow that is one number, and its prior.

    Parameters
    ----------
    prior : Prior
        Of the slope: a Normal, in units of the child's residual where ``relative`` is 1.
    residual : (float, float)
        Of the child's residual variance the prior's ``alpha`` and ``beta`` (an InverseGamma); not a number
        where no prior is relative to it.
    unit : float
        By how much a slope of 1 moves the child, on its link's scale, in one step of the parent.
    step : str
        That step: ``"identity"`` (one more), ``"log"`` or ``"log1p"`` (a doubling, of 1 + a count), or
        ``"levels"`` (the second of two levels rather than the first).
    meaning : Meaning
        Of a number on the child's link scale.
    """

    prior: Prior
    residual: tuple[float, float]
    unit: float
    step: str
    meaning: Meaning

    @property
    def plausible(self) -> tuple[float, float]:
        """Between which two effects it lies with 90 %: what one step adds to the child, or by what it multiplies."""
        low, high = sorted(float(self._slope(share)) * self.unit for share in (LOW, HIGH))
        return self.meaning.size(low), self.meaning.size(high)

    def prior_of(self, low: float, high: float) -> Prior:
        """Return the prior under which the effect lies between these two with 90 %, as :attr:`plausible` says them.

        Raises
        ------
        ValueError
            If they are in the wrong order or equal, or a factor is not above 0.
        """
        if not low < high or (self.meaning.factor and low <= 0):
            raise ValueError(f"nothing lies plausibly between {low:g} and {high:g}")
        ends = [math.log(end) if self.meaning.factor else end for end in (low, high)]
        first, last = sorted(end / self.unit for end in ends)
        return Prior(self.prior.distribution, (("mu", (first + last) / 2), ("sigma", (last - first) / (2 * _REACH))))

    def density(self, at: FloatArray) -> FloatArray:
        """Return how plausible effects are, as :attr:`plausible` says them; a factor per step of its logarithm.

        The most plausible of all is 1.
        """
        moved = np.log(np.maximum(at, np.finfo(float).tiny)) if self.meaning.factor else at
        law = self._law()
        tall = law.pdf(moved / self.unit)
        return np.asarray(tall / law.pdf(law.median()))

    def _slope(self, share: float) -> float:
        return float(self._law().ppf(share))

    def _law(self) -> stats.rv_frozen:
        """Return the slope's own distribution: a Student's t where its scale is the residual's, which has a prior."""
        mu, sigma = self.prior["mu"], self.prior["sigma"]
        if not dict(self.prior.parameters).get("relative"):
            return stats.norm(mu, sigma)
        alpha, beta = self.residual
        return stats.t(2 * alpha, mu, sigma * math.sqrt(beta / alpha))


def strength_of(spec: ModelSpec, source: str, target: str) -> Strength | None:
    """Return how strong an arrow may be before the data are seen; None where that is not one number.

    It is several where the arrow bends or differs, from or into a category of more than two levels, and in a table.
    """
    model = next((one for one in spec.nodes if one.node == target), None)
    if model is None or get_family(model.family).form == "cells" or source not in model.parents:
        return None
    term = next((one for one in model.terms if one.parent == source), None)
    if term is None or not term.is_straight or term.columns != 1:
        return None
    prior = model.prior.get(f"slopes[{model.coefficient_of(source)}]")
    if prior is None or not _TOLD >= {name for name, _ in prior.parameters} >= {"mu", "sigma"}:
        return None
    spread = model.prior.get("variance")
    residual = (math.nan, math.nan) if spread is None else (spread["alpha"], spread["beta"])
    if math.isnan(residual[0]) and dict(prior.parameters).get("relative"):
        return None
    meaning = get_family(model.family).meaning(model.link)
    return Strength(prior, residual, _unit(model, term), "levels" if term.levels else term.transform, meaning)


def _unit(model: NodeModel, term: Term) -> float:
    if term.levels:
        return model.response.scale * (term.basis[1][0] - term.basis[0][0])
    step = 1.0 if term.transform == "identity" else _DOUBLED
    return model.response.scale * step / term.scale
