"""Arrows and effects as rows give them that say only as much as fewer would.

Where rows resemble each other in both ends of an arrow, the variance of its slope is larger by the factor of
their association (Moulton 1986): intervals are drawn out around the mean by its root, those of ratios on the
scale of logarithms.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import exp, log, sqrt

from scipy.special import ndtr

from core.effects.opinions import Overlap, SecondOpinion
from core.effects.robustness import LEVEL, Robustness, robustness_value
from core.effects.total import Effect, Quartiles
from core.fit.arrows import EdgeSummary
from core.fit.posterior import Contrast

__all__ = ["wider_edge", "wider_effect"]


def wider_edge(edge: EdgeSummary, factor: float) -> EdgeSummary:
    """Return an arrow whose variance is ``factor`` times as large; as it is where ``factor`` is 1.

    Parameters
    ----------
    edge : EdgeSummary
    factor : float
        From 1 on.
    """
    if factor <= 1.0:
        return edge
    root = sqrt(factor)
    contrasts = None if edge.contrasts is None else tuple(_contrast(one, root) for one in edge.contrasts)
    if edge.mean is None or edge.sd is None or edge.q05 is None or edge.q95 is None:
        return replace(edge, contrasts=contrasts)
    sd = root * edge.sd
    return replace(
        edge,
        sd=sd,
        q05=_out(edge.mean, edge.q05, root),
        q95=_out(edge.mean, edge.q95, root),
        probability_positive=float(ndtr(edge.mean / sd)) if sd > 0 else edge.probability_positive,
        contrasts=contrasts,
    )


def wider_effect(effect: Effect, factor: float) -> Effect:
    """Return an effect whose variance is ``factor`` times as large, with all that stands beside it.

    Parameters
    ----------
    effect : Effect
    factor : float
        From 1 on.
    """
    if factor <= 1.0:
        return effect
    root = sqrt(factor)
    found = replace(
        effect,
        contrasts=None if effect.contrasts is None else tuple(_contrast(one, root) for one in effect.contrasts),
        ratio=_ratio(effect.ratio, root),
        on_mean=None if effect.on_mean is None else _numbers(effect.on_mean, root),
        percent=None if effect.percent is None else _numbers(effect.percent, root),
        quartiles=None if effect.quartiles is None else _quartiles(effect.quartiles, root),
        second=None if effect.second is None else _second(effect.second, root),
        overlap=None if effect.overlap is None else _overlap(effect.overlap, root),
        robustness=None if effect.robustness is None else _robustness(effect.robustness, factor),
    )
    mean = effect.mean
    if mean is None or effect.sd is None or effect.q05 is None or effect.q95 is None:
        return found
    return replace(
        found,
        sd=root * effect.sd,
        q05=_out(mean, effect.q05, root),
        q95=_out(mean, effect.q95, root),
        draws=None if effect.draws is None else mean + root * (effect.draws - mean),
    )


def _out(mean: float, end: float, root: float) -> float:
    return mean + root * (end - mean)


def _contrast(one: Contrast, root: float) -> Contrast:
    return replace(one, sd=root * one.sd, q05=_out(one.mean, one.q05, root), q95=_out(one.mean, one.q95, root))


def _numbers(found: Mapping[str, float], root: float) -> dict[str, float]:
    mean = found["mean"]
    ends = {name: _out(mean, found[name], root) for name in ("q05", "q95")}
    return {**found, **ends, "sd": root * found["sd"]}


def _ratio(found: Mapping[str, float] | None, root: float) -> dict[str, float] | None:
    if found is None or min(found["mean"], found["q05"]) <= 0:
        return None if found is None else dict(found)
    mean = log(found["mean"])
    ends = {name: exp(_out(mean, log(found[name]), root)) for name in ("q05", "q95")}
    return {**found, **ends, "sd": root * found["sd"]}


def _quartiles(found: Quartiles, root: float) -> Quartiles:
    return replace(
        found,
        sd=root * found.sd,
        q05=_out(found.mean, found.q05, root),
        q95=_out(found.mean, found.q95, root),
        ratio=_ratio(found.ratio, root),
    )


def _second(found: SecondOpinion, root: float) -> SecondOpinion:
    return replace(
        found,
        estimate=replace(found.estimate, se=root * found.estimate.se),
        joint=root * found.joint,
        on_mean=None if found.on_mean is None else _second(found.on_mean, root),
    )


def _overlap(found: Overlap, root: float) -> Overlap:
    among = found.comparable
    return found if among is None else replace(found, comparable=replace(among, se=root * among.se))


def _robustness(found: Robustness, factor: float) -> Robustness:
    """Return a robustness value whose level takes the wider interval; that of the estimate itself stays."""
    se, df = sqrt(factor) * found.se, max(int(found.df / factor), 2)
    level = robustness_value(found.estimate / se, df, alpha=LEVEL)
    wide = replace(found, se=se, df=df, value_at_level=min(level, found.value_at_level))
    bench = found.benchmark
    return wide if bench is None else replace(wide, benchmark=wide.leaving(bench.name, bench.treatment, bench.outcome))
