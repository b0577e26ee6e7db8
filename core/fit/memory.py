"""What was computed from content, kept in memory by content key, bounded in bytes.

The fits of blocks are kept on disk (:mod:`core.fit.cache`). What follows from them, such as
replicated columns and tests of independence, is cheaper and larger, so it is kept only as
long as a process lives: after one redrawn arrow, what did not change is not done again.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any, TypeVar

import numpy as np

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
        self.max_bytes = max_bytes
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def size(self) -> int:
        """About how many bytes are kept."""
        return self._bytes

    def copy(self) -> "Memory":
        """Return another memory that holds the same and goes its own way from here."""
        other = Memory(self.max_bytes)
        with self._lock:
            other._kept, other._bytes = self._kept.copy(), self._bytes
        return other

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
        found: dict[int, T] = {}
        with self._lock:
            for place, key in enumerate(keys):
                if key in self._kept:
                    self._kept.move_to_end(key)
                    found[place] = self._kept[key][0]
        missing = [place for place in range(len(keys)) if place not in found]
        if missing:
            new = dict(zip(missing, compute(missing), strict=True))
            found |= new
            self._keep((keys[place], value, _bytes(value) + 2 * _SMALL) for place, value in new.items())
        return [found[place] for place in range(len(keys))]

    def _keep(self, new: Iterable[tuple[Hashable, Any, int]]) -> None:
        with self._lock:
            for key, value, size in new:
                if size <= self.max_bytes // 4 and key not in self._kept:
                    self._kept[key] = (value, size)
                    self._bytes += size
            while self._bytes > self.max_bytes:
                self._bytes -= self._kept.popitem(last=False)[1][1]


def _bytes(value: Any, seen: frozenset[int] = frozenset()) -> int:
    """Return about how many bytes a value takes, with all that it holds."""
    if isinstance(value, np.ndarray):
        return _SMALL + int(value.nbytes)
    if isinstance(value, str | bytes | bytearray):
        return _SMALL + len(value)
    if isinstance(value, type | ModuleType) or id(value) in seen:
        return _SMALL
    if isinstance(value, Mapping):
        parts = [*value.keys(), *value.values()]
    elif isinstance(value, tuple | list | set | frozenset):
        parts = list(value)
    else:
        parts = list(getattr(value, "__dict__", {}).values())
    above = seen | {id(value)}
    return _SMALL + sum(_bytes(part, above) for part in parts)
