"""What a column is taken for, what it can be made into, and its values as numbers."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.data.kinds import KINDS, infer_kind
from core.data.profile import profile
from core.data.read import read_dataset
from core.errors import DataError
from core.hypothesis import KINDS as HYPOTHESIS_KINDS

N = 40
RNG = np.random.default_rng(0)


def test_kinds_are_those_of_hypotheses():
    assert set(KINDS) == set(HYPOTHESIS_KINDS)


@pytest.mark.parametrize(
    ("values", "name", "kind", "reason"),
    [
        (RNG.normal(size=N), "x", "real", "numbers, some of them below 0"),
        (RNG.gamma(2.0, size=N), "x", "positive", "all values are above 0"),
        (np.r_[0.0, RNG.gamma(2.0, size=N)], "x", "real", "numbers, some of them 0"),
        (RNG.uniform(0.01, 0.99, N), "x", "proportion", "all values lie between 0 and 1"),
        (np.r_[0.0, 1.0, RNG.random(N)], "x", "real", "touch 0 or 1"),
        (RNG.poisson(4, 400), "x", "count", "whole numbers from 0 up"),
        (RNG.poisson(4, 400).astype(float), "x", "count", "whole numbers from 0 up"),
        (RNG.poisson(4, N) - 3, "x", "real", "whole numbers, some below 0"),
        ([1, 2, 3, 4, 5] * N, "x", "ordered", "5 whole numbers, 1 to 5, and they vary less than a count would"),
        ([0, 1, 2] * N, "x", "ordered", "3 whole numbers, 0 to 2, and they vary less than a count would"),
        ([1, 2, 3], "x", "count", "whole numbers from 0 up"),  # too few to see how they vary
        ([0, 0, 0, 0, 1, 2, 5] * N, "x", "count", "whole numbers from 0 up"),
        (RNG.integers(18, 91, 400), "age", "real", "none is near 0 (the lowest is 18)"),
        (RNG.poisson(61, 400), "age_years", "real", "under the name of something measured"),
        (RNG.poisson(61, 400), "pages", "count", "whole numbers from 0 up"),
        (RNG.integers(66, 400, 400), "visits", "count", "whole numbers from 0 up"),
        ([7, 8, 9, 10, 11, 12, 12, 12, 13, 16] * N, "educ", "real", "vary less"),
        (RNG.lognormal(np.log(1e-12), 1, N), "x", "positive", "under 0.05, so amounts in a large unit"),
        (RNG.permutation(N) + 10**16, "x", "identifier", "more than 15 digits"),
        (RNG.integers(100, 200, N) * 25, "x", "positive", "all multiples of 25"),
        (np.tile([0, 1], N), "x", "binary", "two values, 0 and 1"),
        (np.tile([1, 2], N), "x", "binary", "two values, 1 and 2"),
        (np.tile([True, False], N), "x", "binary", "true or false"),
        (["b", "a"] * N, "x", "binary", "two values, 'a' and 'b'"),
        (["b", "a", "c"] * N, "x", "category", "text with 3 different values"),
        (["low", "high", "medium"] * N, "x", "category", "choose ordered if their order matters"),
        ([f"person {i}" for i in range(N)], "x", "identifier", "text that differs in every row"),
        ([f"p{i}" for i in range(60)] + ["p1"] * 20, "x", "identifier", "60 different values in 80 rows"),
        (range(1, N + 1), "x", "identifier", "numbers the rows, 1 to 40"),
        (range(1, N + 1), "week", "count", "whole numbers"),
        (RNG.permutation(5000)[:N] + 7, "customer_id", "identifier", "a name of an identifier"),
        (["u1", "u2", "u3"] * N, "userId", "identifier", "its name is that of an identifier"),
        ([2007, 2008, 2009] * N, "year", "category", "a few years, 2007 to 2009"),
        (list(range(1990, 2020)) * 2, "year", "date", "years, 1990 to 2019"),
        (["2024-01-31", "2024-02-29", "2024-03-31"] * N, "x", "date", "dates"),
        (["31.01.2024", "29.02.2024", "31.03.2024"] * N, "x", "date", "dates"),
        (["01/31/2024", "02/29/2024", "03/31/2024"] * N, "x", "date", "dates"),
        (["2024-01-31T12:00:00Z", "2024-02-29 12:00", "2024-03-31"] * N, "x", "date", "dates"),
        (pd.date_range("2024-01-01", periods=N), "x", "date", "dates"),
        (["2024-13-31", "2024-02-29", "2024-03-31"] * N, "x", "category", "text with 3"),
        ([np.nan] * N, "x", "real", "all values are missing"),
        ([3] * N, "x", "count", "whole numbers"),
        (["same"] * N, "x", "category", "the same text in every row"),
        (pd.Categorical(["a", "b", "c"] * N, ["c", "b", "a"], ordered=True), "x", "ordered", "have an order"),
        (pd.Categorical(["a", "b", "c"] * N), "x", "category", "a category with 3"),
        (pd.Categorical(["a", "b"] * N, ["b", "a", "z"], ordered=True), "x", "binary", "two values"),
    ],
)
def test_guess(values, name: str, kind: str, reason: str):
    found, why = infer_kind(pd.Series(values, name=name))
    assert (found, reason in why) == (kind, True), why


def _guesses(make: Callable[[np.random.Generator, int], np.ndarray], rows: int, seeds: int) -> list[str]:
    columns = (pd.Series(make(np.random.default_rng(seed), rows), name="x") for seed in range(seeds))
    return [infer_kind(column)[0] for column in columns]


@pytest.mark.parametrize("rows", [100, 300, 1000])
@pytest.mark.parametrize("mean", [0.5, 3, 12, 60])
def test_true_counts_stay_counts(mean: float, rows: int):
    assert _guesses(lambda rng, n: rng.poisson(mean, n), rows, 300).count("count") >= 297


@pytest.mark.parametrize("rows", [100, 200, 400])
@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda rng, n: rng.choice(np.arange(1, 8), n, p=[0.05, 0.1, 0.15, 0.25, 0.2, 0.15, 0.1]), "ordered"),
        (lambda rng, n: rng.integers(1, 8, n), "ordered"),  # varies as much as a count of its mean
        (lambda rng, n: rng.integers(1, 6, n), "ordered"),
        (lambda rng, n: np.clip(np.round(rng.normal(13, 2.8, n)), 8, 20), "real"),
        (lambda rng, n: rng.integers(8, 21, n), "real"),
        (lambda rng, n: rng.integers(18, 91, n), "real"),
        (lambda rng, n: np.round(rng.normal(40, 10, n)).clip(18, 70), "real"),
        (lambda rng, n: rng.negative_binomial(2, 0.4, n), "count"),
    ],
    ids=[
        "Likert",
        "even Likert",
        "even, five",
        "schooling",
        "even schooling",
        "ages",
        "workers' ages",
        "overdispersed",
    ],
)
def test_grades_and_amounts_in_whole_numbers_are_no_counts(
    make: Callable[[np.random.Generator, int], np.ndarray], kind: str, rows: int
):
    assert _guesses(make, rows, 60).count(kind) >= 59


def test_few_rows_of_grades_are_grades():
    grades = _guesses(lambda rng, n: rng.choice(np.arange(1, 6), n, p=[0.1, 0.2, 0.3, 0.25, 0.15]), 30, 60)
    assert grades.count("ordered") >= 57


@pytest.mark.parametrize(
    ("values", "kind", "other"),
    [
        ([1, 2, 3, 4, 5] * N, "ordered", "count"),
        ([0, 1, 2] * N, "ordered", "count"),
        ([0, 0, 0, 0, 1, 2, 5] * N, "count", "ordered"),
        (RNG.integers(18, 91, 400), "real", "count"),
        (RNG.lognormal(np.log(1e-12), 1, N), "positive", "proportion"),
        (["low", "high", "medium"] * N, "category", "ordered"),
        (RNG.poisson(4, 400), "count", None),
        (RNG.normal(size=N), "real", None),
        (["red", "green", "blue"] * N, "category", None),
        (np.tile([0, 1], N), "binary", None),
        ([3] * N, "count", None),
        ([np.nan] * N, "real", None),
    ],
)
def test_what_is_no_plain_guess_is_asked_and_an_answer_ends_it(values, kind: str, other: str | None):
    dataset = Dataset.from_frame(pd.DataFrame({"x": values}))
    asked = profile(dataset).column("x").question
    assert dataset.column("x").kind == kind
    assert (asked.kind if asked else None) == other
    if asked:
        assert asked.text.endswith("?")
        answered = dataset.with_kind("x", asked.kind)  # the other choice must be open
        assert profile(answered).column("x").question is None
        assert profile(dataset.with_kind("x", kind)).column("x").question is None


@pytest.mark.parametrize(
    ("values", "levels", "codes"),
    [
        (["yes", "no", None, "yes"], ("no", "yes"), [1, 0, np.nan, 1]),
        ([2, 1, 2, 2, 1], ("1", "2"), [1, 0, 1, 1, 0]),
        ([True, False, True, True], ("False", "True"), [1, 0, 1, 1]),
        ([1.0, np.nan, 0.0, 1.0], ("0", "1"), [1, np.nan, 0, 1]),
        (pd.Categorical(["b", "a", "c"], ["c", "b", "a"], ordered=True), ("c", "b", "a"), [1, 2, 0]),
        (pd.Categorical(["b", "a", "b"], ["b", "a"], ordered=True), ("b", "a"), [0, 1, 0]),
        (pd.Categorical(["b", "a", "b"], ["b", "a"]), ("a", "b"), [1, 0, 1]),
    ],
)
def test_levels_and_codes(values, levels, codes):
    dataset = Dataset.from_frame(pd.DataFrame({"x": values}))
    assert dataset.column("x").levels == levels
    np.testing.assert_array_equal(dataset.values("x"), codes)


def test_numbers_as_categories_sort_by_size():
    dataset = Dataset.from_frame(pd.DataFrame({"x": [10, 2, 1, 2] * 3})).with_kind("x", "category")
    assert dataset.column("x").levels == ("1", "2", "10")
    assert dataset.values("x")[:4].tolist() == [2, 1, 0, 1]


def test_the_second_level_can_be_chosen():
    dataset = Dataset.from_frame(pd.DataFrame({"x": ["treated", "untreated", "treated"]}))
    assert dataset.values("x").tolist() == [0, 1, 0]
    turned = dataset.with_levels("x", ("untreated", "treated"))
    assert turned.values("x").tolist() == [1, 0, 1]
    assert dataset.values("x").tolist() == [0, 1, 0]
    assert turned.fingerprint != dataset.fingerprint
    with pytest.raises(DataError, match="not the levels"):
        dataset.with_levels("x", ("treated", "other"))
    with pytest.raises(DataError, match="has no levels"):
        Dataset.from_frame(pd.DataFrame({"x": [1.5, 2.5, -1]})).with_levels("x", ("1",))


CSV = b"a,b,c,d\n0,0.5,x,2024-01-01\n3,1.5,y,2024-01-02\n-2,0,z,2024-01-03\n2.5,0.25,x,\n"


@pytest.mark.parametrize(
    ("column", "kind", "said"),
    [
        ("a", "count", "row 3 (line 4), column a: '-2.0' is not a whole number from 0 up"),
        ("a", "positive", "row 1 (line 2), column a: '0.0' is not above 0"),
        ("b", "proportion", "row 2 (line 3), column b: '1.5' is not strictly between 0 and 1"),
        ("c", "real", "row 1 (line 2), column c: 'x' is not a number"),
        ("c", "count", "row 1 (line 2), column c: 'x' is not a number"),
        ("c", "binary", "column c: a binary column has two values, this one has 3: 'x', 'y', 'z'"),
        ("c", "date", "row 1 (line 2), column c: 'x' is not a date written as the others are"),
        ("c", "number", "column c: 'number' is not a kind"),
    ],
)
def test_a_kind_that_values_do_not_allow_is_refused_with_the_row(column: str, kind: str, said: str):
    with pytest.raises(DataError) as caught:
        read_dataset(CSV, name="t.csv").with_kind(column, kind)
    assert str(caught.value) == f"t.csv, {said}"
    assert caught.value.hint


def test_the_first_row_that_is_no_date_is_named():
    frame = pd.DataFrame({"d": ["2024-01-01", None, "2024-01-02", "01.02.2024", "2024-13-01", "x"]})
    with pytest.raises(DataError, match=r"row 4, column d: '01\.02\.2024' is not a date"):
        Dataset.from_frame(frame).with_kind("d", "date")


@pytest.mark.parametrize(
    ("column", "kind"),
    [("a", "real"), ("a", "category"), ("b", "identifier"), ("c", "ordered"), ("c", "identifier"), ("d", "category")],
)
def test_a_kind_that_values_allow(column: str, kind: str):
    dataset = read_dataset(CSV, name="t.csv").with_words(column, label="my word", unit="kg")
    changed = dataset.with_kind(column, kind)
    assert changed.column(column).kind == kind
    assert changed.column(column).axis == "my word [kg]"
    assert changed.column(column).reason == "chosen by you"
    assert np.isnan(changed.values(column)).sum() == changed.column(column).missing
    back = changed.with_kind(column, dataset.column(column).kind)
    np.testing.assert_array_equal(back.values(column), dataset.values(column))


def test_zero_one_is_refused_as_a_proportion_with_a_choice():
    with pytest.raises(DataError) as caught:
        read_dataset(b"p\n0.5\n1\n0.25\n", name="t.csv").with_kind("p", "proportion")
    assert "counts out of n" in caught.value.hint
    assert "never squeezed" in caught.value.hint


def test_words_of_order_give_the_order():
    frame = pd.DataFrame({"x": ["Agree", "Disagree", "Neutral", "Strongly agree"] * 5})
    levels = Dataset.from_frame(frame).with_kind("x", "ordered").column("x").levels
    assert levels == ("Disagree", "Neutral", "Agree", "Strongly agree")


def test_dates_are_days_since_1970_and_years_stay_years():
    frame = pd.DataFrame({"day": ["1970-01-01", "1970-01-03", None] * 4, "year": [1990, 1991, 1993] * 4})
    frame.loc[0, "day"] = "1970-01-02T12:00:00"
    dataset = Dataset.from_frame(frame, kinds={"day": "date", "year": "date"})
    assert dataset.values("day")[:2].tolist() == [1.5, 2.0]
    assert np.isnan(dataset.values("day")[2])
    assert dataset.values("year")[:3].tolist() == [1990, 1991, 1993]


def test_rows_taken_keep_kinds_levels_and_sets():
    dataset = read_dataset(b"a,b,_set\n1.5,x,\n2.5,y,a\n,x,\n", name="t.csv")
    part = dataset.take(np.array([False, True, True]))
    assert part.column("b").levels == ("x", "y")
    assert part.set_by_row == (frozenset({"a"}), frozenset())
    assert part.column("a").missing == 1
    assert part.complete(["a", "b"]).tolist() == [True, False]
    assert part.line_offset is None


def test_fingerprints_follow_values_not_words():
    one, two = (read_dataset(raw, name="t.csv") for raw in (b"a,b\n1.5,2\n2.5,3\n", b"a,b\n1.5,2\n2.5,4\n"))
    assert one.column_fingerprint("a") == two.column_fingerprint("a")
    assert one.column_fingerprint("b") != two.column_fingerprint("b")
    assert one.with_words("a", label="x").fingerprint == one.fingerprint
    assert one.with_kind("a", "real").fingerprint != one.fingerprint
