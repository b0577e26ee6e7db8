"""Blocks that are being computed, each once, for whoever waits for it.

A run has subscribers, the requests that wait for it. Its Dask key is the block's content
key and a serial number that grows when it was stopped or its worker died, so that two
servers on one scheduler share runs too, and a name never means two runs.
"""

import logging
import queue
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import FitError, WhyboardError
from core.fit.cache import BlockCache
from core.fit.result import Block, BlockFit, FitCancelledError
from core.jobs import tasks
from core.jobs.cluster import Cluster
from core.model.design import BlockData

__all__ = ["ENDED", "MAX_ATTEMPTS", "BlockRun", "BlockRuns", "worker_died"]

logger = logging.getLogger("whyboard.jobs")

MAX_ATTEMPTS = 3
MAX_UNLUCKY = 12  # lost while waiting behind a block that killed the worker: no fault of its own

ENDED = ("done", "failed", "cancelled")


@dataclass(eq=False)
class BlockRun:
    """One block on its way; changed only under the lock of its :class:`BlockRuns`."""

    block: Block
    data: BlockData | None
    subscribers: set[str] = field(default_factory=set)
    state: str = "queued"
    fraction: float = 0.0
    attempts: int = 0
    unlucky: int = 0
    error: str = ""
    fit: BlockFit | None = None
    name: str = ""  # the Dask key
    future: Any = None

    @property
    def key(self) -> str:
        """The content key."""
        return self.block.key


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
    """

    def __init__(
        self,
        cluster: Cluster,
        cache: BlockCache,
        fit: Callable[..., BlockFit] | None = None,
        on_done: Callable[[BlockRun], None] | None = None,
    ) -> None:
        self._cluster, self._cache, self._fit, self._on_done = cluster, cache, fit, on_done
        self.changed = threading.Condition()
        self._runs: dict[str, BlockRun] = {}
        self._named: dict[str, BlockRun] = {}
        self._serials: dict[str, int] = {}
        self._ended: queue.SimpleQueue[tuple[BlockRun, Any] | None] = queue.SimpleQueue()
        threading.Thread(target=self._collect_forever, daemon=True, name="whyboard-collect").start()

    def subscribe(self, request: str, block: Block, data: BlockData) -> BlockRun:
        """Wait for a block with others, or start it; what failed before is tried anew."""
        with self.changed:
            run = self._runs.get(block.key)
            if run is not None and run.state not in ENDED:
                run.subscribers.add(request)
                return run
            run = self._runs[block.key] = BlockRun(block, data, {request})
        self._send(run)
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
                run.subscribers.discard(request)
                if not run.subscribers:
                    del self._runs[key]
                    if run.state not in ENDED:
                        run.state = "cancelled"
                        dropped.append(run)
            self.changed.notify_all()
        for run in dropped:
            self._drop(run, stop=not wanted(run.key))

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

    def close(self) -> None:
        """Forget all runs; their requests stay as they are, to be resumed."""
        self._ended.put(None)
        with self.changed:
            self._runs.clear()
            self._named.clear()
            self.changed.notify_all()

    # -- to the workers and back -----------------------------------------------------

    def _send(self, run: BlockRun) -> None:
        role = "quick" if run.block.method == "exact" else "nuts"
        with self.changed:
            if run.state in ENDED:
                return
            run.name = f"whyboard-{run.key}-{self._serials.get(run.key, 0)}"
            run.state, run.fraction = "queued", 0.0
            self._named[run.name] = run
        try:
            future = self._cluster.submit(role, run.name, tasks.fit_block, self._fit, run.block, run.data, run.name)
        except Exception as error:
            self._fail(run, error)
            return
        with self.changed:
            run.future = future
            late = run.state in ENDED
        if late:  # the last subscriber left meanwhile
            self._drop(run, stop=True)
        else:
            future.add_done_callback(lambda ended: self._ended.put((run, ended)))

    def _drop(self, run: BlockRun, stop: bool) -> None:
        with self.changed:
            future, run.future, run.data = run.future, None, None
            self._named.pop(run.name, None)
            if stop:
                self._serials[run.key] = self._serials.get(run.key, 0) + 1
        if future is not None:
            future.release()
            if stop:
                self._cluster.tell_all(tasks.stop, [run.name])

    def _collect_forever(self) -> None:
        while (item := self._ended.get()) is not None:
            run, future = item
            if run.future is not future:
                continue
            try:
                self._collect(run, future)
            except Exception as error:
                self._fail(run, error)

    def _collect(self, run: BlockRun, future: Any) -> None:
        status = future.status
        error = future.exception(timeout=60) if status == "error" else None
        if status == "finished":
            try:
                fit: BlockFit = future.result(timeout=600)
            except Exception as lost:  # the worker died with the result in its hands
                error = lost
            else:
                self._finish(run, fit)
                return
        if isinstance(error, FitCancelledError):
            self._again(run, counted=False)
        elif error is None or worker_died(error):
            self._again(run, counted=run.state == "running")
        else:
            self._fail(run, error)

    def _finish(self, run: BlockRun, fit: BlockFit) -> None:
        self._cache.put(fit)
        with self.changed:
            future, run.future, run.data = run.future, None, None
            self._named.pop(run.name, None)
            run.fit, run.state, run.fraction = fit, "done", 1.0
        if future is not None:
            future.release()
        if self._on_done is not None:
            try:
                self._on_done(run)
            except Exception:  # what is noted about a block is not worth the block
                logger.exception("a finished block could not be noted")
        with self.changed:
            if self._runs.get(run.key) is run:
                del self._runs[run.key]
            self.changed.notify_all()

    def _again(self, run: BlockRun, counted: bool) -> None:
        with self.changed:
            future, run.future = run.future, None
            self._named.pop(run.name, None)
            self._serials[run.key] = self._serials.get(run.key, 0) + 1
            run.attempts += counted
            run.unlucky += not counted
            ended = run.state in ENDED
        if future is not None:
            future.release()
        if ended:
            return
        if run.attempts >= MAX_ATTEMPTS or run.unlucky >= MAX_UNLUCKY:
            self._fail(
                run,
                FitError(
                    f"the worker stopped {run.attempts + run.unlucky} times while this was being fitted",
                    hint="It may need more memory than there is: try fewer draws or rows.",
                ),
            )
        else:
            self._send(run)

    def _fail(self, run: BlockRun, error: BaseException) -> None:
        if not isinstance(error, WhyboardError):
            logger.error("a block could not be fitted", exc_info=error)
            error = FitError(
                f"this could not be fitted ({type(error).__name__})",
                hint="This is a fault of ours; the server's log says more. Try another family meanwhile.",
            )
        with self.changed:
            future, run.future, run.data = run.future, None, None
            self._named.pop(run.name, None)
            if run.state not in ENDED:
                run.state, run.error = "failed", f"{error.message}. {error.hint}".strip(". ") + "."
            self._serials[run.key] = self._serials.get(run.key, 0) + 1
            if self._runs.get(run.key) is run:
                del self._runs[run.key]
            self.changed.notify_all()
        if future is not None:
            future.release()


def worker_died(error: BaseException) -> bool:
    """Return whether an error of Dask says that a worker was lost, not that a task failed."""
    # By name: importing distributed here would cost a second where only names are needed.
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(names & {"KilledWorker", "FutureCancelledError", "CancelledError", "CommClosedError", "TimeoutError"})
