"""Columns that are exact functions of others are noticed; columns that are nearly so are not."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.dataset import Dataset
from core.data.profile import profile
from core.data.relations import exact_relations

RNG = np.random.default_rng(11)
N = 300
X, Y, Z = RNG.normal(10, 2, N), RNG.gamma(3, 2, N), RNG.uniform(1, 9, N)
MEN, WOMEN = RNG.poisson(30, N), RNG.poisson(40, N)
GROUP = RNG.choice(list("abc"), N)


def texts(**columns) -> list[str]:
    return [one.text for one in exact_relations(Dataset.from_frame(pd.DataFrame(columns)))]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"x": X, "x2": X**2}, "'x2' is the square of 'x'"),
        ({"x": X, "y": Y, "logy": np.log(Y)}, "'logy' is the logarithm of 'y'"),
        ({"y": Y, "root": np.sqrt(Y)}, "'root' is the square root of 'y'"),
        ({"c": X, "f": 32 + 1.8 * X}, "'f' is 1.8 times 'c' + 32"),
        ({"x": X, "again": X, "z": Z}, "'again' is the same as 'x'"),
        ({"m": X, "km": X / 1000}, "'km' is 0.001 times 'm'"),
        ({"x": X, "y": Y, "sum": X + Y}, "'sum' is the sum of 'x' and 'y'"),
        ({"total": MEN + WOMEN, "men": MEN, "women": WOMEN}, "'total' is the sum of 'men' and 'women'"),
        ({"x": X, "y": Y, "diff": X - Y}, "'x' is the sum of 'y' and 'diff'"),
        ({"x": X, "y": Y, "z": Z, "score": 0.5 * X + 0.25 * Y - Z + 3}, "'score' is 0.5 'x' + 0.25 'y' - 'z' + 3"),
        ({"price": Y, "many": MEN + 1, "value": Y * (MEN + 1)}, "'value' is 'price' times 'many'"),
        ({"w": Y, "h": Z, "bmi": Y / Z**2}, "'bmi' is 'w' over 'h'^2"),
        ({"net": np.round(Y * 1000), "gross": np.round(np.round(Y * 1000) * 1.19)}, "'gross' is 1.19 times 'net'"),
        ({f"is_{g}": (g == GROUP).astype(int) for g in "abc"}, "'is_a', 'is_b' and 'is_c' add up to one in every row"),
        (
            {"g": GROUP, "y": Y, "code": [{"a": "x1", "b": "x2", "c": "x9"}[g] for g in GROUP]},
            "'code' says the same as 'g'",
        ),
    ],
)
def test_what_follows_exactly_is_noticed(columns, said: str):
    found = texts(**columns)
    assert len(found) == 1, found
    assert said in found[0]


@pytest.mark.parametrize(
    "columns",
    [
        {"x": X, "y": Y, "z": Z},
        {"x": X, "near": X + RNG.normal(0, 0.001, N)},
        {"x": X, "y": Y, "sum": X + Y + RNG.normal(0, 0.001, N)},
        {"a": RNG.integers(0, 2, N), "b": RNG.integers(0, 2, N), "c": RNG.integers(0, 2, N)},
        {f"is_{g}": (g == GROUP).astype(int) for g in "ab"},
        {"x": [1.5, 2.5, 3.5], "y": [3.0, 5.0, 7.0]},  # three rows show nothing
        {"x": X, "x2": np.where(np.arange(N) == 200, 0.0, X**2)},  # but for one row
        {f"x{i}": RNG.normal(size=12) for i in range(11)},  # fewer rows than a line needs
    ],
)
def test_what_does_not_is_not(columns):
    assert texts(**columns) == []


def test_it_holds_in_every_row_that_has_the_values_and_the_profile_says_it():
    frame = pd.DataFrame({"men": MEN, "women": WOMEN, "total": (MEN + WOMEN).astype(float)})
    frame.loc[5:60, "total"] = np.nan
    found = profile(Dataset.from_frame(frame))
    assert [(one.column, one.of) for one in found.relations] == [("total", ("men", "women"))]
    assert any(
        text.startswith("'total' is the sum of 'men' and 'women'; nothing is left in it") for text in found.warnings
    )
    assert found.to_dict()["relations"][0]["of"] == ["men", "women"]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6), st.sampled_from(["none", "sum", "square", "line"]))
def test_a_planted_relation_is_found_and_no_other(seed: int, many: int, planted: str):
    rng = np.random.default_rng(seed)
    columns = {f"x{i}": rng.normal(rng.normal(), rng.uniform(0.1, 100), 80) for i in range(many)}
    first, second = columns["x0"], columns["x1"]
    made = {"sum": first + second, "square": first**2, "line": 3 * first - 7}.get(planted)
    if made is not None:
        columns["made"] = made
    found = exact_relations(Dataset.from_frame(pd.DataFrame(columns)))
    assert [{one.column, *one.of} for one in found] == (
        [] if made is None else [{"made", "x0", "x1"} if planted == "sum" else {"made", "x0"}]
    )
