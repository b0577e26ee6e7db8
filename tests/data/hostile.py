"""Small files that become large: what people sent, made anew at its full size."""

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/sharedStrings.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/>'
    "</Relationships>"
)
_BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
_STRINGS = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def workbook(path: Path, rows: list[bytes], *, times: int = 1, strings: bytes = b"", head: bytes = b"") -> Path:
    """Write a workbook of one sheet: the first row, then the others ``times`` over."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _RELS.format(kind="officeDocument", target="xl/workbook.xml"))
        archive.writestr("xl/workbook.xml", _BOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", _RELS.format(kind="worksheet", target="worksheets/sheet1.xml"))
        archive.writestr("xl/sharedStrings.xml", _STRINGS + strings + b"</sst>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(_SHEET + head + b"<sheetData>" + rows[0])
            piece = b"".join(rows[1:])
            for _ in range(times):
                sheet.write(piece)
            sheet.write(b"</sheetData></worksheet>")
    return path


def names(count: int) -> bytes:
    """Return a workbook's row of names."""
    return b"<row>" + b"".join(b'<c t="inlineStr"><is><t>c%d</t></is></c>' % i for i in range(count)) + b"</row>"


def wide_dictionary(folder: Path) -> Path:
    """One text of 100 kB, 30,000 times: 0.1 MB, and 3 GB once each is written out."""
    text = "".join(np.random.default_rng(0).choice(list("abcdefghij"), 100_000))
    notes = pa.DictionaryArray.from_arrays(np.zeros(30_000, dtype=np.int32), [text])
    table = pa.table({"note": notes, "y": np.arange(30_000)})
    pq.write_table(table, folder / "dictionary.parquet", compression="zstd", store_schema=False)
    return folder / "dictionary.parquet"


def many_sheet_cells(folder: Path) -> Path:
    """A sheet of 20 million cells in less than a megabyte."""
    row = b"<row>" + b"<c><v>1</v></c>" * 100 + b"</row>"
    return workbook(folder / "cells.xlsx", [names(100), row * 100], times=2000)


def many_cells(folder: Path) -> Path:
    """49 million cells in 0.2 MB."""
    with gzip.open(folder / "cells.csv.gz", "wb", compresslevel=6) as stream:
        stream.write(b",".join(b"c%d" % i for i in range(700)) + b"\n")
        row = b",".join([b"1"] * 700) + b"\n"
        for _ in range(700):
            stream.write(row * 100)
    return folder / "cells.csv.gz"


def one_cell(folder: Path) -> Path:
    """One cell of 50 MB."""
    (folder / "cell.csv").write_bytes(b"a,b\n1,x\n2," + b"y" * 50_000_000 + b"\n3,z\n")
    return folder / "cell.csv"


HOSTILE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "dictionary": (wide_dictionary, "row 1, column note: this cell has 100,000 characters, more than the 32,767"),
    "sheet": (many_sheet_cells, "the sheet has more than the 3,000,000 cells that are read from a workbook"),
    "cells": (many_cells, "70,001 rows times 700 columns are more than the 20,000,000 cells that are read"),
    "cell": (one_cell, "row 2 (line 3), column b: this cell has 50,000,000 characters, more than the 32,767"),
}
"""What each is called, how it is made, and what is said of it."""
