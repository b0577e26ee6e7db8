"""One row of the file: found by its number or by what identifies it, and shown with its values."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from core.data.dataset import Column, Dataset
from core.words import number
from ui import widgets, words
from ui.session import ProjectView

__all__ = ["chosen", "shown"]

_MOST = 24  # columns of a row that are shown


def chosen(project: ProjectView, dataset: Dataset) -> int:
    """Ask for a row, by its number from 1 on, and where a column identifies rows, by that; return the number."""
    named = next((column for column in dataset.columns if column.kind == "identifier"), None)
    if named is None:
        return int(st.number_input("Row, as it stands in the file", 1, dataset.rows, 1, key="act_row_number"))
    left, right = st.columns(2, vertical_alignment="bottom")
    row = int(left.number_input("Row, as it stands in the file", 1, dataset.rows, 1, key="act_row_number"))
    text = right.text_input(f"or find {words.md(project.title_of(named.name))}", key="act_row_find").strip()
    if not text:
        return row
    places = np.flatnonzero(dataset.table[named.name].astype(str).str.strip() == text)
    if not len(places):
        widgets.note(f"No row has {project.title_of(named.name)} = {text}: row {row:,} is shown.")
        return row
    if len(places) > 1:
        widgets.note(f"{len(places):,} rows have {project.title_of(named.name)} = {text}: the first of them is shown.")
    return int(places[0]) + 1


def shown(project: ProjectView, dataset: Dataset, row: int, first: Sequence[str], marked: Collection[str] = ()) -> str:
    """Return the HTML of a row's values with their titles and units: some columns first, those that are marked bold."""
    rest = [name for name in dataset.names if name not in first]
    names = [name for name in (*marked, *first, *rest) if name in dataset.names]
    names = list(dict.fromkeys(names))
    parts = [_part(project, dataset.column(name), dataset.table[name].iloc[row - 1], name in marked)
             for name in names[:_MOST]]  # fmt: skip
    if len(names) > _MOST:
        parts.append(f'<span class="wb-muted">{len(names) - _MOST:,} more columns</span>')
    return (
        f'<div class="wb-facts" data-testid="one-row"><span class="wb-muted">Row {row:,}:</span>{"".join(parts)}</div>'
    )


def _part(project: ProjectView, column: Column, value: object, marked: bool) -> str:
    title, unit = project.title_of(column.name), project.unit_of(column.name)
    if pd.isna(value):  # type: ignore[call-overload]
        said = "missing"
    else:
        plain = (
            column.discrete or column.kind in ("identifier", "date") or not isinstance(value, int | float | np.number)
        )
        said = str(value) if plain else f"{_written(float(value))}{f' {unit}' if unit else ''}"  # type: ignore[arg-type]
    said = words.html(words.clip(said, 40))
    return f'<span><span class="wb-muted">{words.html(title)}</span> {f"<b>{said}</b>" if marked else said}</span>'


def _written(value: float) -> str:
    """Return a value as it stands in the file, where it is not long."""
    exact = f"{value:,.10g}"
    return exact if len(exact) <= 9 else number(value, 5)
