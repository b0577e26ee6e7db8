"""How strong an unmeasured cause would have to be to overturn a hypothesis' effect, from the rows."""

from collections.abc import Mapping
from functools import partial

import numpy as np

from core.check.roles import Role, roles_of
from core.check.tested import Observed
from core.effects.robustness import Robustness, robustness_of
from core.fit.memory import Memory
from core.graph.paths import nodes_on_directed_paths
from core.hypothesis import Hypothesis
from core.model.spec import ModelSpec

__all__ = ["robustness_for"]

_ONE_NUMBER = ("gaussian", "count", "binary")


def robustness_for(
    hypothesis: Hypothesis, spec: ModelSpec, observed: Observed, pair: tuple[str, str], memory: Memory
) -> Robustness | None:
    """Return the robustness of one effect, on the working scales of its two columns.

    The adjustment set is that of the treatment's own causes, which blocks every back door of a
    graph without unmeasured causes. A chance is taken on its own scale (linear probability).

    Returns
    -------
    Robustness or None
        None without a path, and where either end is a category of several levels.
    """
    treatment, outcome = pair
    graph = hypothesis.graph
    if not nodes_on_directed_paths(graph, treatment, outcome):
        return None
    roles = roles_of(spec)
    if any(roles[name].response not in _ONE_NUMBER for name in pair):
        return None
    names = (treatment, outcome, *graph.parents(treatment))
    if not all(name in observed.digests for name in names):
        return _robustness(roles, names, observed)
    key = ("robustness", *((observed.digests[name], roles[name]) for name in names))
    return memory.recall(key, partial(_robustness, roles, names, observed))


def _robustness(roles: Mapping[str, Role], names: tuple[str, ...], observed: Observed) -> Robustness | None:
    treatment, outcome, *causes = names
    rows = np.ones(observed.rows, dtype=bool)
    if outcome in observed.was_set:
        rows &= ~observed.was_set[outcome]
    x, y, *beside = (roles[name].regressors(observed.raw[name][rows]) for name in (treatment, outcome, *causes))
    return robustness_of(y[:, 0], x[:, 0], np.column_stack(beside) if beside else np.empty((len(y), 0)))
