"""A few rows that stand for all, on which many actions are played.

What each row's outcome is expected to be is found once, for all rows, at one action. A lot is spread evenly along it,
so that it has its share of rows that bring little and of rows that bring much (stratified sampling; Cochran 1977,
chapter 5), and by what is left between the lot's average and that of all rows every level is put right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.effects.settings import Setting
from core.effects.worlds import play, staged
from core.families.base import Draws
from core.graph.causal_graph import CausalGraph
from core.model.spec import ModelSpec

__all__ = ["Lot", "Rows", "rows_of"]

FloatArray = NDArray[np.float64]

_CELLS = 40_000  # draws times rows that are played to know what rows are expected to bring
_DRAWS = (4, 50)  # of these, the fewest and the most
_MOST_ROWS = 10_000


@dataclass(frozen=True, eq=False)
class Lot:
    """Some rows, by column, and by how much all rows together bring more than these on average."""

    raw: Mapping[str, FloatArray]
    more: float


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows with what each is expected to bring under one hypothesis.

    Parameters
    ----------
    raw : mapping of str to array, shape (N,)
    expected : array, shape (N,), or None
        At one action; None where it is not known, or rows cannot be drawn since they need those before them.
    """

    raw: Mapping[str, FloatArray]
    expected: FloatArray | None

    def lot(self, rows: int) -> Lot:
        """Return so many rows, spread evenly from those that bring least to those that bring most."""
        if self.expected is None or len(self.expected) <= rows:
            return Lot(self.raw, 0.0)
        ranks = np.argsort(self.expected, kind="stable")
        some = np.sort(ranks[((np.arange(rows) + 0.5) * len(ranks) / rows).astype(np.intp)])
        more = float(self.expected.mean() - self.expected[some].mean())
        return Lot({name: column[some] for name, column in self.raw.items()}, more)


def rows_of(
    graph: CausalGraph,
    spec: ModelSpec,
    parameters: Mapping[str, Draws],
    raw: Mapping[str, FloatArray],
    world: Sequence[Setting],
    outcome: str,
    seed: int,
) -> Rows:
    """Return rows with what each is expected to bring in a world, over some draws.

    Of very many rows a part stands for all, by lot. Parameters as of :func:`core.effects.worlds.staged`.
    """
    if any(term.earlier for model in spec.nodes for term in model.terms):
        return Rows(raw, None)
    many = len(next(iter(raw.values())))
    if many > _MOST_ROWS:
        kept = np.sort(np.random.default_rng([seed, 43]).choice(many, _MOST_ROWS, replace=False))
        raw, many = {name: column[kept] for name, column in raw.items()}, _MOST_ROWS
    draws = int(np.clip(_CELLS // many, *_DRAWS))
    stage = staged(graph, spec, parameters, raw, draws=draws, rows=many, seed=seed + 1)
    expected = play(stage, [world], outcome, medians=False).by_row
    if expected is None or not np.isfinite(expected[0]).all():
        return Rows(raw, None if expected is None else np.asarray(raw[outcome], dtype=np.float64))
    return Rows(raw, expected[0])
