"""The evidence of rival hypotheses on resampled data sets, from their blocks."""

import hashlib
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.fit.resampled import resampled_evidence
from core.fit.resamples import RESAMPLES, Resamples
from core.fit.result import BlockFit
from core.memory import Memory
from core.model.design import block_data
from core.study.planning import Plan

__all__ = ["Bag", "bag"]

FloatArray = NDArray[np.float64]


class Bag:
    """Log evidence on B resampled data sets, less what all hypotheses share.

    Parameters
    ----------
    evidence : mapping of str to mapping of str to array, shape (B,)
        By hypothesis and node, of the nodes whose block is not the same in all hypotheses; the
        others cancel in every probability.
    count : int
        B.
    """

    def __init__(self, evidence: Mapping[str, Mapping[str, FloatArray]], count: int) -> None:
        self._evidence, self.count = evidence, count

    def of(self, names: Sequence[str], nodes: Collection[str] | None = None) -> tuple[FloatArray, ...]:
        """Return the log evidence of each hypothesis, shape (B,), over some nodes (all unless given)."""
        return tuple(
            sum(
                (found for node, found in self._evidence[name].items() if nodes is None or node in nodes),
                np.zeros(self.count),
            )
            for name in names
        )


def bag(
    plan: Plan,
    fits: Mapping[str, BlockFit],
    memory: Memory,
    count: int = RESAMPLES,
    clusters: NDArray[np.intp] | None = None,
) -> Bag:
    """Return the evidence of a plan's hypotheses on ``count`` resampled data sets.

    Parameters
    ----------
    plan : Plan
        Its seed and its number of rows alone say which rows are drawn.
    fits : mapping of str to BlockFit
    memory : Memory
        Each block's are kept there under its content key: a redrawn arrow costs its own block.
    clusters : array of int, shape (N,), optional
        Rows that are drawn together.
    """
    differ = [node for node in plan.order if len({keys.get(node) for keys in plan.keys.values()}) > 1]
    wanted = list(dict.fromkeys(keys[node] for keys in plan.keys.values() for node in differ if node in keys))
    rows = plan.complete.rows

    def compute(missing: list[int]) -> list[FloatArray]:
        resamples = Resamples.of(rows, plan.seed, count, clusters)
        found = []
        for place in missing:
            block, _ = plan.blocks[wanted[place]]
            data = block_data(block.model, plan.complete)  # a plan that travelled to a worker goes without its rows
            found.append(resampled_evidence(block.model, data, fits[block.key], resamples))
            data.forget()
        return found

    together = "" if clusters is None else hashlib.blake2b(clusters.tobytes(), digest_size=16).hexdigest()
    kept = memory.recall_all([("bagged", key, plan.seed, rows, count, together) for key in wanted], compute)
    by_key = dict(zip(wanted, kept, strict=True))
    evidence = {name: {node: by_key[keys[node]] for node in differ if node in keys} for name, keys in plan.keys.items()}
    return Bag(evidence, count)
