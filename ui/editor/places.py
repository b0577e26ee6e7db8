"""Where nodes stand on the canvas when a hypothesis does not say, or says it in small units."""

from __future__ import annotations

from collections.abc import Mapping

from core.hypothesis import Hypothesis

__all__ = ["places"]

COLUMN, ROW = 200.0, 110.0  # pixels between neighbours, centre to centre
_CLOSE = 40.0  # closer than this and two boxes lie on each other: the units are not pixels

Point = tuple[float, float]


def places(hypothesis: Hypothesis, known: Mapping[str, Point] | None = None) -> dict[str, Point]:
    """Return the centre of every node, in pixels, none on top of another.

    Places that the hypothesis names are kept, enlarged if they are in small units (DAGitty
    writes -1 … 1); a node without one stays where ``known`` saw it; if nothing is known at
    all, causes stand left of effects; single strangers go in a row below.
    """
    given = _enlarged({node.name: node.position for node in hypothesis.nodes if node.position is not None})
    found = {name: at for name, at in (known or {}).items() if name in set(hypothesis.graph.nodes)}
    found.update(given)
    missing = [node.name for node in hypothesis.nodes if node.name not in found]
    if not missing:
        return found
    if not found:
        return _layered(hypothesis)
    bottom = max(y for _, y in found.values()) + ROW
    left = min(x for x, _ in found.values())
    for index, name in enumerate(missing):
        row, column = divmod(index, 5)
        found[name] = (left + COLUMN * column, bottom + ROW * row)
    return found


def _enlarged(at: Mapping[str, Point]) -> dict[str, Point]:
    points = list(at.values())
    gaps = [max(abs(a[0] - b[0]), abs(a[1] - b[1])) for index, a in enumerate(points) for b in points[index + 1 :]]
    gaps = [gap for gap in gaps if gap > 0]
    if not gaps or min(gaps) >= _CLOSE:
        return {name: (float(x), float(y)) for name, (x, y) in at.items()}
    factor = 150.0 / min(gaps)
    span = max(gaps) * factor
    if span > 4000:  # two nodes nearly on each other: do not fling the others apart
        factor *= max(4000 / span, 1.0 if max(gaps) > 300 else 0.0)
    return {name: (round(x * factor, 1), round(y * factor, 1)) for name, (x, y) in at.items()}


def _layered(hypothesis: Hypothesis) -> dict[str, Point]:
    graph = hypothesis.graph
    layer: dict[str, int] = {}
    for name in graph.topological_order:
        layer[name] = 1 + max((layer[parent] for parent in graph.parents(name)), default=-1)
    at: dict[str, Point] = {}
    for depth in sorted(set(layer.values())):
        column = [name for name in graph.nodes if layer[name] == depth]
        for index, name in enumerate(column):
            at[name] = (depth * COLUMN, (index - (len(column) - 1) / 2) * ROW)
    return at
