"""Separation: which variables a graph says are unrelated, given which others.

For a graph of arrows only this is d-separation (Pearl 1988); with bidirected arcs it is
m-separation (Richardson 2003), which equals d-separation in the graph where each arc is
a latent common cause of its two ends. Latent nodes take part in paths.
"""

from collections.abc import Iterable

from core.errors import GraphError
from core.graph.bits import BitGraph, bit_graph, connected
from core.graph.causal_graph import CausalGraph

__all__ = ["d_separated", "separating_set"]


def d_separated(graph: CausalGraph, x: str, y: str, given: Iterable[str] = ()) -> bool:
    """Return whether ``given`` blocks every path between ``x`` and ``y``.

    Parameters
    ----------
    graph : CausalGraph
        Arrows, arcs and latents.
    x, y : str
        Two different nodes.
    given : iterable of str
        Nodes that are conditioned on; neither ``x`` nor ``y``.

    Raises
    ------
    GraphError
        If a name is not a node, or the three do not differ.

    Examples
    --------
    >>> collider = CausalGraph(("a", "b", "c"), (("a", "c"), ("b", "c")))
    >>> d_separated(collider, "a", "b"), d_separated(collider, "a", "b", ["c"])
    (True, False)
    """
    bits = bit_graph(graph)
    first, second = _ends(bits, x, y)
    conditioned = bits.mask(given)
    if conditioned & (1 << first | 1 << second):
        raise GraphError(
            f"{x!r} and {y!r} cannot be conditioned on while they are compared",
            place=f"node {x if conditioned >> first & 1 else y}",
            hint="Leave both out of the given set.",
        )
    return not connected(bits, first, conditioned) >> second & 1


def separating_set(graph: CausalGraph, x: str, y: str, allowed: Iterable[str] | None = None) -> tuple[str, ...] | None:
    """Return a set of nodes that separates ``x`` and ``y`` and has no smaller part that does.

    Parameters
    ----------
    graph : CausalGraph
        Arrows, arcs and latents.
    x, y : str
        Two different nodes.
    allowed : iterable of str, optional
        Where the set may be taken from; the observed nodes if left out.

    Returns
    -------
    tuple of str or None
        In the order of the graph's nodes; ``None`` if no subset of ``allowed`` separates them.

    Notes
    -----
    If any subset of ``allowed`` separates them, then the allowed ancestors of the two do;
    two searches shrink that set to a minimal one (van der Zander, Liskiewicz & Textor 2019).
    """
    bits = bit_graph(graph)
    first, second = _ends(bits, x, y)
    found = minimal_separator(bits, first, second, bits.observed if allowed is None else bits.mask(allowed))
    return None if found is None else bits.named(found)


def minimal_separator(bits: BitGraph, first: int, second: int, allowed: int) -> int | None:
    """Return a minimal separator within ``allowed`` as a bit set; see :func:`separating_set`."""
    candidates = (bits.ancestors[first] | bits.ancestors[second]) & allowed & ~(1 << first | 1 << second)
    reached = connected(bits, first, candidates)
    if reached >> second & 1:
        return None
    near_first = reached & candidates
    return connected(bits, second, near_first) & near_first


def separable_with(bits: BitGraph, first: int, second: int, forced: int, allowed: int) -> bool:
    """Return whether some set between ``forced`` and ``allowed`` (bit sets) separates the two."""
    above = bits.ancestors[first] | bits.ancestors[second]
    for node in range(len(bits.names)):
        if forced >> node & 1:
            above |= bits.ancestors[node]
    given = above & allowed & ~(1 << first | 1 << second)
    return not connected(bits, first, given) >> second & 1


def _ends(bits: BitGraph, x: str, y: str) -> tuple[int, int]:
    first, second = bits.number(x), bits.number(y)
    if first == second:
        raise GraphError(f"{x!r} is compared with itself", place=f"node {x}", hint="Name two different nodes.")
    return first, second
