"""Replicated data sets: what each fitted hypothesis would generate, beside what was seen."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from core.check.tested import Observed, Replicates
from core.data.dataset import Dataset
from core.fit.result import Fit
from core.memory import Memory
from core.model.spec import ModelSpec, NodeModel
from core.names import TIME
from core.simulate.ancestral import ancestral
from core.simulate.prior import thin

__all__ = ["CHECK_ROWS", "FEWEST_ROWS", "REPLICATES", "Replicator", "check_rows", "observed_of"]

FloatArray = NDArray[np.float64]

CHECK_ROWS = 10_000
"""Over this many rows, and over fewer where nodes or hypotheses are many, checks by simulation use a random part."""

REPLICATES = 200
"""Data sets drawn from each hypothesis: a two-sided p-value under 0.01 means that none goes as far."""

FEWEST_ROWS = 1_000
"""So many rows, checks by simulation use at least."""

_HELD = 20_000_000  # numbers that the replicates of one hypothesis may take
_DRAWN = 120_000_000  # numbers drawn for all hypotheses, some seconds of work


def observed_of(dataset: Dataset, nodes: tuple[str, ...], of: Dataset | None = None) -> Observed:
    """Return the raw values of the complete rows, and which cells were set.

    Parameters
    ----------
    dataset : Dataset
        The complete rows.
    nodes : tuple of str
    of : Dataset, optional
        The data set that they were taken from, where rows are named by their places in it.
    """
    raw = {node: dataset.values(node) for node in nodes}
    digests = {node: dataset.column_fingerprint(node) for node in nodes}
    places = None if of is None or of.rows == dataset.rows else np.flatnonzero(of.complete(nodes))
    was_set = {node: dataset.was_set(node) for node in nodes} if dataset.set_by_row else {}
    earlier = dataset.before(nodes)
    digests |= {name: dataset.column_fingerprint(name) for name in earlier}
    return Observed(raw, was_set, digests, places, earlier)


def check_rows(rows: int, nodes: int, hypotheses: int) -> int:
    """Return how many of the rows checks by simulation use: what memory and some seconds allow."""
    each = REPLICATES * max(nodes, 1)
    room = min(_HELD // each, _DRAWN // (each * max(hypotheses, 1)))
    return min(rows, CHECK_ROWS, max(FEWEST_ROWS, room))


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
    hypotheses : int
        How many there will be.
    memory : Memory, optional
        Where drawn columns are kept.
    upstream : collection of str
        Columns upstream of the question: what is downstream of them is drawn given their observed
        rows, so that how they are related has no part in it.

    Attributes
    ----------
    rows : array of int, or None
        The rows to stand beside; ``None`` for all.
    """

    def __init__(
        self,
        observed: Observed,
        seed: int,
        hypotheses: int = 1,
        memory: Memory | None = None,
        upstream: Collection[str] = (),
    ) -> None:
        self._seed, self._memory = seed, Memory() if memory is None else memory
        self._upstream, self._observed = frozenset(upstream), observed
        self.rows: NDArray[np.intp] | None = None
        size = check_rows(observed.rows, len(observed.raw), hypotheses)
        if observed.rows > size:
            chosen = np.random.default_rng([seed, 3]).choice(observed.rows, size, replace=False)
            self.rows = np.sort(chosen)
        self._size = observed.rows if self.rows is None else len(self.rows)
        self._set: dict[str, FloatArray] = {}
        for node, was_set in observed.was_set.items():
            if was_set.any():
                values = np.where(was_set, observed.raw[node], np.nan)
                self._set[node] = values if self.rows is None else values[self.rows]

    def replicate(self, fit: Fit) -> Replicates:
        """Draw :data:`REPLICATES` data sets from one hypothesis; what it conditions on is as observed in each."""
        given = frozenset(model.node for model in fit.spec.given)
        seen = self.seen(model.node for model in fit.spec.columns if model.node in self._upstream | given)
        digests = {name: seen.digests[name] for name in given}
        raw = {name: seen.raw[name] for name in given}
        models = {model.node: model for model in fit.spec.columns}
        before = self.seen(self._observed.earlier)
        for model in fit.spec.nodes:
            fixed = seen.raw.keys() if model.node not in self._upstream else given
            above = [seen.digests[parent] if parent in fixed else digests[parent] for parent in model.parents]
            causes = {parent: seen.raw[parent] if parent in fixed else raw[parent] for parent in model.parents}
            # What is drawn carries over as it is drawn, in the order of time; what is given, as it was.
            own = [name for term in model.terms if term.parent in fixed for name in term.earlier]
            causes |= {name: before.raw[name] for name in own}
            causes |= {name: before.raw[name][0] for name in (TIME,) if name in before.raw}
            text = "\n".join([model.node, fit.by_node[model.node].key, str(self._seed), str(self._size), *above])
            digest = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
            digests[model.node] = digest
            draw = partial(self._draw, fit, models, model, causes, digest)
            raw[model.node] = self._memory.recall(("replicates", digest), draw)
        return Replicates(raw, self.rows, digests)

    def seen(self, names: Iterable[str]) -> Replicates:
        """Return observed columns as replicates that are all the same: what is conditioned on."""
        raw, digests = {}, {}
        for name in names:
            values = self._observed.inputs[name]
            values = values if self.rows is None else values[self.rows]
            raw[name] = np.broadcast_to(values, (REPLICATES, self._size))
            column = self._observed.digests.get(name) or hashlib.blake2b(values.tobytes(), digest_size=16).hexdigest()
            rows = "" if self.rows is None else f"{self._seed} {self._size}"
            digests[name] = f"observed {column} {rows}"
        return Replicates(raw, self.rows, digests)

    def downstream(self, replicates: Replicates) -> Replicates:
        """Return replicates with what is upstream of the question as it was observed."""
        seen = self.seen(name for name in replicates.raw if name in self._upstream)
        return Replicates({**replicates.raw, **seen.raw}, self.rows, {**replicates.digests, **seen.digests})

    def _draw(
        self,
        fit: Fit,
        models: Mapping[str, NodeModel],
        model: NodeModel,
        raw: Mapping[str, FloatArray],
        digest: str,
    ) -> FloatArray:
        alone = ModelSpec(fit.spec.name, (model,), given=tuple(models[parent] for parent in model.parents))
        rng = np.random.default_rng([self._seed, int(digest[:15], 16)])
        drawn = ancestral(
            alone,
            {model.node: thin(fit.draws(model.node), REPLICATES)},
            self._size,
            rng,
            do={model.node: self._set[model.node]} if model.node in self._set else None,
            given_raw=raw,
        )
        return np.broadcast_to(drawn[model.node], (REPLICATES, self._size))
