"""How much each hypothesis counts where all are averaged.

Graphs that no observation can separate share their class' probability alike. Hypotheses of one graph that differ in
families, forms or priors are another matter, since rows do tell these apart: within a graph they count by evidence.
"""

from collections.abc import Hashable, Sequence
from itertools import combinations
from math import exp

from core.comparison.result import Comparison
from core.hypothesis import Hypothesis

__all__ = ["apart_in", "graph_key", "weights_of"]


def graph_key(hypothesis: Hypothesis) -> Hashable:
    """Return what two hypotheses have in common if they draw one graph, whatever else their nodes are made of.

    A column by which a node varies is no arrow that somebody drew.
    """
    groups = {(node.group, node.name) for node in hypothesis.nodes if node.group is not None}
    only = {group for group, _ in groups}
    arrows = frozenset((edge.source, edge.target) for edge in hypothesis.edges) - groups
    arcs = frozenset(frozenset(arc) for arc in hypothesis.bidirected)
    hidden = frozenset(node.name for node in hypothesis.nodes if node.latent)
    return arrows, arcs, hidden, frozenset(hypothesis.background) - only


def apart_in(drawn: Sequence[Hypothesis]) -> str:
    """Return in words what hypotheses of one graph leave open between them."""
    pairs = [(a, b) for a, b in combinations(drawn, 2) if graph_key(a) == graph_key(b)]
    bends = any(_enters(a) != _enters(b) for a, b in pairs)
    families = any(_made_of(a) != _made_of(b) for a, b in pairs)
    if bends == families:
        return "which curve or family it is"
    return "whether it bends" if bends else "which family it is"


def _enters(hypothesis: Hypothesis) -> set[tuple[object, ...]]:
    return {(e.source, e.target, e.form, e.scale, e.by, e.carry) for e in hypothesis.edges}


def _made_of(hypothesis: Hypothesis) -> set[tuple[object, ...]]:
    return {(n.name, n.family, n.link) for n in hypothesis.nodes}


def weights_of(comparison: Comparison) -> tuple[tuple[float, ...], bool]:
    """Return each hypothesis' weight in an average, and whether they are alike for want of probabilities."""
    names = [facts.name for facts in comparison.hypotheses]
    asked = comparison.question
    known = {one.name: one.log_evidence.estimate for one in (asked.standings if asked else comparison.hypotheses)}
    graphs = {one.name: graph_key(one) for one in comparison.drawn}
    found: dict[str, float] = {}
    for one in asked.classes if asked is not None else comparison.classes:
        if one.spoken_probability is None:
            continue
        members: dict[Hashable, list[str]] = {}
        for name in one.members:
            members.setdefault(graphs.get(name, name), []).append(name)
        for same in members.values():
            shares = _by_evidence([known.get(name) for name in same])
            own = one.spoken_probability / len(members)
            found |= {name: own * share for name, share in zip(same, shares, strict=True)}
    total = sum(found.values())
    if set(found) != set(names) or not total > 0:
        return (1.0 / len(names),) * len(names), len(names) > 1
    return tuple(found[name] / total for name in names), False


def _by_evidence(logs: Sequence[float | None]) -> list[float]:
    """Return shares in proportion to evidence; the same for all where it is not known of some."""
    known = [value for value in logs if value is not None]
    if len(known) < len(logs):
        return [1.0 / len(logs)] * len(logs)
    raw = [exp(value - max(known)) for value in known]
    return [value / sum(raw) for value in raw]
