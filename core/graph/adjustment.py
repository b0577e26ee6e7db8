"""Adjustment sets: what to hold fixed so that an association is an effect.

**Total effect.** A set of observed nodes is one if and only if (Shpitser, VanderWeele & Robins 2010;
Perkovic, Textor, Kalisch & Maathuis 2018) it holds no descendant of a node on a directed path from
the treatment to the outcome, the treatment aside, and separates the two in the proper back-door
graph, in which the first arrows of those paths are cut. So the minimal ones are the
minimal separators there (van der Zander, Liskiewicz & Textor 2019).

**Direct effect**, with all else held fixed, in a linear model (the single-door criterion,
Pearl 2009, 5.3.1): sets without descendants of the outcome that separate the two when the one arrow
between them is cut.
"""

from dataclasses import dataclass

from core.graph.bits import BitGraph, bit_graph, connected, ones
from core.graph.causal_graph import CausalGraph
from core.graph.separators import minimal_separators
from core.graph.surgery import cut, proper_causal

__all__ = ["Adjusting", "Listed", "adjusting_for", "direct_adjustment_sets"]

LIMIT = 1000


@dataclass(frozen=True)
class Listed:
    """Sets of nodes, each in the order of the graph's nodes, smaller sets first; ``more`` if the list was cut off."""

    sets: tuple[tuple[str, ...], ...]
    more: bool = False


@dataclass(frozen=True)
class Adjusting:
    """What adjustment for one total effect is about, as bit sets over the graph's nodes.

    Parameters
    ----------
    graph : BitGraph
        The proper back-door graph.
    x, y : int
        Treatment and outcome, by number.
    forbidden : int
        Nodes that no adjustment set may hold.
    """

    graph: BitGraph
    x: int
    y: int
    forbidden: int

    @property
    def allowed(self) -> int:
        """The nodes that an adjustment set may hold."""
        return self.graph.observed & ~(self.forbidden | 1 << self.x | 1 << self.y)

    def valid(self, given: int) -> bool:
        """Return whether ``given`` is an adjustment set."""
        return not given & ~self.allowed and not connected(self.graph, self.x, given) >> self.y & 1

    def sets(self, limit: int = LIMIT) -> Listed:
        """Return all inclusion-minimal adjustment sets: one empty set where none is needed, no set where there is none.

        At most ``limit`` are listed.
        """
        masks, more = minimal_separators(self.graph, self.x, self.y, self.allowed, limit=limit)
        return Listed(tuple(self.graph.named(mask) for mask in masks), more)

    def containing(self, forced: int) -> int | None:
        """Return an adjustment set that holds ``forced`` and no descendant of the treatment; None if there is none.

        With it the effect given ``forced`` is a plain average, since the treatment moves none of its nodes.
        """
        allowed = self.allowed & ~self.graph.descendants[self.x]
        if forced & ~allowed:
            return None
        masks, _ = minimal_separators(self.graph, self.x, self.y, allowed, forced, limit=50)
        return masks[0] if masks else None


def adjusting_for(bits: BitGraph, x: int, y: int) -> Adjusting:
    """Return what adjustment for the total effect of ``x`` on ``y`` (numbers of nodes) is about.

    If ``y`` is no descendant of ``x``, nothing is cut and nothing forbidden: the effect is zero, and the sets are
    those that separate the two.
    """
    on_the_way = proper_causal(bits, x, y)
    forbidden = 0
    for node in ones(on_the_way):
        forbidden |= bits.descendants[node]
    graph = cut(bits, arrows=(1 << x, on_the_way)) if on_the_way else bits
    return Adjusting(graph, x, y, forbidden)


def direct_adjustment_sets(graph: CausalGraph, treatment: str, outcome: str, limit: int = LIMIT) -> Listed:
    """Return all inclusion-minimal sets that lay bare the direct effect of ``treatment`` on ``outcome``.

    Parameters
    ----------
    graph : CausalGraph
    treatment, outcome : str
        Two different nodes; :class:`~core.errors.GraphError` for a name that is none.
    limit : int
        No more than so many are listed.

    Returns
    -------
    Listed
        As for the total effect. By the single-door criterion (Pearl 2009), so for a linear model.
    """
    bits = bit_graph(graph)
    x, y = bits.number(treatment), bits.number(outcome)
    bare = cut(bits, arrows=(1 << x, 1 << y))
    allowed = bits.observed & ~(bits.descendants[y] | 1 << x)
    masks, more = minimal_separators(bare, x, y, allowed, limit=limit)
    return Listed(tuple(bits.named(mask) for mask in masks), more)
