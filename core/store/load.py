"""From what the store keeps to a :class:`Dataset`, and back."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from core.data.corrections import carry_over
from core.data.dataset import Dataset
from core.data.kept import from_bytes, to_bytes
from core.errors import DataError, StoreError
from core.store.projects import token_folder
from core.store.store import Store

__all__ = ["apply_overrides", "load_dataset", "load_snapshot", "read_apart", "read_here", "save_snapshot"]


logger = logging.getLogger("whyboard.store")

Read = Callable[[bytes, str], bytes]
"""Reads a file's content, by its name, into what :func:`core.data.kept.to_bytes` gives."""


def load_dataset(store: Store, token: str, read: Read | None = None) -> Dataset:
    """Return a project's data with the user's corrections.

    What was read when the file was given is kept beside it. Where it is not (projects of an
    earlier version) the file is read once more and the result kept.

    Parameters
    ----------
    read : callable, optional
        How a file is then read: in a process of its own unless given, since files of any
        size and make are kept.

    Raises
    ------
    StoreError
        If the project has no data, or its file is gone.
    DataError
        If the file cannot be read.
    """
    upload = store.needed_upload(token)
    table = store.table(upload)
    if table is not None:
        try:
            return apply_overrides(from_bytes(table), upload.overrides)
        except StoreError:
            logger.exception("what was read of an upload is damaged; the file is read again")
    table = (read or read_apart)(store.artifacts.read(upload.path), upload.name)
    store.keep_table(upload, table)
    return apply_overrides(from_bytes(table), upload.overrides)


def read_here(content: bytes, name: str) -> bytes:
    """Read a file of our own (a sample, synthetic data) in this process."""
    from core.data.read import read_dataset

    return to_bytes(read_dataset(content, name=name))


def read_apart(content: bytes, name: str) -> bytes:
    """Read a file in a process of its own; DataError if it is refused."""
    from core.data.apart import Readers

    return Readers().read(content, name).result().table


def apply_overrides(dataset: Dataset, overrides: Mapping[str, Mapping[str, Any]]) -> Dataset:
    """Return the data set with kinds, levels, labels and units as the user corrected them.

    A correction of a column that is not there (any more) is left out. Where a newer version reads the file
    in another way, what does not fit any more is left out too, and said in the data set's warnings.
    """
    try:
        return _with(dataset, overrides)
    except DataError:
        carried = carry_over(overrides, dataset)
        return replace(_with(dataset, carried.kept), warnings=(*dataset.warnings, *carried.lost))


def _with(dataset: Dataset, overrides: Mapping[str, Mapping[str, Any]]) -> Dataset:
    from core.data.kinds import with_levels

    for name in (name for name in overrides if name in dataset.names):
        given = overrides[name]
        if given.get("kind") and given["kind"] != dataset.column(name).kind:
            dataset = dataset.with_kind(name, given["kind"])
        if given.get("levels"):
            dataset = with_levels(dataset, name, tuple(given["levels"]))
        dataset = dataset.with_words(name, label=given.get("label"), unit=given.get("unit"))
    return dataset


def save_snapshot(store: Store, token: str, dataset: Dataset) -> str:
    """Keep the data of a request as they are now, so that it can be resumed; return the path."""
    path = f"{token_folder(token)}/data/{dataset.fingerprint}"
    if not store.artifacts.exists(path):
        store.artifacts.write(path, to_bytes(dataset))
    return path


def load_snapshot(store: Store, path: str, fingerprint: str) -> Dataset:
    """Return the data that :func:`save_snapshot` kept; :class:`StoreError` if they differ."""
    dataset = from_bytes(store.artifacts.read(path))
    if dataset.fingerprint != fingerprint:
        raise StoreError("the data of this request are not what they were", hint="Ask for the fit again.")
    return dataset
