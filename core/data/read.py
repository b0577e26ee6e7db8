"""The one checked door: a file or bytes in, a :class:`Dataset` or a refusal out.

A file's ending says what it is and its first bytes must agree. Sizes are checked before
anything is unpacked or parsed, and while it is unpacked. Nothing in a file is ever
evaluated, and nothing is unpickled.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, BinaryIO

from core.data.columnar import read_arrow, read_parquet, read_stata
from core.data.dataset import Dataset
from core.data.delimited import read_delimited
from core.data.limits import LIMITS, Limits
from core.data.sizes import size_words
from core.data.telling import tell
from core.data.workbook import read_workbook
from core.errors import DataError, WhyboardError

__all__ = ["ENDINGS", "LIMITS", "Limits", "read_dataset"]

_TEXT = {".csv": None, ".tsv": "\t", ".tab": "\t", ".txt": None, ".dat": None, "": None}
_PACKED = (".gz", ".bz2", ".xz", ".zip")
_BINARY = {
    ".parquet": read_parquet, ".pq": read_parquet, ".feather": read_arrow, ".arrow": read_arrow,
    ".ipc": read_arrow, ".dta": read_stata, ".xlsx": read_workbook, ".xlsm": read_workbook,
}  # fmt: skip
ENDINGS = ("csv", "tsv", "txt", "parquet", "xlsx", "feather", "arrow", "dta", "csv.gz", "csv.bz2", "csv.xz", "csv.zip")
"""Endings that are read, for pages that let a user choose a file."""

_OPENERS: Mapping[str, Callable[[IO[bytes]], Any]] = {
    ".gz": lambda stream: gzip.GzipFile(fileobj=stream),
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
}
_BROKEN = (OSError, EOFError, lzma.LZMAError, zlib.error, zipfile.BadZipFile, NotImplementedError, ValueError)

_PIECE = 1 << 22

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STARTS = (
    (b"PAR1", "a Parquet file", (".parquet", ".pq")),
    (b"PARE", "an encrypted Parquet file", ()),
    (b"ARROW1", "an Arrow file", (".feather", ".arrow", ".ipc")),
    (b"FEA1", "a Feather file of version 1, which is no longer read", ()),
    (_OLE, "an encrypted or old Excel file", ()),
    (b"\x1f\x8b", "packed with gzip", (".gz",)),
    (b"\xfd7zXZ\x00", "packed with xz", (".xz",)),
    (b"PK\x03\x04", "a zip or Excel file", (".xlsx", ".xlsm", ".zip")),
    (b"%PDF", "a PDF", ()),
    (b"<stata_dta>", "a Stata file", (".dta",)),
    (b"SQLite format 3", "a database", ()),
    (b"\x89HDF", "an HDF5 file", ()),
    (b"$FL2", "an SPSS file", ()),
)


def read_dataset(
    path: str | Path | bytes | BinaryIO,
    *,
    name: str | None = None,
    kinds: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> Dataset:
    """Read a table from a file, from bytes or from an open binary file.

    CSV, TSV (also packed: ``.gz``, ``.bz2``, ``.xz``, ``.zip``), Parquet, XLSX, Feather,
    Arrow and Stata, by the ending of ``name`` or ``path``.

    Parameters
    ----------
    path : str, Path, bytes or binary file
        What to read.
    name : str, optional
        What the file is called; needed with bytes, and used in every message.
    kinds : mapping of str to str, optional
        Kinds of columns that are not to be guessed.
    limits : Limits, optional
        Sizes; :data:`core.data.limits.LIMITS` unless given.

    Raises
    ------
    DataError
        For whatever cannot be read, naming file, row and column, with a hint.
    """
    limits = limits or LIMITS
    raw, source = _bytes_of(path, name, limits)
    if not raw:
        raise DataError("the file is empty", place=source, hint="Give a table with names in its first row.")
    try:
        return _read(raw, source, dict(kinds or {}), limits)
    except WhyboardError:
        raise
    except MemoryError:
        raise DataError(
            "the table does not fit into memory", place=source, hint="Keep fewer columns, or a sample of the rows."
        ) from None


def _read(raw: bytes, source: str, kinds: dict[str, str], limits: Limits) -> Dataset:
    inner, packing = _split_packing(source)
    ending = Path(inner).suffix.lower()
    if packing and ending not in _TEXT:
        raise DataError(
            f"a packed {ending} file is not read",
            place=source,
            hint="Only CSV and TSV are read packed; unpack it first.",
        )
    if not packing and ending not in _TEXT and ending not in _BINARY:
        raise DataError(
            f"files that end in {ending} are not read",
            place=source,
            hint=f"Save it as one of: {', '.join(ENDINGS)}.",
        )
    _check_start(raw, packing or ending, source)
    if packing:
        raw = _unpack(raw, packing, source, limits)
        _check_start(raw, ending, source)
        if not raw:
            raise DataError("the packed file is empty", place=source, hint="Pack a table with names in its first row.")
    if ending in _TEXT:
        return read_delimited(raw, source, kinds=kinds, limits=limits, separator=_TEXT[ending])
    return _BINARY[ending](raw, source, kinds=kinds, limits=limits)


# -- bytes -----------------------------------------------------------------------------


def _bytes_of(path: str | Path | bytes | BinaryIO, name: str | None, limits: Limits) -> tuple[bytes, str]:
    """Return the bytes, never more than the limit, and the file's name for messages."""
    if isinstance(path, bytes | bytearray | memoryview):
        source = name or "table.csv"
        if len(path) > limits.bytes:
            raise _too_large(source, limits)
        return bytes(path), source
    if isinstance(path, str | Path):
        file = Path(path)
        source = name or file.name
        try:
            if file.is_dir():
                raise DataError("this is a folder, not a file", place=str(path), hint="Name the file in it.")
            if file.stat().st_size > limits.bytes:
                raise _too_large(source, limits)
            with file.open("rb") as stream:
                return _bounded(stream, source, limits), source
        except FileNotFoundError:
            raise DataError("there is no such file", place=str(path), hint="Check the path.") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise DataError(
                f"the file cannot be opened: {reason}", place=str(path), hint="Check the path and your rights."
            ) from None
    source = name or Path(str(getattr(path, "name", "table.csv"))).name
    return _bounded(path, source, limits), source


def _bounded(stream: IO[bytes] | Any, source: str, limits: Limits) -> bytes:
    raw = stream.read(limits.bytes + 1)
    if len(raw) > limits.bytes:
        raise _too_large(source, limits)
    return bytes(raw)


def _too_large(source: str, limits: Limits, how: str = "is") -> DataError:
    return DataError(
        f"the file {how} larger than the {size_words(limits.bytes)} that are read",
        place=source,
        hint="Keep the columns that the hypotheses speak of, or a random sample of the rows.",
    )


def _split_packing(source: str) -> tuple[str, str]:
    path = Path(source)
    if path.suffix.lower() not in _PACKED:
        return source, ""
    inner = path.with_suffix("").name if path.stem else ""
    return (inner if Path(inner).suffix else inner + ".csv"), path.suffix.lower()


def _check_start(raw: bytes, ending: str, source: str) -> None:
    """Refuse a file whose first bytes say that it is something else than its ending says."""
    for start, what, endings in _STARTS:
        if not raw.startswith(start) or ending in endings:
            continue
        if start == _OLE:
            raise _encrypted_or_old(raw, source)
        hint = f"Give it the ending {endings[0]}, or save the table as CSV." if endings else "Save the table as CSV."
        raise DataError(f"the file is {what}, though its name ends in {ending or 'nothing'}", place=source, hint=hint)


def _encrypted_or_old(raw: bytes, source: str) -> DataError:
    if "EncryptedPackage".encode("utf-16-le") in raw or "EncryptionInfo".encode("utf-16-le") in raw:
        return DataError(
            "the workbook is encrypted (it asks for a password)",
            place=source,
            hint="Open it in Excel, remove the password, and save it as .xlsx or CSV.",
        )
    return DataError(
        "this is an Excel file of the old kind (.xls)", place=source, hint="Save it as .xlsx or CSV, then read that."
    )


def _unpack(raw: bytes, packing: str, source: str, limits: Limits) -> bytes:
    """Return what is packed, never unpacking more than the limit."""
    try:
        if packing == ".zip":
            return _unzip(raw, source, limits)
        with _OPENERS[packing](io.BytesIO(raw)) as stream:
            return _drain(stream, source, limits)
    except _BROKEN as error:
        raise DataError(
            f"the file cannot be unpacked: {error}", place=source, hint="It may be cut short; pack or copy it anew."
        ) from None


def _drain(stream: IO[bytes] | Any, source: str, limits: Limits) -> bytes:
    content = bytearray()
    while piece := stream.read(_PIECE):
        content += piece
        if len(content) > limits.bytes:
            raise _too_large(source, limits, "unpacks to something")
        tell(f"unpacking, {len(content) / 1e6:.0f} MB so far")
    return bytes(content)


def _unzip(raw: bytes, source: str, limits: Limits) -> bytes:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        members = [
            info
            for info in archive.infolist()
            if not info.is_dir()
            and not info.filename.startswith("__MACOSX/")
            and not info.filename.endswith(".DS_Store")
        ]
        if len(members) != 1:
            raise DataError(
                f"the archive holds {len(members)} files", place=source, hint="Pack exactly one CSV or TSV file."
            )
        if members[0].flag_bits & 0x1:
            raise DataError("the archive is encrypted", place=source, hint="Unpack it, and give the CSV file.")
        if members[0].file_size > limits.bytes:
            raise _too_large(source, limits, "unpacks to something")
        with archive.open(members[0]) as stream:
            return _drain(stream, source, limits)
