"""The Dask cluster: a scheduler in this process and two worker processes, or one elsewhere.

Everything speaks TLS under a certificate made for this run only, because whoever can speak
to a Dask scheduler can run code in its workers, and a port of 127.0.0.1 is open to every
user of the machine.
"""

import logging
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any

from core.errors import FitError, UsageError
from core.jobs import tasks
from core.jobs.children import Child, begin, held, tell
from core.jobs.elsewhere import CONNECT_SECONDS, Away, Elsewhere
from core.jobs.losses import cause_of, memory_bytes, memory_kills
from core.jobs.worker import GO_ON, ROLES, WAIT
from core.settings import Settings

__all__ = ["Cluster"]

logger = logging.getLogger("whyboard.jobs")

START_SECONDS = 120.0
STOP_SECONDS = 6.0
WATCH_SECONDS = 0.1
GIVE_UP = 4  # starts in a row that came to nothing, about half a minute
REST_SECONDS = 3.0  # after somebody waited: the next thing asked for is likely to come soon
WARM_SECONDS = 60.0  # for so long the other worker lets the quick one go first
CAUSE_SECONDS = 2.0  # between the loss of a connection and the end of its process
AHEAD = {"quick": 2, "nuts": 0}  # blocks at a worker beyond those that it can run at once


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
        self._client: Any = None
        self._cluster: Any = None
        self._secrets: dict[str, Any] = {}
        self._children: dict[str, Child] = {}
        self._deaths = threading.Condition()
        self._causes: dict[str, tuple[float, str]] = {}  # role: when its worker last ended, and why
        if not 0 <= settings.patience < float("inf"):
            raise UsageError(
                "this is no number of seconds",
                place="WHYBOARD_SCHEDULER_PATIENCE",
                hint="Write a number that is not negative, as in 600, or leave it out.",
            )
        self._elsewhere = (
            Elsewhere(settings.scheduler, settings.patience, self._connected, self._moved)
            if settings.scheduler
            else None
        )
        self._waited_for, self._since_waited = 0, 0.0
        self.memory = 0  # bytes that there are; found out when the first worker starts

    @property
    def ready(self) -> bool:
        """Whether tasks can be given to it."""
        if self._elsewhere is not None:
            return self._elsewhere.number > 0 and self._elsewhere.away() is None
        return self._ready.is_set() and self._error is None

    def start(self) -> None:
        """Start in a background thread, once."""
        if self._elsewhere is not None:
            self._elsewhere.start()
            return
        with self._lock:
            if not self._started:
                self._started = True
                threading.Thread(target=self._start, daemon=True, name="whyboard-cluster").start()

    def client(self, timeout: float = float("inf"), stopped: Callable[[], bool] = lambda: False) -> Any:
        """Return the Dask client, once there is one; :class:`FitError` if there will be none.

        A scheduler elsewhere that is away is waited for, ``timeout`` seconds or as long as the
        settings say, unless ``stopped`` says that nobody waits any more: then the answer is None.
        """
        self.start()
        if self._elsewhere is not None:
            client = self._elsewhere.client(timeout, lambda: stopped() or self._closing.is_set())
        elif self._ready.wait(START_SECONDS):
            client = self._client
        else:
            raise FitError("the workers are not up yet", hint="Wait a little and try again.")
        if self._closing.is_set():
            raise FitError("Whyboard is shutting down", hint="What was asked for goes on after the restart.")
        if self._error is not None:
            raise FitError(
                f"the workers cannot be started ({self._error})",
                place="local workers",
                hint="Look into the log of the server.",
            )
        return client

    def away(self) -> Away | None:
        """Return for how long a scheduler elsewhere has not been there; None while it is, and for our own."""
        return self._elsewhere.away() if self._elsewhere is not None else None

    @property
    def waiting_for(self) -> str:
        """What keeps everything waiting, in words; empty if nothing does."""
        if self._elsewhere is None:
            return ""
        if (away := self._elsewhere.away()) is not None:
            return away.words
        return f"the scheduler at {self._elsewhere.address} has no workers yet" if self._elsewhere.idle() else ""

    @property
    def connection(self) -> int:
        """The number of the connection to the scheduler; another one knows nothing of what was begun over this."""
        return self._elsewhere.number if self._elsewhere is not None else 0

    def lost(self, connection: int) -> bool:
        """Return whether what was begun over a connection is lost with it."""
        return self._elsewhere is not None and self._elsewhere.lost(connection)

    def submit(self, role: str, key: str, function: Callable[..., Any], *args: Any, first: bool = False) -> Any:
        """Give a task to a worker of a role; return its Dask future. ``first``: before what waits there."""
        client = self.client()
        wants = {"resources": {role: 1}} if self._elsewhere is None or self._elsewhere.has(role) else {}
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
        """Return how many blocks may be at the workers of a role at once; 0 where there is no worker."""
        if self._elsewhere is not None:
            return self._elsewhere.room(role, AHEAD)
        return self._threads + AHEAD[role]

    def cause(self, role: str, error: BaseException | None = None) -> str:
        """Say why the worker of a role that was lost just now ended: ``"memory"``, ``"crash"`` or ``"killed"``.

        Of somebody else's workers only this is known, whether their scheduler gave up a task
        after it had lost several of them with it.
        """
        if self._elsewhere is not None:
            return "crash" if type(error).__name__ == "KilledWorker" else "killed"
        now = time.monotonic()

        def known() -> bool:
            return now - self._causes.get(role, (0.0, ""))[0] < CAUSE_SECONDS

        with self._deaths:
            return self._causes[role][1] if self._deaths.wait_for(known, CAUSE_SECONDS) else "killed"

    @contextmanager
    def waited_for(self) -> Iterator[None]:
        """While somebody waits for something, workers begin nothing that nobody waits for."""
        with self._lock:
            self._waited_for += 1
        try:
            yield
        finally:
            with self._lock:
                self._waited_for -= 1
                self._since_waited = time.monotonic()

    def _must_wait(self, role: str) -> bool:
        """Return whether a worker may not begin what nobody waits for: somebody does, did just now, or soon will."""
        if self._waited_for or time.monotonic() - self._since_waited < REST_SECONDS:
            return True
        quick = self._children.get("quick")
        cold = quick is not None and not quick.warm and time.monotonic() - quick.started < WARM_SECONDS
        return role != "quick" and cold

    def tell_all(self, function: Callable[..., Any], *args: Any) -> None:
        """Call a function in every worker at once, beside its tasks."""
        if self.away() is None:
            with suppress(Exception):  # a worker that dies meanwhile needs no telling
                self.client(0).run(function, *args, on_error="ignore")

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
        if self._elsewhere is not None:
            self._elsewhere.close()
        for part in (self._client, self._cluster):
            if part is not None:
                with suppress(Exception):
                    part.close(timeout=3)
        noisy.setLevel(before)

    # -- starting -----------------------------------------------------------------

    def _start(self) -> None:
        try:
            _quieten()
            self._client = self._embed()
            self._client.subscribe_topic(tasks.TOPIC, self._event)
        except Exception as error:
            logger.exception("the workers cannot be started")
            self._error = error
        self._ready.set()
        if self._closing.is_set():  # closed while starting
            self.close()

    def _connected(self, address: Any, **options: Any) -> Any:
        """Connect to a scheduler elsewhere and listen to its workers."""
        _quieten()
        client = self._connect(address, **options)
        client.subscribe_topic(tasks.TOPIC, self._event)
        return client

    def _connect(self, address: Any, **options: Any) -> Any:
        from distributed import Client

        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False, name="whyboard", **options)

    def _moved(self) -> None:
        """Tell that the scheduler elsewhere came or went."""
        if self._on_event is not None:
            self._on_event({"scheduler": self.connection})

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

    def _spawn(self, role: str, failures: int = 0) -> Child:
        options = ["--role", role, "--threads", str(self._threads), *([] if self._warm else ["--cold"])]
        told = {"tls": self._secrets, "first": list(self._signatures()), "wait": True}
        return begin(self._settings, role, self._cluster.scheduler_address, options, told, failures)

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
                    child.bytes = held(child.process.pid) or child.bytes
                    if child.waits != self._must_wait(role):
                        child.waits = not child.waits
                        tell(child, WAIT if child.waits else GO_ON)
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

    def _due(self, child: Child, failed: bool) -> float:
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
                if message.get("warm") == "quick" and message.get("kind") == "importance" and self._children:
                    self._children["quick"].warm = True
                self._on_event(message)


def _quieten() -> None:
    """Silence what Dask says about lost workers and schedulers: that is ours to handle and to word."""
    import distributed  # noqa: F401 — sets its own levels while it is imported

    logging.getLogger("distributed").setLevel(logging.ERROR)
    for name in ("scheduler", "client"):
        logging.getLogger(f"distributed.{name}").setLevel(logging.CRITICAL)
