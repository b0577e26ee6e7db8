"""Arrows that may bend, groups and interactions, from the hypotheses to the comparison."""

import json

import numpy as np
import pandas as pd
import pytest

from core.cli.main import main
from core.data.dataset import Dataset
from core.errors import ModelError
from core.hypothesis import Edge, Hypothesis, Node
from core.study import compare, reopen
from core.study.bending import bending


def fork(n: int = 300, seed: int = 0) -> Dataset:
    rng = np.random.default_rng(seed)
    z = rng.normal(size=n)
    x = z**2 + rng.normal(size=n)
    return Dataset.from_frame(pd.DataFrame({"z": z, "x": x, "y": z**2 + 0.5 * x + rng.normal(size=n)}))


TRUE = Hypothesis(
    "true", (Node("z"), Node("x"), Node("y")), (Edge("z", "x"), Edge("z", "y"), Edge("x", "y")),
    exposure="x", outcome="y",
)  # fmt: skip


def test_the_effect_comes_back_once_what_causes_both_may_bend() -> None:
    straight, bent = (compare(fork(), [one]).hypotheses[0].effects[0] for one in (TRUE, bending(TRUE)))
    assert straight.q05 is not None
    assert straight.q05 > 0.8  # what the curve does to both is taken for an effect
    assert bent.q05 is not None
    assert bent.q95 is not None
    assert bent.q05 < 0.5 < bent.q95


def test_what_bends_is_said_and_what_does_not() -> None:
    found = compare(fork(), [bending(TRUE)])
    bends = {(edge.source, edge.target): edge.bends for edge in found.hypotheses[0].edges}
    assert bends["z", "x"] == bends["z", "y"] == pytest.approx(1.0, abs=0.01)
    straight = bends["x", "y"]
    assert straight is not None
    assert straight < 0.5
    (said,) = [words for words in found.warnings if "may bend" in words]
    assert said.startswith("Of 3 arrows that may bend 2 probably do: z -> ")
    assert "over 0.99" in said
    record = found.to_dict()["hypotheses"][0]["edges"]
    assert {edge["form"] for edge in record} == {"auto"}
    assert all(len(edge["curve"]["at"]) == len(edge["curve"]["mean"]) for edge in record)
    assert "it bends" in repr(found)


def test_a_form_that_was_chosen_stays_and_only_some_arrows_may_bend() -> None:
    chosen = Hypothesis("h", TRUE.nodes, (Edge("z", "x", form="quadratic"), *TRUE.edges[1:]))
    assert [edge.form for edge in bending(chosen).edges] == ["quadratic", "auto", "auto"]
    assert [edge.form for edge in bending(chosen, [("x", "y"), ("a", "b")]).edges] == ["quadratic", "linear", "auto"]


def test_on_the_command_line(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    data, graph = tmp_path / "data.csv", tmp_path / "h.dagitty"
    fork(120).table.to_csv(data, index=False)
    graph.write_text("dag { z -> x z -> y x -> y x [exposure] y [outcome] }")
    assert main(["compare", str(data), "-H", f"A={graph}", "--bend", "--json", "--quiet", "--no-cache"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert {edge["form"] for edge in record["hypotheses"][0]["edges"]} == {"auto"}
    assert any("may bend" in words for words in record["warnings"])


def groups(n: int = 200, seed: int = 1) -> Dataset:
    rng = np.random.default_rng(seed)
    school = rng.integers(0, 12, n)
    level = rng.normal(size=12)
    x = level[school] + rng.normal(size=n)
    return Dataset.from_frame(
        pd.DataFrame({"x": x, "y": 2 * level[school] + 0.5 * x + 0.5 * rng.normal(size=n), "school": school + 100})
    )


def test_a_group_is_conditioned_on_and_takes_its_part() -> None:
    plain = Hypothesis("plain", (Node("x"), Node("y")), (Edge("x", "y"),), exposure="x", outcome="y")
    varying = Hypothesis(
        "varying", (Node("x", group="school"), Node("y", group="school")), (Edge("x", "y"),), exposure="x", outcome="y"
    )
    found = compare(groups(), [plain, varying], rows="none")
    one, two = (h.effects[0] for h in found.hypotheses)
    assert one.q05 is not None
    assert one.q05 > 0.6  # schools move both
    assert two.q05 is not None
    assert two.q95 is not None
    assert two.q05 < 0.5 < two.q95
    record = found.to_dict()
    assert {node["name"] for h in record["hypotheses"] for node in h["nodes"]} == {"x", "y"}
    assert not any("varying leaves out" in words for words in found.warnings)
    denied = [claim for claim in found.hypotheses[0].implications if claim.contradicted]
    assert {frozenset((claim.x, claim.y)) for claim in denied} >= {frozenset(("school", "y"))}


def test_a_comparison_with_groups_is_opened_again_from_the_rows_as_they_came() -> None:
    varying = Hypothesis("varying", (Node("x"), Node("y", group="school")), (Edge("x", "y"),))
    found = compare(groups(), [varying], rows="none")
    assert groups().column("school").kind != "category"
    effect = reopen(found, groups()).effect("varying", "x", "y")
    assert effect.mean == pytest.approx(0.5, abs=0.1)


def test_a_slope_differs_by_what_is_a_cause_too() -> None:
    alone = Hypothesis("h", (Node("x"), Node("y"), Node("school")), (Edge("x", "y", by="school"),))
    with pytest.raises(ModelError, match="no cause of 'y'"):
        compare(groups(), [alone])
