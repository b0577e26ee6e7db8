"""What was uploaded: each column in numbers, and what looks wrong."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.data.constants import ColumnConstants, column_constants
from core.data.dataset import Column, Dataset
from core.data.places import counted, listed, row_words
from core.data.prior_scales import nearly_determined
from core.data.questions import Question, question_of
from core.data.relations import Relation, exact_relations

__all__ = ["Bar", "ColumnProfile", "Outliers", "Profile", "profile"]

FloatArray = NDArray[np.float64]

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_MOST_BARS = 24
_MOST_EXAMPLES = 5
# Iglewicz & Hoaglin (1993): a modified z-score over 3.5, with 0.6745 the third quartile
# of the standard normal.
_OUTLIER_SCORE = 3.5
_MISSING_CODES = (-9.0, -99.0, -999.0, -9999.0, 99.0, 999.0, 9999.0, 99999.0)


@dataclass(frozen=True)
class Bar:
    """One bar of a small distribution picture: a bin from ``low`` to ``high``, or a level."""

    count: int
    low: float | None = None
    high: float | None = None
    level: str | None = None


@dataclass(frozen=True)
class Outliers:
    """Values far from the rest: how many, and a few of them as (1-based row, value)."""

    count: int = 0
    examples: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class ColumnProfile:
    """One column in numbers; ``None`` where a number means nothing for the kind."""

    name: str
    kind: str
    reason: str
    family: str | None
    label: str
    unit: str
    levels: tuple[str, ...]
    missing: int
    distinct: int
    mean: float | None
    sd: float | None
    min: float | None
    max: float | None
    quantiles: tuple[tuple[float, float], ...]
    histogram: tuple[Bar, ...]
    outliers: Outliers
    warnings: tuple[str, ...]
    question: Question | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the facts as JSON takes them."""
        return {
            "name": self.name,
            "kind": self.kind,
            "reason": self.reason,
            "family": self.family,
            "label": self.label,
            "unit": self.unit,
            "levels": list(self.levels),
            "missing": self.missing,
            "distinct": self.distinct,
            "mean": self.mean,
            "sd": self.sd,
            "min": self.min,
            "max": self.max,
            "quantiles": [{"share": share, "value": value} for share, value in self.quantiles],
            "histogram": [
                {"level": bar.level, "count": bar.count}
                if bar.level is not None
                else {"low": bar.low, "high": bar.high, "count": bar.count}
                for bar in self.histogram
            ],
            "outliers": {
                "count": self.outliers.count,
                "examples": [{"row": row, "value": value} for row, value in self.outliers.examples],
            },
            "warnings": list(self.warnings),
            "question": asdict(self.question) if self.question else None,
        }


@dataclass(frozen=True)
class Profile:
    """A data set in numbers."""

    rows: int
    columns: tuple[ColumnProfile, ...]
    warnings: tuple[str, ...]
    duplicate_rows: int = 0
    constants: tuple[str, ...] = ()
    complete_rows: int = 0
    set_rows: int = 0
    fingerprint: str = ""
    relations: tuple[Relation, ...] = ()

    def column(self, name: str) -> ColumnProfile:
        """Return one column's profile (KeyError if there is none)."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def to_dict(self) -> dict[str, Any]:
        """Return the contract's ``whyboard-profile/1``."""
        return {
            "format": "whyboard-profile/1",
            "rows": self.rows,
            "complete_rows": self.complete_rows,
            "duplicate_rows": self.duplicate_rows,
            "set_rows": self.set_rows,
            "constants": list(self.constants),
            "fingerprint": self.fingerprint,
            "relations": [{"column": one.column, "of": list(one.of), "text": one.text} for one in self.relations],
            "columns": [column.to_dict() for column in self.columns],
            "warnings": list(self.warnings),
        }


def profile(dataset: Dataset, family_of: Callable[[ColumnConstants], str | None] | None = None) -> Profile:
    """Describe a data set.

    Parameters
    ----------
    family_of : callable, optional
        Gives the name of the default family of a column from its constants; without it
        families are ``None`` (families are no business of ``core.data``).
    """
    columns = tuple(_column(dataset, column, family_of) for column in dataset.columns)
    constants = tuple(c.name for c in columns if dataset.rows > 1 and c.distinct == 1 and not c.missing)
    duplicates = _duplicate_rows(dataset)
    relations = exact_relations(dataset)
    said = [f"{one.text}; nothing is left in it for another arrow or for noise" for one in relations]
    said += [
        f"{clause}; what one does beyond the other takes many rows to tell"
        for clause in nearly_determined(dataset, without={one.column for one in relations})
    ]
    return Profile(
        rows=dataset.rows,
        columns=columns,
        warnings=(*dataset.warnings, *_table_warnings(dataset, columns, constants, duplicates), *said),
        duplicate_rows=duplicates,
        constants=constants,
        complete_rows=int(dataset.complete(dataset.names).sum()),
        set_rows=sum(bool(row) for row in dataset.set_by_row),
        fingerprint=dataset.fingerprint,
        relations=relations,
    )


def _column(
    dataset: Dataset, column: Column, family_of: Callable[[ColumnConstants], str | None] | None
) -> ColumnProfile:
    values = dataset.values(column.name)
    found = values[~np.isnan(values)]
    with np.errstate(over="ignore"):
        spread = found.std(ddof=1) if found.size > 1 else math.nan
    numeric = column.kind in ("real", "positive", "proportion", "count", "binary") and found.size > 0
    measured = numeric and column.kind != "binary"
    outliers = _outliers(values) if measured else Outliers()
    modelled = column.kind not in ("identifier", "date")
    family = family_of(column_constants(dataset, column.name)) if family_of and modelled and found.size else None
    return ColumnProfile(
        name=column.name,
        kind=column.kind,
        reason=column.reason,
        family=family,
        label=column.label,
        unit=column.unit,
        levels=column.levels,
        missing=int(values.size - found.size),
        distinct=int(np.unique(found).size),
        mean=_number(found.mean()) if numeric else None,
        sd=_number(spread) if numeric else None,
        min=_number(found.min()) if numeric else None,
        max=_number(found.max()) if numeric else None,
        quantiles=tuple((q, float(v)) for q, v in zip(QUANTILES, np.quantile(found, QUANTILES), strict=True))
        if measured
        else (),
        histogram=_bars(column, found),
        outliers=outliers,
        warnings=(*column.warnings, *_column_warnings(dataset, column, found, outliers)),
        question=question_of(column, values),
    )


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


# -- pictures --------------------------------------------------------------------------


def _bars(column: Column, found: FloatArray) -> tuple[Bar, ...]:
    if found.size == 0 or column.kind == "identifier":
        return ()
    if column.discrete:
        return _level_bars(column, found)
    low, high = float(found.min()), float(found.max())
    if low == high:
        return (Bar(int(found.size), low, high),)
    if column.kind == "count" and high - low < _MOST_BARS:
        edges = np.arange(low, high + 2) - 0.5
    else:
        wanted = len(np.histogram_bin_edges(found, bins="sturges")) - 1
        edges = np.linspace(low, high, min(max(wanted, 8), _MOST_BARS) + 1)
    counts, edges = np.histogram(found, bins=edges)
    return tuple(Bar(int(n), float(a), float(b)) for n, a, b in zip(counts, edges[:-1], edges[1:], strict=True))


def _level_bars(column: Column, found: FloatArray) -> tuple[Bar, ...]:
    counts = np.bincount(found.astype(np.intp), minlength=len(column.levels))
    if len(column.levels) <= _MOST_BARS:
        return tuple(Bar(int(n), level=level) for n, level in zip(counts, column.levels, strict=True))
    order = np.argsort(-counts, kind="stable")
    kept = [Bar(int(counts[i]), level=column.levels[i]) for i in order[: _MOST_BARS - 1]]
    rest = order[_MOST_BARS - 1 :]
    return (*kept, Bar(int(counts[rest].sum()), level=f"{len(rest)} others"))


# -- what looks wrong ------------------------------------------------------------------


def _outliers(values: FloatArray) -> Outliers:
    """Find values with a modified z-score over 3.5 (Iglewicz & Hoaglin 1993).

    Where more than half of the values are equal the median deviation is 0 and the mean
    deviation takes its place, as the same source has it.
    """
    found = values[~np.isnan(values)]
    if found.size < 8:
        return Outliers()
    centre = np.median(found)
    away = np.abs(found - centre)
    spread = np.median(away) / 0.6745 or float(away.mean()) * 1.253314
    if spread == 0:
        return Outliers()
    with np.errstate(invalid="ignore"):
        score = np.abs(values - centre) / spread
    rows = np.flatnonzero(score > _OUTLIER_SCORE)
    far = rows[np.argsort(-score[rows], kind="stable")][:_MOST_EXAMPLES]
    return Outliers(len(rows), tuple((int(row) + 1, float(values[row])) for row in far))


def _column_warnings(dataset: Dataset, column: Column, found: FloatArray, outliers: Outliers) -> list[str]:
    warnings = []
    share = 1 - found.size / max(dataset.rows, 1)
    if 0.2 < share < 1:
        warnings.append(f"{share:.0%} of the values are missing")
    if column.discrete and found.size:
        counts = np.bincount(found.astype(np.intp), minlength=len(column.levels))
        rare = [level for level, n in zip(column.levels, counts, strict=True) if n < 5]
        if rare and len(column.levels) > 1:
            warnings.append(f"fewer than 5 rows have {listed(rare, 4)}")
    if outliers.count:
        row, value = outliers.examples[0]
        code = next((c for c in _MISSING_CODES if c == value and int(np.sum(found == c)) > 1), None)
        if code is not None:
            many = counted(int(np.sum(found == code)))
            warnings.append(f"{code:g} stands in {many} far from the rest; is it a code for missing?")
        elif outliers.count <= max(3, 0.01 * found.size):
            where = row_words(row - 1, dataset.line_offset)
            warnings.append(f"{counted(outliers.count, 'value')} far from the rest: {where} is {value:g}")
    return warnings


def _table_warnings(
    dataset: Dataset, columns: tuple[ColumnProfile, ...], constants: tuple[str, ...], duplicates: int
) -> list[str]:
    warnings = []
    if duplicates:
        warnings.append(f"{counted(duplicates)} {'repeats' if duplicates == 1 else 'repeat'} an earlier row exactly")
    if constants:
        warnings.append(f"no variation in {listed(constants)}; such a column cannot show any effect")
    empty = [c.name for c in columns if c.missing == dataset.rows]
    if empty:
        warnings.append(f"no values at all in {listed(empty)}")
    for column in columns:
        if column.kind == "date" and column.distinct > 1:
            warnings.append(f"rows may not be exchangeable: {column.name!r} is a date, and rows near in time are alike")
        elif column.kind == "identifier" and 1 < column.distinct < dataset.rows - column.missing:
            warnings.append(f"rows may not be exchangeable: {column.name!r} repeats, so some rows belong together")
    return warnings


def _duplicate_rows(dataset: Dataset) -> int:
    names = [c.name for c in dataset.columns if c.kind != "identifier"]
    if not names or dataset.rows < 2:
        return 0
    # Rows of a few small discrete columns repeat by nature.
    if all(c.discrete or c.kind == "count" for c in dataset.columns if c.kind != "identifier"):
        return 0
    table = pd.DataFrame({name: dataset.values(name) for name in names})
    return int(table.duplicated().sum())
