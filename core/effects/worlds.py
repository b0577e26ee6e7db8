"""What an action brings: worlds that differ in what is set, on the same rows, the same draws and the same noise.

A world keeps each row's observed values of whatever the action does not reach. The nodes that it reaches on the way to
the outcome are drawn anew, causes before effects, each with a noise of its own that is the same in every world; of the
outcome the expectation given its parents is taken, so that its own noise adds no error to an average. So what differs
between two worlds differs because of the action, a curve over many worlds is smooth, and where every node on the way is
linear the difference is the sum of path products in every draw, without error (Wright 1934; Pearl 2009, 5.3).

Where the way is linear on the scale of the outcome no noise is drawn at all: it moves no average. Nor is it of a node
with few values, which are gone through with the chance of each (:mod:`core.effects.gone_through`): then too every draw
has its own average, without noise. What has to be drawn is spread evenly over the rows (:mod:`core.effects.evenly`),
and what noise is left is taken out of the spread over draws, of worlds by themselves and of what two of them differ by
(:mod:`core.effects.settled`). For a LogNormal
outcome two numbers are told: the median, which the conjugate prior leaves finite, and the mean with sigma held below
its 99.9 % point (:mod:`core.effects.contrasted`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from core.effects.all_rows import on_all_rows
from core.effects.contrasted import held_sigma
from core.effects.gone_through import chances_of, few_valued, has_levels
from core.effects.linear import is_linear
from core.effects.medians import middle_of_mixture
from core.effects.played import Played, over_all
from core.effects.settings import Setting, column_of
from core.effects.settled import less_noise
from core.effects.stage import MEDIAN_ROWS, Stage, staged
from core.effects.total import has_no_mean
from core.errors import UsageError
from core.families import get_family
from core.graph.causal_graph import CausalGraph
from core.model.design import design_matrix, raw_response
from core.model.spec import NodeModel

__all__ = ["Played", "Stage", "drawn_for", "play", "staged"]

FloatArray = NDArray[np.float64]

REPEATS = 15  # draws of a row's noise where the median of a LogNormal outcome is asked for
_CELLS, _VALUES = 400_000, 20  # draws x rows x values held at a time, and how many values are reckoned with


@dataclass(frozen=True, eq=False)
class _World:
    """What is done in a world, and its rows before anything is drawn."""

    settings: tuple[Setting, ...]
    raw: Mapping[str, FloatArray]

    @property
    def rows(self) -> int:
        return len(next(iter(self.raw.values())))


def play(
    stage: Stage, worlds: Sequence[Sequence[Setting]], outcome: str, *, cells: bool = False, medians: bool = True
) -> Played:
    """Return the outcome in each of several worlds.

    Parameters
    ----------
    stage : Stage
    worlds : sequence of sequence of Setting
        What is done in each; nothing leaves rows as they are.
    outcome : str
    cells : bool
        Whether outcomes of single rows are drawn too.
    medians : bool
        Whether the median of a LogNormal outcome is asked for, which takes many draws of a row's noise; else
        :attr:`Played.centre` is of one, and :attr:`Played.on_mean` is what counts.

    Raises
    ------
    UsageError
        If the outcome itself is set, or stands among what is conditioned on and so has no model.
    ModelError
        If a setting is not possible.
    """
    reached = _reached(stage, worlds, outcome)
    touched = {setting.node for world in worlds for setting in world}
    for world in worlds:
        for setting in world:
            setting.check(stage.spec, stage.raw)
    linear = all(is_linear(reached, node, stage.spec) for node in touched or {""})
    way = _Way(stage, tuple(reached), linear, frozenset() if linear else few_valued(stage.graph, reached), medians)
    found = [way.found(world) for world in worlds]
    if any(one is None for one in found):  # a count that goes too far in one of them is drawn in all
        way = replace(
            way, through=frozenset(one.node for one in reached[:-1] if one.node in way.through and has_levels(one))
        )
        found = [way.found(world) for world in worlds]
    each = [one for one in found if one is not None]
    centres = np.stack([one.centre.mean(axis=1) for one in each])
    apart = centres.ndim == 3
    moved = each[-1].centre - each[0].centre
    means = [one.on_mean for one in each if one.on_mean is not None]
    played = Played(
        "median" if way.median else "mean",
        centres,
        None if apart else np.stack([less_noise(one.centre) for one in each]) if way.drawn else centres,
        np.stack(means) if means else None,
        None if apart else np.stack([one.centre.mean(axis=0) for one in each]),
        np.stack([way.cells(world) for world in worlds]) if cells else None,
        None if apart else less_noise(moved) if way.drawn else centres[-1] - centres[0],
        way.drawn or bool(linear and means and reached[:-1]),
    )
    all_rows = on_all_rows(stage, len(worlds), way.repeats)
    if all_rows is None:
        return played
    return over_all(played, play(all_rows[0], worlds, outcome, medians=medians), all_rows[1], way.target)


def drawn_for(stage: Stage, nodes: Sequence[str], outcome: str, *, single: bool = False) -> tuple[NodeModel, ...]:
    """Return the nodes whose noise an average takes, or an outcome of a single row, where some nodes are set."""
    reached = _reached(stage, [[Setting(node, 0.0) for node in nodes]], outcome)
    if single:
        return tuple(reached)
    linear = reached[-1].response.transform != "log" and all(is_linear(reached, node, stage.spec) for node in nodes)
    return () if linear else tuple(reached[:-1])


@dataclass(frozen=True, eq=False)
class _Found:
    """The outcome in one world: by row, (S, R) or (S, R, K), and of a LogNormal one its mean over the rows, (S,)."""

    centre: FloatArray
    on_mean: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class _Way:
    """What leads from what is set to the outcome, the outcome last, and which nodes of it are gone through."""

    whole: Stage
    reached: tuple[NodeModel, ...]
    linear: bool
    through: frozenset[str]
    medians: bool

    @property
    def target(self) -> NodeModel:
        return self.reached[-1]

    @property
    def median(self) -> bool:
        return self.target.response.transform == "log"

    @property
    def drawn(self) -> bool:
        """Whether an average takes noise: of a node on the way that is not gone through."""
        return not self.linear and any(one.node not in self.through for one in self.reached[:-1])

    @property
    def repeats(self) -> int:
        return REPEATS if self.median and self.medians and self.drawn else 1

    @cached_property
    def stage(self) -> Stage:
        """The stage, on fewer rows where each of them takes many values: evenly spread from low to high outcomes."""
        counted = any(one.node in self.through and not has_levels(one) for one in self.reached)
        if not (self.median and self.medians and (self.drawn or counted)) or self.whole.rows <= MEDIAN_ROWS:
            return self.whole
        if self.whole.entire:
            return self.whole
        if any(term.earlier for model in self.reached for term in model.terms):
            return self.whole.fewer(np.arange(self.whole.rows))
        expected = self.whole.drawn(
            ("as they are", self.target.node),
            lambda: _outcome(self.whole, self.target, self.whole.raw, self.whole.rows).mean(axis=0),
        )
        return self.whole.fewer(np.argsort(expected, kind="stable"))

    def found(self, world: Sequence[Setting]) -> _Found | None:
        """Return the outcome in one world; None if a count goes too far to be gone through."""
        at = _World(tuple(world), _start(self.stage, world, self.reached, self.repeats))
        if not self.through:
            return self._found(self.stage, at, slice(None))
        names = tuple(one.node for one in self.reached)
        key = "through", names, tuple(sorted(self.through)), self.medians, at.settings
        return self.stage.drawn(key, lambda: self._in_parts(at))

    def _in_parts(self, at: _World) -> _Found | None:
        """Go through values so many draws at a time that what is held stays near the processor."""
        stage = self.stage
        step = stage.draws if self.drawn else max(1, _CELLS // (at.rows * _VALUES))
        parts = []
        for first in range(0, stage.draws, step):
            some = slice(first, first + step)
            own = {node: {name: v[some] for name, v in draws.items()} for node, draws in stage.parameters.items()}
            part = self._found(replace(stage, parameters=own) if step < stage.draws else stage, at, some)
            if part is None:
                return None
            parts.append(part)
        means = [part.on_mean for part in parts if part.on_mean is not None]
        return _Found(np.concatenate([part.centre for part in parts]), np.concatenate(means) if means else None)

    def _found(self, stage: Stage, at: _World, some: slice) -> _Found | None:
        quiet = self._expected(stage, at, 0 if self.linear else self.repeats)
        if quiet is None:
            return None
        expected, weights = quiet
        if not self.median:
            return _Found(_averaged(_on_scale(self.target, expected), weights, stage.rows))
        sigma = stage.parameters[self.target.node]["sigma"]
        centre = raw_response(self.target, _middle(expected, weights, sigma, stage.rows if self.medians else at.rows))
        if has_no_mean(self.reached):
            return _Found(centre)
        if self.linear and len(self.reached) > 1:
            expected, weights = _known(self._expected(stage, at, self.repeats))
        held = held_sigma(self.stage.parameters[self.target.node]["sigma"])[some]
        with np.errstate(over="ignore"):
            mean = _averaged(raw_response(self.target, expected), weights, stage.rows).mean(axis=1)
            return _Found(centre, np.asarray(mean * np.exp(0.5 * (self.target.response.scale * held) ** 2)))

    def _expected(self, stage: Stage, world: _World, repeats: int) -> tuple[FloatArray, FloatArray | None] | None:
        """Return the outcome's expectation given its parents on its family's scale, (S, M R) or (S, M R, K).

        M times the rows, one time after the other: with all combinations of values that are gone through, whose
        chances stand beside it, (S, M R), or None where all count alike. With ``repeats`` 0 no noise is drawn.
        """
        order = self.reached[:-1]
        if not self.through:
            return _outcome(stage, self.target, _drawn(stage, order, world, repeats), world.rows), None
        raw, rows = dict(world.raw), world.rows
        weights: FloatArray | None = None
        for model in order:
            own = stage.parameters[model.node]
            if model.node not in self.through:
                raw[model.node] = _drawn_one(stage, model, raw, rows, stage.noise(model, repeats))
                continue
            found = chances_of(
                model, get_family(model.family).mean(own, design_matrix(model, raw, rows), model.link), own
            )
            if found is None:
                return None
            many = len(found.values)
            raw = {name: np.tile(values, many) for name, values in raw.items()}
            raw[model.node] = np.repeat(found.values, rows)
            chances = found.chances.reshape(stage.draws, many * rows)
            weights = chances if weights is None else chances * np.tile(weights, many)
            rows *= many
        return _outcome(stage, self.target, raw, rows), weights

    def cells(self, world: Sequence[Setting]) -> FloatArray:
        """Return one drawn outcome a draw and row, (S, R), each by itself."""
        stage, target = self.stage, self.target
        at = _World(tuple(world), _start(stage, world, self.reached, 1))
        family, own = get_family(target.family), stage.parameters[target.node]
        mean = _outcome(stage, target, _drawn(stage, self.reached[:-1], at, 1, apart=True), at.rows)
        return raw_response(target, family.drawn(mean, stage.noise(target, 1, apart=True), family.aux(own)))


def _known(found: tuple[FloatArray, FloatArray | None] | None) -> tuple[FloatArray, FloatArray | None]:
    assert found is not None
    return found


def _reached(stage: Stage, worlds: Sequence[Sequence[Setting]], outcome: str) -> list[NodeModel]:
    """Return what is drawn anew in some world, causes before effects, the outcome last."""
    touched = {setting.node for world in worlds for setting in world}
    for name in (*touched, outcome):
        column_of(stage.spec, name)
    if outcome in touched:
        raise UsageError(
            f"{outcome!r} is what is asked about, and it is set too",
            place=f"node {outcome}",
            hint="Set its causes, and see what follows for it.",
        )
    modelled = {model.node: model for model in stage.spec.nodes}
    if outcome not in modelled:
        raise UsageError(
            f"{outcome!r} is background in every hypothesis: nobody says what it follows from",
            place=f"node {outcome}",
            hint="Ask about a column that a hypothesis models.",
        )
    graph = stage.graph
    moving = (graph.descendants(*touched) if touched else frozenset()) & graph.ancestors(outcome)
    # In an order that nothing outside has a part in: an arrow elsewhere must not change a digit.
    between = sorted((moving - touched) & modelled.keys())
    arrows = tuple(edge for edge in graph.edges if set(edge) <= set(between))
    order = CausalGraph(tuple(between), arrows).topological_order if between else ()
    return [*(modelled[name] for name in order), modelled[outcome]]


def _start(stage: Stage, world: Sequence[Setting], reached: Sequence[NodeModel], repeats: int) -> dict[str, FloatArray]:
    """Return the rows before anything is drawn; what carries over of a node that is set was set by then, too."""
    raw = dict(stage.raw)
    for setting in world:
        raw[setting.node] = setting.applied(stage.raw, stage.seed)
    acted = {setting.node: setting for setting in world}
    drawn = {model.node for model in reached}
    for term in (term for model in reached for term in model.terms):
        for name in term.earlier:
            if term.parent in acted:
                raw[name] = acted[term.parent].applied({**stage.raw, term.parent: stage.raw[name]}, stage.seed)
            elif term.parent in drawn:
                raw.pop(name, None)
    return raw if repeats == 1 else {name: np.tile(values, repeats) for name, values in raw.items()}


def _outcome(stage: Stage, target: NodeModel, raw: Mapping[str, FloatArray], rows: int) -> FloatArray:
    design = design_matrix(target, raw, rows)
    with np.errstate(over="ignore", invalid="ignore"):
        return get_family(target.family).mean(stage.parameters[target.node], design, target.link)


def _drawn(
    stage: Stage, order: Sequence[NodeModel], world: _World, repeats: int, *, apart: bool = False
) -> dict[str, FloatArray]:
    raw, names = dict(world.raw), tuple(model.node for model in order)
    for model in order:
        above = stage.graph.ancestors(model.node)
        key = model.node, names, repeats, world.rows, apart, tuple(one for one in world.settings if one.node in above)
        noise = stage.noise(model, repeats, apart=apart) if repeats else None
        raw[model.node] = stage.drawn(key, partial(_drawn_one, stage, model, raw, world.rows, noise))
    return raw


def _drawn_one(
    stage: Stage, model: NodeModel, raw: Mapping[str, FloatArray], rows: int, noise: FloatArray | None
) -> FloatArray:
    family, own = get_family(model.family), stage.parameters[model.node]
    with np.errstate(over="ignore", invalid="ignore"):
        mean = family.mean(own, design_matrix(model, raw, rows), model.link)
        if noise is not None:
            mean = family.drawn(mean, np.tile(noise, rows // noise.shape[1]), family.aux(own))
        return raw_response(model, mean)


def _on_scale(target: NodeModel, expected: FloatArray) -> FloatArray:
    """Return expectations on the data's own scale; of a binary node the chance of its second level."""
    if expected.ndim == 3:
        return expected[:, :, 1] if expected.shape[2] == 2 else expected
    return raw_response(target, expected)


def _averaged(cells: FloatArray, weights: FloatArray | None, rows: int) -> FloatArray:
    """Return the average of each row over its values on the way, (S, R) or (S, R, K), from (S, M R[, K])."""
    if weights is None and cells.shape[1] == rows:
        return cells
    parts = cells.reshape(len(cells), -1, rows, *cells.shape[2:])
    if weights is None:
        return np.asarray(parts.mean(axis=1))
    shares = weights.reshape(len(cells), -1, rows)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(
            np.einsum("smr...,smr->sr...", parts, shares) / (shares.sum(axis=1)[(...,) + (None,) * (cells.ndim - 2)])
        )


def _middle(expected: FloatArray, weights: FloatArray | None, sigma: FloatArray, rows: int) -> FloatArray:
    """Return each row's median on the scale of its logarithm, (S, R): over its values on the way and its own noise."""
    if expected.shape[1] == rows:
        return expected
    draws = len(expected)
    parts = expected.reshape(draws, -1, rows).transpose(0, 2, 1).reshape(draws * rows, -1)
    shares = np.full(parts.shape, 1.0 / parts.shape[1])
    if weights is not None:
        shares = weights.reshape(draws, -1, rows).transpose(0, 2, 1).reshape(parts.shape)
        shares = shares / shares.sum(axis=1, keepdims=True)
    return middle_of_mixture(parts, shares, np.repeat(sigma, rows)).reshape(draws, rows)
