"""What workers run. Every function here is called in a worker process.

A running block reports its progress as a Dask event and looks, many times a second, into
a set of flags in this module that :func:`stop` fills: cancelling a Dask future would
neither stop the thread nor spare other users of the same key.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

__all__ = ["TOPIC", "Reporter", "assemble", "call", "fit_block", "stop", "stopped"]

TOPIC = "whyboard-progress"
REPORT_SECONDS = 0.25
_KEPT_FLAGS = 10_000

_flags: OrderedDict[str, None] = OrderedDict()
_lock = threading.Lock()


def stop(runs: Iterable[str]) -> None:
    """Raise the flag of runs; a run's name is never used again, so flags are never lowered."""
    with _lock:
        for run in runs:
            _flags[run] = None
        while len(_flags) > _KEPT_FLAGS:
            _flags.popitem(last=False)


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


def fit_block(fit: Callable[..., Any] | None, block: Any, data: Any, run: str) -> Any:
    """Fit one block; ``fit`` replaces :func:`core.fit.engine.fit_block` in tests."""
    from core.fit import engine

    report = Reporter(run)
    report(0.0)
    return (fit or engine.fit_block)(block, data, progress=report, cancelled=lambda: stopped(run))


def assemble(plan: Any, fits: Mapping[str, Any]) -> bytes:
    """Check and compare what was fitted; the comparison as bytes."""
    from core import study

    return study.comparison_to_bytes(study.assemble(plan, fits))


def call(function: Callable[..., Any], args: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
    """Call a function of core with its arguments."""
    return function(*args, **options)
