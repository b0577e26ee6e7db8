"""How many rows it takes to tell two hypotheses apart: of an experiment, and of rows like those that there are."""

from dataclasses import dataclass
from math import ceil, log, sqrt

from core.comparison.result import Comparison

__all__ = ["Foretold", "more_rows", "rows_apart"]

Z = 1.96
"""A Normal's 95 % range reaches so many standard deviations to either side."""
ODDS = 19.0
"""Nineteen to one is 95 %."""
MOST_ROWS = 1_000_000
"""More rows than that are never asked for."""


@dataclass(frozen=True)
class Foretold:
    """What one hypothesis foretells of an experiment with two arms.

    Parameters
    ----------
    mean, sd : float
        Of the difference between the arms over endless rows, what the parameters leave open.
    spread : (float, float)
        Variance of one row in either arm.
    """

    mean: float
    sd: float
    spread: tuple[float, float]

    def range(self, rows: int) -> float:
        """Return how far its 95 % range reaches to either side, half of ``rows`` rows being in each arm."""
        return Z * sqrt(self.sd**2 + 2.0 * sum(self.spread) / rows)


def rows_apart(one: Foretold, other: Foretold) -> int | None:
    """Return with how many rows, half in each arm, the 95 % ranges of two answers no longer overlap.

    Returns
    -------
    int or None
        None where they overlap with any number of rows up to :data:`MOST_ROWS`, for what the parameters leave open.
    """
    gap = abs(one.mean - other.mean)
    if not one.range(MOST_ROWS) + other.range(MOST_ROWS) < gap:
        return None
    low, high = 1, MOST_ROWS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if one.range(middle) + other.range(middle) < gap else (middle, high)
    return high + high % 2


def more_rows(comparison: Comparison, one: str, other: str) -> int | None:
    """Return about how many more rows like those that there are would tell two hypotheses apart.

    Both yardsticks grow with the rows: the log evidence as far as it has grown by row, to nineteen to one; and the
    difference in elpd, whose standard error grows with their root, to 1.96 of these. The one that takes more counts.

    Returns
    -------
    int or None
        0 where they are apart already; None where the yardsticks disagree or are not known, or it takes over
        :data:`MOST_ROWS`.
    """
    asked = comparison.question
    pairs = asked.differences if asked is not None else comparison.differences
    found = next((pair for pair in pairs if {pair.a, pair.b} == {one, other}), None)
    if found is None or not found.log_bayes_factor or not found.elpd or found.se is None:
        return None
    if found.log_bayes_factor * found.elpd < 0:
        return None
    rows = comparison.data.rows
    needed = max(log(ODDS) / abs(found.log_bayes_factor), (Z * found.se / found.elpd) ** 2)
    return max(0, ceil((needed - 1.0) * rows)) if needed * rows <= MOST_ROWS else None
