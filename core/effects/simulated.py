"""Effects where some node on the way is not linear: both worlds simulated on the same noise.

For a thinned set of draws and all rows (a random part of them where there are many), the
descendants of the treatment that lie on a path to the outcome are drawn in causal order, as
quantiles of the same uniform numbers in both worlds. The outcome itself is not drawn: its
expectation given its parents is taken.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.effects.noise import quantile
from core.families import get_family
from core.families.base import Draws
from core.model.design import design_matrix, raw_response
from core.model.spec import NodeModel

__all__ = ["simulated_contrast"]

FloatArray = NDArray[np.float64]

_DRAWS = 400
_ROWS = 1_000
_CELLS = 200_000  # draws x rows simulated for one contrast
_DIRECT_CELLS = 4_000_000  # the same where the outcome is the treatment's child and nothing is drawn
_REPEATS = 8  # draws of the noise a row where a median is needed
_STEP = 200_000


def simulated_contrast(
    order: Sequence[NodeModel],
    treatment: str,
    pair: tuple[float, float] | None,
    parameters: Mapping[str, Draws],
    raw: Mapping[str, FloatArray],
    rng: np.random.Generator,
) -> list[tuple[FloatArray, FloatArray]]:
    """Return (difference, ratio) of draws, shape (S,) each: one, or one a level of a category outcome."""
    outcome = order[-1]
    median = outcome.family == "LogNormal"
    chosen, kept = _thin(len(order) == 1, len(_some(parameters[outcome.node])), len(raw[treatment]), rng)
    rows = {name: values[kept] for name, values in raw.items()}
    draws = {model.node: {key: value[chosen] for key, value in parameters[model.node].items()} for model in order}
    observed = rows[treatment]
    low = observed if pair is None else np.full_like(observed, pair[0])
    high = observed + 1.0 if pair is None else np.full_like(observed, pair[1])
    step = max(1, _STEP // max(len(observed), 1))
    worlds: list[list[FloatArray]] = [[], []]
    for start in range(0, len(chosen), step):
        part = {node: {key: value[start : start + step] for key, value in d.items()} for node, d in draws.items()}
        seeds = rng.integers(2**63, size=_REPEATS if median and len(order) > 1 else 1)
        for world, values in zip(worlds, (low, high), strict=True):
            world.append(_world(order, treatment, values, part, rows, seeds, median))
    before, after = (np.concatenate(world) for world in worlds)
    if before.ndim == 1:
        return [(after - before, after / np.where(before == 0, np.nan, before) if median else np.ones_like(before))]
    return [(after[:, k] - before[:, k], np.ones(len(before))) for k in range(before.shape[1])]


def _some(draws: Draws) -> FloatArray:
    return next(iter(draws.values()))


def _thin(direct: bool, draws: int, rows: int, rng: np.random.Generator) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    cells = _DIRECT_CELLS if direct else _CELLS
    most_rows = rows if direct and rows * _DRAWS <= cells else min(rows, _ROWS)
    count = int(np.clip(cells // max(most_rows, 1), min(_DRAWS, 200), draws))
    chosen = np.unique(np.linspace(0, draws - 1, min(count, draws)).round().astype(np.intp))
    kept = np.arange(rows) if most_rows >= rows else np.sort(rng.choice(rows, most_rows, replace=False))
    return chosen, kept


def _world(
    order: Sequence[NodeModel],
    treatment: str,
    values: FloatArray,
    draws: Mapping[str, Draws],
    rows: Mapping[str, FloatArray],
    seeds: NDArray[np.int64],
    median: bool,
) -> FloatArray:
    """Return the outcome's mean (or median) over rows in one world, (draws,) or (draws, K)."""
    totals = []
    outcome = order[-1]
    family = get_family(outcome.family)
    for seed in seeds:
        noise = np.random.default_rng(int(seed))
        world: dict[str, FloatArray] = {**rows, treatment: values}
        for model in order[:-1]:
            count = len(_some(draws[model.node]))
            u = np.clip(noise.random((count, len(values))), 1e-12, 1.0 - 1e-12)
            drawn = quantile(model, draws[model.node], design_matrix(model, world), u)
            world[model.node] = raw_response(model, drawn)
        totals.append(family.mean(draws[outcome.node], design_matrix(outcome, world), outcome.link))
    expected = np.mean(totals, axis=0)
    if median:  # on the log scale: the mean of the logarithm is that of the median
        return raw_response(outcome, expected).mean(axis=1)
    if expected.ndim == 3:
        average = expected.mean(axis=1)
        return average[:, 1] if average.shape[1] == 2 else average
    return raw_response(outcome, expected).mean(axis=1)
