"""How strong an unmeasured cause would have to be to overturn an effect: the robustness value.

The effect is taken as the coefficient of the treatment in the regression of the outcome on it and
on an adjustment set, with t statistic t and df degrees of freedom; f = |t| / sqrt(df). An unmeasured
common cause that explains the share RV_q of what is left of the treatment, and as much of what is
left of the outcome, takes the estimate down by the share q of itself (Cinelli & Hazlett 2020,
section 4.4):

    f_q = q f,   RV_q = (sqrt(f_q^4 + 4 f_q^2) - f_q^2) / 2.

At a level alpha it takes the interval to include that: f_q is then less by the critical t over
sqrt(df - 1), and where the bound is not met with equality RV = (f_q^2 - f_c^2) / (1 + f_q^2).
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

__all__ = ["Robustness", "partial_r2", "robustness_of", "robustness_value"]

FloatArray = NDArray[np.float64]

LEVEL = 0.05
_LEAST_DF = 3
_TIED = 1e-8  # of a column's length: what the others leave of it is rounding


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
    """

    estimate: float
    se: float
    df: int
    value: float
    value_at_level: float
    partial_r2: float

    def towards(self, other: float) -> float | None:
        """Return the robustness value of ending at another estimate: None if that is farther from zero."""
        if self.estimate == 0 or other / self.estimate >= 1:
            return None
        return robustness_value(self.estimate / self.se, self.df, 1.0 - other / self.estimate)

    def to_dict(self) -> dict[str, float | int]:
        """Return the JSON record."""
        return {
            "estimate": self.estimate,
            "se": self.se,
            "df": self.df,
            "value": self.value,
            "value_at_5": self.value_at_level,
            "partial_r2": self.partial_r2,
        }


def partial_r2(t: float, df: int) -> float:
    """Return the partial R2 of a regressor with this t statistic."""
    return t * t / (t * t + df)


def robustness_value(t: float, df: int, q: float = 1.0, alpha: float = 1.0) -> float:
    """Return RV_q at level ``alpha`` (1: of the estimate itself).

    Examples
    --------
    >>> round(robustness_value(0.0973 / 0.0233, 783), 4)
    0.1387
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


def robustness_of(y: FloatArray, x: FloatArray, adjust: FloatArray) -> Robustness | None:
    """Regress ``y`` on ``x`` and an adjustment set, and say what would overturn it.

    Parameters
    ----------
    y, x : array, shape (N,)
    adjust : array, shape (N, k)
        Without an intercept, which is added.

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
    return Robustness(estimate, se, df, robustness_value(t, df), level, partial_r2(t, df))
