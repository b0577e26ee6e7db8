"""A user's corrections of one table, carried over to the table that takes its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.data.dataset import Dataset
from core.data.places import listed, shown
from core.errors import DataError

__all__ = ["Carried", "carry_over"]

_WORDS = ("label", "unit")


@dataclass(frozen=True)
class Carried:
    """What still fits (column to any of ``kind``, ``levels``, ``label``, ``unit``), and what does not, in sentences."""

    kept: dict[str, dict[str, Any]]
    lost: tuple[str, ...] = ()


def carry_over(corrections: Mapping[str, Mapping[str, Any]], dataset: Dataset) -> Carried:
    """Return which corrections of the table before fit a new table, column by column.

    A kind is kept where the values allow it; an order of levels where the levels are the same or fewer; words
    always, as long as there is a column of that name.
    """
    kept: dict[str, dict[str, Any]] = {}
    lost: list[str] = []
    for name, given in corrections.items():
        if name not in dataset.names:
            if what := _what(given):
                lost.append(f"{shown(name)} is not in the new table; {what} {'are' if ' and ' in what else 'is'} gone")
            continue
        here, said = _column(dataset, name, given)
        lost.extend(said)
        if here:
            kept[name] = here
    return Carried(kept, tuple(lost))


def _column(dataset: Dataset, name: str, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    kept = {word: given[word] for word in _WORDS if given.get(word)}
    lost: list[str] = []
    kind = given.get("kind")
    if kind:
        try:
            dataset = dataset.with_kind(name, kind)
        except DataError as error:
            now = dataset.column(name).kind
            lost.append(f"{shown(name)} was {kind} and is {now} now: {error.message} ({error.place})")
        else:
            kept["kind"] = kind
    if given.get("levels") and (not kind or "kind" in kept):
        order, said = _order(dataset, name, tuple(given["levels"]))
        lost.extend(said)
        if order:
            kept["levels"] = order
    return kept, lost


def _order(dataset: Dataset, name: str, before: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the order of levels as far as it speaks of those that are there now."""
    column = dataset.column(name)
    if not column.discrete:
        return [], [f"{shown(name)} is {column.kind} now and has no levels; their order is gone"]
    new = [level for level in column.levels if level not in before]
    if new:
        return [], [
            f"the order of the levels of {shown(name)} is gone: {listed(new)} {'is' if len(new) == 1 else 'are'} new"
        ]
    return [level for level in before if level in column.levels], []


def _what(given: Mapping[str, Any]) -> str:
    parts = []
    if given.get("kind"):
        parts.append(f"its kind ({given['kind']})")
    if given.get("levels"):
        parts.append("the order of its levels")
    parts.extend(f"its {word} ({shown(given[word])})" for word in _WORDS if given.get(word))
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
