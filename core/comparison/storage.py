"""A comparison as bytes: one JSON head and its arrays as NPZ; nothing is ever unpickled."""

import io
import json
import struct
import zipfile
from typing import Any

import numpy as np

from core.comparison.codec import flatten, rebuild
from core.comparison.result import Comparison
from core.errors import StoreError
from core.model.spec import ModelSpec

__all__ = ["comparison_from_bytes", "comparison_to_bytes"]

_MAGIC = b"whyboard-result/1"
_HEAD = struct.Struct("<20sQ")


def comparison_to_bytes(comparison: Comparison) -> bytes:
    """Return a comparison as bytes; :func:`comparison_from_bytes` reads it back to the last digit."""
    arrays: dict[str, np.ndarray] = {}
    text = json.dumps(flatten(comparison, arrays), ensure_ascii=False).encode()
    packed = io.BytesIO()
    np.savez_compressed(packed, **{f"a{i}": value for i, value in enumerate(arrays.values())})  # type: ignore[arg-type]
    paths = json.dumps(list(arrays)).encode()
    return _HEAD.pack(_MAGIC, len(text)) + text + struct.pack("<Q", len(paths)) + paths + packed.getvalue()


def comparison_from_bytes(content: bytes) -> Comparison:
    """Read what :func:`comparison_to_bytes` wrote.

    Raises
    ------
    StoreError
        If it is not a stored comparison, or not a whole one.
    """
    try:
        magic, length = _HEAD.unpack_from(content)
        if magic.rstrip(b"\0") != _MAGIC:
            raise ValueError("another format")
        start = _HEAD.size + length
        record: Any = json.loads(content[_HEAD.size : start])
        (size,) = struct.unpack_from("<Q", content, start)
        paths = json.loads(content[start + 8 : start + 8 + size])
        with np.load(io.BytesIO(content[start + 8 + size :]), allow_pickle=False) as packed:
            arrays = {path: packed[f"a{i}"] for i, path in enumerate(paths)}
        found: Comparison = rebuild(Comparison, _as_now(record), arrays)
    except (ValueError, KeyError, TypeError, EOFError, struct.error, zipfile.BadZipFile) as error:
        raise StoreError("a stored comparison cannot be read", hint="Fit again.") from error
    return found


def _as_now(record: dict[str, Any]) -> dict[str, Any]:
    """Return a stored record in the fields of today: what was said of a pair was one text once, not its clauses."""
    for pair in (*record["differences"], *((record.get("question") or {}).get("differences") or ())):
        if "verdict" in pair:
            pair["clauses"] = [{"kind": "stored", "text": pair.pop("verdict")}]
    try:
        rebuild(tuple[ModelSpec, ...], record.get("specs") or [], {})
    except (ValueError, KeyError, TypeError):
        del record["specs"]  # how families are specified has changed since: the facts stand without
    return record
