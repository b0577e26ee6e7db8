"""Whether an effect can be known from the distribution of what is observed, with no assumption on form.

The ID algorithm, in the form of c-factors (Tian & Pearl 2002): an effect is a sum of products
of factors, one a district, and each is found in the district of the whole graph that holds it, or
not at all. It is complete (Shpitser & Pearl 2006; Huang & Valtorta 2006): where it ends
without an answer it names a hedge, two models apart which agree on all that can be observed and differ in
the effect. Effects given something else are reduced to those (IDC, Shpitser & Pearl 2006).

All here is about graphs whose nodes are all observed, see :func:`core.graph.surgery.projected`.
"""

from dataclasses import dataclass

from core.graph.bits import BitGraph, connected, ones
from core.graph.expression import Expression, Prob, conditional, marginal, product, tidied
from core.graph.surgery import ancestors_within, causal_order, cut, district, districts

__all__ = ["Hedge", "Search", "estimand", "factor_found", "factor_of", "hedge_of", "moved_behind_do", "search_for"]


@dataclass(frozen=True)
class Hedge:
    """Why an effect is not identified, as bit sets of nodes: two c-forests with the same roots.

    ``outer`` holds some of the treatments, ``inner``, a part of it, none. Arcs hold
    each together, and everything in it is an ancestor of its roots.
    """

    outer: int
    inner: int


@dataclass(frozen=True)
class Search:
    """Where a c-factor is found: districts that hold it, from one of the whole graph down to the factor itself.

    Each step is a district, what in it is an ancestor of the part, and the part's district in that.
    """

    steps: tuple[tuple[int, int, int], ...]


def moved_behind_do(bits: BitGraph, treatments: int, outcomes: int, given: int) -> tuple[int, int]:
    """Return treatments and given, with what may be set as well as seen among the treatments (rule 2 of do-calculus).

    Parameters
    ----------
    bits : BitGraph
    treatments, outcomes, given : int
        Bit sets, apart.
    """
    moved = True
    while moved:
        moved = False
        for node in ones(given):
            rest = given & ~(1 << node)
            surgery = cut(bits, into=treatments, out_of=1 << node)
            if not connected(surgery, node, rest | treatments) & outcomes:
                treatments, given, moved = treatments | 1 << node, rest, True
                break
    return treatments, given


def hedge_of(bits: BitGraph, treatments: int, outcomes: int) -> Hedge | None:
    """Return why P(outcomes | do(treatments)) is not identified; None if it is."""
    found = _searches(bits, treatments, outcomes)
    return found if isinstance(found, Hedge) else None


def estimand(bits: BitGraph, treatments: int, outcomes: int, given: int = 0) -> Expression | None:
    """Return P(outcomes | do(treatments), given) in terms of what is observed; None where it is not identified.

    Parameters
    ----------
    bits : BitGraph
        Arrows and arcs over observed nodes; others have no edges.
    treatments, outcomes, given : int
        Bit sets, apart; none in ``given`` can be moved behind the do (see :func:`moved_behind_do`).

    Returns
    -------
    Expression or None
        Variables in it that are neither treatments, outcomes nor given may have any value: it does not depend on them.
    """
    asked = outcomes | given
    whole = _ancestral(bits, asked)
    searches = _searches(bits, treatments, asked)
    if isinstance(searches, Hedge):
        return None
    parts = [factor_found(bits, search, whole) for search in searches]
    inner = ancestors_within(bits, asked, whole & ~treatments) & ~asked
    joint = marginal(_names(bits, inner), product(parts))
    return tidied(conditional(_names(bits, outcomes), joint) if given else joint)


def _ancestral(bits: BitGraph, of: int) -> int:
    whole = 0
    for node in ones(of):
        whole |= bits.ancestors[node]
    return whole & bits.observed


def _searches(bits: BitGraph, treatments: int, outcomes: int) -> list[Search] | Hedge:
    """Return where each factor of the effect is found, or the hedge that one of them ends at."""
    whole = _ancestral(bits, outcomes)
    wanted = ancestors_within(bits, outcomes, whole & ~treatments)
    found = []
    for part in districts(bits, wanted):
        search = search_for(bits, part, whole)
        if isinstance(search, Hedge):
            return search
        found.append(search)
    return found


def search_for(bits: BitGraph, part: int, whole: int) -> Search | Hedge:
    """Return where the c-factor of ``part`` is found in the distribution of ``whole``, or the hedge that it ends at."""
    around = district(bits, part, whole)
    steps: list[tuple[int, int, int]] = []
    while True:
        above = ancestors_within(bits, part, around)
        if above == part:
            return Search((*steps, (around, above, part)))
        if above == around:
            return Hedge(around, part)
        inner = district(bits, part, above)
        steps.append((around, above, inner))
        around = inner


def factor_found(bits: BitGraph, search: Search, whole: int) -> Expression:
    """Return the c-factor that a search found, from the distribution of ``whole``, which is an ancestral set."""
    order = causal_order(bits)
    factor = factor_of(bits, search.steps[0][0], whole)
    for around, above, inner in search.steps:
        factor = marginal(_names(bits, around & ~above), factor)
        if inner == above:
            continue
        # Lemma 4 of Tian & Pearl (2002): each node given those before it, within the ancestral set.
        parts, upto, later = [], factor, above
        for node in reversed([node for node in order if above >> node & 1]):
            if inner >> node & 1:
                upto = marginal(_names(bits, above & ~later), factor)
                parts.append(conditional([bits.names[node]], upto))
            later &= ~(1 << node)
        factor = product(reversed(parts))
    return factor


def factor_of(bits: BitGraph, members: int, whole: int) -> Expression:
    """Return the c-factor of a district of ``whole``: each member given what it depends on among those before it."""
    parts, before = [], 0
    for node in causal_order(bits):
        if not whole >> node & 1:
            continue
        before |= 1 << node
        if members >> node & 1:
            near = district(bits, 1 << node, before)
            given = near
            for other in ones(near):
                given |= bits.parents[other]
            parts.append(Prob(frozenset([bits.names[node]]), frozenset(_names(bits, given & ~(1 << node)))))
    return product(parts)


def _names(bits: BitGraph, mask: int) -> tuple[str, ...]:
    return bits.named(mask)
