"""Leave-one-out over very many rows, from a simple random sample of them.

The difference estimator of Magnusson, Andersen, Jonasson & Vehtari (2020): a cheap surrogate
for every row, the real thing (PSIS-LOO) for a sample, and the mean difference between the
two carried over to all. It is unbiased whatever the surrogate, and its error, known from
the sample, is small where the surrogate is good.

The surrogate takes each row's log density as a quadratic and the posterior as normal: with
mean m and variance v of the log density over the posterior, the row left out has m - v/2 and
left in m + v/2. Both follow from the log density at the posterior mean and one standard
deviation to each side along each axis: 2 D + 1 passes over the rows.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.families.base import FloatArray
from core.fit.target import Target

__all__ = [
    "SCORED_CELLS",
    "SCORED_ROWS",
    "Estimate",
    "difference_estimate",
    "is_large",
    "sample_rows",
    "scored_words",
    "surrogate",
]

SCORED_CELLS = 100_000_000
"""Draws x distinct rows above which leave-one-out is estimated from a sample of rows."""

SCORED_ROWS = 5_000
"""How many rows the sample has."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """A score of every row, shape (N,), whose sum is the estimate, and the standard error of that sum."""

    values: FloatArray
    se: float


def is_large(draws: int, distinct: int) -> bool:
    """Return whether leave-one-out of so many distinct rows is estimated from a sample."""
    return draws * distinct > SCORED_CELLS and distinct > 2 * SCORED_ROWS


def sample_rows(rows: int, seed: int) -> NDArray[np.intp]:
    """Return a simple random sample of row numbers, in order.

    It depends on the number of rows and the seed alone, so that families of rival hypotheses
    are scored on the same rows and much of the error cancels in their difference.
    """
    found = np.random.default_rng([seed % 2**63, rows]).choice(rows, min(SCORED_ROWS, rows), replace=False)
    return np.sort(found)


def surrogate(target: Target, mean: FloatArray, covariance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return an approximation to each distinct row's log density, left out and left in, shape (U,) each.

    Parameters
    ----------
    target : Target
    mean, covariance : array, shapes (D,) and (D, D)
        Of the posterior on the unconstrained space.
    """
    sizes, axes = np.linalg.eigh(covariance)
    steps = (axes * np.sqrt(np.maximum(sizes, 0.0))).T
    points = np.concatenate([mean[None], mean + steps, mean - steps])
    draws, d = target.constrain(points), len(mean)

    def work(rows: slice) -> tuple[FloatArray, FloatArray]:
        logs = target.log_likelihood(draws, rows)
        up, down = logs[1 : 1 + d], logs[1 + d :]
        expected = logs[0] + 0.5 * (up + down - 2.0 * logs[0]).sum(axis=0)
        half = 0.5 * ((0.5 * (up - down)) ** 2).sum(axis=0)
        return expected - half, expected + half

    parts = target.over_rows(len(points), work)
    return np.concatenate([out for out, _ in parts]), np.concatenate([inside for _, inside in parts])


def difference_estimate(approximate: FloatArray, scored: NDArray[np.intp], exact: FloatArray) -> Estimate:
    """Return the difference estimator row by row.

    Parameters
    ----------
    approximate : array, shape (N,)
        The surrogate of every row.
    scored : array of int, shape (m,)
        The sampled rows, no row twice.
    exact : array, shape (m,)
        What was computed for them.

    Returns
    -------
    Estimate
        The sampled rows have their exact value, the others the surrogate plus the mean
        difference; these add up to N times the mean difference plus the surrogate's sum.
    """
    n, m = len(approximate), len(scored)
    differences = exact - approximate[scored]
    values = approximate + differences.mean()
    values[scored] = exact
    se = n * np.sqrt((1.0 - m / n) * differences.var(ddof=1) / m) if 1 < m < n else 0.0
    return Estimate(values, float(se))


def scored_words(scored: int, rows: int) -> str:
    """Say what was done, for the block's warnings."""
    return (
        f"the leave-one-out score was computed for {scored:,} of {rows:,} rows, drawn at random, and estimated for "
        "the others by the difference from a normal approximation (Magnusson et al. 2020); its error says how well"
    )
