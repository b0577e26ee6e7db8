"""``whyboard decide``: against optima known from the model that the data came from."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.cli import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sales saturate in tv and fall with price; whether season is a common cause is what the hypotheses differ in."""
    folder = tmp_path_factory.mktemp("decide")
    rng = np.random.default_rng(0)
    season, price = rng.normal(size=500), rng.normal(20, 2, 500)
    tv = np.clip(3 + season + rng.normal(size=500), 0.05, None)
    promo = rng.integers(0, 2, 500)
    sales = 20 + 3 * tv - 0.25 * tv**2 - 0.5 * price + 2 * season + 1.5 * promo + rng.normal(size=500)
    frame = {"season": season, "price": price, "tv": tv, "promo": np.where(promo == 1, "yes", "no"), "sales": sales}
    frame["region"] = rng.choice(["north", "south", "west"], 500)
    pd.DataFrame(frame).to_csv(folder / "data.csv", index=False)
    nodes = [{"name": name} for name in ("season", "price", "tv", "promo", "sales", "region")]
    edges = [{"source": name, "target": "sales"} for name in ("price", "promo", "region")]
    edges.append({"source": "tv", "target": "sales", "form": "quadratic"})
    native = {"format": "whyboard-hypothesis/1", "nodes": nodes, "edges": edges}
    (folder / "b.json").write_text(json.dumps(native))
    native["edges"] = [*edges, {"source": "season", "target": "sales"}, {"source": "season", "target": "tv"}]
    (folder / "a.json").write_text(json.dumps(native))
    (folder / "c.dagitty").write_text("dag { sales -> tv season -> tv price -> sales promo -> sales region -> sales }")
    return folder


@pytest.fixture(autouse=True)
def _there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("WHYBOARD_HOME", str(folder / "home"))


RIVALS = ("decide", "data.csv", "-H", "A=a.json", "-H", "B=b.json", "--outcome", "sales")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    status = main([*arguments, "--quiet"])
    out, err = capsys.readouterr()
    assert status == 0, err
    assert err == ""
    return out


def decided(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    return json.loads(run(capsys, *RIVALS, *arguments, "--json"))


def test_the_best_is_where_one_more_brings_what_it_costs(capsys: pytest.CaptureFixture[str]) -> None:
    """3 tv - tv^2 / 4 at a cost of 1: 3 - tv / 2 = 1, so 4 if season is held; price as low as is allowed."""
    found = decided(capsys, "--choose", "tv=0.1:9", "--choose", "price=16:24", "--cost", "tv=1", "--seed", "3")
    assert found["format"] == "whyboard-decide/1"
    assert found["utility"] == "sales - 1 * tv"
    best = found["best"]["expected"]
    assert best["action"]["tv"] == pytest.approx(4, abs=0.6)
    assert best["action"]["price"] == 16
    assert best["q05"] < best["mean"] < best["q95"]
    assert best["cvar"] < best["mean"]
    assert sum(best["uncertainty"].values()) == pytest.approx(1)
    assert found["now"]["mean"] < best["mean"]
    assert [own["name"] for own in found["hypotheses"]] == ["A", "B"]
    assert found["hypotheses"][0]["weight"] > 0.99
    assert any("no curve in price" in warning for warning in found["warnings"])
    assert any("best price" in warning and "least that is allowed" in warning for warning in found["warnings"])
    again = decided(capsys, "--choose", "tv=0.1:9", "--choose", "price=16:24", "--cost", "tv=1", "--seed", "3")
    assert again == found


def test_the_rival_that_forgets_a_cause_would_choose_more(capsys: pytest.CaptureFixture[str]) -> None:
    found = decided(capsys, "--choose", "tv=0.1:9", "--cost", "tv=1")
    a, b = (own["best"]["action"]["tv"] for own in found["hypotheses"])
    assert b > a + 0.5
    safest = found["best"]["regret"]["action"]["tv"]
    assert a < safest < b
    rows = {row["name"]: row["regrets"] for row in found["regret_matrix"]}
    assert max(rows["safest"]) < min(max(rows["best if A is right"]), max(rows["best if B is right"]))


def test_budget_limit_switch_and_formula(capsys: pytest.CaptureFixture[str]) -> None:
    """The switch brings 1.5 and takes 1 of a budget that could buy tv, of which one more brings up to 2 there."""
    found = decided(
        capsys, "--choose", "tv=0.1:9", "--choose", "promo=no:yes", "--cost", "tv=1", "--cost", "promo=1",
        "--budget", "3", "--limit", "tv <= 2.5", "--utility", "sales > 18", "--spread", "1",
    )  # fmt: skip
    assert set(found["best"]) == {"expected", "cvar", "regret", "spread", "likely"}, "B counts for under 1 %"
    for scored in (*found["best"].values(), *found["frontier"]):
        action = scored["action"]
        assert action["promo"] in ("no", "yes")
        assert action["tv"] <= 2.5 + 1e-9
        assert action["tv"] + (action["promo"] == "yes") <= 3 + 1e-6
        assert 0 <= scored["mean"] <= 1
    best = found["best"]["expected"]["action"]
    assert best["promo"] == "yes"
    assert best["tv"] == pytest.approx(2, abs=1e-3)


def test_a_hypothesis_in_which_nothing_leads_there_loses_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = (
        "decide",
        "data.csv",
        "-H",
        "A=a.json",
        "-H",
        "C=c.dagitty",
        "--choose",
        "tv=0.1:9",
        "--outcome",
        "sales",
    )
    found = json.loads(run(capsys, *arguments, "--json"))
    assert "If C is right, tv changes nothing that counts here." in found["warnings"]
    assert found["hypotheses"][1]["regret"] == pytest.approx(0, abs=1e-9)


def test_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    text = run(capsys, *RIVALS, "--choose", "tv=0.1:9", "--cost", "tv=1", "--budget", "8")
    for words in (
        "How much to choose: tv 0.100 to 9.00, budget 8.00",
        "made large: sales - 1 * tv",
        "by its worst draws",
        "if A is right",
        "safest",
        "knowing which hypothesis is right is worth",
        "as observed, on average",
    ):
        assert words in text
    one = run(capsys, "decide", "data.csv", "-H", "A=a.json", "--choose", "tv=0.1:9", "--outcome", "sales")
    assert "what is lost" not in one


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "nothing to choose"),
        (("--choose", "tv=9:1"), "lower bound"),
        (("--choose", "tv=1-9"), "no range"),
        (("--choose", "tv"), "has no '='"),
        (("--choose", "radio=1:9"), "no node 'radio'"),
        (("--choose", "tv=0:x"), "'x' is no number"),
        (("--choose", "promo=0:2"), "cannot be set to '2'"),
        (("--choose", "region=north:west"), "have no order"),
        (("--choose", "promo=maybe:yes"), "cannot be set to 'maybe'"),
        (("--choose", "tv=1:9", "--utility", "sales -"), "utility, character 8: the formula ends too early"),
        (("--choose", "tv=1:9", "--utility", "sales - price"), "no 'price' here"),
        (("--choose", "tv=1:9", "--limit", "tv * tv < 3"), "not linear"),
        (("--choose", "tv=1:9", "--risk", "0"), "no share of draws"),
        (("--choose", "tv=1:9", "--cost", "price=1"), "'price' is not chosen"),
        (("--choose", "tv=5:9", "--budget", "4"), "no choice meets"),
        (("--choose", "sales=5:9"), "and it is set too"),
        (("--choose", "tv=1:9", "--outcome", "profit"), "not a node"),
        (("--choose", "tv=1:9", "--outcome", "region"), "no number says"),
    ],
)
def test_refusals(arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*RIVALS, *arguments, "--quiet"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    first, second = err.splitlines()
    assert words in first
    assert second.startswith("hint: ")
