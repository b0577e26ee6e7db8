"""The scores of one fitted hypothesis: sums over its blocks, with their errors."""

import numpy as np

from core.comparison.result import Elpd, Evidence
from core.fit.result import Fit

__all__ = ["elpd_of", "evidence_of", "finite"]


def finite(value: float) -> float | None:
    """Return a number, None where it is not finite."""
    return float(value) if np.isfinite(value) else None


def elpd_of(fit: Fit, pareto_k_max: float | None, scored: bool) -> Elpd:
    """Return the sum over rows, its standard error (sampling and Monte Carlo) and the effective number of parameters.

    Parameters
    ----------
    fit : Fit
    pareto_k_max : float or None
    scored : bool
        False where a gate failed: then no number is given.
    """
    rows = fit.elpd_i
    estimate = finite(fit.elpd) if scored else None
    if estimate is None:
        return Elpd(None, None, None, pareto_k_max)
    sampling = len(rows) * float(np.var(rows, ddof=1)) if len(rows) > 1 else 0.0
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
