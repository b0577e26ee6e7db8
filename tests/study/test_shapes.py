"""Flags of shape in a whole comparison: as facts, as JSON, stored, remembered, overruled, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.worlds import fork
from core import compare
from core.check.tested import Rules
from core.cli import main
from core.comparison.result import Comparison
from core.comparison.storage import comparison_from_bytes, comparison_to_bytes
from core.data.dataset import Dataset
from core.fit.memory import BlockMemory
from core.study import checking
from tests.check.shape_cases import hypothesis
from tests.study.study_cases import named, with_diagnostics

WORLD = fork("quadratic", 1, 200)
RIVALS = [
    hypothesis(WORLD.nodes, WORLD.edges, "True"),
    hypothesis(WORLD.nodes, (*WORLD.edges, WORLD.superfluous), "More"),
]


@pytest.fixture(scope="module")
def data() -> Dataset:
    return Dataset.from_frame(WORLD.table)


@pytest.fixture(scope="module")
def found(data: Dataset) -> Comparison:
    return compare(data, RIVALS, cache=None)


def test_the_facts_have_them(found: Comparison) -> None:
    true, more = found.hypotheses
    assert {(s.node, s.aspect, s.about) for s in true.flagged_shapes} == {("y", "curve", "x"), ("z", "curve", "x")}
    assert {s.node for s in more.flagged_shapes} >= {"y"}
    assert {shape.node for shape in true.shapes} == {"x", "y", "z"}
    assert not true.overruled_shapes


def test_the_record_of_the_contract(found: Comparison) -> None:
    record = json.loads(json.dumps(found.to_dict()))["hypotheses"][0]["shapes"]
    fields = {"node", "aspect", "about", "size", "p_value", "p_adjusted", "flagged", "words", "remedy", "family"}
    assert all(set(one) >= fields for one in record)
    first = next(one for one in record if one["flagged"])
    assert first["remedy"] == "bend"
    assert first["words"].startswith("what x does to y bends")


def test_stored_and_read_back(found: Comparison) -> None:
    again = comparison_from_bytes(comparison_to_bytes(found))
    assert [h.shapes for h in again.hypotheses] == [h.shapes for h in found.hypotheses]
    assert again.rules == found.rules


def test_an_overruled_node_stays_listed_and_reaches_no_verdict(data: Dataset) -> None:
    result = compare(data, RIVALS, rules={"overruled": ["y"]}, cache=None)
    assert result.rules == Rules(overruled=("y",))
    (true, _) = result.hypotheses
    assert {shape.node for shape in true.flagged_shapes} == {"z"}
    assert {shape.node for shape in true.overruled_shapes} == {"y"}
    assert all(shape.flagged and shape.overruled for shape in true.overruled_shapes)
    again = comparison_from_bytes(comparison_to_bytes(result))
    assert again.rules == result.rules
    assert "you take it as it is" in repr(result)


def test_what_was_looked_at_is_remembered(data: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    look = checking.shapes_of

    def counting(model, *rest):  # type: ignore[no-untyped-def]
        seen.append(model.node)
        return look(model, *rest)

    monkeypatch.setattr(checking, "shapes_of", counting)
    cache = BlockMemory()
    first = compare(data, RIVALS, cache=cache)
    assert sorted(seen) == ["x", "y", "z", "z"]  # what the rivals share is looked at once
    second = compare(data, RIVALS, rules={"overruled": ["z"]}, cache=cache)
    assert len(seen) == 4
    assert [len(h.shapes) for h in first.hypotheses] == [len(h.shapes) for h in second.hypotheses]


def test_nothing_of_a_node_whose_sampling_failed(data: Dataset) -> None:
    failing = with_diagnostics("y", rhat_max=1.4, ess_bulk_min=20.0, ess_tail_min=20.0, divergences=0)
    result = compare(data, RIVALS[:1], fit_blocks=failing, cache=None)
    assert {shape.node for shape in result.hypotheses[0].shapes} == {"x", "z"}


def test_no_flags_while_rows_depend() -> None:
    rng = np.random.default_rng(0)
    steps = np.cumsum(rng.normal(size=(2, 400)), axis=1)
    table = pd.DataFrame({"x": steps[0], "y": steps[0] ** 2 / 10 + steps[1]})
    result = compare(Dataset.from_frame(table), named(A="x -> y"), cache=None)
    assert result.sentences[0].startswith("No verdict")
    assert result.hypotheses[0].shapes
    assert not result.hypotheses[0].flagged_shapes


def test_the_text_lists_each_once(found: Comparison) -> None:
    text = repr(found)
    table = text.split("Families that do not fit\n")[1].split("\n\n")[0]
    assert table.count("what x does to y bends") == 1
    assert "True, More" in table
    assert "an arrow that bends" in table
    assert text.index("Families that do not fit") < text.index("How each node was fitted")


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    WORLD.table.to_csv(tmp_path / "d.csv", index=False)
    (tmp_path / "a.txt").write_text("dag { x -> y x -> z }")
    given = ["compare", str(tmp_path / "d.csv"), "-H", f"A={tmp_path / 'a.txt'}", "--json", "--quiet", "--no-cache"]
    assert main([*given, "--overrule", "y", "--overrule", "z"]) == 0
    shapes = json.loads(capsys.readouterr().out)["hypotheses"][0]["shapes"]
    assert {one["node"]: one["overruled"] for one in shapes} == {"x": False, "y": True, "z": True}
    assert any(one["flagged"] for one in shapes)
    assert main([*given, "--overrule", "q"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert "--overrule q" in said.err
    assert "hint: The nodes are: x, y, z." in said.err
