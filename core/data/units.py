"""Units and currencies as people write them behind numbers and into names of columns."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["COUNTED", "CURRENCIES", "PERCENT", "is_unit", "units_in_names"]


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


PERCENT = {"%": "%", "‰": "‰", "pct": "%", "percent": "%", "per cent": "%"}

CURRENCIES = _set_of(
    """
    $ € £ ¥ ₹ ₽ ₩ ₺ ₪ ฿ US$ A$ C$ R$ NZ$ HK$ zł kr kr. Fr. Fr Rs Rs. Kč Ft lei EUR USD GBP CHF JPY CNY RMB INR AUD
    CAD NZD SEK NOK DKK PLN CZK HUF RON BGN TRY RUB BRL MXN ZAR KRW SGD HKD THB IDR MYR PHP VND ILS AED SAR EGP NGN
    KES ARS CLP COP PEN Euro euro euros Euros dollars Dollar dollar
    """
)

_PREFIXED = _set_of(
    """
    m g s l L Hz J W Wh V A Pa bar N mol M cal eV B b bit byte K t ohm Ω Bq Gy Sv F lm lx
    """
)
_PREFIXES = ("da", "k", "M", "G", "T", "m", "µ", "μ", "u", "n", "p", "f", "c", "d", "h", "")
# What a single letter in parentheses may mean is open ("(A)", "(K)", "(N)"), but for these.
_LETTERS = _set_of(
    """
    m g s h d l L
    """
)
_PLAIN = _set_of(
    """
    h hr hrs hour hours min mins minute minutes sec secs second seconds ms d day days wk week weeks mo month months
    y yr yrs year years a mi mile miles ft feet foot in inch inches yd yards lb lbs oz acre acres ha gal gallon
    gallons mph kmh kph rpm bpm mmHg cmH2O dB dBA px pt ppm ppb pp °C °F ° degC degF deg degrees IU U mEq kcal mph
    qm  thousand thousands million millions billion bn mn tsd mio
    mrd inhabitants percent pct Std Stunden Tage Jahre Monate Wochen Stk Stück
    """
)
COUNTED = _set_of("people persons points pcs pieces units items times inhabitants thousand thousands Stk Stück")
"""Units of what is counted, not measured."""

_POWER = re.compile(r"((?:[kcdmµμn]?m|s|h|ft|in|yd|mi|kg)) ?\^?(?:-?[123]|⁻?[¹²³])")
_AT_END = re.compile(
    r"^(?P<stem>.*\S)(?:\s+\((?P<round>[^()\[\]]{1,20})\)|\s*\[(?P<square>[^()\[\]]{1,20})\])$", re.DOTALL
)


def is_unit(text: str) -> bool:
    """Return whether a text is a unit or a currency: ``kg``, ``1,000 EUR``, ``kg/m2``, ``EUR per week``, ``%``."""
    text = " ".join(text.split())
    if text in PERCENT or text in CURRENCIES:
        return True
    parts = [part for part in re.split(r"\s*[/·*⋅]\s*|\s+per\s+|\s+", text) if part]
    return bool(parts) and any(_is_token(part) for part in parts) and all(_is_token(p) or _is_factor(p) for p in parts)


def _is_factor(part: str) -> bool:
    return re.fullmatch(r"1?0+|\d{1,3}([,.']000)+|1e\d", part) is not None or part == "100"


def _is_token(part: str) -> bool:
    if part in PERCENT or part in CURRENCIES or part in _PLAIN | COUNTED:
        return True
    power = _POWER.fullmatch(part)
    base = power[1] if power else part
    return any(base.startswith(prefix) and base[len(prefix) :] in _PREFIXED for prefix in _PREFIXES)


def units_in_names(names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return label and unit of the columns whose names end in a unit: "Income (EUR)" is Income, in EUR.

    Where two names would get one label ("Weight (kg)", "Weight (lb)"), the label stays the name.
    """
    found: dict[str, tuple[str, str]] = {}
    for name in names:
        match = _AT_END.match(name)
        if match is None:
            continue
        unit = (match["round"] or match["square"]).strip()
        if is_unit(unit) and (len(unit) > 1 or match["square"] or unit in _LETTERS | CURRENCIES | PERCENT.keys()):
            found[name] = (match["stem"].strip(), unit)
    stems = [match["stem"].strip() if (match := _AT_END.match(name)) else name for name in names]
    twice = {stem for stem in stems if stems.count(stem) > 1} if len(set(stems)) < len(stems) else set()
    # "Temp (min)" beside "Temp (max)" is no unit: of such names all must end in one.
    spoilt = {
        stem for name, stem in zip(names, stems, strict=True) if stem in twice and name not in found and name != stem
    }
    return {name: (name if stem in twice else stem, unit) for name, (stem, unit) in found.items() if stem not in spoilt}
