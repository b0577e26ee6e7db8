"""Causes that may be related in any way: what a background does to a graph.

Nobody claims anything about the relations among the background's members ("age, sex, region
may be related in any way"): they are fixed regressors with free covariances, as in path models.
No arrow comes into a background from outside, so it is closed under causes, and given its
members the rest of the graph has a distribution of its own, the product of the families
outside. A graph with all arrows among the members, in one order that all rivals share, claims
the same as one that leaves them open; which order it is makes no difference to any claim.
"""

from collections.abc import Collection, Iterable, Sequence

from core.graph.causal_graph import CausalGraph
from core.graph.paths import nodes_on_directed_paths

__all__ = [
    "closed_without",
    "completed",
    "descendant_closure",
    "shared_background",
    "total_effect_left_open",
    "upstream_of",
]


def completed(graph: CausalGraph, members: Sequence[str]) -> CausalGraph:
    """Return the graph with every arrow among ``members``, each to those that stand after it.

    Parameters
    ----------
    graph : CausalGraph
    members : sequence of str
        Closed under causes. Arrows that the graph has among them give way.

    Examples
    --------
    >>> graph = CausalGraph(("y", "a", "b"), (("b", "a"), ("a", "y")))
    >>> completed(graph, ("a", "b")).edges
    (('a', 'y'), ('a', 'b'))
    """
    if not members:
        return graph
    inside = frozenset(members)
    kept = [edge for edge in graph.edges if not inside.issuperset(edge)]
    among = [(a, b) for place, a in enumerate(members) for b in members[place + 1 :]]
    return graph.replace_edges([*kept, *among])


def closed_without(graph: CausalGraph, members: Iterable[str], gone: Iterable[str | None]) -> tuple[str, ...]:
    """Return the most of ``members`` that is closed under causes without ``gone``, in their order.

    What is caused by one that goes goes with it: no arrow comes into a background from outside.
    """
    first = [name for name in gone if name in graph.nodes]
    out = graph.descendants(*first).union(first)
    return tuple(name for name in members if name not in out)


def shared_background(nodes: Iterable[str], rivals: Iterable[tuple[CausalGraph, Collection[str]]]) -> tuple[str, ...]:
    """Return which of ``nodes`` are background in every rival that has them, in their order.

    Parameters
    ----------
    nodes : iterable of str
    rivals : iterable of (CausalGraph, collection of str)
        Each graph with its background.
    """
    drawn = list(rivals)
    found = []
    for name in nodes:
        holding = [name in background for graph, background in drawn if name in graph.nodes]
        if holding and all(holding):
            found.append(name)
    return tuple(found)


def descendant_closure(graphs: Iterable[CausalGraph], names: Iterable[str]) -> frozenset[str]:
    """Return ``names`` and all their descendants under any of the graphs, closed in each of them.

    A graph that lacks a name passes it over.
    """
    drawn = list(graphs)
    found = frozenset(names)
    while True:
        below = frozenset(
            child for graph in drawn for child in graph.descendants(*(name for name in found if name in graph.nodes))
        )
        if below <= found:
            return found
        found |= below


def upstream_of(graph: CausalGraph, exposure: str | None, outcome: str | None) -> frozenset[str] | None:
    """Return what is upstream of a marked question in one graph; None where nothing is asked."""
    if exposure is None or outcome is None:
        return None
    return frozenset(graph.nodes) - descendant_closure([graph], (exposure, outcome))


def total_effect_left_open(graph: CausalGraph, background: Collection[str], treatment: str, outcome: str) -> bool:
    """Return whether the effect of ``treatment`` on ``outcome`` hangs on what the background leaves open.

    That is so where the treatment is background and another member reaches the outcome by a way
    round the treatment: the treatment may then be a cause of that member, or the reverse.
    """
    if treatment not in background:
        return False
    if outcome in background:
        return True
    inside = frozenset(background)
    open_graph = graph.replace_edges(edge for edge in graph.edges if not inside.issuperset(edge))
    return any(
        nodes_on_directed_paths(open_graph, other, outcome) for other in background if other not in (treatment, outcome)
    )
