"""Parquet, Arrow and Stata: files that know their columns' types."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.data.dataset import Dataset
from core.data.frame import check_names, check_shape, make_dataset
from core.data.limits import Limits
from core.data.places import column_place
from core.errors import DataError, WhyboardError

__all__ = ["read_arrow", "read_parquet", "read_stata"]

_BATCH_ROWS = 65_536
_MEMORY_TIMES = 10


def read_parquet(raw: bytes, source: str, *, kinds: dict[str, str], limits: Limits) -> Dataset:
    """Read the bytes of a Parquet file; DataError if they are none, or hold what is no table."""
    try:
        file = pq.ParquetFile(pa.BufferReader(raw))
        rows, schema = file.metadata.num_rows, file.schema_arrow
        _check_schema(schema, rows, source, limits)
        table = _collect(schema, file.iter_batches(batch_size=_BATCH_ROWS), source, limits)
    except WhyboardError:
        raise
    except Exception as error:
        raise _unreadable("Parquet", error, source) from None
    return _from_arrow(table, source, kinds, limits)


def read_arrow(raw: bytes, source: str, *, kinds: dict[str, str], limits: Limits) -> Dataset:
    """Read the bytes of a Feather or Arrow file (or stream); DataError if they are none."""
    try:
        if raw.startswith(b"ARROW1"):
            file = pa.ipc.open_file(pa.BufferReader(raw))
            batches: Iterable[pa.RecordBatch] = (file.get_batch(i) for i in range(file.num_record_batches))
            schema = file.schema
        else:
            stream = pa.ipc.open_stream(pa.BufferReader(raw))
            batches, schema = stream, stream.schema
        _check_schema(schema, 1, source, limits)
        table = _collect(schema, batches, source, limits)
        # A crafted file could point outside its own buffers.
        table.validate(full=True)
    except WhyboardError:
        raise
    except Exception as error:
        raise _unreadable("Arrow", error, source) from None
    return _from_arrow(table, source, kinds, limits)


def read_stata(raw: bytes, source: str, *, kinds: dict[str, str], limits: Limits) -> Dataset:
    """Read the bytes of a Stata file; variable labels become labels, value labels ordered levels."""
    notes: tuple[str, ...] = ()
    try:
        try:
            frame, labels = _stata_frame(raw, limits, categories=True)
        except (ValueError, TypeError):
            frame, labels = _stata_frame(raw, limits, categories=False)
            notes = ("value labels could not be used (they repeat or are broken); numbers are kept",)
    except WhyboardError:
        raise
    except Exception as error:
        raise _unreadable("Stata", error, source) from None
    for name in frame.columns:
        if frame[name].dtype == object or pd.api.types.is_string_dtype(frame[name]):
            frame[name] = frame[name].replace("", None)
    return make_dataset(frame, kinds=kinds, source=source, warnings=notes, labels=labels, limits=limits)


def _stata_frame(raw: bytes, limits: Limits, *, categories: bool) -> tuple[pd.DataFrame, Mapping[str, str]]:
    reader: Any
    with pd.io.stata.StataReader(io.BytesIO(raw), convert_categoricals=categories) as reader:
        frame = reader.read(limits.rows + 1)
        return frame, {str(name): str(label) for name, label in reader.variable_labels().items()}


def _check_schema(schema: pa.Schema, rows: int, source: str, limits: Limits) -> None:
    check_shape(max(rows, 0), len(schema), source, limits)
    check_names([str(name) for name in schema.names], source, limits)
    for field in schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            raise DataError(
                f"cells of type {field.type} cannot be used",
                place=column_place(source, field.name),
                hint="Give one plain number, text or date for each cell, or leave this column out.",
            )


def _collect(schema: pa.Schema, batches: Iterable[pa.RecordBatch], source: str, limits: Limits) -> pa.Table:
    """Gather batches, stopping as soon as they are too many: what a file says of itself may be false."""
    kept, rows, size = [], 0, 0
    for batch in batches:
        kept.append(batch)
        rows += batch.num_rows
        size += batch.nbytes
        if rows:
            check_shape(rows, len(schema), source, limits)
        if size > limits.bytes * _MEMORY_TIMES:
            raise DataError(
                "the table unpacks to more than is read",
                place=source,
                hint="Keep the columns that the hypotheses speak of, or a random sample of the rows.",
            )
    return pa.Table.from_batches(kept, schema=schema)


def _from_arrow(table: pa.Table, source: str, kinds: dict[str, str], limits: Limits) -> Dataset:
    notes = []
    index = [name for name in table.column_names if name.startswith("__index_level_")]
    if index and len(index) < table.num_columns:
        table = table.drop_columns(index)
        notes.append("the row names (index) of the data frame are left out")
    columns: dict[str, Any] = {}
    for field, values in zip(table.schema, table.columns, strict=True):
        columns[field.name] = _plain_arrow(field.type, values).to_pandas()
    return make_dataset(pd.DataFrame(columns), kinds=kinds, source=source, warnings=notes, limits=limits)


def _plain_arrow(kind: pa.DataType, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return values of a type that pandas holds without Python objects."""
    if pa.types.is_decimal(kind) or pa.types.is_null(kind):
        return values.cast(pa.float64())
    if pa.types.is_date(kind):
        return values.cast(pa.timestamp("us"))
    if pa.types.is_boolean(kind) and values.null_count:
        return values.cast(pa.string())
    if pa.types.is_time(kind):
        return values.cast(pa.string())
    return values


def _unreadable(what: str, error: Exception, source: str) -> DataError:
    detail = (str(error).splitlines() or [type(error).__name__])[0][:120]
    return DataError(
        f"this cannot be read as {'an' if what[0] in 'AEIO' else 'a'} {what} file: {detail}",
        place=source,
        hint=f"It may be cut short, encrypted or not {what}; write it anew, or save the table as CSV.",
    )
