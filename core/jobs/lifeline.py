"""A child process that ends with its parent, however the parent ended.

Two signs, because none is enough alone. The parent holds the other end of our standard
input: it is closed with the parent, everywhere, unless a process forked from the parent holds
it too. And where there is a parent's process id, it changes once the parent is gone. On
Linux the kernel is asked as well: it ends us even while we are stopped, or deep in compiled
code that lets no other thread run.

The kernel takes the *thread* that started us for the parent, so whoever starts such a child
does so from a thread that lives as long as the child may.

Only the standard library is imported here: workers read this before their environment is set.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import IO

__all__ = ["end_with_parent"]

LOOK_SECONDS = 1.0
_PR_SET_PDEATHSIG = 1


def end_with_parent(
    stream: IO[str] | None = None,
    end: Callable[[], None] = lambda: os._exit(0),
    told: Callable[[str], None] = lambda line: None,
) -> None:
    """Arrange that this process ends as soon as the one that started it is gone; return at once.

    Parameters
    ----------
    stream : file, optional
        A pipe whose other end only the parent holds (default: standard input).
    end : callable
        How to end; nobody is left who would wait for an orderly end.
    told : callable
        Called with each line that the parent writes meanwhile.
    """
    pipe = sys.stdin if stream is None else stream
    parent = os.getppid() if hasattr(os, "getppid") else 0
    _ask_the_kernel()

    def read() -> None:
        with suppress(ValueError):  # closed on our own side: nothing to be seen there any more
            while line := pipe.readline():
                told(line.strip())
            end()

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_SECONDS)
        end()

    threading.Thread(target=read, daemon=True, name="parent-pipe").start()
    if os.name == "posix":
        threading.Thread(target=look, daemon=True, name="parent-id").start()


def _ask_the_kernel() -> None:
    """Be killed with the thread that started us, where the kernel can do that."""
    if sys.platform != "linux":
        return
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
