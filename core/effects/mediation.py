"""By which way an effect comes: directly, through what lies between, and along each arrow out of the cause.

With x and x' the two values of the treatment and M(x) what the mediators would be under x, averaged over rows with
what is not downstream of the treatment as observed (Pearl 2001; VanderWeele 2015, chapter 2; Robins & Greenland 1992):

- natural direct effect     Y(x', M(x))  - Y(x, M(x))
- (total) indirect effect   Y(x', M(x')) - Y(x', M(x)), so that the two add up to the total effect, draw by draw
- pure indirect effect      Y(x, M(x'))  - Y(x, M(x))
- controlled direct effect  Y(x', m) - Y(x, m), m the mediators as each row had them
- along an arrow            Y where x' is seen along this arrow alone and x along the others, less Y(x, M(x)); what is
  left of the total when these are added up is what the ways do together (Shpitser & Tchetgen Tchetgen 2016)

The outcome is expected given its causes, the nodes between are drawn, each with one noise for all worlds (quantiles of
counts and levels). How that noise ties the worlds has no part in the answer unless a node that is no mediator acts on a
mediator and, by another way, on the outcome: it then has to be under both values at once (a recanting witness; Avin,
Shpitser & Pearl 2005), and no data could tell. These are named.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.effects.evidence import downstream
from core.effects.same_units import expected
from core.effects.steps import Step
from core.errors import NotYetError, UsageError
from core.families import get_family
from core.families.base import Draws
from core.fit.posterior import Summary, summary
from core.model.design import raw_response
from core.model.spec import ModelSpec, NodeModel

__all__ = ["Mediation", "mediation"]

FloatArray = NDArray[np.float64]

_DRAWS = 400
_ROWS = 1_000
_CELLS = 200_000  # draws times rows


@dataclass(frozen=True, eq=False)
class Mediation:
    """How a total effect is made up; each part a number a draw, and its summary.

    Parameters
    ----------
    treatment, outcome : str
    mediators : tuple of str
    scale : {"mean", "ratio"}
        On a LogNormal outcome, parts are factors of its geometric mean and multiply; else they add up.
    level : str or None
        The level of an outcome of several whose chance it is.
    parts : mapping of str to array, shape (S,)
        ``total``, ``direct``, ``indirect``, ``pure_indirect``, ``controlled``; differences, of logarithms for a ratio.
    arrows : mapping of str to array, shape (S,)
        Along the arrow to each child of the treatment that leads to the outcome.
    together : array, shape (S,)
        The total less the sum over arrows.
    witnesses : tuple of str
        Nodes that make the split rest on how the worlds are tied.
    """

    treatment: str
    outcome: str
    mediators: tuple[str, ...]
    scale: str
    parts: Mapping[str, FloatArray]
    arrows: Mapping[str, FloatArray]
    together: FloatArray
    witnesses: tuple[str, ...] = ()
    level: str | None = None

    def to_dict(self) -> dict[str, object]:
        """Return a JSON record; each part has mean, sd, q05 and q95, of the factor where ``scale`` is a ratio."""
        record: dict[str, object] = {"treatment": self.treatment, "outcome": self.outcome, "level": self.level}
        record |= {"mediators": list(self.mediators), "scale": self.scale, "witnesses": list(self.witnesses)}
        record |= {name: self._said(draws) for name, draws in self.parts.items()}
        record["arrows"] = [{"target": name, **(self._said(draws) or {})} for name, draws in self.arrows.items()]
        return record | {"together": self._said(self.together)}

    def _said(self, draws: FloatArray) -> Summary | None:
        with np.errstate(over="ignore"):
            found = np.exp(draws) if self.scale == "ratio" else draws
        return summary(found) if np.isfinite(found).all() else None


@dataclass(frozen=True, eq=False)
class _Way:
    """One world: the treatment's value, other values along some of its arrows, and nodes that are held."""

    value: FloatArray
    along: Mapping[str, FloatArray] = field(default_factory=dict)
    held: Mapping[str, FloatArray] = field(default_factory=dict)


def mediation(
    spec: ModelSpec,
    parameters: Mapping[str, Draws],
    raw: Mapping[str, FloatArray],
    treatment: str,
    outcome: str,
    step: Step,
    mediators: Collection[str] | None = None,
    seed: int = 0,
) -> tuple[Mediation, ...]:
    """Split the effect of a step of the treatment; one entry, or one a level of an outcome of several.

    Parameters
    ----------
    spec : ModelSpec
    parameters : mapping of node to Draws
        S posterior draws of each node downstream of the treatment, the same S for all.
    raw : mapping of str to array, shape (N,)
        Complete rows, raw values.
    treatment, outcome : str
        Two nodes of which the second is downstream of the first.
    step : Step
        The two worlds.
    mediators : collection of str, optional
        All nodes between unless given.
    seed : int

    Raises
    ------
    UsageError
        If the outcome is not downstream of the treatment, or a mediator does not lie between.
    NotYetError
        Where effects carry over from row to row.
    """
    order = _between(spec, treatment, outcome)
    between = tuple(model.node for model in order[:-1])
    chosen = _mediators(between, mediators, treatment, outcome)
    if any(term.earlier for model in order for term in model.terms):
        raise NotYetError(
            f"an effect on the way from {treatment!r} to {outcome!r} carries over to later rows: it is not split",
            hint="Set the carry-over to 0.",
        )
    rng = np.random.default_rng([seed, 29])
    draws, rows = _some(parameters, order, raw, rng)
    low, high = step.ends(rows[treatment])
    count = len(next(iter(draws[outcome].values())))
    noise = {
        model.node: get_family(model.family).noise(
            get_family(model.family).aux(draws[model.node]), (count, len(low)), rng
        )
        for model in order[:-1]
    }

    def world(way: _Way) -> dict[str, FloatArray]:
        return _world(order, treatment, way, draws, noise, rows)

    here, there = world(_Way(low)), world(_Way(high))
    held_here, held_there = ({name: one[name] for name in chosen} for one in (here, there))
    as_seen = {name: rows[name] for name in chosen}
    crossed = world(_Way(high, held=held_here))
    parts = {
        "total": there[outcome] - here[outcome],
        "direct": crossed[outcome] - here[outcome],
        "indirect": there[outcome] - crossed[outcome],
        "pure_indirect": world(_Way(low, held=held_there))[outcome] - here[outcome],
        "controlled": world(_Way(high, held=as_seen))[outcome] - world(_Way(low, held=as_seen))[outcome],
    }
    children = [model.node for model in order if treatment in model.parents]
    arrows = {child: world(_Way(low, along={child: high}))[outcome] - here[outcome] for child in children}
    together = parts["total"] - sum(arrows.values(), np.zeros_like(parts["total"]))
    model = order[-1]
    scale = "ratio" if model.response.transform == "log" else "mean"
    witnesses = _witnesses(spec, order, chosen)
    if together.ndim == 1:
        return (Mediation(treatment, outcome, chosen, scale, parts, arrows, together, witnesses),)
    return tuple(
        Mediation(
            *(treatment, outcome, chosen, scale),
            {name: part[:, code] for name, part in parts.items()},
            {name: part[:, code] for name, part in arrows.items()},
            together[:, code],
            witnesses,
            level,
        )
        for code, level in enumerate(model.response.levels)
    )


def _between(spec: ModelSpec, treatment: str, outcome: str) -> tuple[NodeModel, ...]:
    """Return the nodes on a way from treatment to outcome, causes first, the outcome last."""
    reached = downstream(spec, [treatment])
    if outcome not in reached:
        raise UsageError(
            f"no path leads from {treatment!r} to {outcome!r}", hint="Ask about an outcome that the treatment acts on."
        )
    leading = {outcome}
    for name in reversed(reached):
        if name in leading:
            leading.update(spec.node(name).parents)
    return tuple(spec.node(name) for name in reached if name in leading)


def _mediators(
    between: Sequence[str], mediators: Collection[str] | None, treatment: str, outcome: str
) -> tuple[str, ...]:
    if mediators is None:
        return tuple(between)
    wrong = [name for name in mediators if name not in between]
    if wrong:
        raise UsageError(
            f"{wrong[0]!r} does not lie between {treatment!r} and {outcome!r}",
            hint=f"Between them lie: {', '.join(between) or 'none'}.",
        )
    return tuple(name for name in between if name in mediators)


def _some(
    parameters: Mapping[str, Draws],
    order: Sequence[NodeModel],
    raw: Mapping[str, FloatArray],
    rng: np.random.Generator,
) -> tuple[dict[str, Draws], dict[str, FloatArray]]:
    """Return some draws, evenly spread, and some rows."""
    many = len(next(iter(parameters[order[-1].node].values())))
    size = len(next(iter(raw.values())))
    rows = np.arange(size) if size <= _ROWS else np.sort(rng.choice(size, _ROWS, replace=False))
    count = min(many, _DRAWS, max(1, _CELLS // len(rows)))
    kept = np.unique(np.linspace(0, many - 1, count).round().astype(np.intp))
    draws: dict[str, Draws] = {
        model.node: {name: values[kept] for name, values in parameters[model.node].items()} for model in order
    }
    return draws, {name: values[rows] for name, values in raw.items()}


def _world(
    order: Sequence[NodeModel],
    treatment: str,
    way: _Way,
    draws: Mapping[str, Draws],
    noise: Mapping[str, FloatArray],
    rows: Mapping[str, FloatArray],
) -> dict[str, FloatArray]:
    """Return every node between in one world, (S, N), and the outcome's expectation over rows, (S,) or (S, K)."""
    found: dict[str, FloatArray] = {}
    size = len(way.value)
    for model in order[:-1]:
        if model.node in way.held:
            found[model.node] = way.held[model.node]
            continue
        family, own = get_family(model.family), draws[model.node]
        mean = expected(model, own, {**rows, **found, treatment: way.along.get(model.node, way.value)}, size)
        with np.errstate(over="ignore", invalid="ignore"):
            found[model.node] = raw_response(model, family.respond(mean, noise[model.node], family.aux(own)))
    last = order[-1]
    seen = {**rows, **found, treatment: way.along.get(last.node, way.value)}
    mean = expected(last, draws[last.node], seen, size)
    if mean.ndim == 3:
        average = mean.mean(axis=1)
        found[last.node] = average[:, 1] if average.shape[1] == 2 else average
    elif last.response.transform == "log":  # of its logarithm, in natural units
        found[last.node] = (mean * last.response.scale).mean(axis=1)
    else:
        found[last.node] = raw_response(last, mean).mean(axis=1)
    return found


def _witnesses(spec: ModelSpec, order: Sequence[NodeModel], mediators: Iterable[str]) -> tuple[str, ...]:
    """Return the nodes between that reach a mediator, and the outcome by a way without any."""
    chosen, outcome = frozenset(mediators), order[-1].node
    return tuple(
        model.node
        for model in order[:-1]
        if model.node not in chosen
        and chosen.intersection(downstream(spec, [model.node]))
        and outcome in _reached(spec, model.node, chosen)
    )


def _reached(spec: ModelSpec, start: str, blocked: frozenset[str]) -> set[str]:
    """Return what a node reaches without passing one that is blocked."""
    reached = {start}
    for model in spec.nodes:
        if model.node not in blocked and reached.intersection(model.parents):
            reached.add(model.node)
    return reached
