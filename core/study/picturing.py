"""What pictures need beside the facts, gathered hypothesis by hypothesis, so that the replicates can go."""

import numpy as np
from numpy.typing import NDArray

from core.check.tested import Observed, Replicates
from core.comparison.result import Pictures
from core.fit.result import Fit
from core.memory import Memory

__all__ = ["Gallery"]

_ROWS = 1_000
_REPLICATES = 50
_SCORED_ROWS = 20_000


class Gallery:
    """A part of each hypothesis' replicates, and row-wise scores.

    Parameters
    ----------
    observed : Observed
    memory : Memory
        What two hypotheses draw alike is taken once.
    """

    def __init__(self, observed: Observed, memory: Memory) -> None:
        self._observed, self._memory = observed, memory
        self._places: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self._rows: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self._replicated: dict[str, dict[str, NDArray[np.float32]]] = {}
        self._scores: dict[str, NDArray[np.float32]] = {}

    def keep(self, name: str, fit: Fit, replicates: Replicates) -> None:
        """Take a part of one hypothesis' replicates, and its row-wise scores."""
        rows = np.arange(self._observed.rows) if replicates.rows is None else replicates.rows
        self._places = _spread(len(rows), _ROWS)
        self._rows = rows[self._places]
        few = _spread(replicates.count, _REPLICATES)
        drawn = [model.node for model in fit.spec.nodes]  # what is conditioned on is no draw
        self._replicated[name] = {node: self._few_of(replicates, node, few) for node in drawn}
        for block in fit.blocks.values():
            if block.key not in self._scores and len(block.elpd_i) <= _SCORED_ROWS:
                self._scores[block.key] = block.elpd_i.astype(np.float32)

    def _few_of(self, replicates: Replicates, node: str, few: NDArray[np.intp]) -> NDArray[np.float32]:
        def take() -> NDArray[np.float32]:
            return replicates.raw[node][few][:, self._places].astype(np.float32)

        return self._memory.recall(("pictured", replicates.digests[node]), take)

    def pictures(self) -> Pictures:
        """Return what was gathered."""
        observed = {node: values[self._rows] for node, values in self._observed.raw.items()}
        return Pictures(observed, self._replicated, self._scores)


def _spread(size: int, most: int) -> NDArray[np.intp]:
    return np.linspace(0, size - 1, min(size, most)).round().astype(np.intp)
