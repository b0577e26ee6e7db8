"""How strong an unmeasured cause would have to be to overturn a hypothesis' effect, from the rows."""

from collections.abc import Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from core.check.roles import Role, roles_of
from core.check.tested import Observed
from core.effects.robustness import Robustness, robustness_of
from core.graph.paths import nodes_on_directed_paths
from core.hypothesis import Hypothesis
from core.memory import Memory
from core.model.spec import ModelSpec
from core.study.second import adjustment

__all__ = ["design_for", "robustness_for"]

FloatArray = NDArray[np.float64]
Design = tuple[FloatArray, FloatArray, FloatArray, dict[str, slice]]

_ONE_NUMBER = ("gaussian", "count", "binary")


def robustness_for(
    hypothesis: Hypothesis, spec: ModelSpec, observed: Observed, pair: tuple[str, str], memory: Memory
) -> Robustness | None:
    """Return the robustness of one effect, on the working scales of its two columns.

    Adjusted is for the treatment's own causes, which blocks every back door of a graph without unmeasured
    causes, and for the other causes of what lies between it and the outcome, as the graph's own model does. A
    chance is taken on its own scale (linear probability).

    Returns
    -------
    Robustness or None
        None without a path, where either end is a category of several levels, and where the treatment was set in
        every row: nothing causes it then.
    """
    treatment, outcome = pair
    graph = hypothesis.graph
    if not nodes_on_directed_paths(graph, treatment, outcome):
        return None
    roles = roles_of(spec)
    if any(roles[name].response not in _ONE_NUMBER for name in pair):
        return None
    was_set = observed.was_set.get(treatment)
    if was_set is not None and was_set.all():
        return None
    causes, others = adjustment(graph, treatment, outcome)
    names = (treatment, outcome, *causes, *others)
    if not all(name in observed.digests for name in names):
        return _robustness(roles, names, observed)
    key = ("robustness", *((observed.digests[name], roles[name]) for name in names))
    return memory.recall(key, partial(_robustness, roles, names, observed))


def design_for(hypothesis: Hypothesis, spec: ModelSpec, observed: Observed, pair: tuple[str, str]) -> Design:
    """Return outcome (N,), treatment (N,), what is adjusted for (N, k), and its columns by cause."""
    causes, others = adjustment(hypothesis.graph, *pair)
    return _design(roles_of(spec), (*pair, *causes, *others), observed)


def _design(roles: Mapping[str, Role], names: tuple[str, ...], observed: Observed) -> Design:
    treatment, outcome, *causes = names
    rows = np.ones(observed.rows, dtype=bool)
    if outcome in observed.was_set:
        rows &= ~observed.was_set[outcome]
    x, y, *beside = (roles[name].regressors(observed.raw[name][rows]) for name in (treatment, outcome, *causes))
    ends = np.cumsum([0, *(columns.shape[1] for columns in beside)])
    groups = {name: slice(*ends[place : place + 2]) for place, name in enumerate(causes)}
    return y[:, 0], x[:, 0], np.column_stack(beside) if beside else np.empty((len(y), 0)), groups


def _robustness(roles: Mapping[str, Role], names: tuple[str, ...], observed: Observed) -> Robustness | None:
    return robustness_of(*_design(roles, names, observed))
