"""Families in the expert's words, one line each: what the chooser says under a node."""

from __future__ import annotations

from collections.abc import Iterable

from core.families import FAMILIES
from ui import words

__all__ = ["FAMILY_WORDS", "families_html"]

FAMILY_WORDS = {name: family.words for name, family in FAMILIES.items()} | {
    "Binomial": "how many out of a known number of tries"  # can be drawn, not yet fitted
}


def families_html(names: Iterable[str], chosen: str | None) -> str:
    """Return a closed list of what each offered family is, with the chosen one's line before it."""
    offered = [name for name in names if name in FAMILY_WORDS]
    said = ""
    if chosen in FAMILY_WORDS:
        said = f"<b>{words.html(chosen)}</b>: {words.html(FAMILY_WORDS[chosen])}."
    lines = "".join(f"<li><b>{words.html(name)}</b>: {words.html(FAMILY_WORDS[name])}.</li>" for name in offered)
    return (
        f'<div class="wb-small wb-families">{said}'
        f'<details><summary>what each family is</summary><ul class="wb-claims">{lines}</ul></details></div>'
    )
