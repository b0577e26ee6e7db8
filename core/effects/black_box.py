"""What a black box makes of the same step: boosted trees, and the mean change of their prediction.

Trees predict the outcome from every other column, and the treatment is moved in every row: the mean of f(high_i,
z_i) - f(low_i, z_i) is the partial dependence of the step (Friedman 2001). It is an association, however well the
trees predict: what they hold fixed is whatever else is in the table.

The rows are cut into ten parts. Ten fits, each without one part, predict the part that they have not seen, which gives
an honest score; how their answers spread gives the standard error, that of the delete-a-group jackknife

    se^2 = (G - 1) / G sum_g (theta_g - mean theta)^2

(Shao & Wu 1989), with an interval by t with G - 1 degrees of freedom.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_ROWS", "PARTS", "Boosted", "boosted"]

FloatArray = NDArray[np.float64]

MOST_ROWS = 20_000
"""Of more rows, a random part is looked at, the same each time."""

PARTS = 10
"""Fits that each leave one part of the rows out."""

_TREES = 100
_LEAVES = 8
_FEWEST_IN_A_LEAF = 20
_MOST_LEVELS = 200  # trees take no category of more
_SURE = 1e-6


@dataclass(frozen=True)
class Boosted:
    """The step's effect on the prediction, its error with degrees of freedom, and how well unseen rows are predicted.

    ``skill`` is R2 of a number, and of two levels the share of the log loss of always saying the mean that is
    saved; under 0 it predicts worse than the mean.
    """

    effect: float
    se: float
    df: int
    skill: float
    rows: int


def boosted(
    y: FloatArray,
    table: FloatArray,
    moved: tuple[FloatArray, FloatArray],
    levels: Sequence[int],
    two_levels: bool,
    seed: int = 0,
) -> Boosted | None:
    """Fit boosted trees and move the treatment, the first column.

    Parameters
    ----------
    y : array, shape (N,)
        0 and 1 where ``two_levels``.
    table : array, shape (N, k)
        Raw values, codes of categories.
    moved : (array, array), shape (N,) each
        The treatment at the lower and the upper end of its step.
    levels : sequence of int
        Of each column of ``table``; 0 for a number.
    two_levels : bool
        Whether ``y`` is a chance.
    seed : int
        Of the parts, and of the random part of more than 20,000 rows.

    Returns
    -------
    Boosted or None
        None of under 100 rows, or where a part without its rows would have only one level.
    """
    from threadpoolctl import threadpool_limits

    rng = np.random.default_rng([seed, len(y), 41])
    rows = np.arange(len(y))
    if len(rows) > MOST_ROWS:
        rows = np.sort(rng.choice(rows, MOST_ROWS, replace=False))
    if len(rows) < 100 or y[rows].min() == y[rows].max():
        return None
    y, table = y[rows], table[rows]
    ends = []
    for end in moved:
        at = table.copy()
        at[:, 0] = end[rows]
        ends.append(at)
    import sklearn.ensemble  # noqa: F401  (only what is loaded is held to one thread)

    # On a machine whose processors are busy, threads that wait for each other take fifty times as long.
    with threadpool_limits(limits=1):
        return _fits((y, table), (ends[0], ends[1]), levels, two_levels, (rng.permutation(len(rows)) % PARTS, seed))


def _fits(
    seen: tuple[FloatArray, FloatArray],
    ends: tuple[FloatArray, FloatArray],
    levels: Sequence[int],
    two_levels: bool,
    drawn: tuple[NDArray[np.intp], int],
) -> Boosted | None:
    (y, table), (part, seed), rows = seen, drawn, len(seen[0])
    unseen, middle = np.empty(rows), np.empty(rows)
    answers = np.empty(PARTS)
    for number in range(PARTS):
        out = part == number
        if y[~out].min() == y[~out].max():
            return None
        model = _Trees(y[~out], table[~out], levels, two_levels, seed)
        unseen[out], middle[out] = model.predict(table[out]), y[~out].mean()
        answers[number] = np.mean(model.predict(ends[1]) - model.predict(ends[0]))
    whole = _Trees(y, table, levels, two_levels, seed)
    effect = float(np.mean(whole.predict(ends[1]) - whole.predict(ends[0])))
    se = sqrt((PARTS - 1) / PARTS * float(np.sum((answers - answers.mean()) ** 2)))
    return Boosted(effect, se, PARTS - 1, 1.0 - _loss(y, unseen, two_levels) / _loss(y, middle, two_levels), rows)


class _Trees:
    """One fit; predictions are means or chances."""

    def __init__(self, y: FloatArray, table: FloatArray, levels: Sequence[int], two_levels: bool, seed: int) -> None:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        kind = HistGradientBoostingClassifier if two_levels else HistGradientBoostingRegressor
        self._two_levels = two_levels
        self._model = kind(
            max_iter=_TREES,
            max_leaf_nodes=_LEAVES,
            min_samples_leaf=_FEWEST_IN_A_LEAF,
            categorical_features=[0 < count <= _MOST_LEVELS for count in levels],
            early_stopping=False,
            random_state=seed,
        ).fit(table, y.astype(np.int64) if two_levels else y)

    def predict(self, table: FloatArray) -> FloatArray:
        if self._two_levels:
            return np.asarray(self._model.predict_proba(table)[:, 1])
        return np.asarray(self._model.predict(table))


def _loss(y: FloatArray, predicted: FloatArray, two_levels: bool) -> float:
    if not two_levels:
        return float(np.mean((y - predicted) ** 2))
    sure = np.clip(predicted, _SURE, 1.0 - _SURE)
    return float(-np.mean(y * np.log(sure) + (1.0 - y) * np.log(1.0 - sure)))
