"""Frozen constants against numpy, scipy and values worked out by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.data.constants import assumed_constants, column_constants
from core.data.dataset import Dataset
from core.data.read import read_dataset
from core.errors import DataError


def test_against_scipy():
    values = np.random.default_rng(1).lognormal(1.0, 0.6, 200)
    found = column_constants(Dataset.from_frame(pd.DataFrame({"x": values})), "x")
    assert (found.kind, found.n, found.constant) == ("positive", 200, False)
    assert found.mean == pytest.approx(values.mean(), rel=1e-12)
    assert found.sd == pytest.approx(stats.tstd(values), rel=1e-12)
    assert found.variance == pytest.approx(stats.tvar(values), rel=1e-12)
    assert found.skew == pytest.approx(stats.skew(values), rel=1e-10)
    assert (found.minimum, found.maximum) == (values.min(), values.max())
    assert found.log_mean == pytest.approx(np.log(values).mean(), rel=1e-12)
    assert found.log_sd == pytest.approx(stats.tstd(np.log(values)), rel=1e-12)
    assert found.log_skew == pytest.approx(stats.skew(np.log(values)), rel=1e-10)
    assert found.log1p_mean == pytest.approx(np.log1p(values).mean(), rel=1e-12)
    assert found.log1p_sd == pytest.approx(stats.tstd(np.log1p(values)), rel=1e-12)


def test_by_hand():
    found = column_constants(Dataset.from_frame(pd.DataFrame({"x": [0, 1, 5]})), "x")
    assert (found.mean, found.variance, found.minimum, found.maximum) == (2.0, pytest.approx(7.0), 0.0, 5.0)
    assert math.isnan(found.log_mean)
    assert found.log1p_mean == pytest.approx(math.log(12) / 3)


def test_only_rows_that_are_used_and_not_set_count():
    dataset = read_dataset(b"a,b,_set\n1.5,1,\n2.5,2,\n99,4,a\n,8,\n4.5,3,b\n", name="t.csv")
    assert column_constants(dataset, "a").n == 3
    assert column_constants(dataset, "a").mean == pytest.approx(8.5 / 3)
    assert column_constants(dataset, "b").n == 4
    used = np.array([True, True, True, False, False])
    assert column_constants(dataset, "a", used).mean == 2.0
    only_set = np.array([False, False, True, False, False])
    assert column_constants(dataset, "a", only_set).mean == 99.0
    with pytest.raises(DataError):
        column_constants(dataset, "c")


@pytest.mark.parametrize(("values", "mean"), [([3.25] * 7, 3.25), ([0.1] * 9, 0.1), ([7.0], 7.0), ([np.nan] * 3, 0.0)])
def test_constant_and_empty_columns_have_scale_one(values: list[float], mean: float):
    found = column_constants(Dataset.from_frame(pd.DataFrame({"x": values})), "x")
    assert (found.mean, found.sd, found.variance, found.constant) == (mean, 1.0, 0.0, True)


def test_discrete_columns_count_codes():
    found = column_constants(Dataset.from_frame(pd.DataFrame({"x": ["no", "yes", "yes", "no"]})), "x")
    assert (found.levels, found.mean, found.maximum) == (("no", "yes"), 0.5, 1.0)


@pytest.mark.parametrize("unit", [1e-200, 1e-9, 1.0, 1e9, 1e150])
def test_units_do_not_matter(unit: float):
    base = np.random.default_rng(2).normal(3.0, 1.0, 50)
    found = column_constants(Dataset.from_frame(pd.DataFrame({"x": base * unit}), kinds={"x": "real"}), "x")
    assert found.skew == pytest.approx(stats.skew(base), rel=1e-9)
    if unit > 1e-100:
        assert found.sd == pytest.approx(base.std(ddof=1) * unit, rel=1e-9)


@given(st.lists(st.floats(-1e12, 1e12), min_size=2, max_size=40))
def test_never_a_scale_of_zero_or_nothing(values: list[float]):
    found = column_constants(Dataset.from_frame(pd.DataFrame({"x": values}), kinds={"x": "real"}), "x")
    assert found.sd > 0
    assert all(math.isfinite(number) for number in (found.mean, found.sd, found.variance, found.skew))


def test_a_typical_range_is_the_middle_of_a_normal():
    found = assumed_constants("x", "real", 10, 30)
    assert (found.mean, found.sd, found.n, found.constant) == (20, 5, 0, False)
    share = stats.norm(found.mean, found.sd).cdf([10, 30])
    assert share[1] - share[0] == pytest.approx(0.954, abs=0.001)


def test_a_typical_range_of_a_positive_column_is_taken_on_the_log_scale():
    found = assumed_constants("x", "positive", 1.0, 100.0)
    assert found.log_mean == pytest.approx(math.log(10))
    assert found.log_sd == pytest.approx(math.log(100) / 4)
    assert found.skew == pytest.approx(stats.lognorm(found.log_sd).stats("s"), rel=1e-9)


@pytest.mark.parametrize("kind", ["real", "positive", "count", "proportion"])
def test_without_a_range_centre_zero_and_scale_one(kind: str):
    found = assumed_constants("x", kind)
    working = (found.log_mean, found.log_sd) if kind in ("positive", "count") else (found.mean, found.sd)
    assert working == ((0.5, 0.25) if kind == "proportion" else (0.0, 1.0))


def test_levels_without_data():
    assert assumed_constants("x", "binary").levels == ("0", "1")
    assert assumed_constants("x", "category", levels=("a", "b", "c")).mean == 1.0


@pytest.mark.parametrize(
    ("kind", "low", "high", "said"),
    [
        ("real", 3, 1, "is empty"),
        ("real", 3, None, "has two ends"),
        ("real", 3, math.inf, "is empty"),
        ("positive", 0, 1, "cannot reach 0"),
        ("count", -1, 1, "cannot reach -1"),
        ("proportion", 0.2, 1.0, "cannot reach 0.2 to 1"),
    ],
)
def test_ranges_that_cannot_be(kind: str, low: float, high: float, said: str):
    with pytest.raises(DataError, match=said):
        assumed_constants("x", kind, low, high)
