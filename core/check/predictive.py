"""Observed against replicated: statistics of each node that mean something for its kind.

A statistic's posterior predictive p-value is two-sided, ``2 min(P(T_rep >= T), P(T_rep <= T))``
over the replicates. It uses the data twice and is conservative: a diagnostic, which flags
where a hypothesis fails to reproduce what was seen (Gelman, Meng & Stern 1996).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.check.tested import Replicates
from core.model.spec import NodeModel

__all__ = ["Check", "check_node", "statistics_for"]

FloatArray = NDArray[np.float64]
Statistic = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, eq=False)
class Check:
    """One statistic of one node; the fields are those of the contract.

    ``replicated`` holds the statistic in each replicate, shape (R,), for pictures.
    """

    node: str
    statistic: str
    observed: float
    replicated_mean: float | None
    predictive_p: float | None
    flagged: bool | None
    replicated: FloatArray = field(default_factory=lambda: np.empty(0))

    def to_dict(self) -> dict[str, object]:
        """Return the contract's record."""
        names = ("node", "statistic", "observed", "replicated_mean", "predictive_p", "flagged")
        return {name: getattr(self, name) for name in names}


def _skew(values: FloatArray) -> FloatArray:
    centred = values - values.mean(axis=-1, keepdims=True)
    squared = centred * centred  # powers of 3 are slow in numpy, products are not
    spread = np.sqrt(np.mean(squared, axis=-1))
    # What rounding leaves of a constant column has no shape.
    real = spread > 1e-12 * np.abs(values).max(axis=-1)
    return np.where(real, np.mean(squared * centred, axis=-1) / np.where(real, spread, 1.0) ** 3, 0.0)


def _sd(values: FloatArray) -> FloatArray:
    return values.std(axis=-1, ddof=1) if values.shape[-1] > 1 else np.zeros(values.shape[:-1])


def _dispersion(values: FloatArray) -> FloatArray:
    mean = values.mean(axis=-1)
    return _sd(values) ** 2 / np.where(mean > 0, mean, 1.0)


_MEAN: tuple[str, Statistic] = ("mean", lambda v: v.mean(axis=-1))
_SD: tuple[str, Statistic] = ("sd", _sd)
_SKEW: tuple[str, Statistic] = ("skew", _skew)
_MIN: tuple[str, Statistic] = ("min", lambda v: v.min(axis=-1))
_MAX: tuple[str, Statistic] = ("max", lambda v: v.max(axis=-1))
_ZEROS: tuple[str, Statistic] = ("zeros", lambda v: np.mean(v == 0, axis=-1))
_DISPERSION: tuple[str, Statistic] = ("dispersion", _dispersion)


def statistics_for(model: NodeModel) -> tuple[tuple[str, Statistic], ...]:
    """Return (name, function over the last axis) for a node's kind.

    Counts: mean, sd, share of zeros, variance over mean, extremes. Discrete nodes: the
    share of each level, ``share of <level>`` (of a binary node, of the level that is 1).
    Others: mean, sd, skew and extremes.
    """
    levels = model.response.levels
    if levels:
        codes = range(1, 2) if len(levels) == 2 else range(len(levels))
        return tuple((f"share of {levels[code]}", _share(code)) for code in codes)
    if model.kind == "count":
        return (_MEAN, _SD, _ZEROS, _DISPERSION, _MIN, _MAX)
    return (_MEAN, _SD, _SKEW, _MIN, _MAX)


def _share(code: int) -> Statistic:
    return lambda values: np.mean(values == code, axis=-1)


def check_node(
    model: NodeModel,
    observed: FloatArray,
    replicates: Replicates | None,
    threshold: float = 0.01,
    enters: NDArray[np.bool_] | None = None,
) -> tuple[Check, ...]:
    """Compare a node's observed and replicated statistics.

    Parameters
    ----------
    model : NodeModel
    observed : array, shape (N,)
        Raw values.
    replicates : Replicates, optional
        Without them only the observed statistics are given.
    threshold : float
        Under which a p-value is flagged.
    enters : array of bool, shape (N,), optional
        False where the node was set by intervention: the hypothesis says nothing of it there.
    """
    keep: NDArray[np.bool_] | slice = slice(None) if enters is None or enters.all() else enters
    if replicates is not None and replicates.rows is not None:
        observed = observed[replicates.rows]
        keep = keep if isinstance(keep, slice) else keep[replicates.rows]
    seen = observed[keep]
    if len(seen) == 0:
        return ()
    drawn = replicates.raw[model.node][:, keep] if replicates is not None and replicates.count else None
    return tuple(
        _compare(model.node, name, statistic, seen, drawn, threshold) for name, statistic in statistics_for(model)
    )


def _compare(
    node: str, name: str, statistic: Statistic, seen: FloatArray, drawn: FloatArray | None, threshold: float
) -> Check:
    value = float(statistic(seen))
    if drawn is None:
        return Check(node, name, value, None, None, None)
    with np.errstate(over="ignore", invalid="ignore"):
        replicated = np.asarray(statistic(drawn), dtype=np.float64)
    finite = replicated[np.isfinite(replicated)]
    if len(finite) == 0:
        return Check(node, name, value, None, None, None)
    # Equal up to rounding is equal: a constant column must not fail by the last digit.
    slack = 1e-9 * (abs(value) + float(np.abs(finite).mean())) + 1e-12 * float(np.abs(seen).max())
    above, below = float(np.mean(finite >= value - slack)), float(np.mean(finite <= value + slack))
    p = min(1.0, 2.0 * min(above, below))
    return Check(node, name, value, float(finite.mean()), p, p < threshold, replicated)
