"""Threads that let others go first."""

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

__all__ = ["PATIENT_NICENESS", "gently", "lower_priority", "raise_priority"]

PATIENT_NICENESS = 10


def lower_priority() -> None:
    """Let this thread, and those that it starts, have the processor when nobody else wants it.

    Raising it again needs a privilege. Only Linux has priorities of threads.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), PATIENT_NICENESS)


def raise_priority(thread: int) -> None:
    """Give a thread the priority of this process again, where that is permitted.

    Somebody waits now for what the thread holds: a lock, an import, the interpreter.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, os.getpid()))


def gently[T](work: Callable[[], T]) -> T:
    """Call a function in a thread of low priority, and the threads that it starts.

    A thread of its own, because a process may lower its priority but not raise it again.
    """
    with ThreadPoolExecutor(max_workers=1, initializer=lower_priority, thread_name_prefix="whyboard-patient") as pool:
        return pool.submit(work).result()
