"""Why a worker ended, and when to give up what it was doing.

A process that runs out of memory and one that somebody stopped both end by SIGKILL. What
tells them apart is what was seen before: how much memory the process held a moment ago, and
whether the kernel counted one more process that it killed for want of memory.
"""

import signal
from dataclasses import dataclass

from core.errors import FitError

__all__ = ["MAX_OWN", "MAX_UNLUCKY", "Losses", "cause_of", "memory_bytes", "memory_kills", "worker_died"]

MAX_OWN = 3
MAX_UNLUCKY = 30  # so many deaths that are no fault of its own end even the most patient wait
_OF_ITSELF = ("memory", "crash")
_FROM_OUTSIDE = {signal.SIGTERM, signal.SIGINT, getattr(signal, "SIGHUP", signal.SIGTERM)}
_LARGE_SHARE = 0.6  # of the memory there is; one worker is far below it
_WORDS = {"memory": "the worker ran out of memory", "crash": "the worker crashed"}


@dataclass
class Losses:
    """How often something was lost with its worker."""

    own: int = 0  # the worker died of itself while this ran
    unlucky: int = 0
    cause: str = ""

    @property
    def total(self) -> int:
        """All of them."""
        return self.own + self.unlucky

    def count(self, cause: str) -> None:
        """Note one more; ``cause`` as of :func:`cause_of`, or what else cut it short."""
        if cause in _OF_ITSELF:
            self.own += 1
            self.cause = cause
        else:
            self.unlucky += 1

    def refusal(self, doing: str) -> FitError | None:
        """Return why it is not tried again; None if it is."""
        if self.own < MAX_OWN and self.unlucky < MAX_UNLUCKY:
            return None
        if self.own >= MAX_OWN:
            return FitError(
                f"{_WORDS[self.cause]} {self.own} times while {doing}",
                hint="It may need more memory than there is: try fewer draws or rows.",
            )
        return FitError(
            f"the worker stopped {self.total} times while {doing}",
            hint="Something stops the workers of this server; its administrator can see in the log what it is.",
        )


def cause_of(status: int, share: float, starved: bool) -> str:
    """Say why a worker process ended.

    Parameters
    ----------
    status : int
        As of ``Popen.returncode``: the negative number of a signal, or what it exited with.
    share : float
        How much of the machine's memory it held when last looked at.
    starved : bool
        Whether the kernel has killed a process for want of memory since then.

    Returns
    -------
    str
        ``"memory"`` or ``"crash"``, which are its own doing, or ``"killed"``.
    """
    if status >= 0:  # 0 and 1 are its own ways to leave: the scheduler was gone
        return "killed" if status in (0, 1) else "crash"
    if -status == getattr(signal, "SIGKILL", 9):
        return "memory" if starved or share >= _LARGE_SHARE else "killed"
    return "killed" if -status in _FROM_OUTSIDE else "crash"


def memory_bytes() -> int:
    """Return how much memory there is: the machine's, or the container's if that is less."""
    import psutil

    found = int(psutil.virtual_memory().total)
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        text = _read(path).strip()
        if text.isdecimal():
            found = min(found, int(text))
    return found


def memory_kills() -> int:
    """Return how many processes the kernel has killed for want of memory; 0 where it does not say."""
    lines = _read("/proc/vmstat").splitlines() + _read("/sys/fs/cgroup/memory.events").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))


def worker_died(error: BaseException) -> bool:
    """Return whether an error of Dask says that a worker was lost, not that a task failed."""
    # By name: importing distributed here would cost a second where only names are needed.
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(names & {"KilledWorker", "FutureCancelledError", "CancelledError", "CommClosedError", "TimeoutError"})


def _read(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
