"""Observed against replicated statistics."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.check.predictive import check_node, statistics_for
from core.check.tested import Replicates
from core.model.spec import NodeModel, Response


def model(kind: str, levels: tuple[str, ...] = ()) -> NodeModel:
    return NodeModel("y", kind, "Normal", "identity", Response(levels=levels))


def names(kind: str, levels: tuple[str, ...] = ()) -> list[str]:
    return [name for name, _ in statistics_for(model(kind, levels))]


def test_statistics_mean_something_for_the_kind() -> None:
    assert names("real") == ["mean", "sd", "skew", "min", "max"]
    assert {"zeros", "dispersion"} <= set(names("count"))
    assert names("binary", ("no", "yes")) == ["share of yes"]
    assert names("category", ("a", "b", "c")) == ["share of a", "share of b", "share of c"]


def test_statistics_are_those_of_pandas_and_scipy() -> None:
    seen = np.random.default_rng(2).poisson(1.5, size=12).astype(float)
    series = pd.Series(seen)
    found = {name: float(of(seen)) for kind in ("real", "count") for name, of in statistics_for(model(kind))}
    assert found == pytest.approx(
        {
            "mean": series.mean(), "sd": series.std(), "skew": stats.skew(seen), "min": series.min(),
            "max": series.max(), "zeros": (series == 0).mean(), "dispersion": series.var() / series.mean(),
        }
    )  # fmt: skip


def test_skewed_data_are_flagged_under_a_normal() -> None:
    rng = np.random.default_rng(0)
    seen = rng.exponential(size=300)
    drawn = Replicates({"y": rng.normal(seen.mean(), seen.std(), size=(400, 300))})
    found = {check.statistic: check for check in check_node(model("positive"), seen, drawn)}
    assert found["skew"].flagged
    assert found["skew"].predictive_p == 0.0
    assert not found["mean"].flagged
    assert found["mean"].observed == pytest.approx(seen.mean())
    assert found["skew"].to_dict().keys() == {
        "node", "statistic", "observed", "replicated_mean", "predictive_p", "flagged",
    }  # fmt: skip


def test_right_models_are_rarely_flagged() -> None:
    rng = np.random.default_rng(1)
    flagged = 0
    for _ in range(100):
        drawn = Replicates({"y": rng.normal(size=(400, 100))})
        flagged += sum(bool(check.flagged) for check in check_node(model("real"), rng.normal(size=100), drawn))
    assert flagged <= 15  # 500 statistics at 0.01


def test_two_sided_by_hand() -> None:
    drawn = Replicates({"y": np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])})
    mean = check_node(model("real"), np.array([0.5, 0.5]), drawn)[0]
    assert mean.predictive_p == 0.5  # one of four at or below: 2 * 1/4
    assert mean.replicated_mean == 1.5


def test_a_constant_column_is_reproduced() -> None:
    values = np.full(50, 0.1)
    drawn = Replicates({"y": np.full((200, 50), 0.1 + 1e-17)})
    assert not any(check.flagged for check in check_node(model("real"), values, drawn))


def test_overflows_are_left_out_and_set_cells_do_not_count() -> None:
    raw = np.ones((10, 4))
    raw[3] = np.nan
    checks = check_node(
        model("count"), np.array([1.0, 1, 1, 99]), Replicates({"y": raw}), enters=np.array([True, True, True, False])
    )
    found = {check.statistic: check for check in checks}
    assert found["max"].observed == 1.0
    assert found["mean"].replicated_mean == 1.0


def test_without_replicates_nothing_is_made_up() -> None:
    check = check_node(model("real"), np.arange(5.0), None)[0]
    assert (check.observed, check.predictive_p, check.flagged) == (2.0, None, None)
