"""The profile: the contract's fields, numbers by a second method, and warnings with rows."""

import json

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.data.profile import profile
from core.data.read import read_dataset

RNG = np.random.default_rng(3)


def test_the_contract_s_fields_and_pandas_s_numbers():
    frame = pd.DataFrame({"x": RNG.normal(size=200), "c": RNG.choice(list("ab"), 200), "n": RNG.poisson(3, 200)})
    frame.loc[:9, "x"] = np.nan
    record = profile(Dataset.from_frame(frame), family_of=lambda constants: constants.kind.upper()).to_dict()
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record["format"] == "whyboard-profile/1"
    assert record["rows"] == 200
    assert record["complete_rows"] == 190
    x, c, n = record["columns"]
    wanted = {"name", "kind", "family", "missing", "distinct", "mean", "sd", "min", "max", "warnings"}
    assert wanted <= set(x)
    assert (x["kind"], x["family"], x["missing"], x["distinct"]) == ("real", "REAL", 10, 190)
    assert x["mean"] == pytest.approx(frame["x"].mean())
    assert x["sd"] == pytest.approx(frame["x"].std())
    assert (x["min"], x["max"]) == (frame["x"].min(), frame["x"].max())
    for quantile in x["quantiles"]:
        assert quantile["value"] == pytest.approx(frame["x"].quantile(quantile["share"]))
    assert {bar["level"]: bar["count"] for bar in c["histogram"]} == frame["c"].value_counts().to_dict()
    assert c["mean"] == pytest.approx((frame["c"] == "b").mean())
    assert [bar["count"] for bar in n["histogram"]] == [
        int((frame["n"] == value).sum()) for value in range(frame["n"].min(), frame["n"].max() + 1)
    ]


@pytest.mark.parametrize("size", [1, 2, 30, 5000])
def test_histograms_hold_every_value_in_at_most_24_bars(size: int):
    frame = pd.DataFrame(
        {"x": RNG.standard_t(2, size), "n": RNG.poisson(200, size), "c": RNG.integers(0, 90, size).astype(str)}
    )
    found = profile(Dataset.from_frame(frame, kinds={"c": "category", "n": "count"}))
    for column in found.columns:
        assert 1 <= len(column.histogram) <= 24
        assert sum(bar.count for bar in column.histogram) == size


def test_outliers_are_named_by_row():
    values = RNG.normal(size=100)
    values[41] = 60.0
    found = profile(Dataset.from_frame(pd.DataFrame({"x": values}))).column("x")
    assert found.outliers.count == 1
    assert found.outliers.examples == ((42, 60.0),)
    assert found.warnings == ("1 value far from the rest: row 42 is 60",)


def test_outliers_beside_mostly_equal_values():
    assert (
        profile(Dataset.from_frame(pd.DataFrame({"x": [0.0] * 60 + [0.5, 1.5, 900.5]}))).column("x").outliers.count == 1
    )


def test_codes_for_missing_are_suspected():
    values = RNG.normal(50, 3, 100).round(1)
    values[[3, 4, 5]] = -999
    found = profile(Dataset.from_frame(pd.DataFrame({"x": values}))).column("x")
    assert found.warnings == ("-999 stands in 3 rows far from the rest; is it a code for missing?",)


def test_missing_and_rare_values_are_warned_of():
    frame = pd.DataFrame({"x": [1.5, None, 2.5, -1.0] * 10, "c": ["a"] * 38 + ["b"] * 2})
    found = profile(Dataset.from_frame(frame))
    assert found.column("x").warnings == ("25% of the values are missing",)
    assert found.column("c").warnings == ("fewer than 5 rows have 'b'",)


def test_what_is_wrong_with_the_table():
    raw = b"who,day,x,k,none\n" + b"".join(
        b"p%d,2024-01-%02d,%.2f,7,\n" % (i % 4, i % 28 + 1, i % 28 + 0.5) for i in range(30)
    )
    dataset = read_dataset(raw, name="t.csv", kinds={"who": "identifier"})
    found = profile(dataset)
    assert found.constants == ("k",)
    assert found.duplicate_rows == 2
    assert found.warnings == (
        "2 rows repeat an earlier row exactly",
        "no variation in 'k'; such a column cannot show any effect",
        "no values at all in 'none'",
        "rows may not be exchangeable: 'who' repeats, so some rows belong together",
        "rows may not be exchangeable: 'day' is a date, and rows near in time are alike",
    )
    assert found.column("who").mean is None
    assert found.column("none").histogram == ()


def test_rows_that_were_set_are_counted():
    assert profile(read_dataset(b"a,b,_set\n1,2,\n3,4,a\n5,6,b\n", name="t.csv")).set_rows == 2
