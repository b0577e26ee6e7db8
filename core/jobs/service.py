"""The job service: what the web process asks for work, and asks how far it is."""

import atexit
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import replace
from typing import Any, TypeVar

from core.data.dataset import Dataset
from core.errors import StoreError, UsageError, WhyboardError
from core.fit.cache import BlockCache
from core.hypothesis import Hypothesis
from core.jobs.blocks import BlockRun, BlockRuns
from core.jobs.cluster import Cluster
from core.jobs.estimate import is_sampled, kind_of, measured
from core.jobs.flow import Flow, Work
from core.jobs.job import Asked, Job, status_from_rows, status_of
from core.jobs.slots import Slots
from core.jobs.status import RequestStatus
from core.settings import Settings
from core.store.records import LIVE_STATES, Deletion, LiveRequest, Request
from core.store.store import Store

__all__ = ["JobService"]

logger = logging.getLogger("whyboard.jobs")

UPKEEP_SECONDS = 2.0
STALE_SECONDS = 60.0
WARM_LIMIT = 12
LEAVE_SECONDS = 2.0  # for requests to notice that the service closes
WAITING_LIMIT = 40  # requests of one project at a time
REMEMBER_SECONDS = 600.0  # ended requests in memory; after that the tables answer for them

T = TypeVar("T")
_services: set[str] = set()  # of this process, to tell our own requests from an earlier process's


class JobService:
    """Requests, workers, progress, cancel. One a process; safe from any thread.

    Parameters
    ----------
    store : Store
    cache : BlockCache, optional
        Finished blocks; by default in the home folder.
    settings : Settings, optional
        By default the store's.
    work : Work, optional
        Other functions in place of planning, fitting and comparing (tests).
    warm : bool
        Whether workers import and compile in advance.
    threads : int, optional
        Threads a worker.
    """

    def __init__(
        self,
        store: Store,
        cache: BlockCache | None = None,
        settings: Settings | None = None,
        *,
        work: Work | None = None,
        warm: bool = True,
        threads: int | None = None,
    ) -> None:
        self.store = store
        self.settings = settings or store.settings
        self.cache = cache or BlockCache(self.settings.blocks)
        self._work = work or Work()
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._slots = Slots()
        self._jobs: dict[str, Job] = {}
        self._warm: set[str] = set()
        self._nuts_worker: object = None
        self._started = False
        self.owner = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(6)}"
        ahead = warm and self.settings.warm
        self.cluster = Cluster(self.settings, self._event, warm=ahead, signatures=self._first, threads=threads)
        self.runs = BlockRuns(self.cluster, self.cache, self._work.fit, self._finished, self._handed_over)
        self.flow = Flow(
            store, self.cluster, self.runs, self.cache, self._work, lambda: frozenset(self._warm), self._closing
        )

    # -- life ------------------------------------------------------------------------

    def start(self) -> None:
        """Start workers and resume unfinished requests, all in the background."""
        with self._lock:
            if self._started or self._closing.is_set():
                return
            self._started = True
        _services.add(self.owner)
        atexit.register(self.shutdown)
        self.cluster.start()
        threading.Thread(target=self._upkeep_forever, daemon=True, name="whyboard-upkeep").start()

    @property
    def ready(self) -> bool:
        """Whether the workers are up."""
        return self.cluster.ready

    def shutdown(self) -> None:
        """Stop all work and all workers; unfinished requests are resumed at the next start."""
        if self._closing.is_set():
            return
        self._closing.set()
        atexit.unregister(self.shutdown)
        self.runs.close()
        with self._lock:
            jobs = list(self._jobs.values())
        end = time.monotonic() + LEAVE_SECONDS
        for job in jobs:
            job.ended.wait(max(0.0, end - time.monotonic()))
        self.cluster.close()
        _services.discard(self.owner)

    def __enter__(self) -> "JobService":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()

    # -- requests --------------------------------------------------------------------

    def submit(
        self,
        token: str,
        dataset: Dataset,
        hypotheses: Iterable[Hypothesis],
        *,
        method: str = "auto",
        draws: int = 4000,
        seed: int = 0,
        effects: Iterable[tuple[str, str]] = (),
        **options: Any,
    ) -> str:
        """Ask for a comparison; return the request's id at once.

        The same question asked twice while the first is being answered is one request.

        Parameters
        ----------
        token : str
            The project.
        effects : iterable of (str, str)
            Exposure and outcome.
        options
            More for :func:`core.study.plan`; JSON values.

        Raises
        ------
        StoreError
            If the project is gone.
        UsageError
            If there is no hypothesis, or the project asks for too much at a time.
        """
        asked = Asked(tuple(hypotheses), method, draws, seed, tuple((a, b) for a, b in effects), options)
        if not asked.hypotheses:
            raise UsageError("there is no hypothesis to fit", hint="Draw one on the Draw page first.")
        self.start()
        payload = asked.to_payload(dataset)
        if (same := self._same(token, payload)) is not None:
            return same
        self._admit(token)
        request = self.store.create_request(token, payload, self.owner)
        self._begin(request, dataset)
        return request.id

    def confirm(self, id: str) -> str:
        """Ask for the joint models to confirm what a finished request answered; return the new request's id.

        NUTS samples the joint PyMC model of each hypothesis where nobody else wants the workers; it can be
        cancelled and resumed like any other request. Its result is the comparison as it was shown, with the
        agreement of each node. Asked twice while it is worked on, it is one request.

        Raises
        ------
        StoreError
            If the request is not known.
        UsageError
            If there is nothing to confirm: it has not ended well, or was sampled by NUTS.
        """
        request = self.store.request(id)
        if request.state != "done" or request.payload.get("confirms"):
            raise UsageError("there is no answer to confirm yet", hint="Wait until the fit is done.")
        if request.payload.get("method") == "nuts":
            raise UsageError("this was fitted with NUTS already", hint="There is nothing quicker to confirm.")
        self.start()
        payload = {**request.payload, "method": "nuts", "confirms": id}
        if (same := self._same(request.project, payload)) is not None:
            return same
        made = self.store.create_request(request.project, payload, self.owner)
        self._begin(made)
        return made.id

    def _same(self, token: str, payload: Mapping[str, Any]) -> str | None:
        """Return the live request of a project that asks the same."""
        with self._lock:
            for job in self._jobs.values():
                same = job.project == token and job.payload == payload
                if same and job.state in LIVE_STATES and not job.cancelled.is_set():
                    return job.id
        return None

    def _admit(self, token: str) -> None:
        with self._lock:
            waiting = sum(job.project == token and not job.ended.is_set() for job in self._jobs.values())
        if waiting >= WAITING_LIMIT:
            raise UsageError(
                f"{waiting} fits of this project are being worked on already",
                hint="Wait until some of them are done, or cancel them.",
            )

    def status(self, id: str) -> RequestStatus:
        """Return how far a request is; cheap enough to ask every second from many pages."""
        job = self._jobs.get(id)
        if job is None:
            return status_from_rows(self.store.request(id), self.store.blocks(id))
        status = status_of(job)
        waiting_for = self.cluster.waiting_for if status.live and status.stage != "waiting" else ""
        return replace(status, stage=waiting_for, seconds_left=None) if waiting_for else status

    def latest(self, token: str) -> RequestStatus | None:
        """Return how far the project's latest request is, confirmations aside; None if there was none."""
        for request in self.store.requests(token):
            if not request.payload.get("confirms"):
                return self.status(request.id)
        return None

    def result(self, id: str) -> bytes:
        """Return the comparison of a finished request, as ``core.study.comparison_from_bytes`` takes it."""
        return self.store.result(id)

    def wait(self, id: str, timeout: float | None = None) -> RequestStatus:
        """Wait until a request of this process has ended, for scripts and tests."""
        job = self._jobs.get(id)
        if job is not None:
            job.ended.wait(timeout)
        return self.status(id)

    def cancel(self, id: str) -> bool:
        """Stop waiting for a request; False if it had ended. Blocks that others wait for go on."""
        ended = self.store.end_request(id, "cancelled")
        job = self._jobs.get(id)
        if job is not None and ended:
            self._stop(job)
        return ended

    def delete_project_data(self, token: str) -> Deletion:
        """Delete a project's upload, requests, results and the cached blocks that are only its own."""
        jobs = [job for job in list(self._jobs.values()) if job.project == token]
        for request in self.store.requests(token, LIVE_STATES):
            self.cancel(request.id)
        for job in jobs:
            job.ended.wait(5.0)
        deletion = self.store.delete_project_data(token)
        for key in deletion.block_keys:
            self.cache.remove(key)
        with self._lock:
            for job in jobs:
                self._jobs.pop(job.id, None)
        return deletion

    # -- other work ------------------------------------------------------------------

    def run_quick(
        self, function: Callable[..., T], *args: Any, key: str | None = None, timeout: float = 120.0, **options: Any
    ) -> T:
        """Call a function of core in the quick worker and wait for what it returns.

        Parameters
        ----------
        function : callable
            Importable; pure if ``key`` is given.
        key : str, optional
            Names the content: calls with one key that overlap in time are one call.
        timeout : float
            Seconds, after which a :class:`FitError` is raised.
        """
        self.start()
        name = f"call-{key or secrets.token_hex(8)}"
        with self.cluster.waited_for():
            result: T = self.flow.call(name, function, args, options, stopped=self._closing.is_set, timeout=timeout)
        return result

    def estimate(self, plan: Any) -> float:
        """Return about how many seconds a plan (:func:`core.study.plan`) will take from here."""
        return self.flow.estimate(plan)

    # -- inside ----------------------------------------------------------------------

    def _begin(self, request: Request, dataset: Dataset | None = None) -> None:
        job = Job(request.id, request.project, request.payload, request.created, dataset)
        with self._lock:
            self._jobs[job.id] = job
        threading.Thread(target=self._work_on, args=(job,), daemon=True, name=f"request-{job.id}").start()

    def _work_on(self, job: Job) -> None:
        patient = bool(job.confirms)
        entered = self._slots.enter(job.project, patient, lambda: job.cancelled.is_set() or self._closing.is_set())
        try:
            with nullcontext() if patient else self.cluster.waited_for():
                self.flow.run(job)  # one that was stopped before it entered ends there too
        finally:
            if entered:
                self._slots.leave(job.project, patient)
            job.ended_at = time.monotonic()
            job.ended.set()

    def _stop(self, job: Job) -> None:
        job.cancelled.set()
        self._slots.wake()
        with self.runs.changed:
            self.runs.changed.notify_all()

    def _event(self, message: Mapping[str, Any]) -> None:
        if "run" in message:
            self.runs.event(message)
        elif "scheduler" in message:
            self.runs.reconnected()
        elif "trouble" in message:
            self.runs.give_up(str(message["trouble"]))
        elif message.get("warm") == "nuts":
            if message.get("worker") != self._nuts_worker:
                self._nuts_worker = message.get("worker")
                self._warm.clear()
            self._warm.add(str(message.get("kind")))

    def _finished(self, run: BlockRun) -> None:
        kind = kind_of(run.block, run.way)
        if run.fit is None or kind == "exact":
            return
        taken = measured(kind, run.fit, self.store.timings(), self._warm)
        if taken is not None:
            self.store.record_timing(kind, *taken)
        if is_sampled(kind):
            self._warm.add(kind)

    def _handed_over(self, run: BlockRun) -> None:
        self.flow.reweigh(run)

    def _first(self) -> list[str]:
        """Return the kinds of model that were used before, for a new worker to compile first."""
        with suppress(WhyboardError):
            return [kind for kind in self.store.timings() if is_sampled(kind)][:WARM_LIMIT]
        return []

    def _upkeep_forever(self) -> None:
        while True:
            try:
                self._upkeep()
            except Exception:  # a database that is away for a moment must not end the upkeep
                logger.exception("upkeep failed")
            if self._closing.wait(UPKEEP_SECONDS):
                return

    def _upkeep(self) -> None:
        """Say that we live; notice what others cancelled; take over what nobody works on."""
        old = time.monotonic() - REMEMBER_SECONDS
        with self._lock:
            self._jobs = {id: job for id, job in self._jobs.items() if job.ended_at is None or job.ended_at > old}
            mine = {job.id: job for job in self._jobs.values() if not job.ended.is_set()}
        if mine:
            self.store.beat(self.owner, {id: status_of(job).fraction for id, job in mine.items()})
            for job in mine.values():
                self.flow.write_blocks(job)
        states = self.store.request_states(list(mine))
        for id, job in mine.items():
            if states.get(id, "cancelled") == "cancelled":  # else its own thread has ended it, or will
                self._stop(job)
        for request in self.store.live_requests():
            if request.id not in self._jobs and _abandoned(request) and not self._closing.is_set():
                with suppress(StoreError):
                    if self.store.claim_request(request.id, self.owner, request.owner):
                        self._begin(self.store.request(request.id))


def _abandoned(request: LiveRequest) -> bool:
    """Return whether nobody works on a live request: its process is gone, or silent for long."""
    stale = abs(time.time() - request.heartbeat) > STALE_SECONDS  # a clock may be set back, too
    host, _, rest = (request.owner or "//").partition("/")
    pid, _, _ = rest.partition("/")
    if host != socket.gethostname() or not pid.isdecimal():
        return stale
    if int(pid) == os.getpid():  # an earlier life of this process id, or a service that was shut down
        return request.owner not in _services
    import psutil

    return stale or not psutil.pid_exists(int(pid))
