"""Reading a file in a process of its own, so that no file can take down who asked for it.

A reader (:mod:`core.data.reader`) reads one file and ends. A few work at once; the others
wait their turn. Each is bounded in memory and processor time, can be cancelled, and is ended
when whoever asked is gone. What it hands back is a table as bytes and JSON, never a pickle.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import core
from core.data.dataset import Dataset
from core.data.kept import from_bytes
from core.data.limits import LIMITS, Limits
from core.data.sizes import size_words
from core.errors import DataError, WhyboardError

__all__ = ["MEMORY", "SECONDS", "Progress", "Readers", "Reading", "Table"]

logger = logging.getLogger("whyboard.data")

MEMORY = 2_500_000_000
"""Bytes of memory that reading one file may take."""
SECONDS = 120
"""Seconds of processor time that reading one file may take."""
AT_ONCE = 2
_WALL_TIMES = 5  # a machine may be busy; a reader that stands still is ended all the same
_WATCH_SECONDS = 0.1
_ASK_SECONDS = 1.0  # between two questions whether anybody still waits for it
_LINE = 1 << 16
_HINT = "Keep the columns that the hypotheses speak of, or a random sample of the rows."


@dataclass(frozen=True)
class Table:
    """What was read of a file: the data set, and the same as bytes to keep."""

    dataset: Dataset
    table: bytes


@dataclass(frozen=True)
class Progress:
    """How far a reading is: what it does in words, how much of that is done (0 to 1), and how many are before it."""

    doing: str = "waiting"
    share: float = 0.0
    ahead: int = 0
    seconds: float = 0.0


class Reading:
    """One file that is being read, or was.

    Parameters
    ----------
    name : str
        What the file is called.
    alive : callable
        Whether somebody still waits for it; asked about once a second.
    """

    def __init__(self, name: str, size: int = 0, alive: Callable[[], bool] = lambda: True) -> None:
        self.name, self.size = name, size
        self.cpu_seconds = 0.0  # that the reader has used so far
        self.memory = 0  # bytes that it held at most
        self.pid: int | None = None  # of its reader, once it has one
        self._alive, self._asked = alive, time.monotonic()
        self._begun = time.monotonic()
        self._progress = Progress()
        self._table: Table | None = None
        self._error: WhyboardError | None = None
        self._cancelled, self._ended = threading.Event(), threading.Event()

    @property
    def ended(self) -> bool:
        """Whether it was read, refused or cancelled, and its process is gone."""
        return self._ended.is_set()

    @property
    def cancelled(self) -> bool:
        """Whether it was called off, by somebody or because nobody was there any more."""
        return self._cancelled.is_set()

    @property
    def progress(self) -> Progress:
        """How far it is."""
        now = self._progress
        return Progress(now.doing, now.share, now.ahead, time.monotonic() - self._begun)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it has ended, at most ``timeout`` seconds; return whether it has."""
        return self._ended.wait(timeout)

    def cancel(self) -> None:
        """Call it off: its process is ended at once."""
        self._cancelled.set()

    def result(self) -> Table:
        """Return what was read, when it has ended; :class:`DataError` if it was refused or cancelled."""
        self._ended.wait()
        if self._error is not None:
            raise self._error
        if self._table is None:
            raise DataError("reading it was cancelled", place=self.name, hint="Give the file again.")
        return self._table

    # -- for who reads ------------------------------------------------------------

    def tell(self, doing: str, share: float = 0.0, ahead: int = 0) -> None:
        """Note how far it is."""
        self._progress = Progress(doing, share, ahead)

    def end(self, table: Table | None = None, error: WhyboardError | None = None) -> None:
        """Note how it ended."""
        self._table, self._error = table, error
        self._ended.set()

    def wanted(self) -> bool:
        """Return whether it is still waited for; if not, it counts as cancelled."""
        now = time.monotonic()
        if not self._cancelled.is_set() and now - self._asked >= _ASK_SECONDS:
            self._asked = now
            if not self._alive():
                self._cancelled.set()
        return not self._cancelled.is_set()


class Readers:
    """Reads files, each in a process of its own, a few at once.

    Parameters
    ----------
    at_once : int
    memory, seconds : int
        Bounds of one reader.
    limits : Limits
        Bounds of a file and its table.
    """

    def __init__(
        self, at_once: int = AT_ONCE, memory: int = MEMORY, seconds: int = SECONDS, limits: Limits = LIMITS
    ) -> None:
        self._at_once, self._memory, self._seconds, self._limits = at_once, memory, seconds, limits
        self._turn = threading.Condition()
        self._waiting: list[Reading] = []
        self._active = 0
        self._spare: subprocess.Popen[bytes] | None = None
        self._keeps_spare = False

    def read(self, content: bytes, name: str, alive: Callable[[], bool] = lambda: True) -> Reading:
        """Begin to read a file; returns at once."""
        reading = Reading(name, len(content), alive)
        with self._turn:
            self._waiting.append(reading)
        threading.Thread(target=self._run, args=(reading, content), daemon=True, name="whyboard-reading").start()
        return reading

    def warm(self) -> None:
        """Keep a reader started from now on, so that a small file need not wait for one."""
        self._keeps_spare = True
        self._refill()

    def close(self) -> None:
        """End the spare reader; those at work end with their input, which ends with this process."""
        self._keeps_spare = False
        with self._turn:
            spare, self._spare = self._spare, None
        if spare is not None:
            _end(spare)

    # -- one reading --------------------------------------------------------------

    def _run(self, reading: Reading, content: bytes) -> None:
        table: Table | None = None
        error: WhyboardError | None = None
        try:
            if self._wait_for_turn(reading):
                try:
                    table = self._read(reading, content)
                finally:
                    with self._turn:
                        self._active -= 1
                        self._turn.notify_all()
        except WhyboardError as refused:
            error = refused
        except Exception:
            logger.exception("a file could not be read")
            error = _our_fault(reading.name)
        reading.end(table, error)
        self._refill()

    def _wait_for_turn(self, reading: Reading) -> bool:
        """Wait until a place is free, in the order of asking; return False if it is not wanted any more."""
        with self._turn:
            while reading.wanted():
                ahead = self._waiting.index(reading)
                if ahead == 0 and self._active < self._at_once:
                    self._active += 1
                    break
                reading.tell("waiting", ahead=ahead + self._active)
                self._turn.wait(_WATCH_SECONDS)
            self._waiting.remove(reading)
            self._turn.notify_all()
            return not reading.cancelled

    def _read(self, reading: Reading, content: bytes) -> Table | None:
        reading.tell("starting")
        process = self._take()
        reading.pid = process.pid
        asked = {
            "name": reading.name,
            "bytes": len(content),
            "limits": asdict(self._limits),
            "memory": self._memory * 5 // 4,
            "seconds": self._seconds + 5,
        }  # fmt: skip — the system's bounds are the second line; the watch below can say why
        watch = _Watch(reading, process, self._memory, self._seconds)
        try:
            with suppress(BrokenPipeError):  # it was ended meanwhile; the answer says why
                assert process.stdin
                process.stdin.write(json.dumps(asked).encode() + b"\n")
                process.stdin.write(content)
                process.stdin.flush()
            return self._answer(reading, process, watch)
        finally:
            _end(process)
            watch.join()

    def _answer(self, reading: Reading, process: subprocess.Popen[bytes], watch: _Watch) -> Table | None:
        assert process.stdout
        most = 2 * self._limits.decoded + 16 * self._limits.cells
        while (line := process.stdout.readline(_LINE)).endswith(b"\n"):
            said = json.loads(line)
            if "doing" in said:
                reading.tell(str(said["doing"]), float(said["share"]))
            elif "refused" in said:
                raise _refusal(said["refused"], reading.name, self._memory)
            elif "fault" in said:
                logger.error("reading a file failed:\n%s", said["fault"])
                raise _our_fault(reading.name)
            elif (size := int(said["table"])) <= most:
                table = process.stdout.read(size)
                if len(table) == size:
                    return Table(from_bytes(table), table)
        process.wait()
        watch.join()
        if reading.cancelled:
            return None
        if watch.over == "time":
            raise DataError(
                f"reading it takes longer than the {self._seconds} s that one file may use",
                place=reading.name,
                hint=f"{_HINT} A workbook is read much faster when it is saved as CSV.",
            )
        if watch.over == "memory":
            raise _no_memory(reading.name, self._memory)
        raise DataError(
            "the file ended the process that read it",
            place=reading.name,
            hint="It may be damaged; write it anew, or save the table as CSV.",
        )

    # -- processes ----------------------------------------------------------------

    def _take(self) -> subprocess.Popen[bytes]:
        with self._turn:
            spare, self._spare = self._spare, None
        return spare if spare is not None and spare.poll() is None else _start()

    def _refill(self) -> None:
        """Start a spare, where one is to be kept and nobody else needs the processor for reading."""
        with self._turn:
            if self._keeps_spare and self._spare is None and not self._active and not self._waiting:
                try:
                    self._spare = _start()
                except OSError:
                    logger.exception("no spare reader can be started")


class _Watch(threading.Thread):
    """Ends a reader that takes too much, or that nobody waits for any more."""

    def __init__(self, reading: Reading, process: subprocess.Popen[bytes], memory: int, seconds: int) -> None:
        super().__init__(daemon=True, name="whyboard-reading-watch")
        self.over = ""
        self._reading, self._process, self._memory, self._seconds = reading, process, memory, seconds
        self.start()

    def run(self) -> None:
        import psutil

        end = time.monotonic() + _WALL_TIMES * self._seconds
        with suppress(psutil.Error):
            child = psutil.Process(self._process.pid)
            before = _cpu_seconds(child)  # of a spare's imports
            while self._process.poll() is None:
                used, held = _cpu_seconds(child) - before, int(child.memory_info().rss)
                self._reading.cpu_seconds = used
                self._reading.memory = max(self._reading.memory, held)
                if held > self._memory:
                    self.over = "memory"
                elif used > self._seconds or time.monotonic() > end:
                    self.over = "time"
                if self.over or not self._reading.wanted():
                    self._process.kill()
                    return
                time.sleep(_WATCH_SECONDS)


def _cpu_seconds(process: Any) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _start() -> subprocess.Popen[bytes]:
    root = str(Path(core.__file__).parents[1])
    paths = [root, *(path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path)]
    return subprocess.Popen(
        [sys.executable, "-m", "core.data.reader"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        start_new_session=True,  # Ctrl-C in the terminal is for the server; this one ends with its input
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process if it has not, and forget it; nothing of it is left."""
    process.kill()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):
            if pipe is not None:
                pipe.close()
    process.wait()


def _refusal(said: dict[str, Any], name: str, memory: int) -> WhyboardError:
    if said.get("memory"):
        return _no_memory(name, memory)
    return DataError(str(said["message"]), place=str(said["place"]), hint=str(said["hint"]))


def _no_memory(name: str, memory: int) -> DataError:
    return DataError(
        f"reading it takes more than the {size_words(memory)} of memory that one file may use", place=name, hint=_HINT
    )


def _our_fault(name: str) -> DataError:
    return DataError(
        "something went wrong that is our fault; the server's log says more",
        place=name,
        hint="Try another format, such as CSV, and please report it.",
    )
