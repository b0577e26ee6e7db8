"""The scores of one fitted hypothesis: sums over its blocks, with their errors."""

import numpy as np
from numpy.typing import NDArray
from scipy import special

from core.comparison.facts import Elpd, Evidence
from core.fit.result import Fit

__all__ = ["elpd_of", "evidence_of", "finite", "sampling_variance"]

_USUAL = 1.959963984540054  # of a Normal, 97.5 %


def finite(value: float) -> float | None:
    """Return a number, None where it is not finite."""
    return float(value) if np.isfinite(value) else None


def sampling_variance(rows: NDArray[np.float64], clusters: NDArray[np.intp] | None = None) -> float:
    """Return the sampling variance of a sum over rows.

    Parameters
    ----------
    rows : array, shape (N,)
        What is added up.
    clusters : array of int, shape (N,), optional
        Rows with one label belong together. With d_g the sums over clusters of the rows less their mean,
        the variance is ``G / (G - 1) sum d_g^2`` (Liang & Zeger 1986), not less than that of independent
        rows, and made wider as Student's t with G - 1 degrees of freedom is wider than a Normal: few clusters
        do not show how much they vary.
    """
    if len(rows) < 2:
        return 0.0
    alone = len(rows) * float(np.var(rows, ddof=1))
    if clusters is None:
        return alone
    sums = np.bincount(clusters, weights=rows - rows.mean())
    many = len(sums)
    if many < 2:
        return float("inf")
    wider = (float(special.stdtrit(many - 1, 0.975)) / _USUAL) ** 2
    return max(alone, wider * many / (many - 1) * float(sums @ sums))


def elpd_of(fit: Fit, pareto_k_max: float | None, scored: bool, clusters: NDArray[np.intp] | None = None) -> Elpd:
    """Return the sum over rows, its standard error (sampling and Monte Carlo) and the effective number of parameters.

    Parameters
    ----------
    fit : Fit
    pareto_k_max : float or None
    scored : bool
        False where a gate failed: then no number is given.
    clusters : array of int, shape (N,), optional
        See :func:`sampling_variance`.
    """
    rows = fit.elpd_i
    estimate = finite(fit.elpd) if scored else None
    if estimate is None:
        return Elpd(None, None, None, pareto_k_max)
    sampling = sampling_variance(rows, clusters)
    monte_carlo = sum(block.elpd_mcse**2 for block in fit.blocks.values())
    p = float(sum(block.lppd - block.elpd for block in fit.blocks.values()))
    return Elpd(estimate, float(np.sqrt(sampling + monte_carlo)), p, pareto_k_max)


def evidence_of(fit: Fit) -> Evidence:
    """Return the log evidence, its standard error and its sweep; None where a block has none."""
    estimate = finite(fit.log_evidence)
    if estimate is None:
        return Evidence(None, None)
    sweeps = [block.sweep for block in fit.blocks.values()]
    swept = None if None in sweeps else tuple(float(value) for value in np.sum(sweeps, axis=0))  # type: ignore[arg-type]
    return Evidence(estimate, float(np.sqrt(sum(block.log_evidence_se**2 for block in fit.blocks.values()))), swept)
