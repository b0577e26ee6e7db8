"""A fitted hypothesis with the rows, the draws and the noise on which actions are played.

The noise of a node is one draw a row and draw of its parameters, at places that are spread evenly over the rows
(:mod:`core.effects.evenly`), so that an average over rows has far less noise than that of rows which are drawn one by
one.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from core.effects.evenly import Evenly
from core.families import get_family
from core.families.base import Draws
from core.graph.causal_graph import CausalGraph
from core.memory import Memory
from core.model.spec import ModelSpec, NodeModel

__all__ = ["MEDIAN_ROWS", "Stage", "staged"]

FloatArray = NDArray[np.float64]
T = TypeVar("T")

MEDIAN_ROWS = 25
_MOST_KEPT = 64_000_000  # bytes of drawn nodes, a hypothesis


@dataclass(frozen=True, eq=False)
class Stage:
    """A fitted hypothesis with the rows on which actions are played.

    Parameters
    ----------
    graph : CausalGraph
    spec : ModelSpec
    parameters : mapping of str to draws
        S draws of each node's parameters, draw index first.
    raw : mapping of str to array, shape (R,)
        The rows, and where something carries over their earlier values.
    seed : int
        Of the noise.
    shared : bool
        Whether a row's noise is the same in every draw. Then averages over rows differ between draws by what the
        parameters leave open alone, which is what risk is about; what so few rows' noise adds is the same for all.
    memory : Memory
        Where drawn nodes and noise are kept: worlds that differ in something else share them, and so do stages of the
        same ``key``, so that a slider that is moved at one end draws one world anew.
    key : hashable
        What tells these draws and rows from others that are kept in the same memory.
    all_rows : mapping of str to array, shape (N,), or None
        Where ``raw`` are some rows of many: all of them, which averages are to be over (:mod:`core.effects.all_rows`).
    entire : bool
        Whether every row is played, whatever that takes.
    """

    graph: CausalGraph
    spec: ModelSpec
    parameters: Mapping[str, Draws]
    raw: Mapping[str, FloatArray]
    seed: int = 0
    shared: bool = False
    memory: Memory = field(default_factory=partial(Memory, _MOST_KEPT), repr=False)
    key: Hashable = None
    all_rows: Mapping[str, FloatArray] | None = None
    entire: bool = False

    @property
    def draws(self) -> int:
        """S."""
        return len(next(iter(next(iter(self.parameters.values())).values())))

    @property
    def rows(self) -> int:
        """R."""
        return len(next(iter(self.raw.values())))

    def fewer(self, order: NDArray[np.intp]) -> "Stage":
        """Return the same on fewer rows, evenly spread in an order, (R,), where each is drawn many times."""
        places = order[((np.arange(MEDIAN_ROWS) + 0.5) * self.rows / MEDIAN_ROWS).astype(np.intp)]
        rows = {name: values[places] for name, values in self.raw.items()}
        return replace(self, raw=rows, all_rows=None, key=(self.key, "fewer", tuple(places.tolist())))

    def drawn(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Return what was found of a node in a world before, by all that it hangs on; the least recent go first.

        Worlds that differ in something else share it: of a hundred prices at one budget, visits are drawn once.
        """
        return self.memory.recall(("drawn", self.key, self.seed, key), compute)

    def noise(self, model: NodeModel, repeats: int, *, apart: bool = False) -> FloatArray:
        """Return a node's own noise, the same in every world, shape (S, R * repeats).

        It hangs on the node's name and the seed alone: what stands elsewhere in the graph does not change a digit.
        With ``apart`` each row's is drawn by itself, as single rows are looked at; else evenly over the rows.
        """
        key = "noise", self.key, self.seed, model.node, repeats, apart
        return self.memory.recall(key, partial(self._noise, model, repeats, apart))

    def _noise(self, model: NodeModel, repeats: int, apart: bool) -> FloatArray:
        family = get_family(model.family)
        seeds = np.random.SeedSequence([self.seed, 31, crc32(model.node.encode()), repeats])
        aux, many = family.aux(self.parameters[model.node]), self.rows * repeats

        def generator() -> np.random.Generator:
            bits = np.random.PCG64(seeds)
            return np.random.Generator(bits) if apart else Evenly(bits, self.rows)

        if self.shared:
            each = [{name: values[s : s + 1] for name, values in aux.items()} for s in range(self.draws)]
            return np.concatenate([family.noise(own, (1, many), generator()) for own in each])
        return family.noise(aux, (self.draws, many), generator())


def staged(
    graph: CausalGraph,
    spec: ModelSpec,
    parameters: Mapping[str, Draws],
    raw: Mapping[str, FloatArray],
    *,
    draws: int = 1000,
    rows: int = 200,
    seed: int = 0,
    shared: bool = False,
    memory: Memory | None = None,
    key: Hashable = None,
    over_all: bool = False,
) -> Stage:
    """Return a hypothesis ready to be acted on, on some of its draws and rows.

    Parameters
    ----------
    graph, spec, parameters
        As fitted.
    raw : mapping of str to array, shape (N,)
        Complete rows.
    draws, rows : int
        How many are kept at most: draws evenly spread, rows by lot. Where something carries over, the first rows in
        their order, since a row needs those before it.
    seed : int
    shared, memory, key
        See :class:`Stage`; ``key`` tells hypothesis and rows apart, how many draws and rows is added here.
    over_all : bool
        Whether averages are brought to those over all rows.
    """
    many = len(next(iter(raw.values())))
    carrying = any(term.earlier for model in spec.nodes for term in model.terms)
    if many <= rows:
        kept = np.arange(many)
    elif carrying:
        kept = np.arange(rows)
    else:
        kept = np.sort(np.random.default_rng([seed, 37]).choice(many, rows, replace=False))
    some = {}
    for node, own in parameters.items():
        total = len(next(iter(own.values())))
        chosen = np.floor((np.arange(min(draws, total)) + 0.5) * total / min(draws, total)).astype(np.intp)
        some[node] = {name: values[chosen] for name, values in own.items()}
    chosen_rows = {name: values[kept] for name, values in raw.items()}
    whole = (key, draws, rows, shared)
    kept_in = Memory(_MOST_KEPT) if memory is None else memory
    every = raw if over_all and many > rows else None
    return Stage(graph, spec, some, chosen_rows, seed, shared, kept_in, whole, every)
