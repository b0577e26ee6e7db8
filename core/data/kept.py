"""A data set as bytes: what was read of a file, so that nobody need read the file again.

Eight bytes with the length of a JSON head, the head, and the table as an Arrow file. Nothing
in it is ever run; it is checked in full when it is read.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from core.data.dataset import SET_COLUMN, Column, Dataset
from core.errors import StoreError

__all__ = ["from_bytes", "to_bytes"]

FORMAT = "whyboard-table/1"
_SIZE = 8


def to_bytes(dataset: Dataset) -> bytes:
    """Return a data set as bytes.

    Columns that Arrow does not take (objects of several types) are kept as text, which is
    what models see of them.
    """
    sets = list(dict.fromkeys(dataset.set_by_row))
    head = {
        "format": FORMAT,
        "rows": dataset.rows,
        "columns": [asdict(column) for column in dataset.columns],
        "source": dataset.source,
        "sets": [sorted(names) for names in sets],
        "warnings": list(dataset.warnings),
        "line_offset": dataset.line_offset,
    }
    table = _arrow(dataset.table)
    if sets:
        known = {names: code for code, names in enumerate(sets)}
        codes = np.fromiter((known[names] for names in dataset.set_by_row), np.int32, dataset.rows)
        table = table.append_column(SET_COLUMN, pa.array(codes))
    first = json.dumps(head).encode()
    sink = pa.BufferOutputStream()
    sink.write(len(first).to_bytes(_SIZE, "big") + first)
    options = pa.ipc.IpcWriteOptions(compression=pa.Codec("zstd", compression_level=1))
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return memoryview(sink.getvalue()).tobytes()


def from_bytes(content: bytes) -> Dataset:
    """Return the data set that :func:`to_bytes` made bytes of.

    Raises
    ------
    StoreError
        If the bytes are cut short, changed or of a format that is not known.
    """
    try:
        size = int.from_bytes(content[:_SIZE], "big")
        head = json.loads(content[_SIZE : _SIZE + size])
        body = memoryview(content)[_SIZE + size :]
        if head.get("format", FORMAT) != FORMAT:
            raise ValueError(f"the format {head['format']!r} is not known")
        return _dataset(head, body)
    except (ValueError, LookupError, TypeError, AttributeError, OSError, pa.ArrowException) as error:
        raise StoreError(f"the table that was kept cannot be read ({error})", hint="Upload the data again.") from None


def _dataset(head: Mapping[str, Any], body: memoryview) -> Dataset:
    columns = tuple(_column(column) for column in head["columns"])
    named = [frozenset(names) for names in head["sets"]]
    if body[:4] == b"PAR1":  # as it was before there was a format, with the sets row by row
        frame, sets = pd.read_parquet(io.BytesIO(body)), tuple(named)
    else:
        table = pa.ipc.open_stream(pa.py_buffer(body)).read_all()
        table.validate(full=True)
        sets = ()
        if named:
            sets = tuple(named[code] for code in table[SET_COLUMN].to_pylist())
            table = table.drop_columns([SET_COLUMN])
        frame = table.to_pandas()
    if head.get("rows", len(frame)) != len(frame):
        raise ValueError(f"{len(frame)} of its {head['rows']} rows are there")
    if tuple(frame.columns) != tuple(column.name for column in columns):
        raise ValueError("its columns are not those that its head names")
    return Dataset(
        table=frame,
        columns=columns,
        source=head["source"],
        set_by_row=sets,
        warnings=tuple(head["warnings"]),
        line_offset=head.get("line_offset"),
    )


def _column(said: Mapping[str, Any]) -> Column:
    parts: dict[str, Any] = {name: tuple(part) if isinstance(part, list) else part for name, part in said.items()}
    return Column(**parts)


def _arrow(frame: pd.DataFrame) -> pa.Table:
    columns: dict[str, Any] = {}
    for name in frame.columns:
        try:
            pa.Array.from_pandas(frame[name])
            columns[name] = frame[name]
        except (pa.ArrowException, TypeError, ValueError):
            columns[name] = frame[name].map(lambda value: None if pd.isna(value) else str(value))
    return pa.Table.from_pandas(pd.DataFrame(columns, index=frame.index), preserve_index=False)
