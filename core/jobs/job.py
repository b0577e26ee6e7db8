"""A request as this process works on it, and how far it is."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.data.dataset import Dataset
from core.errors import WhyboardError
from core.fit.result import AnyBlock, AnyData, BlockFit
from core.hypothesis import Hypothesis
from core.jobs.blocks import BlockRun
from core.jobs.status import BlockStatus, RequestStatus, by_hypothesis, share
from core.jobs.turns import Waiter
from core.store.records import LIVE_STATES, BlockRow, Request
from core.study.holding import Basis, answer_keys

__all__ = ["Asked", "Job", "Planned", "basis_of", "status_from_rows", "status_of"]

FIT_SHARE = 0.9  # of a request's progress; the rest is checking and comparing


@dataclass(frozen=True)
class Asked:
    """What was asked for; kept with the request as JSON, so that it can be resumed."""

    hypotheses: tuple[Hypothesis, ...]
    method: str = "auto"
    draws: int = 4000
    seed: int = 0
    effects: tuple[tuple[str, str], ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    confirms: str = ""  # the request whose answer is to be confirmed by NUTS

    @property
    def settings(self) -> dict[str, Any]:
        """All but the hypotheses, as :func:`core.study.plan` and :meth:`core.jobs.JobService.submit` take it."""
        return {
            "effects": self.effects,
            "method": self.method,
            "draws": self.draws,
            "seed": self.seed,
            **self.options,
        }

    def to_payload(self, dataset: Dataset) -> dict[str, Any]:
        """Return the JSON form; its keys say later whether the answer still holds."""
        return {
            "keys": self._keys(dataset),
            "hypotheses": [hypothesis.to_dict() for hypothesis in self.hypotheses],
            "fingerprint": dataset.fingerprint,
            "rows": dataset.rows,
            "source": dataset.source,
            "method": self.method,
            "draws": self.draws,
            "seed": self.seed,
            "effects": [list(pair) for pair in self.effects],
            "options": dict(self.options),
        }

    def _keys(self, dataset: Dataset) -> dict[str, dict[str, str]]:
        try:
            return answer_keys(dataset, self.hypotheses, **self.settings)
        except WhyboardError:  # the request will say so in its own time
            return {}

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> "Asked":
        """Read the JSON form."""
        return cls(
            hypotheses=tuple(Hypothesis.from_dict(record) for record in payload["hypotheses"]),
            method=payload["method"],
            draws=payload["draws"],
            seed=payload["seed"],
            effects=tuple((a, b) for a, b in payload["effects"]),
            options=dict(payload.get("options", {})),
            confirms=str(payload.get("confirms", "")),
        )


def basis_of(payload: Mapping[str, Any], dataset: Dataset) -> Basis:
    """Return what the answer to a request rests on.

    One that was asked before keys were kept has those that its hypotheses have on the same data.
    """
    asked, fingerprint = Asked.from_payload(payload), str(payload["fingerprint"])
    keys = payload.get("keys") or (asked._keys(dataset) if fingerprint == dataset.fingerprint else {})
    return Basis(asked.hypotheses, asked.settings, fingerprint, keys)


@dataclass(frozen=True, eq=False)
class Planned:
    """One block of a plan, and who asks for it under which names."""

    block: AnyBlock
    data: AnyData | None
    nodes: tuple[str, ...]
    hypotheses: tuple[str, ...]


@dataclass(eq=False)
class Job:
    """The working state of one request; written by its own thread only, events aside."""

    id: str
    project: str
    payload: Mapping[str, Any]
    created: float
    dataset: Dataset | None = None
    state: str = "queued"
    stage: str = "waiting"
    planned: Mapping[str, Planned] = field(default_factory=dict)
    fits: dict[str, BlockFit] = field(default_factory=dict)
    runs: dict[str, BlockRun] = field(default_factory=dict)
    cached: Mapping[str, str] = field(default_factory=dict)  # content key to how it was fitted
    weights: Mapping[str, float] = field(default_factory=dict)
    comparing: float = 1.0  # expected seconds of checking and comparing
    errors: tuple[str, ...] = ()
    begun: float = field(default_factory=time.monotonic)
    cancelled: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    ended_at: float | None = None  # time.monotonic()
    written: Mapping[str, BlockRow] = field(default_factory=dict)
    writing: threading.Lock = field(default_factory=threading.Lock)  # what is older is never written later

    @property
    def confirms(self) -> str:
        """The request that this one confirms by NUTS; empty for any other."""
        return str(self.payload.get("confirms", ""))

    @property
    def waiter(self) -> Waiter:
        """How it stands in the queue for workers."""
        return Waiter(self.project, patient=bool(self.confirms))

    @property
    def expected(self) -> Mapping[str, float]:
        """Expected seconds by content key, as it looks by now."""
        return {**self.weights, **{key: run.weight for key, run in list(self.runs.items()) if run.handed_over}}

    def rows(self) -> dict[str, BlockRow]:
        """Return its blocks as the store keeps them."""
        return {
            b.key: BlockRow(self.id, b.key, b.nodes, b.hypotheses, b.method, b.state, b.fraction, b.message, b.attempts)
            for b in _blocks(self, self.state)
        }


def status_of(job: Job) -> RequestStatus:
    """Return how far a request is that this process works on."""
    left = job.cancelled.is_set() and job.state in LIVE_STATES  # its thread notices within moments
    state = "cancelled" if left else job.state
    blocks = _blocks(job, state)
    fitted = share(blocks, job.expected)
    elapsed = max(0.0, time.time() - job.created)
    done = state == "done"
    return RequestStatus(
        id=job.id,
        project=job.project,
        state=state,
        stage=state if left else job.stage,
        fraction=1.0 if done else FIT_SHARE * fitted,
        seconds_elapsed=elapsed,
        seconds_left=0.0 if done else _seconds_left(job, blocks),
        hypotheses=by_hypothesis(blocks, job.expected),
        blocks=blocks,
        errors=job.errors,
    )


def status_from_rows(request: Request, rows: tuple[BlockRow, ...]) -> RequestStatus:
    """Return how far a request is (or got) from what was written down."""
    blocks = tuple(
        BlockStatus(r.key, r.nodes, r.hypotheses, r.method, r.state, r.fraction, r.message, r.attempts) for r in rows
    )
    return RequestStatus(
        id=request.id,
        project=request.project,
        state=request.state,
        stage={"queued": "waiting", "running": "fitting"}.get(request.state, request.state),
        fraction=1.0 if request.state == "done" else request.fraction,
        seconds_elapsed=max(0.0, (request.finished or time.time()) - request.created),
        seconds_left=None if request.live else 0.0,
        hypotheses=by_hypothesis(blocks, {}),
        blocks=blocks,
        errors=request.errors,
    )


def _blocks(job: Job, request_state: str) -> tuple[BlockStatus, ...]:
    return tuple(_block(job, key, planned, request_state) for key, planned in job.planned.items())


def _block(job: Job, key: str, planned: Planned, request_state: str) -> BlockStatus:
    run = job.runs.get(key)
    if key in job.cached:
        return BlockStatus(
            key, planned.nodes, planned.hypotheses, job.cached[key], "done", 1.0, "known from before", cached=True
        )
    first = BlockRun(planned.block, None)  # as it is before it waits with others
    run = run or first
    state, method = run.state, run.fit.method if run.fit is not None else run.way
    if request_state == "cancelled" and state in ("queued", "running"):
        state = "cancelled"
    words = run.error or _words(run.way, state, run.fraction)
    if run.handed_over and state in ("queued", "running"):
        words = f"quick way not good enough, {words if state == 'running' else 'sampling'}"
    if run.losses.total and state in ("queued", "running"):
        words = f"the worker stopped; trying again ({words})"
    return BlockStatus(key, planned.nodes, planned.hypotheses, method, state, run.fraction, words, run.losses.total)


def _words(way: str, state: str, fraction: float) -> str:
    if state == "running":
        if way == "nuts":
            return "sampling" if fraction > 0 else "compiling the model"
        return "computing in closed form" if way == "exact" else "drawing by importance sampling"
    return {"queued": "waiting for a worker", "done": "done"}.get(state, state)


def _seconds_left(job: Job, blocks: tuple[BlockStatus, ...]) -> float | None:
    """Expected seconds still to go, corrected by how the time so far compares with what was expected."""
    if not job.planned or job.state not in ("queued", "running"):
        return None
    new = [block for block in blocks if not block.cached]
    total = sum(job.expected.get(block.key, 1.0) for block in new)
    done = share(new, job.expected) * total
    elapsed = time.monotonic() - job.begun
    if done > 0.1 * total and elapsed > 2.0:
        left = (total - done) * min(max(elapsed / done, 0.25), 8.0)
    else:  # nothing to go by yet: what was expected, less the time gone
        left = max(total - elapsed, 0.2 * (total - done))
    return left + job.comparing
