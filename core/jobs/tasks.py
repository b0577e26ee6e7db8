"""What workers run. Every function here is called in a worker process.

A running block reports its progress as a Dask event and looks, many times a second, into
a set of flags in this module that :func:`stop` fills: cancelling a Dask future would
neither stop the thread nor spare other users of the same key.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from cachetools import FIFOCache

from core.jobs.priority import gently
from core.jobs.warm import load

if TYPE_CHECKING:
    from core.comparison.facts import LeftOut

__all__ = [
    "TOPIC",
    "Reporter",
    "assemble",
    "call",
    "confirm",
    "fit_block",
    "stop",
    "stopped",
]

TOPIC = "whyboard-progress"
REPORT_SECONDS = 0.25
_KEPT_FLAGS = 10_000

_flags: FIFOCache[str, None] = FIFOCache(_KEPT_FLAGS)
_lock = threading.Lock()


def stop(runs: Iterable[str]) -> None:
    """Raise the flag of runs; a run's name is never used again, so flags are never lowered."""
    with _lock:
        for run in runs:
            _flags[run] = None


def stopped(run: str) -> bool:
    """Return whether nobody waits for this run any more."""
    return run in _flags


class Reporter:
    """Sends a run's progress to whoever listens, a few times a second at most.

    It holds on to the worker because a sampler calls from threads that Dask does not know.
    """

    def __init__(self, run: str) -> None:
        from distributed import get_worker

        self._worker, self._run, self._last = get_worker(), run, 0.0

    def __call__(self, share: float) -> None:
        """Tell that a share, 0 to 1, is done."""
        now = time.monotonic()
        if now - self._last >= REPORT_SECONDS:
            self._last = now if share > 0 else 0.0  # the word that it begins delays no other
            self._worker.log_event(TOPIC, {"run": self._run, "share": float(share)})


def fit_block(
    fit: Callable[..., Any] | None, block: Any, data: Any, run: str, sampler: bool = True, patient: bool = False
) -> Any:
    """Fit one block; ``fit`` replaces :func:`core.fit.engine.fit_block` in tests.

    Parameters
    ----------
    sampler : bool
        Whether NUTS may be used where importance sampling does not do; else
        :class:`core.fit.result.NeedsSamplerError` says that it must.
    patient : bool
        Leave the processor to others: nobody waits for this.
    """
    if fit is None:
        load(block.method, sampler)
        from core.fit import engine

        fit = engine.fit_block
    report = Reporter(run)
    report(0.0)

    options = {} if sampler else {"sampler": False}

    def work() -> Any:
        return fit(block, data, progress=report, cancelled=lambda: stopped(run), **options)

    return gently(work) if patient else work()


def assemble(plan: Any, fits: Mapping[str, Any], left_out: "Sequence[LeftOut]" = ()) -> bytes:
    """Check and compare what was fitted; the comparison as bytes.

    ``left_out`` are hypotheses that could not be fitted; what is said of them are the first warnings
    of the comparison.
    """
    from core import study

    found = study.assemble(plan, fits, memory=_memory())
    if left_out:
        said = tuple(one.said for one in left_out)
        found = replace(found, warnings=(*said, *found.warnings), left_out=tuple(left_out))
    return study.comparison_to_bytes(found)


@cache
def _memory() -> Any:
    """What this worker has checked before, by content."""
    from core.memory import Memory

    return Memory()


def confirm(quick_plan: Any, quick_fits: Mapping[str, Any], plan: Any, fits: Mapping[str, Any]) -> bytes:
    """Hold what was fitted quickly against the joint models; the comparison as bytes."""
    from core import study

    return study.comparison_to_bytes(study.confirmed(quick_plan, quick_fits, plan, fits))


def call(function: Callable[..., Any], args: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
    """Call a function of core with its arguments."""
    return function(*args, **options)
