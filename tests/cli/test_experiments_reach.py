"""Experiments in ``counterfactual``, ``decide`` and ``export --to html``: what they move, and that it is said."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.cli import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHYBOARD_HOME", str(tmp_path / "home"))
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    m = 0.8 * x + rng.normal(size=200)
    pd.DataFrame({"x": x, "m": m, "y": 0.5 * m + rng.normal(size=200)}).to_csv("data.csv", index=False)
    Path("a.dagitty").write_text("dag { x [exposure] y [outcome] x -> m m -> y }")
    Path("b.dagitty").write_text("dag { x [exposure] y [outcome] x -> m m -> y x -> y }")
    Path("tests.csv").write_text("name,do,outcome,estimate,se\nspring,x+=1,y,0.9,0.01\n")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    found = main([*arguments, "--quiet"])
    out, err = capsys.readouterr()
    assert found == status, err
    return out if status == 0 else err


ROW = ("counterfactual", "data.csv", "-H", "b.dagitty", "--row", "7", "--do", "x=3")


def node(record: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in record["nodes"] if one["name"] == name)


def test_one_row_moves_with_what_an_experiment_found(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = json.loads(run(capsys, *ROW, "--json"))
    after = json.loads(run(capsys, *ROW, "--json", "--experiments", "tests.csv"))
    moved = 3.0 - before["observed"]["x"]
    one, other = node(before, "y"), node(after, "y")
    # The row's own noise stays what it was, so that its outcome moves by the effect times the step.
    assert other["mean"] - before["observed"]["y"] == pytest.approx(0.9 * moved, rel=0.03)
    assert abs(one["mean"] - before["observed"]["y"] - 0.9 * moved) > 0.2 * moved
    assert other["sd"] < 0.3 * one["sd"]
    assert other["sd"] == pytest.approx(0.01 * moved, rel=0.3)
    assert before["observed"] == after["observed"]
    assert [each["name"] for each in after["experiments"]] == ["spring"]
    assert any("spring is taken into account" in words for words in after["warnings"])
    assert "what was found by spring is taken into account." in run(capsys, *ROW, "--experiments", "tests.csv")


def test_a_decision_is_made_with_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("decide", "data.csv", "-H", "A=a.dagitty", "-H", "B=b.dagitty", "--choose", "x=-1:1", "--cost", "x=0.6")
    before = json.loads(run(capsys, *asked, "--json"))
    after = json.loads(run(capsys, *asked, "--json", "--experiment", "spring: x+=1: y=0.9±0.01"))
    assert before["best"]["expected"]["action"]["x"] == pytest.approx(-1, abs=0.02)  # an effect of 0.4 costs 0.6
    assert after["best"]["expected"]["action"]["x"] == pytest.approx(1, abs=0.02)
    weights = [{one["name"]: one["weight"] for one in record["hypotheses"]} for record in (before, after)]
    assert weights[1]["B"] > weights[0]["B"]
    assert after["experiments"][0]["estimate"] == 0.9
    text = run(capsys, *asked, "--experiment", "spring: x+=1: y=0.9±0.01")
    assert text.startswith("experiments, with 90 % intervals of what was foreseen")
    assert before["experiments"] == []


def test_the_report_says_that_it_is_taken_into_account(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("export", "data.csv", "-H", "A=a.dagitty", "-H", "B=b.dagitty", "--to", "html", "--out", "r.html")
    run(capsys, *asked)
    before = Path("r.html").read_text(encoding="utf-8")
    run(capsys, *asked, "--experiments", "tests.csv")
    after = Path("r.html").read_text(encoding="utf-8")
    said = "Beside the rows, what was found by spring is taken into account."
    assert said in after
    assert said not in before


def test_a_script_takes_no_experiment(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("export", "data.csv", "-H", "a.dagitty", "--to", "script", "--out", "s.py")
    assert "--to script does not take" in run(capsys, *asked, "--experiments", "tests.csv", status=2)


def test_without_an_effect_there_is_nothing_for_an_experiment_to_move(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("c.dagitty").write_text("dag { x -> m m -> y }")
    asked = ("export", "data.csv", "-H", "C=c.dagitty", "--to", "html", "--out", "r.html")
    said = run(capsys, *asked, "--experiment", "x+=1: y=0.9±0.1", status=2)
    assert "no effect is asked about" in said
