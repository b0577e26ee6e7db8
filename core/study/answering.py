"""What one fitted hypothesis answers: its arrows, and its effects with what stands beside them."""

from dataclasses import replace
from functools import partial
from typing import cast

from core.check.dependence import Dependence
from core.check.tested import Observed
from core.effects.elastic import percent_draws
from core.effects.total import Effect, total_effect
from core.effects.widened import wider_edge, wider_effect
from core.effects.worlds import staged
from core.fit.arrows import EdgeSummary, edges_into
from core.fit.posterior import summary
from core.fit.result import Fit
from core.graph.paths import nodes_on_directed_paths
from core.hypothesis import Hypothesis
from core.memory import Memory
from core.study.robust import robustness_for
from core.study.second import with_opinions

__all__ = ["arrows_of", "effect_of"]


def arrows_of(fit: Fit, observed: Observed, dependence: Dependence, memory: Memory) -> list[EdgeSummary]:
    """Return every arrow, child by child, their intervals as wide as rows that resemble each other make them."""
    found: list[EdgeSummary] = []
    for model in fit.spec.nodes:
        key = ("arrows", fit.by_node[model.node].key, model.node, model.response.levels, model.terms)
        found += memory.recall(key, partial(edges_into, fit.spec, model, fit.draws(model.node), observed.inputs))
    return [wider_edge(edge, dependence.inflation(edge.source, edge.target)) for edge in found]


def effect_of(
    hypothesis: Hypothesis,
    fit: Fit,
    observed: Observed,
    pair: tuple[str, str],
    seed: int,
    failed: set[str],
    dependence: Dependence,
    memory: Memory,
) -> Effect:
    """Return one total effect, treatment and outcome in ``pair``, with overlap, second opinion and robustness.

    Parameters
    ----------
    hypothesis : Hypothesis
    fit : Fit
    observed : Observed
    pair : (str, str)
    seed : int
        For effects by simulation.
    failed : set of str
        Nodes whose sampling failed a gate: no effect that passes through one is given (rule 3).
    dependence : Dependence
        Where errors are computed with it, intervals are as wide as that makes them.
    memory : Memory
    """
    graph, (treatment, outcome) = hypothesis.graph, pair
    parameters = {model.node: fit.draws(model.node) for model in fit.spec.nodes}
    found = total_effect(
        graph, fit.spec, parameters, observed.inputs, treatment, outcome, seed, background=hypothesis.background
    )
    if found.identified and failed & (nodes_on_directed_paths(graph, treatment, outcome) - {treatment}):
        found = Effect(treatment, outcome, True, found.scale, None, None, None, None)
    if found.mean:
        stage = staged(graph, fit.spec, parameters, observed.inputs, seed=seed)
        percent = percent_draws(stage, treatment, outcome)
        found = found if percent is None else replace(found, percent=cast(dict[str, float], summary(percent)))
    found = with_opinions(hypothesis, fit.spec, observed, found, memory)
    if found.mean is not None:
        found = replace(found, robustness=robustness_for(hypothesis, fit.spec, observed, pair, memory))
    return wider_effect(found, dependence.inflation(*pair))
