"""Text that is a date, and dates as numbers (days since 1970-01-01)."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["date_format", "first_no_date", "to_days"]

_CLOCK = r"([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?"
_FORMATS = (
    (re.compile(r"\d{4}-\d{2}-\d{2}" + _CLOCK), "ISO8601"),
    (re.compile(r"\d{4}-\d{2}"), "%Y-%m"),
    (re.compile(r"\d{4}/\d{1,2}/\d{1,2}"), "%Y/%m/%d"),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"), "%d.%m.%Y"),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4}"), "%d/%m/%Y"),
    (re.compile(r"\d{1,2}-\d{1,2}-\d{4}"), "%d-%m-%Y"),
)
_MONTH_FIRST = {"%d/%m/%Y": "%m/%d/%Y", "%d-%m-%Y": "%m-%d-%Y"}


def date_format(texts: pd.Series) -> str | None:
    """Return the one format in which every text that is not missing is a date, else None.

    Day first is tried before month first (``03/04/2020`` is the third of April).
    """
    values = texts.dropna()
    if values.empty:
        return None
    first = str(values.iloc[0])
    for pattern, form in _FORMATS:
        if pattern.fullmatch(first) and values.astype("str").str.fullmatch(pattern.pattern).all():
            for attempt in (form, _MONTH_FIRST.get(form)):
                if attempt and not np.isnan(_parse(values, attempt)).any():
                    return attempt
    return None


def to_days(series: pd.Series) -> NDArray[np.float64] | None:
    """Return dates as days since 1970-01-01, NaN where missing; None if they are no dates.

    A column of whole numbers (years) is returned as it is.
    """
    if pd.api.types.is_datetime64_any_dtype(series):
        return _days(series)
    if pd.api.types.is_numeric_dtype(series):
        return series.to_numpy(dtype=np.float64, na_value=np.nan)
    form = date_format(series)
    if form is None:
        return None if series.notna().any() else np.full(len(series), np.nan)
    return _parse(series, form)


def first_no_date(texts: pd.Series) -> int:
    """Return the first row (from 0) that is no date in the format of the rows before it."""
    rows = np.flatnonzero(texts.notna())
    low, high = 0, len(rows) - 1
    while low < high:
        middle = (low + high) // 2
        if date_format(texts.iloc[rows[: middle + 1]]) is None:
            high = middle
        else:
            low = middle + 1
    return int(rows[low])


def _parse(texts: pd.Series, form: str) -> NDArray[np.float64]:
    return _days(pd.to_datetime(texts, format=form, errors="coerce", utc=True))


def _days(stamps: pd.Series) -> NDArray[np.float64]:
    plain = stamps.dt.tz_convert("UTC").dt.tz_localize(None) if stamps.dt.tz is not None else stamps
    micro = plain.to_numpy().astype("datetime64[us]")
    days = micro.astype(np.int64) / 86_400e6
    days[np.isnat(micro)] = np.nan
    return days
