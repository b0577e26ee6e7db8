"""By how much something moves, in words: a number with its interval, and more or less of what."""

from dataclasses import dataclass, field

from core.comparison.facts import ColumnFacts
from core.fit.posterior import Summary
from core.words import spanned

__all__ = ["NOTHING", "OPEN", "Way", "less_of", "percent_said", "told"]

#: What is said of an interval on both sides of zero.
OPEN = "the rows do not say which way"
#: What is smaller is rounding.
NOTHING = 1e-9


@dataclass(frozen=True)
class Way:
    """Words for more and less, and by what a number is multiplied; ``after`` follows it at once, ``what`` the words."""

    more: str = "more"
    less: str = "less"
    size: float = 1.0
    after: str = ""
    what: str = ""
    before: str = field(default="", kw_only=True)


def percent_said(found: Summary, outcome: ColumnFacts, doubt: str = OPEN) -> str:
    """Return by how many per cent an outcome moves: ``"0.8 % [0.5, 1.1] fewer sales"``.

    Parameters
    ----------
    found : Summary
        In per cent; negative for less.
    outcome : ColumnFacts
    doubt : str
        What is said of an interval on both sides of zero.
    """
    return told(found, Way(less=less_of(outcome), after=" %", what=f" {outcome.label}"), doubt)


def told(found: Summary, way: Way, doubt: str) -> str:
    """Return a number with its 90 % interval and its direction; both directions where the interval holds zero.

    Parameters
    ----------
    found : Summary
        Negative for less.
    way : Way
    doubt : str
        What is said where the direction is open.
    """
    mean, low, high = (way.size * found[name] for name in ("mean", "q05", "q95"))
    nothing = NOTHING * way.size
    if max(abs(mean), abs(low), abs(high)) <= nothing:
        return "no change"
    if low < -nothing and high > nothing:
        _, one, other = spanned(mean, low, high)
        return (
            f"{way.before}between {one.removeprefix('-')}{way.after} {way.less} and {other}{way.after} {way.more}"
            f"{way.what}: {doubt}"
        )
    if high <= nothing:
        mean, low, high = -mean, -high, -low
        word = way.less
    else:
        word = way.more
    middle, one, other = spanned(mean, max(low, 0.0), high)
    return f"{way.before}{middle}{way.after} [{one}, {other}] {word}{way.what}"


def less_of(column: ColumnFacts) -> str:
    """Return ``"fewer"`` of what is counted, and of what its name has in the plural; else ``"less"``."""
    name = column.label.lower()
    plural = name.endswith("s") and not name.endswith(("ss", "us", "is"))
    return "fewer" if column.kind == "count" or plural else "less"
