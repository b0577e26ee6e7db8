"""A total effect parted by its ways, asked of a comparison that is opened again."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.errors import FitError, ModelError, UsageError
from core.fit.result import Diagnostics, Fit
from core.hypothesis import Hypothesis
from core.study import Reopened, compare, reopen
from core.study.mediating import mediation_of


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    rng = np.random.default_rng(0)
    age = rng.normal(size=400)
    x = 0.5 * age + rng.normal(size=400)
    m = 0.8 * x + rng.normal(size=400)
    kind = rng.choice(["a", "b", "c"], 400)
    y = 0.5 * m - 0.3 * x + 0.4 * age + (kind == "c") + rng.normal(size=400)
    return Dataset.from_frame(pd.DataFrame({"age": age, "x": x, "m": m, "kind": kind, "y": y}))


HYPOTHESIS = Hypothesis.from_dagitty("dag { age -> {x y} x -> {m y} m -> y kind -> y }", "A")


@pytest.fixture(scope="module")
def again(dataset: Dataset) -> Reopened:
    return reopen(compare(dataset, [HYPOTHESIS]), dataset)


def test_parts_are_near_the_truth_and_add_up_to_the_effect(again: Reopened) -> None:
    (found,) = again.mediation("A", "x", "y")
    for name, truth in {"direct": -0.3, "indirect": 0.4, "total": 0.1, "controlled": -0.3}.items():
        draws = found.parts[name]
        assert abs(draws.mean() - truth) < 4 * draws.std()
    effect = again.effect("A", "x", "y")
    assert found.parts["total"].mean() == pytest.approx(effect.mean, abs=0.02)
    assert found.parts["total"].std() == pytest.approx(effect.sd, rel=0.15)
    record = found.to_dict()
    assert record["mediators"] == ["m"]
    assert [arrow["target"] for arrow in record["arrows"]] == ["m", "y"]  # type: ignore[attr-defined]


def test_values_are_named(again: Reopened) -> None:
    (one,), (two,) = again.mediation("A", "x", "y"), again.mediation("A", "x", "y", values=(1, "3"))
    np.testing.assert_allclose(two.parts["direct"], 2 * one.parts["direct"], rtol=1e-9)
    with pytest.raises(UsageError, match="which two are compared"):
        again.mediation("A", "kind", "y")
    (kinds,) = again.mediation("A", "kind", "y", values=("a", "c"))
    assert kinds.parts["total"].mean() == pytest.approx(1.0, abs=0.4)
    with pytest.raises(UsageError, match="no node 'gone'"):
        again.mediation("A", "gone", "y")


def test_no_split_through_what_failed_a_gate_or_is_left_open(dataset: Dataset, again: Reopened) -> None:
    fit = again.fit("A")
    worse = replace(fit.by_node["m"], method="nuts", diagnostics=Diagnostics(rhat_max=1.2))
    with pytest.raises(FitError, match="failed a gate"):
        mediation_of(HYPOTHESIS, Fit.of(fit.spec, {**fit.by_node, "m": worse}), again.complete, "x", "y")
    held = replace(HYPOTHESIS, background=("age", "kind"))
    other = reopen(compare(dataset, [held]), dataset)
    with pytest.raises(ModelError, match="hangs on how the background"):
        other.mediation("A", "age", "y")
