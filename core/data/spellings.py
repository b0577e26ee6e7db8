"""Levels that are one word in several spellings: "Yes", "yes", "YES"; "y" and "true" beside them.

Words are joined only where their case is that of writing (all small, all capital, capitals first),
so that codes in which case means something (AA, Aa, aa) stay apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from core.data.places import counted, first_of, shown

__all__ = ["one_spelling", "says_no"]

_YES = frozenset(["yes", "y", "true", "ja", "j", "oui", "sí", "si", "sim", "wahr", "vrai", "verdadero", "1"])
_NO = frozenset(["no", "n", "false", "nein", "non", "não", "falsch", "faux", "falso", "0"])
# Short words in which case never means anything.
_SHORT = frozenset(["y", "n", "m", "f", "no", "ja", "si", "j", "na", "ok", "on"]) | frozenset({"sí"})
_MOST = 200


def one_spelling(series: pd.Series, offset: int | None = None) -> tuple[pd.Series, tuple[str, ...]]:
    """Return a column of text in which each word has one spelling, the commonest, and what was joined.

    Parameters
    ----------
    series : Series of str
        Missing as NaN.
    offset : int, optional
        See :func:`core.data.places.row_words`.
    """
    counts = series.value_counts()
    if not 2 <= len(counts) <= _MOST:
        return series, ()
    words = {str(word): int(count) for word, count in counts.items()}
    joined = _by_case(words) or {}
    joined |= _by_meaning({joined.get(word, word): 0 for word in words}, words, joined)
    if not joined:
        return series, ()
    notes = []
    for kept in dict.fromkeys(joined.values()):
        others = [word for word, to in joined.items() if to == kept]
        rows = np.flatnonzero(series.isin(others).to_numpy())
        verb = "is" if len(others) == 1 else "are"
        where = f"{counted(len(rows))}, {first_of(rows, offset)}"
        notes.append(f"{' and '.join(shown(word) for word in others)} {verb} taken as {shown(kept)} ({where})")
    return series.replace(joined), tuple(notes)


def says_no(levels: Sequence[str]) -> str:
    """Return what to say of two levels whose second, which counts as 1, is the no: "ja" and "nein"."""
    if len(levels) != 2:
        return ""
    first, second = (level.casefold() for level in levels)
    no = second in _NO | {"nee", "não"} and first in _YES
    if no or second in (f"un{first}", f"non{first}", f"non-{first}", f"not {first}", f"no {first}"):
        return (
            f"{shown(levels[1])} counts as 1, because it sorts last; choose {shown(levels[0])} if that is what is meant"
        )
    return ""


def _by_case(words: Mapping[str, int]) -> dict[str, str]:
    """Return which words are another spelling of which; empty where case may mean something."""
    groups: dict[str, list[str]] = defaultdict(list)
    for word in words:
        groups[" ".join(word.casefold().split())].append(word)
    if len(groups) == len(words):
        return {}
    spelt = [word for group in groups.values() if len(group) > 1 for word in group]
    if not all(_is_written(word) for word in spelt):
        return {}
    if not any(len(word) > 2 for word in words) and not all(key in _SHORT for key in groups):
        return {}
    return {
        word: _commonest(group, words)
        for group in groups.values()
        for word in group
        if word != _commonest(group, words)
    }


def _is_written(word: str) -> bool:
    letters = " ".join(word.split())
    return letters in (letters.lower(), letters.upper(), letters.capitalize(), letters.title())


def _by_meaning(left: Mapping[str, int], words: Mapping[str, int], joined: Mapping[str, str]) -> dict[str, str]:
    """Return which words all say yes, or all no, where a column says nothing else and says one of them in two ways."""
    keys = {word: word.casefold() for word in left}
    yes = [word for word, key in keys.items() if key in _YES]
    no = [word for word, key in keys.items() if key in _NO]
    if len(yes) + len(no) < len(left) or not yes or not no or len(left) == 2:
        return {}
    totals = {word: sum(n for other, n in words.items() if joined.get(other, other) == word) for word in left}
    found: dict[str, str] = {}
    for group in (yes, no):
        kept = _commonest(group, totals)
        found |= {word: kept for word in group if word != kept}
        found |= {word: kept for word, to in joined.items() if to in group and to != kept}
    return found


def _commonest(group: list[str], words: Mapping[str, int]) -> str:
    """Return the word that is met most often; of equals the one with a capital first, then the one that sorts first."""
    return min(group, key=lambda word: (-words[word], word != word.capitalize(), word))
