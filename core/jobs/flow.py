"""The way of one request: plan, look up, fit what is missing, assemble, keep."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

from core.data.dataset import Dataset
from core.errors import DataError, FitError, StoreError, WhyboardError
from core.fit.cache import BlockCache
from core.fit.result import BlockFit
from core.jobs import tasks
from core.jobs.blocks import ENDED, BlockRun, BlockRuns
from core.jobs.cluster import Cluster
from core.jobs.estimate import COMPARE, block_seconds, compare_seconds, kind_of
from core.jobs.job import Asked, Job, Planned
from core.jobs.losses import Losses, worker_died
from core.jobs.partial import light, whole
from core.store.load import load_dataset, load_snapshot, save_snapshot
from core.store.projects import token_folder
from core.store.store import Store

__all__ = ["Flow", "StoppedError", "Work", "planned_blocks"]

logger = logging.getLogger("whyboard.jobs")


class StoppedError(Exception):
    """The request was cancelled, or the service is closing."""


@dataclass(frozen=True)
class Work:
    """The functions that do the thinking; tests put others in their place.

    ``plan`` and ``resample`` run in this process, the others in the workers.
    """

    plan: Callable[..., Any] | None = None
    fit: Callable[..., BlockFit] | None = None
    assemble: Callable[[Any, Mapping[str, BlockFit], Sequence[str]], bytes] | None = None
    resample: Callable[[Any, Mapping[str, BlockFit]], Any] | None = None
    confirm: Callable[[Any, Mapping[str, BlockFit], Any, Mapping[str, BlockFit]], bytes] | None = None


def planned_blocks(plan: Any) -> dict[str, Planned]:
    """Return the distinct blocks of a :class:`core.study.Plan` by content key."""
    found: dict[str, Planned] = {}
    for key, (block, data) in plan.blocks.items():
        users = [(name, node) for name, keys in plan.keys.items() for node, k in keys.items() if k == key]
        found[key] = Planned(
            block,
            data,
            nodes=tuple(dict.fromkeys(node for _, node in users)),
            hypotheses=tuple(dict.fromkeys(name for name, _ in users)),
        )
    return found


class Flow:
    """Runs requests, each in a thread of its own that mostly waits.

    Parameters
    ----------
    warm : callable
        The kinds of block whose model is compiled in the worker by now.
    closing : threading.Event
    """

    def __init__(
        self,
        store: Store,
        cluster: Cluster,
        runs: BlockRuns,
        cache: BlockCache,
        work: Work,
        warm: Callable[[], frozenset[str]],
        closing: threading.Event,
    ) -> None:
        self._store, self._cluster, self._runs, self._cache = store, cluster, runs, cache
        self._work, self._warm, self._closing = work, warm, closing

    def run(self, job: Job) -> None:
        """Work on a request until it has ended, or the service closes."""
        try:
            self._check(job)
            self._store.update_request(job.id, state="running")
            job.state, job.stage = "running", "reading the data"
            result, errors = self._confirmed(job) if job.confirms else self._compared(job)
            self._end(job, "done", errors, result)
        except StoppedError:
            self._leave(job)
            if job.cancelled.is_set():
                self._end(job, "cancelled")
        except WhyboardError as error:
            self._leave(job)
            self._end(job, "failed", job.errors or (_sentence(error),))
        except Exception:
            logger.exception("a request failed")
            self._leave(job)
            self._end(job, "failed", ("Something went wrong that is our fault; the server's log says more.",))
        finally:
            # What is large goes; others may still need the runs themselves.
            job.dataset = None
            job.fits.clear()
            job.runs = {key: replace(run, fit=None, data=None, future=None) for key, run in job.runs.items()}
            job.planned = {key: replace(planned, data=None) for key, planned in job.planned.items()}

    def plan(self, dataset: Dataset, asked: Asked) -> Any:
        """Return the plan of a comparison."""
        from core import study

        return (self._work.plan or study.plan)(dataset, asked.hypotheses, **asked.settings)

    def estimate(self, plan: Any) -> float:
        """Return the expected seconds of a plan from here, what is cached left out."""
        planned = planned_blocks(plan)
        weights = self.weights(planned)
        fitting = sum(weights[key] for key in planned if key not in self._cache)
        return fitting + compare_seconds(_units(planned), self._store.timings())

    def weights(self, planned: Mapping[str, Planned]) -> dict[str, float]:
        """Return the expected seconds of each block, by content key."""
        known, warm = self._store.timings(), self._warm()
        return {key: block_seconds(kind_of(p.block), _rows(p), known, warm) for key, p in planned.items()}

    def reweigh(self, run: BlockRun) -> None:
        """Expect of a run that was handed over what sampling takes."""
        known, warm = self._store.timings(), self._warm()
        rows = run.data.rows if run.data is not None else 0
        run.weight = block_seconds(kind_of(run.block, "nuts"), rows, known, warm)

    # -- the steps -----------------------------------------------------------------

    def _compared(self, job: Job) -> tuple[bytes, tuple[str, ...]]:
        """Fit and compare; the result, and what went wrong with hypotheses that are left out of it."""
        plan = self.plan(self._data_of(job), Asked.from_payload(job.payload))
        self._look(job, plan)
        self._fit(job)
        plan, left_out = whole(plan, job)
        job.stage = "checking and comparing"
        fits = {key: job.fits[key] for key in plan.blocks}
        return self._call_for(job, self._work.assemble or tasks.assemble, (light(plan), fits, left_out)), job.errors

    def _confirmed(self, job: Job) -> tuple[bytes, tuple[str, ...]]:
        """Sample the joint model of each hypothesis, and hold what was answered quickly against it."""
        from core.study.sampled import joint_plan

        asked = Asked.from_payload(self._store.request(job.confirms).payload)
        quick = self.plan(self._data_of(job), asked)
        self._look(job, quick)
        self._fit(job)  # mostly known from before
        if job.errors:
            raise FitError("some blocks could not be fitted")
        quick_fits = {key: job.fits[key] for key in quick.blocks}
        plan: Any = self._work.resample(quick, quick_fits) if self._work.resample else joint_plan(quick)
        self._look(job, plan)
        self._fit(job)
        if job.errors:
            raise FitError("some blocks could not be sampled")
        job.stage = "comparing with the quick answer"
        fits = {key: job.fits[key] for key in plan.blocks}
        function = self._work.confirm or tasks.confirm
        return self._call_for(job, function, (light(quick), quick_fits, light(plan), fits)), ()

    def _data_of(self, job: Job) -> Dataset:
        if job.dataset is None:
            job.dataset = self._dataset(job)
        save_snapshot(self._store, job.project, job.dataset)
        return job.dataset

    def _look(self, job: Job, plan: Any) -> None:
        """Note a plan's blocks with the job, and what they will take."""
        planned = planned_blocks(plan)
        job.weights = self.weights(planned)
        job.comparing = compare_seconds(_units(planned), self._store.timings())
        job.planned = planned

    def _dataset(self, job: Job) -> Dataset:
        """Find the data of a request that another process began."""
        fingerprint = str(job.payload["fingerprint"])
        try:
            return load_snapshot(self._store, f"{token_folder(job.project)}/data/{fingerprint}", fingerprint)
        except StoreError:
            dataset = load_dataset(self._store, job.project)
        if dataset.fingerprint != fingerprint:
            raise DataError("the data have changed since this fit was asked for", hint="Ask for the fit again.")
        return dataset

    def _fit(self, job: Job) -> None:
        """Fit what is planned and not known; ``job.errors`` names what failed."""
        job.stage = "fitting" if self._cluster.ready else "starting the workers"
        cached = dict(job.cached)
        for key in job.planned:
            kept = job.fits.get(key) or self._cache.get(key)
            if kept is not None:
                job.fits[key] = kept
                cached.setdefault(key, kept.method)
        job.cached = {key: way for key, way in cached.items() if key not in job.runs}
        missing = [key for key in job.planned if key not in job.fits]
        for key in missing:
            self._check(job)
            planned = job.planned[key]
            weight = job.weights.get(key, 1.0)
            job.runs[key] = self._runs.subscribe(job.id, planned.block, planned.data, job.waiter, weight)
        self.write_blocks(job)
        job.stage = "fitting"
        runs = [job.runs[key] for key in missing]
        self._runs.wait(lambda: self._stopped(job) or all(run.state in ENDED for run in runs))
        self._check(job)
        self.write_blocks(job)
        job.errors = tuple(
            f"{', '.join(job.planned[run.key].nodes)}: {run.error}" for run in runs if run.state == "failed"
        )
        job.fits.update({run.key: run.fit for run in runs if run.fit is not None})

    def _call_for(self, job: Job, function: Callable[..., bytes], args: Sequence[Any]) -> bytes:
        """Have a request's fits compared in the quick worker."""
        begun = time.monotonic()
        result = self.call(
            f"assemble-{job.id}", function, args, stopped=lambda: self._stopped(job), first=not job.confirms
        )
        if not job.confirms:
            self._store.record_timing(COMPARE, _units(job.planned), time.monotonic() - begun)
        return cast(bytes, result)

    def call(
        self,
        name: str,
        function: Callable[..., Any],
        args: Sequence[Any],
        options: Mapping[str, Any] | None = None,
        stopped: Callable[[], bool] = lambda: False,
        timeout: float = float("inf"),
        first: bool = True,
    ) -> Any:
        """Call a function in the quick worker; again if the worker dies of something else, or its scheduler goes."""
        losses, tries = Losses(), 0
        while True:
            if self._cluster.client(timeout, stopped) is None:
                raise StoppedError
            connection, future = self._cluster.connection, None
            try:
                future = self._cluster.submit(
                    "quick",
                    f"whyboard-{name}-{tries}",
                    tasks.call,
                    function,
                    tuple(args),
                    dict(options or {}),
                    first=first,
                )
                _wait(
                    future,
                    stopped,
                    timeout,
                    lambda: self._cluster.trouble("quick"),
                    partial(self._cluster.lost, connection),
                )
                return future.result(timeout=600)
            except (StoppedError, WhyboardError):
                raise
            except Exception as error:
                tries += 1
                if self._cluster.lost(connection):
                    continue
                if not worker_died(error):
                    raise
                losses.count(self._cluster.cause("quick", error))
                if (refusal := losses.refusal("this was being computed")) is not None:
                    raise refusal from error
            finally:
                if future is not None:
                    with suppress(Exception):  # one that is gone need not be told
                        future.release()

    # -- ends ------------------------------------------------------------------------

    def write_blocks(self, job: Job) -> None:
        """Write down the blocks that changed since the last time."""
        with job.writing:
            rows = job.rows()
            changed = [row for key, row in rows.items() if job.written.get(key) != row]
            if changed:
                self._store.save_blocks(changed)
                job.written = rows

    def _leave(self, job: Job) -> None:
        waiting = [key for key, run in job.runs.items() if run.state not in ENDED]

        def wanted(key: str) -> bool:
            return self._closing.is_set() or bool(self._store.other_live_requests(key, job.id))

        self._runs.leave(job.id, waiting, wanted)

    def _end(self, job: Job, state: str, errors: tuple[str, ...] = (), result: bytes | None = None) -> None:
        try:
            self.write_blocks(job)
            ended = self._store.end_request(job.id, state, errors, result)
        except WhyboardError:
            logger.warning("a request's end could not be written down; its project may be gone")
            ended = False
        if not ended and state == "done":  # cancelled, or deleted, just before
            state = "cancelled"
        job.errors, job.state, job.stage = errors, state, state

    def _stopped(self, job: Job) -> bool:
        return job.cancelled.is_set() or self._closing.is_set()

    def _check(self, job: Job) -> None:
        if self._stopped(job):
            raise StoppedError


def _wait(
    future: Any,
    stopped: Callable[[], bool],
    timeout: float,
    trouble: Callable[[], FitError | None] = lambda: None,
    lost: Callable[[], bool] = lambda: False,
) -> None:
    done = threading.Event()
    future.add_done_callback(lambda _: done.set())
    waited = 0.0
    while not done.wait(0.1):
        waited += 0.1
        if stopped():
            raise StoppedError
        if (error := trouble()) is not None:
            raise error
        if lost():
            raise ConnectionError("the scheduler is gone")
        if waited > timeout:
            raise FitError(f"this takes longer than {timeout:.0f} s", hint="Ask for less: fewer rows or draws.")


def _rows(planned: Planned) -> int:
    return planned.data.rows if planned.data is not None else 0


def _units(planned: Mapping[str, Planned]) -> int:
    return sum(len(p.nodes) * len(p.hypotheses) for p in planned.values())


def _sentence(error: WhyboardError) -> str:
    return " ".join(part for part in (f"{error}.".replace("..", "."), error.hint) if part)
