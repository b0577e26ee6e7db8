"""Frozen dataclasses to JSON and arrays, and back, without pickle.

Every array is put aside under the path at which it stood (``hypotheses/0/checks/3/replicated``)
and its place is marked; reading follows the dataclasses' own type hints, so what is stored
can only ever become one of them.
"""

import dataclasses
import types
import typing
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np

__all__ = ["flatten", "rebuild"]

_MARK = "__array__"


def flatten(value: Any, arrays: dict[str, np.ndarray], path: str = "") -> Any:
    """Return ``value`` as JSON takes it; arrays go into ``arrays`` by path."""
    if isinstance(value, np.ndarray):
        arrays[path] = value
        return {_MARK: path}
    if isinstance(value, np.generic):
        return value.item()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: flatten(getattr(value, field.name), arrays, f"{path}/{field.name}".lstrip("/"))
            for field in dataclasses.fields(value)
        }
    if isinstance(value, Mapping):
        # Keys are users' words: positions stand for them in the paths.
        return [[key, flatten(part, arrays, f"{path}/{i}")] for i, (key, part) in enumerate(value.items())]
    if isinstance(value, tuple | list):
        return [flatten(part, arrays, f"{path}/{i}") for i, part in enumerate(value)]
    return value


def rebuild(kind: Any, record: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    """Return the object of type ``kind`` that :func:`flatten` took apart.

    Raises
    ------
    ValueError, KeyError, TypeError
        If the record does not fit the type.
    """
    if isinstance(record, dict) and set(record) == {_MARK}:
        return arrays[record[_MARK]]
    if record is None or kind is Any:
        return record
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{name: rebuild(hints[name], part, arrays) for name, part in record.items()})
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return rebuild(next(part for part in inner if part is not type(None)), record, arrays)
    if origin is tuple:
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(rebuild(inner[0], part, arrays) for part in record)
        return tuple(rebuild(part_kind, part, arrays) for part_kind, part in zip(inner, record, strict=True))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {key: rebuild(inner[1], part, arrays) for key, part in record}
    return record


@lru_cache(maxsize=64)
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
