"""Two-stage least squares: the effect by way of what moves the treatment and nothing else.

With ~ for what the given columns leave, Z~ the instrument's columns and P their projection,

    b = (x~' P y~) / (x~' P x~),

whose error is the sandwich with the second stage's residuals y~ - b x~, times N / df (HC1; Wooldridge 2010,
section 5.2). An instrument that hardly moves the treatment pulls b towards least squares and makes that interval
too short; the rule of thumb is a first-stage F under 10 (Staiger & Stock 1997). F is here the Wald statistic with
HC3 errors, over the number of the instrument's columns.

The interval of Anderson & Rubin (1949) holds whatever the instrument's strength: every b is kept for which the
instrument says nothing of y - b x. With one column that is (p - b q)^2 <= c (V_pp - 2 b V_pq + b^2 V_qq), p and q
being the coefficients of the outcome and of the treatment on the instrument and V their joint HC3 covariance; with
several, F of y~ - b x~ on Z~ under equal variances. Either is a quadratic in b, so the interval is closed form, and
may be without an end, or all but a middle part, where the instrument is weak.
"""

from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
from numpy.typing import NDArray

from core.effects.least_squares import HC3, basis_of, fitted, left_by, sandwich

__all__ = ["WEAK", "Instrumented", "two_stage"]

FloatArray = NDArray[np.float64]

WEAK = 10.0
"""A smaller first-stage F is called weak (Staiger & Stock 1997)."""


@dataclass(frozen=True)
class Instrumented:
    """What an instrument says of a coefficient.

    Parameters
    ----------
    coefficient, se : float
    df : int
    first_stage : float
        F of the instrument in the treatment.
    kept : tuple of (float, float)
        The Anderson-Rubin 90 % set, as intervals from low to high, ends possibly infinite; none where every
        value is excluded, which several instruments that contradict each other can do.
    """

    coefficient: float
    se: float
    df: int
    first_stage: float
    kept: tuple[tuple[float, float], ...]

    @property
    def weak(self) -> bool:
        """Whether the first stage is under :data:`WEAK`."""
        return self.first_stage < WEAK


def two_stage(y: FloatArray, x: FloatArray, instrument: FloatArray, given: FloatArray) -> Instrumented | None:
    """Estimate the coefficient of a treatment by an instrument.

    Parameters
    ----------
    y, x : array, shape (N,)
    instrument : array, shape (N, m)
        Its columns: one of a number or of two levels.
    given : array, shape (N, k)
        What is adjusted for in both stages, without an intercept.

    Returns
    -------
    Instrumented or None
        None where the given columns determine instrument or treatment, or the instrument leaves the treatment
        where it is to the last digit.
    """
    basis = basis_of(given)
    first = fitted(x, instrument, basis)
    if first is None:
        return None
    rows, columns = instrument.shape
    left_y, left_x, left_z = left_by(basis, y), left_by(basis, x), left_by(basis, instrument)
    inverse = np.linalg.inv(left_z.T @ left_z)
    moved = left_z @ first.coefficients
    strength = float(moved @ left_x)
    if strength <= 1e-16 * float(left_x @ left_x) or not np.any(first.covariance):
        return None
    coefficient = float(moved @ left_y) / strength
    df = rows - basis.shape[1] - 1
    rest = left_y - coefficient * left_x
    se = sqrt(rows / df * float(np.sum((moved * rest) ** 2))) / strength
    wald = float(first.coefficients @ np.linalg.pinv(first.covariance) @ first.coefficients) / columns
    ends = np.column_stack([left_y, left_x])
    kept = _robust(ends, left_z, inverse, basis) if columns == 1 else _equal(ends, left_z, inverse, first.df)
    return Instrumented(coefficient, se, df, wald, kept)


def _robust(ends: FloatArray, z: FloatArray, inverse: FloatArray, basis: FloatArray) -> tuple[tuple[float, float], ...]:
    from scipy.special import stdtrit

    p, q = (inverse @ (z.T @ ends))[0]
    rest = ends - z * np.array([p, q])
    (of_p, both), (_, of_q) = sandwich(z, inverse, rest, basis, HC3)[0, 0]
    level = float(stdtrit(len(z) - basis.shape[1] - 1, 0.95)) ** 2
    return _where_not_positive(q * q - level * of_q, -2.0 * (p * q - level * both), p * p - level * of_p)


def _equal(ends: FloatArray, z: FloatArray, inverse: FloatArray, df: int) -> tuple[tuple[float, float], ...]:
    from scipy.special import fdtri

    columns = z.shape[1]
    explained = ends.T @ (z @ (inverse @ (z.T @ ends)))
    rest = ends.T @ ends - explained
    form = explained / columns - float(fdtri(columns, df, 0.9)) * rest / df
    return _where_not_positive(form[1, 1], -2.0 * form[0, 1], form[0, 0])


def _where_not_positive(a: float, b: float, c: float) -> tuple[tuple[float, float], ...]:
    """Return where a v^2 + b v + c <= 0, as intervals."""
    inside = b * b - 4.0 * a * c
    if a == 0.0 or inside < 0.0:
        return ((-inf, inf),) if a < 0.0 else ()
    # The root of larger size first, so that nothing cancels.
    far = -0.5 * (b + (sqrt(inside) if b >= 0 else -sqrt(inside)))
    roots = sorted((far / a, c / far if far else 0.0))
    low, high = (float(root) for root in roots)
    return ((low, high),) if a > 0.0 else ((-inf, low), (high, inf))
