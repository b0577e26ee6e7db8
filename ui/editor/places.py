"""Where nodes stand on the canvas when a hypothesis does not say, or says it in small units."""

from __future__ import annotations

from collections.abc import Mapping

from core.graph.layout import layered_positions
from core.hypothesis import Hypothesis

__all__ = ["gathered", "places"]

COLUMN, ROW = 200.0, 110.0  # pixels between neighbours, centre to centre
_ONE_BOX = 40.0  # a whole graph that fits into this is not in pixels: all its nodes would lie on each other
_WIDEST = 6000.0

_PAD, _HEAD, _CLEAR = 14.0, 50.0, 90.0  # of the background's box: to its border, its label, to the rest
_ONE_COLUMN = 7  # members that are gathered in one column

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
        return gathered(hypothesis, layered_positions(hypothesis.graph, x_gap=COLUMN, y_gap=ROW))
    bottom = max(y for _, y in found.values()) + ROW
    left = min(x for x, _ in found.values())
    for index, name in enumerate(missing):
        row, column = divmod(index, 5)
        found[name] = (left + COLUMN * column, bottom + ROW * row)
    return found


def gathered(hypothesis: Hypothesis, at: Mapping[str, Point]) -> dict[str, Point]:
    """Return ``at`` with the background put left of the rest, where its box would cover other nodes.

    How wide names are only the browser knows; here they are guessed.
    """
    held = [name for name in hypothesis.background if name in at]
    rest = [name for name in at if name not in set(held)]
    if not held or not rest:
        return dict(at)
    wide, high = {n: _size(n)[0] for n in at}, {n: _size(n)[1] for n in at}
    left, right = min(at[n][0] - wide[n] / 2 for n in held) - _PAD, max(at[n][0] + wide[n] / 2 for n in held) + _PAD
    top, bottom = min(at[n][1] - high[n] / 2 for n in held) - _HEAD, max(at[n][1] + high[n] / 2 for n in held) + _PAD
    if not any(
        left < at[n][0] + wide[n] / 2 and right > at[n][0] - wide[n] / 2
        and top < at[n][1] + high[n] / 2 and bottom > at[n][1] - high[n] / 2
        for n in rest
    ):  # fmt: skip
        return dict(at)
    columns = 1 if len(held) <= _ONE_COLUMN else 2
    across, down = max(wide[n] for n in held) + 10, max(high[n] for n in held) + 10
    held.sort(key=lambda n: (at[n][1], at[n][0]))
    rows = -(-len(held) // columns)
    border = min(at[n][0] - wide[n] / 2 for n in rest) - _CLEAR
    middle = (min(at[n][1] for n in rest) + max(at[n][1] for n in rest)) / 2
    found = dict(at)
    for index, name in enumerate(held):
        row, column = divmod(index, columns)
        x = border - _PAD - across * (columns - column - 0.5)
        found[name] = (round(x, 1), round(middle + down * (row - (rows - 1) / 2), 1))
    return found


def _size(name: str) -> tuple[float, float]:
    return min(8.0 * len(name), 190.0) + 55, 42.0 if len(name) < 25 else 60.0


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
