"""The result of an experiment as evidence about a fitted hypothesis.

A trial or a lift test found that an action moved the outcome by ``estimate``, give or take ``se``. A hypothesis with
parameters theta says by how much it moves: the contrast of two worlds, draw by draw (:mod:`core.effects.worlds`). So
the result is one more observation, ``estimate ~ Normal(contrast(theta), se)``, of units that are not among the rows.
The posterior with it is the posterior without it times that density, and the log evidence gains the log of the
density's posterior mean: draws are weighed by it (importance sampling, the tail of the weights smoothed: Vehtari et al.
2024). Several experiments are independent given theta, so that their densities multiply.
"""

from dataclasses import dataclass
from math import log, pi, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from core.effects.settings import Setting
from core.effects.worlds import Played
from core.errors import UsageError
from core.fit.psis import pareto_smooth

__all__ = [
    "FEWEST",
    "LARGEST_K",
    "LEVEL",
    "Disagreement",
    "Evidenced",
    "Experiment",
    "disagreement",
    "evidence",
    "log_densities",
    "moved_by",
]

FloatArray = NDArray[np.float64]

LARGEST_K = 0.7
"""Pareto k of the weights over which draws are not weighed but drawn again."""
FEWEST = 200.0
"""Effective draws under which they are."""
LEVEL = 0.05
"""How seldom a hypothesis must foresee a result so far off that the two are said to disagree."""


@dataclass(frozen=True)
class Experiment:
    """What was done, and what was found.

    Parameters
    ----------
    name : str
    worlds : (tuple of Setting, tuple of Setting)
        What was done to those who were compared with, and to the others; nothing leaves them as they are.
    outcome : str
    estimate : float
        By how much the second world's average is above the first one's, on the outcome's own scale; of a binary
        outcome the difference of the chances of its second level.
    se : float
        Its standard error.
    given : (str, float or tuple of float), optional
        It was done among those only whose column has this code, or lies in this range.
    """

    name: str
    worlds: tuple[tuple[Setting, ...], tuple[Setting, ...]]
    outcome: str
    estimate: float
    se: float
    given: tuple[str, float | tuple[float, float]] | None = None

    def __post_init__(self) -> None:
        if not np.isfinite(self.estimate):
            raise UsageError(
                "the result is no number", place=f"experiment {self.name}", hint="Give what was found, as 1.2."
            )
        if not (np.isfinite(self.se) and self.se > 0):
            raise UsageError(
                f"{self.se:g} is no standard error",
                place=f"experiment {self.name}",
                hint="Give a number above 0: a quarter of the width of a 95 % interval, for one.",
            )

    @property
    def touched(self) -> tuple[str, ...]:
        """The nodes that were set in either world."""
        return tuple(sorted({setting.node for world in self.worlds for setting in world}))


@dataclass(frozen=True, eq=False)
class Evidenced:
    """Draws weighed by experiments.

    Parameters
    ----------
    weights : array, shape (S,)
        Not negative; they add up to 1.
    log_evidence : float
        Log of the mean density of the results over the posterior, natural logarithm, on the results' own scale.
    effective : float
        1 over the sum of squared weights (Kong 1992).
    pareto_k : float
        Of the weights; 0 where they are all the same.
    """

    weights: FloatArray
    log_evidence: float
    effective: float
    pareto_k: float

    @property
    def even(self) -> bool:
        """Whether the weights are even enough to stand for the posterior."""
        return self.pareto_k <= LARGEST_K and self.effective >= FEWEST


@dataclass(frozen=True)
class Disagreement:
    """How far a result is from what a hypothesis, with all that it had learnt from the rows, foresaw.

    Parameters
    ----------
    p : float
        How often it foresees a result so far off, to either side.
    gap : float
        Result less what was foreseen, in standard errors of both together.
    """

    p: float
    gap: float

    def to_dict(self) -> dict[str, float]:
        """Return the JSON record."""
        return {"p": self.p, "gap": self.gap}


def moved_by(played: Played) -> FloatArray:
    """Return by how much the last world's average is above the first one's, shape (S,).

    An experiment compares averages: of a LogNormal outcome it is the contrast of means, not that of medians.

    Raises
    ------
    UsageError
        If the outcome has more than two levels, or no mean.
    """
    if played.centre.ndim == 3:
        raise UsageError(
            "an experiment on an outcome of more than two levels cannot be taken in",
            hint="Make a column of two levels of it, and ask about that.",
        )
    if played.scale == "median" and played.on_mean is None:
        raise UsageError(
            "this outcome has no mean under its family, and an experiment compares means",
            hint="Give the nodes on the way a family with lighter tails.",
        )
    found = played.centre if played.on_mean is None else played.on_mean
    return np.asarray(found[-1] - found[0])


def log_densities(contrasts: FloatArray, estimates: FloatArray, ses: FloatArray) -> FloatArray:
    """Return the log density of J results under each draw, shape (S,).

    Parameters
    ----------
    contrasts : array, shape (J, S)
    estimates, ses : array, shape (J,)
    """
    gaps = (estimates[:, None] - contrasts) / ses[:, None]
    found: FloatArray = (-0.5 * gaps**2 - np.log(ses)[:, None] - 0.5 * log(2.0 * pi)).sum(axis=0)
    return found


def evidence(contrasts: FloatArray, estimates: FloatArray | float, ses: FloatArray | float) -> Evidenced:
    """Weigh draws by the results of one or several experiments.

    Parameters
    ----------
    contrasts : array, shape (S,) or (J, S)
        What each draw says that each experiment moves.
    estimates, ses : float or array, shape (J,)
    """
    logs = log_densities(np.atleast_2d(contrasts), np.atleast_1d(estimates), np.atleast_1d(ses))
    many, top = len(logs), float(logs.max())
    log_evidence = top + log(float(np.exp(logs - top).mean()))
    if np.ptp(logs) < 1e-9:  # no path leads there, or the error is endless: nothing is learnt of theta
        return Evidenced(np.full(many, 1.0 / many), log_evidence, float(many), 0.0)
    smooth, k = pareto_smooth(logs)
    weights = np.exp(smooth)
    return Evidenced(weights, log_evidence, 1.0 / float(weights @ weights), k)


def disagreement(contrasts: FloatArray, estimate: float, se: float) -> Disagreement:
    """Return how far a result is from what draws foresee, shape (S,): ``Normal(contrast, se)``, mixed over them."""
    gaps = (estimate - contrasts) / se
    tail = min(float(ndtr(gaps).mean()), float(ndtr(-gaps).mean()))
    spread = sqrt(float(contrasts.var()) + se**2)
    return Disagreement(min(1.0, 2.0 * tail), float(estimate - contrasts.mean()) / spread)
