"""Blocks that are being computed, each once, for whoever waits for it.

A run has subscribers, the requests that wait for it. Its Dask key is the block's content
key and a serial number that grows when it was stopped or its worker died, so that two
servers on one scheduler share runs too, and a name never means two runs. Runs wait for
their turn here (:mod:`core.jobs.turns`) and only a few are at the workers at once.

A worker that dies takes several blocks with it, and mostly none of them is to blame. A
death counts against a block only if its cause lies in the process itself (it ran out of
memory, it crashed); the block is then tried again alone, so that the next such death is its
own. Workers that somebody else killed cost a block nothing but time.
"""

import logging
import queue
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from core.errors import FitError, WhyboardError
from core.fit.cache import BlockCache
from core.fit.result import AnyBlock, AnyData, BlockFit, FitCancelledError, NeedsSamplerError
from core.jobs import tasks
from core.jobs.cluster import Cluster
from core.jobs.losses import Losses, worker_died
from core.jobs.turns import Turns, Waiter

__all__ = ["ENDED", "BlockRun", "BlockRuns"]

logger = logging.getLogger("whyboard.jobs")

ROLES = ("quick", "nuts")
ENDED = ("done", "failed", "cancelled")
FETCHERS = 8  # threads that fetch results; each may have to wait for one that was lost and is computed anew


@dataclass(eq=False)
class BlockRun:
    """One block on its way; changed only under the lock of its :class:`BlockRuns`.

    ``way`` is what is tried now: a block that may be fitted in any way begins with
    ``"importance"`` and goes on with ``"nuts"`` where that does not do.
    """

    block: AnyBlock
    data: AnyData | None
    subscribers: dict[str, Waiter] = field(default_factory=dict)
    weight: float = 1.0  # expected seconds
    way: str = ""
    state: str = "queued"
    fraction: float = 0.0
    losses: Losses = field(default_factory=Losses)
    error: str = ""
    fit: BlockFit | None = None
    name: str = ""  # the Dask key
    connection: int = 0  # over which it was sent
    future: Any = None

    def __post_init__(self) -> None:
        self.way = self.way or ("importance" if self.block.method == "auto" else self.block.method)

    @property
    def key(self) -> str:
        """The content key."""
        return self.block.key

    @property
    def role(self) -> str:
        """Which workers do it."""
        return "nuts" if self.way == "nuts" else "quick"

    @property
    def handed_over(self) -> bool:
        """Whether the quick way was tried and did not do."""
        return self.block.method == "auto" and self.way == "nuts"

    @property
    def suspect(self) -> bool:
        """Whether a worker died of itself while it ran this."""
        return self.losses.own > 0


class BlockRuns:
    """All runs of this process.

    Parameters
    ----------
    cluster : Cluster
    cache : BlockCache
        Given each block as soon as it is finished.
    fit : callable, optional
        Replaces the fit in the workers (tests).
    on_done : callable, optional
        Called with a finished run.
    on_handed_over : callable, optional
        Called with a run that now needs the sampler.
    """

    def __init__(
        self,
        cluster: Cluster,
        cache: BlockCache,
        fit: Callable[..., BlockFit] | None = None,
        on_done: Callable[[BlockRun], None] | None = None,
        on_handed_over: Callable[[BlockRun], None] | None = None,
    ) -> None:
        self._cluster, self._cache, self._fit = cluster, cache, fit
        self._on_done, self._on_handed_over = on_done, on_handed_over
        self.changed = threading.Condition()
        self._turns = Turns()
        self._closed = False
        self._runs: dict[str, BlockRun] = {}
        self._named: dict[str, BlockRun] = {}
        self._serials: dict[str, int] = {}
        # What was lost must not wait behind results that are on their way.
        self._finished: queue.SimpleQueue[tuple[BlockRun, Any] | None] = queue.SimpleQueue()
        self._lost: queue.SimpleQueue[tuple[BlockRun, Any] | None] = queue.SimpleQueue()
        for role in ROLES:
            self._thread(partial(self._send_forever, role), f"whyboard-send-{role}")
        for _ in range(FETCHERS):
            self._thread(partial(self._collect_forever, self._finished), "whyboard-fetch")
        self._thread(partial(self._collect_forever, self._lost), "whyboard-lost")

    def subscribe(
        self, request: str, block: AnyBlock, data: AnyData | None, waiter: Waiter | None = None, weight: float = 1.0
    ) -> BlockRun:
        """Wait for a block with others, or start it; what failed before is tried anew."""
        waiter = waiter or Waiter(request)
        with self.changed:
            run = self._runs.get(block.key)
            if run is None or run.state in ENDED:
                run = self._runs[block.key] = BlockRun(block, data, weight=weight)
                self._turns.add(run)
            run.subscribers[request] = waiter
            self.changed.notify_all()
            return run

    def leave(self, request: str, keys: Iterable[str], wanted: Callable[[str], bool] = lambda key: False) -> None:
        """Stop waiting for blocks; a sampler that nobody waits for is stopped.

        ``wanted`` says whether somebody outside this process waits for a key.
        """
        dropped: list[BlockRun] = []
        with self.changed:
            for key in keys:
                run = self._runs.get(key)
                if run is None:
                    continue
                run.subscribers.pop(request, None)
                if not run.subscribers:
                    del self._runs[key]
                    self._turns.leave(run)
                    if run.state not in ENDED:
                        run.state = "cancelled"
                        dropped.append(run)
            self.changed.notify_all()
        self._drop(dropped, wanted)

    def wait(self, until: Callable[[], bool], timeout: float | None = None) -> bool:
        """Wait until something holds that changes with the runs."""
        with self.changed:
            return self.changed.wait_for(until, timeout)

    def event(self, message: Mapping[str, Any]) -> None:
        """Take a worker's progress report."""
        with self.changed:
            run = self._named.get(str(message.get("run")))
            if run is not None and run.state in ("queued", "running"):
                run.state = "running"
                run.fraction = max(run.fraction, min(1.0, float(message.get("share", 0.0))))
                self.changed.notify_all()

    def give_up(self, role: str) -> None:
        """Fail what waits at workers of a role that cannot be started."""
        error = self._cluster.trouble(role)
        if error is not None:
            with self.changed:
                runs = [run for run in self._named.values() if run.role == role]
            for run in runs:
                self._fail(run, error)

    def reconnected(self) -> None:
        """Let what was at a scheduler that went wait for it, or for the one that came in its place."""
        with self.changed:
            sent = [run for run in self._named.values() if run.future is not None]
            self.changed.notify_all()
        for run in sent:
            self._again(run, "away")

    def close(self) -> None:
        """Forget all runs; their requests stay as they are, to be resumed."""
        for _ in range(FETCHERS):
            self._finished.put(None)
        self._lost.put(None)
        with self.changed:
            self._closed = True
            self._runs.clear()
            self._named.clear()
            self.changed.notify_all()

    # -- to the workers and back -----------------------------------------------------

    def _thread(self, target: Callable[[], None], name: str) -> None:
        threading.Thread(target=target, daemon=True, name=name).start()

    def _send_forever(self, role: str) -> None:
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self._closed or bool(self._turns.waiting(role)))
                if self._closed:
                    return
            try:
                self._cluster.client(stopped=lambda: self._closed)  # waits for a scheduler that is away
                connection = self._cluster.connection
                if (trouble := self._cluster.trouble(role)) is not None:
                    raise trouble
                room = self._cluster.room(role)  # not under the lock: it may ask a scheduler
            except Exception as error:
                if not isinstance(error, WhyboardError) and self._cluster.away() is not None:
                    continue  # it went just now
                with self.changed:
                    waiting = self._turns.waiting(role)
                for run in waiting:
                    self._fail(run, error)
                continue
            with self.changed:
                run = self._turns.take(role, room) if room else None
                if run is None:  # no room; on somebody else's cluster it may grow unseen
                    self.changed.wait(1.0)
                    continue
                run.name = self._name(run)
                run.state, run.fraction, run.connection = "queued", 0.0, connection
                self._named[run.name] = run
                patient = all(waiter.patient for waiter in run.subscribers.values())
                block, data = run.block, run.data
            self._send(run, block, data, patient)

    def _name(self, run: BlockRun) -> str:
        """Return a Dask key: the two tries of a block that is handed over are two tasks."""
        return f"whyboard-{run.key}-{self._serials.get(run.key, 0)}{'-nuts' if run.handed_over else ''}"

    def _send(self, run: BlockRun, block: AnyBlock, data: AnyData | None, patient: bool) -> None:
        quick = run.block.method == "auto" and not run.handed_over
        try:
            future = self._cluster.submit(
                run.role, run.name, tasks.fit_block, self._fit, block, data, run.name, not quick, patient
            )
        except Exception as error:
            self._fail(run, error)
            return
        with self.changed:
            run.future = future
            late = run.state in ENDED
        if late:  # the last subscriber left meanwhile
            self._drop([run])
        elif self._cluster.lost(run.connection):  # Dask may never tell
            self._again(run, "away")
        else:
            future.add_done_callback(partial(self._end, run))

    def _drop(self, runs: Iterable[BlockRun], wanted: Callable[[str], bool] = lambda key: False) -> None:
        """Let go of runs that nobody here waits for; stop those that nobody elsewhere does."""
        names = []
        for run in runs:
            stop = not wanted(run.key)
            with self.changed:
                future = self._forget(run)
                if stop:
                    self._serials[run.key] = self._serials.get(run.key, 0) + 1
            _release(future)
            if future is not None and stop:
                names.append(run.name)
        if names:
            self._cluster.tell_all(tasks.stop, names)

    def _forget(self, run: BlockRun) -> Any:
        """Take a run out of all lists, under the lock; return its future, to be released."""
        future, run.future, run.data = run.future, None, None
        if self._named.get(run.name) is run:
            del self._named[run.name]
        self._turns.leave(run)
        self.changed.notify_all()
        return future

    def _end(self, run: BlockRun, future: Any) -> None:
        (self._finished if future.status == "finished" else self._lost).put((run, future))

    def _collect_forever(self, items: "queue.SimpleQueue[tuple[BlockRun, Any] | None]") -> None:
        while (item := items.get()) is not None:
            run, future = item
            if run.future is not future:
                continue
            try:
                self._collect(run, future)
            except Exception as error:
                self._fail(run, error)

    def _collect(self, run: BlockRun, future: Any) -> None:
        error = future.exception(timeout=60) if future.status == "error" else None
        if future.status == "finished":
            try:
                self._finish(run, future.result(timeout=600))
                return
            except Exception as lost:  # the worker died with the result in its hands
                error = lost
        if isinstance(error, NeedsSamplerError) and run.block.method == "auto" and not run.handed_over:
            self._hand_over(run)
        elif self._cluster.lost(run.connection):
            self._again(run, "away")
        elif isinstance(error, FitCancelledError):
            self._again(run, "stopped")
        elif error is None or worker_died(error):
            # A suspect was alone there, so it needs no report to have been what ran.
            ran = run.state == "running" or run.suspect
            cause = self._cluster.cause(run.role, error)
            self._again(run, cause if ran else "queued")
        else:
            self._fail(run, error)

    def _finish(self, run: BlockRun, fit: BlockFit) -> None:
        if run.state not in ENDED:  # what was dropped may have been deleted with its project
            self._cache.put(fit)
        with self.changed:
            future = self._forget(run)
            if run.state not in ENDED:
                run.fit, run.state, run.fraction = fit, "done", 1.0
        _release(future)
        if self._on_done is not None and run.state == "done":
            try:
                self._on_done(run)
            except Exception:  # what is noted about a block is not worth the block
                logger.exception("a finished block could not be noted")
        with self.changed:
            if self._runs.get(run.key) is run:
                del self._runs[run.key]
            self.changed.notify_all()

    def _hand_over(self, run: BlockRun) -> None:
        """Let the sampler do what importance sampling could not."""
        if self._on_handed_over is not None:
            self._on_handed_over(run)
        with self.changed:
            data = run.data
            future = self._forget(run)
            if run.state not in ENDED:
                run.data, run.way, run.state, run.fraction = data, "nuts", "queued", 0.0
                self._turns.add(run)
        _release(future)

    def _again(self, run: BlockRun, cause: str) -> None:
        """Let a run wait for another turn, or give it up."""
        with self.changed:
            if cause == "away" and not (run.connection and self._cluster.lost(run.connection)):
                return  # it was told in two ways, and waits already
            data = run.data
            future = self._forget(run)
            self._serials[run.key] = self._serials.get(run.key, 0) + 1
            if cause != "away":
                run.losses.count(cause)
            refusal = run.losses.refusal("this was being fitted")
            if run.state not in ENDED and refusal is None and not self._closed:
                run.data, run.state, run.fraction, run.connection = data, "queued", 0.0, 0
                self._turns.add(run)
        _release(future)
        if refusal is not None:
            self._fail(run, refusal)

    def _fail(self, run: BlockRun, error: BaseException) -> None:
        if run.connection and self._cluster.lost(run.connection) and not isinstance(error, WhyboardError):
            self._again(run, "away")  # whatever Dask says of a scheduler that is gone
            return
        if isinstance(error, MemoryError):
            error = FitError("there is not enough memory for this", hint="Try fewer draws or rows.")
        if not isinstance(error, WhyboardError):
            logger.error("a block could not be fitted", exc_info=error)
            error = FitError(
                f"this could not be fitted ({type(error).__name__})",
                hint="This is a fault of ours; the server's log says more. Try another family meanwhile.",
            )
        with self.changed:
            future = self._forget(run)
            if run.state not in ENDED:
                run.state, run.error = "failed", f"{error.message}. {error.hint}".strip(". ") + "."
            self._serials[run.key] = self._serials.get(run.key, 0) + 1
            if self._runs.get(run.key) is run:
                del self._runs[run.key]
            self.changed.notify_all()
        _release(future)


def _release(future: Any) -> None:
    """Tell the scheduler that nobody needs a result any more; one that is gone need not be told."""
    if future is not None:
        with suppress(Exception):
            future.release()
