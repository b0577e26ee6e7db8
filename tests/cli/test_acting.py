"""``whyboard effect``: its record, what is printed, what it refuses; and the effect by its ways."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.cli import main

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample_data" / "mediation"
GRAPHS = {
    "A": "dag { age -> {x y} x -> {m y} m -> y kind -> y }",
    "B": "dag { age -> {x y} x -> m m -> y kind -> y }",
    "C": "dag { age -> {x y} y -> x x -> m kind -> y }",
}
RIVALS = [part for name in GRAPHS for part in ("-H", f"{name}={name}.dagitty")]
ASKED = ("effect", "data.csv", *RIVALS, "--outcome", "y", "--quiet")
SUMMARY = {"mean", "sd", "q05", "q95"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHYBOARD_HOME", str(tmp_path / "home"))
    rng = np.random.default_rng(0)
    age = rng.normal(size=300)
    kind = rng.choice(["a", "b", "c"], 300)
    x = 0.5 * age + rng.normal(size=300)
    m = 0.8 * x + rng.normal(size=300)
    y = 0.5 * m + 0.6 * x + 0.4 * age + (kind == "c") + rng.normal(size=300)
    pd.DataFrame({"age": age, "kind": kind, "x": x, "m": m, "y": y}).to_csv("data.csv", index=False)
    for name, graph in GRAPHS.items():
        Path(f"{name}.dagitty").write_text(graph)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    found = main(arguments)
    out, err = capsys.readouterr()
    assert found == status, err
    return out if status == 0 else err


def record_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(capsys, *ASKED, *arguments, "--json"))
    return found


def test_rows_without_a_value_are_told_of(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = Path("data.csv").read_text().splitlines()
    text[5] = ",".join(["", *text[5].split(",")[1:]])
    Path("data.csv").write_text("\n".join(text) + "\n")
    assert "has no value there: 1" in " ".join(record_of(capsys, "--do", "x=0,1")["warnings"])


# -- the record ---------------------------------------------------------------------------


def documented(row: str) -> set[str]:
    """Return the words in backticks in a row of the contract's table."""
    line = next(
        line
        for line in (ROOT / "docs" / "contract.md").read_text().splitlines()
        if line.startswith(f"| `{row}` | `do`")
    )
    return set(re.findall(r"[a-z_0-9]+", " ".join(re.findall(r"`([^`]+)`", line))))


def keys_of(record: Any) -> set[str]:
    if isinstance(record, dict):
        return set(record).union(*(keys_of(value) for value in record.values()))
    return set().union(*(keys_of(value) for value in record)) if isinstance(record, list) else set()


def test_every_field_is_in_the_contract(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    everything = ("--naive", "--mediation", "--per-row", "rows.csv", "--experiment", "x=0,1: y=1.0±0.3")
    record = record_of(capsys, "--do", "x=0,1", *everything)
    made = {"x", "format", "warnings"} | SUMMARY  # x is the user's; two are of every answer
    written = keys_of({key: value for key, value in record.items() if key != "naive"})
    assert written - documented("effect") - made == set()
    assert record["format"] == "whyboard-effect/1"


def test_the_record_says_what_follows(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = record_of(capsys, "--do", "x=0,1")
    assert record["do"] == [{"x": 0.0}, {"x": 1.0}]
    assert (record["outcome"], record["given"], record["rows"]) == ("y", None, 300)
    assert (record["naive"], record["mediation"], record["experiments"]) == ([], [], [])
    a, b, c = record["hypotheses"]
    assert [one["name"] for one in (a, b, c)] == ["A", "B", "C"]
    assert sum(one["weight"] for one in (a, b, c)) == pytest.approx(1.0)
    assert a["contrast"]["mean"] == pytest.approx(1.0, abs=0.25)
    assert c["contrast"]["mean"] == 0
    assert c["reason"] == "no path leads there"
    for one in (a, b, record["averaged"]):
        assert one["identified"]
        assert set(one["contrast"]) >= SUMMARY
        assert [value["do"] for value in one["values"]] == record["do"]
        shares = one["uncertainty"]
        assert sum(share for share in shares.values() if share) == pytest.approx(1.0)


def test_some_rows_and_a_move(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    everybody, some = record_of(capsys, "--do", "x+=1"), record_of(capsys, "--do", "x+=1", "--given", "kind=c")
    assert some["given"] == "kind=c"
    assert some["rows"] < everybody["rows"] == 300
    assert some["do"] == [{}, {"x": "+1"}]


def test_plain_estimates_stand_beside_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = record_of(capsys, "--do", "x=0,1", "--naive")
    assert len(record["naive"]) > 1
    assert all(one["why"] for one in record["naive"])
    printed = run(capsys, *ASKED, "--do", "x=0,1", "--naive")
    assert "What is commonly computed of the same rows, and why it differs" in printed


def test_a_run_is_repeatable(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("--do", "x=0,1", "--mediation", "--seed")
    first, again, other = (record_of(capsys, *asked, seed) for seed in ("3", "3", "4"))
    assert first == again
    assert first["hypotheses"] != other["hypotheses"]


# -- as text ------------------------------------------------------------------------------


def test_it_is_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = run(capsys, *ASKED, "--do", "x=0,1")
    assert printed.startswith("y: x 0.0 -> x 1.0 (300 rows)")
    for words in ("average, with 90 % intervals", "difference", "one row in the last", "C: no path leads there."):
        assert words in printed
    assert "By which way" not in printed


# -- refusals -----------------------------------------------------------------------------

REFUSED: dict[str, tuple[tuple[str, ...], str]] = {
    "unknown node": (("--do", "gone=1,2"), "gone"),
    "nothing done": ((), "nothing is done"),
    "outcome is set": (("--do", "y=1,2"), "y"),
    "numbers of values": (("--do", "x=0,1", "--do", "m=0,1,2"), "the settings have different numbers of values"),
    "given follows": (("--do", "x=0,1", "--given", "m=0..1"), "'m' follows from what is set, under 'A'"),
    "given twice": (("--do", "x=0,1", "--given", "kind=a", "--given", "kind=b"), "more than one condition"),
    "plain of a move": (("--do", "x+=1", "--naive"), "plain estimates are of one node"),
    "ways of a move": (("--do", "x+=1", "--mediation"), "the ways are of one node that goes from one value to another"),
    "ways of two": (("--do", "x=0,1", "--do", "age=0,1", "--mediation"), "the ways are of one node"),
    "a way alone": (("--do", "x=0,1", "--through", "m"), "a way was named, and no ways are asked for"),
    "unknown way": (("--do", "x=0,1", "--mediation", "--through", "gone"), "there is no node 'gone'"),
    "no way": (("--do", "x=0,1", "--mediation", "--through", "age"), "'age' does not lie between 'x' and 'y'"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_say_what_and_what_to_do(folder: Path, capsys: pytest.CaptureFixture[str], case: str) -> None:
    arguments, words = REFUSED[case]
    said = run(capsys, *ASKED, *arguments, status=2)
    assert words in said
    assert "hint: " in said


def test_an_unknown_outcome_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, "effect", "data.csv", *RIVALS, "--do", "x=0,1", "--outcome", "gone", "--quiet", status=2)
    assert "'gone' is not a node of any hypothesis" in said


# -- by its ways --------------------------------------------------------------------------


def test_the_effect_is_parted_by_its_ways(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = record_of(capsys, "--do", "x=0,1", "--mediation")
    a, b, c = record["mediation"]
    assert [one["hypothesis"] for one in (a, b, c)] == ["A", "B", "C"]
    assert a["mediators"] == ["m"]
    assert a["direct"]["mean"] + a["indirect"]["mean"] == pytest.approx(a["total"]["mean"])
    assert a["direct"]["mean"] == pytest.approx(0.6, abs=0.25)
    assert a["total"]["mean"] == pytest.approx(record["hypotheses"][0]["contrast"]["mean"], abs=0.03)
    assert [path["arrow"] for path in a["paths"]] == [["x", "m"], ["x", "y"]]
    assert sum(path["share"] for path in a["paths"]) == pytest.approx(1.0)
    assert b["direct"]["mean"] == 0
    assert b["paths"][0]["share"] == pytest.approx(1.0)
    assert (c["total"], c["paths"], c["reason"]) == (None, [], "no path leads from x to y")


def test_the_ways_are_printed_in_sentences(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = run(capsys, *ASKED, "--do", "x=0,1", "--mediation", "--through", "m")
    assert re.search(r"Of [\d.]+ more y, [\d.]+ come by way of m, [\d.]+ directly, if A is right\.", printed)
    assert re.search(r"Of [\d.]+ more y, all comes by way of m, if B is right\.", printed)
    assert "C: no path leads from x to y." in printed


def test_among_some_rows_and_with_an_experiment(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("--do", "x=0,1", "--mediation")
    before = record_of(capsys, *asked, "--given", "kind=a")["mediation"][0]
    after = record_of(capsys, *asked, "--experiment", "x=0,1: y=1.5±0.05")["mediation"][0]
    assert after["total"]["mean"] > before["total"]["mean"] + 0.1
    assert after["total"]["sd"] < before["total"]["sd"]


def test_the_coaching_sample_finds_what_made_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rivals = [part for name in "abc" for part in ("-H", f"{name.upper()}={SAMPLE / name}.dagitty")]
    asked = ("effect", str(SAMPLE / "data.csv"), *rivals, "--do", "coaching=10,11", "--mediation", "--json", "--quiet")
    a, b, c = json.loads(run(capsys, *asked))["mediation"]
    for name, truth in {"total": 1.65, "direct": 0.9, "indirect": 0.75}.items():  # of its card
        assert abs(a[name]["mean"] - truth) < 2 * a[name]["sd"]
        assert a[name]["q05"] < truth < a[name]["q95"]
    assert b["direct"]["mean"] == 0
    assert c["indirect"]["mean"] == 0
    assert c["total"]["mean"] == pytest.approx(a["total"]["mean"], abs=0.02)
