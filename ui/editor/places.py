"""Where nodes stand on the canvas when a hypothesis does not say, or says it in small units."""

from __future__ import annotations

from collections.abc import Mapping

from core.graph.layout import layered_positions
from core.hypothesis import Hypothesis

__all__ = ["places"]

COLUMN, ROW = 200.0, 110.0  # pixels between neighbours, centre to centre
_ONE_BOX = 40.0  # a whole graph that fits into this is not in pixels: all its nodes would lie on each other
_WIDEST = 6000.0

Point = tuple[float, float]


def places(hypothesis: Hypothesis, known: Mapping[str, Point] | None = None) -> dict[str, Point]:
    """Return the centre of every node in pixels, by name.

    Places that the hypothesis names are kept, enlarged if they are in small units (DAGitty
    writes -1 … 1); a node without one stays where ``known`` saw it; if nothing is known at
    all, causes stand left of effects; single strangers go in a row below.
    """
    names = hypothesis.graph.nodes
    found = {name: at for name, at in (known or {}).items() if name in set(names)}
    found.update(_enlarged({node.name: node.position for node in hypothesis.nodes if node.position is not None}))
    missing = [name for name in names if name not in found]
    if not found:
        return layered_positions(hypothesis.graph, x_gap=COLUMN, y_gap=ROW)
    bottom = max(y for _, y in found.values()) + ROW
    left = min(x for x, _ in found.values())
    for index, name in enumerate(missing):
        row, column = divmod(index, 5)
        found[name] = (left + COLUMN * column, bottom + ROW * row)
    return found


def _enlarged(at: Mapping[str, Point]) -> dict[str, Point]:
    points = list(at.values())
    if len(points) < 2:
        return {name: (float(x), float(y)) for name, (x, y) in at.items()}
    span = max(max(axis) - min(axis) for axis in zip(*points, strict=True))
    if span == 0 or span >= _ONE_BOX:
        return {name: (float(x), float(y)) for name, (x, y) in at.items()}
    # The nearest two nodes end a column apart, unless that would fling the others out of sight.
    gaps = (max(abs(a[0] - b[0]), abs(a[1] - b[1])) for index, a in enumerate(points) for b in points[index + 1 :])
    factor = min(COLUMN / min((gap for gap in gaps if gap > 0), default=span), _WIDEST / span)
    return {name: (round(x * factor, 1), round(y * factor, 1)) for name, (x, y) in at.items()}
