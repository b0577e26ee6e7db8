"""Scores of equivalence classes: what no observational data can separate is scored as one.

Each class has the same prior mass; its evidence is the mean of its members' evidences, and
its predictive density of a row the mean of its members'. No member has a probability or a
weight of its own.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.comparison.result import ClassFacts
from core.comparison.stacking import stacking_weights

__all__ = ["FloatArray", "class_facts", "log_mean_exp"]

FloatArray = NDArray[np.float64]


def log_mean_exp(values: FloatArray, axis: int = 0) -> FloatArray:
    """Return the logarithm of the mean of exponentials, without overflow."""
    top = values.max(axis=axis, keepdims=True)
    return np.squeeze(top, axis) + np.log(np.mean(np.exp(values - top), axis=axis))


def class_facts(
    names: Sequence[str],
    groups: Sequence[Sequence[int]],
    log_evidence: Sequence[float],
    elpd_i: Sequence[FloatArray],
    *,
    ranked: bool = True,
    predictive: bool = True,
    resampled: Sequence[FloatArray] | None = None,
) -> tuple[ClassFacts, ...]:
    """Score the classes.

    Parameters
    ----------
    names : sequence of str
        The hypotheses.
    groups : sequence of sequences of int
        The classes, as positions in ``names``.
    log_evidence : sequence of float
    elpd_i : sequence of array, shape (N,)
        Row-wise elpd of each hypothesis.
    ranked : bool
        False if a gate failed or rows are not exchangeable: then no probability or weight.
    predictive : bool
        False if elpd cannot be trusted: then no weight.
    resampled : sequence of array, shape (B,), optional
        Log evidence of each hypothesis on B resampled data sets, less anything that is the same for
        all hypotheses; without it no bagged probability.
    """
    evidence = np.array([float(log_mean_exp(np.array([log_evidence[i] for i in group]))) for group in groups])
    known = bool(np.isfinite(evidence).all())
    weight = np.exp(evidence - evidence.max()) if known else np.ones(len(evidence))
    probability = weight / weight.sum()
    stacked = None
    if ranked and predictive:
        stacked = stacking_weights(np.column_stack([log_mean_exp(np.array([elpd_i[i] for i in g])) for g in groups]))
    bagged = None
    if ranked and known:
        bagged = np.ones((1, 1)) if len(groups) == 1 else _bagged(groups, resampled)
    return tuple(
        ClassFacts(
            tuple(names[i] for i in group),
            float(evidence[k]) if np.isfinite(evidence[k]) else None,
            float(probability[k]) if ranked and known else None,
            float(stacked[k]) if stacked is not None else None,
            *(_mean_and_interval(bagged[k]) if bagged is not None else (None, None)),
        )
        for k, group in enumerate(groups)
    )


def _bagged(groups: Sequence[Sequence[int]], resampled: Sequence[FloatArray] | None) -> FloatArray | None:
    """Return each class's probability on each resampled data set, shape (classes, B'); None if most have none."""
    if resampled is None:
        return None
    evidence = np.array([log_mean_exp(np.array([resampled[i] for i in group])) for group in groups])
    whole = np.isfinite(evidence).all(axis=0)
    if 2 * whole.sum() < evidence.shape[1]:
        return None
    evidence = evidence[:, whole]
    weight = np.exp(evidence - evidence.max(axis=0))
    found: FloatArray = weight / weight.sum(axis=0)
    return found


def _mean_and_interval(values: FloatArray) -> tuple[float, tuple[float, float]]:
    ordered, last = np.sort(values), len(values) - 1
    return float(values.mean()), (float(ordered[round(0.05 * last)]), float(ordered[round(0.95 * last)]))
