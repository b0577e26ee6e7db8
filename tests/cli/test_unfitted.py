"""``whyboard effect`` of hypotheses with unmeasured causes: each has its place, beside fitted ones or alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.cli import main
from tests.cli.test_acting import documented, keys_of
from tests.study.test_bounding import GRAPH, trial
from tests.study.test_unfitted import numbers

GRAPHS = {
    "A": "dag { z -> x x -> y }",
    "B": "dag { z -> x z -> y x -> y x <-> y }",
    "C": "dag { z -> x z -> y x -> y }",
    "D": "dag { x -> m m -> y x <-> y }",
    "E": "dag { z <-> x z <-> y z -> y x -> y }",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHYBOARD_HOME", str(tmp_path / "home"))
    numbers(300).table[["z", "x", "m", "y"]].to_csv("data.csv", index=False)
    trial().to_csv("trial.csv", index=False)
    for name, text in GRAPHS.items():
        Path(f"{name}.dagitty").write_text(text)
    Path("trial.dagitty").write_text(GRAPH)
    return tmp_path


def printed(capsys: pytest.CaptureFixture[str], names: str, *more: str, command: str = "effect") -> str:
    rivals = [part for name in names for part in ("-H", f"{name}={name}.dagitty")]
    status = main([command, "data.csv", *rivals, *more, "--quiet"])
    out, err = capsys.readouterr()
    assert status == 0, err
    return out


ASKED = ("--do", "x=0,1", "--outcome", "y")


def record_of(capsys: pytest.CaptureFixture[str], names: str, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(printed(capsys, names, *ASKED, *more, "--json"))
    return found


def test_every_hypothesis_has_a_record_in_its_order(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = record_of(capsys, "EDABC")
    by_name = {one["name"]: one for one in record["hypotheses"]}
    assert list(by_name) == list("EDABC")
    assert {name: one["identified"] for name, one in by_name.items()} == {
        "A": True, "B": False, "C": True, "D": True, "E": False,
    }  # fmt: skip
    assert all(set(one) == set(by_name["A"]) for one in by_name.values())
    for name in "EDB":
        one = by_name[name]
        assert (one["values"], one["contrast"], one["uncertainty"], one["weight"]) == ([], None, None, 0.0)
        assert one["fitted"] is False
        assert "unmeasured cause" in one["reason"]
    assert by_name["A"]["fitted"] is True
    assert by_name["D"]["estimate"]["by"] == "front door"
    b = by_name["B"]
    assert b["prior"]["q05"] < b["prior"]["q50"] < b["prior"]["q95"]
    assert b["posterior"]["q05"] < b["without"]["mean"] < b["posterior"]["q95"]
    assert b["ways_out"] == [{"deny": ["x", "y"], "measure": [], "denied_by": ["A", "C", "E"]}] or [
        sorted(way["deny"][0]) for way in b["ways_out"]
    ] == [["x", "y"]]
    assert set(b["ways_out"][0]["denied_by"]) == {"A", "C", "E"}
    assert "so that what is observed fits more than one effect" in by_name["E"]["reason"]
    assert any("the average leaves out E, D and B, which cannot be fitted" in text for text in record["warnings"])
    assert record["averaged"]["contrast"] is not None
    alone = record_of(capsys, "AC")
    assert alone["averaged"] == record["averaged"]


def test_every_field_is_in_the_contract(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = {"x", "format", "warnings", "mean", "sd", "q05", "q95"}
    assert keys_of(record_of(capsys, "ABDE")) - documented("effect") - made == set()


def test_where_none_can_be_fitted_each_is_answered(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = record_of(capsys, "BD", "--naive", "--mediation")
    b, d = record["hypotheses"]
    assert (b["name"], d["name"]) == ("B", "D")
    assert b["posterior"] is not None
    assert d["estimate"]["contrast"]["mean"] > 0
    assert record["averaged"]["contrast"] is None
    assert record["averaged"]["weight"] == 0.0
    assert (record["naive"], record["mediation"], record["experiments"]) == ([], [], [])
    assert record["rows"] == 300
    out = printed(capsys, "BD", *ASKED)
    assert out.startswith("y: x 0.0 -> x 1.0 (300 rows)")
    assert "B: Prior beside posterior, no estimate: with no unmeasured cause" in out
    assert "No hypothesis can be fitted, so that there is no average." in out


def test_it_is_printed_below_the_others(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "ABE", *ASKED)
    assert "Hypotheses that cannot be fitted, and what they say all the same" in out
    assert "(so say A and E)" in out
    assert "E: Cannot be known from this, because unmeasured causes tie z, x and y together" in out
    assert "The average leaves out B and E, which cannot be fitted." in out
    shifted = printed(capsys, "AB", "--do", "x+=1", "--outcome", "y")
    assert "B: Prior beside posterior" in shifted
    single = printed(capsys, "AB", "--do", "x=1", "--outcome", "y")
    assert "B: Cannot be known from this, because of a hypothesis" in single


def test_levels_have_bounds(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["effect", "trial.csv", "-H", "T=trial.dagitty", "--do", "took=0,1", "--outcome", "survived"]
    status = main([*asked, "--json", "--quiet"])
    (one,) = json.loads(capsys.readouterr().out)["hypotheses"]
    assert status == 0
    assert (one["bounds"]["low"], one["bounds"]["high"]) == pytest.approx((-0.1946, 0.0054), abs=1e-4)


def test_a_comparison_invents_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be fitted is refused there as it was, and has no effect in any record."""
    rivals = [part for name in "AB" for part in ("-H", f"{name}={name}.dagitty")]
    assert main(["compare", "data.csv", *rivals, "--effect", "x:y", "--json", "--quiet"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "share an unmeasured cause (bidirected arc), which this version cannot fit" in err
