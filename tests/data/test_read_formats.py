"""Every format gives the same table, and says what it had to guess."""

import bz2
import gzip
import io
import lzma
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pytest

from core.data.dataset import Dataset
from core.data.read import read_dataset

FRAME = pd.DataFrame(
    {
        "size": [1.5, 2.25, -3.0, 4.125, 0.0, 7.5],
        "visits": [3, 0, 12, 7, 7, 41],
        "member": ["no", "yes", "yes", "no", "no", "yes"],
        "region": ["north", "south", "west", "west", "south", "north"],
    }
)
KINDS = ("real", "count", "binary", "category")


def written(ending: str) -> bytes:
    stream = io.BytesIO()
    text = FRAME.to_csv(index=False).encode()
    match ending:
        case "csv" | "txt":
            return text
        case "tsv":
            return FRAME.to_csv(index=False, sep="\t").encode()
        case "csv.gz":
            return gzip.compress(text)
        case "csv.bz2":
            return bz2.compress(text)
        case "csv.xz":
            return lzma.compress(text)
        case "csv.zip":
            with zipfile.ZipFile(stream, "w") as archive:
                archive.writestr("inside.csv", text)
        case "parquet":
            FRAME.to_parquet(stream, index=False)
        case "feather":
            FRAME.to_feather(stream)
        case "arrow":
            table = pa.Table.from_pandas(FRAME)
            with pa.ipc.new_stream(stream, table.schema) as out:
                out.write_table(table)
        case "dta":
            FRAME.to_stata(stream, write_index=False, version=118)
        case "xlsx":
            FRAME.to_excel(stream, index=False)
    return stream.getvalue()


@pytest.mark.parametrize(
    "ending",
    ["csv", "txt", "tsv", "csv.gz", "csv.bz2", "csv.xz", "csv.zip", "parquet", "feather", "arrow", "dta", "xlsx"],
)
def test_every_format_gives_the_same_table(ending: str, tmp_path):
    raw = written(ending)
    path = tmp_path / f"sales.{ending}"
    path.write_bytes(raw)
    with path.open("rb") as stream:
        for dataset in (Dataset.read(path), read_dataset(raw, name=path.name), read_dataset(stream)):
            assert dataset.source == path.name
            assert dataset.names == tuple(FRAME.columns)
            assert tuple(c.kind for c in dataset.columns) == KINDS
            np.testing.assert_array_equal(dataset.values("size"), FRAME["size"])
            np.testing.assert_array_equal(dataset.values("visits"), FRAME["visits"])
            np.testing.assert_array_equal(dataset.values("member"), FRAME["member"] == "yes")
            assert dataset.column("region").levels == ("north", "south", "west")
            assert dataset.fingerprint == read_dataset(written("csv"), name="x.csv").fingerprint
            assert dataset.warnings == ()
            assert [c.warnings for c in dataset.columns] == [(), (), (), ()]


@pytest.mark.parametrize(("separator", "decimal"), [(";", ","), (";", "."), ("\t", ","), ("|", "."), (",", ".")])
def test_separator_is_found_and_decimal_comma_understood(separator: str, decimal: str):
    raw = FRAME.to_csv(index=False, sep=separator, decimal=decimal).encode()
    dataset = read_dataset(raw, name="x.csv")
    np.testing.assert_array_equal(dataset.values("size"), FRAME["size"])
    expected = ("read with a decimal comma",) if decimal == "," else ()
    assert dataset.column("size").warnings == expected


def test_decimal_comma_with_points_between_thousands():
    dataset = read_dataset(b"a;b\n1.234,5;x\n-2,25;y\n3;x\n", name="x.csv")
    np.testing.assert_array_equal(dataset.values("a"), [1234.5, -2.25, 3])


def test_quotes_commas_and_lines_inside_cells():
    raw = b'who,said\r\n"Smith, J","he said ""no"""\r\nLee,"two\nlines"\r\nLee,plain\r\n'
    dataset = read_dataset(raw, name="x.csv")
    assert dataset.table["who"].tolist() == ["Smith, J", "Lee", "Lee"]
    assert dataset.table["said"].tolist() == ['he said "no"', "two\nlines", "plain"]


def test_utf8_with_byte_mark_reads_without_a_word():
    dataset = read_dataset("\ufeffa,größe\n1,ü\n2,ö\n3,ö\n".encode(), name="x.csv")
    assert dataset.names == ("a", "größe")
    assert dataset.warnings == ()


def test_windows_1252_reads_with_a_warning_that_names_the_line():
    dataset = read_dataset("a,ort\n1,Koln\n2,Köln\n3,Köln\n".encode("cp1252"), name="x.csv")
    assert dataset.column("ort").levels == ("Koln", "Köln")
    assert "not UTF-8 (first at line 3); read as Windows-1252" in dataset.warnings[0]


def test_utf16_reads_with_a_warning():
    dataset = read_dataset("a,ort\n1,Koln\n2,Köln\n3,Köln\n".encode("utf-16"), name="x.csv")
    assert dataset.column("ort").levels == ("Koln", "Köln")
    assert dataset.warnings == ("read as UTF-16; UTF-8 is safer",)


def test_a_letter_cut_by_the_pieces_that_are_checked_is_no_error():
    rows = b"a,b\n" + (b"1," + b"x" * 1000 + b"\n") * 1045
    raw = rows + b"1," + b"x" * ((1 << 20) - 3 - len(rows)) + "ü".encode() + b"\n2,y\n"
    assert raw[(1 << 20) - 1 : (1 << 20) + 1] == "ü".encode()
    assert read_dataset(raw, name="x.csv").warnings == ()


def test_missing_cells_in_their_many_spellings():
    dataset = read_dataset(b"a,b\n1,x\nNA,y\n,N/A\nNaN,x\nnull,y\n2.5,x\n", name="x.csv")
    assert np.isnan(dataset.values("a")).tolist() == [False, True, True, True, True, False]
    assert dataset.column("a").missing == 4
    assert dataset.column("b").missing == 1
    assert dataset.column("a").warnings == ()


def test_unusual_missing_marks_count_beside_numbers_with_a_warning_and_stay_text_elsewhere():
    dataset = read_dataset(b"a,b\n1,x\n.,-\n?,y\n2.5,x\n", name="x.csv")
    assert dataset.column("a").missing == 2
    assert dataset.column("a").warnings == ("'.' and '?' count as missing (2 rows, first in row 2 (line 3))",)
    assert dataset.column("b").levels == ("-", "x", "y")


def test_none_in_a_text_column_is_missing_and_said():
    dataset = read_dataset(b"school,y\nNone,1\nhigh,2\nlow,3\n", name="x.csv")
    assert dataset.column("school").warnings == ("'None' counts as missing (1 row, first in row 1 (line 2))",)


def test_infinite_values_are_missing_with_the_row():
    dataset = read_dataset(b"a\n1.5\n-inf\ninf\n2.5\n", name="x.csv")
    assert dataset.column("a").missing == 2
    assert dataset.column("a").warnings == ("infinite values count as missing (2 rows, first in row 2 (line 3))",)
    assert not np.isinf(dataset.table["a"]).any()


def test_codes_with_a_leading_zero_stay_text():
    dataset = read_dataset(b"zip,y\n01234,1\n02345,2\n01234,3\n", name="x.csv")
    assert dataset.column("zip").levels == ("01234", "02345")
    assert "begin with a zero" in dataset.column("zip").warnings[0]


def test_hexadecimal_and_underscored_text_is_never_a_number():
    dataset = read_dataset(b"a,b,y\n0x10,1_000,1\n0x11,2_000,2\n0x12,3_000,3\n", name="x.csv")
    assert dataset.column("a").kind == dataset.column("b").kind == "category"


def test_names_with_quotes_markup_spaces_emoji_and_formulas_are_kept_as_they_are():
    names = ['say "hi"', "<b>bold</b>", "two words", "🐧", "=1+1", "a'b", "x,y", "名前"]
    raw = pd.DataFrame([range(8), range(1, 9), range(2, 10)], columns=names).to_csv(index=False).encode()
    dataset = read_dataset(raw, name="x.csv")
    assert dataset.names == tuple(names)
    assert dataset.warnings == ()


def test_spaces_around_names_and_values_are_removed_and_said():
    dataset = read_dataset(b"a , b\n1, x\n2,y \n3,y\n", name="x.csv")
    assert dataset.names == ("a", "b")
    assert dataset.warnings[0] == "the name of column 'a' was written with extra spaces, now removed"
    assert dataset.column("b").levels == ("x", "y")
    assert dataset.column("b").warnings == ("spaces around values were removed (2 rows, first in row 1 (line 2))",)


def test_blank_lines_are_passed_over_and_rows_then_name_no_line():
    dataset = read_dataset(b"a,b\n1,2\n\n3,4\n\n\n", name="x.csv")
    assert dataset.rows == 2
    assert dataset.line_offset is None


def test_a_nameless_first_column_of_row_names_is_called_row():
    dataset = read_dataset(FRAME.to_csv().encode(), name="x.csv")
    assert dataset.names[0] == "row"
    assert dataset.warnings == ("the first column has no name; it numbers the rows and is called 'row'",)


def test_a_nameless_empty_column_is_left_out():
    dataset = read_dataset(b"a,b,\n1,2,\n3,4,\n", name="x.csv")
    assert dataset.names == ("a", "b")
    assert dataset.warnings == ("column 3 has neither name nor values and is left out",)


def test_a_first_row_of_values_is_named():
    dataset = read_dataset(b"1.5,2\n3,4\n5,6\n", name="x.csv")
    assert dataset.warnings == ("the first row looks like values, not names: '1.5', '2'",)


def test_interventions_are_read_row_by_row_and_are_no_column():
    dataset = read_dataset(b'a,b,_set\n1,2,\n3,4,a\n5,6,"a, b"\n7,8,\n', name="x.csv")
    assert dataset.names == ("a", "b")
    assert dataset.set_by_row == (frozenset(), frozenset({"a"}), frozenset({"a", "b"}), frozenset())
    assert dataset.was_set("b").tolist() == [False, False, True, False]
    assert read_dataset(b"a,b,_set\n1,2,\n3,4,\n", name="x.csv").set_by_row == ()


def test_stata_labels_and_ordered_levels():
    frame = pd.DataFrame({"mood": pd.Categorical(["bad", "good", "fair"] * 4, ["bad", "fair", "good"]), "x": range(12)})
    stream = io.BytesIO()
    frame.to_stata(stream, write_index=False, variable_labels={"mood": "how they felt"}, version=118)
    column = read_dataset(stream.getvalue(), name="x.dta").column("mood")
    assert (column.kind, column.levels, column.label) == ("ordered", ("bad", "fair", "good"), "how they felt")


def test_stata_labels_that_describe_are_no_names():
    frame = pd.DataFrame({"sex": [0.0, 1.0, 0.0], "wt": [60.5, 70.5, 80.5]})
    stream = io.BytesIO()
    told = {"sex": "0: MALE 1: FEMALE", "wt": "weight"}
    frame.to_stata(stream, write_index=False, variable_labels=told, version=118)
    dataset = read_dataset(stream.getvalue(), name="x.dta")
    assert [column.title for column in dataset.columns] == ["sex", "weight"]
    assert dataset.warnings == ("labels that describe rather than name are left out: sex (0: MALE 1: FEMALE)",)


def test_a_workbook_of_several_sheets_dates_and_errors():
    stream = io.BytesIO()
    with pd.ExcelWriter(stream) as book:
        frame = pd.DataFrame(
            {"when": pd.to_datetime(["2024-01-01", "2024-01-02", "2024-02-01"]), "x": [1.5, "#DIV/0!", 2.5]}
        )
        frame.to_excel(book, sheet_name="first", index=False)
        frame.to_excel(book, sheet_name="second", index=False)
    dataset = read_dataset(stream.getvalue(), name="x.xlsx")
    assert dataset.warnings == ("only the first sheet, 'first', is read; not read: 'second'",)
    assert [c.kind for c in dataset.columns] == ["date", "positive"]
    assert dataset.column("x").warnings == ("#DIV/0! counts as missing (1 row, first in row 2 (line 3))",)


def test_parquet_types_that_pandas_lacks():
    import datetime
    import decimal

    import pyarrow.parquet as pq

    table = pa.table(
        {
            "price": pa.array([decimal.Decimal("1.50"), None, decimal.Decimal("2.25")]),
            "day": pa.array([datetime.date(2024, 1, 1), datetime.date(2024, 1, 2), None]),
            "yes": pa.array([True, None, False]),
            "level": pa.DictionaryArray.from_arrays(pa.array([0, 1, 2]), ["low", "mid", "high"], ordered=True),
        }
    )
    stream = io.BytesIO()
    pq.write_table(table, stream)
    dataset = read_dataset(stream.getvalue(), name="x.parquet")
    assert [c.kind for c in dataset.columns] == ["positive", "date", "binary", "ordered"]
    assert dataset.values("yes")[[0, 2]].tolist() == [1.0, 0.0]
    assert dataset.column("level").levels == ("low", "mid", "high")
    assert dataset.values("day")[0] == 19723.0


def test_kinds_on_demand():
    dataset = read_dataset(b"a,b\n0,1\n1,2\n0,3\n", name="x.csv", kinds={"a": "count", "b": "positive"})
    assert [c.kind for c in dataset.columns] == ["count", "positive"]
    assert dataset.column("a").reason == "chosen by you"


def test_no_path_of_the_machine_in_source(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"a\n1\n2\n")
    assert read_dataset(path).source == "x.csv"
