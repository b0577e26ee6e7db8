"""Where nodes of a read-only picture stand, and which arrows must bend around one.

A drawing keeps the user's own layout; here it is only stretched to the frame, so that
boxes and words stay at the size they are read in, and pulled apart where boxes would lie
on one another.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from math import hypot

from core.hypothesis import Hypothesis

__all__ = ["Place", "bend", "shared_positions", "stretched"]

Place = tuple[float, float]

_GAP = 18.0  # between boxes, pixels
_LABEL = 60.0  # an arrow with its label, pixels
_STEP = 0.3  # of the height
_CLEAR = 12.0  # between an arrow and a box that it passes


def shared_positions(hypotheses: Sequence[Hypothesis], fallback: Mapping[str, Place]) -> dict[str, Place]:
    """Return one position a node for pictures side by side: the first drawing that places it."""
    found: dict[str, Place] = {}
    for hypothesis in hypotheses:
        for node in hypothesis.nodes:
            if node.position is not None:
                found.setdefault(node.name, node.position)
    return {**fallback, **found}


def stretched(
    places: Mapping[str, Place],
    sizes: Mapping[str, Place],
    width: float,
    height: float,
    arrows: Collection[tuple[str, str]] = (),
) -> dict[str, Place]:
    """Return the places stretched to a frame, grown beyond it where boxes would overlap.

    Parameters
    ----------
    places : mapping of node to (x, y)
    sizes : mapping of node to (width, height) of its box, pixels
    width, height : float
        Of the frame, pixels.
    arrows : collection of (node, node)
        Two joined boxes side by side without room for an arrow's label step up and down a little.
    """
    if not places:
        return {}
    across, down = _unit_axis([x for x, _ in places.values()]), _unit_axis([y for _, y in places.values()])
    share = {name: (across(x), down(y)) for name, (x, y) in places.items()}
    wide = max(width - max(w for w, _ in sizes.values()) - 12, 40.0)
    high = max(height - max(h for _, h in sizes.values()) - 12, 40.0)
    share = _stepped(share, sizes, wide, arrows)
    frame = wide / high
    placed = {name: (x * wide, y * high) for name, (x, y) in share.items()}
    for _ in range(24):
        tight_x, tight_y = _tight(placed, sizes)
        if not (tight_x or tight_y):
            break
        wide *= 1.08 if tight_x else 1.0
        high *= 1.08 if tight_y else 1.0
        high, wide = max(high, wide / frame), max(wide, high * frame)
        placed = {name: (x * wide, y * high) for name, (x, y) in share.items()}
    return placed


def _stepped(
    share: Mapping[str, Place], sizes: Mapping[str, Place], wide: float, arrows: Collection[tuple[str, str]]
) -> dict[str, Place]:
    """Move every second of the boxes in a row that are joined too closely for a label between them."""
    found = dict(share)
    joined = {frozenset(pair) for pair in arrows}
    order = sorted(share, key=lambda name: share[name])
    for i, a in enumerate(order):
        for b in order[i + 1 :]:
            gap = (share[b][0] - share[a][0]) * wide - (sizes[a][0] + sizes[b][0]) / 2
            level = abs(found[a][1] - found[b][1]) < 0.05
            if frozenset((a, b)) in joined and level and gap < _LABEL:
                found[b] = (found[b][0], found[b][1] + (_STEP if found[b][1] <= 0.5 else -_STEP))
    return found


def _unit_axis(values: Sequence[float]) -> Callable[[float], float]:
    low, high = min(values), max(values)
    span = high - low
    return (lambda v: (v - low) / span) if span > 0 else (lambda v: 0.5)


def _tight(places: Mapping[str, Place], sizes: Mapping[str, Place]) -> tuple[bool, bool]:
    """Return whether some boxes overlap side by side, and whether some do above one another."""
    names = list(places)
    tight_x = tight_y = False
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            dx, dy = abs(places[a][0] - places[b][0]), abs(places[a][1] - places[b][1])
            need_x = (sizes[a][0] + sizes[b][0]) / 2 + _GAP
            need_y = (sizes[a][1] + sizes[b][1]) / 2 + _GAP * 0.6
            if dx < need_x and dy < need_y:
                if dx / need_x >= dy / need_y and dx > 0:
                    tight_x = True
                elif dy > 0:
                    tight_y = True
    return tight_x, tight_y


def bend(a: str, b: str, places: Mapping[str, Place], sizes: Mapping[str, Place]) -> float:
    """Return how far the arrow a -> b must bow at its middle to pass other boxes; 0 for a straight one.

    Positive bows to the left of the direction of travel as seen on the screen (y down).
    """
    (ax, ay), (bx, by) = places[a], places[b]
    length = hypot(bx - ax, by - ay)
    if length < 1e-9:
        return 0.0
    ux, uy = (bx - ax) / length, (by - ay) / length
    worst = 0.0
    for name, (x, y) in places.items():
        if name in (a, b):
            continue
        along = (x - ax) * ux + (y - ay) * uy
        off = (x - ax) * uy - (y - ay) * ux  # positive: the box lies to the left
        half = (abs(uy) * sizes[name][0] + abs(ux) * sizes[name][1]) / 2
        if 0.08 * length < along < 0.92 * length and abs(off) < half + _CLEAR / 2:
            shape = 4 * (along / length) * (1 - along / length)  # a bow is flatter near its ends
            need = (half + _CLEAR - abs(off)) / max(shape, 0.35)
            if abs(need) > abs(worst):
                worst = need if off <= 0 else -need
    return worst
