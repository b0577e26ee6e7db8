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
    "Surrogate",
    "difference_estimate",
    "is_large",
    "sample_rows",
    "scored_words",
    "shared_influence",
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


@dataclass(frozen=True, eq=False)
class Surrogate:
    """An approximation to each distinct row's log density over a posterior.

    Parameters
    ----------
    left_out, left_in : array, shape (U,)
        The row left out of the posterior's data, and left in.
    pull : array, shape (D,)
        How much the sum over all rows moves with the posterior mean, in standard deviations
        along the axes.
    axes : array, shape (D, D)
        One standard deviation along each axis, a row each.
    """

    left_out: FloatArray
    left_in: FloatArray
    pull: FloatArray
    axes: FloatArray


def surrogate(target: Target, mean: FloatArray, covariance: FloatArray) -> Surrogate:
    """Approximate the rows of a target.

    Parameters
    ----------
    target : Target
        Its weights count in ``pull``.
    mean, covariance : array, shapes (D,) and (D, D)
        Of the posterior on the unconstrained space.
    """
    sizes, directions = np.linalg.eigh(covariance)
    steps = (directions * np.sqrt(np.maximum(sizes, 1e-300))).T
    points = np.concatenate([mean[None], mean + steps, mean - steps])
    draws, d = target.constrain(points), len(mean)

    def work(rows: slice) -> tuple[FloatArray, FloatArray, FloatArray]:
        logs = target.log_likelihood(draws, rows)
        up, down = logs[1 : 1 + d], logs[1 + d :]
        slopes = 0.5 * (up - down)
        expected = logs[0] + 0.5 * (up + down - 2.0 * logs[0]).sum(axis=0)
        half = 0.5 * (slopes**2).sum(axis=0)
        return expected - half, expected + half, slopes @ target.weights[rows]

    parts = target.over_rows(len(points), work)
    return Surrogate(
        np.concatenate([out for out, _, _ in parts]),
        np.concatenate([inside for _, inside, _ in parts]),
        sum((pull for _, _, pull in parts), np.zeros(d)),
        steps,
    )


def shared_influence(
    whole: Surrogate, sample: Surrogate, theta: FloatArray, weights: FloatArray, scored: FloatArray, times: float
) -> FloatArray:
    """Return how much each draw moves the difference estimate, shape (S,).

    The surrogate stands at the mean of the same draws that score the sampled rows, so what
    the draws do to a row's score they do, to first order, to its surrogate too: in the
    difference it cancels.

    Parameters
    ----------
    whole, sample : Surrogate
        Of all rows, and of the sampled ones.
    theta, weights : array, shapes (S, D) and (S,)
        The draws, and their weights, which add up to one.
    scored : array, shape (S,)
        How much each draw moves the sum over the sampled rows (:class:`core.fit.psis.Loo`).
    times : float
        N / m.
    """
    at = np.linalg.solve(whole.axes.T, (theta - weights @ theta).T).T
    return times * scored + weights * (at @ (whole.pull - times * sample.pull))


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
