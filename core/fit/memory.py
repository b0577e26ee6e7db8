"""The fits of blocks, kept in memory by content key, bounded in bytes: what a notebook has in place of the disk.

What follows from them is kept beside them (:class:`core.memory.Memory`).
"""

import os
import threading
from contextlib import suppress
from typing import Any

from cachetools import LRUCache

from core.fit.result import BlockFit
from core.memory import Memory

__all__ = ["BlockMemory"]

_SMALL = 96  # bytes that a small object takes


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
