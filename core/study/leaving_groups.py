"""Scores that leave whole groups out, or whole stretches of a series, where blocks have a closed form.

With Z the evidence of a family, the density that it predicts for the rows of a group, jointly, from all other
rows is ``Z(all) / Z(all but the group)``. The evidence without a group is that of a data set in which its rows
weigh nothing, which the closed forms give at once for every group (:mod:`core.fit.resampled`). So nothing is
fitted again. Many groups are left out some at a time (K-fold over whole groups).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.fit.resampled import resampled_evidence
from core.fit.resamples import Resamples
from core.fit.result import MANY_ROWS, BlockFit
from core.memory import Memory
from core.model.design import block_data
from core.study.planning import Plan

__all__ = ["FOLDS", "GroupedScores", "grouped_scores"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

FOLDS = 100
"""More groups than this are left out several at a time."""


@dataclass(frozen=True, eq=False)
class GroupedScores:
    """Fits whose scores leave groups out, and the rows that were left out together, shape (N,).

    A row's score is the group's, shared out evenly: sums over groups are what counts. ``left_out`` is false where
    some block that rivals differ in has no closed form: then scores leave out single rows, and their errors
    alone are those of groups.
    """

    fits: Mapping[str, BlockFit]
    clusters: IntArray | None = None
    left_out: bool = False


def grouped_scores(
    plan: Plan, fits: Mapping[str, BlockFit], clusters: IntArray | None, memory: Memory
) -> GroupedScores:
    """Return the scores that leave out whole clusters of rows.

    Parameters
    ----------
    plan : Plan
    fits : mapping of str to BlockFit
        Every content key of the plan.
    clusters : array of int, shape (N,), or None
        Which rows belong together; None where none do.
    memory : Memory
        Each block's are kept there under its content key.
    """
    if clusters is None:
        return GroupedScores(fits)
    keys = [set(own.values()) for own in plan.keys.values()]
    differ = keys[0].union(*keys) - keys[0].intersection(*keys)
    closed = {
        key: block.model
        for key, (block, _) in plan.blocks.items()
        if block.model.conjugate and fits[key].method == "exact"
    }
    many = int(clusters.max(initial=0)) + 1
    if differ - closed.keys() or len(clusters) > MANY_ROWS or many < 2:
        return GroupedScores(fits, clusters)
    folds = clusters
    if many > FOLDS:
        folds = (np.random.default_rng([plan.seed, many]).permutation(many) % FOLDS)[clusters]
    count = int(folds.max()) + 1
    without = Resamples(1.0 - np.eye(count), None, len(folds), folds)
    wanted = list(closed)

    def compute(missing: list[int]) -> list[FloatArray]:
        found = []
        for place in missing:
            key = wanted[place]
            data = block_data(closed[key], plan.complete)
            found.append(fits[key].log_evidence - resampled_evidence(closed[key], data, fits[key], without))
            data.forget()
        return found

    digest = hashlib.blake2b(folds.tobytes(), digest_size=16).hexdigest()
    scores = memory.recall_all([("left out", key, digest) for key in wanted], compute)
    size = np.bincount(folds)
    told = dict(fits)
    for key, by_fold in zip(wanted, scores, strict=True):
        elpd_i, before = (by_fold / size)[folds], fits[key]
        # What single rows say of how flexible a family is stays as it was.
        told[key] = replace(before, elpd_i=elpd_i, lppd_i=elpd_i + before.lppd_i - before.elpd_i)
    return GroupedScores(told, folds, True)
