"""Reading a table with pandas alone: functions that a script carries with it, as they stand here.

Nothing of the house is used inside them but the words for a missing cell. Which options read a file as
the house has read it (:func:`readings_of`) is found out where the file is at hand.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.data.dataset import SET_COLUMN
from core.data.text import MISSING as SILENT
from core.data.text import UNUSUAL_MISSING
from core.model.earlier import timed_as
from core.model.spec import ModelSpec

if TYPE_CHECKING:
    from core.data.dataset import Dataset

__all__ = ["MISSING", "Rows", "carried", "needed", "plain_rows", "readings_of"]

MISSING = (*SILENT, *UNUSUAL_MISSING)


def read_table(path: str, **options: Any) -> pd.DataFrame:
    """Read a table by the ending of its name; of a text file, every cell as it is written."""
    ending = path.lower().rpartition(".")[2]
    if ending in ("parquet", "pq"):
        table = pd.read_parquet(path)
    elif ending in ("feather", "arrow", "ipc"):
        table = pd.read_feather(path)
    elif ending in ("xlsx", "xlsm"):
        table = pd.read_excel(path)
    elif ending == "dta":
        table = pd.read_stata(path)
    else:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, **options)
    table.columns = pd.Index([str(name).strip() for name in table.columns])
    return table


def numbers(column: pd.Series, decimal: str = ".", thousands: str = "") -> Any:
    """Return a column as numbers, NaN where a cell is empty or says that it is missing."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return ((column - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)).to_numpy(dtype=float)
    if pd.api.types.is_numeric_dtype(column):
        found = column.to_numpy(dtype=float, na_value=np.nan)
        return np.where(np.isfinite(found), found, np.nan)
    text = column.astype(object).where(column.notna(), "").astype(str).str.strip()
    text = text.where(~text.isin(MISSING))
    if thousands:
        text = text.str.replace(thousands, "", regex=False)
    return pd.to_numeric(text.str.replace(decimal, ".", regex=False)).to_numpy(dtype=float)


def days(column: pd.Series) -> Any:
    """Return dates as days since 1970-01-01; years, which are numbers, as they are."""
    try:
        return numbers(column)
    except ValueError:
        return numbers(pd.to_datetime(column.str.strip().where(~column.str.strip().isin(MISSING))))


def codes(column: pd.Series, levels: Mapping[str, int]) -> Any:
    """Return the number of each level, NaN where a cell is none of them."""

    def code(value: Any) -> float:
        text = str(value).strip()
        if text not in levels and not isinstance(value, bool):  # 1.0 is the level 1
            try:
                text = str(int(float(text))) if float(text).is_integer() else repr(float(text))
            except ValueError:
                return np.nan
        return float(levels.get(text, np.nan))

    return column.astype(object).map(code).to_numpy(dtype=float)


def was_set(column: pd.Series, name: str) -> Any:
    """Return which rows name a column among those that were set by intervention."""
    cells = column.astype(object).where(column.notna(), "").astype(str)
    return np.array([name in [word.strip() for word in cell.split(",")] for cell in cells], dtype=bool)


def earlier(values: Any, time: Any, rows: int) -> Any:
    """Return what a column was in the last row, the one before it and so on, shape (all rows, rows).

    Rows are in the order of time. Before the first of them, the first value is taken.
    """
    order = np.argsort(time, kind="stable")
    rank = np.argsort(order, kind="stable")
    return np.stack([values[order[np.maximum(rank - back, 0)]] for back in range(1, rows + 1)], axis=-1)


def carried(dates: bool = False, levels: bool = False, sets: bool = False, time: bool = False) -> str:
    """Return these functions as text: those that a script needs."""
    wanted: list[Callable[..., Any]] = [read_table, numbers]
    wanted += [
        function for function, need in ((days, dates), (codes, levels), (was_set, sets), (earlier, time)) if need
    ]
    return "\n\n".join(inspect.getsource(function) for function in wanted)


_READERS = {"pyarrow": ("parquet", "pq", "feather", "arrow", "ipc"), "openpyxl": ("xlsx", "xlsm")}


def needed(path: str, *more: str) -> str:
    """Return in words which packages it takes to read a file and sample: pandas reads some endings with another's help.

    Parameters
    ----------
    path : str
    more : str
        Packages beside those of a script.
    """
    ending = path.lower().rpartition(".")[2]
    own = [name for name, endings in _READERS.items() if ending in endings]
    *first, last = ["pymc", "pandas", "arviz", *more, *own]
    return f"It needs {', '.join(first)} and {last}."


# -- which options -----------------------------------------------------------------------


@dataclass(frozen=True)
class Rows:
    """How a script reads the rows that a hypothesis was fitted to.

    Parameters
    ----------
    path : str
        As the script has it.
    options : mapping of str to str
        Of :func:`read_table`.
    marks : mapping of str to pair of str
        The decimal mark and that between thousands of each column whose numbers are not written as a computer does.
    count : int, optional
        How many rows there are; a script stops if it finds others.
    sets : tuple of str
        The columns that were set by intervention in some row.
    left_out : tuple of int
        Rows of the table, from 0, that the user keeps out.
    time : str
        The expression that reads the order of rows from the table, where something carries over to later ones.
    """

    path: str
    options: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    count: int | None = None
    sets: tuple[str, ...] = ()
    left_out: tuple[int, ...] = ()
    time: str = ""


_SEPARATORS = (",", ";", "\t", "|")
_ENCODINGS = ("utf-8", "utf-8-sig", "cp1252")
_MARKS = ((".", ""), (",", ""), (".", ","), (",", "."), (".", " "), (",", " "), (".", "'"))


def plain_rows(spec: ModelSpec, path: str, dataset: Dataset) -> Rows:
    """Return the reading of a file that is not at hand, by its ending; a script stops if it finds other rows."""
    names = [model.node for model in spec.columns]
    dataset = timed_as(spec, dataset)
    sets = tuple(name for name in names if dataset.was_set(name).any())
    out = () if dataset.kept is None else tuple(int(row) for row in np.flatnonzero(~dataset.kept))
    tabs = ".tsv" in path.lower() or path.lower().endswith(".tab")
    time = _time(dataset, ".", "") if spec.earlier else ""
    return Rows(path, {"sep": "\t"} if tabs else {}, {}, int(dataset.complete(names).sum()), sets, out, time)


def readings_of(spec: ModelSpec, path: str, dataset: Dataset) -> tuple[Rows, tuple[str, ...]]:
    """Return how pandas reads the file as the house did, and the columns of which it does not.

    Parameters
    ----------
    spec : ModelSpec
    path : str
    dataset : Dataset
        As the house read that file.
    """
    names = [model.node for model in spec.columns]
    plain = plain_rows(spec, path, dataset)
    dataset = timed_as(spec, dataset)
    time = [dataset.time] if spec.earlier else []
    table, options = _table(path, [*names, *time, *([SET_COLUMN] if plain.sets else [])])
    found: dict[str, tuple[str, str]] = {}
    odd: list[str] = list(names) if table is None or len(table) != dataset.rows else []
    if table is not None and not odd:
        for model in spec.columns:
            marks = _marks(model.kind, model.response.levels, table[model.node], dataset.values(model.node))
            if marks is None:
                odd.append(model.node)
            elif marks != _MARKS[0]:
                found[model.node] = marks
        for name in time:
            column = dataset.column(name)
            marks = _marks(column.kind, column.levels, table[name], dataset.values(name))
            odd += [name] if marks is None and name not in odd else []
            plain = replace(plain, time=_time(dataset, *(marks or _MARKS[0])))
    return replace(plain, options=options, marks=found), tuple(odd)


def _time(dataset: Dataset, decimal: str, thousands: str) -> str:
    column = dataset.column(dataset.time)
    table = f"table[{column.name!r}]"
    if column.levels:
        return f"codes({table}, { ({level: code for code, level in enumerate(column.levels)})!r})"
    if column.kind == "date":
        return f"days({table})"
    return (
        f"numbers({table}, decimal={decimal!r}, thousands={thousands!r})"
        if decimal != "." or thousands
        else f"numbers({table})"
    )


def _table(path: str, names: Sequence[str]) -> tuple[pd.DataFrame | None, dict[str, str]]:
    """Return the table that has the columns, and the options by which it was read."""
    for encoding, separator in product(_ENCODINGS, _SEPARATORS):
        options = {"sep": separator, "encoding": encoding}
        try:
            table = read_table(path, **options)
        except (ValueError, OSError, ImportError, pd.errors.ParserError):
            continue
        if set(names) <= set(table.columns):
            plain = {"sep": ",", "encoding": "utf-8"}
            return table, {name: value for name, value in options.items() if value != plain[name]}
    return None, {}


def _marks(kind: str, levels: tuple[str, ...], column: pd.Series, known: Any) -> tuple[str, str] | None:
    for decimal, thousands in _MARKS:
        try:
            if levels:
                found = codes(column, {level: code for code, level in enumerate(levels)})
            else:
                found = days(column) if kind == "date" else numbers(column, decimal, thousands)
        except (ValueError, TypeError, AttributeError):
            continue
        if np.array_equal(found, known, equal_nan=True):
            return decimal, thousands
    return None
