"""Independences in words, as an expert would say them to a colleague."""

from collections.abc import Callable

from core.graph.implications import Independence
from core.words import joined

__all__ = ["notation", "say"]


def say(independence: Independence, title: Callable[[str], str] = str) -> str:
    """Return the sentence: ``"given season and visits, ads and sales are unrelated"``.

    Parameters
    ----------
    independence : Independence
        What is claimed.
    title : callable
        From a node's name to the words that the user chose for it.
    """
    claim = f"{title(independence.x)} and {title(independence.y)} are unrelated"
    if not independence.given:
        return claim
    return f"given {joined(title(name) for name in independence.given)}, {claim}"


def notation(independence: Independence, title: Callable[[str], str] = str) -> str:
    """Return the claim as the field writes it: ``"ads ⊥ sales | season, visits"``."""
    claim = f"{title(independence.x)} ⊥ {title(independence.y)}"
    return f"{claim} | {', '.join(map(title, independence.given))}" if independence.given else claim
