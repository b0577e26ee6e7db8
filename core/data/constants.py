"""The frozen constants of a column: centres, scales and log-means.

Only this module computes them and only ``core.model`` freezes them into a specification;
nothing else in Whyboard standardises.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import Dataset
from core.errors import DataError

__all__ = ["SKEWED", "ColumnConstants", "assumed_constants", "column_constants"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

SKEWED = 0.5
"""Over this a column counts as right-skewed: under it the sign of the skewness is mostly chance."""

# A typical range is read as the middle 95 % of a normal distribution on the working scale.
_RANGE_IN_SDS = 4.0


@dataclass(frozen=True)
class ColumnConstants:
    """Numbers that describe one column, over the rows used.

    Parameters
    ----------
    name, kind, levels
        Of the column. Statistics of discrete columns are those of their codes 0 … L-1.
    n : int
        How many values they come from.
    mean, sd, variance : float
        ``sd`` and ``variance`` with divisor n - 1. Where all values are equal, or n < 2,
        ``variance`` is 0, ``sd`` is 1 and ``constant`` is true.
    minimum, maximum : float
        NaN for n = 0.
    skew : float
        Third standardised moment, divisor n (g1); 0 where constant.
    log_mean, log_sd, log_skew : float
        The same of log y; NaN unless all values are above 0.
    log1p_mean, log1p_sd : float
        The same of log(1 + y); NaN unless all values are above -1.
    constant : bool
        Whether the column does not vary.
    """

    name: str
    kind: str
    levels: tuple[str, ...]
    n: int
    mean: float
    sd: float
    variance: float
    minimum: float
    maximum: float
    skew: float
    log_mean: float
    log_sd: float
    log_skew: float
    log1p_mean: float
    log1p_sd: float
    constant: bool = False

    @property
    def log_is_evener(self) -> bool:
        """Whether a column above 0 is right-skewed and its logarithm less so: then LogNormal is its default."""
        return math.isfinite(self.log_skew) and self.skew > SKEWED and abs(self.log_skew) < abs(self.skew)

    @property
    def working_transform(self) -> str:
        """The scale on which its default family works: ``"log"``, ``"log1p"`` or ``"identity"``."""
        if self.kind == "count":
            return "log1p"
        return "log" if self.kind == "positive" and self.log_is_evener else "identity"


def column_constants(dataset: Dataset, name: str, rows: BoolArray | None = None) -> ColumnConstants:
    """Return the constants of one column, from the rows in which it was observed, not set.

    Parameters
    ----------
    rows : array of bool, shape (N,), optional
        Rows used (the complete cases); all unless given. Missing values are left out, and
        rows in which the column was set by intervention; if it was set in every row,
        those rows have to do.

    Raises
    ------
    DataError
        If there is no such column.
    """
    column = dataset.column(name)
    values = dataset.values(name)
    use = ~np.isnan(values)
    if rows is not None:
        use &= rows
    observed = use & ~dataset.was_set(name)
    found = values[observed if observed.any() else use]
    return _constants(name, column.kind, column.levels, found)


def assumed_constants(
    name: str, kind: str, low: float | None = None, high: float | None = None, levels: Sequence[str] = ()
) -> ColumnConstants:
    """Return constants for a column of which there are no data.

    Parameters
    ----------
    low, high : float, optional
        The typical range that a user typed: the middle 95 %. Without it the column has
        centre 0 and scale 1 on its working scale (the logarithm for positive columns and
        counts).
    levels : sequence of str
        Of a discrete column; ``("0", "1")`` for binary unless given.

    Raises
    ------
    DataError
        If the range is empty or does not suit the kind.
    """
    _check_range(name, kind, low, high)
    if kind in ("binary", "category", "ordered"):
        words = tuple(levels) or (("0", "1") if kind == "binary" else ())
        codes = np.arange(len(words), dtype=np.float64)
        return _constants(name, kind, words, codes)
    if low is None or high is None:
        return _without_range(name, kind)
    centre, scale = (low + high) / 2, (high - low) / _RANGE_IN_SDS
    log_mean = log_sd = skew = log_skew = math.nan
    if low > 0:
        log_mean = (math.log(low) + math.log(high)) / 2
        log_sd = (math.log(high) - math.log(low)) / _RANGE_IN_SDS
        # A positive quantity is taken to be as skewed as the lognormal of its range.
        skew, log_skew = _lognormal_skew(log_sd), 0.0
    log1p = (math.nan, math.nan)
    if low > -1:
        a, b = math.log1p(low), math.log1p(high)
        log1p = ((a + b) / 2, (b - a) / _RANGE_IN_SDS)
    return ColumnConstants(
        name, kind, (), 0, centre, scale, scale**2, low, high, 0.0 if math.isnan(skew) else skew,
        log_mean, log_sd, log_skew, *log1p,
    )  # fmt: skip


def _check_range(name: str, kind: str, low: float | None, high: float | None) -> None:
    where = f"column {name}"
    if (low is None) != (high is None):
        raise DataError("a typical range has two ends", place=where, hint="Give the low and the high end.")
    if low is None or high is None:
        return
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise DataError(
            f"the typical range {low:g} to {high:g} is empty", place=where, hint="Give the lower end first."
        )
    if (kind == "positive" and low <= 0) or (kind == "count" and low < 0):
        raise DataError(
            f"a {kind} column cannot reach {low:g}", place=where, hint="Give a range above 0, or choose the kind real."
        )
    if kind == "proportion" and not 0 < low < high < 1:
        raise DataError(
            f"a proportion cannot reach {low:g} to {high:g}", place=where, hint="Give a range between 0 and 1."
        )


def _without_range(name: str, kind: str) -> ColumnConstants:
    skewed = kind in ("positive", "count")
    mean, sd, low, high = {
        "positive": (1.0, 1.0, math.nan, math.nan),
        "count": (1.0, 1.0, 0.0, math.nan),
        "proportion": (0.5, 0.25, 0.0, 1.0),
    }.get(kind, (0.0, 1.0, math.nan, math.nan))
    return ColumnConstants(
        name, kind, (), 0, mean, sd, sd**2, low, high,
        skew=_lognormal_skew(1.0) if kind == "positive" else 0.0,
        log_mean=0.0 if skewed else math.nan,
        log_sd=1.0 if skewed else math.nan,
        log_skew=0.0 if skewed else math.nan,
        log1p_mean=0.0 if skewed else math.nan,
        log1p_sd=1.0 if skewed else math.nan,
    )  # fmt: skip


def _lognormal_skew(sd: float) -> float:
    """Return the skewness of exp(Normal(m, sd)), which does not depend on m."""
    variance = min(sd**2, 50.0)
    return (math.exp(variance) + 2) * math.sqrt(math.expm1(variance))


def _constants(name: str, kind: str, levels: tuple[str, ...], values: FloatArray) -> ColumnConstants:
    mean, sd, variance, skew, constant = _moments(values)
    log_mean = log_sd = log_skew = log1p_mean = log1p_sd = math.nan
    if values.size and values.min() > 0:
        log_mean, log_sd, _, log_skew, _ = _moments(np.log(values))
    if values.size and values.min() > -1:
        log1p_mean, log1p_sd, _, _, _ = _moments(np.log1p(values))
    low, high = (float(values.min()), float(values.max())) if values.size else (math.nan, math.nan)
    return ColumnConstants(
        name, kind, levels, int(values.size), mean, sd, variance, low, high, skew,
        log_mean, log_sd, log_skew, log1p_mean, log1p_sd, constant,
    )  # fmt: skip


def _moments(values: FloatArray) -> tuple[float, float, float, float, bool]:
    """Return mean, sd, variance, skew and whether the values are constant."""
    n = values.size
    if n == 0:
        return 0.0, 1.0, 0.0, 0.0, True
    low, high = float(values.min()), float(values.max())
    if n < 2 or low == high:
        return low if low == high else float(values.mean()), 1.0, 0.0, 0.0, True
    # Scaling by a power of two loses nothing and keeps powers of extreme values finite.
    unit = math.ldexp(1.0, min(math.frexp(max(abs(low), abs(high)))[1], 1023))
    scaled = values / unit
    mean = float(scaled.mean())
    centred = scaled - mean
    squares = float(centred @ centred)
    sd = math.sqrt(squares / (n - 1)) * unit
    if not (sd > 0 and math.isfinite(sd)):
        return mean * unit, 1.0, 0.0, 0.0, True
    skew = float(np.mean(centred**3)) / (squares / n) ** 1.5
    return mean * unit, sd, sd**2 if sd < 1e150 else math.inf, skew, False
