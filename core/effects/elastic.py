"""What one per cent more of a cause brings, in per cent of an outcome; and what of an effect comes directly.

Where a cause enters everything on the way by its logarithm, and the outcome works on a logarithm too, per cent of the
one go with per cent of the other. The number is played, not read off slopes: the cause as each row has it, and times
1.01; where every arrow on the way is straight its logarithm over that of 1.01 is the sum over paths of products of
slopes (an elasticity; Wooldridge 2010, 2.2).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.effects.linear import is_linear
from core.effects.settings import Setting
from core.effects.worlds import Stage, play
from core.errors import WhyboardError
from core.graph.causal_graph import CausalGraph
from core.graph.paths import nodes_on_directed_paths
from core.model.spec import ModelSpec, NodeModel

__all__ = ["PERCENT", "direct_draws", "in_percent", "on_the_way", "percent_draws"]

FloatArray = NDArray[np.float64]

#: One per cent more.
PERCENT = 1.01
_LINKS = frozenset({"log"})


def in_percent(graph: CausalGraph, spec: ModelSpec, cause: str, outcome: str) -> bool:
    """Return whether per cent of a cause go with per cent of an outcome: both work on logarithms, in straight lines."""
    between = on_the_way(graph, spec, cause, outcome)
    if not between or between[-1].node != outcome:
        return False
    target = between[-1]
    if target.response.transform != "log" and target.link not in _LINKS:
        return False
    entering = [term for model in between for term in model.terms if cause in term.parents]
    return bool(entering) and all(t.is_straight and not t.levels and t.transform == "log" for t in entering)


def percent_draws(stage: Stage, cause: str, outcome: str, others: Sequence[Setting] = ()) -> FloatArray | None:
    """Return by how many per cent the outcome moves if every row had one per cent more of a cause, shape (S,).

    None where per cent of the one do not go with per cent of the other (:func:`in_percent`).

    Parameters
    ----------
    stage : Stage
    cause, outcome : str
    others : sequence of Setting
        What is held beside it in both worlds.
    """
    more = Setting(cause, PERCENT, "scale")
    if not in_percent(stage.graph, stage.spec, cause, outcome):
        return None
    try:
        more.check(stage.spec, stage.raw)
    except WhyboardError:
        return None
    centre = play(stage, [tuple(others), (more, *others)], outcome).centre
    return np.asarray(100.0 * (centre[1] / centre[0] - 1.0))


def direct_draws(stage: Stage, worlds: Sequence[Sequence[Setting]], cause: str, outcome: str) -> FloatArray | None:
    """Return what of an effect comes along the arrow from the cause itself, shape (S,); None where that is no sum.

    What lies between stays as each row has it. Where every arrow on the way is straight on the outcome's own scale,
    that and what comes through others add up to the effect in every draw.
    """
    between = on_the_way(stage.graph, stage.spec, cause, outcome)
    if len(between) < 2 or between[-1].response.transform != "identity" or not is_linear(between, cause, stage.spec):
        return None
    cut = {model.node for model in between[:-1]}
    arrows = tuple(edge for edge in stage.graph.edges if edge[1] not in cut)
    centre = play(replace(stage, graph=replace(stage.graph, edges=arrows)), worlds, outcome).centre
    return np.asarray(centre[-1] - centre[0])


def on_the_way(graph: CausalGraph, spec: ModelSpec, cause: str, outcome: str) -> tuple[NodeModel, ...]:
    """Return what lies on the way, causes before effects, the outcome last; nothing where no path leads there."""
    nodes = nodes_on_directed_paths(graph, cause, outcome) - {cause}
    modelled = {model.node: model for model in spec.nodes}
    return tuple(modelled[name] for name in graph.topological_order if name in nodes and name in modelled)
