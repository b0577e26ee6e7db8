"""With whom rows can be compared, and a second opinion, for a hypothesis' effect: from the rows.

The adjustment set is that of the treatment's own causes, which blocks every back door of a graph without
unmeasured causes, and who is comparable is asked given these alone. Outcomes are regressed on these and on the
other causes of what lies between treatment and outcome: none of them is caused by the treatment, so the set stays
valid (Pearl 2009, 3.3) and the answer gets sharper (Henckel, Perkovic & Maathuis 2022). So where the graph is
wrong about the treatment's causes, what differs from the model is still its form and not what it adjusts for.

Rows in which the outcome, or anything on the way to it, was set by intervention say nothing of the effect and are
left out. Those in which the treatment was set stay: given its causes it is as good as drawn by lot there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import log

import numpy as np
from numpy.typing import NDArray

from core.check.roles import Role, roles_of
from core.check.tested import Observed
from core.effects.linear import is_linear
from core.effects.opinions import Estimated, Overlap, SecondOpinion, second_opinion
from core.effects.overlap import comparable_levels, comparable_numbers
from core.effects.second import level_scores, partialled_out, scored, shared_part
from core.effects.steps import Step, own_step, quartile_step, reads_wide
from core.effects.total import Effect
from core.fit.flexible import Column, column_basis
from core.fit.posterior import contrasts_of
from core.fit.unseen import chance_unseen, smooth_design, turned
from core.graph.causal_graph import CausalGraph
from core.graph.paths import nodes_on_directed_paths
from core.hypothesis import Hypothesis
from core.memory import Memory
from core.model.spec import ModelSpec

__all__ = ["MOST_ROWS", "adjustment", "with_opinions"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

MOST_ROWS = 20_000
"""Of more rows, a random part is looked at, the same each time."""

FEWEST_ROWS = 60


@dataclass(frozen=True)
class _Part:
    """One contrast, or the step of a number: what was found on each of the outcome's scales."""

    share: float
    found: tuple[Estimated, ...] = ()
    among: tuple[Estimated, ...] = ()
    p_curve: float | None = None


@dataclass(frozen=True)
class _Measured:
    way: str
    step: str
    rows: int
    scales: tuple[str, ...]
    parts: tuple[_Part, ...]


@dataclass(frozen=True)
class _Asked:
    """What is asked of the rows: columns by name, how the treatment moves, and the outcome's scales."""

    pair: tuple[str, str]
    causes: tuple[str, ...]
    others: tuple[str, ...]
    between: tuple[str, ...]
    pairs: tuple[tuple[float, float] | None, ...]
    step: Step
    wide: bool
    scales: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All columns that are looked at."""
        return (*self.pair, *self.causes, *self.others)


def with_opinions(
    hypothesis: Hypothesis, spec: ModelSpec, observed: Observed, effect: Effect, memory: Memory
) -> Effect:
    """Return an effect with overlap and second opinion, or the reasons why there is none.

    Parameters
    ----------
    hypothesis : Hypothesis
    spec : ModelSpec
    observed : Observed
    effect : Effect
        As the hypothesis' own model has it.
    memory : Memory
        What does not depend on the model is kept here, by the columns' digests.
    """
    asked, reason = _asked(hypothesis.graph, spec, observed, effect)
    if asked is None:
        return replace(effect, overlap_reason=reason, second_reason=reason)
    roles = roles_of(spec)
    compute = partial(_measured, asked, roles, observed)
    if all(name in observed.digests for name in asked.names):
        columns = tuple((observed.digests[name], roles[name]) for name in asked.names)
        was_set = tuple(observed.digests[name] for name in asked.between if name in observed.was_set)
        counts = (len(asked.causes), asked.pairs, asked.step, asked.wide, asked.scales)
        measured = memory.recall(("opinions", columns, was_set, counts), compute)
    else:
        measured = compute()
    if measured is None:
        reason = "too few rows are left, or its causes determine the treatment"
        return replace(effect, overlap_reason=reason, second_reason=reason)
    second, reason = _second(effect, measured, _straight(hypothesis.graph, spec, asked), spec)
    return replace(effect, overlap=_overlap(measured, asked, spec), second=second, second_reason=reason)


def adjustment(graph: CausalGraph, treatment: str, outcome: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the treatment's causes, and the other causes of what lies between it and the outcome, sorted."""
    between = nodes_on_directed_paths(graph, treatment, outcome)
    causes = frozenset(graph.parents(treatment))
    others = {cause for node in between - {treatment} for cause in graph.parents(node)} - between - causes
    return tuple(sorted(causes)), tuple(sorted(others - {treatment}))


def _asked(graph: CausalGraph, spec: ModelSpec, observed: Observed, effect: Effect) -> tuple[_Asked | None, str | None]:
    treatment, outcome = pair = effect.treatment, effect.outcome
    if not effect.identified:
        return None, "the effect is not identified"
    between = nodes_on_directed_paths(graph, treatment, outcome)
    if not between:
        return None, "no path leads there"
    if effect.mean is None and not effect.contrasts:
        return None, "the effect is held back"
    if any(term.earlier and term.parent in between for node in between for term in spec.node(node).terms):
        return None, "it carries over to later rows, and these looks take each row by itself"
    cause, target = spec.node(treatment), spec.node(outcome)
    causes, others = adjustment(graph, treatment, outcome)
    skewed = target.response.transform == "log"
    scales = () if len(target.response.levels) > 2 else ("ratio", "mean") if skewed else ("mean",)
    step, far = own_step(cause), quartile_step(cause, observed.raw[treatment])
    # A factor that is the same in every row is that of a step whose ends are.
    fixed = skewed and roles_of(spec)[treatment].to_regressor != "identity"
    wide = far is not None and (fixed or reads_wide(far))
    pairs = contrasts_of(cause, observed.raw[treatment])
    return _Asked(
        pair, causes, others, tuple(sorted(between)), pairs, far if wide and far else step, wide, scales
    ), None


def _straight(graph: CausalGraph, spec: ModelSpec, asked: _Asked) -> bool:
    """Return whether the model has the treatment in a straight line on the scale that is looked at."""
    treatment, outcome = asked.pair
    role = roles_of(spec)[treatment]
    names = [name for name in graph.topological_order if name in asked.between and name != treatment]
    order = [spec.node(name) for name in names]
    if not order or order[-1].node != outcome or not is_linear(order, treatment, spec):
        return False
    return all(term.transform == role.to_regressor for m in order for term in m.terms if term.parent == treatment)


def _measured(asked: _Asked, roles: Mapping[str, Role], observed: Observed) -> _Measured | None:
    treatment, outcome = asked.pair
    rows = _rows(asked, observed)
    if len(rows) < FEWEST_ROWS:
        return None
    raw = {name: observed.raw[name][rows] for name in asked.names}
    on_scales = [np.log(raw[outcome]) if scale == "ratio" else raw[outcome] for scale in asked.scales]
    y = np.column_stack(on_scales) if on_scales else None
    try:
        if roles[treatment].levels:
            parts, way = _levels(asked, roles, raw, y), "aipw"
        else:
            parts, way = _number(asked, roles, raw, y), "partialling out"
    except np.linalg.LinAlgError:
        return None
    return _Measured(way, "quartiles" if asked.wide else "own", len(rows), asked.scales, parts)


def _rows(asked: _Asked, observed: Observed) -> NDArray[np.intp]:
    free = np.ones(observed.rows, dtype=bool)
    for name in asked.between:
        if name != asked.pair[0] and name in observed.was_set:
            free &= ~observed.was_set[name]
    rows = np.flatnonzero(free)
    if len(rows) > MOST_ROWS:
        rows = np.sort(np.random.default_rng([len(rows), 23]).choice(rows, MOST_ROWS, replace=False))
    return rows


def _columns(names: Sequence[str], roles: Mapping[str, Role], raw: Mapping[str, FloatArray]) -> list[Column]:
    found = []
    for name in names:
        role = roles[name]
        values = raw[name] if role.levels else role.regressors(raw[name])[:, 0]
        found.append(column_basis(name, values, role.levels))
    return found


def _levels(
    asked: _Asked, roles: Mapping[str, Role], raw: Mapping[str, FloatArray], y: FloatArray | None
) -> tuple[_Part, ...]:
    x = raw[asked.pair[0]]
    rows = len(x)
    causes = _columns(asked.causes, roles, raw)
    basis = turned(smooth_design(causes, rows))
    levels = sorted({code for pair in asked.pairs if pair is not None for code in pair})
    chances = {code: chance_unseen(basis, x == code) for code in (levels[1:] if len(levels) == 2 else levels)}
    if len(levels) == 2:
        chances[levels[0]] = 1.0 - chances[levels[1]]
    else:
        total = sum(chances.values())
        chances = {code: chance / np.maximum(total, 1e-12) for code, chance in chances.items()}
    scores: dict[float, FloatArray | None] = {}
    if y is not None:
        full = basis
        if asked.others:
            full = turned(smooth_design([*causes, *_columns(asked.others, roles, raw)], rows))
        rest = levels[1:]
        indicators = np.column_stack([x == code for code in rest]).astype(np.float64)
        common, shift = shared_part(full, y, indicators, np.column_stack([chances[code] for code in rest]))
        guesses = {levels[0]: common} | {code: common + shift[place] for place, code in enumerate(rest)}
        scores = {code: level_scores(full, y, guesses[code], x == code, chances[code]) for code in levels}
    shares = {code: float(np.mean(x == code)) for code in levels}
    parts = []
    for pair in asked.pairs:
        assert pair is not None
        low, high = pair
        near = comparable_levels(chances[low], chances[high], (shares[low], shares[high]))
        share = float(np.mean(~near))
        one, other = scores.get(low), scores.get(high)
        if one is None or other is None:
            parts.append(_Part(share))
            continue
        gained = other - one
        found = [scored(gained[:, place]) for place in range(gained.shape[1])]
        among = [scored(gained[:, place], near) for place in range(gained.shape[1])]
        parts.append(_Part(share, _whole(found), _whole(among)))
    return tuple(parts)


def _number(
    asked: _Asked, roles: Mapping[str, Role], raw: Mapping[str, FloatArray], y: FloatArray | None
) -> tuple[_Part, ...]:
    treatment = asked.pair[0]
    role = roles[treatment]
    x = role.regressors(raw[treatment])[:, 0]
    low, high = (role.regressors(end)[:, 0] for end in asked.step.ends(raw[treatment]))
    causes = _columns(asked.causes, roles, raw)
    basis = turned(smooth_design(causes, len(x)))
    near = comparable_numbers(basis, x, low, high)
    share = float(np.mean(~near))
    if y is None:
        return (_Part(share),)
    every = [*causes, *_columns(asked.others, roles, raw)]
    full = turned(smooth_design(every, len(x))) if asked.others else basis
    lines = np.concatenate([column.line for column in every], axis=1) if every else np.empty((len(x), 0))
    found = partialled_out(full, lines, y, x, (low, high), near)
    if found is None:
        return (_Part(share),)
    moved, among = found
    return (_Part(share, tuple(one.estimate for one in moved), tuple(among or ()), moved[0].p_curve),)


def _whole(found: Sequence[Estimated | None]) -> tuple[Estimated, ...]:
    known = tuple(one for one in found if one is not None)
    return known if len(known) == len(found) else ()


def _names(asked: _Asked, spec: ModelSpec, place: int) -> tuple[str | None, str | None]:
    """Return the levels of a contrast, where there are several to choose from."""
    pair = asked.pairs[place]
    if pair is None or len(asked.pairs) == 1:
        return None, None
    levels = spec.node(asked.pair[0]).response.levels
    return levels[int(pair[0])], levels[int(pair[1])]


def _overlap(measured: _Measured, asked: _Asked, spec: ModelSpec) -> Overlap:
    place = int(np.argmax([part.share for part in measured.parts]))
    worst = measured.parts[place]
    among = worst.among[0] if worst.among else None
    scale = measured.scales[0] if among is not None else None
    return Overlap(worst.share, measured.rows, measured.step, scale, among, *_names(asked, spec, place))


def _second(
    effect: Effect, measured: _Measured, straight: bool, spec: ModelSpec
) -> tuple[SecondOpinion | None, str | None]:
    if not measured.scales:
        return None, "the outcome has several levels"
    if effect.contrasts is not None:
        if effect.scale == "median":
            return None, "of several levels and a skewed outcome no ratio is reported"
        opinions = [
            second_opinion("aipw", "own", "mean", part.found[0], Estimated(c.mean, c.sd), None, (c.low, c.high))
            for c, part in zip(effect.contrasts, measured.parts, strict=True)
            if part.found
        ]
        known = [one for one in opinions if one is not None]
        if not known:
            return None, "too few rows at a level"
        return max(known, key=lambda one: one.gap), None
    part = measured.parts[0]
    if not part.found:
        return None, "too few rows to compare, or its causes determine the treatment"
    p_curve = part.p_curve if straight else None
    opinions = [
        second_opinion(measured.way, measured.step, scale, estimate, reported, p_curve if place == 0 else None)
        for place, (scale, estimate) in enumerate(zip(measured.scales, part.found, strict=True))
        if (reported := _reported(effect, measured.step, scale)) is not None
    ]
    known = [one for one in opinions if one is not None]
    if not known:
        return None, "the effect has no number on that scale"
    first = known[0]
    return (replace(first, on_mean=known[1]) if len(known) > 1 else first), None


def _reported(effect: Effect, step: str, scale: str) -> Estimated | None:
    """Return what the model says of the step, on the scale that is compared."""
    of = effect if step == "own" else effect.quartiles
    if of is None or of.mean is None or of.sd is None:
        return None
    if scale == "ratio":
        return _logarithm(of.ratio)
    if effect.scale != "median":
        return Estimated(of.mean, of.sd)
    mean = effect.on_mean if step == "own" else None
    return None if mean is None else Estimated(mean["mean"], mean["sd"])


def _logarithm(ratio: Mapping[str, float] | None) -> Estimated | None:
    if ratio is None or ratio["mean"] <= 0:
        return None
    return Estimated(log(ratio["mean"]), ratio["sd"] / ratio["mean"])
