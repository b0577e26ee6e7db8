"""Front-door sets: effects measured through what carries them.

A set is one (Pearl 1995) if it meets every directed path from the treatment to the outcome, no open
back-door path leads from the treatment to it, and the treatment blocks every back-door path from it
to the outcome.
"""

from core.graph.adjustment import Listed
from core.graph.bits import BitGraph, bit_graph, connected, ones
from core.graph.causal_graph import CausalGraph
from core.graph.surgery import cut, proper_causal

__all__ = ["front_door_sets"]

LIMIT = 100
_MOST_STEPS = 2_000  # of the search: enough for all sets of graphs that people draw


def front_door_sets(graph: CausalGraph, treatment: str, outcome: str, limit: int = LIMIT) -> Listed:
    """Return all inclusion-minimal front-door sets of observed nodes.

    Parameters
    ----------
    graph : CausalGraph
    treatment, outcome : str
        Two different nodes; :class:`~core.errors.GraphError` for a name that is none.
    limit : int
        No more than so many are listed; ``more`` also if the search was given up.

    Returns
    -------
    Listed
        None where the treatment has no effect: there is nothing to go through.

    Notes
    -----
    Between a set that must be in and one that may be, a front-door set exists if and only if the
    largest set that obeys the two rules on back doors meets every directed path (Jeong, Tian &
    Bareinboim 2022): the first of them is about each node for itself, the second
    holds for more nodes in a larger set. The search parts all sets by one node after the other, drops what
    holds none, and stops at the first that is one, since all others there are larger.
    """
    bits = bit_graph(graph)
    x, y = bits.number(treatment), bits.number(outcome)
    if not bits.descendants[x] >> y & 1:
        return Listed(())
    reached = connected(cut(bits, out_of=1 << x), x, 0)
    first = bits.observed & ~(reached | 1 << x | 1 << y)
    found: list[int] = []
    todo = [(0, first)]
    steps = 0
    while todo and steps < _MOST_STEPS and len(found) <= limit:
        steps += 1
        inside, allowed = todo.pop()
        most = _closed_behind(bits, x, y, allowed)
        if inside & ~most or not _meets(bits, x, y, most) or any(not old & ~inside for old in found):
            continue
        if _meets(bits, x, y, inside) and _closed_behind(bits, x, y, inside) == inside:
            found.append(inside)
            continue
        rest = most & ~inside
        one = next((1 << node for node in ones(rest & proper_causal(bits, x, y))), rest & -rest)
        todo += [(inside | one, most), (inside, most & ~one)]
    smallest = [mask for mask in found if not any(other != mask and not other & ~mask for other in found)]
    smallest.sort(key=lambda mask: (mask.bit_count(), tuple(ones(mask))))
    return Listed(tuple(bits.named(mask) for mask in smallest[:limit]), bool(todo) or len(smallest) > limit)


def _closed_behind(bits: BitGraph, x: int, y: int, allowed: int) -> int:
    """Return the largest part of ``allowed`` from which the treatment blocks every back-door path to the outcome."""
    while True:
        reached = connected(cut(bits, out_of=allowed), y, 1 << x)
        if not reached & allowed:
            return allowed
        allowed &= ~reached


def _meets(bits: BitGraph, x: int, y: int, inside: int) -> bool:
    """Return whether every directed path from ``x`` to ``y`` passes through ``inside``."""
    found = new = 1 << x
    while new:
        below = 0
        for node in ones(new):
            below |= bits.children[node]
        new = below & ~inside & ~found
        found |= new
    return not found >> y & 1
