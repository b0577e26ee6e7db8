"""Averages over some rows, brought to what they are over all of them.

An action is played on many draws and few rows, and which rows these are moves an average by more than the draws leave
open. So it is played on a few of the draws and all rows too, and what the two differ by there is added to every draw (a
difference estimator; Särndal, Swensson & Wretman 1992, 6.3): what rows do is averaged over all of them, what
parameters leave open is told by all draws.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.effects.stage import Stage

__all__ = ["brought", "on_all_rows"]

FloatArray = NDArray[np.float64]

_CELLS = 600_000  # draws x rows x worlds that are played beside the others
_MOST_CELLS = 8_000_000  # of a single draw; beyond, rows by lot stand for all
_MOST_DRAWS = 8


def on_all_rows(stage: Stage, worlds: int, repeats: int) -> tuple[Stage, NDArray[np.intp]] | None:
    """Return the stage on all rows and a few of its draws, and which these are; None where it has all rows.

    Parameters
    ----------
    stage : Stage
    worlds : int
        How many will be played.
    repeats : int
        Draws of a row's noise.
    """
    if stage.all_rows is None:
        return None
    rows: Mapping[str, FloatArray] = stage.all_rows
    many = len(next(iter(rows.values())))
    most = max(stage.rows, _MOST_CELLS // (worlds * repeats))
    if many > most:
        kept = np.sort(np.random.default_rng([stage.seed, 41]).choice(many, most, replace=False))
        rows, many = {name: values[kept] for name, values in rows.items()}, most
    count = int(np.clip(_CELLS // (many * worlds * repeats), 1, min(_MOST_DRAWS, stage.draws)))
    some = np.floor((np.arange(count) + 0.5) * stage.draws / count).astype(np.intp)
    own = {node: {name: values[some] for name, values in draws.items()} for node, draws in stage.parameters.items()}
    key = (stage.key, "all rows", count, many)
    return replace(stage, parameters=own, raw=rows, all_rows=None, entire=True, key=key), some


def brought(centre: FloatArray, of_all: FloatArray, some: NDArray[np.intp], *, factor: bool, share: bool) -> FloatArray:
    """Return averages over some rows as they are over all.

    Parameters
    ----------
    centre : array, shape (W, S) or (W, S, K)
        Over some rows.
    of_all : array, shape (W, D) or (W, D, K)
        Over all rows, of the draws ``some``.
    factor : bool
        Whether what is above 0 is multiplied rather than moved.
    share : bool
        Whether it lies between 0 and 1.
    """
    before = centre[:, some].mean(axis=1, keepdims=True)
    after = of_all.mean(axis=1, keepdims=True)
    if factor:
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.where((before > 0) & np.isfinite(before) & np.isfinite(after), after / before, 1.0)
        return np.asarray(centre * ratio)
    moved = centre + (after - before)
    return np.clip(moved, 0.0, 1.0) if share else moved
