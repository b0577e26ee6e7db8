"""What to measure next so that an answer becomes less doubtful, source by source, with what it would bring.

- **Parameters**: which block carries most of a difference's variance (:mod:`core.effects.by_block`); what four times
  the rows leave (a posterior's variance falls about as one over the rows), and what an experiment on it would leave.
- **Structure**: the two graphs that differ most, weighed; whether rows can tell them apart and how many it takes, and
  what an experiment on what is moved would show under each.
- **Forms**: the two of one graph that differ most, and where along what is moved their curves lie furthest apart.
- **Chance**: what no data shrink.

Shares are of the variance of the difference of the last world with the first, chance's of that of one more row.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import sqrt

import numpy as np

from core.effects.by_block import Carried, by_block, remaining_variance
from core.effects.settings import Setting, column_of
from core.study.acting import Acting
from core.study.forecast import Acted, Forecast
from core.study.separating import Foretold, more_rows, rows_apart
from core.study.shrinking_words import Apart, said_apart, said_chance, said_forms, said_parameters
from core.study.weighing import graph_key
from core.words import number

__all__ = ["Measurement", "next_measurements"]

Title = Callable[[str], str]
Worlds = Sequence[Sequence[Setting]]

LEAST = 0.05
"""Of the variance: a source that makes up less is not spoken of."""
_DRAWS, _ROWS = 300, 60
_TIED_TOGETHER = 1.25  # times the whole variance that blocks carry by themselves: then their draws are not independent
_POINTS = 13
_CLOSE = 0.7  # of the largest gap between two curves: as good as that


@dataclass(frozen=True)
class Measurement:
    """What to measure next, for one source of the doubt.

    Parameters
    ----------
    source : {"parameters", "structure", "forms", "chance"}
    share : float
        Of the variance of the difference; of one more row for chance.
    sentence : str
    remaining_sd : float
        About what the standard deviation of the difference would be afterwards (of one more row for chance): with an
        experiment on what carries most of the parameters' part, or with the structure, or the form, known.
    node : str or None
    arrow : (str, str) or None
        What it is about.
    """

    source: str
    share: float
    sentence: str
    remaining_sd: float
    node: str | None = None
    arrow: tuple[str, str] | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the JSON record."""
        return {
            "source": self.source,
            "share": self.share,
            "node": self.node,
            "arrow": None if self.arrow is None else list(self.arrow),
            "sentence": self.sentence,
            "remaining_sd": self.remaining_sd,
        }


def next_measurements(acting: Acting, worlds: Worlds, found: Acted, *, title: Title = str) -> tuple[Measurement, ...]:
    """Return what to measure next, the source of most of the doubt first and chance last.

    Parameters
    ----------
    acting : Acting
    worlds : sequence of sequence of Setting
    found : Acted
        What these worlds were found to bring.
    title : callable
        From a node's name to the user's words for it.
    """
    share = found.averaged.share
    if share is None or share.variance <= 0:
        return _chance(found)
    told = [_parameters(acting, worlds, found, title)] if share.parameters >= LEAST else []
    if (share.structure or 0.0) >= LEAST:
        told.append(_structure(acting, worlds, found, title))
    if (share.forms or 0.0) >= LEAST:
        told.append(_forms(acting, worlds, found, title))
    return (*sorted(told, key=lambda one: -one.share), *_chance(found))


# -- parameters -------------------------------------------------------------------------


def _parameters(acting: Acting, worlds: Worlds, found: Acted, title: Title) -> Measurement:
    share = found.averaged.share
    assert share is not None
    carried = _carried(acting, worlds, found)
    part = share.parameters * share.variance
    more = sqrt(share.variance - 0.75 * part)  # four times the rows
    if carried is None:
        words = said_parameters(share.parameters, sqrt(share.variance), more, None, title)
        return Measurement("parameters", share.parameters, words, more)
    own = min(carried.variance, part)
    left = sqrt(remaining_variance(share.variance, own, own))
    said = replace(carried, variance=own / part)
    words = said_parameters(share.parameters, sqrt(share.variance), more, (said, left), title)
    node = None if carried.arrow is not None or len(carried.nodes) > 1 else carried.nodes[0]
    return Measurement("parameters", own / share.variance, words, left, node, carried.arrow)


def _carried(acting: Acting, worlds: Worlds, found: Acted) -> Carried | None:
    """Return the block that carries most over all hypotheses, in the average; None where that cannot be told.

    Once an experiment was taken into account draws of blocks hang together, and none carries anything by itself.
    """
    weights = _weights(found)
    outcome, sums, arrows = found.outcome, dict[tuple[str, ...], float](), dict[tuple[str, ...], list[Carried]]()
    whole = 0.0
    for place, (one, weight) in enumerate(zip(found.forecasts, weights, strict=True)):
        if weight < LEAST or one.share is None or one.share.variance <= 0:
            continue
        stage = acting.stage(place, draws=_DRAWS, rows=_ROWS, shared=True)
        total, parts = by_block(stage, worlds, outcome, tuple(acting.reopened.fits[place].blocks))
        if not total > 0:
            continue
        wide = one.share.variance / total  # rows that depend on one another draw intervals out
        whole += weight * one.share.variance
        for part in parts:
            own = weight * wide * part.variance
            sums[part.nodes] = sums.get(part.nodes, 0.0) + own
            arrows.setdefault(part.nodes, []).append(replace(part, variance=own))
    if not sums or sum(sums.values()) > _TIED_TOGETHER * whole:
        return None
    nodes = max(sums, key=sums.__getitem__)
    return replace(max(arrows[nodes], key=lambda one: one.variance), variance=sums[nodes])


# -- structure, and forms ---------------------------------------------------------------


def _structure(acting: Acting, worlds: Worlds, found: Acted, title: Title) -> Measurement:
    share = found.averaged.share
    assert share is not None
    assert share.structure is not None
    one, other = _furthest(acting, found, same=False)
    foretold = [_foretold(acting, found.forecasts[place]) for place in (one, other)]
    names = acting.names[one], acting.names[other]
    rows = None if None in foretold else rows_apart(*[each for each in foretold if each is not None])
    tied = _tied(acting, *names)
    more = None if tied or acting.alike else more_rows(acting.comparison, *names)
    middles = [answer.contrast["mean"] if answer.contrast else 0.0 for answer in _two(found, one, other)]
    if None not in foretold:
        middles = [each.mean for each in foretold if each is not None]
    apart = Apart(names, (middles[0], middles[1]), tied, more, rows, acting.alike)
    sentence = said_apart(share.structure, apart, acting.reopened.fits[0].spec, worlds, title)
    left = sqrt(share.variance * (1.0 - share.structure))
    return Measurement("structure", share.structure, sentence, left, _moved(worlds))


def _forms(acting: Acting, worlds: Worlds, found: Acted, title: Title) -> Measurement:
    share = found.averaged.share
    assert share is not None
    assert share.forms is not None
    one, other = _furthest(acting, found, same=True)
    names = acting.names[one], acting.names[other]
    node = _moved(worlds)
    where = _where(acting, worlds, found.outcome, node, names) if node is not None else ""
    sentence = said_forms(share.forms, names, where and f"{title(node or '')} {where}")
    left = sqrt(share.variance * (1.0 - share.forms))
    return Measurement("forms", share.forms, sentence, left, node)


def _weights(found: Acted) -> list[float]:
    """Return each hypothesis' weight among those that answer."""
    own = [one.weight if one.known else 0.0 for one in found.forecasts]
    return [weight / (sum(own) or 1.0) for weight in own]


def _furthest(acting: Acting, found: Acted, *, same: bool) -> tuple[int, int]:
    """Return the two hypotheses, of one graph or of two, that what is between them hangs on most.

    A variance between hypotheses is the sum of ``w_i w_j (m_i - m_j)^2`` over their pairs.
    """
    weights, keys = _weights(found), [graph_key(one) for one in acting.comparison.drawn]
    means = [one.contrast["mean"] if one.contrast is not None else 0.0 for one in found.forecasts]
    pairs = [(i, j) for i, j in combinations(range(len(means)), 2) if (keys[i] == keys[j]) == same]
    return max(pairs, key=lambda pair: weights[pair[0]] * weights[pair[1]] * (means[pair[0]] - means[pair[1]]) ** 2)


def _two(found: Acted, one: int, other: int) -> tuple[Forecast, Forecast]:
    return found.forecasts[one], found.forecasts[other]


def _foretold(acting: Acting, answer: Forecast) -> Foretold | None:
    """Return what a hypothesis foretells of an experiment; None where its outcome has no mean."""
    moved = answer.contrast if answer.scale == "mean" else answer.on_mean
    first, last = answer.predictions[0], answer.predictions[-1]
    if moved is None or first.share is None or last.share is None:
        return None
    spread = tuple(share.chance * share.variance for share in (first.share, last.share))
    return Foretold(moved["mean"], moved["sd"], (spread[0], spread[1]))


def _tied(acting: Acting, one: str, other: str) -> bool:
    asked = acting.comparison.question
    classes = asked.classes if asked is not None else acting.comparison.classes
    return any(one in group.members and other in group.members for group in classes)


def _moved(worlds: Worlds) -> str | None:
    """Return the one node that is set to something else in the last world than in the first."""
    first, last = ({setting.node: setting for setting in world} for world in (worlds[0], worlds[-1]))
    moved = [node for node in last if first.get(node) != last[node]]
    return moved[0] if len(moved) == 1 else None


def _where(acting: Acting, worlds: Worlds, outcome: str, node: str, names: tuple[str, str]) -> str:
    """Return in words where along what is moved two curves lie furthest apart against their doubt."""
    levels = column_of(acting.reopened.fits[0].spec, node).response.levels
    low, high = np.quantile(acting.raw[node], (0.01, 0.99))
    at = np.arange(len(levels), dtype=np.float64) if levels else np.linspace(low, high, _POINTS)
    others = [setting for setting in worlds[-1] if setting.node != node]
    curve = acting.curve(node, at, outcome, others)
    one, other = (curve.draws.get(name) for name in names)
    if one is None or other is None:
        return ""
    gap = np.abs(one.mean(axis=1) - other.mean(axis=1)) / np.sqrt(one.var(axis=1) + other.var(axis=1) + 1e-300)
    if levels:
        return f"is {levels[int(gap.argmax())]}"
    first = last = int(gap.argmax())
    while first > 0 and gap[first - 1] >= _CLOSE * gap.max():
        first -= 1
    while last < len(at) - 1 and gap[last + 1] >= _CLOSE * gap.max():
        last += 1
    if first == 0 and last == len(at) - 1:
        return ""
    low, high = number(float(at[first])), number(float(at[last]))
    if first == 0:
        return f"is below {high}"
    return f"is above {low}" if last == len(at) - 1 else f"is between {low} and {high}"


def _chance(found: Acted) -> tuple[Measurement, ...]:
    last = found.averaged.predictions[-1] if found.averaged.predictions else None
    if last is None or last.share is None or last.share.chance < LEAST:
        return ()
    spread = sqrt(last.share.chance * last.share.variance)
    return (Measurement("chance", last.share.chance, said_chance(last.share.chance, spread), spread),)
