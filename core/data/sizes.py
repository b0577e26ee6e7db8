"""How much a table takes once it is written out, counted before it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.limits import Limits
from core.data.places import place
from core.errors import DataError

__all__ = ["Decoded", "check_text", "size_words", "too_long", "too_much"]


def size_words(count: int) -> str:
    """Return "200 MB" or "2,000 bytes"."""
    return f"{count / 1e6:g} MB" if count >= 1e5 else f"{count:,} bytes"


def too_much(source: str, limits: Limits) -> DataError:
    """Return the refusal of a table whose cells take more than is read."""
    return DataError(
        f"the table unpacks to more than the {size_words(limits.decoded)} that are read",
        place=source,
        hint="Keep the columns that the hypotheses speak of, or a random sample of the rows.",
    )


def too_long(length: int, source: str, column: str, row: int, offset: int | None, limits: Limits) -> DataError:
    """Return the refusal of a cell that holds more text than is read."""
    return DataError(
        f"this cell has {length:,} characters, more than the {limits.cell:,} that are read",
        place=place(source, row=row, column=column, offset=offset),
        hint="Shorten it, or leave this column out: models take numbers, categories and dates.",
    )


class Decoded:
    """Counts what batches of a table take once every cell is written out.

    Parameters
    ----------
    names : sequence of str
        Of the columns, for messages.
    """

    def __init__(self, names: Sequence[str], source: str, limits: Limits) -> None:
        self._names, self._source, self._limits = names, source, limits
        self._bytes = self._rows = 0

    def add(self, columns: Sequence[pa.Array]) -> None:
        """Count a batch; DataError for a cell that is too long, or as soon as it is too much."""
        for name, values in zip(self._names, columns, strict=True):
            lengths = _text_lengths(values)
            if lengths is None:
                self._bytes += 8 * len(values) if pa.types.is_dictionary(values.type) else values.nbytes
                continue
            longest = int(lengths.max(initial=0))
            if longest > self._limits.cell:
                self._refuse_long(name, values, lengths)
            self._bytes += int(lengths.sum(dtype=np.int64)) + 4 * len(values)
            if self._bytes > self._limits.decoded:
                break
        if self._bytes > self._limits.decoded:
            raise too_much(self._source, self._limits)
        self._rows += len(columns[0]) if columns else 0

    def _refuse_long(self, name: str, values: pa.Array, lengths: np.ndarray) -> None:
        # Bytes were counted; letters outside ASCII take several.
        for row in np.flatnonzero(lengths > self._limits.cell):
            if (length := len(str(values[int(row)].as_py()))) > self._limits.cell:
                raise too_long(length, self._source, name, self._rows + int(row), None, self._limits)


def _text_lengths(values: pa.Array) -> np.ndarray | None:
    """Return the bytes of text in each cell, 0 where missing; None where cells are no text."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        inside = _text_lengths(values.dictionary)
        if inside is None:
            return None
        codes = pc.fill_null(values.indices, -1).to_numpy(zero_copy_only=False).astype(np.intp)
        return np.append(inside, 0)[codes]
    if pa.types.is_string_view(kind):
        views = np.frombuffer(values.buffers()[1], dtype=np.int32).reshape(-1, 4)
        lengths = views[values.offset : values.offset + len(values), 0]
        return np.where(pc.is_valid(values).to_numpy(zero_copy_only=False), lengths, 0)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pc.fill_null(pc.binary_length(values), 0).to_numpy(zero_copy_only=False)
    return None


def check_text(columns: dict[str, pa.ChunkedArray], source: str, offset: int | None, limits: Limits) -> None:
    """Refuse text columns in which a cell is too long."""
    for name, values in columns.items():
        if (pc.max(pc.binary_length(values)).as_py() or 0) <= limits.cell:
            continue
        lengths = pc.fill_null(pc.utf8_length(values), 0).to_numpy()
        long = np.flatnonzero(lengths > limits.cell)
        if len(long):
            raise too_long(int(lengths[long[0]]), source, name, int(long[0]), offset, limits)
