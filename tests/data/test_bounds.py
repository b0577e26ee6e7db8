"""Small files that become large are refused in words before they do."""

import io
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.data.limits import Limits
from core.data.read import read_dataset
from core.errors import DataError
from tests.data.hostile import HOSTILE, names, workbook

ROOT = Path(__file__).resolve().parents[2]
CPU_SECONDS = 60  # each takes about two; unbounded they took minutes
MEMORY = 1_000_000_000
FEW = Limits(decoded=20_000, cell=50, cells=4_000, sheet_cells=500)


def refusal(raw: bytes, name: str, limits: Limits = FEW) -> DataError:
    with pytest.raises(DataError) as caught:
        read_dataset(raw, name=name, limits=limits)
    assert name in caught.value.place
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("what", HOSTILE)
def test_the_command_line_refuses_what_becomes_too_large(tmp_path: Path, what: str) -> None:
    make, said = HOSTILE[what]
    file = make(tmp_path)

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))

    run = subprocess.run(
        [sys.executable, "-m", "core", "profile", file.name],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True, capture_output=True,
        check=False, preexec_fn=bound,
    )  # fmt: skip
    assert (run.returncode, run.stdout) == (2, ""), run.stderr
    error, hint = run.stderr.splitlines()
    assert error.startswith(f"error: {file.name}")
    assert said in error
    assert hint.startswith("hint: ")


def parquet(table: pa.Table, **options: object) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream, **options)
    return stream.getvalue()


def arrow(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def stata(table: pa.Table) -> bytes:
    stream = io.BytesIO()
    table.to_pandas().to_stata(stream, write_index=False, version=118, convert_strl=["t"])
    return stream.getvalue()


WAYS: dict[str, tuple[Callable[[pa.Table], bytes], str]] = {
    "parquet": (parquet, "t.parquet"),
    "delta": (lambda t: parquet(t, use_dictionary=False, column_encoding={"t": "DELTA_BYTE_ARRAY"}), "t.parquet"),
    "category": (lambda t: parquet(t.set_column(0, "t", t["t"].dictionary_encode())), "t.parquet"),
    "arrow": (lambda t: arrow(t.set_column(0, "t", t["t"].dictionary_encode())), "t.arrow"),
    "view": (lambda t: arrow(t.set_column(0, "t", t["t"].cast(pa.string_view()))), "t.arrow"),
    "stata": (stata, "t.dta"),
}


@pytest.mark.parametrize("way", WAYS)
def test_text_is_counted_as_often_as_it_stands_in_a_row(way: str) -> None:
    write, name = WAYS[way]
    table = pa.table({"t": ["word " * 9] * 1000, "y": range(1000)})
    assert refusal(write(table), name).message == "the table unpacks to more than the 20,000 bytes that are read"
    found = read_dataset(write(table.slice(0, 100)), name=name, limits=FEW)
    assert list(found.table["t"].astype(str).str.strip()) == [("word " * 9).strip()] * 100


@pytest.mark.parametrize("way", WAYS)
def test_a_long_cell_is_named(way: str) -> None:
    write, name = WAYS[way]
    table = pa.table({"t": ["ü" * 50, "", "ü" * 51], "y": [1, 2, 3]})
    error = refusal(write(table), name)
    assert error.place == f"{name}, row 3, column t"
    assert error.message == "this cell has 51 characters, more than the 50 that are read"


def test_a_long_cell_of_text_tables_and_workbooks_is_named(tmp_path: Path) -> None:
    error = refusal("a,b\n1,{}\n2,{}\n".format("ü" * 50, "ü" * 51).encode(), "t.csv")
    assert str(error).startswith("t.csv, row 2 (line 3), column b: this cell has 51 characters")
    rows = [names(2), b'<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>']
    strings = "<si><t>{}</t></si><si><t>{}</t></si>".format("ü" * 50, "ü" * 51).encode()
    error = refusal(workbook(tmp_path / "t.xlsx", rows, strings=strings).read_bytes(), "t.xlsx")
    assert str(error).startswith("t.xlsx, row 1 (line 2), column 2: this cell has 51 characters")


def test_a_shared_text_is_counted_in_every_cell(tmp_path: Path) -> None:
    rows = [names(1), b'<row><c t="s"><v>0</v></c></row>']
    file = workbook(tmp_path / "t.xlsx", rows, times=450, strings=b"<si><t>" + b"x" * 50 + b"</t></si>")
    assert "unpacks to more than the 20,000 bytes" in refusal(file.read_bytes(), "t.xlsx").message


@pytest.mark.parametrize("head", [b"", b'<dimension ref="A1:B2"/>', b'<dimension ref="A1:XFD1048576"/>'])
def test_a_sheet_is_as_large_as_it_is_not_as_it_says(tmp_path: Path, head: bytes) -> None:
    row = b"<row><c><v>1</v></c><c><v>2</v></c></row>"
    small = workbook(tmp_path / "s.xlsx", [names(2), row], times=240, head=head)
    assert read_dataset(small, limits=FEW).table.shape == (240, 2)
    large = workbook(tmp_path / "l.xlsx", [names(2), row], times=260, head=head)
    assert "more than the 500 cells" in refusal(large.read_bytes(), "l.xlsx").message


def test_prefixed_marks_and_bare_marks_are_counted_too(tmp_path: Path) -> None:
    plain = workbook(tmp_path / "t.xlsx", [names(2), b"<row/>"], times=5000)
    assert "cells that are read from a workbook" in refusal(plain.read_bytes(), "t.xlsx").message
    far = b'<row r="4000000"><c r="A4000000"><v>1</v></c></row>'
    gap = workbook(tmp_path / "g.xlsx", [names(1), far])
    assert "rows are more than the 1,000" in refusal(gap.read_bytes(), "g.xlsx", Limits(rows=1000)).message


def test_a_document_type_is_found_wherever_it_stands(tmp_path: Path) -> None:
    late = b"<!-- " + b"x" * (1 << 20) + b' --><!DOCTYPE x [<!ENTITY a "b">]>'
    file = workbook(tmp_path / "t.xlsx", [names(1), b"<row><c><v>1</v></c></row>"], strings=late)
    assert "document type" in refusal(file.read_bytes(), "t.xlsx", Limits()).message


def test_cells_are_counted_before_they_are_read() -> None:
    raw = b"a,b\n" + b"1,2\n" * 10_000
    assert "10,001 rows times 2 columns are more than the 4,000 cells" in refusal(raw, "t.csv").message
    stream = io.BytesIO()
    pd.DataFrame({f"c{i}": range(500) for i in range(10)}).to_stata(stream, write_index=False)
    assert "401 rows times 10 columns" in refusal(stream.getvalue(), "t.dta").message


def test_types_that_pack_many_rows_into_one_value_are_refused() -> None:
    runs = pa.RunEndEncodedArray.from_arrays(pa.array([4_000_000], pa.int32()), pa.array(["x"]))
    assert "cannot be used" in refusal(arrow(pa.table({"t": runs})), "t.arrow", Limits()).message
