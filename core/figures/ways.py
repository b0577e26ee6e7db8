"""A hypothesis with how much of an effect goes along each arrow: width and label are shares.

The arrows out of the cause part the effect. Past them, what comes along one of these goes whole along an arrow that all
its ways take; where ways part again, how it divides would need a node to be under both values at once: no number is
put there, only of how much it is a part. Arrows that carry nothing of it stand back.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from core.effects.mediation import Mediation
from core.effects.shares import shares_of
from core.figures.graph import ArrowView, GraphView, graph_view
from core.graph.causal_graph import CausalGraph
from core.graph.paths import nodes_on_directed_paths
from core.hypothesis import Hypothesis
from core.words import interval, number

__all__ = ["dividing", "ways_view"]

_Arrow = tuple[str, str]


def ways_view(
    hypothesis: Hypothesis,
    colour: str,
    positions: Mapping[str, tuple[float, float]],
    titles: Mapping[str, str],
    pair: tuple[str, str],
    found: Mediation | None,
) -> GraphView:
    """Return what the picture shows; without a split, the drawing alone with what is asked about marked.

    Parameters
    ----------
    hypothesis : Hypothesis
    colour : str
    positions, titles : mapping of node to its place, and to the user's words
    pair : (str, str)
        What is moved, and what is asked about.
    found : Mediation or None
    """
    view = graph_view(hypothesis, colour, positions, titles)
    roles = {pair[0]: "exposure", pair[1]: "outcome"}
    nodes = tuple(replace(node, role=roles.get(node.name, "")) for node in view.nodes)
    ways = {} if found is None else _carried(hypothesis.graph, found)
    arrows = tuple(
        ArrowView(arrow.source, arrow.target, shared=True)
        if found is None or (arrow.source, arrow.target) not in ways
        else _drawn((arrow.source, arrow.target), ways[arrow.source, arrow.target], found, titles)
        for arrow in view.arrows
    )
    return replace(view, nodes=nodes, arrows=arrows)


def dividing(graph: CausalGraph, treatment: str, outcome: str) -> tuple[str, ...]:
    """Return the nodes between from which several arrows lead on: how they divide what reaches them is not known."""
    on = nodes_on_directed_paths(graph, treatment, outcome)
    return tuple(
        node
        for node in graph.nodes
        if node in on - {treatment, outcome}
        and sum(source == node and target in on for source, target in graph.edges) > 1
    )


def _carried(graph: CausalGraph, found: Mediation) -> dict[_Arrow, tuple[tuple[str, ...], bool]]:
    """Return, for each arrow on a way, along which first arrows what it carries came, and whether it has all of it."""
    on = nodes_on_directed_paths(graph, found.treatment, found.outcome)
    arrows = [(a, b) for a, b in graph.edges if a in on and b in on and a != found.outcome and b != found.treatment]
    carried: dict[_Arrow, tuple[tuple[str, ...], bool]] = {}
    for arrow in arrows:
        if arrow[0] == found.treatment:
            carried[arrow] = ((arrow[1],), True)
            continue
        reach = [child for child in found.arrows if arrow[0] in _reached(arrows, child)]
        whole = all(found.outcome not in _reached([one for one in arrows if one != arrow], child) for child in reach)
        carried[arrow] = (tuple(reach), whole)
    return carried


def _reached(arrows: list[_Arrow], start: str) -> set[str]:
    reached, ahead = {start}, [start]
    while ahead:
        node = ahead.pop()
        more = {b for a, b in arrows if a == node} - reached
        reached |= more
        ahead += more
    return reached


def _drawn(
    arrow: _Arrow, carried: tuple[tuple[str, ...], bool], found: Mediation, titles: Mapping[str, str]
) -> ArrowView:
    first, whole = carried
    everything = set(first) == set(found.arrows)  # with what the ways do together
    total = found.parts["total"]
    draws = total if everything else sum((found.arrows[name] for name in first), np.zeros_like(total))
    a, b = (titles.get(name, name) for name in arrow)
    shares = shares_of(found)
    written, size = _written(found), abs(float(draws.mean()))
    if shares is None:
        among = [abs(float(part.mean())) for part in (*found.arrows.values(), total)]
        label, strength = written(float(draws.mean())), size / (max(among) or 1.0)
    else:
        share = float(draws.mean()) / float(total.mean())
        label, strength = _percent(share), max(share, 0.0)
    low, high = (float(end) for end in np.quantile(draws, (0.05, 0.95)))
    said = f"{written(float(draws.mean()))} {_between(written, low, high, found)} of {written(float(total.mean()))}"
    if not whole:
        hover = f"{a} → {b}: a part of what reaches {a} ({said}). How that divides from there no data could tell."
        return ArrowView(*arrow, f"part of {label}", hover, strength / 2, doubtful=False)
    return ArrowView(*arrow, label, f"{a} → {b}: {said}", strength, bool(low <= 0 <= high))


def _written(found: Mediation) -> Callable[[float], str]:
    if found.scale == "ratio":
        return lambda value: f"×{number(float(np.exp(value)))}"
    return lambda value: f"{'+' if value > 0 else ''}{number(value)}"


def _between(written: Callable[[float], str], low: float, high: float, found: Mediation) -> str:
    return f"[{written(low)}, {written(high)}]" if found.scale == "ratio" else interval(low, high)


def _percent(share: float) -> str:
    return "under 1 %" if 0 < share < 0.005 else f"{share:.0%}".replace("%", " %").replace("-0 %", "0 %")
