"""From what the store keeps to a :class:`Dataset`, and back."""

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import pandas as pd

from core.data.corrections import carry_over
from core.data.dataset import Column, Dataset
from core.errors import DataError, StoreError
from core.store.projects import token_folder
from core.store.store import Store

__all__ = ["apply_overrides", "load_dataset", "load_snapshot", "save_snapshot"]


def load_dataset(store: Store, token: str) -> Dataset:
    """Read a project's data through the one checked door, with the user's corrections.

    Raises
    ------
    StoreError
        If the project has no data, or its file is gone.
    DataError
        If the file cannot be read.
    """
    from core.data.read import read_dataset

    content, name, overrides = store.dataset_source(token)
    return apply_overrides(read_dataset(io.BytesIO(content), name=name), overrides)


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
    """Keep the data of a request as they are now, so that it can be resumed; return the path.

    The table is kept as Parquet where Arrow takes it; columns that it does not take (mixed
    objects) are kept as text, which is what models see of them.
    """
    path = f"{token_folder(token)}/data/{dataset.fingerprint}"
    if store.artifacts.exists(path):
        return path
    head = {
        "columns": [asdict(column) for column in dataset.columns],
        "source": dataset.source,
        "sets": [sorted(names) for names in dataset.set_by_row],
        "warnings": list(dataset.warnings),
    }
    first = json.dumps(head).encode()
    store.artifacts.write(path, len(first).to_bytes(8, "big") + first + _parquet(dataset.table))
    return path


def load_snapshot(store: Store, path: str, fingerprint: str) -> Dataset:
    """Return the data that :func:`save_snapshot` kept; :class:`StoreError` if they differ."""
    content = store.artifacts.read(path)
    size = int.from_bytes(content[:8], "big")
    head = json.loads(content[8 : 8 + size])
    columns = tuple(
        Column(**{**column, "levels": tuple(column["levels"]), "warnings": tuple(column["warnings"])})
        for column in head["columns"]
    )
    dataset = Dataset(
        table=pd.read_parquet(io.BytesIO(content[8 + size :])),
        columns=columns,
        source=head["source"],
        set_by_row=tuple(frozenset(names) for names in head["sets"]),
        warnings=tuple(head["warnings"]),
    )
    if dataset.fingerprint != fingerprint:
        raise StoreError("the data of this request are not what they were", hint="Ask for the fit again.")
    return dataset


def _parquet(table: pd.DataFrame) -> bytes:
    import pyarrow as pa

    def as_text(column: pd.Series) -> pd.Series:
        return column.map(lambda value: None if pd.isna(value) else str(value))

    buffer = io.BytesIO()
    try:
        table.to_parquet(buffer, index=False)
    except (pa.ArrowException, TypeError, ValueError):
        buffer = io.BytesIO()
        mixed = [name for name in table.columns if table[name].dtype == object]
        table.assign(**{name: as_text(table[name]) for name in mixed}).to_parquet(buffer, index=False)
    return buffer.getvalue()
