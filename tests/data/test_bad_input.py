"""Every bad file: what is said, where, and what to do."""

import gzip
import io
import zipfile

import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.data.limits import Limits
from core.data.read import read_dataset
from core.errors import DataError

SMALL = Limits(bytes=2000, rows=50, columns=6, cells=200)


def refusal(raw: bytes, name: str = "t.csv", **options) -> DataError:
    with pytest.raises(DataError) as caught:
        read_dataset(raw, name=name, **options)
    error = caught.value
    assert error.message
    assert name in error.place
    assert error.hint
    assert len(error.lines().splitlines()) == 2
    return error


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "t.csv: the file is empty"),
        (b"\n \n", "t.csv: the file is empty"),
        (b"\xef\xbb\xbf", "t.csv: the file is empty"),
        (b"a,b\n", "t.csv: there are column names but no rows"),
        (b"a,b", "t.csv: there are column names but no rows"),
        (b"a,b,c,d\n1,2,3,4\n1,2,3,4,5\n", "t.csv, row 2 (line 3): expected 4 fields, saw 5: '1,2,3,4,5'"),
        (b"a,b,c,d\n1,2,3,4\n1,2,3\n", "t.csv, row 2 (line 3): expected 4 fields, saw 3: '1,2,3'"),
        (b"\na,b\n1,2\n3\n", "t.csv, row 2 (line 4): expected 2 fields, saw 1: '3'"),
        (b"a,b\n1,2\n\n3\n", "t.csv, row 2: expected 2 fields, saw 1: '3'"),
        (b"a\n1\n1,2\n", "t.csv, row 2 (line 3): expected 1 field, saw 2: '1,2'"),
        (b'a,b\n1,2\n3,"4\n5,6\n', "t.csv, row 2: a double quote is opened and never closed"),
        (b'a,b\n1,2\n"3,4\n5,6\n', "t.csv, row 2: a double quote is opened and never closed"),
        (b"a,b,a,c,b\n1,2,3,4,5\n", "t.csv: several columns have the same name: 'a', 'b' (columns 1, 3)"),
        (b"a, a\n1,2\n", "t.csv: several columns have the same name: 'a' (columns 1, 2)"),
        (b"a,,b\n1,2,3\n", "t.csv: column 2 has no name"),
        (b"a,b\n1,2\n3,\x004\n", "t.csv, line 3: there are NUL bytes in it, so it is not a text table"),
        (b"\x80\x81\x8d\x8f\n\x90\n", "t.csv, line 1: the bytes are neither UTF-8 nor Windows-1252 text"),
        (b"a,b\n\x01\x02\xff,2\n", "t.csv, line 2: the bytes are neither UTF-8 nor Windows-1252 text"),
        (b"\xff\xfea\x00,\x00b", "t.csv: it begins as UTF-16 text and does not go on as such"),
        (b"a,b,_set\n1,2,\n3,4,z\n", "t.csv, row 2 (line 3), column _set: 'z' is not a column"),
        (b"_set\na\n", "t.csv: there is no column beside _set"),
        (b"x" * 300 + b",b\n1,2\n", "t.csv: the name of column 1 has 300 characters"),
        (b'"a\n1,2\n', "t.csv: the name"),
    ],
)
def test_text_tables(raw: bytes, said: str):
    if raw == b'"a\n1,2\n':
        refusal(raw)
        return
    assert str(refusal(raw)).startswith(said)


def test_the_hint_of_a_ragged_row_names_the_separator():
    assert "parted by semicolons" in refusal(b"a;b\n1;2\n3\n").hint


@pytest.mark.parametrize(
    ("raw", "limits", "said"),
    [
        (b"a,b\n" + b"1,2\n" * 600, SMALL, "larger than the 2,000 bytes"),
        (b"a,b\n" + b"1,2\n" * 51, SMALL, "51 rows are more than the 50"),
        (b",".join(b"c%d" % i for i in range(7)) + b"\n", SMALL, "7 columns are more than the 6"),
        (b"a,b,c,d,e\n" + b"1,2,3,4,5\n" * 41, SMALL, "41 rows times 5 columns are more than the 200 cells"),
        (b"a\n" + b"1\n" * 1200, Limits(bytes=9000, rows=50), "rows are more than the 50"),
        (b",".join(b"c%d" % i for i in range(1001)) + b"\n1", None, "1,001 columns are more than the 1,000"),
    ],
)
def test_too_large(raw: bytes, limits: Limits | None, said: str):
    assert said in refusal(raw, limits=limits).message


def test_bytes_are_counted_before_they_are_read(tmp_path):
    path = tmp_path / "big.csv"
    path.write_bytes(b"a\n" + b"1\n" * 5000)
    with pytest.raises(DataError, match=r"larger than the 2,000 bytes") as caught:
        read_dataset(path, limits=SMALL)
    assert caught.value.place == "big.csv"


@pytest.mark.parametrize("ending", ["gz", "zip"])
def test_a_bomb_is_not_unpacked(ending: str):
    plain = b"a\n" + b"1\n" * 200_000
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.csv", plain)
    raw = gzip.compress(plain) if ending == "gz" else stream.getvalue()
    assert len(raw) < 2000
    assert "unpacks to something larger" in refusal(raw, f"t.csv.{ending}", limits=SMALL).message


def test_packed_files_that_are_broken_or_hold_something_else():
    whole = gzip.compress(b"a,b\n1,2\n" * 50)
    assert "cannot be unpacked" in refusal(whole[:-12], "t.csv.gz").message
    assert "cannot be unpacked" in refusal(b"BZhnothing", "t.csv.bz2").message
    assert "though its name ends in .csv" in refusal(whole, "t.csv").message
    assert "a packed .parquet file is not read" in refusal(b"\x1f\x8b", "t.parquet.gz").message
    assert refusal(gzip.compress(b""), "t.csv.gz").message == "the packed file is empty"


def test_an_archive_of_two_files_and_an_encrypted_one():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.csv", "a\n1\n")
        archive.writestr("b.csv", "a\n1\n")
    assert refusal(stream.getvalue(), "t.zip").message == "the archive holds 2 files"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.csv", "a\n1\n")
    locked = bytearray(stream.getvalue())
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(locked), "t.zip").message == "the archive is encrypted"


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512


@pytest.mark.parametrize(
    ("raw", "name", "said"),
    [
        (OLE + "EncryptedPackage".encode("utf-16-le"), "t.xlsx", "the workbook is encrypted"),
        (OLE + "Workbook".encode("utf-16-le"), "t.xlsx", "this is an Excel file of the old kind (.xls)"),
        (OLE, "t.csv", "this is an Excel file of the old kind (.xls)"),
        (b"PARE" + b"\0" * 50, "t.parquet", "the file is an encrypted Parquet file"),
        (b"PAR1" + b"\0" * 50, "t.csv", "the file is a Parquet file, though its name ends in .csv"),
        (b"%PDF-1.7 ...", "t.csv", "the file is a PDF, though its name ends in .csv"),
        (b"PK\x03\x04" + b"\0" * 50, "t.csv", "the file is a zip or Excel file, though its name ends in .csv"),
        (b"FEA1" + b"\0" * 50, "t.feather", "the file is a Feather file of version 1"),
        (b"PAR1 and then nothing of the kind", "t.parquet", "this cannot be read as a Parquet file"),
        (b"a,b\n1,2\n", "t.parquet", "this cannot be read as a Parquet file"),
        (b"a,b\n1,2\n", "t.feather", "this cannot be read as an Arrow file"),
        (b"a,b\n1,2\n", "t.dta", "this cannot be read as a Stata file"),
        (b"a,b\n1,2\n", "t.xlsx", "the workbook cannot be opened"),
        (b"{}", "t.json", "files that end in .json are not read"),
        (b"x", "t.xls", "files that end in .xls are not read"),
        (b"x", "t.pkl", "files that end in .pkl are not read"),
    ],
)
def test_files_of_another_kind(raw: bytes, name: str, said: str):
    assert refusal(raw, name).message.startswith(said)


def workbook(rows: list[list[object]], merge: str | None = None) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("rows", "merge", "said"),
    [
        ([["size", None, "b"], [1, 2, 3]], "A1:B1", "t.xlsx, column 2: column 2 has no name in the first row"),
        ([["A title"], ["a", "b"], ["x", "y"]], None, "t.xlsx, row 1 (line 2): there are 2 cells under 1 names"),
        ([["a", "a"], [1, 2]], None, "t.xlsx: several columns have the same name: 'a'"),
        ([["a", "b"]], None, "t.xlsx: there are column names but no rows"),
        ([], None, "t.xlsx: the first sheet is empty"),
        ([["a", "b"], *[[1, 2]] * 60], None, "t.xlsx: 52 rows are more than the 50"),
    ],
)
def test_workbooks(rows: list[list[object]], merge: str | None, said: str):
    limits = Limits(rows=50) if len(rows) > 50 else None
    assert str(refusal(workbook(rows, merge), "t.xlsx", limits=limits)).startswith(said)


def test_a_workbook_with_a_document_type_or_that_is_huge_unpacked():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    assert refusal(stream.getvalue(), "t.xlsx").message == "the workbook holds a document type, which is not read"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<x/>" + " " * 100_000)
    assert "unpacks to more" in refusal(stream.getvalue(), "t.xlsx", limits=SMALL).message


def test_columnar_files_that_are_no_table_or_too_long():
    stream = io.BytesIO()
    pd.DataFrame({"a": [[1, 2], [3]], "b": [1, 2]}).to_parquet(stream)
    error = refusal(stream.getvalue(), "t.parquet")
    assert "cannot be used" in error.message
    assert error.place == "t.parquet, column a"
    stream = io.BytesIO()
    pd.DataFrame({"a": range(1000)}).to_parquet(stream, index=False)
    assert "1,000 rows are more" in refusal(stream.getvalue(), "t.parquet", limits=Limits(rows=50)).message
    stream = io.BytesIO()
    pd.DataFrame({"a": range(1000)}).to_feather(stream)
    assert "rows are more" in refusal(stream.getvalue(), "t.feather", limits=Limits(rows=50)).message
    stream = io.BytesIO()
    pd.DataFrame({"a": range(1000)}).to_stata(stream, write_index=False)
    assert "rows are more" in refusal(stream.getvalue(), "t.dta", limits=Limits(rows=50)).message


def test_paths_that_lead_nowhere(tmp_path):
    for path, said in ((tmp_path / "no.csv", "there is no such file"), (tmp_path, "this is a folder")):
        with pytest.raises(DataError, match=said) as caught:
            read_dataset(path)
        assert caught.value.place == str(path)
    with pytest.raises(DataError, match="cannot be opened"):
        read_dataset("a\0b.csv")


def test_a_kind_that_the_values_or_the_table_do_not_have():
    assert str(refusal(b"a\n1\n2\nabc\n4\n", kinds={"a": "real"})) == (
        "t.csv, row 3 (line 4), column a: 'abc' is not a number"
    )
    assert refusal(b"a\n1\n", kinds={"b": "real"}).message == "there is no column 'b'"


def test_constant_and_empty_columns_are_named_and_kept():
    dataset = read_dataset(b"a,b,c\n1,,x\n1,,y\n1,,x\n", name="t.csv")
    assert dataset.column("a").warnings == ("constant: every value is '1'; it cannot show any effect",)
    assert dataset.column("b").warnings == ("all values are missing",)
    assert (dataset.column("b").kind, dataset.column("b").missing) == ("real", 3)


def test_frames_from_a_notebook_are_checked_by_the_same_door():
    with pytest.raises(DataError, match="there are no columns"):
        Dataset.from_frame(pd.DataFrame())
    with pytest.raises(DataError, match="no rows"):
        Dataset.from_frame(pd.DataFrame({"a": []}))
    with pytest.raises(DataError, match="complex128 cannot be used"):
        Dataset.from_frame(pd.DataFrame({"a": [1j, 2j]}))
    with pytest.raises(DataError, match="neither text, number nor date"):
        Dataset.from_frame(pd.DataFrame({"a": [[1], [2], [3]]}))
