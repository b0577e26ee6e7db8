"""The data sets of projects, kept in this process by version, bounded by the bytes that they take."""

from __future__ import annotations

import threading
from collections.abc import Callable

import streamlit as st
from cachetools import LRUCache

from core.data.dataset import Dataset
from core.errors import WhyboardError

__all__ = ["Datasets", "get_datasets"]

MAX_BYTES = 600_000_000
"""Of all data sets together; a larger one is kept alone."""

Found = tuple[Dataset | None, WhyboardError | None]


class Datasets:
    """Data sets by project and version; what was used longest ago goes first.

    Any number of threads may share one; of those that ask for the same data set at the same
    time one reads it.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._lock = threading.Lock()
        self._reading: dict[tuple[str, str], threading.Lock] = {}
        self._kept: LRUCache[tuple[str, str], Found] = LRUCache(
            max_bytes, getsizeof=lambda found: min(_bytes(found[0]), max_bytes)
        )

    @property
    def size(self) -> int:
        """About how many bytes are kept."""
        return int(self._kept.currsize)

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: tuple[str, str]) -> bool:
        return key in self._kept

    def get(self, token: str, version: str, read: Callable[[], Dataset]) -> Found:
        """Return a project's data set, as ``read`` gives it; or None, and why it cannot be read."""
        key = (token, version)
        with self._lock:
            if (found := self._kept.get(key)) is not None:
                return found
            turn = self._reading.setdefault(key, threading.Lock())
        with turn:
            with self._lock:
                found = self._kept.get(key)
            if found is None:
                try:
                    found = read(), None
                except WhyboardError as error:
                    found = None, error
                self.put(token, version, *found)
        with self._lock:
            self._reading.pop(key, None)
        return found

    def put(self, token: str, version: str, dataset: Dataset | None, error: WhyboardError | None = None) -> None:
        """Keep a data set that was read just now."""
        with self._lock:
            self._kept[token, version] = (dataset, error)

    def forget(self, token: str) -> None:
        """Forget what was read for a project."""
        with self._lock:
            for key in [key for key in self._kept if key[0] == token]:
                del self._kept[key]


def _bytes(dataset: Dataset | None) -> int:
    """Return about how much a data set takes, with the numbers that are made of it when first asked for."""
    if dataset is None:
        return 1_000
    cells = dataset.rows * len(dataset.columns)
    return 10_000 + int(dataset.table.memory_usage(index=False, deep=True).sum()) + 9 * cells


@st.cache_resource(show_spinner=False)
def get_datasets() -> Datasets:
    """Return the data sets of this process."""
    return Datasets()
