"""What an action brings: worlds that differ in what is set, on the same rows, the same draws and the same noise.

A world keeps each row's observed values of whatever the action does not reach. The nodes that it reaches on the way to
the outcome are drawn anew, causes before effects, each with a noise of its own that is the same in every world; of the
outcome the expectation given its parents is taken, so that its own noise adds no error to an average. So what differs
between two worlds differs because of the action, a curve over many worlds is smooth, and where every node on the way is
linear the difference is the sum of path products in every draw, without error (Wright 1934; Pearl 2009, 5.3).

Where the way is linear on the scale of the outcome no noise is drawn at all: it moves no average. For a LogNormal
outcome two numbers are told: the median, which the conjugate prior leaves finite, and the mean with sigma held below
its 99.9 % point (:mod:`core.effects.contrasted`).
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from statistics import NormalDist
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from core.effects.contrasted import held_sigma
from core.effects.linear import is_linear
from core.effects.settings import Setting, column_of
from core.effects.total import has_no_mean
from core.errors import UsageError
from core.families import get_family
from core.families.base import Draws
from core.graph.causal_graph import CausalGraph
from core.memory import Memory
from core.model.design import design_matrix, raw_response
from core.model.spec import ModelSpec, NodeModel

__all__ = ["Played", "Stage", "drawn_for", "play", "staged"]

FloatArray = NDArray[np.float64]

REPEATS = 15  # draws of a row's noise where the median of a LogNormal outcome is asked for; odd
MEDIAN_ROWS = 25
_MOST_KEPT = 64_000_000  # bytes of drawn nodes, a hypothesis


@dataclass(frozen=True, eq=False)
class Stage:
    """A fitted hypothesis with the rows on which actions are played.

    Parameters
    ----------
    graph : CausalGraph
    spec : ModelSpec
    parameters : mapping of str to draws
        S draws of each node's parameters, draw index first.
    raw : mapping of str to array, shape (R,)
        The rows, and where something carries over their earlier values.
    seed : int
        Of the noise.
    shared : bool
        Whether a row's noise is the same in every draw. Then averages over rows differ between draws by what the
        parameters leave open alone, which is what risk is about; what so few rows' noise adds is the same for all.
    memory : Memory
        Where drawn nodes and noise are kept: worlds that differ in something else share them, and so do stages of the
        same ``key``, so that a slider that is moved at one end draws one world anew.
    key : hashable
        What tells these draws and rows from others that are kept in the same memory.
    """

    graph: CausalGraph
    spec: ModelSpec
    parameters: Mapping[str, Draws]
    raw: Mapping[str, FloatArray]
    seed: int = 0
    shared: bool = False
    memory: Memory = field(default_factory=partial(Memory, _MOST_KEPT), repr=False)
    key: Hashable = None

    @property
    def draws(self) -> int:
        """S."""
        return len(next(iter(next(iter(self.parameters.values())).values())))

    @property
    def rows(self) -> int:
        """R."""
        return len(next(iter(self.raw.values())))

    @cached_property
    def smaller(self) -> "Stage":
        """The same on fewer rows, evenly spread, where each is drawn many times."""
        places = np.linspace(0, self.rows - 1, MEDIAN_ROWS).round().astype(np.intp)
        rows = {name: values[places] for name, values in self.raw.items()}
        return replace(self, raw=rows, key=(self.key, "smaller"))

    def drawn(self, key: Hashable, compute: Callable[[], FloatArray]) -> FloatArray:
        """Return what was drawn of a node in a world before, by all that it hangs on; the least recent go first.

        Worlds that differ in something else share it: of a hundred prices at one budget, visits are drawn once.
        """
        return self.memory.recall(("drawn", self.key, self.seed, key), compute)

    def noise(self, model: NodeModel, repeats: int) -> FloatArray:
        """Return a node's own noise, the same in every world, shape (S, R * repeats).

        It hangs on the node's name and the seed alone: what stands elsewhere in the graph does not change a digit.
        """
        key = "noise", self.key, self.seed, model.node, repeats
        return self.memory.recall(key, partial(self._noise, model, repeats))

    def _noise(self, model: NodeModel, repeats: int) -> FloatArray:
        family = get_family(model.family)
        seeds = [self.seed, 31, crc32(model.node.encode()), repeats]
        aux, many = family.aux(self.parameters[model.node]), self.rows * repeats
        if self.shared:
            each = [{name: values[s : s + 1] for name, values in aux.items()} for s in range(self.draws)]
            parts = [family.noise(own, (1, many), np.random.default_rng(seeds)) for own in each]
            return np.concatenate(parts)
        return family.noise(aux, (self.draws, many), np.random.default_rng(seeds))


@dataclass(frozen=True, eq=False)
class _World:
    """What is done in a world, and its rows before anything is drawn."""

    settings: tuple[Setting, ...]
    raw: Mapping[str, FloatArray]

    @property
    def rows(self) -> int:
        return len(next(iter(self.raw.values())))


@dataclass(frozen=True, eq=False)
class Played:
    """The outcome in each of W worlds.

    Parameters
    ----------
    scale : {"mean", "median"}
        What :attr:`centre` is: the median for a LogNormal outcome.
    centre : array, shape (W, S), or (W, S, K) for an outcome of K > 2 levels
        Averaged over the rows, on the outcome's own scale; of a binary outcome the chance of its second level, of
        levels the chance of each.
    settled : array, shape (W, S), or None
        The centre as it would be over endless noise: its spread over the draws less what the noise of so few rows adds
        to it. For a world by itself; what two worlds differ by is that of their centres, in which noise cancels. None
        for levels.
    on_mean : array, shape (W, S), or None
        Of a LogNormal outcome the mean, sigma held; None for others, and where there is none.
    by_row : array, shape (W, R), or None
        The centre of each row, averaged over the draws; None for levels.
    cells : array, shape (W, S, R), or None
        Drawn outcomes of single rows, levels as codes, where they were asked for.
    """

    scale: str
    centre: FloatArray
    settled: FloatArray | None
    on_mean: FloatArray | None
    by_row: FloatArray | None
    cells: FloatArray | None = None


def staged(
    graph: CausalGraph,
    spec: ModelSpec,
    parameters: Mapping[str, Draws],
    raw: Mapping[str, FloatArray],
    *,
    draws: int = 1000,
    rows: int = 200,
    seed: int = 0,
    shared: bool = False,
    memory: Memory | None = None,
    key: Hashable = None,
) -> Stage:
    """Return a hypothesis ready to be acted on, on some of its draws and rows.

    Parameters
    ----------
    graph, spec, parameters
        As fitted.
    raw : mapping of str to array, shape (N,)
        Complete rows.
    draws, rows : int
        How many are kept at most: draws evenly spread, rows by lot. Where something carries over, the first rows in
        their order, since a row needs those before it.
    seed : int
    shared, memory, key
        See :class:`Stage`; ``key`` tells hypothesis and rows apart, how many draws and rows is added here.
    """
    many = len(next(iter(raw.values())))
    carrying = any(term.earlier for model in spec.nodes for term in model.terms)
    if many <= rows:
        kept = np.arange(many)
    elif carrying:
        kept = np.arange(rows)
    else:
        kept = np.sort(np.random.default_rng([seed, 37]).choice(many, rows, replace=False))
    some = {}
    for node, own in parameters.items():
        total = len(next(iter(own.values())))
        chosen = np.floor((np.arange(min(draws, total)) + 0.5) * total / min(draws, total)).astype(np.intp)
        some[node] = {name: values[chosen] for name, values in own.items()}
    chosen_rows = {name: values[kept] for name, values in raw.items()}
    whole = (key, draws, rows, shared)
    return Stage(graph, spec, some, chosen_rows, seed, shared, Memory(_MOST_KEPT) if memory is None else memory, whole)


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
    target = reached[-1]
    touched = {setting.node for world in worlds for setting in world}
    linear = all(is_linear(reached, node, stage.spec) for node in touched or {""})
    median = target.response.transform == "log"
    repeats = REPEATS if median and medians and not linear else 1
    if repeats > 1 and stage.rows > MEDIAN_ROWS:
        stage = stage.smaller
    centres, means, rows, drawn, settled = [], [], [], [], []
    meanless = has_no_mean(reached)
    for world in worlds:
        for setting in world:
            setting.check(stage.spec, stage.raw)
        at = _World(tuple(world), _start(stage, world, reached, repeats))
        quiet = _expected(stage, reached, at, 0 if linear else repeats)
        if not median:
            found = _on_scale(target, quiet)
        else:
            found = _median(stage, target, quiet, repeats)
            if not meanless:
                loud = _expected(stage, reached, at, repeats) if linear and len(reached) > 1 else quiet
                means.append(_mean_of_log(stage, target, loud))
        centres.append(found.mean(axis=1))
        rows.append(None if found.ndim == 3 else found.mean(axis=0))
        settled.append(None if found.ndim == 3 else _settled(found))
        if cells:
            drawn.append(_cells(stage, reached, at, repeats))
    return Played(
        "median" if median else "mean",
        np.stack(centres),
        _stacked(settled),
        np.stack(means) if means else None,
        _stacked(rows),
        np.stack(drawn) if cells else None,
    )


def drawn_for(stage: Stage, nodes: Sequence[str], outcome: str, *, single: bool = False) -> tuple[NodeModel, ...]:
    """Return the nodes whose noise an average takes, or an outcome of a single row, where some nodes are set."""
    reached = _reached(stage, [[Setting(node, 0.0) for node in nodes]], outcome)
    if single:
        return tuple(reached)
    linear = reached[-1].response.transform != "log" and all(is_linear(reached, node, stage.spec) for node in nodes)
    return () if linear else tuple(reached[:-1])


def _stacked(parts: Sequence[FloatArray | None]) -> FloatArray | None:
    known = [part for part in parts if part is not None]
    return np.stack(known) if len(known) == len(parts) else None


def _settled(found: FloatArray) -> FloatArray:
    """Return averages over rows, (S,), whose spread over draws is that of endless noise, from cells (S, R).

    What is left of the cells less their draw's and their row's mean is noise; its variance over R is what it adds to
    that of the averages, and they are drawn in by as much (the components of a two-way layout; Searle et al. 1992, 4).
    """
    centre = found.mean(axis=1)
    total = centre.var()
    if found.shape[1] < 2 or not total > 0:
        return centre
    noise = float(np.var(found - centre[:, None] - found.mean(axis=0) + centre.mean())) / (found.shape[1] - 1)
    return np.asarray(centre.mean() + np.sqrt(max(0.0, 1.0 - noise / total)) * (centre - centre.mean()))


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


def _expected(stage: Stage, reached: Sequence[NodeModel], world: _World, repeats: int) -> FloatArray:
    """Return the outcome's expectation given its parents on its family's scale, (S, rows) or (S, rows, K).

    With ``repeats`` 0 no noise is drawn on the way.
    """
    raw = _drawn(stage, reached[:-1], world, repeats)
    target = reached[-1]
    design = design_matrix(target, raw, world.rows)
    with np.errstate(over="ignore", invalid="ignore"):
        return get_family(target.family).mean(stage.parameters[target.node], design, target.link)


def _drawn(stage: Stage, order: Sequence[NodeModel], world: _World, repeats: int) -> dict[str, FloatArray]:
    raw, names = dict(world.raw), tuple(model.node for model in order)
    for model in order:
        above = stage.graph.ancestors(model.node)
        key = model.node, names, repeats, world.rows, tuple(one for one in world.settings if one.node in above)
        raw[model.node] = stage.drawn(key, partial(_drawn_one, stage, model, raw, world.rows, repeats))
    return raw


def _drawn_one(stage: Stage, model: NodeModel, raw: Mapping[str, FloatArray], rows: int, repeats: int) -> FloatArray:
    family, own = get_family(model.family), stage.parameters[model.node]
    with np.errstate(over="ignore", invalid="ignore"):
        mean = family.mean(own, design_matrix(model, raw, rows), model.link)
        if repeats:
            mean = family.respond(mean, stage.noise(model, repeats), family.aux(own))
        return raw_response(model, mean)


def _on_scale(target: NodeModel, expected: FloatArray) -> FloatArray:
    """Return expectations on the data's own scale; of a binary node the chance of its second level."""
    if expected.ndim == 3:
        return expected[:, :, 1] if expected.shape[2] == 2 else expected
    return raw_response(target, expected)


def _median(stage: Stage, target: NodeModel, expected: FloatArray, repeats: int) -> FloatArray:
    """Return each row's median, (S, R): over its noise on the way and its own, whose quantiles take turns."""
    if repeats == 1:
        return raw_response(target, expected)
    parts = expected.reshape(len(expected), repeats, -1)
    sigma = stage.parameters[target.node]["sigma"][:, None]
    moved = [parts[:, k] + sigma * NormalDist().inv_cdf((k + 0.5) / repeats) for k in range(repeats)]
    return raw_response(target, np.median(np.stack(moved), axis=0))


def _mean_of_log(stage: Stage, target: NodeModel, expected: FloatArray) -> FloatArray:
    spread = (target.response.scale * held_sigma(stage.parameters[target.node]["sigma"])) ** 2
    with np.errstate(over="ignore"):
        return np.asarray(raw_response(target, expected).mean(axis=1) * np.exp(0.5 * spread))


def _cells(stage: Stage, reached: Sequence[NodeModel], world: _World, repeats: int) -> FloatArray:
    """Return one drawn outcome a draw and row, (S, R)."""
    target = reached[-1]
    family, own = get_family(target.family), stage.parameters[target.node]
    mean = _expected(stage, reached, world, repeats)
    drawn = family.respond(mean, stage.noise(target, repeats), family.aux(own))
    return raw_response(target, drawn)[:, : stage.rows]
