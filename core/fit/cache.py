"""Finished blocks on disk, by content key.

One file a block: a JSON head (numbers and words) and the arrays as NPZ, under one
checksum, so that a torn, truncated or altered file is noticed and counts as a miss, never
as an answer. Files appear by an atomic rename, so any number of processes may share a
folder without locks: two that compute the same block write the same bytes twice. Nothing
is ever unpickled.
"""

import hashlib
import io
import json
import os
import struct
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from core.fit.result import BlockFit, Diagnostics
from core.memory import Memory

__all__ = ["BlockCache", "fit_from_bytes", "fit_to_bytes"]

_MAGIC = b"whyboard-block/2"
_HEAD = struct.Struct("<16s32sQ")  # magic, checksum of the rest, length of the JSON
_ENDING = ".block"
_NEW = ".new-"
_LEFT_SECONDS = 3600.0


def fit_to_bytes(fit: BlockFit) -> bytes:
    """Return a block as bytes; :func:`fit_from_bytes` reads them back to the last digit."""
    arrays = {f"draws/{name}": value for name, value in fit.draws.items()}
    arrays["elpd_i"], arrays["lppd_i"] = fit.elpd_i, fit.lppd_i
    if fit.pareto_k is not None:
        arrays["pareto_k"] = fit.pareto_k
    head = {
        "key": fit.key,
        "method": fit.method,
        "log_evidence": fit.log_evidence,
        "log_evidence_se": fit.log_evidence_se,
        "elpd_mcse": fit.elpd_mcse,
        "sweep": fit.sweep,
        "diagnostics": asdict(fit.diagnostics),
        "chains": fit.chains,
        "rows_sampled": fit.rows_sampled,
        "rows_scored": fit.rows_scored,
        "elpd_sum": fit.elpd_sum,
        "lppd_sum": fit.lppd_sum,
        "seconds": dict(fit.seconds),
        "warnings": list(fit.warnings),
        "draws": list(fit.draws),
    }
    text = json.dumps(head).encode()
    packed = io.BytesIO()
    np.savez(packed, **arrays)  # type: ignore[arg-type]
    body = text + packed.getvalue()
    return _HEAD.pack(_MAGIC, hashlib.blake2b(body, digest_size=32).digest(), len(text)) + body


def fit_from_bytes(content: bytes) -> BlockFit:
    """Read what :func:`fit_to_bytes` wrote.

    Raises
    ------
    ValueError
        If a byte of it is missing or changed.
    """
    if len(content) < _HEAD.size:
        raise ValueError("a stored block is too short")
    magic, checksum, length = _HEAD.unpack_from(content)
    body = content[_HEAD.size :]
    if magic != _MAGIC or hashlib.blake2b(body, digest_size=32).digest() != checksum:
        raise ValueError("a stored block does not match its checksum")
    head: dict[str, Any] = json.loads(body[:length])
    with np.load(io.BytesIO(body[length:]), allow_pickle=False) as packed:
        arrays = {name: packed[name] for name in packed.files}
    sweep = head["sweep"]
    return BlockFit(
        key=head["key"],
        method=head["method"],
        draws={name: arrays[f"draws/{name}"] for name in head["draws"]},
        elpd_i=arrays["elpd_i"],
        lppd_i=arrays["lppd_i"],
        log_evidence=head["log_evidence"],
        log_evidence_se=head["log_evidence_se"],
        elpd_mcse=head["elpd_mcse"],
        pareto_k=arrays.get("pareto_k"),
        sweep=(sweep[0], sweep[1], sweep[2]) if sweep is not None else None,
        diagnostics=Diagnostics(**head["diagnostics"]),
        chains=head["chains"],
        rows_sampled=head["rows_sampled"],
        rows_scored=head["rows_scored"],
        elpd_sum=head.get("elpd_sum"),
        lppd_sum=head.get("lppd_sum"),
        seconds=head["seconds"],
        warnings=tuple(head["warnings"]),
    )


class BlockCache:
    """A folder of finished blocks, bounded in size; the least recently used go first.

    Parameters
    ----------
    folder : path
        Made if it is not there.
    max_bytes : int
        Above it, the blocks that were not read for longest are deleted.

    Attributes
    ----------
    memory : Memory
        What follows from blocks, as long as this object lives.
    """

    def __init__(self, folder: str | Path, max_bytes: int = 2_000_000_000) -> None:
        self.folder = Path(folder)
        self.max_bytes = max_bytes
        self.folder.mkdir(parents=True, exist_ok=True)
        self.memory = Memory()
        self._written = 0
        self._slack = max(1, max_bytes // 20)

    def _path(self, key: str) -> Path:
        if not key or not set(key) <= set("0123456789abcdef"):
            raise ValueError("a content key is a hex digest")
        return self.folder / key[:2] / f"{key}{_ENDING}"

    def get(self, key: str) -> BlockFit | None:
        """Return a block, or None if it is not there or not whole (then it is deleted)."""
        path = self._path(key)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        try:
            fit = fit_from_bytes(content)
            if fit.key != key:
                raise ValueError("a stored block lies under another key")
        except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
            with suppress(OSError):
                path.unlink()
            return None
        with suppress(OSError):
            os.utime(path)  # "recently used" is the file's time
        return fit

    def __contains__(self, key: str) -> bool:
        return self._path(key).exists()

    def put(self, fit: BlockFit) -> None:
        """Keep a block. A full disk or a folder gone read-only costs the cache, not the answer."""
        path = self._path(fit.key)
        content = fit_to_bytes(fit)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=_NEW)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                os.replace(name, path)
            except BaseException:
                with suppress(OSError):
                    os.unlink(name)
                raise
        except OSError:
            return
        self._written += len(content)
        if self._written >= self._slack:  # looking through the folder at every write would be slow
            self._written = 0
            self.trim()

    def remove(self, key: str) -> None:
        """Forget one block; nothing happens if it is not there."""
        with suppress(OSError):
            self._path(key).unlink()

    def clear(self) -> None:
        """Forget everything."""
        for path in self._files():
            with suppress(OSError):
                path.unlink()

    def trim(self) -> None:
        """Delete the least recently used blocks until the size bound holds, and what was left half written."""
        for path in self.folder.glob(f"*/{_NEW}*"):
            with suppress(OSError):  # its writer was killed, or is about to rename it
                if time.time() - path.stat().st_mtime > _LEFT_SECONDS:
                    path.unlink()
        found = []
        for path in self._files():
            with suppress(OSError):
                state = path.stat()
                found.append((state.st_mtime_ns, state.st_size, path))
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if total <= self.max_bytes:
                return
            with suppress(OSError):
                path.unlink()
            total -= size

    def size(self) -> int:
        """Return the bytes kept."""
        total = 0
        for path in self._files():
            with suppress(OSError):
                total += path.stat().st_size
        return total

    def _files(self) -> Iterator[Path]:
        return self.folder.glob(f"*/*{_ENDING}")
