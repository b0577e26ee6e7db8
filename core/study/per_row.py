"""What an action does to each row, and whether that is the same for everyone.

A row's effect is its own expected outcome in the last world less that in the first, with its non-descendants of what is
set as they were observed, averaged over the draws. Where noise on the way has a part in it, each row is played twice
with noise of its own; what the two differ by says how much of the spread over rows is noise alone, and the effects are
drawn in by as much. It differs most with the column whose levels, or tenths, take up most of the variance of the rows'
effects; what the action does to each level, or third, is an effect with all that the parameters leave open.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from core.effects.elastic import on_the_way
from core.effects.linear import is_linear
from core.effects.settings import Setting, column_of
from core.effects.worlds import MEDIAN_ROWS, Stage, play
from core.fit.posterior import Summary, summary
from core.model.spec import ModelSpec
from core.study.acting import Acting
from core.words import number

__all__ = ["ALIKE", "MOST_ROWS", "Group", "RowEffects", "Varies", "per_row", "table_of"]

FloatArray = NDArray[np.float64]

#: Rows that are looked at one by one, at most.
MOST_ROWS = 1000
#: A spread over rows of a smaller share of the mean is said to be about none.
ALIKE = 0.05
_DRAWS, _MEDIAN_DRAWS = 150, 100
_GROUP_DRAWS, _GROUP_ROWS = 400, 150
_BINS = 10
_FEW_VALUES = 5  # a number with so many values is taken value by value
_FEWEST = 5  # rows in a group
_MOST_GROUPS = 6
_LEAST = 0.1  # of the variance: a column that takes up less is not named
_SAME = 1e-9


@dataclass(frozen=True)
class Group:
    """Some rows, in words, and what the action does to them on average."""

    name: str
    rows: int
    effect: Summary


@dataclass(frozen=True)
class Varies:
    """The column with which effects differ most: its share of their variance, and the effect by group."""

    column: str
    share: float
    groups: tuple[Group, ...]


@dataclass(frozen=True, eq=False)
class RowEffects:
    """What one hypothesis says an action does to each row.

    Parameters
    ----------
    name : str
    reason : str
        Why there are no numbers; empty where there are.
    median : bool
        Whether they are effects on a row's median, of a LogNormal outcome.
    numbers : array of int, shape (R,)
        Of the rows, as they stand in the file, from 1 on.
    effects : array, shape (R,)
    form : {"", "straight", "factor", "alone"}
        Why it is the same for every row: every arrow on the way is a straight line; the same as a factor, for that
        reason, though not as an amount; nothing that differs between rows has a part in it. Empty where it need not be.
    varies : Varies or None
        None where the spread is small, or no column takes up enough of it.
    """

    name: str
    reason: str = ""
    median: bool = False
    numbers: NDArray[np.intp] | None = None
    effects: FloatArray | None = None
    form: str = ""
    varies: Varies | None = None

    @property
    def same(self) -> bool:
        """Whether the effect is one number for all rows."""
        return self.form in ("straight", "alone")

    @property
    def alike(self) -> bool:
        """Whether rows differ by so little that it goes without saying."""
        assert self.effects is not None
        return bool(self.effects.std() <= ALIKE * abs(self.effects.mean()))

    @property
    def ends(self) -> tuple[float, float, float]:
        """The 5, 50 and 95 % points over rows."""
        assert self.effects is not None
        low, middle, high = (float(q) for q in np.quantile(self.effects, (0.05, 0.5, 0.95)))
        return low, middle, high

    @property
    def positive(self) -> float:
        """The share of rows in which the outcome goes up."""
        assert self.effects is not None
        return float((self.effects > 0).mean())

    @property
    def other_way(self) -> float:
        """The share of rows in which the outcome moves against the average."""
        assert self.effects is not None
        return float((self.effects * self.effects.mean() < 0).mean())

    def to_dict(self) -> dict[str, object] | None:
        """Return the JSON record; None where there are no numbers."""
        if self.effects is None:
            return None
        low, middle, high = self.ends
        found: dict[str, object] | None = None
        if self.varies is not None:
            groups = [{"group": one.name, "rows": one.rows, **one.effect} for one in self.varies.groups]
            found = {"column": self.varies.column, "share": self.varies.share, "groups": groups}
        ends = {"q05": low, "q50": middle, "q95": high}
        return {"rows": len(self.effects), **ends, "share_positive": self.positive, "varies_with": found}


def per_row(acting: Acting, worlds: Sequence[Sequence[Setting]], outcome: str) -> tuple[RowEffects, ...]:
    """Return what each hypothesis says an action does to each row, the last world against the first.

    Parameters
    ----------
    acting : Acting
        With the rows that are asked about: of more than :data:`MOST_ROWS` so many are drawn by lot (the first ones in
        their order where something carries over).
    worlds : sequence of sequence of Setting
    outcome : str
    """
    touched = tuple(dict.fromkeys(setting.node for world in worlds for setting in world))
    acting.check(touched, outcome)
    ends = (tuple(worlds[0]), tuple(worlds[-1]))
    root = max((sqrt(acting.reopened.dependence.inflation(node, outcome)) for node in touched), default=1.0)
    return tuple(_of(acting, place, ends, outcome, touched, root) for place in range(len(acting.names)))


def table_of(found: Sequence[RowEffects]) -> list[dict[str, float]]:
    """Return a record a row: ``row``, its number, and by hypothesis what the action does to it."""
    records: dict[int, dict[str, float]] = {}
    for one in found:
        if one.effects is not None and one.numbers is not None:
            for row, effect in zip(one.numbers, one.effects, strict=True):
                records.setdefault(int(row), {"row": int(row)})[one.name] = float(effect)
    return [records[row] for row in sorted(records)]


def _of(
    acting: Acting,
    place: int,
    ends: tuple[tuple[Setting, ...], ...],
    outcome: str,
    touched: tuple[str, ...],
    root: float,
) -> RowEffects:
    name = acting.names[place]
    if reason := acting.withheld(place, touched, outcome):
        return RowEffects(name, reason)
    stage, numbers = _stage(acting, place)
    if not any(on_the_way(stage.graph, stage.spec, node, outcome) for node in touched):
        return RowEffects(name, "no path leads there")
    target = column_of(stage.spec, outcome)
    if target.levels > 2:
        return RowEffects(name, f"{outcome} has several levels, so that no one number says what happens to a row")
    median = target.response.transform == "log"
    straight = all(is_linear(on_the_way(stage.graph, stage.spec, node, outcome), node, stage.spec) for node in touched)
    if median and not straight and _carries(stage.spec):
        return RowEffects(name, "what carries over from row to row goes with no median of a single row here")
    effects = _effects(stage, ends, outcome, alone=median and not straight)
    form = _form(effects, ends, straight=straight, median=median)
    found = RowEffects(name, "", median, numbers, effects, form)
    if form in ("straight", "alone") or found.alike or _carries(stage.spec):
        return found
    many = acting.stage(place, draws=_GROUP_DRAWS, rows=len(acting.numbers), shared=True)
    more = replace(many, raw=stage.raw, shared=False, key=(many.key, "groups"))
    return replace(found, varies=_varies(more, ends, outcome, effects, touched, root))


def _stage(acting: Acting, place: int) -> tuple[Stage, NDArray[np.intp]]:
    """Return one hypothesis on the rows that are looked at, and their numbers."""
    whole = acting.stage(place, draws=_DRAWS, rows=len(acting.numbers), shared=True)
    many = len(acting.numbers)
    if many <= MOST_ROWS:
        kept = np.arange(many)
    elif _carries(whole.spec):
        kept = np.arange(MOST_ROWS)
    else:
        kept = np.sort(np.random.default_rng([acting.seed, 43]).choice(many, MOST_ROWS, replace=False))
    return replace(_on(whole, kept), shared=False), acting.numbers[kept]


def _on(stage: Stage, kept: NDArray[np.intp]) -> Stage:
    raw = {name: values[kept] for name, values in stage.raw.items()}
    return replace(stage, raw=raw, key=(stage.key, "rows", kept.tobytes()))


def _carries(spec: ModelSpec) -> bool:
    return any(term.earlier for model in spec.nodes for term in model.terms)


# -- each row -----------------------------------------------------------------------------


def _effects(stage: Stage, ends: Sequence[Sequence[Setting]], outcome: str, *, alone: bool) -> FloatArray:
    """Return each row's effect, (R,), its spread over rows less what noise adds to it."""
    first, second = (_once(replace(stage, seed=stage.seed + 7 * k), ends, outcome, alone=alone) for k in (0, 1))
    effects = 0.5 * (first + second)
    total, noise = float(effects.var()), 0.25 * float((first - second).var())
    if noise == 0 or not total > 0:
        return effects
    mean = effects.mean()
    return np.asarray(mean + sqrt(max(0.0, 1.0 - noise / total)) * (effects - mean))


def _once(stage: Stage, ends: Sequence[Sequence[Setting]], outcome: str, *, alone: bool) -> FloatArray:
    """Return each row's effect as one set of noise has it; ``alone``: rows so few at once as a median is drawn of."""
    if not alone:
        return _moved(stage, ends, outcome)
    few = np.linspace(0, stage.draws - 1, min(_MEDIAN_DRAWS, stage.draws)).astype(np.intp)
    own = {node: {name: values[few] for name, values in one.items()} for node, one in stage.parameters.items()}
    stage = replace(stage, parameters=own, key=(stage.key, "few"))
    parts = np.array_split(np.arange(stage.rows), -(-stage.rows // MEDIAN_ROWS))
    return np.concatenate([_moved(_on(stage, part), ends, outcome) for part in parts])


def _moved(stage: Stage, ends: Sequence[Sequence[Setting]], outcome: str) -> FloatArray:
    found = play(stage, ends, outcome).by_row
    assert found is not None
    return np.asarray(found[-1] - found[0])


def _form(effects: FloatArray, ends: Sequence[Sequence[Setting]], *, straight: bool, median: bool) -> str:
    size = float(np.abs(effects).max())
    if np.ptp(effects) <= _SAME * size:
        return "straight" if straight and not median else "alone"
    everywhere = all(one.way in ("set", "scale") and one.where is None for world in ends for one in world)
    both_set = {one.node for one in ends[0] if one.way == "set"} == {one.node for one in ends[-1] if one.way == "set"}
    return "factor" if straight and median and everywhere and both_set else ""


# -- what it differs with -----------------------------------------------------------------


def _varies(
    stage: Stage,
    ends: Sequence[Sequence[Setting]],
    outcome: str,
    effects: FloatArray,
    touched: tuple[str, ...],
    root: float,
) -> Varies | None:
    set_ = [{one.node for one in world if one.way == "set" and one.where is None} for world in ends]
    after = (stage.graph.descendants(*touched) - {*touched}) | (set_[0] & set_[-1]) | {outcome}
    shares = {
        model.node: _share(effects, _binned(stage.raw[model.node], model.response.levels, _BINS)[0])
        for model in stage.spec.columns
        if model.node not in after and model.node in stage.raw
    }
    if not shares or max(shares.values()) < _LEAST:
        return None
    column = max(shares, key=lambda name: shares[name])
    levels = column_of(stage.spec, column).response.levels
    places, names = _binned(stage.raw[column], levels, 3)
    counts = {code: int((places == code).sum()) for code in range(len(names))}
    shown = sorted(sorted(counts, key=lambda code: -counts[code])[:_MOST_GROUPS])
    groups = []
    for code in shown:
        if counts[code] >= _FEWEST:
            rows = np.flatnonzero(places == code)
            some = rows[np.linspace(0, len(rows) - 1, min(_GROUP_ROWS, len(rows))).astype(np.intp)]
            centre = play(_on(stage, some), ends, outcome).centre
            moved = centre[-1] - centre[0]
            groups.append(Group(names[code], counts[code], summary(moved.mean() + root * (moved - moved.mean()))))
    return Varies(column, shares[column], tuple(groups))


def _binned(values: FloatArray, levels: tuple[str, ...], many: int) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    """Return in which group each row is, and the groups in words: levels, single values, or parts of equal size."""
    if levels:
        return values.astype(np.intp), levels
    distinct = np.unique(values)
    if len(distinct) <= _FEW_VALUES:
        return np.searchsorted(distinct, values), tuple(number(float(one)) for one in distinct)
    edges = np.unique(np.quantile(values, np.linspace(0, 1, many + 1)[1:-1]))
    ends = [float(values.min()), *map(float, edges), float(values.max())]
    names = tuple(f"{number(a)} to {number(b)}" for a, b in pairwise(ends))
    return np.searchsorted(edges, values), names


def _share(effects: FloatArray, places: NDArray[np.intp]) -> float:
    """Return which share of the variance the groups' means take up, less what as many groups take up by chance."""
    counts = np.bincount(places)
    many, groups = len(effects), int((counts > 0).sum())
    if groups < 2 or many <= groups or not effects.var() > 0:
        return 0.0
    sums = np.bincount(places, effects)
    left = float(((effects - (sums / np.maximum(counts, 1))[places]) ** 2).mean() / effects.var())
    return 1.0 - left * (many - 1) / (many - groups)
