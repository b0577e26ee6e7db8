"""All inclusion-minimal sets of nodes that separate two nodes.

A minimal separator consists of ancestors of the two, and among these it is a minimal vertex cut of
the augmented graph (Richardson 2003; the moral graph where there are no arcs): van der Zander,
Liskiewicz & Textor (2019). The cuts are listed by the search of Takata (2010), which never
walks where no further cut is, so that the time from one to the next is bounded.
"""

from core.graph.bits import BitGraph, ones
from core.graph.surgery import district

__all__ = ["minimal_separators"]


def minimal_separators(
    bits: BitGraph, x: int, y: int, allowed: int, forced: int = 0, limit: int = 1000
) -> tuple[list[int], bool]:
    """List the inclusion-minimal separators of ``x`` and ``y``.

    Parameters
    ----------
    bits : BitGraph
    x, y : int
        Two different nodes, by number.
    allowed : int
        The bit set where separators may be taken from.
    forced : int
        The bit set that each must contain; minimal then means among those that do.
    limit : int
        No more than so many are listed.

    Returns
    -------
    list of int, bool
        Bit sets, smaller ones first; whether there are more than ``limit``, of which those nearer to ``x`` are listed.
    """
    ends = 1 << x | 1 << y
    above = bits.ancestors[x] | bits.ancestors[y]
    for node in ones(forced):
        above |= bits.ancestors[node]
    near = _augmented(bits, above)
    near = [neighbours & ~forced for neighbours in near]
    for node in ones(above & ~(allowed | forced | ends)):  # what cannot be in a cut is passed through
        around = near[node]
        for other in ones(around):
            near[other] = (near[other] | around) & ~(1 << node | 1 << other)
    if near[x] >> y & 1:
        return [], False
    found: list[int] = []
    start = _grown(near, 1 << x, y)
    todo = [(start, 0)] if start is not None else []
    while todo:
        side, kept_out = todo.pop()
        border = _border(near, side)
        free = border & ~kept_out
        if not free:
            if len(found) == limit:
                return _sorted(found), True
            found.append(border | forced)
            continue
        node = free & -free
        larger = _grown(near, side | node, y)
        if larger is not None and not larger & kept_out:
            todo.append((larger, kept_out))
        todo.append((side, kept_out | node))  # cuts nearer to x come first
    return _sorted(found), False


def _sorted(sets: list[int]) -> list[int]:
    return sorted(sets, key=lambda mask: (mask.bit_count(), tuple(ones(mask))))


def _augmented(bits: BitGraph, within: int) -> list[int]:
    """Return the neighbours of each node in the augmented graph of an ancestral set.

    Two nodes are joined if a path of colliders runs between them: both are in, or parents of, one district.
    """
    near = [0] * len(bits.names)
    left = within
    while left:
        group = district(bits, left & -left, within)
        left &= ~group
        clique = group
        for node in ones(group):
            clique |= bits.parents[node]
        for node in ones(clique):
            near[node] |= clique & ~(1 << node)
    return near


def _border(near: list[int], side: int) -> int:
    border = 0
    for node in ones(side):
        border |= near[node]
    return border & ~side


def _component(near: list[int], start: int, removed: int) -> int:
    found = new = start
    while new:
        new = _border(near, new) & ~removed & ~found
        found |= new
    return found


def _grown(near: list[int], side: int, y: int) -> int | None:
    """Return the least side that holds ``side`` and whose border is a minimal cut; None where ``y`` is at the border.

    ``side`` is connected.
    """
    border = _border(near, side)
    if border >> y & 1:
        return None
    far = _component(near, 1 << y, border)
    return _component(near, side, _border(near, far))
