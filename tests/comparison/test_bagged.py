"""Bagged probabilities of classes: means over resampled data sets, and what speaks of them."""

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from core.comparison import codec, storage
from core.comparison.beside import beside_sentences
from core.comparison.classes import class_facts
from core.comparison.facts import ClassFacts
from core.comparison.question import Question
from core.comparison.storage import comparison_from_bytes, comparison_to_bytes
from core.comparison.text import comparison_text
from core.comparison.verdict import _probability


def _facts(resampled: list[np.ndarray] | None, **more: bool) -> tuple[ClassFacts, ...]:
    rows = [np.zeros(10)] * 3
    return class_facts(["A", "B", "C"], [(0,), (1, 2)], [0.0, -8.0, -8.0], rows, resampled=resampled, **more)


def test_the_mean_over_data_sets() -> None:
    a, b, c = np.array([0.0, 0.0, 5.0, 1.0]), np.array([0.0, 9.0, 0.0, 0.0]), np.array([0.0, 9.0, 0.0, 2.0])
    alone, pair = _facts([a, b, c])
    expected = np.exp(a) / (np.exp(a) + (np.exp(b) + np.exp(c)) / 2)
    assert alone.bagged_probability == pytest.approx(expected.mean())
    assert pair.bagged_probability == pytest.approx(1 - expected.mean())
    assert alone.probability is not None
    assert alone.probability > 0.99
    assert alone.spoken_probability == alone.bagged_probability
    assert alone.bagged_interval == pytest.approx((expected.min(), expected.max()))


def test_classes_of_equal_evidence_stay_equal() -> None:
    values = np.random.default_rng(0).normal(size=50) * 10
    alone, pair = _facts([values, values, values])
    assert alone.bagged_probability == pytest.approx(0.5)
    assert pair.bagged_probability == pytest.approx(0.5)


def test_none_under_the_rules_of_the_probability() -> None:
    values = [np.zeros(5)] * 3
    for found in (*_facts(values, ranked=False), *_facts(None), *_facts([np.full(5, np.nan), *values[1:]])):
        assert found.bagged_probability is None
    assert _facts(None)[0].spoken_probability == _facts(None)[0].probability
    (only,) = class_facts(["A", "B"], [(0, 1)], [0.0, 1.0], [np.zeros(10)] * 2)
    assert only.bagged_probability == 1.0


def test_a_data_set_without_evidence_is_left_out() -> None:
    a = np.array([0.0, np.nan, 0.0, 0.0])
    assert _facts([a, np.zeros(4), np.zeros(4)])[0].bagged_probability == pytest.approx(0.5)


def test_the_verdict_speaks_of_it() -> None:
    one = ClassFacts(("A",), -1.0, 0.999, None, 0.62, (0.1, 0.9))
    other = ClassFacts(("B",), -9.0, 0.001, None, 0.38, (0.1, 0.9))
    assert "A has probability 0.62" in _probability([one, other], one, (), False)
    old = replace(one, bagged_probability=None)
    assert "A has probability over 0.99" in _probability([old, other], old, (), False)


def test_what_the_scope_moves_is_the_bagged_one() -> None:
    everywhere = (ClassFacts(("A",), 0.0, 0.5, None, 0.9), ClassFacts(("B",), 0.0, 0.5, None, 0.1))
    here = (ClassFacts(("A",), 0.0, 0.5, None, 0.4), ClassFacts(("B",), 0.0, 0.5, None, 0.6))
    question = Question("x", "y", ("x", "y"), ("z",), (), here, ())
    said = beside_sentences((), everywhere, (), question, str)
    assert any("probability 0.90, for the question 0.40" in sentence for sentence in said)


@pytest.fixture
def compared() -> Callable[[], object]:
    import pandas as pd

    from core import Dataset, Hypothesis, compare

    rng = np.random.default_rng(0)
    a = rng.normal(size=60)
    data = Dataset.from_frame(pd.DataFrame({"a": a, "b": a + rng.normal(size=60), "c": rng.normal(size=60)}))
    texts = {"A": "a -> b c", "B": "a b c -> b"}
    hypotheses = [Hypothesis.from_dagitty(f"dag {{ {text} }}", name) for name, text in texts.items()]
    return lambda: compare(data, hypotheses, effects=[("a", "b")], cache=None)


def test_it_is_in_json_in_the_text_and_in_storage(compared, monkeypatch: pytest.MonkeyPatch) -> None:
    found = compared()
    record = json.loads(json.dumps(found.to_dict()))
    for classes in (record["classes"], record["question"]["classes"]):
        assert sum(c["bagged_probability"] for c in classes) == pytest.approx(1.0)
    assert "probability (bagged)" in comparison_text(found)
    assert comparison_from_bytes(comparison_to_bytes(found)).classes == found.classes

    def older(value, arrays, path=""):
        """As it was written before there were bagged probabilities."""
        flat = codec.flatten(value, arrays, path)
        for classes in (flat["classes"], flat["question"]["classes"]):
            for one in classes:
                del one["bagged_probability"], one["bagged_interval"]
        return flat

    monkeypatch.setattr(storage, "flatten", older)
    stored = comparison_from_bytes(comparison_to_bytes(found))
    assert [c.bagged_probability for c in stored.classes] == [None, None]
    assert [c.probability for c in stored.classes] == [c.probability for c in found.classes]
    assert "probability (bagged)" in comparison_text(stored)


def test_what_was_stored_before_clauses_were_kept_apart_still_opens(compared, monkeypatch: pytest.MonkeyPatch) -> None:
    found = compared()

    def older(value, arrays, path=""):
        """As it was written when what may be said of a pair was one text."""
        flat = codec.flatten(value, arrays, path)
        for pairs, now in (
            (flat["differences"], value.differences),
            (flat["question"]["differences"], value.question.differences),
        ):
            for pair, difference in zip(pairs, now, strict=True):
                del pair["clauses"]
                pair["verdict"] = difference.verdict
        return flat

    monkeypatch.setattr(storage, "flatten", older)
    stored = comparison_from_bytes(comparison_to_bytes(found))
    assert stored.to_dict() == found.to_dict()
    assert {clause.kind for pair in stored.differences for clause in pair.clauses} == {"stored"}
