"""`whyboard identify`: its fields, its sentences, its refusals."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.cli import main

CONFOUNDED = (
    "dag { ads [exposure] sales [outcome] taste [latent] season -> {ads sales} ads -> visits -> sales price -> sales "
    "ads -> trust <- sales taste -> signups }"
)
BOW = "dag { z -> x -> y x <-> y }"
NAPKIN = "dag { w -> z -> x -> y x [exposure] y [outcome] w <-> x w <-> y }"
MARKS = {"name": "ads"}, {"name": "sales"}, {"name": "region"}, {"name": "age"}
BACKGROUND = {
    "format": "whyboard-hypothesis/1",
    "nodes": list(MARKS),
    "edges": [
        {"source": "ads", "target": "sales"},
        {"source": "region", "target": "ads"},
        {"source": "age", "target": "sales"},
    ],
    "background": ["region", "age"],
}
GROUPED = {
    "format": "whyboard-hypothesis/1",
    "nodes": [{"name": "ads", "group": "shop"}, {"name": "sales", "group": "shop"}],
    "edges": [{"source": "ads", "target": "sales"}],
    "exposure": "ads",
    "outcome": "sales",
}
FIELDS = {
    "format", "treatment", "outcome", "given", "background", "identified", "no_effect", "left_open", "sentence",
    "adjustment_sets", "direct_adjustment_sets", "front_door", "instruments", "formula", "by", "any_value", "hedge",
    "ways_out", "roles", "advice", "paths", "more", "transport",
    "bounds",
    "bounds_reason", "warnings",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHYBOARD_HOME", str(tmp_path / "home"))
    texts = {"a.dagitty": CONFOUNDED, "bow.dagitty": BOW, "napkin.dagitty": NAPKIN}
    texts |= {"background.json": json.dumps(BACKGROUND), "grouped.json": json.dumps(GROUPED)}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(("identify", *arguments, "--json", "--quiet")) == 0
    out, err = capsys.readouterr()
    assert err == ""
    record = json.loads(out)
    assert set(record) == FIELDS
    return record


def text(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(("identify", *arguments)) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, str]:
    assert main(("identify", *arguments, "--quiet")) == 2
    out, err = capsys.readouterr()
    assert out == ""
    error, hint = err.rstrip("\n").split("\n")
    assert error.startswith("error: ")
    assert hint.startswith("hint: ")
    return error, hint


def test_the_fields(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = answer(capsys, "-H", "a.dagitty", "--effect", "ads:sales")
    assert record["format"] == "whyboard-identify/1"
    assert (record["treatment"], record["outcome"]) == ("ads", "sales")
    assert (record["identified"], record["no_effect"], record["left_open"]) == (True, False, False)
    assert record["adjustment_sets"] == [["season"]]
    assert record["direct_adjustment_sets"] == [["season", "visits"]]
    assert record["front_door"] == [["visits"]]
    assert record["instruments"] == []
    assert record["formula"] == "Σ_season P(sales | ads, season) P(season)"
    assert record["by"] == "adjustment"
    assert record["hedge"] is record["transport"] is None
    assert record["more"] == record["ways_out"] == record["any_value"] == record["given"] == record["warnings"] == []
    assert record["roles"]["season"] == ["confounder"]
    assert record["roles"]["taste"] == ["unmeasured", "unrelated"]
    assert set(record["roles"]) == {"ads", "sales", "season", "visits", "price", "trust", "taste", "signups"}
    assert {one["name"]: one["act"] for one in record["advice"]} == {
        "season": "adjust", "visits": "avoid", "trust": "avoid", "price": "may", "taste": "leave", "signups": "leave",
    }  # fmt: skip
    assert record["paths"][0] == {
        "nodes": ["ads", "visits", "sales"],
        "marks": ["→", "→"],
        "kind": "causal",
        "causal": True,
        "blocked_by": [],
    }
    assert {path["kind"] for path in record["paths"]} == {"causal", "biasing", "blocked"}


def test_the_marked_exposure_and_outcome_are_asked_about_unless_others_are(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = answer(capsys, "-H", "a.dagitty", "--effect", "ads:sales")
    assert answer(capsys, "-H", "a.dagitty") == asked
    assert answer(capsys, "-H", "Marketing=a.dagitty", "--effect", "price:sales")["treatment"] == "price"


def test_an_instrument_alone_leaves_it_unidentified(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = answer(capsys, "-H", "bow.dagitty", "--effect", "x:y")
    assert record["identified"] is False
    assert record["instruments"] == [{"instrument": "z", "given": []}]
    assert record["adjustment_sets"] == record["front_door"] == []
    assert record["formula"] is record["by"] is None
    assert record["hedge"] == [["x", "y"], ["y"]]
    assert record["ways_out"] == [{"deny": [["x", "y"]], "measure": []}]
    said = text(capsys, "-H", "bow.dagitty", "--effect", "x:y")
    assert said.startswith("The effect of x on y cannot be known from what is observed")
    assert "It could be known if nothing unmeasured acted on both x and y." in said
    assert "z can serve as an instrument: in a linear model the effect follows from it." in said


def test_the_general_formula(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = answer(capsys, "-H", "napkin.dagitty")
    assert (record["identified"], record["by"], record["any_value"]) == (True, "do-calculus", ["z"])
    assert "/" in record["formula"]
    said = text(capsys, "-H", "napkin.dagitty")
    assert f"P(y | do(x)) = {record['formula']}" in said
    assert "whichever value z may have" in said


def test_no_effect(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = answer(capsys, "-H", "a.dagitty", "--effect", "visits:season")
    assert (record["identified"], record["no_effect"], record["by"]) == (True, True, "no effect")
    assert record["formula"] == "P(season)"
    assert "There is no effect of visits on season" in text(capsys, "-H", "a.dagitty", "--effect", "visits:season")


def test_given(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = answer(capsys, "-H", "a.dagitty", "--given", "season")
    assert record["given"] == ["season"]
    assert record["formula"] == "P(sales | ads, season)"
    assert {path["kind"] for path in record["paths"] if "season" in path["nodes"]} == {"blocked"}
    said = text(capsys, "-H", "a.dagitty", "--given", "season")
    assert "P(sales | do(ads), season)" in said
    assert "season held fixed" in said


def test_carried_over(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = answer(capsys, "-H", "a.dagitty", "--differs", "season")
    assert record["transport"] == {"differs": ["season"], "formula": "Σ_season P(sales | do(ads), season) P*(season)"}
    said = text(capsys, "-H", "a.dagitty", "--differs", "season")
    assert "An experiment on ads tells the effect also where season may come about otherwise:" in said
    lost = answer(capsys, "-H", "bow.dagitty", "--effect", "x:y", "--differs", "y")
    assert lost["transport"] == {"differs": ["y"], "formula": None}
    assert "does not tell the effect where y" in text(capsys, "-H", "bow.dagitty", "--effect", "x:y", "--differs", "y")


def test_background_and_groups(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = answer(capsys, "-H", "background.json", "--effect", "ads:sales")
    assert record["background"] == ["region", "age"]
    assert record["adjustment_sets"] == [["region"], ["age"]]
    left_open = answer(capsys, "-H", "background.json", "--effect", "region:sales")
    assert (left_open["identified"], left_open["left_open"], left_open["formula"]) == (False, True, None)
    assert "left open" in left_open["sentence"]
    assert text(capsys, "-H", "background.json", "--effect", "region:sales").startswith(left_open["sentence"])
    assert answer(capsys, "-H", "grouped.json")["adjustment_sets"] == [["shop"]]


def test_the_text_says_first_what_then_why(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = text(capsys, "-H", "a.dagitty").splitlines()
    assert lines[0] == "The effect of ads on sales can be known from what is observed: adjust for season."
    assert lines[1] == "  P(sales | do(ads)) = Σ_season P(sales | ads, season) P(season)"
    place = lines.index("What to do with each variable")
    assert lines[place + 1] == "  Adjust for season: it acts on both ads and sales."
    assert lines[place + 2] == "  Do not condition on visits: it lies on the way from ads to sales."
    assert "There is a second way, through visits (front door)." in lines
    assert any(line.split() == ["ads", "←", "season", "→", "sales", "biasing"] for line in lines)


@pytest.mark.parametrize(
    ("arguments", "words", "hint"),
    [
        ((), "no hypothesis", "-H FILE"),
        (("-H", "bow.dagitty"), "bow.dagitty: no effect is asked for", "--effect X:Y"),
        (("-H", "bow.dagitty", "--effect", "x"), "has no ':'", "--effect ads:sales"),
        (("-H", "bow.dagitty", "--effect", "x:q"), "there is no node 'q'", "z, x, y"),
        (
            ("-H", "bow.dagitty", "--effect", "x:x"),
            "bow.dagitty, node x: 'x' is treatment and outcome",
            "two different",
        ),
        (("-H", "a.dagitty", "--effect", "taste:sales"), "node taste: 'taste' is not measured", "observed"),
        (("-H", "a.dagitty", "--effect", "ads:taste"), "node taste: 'taste' is not measured", "observed"),
        (("-H", "a.dagitty", "--given", "q"), "node q: 'q' is not a node", "name"),
        (("-H", "a.dagitty", "--given", "ads"), "'ads' is given and asked about", "Leave it out"),
        (("-H", "a.dagitty", "--given", "taste"), "'taste' is not measured", "observed"),
        (("-H", "a.dagitty", "--differs", "taste"), "'taste' is not measured", "observed"),
        (("-H", "bow.dagitty", "--effect", "x:y", "--effect", "z:y"), "more than one effect", "one"),
        (("-H", "none.dagitty", "--effect", "x:y"), "none.dagitty", ""),
    ],
)
def test_refusals(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str, hint: str
) -> None:
    error, advice = refused(capsys, *arguments)
    assert words in error
    assert hint in advice


def test_what_a_reader_took_for_what_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "beta.dagitty").write_text("dag { x -> y [beta=1] }")
    assert main(("identify", "-H", "beta.dagitty", "--effect", "x:y")) == 0
    out, err = capsys.readouterr()
    assert "note: beta.dagitty: beta was not kept" in err
    assert main(("identify", "-H", "beta.dagitty", "--effect", "x:y", "--json")) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert any("beta was not kept" in warning for warning in json.loads(out)["warnings"])


def test_for_a_notebook() -> None:
    from core import Hypothesis, identify

    drawn = Hypothesis.from_dagitty(CONFOUNDED)
    assert identify(drawn.graph, "ads", "sales", drawn.background).adjustment_sets.sets == (("season",),)
