"""One pass over the rows serves all Gaussian families, and loses no digit."""

import pickle
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.fit import gaussian
from core.fit import summary as module
from core.fit.engine import fit_blocks
from core.fit.exact import gaussian_prior
from core.fit.summary import Summary, forget_summaries, reduce_block, summarise
from core.hypothesis import Hypothesis
from core.memory import Memory
from core.study import plan

ROWS = 700


@pytest.fixture(autouse=True)
def few_rows_are_many(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(module, "FEW_ROWS", 100)
    monkeypatch.setattr(module, "CHUNK", 64)
    forget_summaries()
    yield
    forget_summaries()


def frame(near: float = 1.0) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    a = rng.normal(5.0, 2.0, ROWS)
    b = a + near * rng.normal(size=ROWS)
    group = rng.integers(0, 3, ROWS)
    price = np.exp(0.3 * a + 0.2 * group + 0.5 * rng.normal(size=ROWS))
    c = 0.5 * a - b + np.log(price) + rng.normal(size=ROWS)
    return pd.DataFrame({"a": a, "b": b, "group": np.array(["u", "v", "w"])[group], "price": price, "c": c})


def hypotheses() -> list[Hypothesis]:
    texts = {
        "A": "a -> b a -> price group -> price a -> c b -> c price -> c",
        "B": "b -> a b -> price group -> price price -> c group -> c",
    }
    return [Hypothesis.from_dagitty(f"dag {{ {text} }}", name=name) for name, text in texts.items()]


def work(table: pd.DataFrame):
    found = plan(Dataset.from_frame(table, kinds={"price": "positive"}), hypotheses())
    gaussian_ones = {key: pair for key, pair in found.blocks.items() if pair[0].model.family in ("Normal", "LogNormal")}
    assert {pair[0].model.family for pair in gaussian_ones.values()} == {"Normal", "LogNormal"}
    return gaussian_ones


def evidence(factor: np.ndarray, rows: int, onto_data: float, block) -> float:
    return gaussian.posterior(factor, rows, gaussian_prior(block.model)).log_evidence + onto_data


@pytest.mark.parametrize("near", [1.0, 1e-4, 1e-9, 0.0])
def test_every_family_is_as_if_its_rows_had_been_passed_over_alone(near: float) -> None:
    """Also where two columns are the same up to 1e-9, or altogether."""
    blocks = work(frame(near))
    found = summarise(blocks.values())
    assert isinstance(found, Summary)
    for block, data in blocks.values():
        reduced = found.reduced(block.model, data.fingerprints)
        assert reduced is not None
        direct = gaussian.reduce_rows(data.y, data.x)
        prior = gaussian_prior(block.model)
        ours = gaussian.posterior(reduced.factor, reduced.rows, prior)
        theirs = gaussian.posterior(direct, ROWS, prior)
        jacobian = float(data.log_jacobian.sum())
        assert reduced.log_jacobian == pytest.approx(jacobian, rel=1e-12, abs=1e-9)
        assert ours.log_evidence + reduced.log_jacobian == pytest.approx(theirs.log_evidence + jacobian, abs=1e-9)
        if near == 1.0:
            np.testing.assert_allclose(np.abs(reduced.factor), np.abs(direct), rtol=1e-12, atol=1e-11)
            np.testing.assert_allclose(ours.mean, theirs.mean, rtol=1e-11, atol=1e-13)
        assert ours.beta == pytest.approx(theirs.beta, rel=1e-11)


def test_fits_with_and_without_a_summary_are_the_same_up_to_rounding() -> None:
    blocks = work(frame())
    alone = fit_blocks(blocks)
    assert summarise(blocks.values()) is not None
    together = fit_blocks(blocks)
    for key, fit in together.items():
        assert fit.log_evidence == pytest.approx(alone[key].log_evidence, abs=1e-9)
        assert fit.sweep == pytest.approx(alone[key].sweep, abs=1e-9)
        np.testing.assert_allclose(fit.elpd_i, alone[key].elpd_i, atol=1e-11)
        np.testing.assert_allclose(fit.lppd_i, alone[key].lppd_i, atol=1e-11)
        for name, draws in fit.draws.items():
            np.testing.assert_allclose(draws, alone[key].draws[name], rtol=1e-10, atol=1e-12)


def test_the_rows_are_passed_over_once_and_not_again(monkeypatch: pytest.MonkeyPatch) -> None:
    passes: list[int] = []
    original = module._pass
    monkeypatch.setattr(module, "_pass", lambda columns: (passes.append(len(columns)), original(columns))[1])
    blocks = work(frame())
    first = summarise(blocks.values())
    assert summarise(blocks.values()) is first
    fewer = dict(list(blocks.items())[:3])
    assert summarise(fewer.values()) is first  # a part of the columns is in there too
    assert len(passes) == 1
    monkeypatch.setattr(module, "_own_pass", lambda *_: pytest.fail("a family passed over the rows again"))
    for block, data in blocks.values():
        reduce_block(block.model, data)


def test_another_scale_of_a_column_is_another_column() -> None:
    table = frame()
    summarise(work(table).values())
    changed = table.assign(a=table["a"] * 2.0)
    block, data = next(pair for pair in work(changed).values() if pair[0].model.node == "a")
    assert module._find(module._columns(block.model, data.fingerprints)) is None


def test_a_node_that_was_set_in_some_rows_passes_over_its_own() -> None:
    table = frame().assign(_set=["b"] * 200 + [""] * (ROWS - 200))
    blocks = work(table)
    summarise(blocks.values())
    for block, data in blocks.values():
        reduced = reduce_block(block.model, data)
        used = data.used
        assert reduced.rows == (ROWS - 200 if block.model.node == "b" else ROWS)
        direct = gaussian.reduce_rows(data.y[used], data.x[used])
        ours = evidence(reduced.factor, reduced.rows, reduced.log_jacobian, block)
        theirs = evidence(direct, reduced.rows, float(data.log_jacobian[used].sum()), block)
        assert ours == pytest.approx(theirs, abs=1e-9)


def test_a_summary_is_small_and_few_are_kept() -> None:
    blocks = work(frame())
    summary = summarise(blocks.values())
    assert summary is not None
    assert len(pickle.dumps(summary)) < 10_000
    for factor in range(20):
        summarise(work(frame().assign(a=np.arange(ROWS) * (factor + 1.0) % 41)).values())
    assert len(module._kept) == module._KEPT


def test_few_rows_need_no_summary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FEW_ROWS", ROWS)
    assert summarise(work(frame()).values()) is None


class TestMemory:
    def test_what_is_there_is_not_computed_again(self) -> None:
        memory, asked = Memory(), []

        def square(places: list[int]) -> list[int]:
            asked.append(places)
            return [place * place for place in places]

        assert memory.recall_all(["a", "b"], square) == [0, 1]
        assert memory.recall_all(["a", "b", "c"], square) == [0, 1, 4]
        assert asked == [[0, 1], [2]]
        assert memory.recall("c", lambda: pytest.fail("computed twice")) == 4

    def test_the_least_recently_used_goes_first_and_the_bound_holds(self) -> None:
        memory = Memory(max_bytes=100_000)
        for number in range(8):
            memory.recall(number, lambda: np.zeros(2_000))
            memory.recall(0, lambda: pytest.fail("the one in use went"))
        assert memory.size <= 100_000
        assert len(memory) < 8
        memory.recall("large", lambda: np.zeros(10_000))
        assert memory.recall("large", lambda: "not kept") == "not kept"
