"""The Dask cluster: a scheduler in this process and two worker processes, or one elsewhere.

The workers are started as plain programs rather than by ``multiprocessing``, whose way of
starting a process runs the main script again: under Streamlit that is the page being drawn.
Everything speaks TLS under a certificate made for this run only, because whoever can speak
to a Dask scheduler can run code in its workers, and a port of 127.0.0.1 is open to every
user of the machine.
"""

import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import core
from core.errors import FitError
from core.jobs import tasks
from core.jobs.losses import cause_of, memory_bytes, memory_kills
from core.jobs.worker import ROLES
from core.settings import Settings

__all__ = ["Cluster"]

logger = logging.getLogger("whyboard.jobs")

START_SECONDS = 120.0
STOP_SECONDS = 6.0
WATCH_SECONDS = 0.1
LOG_BYTES = 2_000_000
ROOM_SECONDS = 5.0  # somebody else's workers come and go
CONNECT_SECONDS = 20.0  # to somebody else's scheduler
RETRY_SECONDS = 10.0  # after which a scheduler that was not there is tried again
GIVE_UP = 4  # starts in a row that came to nothing, about half a minute
CAUSE_SECONDS = 2.0  # between the loss of a connection and the end of its process
AHEAD = {"quick": 2, "nuts": 0}  # blocks at a worker beyond those that it can run at once


@dataclass
class _Child:
    role: str
    process: subprocess.Popen[str]
    started: float
    failures: int = 0
    bytes: int = 0  # of memory, when last looked at
    up: bool = False  # it has reached the scheduler


class Cluster:
    """Starts in the background, keeps its workers alive and closes without leaving any.

    Parameters
    ----------
    settings : Settings
        ``scheduler`` names one to use instead of starting one.
    on_event : callable, optional
        Called with each event of a worker (``core.jobs.tasks.TOPIC``), in a thread of Dask.
    warm : bool
        Whether workers import and compile in advance.
    signatures : callable, optional
        Asked, when a worker starts, what to compile first (``core.jobs.estimate.kind_of``).
    threads : int, optional
        Threads a worker; as many as cores if left out.
    """

    def __init__(
        self,
        settings: Settings,
        on_event: Callable[[Mapping[str, Any]], None] | None = None,
        *,
        warm: bool = True,
        signatures: Callable[[], Sequence[str]] = tuple,
        threads: int | None = None,
    ) -> None:
        self._settings, self._on_event, self._warm = settings, on_event, warm
        self._signatures = signatures
        self._threads = threads or os.cpu_count() or 1
        self._ready, self._closing = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._started = False
        self._error: Exception | None = None
        self._failed = 0.0  # when, by time.monotonic()
        self._client: Any = None
        self._cluster: Any = None
        self._secrets: dict[str, Any] = {}
        self._children: dict[str, _Child] = {}
        self._deaths = threading.Condition()
        self._causes: dict[str, tuple[float, str]] = {}  # role: when its worker last ended, and why
        self._rooms: tuple[float, dict[str, int]] = (0.0, {})
        self.memory = 0  # bytes that there are; found out when the first worker starts

    @property
    def embedded(self) -> bool:
        """Whether scheduler and workers are our own."""
        return not self._settings.scheduler

    @property
    def ready(self) -> bool:
        """Whether tasks can be given to it."""
        return self._ready.is_set() and self._error is None

    def start(self) -> None:
        """Start in a background thread; called again it only tries anew what is not ours and was not there."""
        with self._lock:
            again = self._started and not self.embedded and self._is_lost()
            if again:
                self._error, self._client = None, None
                self._ready.clear()
            if again or not self._started:
                self._started = True
                threading.Thread(target=self._start, daemon=True, name="whyboard-cluster").start()

    def _is_lost(self) -> bool:
        if self._closing.is_set() or not self._ready.is_set():
            return False
        if self._error is not None:
            return time.monotonic() - self._failed > RETRY_SECONDS
        return self._client is not None and self._client.status == "closed"

    def client(self, timeout: float = START_SECONDS) -> Any:
        """Return the Dask client, once there is one; :class:`FitError` if there will be none."""
        self.start()
        if not self._ready.wait(timeout):
            raise FitError("the workers are not up yet", hint="Wait a little and try again.")
        if self._closing.is_set():
            raise FitError("Whyboard is shutting down", hint="What was asked for goes on after the restart.")
        if self._error is not None:
            raise FitError(
                f"the workers cannot be started ({self._error})",
                place=self._settings.scheduler or "local workers",
                hint="Look into the log of the server, and at WHYBOARD_DASK_SCHEDULER if you set it.",
            )
        return self._client

    def submit(self, role: str, key: str, function: Callable[..., Any], *args: Any, first: bool = False) -> Any:
        """Give a task to a worker of a role; return its Dask future. ``first``: before what waits there."""
        client = self.client()
        wants = {"resources": {role: 1}} if self._has(role) else {}
        return client.submit(function, *args, key=key, pure=False, priority=int(first), **wants)

    def trouble(self, role: str) -> FitError | None:
        """Return why our own worker of a role cannot be had, if it ends again and again before it is of use."""
        child = self._children.get(role)
        if child is None or child.up or child.failures < GIVE_UP:
            return None
        return FitError(
            f"the {role} worker ended {child.failures} times while it was starting",
            hint=f"logs/worker-{role}.log in the data folder says why. Check the free memory, the free space on disk "
            "and the installation.",
        )

    def room(self, role: str) -> int:
        """Return how many blocks may be at the workers of a role at once."""
        if self.embedded:
            return self._threads + AHEAD[role]
        when, rooms = self._rooms
        if time.monotonic() - when > ROOM_SECONDS and self.ready:
            rooms = {}
            for name in ROLES:
                declared = [w for w in self._workers() if name in (w.get("resources") or {})]
                rooms[name] = sum(int(w.get("nthreads", 1)) for w in declared or self._workers()) + AHEAD[name]
            self._rooms = (time.monotonic(), rooms)
        return rooms.get(role, 1)

    def cause(self, role: str, error: BaseException | None = None) -> str:
        """Say why the worker of a role that was lost just now ended: ``"memory"``, ``"crash"`` or ``"killed"``.

        Of somebody else's workers only this is known, whether their scheduler gave up a task
        after it had lost several of them with it.
        """
        if not self.embedded:
            return "crash" if type(error).__name__ == "KilledWorker" else "killed"
        now = time.monotonic()

        def known() -> bool:
            return now - self._causes.get(role, (0.0, ""))[0] < CAUSE_SECONDS

        with self._deaths:
            return self._causes[role][1] if self._deaths.wait_for(known, CAUSE_SECONDS) else "killed"

    def tell_all(self, function: Callable[..., Any], *args: Any) -> None:
        """Call a function in every worker at once, beside its tasks."""
        with suppress(Exception):  # a worker that dies meanwhile needs no telling
            self.client().run(function, *args, on_error="ignore")

    def pids(self) -> dict[str, int]:
        """Return the process ids of our own workers, by role."""
        return {role: child.process.pid for role, child in self._children.items()}

    def close(self) -> None:
        """Stop workers and scheduler; at most some seconds, and nothing is left behind."""
        self._closing.set()
        self._ready.set()
        # At the end of the process Dask cannot call back any more, and would say so at length.
        noisy = logging.getLogger("tornado.application")
        before = noisy.level
        noisy.setLevel(logging.CRITICAL)
        for child in self._children.values():
            with suppress(OSError):
                if child.process.stdin is not None:
                    child.process.stdin.close()  # this alone ends a worker
        end = time.monotonic() + STOP_SECONDS
        for child in self._children.values():
            try:
                child.process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
        for part in (self._client, self._cluster):
            if part is not None:
                with suppress(Exception):
                    part.close(timeout=3)
        noisy.setLevel(before)

    # -- starting -----------------------------------------------------------------

    def _start(self) -> None:
        try:
            import distributed  # noqa: F401 — sets its own levels while it is imported

            # What Dask says about lost workers is ours to handle and to word.
            logging.getLogger("distributed").setLevel(logging.ERROR)
            logging.getLogger("distributed.scheduler").setLevel(logging.CRITICAL)
            self._client = self._embed() if self.embedded else self._connect(self._settings.scheduler)
            self._client.subscribe_topic(tasks.TOPIC, self._event)
        except Exception as error:
            logger.exception("the workers cannot be started")
            self._error, self._failed = error, time.monotonic()
        self._ready.set()
        if self._closing.is_set():  # closed while starting
            self.close()

    def _connect(self, address: Any, **options: Any) -> Any:
        from distributed import Client

        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False, name="whyboard", **options)

    def _embed(self) -> Any:
        import dask
        from distributed import Scheduler, SpecCluster
        from distributed.security import Security

        security = Security.temporary()
        self._secrets = {
            "tls_ca_file": security.tls_ca_file,
            "tls_worker_cert": security.tls_worker_cert,
            "tls_worker_key": security.tls_worker_key,
            "require_encryption": True,
        }
        options = {
            "host": "127.0.0.1",
            "port": 0,
            "protocol": "tls",
            "dashboard": False,
            "dashboard_address": "127.0.0.1:0",
            "security": security,
        }
        # Rows travel with their task, between processes of one machine.
        dask.config.set({"distributed.admin.large-graph-warning-threshold": "100GB"})
        # A killed worker's blocks come back to us at once: we count the attempts.
        with dask.config.set({"distributed.scheduler.allowed-failures": 0, "distributed.scheduler.http.routes": []}):
            self._cluster = SpecCluster(
                workers={},
                scheduler={"cls": Scheduler, "options": options},
                security=security,
                silence_logs=logging.ERROR,
                name="whyboard",
            )
        client = self._connect(self._cluster, security=security)
        self.memory = self.memory or memory_bytes()
        # All workers are started in one thread that lives as long as they: on Linux they end with it.
        started: Future[None] = Future()
        threading.Thread(target=self._supervise, args=(started,), daemon=True, name="whyboard-supervisor").start()
        started.result()
        return client

    def _spawn(self, role: str, failures: int = 0) -> _Child:
        home = self._settings.home
        logs = home / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable, "-m", "core.jobs.worker", self._cluster.scheduler_address,
            "--role", role, "--threads", str(self._threads), "--child",
            "--compiled", str(self._settings.compiled / role), "--scratch", str(home / "cache" / "scratch"),
            *([] if self._warm else ["--cold"]),
        ]  # fmt: skip
        root = str(Path(core.__file__).parents[1])
        paths = [root, *(path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path)]
        with _log_file(logs / f"worker-{role}.log") as log:
            process = subprocess.Popen(  # noqa: S603 — our own program, no shell
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                text=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
                # Ctrl-C in the terminal is for the server, which then stops them. No session of its own: Linux
                # weighs sessions against each other first, and niceness would count only inside of one.
                process_group=0 if os.name == "posix" else None,
            )
        assert process.stdin is not None
        with suppress(OSError):
            process.stdin.write(json.dumps({"tls": self._secrets, "first": list(self._signatures())}) + "\n")
            process.stdin.flush()
        return _Child(role, process, time.monotonic(), failures)

    def _supervise(self, started: "Future[None]") -> None:
        """Start workers and replace those that ended; more and more slowly where they end before they are of use."""
        kills = memory_kills()
        try:
            for role in ROLES:
                if not self._closing.is_set():
                    self._children[role] = self._spawn(role)
        except BaseException as error:
            started.set_exception(error)
            return
        started.set_result(None)
        due: dict[str, float] = {}
        while not self._closing.wait(WATCH_SECONDS):
            for role, child in list(self._children.items()):
                status = child.process.poll()
                if status is None:
                    child.bytes = _held(child.process.pid) or child.bytes
                    continue
                if role not in due:
                    cause = cause_of(status, child.bytes / max(self.memory, 1), memory_kills() > kills)
                    with self._deaths:
                        self._causes[role] = (time.monotonic(), cause)
                        self._deaths.notify_all()
                    killed = cause == "killed" and status < 0
                    logger.warning("the %s worker ended (%s, %s); starting another", role, status, cause)
                    due[role] = self._due(child, failed=not (child.up or killed))
                if time.monotonic() < due[role]:
                    continue
                try:
                    fresh = self._spawn(role, child.failures)
                except OSError:  # no memory, processes or disk to be had, perhaps only for a while
                    logger.exception("the %s worker cannot be started", role)
                    due[role] = self._due(child, failed=True)
                    continue
                del due[role]
                self._children[role] = fresh
                if self._closing.is_set():  # close() may not have seen it
                    fresh.process.kill()
            kills = memory_kills()

    def _due(self, child: _Child, failed: bool) -> float:
        """Return when to replace a worker; note and tell that its start came to nothing."""
        child.up = False
        child.failures = child.failures + 1 if failed else 0
        if child.failures >= GIVE_UP and self._on_event is not None:
            self._on_event({"trouble": child.role})
        return time.monotonic() + min(30.0, 2.0**child.failures - 1)

    # -- Dask's side --------------------------------------------------------------

    def _event(self, event: Any) -> None:
        if self._on_event is not None:
            message = event[1] if isinstance(event, tuple) else event
            if isinstance(message, Mapping):
                for child in list(self._children.values()) if "up" in message else ():
                    child.up = child.up or child.process.pid == message["up"]
                self._on_event(message)

    def _has(self, role: str) -> bool:
        """Tell whether workers of somebody else's cluster declare this role."""
        return self.embedded or any(role in (worker.get("resources") or {}) for worker in self._workers())

    def _workers(self) -> list[Mapping[str, Any]]:
        """Ask the scheduler who is there. Never under a lock: its answer comes in the thread of its events."""
        return list(self._client.scheduler_info(n_workers=-1)["workers"].values())


def _held(pid: int) -> int:
    """Return the bytes of memory that a process holds; 0 if it is gone."""
    import psutil

    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _log_file(path: Path) -> Any:
    fresh = not path.exists() or path.stat().st_size > LOG_BYTES
    return path.open("w" if fresh else "a", encoding="utf-8")
