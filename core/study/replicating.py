"""Replicated data sets: what each fitted hypothesis would generate, beside what was seen."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from core.check.independence import Observed, Replicates
from core.data.dataset import Dataset
from core.fit.result import Fit
from core.model.spec import ModelSpec, NodeModel
from core.simulate.ancestral import ancestral
from core.simulate.prior import thin

__all__ = ["CHECK_ROWS", "REPLICATES", "Replicator", "observed_of"]

FloatArray = NDArray[np.float64]

CHECK_ROWS = 10_000
"""Over this many rows, checks by simulation use a random part of them."""

REPLICATES = 200
"""Data sets drawn from each hypothesis: a two-sided p-value under 0.01 means that none goes as far."""

_KEPT = 25_000_000  # numbers held for hypotheses to come


def observed_of(dataset: Dataset, nodes: tuple[str, ...]) -> Observed:
    """Return the raw values of the complete rows, and which cells were set."""
    raw = {node: dataset.values(node) for node in nodes}
    if not dataset.set_by_row:
        return Observed(raw)
    return Observed(raw, {node: dataset.was_set(node) for node in nodes})


class Replicator:
    """Draws data sets from the posterior predictive of rival hypotheses.

    A node's draws depend on its own block and on those of its ancestors, and its random
    numbers on these and the seed alone. So what two hypotheses say alike they generate
    alike, to the last digit, and it is drawn once.

    Parameters
    ----------
    observed : Observed
        Cells that were set by intervention stay as they were set.
    seed : int

    Attributes
    ----------
    rows : array of int, or None
        The rows to stand beside; ``None`` for all.
    """

    def __init__(self, observed: Observed, seed: int) -> None:
        self._seed = seed
        self.rows: NDArray[np.intp] | None = None
        if observed.rows > CHECK_ROWS:
            chosen = np.random.default_rng([seed, 3]).choice(observed.rows, CHECK_ROWS, replace=False)
            self.rows = np.sort(chosen)
        self._size = observed.rows if self.rows is None else len(self.rows)
        self._set: dict[str, FloatArray] = {}
        for node, was_set in observed.was_set.items():
            if was_set.any():
                values = np.where(was_set, observed.raw[node], np.nan)
                self._set[node] = values if self.rows is None else values[self.rows]
        self._drawn: dict[str, FloatArray] = {}

    def replicate(self, fit: Fit) -> Replicates:
        """Draw :data:`REPLICATES` data sets from one hypothesis."""
        digests: dict[str, str] = {}
        raw: dict[str, FloatArray] = {}
        for model in fit.spec.nodes:
            above = [digests[parent] for parent in model.parents]
            text = "\n".join([model.node, fit.blocks[model.node].key, *above])
            digest = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
            digests[model.node] = digest
            if digest in self._drawn:
                raw[model.node] = self._drawn[digest]
                continue
            raw[model.node] = self._draw(fit, model, raw, digest)
            if (len(self._drawn) + 1) * REPLICATES * self._size <= _KEPT:
                self._drawn[digest] = raw[model.node]
        return Replicates(raw, self.rows)

    def _draw(self, fit: Fit, model: NodeModel, raw: dict[str, FloatArray], digest: str) -> FloatArray:
        alone = ModelSpec(fit.spec.name, (*(fit.spec.node(parent) for parent in model.parents), model))
        rng = np.random.default_rng([self._seed, int(digest[:15], 16)])
        drawn = ancestral(
            alone,
            {model.node: thin(fit.draws(model.node), REPLICATES)},
            self._size,
            rng,
            do={model.node: self._set[model.node]} if model.node in self._set else None,
            given_raw={parent: raw[parent] for parent in model.parents},
        )
        return np.broadcast_to(drawn[model.node], (REPLICATES, self._size))
