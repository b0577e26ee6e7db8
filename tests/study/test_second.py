"""Overlap and second opinion through the study: which columns, which rows, which scale, and what is said."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.check.tested import Observed
from core.comparison.cautions import effect_cautions
from core.comparison.facts import ColumnFacts, Elpd, Evidence
from core.comparison.result import Comparison, HypothesisFacts
from core.comparison.storage import comparison_from_bytes, comparison_to_bytes
from core.comparison.text import comparison_text
from core.data.dataset import Dataset
from core.data.samples import get_sample
from core.effects.total import Effect
from core.fit.gates import GateReport
from core.fit.posterior import Contrast
from core.hypothesis import Hypothesis
from core.memory import Memory
from core.model.resolve import resolve
from core.study import compare
from core.study.replicating import observed_of
from core.study.second import MOST_ROWS, adjustment, with_opinions


def drawn(text: str, name: str = "A") -> Hypothesis:
    return Hypothesis.from_dagitty(f"dag {{ {text} }}", name)


def opinions(data: Dataset, hypothesis: Hypothesis, effect: Effect, memory: Memory | None = None) -> Effect:
    memory = Memory() if memory is None else memory  # an empty one is false
    return with_opinions(
        hypothesis, resolve(hypothesis, data), observed_of(data, hypothesis.graph.nodes), effect, memory
    )


def reported(x: str, y: str, mean: float = 1.0, **more: object) -> Effect:
    return Effect(x, y, True, str(more.pop("scale", "mean")), mean, 0.1, mean - 0.16, mean + 0.16, **more)  # type: ignore[arg-type]


def lalonde(file: int, hypothesis: int) -> Effect:
    sample = get_sample("lalonde")
    drawn = Hypothesis.read(sample.hypotheses[hypothesis].path)
    return opinions(sample.read(sample.files[file].path), drawn, reported("treat", "re78", 590.0))


def test_the_comparison_group_of_lalonde_has_nobody_like_most_of_it() -> None:
    """Beside 185 trained stand 15,992 of the whole country, most of whom nobody would have offered a training."""
    found = lalonde(1, 1)
    assert found.overlap is not None
    assert found.overlap.share > 0.5
    gates = GateReport(True, None, None, None, None)
    b = HypothesisFacts("B", (), (), (), Elpd(-1, 1, 1, None), Evidence(-1, 0), 0, gates, (), (), (found,))
    columns = {"re78": ColumnFacts("re78", "real", 0), "treat": ColumnFacts("treat", "binary", 0, "job training")}
    first = effect_cautions([b], ("treat", "re78"), columns)[0]
    assert "of rows there is nobody to compare with" in first
    assert "the other value of job training" in first


@pytest.mark.parametrize("hypothesis", [0, 1])
def test_in_the_experiment_everybody_has_others(hypothesis: int) -> None:
    found = lalonde(0, hypothesis)
    assert found.overlap is not None
    assert found.overlap.share == 0
    assert found.second is not None
    assert found.second.estimate.mean == pytest.approx(1794, abs=200)  # the experiment's own answer


def test_it_adjusts_for_causes_of_the_treatment_and_of_what_lies_on_the_way() -> None:
    graph = drawn("z -> x; z -> y; i -> x; x -> m; m -> y; v -> m; w -> y; x -> d; y -> e").graph
    assert adjustment(graph, "x", "y") == (("i", "z"), ("v", "w"))
    assert adjustment(graph, "z", "y") == ((), ("i", "v", "w"))


def rows(n: int = 300, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    z = rng.normal(size=n)
    x = (rng.random(n) < 1 / (1 + np.exp(-(z**2 - 1)))).astype(int)
    k = rng.choice(["a", "b", "c"], n)
    step = np.select([k == "b", k == "c"], [1.0, -1.0], 0.0)
    y = x + z**2 + step + rng.normal(size=n)
    cost = np.exp(0.5 * x + 0.3 * z + 0.5 * rng.normal(size=n))
    return pd.DataFrame({"z": z, "x": x, "k": k, "y": y, "cost": cost})


@pytest.fixture(scope="module")
def compared() -> Comparison:
    data = Dataset.from_frame(rows())
    a, b = drawn("z -> x; z -> y; x -> y"), drawn("z -> x; z -> y", "B")
    return compare(data, [a, b], effects=[("x", "y")])


def test_a_confounder_that_bends_is_said_in_the_verdict_the_text_and_the_record(compared: Comparison) -> None:
    assert any("a regression that may bend gives" in sentence for sentence in compared.sentences)
    assert "(second opinion)" in comparison_text(compared)
    assert "rows with nobody to compare with" in comparison_text(compared)
    a, b = json.loads(json.dumps(compared.to_dict()))["hypotheses"]
    (effect,) = a["effects"]
    assert effect["second"]["differs"]
    assert effect["second"]["way"] == "aipw"
    assert effect["overlap"]["rows"] == 300
    assert effect["second_reason"] is None
    (effect,) = b["effects"]
    assert effect["second"] is None
    assert effect["overlap"] is None
    assert effect["second_reason"] == effect["overlap_reason"] == "no path leads there"


def test_it_is_stored_and_read_back(compared: Comparison) -> None:
    again = comparison_from_bytes(comparison_to_bytes(compared))
    (before,), (after,) = (found.hypotheses[0].effects for found in (compared, again))
    assert after.second == before.second
    assert after.overlap == before.overlap
    assert again.to_dict() == compared.to_dict()


def test_a_skewed_outcome_is_compared_as_a_ratio_and_on_the_mean() -> None:
    data = Dataset.from_frame(rows(600)[["z", "x", "cost"]])
    ratio, mean = {"mean": np.exp(0.5), "sd": 0.05}, {"mean": 0.8, "sd": 0.1}
    effect = reported("x", "cost", 0.7, scale="median", ratio=ratio, on_mean=mean)
    found = opinions(data, drawn("z -> x; z -> cost; x -> cost"), effect).second
    assert found is not None
    assert found.scale == "ratio"
    assert found.estimate.mean == pytest.approx(0.5, abs=3 * found.estimate.se)
    assert found.on_mean is not None
    assert found.on_mean.reported == 0.8
    assert found.on_mean.scale == "mean"


def test_of_several_levels_the_contrast_that_is_farthest_off_is_named() -> None:
    data = Dataset.from_frame(rows(900)[["z", "k", "y"]])
    hypothesis = drawn("z -> y; k -> y")
    spec = resolve(hypothesis, data)
    levels = spec.node("k").response.levels
    common = levels[int(np.argmax(np.bincount(data.values("k").astype(int))))]
    place = {"a": 0.0, "b": 1.0, "c": -1.0}
    contrasts = tuple(
        Contrast(common, other, place[other] - place[common] + (5.0 if other == levels[-1] else 0.0), 0.1, 0.0, 0.0)
        for other in levels
        if other != common
    )
    effect = Effect("k", "y", True, "mean", None, None, None, None, contrasts=contrasts)
    found = opinions(data, hypothesis, effect)
    assert found.second is not None
    wrong = contrasts[-1]
    assert (found.second.low, found.second.high) == (wrong.low, wrong.high)
    assert found.second.estimate.mean == pytest.approx(wrong.mean - 5.0, abs=3 * found.second.estimate.se)
    assert found.overlap is not None
    assert found.overlap.share == 0
    assert found.overlap.low == common


def test_an_outcome_of_several_levels_has_overlap_and_a_reason() -> None:
    data = Dataset.from_frame(rows()[["z", "x", "k"]])
    contrast = Contrast("no", "yes", 0.1, 0.1, 0.0, 0.2, level="a")
    effect = Effect("x", "k", True, "mean", None, None, None, None, contrasts=(contrast,))
    found = opinions(data, drawn("z -> x; x -> k"), effect)
    assert found.overlap is not None
    assert found.second is None
    assert found.second_reason == "the outcome has several levels"


def test_a_number_is_compared_at_the_step_that_is_spoken_of() -> None:
    rng = np.random.default_rng(4)
    z = rng.normal(size=400)
    ads = 10_000 + 2_000 * z + 4_000 * rng.normal(size=400)
    data = Dataset.from_frame(pd.DataFrame({"z": z, "ads": ads, "y": ads / 1_000 + z + rng.normal(size=400)}))
    hypothesis = drawn("z -> ads; z -> y; ads -> y")
    found = compare(data, [hypothesis], effects=[("ads", "y")]).hypotheses[0].effects[0]
    assert found.second is not None
    assert found.second.step == "quartiles"
    assert found.quartiles is not None
    assert found.second.reported == found.quartiles.mean
    assert not found.second.differs
    assert not found.second.bends
    assert found.overlap is not None
    assert not found.overlap.lacks


def test_rows_whose_outcome_was_set_say_nothing_and_those_whose_treatment_was_set_do() -> None:
    frame = rows(400)
    data = Dataset.from_frame(frame[["z", "x", "y"]])
    hypothesis = drawn("z -> x; z -> y; x -> y")
    spec, seen = resolve(hypothesis, data), observed_of(data, ("z", "x", "y"))
    half = np.arange(400) < 200
    found = {
        name: with_opinions(hypothesis, spec, Observed(seen.raw, {name: half}), reported("x", "y"), Memory())
        for name in ("x", "y")
    }
    assert found["x"].overlap is not None
    assert found["x"].overlap.rows == 400
    assert found["y"].overlap is not None
    assert found["y"].overlap.rows == 200


def test_reasons_where_there_is_none() -> None:
    data = Dataset.from_frame(rows(59)[["z", "x", "y"]])
    hypothesis = drawn("z -> x; z -> y; x -> y")
    assert "too few rows" in (opinions(data, hypothesis, reported("x", "y")).second_reason or "")
    open_effect = replace(reported("x", "y"), identified=False)
    assert opinions(data, hypothesis, open_effect).overlap_reason == "the effect is not identified"
    held = replace(reported("x", "y"), mean=None)
    assert opinions(data, hypothesis, held).second_reason == "the effect is held back"
    frame = rows(200)[["z", "x", "y"]]
    frame["x"] = (np.arange(200) < 19).astype(int)
    found = opinions(Dataset.from_frame(frame), hypothesis, reported("x", "y"))
    assert found.overlap is not None
    assert "too few rows" in (found.second_reason or "")


def test_it_is_remembered_for_a_graph_that_asks_the_same_of_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    data = Dataset.from_frame(rows()[["z", "x", "y"]])
    memory, hypothesis = Memory(), drawn("z -> x; z -> y; x -> y")
    first = opinions(data, hypothesis, reported("x", "y"), memory)
    monkeypatch.setattr("core.study.second._measured", lambda *_: pytest.fail("done again"))
    again = opinions(data, replace(hypothesis, name="B"), reported("x", "y", 5.0), memory)
    assert first.second is not None
    assert again.second is not None
    assert again.second.estimate == first.second.estimate
    assert again.second.reported == 5.0


def test_of_many_rows_a_part_is_looked_at() -> None:
    rng = np.random.default_rng(6)
    n = MOST_ROWS + 1000
    x = rng.integers(0, 2, n)
    data = Dataset.from_frame(pd.DataFrame({"x": x, "y": x + rng.normal(size=n)}))
    found = opinions(data, drawn("x -> y"), reported("x", "y"))
    assert found.overlap is not None
    assert found.overlap.rows == MOST_ROWS
    assert found.second is not None
    assert not found.second.differs
