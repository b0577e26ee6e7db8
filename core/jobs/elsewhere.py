"""Somebody else's Dask scheduler: a client of it as long as it is there, looked for again when it is not.

Dask's own client takes up a lost connection again by itself, but what then stands behind the
address may be another scheduler that knows none of our tasks and none of our subscriptions;
and of one that said good-bye it does not notice that it is gone. So every connection here has a
number and a client of its own: what was begun over an earlier one counts as lost, whatever
Dask still says about it.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from core.errors import FitError

__all__ = ["Away", "Elsewhere"]

logger = logging.getLogger("whyboard.jobs")

CONNECT_SECONDS = 5.0
RETRY_SECONDS = 1.0
WATCH_SECONDS = 0.2
ROOM_SECONDS = 5.0  # workers come and go


@dataclass(frozen=True)
class Away:
    """A scheduler that does not answer, and for how long it is waited for."""

    address: str
    seconds: float
    patience: float

    @property
    def over(self) -> bool:
        """Whether it has been away for longer than it is waited for."""
        return self.seconds >= self.patience

    @property
    def words(self) -> str:
        """What is going on, for whoever waits."""
        return (
            f"the scheduler at {self.address} has been away for {_duration(self.seconds)}; looking for it again, for "
            f"{_duration(self.patience)} at most"
        )

    @property
    def error(self) -> FitError:
        """Why it is not waited for any longer."""
        return FitError(
            f"the scheduler at {self.address} has been away for {_duration(self.seconds)}",
            hint="Start it, or correct WHYBOARD_DASK_SCHEDULER; then ask for the fit again: what was finished is kept. "
            f"Fits wait for it {_duration(self.patience)} (WHYBOARD_SCHEDULER_PATIENCE, in seconds).",
        )


class Elsewhere:
    """Keeps a client of the scheduler at an address.

    Parameters
    ----------
    address : str
    patience : float
        Seconds for which work waits for a scheduler that is away.
    connect : callable
        Makes a client; raises OSError while nobody answers.
    changed : callable
        Called without arguments whenever the connection came, went or cannot be had.
    """

    def __init__(
        self, address: str, patience: float, connect: Callable[[str], Any], changed: Callable[[], None]
    ) -> None:
        self.address, self.patience = address, patience
        self._connect, self._changed = connect, changed
        self._state = threading.Condition()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._client: Any = None
        self._comm: Any = None
        self._number = 0
        self._since = time.monotonic()  # when it was last there
        self._error: Exception | None = None  # one that no waiting mends
        self._rooms: tuple[float, dict[str, int]] = (0.0, {})

    def start(self) -> None:
        """Begin to look for it, in a thread; called again it does nothing."""
        with self._state:
            if self._thread is None and not self._closing.is_set():
                self._since = time.monotonic()
                self._thread = threading.Thread(target=self._keep_forever, daemon=True, name="whyboard-scheduler")
                self._thread.start()

    def close(self) -> None:
        """Let go of the scheduler."""
        self._closing.set()
        with self._state:
            client, self._client = self._client, None
            self._state.notify_all()
        if client is not None:
            with suppress(Exception):
                client.close(timeout=3)

    @property
    def number(self) -> int:
        """The number of the connection that there is or was last; 0 before the first."""
        return self._number

    def lost(self, number: int) -> bool:
        """Return whether the connection of this number is no longer the one that there is."""
        return number != self._number or not self._is_up()

    def away(self) -> Away | None:
        """Return for how long it has not been there; None while it is."""
        with self._state:
            if self._error is not None or self._closing.is_set() or self._is_up():
                return None
            return Away(self.address, time.monotonic() - self._since, self.patience)

    def client(self, timeout: float, stopped: Callable[[], bool] = lambda: False) -> Any:
        """Return its client, once there is one; None if ``stopped`` says so first.

        Raises
        ------
        FitError
            If it has been away for longer than it is waited for, or than ``timeout``, or
            cannot be had at this address.
        """
        end = time.monotonic() + timeout
        while not stopped() and not self._closing.is_set():
            if self._error is not None:
                raise FitError(
                    f"the scheduler cannot be used ({self._error})",
                    place=self.address,
                    hint="Correct WHYBOARD_DASK_SCHEDULER, as in tcp://host:8786.",
                ) from self._error
            away = self.away()
            if away is None and (client := self._client) is not None:
                return client
            if away is not None and (away.over or time.monotonic() > end):
                raise away.error
            with self._state:
                self._state.wait(0.1)
        return None

    def room(self, role: str, ahead: Mapping[str, int]) -> int:
        """Return how many blocks its workers of a role may have at once, those ahead included; 0: no workers."""
        when, rooms = self._rooms
        if time.monotonic() - when > ROOM_SECONDS or not rooms.get(role):
            rooms = {}
            workers = self._workers()
            for name, more in ahead.items():
                declared = [worker for worker in workers if name in (worker.get("resources") or {})]
                threads = sum(int(worker.get("nthreads", 1)) for worker in declared or workers)
                rooms[name] = threads + more if threads else 0
            self._rooms = (time.monotonic(), rooms)
        return rooms.get(role, 0)

    def idle(self) -> bool:
        """Return whether it is there without any worker, as far as is known."""
        return self._is_up() and bool(self._rooms[1]) and not any(self._rooms[1].values())

    def has(self, role: str) -> bool:
        """Tell whether its workers declare this role."""
        return any(role in (worker.get("resources") or {}) for worker in self._workers())

    def _workers(self) -> list[Mapping[str, Any]]:
        """Ask who is there. Never under a lock: the answer comes in the thread of Dask's events."""
        client = self._client
        return list(client.scheduler_info(n_workers=-1)["workers"].values()) if client is not None else []

    # -- the connection ----------------------------------------------------------------

    def _is_up(self) -> bool:
        client, comm = self._client, self._comm
        if client is None or client.status != "running":
            return False
        now = client.scheduler_comm  # another one: Dask has taken up another connection
        return now is comm and not (now is not None and now.closed())

    def _keep_forever(self) -> None:
        while not self._closing.is_set():
            try:
                client = self._connect(self.address)
            except OSError as error:
                logger.info("the scheduler at %s does not answer (%s)", self.address, error)
                self._closing.wait(RETRY_SECONDS)
                continue
            except Exception as error:
                logger.exception("the scheduler at %s cannot be used", self.address)
                self._note(error=error)
                return
            self._note(client)
            while not self._closing.wait(WATCH_SECONDS) and self._is_up():
                self._since = time.monotonic()
            if not self._closing.is_set():
                logger.warning("the scheduler at %s is away; looking for it again", self.address)
                self._note()
                threading.Thread(target=_close, args=(client,), daemon=True, name="whyboard-letting-go").start()

    def _note(self, client: Any = None, error: Exception | None = None) -> None:
        with self._state:
            closing = self._closing.is_set()
            self._client = None if closing else client
            self._comm = None if client is None else client.scheduler_comm
            self._error, self._rooms = error, (0.0, {})
            self._number += client is not None
            self._since = time.monotonic() if client is not None else self._since
            self._state.notify_all()
        if closing and client is not None:
            _close(client)
        self._changed()


def _close(client: Any) -> None:
    with suppress(Exception):
        client.close(timeout=1)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
