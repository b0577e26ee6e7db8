"""``whyboard export``: what it writes can be read back, and what it cannot write it refuses in two lines."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from core.cli import main
from core.fit import glue


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHYBOARD_HOME", str(tmp_path / "home"))
    rng = np.random.default_rng(0)
    lines = [f"{rng.normal():.4f};{rng.choice(['a', 'b', 'c'])};{rng.normal():.4f}" for _ in range(40)]
    lines[3] = "NA;a;1.5"
    (tmp_path / "data.csv").write_text("ads;shop;sales\n" + "\n".join(lines).replace(".", ",") + "\n")
    (tmp_path / "a.dagitty").write_text("dag { ads -> sales shop -> sales }")
    return tmp_path


def export(*more: str) -> int:
    return main(["export", "data.csv", "-H", "a.dagitty", "--quiet", *more])


@pytest.mark.pymc
def test_a_script_reads_the_rows_of_the_file_as_they_are_written(folder: Path) -> None:
    assert export("--to", "script", "--out", "a.py", "--draws", "100", "--seed", "3") == 0
    found = importlib.util.spec_from_file_location("exported", folder / "a.py")
    assert found is not None
    assert found.loader is not None
    script = importlib.util.module_from_spec(found)
    found.loader.exec_module(script)
    data = script.read()
    assert (script.DATA, script.DRAWS, script.SEED) == ("data.csv", 25, 3)
    assert {name: len(values) for name, values in data.items()} == {"ads": 39, "shop": 39, "sales": 39}
    assert "import core" not in (folder / "a.py").read_text()


def test_a_notebook_is_one(folder: Path) -> None:
    assert export("--to", "notebook", "--out", "a.ipynb") == 0
    record = json.loads((folder / "a.ipynb").read_text())
    assert (record["nbformat"], record["nbformat_minor"]) == (4, 5)
    code = ["".join(cell["source"]) for cell in record["cells"] if cell["cell_type"] == "code"]
    for cell in code:
        compile(cell, "cell", "exec")
    assert any("pm.sample(" in cell for cell in code)


def test_what_cannot_be_written_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glue, "find_spec", lambda name: None)
    for kind, words in (("html", "not written by this version"), ("netcdf", "h5netcdf")):
        assert export("--to", kind, "--out", "a.out") == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert [line.split(":")[0] for line in err.splitlines()] == ["error", "hint"]
        assert words in err
    assert not (folder / "a.out").exists()
