"""The last row of a table may add up the others: then it is no case like them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from core.data.text import text_to_floats

__all__ = ["may_be_total", "number_of", "total_of"]

_TOTAL = re.compile(
    r"(?i)\s*((grand|sub)[- ]?)?(totals?|sum|gesamt|summe|insgesamt|overall|averages?|mean|durchschnitt|mittelwert"
    r"|somme|moyenne|suma|media|all)\b[^\d]{0,20}"
)


def may_be_total(first: object) -> bool:
    """Return whether the first filled cell of a row says that the row adds up others."""
    return isinstance(first, str) and _TOTAL.fullmatch(first) is not None


def number_of(cell: object) -> float | None:
    """Return a cell of the last row as a number; None if it is none."""
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        return float(cell)
    number = float(text_to_floats(pd.Series([str(cell)], dtype=object))[0][0])
    return None if np.isnan(number) else number


def total_of(above: Mapping[str, pd.Series], last: Mapping[str, float]) -> str:
    """Return "adds up" or "averages" if a last row does that to the rows above, in every column that it fills; else "".

    Parameters
    ----------
    above : mapping of str to Series
        The columns without that row.
    last : mapping of str to float
        Its numbers; columns without one are not there.
    """
    found = []
    for name, number in last.items():
        series = above[name]
        if not pd.api.types.is_numeric_dtype(series):
            continue
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
        values = values[~np.isnan(values)]
        if values.size == 0:
            continue
        error = 1e-9 * float(np.abs(values).sum()) + 0.51 * _last_digit(number)
        if abs(values.sum() - number) <= error and values.size > 1:
            found.append("adds up")
        elif abs(values.mean() - number) <= error:
            found.append("averages")
        else:
            found.append("")
    if not found or "" in found:
        return ""
    return "adds up" if "adds up" in found else "averages"


def _last_digit(number: float) -> float:
    """Return the worth of the last digit that a number is written with: 0.01 of 1.25."""
    text = repr(float(number))
    if "e" in text or "." not in text:
        return 0.0
    digits = text.split(".")[1]
    return 0.0 if digits == "0" else 10.0 ** -len(digits)
