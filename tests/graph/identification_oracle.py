"""Second methods for identification, from the definitions: worlds with numbers, paths and sets one by one."""

import random
from collections.abc import Iterable, Iterator
from itertools import combinations, pairwise

import numpy as np
from graph_oracle import Step, canonical, paths

from core.graph.causal_graph import CausalGraph
from core.graph.expression import Expression, Fraction, Prob, Product, Sum

World = dict[str, np.ndarray]  # a factor a node of the canonical graph, an axis a node


def world(rng: np.random.Generator, graph: CausalGraph) -> World:
    """A random distribution of binary variables for each node given its causes; arcs are causes too."""
    whole = canonical(graph)
    place = {name: axis for axis, name in enumerate(whole.nodes)}
    found = {}
    for name in whole.nodes:
        shape = [1] * len(whole.nodes)
        for parent in whole.parents(name):
            shape[place[parent]] = 2
        chance = rng.uniform(0.05, 0.95, shape)
        found[name] = np.concatenate([1 - chance, chance], axis=place[name])
    return found


def joint(graph: CausalGraph, factors: World, without: Iterable[str] = ()) -> np.ndarray:
    """The product of all factors but those of ``without``, over observed nodes, an axis each."""
    whole = canonical(graph)
    table = np.ones([2] * len(whole.nodes))
    for name, factor in factors.items():
        if name not in set(without):
            table = table * factor
    hidden = tuple(axis for axis, name in enumerate(whole.nodes) if name in whole.latents)
    return table.sum(axis=hidden)


def after_do(graph: CausalGraph, factors: World, treatment: str, outcome: str, given: Iterable[str] = ()) -> np.ndarray:
    """P(outcome | do(treatment), given), all other axes of length one."""
    table = joint(graph, factors, [treatment])
    names = graph.observed
    other = tuple(i for i, name in enumerate(names) if name not in {treatment, outcome, *given})
    table = table.sum(axis=other, keepdims=True)
    return table / table.sum(axis=names.index(outcome), keepdims=True)


def value(expression: Expression, names: tuple[str, ...], table: np.ndarray, *others: np.ndarray) -> np.ndarray:
    """The value of an expression on a joint distribution; axes on which it does not depend have length one.

    ``others`` are the same where the treatment was set, and where the answer is to be used.
    """
    match expression:
        case Prob(of, given, set_to, target):
            table = others[1] if target else others[0] if set_to else table
            axes = [i for i, name in enumerate(names) if name not in of | given | set_to]
            above = table.sum(axis=tuple(axes), keepdims=True)
            return above / above.sum(axis=tuple(names.index(name) for name in of), keepdims=True)
        case Product(factors):
            found = np.ones([1] * len(names))
            for factor in factors:
                found = found * value(factor, names, table, *others)
            return found
        case Sum(over, body):
            inner = value(body, names, table, *others)
            assert all(inner.shape[names.index(name)] > 1 for name in over), "a sum over nothing"
            return inner.sum(axis=tuple(names.index(name) for name in over), keepdims=True)
        case Fraction(above, below):
            return value(above, names, table, *others) / value(below, names, table, *others)


def subsets(names: Iterable[str]) -> Iterator[frozenset[str]]:
    """All sets, smaller ones first."""
    names = list(names)
    for size in range(len(names) + 1):
        yield from map(frozenset, combinations(names, size))


def minimal(sets: Iterable[frozenset[str]]) -> set[frozenset[str]]:
    """Those that hold no other; sets come smaller ones first."""
    found: list[frozenset[str]] = []
    for one in sets:
        if not any(other <= one for other in found):
            found.append(one)
    return set(found)


def open_path(graph: CausalGraph, path: list[Step], given: frozenset[str]) -> bool:
    """Whether a path is open, by the rule on colliders."""
    opened = given | graph.ancestors(*given) if given else given
    for before, here in pairwise(path[:-1]):
        node = here[0]
        if before[2] == ">" and here[1] == ">":
            if node not in opened:
                return False
        elif node in given:
            return False
    return True


def is_causal(path: list[Step]) -> bool:
    return all(step[1] == "-" and step[2] == ">" for step in path[:-1])


def is_adjustment(graph: CausalGraph, every: list[list[Step]], x: str, y: str, given: frozenset[str]) -> bool:
    """The adjustment criterion in words of paths: no forbidden node, every path that is not causal blocked."""
    on_the_way = {step[0] for path in every if is_causal(path) for step in path} - {x}
    if given & (on_the_way | graph.descendants(*on_the_way)):
        return False
    return not any(open_path(graph, path, given) for path in every if not is_causal(path))


def adjustment_by_paths(graph: CausalGraph, x: str, y: str) -> set[frozenset[str]]:
    every = list(paths(graph, x, y))
    rest = [name for name in graph.observed if name not in (x, y)]
    return minimal(given for given in subsets(rest) if is_adjustment(graph, every, x, y, given))


def random_question(rng: random.Random, graph: CausalGraph) -> tuple[str, str] | None:
    """Two observed nodes, the first more often than not a cause of the second."""
    pairs = [(a, b) for a in graph.observed for b in graph.observed if a != b]
    causes = [(a, b) for a, b in pairs if b in graph.descendants(a)]
    if not pairs:
        return None
    return rng.choice(causes) if causes and rng.random() < 0.85 else rng.choice(pairs)


def linear_world(rng: np.random.Generator, graph: CausalGraph) -> tuple[dict[tuple[str, str], float], np.ndarray]:
    """A random linear model: a slope an arrow, and the covariance of the graph's nodes."""
    whole = canonical(graph)
    place = {name: i for i, name in enumerate(whole.nodes)}
    slopes = {edge: float(rng.choice((-1, 1)) * rng.uniform(0.3, 1.5)) for edge in whole.edges}
    weights = np.zeros((len(place), len(place)))
    for (a, b), slope in slopes.items():
        weights[place[b], place[a]] = slope
    spread = np.linalg.inv(np.eye(len(place)) - weights)
    covariance = spread @ np.diag(rng.uniform(0.5, 2.0, len(place))) @ spread.T
    known = len(graph.nodes)
    return slopes, covariance[:known, :known]


def total_slope(graph: CausalGraph, slopes: dict[tuple[str, str], float], x: str, y: str) -> float:
    """The sum over directed paths of the product of their slopes."""
    if x == y:
        return 1.0
    return sum(slopes[x, child] * total_slope(graph, slopes, child, y) for child in graph.children(x))


def partial(graph: CausalGraph, covariance: np.ndarray, a: str, b: str, given: Iterable[str]) -> float:
    """The covariance of two nodes given others."""
    i, j, rest = graph.nodes.index(a), graph.nodes.index(b), [graph.nodes.index(name) for name in given]
    if not rest:
        return float(covariance[i, j])
    held = np.linalg.solve(covariance[np.ix_(rest, rest)], covariance[rest, j])
    return float(covariance[i, j] - covariance[i, rest] @ held)


def graph_of(nodes: str, arrows: str, arcs: str = "", latents: str = "") -> CausalGraph:
    """A graph as it is written in the files of answers: ``"a>b b>c"``, ``"a<>c"``."""
    return CausalGraph(
        tuple(nodes.split()),
        tuple((a, b) for a, b in (arrow.split(">") for arrow in arrows.split())),
        tuple((a, b) for a, b in (arc.split("<>") for arc in arcs.split())),
        frozenset(latents.split()),
    )
