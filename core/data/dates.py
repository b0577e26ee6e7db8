"""Text that is a date, and dates as numbers (days since 1970-01-01)."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.data.places import row_words, shown

__all__ = ["about_dates", "date_format", "first_no_date", "to_days"]

_CLOCK = r"([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?"
_FORMATS = (
    (re.compile(r"\d{4}-\d{2}-\d{2}" + _CLOCK), "ISO8601"),
    (re.compile(r"\d{4}-\d{2}"), "%Y-%m"),
    (re.compile(r"\d{4}/\d{1,2}/\d{1,2}"), "%Y/%m/%d"),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"), "%d.%m.%Y"),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4}"), "%d/%m/%Y"),
    (re.compile(r"\d{1,2}-\d{1,2}-\d{4}"), "%d-%m-%Y"),
    (re.compile(r"\d{1,2}[ -][A-Z][a-z]{2}[ -]\d{4}"), "%d %b %Y"),
    (re.compile(r"\d{1,2} [A-Z][a-z]{3,8} \d{4}"), "%d %B %Y"),
    (re.compile(r"[A-Z][a-z]{2} \d{4}"), "%b %Y"),
)
_SHORT_YEAR = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2}")
_LOOK = 200
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


def about_dates(texts: pd.Series, offset: int | None = None) -> str:
    """Return what to say of a column of text as dates: the order taken, or why they are none; else nothing."""
    values = texts.dropna()
    first = values.iloc[:_LOOK].astype("str")
    if first.empty:
        return ""
    alike = [pattern for pattern, _ in _FORMATS if first.str.fullmatch(pattern.pattern).mean() >= 0.5]
    if not alike:
        if first.str.fullmatch(_SHORT_YEAR.pattern).all():
            row = int(np.flatnonzero(texts.notna())[0])
            where = f"{row_words(row, offset)} is {shown(values.iloc[0])}"
            return f"text, because a year of two digits may be several: {where}. Write dates as 2024-12-31"
        return ""
    form = date_format(texts)
    if form is None:
        row = first_no_date(texts)
        return f"text, because not all dates are written alike: {row_words(row, offset)} is {shown(texts.iloc[row])}"
    other = _MONTH_FIRST.get(form)
    if form not in (*_MONTH_FIRST, *_MONTH_FIRST.values()):
        return ""
    order = "month first" if form in _MONTH_FIRST.values() else "day first"
    day = pd.Timestamp(0) + pd.Timedelta(days=float(_parse(values.iloc[:1], form)[0]))
    said = f"read {order}: {shown(values.iloc[0])} is {day.day} {day.month_name()} {day.year}"
    if other and not np.isnan(_parse(values, other)).any():
        return f"{said}; month first would fit as well, so check it, or write dates as 2024-12-31"
    return said


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
    if form == "%d %b %Y":  # 5-Mar-2024 too
        texts = texts.astype("str").where(texts.notna()).str.replace("-", " ")
    return _days(pd.to_datetime(texts, format=form, errors="coerce", utc=True))


def _days(stamps: pd.Series) -> NDArray[np.float64]:
    plain = stamps.dt.tz_convert("UTC").dt.tz_localize(None) if stamps.dt.tz is not None else stamps
    micro = plain.to_numpy().astype("datetime64[us]")
    days = micro.astype(np.int64) / 86_400e6
    days[np.isnat(micro)] = np.nan
    return days
