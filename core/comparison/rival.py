"""A fitted hypothesis as its rivals see it."""

from dataclasses import dataclass

from core.fit.arrows import EdgeSummary
from core.fit.result import Fit
from core.graph.causal_graph import CausalGraph

__all__ = ["Rival"]


@dataclass(frozen=True, eq=False)
class Rival:
    """A fitted hypothesis as the comparison sees it.

    ``sampled_well`` and ``scored_well`` are false where a gate of the sampler or of the
    leave-one-out score failed.
    """

    name: str
    graph: CausalGraph
    fit: Fit
    group: int
    edges: tuple[EdgeSummary, ...] = ()
    sampled_well: bool = True
    scored_well: bool = True

    def edge(self, source: str, target: str) -> EdgeSummary:
        """Return the summary of one arrow."""
        return next(edge for edge in self.edges if (edge.source, edge.target) == (source, target))
