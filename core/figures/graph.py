"""What the picture of a hypothesis shows: the graph with its posterior arrows, whoever draws it.

Width is the size of the standardised effect; a solid arrow's 90 % interval leaves zero
out, a dashed one's does not, a grey one carries nothing; the label is the effect on the
data's own scale and hovering shows its interval; an arrow that bends has its curve beside it,
and a node that varies by a group says by which. What is background stands in a light grey
frame, with a line that says what that means. A missing arrow that the data
contradict is red and dotted, with the association that is left over; where many are
contradicted, those that bear on the question. The canvas draws it in the app,
:mod:`core.figures.graph_page` makes the page to take away.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from core.comparison.arrow_scale import ArrowScale, arrow_scale
from core.figures.placing import shared_positions
from core.hypothesis import Edge, Hypothesis

__all__ = ["MOST_RED", "ArrowView", "GraphView", "NodeView", "graph_view", "shared_positions"]

#: Below this standardised size, with zero inside the interval, an arrow "carries nothing".
NOTHING = 0.05
_BENDS = 0.5  # the probability above which an arrow that may bend is said to
#: Past so many contradicted claims a picture shows only those that bear on the question.
MOST_RED = 5


@dataclass(frozen=True)
class NodeView:
    """One node: where it stands and how it is marked."""

    name: str
    title: str
    x: float
    y: float
    latent: bool = False
    role: str = ""  # "exposure", "outcome" or none
    background: bool = False  # among the causes that may be related in any way
    group: str = ""  # what it varies by, in the user's words


@dataclass(frozen=True)
class ArrowView:
    """One arrow; ``strength`` is None before a fit; ``shared`` ones stand back behind those that differ.

    ``spark`` is the curve of one that bends, as points of the unit square: the cause's values from left to
    right, what it adds from low to high.
    """

    source: str
    target: str
    label: str = ""
    hover: str = ""
    strength: float | None = None
    doubtful: bool = False
    shared: bool = False
    spark: tuple[tuple[float, float], ...] = ()

    @property
    def width(self) -> float:
        """Return the width of its line in pixels: the size of the standardised effect."""
        return 2.0 if self.strength is None else round(1.2 + 6.0 * min(abs(self.strength), 1.0), 2)

    @property
    def style(self) -> Literal["solid", "dashed", "grey"]:
        """Return its line: solid where the interval leaves zero out, grey where it carries nothing."""
        nothing = self.strength is not None and abs(self.strength) < NOTHING
        return "solid" if not self.doubtful else "grey" if nothing else "dashed"


@dataclass(frozen=True)
class GraphView:
    """All that the picture of one hypothesis shows."""

    name: str
    colour: str
    nodes: tuple[NodeView, ...]
    arrows: tuple[ArrowView, ...] = ()
    arcs: tuple[tuple[str, str], ...] = ()
    contradicted: tuple[tuple[str, str, str], ...] = field(default=())  # x, y, label
    more: int = 0  # contradicted pairs that are not drawn
    crowded: bool = False  # on the page to take away, shared arrows keep their numbers for hovering


def graph_view(
    hypothesis: Hypothesis,
    colour: str,
    positions: Mapping[str, tuple[float, float]],
    titles: Mapping[str, str],
    facts: Mapping[str, Any] | None = None,
    units: Mapping[str, str] | None = None,
    common: Collection[tuple[str, str]] = (),
) -> GraphView:
    """Bring together a drawing and what its fit said.

    Parameters
    ----------
    hypothesis : Hypothesis
    colour : str
        ``#rrggbb``.
    positions : mapping of node to (x, y), pixels, y down.
    titles, units : mapping of node to the user's words for it.
    facts : mapping, optional
        This hypothesis' entry in ``compare --json``: ``edges`` and ``implications`` are read.
    common : collection of (source, target)
        Arrows that every hypothesis beside it has too; they stand back.
    """
    units = units or {}
    found = {(e["source"], e["target"]): e for e in (facts or {}).get("edges", ())}
    made = {node["name"]: node for key in ("given", "nodes") for node in (facts or {}).get(key, ())}
    arrows = tuple(
        replace(
            _arrow(
                edge,
                found.get((edge.source, edge.target)),
                titles,
                units,
                _scale(edge, found.get((edge.source, edge.target)), made),
            ),
            shared=(edge.source, edge.target) in common,
        )
        for edge in hypothesis.edges
    )
    nodes = tuple(
        NodeView(
            node.name,
            titles.get(node.name, node.name),
            *positions.get(node.name, (0.0, 0.0)),
            latent=node.latent,
            role="exposure"
            if node.name == hypothesis.exposure
            else "outcome"
            if node.name == hypothesis.outcome
            else "",
            background=node.name in hypothesis.background,
            group="" if node.group is None else titles.get(node.group, node.group),
        )
        for node in hypothesis.nodes
    )
    red, more = _contradicted((facts or {}).get("implications", ()))
    return GraphView(hypothesis.name, colour, nodes, arrows, hypothesis.bidirected, red, more)


def _contradicted(claims: Sequence[Mapping[str, Any]]) -> tuple[tuple[tuple[str, str, str], ...], int]:
    """Return the contradicted pairs to draw, those that bear on the question first, and how many are left out."""
    worst: dict[tuple[str, str], float] = {}
    beside: set[tuple[str, str]] = set()
    for claim in claims:
        if claim.get("contradicted") and claim.get("association") is not None:
            pair = (claim["x"], claim["y"])
            if abs(claim["association"]) > abs(worst.get(pair, 0.0)):
                worst[pair] = claim["association"]
            if claim.get("bears") is False:
                beside.add(pair)
    shown = sorted(worst, key=lambda pair: (pair in beside, -abs(worst[pair])))
    if len(shown) > MOST_RED:
        shown = [pair for pair in shown if pair not in beside][:MOST_RED]
    red = tuple((x, y, f"{worst[x, y]:+.2f} left over") for x, y in shown)
    return red, len(worst) - len(shown)


def _spark(curve: Mapping[str, Sequence[float]]) -> tuple[tuple[float, float], ...]:
    """Return a curve in the unit square; nothing where it has no extent."""
    at, mean = curve["at"][::2], curve["mean"][::2]
    (left, right), (low, high) = ((min(values), max(values)) for values in (at, mean))
    if right <= left or high <= low:
        return ()
    return tuple(
        (round((x - left) / (right - left), 3), round((y - low) / (high - low), 3))
        for x, y in zip(at, mean, strict=True)
    )


def _scale(edge: Edge, fact: Mapping[str, Any] | None, made: Mapping[str, Mapping[str, Any]]) -> ArrowScale:
    """Return how to say an arrow's number; a comparison kept from before it was said is of straight arrows."""
    step = (fact or {}).get("working_scale", "identity")
    return arrow_scale(made.get(edge.source), made.get(edge.target), step)


_LEFT = "\nWhat is left of it carries over to later rows: this is what all of them come to."


def _arrow(
    edge: Edge,
    fact: Mapping[str, Any] | None,
    titles: Mapping[str, str],
    units: Mapping[str, str],
    scale: ArrowScale,
) -> ArrowView:
    source, target = edge.source, edge.target
    if fact is None:
        carries = "carries over" if edge.carry else ""
        return ArrowView(source, target, f"differs by {titles.get(edge.by, edge.by)}" if edge.by else carries)
    a, b = titles.get(source, source), titles.get(target, target)
    strength = fact.get("standardized_mean")
    if strength is None:  # from or into a category there is no one slope; its size is measured alike
        strength = fact.get("strength")
    if fact.get("mean") is None and fact.get("contrasts") is None:
        return ArrowView(source, target, "held back", f"{a} → {b}: held back, because {b} failed a gate")
    if fact.get("mean") is None:
        contrasts = fact.get("contrasts") or ()
        lines = [f"{a} → {b}, by level{f' ({scale.meaning.of})' if scale.meaning.of != 'value' else ''}:"] + [
            f"{c['name']}: {scale.amount(c['mean'])} [{scale.amount(c['q05'])}, {scale.amount(c['q95'])}]"
            for c in contrasts
            if c.get("mean") is not None
        ]
        doubtful = all(c["q05"] <= 0 <= c["q95"] for c in contrasts if c.get("q05") is not None)
        return ArrowView(source, target, "by level", "\n".join(lines), strength, doubtful)
    doubtful = fact["q05"] <= 0 <= fact["q95"]
    own = (units.get(source, ""), units.get(target, ""))
    hover = scale.hover(a, b, own, (fact["mean"], fact["q05"], fact["q95"]))
    label = scale.label(fact["mean"])
    by = titles.get(fact["by"], fact["by"]) if fact.get("by") else ""
    if fact.get("curve") and (fact.get("bends") is None or fact["bends"] > _BENDS):
        # Its average slope may be nothing where it goes down and up again.
        said = f"bends, differs by {by}" if by else "bends, carries over" if edge.carry else "bends"
        more = _LEFT if edge.carry else ""
        return ArrowView(source, target, said, f"{hover}\nIt bends: this is its slope, averaged over rows.{more}",
                         fact.get("strength"), False, spark=_spark(fact["curve"]))  # fmt: skip
    if by:
        said, more = f"{label}, differs by {by}", f"{hover}\nIt differs by {by}: this is its average."
        return ArrowView(source, target, said, more, fact.get("strength"), False)
    if edge.carry:
        return ArrowView(source, target, f"{label}, carries over", f"{hover}{_LEFT}", strength, doubtful)
    return ArrowView(source, target, label, hover, strength, doubtful)
