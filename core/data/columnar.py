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
from core.data.sizes import Decoded, too_long, too_much
from core.data.telling import tell
from core.errors import DataError, WhyboardError

__all__ = ["read_arrow", "read_parquet", "read_stata"]

_BATCH_ROWS = 65_536
_LONGEST_NAME = 40  # letters of a label that can stand in a sentence
_FEW_ROWS = 1_024  # of text that says how it differs from the row before, which Arrow cannot leave in a dictionary
_PLAIN = (
    pa.types.is_null, pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal,
    pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view,
    pa.types.is_date, pa.types.is_timestamp, pa.types.is_time, pa.types.is_duration,
)  # fmt: skip
"""What a cell may be; whatever packs several values, or one over many rows, is not among it."""


def read_parquet(raw: bytes, source: str, *, kinds: dict[str, str], limits: Limits) -> Dataset:
    """Read the bytes of a Parquet file; DataError if they are none, or hold what is no table."""
    try:
        file = pq.ParquetFile(pa.BufferReader(raw))
        about, schema = file.metadata, file.schema_arrow
        _check_schema(schema, about.num_rows, source, limits)
        groups = [about.row_group(index) for index in range(about.num_row_groups)]
        chunks = [group.column(i) for group in groups for i in range(group.num_columns)]
        if sum(chunk.total_uncompressed_size for chunk in chunks) > limits.decoded:
            raise too_much(source, limits)
        # Text that stands once in a dictionary is not written out before it was counted.
        repeats = [field.name for field in schema if _is_text(field.type)]
        delta = {chunk.path_in_schema for chunk in chunks if any("DELTA" in way for way in chunk.encodings)}
        file = pq.ParquetFile(pa.BufferReader(raw), read_dictionary=[name for name in repeats if name not in delta])
        rows = _FEW_ROWS if delta.intersection(repeats) else _BATCH_ROWS
        table = _collect(schema, file.iter_batches(batch_size=rows), about.num_rows, source, limits)
    except (WhyboardError, MemoryError):
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
        table = _collect(schema, batches, 0, source, limits)
    except (WhyboardError, MemoryError):
        raise
    except Exception as error:
        raise _unreadable("Arrow", error, source) from None
    return _from_arrow(table, source, kinds, limits)


def read_stata(raw: bytes, source: str, *, kinds: dict[str, str], limits: Limits) -> Dataset:
    """Read the bytes of a Stata file; variable labels become labels, value labels ordered levels."""
    notes: tuple[str, ...] = ()
    try:
        try:
            frame, labels = _stata_frame(raw, source, limits, categories=True)
        except (ValueError, TypeError):
            frame, labels = _stata_frame(raw, source, limits, categories=False)
            notes = ("value labels could not be used (they repeat or are broken); numbers are kept",)
    except (WhyboardError, MemoryError):
        raise
    except Exception as error:
        raise _unreadable("Stata", error, source) from None
    for name in frame.columns:
        if frame[name].dtype == object:
            frame[name] = frame[name].replace("", None).infer_objects()
        elif isinstance(frame[name].dtype, pd.CategoricalDtype):
            levels = frame[name].cat.categories
            frame[name] = frame[name].cat.rename_categories(list(levels))
    names = {name: label for name, label in labels.items() if _is_name(label)}
    if told := [f"{name} ({label})" for name, label in labels.items() if label and name not in names]:
        more = f" and {len(told) - 3} more" if len(told) > 3 else ""
        notes += (f"labels that describe rather than name are left out: {', '.join(told[:3])}{more}",)
    return make_dataset(frame, kinds=kinds, source=source, warnings=notes, labels=names, limits=limits)


def _is_name(label: str) -> bool:
    """Return whether a variable label can stand in sentences; "0: MALE 1: FEMALE" says what values mean."""
    return 0 < len(label) <= _LONGEST_NAME and ":" not in label and "=" not in label


def _stata_frame(
    raw: bytes, source: str, limits: Limits, *, categories: bool
) -> tuple[pd.DataFrame, Mapping[str, str]]:
    reader: Any
    with pd.io.stata.StataReader(io.BytesIO(raw), convert_categoricals=False) as reader:
        width = max(reader.read(1).shape[1], 1)
    # Long text stands once in the file and is meant in many rows: as objects these share it until it is counted.
    with (
        pd.option_context("future.infer_string", False),
        pd.io.stata.StataReader(io.BytesIO(raw), convert_categoricals=categories) as reader,
    ):
        frame = reader.read(min(limits.rows, limits.cells // width) + 1)
        labels = {str(name): str(label) for name, label in reader.variable_labels().items()}
    check_shape(len(frame), width, source, limits)
    size = 8 * frame.size
    for name in frame.columns:
        if frame[name].dtype != object:
            continue
        for row, text in enumerate(frame[name]):
            size += len(text) if isinstance(text, str) else 0
            if isinstance(text, str) and len(text) > limits.cell:
                raise too_long(len(text), source, str(name), row, None, limits)
    if size > limits.decoded:
        raise too_much(source, limits)
    return frame, labels


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _check_schema(schema: pa.Schema, rows: int, source: str, limits: Limits) -> None:
    check_shape(max(rows, 0), len(schema), source, limits)
    check_names([str(name) for name in schema.names], source, limits)
    for field in schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if not any(test(kind) for test in _PLAIN):
            raise DataError(
                f"cells of type {field.type} cannot be used",
                place=column_place(source, field.name),
                hint="Give one plain number, text or date for each cell, or leave this column out.",
            )


def _collect(
    schema: pa.Schema, batches: Iterable[pa.RecordBatch], expected: int, source: str, limits: Limits
) -> pa.Table:
    """Gather batches, stopping as soon as they are too many: what a file says of itself may be false."""
    kept, rows = [], 0
    count = Decoded([str(name) for name in schema.names], source, limits)
    for batch in batches:
        batch.validate(full=True)  # a crafted file could point outside its own buffers
        rows += batch.num_rows
        if rows:
            check_shape(rows, len(schema), source, limits)
        count.add(batch.columns)
        written = [_written(values, field.type) for values, field in zip(batch.columns, schema, strict=True)]
        kept.append(pa.RecordBatch.from_arrays(written, schema=schema))
        tell("reading the rows", rows / expected if expected else 0.0)
    return pa.Table.from_batches(kept, schema=schema)


def _written(values: pa.Array, kind: pa.DataType) -> pa.Array:
    """Return text that was kept in a dictionary while it was counted as the plain text that the file holds."""
    return values.cast(kind) if pa.types.is_dictionary(values.type) and not pa.types.is_dictionary(kind) else values


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
    if pa.types.is_time(kind) or pa.types.is_string_view(kind):
        return values.cast(pa.string())
    return values


def _unreadable(what: str, error: Exception, source: str) -> DataError:
    detail = (str(error).splitlines() or [type(error).__name__])[0][:120]
    return DataError(
        f"this cannot be read as {'an' if what[0] in 'AEIO' else 'a'} {what} file: {detail}",
        place=source,
        hint=f"It may be cut short, encrypted or not {what}; write it anew, or save the table as CSV.",
    )
