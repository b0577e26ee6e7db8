"""Worker processes of our own: how one is started, spoken to and looked at.

They are started as plain programs rather than by ``multiprocessing``, whose way of starting a
process runs the main script again: under Streamlit that is the page being drawn.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import core
from core.settings import Settings

__all__ = ["Child", "begin", "held", "tell"]

LOG_BYTES = 2_000_000


@dataclass
class Child:
    """One worker process and what is known of it."""

    role: str
    process: subprocess.Popen[str]
    started: float
    failures: int = 0
    bytes: int = 0  # of memory, when last looked at
    up: bool = False  # it has reached the scheduler
    warm: bool = False  # it has done in advance what a first quick fit needs
    waits: bool = True  # it was told to begin nothing that nobody waits for


def begin(
    settings: Settings, role: str, scheduler: str, options: Sequence[str], told: Mapping[str, Any], failures: int = 0
) -> Child:
    """Start a worker; ``told`` is what others must not read on its command line."""
    home = settings.home
    logs = home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable, "-m", "core.jobs.worker", scheduler, *options, "--child",
        "--compiled", str(settings.compiled / role), "--scratch", str(home / "cache" / "scratch"),
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
    child = Child(role, process, time.monotonic(), failures)
    tell(child, json.dumps(told))
    return child


def tell(child: Child, line: str) -> None:
    """Write a line to a worker; one that has ended is replaced anyway."""
    with suppress(OSError, ValueError):
        assert child.process.stdin is not None
        child.process.stdin.write(f"{line}\n")
        child.process.stdin.flush()


def held(pid: int) -> int:
    """Return the bytes of memory that a process holds; 0 if it is gone."""
    import psutil

    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _log_file(path: Path) -> Any:
    fresh = not path.exists() or path.stat().st_size > LOG_BYTES
    return path.open("w" if fresh else "a", encoding="utf-8")
