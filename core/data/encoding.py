"""Bytes to UTF-8 text, with a warning where that took a guess."""

from __future__ import annotations

import codecs
import re

from core.errors import DataError

__all__ = ["to_utf8"]

_PIECE = 1 << 20
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1f\x7f]")
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def to_utf8(raw: bytes, source: str) -> tuple[bytes, tuple[str, ...]]:
    """Return the same text in UTF-8 without a byte order mark, and warnings.

    UTF-8 is taken as it is; UTF-16 with a byte order mark and Windows-1252 are read with
    a warning; all else is refused.

    Raises
    ------
    DataError
        If the bytes are no text in any of these.
    """
    for mark, encoding in _UTF16.items():
        if raw.startswith(mark):
            return _from_utf16(raw[len(mark) :], encoding, source)
    raw = raw.removeprefix(codecs.BOM_UTF8)
    if b"\0" in raw:
        line = raw[: raw.index(b"\0")].count(b"\n") + 1
        raise DataError(
            "there are NUL bytes in it, so it is not a text table",
            place=f"{source}, line {line}",
            hint="Save the table as CSV in UTF-8; if it is another kind of file, give it its own ending.",
        )
    bad = _first_bad_byte(raw)
    if bad is None:
        return raw, ()
    line = raw[:bad].count(b"\n") + 1
    if _CONTROL.search(raw):
        raise _no_text(source, line)
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        raise _no_text(source, line) from None
    return text.encode("utf-8"), (
        f"not UTF-8 (first at line {line}); read as Windows-1252 (cp1252). "
        "Check letters with accents, or save the file as UTF-8",
    )


def _no_text(source: str, line: int) -> DataError:
    return DataError(
        "the bytes are neither UTF-8 nor Windows-1252 text",
        place=f"{source}, line {line}",
        hint="Save the table as CSV in UTF-8.",
    )


def _from_utf16(raw: bytes, encoding: str, source: str) -> tuple[bytes, tuple[str, ...]]:
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        raise DataError(
            "it begins as UTF-16 text and does not go on as such",
            place=source,
            hint="Save the table as CSV in UTF-8.",
        ) from None
    if "\0" in text:
        raise DataError("there are NUL characters in it", place=source, hint="Save the table as CSV in UTF-8.")
    return text.encode("utf-8"), ("read as UTF-16; UTF-8 is safer",)


def _first_bad_byte(raw: bytes) -> int | None:
    """Return where the first byte stands that is not UTF-8, without a second copy of it all."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, max(len(raw), 1), _PIECE):
        piece = raw[start : start + _PIECE]
        try:
            decoder.decode(piece, final=start + _PIECE >= len(raw))
        except UnicodeDecodeError as error:
            # The decoder may have kept up to three bytes of the piece before.
            kept = len(error.object) - len(piece)
            return max(start - kept + error.start, 0)
    return None
