"""An effect in a graph of discrete nodes as a linear programme over how units respond.

Given its observed parents a node is a function of them, and which function it is, its response, is up to what nobody
measured (Balke & Pearl 1997). Responses of nodes that no chain of arcs joins are independent. So with C the parts
that arcs join (c-components) the joint distribution of the nodes and that of the nodes once X is set are products

    P(v) = prod_C Q_C(v),   P(v | do x) = prod_C Q_(C less X)(v),   Q_W(v) = sum_r q_C(r) 1[r gives v_W],

and Q_C is known from the rows (Tian & Pearl 2002, lemma 1): prod of P(v_i | what precedes it in its part, and the
parents of those). Only ancestors of Y matter, and of them, once X is set, only those with a way to Y that is not
through X; call these D. In a part without X, C and D is closed under ancestors, so that Q of it is a sum of Q_C: a
known number. What is not known is linear in q_S alone, S being the part that X is in. So with a single treatment the
programme is always linear: maximise or minimise c'q over A q = Q_S(v), sum q = 1, q >= 0.

It is exact where one unmeasured cause may act on all of S. Where S has three nodes or more and its arcs stand for
causes of two each, which are independent, the bounds hold and may be wider than need be (Duarte et al. 2024; Sachs et
al. 2023 on when a programme of this kind is linear).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from math import prod

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from core.errors import NotYetError
from core.graph.causal_graph import CausalGraph
from core.graph.projection import components

__all__ = ["MOST_CELLS", "MOST_RESPONSES", "Programme", "programme_of"]

FloatArray = NDArray[np.float64]
Places = NDArray[np.intp]
Functions = Mapping[str, Places]

MOST_CELLS = 4096
"""Combinations of levels of the nodes that matter; more is refused."""

MOST_RESPONSES = 50_000
"""Unknowns of the programme: ways in which the nodes that arcs join can respond together; more is refused."""


@dataclass(frozen=True, eq=False)
class Programme:
    """What is known of the unknowns q, shape (R,), and what is asked.

    Parameters
    ----------
    known : sparse matrix, shape (M, R)
    share : array, shape (M,)
        ``known @ q`` is this.
    chances : array, shape (L, K, R + 1)
        The chance of each of the outcome's K levels once the treatment has each of its L: ``[..., :R] @ q`` plus
        ``[..., R]``; ``nan`` where a chance that it needs was never seen.
    joined : tuple of str
        S, in the order of the graph.
    """

    known: sparse.csr_array
    share: FloatArray
    chances: FloatArray
    joined: tuple[str, ...]


def programme_of(graph: CausalGraph, joint: FloatArray, treatment: str, outcome: str) -> Programme:
    """Return the programme.

    Parameters
    ----------
    graph : CausalGraph
        Without latents; ``treatment`` is an ancestor of ``outcome``.
    joint : array, one axis a node, in the order of the nodes
        Shares of each combination of levels.

    Raises
    ------
    NotYetError
        Over :data:`MOST_CELLS` or :data:`MOST_RESPONSES`.
    """
    matter = graph.ancestors(outcome) | {outcome}
    names = tuple(name for name in graph.topological_order if name in matter)
    where = {name: place for place, name in enumerate(graph.nodes)}
    aside = tuple(where[name] for name in graph.nodes if name not in matter)
    kept = [name for name in graph.nodes if name in matter]
    shares = np.transpose(joint.sum(axis=aside), [kept.index(name) for name in names])
    if shares.size > MOST_CELLS:
        raise NotYetError(
            f"the nodes that matter for it have {shares.size:,} combinations of levels, over {MOST_CELLS:,}",
            hint="Join levels that are alike, or ask of a smaller graph.",
        )
    table = _Table(graph, names, shares)
    open_ways = graph.replace_edges((a, b) for a, b in graph.edges if treatment not in (a, b))
    after = open_ways.ancestors(outcome) | {outcome}
    weight = np.ones(shares.shape)
    joined: tuple[str, ...] = ()
    for part in components(graph, matter):
        if treatment in part:
            joined = tuple(name for name in names if name in part)
        elif part & after:
            weight = _times(weight, table.factor(part, part & after))
    return _assembled(table, joined, weight, after, (treatment, outcome))


class _Table:
    """Shares by the nodes that matter, causes first, and what follows from them."""

    def __init__(self, graph: CausalGraph, names: tuple[str, ...], shares: FloatArray) -> None:
        self.graph, self.names, self.shares = graph, names, shares
        self.sizes = dict(zip(names, shares.shape, strict=True))

    def marginal(self, names: frozenset[str]) -> FloatArray:
        """Return the shares by some nodes; the other axes have length 1."""
        aside = tuple(place for place, name in enumerate(self.names) if name not in names)
        return np.asarray(self.shares.sum(axis=aside, keepdims=True))

    def factor(self, part: frozenset[str], kept: frozenset[str]) -> FloatArray:
        """Return Q of some nodes of a part, closed under ancestors in it; ``nan`` where it was never seen."""
        found = np.ones((1,) * len(self.names))
        for place, name in enumerate(self.names):
            if name in part:
                found = _times(found, self._given_before(name, place))
        summed = part - kept
        found = found.sum(axis=self._axes(summed), keepdims=True)
        # The rest says nothing of them by the graph; where the rows say otherwise, they are averaged.
        needed = kept.union(*(self.graph.parents(name) for name in kept))
        aside = self._axes(frozenset(self.names) - needed - summed)
        if not any(found.shape[axis] > 1 for axis in aside):
            return found
        share = self.marginal(frozenset(self.names) - needed - summed)
        return np.where(share > 0, found * share, 0.0).sum(axis=aside, keepdims=True)

    def _axes(self, names: frozenset[str]) -> tuple[int, ...]:
        return tuple(place for place, name in enumerate(self.names) if name in names)

    def _given_before(self, name: str, place: int) -> FloatArray:
        before = frozenset(self.names[: place + 1])
        near = next(part for part in components(self.graph, before) if name in part)
        with_parents = near.union(*(self.graph.parents(one) for one in near))
        both, given = self.marginal(with_parents), self.marginal(with_parents - {name})
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(given > 0, both / given, np.nan)


def _times(a: FloatArray, b: FloatArray) -> FloatArray:
    """Multiply; nothing of what is never seen counts where the other factor is nothing."""
    a, b = np.broadcast_arrays(a, b)
    return np.where((a == 0) | (b == 0), 0.0, a * b)


def _assembled(
    table: _Table, joined: tuple[str, ...], weight: FloatArray, after: frozenset[str], pair: tuple[str, str]
) -> Programme:
    """Write the programme of the part that the treatment is in."""
    functions = _functions(table, joined)
    count = prod(len(functions[name]) for name in joined)

    def which(cell: Mapping[str, int], names: frozenset[str]) -> Places:
        """Return the responses that give the cell's levels of some of the nodes."""
        each = []
        for name in joined:
            options = functions[name]
            if name in names:
                parents = table.graph.parents(name)
                at = _place(tuple(cell[one] for one in parents), tuple(table.sizes[one] for one in parents))
                each.append(options[:, at] == cell[name])
            else:
                each.append(np.ones(len(options), dtype=bool))
        return np.flatnonzero(reduce(lambda a, b: np.logical_and.outer(a, b).ravel(), each))

    part = frozenset(joined)
    seen = part.union(*(table.graph.parents(name) for name in joined))
    share = table.factor(part, part)
    rows, shares = [np.arange(count)], [1.0]
    for cell in _cells(table, seen):
        value = share[_index(table, cell, share.shape)]
        if np.isfinite(value):
            rows.append(which(cell, part))
            shares.append(float(value))
    ends = np.cumsum([0, *(len(row) for row in rows)])
    places = np.concatenate(rows)
    known = sparse.csr_array((np.ones(len(places)), places, ends), shape=(len(rows), count))
    chances = _chances(table, (weight, after, pair), part & after, count, which)
    return Programme(known, np.array(shares), chances, joined)


def _chances(
    table: _Table,
    asked: tuple[FloatArray, frozenset[str], tuple[str, str]],
    unknown: frozenset[str],
    count: int,
    which: Callable[[Mapping[str, int], frozenset[str]], Places],
) -> FloatArray:
    weight, after, (treatment, outcome) = asked
    found = np.zeros((table.sizes[treatment], table.sizes[outcome], count + 1))
    # Causes of the treatment alone do not matter once it is set, nor do factors depend on them.
    for cell in _cells(table, after | {treatment}):
        by = weight[_index(table, cell, weight.shape)]
        if by == 0.0:
            continue
        found[cell[treatment], cell[outcome], which(cell, unknown) if unknown else -1] += by
    return found


def _functions(table: _Table, joined: tuple[str, ...]) -> Functions:
    """Return all functions of each node's parents, shape (functions, cells of the parents)."""
    found: dict[str, Places] = {}
    count = 1
    for name in joined:
        cells = prod(table.sizes[one] for one in table.graph.parents(name))
        count *= table.sizes[name] ** cells
        if count > MOST_RESPONSES:
            raise NotYetError(
                f"the nodes that unmeasured causes join can respond in over {MOST_RESPONSES:,} ways",
                place=f"node {name}",
                hint="Join levels that are alike, or drop arrows or arcs that do not matter for the question.",
            )
        numbers = np.arange(table.sizes[name] ** cells)
        found[name] = numbers[:, None] // table.sizes[name] ** np.arange(cells) % table.sizes[name]
    return found


def _place(levels: tuple[int, ...], sizes: tuple[int, ...]) -> int:
    return int(np.ravel_multi_index(levels, sizes)) if sizes else 0


def _cells(table: _Table, names: frozenset[str]) -> list[dict[str, int]]:
    order = [name for name in table.names if name in names]
    return [dict(zip(order, at, strict=True)) for at in np.ndindex(*(table.sizes[name] for name in order))]


def _index(table: _Table, cell: Mapping[str, int], shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(cell.get(name, 0) if size > 1 else 0 for name, size in zip(table.names, shape, strict=True))
