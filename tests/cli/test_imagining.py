"""``whyboard counterfactual``: its JSON, its sentences, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.cli import main
from core.data.dataset import Dataset
from core.hypothesis import Hypothesis
from core.study.imagining import imagine

ASKED = ("counterfactual", "data.csv", "-H", "a.dagitty")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHYBOARD_HOME", str(tmp_path / "home"))
    rng = np.random.default_rng(0)
    season = rng.normal(size=300)
    ads = 0.8 * season + rng.normal(size=300)
    bought = np.where(rng.random(300) < 1 / (1 + np.exp(-ads)), "yes", "no")
    sales = 0.5 * ads + season + 0.2 * rng.normal(size=300)
    shop = rng.choice(["east", "north"], 300)
    frame = pd.DataFrame({"season": season, "ads": ads, "sales": sales, "bought": bought, "shop": shop})
    frame.loc[8, ["sales", "shop"]] = np.nan, "north"
    frame.loc[9, "ads"] = np.nan
    frame.to_csv(tmp_path / "data.csv", index=False)
    (tmp_path / "a.dagitty").write_text("dag { season -> {ads sales} ads -> {sales bought} }")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    status = main(arguments)
    out, err = capsys.readouterr()
    assert status == 0, err
    if "--quiet" in arguments:
        assert err == ""
    return out


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    return json.loads(run(capsys, *arguments, "--json", "--quiet"))


FIELDS = {"name", "role", "observed", "mean", "sd", "median", "q05", "q95", "scale", "bounds", "exact", "differs",
          "levels"}  # fmt: skip


def test_the_record_is_what_core_gives(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = run_json(capsys, *ASKED, "--row", "17", "--do", "ads=2", "--seed", "3")
    direct = imagine(Hypothesis.read("a.dagitty"), Dataset.read("data.csv"), {"ads": "2"}, row=17, seed=3).to_dict()
    assert printed.pop("experiments") == []
    assert printed == json.loads(json.dumps(direct))
    assert printed["format"] == "whyboard-counterfactual/1"
    assert (printed["row"], printed["where"], printed["rows"], printed["do"]) == (17, None, 1, {"ads": 2.0})
    row = pd.read_csv("data.csv").iloc[16]
    assert printed["observed"] == {name: pytest.approx(row[name]) for name in ("season", "ads", "sales", "bought")}
    nodes = {node["name"]: node for node in printed["nodes"]}
    assert {name: node["role"] for name, node in nodes.items()} == {
        "season": "stays", "ads": "set", "sales": "changes", "bought": "changes"
    }  # fmt: skip
    assert all(set(node) == FIELDS for node in nodes.values())
    assert nodes["sales"]["mean"] == pytest.approx(row["sales"] + 0.5 * (2 - row["ads"]), abs=0.1)
    assert nodes["sales"]["bounds"] is None
    assert [level["level"] for level in nodes["bought"]["levels"]] == ["no", "yes"]
    assert len(nodes["bought"]["bounds"]) == 2


def test_the_same_seed_gives_the_same_digits(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = (*ASKED, "--row", "17", "--do", "ads=2", "--no-cache")
    assert run_json(capsys, *asked) == run_json(capsys, *asked)
    assert run_json(capsys, *asked) != run_json(capsys, *asked, "--seed", "1")


def test_sentences(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, *ASKED, "--row", "17", "--do", "ads=2", "--do", "season=0.5", "--quiet")
    assert out.startswith("In row 17, had ads been 2.00 and season been 0.500, sales would have been ")
    assert "if a is right." in out
    assert "Whatever ties the two worlds: yes from " in out
    group = run(capsys, *ASKED, "--where", "shop=north", "--do", "ads=2", "--quiet")
    assert "rows with shop = north, had ads been 2.00, sales would have been " in group
    assert "lack a value that their answer depends on: left out" in group


def test_a_set_value_that_changes_nothing_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, *ASKED, "--row", "3", "--do", "sales=1", "--quiet")
    assert "Nothing depends on sales" in out


REFUSALS = {
    ("--row", "301", "--do", "ads=2"): ("there is no row 301", "from 1 to 300"),
    ("--row", "0", "--do", "ads=2"): ("there is no row 0", "from 1 to 300"),
    ("--row", "x", "--do", "ads=2"): ("is not a row", "--help"),
    ("--row", "10", "--do", "ads=2"): ("data.csv, row 10, node ads: this row has no value of 'ads'", "fill it in"),
    ("--row", "1"): ("nothing is set", "--do"),
    ("--do", "ads=2"): ("exactly one of a row and a group", "--where"),
    ("--row", "1", "--where", "shop=north", "--do", "ads=2"): ("exactly one of a row and a group", "--where"),
    ("--row", "1", "--do", "bought=maybe"): ("'bought' cannot be set to 'maybe'", "no, yes"),
    ("--row", "1", "--do", "ads=much"): ("no number", "Give a number"),
    ("--row", "1", "--do", "gone=1"): ("there is no node 'gone'", "season"),
    ("--row", "1", "--do", "ads=1", "--do", "ads=2"): ("a node is set twice", "one value"),
    ("--where", "shop=west", "--do", "ads=2"): ("'shop' has no level 'west'", "east, north"),
    ("--where", "gone=west", "--do", "ads=2"): ("there is no column 'gone'", "season"),
    ("--where", "shop", "--do", "ads=2"): ("has no '='", "--where"),
}


@pytest.mark.parametrize("arguments", REFUSALS)
def test_refusals_are_two_lines(folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    assert main([*ASKED, *arguments, "--quiet"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    error, hint = err.splitlines()
    said, advice = REFUSALS[arguments]
    assert error.startswith("error: ")
    assert said in error
    assert hint.startswith("hint: ")
    assert advice in hint


def test_effects_carry_over_in_the_order_that_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = pd.read_csv("data.csv").drop(columns="sales").dropna()
    frame["week"] = np.random.default_rng(1).permutation(len(frame)) + 1  # in no order in the file
    ads = frame.set_index("week")["ads"].sort_index() ** 2
    sales = ads + 0.5 * ads.shift(1).fillna(ads.iloc[0])
    frame["sales"] = frame["week"].map(sales) + 0.1 * np.random.default_rng(2).normal(size=len(frame))
    frame["ads"] **= 2
    frame.to_csv("data.csv", index=False)
    edge = {"source": "ads", "target": "sales", "form": "linear", "carry": 2}
    nodes = [{"name": "ads"}, {"name": "sales"}]
    text = {"format": "whyboard-hypothesis/1", "name": "H", "nodes": nodes, "edges": [edge]}
    (folder / "a.json").write_text(json.dumps(text))
    asked = ("counterfactual", "data.csv", "-H", "a.json", "--row", "20", "--do", "ads=1")
    found = run_json(capsys, *asked, "--rows", "time:week", "--draws", "400")
    row = frame.iloc[19]
    sales_there = found["nodes"][-1]
    assert sales_there["observed"] == pytest.approx(row["sales"])
    assert sales_there["mean"] == pytest.approx(row["sales"] + 1 - row["ads"], abs=0.1 * abs(1 - row["ads"]) + 0.05)
    assert any("later rows are not followed" in words for words in found["warnings"])
    assert main([*asked, "--quiet"]) == 2
    assert "in which order rows stand" in capsys.readouterr().err


def test_what_cannot_be_fitted_is_refused_as_ever(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "b.dagitty").write_text("dag { ads -> sales ads <-> sales }")
    assert main(["counterfactual", "data.csv", "-H", "b.dagitty", "--row", "1", "--do", "ads=2", "--quiet"]) == 2
    assert "b.dagitty" in capsys.readouterr().err
