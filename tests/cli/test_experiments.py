"""``whyboard effect --experiment``: the marketing sample's tied pair, and what is printed."""

import json
from math import log
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.cli import main

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "marketing"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHYBOARD_HOME", str(tmp_path / "home"))
    rng = np.random.default_rng(0)
    x = rng.normal(size=300)
    pd.DataFrame({"x": x, "y": 0.5 * x + rng.normal(size=300)}).to_csv("data.csv", index=False)
    Path("a.dagitty").write_text("dag { x -> y }")
    Path("b.dagitty").write_text("dag { y -> x }")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    found = main(arguments)
    out, err = capsys.readouterr()
    assert found == status, err
    return out if status == 0 else err


PAIR = ("effect", "data.csv", "-H", "A=a.dagitty", "-H", "B=b.dagitty", "--do", "x+=1", "--outcome", "y", "--quiet")


def test_a_lift_test_tells_the_tied_hypotheses_of_the_sample_apart(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [f"{name.upper()}={SAMPLE / name}.dagitty" for name in ("a", "c")]
    arguments = ["effect", str(SAMPLE / "data.csv"), "-H", files[0], "-H", files[1], "--do", "ads+=1", "--quiet"]
    record = json.loads(run(capsys, *arguments, "--experiment", "ads+=1: sales=1.4±0.3", "--json"))
    (one,) = record["experiments"]
    a, c = one["hypotheses"]
    assert (one["do"], one["outcome"], one["estimate"], one["se"]) == ([{}, {"ads": "+1"}], "sales", 1.4, 0.3)
    spread = float(np.hypot(a["predicted"]["sd"], 0.3))
    by_hand = stats.norm.logpdf(1.4, a["predicted"]["mean"], spread) - stats.norm.logpdf(1.4, 0, 0.3)
    assert a["log_evidence"] - c["log_evidence"] == pytest.approx(by_hand, abs=0.02)
    before = [answer["before"]["weight"] for answer in record["hypotheses"]]
    after = [answer["weight"] for answer in record["hypotheses"]]
    assert before == pytest.approx([0.5, 0.5])
    assert log(after[0] / after[1]) == pytest.approx(by_hand, abs=0.02)
    assert a["disagreement"]["p"] > 0.5
    assert c["disagreement"]["gap"] == pytest.approx(1.4 / 0.3)
    was, now = record["hypotheses"][0]["before"]["contrast"], record["hypotheses"][0]["contrast"]
    assert now["q95"] - now["q05"] < was["q95"] - was["q05"]
    assert record["averaged"]["contrast"]["mean"] == pytest.approx(now["mean"], abs=0.02)
    assert record["averaged"]["before"]["contrast"]["mean"] == pytest.approx(0.75, abs=0.05)
    assert any("can tell A from C; the experiment can" in words for words in record["warnings"])


def test_it_is_printed_in_sentences(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("cells.csv").write_text('do,estimate,se\n"x=0,1",2.5,0.2\nx+=1,2.4,0.3\n')
    printed = run(capsys, *PAIR, "--experiment", "x+=1: y=2.6 +- 0.3", "--experiments", "cells.csv")
    assert "A foresaw" in printed
    assert "The experiment and the data disagree under A by" in printed
    assert "No hypothesis had foreseen" in printed
    assert "before the experiments" in printed


def test_without_experiments_there_are_none(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = json.loads(run(capsys, *PAIR, "--json"))
    assert record["experiments"] == []
    assert record["hypotheses"][0]["before"] is None
    assert "before the experiments" not in run(capsys, *PAIR)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--experiment", "x+=1: y=2.6"), "no result of an experiment"),
        (("--experiment", "x+=1: y=2.6±0.3 @ y=1..2"), "follows from what is set"),
        (("--experiment", "y+=1: y=2.6±0.3"), "what is asked about"),
        (("--experiments", "nowhere.csv"), "cannot be read"),
    ],
)
def test_what_is_no_experiment_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, str], words: str
) -> None:
    said = run(capsys, *PAIR, *arguments, status=2)
    assert words in said
    assert "hint: " in said
