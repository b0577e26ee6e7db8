"""Bounds from rows: the vitamin A trial of Balke & Pearl (1997), and why there are none elsewhere."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.cli.main import main
from core.data.dataset import Dataset
from core.hypothesis import Hypothesis
from core.study.bounding import bounds_for

GRAPH = "dag { offered took [exposure] survived [outcome] offered -> took took -> survived took <-> survived }"
#: P(survived, took | offered), for (survived, took) = 00, 01, 10, 11.
PUBLISHED = {0: (0.0064, 0.0, 0.9936, 0.0), 1: (0.0028, 0.0010, 0.1972, 0.7990)}


def trial() -> pd.DataFrame:
    rows = [
        (offered, took, survived)
        for offered, chances in PUBLISHED.items()
        for (survived, took), chance in zip([(0, 0), (0, 1), (1, 0), (1, 1)], chances, strict=True)
        for _ in range(round(10_000 * chance))
    ]
    return pd.DataFrame(rows, columns=["offered", "took", "survived"])


def test_the_vitamin_a_trial_leaves_what_was_published() -> None:
    found, reason = bounds_for(Hypothesis.from_dagitty(GRAPH, "H"), Dataset.from_frame(trial()), "took", "survived")
    assert not reason
    assert found is not None
    assert (found.effect.low, found.effect.high) == pytest.approx((-0.1946, 0.0054), abs=1e-4)
    assert found.effect.q05 is not None
    assert found.effect.q95 is not None
    assert found.effect.q05 < found.effect.low < found.effect.high < found.effect.q95
    by_level = dict(found.chances)
    assert by_level["1"].high - by_level["0"].low >= found.effect.high - 1e-9


def test_the_command_says_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, graph = tmp_path / "trial.csv", tmp_path / "trial.dagitty"
    trial().to_csv(data, index=False)
    graph.write_text(GRAPH, encoding="utf-8")
    assert main(["identify", str(data), "-H", str(graph), "--json", "--quiet"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["identified"] is False
    assert (record["bounds"]["low"], record["bounds"]["high"]) == pytest.approx((-0.1946, 0.0054), abs=1e-4)
    assert {one["do"] for one in record["bounds"]["chances"]} == {"0", "1"}
    assert record["bounds_reason"] is None
    assert main(["identify", str(data), "-H", str(graph), "--quiet"]) == 0
    assert "lies from -0.195 to 0.00540" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("dag { x -> y x <-> y }", "x and y are numbers"),
        ("dag { a -> b a <-> b c }", "no column c"),
        ("dag { a -> b a <-> b d e f g h }", "up to five"),
    ],
)
def test_why_there_are_none(text: str, says: str) -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({name: rng.integers(0, 2, 60) for name in "abdefgh"})
    frame = frame.assign(x=rng.normal(size=60), y=rng.normal(size=60))
    hypothesis = Hypothesis.from_dagitty(text, "H")
    ends = ("x", "y") if "x ->" in text else ("a", "b")
    found, reason = bounds_for(hypothesis, Dataset.from_frame(frame), *ends)
    assert found is None
    assert says in reason
