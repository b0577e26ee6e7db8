"""What a hypothesis that could not be fitted is asked, and what it says: the records."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.effects.steps import Step
from core.fit.posterior import Summary, summary
from core.graph.identify import Identification
from core.study.bounding import Bounded
from core.study.denying import Exit

__all__ = ["Asking", "Estimated", "PriorBesidePosterior", "Spread", "Unfitted", "spread_of"]

FloatArray = NDArray[np.float64]


class Spread(Summary):
    """A summary with the middle point: heavy tails move a mean."""

    q50: float


def spread_of(draws: FloatArray) -> Spread:
    """Return draws, shape (S,), in a few numbers."""
    return {**summary(draws), "q50": float(np.quantile(draws, 0.5))}


@dataclass(frozen=True, eq=False)
class Estimated:
    """The effect as the graph lets it be estimated, without a fitted model.

    Parameters
    ----------
    by : str
        ``"adjustment"``, ``"front door"``, ``"two steps"``, ``"formula"``, ``"instrument"`` or ``"no effect"``.
    through : tuple of str
        What is adjusted for, the front door, or the instrument.
    contrast : Summary or None
        On the outcome's scale: of a skewed one the change of a middling row's median. None for an outcome of several
        levels.
    ratio : Summary or None
        Of a skewed outcome.
    contrasts : mapping of str to Summary
        By level, for an outcome of several.
    assumes : str
        What it rests on.
    """

    by: str
    through: tuple[str, ...]
    contrast: Summary | None
    ratio: Summary | None = None
    contrasts: Mapping[str, Summary] | None = None
    assumes: str = ""


@dataclass(frozen=True, eq=False)
class PriorBesidePosterior:
    """What the prior says of an effect that the rows alone leave open, and what they leave of it.

    Parameters
    ----------
    prior, posterior : Spread
        On the outcome's scale.
    without : Spread
        What it would be with no unmeasured cause.
    ratios : (Spread, Spread, Spread) or None
        The same three as ratios, of a skewed outcome.
    given : tuple of str
        What is adjusted for beside the unmeasured cause.
    assumes : str
    """

    prior: Spread
    posterior: Spread
    without: Spread
    ratios: tuple[Spread, Spread, Spread] | None
    given: tuple[str, ...]
    assumes: str


@dataclass(frozen=True, eq=False)
class Unfitted:
    """What one hypothesis that could not be fitted says of an action.

    Parameters
    ----------
    name : str
    reason : str
        Why it could not be fitted.
    identification : Identification or None
        None where the question cannot be put to its graph.
    exits : tuple of Exit
    estimate : Estimated or None
    beside : PriorBesidePosterior or None
    bounds : Bounded or None
    no_bounds : str
        Why there are none.
    because : str
        Why nothing can be known; empty where there is an estimate, bounds, or prior beside posterior.
    scale : {"mean", "median"}
    rivals : int
        How many others were asked whether they deny what stands in the way.
    """

    name: str
    reason: str
    identification: Identification | None = None
    exits: tuple[Exit, ...] = ()
    estimate: Estimated | None = None
    beside: PriorBesidePosterior | None = None
    bounds: Bounded | None = None
    no_bounds: str = ""
    because: str = ""
    scale: str = "mean"
    rivals: int = 0

    @property
    def identified(self) -> bool:
        """Whether the effect can be known from what is observed, with no assumption on form."""
        return self.identification is not None and self.identification.identified


@dataclass(frozen=True)
class Asking:
    """One step of one node, of one outcome; ``given`` as in :class:`core.study.acting.Acting`.

    ``step`` is None where more is done than one node going from one value to another.
    """

    treatment: str
    outcome: str
    step: Step | None
    given: tuple[str, float | tuple[float, float]] | None = None
