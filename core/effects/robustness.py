"""How strong an unmeasured cause would have to be to overturn an effect: the robustness value.

The effect is taken as the coefficient of the treatment in the regression of the outcome on it and
on an adjustment set, with t statistic t and df degrees of freedom; f = |t| / sqrt(df). An unmeasured
common cause that explains the share RV_q of what is left of the treatment, and as much of what is
left of the outcome, takes the estimate down by the share q of itself (Cinelli & Hazlett 2020,
section 4.4):

    f_q = q f,   RV_q = (sqrt(f_q^4 + 4 f_q^2) - f_q^2) / 2.

At a level alpha it takes the interval to include that: f_q is then less by the critical t over
sqrt(df - 1), and where the bound is not met with equality RV = (f_q^2 - f_c^2) / (1 + f_q^2).

A number of that kind needs something to be held against: what a cause would do that is as strong as
the strongest one that was measured, or k times as strong (a benchmark; their section 4.4). What the measured one
explains of what the others leave, d of the treatment and e of the outcome given the treatment, bounds what such a
cause explains of what all of them leave:

    R2_treatment = k d / (1 - d),   R2_outcome = ((sqrt(k) + r) / sqrt(1 - r^2))^2 e / (1 - e),
    r^2 = k d^2 / ((1 - k d) (1 - d)).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "LEVEL",
    "Benchmark",
    "Robustness",
    "Strength",
    "less_by",
    "partial_r2",
    "robustness_of",
    "robustness_value",
    "strengths_of",
]

FloatArray = NDArray[np.float64]

LEVEL = 0.05
"""Of the interval that is taken to include zero."""

_LEAST_DF = 3
_TIED = 1e-8  # of a column's length: what the others leave of it is rounding
_MOST = 0.99  # of what is left of the treatment; a cause cannot explain all of it and leave an effect to speak of
_FIVE = 1.6448536269514722  # the 95 % point of a standard Normal


@dataclass(frozen=True)
class Strength:
    """What a measured cause, ``name``, explains of what the others leave.

    ``treatment`` and ``outcome`` are partial R2, the second given the treatment too.
    """

    name: str
    treatment: float
    outcome: float

    def times(self, k: float) -> tuple[float, float]:
        """Return the shares of what all measured causes leave that one ``k`` times as strong explains at most.

        That of the treatment is held to 0.99, beyond which there is no effect to speak of, and where a cause of
        that strength cannot be, the outcome's is 1.
        """
        odds = self.treatment / (1.0 - self.treatment)
        of_treatment = min(k * odds, _MOST)
        if k * self.treatment >= 1.0:
            return of_treatment, 1.0
        # What the two causes share, given the treatment.
        between = min(k * self.treatment * odds / (1.0 - k * self.treatment), _MOST)
        outcome = (sqrt(k) + sqrt(between)) ** 2 / (1.0 - between) * self.outcome / (1.0 - self.outcome)
        return of_treatment, min(1.0, outcome)


@dataclass(frozen=True)
class Benchmark:
    """What an unmeasured cause as strong as a measured one, ``name``, would leave of the estimate.

    ``treatment`` and ``outcome`` are the shares that it would explain of what is left of both; ``left`` is
    what remains of the estimate, as a share of it (under 0: it would turn round), ``possible`` whether the 90 %
    interval then includes zero.
    """

    name: str
    treatment: float
    outcome: float
    left: float
    possible: bool

    def to_dict(self) -> dict[str, str | float | bool]:
        """Return the JSON record."""
        return {
            "name": self.name,
            "treatment": self.treatment,
            "outcome": self.outcome,
            "left": self.left,
            "includes_zero": self.possible,
        }


@dataclass(frozen=True)
class Robustness:
    """A regression's answer, and what would overturn it.

    Parameters
    ----------
    estimate, se, df
        Of the treatment's coefficient.
    value : float
        Share of what is left of treatment and outcome, both, that takes the estimate to zero.
    value_at_level : float
        The same until the 95 % interval includes zero.
    partial_r2 : float
        What the treatment explains of what is left of the outcome: an unmeasured cause that explains
        all the rest of the outcome must explain this much of the treatment.
    benchmark : Benchmark or None
        Of the measured cause whose like would leave least; None where nothing is adjusted for.
    """

    estimate: float
    se: float
    df: int
    value: float
    value_at_level: float
    partial_r2: float
    benchmark: Benchmark | None = None

    def towards(self, other: float) -> float | None:
        """Return the robustness value of ending at another estimate: None if that is farther from zero."""
        if self.estimate == 0 or other / self.estimate >= 1:
            return None
        return robustness_value(self.estimate / self.se, self.df, 1.0 - other / self.estimate)

    def leaving(self, name: str, treatment: float, outcome: float) -> Benchmark:
        """Return what a cause that explains these shares of what is left of both leaves; ``name`` is as strong."""
        left, error = less_by(self.estimate, self.se, self.df, treatment, outcome)
        share = left / self.estimate
        return Benchmark(name, treatment, outcome, share, share * abs(self.estimate) <= _FIVE * error)

    def to_dict(self) -> dict[str, object]:
        """Return the JSON record."""
        return {
            "estimate": self.estimate,
            "se": self.se,
            "df": self.df,
            "value": self.value,
            "value_at_5": self.value_at_level,
            "partial_r2": self.partial_r2,
            "benchmark": None if self.benchmark is None else self.benchmark.to_dict(),
        }


def partial_r2(t: float, df: int) -> float:
    """Return the partial R2 of a regressor with this t statistic."""
    return t * t / (t * t + df)


def robustness_value(t: float, df: int, q: float = 1.0, alpha: float = 1.0) -> float:
    """Return RV_q at level ``alpha`` (1: of the estimate itself).

    Examples
    --------
    >>> round(robustness_value(0.0973 / 0.0233, 783), 4)
    0.1385
    """
    from scipy.special import stdtrit  # scipy.stats has it too, and takes half a second to import

    critical = 0.0 if alpha >= 1.0 else float(stdtrit(df - 1, 1.0 - alpha / 2.0)) / sqrt(df - 1)
    strength = q * abs(t) / sqrt(df)
    left = strength - critical
    if left <= 0:
        return 0.0
    if critical > 0 and strength > 1.0 / critical:
        return (strength**2 - critical**2) / (1.0 + strength**2)
    return 0.5 * (sqrt(left**4 + 4.0 * left**2) - left**2)


def less_by(estimate: float, se: float, df: int, treatment: float, outcome: float) -> tuple[float, float]:
    """Return what a cause that explains these shares of what is left of both leaves of an estimate, and its error.

    Cinelli & Hazlett 2020, section 3, towards zero.

    Examples
    --------
    >>> left, error = less_by(0.0973, 0.0233, 783, 0.00916, 0.1246)
    >>> round(left, 3), round(error, 4)
    (0.075, 0.0219)
    """
    bias = se * sqrt(df * outcome * treatment / (1.0 - treatment))
    size = abs(estimate) - bias
    error = se * sqrt((1.0 - outcome) / (1.0 - treatment) * df / (df - 1))
    return (size if estimate >= 0 else -size), error


def robustness_of(
    y: FloatArray, x: FloatArray, adjust: FloatArray, groups: Mapping[str, slice] | None = None
) -> Robustness | None:
    """Regress ``y`` on ``x`` and an adjustment set, and say what would overturn it.

    Parameters
    ----------
    y, x : array, shape (N,)
    adjust : array, shape (N, k)
        Without an intercept, which is added.
    groups : mapping of str to slice, optional
        The columns of ``adjust`` that belong to each measured cause, for the benchmark.

    Returns
    -------
    Robustness or None
        None where too few rows are left or the adjustment set determines ``x`` or ``y``.
    """
    basis = np.column_stack([np.ones(len(y)), adjust])
    df = len(y) - basis.shape[1] - 1
    if df < _LEAST_DF or not (np.isfinite(y).all() and np.isfinite(x).all() and np.isfinite(adjust).all()):
        return None
    left_x, left_y = (values - basis @ np.linalg.lstsq(basis, values, rcond=None)[0] for values in (x, y))
    length = float(left_x @ left_x)
    if length <= _TIED**2 * float(x @ x) or float(left_y @ left_y) <= _TIED**2 * float(y @ y):
        return None
    estimate = float(left_x @ left_y) / length
    rest = left_y - estimate * left_x
    se = sqrt(float(rest @ rest) / df / length)
    if se == 0:
        return None
    t = estimate / se
    level = robustness_value(t, df, alpha=LEVEL)
    found = Robustness(estimate, se, df, robustness_value(t, df), level, partial_r2(t, df))
    return replace(found, benchmark=_benchmark(found, (y, x), adjust, groups or {}))


def _benchmark(
    found: Robustness, ends: tuple[FloatArray, FloatArray], adjust: FloatArray, groups: Mapping[str, slice]
) -> Benchmark | None:
    """Return the benchmark of the measured cause whose like would leave least."""
    each = [found.leaving(one.name, *one.times(1.0)) for one in strengths_of(*ends, adjust, groups)]
    return min(each, key=lambda bench: bench.left, default=None)


def strengths_of(y: FloatArray, x: FloatArray, adjust: FloatArray, groups: Mapping[str, slice]) -> tuple[Strength, ...]:
    """Return how strong each measured cause is; arguments as of :func:`robustness_of`.

    One of which the others leave nothing, or which leaves nothing of an end, is not there.
    """
    one = np.ones((len(y), 1))
    each = []
    for name, columns in groups.items():
        own = adjust[:, columns]
        others = np.column_stack([one, np.delete(adjust, np.r_[columns], axis=1)])
        of_x, of_y = _explained(x, others, own), _explained(y, np.column_stack([others, x]), own)
        if of_x is not None and of_y is not None and max(of_x, of_y) < 1.0:
            each.append(Strength(name, of_x, of_y))
    return tuple(each)


def _explained(values: FloatArray, others: FloatArray, own: FloatArray) -> float | None:
    """Return the share of what ``others`` leave that ``own`` explains; None where nothing is left."""
    rest = values - others @ np.linalg.lstsq(others, values, rcond=None)[0]
    all_of = np.column_stack([others, own])
    last = values - all_of @ np.linalg.lstsq(all_of, values, rcond=None)[0]
    before, after = float(rest @ rest), float(last @ last)
    return max(0.0, 1.0 - after / before) if 0.0 < after <= before else None
