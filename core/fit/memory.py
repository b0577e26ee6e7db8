"""What was computed from content, kept in memory by content key, bounded in bytes.

The fits of blocks are kept on disk (:mod:`core.fit.cache`) or, for a notebook, in a
:class:`BlockMemory`. What follows from them, such as replicated columns and tests of
independence, is cheaper and larger, so it is kept only as long as a process lives: after one
redrawn arrow, what did not change is not done again.
"""

import os
import sys
import threading
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any, TypeVar

import numpy as np
from cachetools import LRUCache

from core.fit.result import BlockFit

__all__ = ["BlockMemory", "Memory"]

T = TypeVar("T")

_SMALL = 96  # bytes that a small object takes


class Memory:
    """Values by key; the least recently used go first. Any number of threads may share one.

    Parameters
    ----------
    max_bytes : int
        About how much is kept; a value larger than a quarter of it is not.
    """

    def __init__(self, max_bytes: int = 256_000_000) -> None:
        self._kept: LRUCache[Hashable, Any] = LRUCache(max_bytes, getsizeof=self._size)
        self._lock = threading.Lock()

    def _size(self, value: Any) -> int:
        size = _bytes(value) + 2 * _SMALL
        most = int(self._kept.maxsize)
        return size if size <= most // 4 else most + 1  # which the cache refuses

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def size(self) -> int:
        """About how many bytes are kept."""
        return int(self._kept.currsize)

    def recall(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Return the value of a key; computed, and kept, if it is not there."""
        return self.recall_all([key], lambda _: [compute()])[0]

    def recall_all(self, keys: Sequence[Hashable], compute: Callable[[list[int]], Sequence[T]]) -> list[T]:
        """Return the values of several keys.

        Parameters
        ----------
        keys : sequence
        compute : callable
            Takes the positions of the keys that are not there and returns their values.
        """
        with self._lock:
            found: dict[int, T] = {place: self._kept[key] for place, key in enumerate(keys) if key in self._kept}
        missing = [place for place in range(len(keys)) if place not in found]
        if missing:
            new = dict(zip(missing, compute(missing), strict=True))
            found |= new
            with self._lock:
                for place, value in new.items():
                    with suppress(ValueError):  # too large to keep
                        self._kept.setdefault(keys[place], value)
        return [found[place] for place in range(len(keys))]

    def locks(self) -> tuple[threading.Lock, ...]:
        """Return what must be held while the process forks."""
        return (self._lock,)


class BlockMemory:
    """Finished blocks in memory, bounded in bytes; the least recently used go first.

    It does what :class:`core.fit.cache.BlockCache` does, for one process: a notebook that
    compares again fits only what changed. Any number of threads may share one.

    Parameters
    ----------
    max_bytes : int
        About how much is kept of blocks, and again of what follows from them; a block that is
        larger is not kept.

    Attributes
    ----------
    memory : Memory
        What follows from blocks.
    """

    def __init__(self, max_bytes: int = 256_000_000) -> None:
        self.memory = Memory(max_bytes)
        self._kept: LRUCache[str, BlockFit] = LRUCache(max_bytes, getsizeof=_fit_bytes)
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<{len(self)} blocks in memory, {self.size:,} bytes>"

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: str) -> bool:
        return key in self._kept

    @property
    def size(self) -> int:
        """About how many bytes of blocks are kept."""
        return int(self._kept.currsize)

    def get(self, key: str) -> BlockFit | None:
        """Return a block, or None if it is not there."""
        with self._lock:
            found: BlockFit | None = self._kept.get(key)
        return found

    def put(self, fit: BlockFit) -> None:
        """Keep a block. Its arrays can only be read from here on: every later answer shares them."""
        for array in _arrays(fit):
            array.flags.writeable = False
        with self._lock, suppress(ValueError):  # too large to keep
            self._kept[fit.key] = fit

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self.memory = Memory(int(self._kept.maxsize))

    def survive_forks(self) -> "BlockMemory":
        """Make a forked process find every lock open and every block whole; for one that lives as long as it does."""
        if hasattr(os, "register_at_fork"):
            held: list[threading.Lock] = []

            def hold() -> None:
                held.extend((self._lock, *self.memory.locks()))
                for lock in held:
                    lock.acquire()

            def let_go() -> None:
                while held:
                    held.pop().release()

            os.register_at_fork(before=hold, after_in_parent=let_go, after_in_child=let_go)
        return self


def _arrays(fit: BlockFit) -> list[Any]:
    found = [*fit.draws.values(), fit.elpd_i, fit.lppd_i]
    return found if fit.pareto_k is None else [*found, fit.pareto_k]


def _fit_bytes(fit: BlockFit) -> int:
    return 20 * _SMALL + sum(_SMALL + int(array.nbytes) for array in _arrays(fit))


def _bytes(value: Any, seen: set[int] | None = None) -> int:
    """Return about how many bytes a value takes, whatever it is made of; what stands in it twice counts once."""
    seen = set() if seen is None else seen
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if value is None or isinstance(value, int | float):  # most are, and a Mapping is slow to tell
        return _SMALL
    if isinstance(value, np.ndarray):
        return _SMALL + int(value.nbytes)
    if isinstance(value, str | bytes):
        return _SMALL + sys.getsizeof(value)
    if isinstance(value, Mapping):
        parts: Iterable[Any] = chain(value, value.values())
    elif isinstance(value, tuple | list | set | frozenset):
        parts = value
    else:
        parts = getattr(value, "__dict__", {}).values()
    return _SMALL + sum(_bytes(part, seen) for part in parts)
