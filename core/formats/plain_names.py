"""Names for languages that hold plain words only: letters without accents, digits, underscores."""

import re
import unicodedata
from collections.abc import Collection, Iterable

__all__ = ["plain_names"]

_OTHER = re.compile(r"[^A-Za-z0-9_]+")
_SPELT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ø": "o", "æ": "ae"}
)


def plain_names(names: Iterable[str], fine: re.Pattern[str], reserved: Collection[str] = ()) -> dict[str, str]:
    """Return by name what to write instead: the name itself where it is ``fine`` and not reserved, else a like one.

    No two are the same, not even in another case: some readers do not tell case apart.
    """
    names = tuple(names)
    barred = {word.lower() for word in reserved}
    found: dict[str, str] = {}
    taken = set(barred)
    for name in names:
        if fine.match(name) and name.lower() not in taken:
            found[name] = name
            taken.add(name.lower())
    used: dict[str, int] = {}
    for name in names:
        if name not in found:
            stem = _stem(name)
            written, number = stem, used.get(stem, 1)
            while written.lower() in taken:
                number += 1
                written = f"{stem}_{number}"
            used[stem] = number
            found[name] = written
            taken.add(written.lower())
    return found


def _stem(name: str) -> str:
    spelt = unicodedata.normalize("NFKD", name.translate(_SPELT))
    plain = _OTHER.sub("_", "".join(c for c in spelt if not unicodedata.combining(c))).strip("_")[:60]
    return plain if plain[:1].isalpha() else f"v_{plain}".rstrip("_")
