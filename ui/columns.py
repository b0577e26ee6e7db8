"""What the Data page says and changes about a column. Facts from ``core``, words from here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from core.data.dataset import Column, Dataset
from core.data.profile import ColumnProfile, Profile, profile
from core.errors import WhyboardError
from core.families.choose import DISCRETE_KINDS, Choice, choose_family
from core.hypothesis import KINDS
from ui import kept, pictures, session, theme, words
from ui.session import ProjectView

__all__ = ["KIND_OPTIONS", "facts_of", "family_of", "picture_of", "profile_of", "set_kind", "set_levels", "set_words"]

KIND_OPTIONS: tuple[str, ...] = KINDS


def profile_of(project: ProjectView, dataset: Dataset) -> Profile:
    """Return the profile of a project's data, computed once a version."""
    version = project.upload.version if project.upload else ""
    return kept.recall("profile", (project.token, version, dataset.fingerprint), lambda: profile(dataset))


def family_of(dataset: Dataset, name: str, nodes: Sequence[str]) -> Choice | WhyboardError:
    """Return the default family of a column among the modelled ``nodes``, or why it has none."""
    from core.data.constants import column_constants

    modelled = [node for node in nodes if node in dataset.names] or list(dataset.names)
    kinds = {dataset.column(node).kind for node in (*modelled, name)}
    try:
        return choose_family(column_constants(dataset, name), kinds <= set(DISCRETE_KINDS))
    except WhyboardError as error:
        return error


def facts_of(column: ColumnProfile, rows: int) -> str:
    """Return a column in one line of numbers."""
    parts = []
    if column.min is not None and column.kind != "binary":
        parts.append(f"{words.number(column.min)} to {words.number(column.max)}{_unit(column)}")
        parts.append(f"mean {words.number(column.mean)}, sd {words.number(column.sd)}")
    elif column.kind == "binary" and len(column.levels) == 2:
        parts.append(f"{words.number(100 * (column.mean or 0))} % are {words.clip(column.levels[1], 20)}")
    elif column.levels:
        parts.append(words.count(len(column.levels), "level"))
    else:
        parts.append(words.count(column.distinct, "different value"))
    if column.missing:
        parts.append(f"{column.missing:,} missing ({100 * column.missing / max(rows, 1):.0f} %)")
    return " · ".join(parts)


def _unit(column: ColumnProfile) -> str:
    return f" [{column.unit}]" if column.unit else ""


def picture_of(column: ColumnProfile, dataset: Dataset) -> str:
    """Return the small distribution picture with what stands at its two ends, as HTML; never empty."""
    if not column.histogram:
        why = "no values" if not column.distinct else "values that name, nothing to draw"
        return f'<div class="wb-small wb-muted">{why}</div>'
    levels = [bar.level for bar in column.histogram if bar.level is not None]
    heights = [bar.count for bar in column.histogram]
    drawn = pictures.bars(heights, discrete=bool(levels), width=190, height=46, tone=theme.tone())
    first, last = column.histogram[0], column.histogram[-1]
    if levels:
        ends = [words.clip(level, 12) for level in dict.fromkeys((levels[0], levels[-1]))]
    elif column.kind == "count":
        ends = [words.number(end) for end in dict.fromkeys((column.min, column.max))]
    elif column.kind == "date":
        ends = [_date(end, dataset, column.name) for end in (first.low, last.high)]
    else:
        ends = [words.number(end) for end in dict.fromkeys((first.low, last.high))]
    under = "".join(f"<span>{words.html(end)}</span>" for end in ends)
    wide = f"max-width:{min(190, 40 * len(heights)) if levels else 190}px"
    return f'<div class="wb-picture" style="{wide}">{drawn}<div class="wb-ends">{under}</div></div>'


def _date(value: float | None, dataset: Dataset, name: str) -> str:
    """Return a date in words: dates are kept as days since 1970, years as they are."""
    if value is None or pd.api.types.is_numeric_dtype(dataset.table[name]):
        return "" if value is None else f"{value:.0f}"
    return str((pd.Timestamp(0) + pd.Timedelta(days=value)).date())


def set_kind(project: ProjectView, dataset: Dataset, name: str, kind: str) -> None:
    """Correct a column's kind.

    Raises
    ------
    DataError
        If the values do not allow it; nothing is changed then.
    """
    dataset.with_kind(name, kind)
    session.get_store().set_column(project.token, name, kind=kind)


def set_levels(project: ProjectView, column: Column, levels: Sequence[str]) -> None:
    """Put a discrete column's levels in another order; of two, the second is 1."""
    if sorted(levels) == sorted(column.levels) and tuple(levels) != column.levels:
        session.get_store().set_column(project.token, column.name, levels=list(levels))


def set_words(project: ProjectView, name: str, **given: Any) -> None:
    """Keep a column's label or unit."""
    clean = {word: words.one_line(text or "")[:80] for word, text in given.items()}
    session.get_store().set_column(project.token, name, **clean)
