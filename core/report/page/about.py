"""What the report calls things, and what it knows beside the comparison: words, colours, seed, date."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.comparison.facts import ColumnFacts
from core.comparison.result import Comparison
from core.figures.theme import HYPOTHESIS_COLOURS
from core.report.page.markup import Html, el

__all__ = ["About", "Told"]

_HEX = re.compile("#[0-9a-fA-F]{6}")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class About:
    """What a report says that a comparison does not know.

    Parameters
    ----------
    question : str
        The user's own words, empty where there are none.
    source : str
        The name of the data file.
    seed, draws : int or None
        Of the fit.
    date : str
        On which day the report was made, ``2026-11-29``.
    names : mapping of str to str
        What the user calls each hypothesis, where a comparison knows it by its letter.
    colours : mapping of str to str
        ``#rrggbb`` of each hypothesis; else the house's own, in order.
    missing : tuple of (str, str)
        Hypotheses that are not in the comparison, each with the reason.
    dark : bool or None
        Held dark or light on the screen; None: as the reader's device has it.
    """

    question: str = ""
    source: str = ""
    seed: int | None = None
    draws: int | None = None
    date: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    colours: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[tuple[str, str], ...] = ()
    dark: bool | None = None

    def held(self, dark: bool | None) -> "About":
        """Return the same, held dark or light."""
        return replace(self, dark=dark)


@dataclass(frozen=True)
class Told:
    """A comparison with the words and colours in which the report tells it."""

    comparison: Comparison
    about: About

    @property
    def columns(self) -> Mapping[str, ColumnFacts]:
        """The columns by name."""
        return {column.name: column for column in self.comparison.data.columns}

    @property
    def names(self) -> tuple[str, ...]:
        """The hypotheses, in their order."""
        return tuple(facts.name for facts in self.comparison.hypotheses)

    @property
    def pair(self) -> tuple[str, str] | None:
        """Exposure and outcome of the question; None where nothing is asked."""
        asked = self.comparison.question
        return None if asked is None else (asked.exposure, asked.outcome)

    def title(self, name: str) -> str:
        """Return the user's word for a column."""
        columns = self.columns
        return columns[name].label if name in columns else name

    def unit(self, name: str) -> str:
        """Return a column's unit in brackets behind a space; empty where it has none."""
        columns = self.columns
        unit = columns[name].unit if name in columns else ""
        return f" ({unit})" if unit else ""

    def letter(self, name: str) -> str:
        """Return a hypothesis' letter: its own name where that is one, else its place in the alphabet."""
        if len(name) == 1 or name not in self.names:
            return name
        place = self.names.index(name)
        letter = _LETTERS[place] if place < len(_LETTERS) else str(place + 1)
        return str(place + 1) if letter in self.names else letter

    def own(self, name: str) -> str:
        """Return a hypothesis' name without its letter."""
        return self.about.names.get(name, "" if len(name) == 1 else name)

    def called(self, name: str) -> str:
        """Return letter and name of a hypothesis."""
        own, letter = self.own(name), self.letter(name)
        return f"{letter} {own}" if own and own != letter else letter

    def colour(self, name: str) -> str:
        """Return a hypothesis' colour."""
        if _HEX.fullmatch(self.about.colours.get(name, "")):
            return self.about.colours[name]
        return HYPOTHESIS_COLOURS[self.names.index(name) % len(HYPOTHESIS_COLOURS)] if name in self.names else "#777777"

    def chip(self, name: str, *, full: bool = True) -> Html:
        """Return a hypothesis' letter in its colour, its name beside it unless only the letter is wanted."""
        mark = el("span", self.letter(name), class_="chip", style=f"--own:{self.colour(name)}")
        own = self.own(name)
        return el("span", mark, f" {own}" if full and own and own != self.letter(name) else "", class_="who")
