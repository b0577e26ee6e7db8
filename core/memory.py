"""What was computed from content, kept in memory by key, bounded in bytes.

What follows from fits, such as replicated columns and tests of independence, is cheaper than they
are and larger, so it is kept only as long as a process lives: after one redrawn arrow, what did not
change is not done again. Pages keep their figures in the same way.
"""

import sys
import threading
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any, TypeVar

import numpy as np
from cachetools import LRUCache

__all__ = ["Memory"]

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
