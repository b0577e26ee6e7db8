"""The question's columns: which part of rival graphs what X does to Y depends on.

The question's columns Q are the exposure, the outcome and all their descendants under any
hypothesis compared, closed under descendants in each. What is not in Q, the rest, is upstream in
every hypothesis; given the rest, two hypotheses compare on p(Q | rest), the product of the
families of Q. So in the question's scope the rest is background: scores are sums over Q, classes
are those of the graphs with every arrow among the rest, and a claim bears on the question if one
of its ends is in Q.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from core.comparison.rival import Rival
from core.fit.gates import gates
from core.fit.result import Fit
from core.graph.background import completed, descendant_closure
from core.graph.causal_graph import CausalGraph

__all__ = ["LEAVE_ONE_OUT", "Scope", "scope_of", "scoped"]

LEAVE_ONE_OUT = frozenset({"pareto_k"})
"""The gates of the leave-one-out score; the others are those of the draws."""


@dataclass(frozen=True)
class Scope:
    """A question, the columns that its answer depends on, and what is upstream of them.

    Parameters
    ----------
    exposure, outcome : str
    columns : tuple of str
        Q without what every hypothesis conditions on anyway; in the order that all rivals share.
    upstream : tuple of str
        All other columns, likewise.
    """

    exposure: str
    outcome: str
    columns: tuple[str, ...]
    upstream: tuple[str, ...]

    def graph(self, graph: CausalGraph) -> CausalGraph:
        """Return a graph as the question sees it: with every arrow among what is upstream."""
        return completed(graph, self.upstream)


def scope_of(
    exposure: str, outcome: str, graphs: Iterable[CausalGraph], order: Sequence[str], given: Collection[str] = ()
) -> Scope:
    """Return the scope of a question.

    Parameters
    ----------
    exposure, outcome : str
    graphs : iterable of CausalGraph
        Every hypothesis compared, over the same nodes.
    order : sequence of str
        All nodes.
    given : collection of str
        What every hypothesis conditions on.
    """
    inside = descendant_closure(graphs, (exposure, outcome)) - frozenset(given)
    return Scope(
        exposure,
        outcome,
        tuple(name for name in order if name in inside),
        tuple(name for name in order if name not in inside),
    )


def scoped(rival: Rival, scope: Scope, group: int) -> Rival:
    """Return a fitted hypothesis as the question sees it: its families of Q alone, given the rest.

    ``group`` is its class in that scope. Sums run in the order of the scope's columns, so that how
    the rest is drawn changes no digit of them.
    """
    models = {model.node: model for model in rival.fit.spec.columns}
    spec = replace(
        rival.fit.spec,
        nodes=tuple(models[name] for name in scope.columns),
        given=tuple(models[name] for name in scope.upstream),
    )
    inside = {nodes: rival.fit.blocks[nodes] for name in scope.columns for nodes in rival.fit.blocks if name in nodes}
    fit = Fit(spec, inside)
    failed = {failure.gate for failure in gates(fit).failed}
    return replace(
        rival,
        graph=scope.graph(rival.graph),
        fit=fit,
        group=group,
        sampled_well=not failed - LEAVE_ONE_OUT,
        scored_well=not failed & LEAVE_ONE_OUT,
    )
