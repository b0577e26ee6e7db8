"""Bagged probabilities of whole comparisons."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.fit.engine import fit_blocks
from core.fit.memory import BlockMemory
from core.memory import Memory
from core.study import bagging, compare, plan
from core.study.bagging import bag
from tests.study.study_cases import chain_data, named, table_data, with_diagnostics


def test_graphs_of_one_class_tie_in_every_data_set() -> None:
    work = plan(chain_data(), named(A="a -> b b -> c", B="b -> a b -> c", C="c -> b b -> a", D="a -> b c -> b"))
    found = bag(work, fit_blocks(work.blocks), Memory()).of(["A", "B", "C", "D"])
    assert found[1] - found[0] == pytest.approx(0.0, abs=1e-9)
    assert found[2] - found[0] == pytest.approx(0.0, abs=1e-9)
    assert np.abs(found[3] - found[0]).min() > 1.0


def test_complete_graphs_tie_in_every_data_set() -> None:
    work = plan(chain_data(), named(A="a -> b b -> c a -> c", B="c -> b b -> a c -> a"))
    one, other = bag(work, fit_blocks(work.blocks), Memory()).of(["A", "B"])
    assert one - other == pytest.approx(0.0, abs=1e-9)


def test_tables_of_one_class_tie_too() -> None:
    work = plan(table_data(), named(A="smoke -> cough smoke -> stain", B="cough -> smoke smoke -> stain"))
    one, other = bag(work, fit_blocks(work.blocks), Memory()).of(["A", "B"])
    assert one - other == pytest.approx(0.0, abs=1e-9)


def test_both_scopes_have_it() -> None:
    found = compare(
        chain_data(60), named(A="a -> b b -> c", B="a -> b b -> c a -> c"), effects=[("b", "c")], cache=None
    )
    assert found.question is not None
    for classes in (found.classes, found.question.classes):
        assert sum(c.bagged_probability or 0.0 for c in classes) == pytest.approx(1.0)
        assert all(c.probability is not None for c in classes)


def test_a_plan_without_its_rows_has_it_too() -> None:
    """Workers get a plan whose blocks go without their rows: what they need they take from the data set."""
    from core.jobs.partial import light
    from core.study.assembling import assemble

    work = plan(chain_data(60), named(A="a -> b b -> c", B="a -> b b -> c a -> c"))
    fits = fit_blocks(work.blocks)
    whole, without = assemble(work, fits), assemble(light(work), fits)
    assert whole.classes[0].bagged_probability is not None
    assert without.classes == whole.classes


def test_one_changed_arrow_pays_for_one_block(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = bagging.resampled_evidence

    def counted(model, *rest):
        asked.append(model.node)
        return real(model, *rest)

    monkeypatch.setattr(bagging, "resampled_evidence", counted)
    cache, data = BlockMemory(), chain_data()
    first = named(A="a -> b b -> c", B="a -> b c")
    compare(data, first, cache=cache)
    assert sorted(asked) == ["c", "c"]  # a and b are the same in both
    compare(data, first, cache=cache)
    assert len(asked) == 2
    compare(data, named(A="a -> b b -> c", B="a -> b a -> c"), cache=cache)
    assert sorted(asked) == ["c", "c", "c"]


def test_the_same_digits_again_and_other_rows_with_another_seed() -> None:
    hypotheses = named(A="a -> b b -> c", B="a -> b b -> c a -> c")
    one, again, other = (compare(chain_data(), hypotheses, seed=seed, cache=None).classes for seed in (1, 1, 2))
    assert one == again
    assert one[0].bagged_probability != other[0].bagged_probability
    assert one[0].bagged_probability == pytest.approx(other[0].bagged_probability, abs=0.15)


def test_none_where_a_gate_failed_or_rows_depend() -> None:
    hypotheses = named(A="a -> b b -> c", B="a -> b a -> c")
    failed = compare(chain_data(), hypotheses, fit_blocks=with_diagnostics("c", rhat_max=1.3), cache=None)
    assert {c.bagged_probability for c in failed.classes} == {None}


def test_the_smallest_worlds() -> None:
    (alone,) = compare(chain_data(), named(A="a -> b"), cache=None).classes
    assert alone.bagged_probability == 1.0
    tied = compare(chain_data(), named(A="a -> b", B="b -> a"), cache=None).classes
    assert [c.bagged_probability for c in tied] == [1.0]


def test_sampled_blocks_take_part() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=150)
    frame = pd.DataFrame({"x": x, "z": x + rng.normal(size=150), "y": rng.poisson(np.exp(0.3 * x))})
    found = compare(Dataset.from_frame(frame), named(A="x -> z x -> y", B="x -> z z -> y"), cache=None)
    assert sum(c.bagged_probability or 0.0 for c in found.classes) == pytest.approx(1.0)


def _halves(rows: int, seed: int) -> tuple[Dataset, np.ndarray]:
    """Two causes with shares of their own in y, each hypothesis with one of them: both as wrong."""
    rng = np.random.default_rng(seed)
    u, v = rng.normal(size=(2, rows))
    y = u + v + rng.normal(size=rows)
    return Dataset.from_frame(pd.DataFrame({"u": u, "v": v, "y": y})), np.arange(rows) < rows // 2


@pytest.mark.repeats
def test_probabilities_that_flip_between_halves_are_moderate_when_bagged() -> None:
    hypotheses = named(A="u -> y v", B="u v -> y")
    raw, bagged = [], []
    for seed in range(12):
        data, half = _halves(2_000, seed)
        for rows in (half, ~half):
            first = compare(data.take(rows), hypotheses, cache=None).classes[0]
            raw.append(first.probability)
            bagged.append(first.bagged_probability)
    sure = np.array(raw).reshape(-1, 2)
    certain = (sure > 0.99) | (sure < 0.01)
    assert certain.mean() > 0.7
    assert (certain.all(axis=1) & (np.abs(sure[:, 0] - sure[:, 1]) > 0.9)).sum() >= 2
    assert np.mean((np.array(bagged) > 0.99) | (np.array(bagged) < 0.01)) < 0.25
    assert np.std(bagged) < 0.75 * np.std(raw)


def test_where_one_is_right_it_is_said() -> None:
    found = compare(chain_data(400), named(A="a -> b b -> c", B="a -> b a -> c"), cache=None)
    assert [c.bagged_probability for c in found.classes] == pytest.approx([1.0, 0.0], abs=0.02)


def test_nothing_is_computed_for_one_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bagging, "resampled_evidence", None)
    compare(chain_data(), named(A="a -> b", B="b -> a"), effects=[("a", "b")], cache=None)


def test_a_smaller_bag(monkeypatch: pytest.MonkeyPatch) -> None:
    work = plan(chain_data(), named(A="a -> b", B="a b"))
    one, _ = bag(replace(work, seed=4), fit_blocks(work.blocks), Memory(), 7).of(["A", "B"])
    assert one.shape == (7,)
