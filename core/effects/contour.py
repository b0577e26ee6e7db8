"""What an unmeasured cause of any strength would make of an estimate: a map, not one number.

For each pair of shares, of what is left of the treatment and of what is left of the outcome, that an unmeasured common
cause explains, what remains of the estimate and of its t statistic (Cinelli & Hazlett 2020, sections 3 and 4.4;
the formulas are those of :mod:`core.effects.robustness`). On the map stand:

- the robustness values: both shares alike, that take the estimate, or its interval, to zero;
- marks of causes once, twice and three times as strong as each measured one;
- between hypotheses: the pairs of shares that turn one hypothesis' effect into another's. With change d,

    R2_outcome = (d / se)^2 / df (1 - R2_treatment) / R2_treatment,

  which is their bias solved for the outcome's share. A change of zero asks for nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from core.effects.robustness import LEVEL, Robustness, Strength, less_by, robustness_value

__all__ = ["TIMES", "Contour", "Line", "Mark", "contour_of", "line_to"]

FloatArray = NDArray[np.float64]

TIMES = (1.0, 2.0, 3.0)
"""How many times as strong as a measured cause the marks are."""

_LEAST_SIDE = 0.1
_MOST_SIDE = 0.95
_ROOM = 1.2
_POINTS = 41


@dataclass(frozen=True)
class Mark:
    """A cause ``times`` as strong as a measured one, and what it would leave.

    ``possible`` is whether the interval then includes zero; ``treatment`` and ``outcome`` are shares.
    """

    name: str
    times: float
    treatment: float
    outcome: float
    estimate: float
    se: float
    possible: bool

    @property
    def t(self) -> float:
        """The t statistic that is left; zero where nothing is uncertain and nothing left."""
        return self.estimate / self.se if self.se > 0 else 0.0


@dataclass(frozen=True, eq=False)
class Line:
    """All pairs of shares that turn the estimate into another number.

    Parameters
    ----------
    name : str
        Whose number it is.
    other : float
    treatment, outcome : array, shape (P,)
        Points of the line, from where the outcome's share is 1 on; empty where the two numbers are one.
    value : float
        Where both shares are alike: the robustness value of that change.
    away : bool
        Whether the other number is farther from zero, on the same side: the cause must then hide some of the effect.
    """

    name: str
    other: float
    treatment: FloatArray
    outcome: FloatArray
    value: float
    away: bool


@dataclass(frozen=True, eq=False)
class Contour:
    """The map.

    Parameters
    ----------
    treatment : array, shape (P,)
        Shares of what is left of the treatment, from 0 on.
    outcome : array, shape (P,)
        Shares of what is left of the outcome, from 0 on.
    estimate, t : array, shape (P, P)
        What remains, by outcome (rows) and treatment (columns), towards zero and past it.
    critical : float
        The interval includes zero where |t|, of the estimate's sign, is under this.
    value, value_at_level : float
        The robustness values; on the map at (value, value).
    zero : Line
        Where nothing is left.
    marks : tuple of Mark
        By measured cause, then by strength.
    others : tuple of Line
        One for each other hypothesis.
    experiments : tuple of Line
        Where the estimate becomes what an experiment found.
    """

    treatment: FloatArray
    outcome: FloatArray
    estimate: FloatArray
    t: FloatArray
    critical: float
    value: float
    value_at_level: float
    zero: Line
    marks: tuple[Mark, ...]
    others: tuple[Line, ...]
    experiments: tuple[Line, ...] = ()


def contour_of(
    found: Robustness,
    strengths: Sequence[Strength] = (),
    others: Mapping[str, float] | None = None,
    experiments: Mapping[str, float] | None = None,
) -> Contour:
    """Return the map of an estimate.

    Parameters
    ----------
    found : Robustness
        The estimate; of a chance or a logarithm on that scale.
    strengths : sequence of Strength
        Of the measured causes (:func:`core.effects.robustness.strengths_of`).
    others : mapping of str to float, optional
        What other hypotheses say of the same effect, on the same scale.
    experiments : mapping of str to float, optional
        What experiments found of it, by their names, on the same scale.

    Notes
    -----
    The map reaches as far as its robustness value and its marks, and at least to a tenth.
    """
    from scipy.special import stdtrit

    critical = float(stdtrit(found.df - 1, 1.0 - LEVEL / 2.0))
    marks = tuple(_mark(found, strength, times, critical) for strength in strengths for times in TIMES)
    sides = []
    for shares in ([mark.treatment for mark in marks], [mark.outcome for mark in marks]):
        inside = [share for share in shares if share < _MOST_SIDE]
        most = min(_MOST_SIDE, max(_LEAST_SIDE, _ROOM * max([found.value, *inside])))
        sides.append(np.linspace(0.0, most, _POINTS))
    treatment, outcome = sides
    left = np.array([[less_by(found.estimate, found.se, found.df, a, b) for a in treatment] for b in outcome])
    lines, tried = (
        tuple(line_to(found, name, other) for name, other in (said or {}).items()) for said in (others, experiments)
    )
    return Contour(
        treatment,
        outcome,
        left[..., 0],
        left[..., 0] / left[..., 1],
        critical,
        found.value,
        found.value_at_level,
        line_to(found, "zero", 0.0),
        marks,
        lines,
        tried,
    )


def line_to(found: Robustness, name: str, other: float) -> Line:
    """Return all pairs of shares that turn an estimate into another number.

    Examples
    --------
    >>> line = line_to(Robustness(0.0973, 0.0233, 783, 0.1388, 0.0763, 0.0219), "B", 0.0)
    >>> round(line.value, 4), round(float(line.treatment[0]), 4)  # the second is the partial R2
    (0.1385, 0.0218)
    """
    change = abs(found.estimate - other) / found.se
    need = change * change / found.df
    away = other * found.estimate > 0 and abs(other) > abs(found.estimate)
    if need == 0.0:
        return Line(name, other, np.empty(0), np.empty(0), 0.0, away)
    first = need / (1.0 + need)  # from where the outcome's share is possible
    # Closer together where the line is steep.
    treatment = first + (1.0 - first) * np.linspace(0.0, sqrt(_MOST_SIDE), 2 * _POINTS) ** 2
    outcome = np.minimum(1.0, need * (1.0 - treatment) / treatment)
    return Line(name, other, treatment, outcome, robustness_value(change, found.df), away)


def _mark(found: Robustness, strength: Strength, times: float, critical: float) -> Mark:
    treatment, outcome = strength.times(times)
    left, se = less_by(found.estimate, found.se, found.df, treatment, outcome)
    towards = left if found.estimate >= 0 else -left
    return Mark(strength.name, times, treatment, outcome, left, se, towards <= critical * se)
