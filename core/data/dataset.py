"""A :class:`Dataset`: an immutable table, and what each of its columns is.

Values are kept as they were read (``table``), and as the numbers that models use
(:meth:`Dataset.values`): floats, NaN where missing; categories, ordered categories and
binary columns as codes 0 … L-1 into ``Column.levels`` (of a binary column the second
level is 1).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import DataError
from core.names import TIME, earlier_name

__all__ = ["SET_COLUMN", "Column", "Dataset"]

SET_COLUMN = "_set"

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
T = TypeVar("T")


@dataclass(frozen=True)
class Column:
    """What a column is.

    ``kind`` is one of :data:`core.hypothesis.KINDS`. ``label`` and ``unit`` are the user's
    words for it, used in every sentence and axis. ``levels`` are the values of a discrete
    column in code order, as text. ``reason`` says in words how the kind was chosen.
    """

    name: str
    kind: str
    label: str = ""
    unit: str = ""
    levels: tuple[str, ...] = ()
    missing: int = 0
    warnings: tuple[str, ...] = ()
    reason: str = ""

    @property
    def title(self) -> str:
        """The label, or the name where there is none."""
        return self.label or self.name

    @property
    def axis(self) -> str:
        """Title and unit: ``"ad spend [EUR]"``."""
        return f"{self.title} [{self.unit}]" if self.unit else self.title

    @property
    def discrete(self) -> bool:
        """Whether values are codes into ``levels``."""
        return self.kind in ("binary", "category", "ordered")


@dataclass(frozen=True, eq=False)
class Dataset:
    """A table and its columns; never changed in place.

    Parameters
    ----------
    table : DataFrame
        As read; one column per :class:`Column`, same order. Do not modify it.
    columns : tuple of Column
    source : str
        Where it came from, for messages.
    set_by_row : tuple of frozenset of str, optional
        Row by row, the columns that were set by intervention (the ``_set`` column).
    warnings : tuple of str
        What the reading noticed about the whole table.
    line_offset : int, optional
        Line of the file minus 1-based row, where that is the same for all rows; messages
        then name the line beside the row.
    kept : array of bool, shape (rows,), optional
        The rows that analyses use; all unless given. The others stay in the table, and rows keep their numbers.
    time : str
        The column by which the user says that rows are ordered.
    earlier : mapping of str to tuple of array, shape (rows,)
        Columns with what they were one row before, two and so on (:meth:`with_earlier`).
    """

    table: pd.DataFrame
    columns: tuple[Column, ...]
    source: str = ""
    set_by_row: tuple[frozenset[str], ...] = ()
    warnings: tuple[str, ...] = field(default=())
    line_offset: int | None = None
    kept: BoolArray | None = None
    time: str = ""
    earlier: Mapping[str, tuple[FloatArray, ...]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.table)

    @property
    def entering(self) -> int:
        """Number of rows that analyses use, complete or not."""
        return self.rows if self.kept is None else int(self.kept.sum())

    @property
    def names(self) -> tuple[str, ...]:
        """Column names, in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """Return one column's description; :class:`DataError` if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        near = ", ".join(self.names[:8])
        raise DataError(
            f"there is no column {name!r}",
            place=self.source,
            hint=f"The columns are: {near}{' …' if len(self.names) > 8 else ''}",
        )

    def values(self, name: str) -> FloatArray:
        """Return one column as numbers, shape (rows,), NaN where missing; or one of :meth:`before`."""
        if self.earlier and name in self._earlier:
            return self._earlier[name]
        return self._values[self.column(name).name]

    @property
    def _earlier(self) -> Mapping[str, FloatArray]:
        return self.remembered(
            "earlier values",
            lambda: {
                TIME: self._values[self.time],
                **{
                    earlier_name(name, before + 1): values
                    for name, each in self.earlier.items()
                    for before, values in enumerate(each)
                },
            },
        )

    @cached_property
    def _values(self) -> Mapping[str, FloatArray]:
        from core.data.kinds import to_numbers

        found = {}
        for column in self.columns:
            numbers = np.asarray(to_numbers(self.table[column.name], column, self.source, self.line_offset))
            numbers.setflags(write=False)
            found[column.name] = numbers
        return found

    def was_set(self, name: str) -> BoolArray:
        """Return, row by row, whether ``name`` was set by intervention, shape (rows,); read-only."""
        # One array for all columns where nothing was set.
        return self.remembered(("was_set", name if self.set_by_row else ""), lambda: self._was_set(name))

    def _was_set(self, name: str) -> BoolArray:
        found = np.zeros(self.rows, dtype=bool)
        if self.set_by_row:
            found[:] = [name in row for row in self.set_by_row]
        found.setflags(write=False)
        return found

    def remembered(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Return what ``compute`` gives, computed once for these rows and this key.

        For what follows from the rows alone and is small, or would be kept by its user anyway.
        """
        if key not in self._memory:
            self._memory[key] = compute()
        found: T = self._memory[key]
        return found

    @cached_property
    def _memory(self) -> dict[Hashable, Any]:
        return {}

    def __getstate__(self) -> dict[str, Any]:
        return {name: part for name, part in self.__dict__.items() if name != "_memory"}

    def complete(self, names: Iterable[str]) -> BoolArray:
        """Return which rows are kept and have a value in every one of ``names``, earlier ones too, shape (rows,)."""
        keep = np.ones(self.rows, dtype=bool) if self.kept is None else self.kept.copy()
        names = tuple(names)
        before = [earlier_name(name, i + 1) for name in names for i in range(self.reach(name))] if self.earlier else []
        for name in (*names, *before):
            missing = self.remembered(("missing", name), lambda name=name: self._missing(name))  # type: ignore[misc]
            if missing is not None:
                keep &= ~missing
        return keep

    def _missing(self, name: str) -> BoolArray | None:
        missing = np.isnan(self.values(name))
        return missing if missing.any() else None

    def take(self, rows: BoolArray) -> Dataset:
        """Return the rows where ``rows`` is true; kinds, levels and labels stay."""
        sets = tuple(s for s, keep in zip(self.set_by_row, rows, strict=True) if keep) if self.set_by_row else ()
        table = self.table.loc[rows].reset_index(drop=True)
        columns = tuple(replace(c, missing=int(table[c.name].isna().sum())) for c in self.columns)
        earlier = {name: tuple(values[rows] for values in each) for name, each in self.earlier.items()}
        taken = replace(
            self, table=table, columns=columns, set_by_row=sets, line_offset=None, kept=None, earlier=earlier
        )
        # The numbers of the rows that stay are known: text is not read twice.
        numbers = {name: values[rows] for name, values in self._values.items()}
        for values in numbers.values():
            values.setflags(write=False)
        taken.__dict__["_values"] = numbers
        return taken

    def keeping(self, rows: BoolArray) -> Dataset:
        """Return the same table, of which analyses use the rows where ``rows`` is true, shape (rows,)."""
        return self._changed(kept=rows)

    def reach(self, name: str) -> int:
        """Return over how many earlier rows a column's values are known beside each row's own."""
        return len(self.earlier.get(name, ()))

    def before(self, names: Iterable[str]) -> dict[str, FloatArray]:
        """Return what is known of earlier rows (:mod:`core.model.earlier`) of some columns, and the order of rows."""
        found = [earlier_name(name, rows + 1) for name in names for rows in range(self.reach(name))]
        return {name: self._earlier[name] for name in (*found, TIME)} if found else {}

    def with_earlier(self, reach: Mapping[str, int], time: str) -> Dataset:
        """Return the same rows with what columns were before, in the order of a column that differs from row to row.

        Parameters
        ----------
        reach : mapping of str to int
            Column to the number of earlier rows. Before the first row, the first value is taken.
        time : str
        """
        order = np.argsort(self.values(time), kind="stable")
        rank = np.empty(self.rows, dtype=np.intp)
        rank[order] = np.arange(self.rows)
        earlier = {
            name: tuple(self.values(name)[order[np.maximum(rank - before - 1, 0)]] for before in range(rows))
            for name, rows in reach.items()
        }
        return self._changed(earlier=earlier, time=time)

    def timed(self, column: str) -> Dataset:
        """Return the same rows, of which the user says that they are ordered by a column."""
        if column == self.time:
            return self
        return self.remembered(("timed", column), lambda: self._changed(time=column, earlier={}))

    def _changed(self, **changes: Any) -> Dataset:
        found = replace(self, **changes)
        found.__dict__["_values"] = self._values
        return found

    def column_fingerprint(self, name: str) -> str:
        """Return a digest of the numbers in one column (and of which rows were set)."""
        return self.remembered(("fingerprint", name), lambda: self._fingerprint_of(name))

    def _fingerprint_of(self, name: str) -> str:
        before = bool(self.earlier) and name in self._earlier
        levels = 0 if before else len(self.column(name).levels)
        digest = hashlib.blake2b(digest_size=16)
        digest.update(repr(levels).encode())
        digest.update(memoryview(np.ascontiguousarray(self.values(name))))
        digest.update(memoryview(np.packbits(self.was_set(name))))
        return digest.hexdigest()

    @cached_property
    def fingerprint(self) -> str:
        """A digest of all names, kinds, levels and values."""
        digest = hashlib.blake2b(digest_size=16)
        for column in self.columns:
            digest.update(repr((column.name, column.kind, column.levels)).encode())
            digest.update(self.column_fingerprint(column.name).encode())
        return digest.hexdigest()

    # -- making one ---------------------------------------------------------------

    @classmethod
    def read(cls, path: str | Path, **options: Any) -> Dataset:
        """Read a file through the one checked door, :func:`core.data.read.read_dataset`."""
        from core.data.read import read_dataset

        return read_dataset(path, **options)

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, kinds: Mapping[str, str] | None = None, source: str = "table") -> Dataset:
        """Make a data set from a DataFrame; kinds are inferred unless given."""
        from core.data.kinds import dataset_from_frame

        return dataset_from_frame(frame, kinds=kinds or {}, source=source)

    def with_kind(self, name: str, kind: str) -> Dataset:
        """Return a copy in which a column has another kind; DataError if its values do not allow it."""
        from core.data.kinds import change_kind

        return change_kind(self, name, kind)

    def with_levels(self, name: str, levels: Sequence[str]) -> Dataset:
        """Return a copy in which a discrete column's levels stand in another order.

        Of a binary column the second level is 1.
        """
        from core.data.kinds import with_levels

        return with_levels(self, name, levels)

    def with_words(self, name: str, *, label: str | None = None, unit: str | None = None) -> Dataset:
        """Return a copy in which a column has another label or unit."""
        self.column(name)
        changed = tuple(
            replace(c, label=c.label if label is None else label, unit=c.unit if unit is None else unit)
            if c.name == name
            else c
            for c in self.columns
        )
        return replace(self, columns=changed)
