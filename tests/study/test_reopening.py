"""A comparison opened again goes on from what it keeps: nothing is resolved, nothing is fitted."""

from dataclasses import replace

import numpy as np
import pytest

from core import study
from core.comparison import storage
from core.comparison.codec import flatten
from core.errors import FitError, UsageError
from core.fit.memory import BlockMemory
from core.study import compare, comparison_from_bytes, comparison_to_bytes, reopen
from tests.study.study_cases import chain_data, named

RIVALS = {"A": "a -> b b -> c", "B": "a -> b a -> c"}


@pytest.fixture
def cache() -> BlockMemory:
    return BlockMemory()


def test_another_effect_is_the_one_that_a_comparison_would_have_reported(
    cache: BlockMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = chain_data()
    stored = comparison_from_bytes(comparison_to_bytes(compare(data, named(**RIVALS), cache=cache)))
    asked = compare(data, named(**RIVALS), effects=[("a", "c")], cache=cache)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("resolved or fitted again")

    for place in ("core.study.modelling.resolve", "core.study.planning.make_blocks", "core.fit.engine.fit_block"):
        monkeypatch.setattr(place, never)
    opened = reopen(stored, data, cache)
    for facts in asked.hypotheses:
        found = opened.effect(facts.name, "a", "c")
        assert found.to_dict() == facts.effects[0].to_dict()
    assert opened.fit("B").spec == stored.specs[1]
    with pytest.raises(UsageError, match="not a node"):
        opened.effect("A", "a", "z")
    with pytest.raises(KeyError):
        opened.fit("C")


@pytest.mark.pymc
def test_a_fit_goes_to_arviz(cache: BlockMemory) -> None:
    data = chain_data()
    opened = reopen(compare(data, named(**RIVALS), cache=cache), data, cache)
    tree = opened.to_datatree("A")
    slopes = opened.fit("A").draws("c")["slopes"]
    assert tree["posterior"]["c.slopes"].mean() == pytest.approx(np.mean(slopes))
    assert tree["log_likelihood"]["c"].sizes["row"] == data.rows


def test_specifications_are_kept_with_a_comparison(cache: BlockMemory) -> None:
    found = compare(chain_data(), named(**RIVALS), cache=cache)
    again = comparison_from_bytes(comparison_to_bytes(found))
    assert again.specs == found.specs
    assert [spec.name for spec in again.specs] == ["A", "B"]


def test_what_cannot_be_opened_says_what_to_do(cache: BlockMemory) -> None:
    data = chain_data()
    found = compare(data, named(**RIVALS), cache=cache)
    with pytest.raises(UsageError, match="not the data"):
        reopen(found, chain_data(100), cache)
    with pytest.raises(FitError, match="no longer kept"):
        reopen(found, data, BlockMemory())
    with pytest.raises(UsageError, match="without its specifications"):
        reopen(replace(found, specs=()), data, cache)
    with pytest.raises(UsageError, match="there is no column"):
        study.reopen(replace(found, rows=replace(found.rows, taken="one:nobody")), data, cache)


def test_a_comparison_opens_where_specifications_are_written_otherwise_by_now(
    cache: BlockMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = compare(chain_data(), named(**RIVALS), cache=cache)

    def older(value, arrays, path=""):  # type: ignore[no-untyped-def]
        flat = flatten(value, arrays, path)
        for spec in flat["specs"]:
            spec["nodes"][0]["gone"] = 1
        return flat

    monkeypatch.setattr(storage, "flatten", older)
    again = comparison_from_bytes(comparison_to_bytes(found))
    assert again.specs == ()
    assert again.to_dict() == found.to_dict()
