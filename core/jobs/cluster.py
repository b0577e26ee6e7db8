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
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import core
from core.errors import FitError
from core.jobs import tasks
from core.jobs.worker import ROLES
from core.settings import Settings

__all__ = ["Cluster"]

logger = logging.getLogger("whyboard.jobs")

START_SECONDS = 120.0
STOP_SECONDS = 6.0
LOG_BYTES = 2_000_000


@dataclass
class _Child:
    role: str
    process: subprocess.Popen[str]
    started: float
    failures: int = 0


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
        self._children: dict[str, _Child] = {}

    @property
    def embedded(self) -> bool:
        """Whether scheduler and workers are our own."""
        return not self._settings.scheduler

    @property
    def ready(self) -> bool:
        """Whether tasks can be given to it."""
        return self._ready.is_set() and self._error is None

    def start(self) -> None:
        """Start in a background thread; calling it again does nothing."""
        with self._lock:
            if not self._started:
                self._started = True
                threading.Thread(target=self._start, daemon=True, name="whyboard-cluster").start()

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

    def submit(self, role: str, key: str, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Give a task to a worker of a role; return its Dask future."""
        client = self.client()
        wants = {"resources": {role: 1}} if self._has(client, role) else {}
        return client.submit(function, *args, key=key, pure=False, **wants, **options)

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
            self._error = error
        self._ready.set()
        if self._closing.is_set():  # closed while starting
            self.close()

    def _connect(self, address: Any, **options: Any) -> Any:
        from distributed import Client

        return Client(address, timeout="60s", set_as_default=False, name="whyboard", **options)

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
        for role in ROLES:
            if not self._closing.is_set():
                self._children[role] = self._spawn(role)
        threading.Thread(target=self._supervise, daemon=True, name="whyboard-supervisor").start()
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
                start_new_session=True,  # Ctrl-C in the terminal is for the server, which then stops them
            )
        assert process.stdin is not None
        with suppress(OSError):
            process.stdin.write(json.dumps({"tls": self._secrets, "first": list(self._signatures())}) + "\n")
            process.stdin.flush()
        return _Child(role, process, time.monotonic(), failures)

    def _supervise(self) -> None:
        """Replace workers that ended, more and more slowly where they end at once."""
        while not self._closing.wait(0.25):
            for role, child in list(self._children.items()):
                if child.process.poll() is None:
                    continue
                quick_end = time.monotonic() - child.started < 10
                failures = child.failures + 1 if quick_end else 0
                logger.warning("the %s worker ended (%s); starting another", role, child.process.returncode)
                if self._closing.wait(min(30.0, 2.0**failures - 1)):
                    return
                fresh = self._children[role] = self._spawn(role, failures)
                if self._closing.is_set():  # close() may not have seen it
                    fresh.process.kill()

    # -- Dask's side --------------------------------------------------------------

    def _event(self, event: Any) -> None:
        if self._on_event is not None:
            message = event[1] if isinstance(event, tuple) else event
            if isinstance(message, Mapping):
                self._on_event(message)

    def _has(self, client: Any, role: str) -> bool:
        """Tell whether workers of somebody else's cluster declare this role."""
        if self.embedded:
            return True
        workers = client.scheduler_info(n_workers=-1)["workers"].values()
        return any(role in (worker.get("resources") or {}) for worker in workers)


def _log_file(path: Path) -> Any:
    fresh = not path.exists() or path.stat().st_size > LOG_BYTES
    return path.open("w" if fresh else "a", encoding="utf-8")
