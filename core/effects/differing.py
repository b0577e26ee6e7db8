"""Why a naive estimate differs from what a graph says, worked out from the graph and what the estimate holds fixed.

For a treatment X, an outcome Y and a set Z held fixed (Pearl 2009, chapter 3; Cinelli, Forney & Pearl 2024):

- **left out**: a variable outside Z with a directed path to X and another to Y, the second not through X, both clear
  of Z. Named are those that no other such variable stands in front of. Unmeasured ones, and arcs, are told apart.
- **the other way round**: Y acts on X.
- **a mediator**: a member of Z on a directed path from X to Y; or one that such a mediator, itself not in Z, acts on.
- **the outcome's own**: a member of Z that Y acts on, if X acts on Y or the member opens a path. One that X acts on
  too, not by way of Y, is a collider of the two.
- **a collider**: X and Y stay connected in the graph without the first arrows of the paths from X to Y (the proper
  back-door graph: van der Zander, Liskiewicz & Textor 2019) although all that was left out is held fixed too: then a
  member of Z opened the path. Named is the one, or the pair, without which it is closed.

An instrument is asked other questions: is it related to X given what it is given with, and is it separated from Y in
the same graph (Brito & Pearl 2002)? Where none of it applies the two should agree, and what differs is the form, or the
graph is wrong: what it calls unrelated to Y given the rest that is held fixed is then named.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

from core.effects.naive import Estimate
from core.graph.causal_graph import CausalGraph
from core.graph.paths import nodes_on_directed_paths
from core.graph.separation import d_separated
from core.words import interval, joined, number, sentence

__all__ = ["Faults", "Said", "faults_of", "why"]


class Said(Protocol):
    """What a graph says of the effect, on the estimate's scale; None where it says no number."""

    @property
    def mean(self) -> float | None:
        """Its middle."""
        ...

    @property
    def q05(self) -> float | None:
        """Where its 90 % interval begins."""
        ...

    @property
    def q95(self) -> float | None:
        """Where it ends."""
        ...


@dataclass(frozen=True)
class Faults:
    """What is wrong with holding a set fixed, by a graph; all names are in the order of the graph's nodes.

    Parameters
    ----------
    left_out : tuple of str
        Observed causes of both.
    unmeasured : tuple of tuple of str
        A latent cause of both, as one name, or the two ends of an arc.
    reverse : bool
        Whether the outcome acts on the treatment.
    mediators, of_mediators : tuple of str
        Held fixed on the way, or what the way acts on.
    outcomes : tuple of str
        Held fixed, and the outcome acts on it.
    common : tuple of str
        Those of ``outcomes`` on which the treatment acts too.
    colliders : tuple of str
        Held fixed, and that opens a path.
    """

    left_out: tuple[str, ...] = ()
    unmeasured: tuple[tuple[str, ...], ...] = ()
    reverse: bool = False
    mediators: tuple[str, ...] = ()
    of_mediators: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    common: tuple[str, ...] = ()
    colliders: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether there is one."""
        return self != Faults()


def faults_of(graph: CausalGraph, treatment: str, outcome: str, adjusts: Iterable[str] = ()) -> Faults:
    """Return what is wrong with reading the effect of a treatment off a comparison that holds a set fixed.

    Parameters
    ----------
    graph : CausalGraph
    treatment, outcome : str
        Two nodes of it.
    adjusts : iterable of str
        Names that the graph does not have are passed over.

    Examples
    --------
    >>> graph = CausalGraph(("z", "x", "m", "y"), (("z", "x"), ("z", "y"), ("x", "m"), ("m", "y")))
    >>> found = faults_of(graph, "x", "y", ["m"])
    >>> found.left_out, found.mediators
    (('z',), ('m',))
    """
    whole, arcs = _with_arcs(graph)
    held = frozenset(adjusts).intersection(graph.nodes) - {treatment, outcome}
    between = nodes_on_directed_paths(graph, treatment, outcome)
    inner = between - {treatment, outcome}
    reverse, _, named = _causes_of_both(whole, treatment, outcome, held)
    outcomes = held & graph.descendants(outcome)
    around = _reached(whole.children, treatment, held | {outcome}, enter=True)
    mediators = held & inner
    open_ways = inner - held
    of_mediators = (held & graph.descendants(*open_ways)) - between - outcomes if open_ways else frozenset()
    aside = outcomes if between else frozenset[str]()
    colliders = frozenset[str]() if reverse else _opened(whole, treatment, outcome, held - aside, between)
    if not between:
        outcomes &= colliders
    colliders -= mediators | of_mediators | outcomes
    order = graph.nodes
    return Faults(
        left_out=tuple(name for name in order if name in named and name not in graph.latents),
        unmeasured=tuple(arcs.get(name, (name,)) for name in whole.nodes if name in named & whole.latents),
        reverse=reverse,
        mediators=_in(order, mediators),
        of_mediators=_in(order, of_mediators),
        outcomes=_in(order, outcomes),
        common=_in(order, outcomes & around),
        colliders=_in(order, colliders),
    )


def why(
    estimate: Estimate,
    structural: Said,
    graph: CausalGraph,
    treatment: str,
    outcome: str,
    title: Callable[[str], str] = str,
    whose: str = "this graph",
) -> str:
    """Return a sentence or two on why a naive estimate differs from what a graph says; that it agrees, where it does.

    Parameters
    ----------
    estimate : Estimate
    structural : Said
        Of the same step, on the same scale: an Effect is one.
    graph : CausalGraph
    treatment, outcome : str
    title : callable
        From a node's name to the words that the user chose for it.
    whose : str
        How the sentence calls the graph: a hypothesis' name.

    Notes
    -----
    The two agree where the middle of either lies in the interval of the other.
    """
    if not estimate.known:
        return sentence(f"{estimate.words} {estimate.note}")
    reasons = _reasons(estimate, graph, (treatment, outcome), title)
    it, say, agree = ("they", "say", "agree") if estimate.kind == "black box" else ("it", "says", "agrees")
    says = _says(estimate.mean, estimate.q05, estimate.q95, estimate.scale)
    if structural.mean is None or structural.q05 is None or structural.q95 is None:
        but = f": {reasons}" if reasons else ", and by its arrows nothing is wrong with what is held fixed"
        return sentence(f"{estimate.words} {say} {says}, {whose} gives no number{but}")
    graphs = _says(structural.mean, structural.q05, structural.q95, estimate.scale)
    agrees = estimate.q05 <= structural.mean <= estimate.q95 or structural.q05 <= estimate.mean <= structural.q95
    if agrees:
        first = sentence(f"{estimate.words} ({says}) {agree} with what {whose} says ({graphs})")
        return f"{first} {sentence(f'{it} need not: {reasons}')}" if reasons else first
    other = reasons or _should_agree(estimate, graph, (treatment, outcome), title)
    return sentence(f"{estimate.words} {say} {says}, {whose} {graphs}: {other}")


def _says(mean: float, low: float, high: float, scale: str) -> str:
    factor = "a factor of " if scale == "ratio" else ""
    return f"{factor}{number(mean)} {interval(low, high)}"


def _reasons(estimate: Estimate, graph: CausalGraph, pair: tuple[str, str], title: Callable[[str], str]) -> str:
    if estimate.instrument is not None:
        return _of_instrument(graph, pair, estimate.instrument, estimate.adjusts, title)
    it = ("they hold", "they leave out") if estimate.kind == "black box" else ("it holds", "it leaves out")
    return _of_set(faults_of(graph, *pair, estimate.adjusts), pair, it, title)


def _should_agree(estimate: Estimate, graph: CausalGraph, pair: tuple[str, str], title: Callable[[str], str]) -> str:
    """Say what is left where the arrows find nothing wrong: form, or the graph itself."""
    treatment, outcome = pair
    if estimate.instrument is not None:
        by = title(estimate.instrument)
        return (
            f"by the arrows {by} is an instrument, so either it speaks of others, those whom it moves, and in a "
            f"straight line, or the graph is wrong to have {by} go with {title(outcome)} by way of {title(treatment)} "
            "alone"
        )
    held = frozenset(estimate.adjusts)
    if strangers := [name for name in estimate.adjusts if name not in graph.nodes]:
        are = "is" if len(strangers) == 1 else "are"
        return f"{_names(strangers, title)} {are} held fixed, of which the graph says nothing"
    form = (
        "trees go in steps, and draw towards the mean what few rows show"
        if estimate.kind == "black box"
        else "here a straight line, there the model's own"
    )
    enough = "what is held fixed is enough by the arrows" if held else "by the arrows nothing need be held fixed"
    denied = [
        name for name in graph.nodes if name in held and d_separated(graph, name, outcome, held - {name} | {treatment})
    ]
    wrong = f", say to deny that {_names(denied, title)} and {title(outcome)} go together" if denied else ""
    return f"{enough}, so the two should agree; either the form differs ({form}), or the graph is wrong{wrong}"


def _of_set(faults: Faults, pair: tuple[str, str], verbs: tuple[str, str], title: Callable[[str], str]) -> str:
    (treatment, outcome), (holds, leaves_out) = map(title, pair), verbs
    parts = []
    if faults.left_out:
        verb = "acts" if len(faults.left_out) == 1 else "act"
        parts.append(f"{leaves_out} {_names(faults.left_out, title)}, which {verb} on both {treatment} and {outcome}")
    for ends in faults.unmeasured:
        if len(ends) == 1:
            parts.append(f"{title(ends[0])}, which nobody measured, acts on both {treatment} and {outcome}")
        else:
            through = "" if set(ends) == set(pair) else f", and through them on {treatment} and {outcome}"
            parts.append(f"something that nobody measured acts on both {_names(ends, title)}{through}")
    if faults.reverse:
        parts.append(f"{outcome} acts on {treatment}, and the comparison has both directions in it")
    if faults.mediators:
        verb = "lies" if len(faults.mediators) == 1 else "lie"
        names = _names(faults.mediators, title)
        parts.append(f"{holds} {names} fixed, which {verb} on the way from {treatment} to {outcome} (a mediator)")
    if faults.of_mediators:
        names = _names(faults.of_mediators, title)
        parts.append(f"{holds} {names} fixed, on which the way from {treatment} to {outcome} leaves its mark")
    alone = tuple(name for name in faults.outcomes if name not in faults.common)
    if faults.common:
        names = _names(faults.common, title)
        parts.append(f"{holds} {names} fixed, on which both {treatment} and {outcome} act (a collider)")
    if alone:
        parts.append(f"{holds} {_names(alone, title)} fixed, on which {outcome} acts")
    if faults.colliders:
        names = _names(faults.colliders, title)
        parts.append(
            f"{holds} {names} fixed, where what goes with {treatment} and what goes with {outcome} meet "
            "(a collider), and so ties the two together"
        )
    return "; ".join(parts)


def _of_instrument(
    graph: CausalGraph, pair: tuple[str, str], instrument: str, given: Collection[str], title: Callable[[str], str]
) -> str:
    treatment, outcome = pair
    if instrument not in graph.nodes:
        return f"the graph says nothing of {title(instrument)}"
    whole, _ = _with_arcs(graph)
    held = frozenset(given).intersection(graph.nodes) - {treatment, outcome, instrument}
    parts = []
    if caused := held & graph.descendants(treatment):
        names = _names(_in(graph.nodes, caused), title)
        parts.append(f"it holds {names} fixed, on which {title(treatment)} acts")
    if d_separated(whole, instrument, treatment, held):
        parts.append(f"by the arrows {title(instrument)} does not go with {title(treatment)}, so it is no instrument")
    cut = _without_ways(whole, treatment, nodes_on_directed_paths(graph, treatment, outcome))
    if not d_separated(cut, instrument, outcome, held):
        past = outcome in _reached(whole.children, instrument, held | {treatment})
        how = f"acts on {title(outcome)}" if past else f"goes with {title(outcome)}"
        parts.append(f"by the arrows {title(instrument)} {how} other than by way of {title(treatment)}")
    return "; ".join(parts)


def _with_arcs(graph: CausalGraph) -> tuple[CausalGraph, dict[str, tuple[str, ...]]]:
    """Return the graph with a latent node for each arc, last in order, and the ends of each."""
    arcs: dict[str, tuple[str, ...]] = {}
    for a, b in graph.bidirected:
        name = f"{a} <-> {b}"
        while name in graph.nodes:
            name += "'"
        arcs[name] = (a, b)
    if not arcs:
        return graph, arcs
    edges = [(name, end) for name, ends in arcs.items() for end in ends]
    return CausalGraph((*graph.nodes, *arcs), (*graph.edges, *edges), (), graph.latents | frozenset(arcs)), arcs


def _reached(
    near: Callable[[str], Iterable[str]], start: str, closed: Collection[str], enter: bool = False
) -> frozenset[str]:
    """Return where steps from a node lead without passing ``closed``; ``enter``: its members may be a last step."""
    found: set[str] = set()
    todo = [start]
    while todo:
        for name in near(todo.pop()):
            if name in found or name == start or (name in closed and not enter):
                continue
            found.add(name)
            if name not in closed:
                todo.append(name)
    return frozenset(found)


def _causes_of_both(
    whole: CausalGraph, treatment: str, outcome: str, held: frozenset[str]
) -> tuple[bool, frozenset[str], frozenset[str]]:
    """Return whether the outcome acts on the treatment, all causes of both, and those that no other stands before.

    All of it by paths that are clear of what is held.
    """
    into_x = _reached(whole.parents, treatment, held | {outcome}, enter=True) - held
    into_y = _reached(whole.parents, outcome, held | {treatment})
    causes = (into_x & into_y) - {outcome}
    closed = held | causes
    first_x = _reached(whole.parents, treatment, closed | {outcome}, enter=True)
    first_y = _reached(whole.parents, outcome, closed | {treatment}, enter=True)
    return outcome in into_x, causes, causes & first_x & first_y


def _without_ways(whole: CausalGraph, treatment: str, between: frozenset[str]) -> CausalGraph:
    return whole.replace_edges((a, b) for a, b in whole.edges if a != treatment or b not in between)


def _opened(
    whole: CausalGraph, treatment: str, outcome: str, held: frozenset[str], between: frozenset[str]
) -> frozenset[str]:
    """Return the members of what is held that open a path which would be closed without them."""
    cut = _without_ways(whole, treatment, between)

    def closed(members: frozenset[str]) -> bool:
        causes = _causes_of_both(whole, treatment, outcome, members)[1]
        return d_separated(cut, treatment, outcome, members | causes)

    if closed(held):
        return frozenset()
    for size in (1, 2):
        if found := [frozenset(part) for part in combinations(sorted(held), size) if closed(held - set(part))]:
            return frozenset().union(*found)
    rest = held | _causes_of_both(whole, treatment, outcome, held)[1]
    return frozenset(
        name for name in held if not any(d_separated(cut, name, end, rest - {name}) for end in (treatment, outcome))
    )


def _in(order: Iterable[str], names: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in order if name in names)


def _names(names: Iterable[str], title: Callable[[str], str]) -> str:
    return joined(title(name) for name in names)
