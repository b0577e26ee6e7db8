"""What a worker does before it is asked: imports, one small fit, and the commonest compilations.

A compiled model lives in the worker's memory and takes seconds to make, so the signatures
that this installation has used come first, then those that most graphs need where the
quick ways do not do.

Tasks run in several threads, and two threads that import parts of one package at once may
see each other's half finished modules (Python gives up waiting where it would wait for
ever). So whatever is large is imported here, one thread at a time.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module

from core.families import FAMILIES
from core.jobs.estimate import kind_of_signature, signature_of_kind
from core.jobs.priority import lower_priority, raise_priority

__all__ = ["COMMON", "LIMIT", "load", "warm_up"]

COMMON = tuple(
    f"{family.name}/{family.links[0]}/{p}/0"
    for p in (1, 2, 0)  # design columns; 0 is a node that nothing points at
    for family in FAMILIES.values()
    if family.warmed
)
LIMIT = 12
_LARGE = ("numba", "pytensor", "pymc", "arviz_stats", "nutpie")  # what NUTS needs, in steps of a second or two

_lock = threading.Lock()
_loaded: set[str] = set()
_lowered: list[int] = []  # the thread that warms at low priority


def load(method: str, sampler: bool = True) -> None:
    """Import what fitting a block by a method needs; cheap from the second call on."""
    if "steps" not in _loaded:
        with _lock:
            import core.study

            _loaded.add("steps")
    if method != "exact" and "importance" not in _loaded:
        with _lock:
            import scipy.linalg
            import scipy.special  # noqa: F401

            _loaded.add("importance")
    for thread in _lowered if sampler and method in ("auto", "nuts") else ():
        if thread != threading.get_native_id():  # somebody waits for what it may be in the middle of
            raise_priority(thread)
    if method in ("auto", "nuts") and sampler and "nuts" not in _loaded:
        with _lock:
            import core.fit.nuts
            import core.fit.nuts_sampling  # noqa: F401

            _loaded.add("nuts")


def warm_up(role: str, first: Sequence[str], busy: Callable[[], bool]) -> Iterator[str]:
    """Warm one role up; yield what is ready, one word or signature at a time.

    ``busy`` says whether somebody waits for something, here or elsewhere; what the sampler needs
    then stays for later, between any two of its steps of some seconds.
    """
    if role == "quick":
        load("exact")
        yield "imports"
        load("importance")
        _small_fit()
        yield "importance"
        return
    for name in _LARGE:
        _wait(busy)
        with _lock:
            import_module(name)
    load("nuts")
    from core.fit.nuts_sampling import prewarm

    yield "imports"
    for kind in list(dict.fromkeys([*first, *COMMON]))[:LIMIT]:
        signature = signature_of_kind(kind)
        if signature is None:
            continue
        _wait(busy)
        prewarm([signature])
        yield kind_of_signature(signature)


def _wait(busy: Callable[[], bool]) -> None:
    """Wait until nobody waits for anything; what follows is at low priority."""
    lower_priority()  # the quick worker's warming is not: the first fit waits for it
    _lowered[:] = [threading.get_native_id()]
    while busy():
        time.sleep(0.1)


def _small_fit() -> None:
    """Go the whole way of a quick fit once, on eight rows."""
    import numpy as np
    import pandas as pd

    from core.data.dataset import Dataset
    from core.hypothesis import Hypothesis
    from core.study.comparing import compare

    x = np.linspace(-1.0, 1.0, 40)
    rows = pd.DataFrame({"x": x, "n": (np.arange(40) * 7 % 5).astype(np.int64)})
    drawn = Hypothesis.from_dagitty("dag { x -> n }", name="warm")
    compare(Dataset.from_frame(rows), [drawn], draws=1000, method="importance")
