"""``whyboard effect``: a sentence a hypothesis, and whether it is the same for everyone."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.cli import main

GRAPHS = {
    "A": "dag { price -> {visits sales buys} visits -> sales mood -> buys }",
    "B": "dag { price -> visits visits -> sales price buys mood }",
}
ASKED = ("effect", "data.csv", "-H", "A=A.dagitty", "-H", "B=B.dagitty", "--quiet")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHYBOARD_HOME", str(tmp_path / "home"))
    rng = np.random.default_rng(0)
    price = np.exp(3 + 0.4 * rng.normal(size=300))
    visits = np.exp(5 - 0.5 * np.log(price) + 0.2 * rng.normal(size=300))
    sales = np.exp(6 - 0.8 * np.log(price) + 0.3 * np.log(visits) + 0.2 * rng.normal(size=300))
    mood = rng.normal(size=300)
    buys = np.where(rng.random(300) < 1 / (1 + np.exp(2 * (np.log(price) - 3) - 2 * mood)), "yes", "no")
    columns = {"price": price, "visits": visits, "sales": sales, "mood": mood, "buys": buys}
    pd.DataFrame(columns).to_csv("data.csv", index=False)
    for name, graph in GRAPHS.items():
        Path(f"{name}.dagitty").write_text(graph)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    found = main([*ASKED, *arguments])
    out, err = capsys.readouterr()
    assert found == status, err
    return out if status == 0 else err


def record_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(capsys, *arguments, "--json"))
    return found


def test_per_cent_go_with_per_cent(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = record_of(capsys, "--do", "price=20,22", "--outcome", "sales")["hypotheses"]
    start = "If price were 22 instead of 20: sales "
    assert a["sentence"].startswith(start)
    assert "lower (median); 1 % more price: 0." in a["sentence"]
    assert a["sentence"].endswith("fewer sales.")
    assert a["sentence"] != b["sentence"]
    text = run(capsys, "--do", "price*=1.01", "--outcome", "sales")
    assert "\n1 % more price:\n  A: 0.9" in text
    assert "fewer sales.\n  B: 0." in text


def test_a_chance_is_told_in_100_and_no_path_is_none(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = record_of(capsys, "--do", "price=20,22", "--outcome", "buys")
    a, b = record["hypotheses"]
    assert "fewer in 100 whose buys is yes." in a["sentence"]
    assert b["sentence"] == "If price were 22 instead of 20: none: no path leads there."
    assert "in 100 whose buys is yes" in record["averaged"]["sentence"]
    assert a["per_row"] is None


def test_each_row_is_written_and_what_it_differs_with_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("--do", "price=20,30", "--outcome", "buys", "--per-row", "rows.csv")
    a, b = record_of(capsys, *asked)["hypotheses"]
    assert b["per_row"] is None
    assert a["per_row"]["q05"] < a["per_row"]["q50"] < a["per_row"]["q95"] < 0
    assert a["per_row"]["share_positive"] == 0
    assert a["per_row"]["varies_with"]["column"] == "mood"
    assert len(a["per_row"]["varies_with"]["groups"]) == 3
    table = pd.read_csv("rows.csv")
    assert list(table.columns) == ["row", "A"]
    assert list(table["row"]) == list(range(1, 301))
    assert np.quantile(table["A"], 0.05) == pytest.approx(a["per_row"]["q05"])
    text = run(capsys, *asked)
    assert "Is it the same for everyone?" in text
    assert "It differs most with mood" in text
    assert "B: Nothing happens to any row: no path leads there." in text


def test_where_rows_cannot_be_written_it_is_said_before_any_work(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("--do", "price=20,22", "--outcome", "buys", "--per-row", "nowhere/rows.csv")
    assert "the folder of this file does not exist" in run(capsys, *asked, status=2)
