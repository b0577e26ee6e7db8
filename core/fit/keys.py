"""The content of what is modelled, by walking its dataclasses: what a block's result depends on, and nothing else.

Every field counts, so that one which someone adds can't be forgotten; a field that only names something says so
in its metadata (``key``: False, or ``"length"`` where only how many there are matters).
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
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
    if is_dataclass(value) and not isinstance(value, type):
        found = {}
        for one in fields(value):
            counts = one.metadata.get("key", True)
            if counts == "length":
                found[one.name] = len(getattr(value, one.name))
            elif counts:
                found[one.name] = content(getattr(value, one.name))
        return found
    if isinstance(value, tuple | list):
        return [content(one) for one in value]
    if isinstance(value, Mapping):
        return {str(name): content(one) for name, one in value.items()}
    if value is None or isinstance(value, bool | int | str):
        return value
    return float(value)
