"""What each variable is for a question, and in the words that the field has for it."""

from collections.abc import Collection, Iterable

from core.graph.bits import BitGraph, bit_graph, ones
from core.graph.causal_graph import CausalGraph
from core.graph.routes import Route
from core.graph.surgery import cut

__all__ = ["opening_colliders", "roles_of"]

EXPOSURE, OUTCOME, UNMEASURED, UNRELATED = "exposure", "outcome", "unmeasured", "unrelated"
CONFOUNDER, BIASING, COLLIDER, BELOW_COLLIDER = "confounder", "on a biasing path", "collider", "descendant of collider"
MEDIATOR, PROXY = "mediator", "proxy of mediator"
AFTER_EXPOSURE, AFTER_OUTCOME = "descendant of exposure", "descendant of outcome"
INSTRUMENT, EXPOSURE_ONLY, OUTCOME_ONLY = "instrument", "cause of the exposure only", "cause of the outcome only"


def roles_of(
    graph: CausalGraph,
    treatment: str,
    outcome: str,
    paths: Iterable[Route],
    instruments: Iterable[str],
    background: Collection[str] = (),
) -> dict[str, tuple[str, ...]]:
    """Return the roles of every node for the effect of ``treatment`` on ``outcome``.

    Parameters
    ----------
    graph : CausalGraph
    treatment, outcome : str
        Two different nodes.
    paths : iterable of Route
        The paths between them, with nothing held fixed (:func:`core.graph.routes.routes`).
    instruments : iterable of str
        Nodes that are instruments; one that comes after the treatment is not called so.
    background : collection of str
        Causes that may be related in any way: an arrow among them makes none a cause of anything.

    Returns
    -------
    dict
        By node, in the graph's order. A confounder is a cause of both, of the outcome by a way round the
        treatment. A collider is a node where two arrowheads meet on a path that holding it fixed opens.
    """
    bits = bit_graph(graph)
    x, y = bits.number(treatment), bits.number(outcome)
    inside = frozenset(background)
    plain = bit_graph(graph.replace_edges(e for e in graph.edges if not inside.issuperset(e))) if inside else bits
    known = tuple(paths)
    biasing = bits.mask(name for route in known if route.kind == "biasing" for name in route.nodes)
    colliders = bits.mask(name for route in known for name in opening_colliders(bits, route))
    mediators = bits.descendants[x] & bits.ancestors[y] & ~(1 << x | 1 << y)
    sets = {
        UNMEASURED: ~bits.observed,
        CONFOUNDER: plain.ancestors[x] & cut(plain, out_of=1 << x).ancestors[y],
        MEDIATOR: mediators,
        AFTER_OUTCOME: bits.descendants[y],
        COLLIDER: colliders,
        INSTRUMENT: bits.mask(instruments) & ~bits.descendants[x],
    }
    sets[PROXY] = _below(bits, mediators) & ~(mediators | bits.descendants[y])
    sets[AFTER_EXPOSURE] = bits.descendants[x] & ~(mediators | bits.descendants[y] | sets[PROXY])
    sets[BIASING] = biasing & ~(sets[CONFOUNDER] | bits.descendants[x])
    sets[BELOW_COLLIDER] = _below(bits, colliders) & ~(colliders | bits.descendants[x] | bits.descendants[y])
    causes = ~(sets[CONFOUNDER] | sets[BIASING] | bits.descendants[x])
    sets[EXPOSURE_ONLY] = plain.ancestors[x] & causes & ~sets[INSTRUMENT]
    sets[OUTCOME_ONLY] = plain.ancestors[y] & causes & ~(plain.ancestors[x] | sets[INSTRUMENT])
    found = {}
    for node, name in enumerate(bits.names):
        words = tuple(word for word, mask in sets.items() if mask >> node & 1)
        found[name] = words if words and words != (UNMEASURED,) else (*words, UNRELATED)
    return {**found, treatment: (EXPOSURE,), outcome: (OUTCOME,)}


def _below(bits: BitGraph, nodes: int) -> int:
    found = 0
    for node in ones(nodes):
        found |= bits.descendants[node]
    return found


def opening_colliders(bits: BitGraph, route: Route) -> tuple[str, ...]:
    """Return the colliders of a path of which each, held fixed alone, opens it: every other one has it below."""
    if route.causal:
        return ()
    met = [bits.number(name) for name in route.colliders]
    return tuple(bits.names[node] for node in met if all(bits.descendants[other] >> node & 1 for other in met))
