"""What hypotheses say of an action: one by one, and all together.

Draws of several hypotheses are mixed by their weights. By the law of total variance the doubt about a prediction splits
into chance (the mean variance of a row, how rows differ among it), parameters (the mean variance of averages over the
draws) and structure (the variance of averages over hypotheses).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.effects.worlds import Played
from core.fit.posterior import Summary, summary

__all__ = ["Acted", "Curve", "Forecast", "Prediction", "Share", "averaged", "forecast_of", "mixed"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Share:
    """Where the doubt comes from: shares of a variance, which add up to 1 (all 0 where nothing is left open)."""

    chance: float
    parameters: float
    structure: float | None = None

    @property
    def largest(self) -> str:
        """The source of most of it: ``"chance"``, ``"parameters"`` or ``"structure"``."""
        return max(("chance", "parameters", "structure"), key=lambda name: getattr(self, name) or 0.0)

    def to_dict(self) -> dict[str, float]:
        """Return the JSON record."""
        record = {"chance": self.chance, "parameters": self.parameters}
        return record if self.structure is None else {**record, "structure": self.structure}


@dataclass(frozen=True, eq=False)
class Prediction:
    """The outcome of one more row in one world.

    Parameters
    ----------
    row : Summary
        Of a single row, all that is left open in it.
    average : Summary
        Of the average over rows (a median for a LogNormal outcome), what the parameters leave open.
    share : Share
        Of the row's variance.
    levels : mapping of str to Summary
        Of an outcome with more than two levels the chance of each; ``row`` and ``average`` then say nothing.
    """

    row: Summary | None
    average: Summary | None
    share: Share | None
    levels: Mapping[str, Summary]


@dataclass(frozen=True, eq=False)
class Forecast:
    """What one hypothesis, or all together, say of an action.

    Parameters
    ----------
    name : str
    identified : bool
    reason : str
        Why there is no answer, or that no path leads there; empty else.
    scale : {"mean", "median"}
        Of averages and contrasts.
    predictions : tuple of Prediction
        One a world.
    contrast : Summary or None
        The last world's average less the first one's.
    ratio : Summary or None
        The last world's median over the first one's, for a LogNormal outcome.
    on_mean : Summary or None
        The contrast of means of a LogNormal outcome, sigma held.
    contrasts : mapping of str to Summary
        By level, for an outcome of more than two.
    share : Share or None
        Of the contrast's variance: parameters, and over hypotheses structure.
    draws : array, shape (S,), or None
        Of the contrast.
    weight : float
        In the average; 1 for the average itself.
    """

    name: str
    identified: bool
    reason: str
    scale: str
    predictions: tuple[Prediction, ...] = ()
    contrast: Summary | None = None
    ratio: Summary | None = None
    on_mean: Summary | None = None
    contrasts: Mapping[str, Summary] | None = None
    share: Share | None = None
    draws: FloatArray | None = None
    weight: float = 1.0

    @property
    def known(self) -> bool:
        """Whether there are numbers."""
        return bool(self.predictions)


@dataclass(frozen=True, eq=False)
class Acted:
    """What was done, and what each hypothesis and all together say of it.

    ``told`` says in sentences what a reader must know beside the numbers.
    """

    outcome: str
    forecasts: tuple[Forecast, ...]
    averaged: Forecast
    told: tuple[str, ...]
    rows: int


@dataclass(frozen=True, eq=False)
class Curve:
    """The outcome's average over values of one node, a hypothesis each.

    Parameters
    ----------
    at : array, shape (W,)
    middle, low, high : mapping of str to array, shape (W,)
        Mean and 90 % interval over the draws, by hypothesis; only of those that answer.
    draws : mapping of str to array, shape (W, S)
    averaged : (array, array, array)
        The same of all together, (W,) each.
    seen : (float, float)
        Between which values 98 % of the rows lie.
    """

    at: FloatArray
    middle: Mapping[str, FloatArray]
    low: Mapping[str, FloatArray]
    high: Mapping[str, FloatArray]
    draws: Mapping[str, FloatArray]
    averaged: tuple[FloatArray, FloatArray, FloatArray]
    seen: tuple[float, float]


def forecast_of(name: str, found: Played, levels: tuple[str, ...], root: float) -> Forecast:
    """Return what one hypothesis says of the worlds that were played.

    Parameters
    ----------
    name : str
    found : Played
        With cells.
    levels : tuple of str
        Of the outcome.
    root : float
        By how much intervals are drawn out, where rows depend on one another.
    """
    if found.centre.ndim == 3:
        by_level = [
            Prediction(None, None, None, {level: _summary(world[:, k], root) for k, level in enumerate(levels)})
            for world in found.centre
        ]
        moved = found.centre[-1] - found.centre[0]
        contrasts = {level: _summary(moved[:, k], root) for k, level in enumerate(levels)}
        return Forecast(name, True, "", "mean", tuple(by_level), contrasts=contrasts)
    assert found.cells is not None
    predictions = []
    for world, cells in zip(range(len(found.centre)), found.cells, strict=True):
        average = _average(found, world)
        chance, open_still = float(cells.var(axis=1).mean()), root**2 * float(average.var())
        row = summary(cells.ravel())
        predictions.append(Prediction(row, _summary(_middle(found, world), root), _share(chance, open_still), {}))
    contrast = found.centre[-1] - found.centre[0] if found.moved is None else found.moved
    median = found.scale == "median"
    ratio = found.centre[-1] / found.centre[0] if median else None
    on_mean = None if found.on_mean is None else _summary(found.on_mean[-1] - found.on_mean[0], root)
    return Forecast(
        name,
        True,
        "",
        found.scale,
        tuple(predictions),
        _summary(contrast, root),
        None if ratio is None else _summary(ratio, root),
        on_mean,
        share=Share(0.0, 1.0 if contrast.var() > 0 else 0.0),
        draws=contrast.mean() + root * (contrast - contrast.mean()),
    )


def averaged(
    answers: Sequence[Forecast], played: Sequence[Played | None], weights: Sequence[float], root: float
) -> Forecast:
    """Return what all hypotheses that answer say together."""
    told = [(a, p, w) for a, p, w in zip(answers, played, weights, strict=True) if p is not None]
    if not told or any(p.centre.ndim == 3 for _, p, _ in told):
        return _averaged_levels(told) if told else Forecast("all", False, "no hypothesis gives an answer", "mean")
    total = sum(w for _, _, w in told)
    shares = [w / total for _, _, w in told] if total > 0 else [1.0 / len(told)] * len(told)
    scales = {p.scale for _, p, _ in told}
    predictions = []
    for world in range(len(told[0][1].centre)):
        centres = mixed([_middle(p, world)[None] for _, p, _ in told], shares)[0]
        rows = mixed([_flat(p, world)[None] for _, p, _ in told], shares)[0]
        chance = sum(w * float(_cells(p)[world].var(axis=1).mean()) for w, (_, p, _) in zip(shares, told, strict=True))
        averages = [_average(p, world) for _, p, _ in told]
        open_still = sum(w * root**2 * float(own.var()) for w, own in zip(shares, averages, strict=True))
        between = _between([float(own.mean()) for own in averages], shares)
        row, average = summary(rows), _summary(centres, 1.0)
        predictions.append(Prediction(row, average, _share(chance, open_still, between), {}))
    contrasts = [a.draws for a, _, _ in told if a.draws is not None]
    moved = mixed([draws[None] for draws in contrasts], shares)[0]
    share = _share(
        0.0,
        sum(w * float(draws.var()) for w, draws in zip(shares, contrasts, strict=True)),
        _between([float(draws.mean()) for draws in contrasts], shares),
    )
    scale = scales.pop() if len(scales) == 1 else "mean"
    return Forecast("all", True, "", scale, tuple(predictions), summary(moved), share=share, draws=moved)


def _averaged_levels(told: Sequence[tuple[Forecast, Played, float]]) -> Forecast:
    total = sum(w for _, _, w in told) or 1.0
    shares = [w / total for _, _, w in told]
    levels = tuple(told[0][0].predictions[0].levels)
    worlds = [_mixed_levels([p.centre[world] for _, p, _ in told], shares) for world in range(len(told[0][1].centre))]
    moved = _mixed_levels([p.centre[-1] - p.centre[0] for _, p, _ in told], shares)
    by_level = [
        Prediction(None, None, None, {level: summary(world[:, k]) for k, level in enumerate(levels)})
        for world in worlds
    ]
    contrasts = {level: summary(moved[:, k]) for k, level in enumerate(levels)}
    return Forecast("all", True, "", "mean", tuple(by_level), contrasts=contrasts)


def _middle(played: Played, world: int) -> FloatArray:
    return played.centre[world] if played.settled is None else played.settled[world]


def _average(played: Played, world: int) -> FloatArray:
    """Return draws of what totals are made of: of a LogNormal outcome the mean, sigma held; (S,)."""
    return _middle(played, world) if played.on_mean is None else played.on_mean[world]


def _cells(played: Played) -> FloatArray:
    assert played.cells is not None
    return played.cells


def _flat(played: Played, world: int) -> FloatArray:
    return _cells(played)[world].ravel()


def mixed(parts: Sequence[FloatArray], shares: Sequence[float], draws: int = 4000) -> FloatArray:
    """Return draws of a mixture, (W, about ``draws``): of each part (W, S) as many as its share, by lot."""
    chosen, rng = [], np.random.default_rng(41)
    for part, share in zip(parts, shares, strict=True):
        many = round(draws * share)
        if many:
            # Not evenly spread: draws of single rows stand in an order in which every so many are the same row's.
            whole, rest = divmod(many, part.shape[1])
            places = [*[np.arange(part.shape[1])] * whole, rng.choice(part.shape[1], rest, replace=False)]
            chosen.append(part[:, np.concatenate(places).astype(np.intp)])
    return np.concatenate(chosen, axis=1)


def _mixed_levels(parts: Sequence[FloatArray], shares: Sequence[float]) -> FloatArray:
    return mixed([part.T for part in parts], shares).T


def _between(means: Sequence[float], shares: Sequence[float]) -> float:
    centre = float(np.dot(shares, means))
    return float(np.dot(shares, [(mean - centre) ** 2 for mean in means]))


def _share(chance: float, parameters: float, structure: float | None = None) -> Share:
    total = chance + parameters + (structure or 0.0)
    if not total > 0:
        return Share(0.0, 0.0, None if structure is None else 0.0)
    return Share(chance / total, parameters / total, None if structure is None else structure / total)


def _summary(draws: FloatArray, root: float) -> Summary:
    """Summarise draws whose spread is drawn out by ``root`` (:mod:`core.effects.widened`)."""
    centre = draws.mean()
    return summary(centre + root * (draws - centre) if root != 1.0 else draws)
