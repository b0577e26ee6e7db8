"""``whyboard export``: what it writes can be read back, and what it cannot write it refuses in two lines."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from core.cli import main


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


@pytest.mark.pymc
def test_draws_are_read_back_by_arviz_and_drawn(folder: Path) -> None:
    import arviz
    import xarray

    (folder / "b.json").write_text(
        '{"format": "whyboard-hypothesis/1", "name": "B", "nodes": [{"name": "ads"}, {"name": "shop"}, '
        '{"name": "sales"}], "edges": [{"source": "ads", "target": "sales"}, {"source": "shop", "target": "sales"}], '
        '"background": ["shop"]}'
    )
    asked = ["export", "data.csv", "-H", "b.json", "--quiet", "--to", "netcdf", "--out", "b.nc", "--draws", "400"]
    assert main(asked) == 0
    with xarray.open_datatree(folder / "b.nc") as tree:
        assert set(tree.children) == {
            "posterior", "log_likelihood", "observed_data", "constant_data", "posterior_predictive",
        }  # fmt: skip
        assert list(tree["constant_data"].data_vars) == ["shop"]
        assert tree["constant_data"]["shop"].shape == tree["observed_data"]["sales"].shape == (39,)
        assert list(tree["posterior"]["sales parent"].values) == ["ads", "shop[0]", "shop[1]"]
        draws = tree["posterior"]["sales.slopes"].values
        assert draws.size == 400 * 3
    read = arviz.from_netcdf(folder / "b.nc")
    np.testing.assert_array_equal(read["posterior"]["sales.slopes"].values, draws)
    assert np.isfinite(arviz.loo(read, var_name="sales").elpd)
    drawn = arviz.plot_forest(read, var_names=["sales.slopes"], backend="none")
    assert "sales parent" in str(drawn.viz)
    predicted, observed = read["posterior_predictive"]["sales"], read["observed_data"]["sales"]
    assert predicted.shape == (1, 400, 39)
    assert float(predicted.mean()) == pytest.approx(float(observed.mean()), abs=0.5 * float(observed.std()))
    assert float(predicted.std()) == pytest.approx(float(observed.std()), rel=0.35)
    assert set(read["posterior_predictive"].data_vars) == {"ads", "sales"}
    assert arviz.plot_ppc_dist(read, var_names=["sales"], backend="none").viz


def test_a_report_takes_rivals_and_opens_by_itself(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "b.dagitty").write_text("dag { shop -> ads shop -> sales }")
    asked = ["export", "data.csv", "-H", "First=a.dagitty", "-H", "Second=b.dagitty", "--to", "html", "--out", "r.html"]
    more = ["--effect", "ads:sales", "--rows", "none", "--draws", "400", "--seed", "5", "--json"]
    assert main([*asked, *more]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["format"], record["to"], record["out"]) == ("whyboard-export/1", "html", "r.html")
    page = (folder / "r.html").read_text()
    assert page.startswith("<!doctype html>")
    assert "<script" not in page
    assert "://" not in page
    for words in ("First", "Second", "data.csv", "seed 5", "Rows are taken as none.", "if ads were"):
        assert words in page
    assert main([*asked, "--quiet", "--draws", "400"]) == 0  # nothing is marked and nothing asked
    assert "No exposure and outcome are marked" in (folder / "r.html").read_text()


def test_a_report_says_how_much_to_choose_and_what_is_not_fitted(folder: Path) -> None:
    (folder / "b.dagitty").write_text("dag { shop -> ads ads -> sales ads <-> sales }")
    rivals = ["-H", "First=a.dagitty", "-H", "Hidden=b.dagitty"]
    asked = ["export", "data.csv", *rivals, "--to", "html", "--out", "r.html", "--effect", "ads:sales", "--quiet"]
    choice = ["--choose", "ads=1:2", "--cost", "ads=0.5", "--limit", "ads <= 1.8", "--budget", "1", "--risk", "0.2"]
    assert main([*asked, "--draws", "400", *choice]) == 0
    page = (folder / "r.html").read_text()
    for words in ('id="choose"', "Best on average:", "Limit: ads &lt;= 1.8.", "worst 20 %", "Budget: 1.00."):
        assert words in page
    assert "Not fitted, and what they say all the same" in page
    assert 'id="ways"' in page
    assert 'id="plain"' in page


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--to", "html", "--out", "gone/r.html"), "the folder of this file does not exist"),
        (("--to", "html", "--out", "r.html", "--effect", "ads:wages"), "there is no node 'wages'"),
        (("--to", "html", "--out", "r.html", "--rows", "time:wages"), "wages"),
        (("--to", "html", "--out", "r.html", "--choose", "ads=0:1"), "there is a choice, and no outcome"),
        (("--to", "html", "--out", "r.html", "--effect", "ads:sales", "--choose", "ads=1"), "is no range"),
        (("--to", "script", "--out", "a.py", "--choose", "ads=0:1"), "there is a choice"),
        (("--to", "script", "--out", "a.py", "--effect", "ads:sales"), "an effect was asked for"),
        (("--to", "script", "--out", "a.py", "-H", "a.dagitty"), "more than one hypothesis was given"),
    ],
)
def test_what_cannot_be_written_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], said: str
) -> None:
    assert export(*more) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split(":")[0] for line in err.splitlines()] == ["error", "hint"]
    assert said in err
    assert not (folder / "r.html").exists()
    assert not (folder / "a.py").exists()
