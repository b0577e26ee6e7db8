"""How a total effect is made up, if one fitted hypothesis is right."""

from collections.abc import Collection

from core.comparison.scope import LEAVE_ONE_OUT
from core.data.dataset import Dataset
from core.effects.mediation import Mediation, mediation
from core.effects.steps import Step, own_step
from core.errors import FitError, ModelError, UsageError
from core.fit.gates import gates
from core.fit.result import Fit
from core.graph.background import total_effect_left_open
from core.graph.paths import nodes_on_directed_paths
from core.hypothesis import Hypothesis
from core.model.spec import ModelSpec
from core.simulate.ancestral import do_values

__all__ = ["mediation_of"]


def mediation_of(
    hypothesis: Hypothesis,
    fit: Fit,
    dataset: Dataset,
    treatment: str,
    outcome: str,
    *,
    mediators: Collection[str] | None = None,
    values: tuple[str | float, str | float] | None = None,
    seed: int = 0,
) -> tuple[Mediation, ...]:
    """Split a total effect (:func:`core.effects.mediation.mediation`).

    Parameters
    ----------
    hypothesis : Hypothesis
        As it was fitted.
    fit : Fit
    dataset : Dataset
        Complete over the hypothesis' nodes.
    treatment, outcome : str
    mediators : collection of str, optional
        All nodes between unless given.
    values : (text or number, text or number), optional
        The treatment's two values, levels by name; unless given one unit more than each row has (of a proportion a
        tenth), and of a yes or no from the first level to the second.
    seed : int

    Raises
    ------
    UsageError
        For a node that is not there, or values that must be named.
    ModelError
        For what hangs on how the background is related.
    FitError
        Where a node on the way failed a gate.
    """
    names = [model.node for model in fit.spec.columns]
    if missing := [name for name in (treatment, outcome) if name not in names]:
        raise UsageError(f"there is no node {missing[0]!r}", hint=f"The nodes are: {', '.join(names[:8])}.")
    step = _step(fit.spec, treatment, values)
    if total_effect_left_open(hypothesis.graph, hypothesis.background, treatment, outcome):
        raise ModelError(
            f"the effect of {treatment!r} on {outcome!r} hangs on how the background is related, which nobody says",
            place=f"node {treatment}",
            hint=f"Take {treatment!r} out of the background, and draw what it acts on.",
        )
    on_the_way = nodes_on_directed_paths(hypothesis.graph, treatment, outcome) - {treatment}
    for failure in gates(fit).failed:
        if failure.node in on_the_way and failure.gate not in LEAVE_ONE_OUT:
            raise FitError(
                f"the sampling of {failure.node!r} failed a gate ({failure.gate}), so no effect through it is split",
                place=f"node {failure.node}",
                hint=failure.advice,
            )
    parameters = {model.node: fit.draws(model.node) for model in fit.spec.nodes}
    raw = {name: dataset.values(name) for name in names}
    return mediation(fit.spec, parameters, raw, treatment, outcome, step, mediators, seed)


def _step(spec: ModelSpec, treatment: str, values: tuple[str | float, str | float] | None) -> Step:
    if values is not None:
        low, high = (do_values(spec, {treatment: value})[treatment] for value in values)
        return Step(low, high)
    model = spec.node(treatment)
    levels = model.response.levels
    if not levels:
        return own_step(model)
    if len(levels) > 2:
        raise UsageError(
            f"{treatment!r} has {len(levels)} levels, and nobody says which two are compared",
            place=f"node {treatment}",
            hint=f"Name two of: {', '.join(levels[:12])}.",
        )
    return Step(0.0, 1.0)
