"""Causes without arrows between them: claimed to be unrelated, though that may be meant by nobody."""

from collections.abc import Collection

from core.graph.background import closed_without
from core.graph.causal_graph import CausalGraph
from core.graph.implications import implications

__all__ = ["loose_causes"]


def loose_causes(
    graph: CausalGraph,
    exposure: str | None = None,
    outcome: str | None = None,
    background: Collection[str] = (),
) -> tuple[tuple[str, ...], int]:
    """Return the causes that could be background, and how many claims are about two of them.

    Causes without arrows between them are claimed to be unrelated, which who draws may not have
    meant. They are the observed nodes with an effect of their own that are neither exposure nor
    outcome nor caused by either (without those marks: those without causes), as far as they can
    be background: no arc touches them, and all of their causes are among them.

    Parameters
    ----------
    graph : CausalGraph
    exposure, outcome : str, optional
    background : collection of str
        What is background already; it is among the causes that are returned.

    Returns
    -------
    members : tuple of str
        In the graph's order, ``background`` included.
    claims : int
        The number of independences of the graph, given its background, with both ends among them.

    Examples
    --------
    >>> loose_causes(CausalGraph(("a", "b", "y"), (("a", "y"), ("b", "y"))))
    (('a', 'b'), 1)
    """
    asked = [name for name in (exposure, outcome) if name in graph.nodes]
    arced = {name for arc in graph.bidirected for name in arc}
    if asked:
        below = graph.descendants(*asked).union(asked)
        wished = [n for n in graph.observed if n not in below and graph.children(n)]
    else:
        wished = [n for n in graph.observed if graph.children(n) and not graph.parents(n)]
    able = (set(wished) | set(background)) - arced
    # What has a cause outside cannot be among them, and neither can what that causes.
    members = closed_without(graph, [n for n in graph.nodes if n in able], [n for n in graph.nodes if n not in able])
    if not members:
        return (), 0
    inside = frozenset(members)
    stated = implications(graph, frozenset(background))
    return members, sum(inside.issuperset((claim.x, claim.y)) for claim in stated)
