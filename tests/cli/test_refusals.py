"""Bad input on the command line: status 2, nothing on standard output, two lines that say where and what to do."""

import zipfile
from pathlib import Path

import pytest

from core.cli import main

GOOD = "ads,sales\n" + "\n".join(f"{i * 0.37 % 5:.3f},{i * 0.61 % 7:.3f}" for i in range(60)) + "\n"
GRAPH = "dag { ads -> sales }"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHYBOARD_HOME", str(tmp_path / "home"))
    (tmp_path / "good.csv").write_text(GOOD)
    (tmp_path / "a.dagitty").write_text(GRAPH)
    return tmp_path


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, str]:
    """Run and return the two lines; anything else fails."""
    status = main(arguments)
    out, err = capsys.readouterr()
    assert status == 2, err
    assert out == ""
    assert "Traceback" not in err
    lines = err.rstrip("\n").split("\n")
    assert len(lines) == 2, err
    assert lines[0].startswith("error: ")
    assert lines[1].startswith("hint: ")
    assert len(lines[1]) > len("hint: ") + 5
    return lines[0], lines[1]


def refused_compare(capsys: pytest.CaptureFixture[str], data: str = "good.csv", *more: str) -> str:
    given = more or ("-H", "A=a.dagitty")
    return refused(capsys, "compare", data, *given, "--quiet")[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "no command"),
        (("fly",), "no command 'fly'"),
        (("recover", "good.csv"), "no command 'recover' yet"),
        (("profile", ""), "name is empty"),
        (("compare", "good.csv", "-H", " "), "name is empty"),
        (("compare", "good.csv", "-H", "A= "), "not NAME=FILE"),
        (("compare",), "DATA"),
        (("compare", "good.csv"), "no hypothesis"),
        (("compare", "good.csv", "-H"), "expected one argument"),
        (("compare", "good.csv", "-H", "A=a.dagitty", "--draws", "many"), "many"),
        (("compare", "good.csv", "-H", "A=a.dagitty", "--draws", "0"), "draws"),
        (("compare", "good.csv", "-H", "A=a.dagitty", "--draws", "10"), "10 draws"),
        (("compare", "good.csv", "-H", "A=a.dagitty", "--draws", "999999999"), "draws"),
        (("compare", "good.csv", "-H", "A=a.dagitty", "--seed", "-1"), "seed"),
        (("compare", "good.csv", "-H", "A=a.dagitty", "--seed", "1.5"), "seed"),
        (("compare", "good.csv", "-H", "A=a.dagitty", "--method", "magic"), "magic"),
        (("compare", "good.csv", "-H", "A=a.dagitty", "--frobnicate"), "frobnicate"),
        (("compare", "good.csv", "-H", "A=a.dagitty", "-H", "A=a.dagitty"), "two hypotheses"),
        (("compare", "good.csv", "-H", "=a.dagitty"), "NAME=FILE"),
        (("compare", "good.csv", "-H", "A=none.dagitty"), "none.dagitty"),
        (("compare", "none.csv", "-H", "A=a.dagitty"), "none.csv"),
        (("compare", ".", "-H", "A=a.dagitty"), "."),
        (("compare", "good.csv", "-H", "A=a.dagitty", "--effect", "ads"), "':'"),
        (("compare", "good.csv", "-H", "A=a.dagitty", "--effect", "ads:ghost"), "ghost"),
        (("compare", "good.csv", "-H", "A=a.dagitty", "--effect", "ads:ads"), "itself"),
        (("compare", "good.csv", "-H", "A=a.dagitty", "--out", "no/such/folder.json"), "folder"),
        (("compare", "good.csv", "-H", "A=a.dagitty", "--out", "."), "folder"),
        (("simulate", "-H", "a.dagitty", "--rows", "0", "--out", "s.csv"), "rows"),
        (("simulate", "-H", "a.dagitty", "--out", "s.csv"), "--rows"),
        (("simulate", "-H", "a.dagitty", "--rows", "5"), "--out"),
        (("simulate", "--rows", "5", "--out", "s.csv"), "no hypothesis"),
        (("simulate", "-H", "a.dagitty", "-H", "a.dagitty", "--rows", "5", "--out", "s.csv"), "more than one"),
        (("simulate", "-H", "a.dagitty", "--rows", "5", "--out", "s.parquet"), "CSV"),
        (("simulate", "-H", "a.dagitty", "--rows", "5", "--out", "s.csv", "--do", "ghost=1"), "ghost"),
        (("simulate", "-H", "a.dagitty", "--rows", "5", "--out", "s.csv", "--do", "ads=much"), "much"),
        (("simulate", "-H", "a.dagitty", "--rows", "5", "--out", "s.csv", "--do", "ads"), "'='"),
        (("simulate", "-H", "a.dagitty", "--rows", "5", "--out", "s.csv", "--do", "ads=1", "--do", "ads=2"), "twice"),
        (("simulate", "-H", "a.dagitty", "--rows", "5", "--out", "s.csv", "--do", "ads=nan"), "no number"),
        (("simulate", "-H", "a.dagitty", "--fit", "none.csv", "--rows", "5", "--out", "s.csv"), "error: none.csv"),
        (("implications",), "no hypothesis"),
        (("convert", "a.dagitty"), "--to"),
        (("convert", "a.dagitty", "--to", "xmlbif"), "xmlbif"),
        (("convert", "a.dagitty", "--to", "klingon"), "klingon"),
        (("convert", "a.xyz", "--to", "dot"), "xyz"),
        (("profile", "none.csv"), "none.csv"),
        (("app", "--port", "99999999"), "port"),
    ],
)
def test_faults_of_usage(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    quiet = ("--quiet",) if arguments and arguments[0] not in ("app", "fly", "recover") else ()
    error, _ = refused(capsys, *arguments, *quiet)
    assert words in error
    assert not (folder / "s.csv").exists()


def test_a_cycle_names_its_file_and_path(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "cycle.dagitty").write_text("dag {\n ads -> sales\n sales -> price\n price -> ads\n}")
    error = refused_compare(capsys, "good.csv", "-H", "A=cycle.dagitty")
    assert "cycle.dagitty" in error
    assert "ads -> sales -> price -> ads" in error


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("empty.dagitty", "", "empty"),
        ("nothing.dagitty", "dag { }", "no nodes"),
        ("broken.dagitty", "dag { a -> ", "line 1"),
        ("broken.json", "{", "broken.json"),
        ("list.json", "[1, 2]", "list.json"),
        (
            "ends.json",
            '{"format": "whyboard-hypothesis/1", "nodes": [], "edges": [{"source": "a", "target": "b"}]}',
            "a",
        ),
        (
            "twice.json",
            '{"format": "whyboard-hypothesis/1", "nodes": [{"name": "a"}, {"name": "a"}]}',
            "a",
        ),
        ("loop.dot", "digraph { a -> a }", "a"),
        ("xml.graphml", '<!DOCTYPE x [<!ENTITY e "boom">]><graphml>&e;</graphml>', "xml.graphml"),
    ],
)
def test_graphs_that_are_none(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, words: str
) -> None:
    (folder / name).write_text(text)
    error = refused_compare(capsys, "good.csv", "-H", f"A={name}")
    assert name in error
    assert words in error


def test_an_unknown_column_names_the_graph_and_the_node(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "b.dagitty").write_text("dag { ads -> ghost }")
    error, hint = refused(capsys, "compare", "good.csv", "-H", "A=a.dagitty", "-H", "B=b.dagitty", "--quiet")
    assert "b.dagitty" in error
    assert "ghost" in error
    assert "ads" in hint
    error, _ = refused(capsys, "implications", "-H", "b.dagitty", "good.csv", "--quiet")
    assert "b.dagitty" in error


def test_text_under_a_normal_is_refused_with_a_choice(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "\n".join(f"{['red', 'blue', 'green'][i % 3]},{i * 0.61 % 7:.3f}" for i in range(60))
    (folder / "text.csv").write_text(f"ads,sales\n{rows}\n")
    (folder / "n.json").write_text(
        '{"format": "whyboard-hypothesis/1", "nodes": [{"name": "ads", "family": "Normal"}, {"name": "sales"}],'
        ' "edges": [{"source": "ads", "target": "sales"}]}'
    )
    error, hint = refused(capsys, "compare", "text.csv", "-H", "A=n.json", "--quiet")
    assert "ads" in error
    assert "Normal" in error
    assert "Categorical" in hint


@pytest.mark.parametrize("text", ["dag { u [latent] u -> ads u -> sales }", "dag { ads <-> sales }"])
def test_unmeasured_causes_are_drawn_but_not_fitted_yet(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (folder / "u.dagitty").write_text(text)
    assert "u.dagitty" in refused_compare(capsys, "good.csv", "-H", "A=u.dagitty")
    # Of a rival that could be fitted nothing is said: it is not in the way.
    error, _ = refused(capsys, "compare", "good.csv", "-H", "A=a.dagitty", "-H", "C=u.dagitty", "--quiet")
    assert "u.dagitty, hypothesis C" in error
    assert "unmeasured" in error
    assert main(["implications", "-H", "u.dagitty", "--quiet"]) == 0


def csv_of(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


BAD_DATA = {
    "torn.csv.gz": b"\x1f\x8bxx",
    "empty.csv": b"",
    "blank.csv": b"\n\n\n",
    "head.csv": b"ads,sales\n",
    "ragged.csv": csv_of(["ads,sales", *["1,2"] * 20, "1,2,3", *["1,2"] * 20]),
    "twice.csv": csv_of(["ads,ads", *["1,2"] * 20]),
    "noname.csv": csv_of(["ads,,sales", *["1,2,3"] * 20]),
    "nul.csv": b"ads,sales\n" + b"\x00\x00\x00,1\n" * 20,
    "utf16.csv": "ads,sales\n1,2\n".encode("utf-16") + b"\xff",
    "locked.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "not.xlsx": b"hello",
    "torn.parquet": b"PAR1" + b"\0" * 50,
    "not.dta": b"hello",
    "data.pdf": b"%PDF-1.4",
    "data.pkl": b"\x80\x04\x95",
    "wide.csv": csv_of([",".join(f"c{i}" for i in range(1100)), *[",".join(["1"] * 1100)] * 3]),
}


@pytest.mark.parametrize("name", BAD_DATA)
def test_data_that_cannot_be_read(folder: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (folder / name).write_bytes(BAD_DATA[name])
    assert name in refused_compare(capsys, name)
    assert name in refused(capsys, "profile", name, "--quiet")[0]


def test_a_ragged_row_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "ragged.csv").write_bytes(BAD_DATA["ragged.csv"])
    assert "22" in refused_compare(capsys, "ragged.csv")  # line 22: the head and 20 rows stand before it


def test_an_encrypted_archive_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile(folder / "plain.csv.zip", "w") as packed:
        packed.writestr("x.csv", GOOD)
    content = bytearray((folder / "plain.csv.zip").read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1  # the flag that says "encrypted"
    (folder / "locked.csv.zip").write_bytes(bytes(content))
    assert "locked.csv.zip" in refused_compare(capsys, "locked.csv.zip")


def test_columns_with_nothing_in_them_are_refused_if_modelled(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "\n".join(f"{i * 0.37 % 5:.3f}," for i in range(60))
    (folder / "hole.csv").write_text(f"ads,sales\n{rows}\n")
    error = refused_compare(capsys, "hole.csv")
    assert "hole.csv: only 0 of 60 rows have a value in every modelled column" in error
    assert main(["profile", "hole.csv", "--quiet"]) == 0


def test_too_few_complete_rows_are_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "short.csv").write_text("ads,sales\n1.5,2.5\n2.5,\n,3.5\n")
    assert "short.csv: only 1 of 3 rows" in refused_compare(capsys, "short.csv")


def test_without_quiet_the_refusal_is_the_same_two_lines_last(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "none.csv", "-H", "A=a.dagitty"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.strip().split("\n")[-2].startswith("error: ")


def test_a_fault_of_ours_is_one_line_and_status_1(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import core.cli.converting as converting

    monkeypatch.delenv("WHYBOARD_DEBUG", raising=False)
    monkeypatch.setattr(converting, "run_convert", lambda options: 1 / 0)
    assert main(["convert", "a.dagitty", "--to", "dot"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    assert "ZeroDivisionError" in err


@pytest.mark.parametrize(
    ("rows", "words"),
    [("sorted", "is not a way to take rows"), ("group:scool", "there is no column 'scool'"), ("time:", "no column")],
)
@pytest.mark.parametrize("command", ["compare", "implications"])
def test_rows_that_cannot_be_taken_so(
    folder: Path, capsys: pytest.CaptureFixture[str], command: str, rows: str, words: str
) -> None:
    error, hint = refused(capsys, command, "good.csv", "-H", "a.dagitty", "--rows", rows, "--quiet")
    assert words in error
    assert f"--rows {rows}" in error or "--rows" in error
    assert hint.startswith("hint: ")
    assert "time:COL" in hint or "The columns are: " in hint
    error, _ = refused(capsys, "implications", "-H", "a.dagitty", "--rows", "none", "--quiet")
    assert "no data are given" in error


@pytest.mark.parametrize(
    "arguments",
    [
        ("compare", "good.csv", "-H", "A=a.dagitty", "--out", "good.csv"),
        ("compare", "good.csv", "-H", "A=a.dagitty", "--out", "a.dagitty"),
        ("export", "good.csv", "-H", "A=a.dagitty", "--to", "html", "--effect", "ads:sales", "--out", "./good.csv"),
        ("export", "good.csv", "-H", "a.dagitty", "--to", "script", "--out", "a.dagitty"),
        ("simulate", "-H", "a.dagitty", "--fit", "good.csv", "--rows", "5", "--out", "good.csv"),
        ("simulate", "-H", "a.dagitty", "--like", "good.csv", "--rows", "5", "--out", "good.csv"),
        ("convert", "a.dagitty", "--to", "json", "--out", "a.dagitty"),
    ],
)
def test_what_is_read_is_never_overwritten(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    error, hint = refused(capsys, *arguments, "--quiet")
    assert "would be overwritten" in error
    assert arguments[-1] in error
    assert "--out" in hint
    assert (folder / "good.csv").read_text() == GOOD
    assert (folder / "a.dagitty").read_text() == GRAPH


def test_a_value_that_begins_with_a_minus_sign_is_shown_how(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    decide = ("decide", "good.csv", "-H", "A=a.dagitty", "--choose", "ads=0:5", "--outcome", "sales", "--quiet")
    error, hint = refused(capsys, *decide, "--utility", "-sales")
    assert "--utility: expected one argument" in error
    assert "--utility=-x" in hint
    assert main((*decide, "--utility=-sales")) == 0
