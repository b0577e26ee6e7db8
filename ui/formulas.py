"""Columns' labels in typed formulas: what pages call a column may be typed, beside its name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from core.decide.formula import Name, renamed, written
from core.decide.reading import parse_formula

__all__ = ["in_labels", "in_names", "listed"]

_QUOTED = r"`(?:[^`]|``)*`|\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'"


def in_names(text: str, labels: Mapping[str, str]) -> str:
    """Return a formula with columns' names where their labels were typed, longest first.

    Parameters
    ----------
    text : str
    labels : mapping of str to str
        Of each column that may be named. A label of two columns, or one that is another's name, is left as it is.
    """
    known = {label: written(Name(name)) for name, label in _own(labels).items()}
    if not known:
        return text
    longest = sorted(known, key=len, reverse=True)
    pattern = f"({_QUOTED})|(?<!\\w)({'|'.join(map(re.escape, longest))})(?!\\w)"

    def put(found: re.Match[str]) -> str:
        quoted, label = found.groups()
        return known.get(quoted[1:-1], quoted) if quoted else known[label]

    return re.sub(pattern, put, text)


def listed(labels: Mapping[str, str]) -> str:
    """Return which label means which name, plain text; empty where they are the same."""
    return ", ".join(f"{label} = {written(Name(name))}" for name, label in _own(labels).items())


def in_labels(formula: str, names: Iterable[str], labels: Mapping[str, str]) -> str:
    """Return a formula as it is said: with labels in the place of names, and without quotes."""
    return written(renamed(parse_formula(formula, list(names)), labels)).replace("`", "")


def _own(labels: Mapping[str, str]) -> dict[str, str]:
    """Return the labels that differ from the name and mean one column alone."""
    said = list(labels.values())
    return {name: label for name, label in labels.items() if label not in labels and said.count(label) == 1}
