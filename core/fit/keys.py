"""The content of what is modelled, by walking its dataclasses: what a block's result depends on, and nothing else.

Every field counts, so that one which someone adds can't be forgotten; a field that only names something says so
in its metadata (``key``: False, or ``"length"`` where only how many there are matters).
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

__all__ = ["content"]


def content(value: Any) -> Any:
    """Return a value as JSON can hold it, without names.

    Examples
    --------
    >>> from core.hypothesis import Prior
    >>> content(Prior("Normal", (("mu", 0.0),)))
    {'distribution': 'Normal', 'parameters': [['mu', 0.0]]}
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return float(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {
            name: len(getattr(value, name)) if counts == "length" else content(getattr(value, name))
            for name, counts in _counted(type(value))
        }
    if isinstance(value, tuple | list):
        return [content(one) for one in value]
    if isinstance(value, Mapping):
        return {str(name): content(one) for name, one in value.items()}
    return float(value)


@cache
def _counted(kind: type) -> tuple[tuple[str, object], ...]:
    """Return the fields of a dataclass that count, and how."""
    every = ((one.name, one.metadata.get("key", True)) for one in fields(kind))
    return tuple((name, counts) for name, counts in every if counts)
