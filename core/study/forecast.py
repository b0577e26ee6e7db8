"""What hypotheses say of an action: one by one, and all together.

Draws of several hypotheses are mixed by their weights. By the law of total variance the doubt about a prediction splits
into chance (the mean variance of a row, how rows differ among it), parameters (the mean variance of averages over the
draws) and what hypotheses differ by (:mod:`core.study.shares`).
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.effects.worlds import Played
from core.fit.posterior import Summary, summary
from core.study.shares import Share, between, share_of, shares_of_levels

__all__ = ["Acted", "Curve", "Forecast", "Prediction", "Share", "averaged", "forecast_of", "mixed"]

FloatArray = NDArray[np.float64]

_ALL = "all"


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
    shares : mapping of str to Share
        Of whether one more row has the level.
    """

    row: Summary | None
    average: Summary | None
    share: Share | None
    levels: Mapping[str, Summary]
    shares: Mapping[str, Share] = field(default_factory=dict)


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
        Of the contrast's variance: parameters, and over hypotheses structure and forms.
    shares : mapping of str to Share
        The same by level.
    draws : array, shape (S,), or None
        Of the contrast.
    weight : float
        In the average; 1 for the average itself.
    together : bool
        Whether this is the average, which is called "all".
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
    together: bool = False
    shares: Mapping[str, Share] = field(default_factory=dict)

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
        return _by_level(name, levels, [found.centre], [1.0], None, root)
    assert found.cells is not None
    predictions = []
    for world, cells in zip(range(len(found.centre)), found.cells, strict=True):
        average = _average(found, world)
        chance, open_still = float(cells.var(axis=1).mean()), root**2 * float(average.var())
        row = summary(cells.ravel())
        predictions.append(Prediction(row, _summary(_middle(found, world), root), share_of(chance, open_still), {}))
    contrast = found.centre[-1] - found.centre[0]
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
        share=share_of(0.0, root**2 * float(contrast.var())),
        draws=contrast.mean() + root * (contrast - contrast.mean()),
    )


def averaged(
    answers: Sequence[Forecast],
    played: Sequence[Played | None],
    weights: Sequence[float],
    root: float,
    graphs: Sequence[Hashable],
) -> Forecast:
    """Return what all hypotheses that answer say together; those of one graph have the same in ``graphs``."""
    told = [(a, p, w) for a, p, w in zip(answers, played, weights, strict=True) if p is not None]
    drawn = [graph for graph, p in zip(graphs, played, strict=True) if p is not None]
    if not told:
        return Forecast(_ALL, False, "no hypothesis gives an answer", "mean", together=True)
    if any(p.centre.ndim == 3 for _, p, _ in told):
        levels = tuple(told[0][0].predictions[0].levels)
        whole = sum(w for _, _, w in told)
        own = [w / whole if whole > 0 else 1.0 / len(told) for _, _, w in told]
        return _by_level(_ALL, levels, [p.centre for _, p, _ in told], own, drawn, root)
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
        apart = between([float(own.mean()) for own in averages], shares, drawn)
        row, average = summary(rows), _summary(centres, 1.0)
        predictions.append(Prediction(row, average, share_of(chance, open_still, apart), {}))
    contrasts = [a.draws for a, _, _ in told if a.draws is not None]
    moved = mixed([draws[None] for draws in contrasts], shares)[0]
    share = share_of(
        0.0,
        sum(w * float(draws.var()) for w, draws in zip(shares, contrasts, strict=True)),
        between([float(draws.mean()) for draws in contrasts], shares, drawn),
    )
    scale = scales.pop() if len(scales) == 1 else "mean"
    return Forecast(_ALL, True, "", scale, tuple(predictions), summary(moved), share=share, draws=moved, together=True)


def _by_level(
    name: str,
    levels: tuple[str, ...],
    centres: Sequence[FloatArray],
    weights: Sequence[float],
    graphs: Sequence[Hashable] | None,
    root: float,
) -> Forecast:
    """Return what is said of an outcome of K levels from its chances, (W, S, K) a hypothesis."""

    def told(parts: Sequence[FloatArray]) -> Mapping[str, Summary]:
        drawn = parts[0] if graphs is None else _mixed_levels([_wide(part, root) for part in parts], weights)
        return {level: _summary(drawn[:, k], root if graphs is None else 1.0) for k, level in enumerate(levels)}

    predictions = []
    for world in range(len(centres[0])):
        parts = [centre[world] for centre in centres]
        shares = shares_of_levels(levels, parts, weights, graphs, row=True, root=root)
        predictions.append(Prediction(None, None, None, told(parts), shares))
    moved = [centre[-1] - centre[0] for centre in centres]
    return Forecast(
        name,
        True,
        "",
        "mean",
        tuple(predictions),
        contrasts=told(moved),
        together=graphs is not None,
        shares=shares_of_levels(levels, moved, weights, graphs, row=False, root=root),
    )


def _wide(draws: FloatArray, root: float) -> FloatArray:
    """Return draws (S, K) drawn out by ``root`` about their means."""
    centre = draws.mean(axis=0)
    return centre + root * (draws - centre) if root != 1.0 else draws


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


def _summary(draws: FloatArray, root: float) -> Summary:
    """Summarise draws whose spread is drawn out by ``root`` (:mod:`core.effects.widened`)."""
    centre = draws.mean()
    return summary(centre + root * (draws - centre) if root != 1.0 else draws)
