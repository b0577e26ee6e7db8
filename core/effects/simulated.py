"""Effects where some node on the way is not linear: both worlds simulated on the same noise.

For a thinned set of draws and all rows (a random part of them where there are many), the
descendants of the treatment that lie on a path to the outcome are drawn in causal order, in
both worlds on the same noise. The outcome itself is not drawn: its expectation given its
parents is taken. For a LogNormal outcome the median is asked for, which no average of
medians gives: the row is drawn many times, and the outcome's noise takes its quantiles in turn.
"""

from collections.abc import Mapping, Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from core.effects.contrasted import Contrasted, held_sigma
from core.effects.noise import draw_pair
from core.effects.steps import Step
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
_MEDIAN_CELLS = 40_000  # the same where a median is needed
_SLOW = 4  # times as long a draw of a proportion takes
_REPEATS = 101  # draws of the noise a row where a median is needed; odd
_STEP = 200_000


def simulated_contrast(
    order: Sequence[NodeModel],
    treatment: str,
    step: Step,
    parameters: Mapping[str, Draws],
    raw: Mapping[str, FloatArray],
    rng: np.random.Generator,
) -> list[Contrasted]:
    """Return what changes, draw by draw: one entry, or one a level of a category outcome."""
    outcome = order[-1]
    median = outcome.response.transform == "log"
    mixed = median and len(order) > 1
    many = len(_some(parameters[outcome.node]))
    if mixed:
        chosen, kept = _thin_for_median(order, many, raw[treatment])
    else:
        chosen, kept = _thin(len(order) == 1, many, len(raw[treatment]), rng)
    rows = {name: values[kept] for name, values in raw.items()}
    draws = {model.node: {key: value[chosen] for key, value in parameters[model.node].items()} for model in order}
    worlds = _starts(order, treatment, step, rows)
    low = worlds[0][treatment]
    repeats = _REPEATS if mixed else 1
    size = max(1, _STEP // max(len(low) * (8 if mixed else 1), 1))
    parts = []
    for first in range(0, len(chosen), size):
        part = {node: {key: value[first : first + size] for key, value in d.items()} for node, d in draws.items()}
        parts.append(_worlds(order, worlds, part, rng, repeats))
    before, after, more = (np.concatenate(world) for world in zip(*parts, strict=True))
    if before.ndim > 1:
        return [Contrasted(after[:, k] - before[:, k]) for k in range(before.shape[1])]
    if not median:
        return [Contrasted(after - before)]
    ratio = after / np.where(before == 0, np.nan, before)
    if any(get_family(model.family).heavy_tailed for model in order):
        return [Contrasted(after - before, ratio)]
    with np.errstate(over="ignore", invalid="ignore"):
        spread = (outcome.response.scale * held_sigma(draws[outcome.node]["sigma"])) ** 2
        return [Contrasted(after - before, ratio, more * np.exp(0.5 * spread))]


def _starts(
    order: Sequence[NodeModel], treatment: str, step: Step, rows: Mapping[str, FloatArray]
) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Return the rows of either world before anything is drawn: an effect is that of a treatment which stays as it is.

    So what carries over of it was moved by the same step; what carries over of the nodes between is drawn with them.
    """
    low, high = dict(rows), dict(rows)
    low[treatment], high[treatment] = step.ends(rows[treatment])
    drawn = {model.node for model in order}
    for term in (term for model in order for term in model.terms):
        for name in term.earlier:
            if term.parent == treatment:
                low[name], high[name] = step.ends(rows[name])
            elif term.parent in drawn:
                low.pop(name, None)
                high.pop(name, None)
    return low, high


def _some(draws: Draws) -> FloatArray:
    return next(iter(draws.values()))


def _thin(direct: bool, draws: int, rows: int, rng: np.random.Generator) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    cells = _DIRECT_CELLS if direct else _CELLS
    most_rows = rows if direct and rows * _DRAWS <= cells else min(rows, _ROWS)
    count = int(np.clip(cells // max(most_rows, 1), min(_DRAWS, 200), draws))
    chosen = np.unique(np.linspace(0, draws - 1, min(count, draws)).round().astype(np.intp))
    kept = np.arange(rows) if most_rows >= rows else np.sort(rng.choice(rows, most_rows, replace=False))
    return chosen, kept


def _thin_for_median(
    order: Sequence[NodeModel], draws: int, treatment: FloatArray
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return draws evenly spread, and rows evenly spread over the values of the treatment."""
    cells = _MEDIAN_CELLS // (_SLOW if any(get_family(model.family).slow_noise for model in order) else 1)
    count = min(draws, _DRAWS // 2)
    rows = min(len(treatment), max(1, cells // count))
    chosen = np.unique(np.linspace(0, draws - 1, count).round().astype(np.intp))
    if rows == len(treatment):
        return chosen, np.arange(rows)
    places = ((np.arange(rows) + 0.5) * len(treatment) / rows).astype(np.intp)
    return chosen, np.sort(np.argsort(treatment, kind="stable")[places])


def _worlds(
    order: Sequence[NodeModel],
    start: tuple[Mapping[str, FloatArray], Mapping[str, FloatArray]],
    draws: Mapping[str, Draws],
    rng: np.random.Generator,
    repeats: int,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the outcome's mean (or median) over rows in either world, (draws,) or (draws, K) each.

    The third is, for a LogNormal outcome, the difference of the exponential of its predictor, averaged over the noise
    of what lies between: times the exponential of half its own variance, the difference of its mean.
    """
    outcome = order[-1]
    family = get_family(outcome.family)
    found: list[tuple[FloatArray, FloatArray]] = []
    more: list[FloatArray] = []
    for repeat in range(repeats):
        low, high = dict(start[0]), dict(start[1])
        for model in order[:-1]:
            designs = (design_matrix(model, low), design_matrix(model, high))
            one, other = draw_pair(model, draws[model.node], *designs, rng)
            low[model.node], high[model.node] = raw_response(model, one), raw_response(model, other)
        one, other = (family.mean(draws[outcome.node], design_matrix(outcome, w), outcome.link) for w in (low, high))
        if outcome.response.transform == "log":
            more.append(_over_rows(outcome, other) - _over_rows(outcome, one))
        if repeats > 1:
            noise = draws[outcome.node]["sigma"][:, None] * NormalDist().inv_cdf((repeat + 0.5) / repeats)
            one, other = one + noise, other + noise
        found.append((one, other))
    before, after = (_middle(part) for part in zip(*found, strict=True))
    one, other = _over_rows(outcome, before), _over_rows(outcome, after)
    return one, other, np.mean(more, axis=0) if more else one


def _middle(parts: Sequence[FloatArray]) -> FloatArray:
    """Return the median over the repeats; NaN where one of them overflowed."""
    return parts[0] if len(parts) == 1 else np.median(np.stack(parts), axis=0)


def _over_rows(outcome: NodeModel, expected: FloatArray) -> FloatArray:
    """Average over rows on the data's own scale; of a binary node the probability of its second level."""
    if expected.ndim == 3:
        average = expected.mean(axis=1)
        return average[:, 1] if average.shape[1] == 2 else average
    # Of a LogNormal outcome this is the exponential of the median logarithm: the median.
    return raw_response(outcome, expected).mean(axis=1)
