"""What a workbook unpacks to, looked at piece by piece before a parser sees any of it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

from core.data.limits import Limits
from core.data.sizes import size_words
from core.data.telling import tell
from core.errors import DataError, WhyboardError

__all__ = ["check_sheet", "check_workbook", "pieces_of"]

_UNPACKED_TIMES = 3
_PIECE = 1 << 20
_OVERLAP = 32  # what is looked for may lie across two pieces
_SHEETS, _STRINGS = "xl/worksheets/", "xl/sharedStrings.xml"
_UNREAD = (
    "customXml/", "xl/media/", "xl/drawings/", "xl/charts/", "xl/pivot", "xl/externalLinks/", "xl/embeddings/",
    "xl/calcChain", "xl/printerSettings/", "xl/vbaProject", "xl/comments", "xl/threadedComments/", "xl/persons/",
    "xl/tables/", "xl/queryTables/", "xl/slicer", "xl/timeline", "xl/model/", "xl/customData/", "xl/ctrlProps/",
    "xl/activeX/", "xl/richData/", "xl/webextensions/",
)  # fmt: skip
_SIZE = re.compile(rb"<(?:\w+:)?dimension[ />]")
_PREFIX = re.compile(rb"<(\w+:)worksheet[ >]")
# Formats, names and rows of marks cost a parser much more than a cell does.
_MARKS = 300_000
_MARKS_A_CELL = 8


def check_workbook(raw: bytes, source: str, limits: Limits) -> None:
    """Refuse what is no workbook, and one whose parts unpack to more than is read.

    Sheets are looked at by :func:`check_sheet` once it is known which one is read.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = [info for info in archive.infolist() if not info.filename.startswith(_UNREAD)]
            if not any(info.filename == "xl/workbook.xml" for info in members):
                raise DataError(
                    "this is no Excel workbook", place=source, hint="Save the table as .xlsx or CSV, then read that."
                )
            parts = [info for info in members if not info.filename.startswith(_SHEETS)]
            if sum(info.file_size for info in parts) > limits.bytes * _UNPACKED_TIMES:
                raise _too_much(source, limits)
            marks = 0
            for info in parts:
                strings = info.filename == _STRINGS
                found = sum(piece.count(b"<") for piece in pieces_of(archive, info, source))
                marks += 0 if strings else found
                if marks > _MARKS or (strings and found > limits.sheet_cells * _MARKS_A_CELL):
                    raise _too_much(source, limits)
            for info in members:
                # The parser looks for a sheet's size in all of it where it does not stand in front.
                if info.filename.startswith(_SHEETS) and not _SIZE.search(next(pieces_of(archive, info, source), b"")):
                    _count(archive, info, source, limits)
    except (WhyboardError, MemoryError):
        raise
    except Exception as error:
        raise _cannot_open(error, source) from None


def check_sheet(raw: bytes, part: str, source: str, limits: Limits) -> int:
    """Return how many cells of a sheet have a value; DataError if they are more than is read.

    They are counted in the sheet itself: the size that it states may be anything.
    """
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return _count(archive, archive.getinfo(part.lstrip("/")), source, limits)


def _count(archive: zipfile.ZipFile, info: zipfile.ZipInfo, source: str, limits: Limits) -> int:
    values = marks = done = 0
    if info.file_size > limits.bytes * _UNPACKED_TIMES:
        raise _too_much(source, limits)
    prefix = b""
    for piece in pieces_of(archive, info, source):
        if not done and (named := _PREFIX.search(piece)):
            prefix = named[1]
        values += sum(piece.count(b"<" + prefix + mark) for mark in (b"v>", b"v ", b"is>"))
        marks += piece.count(b"<")
        done += len(piece)
        tell("counting the cells", done / max(info.file_size, 1))
        if values > limits.sheet_cells or marks > limits.sheet_cells * _MARKS_A_CELL:
            raise DataError(
                f"the sheet has more than the {limits.sheet_cells:,} cells that are read from a workbook",
                place=source,
                hint=f"Save the sheet as CSV, of which {limits.cells:,} cells are read, or keep fewer columns.",
            )
    return values


def pieces_of(archive: zipfile.ZipFile, info: zipfile.ZipInfo, source: str) -> Iterator[bytes]:
    """Yield a part piece by piece; a document type is refused, since entity bombs come in by it."""
    text = info.filename.endswith((".xml", ".rels"))
    end = b""
    with archive.open(info) as stream:
        while piece := stream.read(_PIECE):
            if text and b"<!DOCTYPE" in end + piece[:_OVERLAP] + b"\0" + piece:
                raise DataError(
                    "the workbook holds a document type, which is not read",
                    place=f"{source}, {info.filename}",
                    hint="Save it anew with a spreadsheet program.",
                )
            yield piece
            end = piece[-_OVERLAP:]


def _too_much(source: str, limits: Limits) -> DataError:
    return DataError(
        f"the workbook unpacks to more than is read ({size_words(limits.bytes * _UNPACKED_TIMES)})",
        place=source,
        hint="Keep one sheet and fewer columns, or save the table as CSV.",
    )


def _cannot_open(error: Exception, source: str) -> DataError:
    return DataError(
        f"the workbook cannot be opened ({type(error).__name__})",
        place=source,
        hint="It may be cut short; save it anew as .xlsx, or as CSV.",
    )
