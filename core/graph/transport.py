"""Whether an experiment's answer holds elsewhere: effects carried over to where something works otherwise.

A selection diagram marks the nodes whose mechanism may differ between where the treatment was set and
where the answer is to be used (Pearl & Bareinboim 2011). Of each district of the effect, the factor is taken
from the experiment if nothing in it differs, else from what is observed where the answer is to be
used, as the ID algorithm finds it there. Where neither is possible nothing is (Bareinboim & Pearl 2013).
"""

from dataclasses import replace

from core.graph.bits import BitGraph
from core.graph.expression import Expression, Prob, factors_of, marginal, of_target, product, tidied
from core.graph.id_algorithm import Hedge, factor_found, factor_of, search_for
from core.graph.surgery import ancestors_within, districts

__all__ = ["transported"]


def transported(bits: BitGraph, treatment: int, outcome: int, differing: int) -> Expression | None:
    """Return the effect where the answer is to be used; None where it cannot be carried over.

    Parameters
    ----------
    bits : BitGraph
        Arrows and arcs over observed nodes, see :func:`core.graph.surgery.projected`.
    treatment, outcome : int
        Numbers of nodes.
    differing : int
        The bit set of nodes whose mechanism may differ.

    Returns
    -------
    Expression or None
        In terms of the experiment, P(… | do(x), …), and of what is observed where the answer is for, P*(…).
    """
    whole = bits.ancestors[outcome] & bits.observed
    wanted = ancestors_within(bits, 1 << outcome, whole & ~(1 << treatment))
    parts: list[Expression] = []
    for part in districts(bits, wanted):
        if not part & differing:
            parts += [_in_experiment(bits, factor, treatment) for factor in factors_of(factor_of(bits, part, wanted))]
            continue
        search = search_for(bits, part, whole)
        if isinstance(search, Hedge):
            return None
        parts.append(of_target(factor_found(bits, search, whole)))
    return tidied(marginal(bits.named(wanted & ~(1 << outcome)), product(parts)))


def _in_experiment(bits: BitGraph, factor: Expression, treatment: int) -> Expression:
    """Return a factor of the graph without the treatment as it is seen where the treatment was set.

    What the treatment moves nothing of is the same without it.
    """
    if not isinstance(factor, Prob):
        return factor
    name = frozenset([bits.names[treatment]])
    moved = bits.mask(factor.free) & bits.descendants[treatment] & ~(1 << treatment)
    return replace(factor, given=factor.given - name, set_to=name if moved else frozenset())
