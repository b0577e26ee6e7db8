"""The different values of a column as text, and the order in which they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import DataError

__all__ = ["factorize", "levels_of", "natural_order", "number_text", "text_of"]

_ORDER_WORDS = (
    ("strongly disagree", "disagree", "neutral", "agree", "strongly agree"),
    ("never", "rarely", "sometimes", "often", "always"),
    ("very low", "low", "medium", "high", "very high"),
    ("very bad", "bad", "fair", "good", "very good", "excellent"),
    ("poor", "fair", "good", "very good", "excellent"),
    ("none", "mild", "moderate", "severe"),
    ("small", "medium", "large"),
)


def levels_of(series: pd.Series) -> tuple[str, ...]:
    """Return the different values of a column as text, in code order.

    Text sorts as text, numbers by size, false before true; an ordered categorical keeps
    its order. So of two levels of text the one that sorts last is 1.
    """
    if isinstance(series.dtype, pd.CategoricalDtype) and series.cat.ordered:
        used = series.cat.remove_unused_categories().cat.categories
        return tuple(dict.fromkeys(text_of(value) for value in used))
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(series.cat.categories.dtype)
    if pd.api.types.is_numeric_dtype(series) or pd.api.types.is_datetime64_any_dtype(series):
        return tuple(text_of(value) for value in sorted(series.dropna().unique()))
    return tuple(sorted(factorize(series, "")[1]))


def factorize(series: pd.Series, where: str) -> tuple[NDArray[np.intp], list[str]]:
    """Return codes (-1 where missing) and the text of each code; equal texts share one."""
    try:
        codes, uniques = pd.factorize(series)
    except TypeError:
        raise DataError(
            "a cell holds something that is neither text, number nor date",
            place=where,
            hint="Give each cell one plain value.",
        ) from None
    if isinstance(series.dtype, pd.StringDtype):
        return codes, np.asarray(uniques, dtype=object).tolist()
    index: dict[str, int] = {}
    joined = np.array([index.setdefault(text_of(value), len(index)) for value in uniques], dtype=np.intp)
    codes = np.where(codes < 0, -1, joined[codes] if len(joined) else -1)
    return codes, list(index)


def text_of(value: Any) -> str:
    """Return the text by which a value is a level."""
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, float | np.floating | int | np.integer):
        return number_text(value)
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return str(value)


def number_text(value: Any) -> str:
    """Return a number as text, whole ones without a point."""
    number = float(value)
    if isinstance(value, int | np.integer):
        return str(int(value))
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def natural_order(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the texts in the order that their words say ("low" before "high"); empty if they say none."""
    lowered = {text.lower(): text for text in texts}
    for words in _ORDER_WORDS:
        if len(lowered) > 2 and set(lowered) <= set(words):
            return tuple(lowered[word] for word in words if word in lowered)
    return ()
