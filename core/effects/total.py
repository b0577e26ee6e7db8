"""The total effect of one node on another, as a hypothesis sees it.

The effect of X on Y is the mean over rows of ``E[Y | do(x_i + 1)] - E[Y | do(x_i)]``, with
the row's non-descendants of X as observed; a proportion moves by 0.1, a binary X goes from 0 to 1,
a category is contrasted with its commonest level, an ordered one by adjacent levels. Beside the
step of one unit stands that from the first to the third quartile of the rows. For a LogNormal Y
the mean has no finite posterior expectation: the effect is on the median, and as a ratio; beside
it stands that on the mean, with sigma held to its posterior below the 99.9 % point.

Where every node between X and Y is linear on one scale the effect is computed draw by
draw without error (for linear Gaussian graphs, the sum over directed paths of the products
of their slopes); elsewhere by simulating the descendants of X twice with common random
numbers. Without a directed path it is exactly zero. A StudentT node on the way to an outcome on
a logarithmic link has no exponential moment, so that mean does not exist, and none is given.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from core.effects.contrasted import Contrasted
from core.effects.linear import is_linear, linear_contrast
from core.effects.opinions import Overlap, SecondOpinion
from core.effects.robustness import Robustness
from core.effects.simulated import simulated_contrast
from core.effects.steps import SHARE, Step, own_step, quartile_step
from core.errors import UsageError
from core.families import get_family
from core.families.base import Draws
from core.fit.posterior import AS_OBSERVED, ONE_MORE, Contrast, contrasts_of, summary
from core.graph.background import total_effect_left_open
from core.graph.causal_graph import CausalGraph
from core.graph.paths import nodes_on_directed_paths
from core.model.spec import ModelSpec, NodeModel

__all__ = [
    "Effect",
    "Quartiles",
    "has_no_mean",
    "total_effect",
]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Quartiles:
    """The effect of the step from the first to the third quartile of the treatment's rows."""

    low: float
    high: float
    mean: float
    sd: float
    q05: float
    q95: float
    ratio: Mapping[str, float] | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the JSON record."""
        record: dict[str, object] = {"from": self.low, "to": self.high}
        record |= {"mean": self.mean, "sd": self.sd, "q05": self.q05, "q95": self.q95}
        return record if self.ratio is None else record | {"ratio": dict(self.ratio)}


@dataclass(frozen=True, eq=False)
class Effect:
    """A total effect; the fields are those of the contract, ``draws`` (S,) are for pictures.

    ``on_mean`` is the effect on the mean where that of a LogNormal outcome is on the median;
    ``percent`` by how many per cent the outcome moves with one per cent more of the treatment,
    where both work on logarithms (:mod:`core.effects.elastic`); ``quartiles`` that of a larger
    step, None for levels and where several contrasts stand in its place. ``robustness`` says what
    would overturn it, None where there is nothing to overturn; ``overlap`` for how many rows there
    is nobody to compare with, ``second`` what flexible regressions say, each None with its reason.
    """

    treatment: str
    outcome: str
    identified: bool
    scale: str
    mean: float | None
    sd: float | None
    q05: float | None
    q95: float | None
    ratio: Mapping[str, float] | None = None
    contrasts: tuple[Contrast, ...] | None = None
    draws: FloatArray | None = None
    on_mean: Mapping[str, float] | None = None
    percent: Mapping[str, float] | None = None
    quartiles: Quartiles | None = None
    robustness: Robustness | None = None
    overlap: Overlap | None = None
    second: SecondOpinion | None = None
    overlap_reason: str | None = None
    second_reason: str | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the contract's record; ``ratio`` and ``on_mean`` only for effects on a median."""
        names = ("treatment", "outcome", "identified", "scale", "mean", "sd", "q05", "q95")
        record: dict[str, object] = {name: getattr(self, name) for name in names}
        if self.scale == "median":
            record["ratio"] = None if self.ratio is None else dict(self.ratio)
            record["on_mean"] = None if self.on_mean is None else dict(self.on_mean)
        record["percent"] = None if self.percent is None else dict(self.percent)
        record["quartiles"] = None if self.quartiles is None else self.quartiles.to_dict()
        record["robustness"] = None if self.robustness is None else self.robustness.to_dict()
        record["overlap"] = None if self.overlap is None else self.overlap.to_dict()
        record["second"] = None if self.second is None else self.second.to_dict()
        record |= {"overlap_reason": self.overlap_reason, "second_reason": self.second_reason}
        return record | {"contrasts": None if self.contrasts is None else [c.to_dict() for c in self.contrasts]}


def total_effect(
    graph: CausalGraph,
    spec: ModelSpec,
    parameters: Mapping[str, Draws],
    raw: Mapping[str, FloatArray],
    treatment: str,
    outcome: str,
    seed: int = 0,
    background: Collection[str] = (),
) -> Effect:
    """Return the effect of ``treatment`` on ``outcome``.

    Parameters
    ----------
    graph : CausalGraph
    spec : ModelSpec
    parameters : mapping of str to draws
        Posterior draws of each node's parameters, draw index first.
    raw : mapping of str to array, shape (N,)
        Complete rows, raw values.
    treatment, outcome : str
    seed : int
        For the simulated kind.
    background : collection of str
        Nodes that may be related in any way: an effect that hangs on how is not identified.

    Raises
    ------
    UsageError
        If both are the same node.
    """
    if treatment == outcome:
        raise UsageError(
            f"the effect of {treatment!r} on itself was asked for",
            place=f"effect {treatment}:{outcome}",
            hint="Name two different columns, as in --effect ads:sales.",
        )
    target = spec.node(outcome)
    scale = "median" if target.response.transform == "log" else "mean"
    if total_effect_left_open(graph, background, treatment, outcome):
        return Effect(treatment, outcome, False, scale, None, None, None, None)
    between = nodes_on_directed_paths(graph, treatment, outcome)
    cause = spec.node(treatment)
    pairs = contrasts_of(cause, raw[treatment])
    steps = [own_step(cause) if pair is None else Step(*pair) for pair in pairs]
    wide = quartile_step(cause, raw[treatment])
    labels = _labels(cause, pairs)
    levels = target.response.levels if len(target.response.levels) > 2 else (None,)
    if not between:
        nothing = Contrasted(np.zeros(1), np.ones(1), np.zeros(1))
        found = [nothing] * (len(pairs) * len(levels))
        beside = found
    else:
        order = [spec.node(name) for name in _order(graph, between) if name != treatment]
        if has_no_mean(order):
            return Effect(treatment, outcome, True, scale, None, None, None, None)
        linear = is_linear(order, treatment, spec)
        way = linear_contrast if linear else simulated_contrast
        rng = np.random.default_rng([seed, 7])
        found = [part for step in steps for part in way(order, treatment, step, parameters, raw, rng)]
        again = np.random.default_rng([seed, 8])
        beside = way(order, treatment, wide, parameters, raw, again) if wide is not None else []
    names = [(low, high, level) for low, high in labels for level in levels]
    effect = _summarise(treatment, outcome, scale, names, found)
    if wide is None or len(beside) != 1:
        return effect
    return replace(effect, quartiles=_quartiles(wide, beside[0], scale))


def _quartiles(step: Step, found: Contrasted, scale: str) -> Quartiles:
    assert step.low is not None
    assert step.high is not None
    times = cast(dict[str, float], summary(found.ratio)) if scale == "median" and found.ratio is not None else None
    return Quartiles(step.low, step.high, **summary(found.difference), ratio=times)


def _order(graph: CausalGraph, between: frozenset[str]) -> tuple[str, ...]:
    """Return the nodes between, causes before effects, in an order that nothing outside has a part in.

    Random numbers are drawn in it: an arrow elsewhere in the graph must not change a digit.
    """
    names = tuple(sorted(between))
    return CausalGraph(names, tuple(edge for edge in graph.edges if between.issuperset(edge))).topological_order


def has_no_mean(order: Sequence[NodeModel]) -> bool:
    """Return whether the last node of a path is the exponential of something with a StudentT's tails."""
    heavy: set[str] = set()
    for model in order:
        if get_family(model.family).heavy_tailed or (model.link in ("identity", "log") and heavy & set(model.parents)):
            heavy.add(model.node)
    return order[-1].link == "log" and bool(heavy & set(order[-1].parents))


def _labels(model: NodeModel, pairs: Sequence[tuple[float, float] | None]) -> list[tuple[str, str]]:
    levels = model.response.levels
    words = lambda pair: (levels[int(pair[0])], levels[int(pair[1])])  # noqa: E731
    more = f"{SHARE:g} more" if model.kind == "proportion" else ONE_MORE
    return [(AS_OBSERVED, more) if pair is None else words(pair) for pair in pairs]


def _summarise(
    treatment: str,
    outcome: str,
    scale: str,
    names: list[tuple[str, str, str | None]],
    found: Sequence[Contrasted],
) -> Effect:
    if len(found) == 1:
        one = found[0]
        times = cast(dict[str, float], summary(one.ratio)) if scale == "median" and one.ratio is not None else None
        return Effect(
            treatment,
            outcome,
            True,
            scale,
            **summary(one.difference),
            ratio=times,
            draws=one.difference,
            on_mean=_on_mean(one) if scale == "median" else None,
        )
    contrasts = tuple(
        Contrast(low, high, level=level, **summary(one.difference))
        for (low, high, level), one in zip(names, found, strict=True)
    )
    return Effect(treatment, outcome, True, scale, None, None, None, None, contrasts=contrasts)


def _on_mean(found: Contrasted) -> Mapping[str, float] | None:
    if found.on_mean is None or not np.isfinite(found.on_mean).all():
        return None
    return cast(dict[str, float], summary(found.on_mean))
