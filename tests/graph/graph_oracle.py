"""Slow and simple second methods, written from the definitions, that share no code with ``core.graph``."""

import random
from collections.abc import Iterable, Iterator
from itertools import combinations, pairwise, product

from core.graph.causal_graph import CausalGraph

Step = tuple[str, str, str]  # node, mark of the edge at it, mark at the next node

ASIA = CausalGraph(
    ("asia", "tub", "smoke", "lung", "bronc", "either", "xray", "dysp"),
    (
        ("asia", "tub"),
        ("smoke", "lung"),
        ("smoke", "bronc"),
        ("tub", "either"),
        ("lung", "either"),
        ("either", "xray"),
        ("either", "dysp"),
        ("bronc", "dysp"),
    ),
)


def random_graph(
    rng: random.Random, size: int, density: float, *, arcs: float = 0.0, latents: float = 0.0
) -> CausalGraph:
    """A random acyclic graph whose display order says nothing of its causal order."""
    nodes = [f"v{i}" for i in range(size)]
    order = rng.sample(nodes, size)
    pairs = list(combinations(order, 2))
    return CausalGraph(
        tuple(nodes),
        tuple(pair for pair in pairs if rng.random() < density),
        tuple(pair for pair in pairs if rng.random() < arcs),
        frozenset(name for name in nodes if rng.random() < latents),
    )


def canonical(graph: CausalGraph) -> CausalGraph:
    """The graph of arrows in which every arc is a latent cause of its two ends."""
    extra = [(f"arc {a} {b}", a, b) for a, b in graph.bidirected]
    return CausalGraph(
        graph.nodes + tuple(name for name, _, _ in extra),
        graph.edges + tuple((name, end) for name, a, b in extra for end in (a, b)),
        (),
        graph.latents | {name for name, _, _ in extra},
    )


def paths(graph: CausalGraph, x: str, y: str) -> Iterator[list[Step]]:
    """Every simple path as steps (node, mark at the node, mark at the next node); marks are > or -."""
    steps: dict[str, list[Step]] = {name: [] for name in graph.nodes}
    for a, b in graph.edges:
        steps[a].append((b, "-", ">"))
        steps[b].append((a, ">", "-"))
    for a, b in graph.bidirected:
        steps[a].append((b, ">", ">"))
        steps[b].append((a, ">", ">"))

    def walk(node: str, seen: frozenset[str], sofar: list[Step]) -> Iterator[list[Step]]:
        if node == y:
            yield [*sofar, (y, "", "")]
            return
        for other, here, there in steps[node]:
            if other not in seen:
                yield from walk(other, seen | {other}, [*sofar, (node, here, there)])

    yield from walk(x, frozenset({x}), [])


def separated(graph: CausalGraph, x: str, y: str, given: Iterable[str]) -> bool:
    """Separation by its definition: every path has a blocked node."""
    given = set(given)
    opened = given | set().union(*(graph.ancestors(name) for name in given)) if given else set()
    for path in paths(graph, x, y):
        open_path = True
        for before, here in pairwise(path[:-1]):
            node, leaving = here[0], here[1]
            collider = before[2] == ">" and leaving == ">"
            if (collider and node not in opened) or (not collider and node in given):
                open_path = False
                break
        if open_path:
            return False
    return True


def all_statements(names: tuple[str, ...]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Every pair with every set of other names."""
    for x, y in combinations(names, 2):
        rest = [name for name in names if name not in (x, y)]
        for size in range(len(rest) + 1):
            for given in combinations(rest, size):
                yield x, y, given


def skeleton_and_colliders(
    graph: CausalGraph,
) -> tuple[frozenset[frozenset[str]], frozenset[tuple[frozenset[str], str]]]:
    """Verma and Pearl's criterion, in words of sets of names."""
    skeleton = frozenset(frozenset(edge) for edge in graph.edges)
    colliders = frozenset(
        (frozenset((a, b)), child)
        for child in graph.nodes
        for a, b in combinations(graph.parents(child), 2)
        if frozenset((a, b)) not in skeleton
    )
    return skeleton, colliders


def acyclic(size: int, arrows: Iterable[tuple[int, int]]) -> bool:
    """Whether nodes without arrows into them can be taken away until none is left."""
    left, arrows = set(range(size)), list(arrows)
    while left:
        free = [node for node in left if not any(b == node and a in left for a, b in arrows)]
        if not free:
            return False
        left -= set(free)
    return True


def orientations(graph: CausalGraph) -> Iterator[CausalGraph]:
    """Every acyclic graph with the same adjacencies."""
    number = {name: i for i, name in enumerate(graph.nodes)}
    for turns in product((False, True), repeat=len(graph.edges)):
        edges = [(b, a) if turn else (a, b) for (a, b), turn in zip(graph.edges, turns, strict=True)]
        if acyclic(len(number), [(number[a], number[b]) for a, b in edges]):
            yield CausalGraph(graph.nodes, tuple(edges))


def brute_class(graph: CausalGraph) -> set[CausalGraph]:
    """Every acyclic graph with the same adjacencies and unshielded colliders."""
    wanted = skeleton_and_colliders(graph)
    return {member for member in orientations(graph) if skeleton_and_colliders(member) == wanted}


def graphoid_closure(
    names: tuple[str, ...], statements: Iterable[tuple[str, str, Iterable[str]]]
) -> set[tuple[frozenset[str], frozenset[str]]]:
    """What the listed statements imply by the rules that hold for any positive, e.g. Gaussian, faithful distribution.

    Symmetry, decomposition, weak union, contraction, intersection and composition, on
    statements between single variables: a and b given S gives, with a and c given S + b,
    both a and b given S + c and a and c given S (contraction, weak union, intersection),
    and from a, b given S and a, c given S both with the other added (composition).
    """
    known = {(frozenset((x, y)), frozenset(given)) for x, y, given in statements}
    grown = True
    while grown:
        grown = False
        for pair, given in list(known):
            for a in pair:
                (b,) = pair - {a}
                for c in set(names) - pair - given:
                    other = frozenset((a, c))
                    both_after = {(pair, given | {c}), (other, given | {b})}
                    if ((other, given) in known or (other, given | {b}) in known) and not (
                        {*both_after, (other, given)} <= known
                    ):
                        known |= {*both_after, (other, given)}
                        grown = True
                for c in given:
                    other, less = frozenset((a, c)), given - {c}
                    if (other, less | {b}) in known and (pair, less) not in known:
                        known |= {(pair, less), (other, less)}
                        grown = True
    return known
