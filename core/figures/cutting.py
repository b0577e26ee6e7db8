"""Names cut to the room there is: in the middle, since rivals and columns often begin alike.

Of several names what differs stays, so that no two are cut to the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

__all__ = ["cut", "cut_all"]

_MARK = "…"


def cut(text: str, most: int) -> str:
    """Return ``text``, with an ellipsis in its middle where it is longer than ``most`` characters.

    >>> cut("Ads work through visits to the shop only", 20)
    'Ads work t…shop only'
    """
    return text if len(text) <= most else _split(text, most, (most + 1) // 2)


def cut_all(texts: Iterable[str], most: int) -> list[str]:
    """Return each text cut to ``most`` characters, different ones to different words.

    Where no cut tells them apart they are numbered; only with less room than that takes do
    two come out alike.

    >>> cut_all(["Ad spend last week in the north region", "Ad spend last week in the south region"], 20)
    ['Ad spend…the north…', 'Ad spend…the south…']
    """
    given = list(texts)
    distinct = list(dict.fromkeys(given))
    found = {text: cut(text, most) for text in distinct}
    for alike in _alike(distinct, found):
        taken = {found[text] for text in distinct if text not in alike}
        for way in _ways(alike, most):
            tried = [way(text) for text in alike]
            if len({*tried}) == len(alike) and not taken & {*tried}:
                found.update(zip(alike, tried, strict=True))
                break
        else:
            _number(alike, found, taken, most)
    return [found[text] for text in given]


def _alike(texts: Sequence[str], found: dict[str, str]) -> list[list[str]]:
    """Return the groups of different texts that are cut to the same words."""
    groups: dict[str, list[str]] = {}
    for text in texts:
        groups.setdefault(found[text], []).append(text)
    return [group for group in groups.values() if len(group) > 1]


def _ways(alike: Sequence[str], most: int) -> Iterator[Callable[[str], str]]:
    """Yield ways to cut: what is common to all first, then what differs; then the middle moved to either side."""
    shortest = min(map(len, alike))
    start = next((at for at, letters in enumerate(zip(*alike, strict=False)) if len({*letters}) > 1), shortest)
    for before in (min(5, start), 0):  # a little of what they share, so that the rest is not torn out of its word
        yield partial(_window, most=most, at=start - before)
    middle = (most + 1) // 2
    for head in sorted(range(most), key=lambda head: abs(head - middle)):
        yield partial(_split, most=most, head=head)


def _split(text: str, most: int, head: int) -> str:
    """Return the first ``head`` characters and as many of the last as there is room for."""
    if len(text) <= most:
        return text
    tail = max(0, most - 1 - head)
    return f"{text[: max(0, most - 1 - tail)].rstrip()}{_MARK}{text[len(text) - tail :].lstrip()}"[:most]


def _window(text: str, most: int, at: int) -> str:
    """Return the beginning, and what stands from ``at`` on."""
    head = min(most * 2 // 5, at)
    if len(text) <= most or at <= head:
        return _split(text, most, most - 1)
    room = most - head - 1
    rest = text[at:].lstrip()
    shown = rest if len(rest) <= room else f"{rest[: room - 1].rstrip()}{_MARK}"
    return f"{text[:head].rstrip()}{_MARK}{shown}"


def _number(alike: Sequence[str], found: dict[str, str], taken: set[str], most: int) -> None:
    for text in alike:
        number = 1
        while True:
            sign = f"{_MARK}{number}"
            said = f"{text[: max(0, most - len(sign))].rstrip()}{sign}"
            if len(said) > most or number > len(taken) + len(alike):
                return  # less room than a number takes
            if said not in taken:
                break
            number += 1
        found[text] = said
        taken.add(said)
