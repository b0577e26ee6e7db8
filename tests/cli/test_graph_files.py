"""Graph files as people have them, given to the commands: what is said about how each was read."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.cli import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHYBOARD_HOME", str(tmp_path / "home"))
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(80, 3)), columns=["v0", "price", " sales "])
    frame.to_csv(tmp_path / "data.csv", index=False)
    (tmp_path / "two.dagitty").write_text(
        'v0 [e]\nprice [e]\n"sales " [o]\nv0 -> {price "sales "}\nprice -> "sales " [beta=1]'
    )
    (tmp_path / "labels.gml").write_text(
        'graph [ directed 1 node [ id "v0" label "Ad spend" ] node [ id "sales" label "Sales" ]'
        ' edge [ source "v0" target "sales" ] ]'
    )
    return tmp_path


def test_compare_takes_neither_of_two_exposures_says_so_and_goes_on(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("compare", "data.csv", "-H", "A=two.dagitty", "-H", "B=labels.gml", "--effect", "v0:sales")
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    assert "note: two.dagitty: 2 nodes are marked as exposure (v0, price)" in err
    assert "note: two.dagitty: beta was not kept (price -> sales: 1)" in err
    assert "note: two.dagitty: the name 'sales ' was read as 'sales'" in err
    assert "note: labels.gml: the nodes are called by their identifiers" in err  # which are the columns
    assert main((*arguments, "--json", "--quiet")) == 0
    out, err = capsys.readouterr()
    assert err == ""
    record = json.loads(out)
    assert sum("two.dagitty: " in warning for warning in record["warnings"]) == 3
    assert [effect["treatment"] for effect in record["hypotheses"][0]["effects"]] == ["v0"]
    assert {node["name"] for node in record["hypotheses"][1]["nodes"]} >= {"v0", "sales"}


def test_the_other_commands_say_it_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    simulated = ("simulate", "-H", "two.dagitty", "--rows", "3", "--out", "s.csv")
    for arguments in (("convert", "two.dagitty", "--to", "dot"), ("implications", "-H", "two.dagitty"), simulated):
        assert main(arguments) == 0
        assert "note: two.dagitty: beta was not kept" in capsys.readouterr().err
        assert main((*arguments, "--json", "--quiet")) == 0
        out, err = capsys.readouterr()
        assert err == ""
        assert any("beta was not kept" in warning for warning in json.loads(out)["warnings"])


def test_convert_takes_the_new_forms(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("asia.bn").write_text("[a][b|a][c|a:b]")
    Path("old.txt").write_text("a E @0.1,0.2\nb O @1,1\n\na b")
    Path("model.lavaan").write_text("y ~ x + m + x:m")
    Path("net.bif").write_text(
        "network n { } variable a { type discrete [2] { n, y }; } variable b { } probability ( b | a ) { }"
    )
    files = (("asia.bn", 3), ("old.txt", 1), ("labels.gml", 1), ("model.lavaan", 2), ("net.bif", 1))
    for file, arrows in files:
        assert main(("convert", file, "--to", "dagitty", "--quiet")) == 0
        out, _ = capsys.readouterr()
        assert out.count("->") == arrows


@pytest.mark.parametrize("to", ["dagitty", "dot", "graphml", "gml", "lavaan", "bif", "json"])
def test_convert_says_what_only_whyboard_will_read(folder: Path, capsys: pytest.CaptureFixture[str], to: str) -> None:
    Path("rich.dagitty").write_text(
        'dag { "net income" [exposure,family=Gamma,pos="1,2"] "net income" -> y [form=smooth] y <-> z }'
    )
    out_file = f"out.{to}"
    assert main(("convert", "rich.dagitty", "--to", to, "--out", out_file)) == 0
    err = capsys.readouterr().err
    assert ("only Whyboard reads from it: families and links, forms and signs of arrows" in err) is (to != "json")
    assert ("'net income' is net_income" in err) is (to in ("lavaan", "bif"))
    assert ("are placeholders" in err) is (to == "bif")
    assert ("arcs with two heads" in err) is (to == "bif")
    assert main(("convert", out_file, "--to", "json", "--json", "--quiet")) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["only_whyboard"] == []
    back = json.loads(record["text"])
    assert [(e["source"], e["target"], e["form"]) for e in back["edges"]] == [("net income", "y", "smooth")]
    assert (back["exposure"], back["bidirected"], back["nodes"][0]["family"]) == ("net income", [["y", "z"]], "Gamma")
    assert back["nodes"][0]["position"] == [1.0, 2.0]
    assert [warning for warning in record["warnings"] if "not kept" in warning or "changed" in warning] == []
