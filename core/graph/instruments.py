"""Instruments: what moves the treatment and reaches the outcome in no other way.

In a linear model the total effect is the ratio of two covariances with an instrument, also where
it is not identified otherwise (Brito & Pearl 2002; van der Zander, Textor & Liskiewicz 2015).
"""

from dataclasses import dataclass

from core.graph.adjustment import Adjusting, adjusting_for
from core.graph.bits import BitGraph, bit_graph, connected, ones
from core.graph.causal_graph import CausalGraph
from core.graph.separators import minimal_separators

__all__ = ["Instrument", "instruments"]


@dataclass(frozen=True)
class Instrument:
    """A node that is an instrument given the others, which are in the order of the graph's nodes."""

    instrument: str
    given: tuple[str, ...] = ()


def instruments(graph: CausalGraph, treatment: str, outcome: str) -> tuple[Instrument, ...]:
    """Return the instruments for the total effect, each with a minimal set to hold fixed.

    Parameters
    ----------
    graph : CausalGraph
    treatment, outcome : str
        Two different nodes; :class:`~core.errors.GraphError` for a name that is none.

    Returns
    -------
    tuple of Instrument
        In the order of the graph's nodes. Where the treatment has no effect they say so: the ratio is zero.

    Notes
    -----
    With the first arrows of the causal paths cut, the instrument and the outcome are separated given
    the set, and the instrument and the treatment are not; neither holds a descendant of a node
    on a causal path, since those move with the treatment. DAGitty's rule is the same but for descendants of
    mediators, which it lets in. Sets are among the ancestors of instrument and outcome (ancestral instruments):
    if any node is an instrument given any set, some node is one given such a set.
    """
    bits = bit_graph(graph)
    x, y = bits.number(treatment), bits.number(outcome)
    adjusting = adjusting_for(bits, x, y)
    found = []
    for node in ones(adjusting.allowed):
        given = _given(bits, adjusting, node)
        if given is not None:
            found.append(Instrument(bits.names[node], bits.named(given)))
    return tuple(found)


def _given(bits: BitGraph, adjusting: Adjusting, node: int) -> int | None:
    """Return the least set given which ``node`` is an instrument; None if there is none.

    The separator nearest to the outcome is always among those that are tried: if any leaves node and
    treatment connected, it does.
    """
    x, y = adjusting.x, adjusting.y
    allowed = adjusting.allowed & ~(1 << node)
    tried, _ = minimal_separators(adjusting.graph, y, node, allowed, limit=50)
    usable = [given for given in tried if connected(bits, node, given) >> x & 1]
    return usable[0] if usable else None
