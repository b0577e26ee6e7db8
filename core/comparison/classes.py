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

__all__ = ["class_facts", "log_mean_exp"]

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
    """
    evidence = np.array([float(log_mean_exp(np.array([log_evidence[i] for i in group]))) for group in groups])
    known = bool(np.isfinite(evidence).all())
    weight = np.exp(evidence - evidence.max()) if known else np.ones(len(evidence))
    probability = weight / weight.sum()
    stacked = None
    if ranked and predictive:
        stacked = stacking_weights(np.column_stack([log_mean_exp(np.array([elpd_i[i] for i in g])) for g in groups]))
    return tuple(
        ClassFacts(
            tuple(names[i] for i in group),
            float(evidence[k]) if np.isfinite(evidence[k]) else None,
            float(probability[k]) if ranked and known else None,
            float(stacked[k]) if stacked is not None else None,
        )
        for k, group in enumerate(groups)
    )
